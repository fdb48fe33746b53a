//! Sessions and courses: the paid dates of service of a member.

use chrono::{Datelike, NaiveDate};

use super::calendar::Span;
use super::symbols::Symbol;
use crate::policy::Phase;

/// A date of service on which a line of the limited service is paid or reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session<'a> {
    /// The date of service.
    pub date: NaiveDate,
    /// The phase it was decided with, where its policy knows phases.
    pub phase: Option<Phase>,
    /// The muscles it was decided with, sorted; empty when none are given.
    pub muscles: &'a [String],
    /// The billing provider of the line paid.
    pub billing_provider: Symbol,
    /// The rendering provider of the line paid.
    pub rendering_provider: Symbol,
}

/// A member's sessions.
///
/// INVARIANT: sorted by date, and no two on one date.
#[derive(Debug, Clone, Default)]
pub struct Sessions<'a>(Vec<Session<'a>>);

impl<'a> Sessions<'a> {
    /// Sessions of earlier runs, in any order.
    #[must_use]
    pub fn new(sessions: impl IntoIterator<Item = Session<'a>>) -> Self {
        let mut new = Self::default();
        new.restart(sessions);
        new
    }

    /// Those of another member, in the same memory.
    pub fn restart(&mut self, sessions: impl IntoIterator<Item = Session<'a>>) {
        self.0.clear();
        self.0.extend(sessions);
        self.0.sort_by_key(|session| session.date);
        self.0.dedup_by_key(|session| session.date);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds a session on a date that is none yet.
    pub fn insert(&mut self, session: Session<'a>) {
        let place = self.before(session.date).len();
        debug_assert!(self.on(session.date).is_none(), "one session a date");
        self.0.insert(place, session);
    }

    /// The session on a date.
    #[must_use]
    pub fn on(&self, date: NaiveDate) -> Option<&Session<'a>> {
        let session = self.0.get(self.count_before(date))?;
        (session.date == date).then_some(session)
    }

    /// How many sessions are before a date. A member is judged in ascending order, so that
    /// nearly always all of them are.
    fn count_before(&self, date: NaiveDate) -> usize {
        match self.0.last() {
            Some(last) if last.date >= date => {
                self.0.partition_point(|session| session.date < date)
            }
            _ => self.0.len(),
        }
    }

    /// The sessions before a date.
    #[must_use]
    pub fn before(&self, date: NaiveDate) -> &[Session<'a>] {
        &self.0[..self.count_before(date)]
    }

    /// The sessions after a date.
    #[must_use]
    pub fn after(&self, date: NaiveDate) -> &[Session<'a>] {
        let rest = &self.0[self.count_before(date)..];
        match rest.split_first() {
            Some((first, later)) if first.date == date => later,
            _ => rest,
        }
    }

    /// The sessions in a stretch of dates that is open at its start.
    #[must_use]
    pub fn within(&self, after: NaiveDate, until: NaiveDate) -> &[Session<'a>] {
        let later = self.after(after);
        &later[..later.partition_point(|session| session.date <= until)]
    }

    /// The sessions of a calendar year.
    #[must_use]
    pub fn in_year_of(&self, date: NaiveDate) -> &[Session<'a>] {
        let start = self
            .0
            .partition_point(|session| session.date.year() < date.year());
        let rest = &self.0[start..];
        &rest[..rest.partition_point(|session| session.date.year() == date.year())]
    }

    /// The course of a date: the run of sessions before it, walked backwards while no two
    /// neighbours lie more than `course_months` apart.
    #[must_use]
    pub fn course_of(&self, date: NaiveDate, course_months: u32) -> &[Session<'a>] {
        let (before, span) = (self.before(date), Span::Months(course_months));
        // Where the first is near enough to the date, all are near enough to their neighbours.
        match before.first() {
            Some(first) if !span.reaches_back(date, first.date) => {}
            _ => return before,
        }
        let mut later = date;
        let links = before.iter().rev().take_while(|session| {
            let is_linked = span.reaches_back(later, session.date);
            later = session.date;
            is_linked
        });
        &before[before.len() - links.count()..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        crate::claim::parse_calendar_date(text.replace('-', "").as_bytes()).unwrap()
    }

    fn sessions(dates: &[&str]) -> Sessions<'static> {
        let session = |text: &&str| Session {
            date: date(text),
            phase: None,
            muscles: &[],
            billing_provider: Symbol::EMPTY,
            rendering_provider: Symbol::EMPTY,
        };
        Sessions::new(dates.iter().map(session))
    }

    #[test]
    fn a_course_is_linked_over_twelve_months_to_the_day() {
        let known = sessions(&["2023-01-01", "2024-02-29", "2025-02-28"]);
        let length = |day: &str| known.course_of(date(day), 12).len();
        assert_eq!(length("2026-02-28"), 2);
        assert_eq!(length("2026-03-01"), 0);
        assert_eq!(length("2025-02-28"), 1);
    }

    #[test]
    fn a_window_is_open_at_its_start() {
        let known = sessions(&["2025-01-01", "2025-06-01", "2026-01-01"]);
        assert_eq!(
            known.within(date("2025-01-01"), date("2026-01-01")).len(),
            2
        );
        assert_eq!(known.in_year_of(date("2025-12-31")).len(), 2);
    }
}
