//! `rolling-limit`: too many sessions in a rolling window.
//!
//! # What it denies
//!
//! A session with which some window of months that holds its date would hold more sessions
//! than the limit: the window that ends on it, or one that ends on a later session.
//!
//! # The policy's words
//!
//! Cigna 0139: "More than ten (10) trigger point injections in total provided during a rolling 12
//! month period is considered not medically necessary."
//!
//! # Example
//!
//! ```text
//! ten sessions from 2025-01-06 on
//! 2026-01-05  20552  deny CO 50 N640
//! 2026-01-06  20552  pay (the window is open at its start)
//! ```
//!
//! # What it does not cover
//!
//! Injections of one date beyond the first: one date is one session.

use super::{Candidate, Detail, Filled, Reason, list};
use crate::policy::RuleKind;
use crate::timeline::Span;

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    let rule = candidate.book.rule(RuleKind::RollingLimit)?;
    let (limit, window) = (rule.limit("limit")?, Span::Months(rule.limit("months")?));
    let date = candidate.date;
    let later = candidate
        .sessions
        .after(date)
        .iter()
        .map(|session| session.date);
    let ends = std::iter::once(date).chain(later.take_while(|&end| window.before(end) < date));
    for end in ends {
        let start = window.before(end);
        let sessions = candidate.sessions.within(start, end);
        // "More than ten": the candidate is one more than the sessions.
        if sessions.len() + 1 > limit as usize {
            let filled = Filled {
                first: start.succ_opt().unwrap_or(start),
                last: end,
                sessions: sessions.iter().map(|session| session.date).collect(),
            };
            return Some(Reason::new(
                RuleKind::RollingLimit,
                Detail::Filled(Box::new(filled)),
            ));
        }
    }
    None
}

pub(super) fn text(detail: &Detail, limit: u32) -> String {
    let Detail::Filled(filled) = detail else {
        return format!("more than {limit} sessions in the window");
    };
    let Filled {
        first,
        last,
        sessions,
    } = &**filled;
    format!(
        "{} sessions from {first} to {last} already ({}); {limit} are the limit",
        sessions.len(),
        list(sessions)
    )
}
