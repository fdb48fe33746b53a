//! Claim versions, then every member's timeline, in parallel.

mod earlier;
mod judge;
mod member;
mod monitor;
mod order;
mod plain;
mod verdict;
mod versions;

use std::ops::Range;
use std::{iter, mem};

use rayon::prelude::*;

pub use earlier::{Earlier, EarlierClaim, EarlierLine, EarlierRuns, EarlierSession};
use judge::Judge;
pub use monitor::Hit;
use order::Order;
use plain::Plain;
use verdict::Part;
pub use verdict::{Judged, Verdict, Verdicts, decision_of, most_severe, outcome_of};
pub use versions::{ClaimNames, ClaimStatus, PatientReference, Settling, Versions, settle};

use crate::policy::{Decision, FactsTable, Plans};
use crate::timeline::Batch;

/// What was decided about a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adjudication {
    /// What voids and replacements took back.
    pub versions: Versions,
    /// By line, in arrival order.
    pub verdicts: Verdicts,
}

/// How many lines are judged before their verdicts are put in their places: enough for every
/// thread, few enough that they take no room to speak of.
const LINES_AT_ONCE: usize = 1 << 19;

/// Judges a batch that nothing came before.
///
/// The result depends on the arguments alone, never on threads.
#[must_use]
pub fn adjudicate(batch: &Batch, plans: &Plans, facts: &FactsTable) -> Adjudication {
    let versions = settle(batch, &[]);
    let verdicts = judge(batch, plans, facts, &versions, &EarlierRuns::default());
    Adjudication { versions, verdicts }
}

/// Judges a batch whose claim versions are settled, after what earlier runs left.
///
/// The result depends on the arguments alone, never on threads.
#[must_use]
pub fn judge(
    batch: &Batch,
    plans: &Plans,
    facts: &FactsTable,
    versions: &Versions,
    earlier: &EarlierRuns,
) -> Verdicts {
    let sets = batch.transaction_sets.iter();
    let billing_dates: Vec<_> = sets.map(|set| set.billing_date).collect();
    judge_all(Judge {
        batch,
        plans,
        facts,
        versions,
        earlier,
        plain: &Plain::new(batch, plans),
        billing_dates: &billing_dates,
        standing: None,
    })
}

/// Looks again at lines that were decided, by their decisions as they stand: by line, in the
/// order of the batch.
///
/// Only rules whose answer depends on other lines are asked; what a line says by itself, and
/// clinical criteria, are not. Of lines of one date that compete, those that are paid come
/// first. A line hangs on the injections of its date as they stand, whatever this look thinks
/// of them, and on sessions that earlier runs left.
#[must_use]
pub fn look_again(
    batch: &Batch,
    plans: &Plans,
    facts: &FactsTable,
    earlier: &EarlierRuns,
    standing: &[Decision],
) -> Verdicts {
    judge_all(Judge {
        batch,
        plans,
        facts,
        versions: &Versions::default(),
        earlier,
        plain: &Plain::default(),
        billing_dates: &vec![None; batch.transaction_sets.len()],
        standing: Some(standing),
    })
}

fn judge_all(judge: Judge<'_>) -> Verdicts {
    let Judge {
        batch, versions, ..
    } = judge;
    let (order, mut verdicts) = rayon::join(
        || Order::new(batch, versions),
        || Verdicts::unjudged(batch, versions),
    );
    let mut next_part = 0;
    let mut waves = iter::from_fn(|| {
        let first = next_part;
        let mut lines = 0;
        while next_part < order.parts() && lines < LINES_AT_ONCE {
            lines += order.count_of(next_part);
            next_part += 1;
        }
        (first < next_part).then_some(first..next_part)
    });
    let mut judged = Vec::new();
    loop {
        let wave = waves.next();
        let is_last = wave.is_none();
        // While a wave is judged, the one before is put in its places.
        let ((), next) = rayon::join(
            || {
                mem::take(&mut judged)
                    .into_iter()
                    .for_each(|part| verdicts.put(part))
            },
            || wave.map_or_else(Vec::new, |wave| judge_wave(judge, &order, wave)),
        );
        judged = next;
        if is_last {
            verdicts.sort_hits();
            return verdicts;
        }
    }
}

fn judge_wave(judge: Judge<'_>, order: &Order, wave: Range<usize>) -> Vec<Part> {
    let parts = wave.into_par_iter();
    parts
        .flat_map_iter(|part| judge.part(part, order))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::rules::cases::check;

    /// More members than one worker takes at a time; the tables run on 1, 2, 3 and 8 threads.
    #[test]
    fn the_number_of_threads_decides_nothing() {
        let mut table = String::new();
        for (date, decision) in [
            ("2025-01-13", "deny min-interval session=2"),
            ("2025-01-12", "pay session=1"),
            ("2025-01-19", "pay session=2"),
        ] {
            for member in 0..6000 {
                let _ = writeln!(table, "{date} 20552 {decision} member=W{member}");
            }
        }
        check("cigna-0139", &table);
    }
}
