//! When each limit of a timeline frees up: the first date on which it would not stop a
//! session.

use chrono::{Days, NaiveDate};

use crate::policy::{Plan, RuleKind};
use crate::rules::{self, Candidate, LIMITS};
use crate::timeline::Sessions;

/// How many days ahead are looked at: longer than any course or window of a limit.
const DAYS_AHEAD: u64 = 5 * 366;

/// The first date from `from` on, that is no session yet, on which no limit would stop a
/// session, as far as the sessions known go; `None`: not within five years.
#[must_use]
pub fn first_payable(plan: &Plan, sessions: &Sessions<'_>, from: NaiveDate) -> Option<NaiveDate> {
    dates_from(from).find(|date| {
        let is_stopped = |limit: RuleKind| is_stopped(plan, sessions, *date, limit);
        sessions.on(*date).is_none() && !LIMITS.into_iter().any(is_stopped)
    })
}

fn dates_from(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..DAYS_AHEAD).filter_map(move |days| from.checked_add_days(Days::new(days)))
}

/// A limit, and when it frees up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreesUp {
    /// The limit's rule.
    pub rule: RuleKind,
    /// The first date on which it does not stop a session; `None`: not within five years.
    pub date: Option<NaiveDate>,
}

/// For each limit of a plan, the first date from `from` on, that is no session yet, on which
/// the limit would not stop a session, as far as the sessions known go.
#[must_use]
pub fn frees_up(plan: &Plan, sessions: &Sessions<'_>, from: NaiveDate) -> Vec<FreesUp> {
    let (_, book) = plan.book_on(Some(from));
    let enabled = LIMITS
        .into_iter()
        .filter(|limit| book.rule(*limit).is_some());
    enabled
        .map(|rule| FreesUp {
            rule,
            date: dates_from(from).find(|date| {
                sessions.on(*date).is_none() && !is_stopped(plan, sessions, *date, rule)
            }),
        })
        .collect()
}

fn is_stopped(plan: &Plan, sessions: &Sessions<'_>, date: NaiveDate, limit: RuleKind) -> bool {
    let course = sessions.course_of(date, plan.policy.course_months);
    let (_, book) = plan.book_on(Some(date));
    let candidate = Candidate {
        date,
        sessions,
        course,
        phase: plan.inferred_phase(date, course.len()),
        facts: None,
        plan,
        book,
    };
    rules::judge_limit(limit, &candidate).is_some()
}
