//! How many claims are accepted and rejected, and of how much.

use crate::compose::Segment;

/// Claims of a provider or of a transaction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Totals {
    accepted: Total,
    rejected: Total,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Total {
    claims: u64,
    cents: i128,
}

/// The qualifiers of QTY01, of accepted and of rejected claims.
pub(super) type Qualifiers = [&'static str; 2];

/// Of a transaction set (2200B).
pub(super) const OF_SET: Qualifiers = ["90", "AA"];

/// Of a billing provider (2200C).
pub(super) const OF_PROVIDER: Qualifiers = ["QA", "QC"];

impl Totals {
    /// Counts a claim.
    pub(super) fn add(&mut self, is_accepted: bool, cents: i128) {
        let total = if is_accepted {
            &mut self.accepted
        } else {
            &mut self.rejected
        };
        total.claims += 1;
        total.cents += cents;
    }

    /// An accepted claim is rejected after all.
    pub(super) fn reject(&mut self, cents: i128) {
        self.accepted.claims -= 1;
        self.accepted.cents -= cents;
        self.add(false, cents);
    }

    /// How many claims there are.
    pub(super) fn claims(&self) -> u64 {
        self.accepted.claims + self.rejected.claims
    }

    /// STC04: of how much.
    pub(super) fn cents(&self) -> i128 {
        self.accepted.cents + self.rejected.cents
    }

    /// QTY of accepted and rejected claims, then AMT of them; none of a kind that there are no
    /// claims of.
    pub(super) fn segments(&self, qualifiers: Qualifiers) -> Vec<Segment> {
        let kinds = [
            (qualifiers[0], "YU", self.accepted),
            (qualifiers[1], "YY", self.rejected),
        ];
        let told = kinds.into_iter().filter(|(_, _, total)| total.claims > 0);
        let quantities = told
            .clone()
            .map(|(qualifier, _, total)| Segment::new("QTY").code(qualifier).number(total.claims));
        let amounts = told
            .map(|(_, qualifier, total)| Segment::new("AMT").code(qualifier).amount(total.cents));
        quantities.chain(amounts).collect()
    }
}
