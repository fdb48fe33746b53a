//! Money.

use std::fmt;
use std::ops::{AddAssign, Neg};

use serde::{Deserialize, Serialize};

use super::short::ShortText;

/// An amount of money, in whole cents.
///
/// X12 monetary elements (type R) may omit the decimal point: `125`, `125.` and `125.00`
/// are the same amount. More than two decimals is an error, never a rounding.
///
/// ```
/// use claimstream::claim::Cents;
/// assert_eq!(Cents(12_000).to_string(), "120.00");
/// assert_eq!(Cents(-5).to_string(), "-0.05");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Cents(pub i64);

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl Cents {
    /// The amount as a decimal with two digits after the point.
    #[must_use]
    pub fn text(self) -> ShortText {
        let mut text = ShortText::EMPTY;
        if self.0 < 0 {
            text.push(b"-");
        }
        let cents = self.0.unsigned_abs();
        text.push(itoa::Buffer::new().format(cents / 100).as_bytes());
        text.push(b".");
        text.push_digits(cents % 100, 2);
        text
    }
}

impl Neg for Cents {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_amount_has_two_digits_after_the_point() {
        for (cents, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (-100, "-1.00"),
            (i64::MAX, "92233720368547758.07"),
            (i64::MIN, "-92233720368547758.08"),
        ] {
            assert_eq!(Cents(cents).to_string(), text);
        }
    }
}
