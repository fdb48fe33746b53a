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
use crate::timeline::Batch;

/// What was decided about a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjudication {
    /// What voids and replacements took back.
    pub versions: Versions,
    /// By line, in arrival order.
    pub verdicts: Vec<Verdict>,
}

/// Where a line stands in the order of judgement, as one number: its plan, whether it is a
/// test, its member, its date of service and its arrival.
///
/// INVARIANT: sorted, the lines of a member under a plan stand together, by date of service
/// (those without one first), then arrival, which is unique: the order is total, and the
/// same on every run over the same input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u128);

impl Place {
    fn new((plan, member, is_test): TimelineKey, date: Option<NaiveDate>, line: u32) -> Self {
        // No date comes before any; the others keep their order without a sign.
        let day = date.map_or(0, |date| {
            date.num_days_from_ce().wrapping_sub(i32::MIN) as u32
        });
        let timeline =
            u128::from(plan) << 33 | u128::from(is_test) << 32 | u128::from(member.index());
        Self(timeline << 64 | u128::from(day) << 32 | u128::from(line))
    }

    /// What the lines of a timeline have in common.
    fn timeline(self) -> u64 {
        (self.0 >> 64) as u64
    }

    fn line(self) -> u32 {
        self.0 as u32
    }
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
) -> Vec<Verdict> {
    let places = places(batch, versions);
    let mut verdicts = unjudged(batch, versions);
    let mut rest = &places[..];
    while !rest.is_empty() {
        let (some, others) = rest.split_at(end_of_timeline(rest, LINES_AT_ONCE));
        rest = others;
        let members: Vec<&[Place]> = some
            .chunk_by(|left, right| left.timeline() == right.timeline())
            .collect();
        let judged: Vec<Vec<(u32, Verdict)>> = members
            .par_chunks(256)
            .map(|members| judge_members(members, batch, plans, facts, versions, earlier))
            .collect();
        for (line, verdict) in judged.into_iter().flatten() {
            verdicts[line as usize] = verdict;
        }
    }
    verdicts
}

/// Where the timeline ends that stands at a place.
fn end_of_timeline(places: &[Place], index: usize) -> usize {
    let Some(place) = places.get(index) else {
        return places.len();
    };
    let rest = &places[index..];
    index + rest.partition_point(|other| other.timeline() == place.timeline())
}

fn judge_members(
    members: &[&[Place]],
    batch: &Batch,
    plans: &Plans,
    facts: &FactsTable,
    versions: &Versions,
    earlier: &EarlierRuns,
) -> Vec<(u32, Verdict)> {
    let mut verdicts = Vec::with_capacity(members.iter().map(|places| places.len()).sum());
    let mut lines = Vec::new();
    for places in members {
        lines.clear();
        lines.extend(places.iter().map(|place| place.line()));
        let claim = batch.claim_of(&batch.lines[lines[0] as usize]);
        let Some(plan_index) = claim.plan else {
            continue;
        };
        let timeline = (plan_index, claim.timeline_member, batch.is_test(claim));
        let member = Member {
            batch,
            plan: plans.get(plan_index),
            plan_index,
            facts,
            earlier: earlier.of(timeline),
            is_original_unknown: &|claim| versions.status(claim) == ClaimStatus::OriginalUnknown,
        };
        member.judge(&lines, &mut verdicts);
    }
    verdicts
}

/// The lines that are judged, in the order of judgement.
fn places(batch: &Batch, versions: &Versions) -> Vec<Place> {
    let mut places: Vec<Place> = (0_u32..)
        .zip(&batch.lines)
        .filter_map(|(index, line)| {
            line.role?;
            let claim = batch.claim_of(line);
            let status = versions.status(line.claim);
            let is_judged = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
            let timeline = (claim.plan?, claim.timeline_member, batch.is_test(claim));
            is_judged.then(|| Place::new(timeline, line.service_date.date(), index))
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
