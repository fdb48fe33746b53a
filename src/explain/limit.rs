//! What a reason says of dates: the sessions behind it, the window, when a session is payable.

use chrono::{Datelike, Days, NaiveDate};

use super::line::{Decided, Line, Reason, Standing};
use crate::history::{FreesUp, first_payable, frees_up};
use crate::policy::{Phase, Plan, RuleKind};
use crate::rules::{LIMITS, Stated, stated};
use crate::timeline::{Session, Sessions, Span, Symbol};

/// A stretch of the calendar that a limit looks at. Both its days belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// What kind of stretch it is.
    pub kind: WindowKind,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
}

/// The kinds of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WindowKind {
    /// So many months, as `rolling-limit` counts them.
    Rolling,
    /// A calendar year.
    Year,
    /// From the first session counted of a course to the date of service.
    Course,
    /// The interval that a session owes: from it to the last day that is too near.
    Interval,
}

/// A session that a reason names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<'a> {
    /// Its date.
    pub date: NaiveDate,
    /// The line that makes it one, or did.
    pub line: Option<&'a Line>,
}

/// The first date on which a line would have been payable, as far as limits go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// With the sessions before its date, and those that its reasons name; `None`: not within
    /// five years.
    pub then: Option<NaiveDate>,
    /// With all sessions that are known now.
    pub now: Option<NaiveDate>,
    /// For each limit of its reasons by itself, as `then`.
    pub by_limit: Vec<FreesUp>,
}

impl WindowKind {
    /// What it is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rolling => "rolling window",
            Self::Year => "calendar year",
            Self::Course => "course of sessions",
            Self::Interval => "interval owed",
        }
    }
}

impl Window {
    /// Its name with its length.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            WindowKind::Rolling => format!("{}-month window", self.months()),
            WindowKind::Year => format!("calendar year {}", self.first.year()),
            WindowKind::Course | WindowKind::Interval => self.kind.as_str().into(),
        }
    }

    /// How many months it is long, to the nearest.
    fn months(&self) -> i64 {
        let days = self.last.signed_duration_since(self.first).num_days() + 1;
        // 365 days are 12 months, 30 or 31 are one.
        (days * 12 + 183) / 366
    }
}

/// The sessions that a reason of a line names, with the lines behind them; of a duplicate
/// the line paid.
#[must_use]
pub fn counted<'a>(decided: &Decided, reason: &Reason, lines: &'a [Line]) -> Vec<Counted<'a>> {
    let is_itself =
        |line: &Line| line.decided.claim == decided.claim && line.decided.line == decided.line;
    if matches!(
        reason.rule,
        RuleKind::DuplicateLine | RuleKind::SuspectDuplicate
    ) {
        let mut lines = lines.iter();
        let line = lines.find(|line| line.standing.pays() && line.decided.bills_like(decided));
        let date = decided.service_date;
        return date
            .filter(|_| line.is_some())
            .map(|date| Counted { date, line })
            .into_iter()
            .collect();
    }
    let Stated { sessions, .. } = stated(reason.rule, &reason.text);
    let behind = |date: NaiveDate| {
        let on_date = lines.iter().filter(move |line| {
            line.is_session_line && line.decided.service_date == Some(date) && !is_itself(line)
        });
        on_date.min_by_key(|line| rank(line.standing))
    };
    let counted = sessions.into_iter().map(|date| Counted {
        date,
        line: behind(date),
    });
    counted.collect()
}

/// Which line of a date a reason most likely means: the one paid, else one that was.
fn rank(standing: Standing) -> u8 {
    match standing {
        Standing::Paid => 0,
        Standing::Reduced => 1,
        Standing::TakenBack => 2,
        Standing::Pended => 3,
        Standing::Denied => 4,
        Standing::Passed => 5,
    }
}

/// The window that a reason of a line counted in.
#[must_use]
pub fn window(decided: &Decided, reason: &Reason) -> Option<Window> {
    let Stated {
        sessions,
        window,
        required,
    } = stated(reason.rule, &reason.text);
    let date = decided.service_date;
    let (kind, (first, last)) = match reason.rule {
        RuleKind::RollingLimit => (WindowKind::Rolling, window?),
        RuleKind::CalendarLimit => (WindowKind::Year, window?),
        RuleKind::PhaseLimit => (WindowKind::Course, (*sessions.first()?, date?)),
        RuleKind::MinInterval => {
            // The earlier of the two owes it.
            let first = date?.min(*sessions.first()?);
            let free = required?.after(first);
            let last = free.checked_sub_days(Days::new(1))?;
            (WindowKind::Interval, (first, last))
        }
        _ => return None,
    };
    Some(Window { kind, first, last })
}

