//! `diagnosis-not-listed`: an injection for something else.
//!
//! # What it denies
//!
//! A line of the limited service that points at diagnoses, none of which the policy's list
//! has. It pends, or is denied where the plan says so.
//!
//! # The policy's words
//!
//! Cigna 0139: "subacute or chronic back pain, neck pain, or myofascial pain syndrome".
//! CareSource MM-1503, D.I.A: "back pain, neck pain, or myofascial pain syndrome". Neither
//! lists codes: the lists are this project's.
//!
//! # Example
//!
//! ```text
//! points at M7918        pay
//! points at I10          pend P2:255, or deny CO 167 N569
//! points at I10 and M542 pay
//! ```
//!
//! # What it does not cover
//!
//! Guidance and office visits: they follow the injection.

use super::{Detail, Reason, ServiceContext};
use crate::policy::{DiagnosisNotListed, RuleKind};

pub(super) fn judge(cx: &ServiceContext<'_>) -> Option<Reason> {
    if !cx.is_session() {
        return None;
    }
    let mut codes = cx.batch.diagnoses_of(cx.service).flatten().peekable();
    codes.peek()?;
    let listed = &cx.plan.policy.codes.diagnoses;
    if codes.any(|code| listed.iter().any(|pattern| matches(pattern, code))) {
        return None;
    }
    let outcome = match cx.plan.diagnosis_not_listed {
        DiagnosisNotListed::Pend => 0,
        DiagnosisNotListed::Deny => 1,
    };
    Some(Reason::with_outcome(
        RuleKind::DiagnosisNotListed,
        outcome,
        Detail::None,
    ))
}

/// A trailing `*` stands for any code that begins so.
fn matches(pattern: &str, code: &[u8]) -> bool {
    let (start, is_open) = match pattern.as_bytes() {
        [start @ .., b'*'] => (start, true),
        whole => (whole, false),
    };
    // Codes are short, and most differ early: comparing here is faster than a call.
    let is_long_enough = code.len() == start.len() || (is_open && code.len() > start.len());
    is_long_enough && start.iter().zip(code).all(|(one, other)| one == other)
}

pub(super) fn text() -> &'static str {
    "none of the diagnoses that the line points at is listed for the service"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn one_listed_diagnosis_is_enough() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay dx=I10,M542 ptr=1:2
            2025-02-06 20552 pend diagnosis-not-listed dx=I10 outcome=0
            2025-03-06 20552 pend diagnosis-not-listed dx=M5481
            2025-04-06 20552 pay dx=M7918
            2025-06-06 20552 pend diagnosis-not-listed dx=M54
            ",
        );
    }

    #[test]
    fn strains_are_listed_by_caresource_alone() {
        check_plan(
            "caresource-ar-passe-mm-1503",
            r#"diagnosis_not_listed = "deny""#,
            "
            2026-05-04 20552 pay dx=S161XXA
            2026-05-11 20552 deny diagnosis-not-listed dx=I10 outcome=1
            ",
        );
    }
}
