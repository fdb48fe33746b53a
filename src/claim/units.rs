//! Units of service.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Neg;

use serde::{Deserialize, Serialize};

use super::short::ShortText;

/// A decimal number as billed, without insignificant zeros: `1.0` and `01` are `1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantity {
    /// INVARIANT: not divisible by ten while `decimals` is above zero.
    mantissa: i64,
    decimals: u8,
}

impl Quantity {
    /// One.
    pub const ONE: Self = Self {
        mantissa: 1,
        decimals: 0,
    };

    /// Zero.
    pub const ZERO: Self = Self {
        mantissa: 0,
        decimals: 0,
    };

    /// The most digits after the point.
    pub const MOST_DECIMALS: u8 = 18;

    /// The number `mantissa / 10^decimals`; no more decimals than [`Self::MOST_DECIMALS`].
    #[must_use]
    pub fn new(mantissa: i64, decimals: u8) -> Self {
        let (mut mantissa, mut decimals) = (mantissa, decimals);
        while decimals > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            decimals -= 1;
        }
        Self { mantissa, decimals }
    }

    /// Parses an optional minus, digits and at most one decimal point, 18 digits at most.
    ///
    /// `None` for anything else: a blank, a plus sign, an exponent, no digit at all.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mut mantissa, mut count, mut decimals, mut point) = (0_i64, 0_u8, 0_u8, false);
        for &byte in digits {
            match byte {
                b'0'..=b'9' if count < 18 => {
                    mantissa = mantissa * 10 + i64::from(byte - b'0');
                    // A leading zero is no significant digit.
                    count += u8::from(mantissa != 0 || point);
                    decimals += u8::from(point);
                }
                b'.' if !point => point = true,
                _ => return None,
            }
        }
        let has_digit = digits.iter().any(u8::is_ascii_digit);
        has_digit.then(|| Self::new(if negative { -mantissa } else { mantissa }, decimals))
    }

    /// The number as a decimal.
    #[must_use]
    pub fn text(self) -> ShortText {
        let mut text = ShortText::EMPTY;
        let mut digits = itoa::Buffer::new();
        if self.decimals == 0 {
            text.push(digits.format(self.mantissa).as_bytes());
            return text;
        }
        if self.mantissa < 0 {
            text.push(b"-");
        }
        let scale = 10_u64.pow(u32::from(self.decimals));
        let magnitude = self.mantissa.unsigned_abs();
        text.push(digits.format(magnitude / scale).as_bytes());
        text.push(b".");
        text.push_digits(magnitude % scale, usize::from(self.decimals));
        text
    }

    /// The number times 10^18, which is whole: it has at most 37 digits.
    #[must_use]
    pub fn scaled(self) -> i128 {
        let missing = Self::MOST_DECIMALS.saturating_sub(self.decimals);
        i128::from(self.mantissa) * 10_i128.pow(missing.into())
    }

    /// The number when it is whole and above zero.
    #[must_use]
    pub fn positive_whole(self) -> Option<u64> {
        let whole = (self.decimals == 0).then_some(self.mantissa)?;
        u64::try_from(whole).ok().filter(|&units| units > 0)
    }

    /// Whether the number is above one.
    #[must_use]
    pub fn exceeds_one(self) -> bool {
        i128::from(self.mantissa) > 10_i128.pow(u32::from(self.decimals))
    }

    /// Compares the number with a whole one.
    #[must_use]
    pub fn cmp_whole(self, whole: u32) -> Ordering {
        let scale = 10_i128.pow(u32::from(self.decimals));
        i128::from(self.mantissa).cmp(&(i128::from(whole) * scale))
    }

    /// This number less another; `None` where that is too long a number.
    #[must_use]
    pub fn less(self, other: Self) -> Option<Self> {
        let decimals = self.decimals.max(other.decimals);
        let scaled = |quantity: Self| {
            let power = 10_i64.checked_pow(u32::from(decimals - quantity.decimals))?;
            quantity.mantissa.checked_mul(power)
        };
        let mantissa = scaled(self)?.checked_sub(scaled(other)?)?;
        Some(Self::new(mantissa, decimals))
    }

    /// `cents` times this number, rounded half up to the cent; `None` where that is too much.
    #[must_use]
    pub fn times(self, cents: i64) -> Option<i64> {
        let divisor = 10_i128.pow(u32::from(self.decimals));
        let product = i128::from(cents) * i128::from(self.mantissa);
        i64::try_from((2 * product + divisor).div_euclid(2 * divisor)).ok()
    }

    /// `cents` divided by this number, rounded half up to the cent; `None` unless positive.
    #[must_use]
    pub fn share_of(self, cents: i64) -> Option<i64> {
        if self.mantissa <= 0 {
            return None;
        }
        let numerator = i128::from(cents) * 10_i128.pow(u32::from(self.decimals));
        let divisor = i128::from(self.mantissa);
        i64::try_from((2 * numerator + divisor).div_euclid(2 * divisor)).ok()
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            mantissa: self.mantissa.saturating_neg(),
            ..self
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// The units of a service line: SV104, counted when SV103 is `UN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Units {
    /// SV104; `None` when it is absent or no plain number.
    pub quantity: Option<Quantity>,
    /// Whether SV103 is `UN`.
    pub counted: bool,
}

