//! The clinical criteria of a policy file.

use std::fmt;

use super::kind::Basis;
use super::load::clause_of;
use super::model::{AskedOf, Condition, Criterion, Fact};
use super::section::{Section, unknown};

/// The sessions that a criterion can be asked of, by key.
const ASKED_OF: [(&str, AskedOf); 7] = [
    ("every", AskedOf::Every),
    ("diagnostic", AskedOf::Diagnostic),
    ("therapeutic", AskedOf::Therapeutic),
    ("first-therapeutic", AskedOf::FirstTherapeutic),
    ("later-therapeutic", AskedOf::LaterTherapeutic),
    ("initial", AskedOf::Initial),
    ("subsequent", AskedOf::Subsequent),
];

/// What a fact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Date,
    Names,
    Number,
    Answer,
}

/// The facts that a condition can ask for, by key.
const FACTS: [(&str, Fact, Shape); 12] = [
    ("pain_onset", Fact::PainOnset, Shape::Date),
    (
        "conservative_therapies",
        Fact::ConservativeTherapies,
        Shape::Names,
    ),
    (
        "conservative_therapy_days",
        Fact::ConservativeTherapyDays,
        Shape::Number,
    ),
    ("management_plan", Fact::ManagementPlan, Shape::Names),
    ("pharmacotherapies", Fact::Pharmacotherapies, Shape::Names),
    ("records", Fact::Records, Shape::Names),
    ("injectate", Fact::Injectate, Shape::Names),
    ("prior_response", Fact::PriorResponse, Shape::Answer),
    (
        "prior_relief_percent",
        Fact::PriorReliefPercent,
        Shape::Number,
    ),
    ("prior_relief_days", Fact::PriorReliefDays, Shape::Number),
    (
        "active_treatment_program",
        Fact::ActiveTreatmentProgram,
        Shape::Answer,
    ),
    ("same_site_as_prior", Fact::SameSiteAsPrior, Shape::Answer),
];

impl fmt::Display for AskedOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = ASKED_OF.iter().find(|(_, asked_of)| asked_of == self);
        f.write_str(known.map_or("", |(name, _)| name))
    }
}

impl Fact {
    /// Its name in facts files and policy files.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = FACTS.iter().find(|(_, fact, _)| *fact == self);
        known.map_or("", |(name, _, _)| name)
    }
}

pub(super) fn criteria(section: &Section<'_, '_>, document: &str) -> Vec<Criterion> {
    let tables = section.tables("criterion", "[[criterion]]");
    let criteria = tables.iter();
    criteria
        .filter_map(|section| criterion(section, document))
        .collect()
}

/// The criteria that are asked of each kind of session, as bits.
pub(super) fn asked(criteria: &[Criterion]) -> [u32; AskedOf::ALL.len()] {
    AskedOf::ALL.map(|of| {
        let places = (0..u32::BITS).zip(criteria);
        let asked = places.filter(|(_, criterion)| criterion.asked_of == of);
        asked.fold(0, |bits, (place, _)| bits | 1 << place)
    })
}

fn criterion(section: &Section<'_, '_>, document: &str) -> Option<Criterion> {
    let name = section.required("name", section.string("name"));
    let asked_of = section.required("asked_of", section.string("asked_of"));
    let asked_of = asked_of.and_then(|(name, offset)| {
        let known = ASKED_OF.iter().find(|(known, _)| *known == name);
        if known.is_none() {
            let names: Vec<&str> = ASKED_OF.iter().map(|(name, _)| *name).collect();
            section.fault(
                offset,
                unknown("value", name, "`asked_of` of [[criterion]]", &names),
            );
        }
        known.map(|(_, asked_of)| *asked_of)
    });
    let clause = section.required("clause", section.table("clause"));
    let clause = clause.and_then(|clause| clause_of(&clause, Some(Basis::Policy), document));
    let list = section.required("conditions", section.list("conditions"));
    let (list, place) = list.unwrap_or_default();
    if list.is_empty() && section.has("conditions") {
        section.fault(place, "[[criterion]] needs a condition");
    }
    let conditions = list
        .into_iter()
        .filter_map(|value| condition(&section.element(value, "a condition")?))
        .collect();
    section.finish();
    Some(Criterion {
        name: name?.0.to_owned(),
        asked_of: asked_of?,
        clause: clause?,
        conditions,
    })
}

fn condition(section: &Section<'_, '_>) -> Option<Condition> {
    let name = section.required("fact", section.string("fact"));
    let fact = name.and_then(|(name, offset)| {
        let known = FACTS.iter().find(|(known, ..)| *known == name);
        if known.is_none() {
            let names: Vec<&str> = FACTS.iter().map(|(name, ..)| *name).collect();
            section.fault(offset, unknown("fact", name, "a condition", &names));
        }
        known
    });
    let days_before = section.count("days_before");
    let within_months = section.count("within_months");
    let above = section.count("above");
    let at_least = section.count("at_least");
    let is = section.boolean("is");
    let any_of = section.strings("any_of");
    let all_of = section.strings("all_of");
    let only = section.strings("only");
    section.finish();
    let (_, fact, shape) = *fact?;
    let mut found: Vec<Condition> = Vec::new();
    match shape {
        Shape::Date => {
            found.extend(days_before.map(|(days, _)| Condition::DaysBefore(fact, days)));
            found.extend(within_months.map(|(months, _)| Condition::WithinMonths(fact, months)));
        }
        Shape::Number => {
            found.extend(above.map(|(value, _)| Condition::Above(fact, value)));
            found.extend(at_least.map(|(value, _)| Condition::AtLeast(fact, value)));
        }
        Shape::Answer => found.extend(is.map(|(value, _)| Condition::Is(fact, value))),
        Shape::Names => {
            found.extend(any_of.map(|(names, _)| Condition::AnyOf(fact, names)));
            found.extend(all_of.map(|(names, _)| Condition::AllOf(fact, names)));
            found.extend(only.map(|(names, _)| Condition::OnlyOf(fact, names)));
        }
    }
    if found.len() != 1 {
        let expected = match shape {
            Shape::Date => "`days_before` or `within_months`",
            Shape::Number => "`above` or `at_least`",
            Shape::Answer => "`is`",
            Shape::Names => "`any_of`, `all_of` or `only`",
        };
        section.fault(
            section.offset,
            format!("a condition on this fact needs one of {expected}"),
        );
    }
    found.pop()
}
