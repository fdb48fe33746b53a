//! Calendar arithmetic of limits.

use std::fmt;
use std::ops::Range;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// So many days.
    Days(u32),
    /// So many months: the same day of the month, or the month's last day where it has no
    /// such day.
    Months(u32),
}

impl Span {
    /// The date so long after `date`.
    #[must_use]
    pub fn after(self, date: NaiveDate) -> NaiveDate {
        let later = match self {
            Self::Days(days) => date.checked_add_days(Days::new(days.into())),
            Self::Months(months) => date.checked_add_months(Months::new(months)),
        };
        later.unwrap_or(NaiveDate::MAX)
    }

    /// The date so long before `date`.
    #[must_use]
    pub fn before(self, date: NaiveDate) -> NaiveDate {
        let earlier = match self {
            Self::Days(days) => date.checked_sub_days(Days::new(days.into())),
            Self::Months(months) => date.checked_sub_months(Months::new(months)),
        };
        earlier.unwrap_or(NaiveDate::MIN)
    }

    /// Whether `later` comes at least so long after `earlier`: it is not before
    /// [`Span::after`] it.
    #[must_use]
    pub fn has_passed(self, earlier: NaiveDate, later: NaiveDate) -> bool {
        let days = days_between(earlier, later);
        let Range { start, end } = self.days();
        // Nearly always the number of days settles it.
        days >= end || (days >= start && later >= self.after(earlier))
    }

    /// Whether `earlier` comes at most so long before `later`: it is not before
    /// [`Span::before`] it.
    #[must_use]
    pub fn reaches_back(self, later: NaiveDate, earlier: NaiveDate) -> bool {
        let days = days_between(earlier, later);
        let Range { start, end } = self.days();
        days <= start || (days <= end && earlier >= self.before(later))
    }

    /// The fewest and the most days that it can be.
    fn days(self) -> Range<i64> {
        match self {
            Self::Days(days) => days.into()..days.into(),
            Self::Months(months) => i64::from(months) * 28..i64::from(months) * 31,
        }
    }
}

/// From one date to another, in days. Dates of a member are mostly of one year or two, and
/// their places in it are at hand.
fn days_between(earlier: NaiveDate, later: NaiveDate) -> i64 {
    let days_of_year = match later.year() - earlier.year() {
        0 => 0,
        1 if earlier.leap_year() => 366,
        1 => 365,
        _ => return later.signed_duration_since(earlier).num_days(),
    };
    days_of_year + i64::from(later.ordinal()) - i64::from(earlier.ordinal())
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Days(count) => (count, "day"),
            Self::Months(count) => (count, "month"),
        };
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        crate::claim::parse_calendar_date(text.replace('-', "").as_bytes()).unwrap()
    }

    #[test]
    fn the_number_of_days_settles_nothing_that_the_calendar_does_not() {
        let first = date("2023-12-25");
        for span in [
            Span::Days(0),
            Span::Days(7),
            Span::Months(1),
            Span::Months(2),
            Span::Months(12),
        ] {
            for from in first.iter_days().take(800) {
                for days in (0..80).chain(330..400) {
                    let later = from + Days::new(days);
                    assert_eq!(span.has_passed(from, later), later >= span.after(from));
                    assert_eq!(span.reaches_back(later, from), span.before(later) <= from);
                    assert_eq!(span.has_passed(later, from), from >= span.after(later));
                    assert_eq!(span.reaches_back(from, later), span.before(from) <= later);
                }
            }
        }
    }

    #[test]
    fn months_end_on_the_last_day_where_there_is_no_such_day() {
        for (from, months, to) in [
            ("2025-12-31", 2, "2026-02-28"),
            ("2023-12-31", 2, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2025-01-31", 1, "2025-02-28"),
            ("2025-06-15", 2, "2025-08-15"),
        ] {
            assert_eq!(
                Span::Months(months).after(date(from)),
                date(to),
                "{from} + {months}"
            );
        }
        assert_eq!(
            Span::Months(12).before(date("2024-02-29")),
            date("2023-02-28")
        );
        assert_eq!(
            Span::Months(2).before(date("2025-04-30")),
            date("2025-02-28")
        );
    }
}
