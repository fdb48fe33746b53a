//! `phase-limit`: too many sessions of a phase.
//!
//! # What it denies
//!
//! A therapeutic session whose course holds the limit of therapeutic ones already. A claim
//! does not say which muscle was treated, so it pends for records; where muscles are known on
//! the date and on every therapeutic session of the course, those that share one count, and
//! it is denied. A session that the record calls diagnostic is denied when its course holds
//! the limit of diagnostic ones.
//!
//! # The policy's words
//!
//! Cigna 0139: "A maximum of four injection sessions for diagnosis and stabilization". "A maximum
//! of six treatment sessions for injection of the same muscle".
//!
//! # Example
//!
//! ```text
//! four diagnostic and six therapeutic sessions before it
//! 2026-09-08  20553  pend R4:294
//! 2026-09-08  20553  deny CO 151 N640, with the same muscle on record throughout
//! ```
//!
//! # What it does not cover
//!
//! Inferring phases: that is done whether this rule is enabled or not.

use super::{Candidate, Detail, Filled, Reason, list};
use crate::policy::{LimitKey, Phase, RuleKind};
use crate::timeline::Session;

const DIAGNOSTIC: LimitKey = LimitKey::of(RuleKind::PhaseLimit, "diagnostic");
const THERAPEUTIC: LimitKey = LimitKey::of(RuleKind::PhaseLimit, "therapeutic");

const PEND: u8 = 0;
const DENY: u8 = 1;

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    candidate.book.rule(RuleKind::PhaseLimit)?;
    match candidate.phase? {
        Phase::Diagnostic => {
            // Inferred phases never get further: they turn therapeutic at the limit.
            let recorded = candidate.facts.and_then(|facts| facts.phase);
            if recorded != Some(Phase::Diagnostic) {
                return None;
            }
            let of_phase = |session: &&Session<'_>| session.phase == Some(Phase::Diagnostic);
            let sessions: Vec<_> = candidate.course.iter().filter(of_phase).collect();
            let is_full = sessions.len() >= candidate.book.known_limit(DIAGNOSTIC)? as usize;
            is_full.then(|| reason(DENY, candidate, &sessions))
        }
        Phase::Therapeutic => {
            let limit = candidate.book.known_limit(THERAPEUTIC)? as usize;
            if candidate.therapeutic_course().count() < limit {
                return None;
            }
            let muscles = candidate.muscles();
            let mut sessions: Vec<_> = candidate.therapeutic_course().collect();
            let are_known =
                !muscles.is_empty() && sessions.iter().all(|session| !session.muscles.is_empty());
            if are_known {
                // "six treatment sessions for injection of the same muscle"
                sessions.retain(|session| {
                    muscles
                        .iter()
                        .any(|muscle| session.muscles.contains(muscle))
                });
            }
            let is_full = sessions.len() >= limit;
            is_full.then(|| reason(if are_known { DENY } else { PEND }, candidate, &sessions))
        }
    }
}

fn reason(outcome: u8, candidate: &Candidate<'_>, sessions: &[&Session<'_>]) -> Reason {
    let filled = Filled {
        first: sessions
            .first()
            .map_or(candidate.date, |session| session.date),
        last: candidate.date,
        sessions: sessions.iter().map(|session| session.date).collect(),
    };
    Reason::with_outcome(
        RuleKind::PhaseLimit,
        outcome,
        Detail::Filled(Box::new(filled)),
    )
}

pub(super) fn text(detail: &Detail, outcome: u8) -> String {
    let sessions = match detail {
        Detail::Filled(filled) => &filled.sessions[..],
        _ => &[],
    };
    let what = if outcome == DENY {
        "as many as the phase may have"
    } else {
        "as many as one muscle may have in the phase; records must show the muscle"
    };
    format!(
        "{} sessions of the phase in this course already ({}): {what}",
        sessions.len(),
        list(sessions)
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn the_seventh_therapeutic_session_pends_for_records() {
        check(
            "cigna-0139",
            "
            2025-06-02 20552 pay
            2025-06-09 20552 pay
            2025-06-16 20552 pay
            2025-06-23 20552 pay
            2025-08-25 20552 pay
            2025-10-27 20552 pay
            2025-12-29 20552 pay
            2026-03-02 20552 pay
            2026-05-04 20552 pay
            2026-07-06 20552 pay
            2026-09-08 20552 pend phase-limit outcome=0 session=11 phase=therapeutic
            ",
        );
    }

    #[test]
    fn the_same_muscle_throughout_is_denied_and_another_is_paid() {
        check(
            "cigna-0139",
            r#"
            facts 2025-08-25 {"muscles":["trapezius"]}
            facts 2025-10-27 {"muscles":["trapezius"]}
            facts 2025-12-29 {"muscles":["trapezius"]}
            facts 2026-03-02 {"muscles":["trapezius"]}
            facts 2026-05-04 {"muscles":["trapezius"]}
            facts 2026-07-06 {"muscles":["trapezius"]}
            facts 2026-09-08 {"muscles":["trapezius"]}
            facts 2026-09-15 {"muscles":["levator scapulae"]}
            2025-06-02 20552 pay
            2025-06-09 20552 pay
            2025-06-16 20552 pay
            2025-06-23 20552 pay
            2025-08-25 20552 pay
            2025-10-27 20552 pay
            2025-12-29 20552 pay
            2026-03-02 20552 pay
            2026-05-04 20552 pay
            2026-07-06 20552 pay
            2026-09-08 20552 deny phase-limit outcome=1
            2026-09-15 20552 pay
            "#,
        );
    }

    #[test]
    fn a_fifth_session_that_the_record_calls_diagnostic_is_denied() {
        check(
            "cigna-0139",
            r#"
            facts 2025-06-30 {"phase":"diagnostic"}
            2025-06-02 20552 pay
            2025-06-09 20552 pay
            2025-06-16 20552 pay
            2025-06-23 20552 pay
            2025-06-30 20552 deny phase-limit outcome=1 phase=diagnostic
            "#,
        );
    }

    #[test]
    fn after_more_than_twelve_months_a_new_course_begins() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay session=1
            2026-01-06 20552 pay session=2
            2027-01-07 20552 pay session=1
            ",
        );
    }

    #[test]
    fn switched_off_it_still_infers_phases() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "phase-limit"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-06-02 20552 pay
            2025-06-09 20552 pay
            2025-06-16 20552 pay
            2025-06-23 20552 pay
            2025-08-25 20552 pay
            2025-10-27 20552 pay
            2025-12-29 20552 pay
            2026-03-02 20552 pay
            2026-05-04 20552 pay
            2026-07-06 20552 pay
            2026-09-08 20552 pay phase=therapeutic
            ",
        );
    }
}
