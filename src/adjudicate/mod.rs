//! Claim versions, then every member's timeline, in parallel.

mod earlier;
mod member;
mod verdict;
mod versions;

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;

pub use earlier::{Earlier, EarlierClaim, EarlierLine, EarlierRuns, EarlierSession, TimelineKey};
use member::Member;
pub use verdict::{Verdict, decision_of, most_severe, outcome_of};
pub use versions::{ClaimNames, ClaimStatus, PatientReference, Versions, settle};

use crate::policy::{FactsTable, Plans};
use crate::timeline::{Batch, Symbol};

/// What was decided about a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjudication {
    /// What voids and replacements took back.
    pub versions: Versions,
    /// By line, in arrival order.
    pub verdicts: Vec<Verdict>,
}

/// Where a line stands in the order of judgement.
///
/// INVARIANT: sorted, the lines of a member under a plan stand together, by date of service
/// (those without one first), then arrival, which is unique: the order is total, and the
/// same on every run over the same input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    plan: u16,
    member: Symbol,
    is_test: bool,
    date: i32,
    line: u32,
}

impl Place {
    fn timeline(&self) -> TimelineKey {
        (self.plan, self.member, self.is_test)
    }
}

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
) -> Vec<Verdict> {
    let places = places(batch, versions);
    let members: Vec<&[Place]> = places
        .chunk_by(|left, right| left.timeline() == right.timeline())
        .collect();
    let judged: Vec<Vec<(u32, Verdict)>> = members
        .par_chunks(256)
        .map(|members| {
            let mut verdicts = Vec::new();
            let mut lines = Vec::new();
            for places in members {
                let first = places[0];
                let member = Member {
                    batch,
                    plan: plans.get(first.plan),
                    plan_index: first.plan,
                    facts,
                    earlier: earlier.of(first.timeline()),
                    is_original_unknown: &|claim| {
                        versions.status(claim) == ClaimStatus::OriginalUnknown
                    },
                };
                lines.clear();
                lines.extend(places.iter().map(|place| place.line));
                member.judge(&lines, &mut verdicts);
            }
            verdicts
        })
        .collect();
    let mut verdicts = unjudged(batch, versions);
    for (line, verdict) in judged.into_iter().flatten() {
        verdicts[line as usize] = verdict;
    }
    verdicts
}

/// The lines that are judged, in the order of judgement.
fn places(batch: &Batch, versions: &Versions) -> Vec<Place> {
    let day = |date: NaiveDate| date.num_days_from_ce();
    let mut places: Vec<Place> = (0_u32..)
        .zip(&batch.lines)
        .filter_map(|(index, line)| {
            line.role?;
            let claim = batch.claim_of(line);
            let status = versions.status(line.claim);
            let is_judged = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
            is_judged.then_some(Place {
                plan: claim.plan?,
                member: claim.timeline_member,
                is_test: batch.is_test(claim),
                date: line.service_date.date().map_or(i32::MIN, day),
                line: index,
            })
        })
        .collect();
    places.par_sort_unstable();
    debug_assert!(places.is_sorted(), "the order of judgement is total");
    places
}

/// Every line as it stands before judgement: taken back, or passing.
fn unjudged(batch: &Batch, versions: &Versions) -> Vec<Verdict> {
    let verdict = |line: &crate::timeline::ServiceLine| match versions.status(line.claim) {
        ClaimStatus::TakenBack(by) if line.role.is_some() => Verdict::reverse(by),
        _ => Verdict::pass(),
    };
    batch.lines.iter().map(verdict).collect()
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
            for member in 0..900 {
                let _ = writeln!(table, "{date} 20552 {decision} member=W{member}");
            }
        }
        check("cigna-0139", &table);
    }
}
