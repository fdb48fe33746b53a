//! `calendar-limit`: too many sessions in a calendar year.
//!
//! # What it denies
//!
//! A session in a calendar year that holds the limit already, on either side of its date.
//!
//! # The policy's words
//!
//! CareSource MM-1503, D.II.A: "No more than 8 dates of service per calendar year per member may be
//! reimbursed."
//!
//! # Example
//!
//! ```text
//! eight sessions in 2026
//! 2026-12-31  20552  deny CO 119 N640
//! 2027-01-01  20552  pay
//! ```
//!
//! # What it does not cover
//!
//! Lines beyond the first of a date: one date is one session.

use super::{Candidate, Detail, Filled, Reason, list};
use crate::policy::{LimitKey, RuleKind};

const LIMIT: LimitKey = LimitKey::of(RuleKind::CalendarLimit, "limit");

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    candidate.book.rule(RuleKind::CalendarLimit)?;
    let limit = candidate.book.known_limit(LIMIT)?;
    if candidate.sessions.count() < limit as usize {
        return None;
    }
    let sessions = candidate.sessions.in_year_of(candidate.date);
    // "No more than 8 dates of service per calendar year"
    if sessions.len() < limit as usize {
        return None;
    }
    let filled = Filled {
        first: candidate.date,
        last: candidate.date,
        sessions: sessions.iter().map(|session| session.date).collect(),
    };
    Some(Reason::new(
        RuleKind::CalendarLimit,
        Detail::Filled(Box::new(filled)),
    ))
}

pub(super) fn text(detail: &Detail, limit: u32) -> String {
    let Detail::Filled(filled) = detail else {
        return format!("{limit} sessions in the calendar year already");
    };
    let year = filled.last.format("%Y");
    let sessions = &filled.sessions;
    format!(
        "{} sessions in {year} already ({}); {limit} are the limit",
        sessions.len(),
        list(sessions)
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn the_ninth_date_of_a_calendar_year_is_denied() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-04-01 20552 pay
            2026-05-01 20552 pay
            2026-06-01 20552 pay
            2026-07-01 20552 pay
            2026-08-01 20552 pay
            2026-09-01 20552 pay
            2026-10-01 20552 pay
            2026-11-01 20552 pay
            2026-12-31 20552 deny calendar-limit session=9
            2027-01-01 20552 pay session=1
            ",
        );
    }

    #[test]
    fn a_late_claim_counts_sessions_on_both_sides() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            earlier 2026-04-01 20552 pay
            earlier 2026-05-01 20552 pay
            earlier 2026-06-01 20552 pay
            earlier 2026-07-01 20552 pay
            earlier 2026-08-01 20552 pay
            earlier 2026-09-01 20552 pay
            earlier 2026-10-01 20552 pay
            earlier 2026-11-01 20552 pay
            2026-04-02 20552 deny calendar-limit
            ",
        );
    }

    #[test]
    fn an_override_lowers_the_limit() {
        check_plan(
            "caresource-ar-passe-mm-1503",
            r#"
[[plan.override]]
rule = "calendar-limit"
set = { limit = 1 }
citation = "Plan document, section 1"
"#,
            "
            2026-05-04 20552 pay
            2026-05-05 20552 deny calendar-limit
            ",
        );
    }
}
