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
use crate::claim::IsoDate;
use crate::policy::{LimitKey, RuleKind};
use crate::timeline::Span;

const LIMIT: LimitKey = LimitKey::of(RuleKind::RollingLimit, "limit");
const MONTHS: LimitKey = LimitKey::of(RuleKind::RollingLimit, "months");

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    candidate.book.rule(RuleKind::RollingLimit)?;
    let limit = candidate.book.known_limit(LIMIT)?;
    if candidate.sessions.count() < limit as usize {
        return None;
    }
    let window = Span::Months(candidate.book.known_limit(MONTHS)?);
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
    let (first, last) = (IsoDate(*first), IsoDate(*last));
    format!(
        "{} sessions from {first} to {last} already ({}); {limit} are the limit",
        sessions.len(),
        list(sessions)
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check_plan;

    #[test]
    fn the_eleventh_session_in_twelve_months_is_denied() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "min-interval"
set = { enabled = false }
citation = "Plan document, section 1"

[[plan.override]]
rule = "phase-limit"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay
            2025-01-13 20552 pay
            2025-01-20 20552 pay
            2025-01-27 20552 pay
            2025-02-03 20552 pay
            2025-02-10 20552 pay
            2025-02-17 20552 pay
            2025-02-24 20552 pay
            2025-03-03 20552 pay
            2025-03-10 20552 pay
            2026-01-05 20552 deny rolling-limit
            2026-01-06 20552 pay
            ",
        );
    }

    #[test]
    fn a_late_claim_counts_in_windows_that_end_after_it() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "min-interval"
set = { enabled = false }
citation = "Plan document, section 1"

[[plan.override]]
rule = "phase-limit"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            earlier 2025-01-06 20552 pay
            earlier 2025-01-13 20552 pay
            earlier 2025-01-20 20552 pay
            earlier 2025-01-27 20552 pay
            earlier 2025-02-03 20552 pay
            earlier 2025-02-10 20552 pay
            earlier 2025-02-17 20552 pay
            earlier 2025-02-24 20552 pay
            earlier 2025-03-03 20552 pay
            earlier 2025-03-10 20552 pay
            2024-12-30 20552 deny rolling-limit
            2024-11-01 20552 deny rolling-limit
            ",
        );
    }

    #[test]
    fn an_override_moves_the_window() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "min-interval"
set = { enabled = false }
citation = "Plan document, section 1"

[[plan.override]]
rule = "phase-limit"
set = { enabled = false }
citation = "Plan document, section 1"

[[plan.override]]
rule = "rolling-limit"
set = { limit = 1, months = 1 }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay
            2025-02-05 20552 deny rolling-limit
            2025-02-06 20552 pay
            ",
        );
    }
}
