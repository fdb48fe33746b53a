//! `documentation`: clinical criteria.
//!
//! # What it denies
//!
//! A session that fails a criterion of the policy by a clinical fact that is given. Where a
//! fact that the criterion needs is not given, the session pends, or the criterion is taken
//! on trust and listed as unverified: the plan says which. One reason for each criterion.
//!
//! # The policy's words
//!
//! Each criterion has its own clause in the policy file.
//!
//! # Example
//!
//! ```text
//! pain since 2026-07-01, session 2026-07-20: persistent-pain  deny CO 50 N130
//! nothing given: persistent-pain  unverified, or pend R4:294
//! ```
//!
//! # What it does not cover
//!
//! Facts about dates on which no session is asked for.

use std::cmp::Ordering;

use super::{Candidate, Detail, Reason};
use crate::claim::Quantity;
use crate::policy::{
    AskedOf, ClinicalFacts, Condition, Criterion, Fact, MissingDocumentation, Phase, Policy,
    RuleKind,
};
use crate::timeline::Span;

const MISSING: u8 = 0;
const UNMET: u8 = 1;

/// What the criteria of a candidate come to.
#[derive(Debug, Default)]
pub(super) struct Documented {
    /// A reason for each criterion that is not met, or whose facts are asked for.
    pub(super) reasons: Vec<Reason>,
    /// The criteria taken on trust: bit `i` is criterion `i`.
    pub(super) unverified: u32,
}

pub(super) fn judge(candidate: &Candidate<'_>) -> Documented {
    let mut documented = Documented::default();
    if candidate.book.rule(RuleKind::Documentation).is_none() {
        return documented;
    }
    let policy = &candidate.plan.policy;
    let missing = candidate.plan.missing_documentation;
    let asked = Asked::of(candidate).criteria(policy);
    if candidate.facts.is_none() && missing == MissingDocumentation::Accept {
        documented.unverified = asked;
        return documented;
    }
    for (index, criterion) in (0_u8..).zip(&policy.criteria) {
        if asked >> index & 1 == 0 {
            continue;
        }
        let outcome = match (evaluate(criterion, candidate), missing) {
            (Met::Yes, _) => continue,
            (Met::No, _) => UNMET,
            (Met::NotGiven, MissingDocumentation::Pend) => MISSING,
            (Met::NotGiven, MissingDocumentation::Accept) => {
                documented.unverified |= 1 << index;
                continue;
            }
        };
        let detail = Detail::Criterion(index);
        documented.reasons.push(Reason::with_outcome(
            RuleKind::Documentation,
            outcome,
            detail,
        ));
    }
    documented
}

/// What a candidate is, as far as criteria are asked of some sessions and not of others.
struct Asked {
    phase: Option<Phase>,
    is_first_therapeutic: bool,
    is_initial: bool,
}

impl Asked {
    fn of(candidate: &Candidate<'_>) -> Self {
        let facts = candidate.facts;
        let is_other_site = facts.and_then(|facts| Some(!facts.same_site_as_prior?));
        Self {
            phase: candidate.phase,
            is_first_therapeutic: candidate.phase == Some(Phase::Therapeutic)
                && candidate.therapeutic_course().next().is_none(),
            is_initial: candidate.course.is_empty() || is_other_site == Some(true),
        }
    }

    /// The criteria that are asked: bit `i` is criterion `i`.
    fn criteria(&self, policy: &Policy) -> u32 {
        let asked = AskedOf::ALL.into_iter().filter(|of| self.includes(*of));
        asked.fold(0, |criteria, of| criteria | policy.asked(of))
    }

