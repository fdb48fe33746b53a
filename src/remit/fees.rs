//! Fee schedules: what is allowed for a service on a date.
//!
//! A schedule is a CSV table with the columns `procedure`, `modifier`, `place_of_service`,
//! `locality`, `amount`, `effective_from` and `effective_to`, in any order. A modifier, place or
//! locality that is empty stands for any; `effective_to` is the last day, and empty without end.
//!
//! Of the rows that fit a line on its date the most specific one counts. A row that names a
//! modifier goes before one that does not, whatever else they name; then one that names the
//! place of service; then one that names the locality. Of two rows that name modifiers the one
//! whose modifier stands first on the line goes before the other. So the order is total, and
//! [`Fees::read`] refuses a table in which two rows could be equal.
//!
//! ```
//! use chrono::NaiveDate;
//! use claimstream::claim::Cents;
//! use claimstream::remit::fees::Fees;
//!
//! let table = "\
//! procedure,modifier,place_of_service,locality,amount,effective_from,effective_to
//! 20552,,,,61.50,2025-01-01,
//! 20552,,22,,40.00,2025-01-01,
//! ";
//! let fees = Fees::read("fees.csv", table.as_bytes())?;
//! let date = NaiveDate::from_ymd_opt(2025, 3, 1).unwrap();
//! assert_eq!(fees.allowed("20552", &["RT"], "11", "", date), Some(Cents(6_150)));
//! assert_eq!(fees.allowed("20552", &["RT"], "22", "", date), Some(Cents(4_000)));
//! # Ok::<(), claimstream::policy::ConfigErrors>(())
//! ```

use chrono::NaiveDate;

use crate::claim::Cents;

/// A fee schedule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fees {
    /// INVARIANT: ascending by key and first day; the days of rows of one key do not overlap.
    pub(super) rows: Vec<Fee>,
}

/// A row of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fee {
    pub(super) procedure: Box<str>,
    /// Empty for any; so are place and locality.
    pub(super) modifier: Box<str>,
    pub(super) place: Box<str>,
    pub(super) locality: Box<str>,
    pub(super) amount: Cents,
    pub(super) from: NaiveDate,
    /// The last day.
    pub(super) to: Option<NaiveDate>,
    /// The line on which it stands in its file.
    pub(super) line: usize,
}

/// What a row is for: procedure, modifier, place of service, locality.
pub(super) type Key<'k> = [&'k str; 4];

impl Fee {
    pub(super) fn key(&self) -> Key<'_> {
        [&self.procedure, &self.modifier, &self.place, &self.locality]
    }
}

impl Fees {
    /// What the schedule allows for one unit of a service; `None` where no row fits.
    ///
    /// `modifiers` stand in the order of the line; a place or locality that is not known is
    /// empty.
    #[must_use]
    pub fn allowed(
        &self,
        procedure: &str,
        modifiers: &[impl AsRef<str>],
        place_of_service: &str,
        locality: &str,
        date: NaiveDate,
    ) -> Option<Cents> {
        let named = modifiers.iter().map(AsRef::as_ref);
        let modifiers = named.filter(|modifier| !modifier.is_empty()).chain([""]);
        // The first of them for which there is a row is the most specific one.
        let mut keys = modifiers.flat_map(|modifier| {
            [
                [procedure, modifier, place_of_service, locality],
                [procedure, modifier, place_of_service, ""],
                [procedure, modifier, "", locality],
                [procedure, modifier, "", ""],
            ]
        });
        keys.find_map(|key| self.on(key, date))
    }

    /// The amount of the row of a key that covers a date.
    fn on(&self, key: Key<'_>, date: NaiveDate) -> Option<Cents> {
        let after = self
            .rows
            .partition_point(|row| (row.key(), row.from) <= (key, date));
        let row = self.rows.get(after.checked_sub(1)?)?;
        let covers = row.key() == key && row.to.is_none_or(|to| date <= to);
        covers.then_some(row.amount)
    }

    /// How many rows it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it allows nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const COLUMNS: &str =
        "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";

