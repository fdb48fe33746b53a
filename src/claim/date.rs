//! Dates of service.

use std::fmt::{self, Display, Formatter};

use chrono::{Datelike, NaiveDate};

use super::short::ShortText;

/// When a service line was performed (2400 DTP*472).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DateOfService {
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

impl DateOfService {
    /// No date that exists: no DTP*472, a qualifier other than D8 and RD8, no real calendar
    /// date, or a range without two of them.
    pub const INVALID: Self = Self {
        start: None,
        end: None,
    };

    /// One day: D8, or an RD8 that ends where it starts.
    #[must_use]
    pub fn day(date: NaiveDate) -> Self {
        Self::range(date, date)
    }

    /// RD8, from its first day to its last as billed, which may lie before the first.
    #[must_use]
    pub fn range(start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            start: Some(start),
            end: Some(end),
        }
    }

    /// The date of service; a range counts on its first day.
    #[must_use]
    pub fn date(self) -> Option<NaiveDate> {
        self.start
    }

    /// The first and the last day of an RD8 whose end is not its start.
    #[must_use]
    pub fn as_range(self) -> Option<(NaiveDate, NaiveDate)> {
        let (start, end) = self.start.zip(self.end)?;
        (start != end).then_some((start, end))
    }
}

/// A date as `CCYY-MM-DD`. It is written once for each line that is decided, and chrono's own
/// way of writing it takes several times as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsoDate(pub NaiveDate);

impl Display for IsoDate {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => formatter.write_str(text.as_str()),
            None => Display::fmt(&self.0, formatter),
        }
    }
}

impl IsoDate {
    /// The date as text; `None` where its year has no four digits.
    #[must_use]
    pub fn text(self) -> Option<ShortText> {
        let year = u64::try_from(self.0.year()).ok();
        let year = year.filter(|year| *year < 10_000)?;
        let mut text = ShortText::EMPTY;
        text.push_digits(year, 4);
        text.push(b"-");
        text.push_digits(self.0.month().into(), 2);
        text.push(b"-");
        text.push_digits(self.0.day().into(), 2);
        Some(text)
    }
}

/// Parses `CCYYMMDD`: eight digits that name a day of the calendar, in year 1 or later.
#[must_use]
pub fn parse_calendar_date(text: &[u8]) -> Option<NaiveDate> {
    if text.len() != 8 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| {
        digits
            .iter()
            .fold(0_u32, |value, digit| value * 10 + u32::from(digit - b'0'))
    };
    let year = i32::try_from(number(&text[..4])).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&text[4..6]), number(&text[6..]))?;
    (date.year() > 0).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_chrono_writes_them() {
        for (year, month, day) in [(2025, 1, 9), (1, 12, 31), (9999, 10, 10), (12_345, 2, 3)] {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            assert_eq!(IsoDate(date).to_string(), date.to_string());
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_none() {
        for text in [
            "20250229",
            "20251301",
            "20250100",
            "2025010",
            "202501011",
            "2025-1-1",
            "00000101",
        ] {
            assert_eq!(parse_calendar_date(text.as_bytes()), None, "{text}");
        }
        assert!(parse_calendar_date(b"20240229").is_some());
    }
}
