//! Plans: which claims take which policy, and what their plan documents change.

use std::sync::Arc;

use chrono::NaiveDate;

use super::facts::Phase;
use super::kind::{Basis, LimitKey, RuleKind};
use super::model::{Change, Policy, Rule, SessionCount};
use super::monitor::Monitor;
use super::payer::Payer;

/// A plan: the claims of some payer ids and groups, under one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its name in determinations.
    pub id: String,
    /// Payer ids (2010BB NM109) that it takes, exactly; `None` takes every claim.
    pub payer_ids: Option<Vec<String>>,
    /// Group numbers (2000B SBR03) that it takes, exactly; `None` takes every group.
    pub group_numbers: Option<Vec<String>>,
    /// Its policy.
    pub policy: Arc<Policy>,
    /// What a criterion does whose facts are not given.
    pub missing_documentation: MissingDocumentation,
    /// What becomes of a replacement whose original is not found.
    pub unknown_original: UnknownOriginal,
    /// What becomes of diagnoses that the policy does not list.
    pub diagnosis_not_listed: DiagnosisNotListed,
    /// Who pays; `None` where no remittance is written.
    pub payer: Option<Payer>,
    /// Its overrides that are enforced.
    pub overrides: Vec<Change>,
    /// Those that are monitored.
    pub monitors: Vec<Monitor>,
    /// Its rule books: the first for dates on which no version is in force, then one for
    /// each version of the policy.
    pub books: Vec<Book>,
}

/// What a criterion does whose facts are not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingDocumentation {
    /// The line is judged without it and lists it as unverified.
    #[default]
    Accept,
    /// The line pends.
    Pend,
}

/// What becomes of a replacement whose original is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownOriginal {
    /// It is judged like an original, with a note.
    #[default]
    Judge,
    /// Its lines pend.
    Pend,
}

/// What becomes of a line none of whose diagnoses is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiagnosisNotListed {
    /// It pends.
    #[default]
    Pend,
    /// It is denied.
    Deny,
}

/// The rules of one plan as they stand under one version of its policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// The effective date of the version; `None` where no version is in force.
    pub version: Option<NaiveDate>,
    /// INVARIANT: indexed by [`RuleKind`]; `None` where the policy has no such rule. A rule
    /// that needs a version in force is not enabled where there is none: it gives no reason,
    /// but its limits infer phases all the same.
    rules: Vec<Option<Rule>>,
    /// INVARIANT: bit `i` says whether the rule of kind `i` is there and enabled.
    enabled: u32,
    /// INVARIANT: one for each of [`Plan::monitors`], in their order: these rules with the
    /// monitored one as its document would have it, and no other enabled.
    monitors: Vec<Book>,
}

impl Book {
    /// The rules of `policy` under one of its versions, with its own changes and then the
    /// plan's applied; beside them the rules that the plan monitors.
    #[must_use]
    pub fn new(
        policy: &Policy,
        version: Option<usize>,
        overrides: &[Change],
        monitors: &[Monitor],
    ) -> Self {
        let version = version.and_then(|index| policy.versions.get(index));
        let changes = version.map_or(&[][..], |version| &version.changes);
        let rule = |rule: &Rule, monitored: Option<&Change>| {
            let stands = version.is_some()
                || rule.basis == Basis::Claim
                || rule.kind == RuleKind::PolicyNotInForce;
            let mut rule = rule.clone();
            for change in changes.iter().chain(overrides).chain(monitored) {
                rule.apply(change);
            }
            rule.enabled &= stands;
            rule
        };
        let mut book = Self {
            version: version.map(|version| version.effective),
            rules: vec![None; super::KINDS.len()],
            enabled: 0,
            monitors: Vec::new(),
        };
        for known in &policy.rules {
            book.put(rule(known, None));
        }
        let beside = monitors.iter().map(|monitor| {
            let mut beside = Self {
                enabled: 0,
                ..book.clone()
            };
            let mut rules = policy.rules.iter();
            if let Some(known) = rules.find(|known| known.kind == monitor.rule()) {
                beside.put(rule(known, Some(&monitor.change)));
            }
            beside
        });
        book.monitors = beside.collect();
        book
    }

    fn put(&mut self, rule: Rule) {
        let place = rule.kind as usize;
        self.enabled |= u32::from(rule.enabled) << place;
        self.rules[place] = Some(rule);
    }

    /// For each monitor of the plan, in their order, a book in which the rule that it monitors
    /// stands as its document would have it, and no other rule is enabled.
    #[must_use]
    pub fn monitors(&self) -> &[Self] {
        &self.monitors
    }

    /// The rule of a kind, where it is in this book and enabled.
    #[must_use]
    pub fn rule(&self, kind: RuleKind) -> Option<&Rule> {
        self.rules[kind as usize]
            .as_ref()
            .filter(|_| self.has(kind))
    }

    /// Whether the rule of a kind is in this book and enabled.
    #[must_use]
    pub fn has(&self, kind: RuleKind) -> bool {
        self.enabled >> kind as u32 & 1 == 1
    }

