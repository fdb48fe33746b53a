//! Elements, components and the values in them, as nom parsers over complete segments.

use nom::bytes::complete::{take_till, take_while1};
use nom::combinator::{all_consuming, map, map_opt, opt};
use nom::sequence::preceded;
use nom::{IResult, Parser};

/// Parses a separator and the element after it; at the end of the segment the element is
/// empty, since trailing elements may be left out.
pub fn element<'a>(
    separator: u8,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = nom::error::Error<&'a [u8]>> {
    map(
        opt(preceded(
            tag_byte(separator),
            take_till(move |byte| byte == separator),
        )),
        Option::unwrap_or_default,
    )
}

/// Parses the first elements; those left out at the end are empty.
pub fn elements<'a, const N: usize>(
    separator: u8,
) -> impl Parser<&'a [u8], Output = [&'a [u8]; N], Error = nom::error::Error<&'a [u8]>> {
    move |input: &'a [u8]| {
        let (mut rest, mut elements) = (input, [&b""[..]; N]);
        for place in &mut elements {
            (rest, *place) = element(separator).parse(rest)?;
        }
        Ok((rest, elements))
    }
}

/// Passes over so many elements.
pub fn skip<'a>(
    separator: u8,
    count: usize,
) -> impl Parser<&'a [u8], Output = (), Error = nom::error::Error<&'a [u8]>> {
    move |input: &'a [u8]| {
        let mut rest = input;
        for _ in 0..count {
            rest = element(separator).parse(rest)?.0;
        }
        Ok((rest, ()))
    }
}

/// Parses one byte.
pub(super) fn tag_byte<'a>(
    byte: u8,
) -> impl Parser<&'a [u8], Output = u8, Error = nom::error::Error<&'a [u8]>> {
    move |input: &'a [u8]| match input.split_first() {
        Some((&first, rest)) if first == byte => Ok((rest, first)),
        _ => Err(nom::Err::Error(nom::error::Error::new(
            input,
            nom::error::ErrorKind::Char,
        ))),
    }
}

/// The component of a composite element, counted from 1; empty when it is absent.
#[must_use]
pub fn component(composite: &[u8], separator: u8, position: usize) -> &[u8] {
    let mut components = composite.split(|&byte| byte == separator);
    let component = components.nth(position.saturating_sub(1));
    component.unwrap_or_default()
}

/// Parses a monetary amount, in whole cents: digits, at most one point, at most two
/// decimals; no sign, no exponent. `125`, `125.` and `.5` are amounts.
///
/// # Errors
///
/// Anything else, and what does not fit 64 bits.
pub fn amount(input: &[u8]) -> IResult<&[u8], i64> {
    match cents(input) {
        Some(cents) => Ok((&[], cents)),
        None => Err(nom::Err::Error(nom::error::Error::new(
            input,
            nom::error::ErrorKind::Float,
        ))),
    }
}

/// Parses a whole number without a sign (type N0): digits, and nothing else.
///
/// # Errors
///
/// Anything else, and what does not fit 64 bits.
pub fn whole_number(input: &[u8]) -> IResult<&[u8], u64> {
    all_consuming(map_opt(
        take_while1(|byte: u8| byte.is_ascii_digit()),
        |digits: &[u8]| {
            digits.iter().try_fold(0_u64, |number, digit| {
                number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
            })
        },
    ))
    .parse(input)
}

/// The longest amount that fits 64 bits whatever its digits are.
const SURE_LENGTH: usize = 16;

#[inline]
fn cents(amount: &[u8]) -> Option<i64> {
    if amount.len() > SURE_LENGTH {
        return long_cents(amount);
    }
    let (mut number, mut digits, mut point) = (0_i64, 0, None);
    for byte in amount {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            number = number * 10 + i64::from(digit);
            digits += 1;
        } else if *byte == b'.' && point.is_none() {
            point = Some(digits);
        } else {
            return None;
        }
    }
    let decimals = digits - point.unwrap_or(digits);
    match decimals {
        _ if digits == 0 => None,
        0 => Some(number * 100),
        1 => Some(number * 10),
        2 => Some(number),
        _ => None,
    }
}

#[cold]
fn long_cents(amount: &[u8]) -> Option<i64> {
    let point = amount.iter().position(|&byte| byte == b'.');
    let (whole, decimals) = match point {
        Some(point) => (&amount[..point], &amount[point + 1..]),
        None => (amount, &b""[..]),
    };
    let scale = match decimals.len() {
        0 => 100,
        1 => 10,
        2 => 1,
        _ => return None,
    };
    let digits = |number, digits: &[u8]| {
        digits.iter().try_fold(number, |number: i64, byte| {
            let digit = byte.wrapping_sub(b'0');
            let number = (digit < 10).then_some(number)?;
            number.checked_mul(10)?.checked_add(i64::from(digit))
        })
    };
    digits(digits(0, whole)?, decimals)?.checked_mul(scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<i64> {
        amount(text.as_bytes()).ok().map(|(_, cents)| cents)
    }

    #[test]
    fn amounts_are_whole_cents() {
        for (text, cents) in [
            ("125", 12_500),
            ("125.", 12_500),
            ("125.5", 12_550),
            (".05", 5),
            ("0", 0),
            ("007.10", 710),
        ] {
            assert_eq!(read(text), Some(cents), "{text}");
        }
    }

    #[test]
    fn signs_exponents_and_a_third_decimal_are_no_amount() {
        for text in [
            "",
            ".",
            "-1",
            "+1",
            "1e3",
            "1.234",
            "1.2.3",
            " 1",
            "1,00",
            "99999999999999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn short_amounts_are_read_like_long_ones(amount in "[0-9.,]{1,16}") {
            let has_digits = amount.bytes().any(|byte| byte.is_ascii_digit());
            let long = long_cents(amount.as_bytes()).filter(|_| has_digits);
            prop_assert_eq!(cents(amount.as_bytes()), long);
        }
    }

    #[test]
    fn whole_numbers_are_digits_alone() {
        let read = |text: &str| whole_number(text.as_bytes()).ok().map(|(_, number)| number);
        assert_eq!(["0", "007", "12"].map(read), [Some(0), Some(7), Some(12)]);
        for text in ["", "-1", "+1", "1.0", " 1", "1A", "99999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn elements_left_out_at_the_end_are_empty() {
        let (_, elements) = (element(b'*'), element(b'*'), element(b'*'))
            .parse(b"*A**")
            .unwrap();
        assert_eq!(elements, (&b"A"[..], &b""[..], &b""[..]));
        let (_, elements) = (element(b'*'), element(b'*')).parse(b"*A").unwrap();
        assert_eq!(elements, (&b"A"[..], &b""[..]));
    }

    #[test]
    fn components_count_from_one() {
        assert_eq!(component(b"HC:20552:RT", b':', 2), b"20552");
        assert_eq!(component(b"HC", b':', 2), b"");
    }
}