    fn fees(rows: &str) -> Fees {
        Fees::read("fees.csv", format!("{COLUMNS}{rows}").as_bytes()).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_most_specific_row_counts() {
        let fees = fees(
            "\
            20552,,,,1,2025-01-01,\n\
            20552,,,05,2,2025-01-01,\n\
            20552,,22,,3,2025-01-01,\n\
            20552,,22,05,4,2025-01-01,\n\
            20552,RT,,,5,2025-01-01,\n\
            20552,RT,,05,6,2025-01-01,\n\
            20552,50,22,,7,2025-01-01,\n\
            20553,,,05,8,2025-01-01,\n",
        );
        for (procedure, modifiers, place, locality, dollars) in [
            ("20552", "", "11", "", Some(1)),
            ("20552", "", "", "05", Some(2)),
            ("20552", "", "22", "", Some(3)),
            ("20552", "", "22", "01", Some(3)),
            ("20552", "", "22", "05", Some(4)),
            // A modifier goes before place and locality.
            ("20552", "RT", "22", "", Some(5)),
            ("20552", "RT", "22", "05", Some(6)),
            ("20552", "LT", "22", "05", Some(4)),
            // The first modifier of the line that has a row.
            ("20552", "RT 50", "22", "", Some(5)),
            ("20552", "50 RT", "22", "", Some(7)),
            ("20552", "59 50", "22", "", Some(7)),
            // A row for another place fits nothing.
            ("20552", "50", "11", "", Some(1)),
            ("20553", "", "11", "", None),
            ("20553", "", "11", "05", Some(8)),
            ("20554", "", "11", "05", None),
        ] {
            let modifiers: Vec<&str> = modifiers.split_whitespace().collect();
            assert_eq!(
                fees.allowed(procedure, &modifiers, place, locality, day("2025-06-01")),
                dollars.map(|dollars| Cents(dollars * 100)),
                "{procedure} {modifiers:?} at {place} in {locality}"
            );
        }
    }

    #[test]
    fn a_row_counts_from_its_first_day_to_its_last() {
        let fees = fees(
            "\
            20552,,,,1,2025-01-01,2025-12-31\n\
            20552,,,,2,2026-01-01,\n\
            20552,RT,,,3,2025-03-01,2025-03-31\n",
        );
        let none: [&str; 0] = [];
        for (modifiers, date, dollars) in [
            (&none[..], "2024-12-31", None),
            (&none, "2025-01-01", Some(1)),
            (&none, "2025-12-31", Some(1)),
            (&none, "2026-01-01", Some(2)),
            (&none, "2099-01-01", Some(2)),
            // Before and after the days of a specific row the next one counts.
            (&["RT"], "2025-02-28", Some(1)),
            (&["RT"], "2025-03-01", Some(3)),
            (&["RT"], "2025-03-31", Some(3)),
            (&["RT"], "2025-04-01", Some(1)),
        ] {
            let allowed = fees.allowed("20552", modifiers, "11", "", day(date));
            assert_eq!(
                allowed,
                dollars.map(|dollars| Cents(dollars * 100)),
                "{date}"
            );
        }
    }

    /// One of few values, or any.
    fn part(values: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
        prop::sample::select(values)
    }

    const PROCEDURES: &[&str] = &["20552", "20553"];
    const MODIFIERS: &[&str] = &["", "RT", "LT"];
    const PLACES: &[&str] = &["", "11", "22"];
    const LOCALITIES: &[&str] = &["", "01", "05"];

    fn key() -> impl Strategy<Value = [&'static str; 4]> {
        (
            part(PROCEDURES),
            part(MODIFIERS),
            part(PLACES),
            part(LOCALITIES),
        )
            .prop_map(|(procedure, modifier, place, locality)| {
                [procedure, modifier, place, locality]
            })
    }

    /// A table in which each key has rows one after another, and its rows in disorder.
    fn table() -> impl Strategy<Value = Vec<([&'static str; 4], i64, NaiveDate, Option<NaiveDate>)>>
    {
        let spans = prop::collection::vec(1_u64..200, 1..4);
        let keys = prop::collection::btree_map(key(), (0_u64..300, spans, any::<bool>()), 0..30);
        keys.prop_map(|keys| {
            let mut rows = Vec::new();
            for (key, (first, spans, is_open)) in keys {
                let mut from = day("2025-01-01") + chrono::Days::new(first);
                let last = spans.len() - 1;
                for (index, days) in spans.into_iter().enumerate() {
                    let next = from + chrono::Days::new(days);
                    let to = (index < last || !is_open).then(|| next.pred_opt().unwrap());
                    rows.push((key, 100 + rows.len() as i64, from, to));
                    from = next;
                }
            }
            rows
        })
        .prop_shuffle()
    }

    proptest! {
        #[test]
        fn a_lookup_finds_what_a_scan_of_all_rows_finds(
            rows in table(),
            procedure in part(PROCEDURES),
            modifiers in prop::collection::vec(part(MODIFIERS), 0..4),
            place in part(PLACES),
            locality in part(LOCALITIES),
            days in 0_u64..1_000,
        ) {
            let mut text = String::new();
            for ([procedure, modifier, place, locality], cents, from, to) in &rows {
                let to = to.map(|to| to.to_string()).unwrap_or_default();
                writeln!(text, "{procedure},{modifier},{place},{locality},{},{from},{to}", Cents(*cents)).unwrap();
            }
            let date = day("2024-12-01") + chrono::Days::new(days);
            let fits = |row: &&([&str; 4], i64, NaiveDate, Option<NaiveDate>)| {
                let ([row_procedure, modifier, row_place, row_locality], _, from, to) = **row;
                row_procedure == procedure
                    && (modifier.is_empty() || modifiers.contains(&modifier))
                    && (row_place.is_empty() || row_place == place)
                    && (row_locality.is_empty() || row_locality == locality)
                    && from <= date && to.is_none_or(|to| date <= to)
            };
            let rank = |row: &&([&str; 4], i64, NaiveDate, Option<NaiveDate>)| {
                let [_, modifier, place, locality] = row.0;
                let place_on_line = modifiers.iter().position(|on_line| *on_line == modifier);
                let place_on_line = place_on_line.filter(|_| !modifier.is_empty()).unwrap_or(9);
                (place_on_line, place.is_empty(), locality.is_empty())
            };
            let found = rows.iter().filter(fits).min_by_key(rank).map(|row| Cents(row.1));
            prop_assert_eq!(fees(&text).allowed(procedure, &modifiers, place, locality, date), found);
        }
    }
}
