//! Dates across the picture.

use chrono::{Datelike, Days, Months, NaiveDate};

/// Where lanes begin, right of their names.
pub(super) const LEFT: i64 = 112;

/// What is left free at the right.
const RIGHT: i64 = 28;

/// How wide the dates are made to be, where that needs no more than the most for a day.
const GOOD_WIDTH: i64 = 860;

/// The least and the most for a day, in hundredths of a pixel.
const LEAST: i64 = 120;
const MOST: i64 = 1_200;

/// The widest that dates are made to be, however many years they are.
const WIDEST: i64 = 6_000;

/// The narrowest picture: the names of windows need that much.
const NARROWEST: i64 = 640;

/// How far apart ticks are at least.
const TICK: i64 = 34;

/// How far apart the ticks of weeks are at least; the room that the first tick needs.
const WEEK_TICK: i64 = 60;
const FIRST_TICK: i64 = 66;

/// How many months there may be between ticks.
const STEPS: [u32; 8] = [1, 3, 6, 12, 60, 120, 1_200, 12_000];

/// A stretch of dates, drawn from left to right.
pub(super) struct Calendar {
    first: NaiveDate,
    last: NaiveDate,
    /// For a day, in hundredths of a pixel.
    scale: i64,
}

/// A date at which the calendar has a line.
pub(super) struct Tick {
    pub(super) x: i64,
    pub(super) label: String,
    pub(super) is_year: bool,
}

impl Calendar {
    /// The calendar of some dates, with a week on either side.
    pub(super) fn over(dates: impl Iterator<Item = NaiveDate>) -> Option<Self> {
        let (first, last) = dates.fold(None, |range: Option<(NaiveDate, NaiveDate)>, date| {
            Some(range.map_or((date, date), |(first, last)| {
                (first.min(date), last.max(date))
            }))
        })?;
        let week = Days::new(7);
        let first = first.checked_sub_days(week).unwrap_or(first);
        let last = last.checked_add_days(week).unwrap_or(last);
        let days = last.signed_duration_since(first).num_days().max(1);
        let good = (GOOD_WIDTH * 100 / days).clamp(LEAST, MOST);
        let scale = good.min((WIDEST * 100 / days).max(1));
        Some(Self { first, last, scale })
    }

    pub(super) fn x(&self, date: NaiveDate) -> i64 {
        let days = date.signed_duration_since(self.first).num_days();
        LEFT + days * self.scale / 100
    }

    /// Where the day after a date begins.
    pub(super) fn end(&self, date: NaiveDate) -> i64 {
        self.x(date.succ_opt().unwrap_or(date))
    }

    /// How wide the picture is.
    pub(super) fn width(&self) -> i64 {
        (self.x(self.last) + RIGHT).max(NARROWEST)
    }

    /// The first days of months, as many of them as have room, or those of weeks. The year
    /// stands at the first, and at each January.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let mut ticks = Vec::new();
        for date in self.tick_dates() {
            let is_year = date.ordinal() == 1;
            let label = match (is_year, self.has_weeks(), ticks.is_empty()) {
                (true, false, _) => "%Y",
                (_, true, true) => "%-d %b %Y",
                (_, true, false) => "%-d %b",
                (false, false, true) => "%b %Y",
                (false, false, false) => "%b",
            };
            ticks.push(Tick {
                x: self.x(date),
                label: date.format(label).to_string(),
                is_year,
            });
        }
        ticks
    }

    /// Whether there is room for a tick every week.
    fn has_weeks(&self) -> bool {
        7 * self.scale >= WEEK_TICK * 100
    }

    fn tick_dates(&self) -> Vec<NaiveDate> {
        let month = 30 * self.scale;
        let fits = |step: &&u32| i64::from(**step) * month >= TICK * 100;
        let step = STEPS.iter().find(fits).copied().unwrap_or(12_000);
        let mut next = NaiveDate::from_ymd_opt(self.first.year(), 1, 1);
        if self.has_weeks() {
            next = Some(self.first);
        }
        let mut dates = Vec::new();
        while let Some(date) = next.filter(|date| *date <= self.last) {
            if date >= self.first {
                dates.push(date);
            }
            next = if self.has_weeks() {
                date.checked_add_days(Days::new(7))
            } else {
                date.checked_add_months(Months::new(step))
            };
        }
        // The first names its year: it needs the room of two.
        let is_crowded = |pair: &[NaiveDate]| self.x(pair[1]) - self.x(pair[0]) < FIRST_TICK;
        if dates.get(..2).is_some_and(is_crowded) && dates[1].ordinal() != 1 {
            dates.remove(1);
        }
        dates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(first: &str, last: &str) -> Calendar {
        let dates = [first, last].map(|date| date.parse().unwrap());
        Calendar::over(dates.into_iter()).unwrap()
    }

    #[test]
    fn ticks_have_room_however_long_the_calendar_is() {
        for last in [
            "2025-06-03",
            "2025-12-31",
            "2026-09-08",
            "2031-01-01",
            "2099-01-01",
            "9990-01-01",
        ] {
            let calendar = calendar("2025-06-02", last);
            let ticks = calendar.ticks();
            assert!(ticks.len() < 1_000, "{last}");
            let apart = |pair: &[Tick]| pair[1].x - pair[0].x >= TICK - 6;
            assert!(ticks.windows(2).all(apart), "{last}");
            assert!(calendar.width() >= NARROWEST, "{last}");
        }
    }

    #[test]
    fn a_later_date_stands_further_right() {
        let calendar = calendar("2025-06-02", "2026-09-08");
        let x = |date: &str| calendar.x(date.parse().unwrap());
        assert!(LEFT < x("2025-06-02"));
        assert!(x("2025-06-09") - x("2025-06-02") >= 8);
        assert!(x("2026-09-08") < calendar.width());
    }
}