impl Units {
    /// The units when they are counted (`UN`), whole and above zero.
    #[must_use]
    pub fn valid(self) -> Option<u64> {
        self.quantity
            .filter(|_| self.counted)
            .and_then(Quantity::positive_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Quantity::parse(text.as_bytes()).map(|quantity| quantity.to_string())
    }

    #[test]
    fn insignificant_zeros_do_not_count() {
        for (text, value) in [
            ("1", "1"),
            ("1.0", "1"),
            ("01", "1"),
            ("1.", "1"),
            (".5", "0.5"),
            ("1.50", "1.5"),
            ("-1", "-1"),
            ("0", "0"),
            ("-0.05", "-0.05"),
            ("0000000000000000000001", "1"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_number_is_none() {
        for text in ["", "-", ".", "1.2.3", "+1", "1e3", " 1", "1 ", "abc", "--1"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn quantities_are_subtracted_and_multiplied_as_decimals() {
        let quantity = |text: &str| Quantity::parse(text.as_bytes()).unwrap();
        let less = |from: &str, what: &str| quantity(from).less(quantity(what)).unwrap();
        assert_eq!(less("3", "1").to_string(), "2");
        assert_eq!(less("1.5", "1").to_string(), "0.5");
        assert_eq!(less("1", "0.25").to_string(), "0.75");
        assert_eq!(quantity("3").times(3333), Some(9999));
        assert_eq!(quantity("0.5").times(101), Some(51));
        assert_eq!(quantity("999999999999999999").times(i64::MAX), None);
    }

    #[test]
    fn the_longest_quantities_are_written_whole() {
        for (mantissa, decimals, text) in [
            (i64::MIN, 18, "-9.223372036854775808"),
            (i64::MIN, 0, "-9223372036854775808"),
            (1, 18, "0.000000000000000001"),
        ] {
            assert_eq!(Quantity::new(mantissa, decimals).to_string(), text);
        }
    }

    #[test]
    fn every_quantity_is_whole_when_it_is_scaled() {
        let scaled = |text: &str| Quantity::parse(text.as_bytes()).unwrap().scaled();
        assert_eq!(scaled("0.000000000000000001"), 1);
        assert_eq!(scaled("-1.5"), -1_500_000_000_000_000_000);
        let most = 10_i128.pow(38);
        assert!(Quantity::new(i64::MIN, 0).scaled() > -most);
        assert!(Quantity::new(i64::MAX, 0).scaled() < most);
    }

    #[test]
    fn the_share_of_one_unit_rounds_half_up() {
        let share = |units: &str, cents| Quantity::parse(units.as_bytes())?.share_of(cents);
        assert_eq!(share("2", 101), Some(51));
        assert_eq!(share("3", 100), Some(33));
        assert_eq!(share("3", 200), Some(67));
        assert_eq!(share("1.5", 100), Some(67));
        assert_eq!(share("0", 100), None);
    }
}
