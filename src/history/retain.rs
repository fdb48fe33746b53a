//! What a history must keep: a purge takes nothing that a limit's window still needs.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};

use super::phases::{SessionDates, sessions_on};
use super::{History, HistoryError, Purged};
use crate::policy::{Book, Members, Plan, Plans, RuleKind};
use crate::timeline::Span;

/// Why a purge is refused.
#[derive(Debug)]
pub enum NotYet {
    /// A plan of the history is not among the plans: its windows are not known.
    UnknownPlan(String),
    /// A limit's window needs what is on or after this date.
    Needed {
        /// The plan.
        plan: String,
        /// The limit, or the course of sessions.
        what: &'static str,
        /// The first date that is needed.
        from: NaiveDate,
    },
    /// The history cannot be used.
    History(HistoryError),
}

impl fmt::Display for NotYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPlan(plan) => write!(
                f,
                "the history has claims of plan {plan}, which is not among the plans; name its plans file with --plans"
            ),
            Self::Needed { plan, what, from } => write!(
                f,
                "{what} of plan {plan} still needs what was performed on or after {from}; name that date or an earlier one"
            ),
            Self::History(error) => error.fmt(f),
        }
    }
}

/// Removes what was performed before a date; sessions of courses that go on are kept.
///
/// The newest billing date of the history stands for today, or its newest session where that
/// is later.
///
/// # Errors
///
/// A date within the window of a limit; a plan that is not among the plans; a history that
/// cannot be written.
pub fn purge(
    history: &mut dyn History,
    plans: &Plans,
    members: &Members,
    before: NaiveDate,
) -> Result<Purged, NotYet> {
    let runs = history.runs().map_err(NotYet::History)?;
    let runs = runs.iter().filter(|run| run.forgotten_at.is_none());
    let billed = runs.filter_map(|run| run.billing_date).max();
    let (newest, crossed) = sessions(history, members).map_err(NotYet::History)?;
    let today = billed.max(newest);
    let names = history.plans().map_err(NotYet::History)?;
    for name in names {
        let plan = plans.index_of(&name).map(|index| plans.get(index));
        let plan = plan.ok_or(NotYet::UnknownPlan(name))?;
        let windows = today.map(|today| windows(plan, today)).unwrap_or_default();
        for (what, from) in windows {
            if before > from {
                let plan = plan.id.clone();
                return Err(NotYet::Needed { plan, what, from });
            }
        }
    }
    let mut needed_from = |plan: &str, member: &str, dates: &[NaiveDate]| {
        // A member whose key changed has one course over all keys.
        let crossed = crossed.get(&(plan.to_owned(), members.newest(member).to_owned()));
        let dates = crossed.map_or(dates, Vec::as_slice);
        let plan = plans.index_of(plan).map(|index| plans.get(index));
        let (plan, today) = plan.zip(today)?;
        course_start(plan, dates, today)
    };
    history
        .purge(before, &mut needed_from)
        .map_err(NotYet::History)
}

/// The newest session, and the sessions of members whose key changed, by plan and newest key.
fn sessions(
    history: &mut dyn History,
    members: &Members,
) -> Result<(Option<NaiveDate>, SessionDates), HistoryError> {
    let (mut newest, mut crossed) = (None, SessionDates::new());
    history.sessions(&mut |session| {
        let date = session.service_date.parse().ok();
        newest = newest.max(date);
        let key = members.newest(&session.member);
        if key != session.member || members.older(key).next().is_some() {
            let dates = crossed.entry((session.plan.clone(), key.to_owned()));
            dates.or_default().extend(date);
        }
        Ok(())
    })?;
    Ok((newest, crossed))
}

/// Since when each limit's window needs what was performed, for a session of today.
fn windows(plan: &Plan, today: NaiveDate) -> Vec<(&'static str, NaiveDate)> {
    let (_, book) = plan.book_on(Some(today));
    let since = |months| Span::Months(months).before(today);
    let mut windows = vec![("the course of sessions", since(plan.policy.course_months))];
    // A limit that is monitored looks back as one that is enforced does.
    for book in std::iter::once(book).chain(book.monitors()) {
        windows.extend(windows_of(book, today));
    }
    windows
}

fn windows_of(book: &Book, today: NaiveDate) -> Vec<(&'static str, NaiveDate)> {
    let since = |months| Span::Months(months).before(today);
    let mut windows = Vec::new();
    if book.rule(RuleKind::RollingLimit).is_some() {
        let months = book.limit(RuleKind::RollingLimit, "months");
        windows.push((
            RuleKind::RollingLimit.name(),
            since(months.unwrap_or_default()),
        ));
    }
    if book.rule(RuleKind::CalendarLimit).is_some() {
        let new_year = NaiveDate::from_ymd_opt(today.year(), 1, 1);
        windows.push((RuleKind::CalendarLimit.name(), new_year.unwrap_or(today)));
    }
    if book.rule(RuleKind::MinInterval).is_some() {
        let months = book.limit(RuleKind::MinInterval, "therapeutic_months");
        windows.push((
            RuleKind::MinInterval.name(),
            since(months.unwrap_or_default()),
        ));
    }
    windows
}

/// When the course began that a session of tomorrow would go on with, if any.
fn course_start(plan: &Plan, dates: &[NaiveDate], today: NaiveDate) -> Option<NaiveDate> {
    let tomorrow = today.checked_add_days(Days::new(1))?;
    let sessions = sessions_on(dates);
    let course = sessions.course_of(tomorrow, plan.policy.course_months);
    course.first().map(|session| session.date)
}
