//! A run as rows: what it was given, its claims with their decisions, what it took back.

use std::borrow::Cow;

use ahash::AHashMap;
use chrono::NaiveDate;
use rayon::prelude::*;

use super::{
    History, HistoryError, InputStatus, NewClaim, NewInput, NewLine, NewRun, NewSet, PlanUsed,
    RowStatus, RunKind,
};
use crate::adjudicate::{ClaimStatus, EarlierClaim};
use crate::claim::{InterchangeIdentity, as_text};
use crate::intake::FileRead;
use crate::output::{ClaimIdentity, PlanMonitor, Run};
use crate::policy::{ClinicalFacts, FactsTable, Plans, Role};
use crate::rules;
use crate::timeline::{Batch, Claim, Frequency, TransactionSet};

/// How many claims are made into rows at once.
const CLAIMS_AT_ONCE: usize = 8192;

/// What a run was given beside its inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Configuration {
    /// Its plans with their policies.
    pub plans: Vec<PlanUsed>,
    /// What its plans monitor.
    pub monitors: Vec<PlanMonitor>,
    /// SHA-256 of the plans file; `None` without one.
    pub plans_digest: Option<String>,
    /// SHA-256 of the facts file.
    pub facts_digest: Option<String>,
    /// SHA-256 of the members file.
    pub members_digest: Option<String>,
    /// Whether lines that are not governed are asked for, and kept.
    pub has_all_lines: bool,
}

impl Configuration {
    /// What a run is given.
    #[must_use]
    pub fn new(
        plans: &Plans,
        facts_digest: Option<String>,
        members_digest: Option<String>,
    ) -> Self {
        let used = plans.plans.iter().map(|plan| PlanUsed {
            plan: plan.id.clone(),
            policy: plan.policy.id.clone(),
            digest: plan.policy.digest.clone(),
        });
        Self {
            plans: used.collect(),
            monitors: PlanMonitor::all(plans),
            plans_digest: Some(plans.digest.clone()).filter(|digest| !digest.is_empty()),
            facts_digest,
            members_digest,
            has_all_lines: false,
        }
    }

    /// What is not as it was for an earlier run, in words.
    #[must_use]
    pub fn changes_since(&self, earlier: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for plan in &self.plans {
            let before = earlier.plans.iter().find(|before| before.plan == plan.plan);
            if before.is_some_and(|before| before.digest != plan.digest) {
                changes.push(format!("the policy {} of plan {}", plan.policy, plan.plan));
            }
        }
        let routes = |configuration: &Self| -> Vec<(String, String)> {
            let plans = configuration.plans.iter();
            let routes = plans.map(|plan| (plan.plan.clone(), plan.policy.clone()));
            let mut routes: Vec<_> = routes.collect();
            routes.sort();
            routes
        };
        if self.plans_digest == earlier.plans_digest && routes(self) != routes(earlier) {
            changes.push("the plans".into());
        }
        for (what, now, before) in [
            ("the plans", &self.plans_digest, &earlier.plans_digest),
            (
                "the clinical facts",
                &self.facts_digest,
                &earlier.facts_digest,
            ),
            ("the members", &self.members_digest, &earlier.members_digest),
        ] {
            if now != before {
                changes.push(what.to_owned());
            }
        }
        changes
    }
}

/// An input of a run.
#[derive(Debug, Clone, Copy)]
pub struct RunInput<'a> {
    /// Its name as given.
    pub name: &'a str,
    /// What was read of it.
    pub read: &'a FileRead,
}

impl<'a> RunInput<'a> {
    /// What becomes of it in the history.
    #[must_use]
    pub fn status(&self) -> InputStatus {
        if self.read.is_known {
            InputStatus::Known
        } else if self.recorded().next().is_none() {
            InputStatus::Nothing
        } else {
            InputStatus::Adjudicated
        }
    }

    /// The interchanges that are recorded: tests are not.
    fn recorded(&self) -> impl Iterator<Item = &'a InterchangeIdentity> {
        let accepted = self.read.interchanges.iter();
        let recorded = accepted.filter(|accepted| !accepted.is_test);
        recorded.map(|accepted| &*accepted.identity)
    }
}

