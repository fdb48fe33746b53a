//! What a remittance came to.

use std::fmt;
use std::ops::{AddAssign, Sub};

use crate::remit::codes::Group;

/// A sum of amounts, in whole cents. It holds more than any number of amounts can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Sum(pub i128);

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Sum {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// What was counted and added up. Amounts that cannot be read count nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Transaction sets that are remittances (ST01 835).
    pub transaction_sets: u64,
    /// Of those, how many do not balance, or cannot be told to.
    pub unbalanced_sets: u64,
    /// Claims, CLP.
    pub claims: u64,
    /// Service lines, SVC.
    pub lines: u64,
    /// CLP03.
    pub charges: Sum,
    /// CLP04.
    pub payments: Sum,
    /// CAS, claims and lines, by [`Group`], and of other groups last.
    pub adjustments: [Sum; Group::ALL.len() + 1],
    /// PLB: what is positive comes off the payment.
    pub provider_adjustments: Sum,
    /// BPR02, less than zero where it is a debit.
    pub paid: Sum,
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.transaction_sets += other.transaction_sets;
        self.unbalanced_sets += other.unbalanced_sets;
        self.claims += other.claims;
        self.lines += other.lines;
        self.charges += other.charges;
        self.payments += other.payments;
        for (sum, other) in self.adjustments.iter_mut().zip(other.adjustments) {
            *sum += other;
        }
        self.provider_adjustments += other.provider_adjustments;
        self.paid += other.paid;
        self.errors += other.errors;
        self.warnings += other.warnings;
    }
}
