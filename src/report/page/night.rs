//! What the page shows of the lines that were judged, counted while they are written.
//!
//! It grows with billing providers, reasons and months, and by a number of 64 bits (with its
//! room in the table, 10 to 21 bytes) for each member of a provider that has a session, and for
//! each session.

use std::collections::BTreeMap;

use ahash::{AHashMap, AHashSet, RandomState};
use chrono::{Datelike, NaiveDate};

use super::split::Split;
use crate::adjudicate::outcome_of;
use crate::claim::{Cents, as_text};
use crate::output::{Determination, Run, clause_of};
use crate::policy::{Codes, Decision, Plans, RuleKind};
use crate::report::decided::Sum;
use crate::rules::Reason;
use crate::timeline::Symbol;

/// Judged lines by plan and billing provider, what pends by reason, sessions by month.
///
/// A session is a date of service of a member on which a provider is paid the limited service.
#[derive(Debug)]
pub(crate) struct Night {
    /// INVARIANT: `places` has the place of each in here, and each once.
    pub(super) providers: Vec<Provider>,
    pub(super) places: BTreeMap<ProviderKey, usize>,
    /// The places of the providers of the run, or part of a run, that is counted now.
    part: AHashMap<(u16, Symbol), usize>,
    pub(super) pends: BTreeMap<PendKey, Sum>,
    /// By year and month.
    pub(super) months: BTreeMap<(i32, u32), u64>,
    /// Members of providers, and their sessions: the hash of each.
    seen: AHashSet<u64>,
    hasher: RandomState,
}

/// A billing provider under a plan. Plans stand in their order; those that are not among the
/// run's come last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ProviderKey {
    rank: u16,
    pub(super) plan: String,
    pub(super) policy: String,
    /// Empty where the claims have none.
    pub(super) billing_provider: String,
}

/// What was decided for a provider.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Provider {
    pub(super) split: Split,
    /// Members with a session.
    pub(super) members: u64,
    pub(super) sessions: u64,
}

/// Why lines wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PendKey {
    rank: u16,
    pub(super) policy: String,
    pub(super) rule: RuleKind,
    pub(super) status: String,
    pub(super) clause: String,
}

/// A line that was judged.
struct Line<'a> {
    decision: Decision,
    charge: Cents,
    allowed: Cents,
    /// Whether it was judged as one of the limited service.
    is_candidate: bool,
    member: &'a [u8],
    date: Option<NaiveDate>,
}

impl Default for Night {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            places: BTreeMap::new(),
            part: AHashMap::new(),
            pends: BTreeMap::new(),
            months: BTreeMap::new(),
            seen: AHashSet::new(),
            hasher: RandomState::with_seeds(5, 6, 7, 8),
        }
    }
}

impl Night {
    /// Counts a line that was judged, by its index, with its deciding reason.
    pub(in crate::report) fn add(&mut self, run: Run<'_>, index: usize, reason: Option<&Reason>) {
        let batch = run.batch;
        let line = &batch.lines[index];
        let claim = batch.claim_of(line);
        let Some(rank) = batch.plan_of(claim) else {
            return;
        };
        let plan = run.plans.get(rank);
        let key = (rank, claim.billing_provider);
        let place = match self.part.get(&key) {
            Some(&place) => place,
            None => {
                let name = batch.symbols.bytes(claim.billing_provider);
                let place = self.place_of(ProviderKey {
                    rank,
                    plan: plan.id.clone(),
                    policy: plan.policy.id.clone(),
                    billing_provider: as_text(name).into_owned(),
                });
                self.part.insert(key, place);
                place
            }
        };
        let verdict = run.adjudication.verdicts.of(index).verdict;
        let units = batch.service_of(line).units;
        let written = Line {
            decision: verdict.decision,
            charge: line.charge,
            allowed: verdict.amount_allowed(units, line.charge),
            is_candidate: verdict.session.is_some(),
            member: batch.symbols.bytes(claim.member),
            date: line.service_date.date(),
        };
        self.count(place, &written);
        let book = plan.books.get(usize::from(verdict.book));
        let Some((reason, book)) = reason.zip(book) else {
            return;
        };
        if let (Decision::Pend, Some(rule), Some(outcome)) = (
            verdict.decision,
            book.rule(reason.rule),
            outcome_of(reason, book),
        ) {
            let status = match &outcome.codes {
                Codes::Status(status) => status.clone(),
                Codes::Adjustment { .. } => String::new(),
            };
            let key = PendKey {
                rank,
                policy: plan.policy.id.clone(),
                rule: reason.rule,
                status,
                clause: clause_of(reason, rule, &plan.policy).into_owned(),
            };
            self.pends.entry(key).or_default().add(line.charge);
        }
    }

