//! The weekdays of the period, as X12 dates.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Weekdays after the period that dates of service can be set to by mistake.
pub(super) const BEYOND: u32 = 40;

/// The weekdays of the period, numbered from 0, and some after it.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    dates: Vec<NaiveDate>,
    texts: Vec<[u8; 8]>,
    /// How many of them lie in the period.
    count: u32,
    /// The day after the period.
    end: NaiveDate,
}

impl Calendar {
    pub(super) fn new(start: NaiveDate, days: u32) -> Self {
        let end = start
            .checked_add_days(Days::new(u64::from(days)))
            .unwrap_or(start);
        let is_weekday = |date: &NaiveDate| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        let count = start.iter_days().take_while(|date| *date < end);
        let count = count.filter(is_weekday).count() as u32;
        let dates: Vec<NaiveDate> = start
            .iter_days()
            .filter(is_weekday)
            .take((count + BEYOND) as usize)
            .collect();
        Self {
            texts: dates.iter().map(|date| as_x12(*date)).collect(),
            dates,
            count,
            end,
        }
    }

    /// How many weekdays the period has.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn date(&self, weekday: u32) -> NaiveDate {
        self.dates[weekday as usize]
    }

    /// The date as `CCYYMMDD`.
    pub(super) fn text(&self, weekday: u32) -> &[u8; 8] {
        &self.texts[weekday as usize]
    }

    /// The day on which services of a weekday are billed, at night.
    pub(super) fn night_after(&self, weekday: u32) -> NaiveDate {
        let date = self.date(weekday);
        date.succ_opt().unwrap_or(date)
    }

    /// The day after the period.
    pub(super) fn end(&self) -> NaiveDate {
        self.end
    }
}

/// A date as `CCYYMMDD`.
pub(super) fn as_x12(date: NaiveDate) -> [u8; 8] {
    let number = date.year().unsigned_abs() * 10_000 + date.month() * 100 + date.day();
    let mut text = [b'0'; 8];
    let mut rest = number;
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_weekdays_are_numbered() {
        let friday = NaiveDate::from_ymd_opt(2026, 4, 3).unwrap();
        let calendar = Calendar::new(friday, 4);
        assert_eq!(calendar.count(), 2);
        assert_eq!(calendar.text(0), b"20260403");
        assert_eq!(calendar.text(1), b"20260406");
        assert_eq!(as_x12(calendar.night_after(0)), *b"20260404");
        assert_eq!(as_x12(calendar.end()), *b"20260407");
        assert_eq!(Calendar::new(friday.succ_opt().unwrap(), 2).count(), 0);
    }
}