/// The sessions that stand now.
#[must_use]
pub fn sessions(lines: &[Line]) -> Sessions<'static> {
    Sessions::new(
        lines
            .iter()
            .filter(|line| line.is_session())
            .filter_map(|line| Some(session(line.decided.service_date?, line.phase))),
    )
}

fn session(date: NaiveDate, phase: Option<Phase>) -> Session<'static> {
    Session {
        date,
        phase,
        muscles: &[],
        billing_provider: Symbol::UNKNOWN,
        rendering_provider: Symbol::UNKNOWN,
    }
}

/// When a line that a limit stops would have been payable; `None` where no limit stops it.
#[must_use]
pub fn payable(line: &Line, lines: &[Line], plan: &Plan) -> Option<Payable> {
    let decided = &line.decided;
    let date = decided.service_date?;
    let limits = || {
        let reasons = decided.reasons.iter();
        reasons.filter(|reason| LIMITS.contains(&reason.rule))
    };
    limits().next()?;
    let standing = lines.iter().filter(|line| line.is_session());
    let before = standing
        .filter_map(|line| Some(session(line.decided.service_date?, line.phase)))
        .filter(|session| session.date < date);
    let named = limits().flat_map(|reason| named(decided, reason, lines));
    let then = Sessions::new(before.chain(named));
    Some(Payable {
        then: first_payable(plan, &then, date),
        now: first_payable(plan, &sessions(lines), date),
        by_limit: frees_up(plan, &then, date)
            .into_iter()
            .filter(|free| limits().any(|reason| reason.rule == free.rule))
            .collect(),
    })
}

/// The sessions that a limit names, as they counted: known or not, taken back since or not.
fn named(decided: &Decided, reason: &Reason, lines: &[Line]) -> Vec<Session<'static>> {
    let Stated { required, .. } = stated(reason.rule, &reason.text);
    let inferred = match (reason.rule, required) {
        (RuleKind::PhaseLimit, _) => decided.phase,
        (_, Some(Span::Months(_))) => Some(Phase::Therapeutic),
        _ => None,
    };
    let counted = counted(decided, reason, lines).into_iter();
    let phase = |line: Option<&Line>| line.and_then(|line| line.phase).or(inferred);
    counted
        .map(|counted| session(counted.date, phase(counted.line)))
        .collect()
}

/// The windows that a session on the day after the last one would be counted in.
#[must_use]
pub fn current(lines: &[Line], plan: &Plan) -> Vec<Window> {
    let sessions = sessions(lines);
    let dates = lines.iter().filter(|line| line.is_session());
    let Some(last) = dates.filter_map(|line| line.decided.service_date).max() else {
        return Vec::new();
    };
    let (_, book) = plan.book_on(Some(last));
    let mut windows = Vec::new();
    if let Some(months) = book
        .rule(RuleKind::RollingLimit)
        .and_then(|rule| rule.limit("months"))
    {
        let before = Span::Months(months).before(last);
        windows.push(Window {
            kind: WindowKind::Rolling,
            first: before.succ_opt().unwrap_or(before),
            last,
        });
    }
    let new_year = NaiveDate::from_ymd_opt(last.year(), 1, 1);
    let new_years_eve = NaiveDate::from_ymd_opt(last.year(), 12, 31);
    if let Some((first, last)) = new_year
        .zip(new_years_eve)
        .filter(|_| book.has(RuleKind::CalendarLimit))
    {
        let kind = WindowKind::Year;
        windows.push(Window { kind, first, last });
    }
    let free = frees_up(plan, &sessions, last).into_iter();
    let interval = free.filter(|free| free.rule == RuleKind::MinInterval);
    windows.extend(interval.filter_map(|free| {
        let kind = WindowKind::Interval;
        let owed_until = free.date?.pred_opt()?;
        (owed_until > last).then_some(Window {
            kind,
            first: last,
            last: owed_until,
        })
    }));
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolling_window_is_named_by_its_months() {
        for (first, last, name) in [
            ("2025-09-09", "2026-09-08", "12-month window"),
            ("2023-03-01", "2024-02-29", "12-month window"),
            ("2026-02-01", "2026-02-28", "1-month window"),
            ("2026-01-01", "2026-06-30", "6-month window"),
            ("2024-01-01", "2025-12-31", "24-month window"),
        ] {
            let window = Window {
                kind: WindowKind::Rolling,
                first: first.parse().unwrap(),
                last: last.parse().unwrap(),
            };
            assert_eq!(window.name(), name);
        }
    }
}