/// Records a run; `None` where it has nothing to record: no input brought an interchange
/// that is not known and no test.
///
/// # Errors
///
/// A history that cannot be written.
pub fn record(
    history: &mut dyn History,
    run: Run<'_>,
    facts: &FactsTable,
    earlier: &[EarlierClaim],
    inputs: &[RunInput<'_>],
    configuration: &Configuration,
    recorded_at: &str,
) -> Result<Option<i64>, HistoryError> {
    if inputs
        .iter()
        .all(|input| input.status() != InputStatus::Adjudicated)
    {
        return Ok(None);
    }
    let sets = SetPlaces::new(run.batch, inputs);
    let id = history.record_run(&NewRun {
        kind: RunKind::Adjudicate,
        recorded_at,
        billing_date: sets.billing_date(run.batch),
        plans_digest: configuration.plans_digest.as_deref(),
        facts_digest: configuration.facts_digest.as_deref(),
        members_digest: configuration.members_digest.as_deref(),
        has_all_lines: configuration.has_all_lines,
        plans: configuration.plans.clone(),
        monitors: configuration.monitors.clone(),
        inputs: inputs.iter().map(new_input).collect(),
        sets: sets.list(run.batch),
    })?;
    let rows = Rows::new(run, facts, earlier, &sets);
    // While some rows are written, those before them are dropped and the next ones are made.
    let mut parts = rows.recorded.chunks(CLAIMS_AT_ONCE);
    let mut next = parts.next().map(|part| rows.make(part));
    let mut before = Vec::new();
    while let Some(made) = next {
        let (written, coming) = rayon::join(
            || history.record_claims(&made),
            || {
                drop(before);
                parts.next().map(|part| rows.make(part))
            },
        );
        written?;
        before = made;
        next = coming;
    }
    Ok(Some(id))
}

/// The claims of a run that are recorded, by their index in the batch, in the order of their
/// numbers in the history.
#[must_use]
pub fn recorded_claims(
    run: Run<'_>,
    facts: &FactsTable,
    earlier: &[EarlierClaim],
    inputs: &[RunInput<'_>],
) -> Vec<u32> {
    let sets = SetPlaces::new(run.batch, inputs);
    Rows::new(run, facts, earlier, &sets).recorded
}

fn new_input<'a>(input: &RunInput<'a>) -> NewInput<'a> {
    let status = input.status();
    NewInput {
        name: input.name,
        digest: &input.read.digest,
        status,
        interchanges: match status {
            InputStatus::Adjudicated => input.recorded().collect(),
            InputStatus::Known | InputStatus::Nothing => Vec::new(),
        },
    }
}

/// Which transaction sets are recorded, and where their interchanges stand.
struct SetPlaces {
    /// By transaction set of the batch: its place among those recorded, and its
    /// interchange's place.
    places: Vec<Option<(usize, usize)>>,
}

impl SetPlaces {
    fn new(batch: &Batch, inputs: &[RunInput<'_>]) -> Self {
        let mut interchanges: AHashMap<&InterchangeIdentity, usize> = AHashMap::new();
        for input in inputs {
            if input.status() == InputStatus::Adjudicated {
                for identity in input.recorded() {
                    let place = interchanges.len();
                    interchanges.insert(identity, place);
                }
            }
        }
        let mut next = 0..;
        let place = |set: &TransactionSet| {
            let interchange = *interchanges.get(&*set.interchange)?;
            (!set.is_test).then(|| next.next().map(|place| (place, interchange)))?
        };
        Self {
            places: batch.transaction_sets.iter().map(place).collect(),
        }
    }

    fn billing_date(&self, batch: &Batch) -> Option<NaiveDate> {
        let recorded = batch.transaction_sets.iter().zip(&self.places);
        let recorded = recorded.filter(|(_, place)| place.is_some());
        recorded.filter_map(|(set, _)| set.billing_date).max()
    }

    fn list<'a>(&self, batch: &'a Batch) -> Vec<NewSet<'a>> {
        let sets = batch.transaction_sets.iter().zip(&self.places);
        let recorded = sets.filter_map(|(set, place)| Some((set, (*place)?.1)));
        recorded
            .map(|(set, interchange)| NewSet {
                interchange,
                group: as_text(&set.group),
                control_number: as_text(&set.control_number),
                billing_date: set.billing_date,
                is_encounter: set.is_encounter,
            })
            .collect()
    }
}

/// Makes the claims of a run into rows.
struct Rows<'a> {
    run: Run<'a>,
    facts: &'a FactsTable,
    earlier: &'a [EarlierClaim],
    sets: &'a SetPlaces,
    /// The claims that are recorded, by their index in the batch.
    recorded: Vec<u32>,
}

impl<'a> Rows<'a> {
    fn new(
        run: Run<'a>,
        facts: &'a FactsTable,
        earlier: &'a [EarlierClaim],
        sets: &'a SetPlaces,
    ) -> Self {
        let mut rows = Self {
            run,
            facts,
            earlier,
            sets,
            recorded: Vec::new(),
        };
        let claims = (0..run.batch.claims.len() as u32).into_par_iter();
        let is_recorded =
            |index: &u32| rows.is_recorded(*index, &run.batch.claims[*index as usize]);
        rows.recorded = claims.filter(is_recorded).collect();
        rows
    }

