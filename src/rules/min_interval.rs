//! `min-interval`: too soon.
//!
//! # What it denies
//!
//! A session nearer to another, before or after it, than the gap that the two owe: the
//! therapeutic gap if both are therapeutic, else the diagnostic one. Where a plan pays a late
//! claim's session, the sessions on both sides of its date count.
//!
//! # The policy's words
//!
//! Cigna 0139, Diagnostic/Stabilization Phase: "minimum intervals of one week". Therapeutic
//! Phase: "injection of the same muscle may be performed at a minimum interval of two months".
//!
//! # Example
//!
//! ```text
//! 2025-01-06  20552  pay
//! 2025-01-12  20552  deny CO 151 N357
//! 2025-01-13  20552  pay
//! ```
//!
//! # What it does not cover
//!
//! Denied and pended lines: only sessions owe an interval. Without phases the diagnostic gap
//! is owed between any two sessions.

use super::{Candidate, Detail, Reason};
use crate::policy::{Phase, RuleKind};
use crate::timeline::{Session, Span};

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    candidate.book.rule(RuleKind::MinInterval)?;
    let date = candidate.date;
    let near = |session: &&Session<'_>| {
        let gap = gap(candidate, session);
        // "minimum intervals of one week", so the seventh day is payable.
        date < gap.after(session.date) && session.date < gap.after(date)
    };
    let sessions = candidate.sessions;
    let before = sessions.before(date).iter().rev().find(near);
    let session = before.or_else(|| sessions.after(date).iter().find(near))?;
    let required = gap(candidate, session);
    let detail = Detail::Near {
        date,
        session: session.date,
        required,
    };
    Some(Reason::new(RuleKind::MinInterval, detail))
}

/// What must lie between the candidate and a session.
fn gap(candidate: &Candidate<'_>, session: &Session<'_>) -> Span {
    let limit = |key| candidate.book.limit(RuleKind::MinInterval, key);
    let days = Span::Days(limit("diagnostic_days").unwrap_or_default());
    let is_therapeutic = |phase| phase == Some(Phase::Therapeutic);
    let months = limit("therapeutic_months")
        .filter(|_| is_therapeutic(candidate.phase) && is_therapeutic(session.phase));
    match months {
        // "injection of the same muscle": other muscles owe the shorter gap.
        Some(_) if are_other_muscles(candidate.muscles(), session.muscles) => days,
        Some(months) => Span::Months(months),
        None => days,
    }
}

/// Whether both name muscles, and none in common.
fn are_other_muscles(mine: &[String], others: &[String]) -> bool {
    !mine.is_empty() && !others.is_empty() && !mine.iter().any(|muscle| others.contains(muscle))
}

pub(super) fn text(detail: &Detail) -> String {
    let Detail::Near {
        date,
        session,
        required,
    } = detail
    else {
        return "too near to another session".into();
    };
    let days = (*date - *session).num_days();
    let (days, side) = if days < 0 {
        (-days, "before")
    } else {
        (days, "after")
    };
    let required = match required {
        Span::Days(days) => format!("{days} days"),
        Span::Months(months) => format!("{months} months"),
    };
    format!("{days} days {side} the session of {session}; {required} are required")
}
