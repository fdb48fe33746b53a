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
use crate::policy::RuleKind;

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    let limit = candidate
        .book
        .rule(RuleKind::CalendarLimit)?
        .limit("limit")?;
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