    /// A limit of a rule, whether the rule is enabled or not.
    #[must_use]
    pub fn limit(&self, kind: RuleKind, key: &str) -> Option<u32> {
        self.rules[kind as usize].as_ref()?.limit(key)
    }

    /// The same, of a key that is known.
    #[must_use]
    pub fn known_limit(&self, key: LimitKey) -> Option<u32> {
        let rule = self.rules[key.kind as usize].as_ref()?;
        rule.limits.get(key.place).copied().flatten()
    }
}

impl Rule {
    /// The limit of that key.
    #[must_use]
    pub fn limit(&self, key: &str) -> Option<u32> {
        let place = self
            .kind
            .spec()
            .limit_keys()
            .position(|known| known == key)?;
        self.limits.get(place).copied().flatten()
    }

    /// Applies a change, if it is one of this rule.
    fn apply(&mut self, change: &Change) {
        if change.rule != self.kind {
            return;
        }
        self.enabled = change.enabled.unwrap_or(self.enabled);
        for (key, value) in &change.limits {
            let place = self
                .kind
                .spec()
                .limit_keys()
                .position(|known| known == *key);
            if let Some(limit) = place.and_then(|place| self.limits.get_mut(place)) {
                *limit = Some(*value);
            }
        }
        for (index, outcome) in &change.outcomes {
            let changed = self
                .outcomes
                .get(*index)
                .and_then(|own| outcome.applied_to(own));
            if let (Some(place), Some(changed)) = (self.outcomes.get_mut(*index), changed) {
                *place = changed;
            }
        }
        self.citation = Some(change.citation.as_str().into());
        self.told = self.clause.under(&change.citation).into();
    }
}

impl Plan {
    /// The index and the book of the version judged on a date of service: the latest whose
    /// effective date is on or before it.
    #[must_use]
    pub fn book_on(&self, date: Option<NaiveDate>) -> (u8, &Book) {
        let in_force = |book: &Book| match (book.version, date) {
            (None, _) => true,
            (Some(effective), Some(date)) => effective <= date,
            (Some(_), None) => false,
        };
        let index = self.books.iter().rposition(in_force).unwrap_or(0);
        (u8::try_from(index).unwrap_or(u8::MAX), &self.books[index])
    }

    /// The phase of a session whose course holds so many sessions before it: the most
    /// lenient one. `None` where the policy knows no phases.
    #[must_use]
    pub fn inferred_phase(&self, date: NaiveDate, course_count: usize) -> Option<Phase> {
        self.inferred_phase_in(self.book_on(Some(date)).1, course_count)
    }

    /// The phase under one of its books, or of those that it monitors with.
    #[must_use]
    pub fn inferred_phase_in(&self, book: &Book, course_count: usize) -> Option<Phase> {
        if self.policy.session_count == SessionCount::Year {
            return None;
        }
        const DIAGNOSTIC: LimitKey = LimitKey::of(RuleKind::PhaseLimit, "diagnostic");
        let diagnostic = book.known_limit(DIAGNOSTIC)?;
        Some(if course_count < diagnostic as usize {
            Phase::Diagnostic
        } else {
            Phase::Therapeutic
        })
    }

    /// Whether a claim of that payer id and group number, in UTF-8, is this plan's.
    #[must_use]
    pub fn takes(&self, payer_id: &[u8], group_number: &[u8]) -> bool {
        let names = |list: &Option<Vec<String>>, value: &[u8]| {
            list.as_ref()
                .is_none_or(|list| list.iter().any(|name| name.as_bytes() == value))
        };
        names(&self.payer_ids, payer_id) && names(&self.group_numbers, group_number)
    }
}

/// The plans of a run, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plans {
    /// At most 65,535 of them.
    pub plans: Vec<Plan>,
    /// The SHA-256 of their file's text, in hexadecimal digits; empty where there is none.
    pub digest: String,
    /// INVARIANT: whether one of them has a monitor.
    has_monitors: bool,
}

impl Plans {
    /// These plans, from a file of that digest.
    pub(super) fn new(plans: Vec<Plan>, digest: String) -> Self {
        let has_monitors = plans.iter().any(|plan| !plan.monitors.is_empty());
        Self {
            plans,
            digest,
            has_monitors,
        }
    }

    /// Whether one of them has a monitor: then what is monitored is told.
    #[must_use]
    pub fn has_monitors(&self) -> bool {
        self.has_monitors
    }

    /// The index of the first plan that takes a claim of that payer id and group number, in
    /// UTF-8.
    #[must_use]
    pub fn route(&self, payer_id: &[u8], group_number: &[u8]) -> Option<u16> {
        let index = self
            .plans
            .iter()
            .position(|plan| plan.takes(payer_id, group_number))?;
        u16::try_from(index).ok()
    }

    /// The plan of that index.
    #[must_use]
    pub fn get(&self, index: u16) -> &Plan {
        &self.plans[usize::from(index)]
    }

    /// The index of the plan of that id.
    #[must_use]
    pub fn index_of(&self, id: &str) -> Option<u16> {
        let index = self.plans.iter().position(|plan| plan.id == id)?;
        u16::try_from(index).ok()
    }
}
