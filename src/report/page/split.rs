//! Lines by decision, with their money.

use serde::{Serialize, Serializer};

use crate::claim::Cents;
use crate::policy::Decision;
use crate::report::decided::Sum;
use crate::report::summary::money;
use crate::report::words::grouped;

/// Money beyond what one claim can hold, in whole cents; written as a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Dollars(pub(super) i128);

impl Dollars {
    /// With commas between the thousands.
    pub(super) fn in_words(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        let whole = u64::try_from(cents / 100).unwrap_or(u64::MAX);
        format!("{sign}{}.{:02}", grouped(whole), cents % 100)
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&money(self.0))
    }
}

/// Judged lines by decision: billed = allowed + denied + pended + reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Split {
    pub(super) pay: Sum,
    pub(super) reduce: Sum,
    pub(super) pend: Sum,
    pub(super) deny: Sum,
    allowed_cents: i128,
}

impl Split {
    pub(super) fn add(&mut self, decision: Decision, charge: Cents, allowed: Cents) {
        let sum = match decision {
            Decision::Pay => &mut self.pay,
            Decision::Reduce => &mut self.reduce,
            Decision::Pend => &mut self.pend,
            Decision::Deny => &mut self.deny,
            // Not judged.
            Decision::Pass | Decision::Reverse => return,
        };
        sum.add(charge);
        self.allowed_cents += i128::from(allowed.0);
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        for (mine, others) in [
            (&mut self.pay, other.pay),
            (&mut self.reduce, other.reduce),
            (&mut self.pend, other.pend),
            (&mut self.deny, other.deny),
        ] {
            mine.add_all(others);
        }
        self.allowed_cents += other.allowed_cents;
    }

    fn sums(&self) -> [Sum; 4] {
        [self.pay, self.reduce, self.pend, self.deny]
    }

    pub(super) fn lines(&self) -> u64 {
        self.sums().iter().map(|sum| sum.lines).sum()
    }

    /// Lines that no person needs to look at.
    pub(super) fn lines_without_a_person(&self) -> u64 {
        self.lines() - self.pend.lines
    }

    pub(super) fn billed(&self) -> Dollars {
        Dollars(self.sums().iter().map(|sum| sum.cents).sum())
    }

    pub(super) fn allowed(&self) -> Dollars {
        Dollars(self.allowed_cents)
    }

    pub(super) fn denied(&self) -> Dollars {
        Dollars(self.deny.cents)
    }

    pub(super) fn pended(&self) -> Dollars {
        Dollars(self.pend.cents)
    }

    /// What was cut off lines that are paid in part.
    pub(super) fn reduced(&self) -> Dollars {
        Dollars(self.pay.cents + self.reduce.cents - self.allowed_cents)
    }
}

impl Serialize for Split {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            lines: u64,
            pay: u64,
            reduce: u64,
            pend: u64,
            deny: u64,
            billed: Dollars,
            allowed: Dollars,
            denied: Dollars,
            pended: Dollars,
            reduced: Dollars,
        }
        let written = Written {
            lines: self.lines(),
            pay: self.pay.lines,
            reduce: self.reduce.lines,
            pend: self.pend.lines,
            deny: self.deny.lines,
            billed: self.billed(),
            allowed: self.allowed(),
            denied: self.denied(),
            pended: self.pended(),
            reduced: self.reduced(),
        };
        written.serialize(serializer)
    }
}

/// A share in thousandths, rounded to the nearest; none of nothing.
pub(super) fn per_mille(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let rounded = (part * 1000 + whole / 2).checked_div(whole)?;
    u64::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_billed_is_what_became_of_it() {
        let mut split = Split::default();
        split.add(Decision::Pay, Cents(10_000), Cents(10_000));
        split.add(Decision::Reduce, Cents(30_101), Cents(15_051));
        split.add(Decision::Deny, Cents(7), Cents(0));
        split.add(Decision::Pend, Cents(123_456_700), Cents(0));
        split.add(Decision::Reverse, Cents(5), Cents(-5));
        let parts = [
            split.allowed(),
            split.denied(),
            split.pended(),
            split.reduced(),
        ];
        let sum: i128 = parts.iter().map(|part| part.0).sum();
        assert_eq!((split.lines(), Dollars(sum)), (4, split.billed()));
        assert_eq!(split.reduced(), Dollars(15_050));
        assert_eq!(split.pended().in_words(), "1,234,567.00");
    }

    #[test]
    fn shares_are_rounded_to_thousandths() {
        assert_eq!(per_mille(2, 3), Some(667));
        assert_eq!(per_mille(1, 3), Some(333));
        assert_eq!(per_mille(0, 0), None);
    }
}
