//! What a run changes for decisions of earlier runs.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::summary::money;
use super::words::{counted, grouped};
use crate::recoveries::{Kind, KindTotals, Totals};

/// Proposals about decisions of earlier runs, where the run wrote them (`--recoveries`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// The file that they stand in.
    pub file: String,
    /// The runs that they are of: this one, or those whose files are written again.
    pub runs: Vec<i64>,
    /// How many there are.
    pub proposals: u64,
    /// By kind.
    pub kinds: BTreeMap<&'static str, KindAmount>,
}

/// Proposals of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindAmount {
    /// How many.
    pub proposals: u64,
    /// What they come to, as a decimal: negative to be recovered, positive to be paid.
    pub amount: String,
}

impl Recovered {
    /// Of what was proposed.
    #[must_use]
    pub fn new(file: String, runs: Vec<i64>, totals: &Totals) -> Self {
        let amount = |kind| {
            let KindTotals { proposals, cents } = totals.of(kind);
            KindAmount {
                proposals,
                amount: money(cents),
            }
        };
        let kinds = Kind::ALL.map(|kind| (kind.as_str(), amount(kind)));
        Self {
            file,
            runs,
            proposals: kinds.iter().map(|(_, amount)| amount.proposals).sum(),
            kinds: kinds.into_iter().collect(),
        }
    }
}

/// A kind in a few words.
pub(super) fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Recovery => "paid lines that would be denied now",
        Kind::Freed => "denied or pended lines that nothing stops any more",
        Kind::Review => "lines that would wait for a person now",
        Kind::SessionOrder => "paid sessions that would not stand in date order",
    }
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.proposals == 0 {
            return writeln!(f, "no decision of an earlier run would be different now\n");
        }
        writeln!(
            f,
            "{} of earlier runs would be different now; nothing was changed:",
            counted(self.proposals, "decision")
        )?;
        for kind in Kind::ALL {
            let Some(of_kind) = self.kinds.get(kind.as_str()) else {
                continue;
            };
            if of_kind.proposals > 0 {
                let (proposals, amount) = (grouped(of_kind.proposals), &of_kind.amount);
                writeln!(
                    f,
                    "  {:<30}{proposals:>11} {amount:>15}  {}",
                    kind.as_str(),
                    words(kind)
                )?;
            }
        }
        writeln!(f)
    }
}
