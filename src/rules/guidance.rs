//! `guidance`: imaging for an injection that needs none.
//!
//! # What it denies
//!
//! Guidance on a date on which a line of the limited service of the same billing or the same
//! rendering provider stands, paid or not. It pends instead where all such lines are of other
//! providers, where its own claim bills another procedure that may be guided that day, and
//! for codes that the policy reviews.
//!
//! # The policy's words
//!
//! Cigna 0139: "Ultrasound guidance (CPT code 76942) for trigger point injections is not covered
//! or reimbursable." CareSource MM-1503, D.I.B: "Localization techniques to image or otherwise
//! identify trigger point anatomic locations are not indicated and will not be covered for
//! payment when associated with trigger point injection procedures."
//!
//! # Example
//!
//! ```text
//! 2026-01-05  20552  pay
//! 2026-01-05  76942  deny CO 96 N20
//! 2026-01-05  76942  pend R4:294, of other providers
//! ```
//!
//! # What it does not cover
//!
//! Guidance on a date without an injection: it is paid, as far as the policy goes.

use super::{Detail, Hanging, Reason};
use crate::claim::IsoDate;
use crate::policy::{Role, RuleKind, Words};

const SESSION: u8 = 0;
const NO_SESSION: u8 = 1;
const UNCLEAR: u8 = 2;

pub(super) fn judge(hanging: &Hanging<'_>) -> Option<Reason> {
    let role = hanging.cx.service.role?;
    if !role.is_guidance() || hanging.standing.is_empty() {
        return None;
    }
    let (line, date) = (hanging.identity, hanging.identity.date);
    let is_own = hanging.standing.iter().any(|other| {
        other
            .line
            .shares_provider(line.billing_provider, line.rendering_provider)
    });
    let may_guide_another = hanging.cx.service.beside_other_guided;
    let outcome = match hanging.session {
        _ if role == Role::ReviewedGuidance || !is_own || may_guide_another => UNCLEAR,
        Some(_) => SESSION,
        None => NO_SESSION,
    };
    Some(Reason::with_outcome(
        RuleKind::Guidance,
        outcome,
        Detail::Date(date),
    ))
}

pub(super) fn text(detail: &Detail, outcome: u8, service: &Words) -> String {
    let one = &service.one;
    let date = match detail {
        Detail::Date(date) => IsoDate(*date).to_string(),
        _ => "the date".into(),
    };
    match outcome {
        SESSION => format!("guidance is not paid beside the {one} of {date}"),
        NO_SESSION => {
            format!("guidance is not paid beside the {one} of {date}, which is not paid itself")
        }
        _ => format!(
            "{} stands on {date}; records must show what was guided",
            service.any()
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn guidance_beside_an_injection_is_denied_whatever_becomes_of_that() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay
            2025-01-06 76942 deny guidance outcome=0
            2025-01-08 20552 deny min-interval
            2025-01-08 76942 deny guidance outcome=1
            2025-01-09 76942 pay
            2025-01-10 20552 pend diagnosis-not-listed dx=I10
            2025-01-10 76942 deny guidance outcome=1
            ",
        );
    }

    #[test]
    fn guidance_of_others_or_beside_another_procedure_pends() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay
            2025-01-06 76942 pend guidance outcome=2 billing=2 rendering=2
            2025-01-06 76942-59 deny guidance outcome=0 billing=2
            2025-01-06 76942-XS pend guidance outcome=2 beside=guided
            ",
        );
    }

    #[test]
    fn reviewed_guidance_pends() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 20552 pay
            2026-05-04 76881 pend guidance outcome=2
            2026-05-05 76881 pay
            ",
        );
    }

    #[test]
    fn an_injection_of_an_earlier_run_stands_until_it_is_taken_back() {
        check(
            "cigna-0139",
            "
            earlier 2025-01-06 20552 deny
            2025-01-06 76942 deny guidance outcome=1
            ",
        );
    }
}
