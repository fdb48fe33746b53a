//! Money.

use std::fmt;
use std::ops::{AddAssign, Neg};

use serde::{Deserialize, Serialize};

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
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
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
