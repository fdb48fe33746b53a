//! Shapes of values: check digits, dates that exist, codes of the outside lists.

use crate::guide::ValueShape;

/// Whether a value has the shape that it should have behind `before`, the element or component
/// in front of it.
pub(super) fn is_in_shape(shape: ValueShape, before: &[u8], value: &[u8]) -> bool {
    match shape {
        ValueShape::Npi => before != b"XX" || is_npi(value),
        ValueShape::Period => is_period(before, value),
        ValueShape::Date => is_date(value),
        ValueShape::Time => is_time(value),
        ValueShape::Diagnosis => !matches!(before, b"ABK" | b"ABF") || is_diagnosis(value),
        ValueShape::Procedure => before != b"HC" || is_procedure(value),
        ValueShape::Modifier => value.len() == 2 && value.iter().all(is_upper),
        ValueShape::Taxonomy => before != b"PXC" || is_taxonomy(value),
        ValueShape::Remark => is_remark(value),
    }
}

fn is_upper(byte: &u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

/// The check digit is that of ISO/IEC 7812 over `80840` and the identifier: 24 is what the
/// prefix adds.
fn is_npi(value: &[u8]) -> bool {
    let Ok(digits) = <[u8; 10]>::try_from(value) else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) || !matches!(digits[0], b'1' | b'2') {
        return false;
    }
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            if index % 2 == 0 {
                doubled(digit)
            } else {
                digit
            }
        })
        .sum();
    (24 + sum).is_multiple_of(10)
}

/// D8 and RD8; of other formats nothing is known here.
fn is_period(format: &[u8], value: &[u8]) -> bool {
    match format {
        b"D8" => is_date(value),
        b"RD8" => {
            value.len() == 17
                && value[8] == b'-'
                && is_date(&value[..8])
                && is_date(&value[9..])
                && value[..8] <= value[9..]
        }
        _ => true,
    }
}

/// CCYYMMDD, from 1800 on.
fn is_date(value: &[u8]) -> bool {
    let Ok(digits) = <[u8; 8]>::try_from(value) else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |part: &[u8]| {
        part.iter()
            .fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    };
    let (year, month, day) = (
        number(&digits[..4]),
        number(&digits[4..6]),
        number(&digits[6..]),
    );
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    year >= 1800 && (1..=days).contains(&day)
}

/// HHMM, HHMMSS, or HHMMSS and decimals of a second.
fn is_time(value: &[u8]) -> bool {
    value.iter().all(u8::is_ascii_digit)
        && matches!(value.len(), 4 | 6..=8)
        && value[..2] <= b"23"[..]
        && value[2..4] <= b"59"[..]
        && value.get(4..6).is_none_or(|seconds| *seconds <= b"59"[..])
}

fn is_diagnosis(value: &[u8]) -> bool {
    (3..=7).contains(&value.len())
        && value[0].is_ascii_uppercase()
        && value[1].is_ascii_digit()
        && value[2..].iter().all(is_upper)
}

/// CPT has 5 digits, or 4 and a letter; HCPCS level II a letter and 4 digits.
fn is_procedure(value: &[u8]) -> bool {
    let Ok([first, middle @ .., last]) = <[u8; 5]>::try_from(value) else {
        return false;
    };
    let is_letter_first = first.is_ascii_uppercase() && last.is_ascii_digit();
    let is_digit_first = first.is_ascii_digit() && is_upper(&last);
    middle.iter().all(u8::is_ascii_digit) && (is_letter_first || is_digit_first)
}

fn is_taxonomy(value: &[u8]) -> bool {
    value.len() == 10
        && value[..3].iter().all(u8::is_ascii_digit)
        && value[3..].iter().all(is_upper)
        && value[9] == b'X'
}

fn is_remark(value: &[u8]) -> bool {
    let number = value
        .strip_prefix(b"MA")
        .or_else(|| value.strip_prefix(b"M"))
        .or_else(|| value.strip_prefix(b"N"));
    number.is_some_and(|number| {
        (1..=4).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: ValueShape, before: &str, good: &[&str], bad: &[&str]) {
        for value in good {
            let is_good = is_in_shape(shape, before.as_bytes(), value.as_bytes());
            assert!(is_good, "{shape:?} {before} {value}");
        }
        for value in bad {
            let is_good = is_in_shape(shape, before.as_bytes(), value.as_bytes());
            assert!(!is_good, "{shape:?} {before} {value}");
        }
    }

    #[test]
    fn values_have_their_shapes() {
        use ValueShape::*;
        let bad = [
            "1234567890",
            "3234567893",
            "123456789",
            "123456789X",
            "12345678931",
        ];
        check(Npi, "XX", &["1234567893", "1999999992", "1245319599"], &bad);
        check(Npi, "24", &["anything"], &[]);
        let bad = [
            "20230229", "20240230", "19000229", "20241301", "20240431", "2024011", "17991231",
            "2024010A",
        ];
        check(Date, "", &["20240229", "20000229", "18000101"], &bad);
        check(Period, "D8", &["20260101"], &["20260101-20260102", ""]);
        let bad = [
            "20260102-20260101",
            "20260101",
            "20260101-20260230",
            "20260101 20260102",
        ];
        check(Period, "RD8", &["20260101-20260101"], &bad);
        check(
            Time,
            "",
            &["0000", "235959", "23595999"],
            &["2400", "0060", "000060", "00000"],
        );
        let bad = ["M79.1", "7918", "MM79", "M7", "m7918", "M7918XXAA"];
        check(Diagnosis, "ABK", &["M7918", "S72001A", "Z00", "C4A9"], &bad);
        check(Diagnosis, "BK", &["2720"], &[]);
        let bad = ["2055", "205522", "A205B", "j3301", "2O552"];
        check(Procedure, "HC", &["20552", "J3301", "0042T", "G0463"], &bad);
        check(Modifier, "", &["59", "RT", "X1"], &["5", "rt", "R-"]);
        check(
            Taxonomy,
            "PXC",
            &["207RC0000X", "101Y00000X"],
            &["207RC00000", "X07RC0000X", "207X"],
        );
        check(
            Remark,
            "",
            &["MA01", "M15", "N130"],
            &["130", "X1", "N", "MAX"],
        );
    }
}
