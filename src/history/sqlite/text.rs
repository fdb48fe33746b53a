//! Values as the text that stands in the database.

use std::borrow::Cow;
use std::str;

use chrono::{Datelike, NaiveDate};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;

use crate::claim::Quantity;

/// A date as `CCYY-MM-DD`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day([u8; 10]);

impl Day {
    /// The text of a date; years have four digits in X12.
    pub(super) fn new(date: NaiveDate) -> Self {
        let mut text = *b"0000-00-00";
        let mut put = |places: [usize; 2], number: u32| {
            for (place, digit) in places.into_iter().zip([number / 10 % 10, number % 10]) {
                text[place] += digit as u8;
            }
        };
        let year = date.year().unsigned_abs();
        put([0, 1], year / 100);
        put([2, 3], year);
        put([5, 6], date.month());
        put([8, 9], date.day());
        Self(text)
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

/// A list as JSON.
pub(super) fn json(list: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(list).unwrap_or_default()
}

/// A list of texts as JSON; most are empty, or of codes that are written as they are.
pub(super) fn list(list: &[Cow<'_, str>]) -> Cow<'static, str> {
    let is_code = |text: &Cow<'_, str>| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match list {
        [] => Cow::Borrowed("[]"),
        codes if codes.iter().all(is_code) => Cow::Owned(format!("[\"{}\"]", codes.join("\",\""))),
        texts => Cow::Owned(json(texts)),
    }
}

/// A number of units; most are one or none.
pub(super) fn units(units: Quantity) -> Cow<'static, str> {
    match units {
        Quantity::ONE => Cow::Borrowed("1"),
        Quantity::ZERO => Cow::Borrowed("0"),
        units => Cow::Owned(units.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_chrono_writes_it() {
        let first = NaiveDate::from_ymd_opt(999, 12, 25).unwrap();
        for date in first.iter_days().step_by(97).take(9000) {
            assert_eq!(Day::new(date).as_str(), date.to_string());
        }
    }

    #[test]
    fn lists_of_codes_are_json_too() {
        let lists: [&[&str]; 5] = [&[], &["M5450"], &["25", "LT"], &["", "a"], &["\"", "é\n"]];
        for texts in lists {
            let texts: Vec<Cow<'_, str>> = texts.iter().map(|text| (*text).into()).collect();
            assert_eq!(list(&texts), json(&texts));
        }
    }

    #[test]
    fn units_are_written_as_they_are_told() {
        for text in ["1", "0", "2", "0.5", "-1", "12.25"] {
            assert_eq!(units(Quantity::parse(text.as_bytes()).unwrap()), text);
        }
    }
}
