//! Dates of service.

use chrono::{Datelike, NaiveDate};

/// When a service line was performed (2400 DTP*472).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DateOfService {
    /// No date that exists: no DTP*472, a qualifier other than D8 and RD8, no real
    /// calendar date, or a range without two of them.
    #[default]
    Invalid,
    /// One day: D8, or an RD8 that ends where it starts.
    Day(NaiveDate),
    /// RD8 whose end is not its start. The start is the date of service.
    Range {
        /// The first day, and the date of service.
        start: NaiveDate,
        /// The last day as billed; it may lie before the start.
        end: NaiveDate,
    },
}

impl DateOfService {
    /// The date of service; a range counts on its first day.
    #[must_use]
    pub fn date(self) -> Option<NaiveDate> {
        match self {
            Self::Invalid => None,
            Self::Day(date) | Self::Range { start: date, .. } => Some(date),
        }
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
