//! Clinical facts: what an 837P cannot say of a session.

use ahash::AHashMap;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::claim::Quantity;

/// The phase of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// To find out whether injections help.
    Diagnostic,
    /// To treat.
    Therapeutic,
}

super::kind::words!(Phase {
    Diagnostic = "diagnostic",
    Therapeutic = "therapeutic",
});

/// What is known of one member's date of service. `None` is not given; an empty list is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClinicalFacts {
    /// When the pain began.
    pub pain_onset: Option<NaiveDate>,
    /// Conservative therapies tried, by name.
    pub conservative_therapies: Option<Vec<String>>,
    /// Days of conservative therapy.
    pub conservative_therapy_days: Option<Quantity>,
    /// Parts of the management plan, by name.
    pub management_plan: Option<Vec<String>>,
    /// Medicines being taken, by class.
    pub pharmacotherapies: Option<Vec<String>>,
    /// Parts of the medical record, by letter.
    pub records: Option<Vec<String>>,
    /// What was injected, by class.
    pub injectate: Option<Vec<String>>,
    /// Whether earlier injections helped.
    pub prior_response: Option<bool>,
    /// Relief after the prior injection, in percent.
    pub prior_relief_percent: Option<Quantity>,
    /// Relief after the prior injection, in days.
    pub prior_relief_days: Option<Quantity>,
    /// Whether there is an active treatment program.
    pub active_treatment_program: Option<bool>,
    /// Whether the site is that of the prior injection.
    pub same_site_as_prior: Option<bool>,
    /// The phase, in place of the inferred one.
    pub phase: Option<Phase>,
    /// The muscles injected: trimmed, lower case, sorted, each once, no blank names.
    pub muscles: Option<Vec<String>>,
}

impl ClinicalFacts {
    /// Takes the facts of a later object; what it does not give stays.
    fn update(&mut self, later: Self) {
        fn take<T>(mine: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *mine = later;
            }
        }
        take(&mut self.pain_onset, later.pain_onset);
        take(
            &mut self.conservative_therapies,
            later.conservative_therapies,
        );
        take(
            &mut self.conservative_therapy_days,
            later.conservative_therapy_days,
        );
        take(&mut self.management_plan, later.management_plan);
        take(&mut self.pharmacotherapies, later.pharmacotherapies);
        take(&mut self.records, later.records);
        take(&mut self.injectate, later.injectate);
        take(&mut self.prior_response, later.prior_response);
        take(&mut self.prior_relief_percent, later.prior_relief_percent);
        take(&mut self.prior_relief_days, later.prior_relief_days);
        take(
            &mut self.active_treatment_program,
            later.active_treatment_program,
        );
        take(&mut self.same_site_as_prior, later.same_site_as_prior);
        take(&mut self.phase, later.phase);
        take(&mut self.muscles, later.muscles);
    }
}

/// The facts of one member's dates of service.
type MemberFacts = AHashMap<NaiveDate, ClinicalFacts>;

/// The clinical facts of a run, by plan, member and date of service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FactsTable {
    /// By plan.
    members: Vec<AHashMap<Box<str>, MemberFacts>>,
}

impl FactsTable {
    /// The facts of a member's date of service.
    #[must_use]
    pub fn get(&self, plan: u16, member: &str, date: NaiveDate) -> Option<&ClinicalFacts> {
        self.members.get(usize::from(plan))?.get(member)?.get(&date)
    }

    /// Whether nothing is known of anyone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Adds facts to what is known of a date.
    pub fn merge(&mut self, plan: u16, member: &str, date: NaiveDate, facts: ClinicalFacts) {
        let plan = usize::from(plan);
        if self.members.len() <= plan {
            self.members.resize_with(plan + 1, AHashMap::default);
        }
        let dates = self.members[plan].entry(member.into()).or_default();
        dates.entry(date).or_default().update(facts);
    }
}