    /// A run, or part of one, is counted: another has symbols of its own.
    pub(in crate::report) fn end_part(&mut self) {
        self.part.clear();
    }

    /// Counts a judged line whose determination is written again.
    pub(in crate::report) fn add_again(&mut self, written: &Determination<'_>, plans: &Plans) {
        let name = written.plan.as_deref().unwrap_or_default();
        let rank = plans.index_of(name).unwrap_or(u16::MAX);
        let policy = written.policy.as_deref().unwrap_or_default();
        let provider = written.billing_provider.as_deref().unwrap_or_default();
        let place = self.place_of(ProviderKey {
            rank,
            plan: name.to_owned(),
            policy: policy.to_owned(),
            billing_provider: provider.to_owned(),
        });
        let line = Line {
            decision: written.decision,
            charge: written.charge,
            allowed: written.amount_allowed,
            is_candidate: written.session.is_some(),
            member: written.member.as_bytes(),
            date: written.service_date,
        };
        self.count(place, &line);
        let reason = written.deciding_reason();
        if let (Decision::Pend, Some(reason)) = (written.decision, reason) {
            let key = PendKey {
                rank,
                policy: policy.to_owned(),
                rule: reason.rule,
                status: reason.status.as_deref().unwrap_or_default().to_owned(),
                clause: reason.clause.to_string(),
            };
            self.pends.entry(key).or_default().add(written.charge);
        }
    }

    fn place_of(&mut self, key: ProviderKey) -> usize {
        let next = self.providers.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.providers.push(Provider::default());
        }
        place
    }

    fn count(&mut self, place: usize, line: &Line<'_>) {
        let provider = &mut self.providers[place];
        provider.split.add(line.decision, line.charge, line.allowed);
        let is_paid = matches!(line.decision, Decision::Pay | Decision::Reduce);
        let Some(date) = line.date.filter(|_| is_paid && line.is_candidate) else {
            return;
        };
        let mut is_new = |date: Option<NaiveDate>| {
            let hash = self.hasher.hash_one((place, line.member, date));
            self.seen.insert(hash)
        };
        // A plan may let more than one line of a date be paid.
        if is_new(Some(date)) {
            provider.sessions += 1;
            provider.members += u64::from(is_new(None));
            let month = (date.year(), date.month());
            *self.months.entry(month).or_default() += 1;
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A night in which providers have members with so many sessions each.
    pub(in crate::report::page) fn sessions(providers: &[(&str, &[u32])]) -> Night {
        let mut night = Night::default();
        for (provider, members) in providers {
            let place = night.place_of(ProviderKey {
                rank: 0,
                plan: "plan".into(),
                policy: "policy".into(),
                billing_provider: (*provider).into(),
            });
            for (member, sessions) in members.iter().enumerate() {
                let member = format!("M{member}");
                for day in 1..=*sessions {
                    let line = Line {
                        decision: Decision::Pay,
                        charge: Cents(100),
                        allowed: Cents(100),
                        is_candidate: true,
                        member: member.as_bytes(),
                        date: NaiveDate::from_ymd_opt(2026, 7, day),
                    };
                    night.count(place, &line);
                    night.count(place, &line);
                }
            }
        }
        night
    }

    #[test]
    fn a_session_is_a_date_and_a_member_counts_once_for_each_provider() {
        let night = sessions(&[("A", &[2, 1]), ("B", &[3, 0])]);
        let counts = |place: usize| {
            let provider = &night.providers[place];
            (provider.members, provider.sessions, provider.split.lines())
        };
        assert_eq!((counts(0), counts(1)), ((2, 3, 6), (1, 3, 6)));
        assert_eq!(
            night.months.into_iter().collect::<Vec<_>>(),
            [((2026, 7), 6)]
        );
    }

    #[test]
    fn a_line_that_is_not_paid_or_no_candidate_makes_no_session() {
        for (decision, is_candidate) in [(Decision::Deny, true), (Decision::Pay, false)] {
            let mut night = sessions(&[("A", &[])]);
            let line = Line {
                decision,
                charge: Cents(100),
                allowed: Cents(0),
                is_candidate,
                member: b"M",
                date: NaiveDate::from_ymd_opt(2026, 7, 1),
            };
            night.count(0, &line);
            assert_eq!((night.providers[0].sessions, night.months.len()), (0, 0));
        }
    }
}
