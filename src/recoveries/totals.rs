//! What proposals come to.

use super::proposal::{Kind, Proposal};

/// Proposals of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KindTotals {
    /// How many.
    pub proposals: u64,
    /// Their amounts together, in whole cents.
    pub cents: i128,
}

/// Proposals by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals([KindTotals; Kind::ALL.len()]);

impl Totals {
    /// Counts a proposal.
    pub fn add(&mut self, proposal: &Proposal) {
        let totals = &mut self.0[proposal.kind as usize];
        totals.proposals += 1;
        totals.cents += i128::from(proposal.amount.0);
    }

    /// Those of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> KindTotals {
        self.0[kind as usize]
    }
}
