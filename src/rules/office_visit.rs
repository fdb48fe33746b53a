//! `office-visit`: a visit that the injection includes.
//!
//! # What it denies
//!
//! An office visit without modifier 25 on the date of a session whose paid line has the same
//! billing or the same rendering provider. Where an injection of these providers pends, the
//! visit pends with it.
//!
//! # The policy's words
//!
//! CareSource MM-1503, D.IV.C: "No additional payment will be made for an office visit on the same
//! date of service unless there is an indication on the claim (eg, in the form of a modifier".
//!
//! # Example
//!
//! ```text
//! 2026-04-06  20552     pay
//! 2026-04-06  99213     deny CO 97 M144
//! 2026-04-06  99213 25  pay
//! ```
//!
//! # What it does not cover
//!
//! Visits to others, and visits beside an injection that is denied.

use super::{Billed, Detail, Hanging, Reason};
use crate::claim::IsoDate;
use crate::policy::{Decision, Role, RuleKind, Words};

const SESSION: u8 = 0;
const PENDED: u8 = 1;

/// A separate evaluation and management service.
const SEPARATE_SERVICE: &[u8] = b"25";

pub(super) fn judge(hanging: &Hanging<'_>) -> Option<Reason> {
    let cx = &hanging.cx;
    if cx.service.role != Some(Role::OfficeVisit) || hanging.standing.is_empty() {
        return None;
    }
    let mut modifiers = cx.batch.modifiers_of(cx.line);
    if modifiers.any(|modifier| modifier == SEPARATE_SERVICE) {
        return None;
    }
    let line = hanging.identity;
    let mut own = hanging.standing.iter().filter(|other| {
        other
            .line
            .shares_provider(line.billing_provider, line.rendering_provider)
    });
    // "No additional payment will be made for an office visit on the same date of service": a
    // plan without `same-day-bundle` may pay several lines of one session.
    let outcome = if own.clone().any(Billed::is_paid) {
        SESSION
    } else if own.any(|other| other.decision == Decision::Pend) {
        PENDED
    } else {
        return None;
    };
    Some(Reason::with_outcome(
        RuleKind::OfficeVisit,
        outcome,
        Detail::Date(line.date),
    ))
}

pub(super) fn text(detail: &Detail, outcome: u8, service: &Words) -> String {
    let one = &service.one;
    let date = match detail {
        Detail::Date(date) => IsoDate(*date).to_string(),
        _ => "the date".into(),
    };
    if outcome == SESSION {
        format!("the visit is part of the {one} of {date}; modifier 25 marks a separate service")
    } else {
        format!("the {one} of {date} waits for a person, and the visit with it")
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn a_visit_without_modifier_25_is_part_of_the_session() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 20552 pay
            2026-05-04 99213 deny office-visit outcome=0
            2026-05-04 99214-25 pay
            2026-05-04 99215 pay billing=2 rendering=2
            2026-05-05 99213 pay
            ",
        );
    }

    #[test]
    fn a_visit_waits_with_an_injection_of_its_provider() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 20552 pend diagnosis-not-listed dx=I10
            2026-05-04 99213 pend office-visit outcome=1
            2026-05-06 20552 deny units-invalid units=0
            2026-05-06 99213 pay
            ",
        );
    }

    #[test]
    fn where_a_plan_pays_several_lines_of_a_session_each_includes_its_visit() {
        check_plan(
            "caresource-ar-passe-mm-1503",
            r#"
[[plan.override]]
rule = "same-day-bundle"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2026-05-04 20553 pay billing=2 rendering=2
            2026-05-04 20552 pay
            2026-05-04 99213 deny office-visit outcome=0
            2026-05-04 99214 pay billing=3 rendering=3
            ",
        );
    }

    #[test]
    fn beside_anothers_session_a_visit_waits_for_its_own_provider() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 20552 pay billing=2 rendering=2
            2026-05-04 20552 pend diagnosis-not-listed dx=I10
            2026-05-04 99213 pend office-visit outcome=1
            ",
        );
    }
}
