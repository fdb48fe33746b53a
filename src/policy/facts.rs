//! Clinical facts: what an 837P cannot say of a session.

use ahash::AHashMap;
use chrono::NaiveDate;

use crate::claim::Quantity;

/// The phase of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// To find out whether injections help.
    Diagnostic,
    /// To treat.
    Therapeutic,
}

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

/// The clinical facts of a run, by plan, member and date of service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FactsTable {
    by_member: AHashMap<(u16, Box<str>), Vec<(NaiveDate, ClinicalFacts)>>,
}

impl FactsTable {
    /// The facts of a member's date of service.
    #[must_use]
    pub fn get(&self, plan: u16, member: &str, date: NaiveDate) -> Option<&ClinicalFacts> {
        let dates = self.by_member.get(&(plan, Box::from(member)))?;
        let place = dates.binary_search_by_key(&date, |(date, _)| *date).ok()?;
        Some(&dates[place].1)
    }

    /// Whether there are none at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_member.is_empty()
    }
}
