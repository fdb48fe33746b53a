//! Sessions that come from outside: what is on a timeline already, and phases inferred in
//! date order.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::earlier::keys;
use super::{History, HistoryError, TimelineRow, TimelineWanted};
use crate::policy::{Members, Phase, Plan};
use crate::timeline::{Session, Sessions, Symbol};

/// The dates of sessions of many timelines, by plan and newest member key.
pub(super) type SessionDates = BTreeMap<(String, String), Vec<NaiveDate>>;

/// Reads the sessions of timelines (plan, newest member key), in key order.
pub(super) fn read_sessions(
    history: &mut dyn History,
    timelines: impl IntoIterator<Item = (String, String)>,
    members: &Members,
) -> Result<SessionDates, HistoryError> {
    let mut dates: SessionDates = timelines
        .into_iter()
        .map(|timeline| (timeline, Vec::new()))
        .collect();
    let wanted: Vec<TimelineWanted<'_>> = dates
        .keys()
        .map(|(plan, member)| TimelineWanted {
            plan,
            members: keys(member, members),
            dates: Vec::new(),
        })
        .collect();
    let mut found = Vec::new();
    history.read_timelines(&wanted, &mut |place, row| {
        if let TimelineRow::Session(session) = row {
            found.push((place, session.date));
        }
    })?;
    found.sort_unstable();
    let mut found = found.into_iter().peekable();
    for (place, sessions) in dates.values_mut().enumerate() {
        while let Some((_, date)) = found.next_if(|(of, _)| *of == place) {
            sessions.push(date);
        }
    }
    Ok(dates)
}

/// Sessions of which the dates are known, and no more.
pub(super) fn sessions_on(dates: &[NaiveDate]) -> Sessions<'static> {
    let session = |date: &NaiveDate| Session {
        date: *date,
        phase: None,
        muscles: &[],
        billing_provider: Symbol::UNKNOWN,
        rendering_provider: Symbol::UNKNOWN,
    };
    Sessions::new(dates.iter().map(session))
}

/// The phase that a session on a date has among all sessions of its timeline.
pub(super) fn infer_phase(plan: &Plan, sessions: &Sessions<'_>, date: NaiveDate) -> Option<Phase> {
    let course = sessions.course_of(date, plan.policy.course_months);
    plan.inferred_phase(date, course.len())
}