    fn includes(&self, of: AskedOf) -> bool {
        let is_therapeutic = self.phase == Some(Phase::Therapeutic);
        match of {
            AskedOf::Every => true,
            AskedOf::Diagnostic => self.phase == Some(Phase::Diagnostic),
            AskedOf::Therapeutic => is_therapeutic,
            AskedOf::FirstTherapeutic => is_therapeutic && self.is_first_therapeutic,
            AskedOf::LaterTherapeutic => is_therapeutic && !self.is_first_therapeutic,
            AskedOf::Initial => self.is_initial,
            AskedOf::Subsequent => !self.is_initial,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    Yes,
    No,
    NotGiven,
}

/// A fact that fails its condition outweighs one that is not given.
fn evaluate(criterion: &Criterion, candidate: &Candidate<'_>) -> Met {
    let mut met = Met::Yes;
    for condition in &criterion.conditions {
        match holds(condition, candidate) {
            Some(true) => {}
            Some(false) => return Met::No,
            None => met = Met::NotGiven,
        }
    }
    met
}

/// Whether a condition holds; `None` where its fact is not given.
fn holds(condition: &Condition, candidate: &Candidate<'_>) -> Option<bool> {
    let (facts, date) = (candidate.facts?, candidate.date);
    Some(match condition {
        Condition::DaysBefore(_, days) => facts.pain_onset? <= Span::Days(*days).before(date),
        Condition::WithinMonths(_, months) => {
            facts.pain_onset? >= Span::Months(*months).before(date)
        }
        Condition::Above(fact, value) => {
            number(*fact, facts)?.cmp_whole(*value) == Ordering::Greater
        }
        Condition::AtLeast(fact, value) => {
            number(*fact, facts)?.cmp_whole(*value) != Ordering::Less
        }
        Condition::Is(fact, value) => answer(*fact, facts)? == *value,
        Condition::AnyOf(fact, names) => {
            let given = given(*fact, facts)?;
            names.iter().any(|name| given.contains(name))
        }
        Condition::AllOf(fact, names) => {
            let given = given(*fact, facts)?;
            names.iter().all(|name| given.contains(name))
        }
        Condition::OnlyOf(fact, names) => {
            let given = given(*fact, facts)?;
            !given.is_empty() && given.iter().all(|name| names.contains(name))
        }
    })
}

fn given(fact: Fact, facts: &ClinicalFacts) -> Option<&[String]> {
    match fact {
        Fact::ConservativeTherapies => facts.conservative_therapies.as_deref(),
        Fact::ManagementPlan => facts.management_plan.as_deref(),
        Fact::Pharmacotherapies => facts.pharmacotherapies.as_deref(),
        Fact::Records => facts.records.as_deref(),
        Fact::Injectate => facts.injectate.as_deref(),
        _ => None,
    }
}

fn number(fact: Fact, facts: &ClinicalFacts) -> Option<Quantity> {
    match fact {
        Fact::ConservativeTherapyDays => facts.conservative_therapy_days,
        Fact::PriorReliefPercent => facts.prior_relief_percent,
        Fact::PriorReliefDays => facts.prior_relief_days,
        _ => None,
    }
}

fn answer(fact: Fact, facts: &ClinicalFacts) -> Option<bool> {
    match fact {
        Fact::PriorResponse => facts.prior_response,
        Fact::ActiveTreatmentProgram => facts.active_treatment_program,
        Fact::SameSiteAsPrior => facts.same_site_as_prior,
        _ => None,
    }
}

pub(super) fn text(outcome: u8, criterion: Option<&Criterion>) -> String {
    let Some(Criterion {
        name, conditions, ..
    }) = criterion
    else {
        return "a clinical criterion".into();
    };
    let required: Vec<String> = conditions.iter().map(required).collect();
    let required = required.join("; ");
    if outcome == UNMET {
        format!("{name} is not met by the clinical facts given; required: {required}")
    } else {
        format!("{name} needs clinical facts that are not given; required: {required}")
    }
}

/// A condition in words.
fn required(condition: &Condition) -> String {
    match condition {
        Condition::DaysBefore(fact, days) => format!(
            "{} at least {} before the date of service",
            fact.name(),
            Span::Days(*days)
        ),
        Condition::WithinMonths(fact, months) => format!(
            "{} at most {} before the date of service",
            fact.name(),
            Span::Months(*months)
        ),
        Condition::Above(fact, value) => format!("{} above {value}", fact.name()),
        Condition::AtLeast(fact, value) => format!("{} of at least {value}", fact.name()),
        Condition::Is(fact, value) => format!("{} {value}", fact.name()),
        Condition::AnyOf(fact, names) => {
            format!("{} with any of {}", fact.name(), names.join(", "))
        }
        Condition::AllOf(fact, names) => {
            format!("{} with all of {}", fact.name(), names.join(", "))
        }
        Condition::OnlyOf(fact, names) => {
            format!(
                "{} with some of {}, and no other",
                fact.name(),
                names.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MISSING, UNMET, text};
    use crate::policy::find_policy;
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn a_fact_that_fails_is_denied_and_one_not_given_is_taken_on_trust() {
        check(
            "cigna-0139",
            r#"
            facts 2025-02-03 {"pain_onset":"2025-01-06","injectate":["anesthetic","corticosteroid"]}
            facts 2025-02-10 {"pain_onset":"2025-01-14"}
            facts 2025-02-17 {"injectate":[]}
            facts 2025-02-24 {"pain_onset":null}
            2025-02-03 20552 pay
            2025-02-10 20552 deny documentation outcome=1
            2025-02-17 20552 deny documentation
            2025-02-24 20552 pay
            "#,
        );
    }

    #[test]
    fn a_plan_can_ask_for_what_is_not_given() {
        check_plan(
            "cigna-0139",
            r#"missing_documentation = "pend""#,
            "
            2025-02-03 20552 pend documentation outcome=0
            ",
        );
    }

    #[test]
    fn the_text_names_the_criterion_and_what_it_asks() {
        let policy = find_policy("cigna-0139", "".as_ref()).unwrap();
        let named = |name| {
            let mut criteria = policy.criteria.iter();
            criteria.find(|criterion| criterion.name == name)
        };
        assert_eq!(
            text(UNMET, named("persistent-pain")),
            "persistent-pain is not met by the clinical facts given; \
             required: pain_onset at least 28 days before the date of service"
        );
        assert_eq!(
            text(MISSING, named("relief-duration")),
            "relief-duration needs clinical facts that are not given; \
             required: prior_relief_percent above 50; prior_relief_days of at least 42"
        );
    }

    #[test]
    fn relief_is_measured_at_its_limits() {
        check(
            "cigna-0139",
            r#"
            facts 2025-02-03 {"phase":"therapeutic","prior_response":true,"active_treatment_program":true}
            facts 2025-04-07 {"phase":"therapeutic","prior_relief_percent":50.5,"prior_relief_days":42}
            facts 2025-06-09 {"phase":"therapeutic","prior_relief_percent":50,"prior_relief_days":42}
            2025-02-03 20552 pay
            2025-04-07 20552 pay
            2025-06-09 20552 deny documentation
            "#,
        );
    }

    #[test]
    fn a_session_at_another_site_is_an_initial_one() {
        check(
            "caresource-ar-passe-mm-1503",
            r#"
            facts 2026-05-11 {"same_site_as_prior":false,"pain_onset":"2026-02-10"}
            facts 2026-05-18 {"same_site_as_prior":true,"pain_onset":"2020-01-01"}
            facts 2026-05-25 {"prior_relief_percent":49}
            2026-05-04 20552 pay
            2026-05-11 20552 deny documentation
            2026-05-18 20552 pay
            2026-05-25 20552 deny documentation
            "#,
        );
    }
}