    /// Whether a claim is kept: it has lines that are written, or took something back.
    fn is_recorded(&self, index: u32, claim: &Claim) -> bool {
        let has_place = self.sets.places[claim.transaction_set as usize].is_some();
        has_place
            && (claim.line_count > 0
                || !self.takes_back(index).is_empty()
                || claim.frequency != Frequency::Original)
    }

    /// The claims of earlier runs that a claim took back.
    fn takes_back(&self, index: u32) -> &'a [(u32, u32)] {
        let taken_back = &self.run.adjudication.versions.earlier_taken_back;
        let start = taken_back.partition_point(|(by, _)| *by < index);
        let rest = &taken_back[start..];
        &rest[..rest.partition_point(|(by, _)| *by == index)]
    }

    fn make(&self, part: &[u32]) -> Vec<NewClaim<'a>> {
        part.par_iter().map(|index| self.claim(*index)).collect()
    }

    fn claim(&self, index: u32) -> NewClaim<'a> {
        let batch = self.run.batch;
        let claim = &batch.claims[index as usize];
        let set = batch.transaction_set_of(claim);
        let name = |symbol| as_text(batch.symbols.bytes(symbol));
        let identity = self.run.identity_of(claim);
        let taken_back = self.takes_back(index).iter();
        NewClaim {
            input: set.input as usize,
            set: self.sets.places[claim.transaction_set as usize].map(|(place, _)| place),
            ordinal: claim.ordinal,
            plan: batch
                .plan_of(claim)
                .map_or("", |plan| &self.run.plans.get(plan).id),
            member: name(claim.member),
            member_identified: claim.member_identified,
            control_number: Some(identity.number),
            patient_control_number: as_text(batch.text(claim.patient_control_number)),
            billing_provider: name(claim.billing_provider),
            frequency: match claim.frequency {
                Frequency::Original => 1,
                Frequency::Replacement => 7,
                Frequency::Void => 8,
            },
            is_other_payer: claim.other_payer,
            status: self.status(index, claim),
            takes_back: taken_back
                .map(|(_, earlier)| self.earlier[*earlier as usize].id)
                .collect(),
            lines: batch
                .lines_of(claim)
                .map(|line| self.line((claim, &identity), line))
                .collect(),
        }
    }

    fn status(&self, index: u32, claim: &Claim) -> RowStatus {
        let status = self.run.adjudication.versions.status(index);
        match status {
            ClaimStatus::Void => RowStatus::Void,
            _ if !self.run.batch.bears_governed_line(claim) => RowStatus::Passing,
            ClaimStatus::TakenBack(_) => {
                let taker = self.run.adjudication.versions.taker_of(index);
                let place = taker.and_then(|by| self.recorded.binary_search(&by.claim).ok());
                RowStatus::TakenBack(place.unwrap_or_default() as u64)
            }
            ClaimStatus::Active | ClaimStatus::OriginalUnknown => RowStatus::Active,
        }
    }

    fn line(&self, (claim, identity): (&Claim, &ClaimIdentity<'a>), index: usize) -> NewLine<'a> {
        let batch = self.run.batch;
        let line = &batch.lines[index];
        let service = batch.service_of(line);
        let facts = self.facts_of(claim, index);
        let mut fired = self.run.adjudication.verdicts.of(index).reasons.iter();
        NewLine {
            determination: self.run.determination_in(identity, index),
            role: service.role,
            is_unit_count: service.units.counted,
            is_seen: !fired.any(|reason| rules::stands_nowhere(reason.rule)),
            muscles: Cow::Borrowed(
                facts
                    .and_then(|facts| facts.muscles.as_deref())
                    .unwrap_or_default(),
            ),
            facts_phase: facts.and_then(|facts| facts.phase),
        }
    }

    /// What is known of a line of the limited service.
    fn facts_of(&self, claim: &Claim, index: usize) -> Option<&'a ClinicalFacts> {
        let batch = self.run.batch;
        let line = &batch.lines[index];
        if batch.service_of(line).role != Some(Role::Session) {
            return None;
        }
        let date = line.service_date.date()?;
        let timeline = batch.timeline_of(claim)?;
        let member = std::str::from_utf8(batch.symbols.bytes(timeline.member)).ok()?;
        self.facts.get(timeline.plan, member, date)
    }
}
