//! Reading a fee schedule, and everything that is wrong with one.

use std::fmt;
use std::io::Read;

use chrono::NaiveDate;
use csv::{ReaderBuilder, StringRecord};

use super::fees::{Fee, Fees};
use crate::claim::Cents;
use crate::x12::element::amount;

/// The columns of a schedule.
const COLUMNS: [&str; 7] = [
    "procedure",
    "modifier",
    "place_of_service",
    "locality",
    "amount",
    "effective_from",
    "effective_to",
];

/// The most faults that are told.
const MOST_FAULTS: usize = 50;

/// Something wrong with a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeeFault {
    /// The line on which the row stands, from 1; the columns are named on line 1.
    pub line: usize,
    /// The column, where one is at fault.
    pub column: Option<&'static str>,
    /// What is wrong, in words.
    pub message: String,
}

/// Why a schedule cannot be used: everything that is wrong, the first fifty of it, in the order
/// of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeesError {
    /// The name of the schedule.
    pub source: String,
    /// What is wrong, at least one.
    pub faults: Vec<FeeFault>,
    /// How many more are not told.
    pub untold: usize,
}

impl fmt::Display for FeesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let line_break = if index > 0 { "\n" } else { "" };
            write!(f, "{line_break}{}:{}: ", self.source, fault.line)?;
            if let Some(column) = fault.column {
                write!(f, "column {column}: ")?;
            }
            f.write_str(&fault.message)?;
        }
        if self.untold > 0 {
            write!(f, "; and {} more, not told here", self.untold)?;
        }
        Ok(())
    }
}

impl std::error::Error for FeesError {}

impl Fees {
    /// Reads a schedule. `source` is its name in errors.
    ///
    /// # Errors
    ///
    /// Columns that are unknown, missing or named twice; rows that cannot be read; a procedure or
    /// a first day that is missing, days that do not exist, a last day before the first, amounts
    /// that are negative or have more than two decimals; rows of one procedure, modifier, place
    /// and locality whose days overlap, or leave days between them out.
    pub fn read(source: &str, reader: impl Read) -> Result<Self, FeesError> {
        let mut loader = Loader::default();
        let mut rows = loader.rows(reader);
        rows.sort_by(|left, right| {
            (left.key(), left.from, left.line).cmp(&(right.key(), right.from, right.line))
        });
        // Without a row that is wrong its neighbours would be wrong too.
        if loader.faults.is_empty() {
            loader.check_neighbours(&rows);
        }
        let Loader { mut faults } = loader;
        if faults.is_empty() {
            return Ok(Self { rows });
        }
        faults.sort_by_key(|fault| fault.line);
        let untold = faults.len().saturating_sub(MOST_FAULTS);
        faults.truncate(MOST_FAULTS);
        Err(FeesError {
            source: source.to_owned(),
            faults,
            untold,
        })
    }
}

#[derive(Default)]
struct Loader {
    faults: Vec<FeeFault>,
}

impl Loader {
    fn fault(&mut self, line: usize, column: Option<&'static str>, message: impl Into<String>) {
        self.faults.push(FeeFault {
            line,
            column,
            message: message.into(),
        });
    }

    /// The rows that are right in themselves.
    fn rows(&mut self, reader: impl Read) -> Vec<Fee> {
        let mut reader = ReaderBuilder::new().from_reader(reader);
        let Some(places) = self.columns(reader.headers()) else {
            return Vec::new();
        };
        let (mut rows, mut record) = (Vec::new(), StringRecord::new());
        loop {
            let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
            match reader.read_record(&mut record) {
                Ok(false) => break rows,
                Ok(true) => {
                    let at = record.position().map_or(line as u64, csv::Position::line);
                    let line = usize::try_from(at).unwrap_or(usize::MAX);
                    let fields = places.map(|place| record.get(place).unwrap_or_default().trim());
                    rows.extend(self.row(line, fields));
                }
                Err(error) => {
                    self.fault(line, None, explain(&error));
                    if error.is_io_error() {
                        break rows;
                    }
                }
            }
        }
    }

    /// Where each column stands in a row.
    fn columns(&mut self, names: csv::Result<&StringRecord>) -> Option<[usize; COLUMNS.len()]> {
        let names: Vec<String> = match names {
            Ok(names) => names
                .iter()
                .map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase())
                .collect(),
            Err(error) => {
                self.fault(1, None, explain(&error));
                return None;
            }
        };
        let mut found = [0; COLUMNS.len()];
        for (column, place) in COLUMNS.into_iter().zip(&mut found) {
            let mut places = (0..).zip(&names).filter(|(_, name)| *name == column);
            match (places.next(), places.next()) {
                (Some((only, _)), None) => *place = only,
                (None, _) => self.fault(
                    1,
                    Some(column),
                    "is missing; the first row names the columns",
                ),
                (Some(_), Some(_)) => self.fault(1, Some(column), "is named twice"),
            }
        }
        if names.iter().any(|name| !COLUMNS.contains(&name.as_str())) {
            let known = COLUMNS.join(", ");
            self.fault(1, None, format!("a column is none of {known}"));
        }
        self.faults.is_empty().then_some(found)
    }

    fn row(&mut self, line: usize, fields: [&str; COLUMNS.len()]) -> Option<Fee> {
        let before = self.faults.len();
        let [procedure, modifier, place, locality, fee, from, to] = fields;
        if procedure.is_empty() {
            self.fault(
                line,
                Some("procedure"),
                "is empty; a fee is for a procedure",
            );
        }
        let amount = parse_amount(fee);
        if let Err(problem) = amount {
            self.fault(line, Some("amount"), problem);
        }
        let first = parse_date(from);
        if first.is_none() {
            self.fault(line, Some("effective_from"), NO_DATE);
        }
        let last = parse_date(to);
        if last.is_none() && !to.is_empty() {
            self.fault(line, Some("effective_to"), NO_DATE);
        }
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            let problem = "the last day is before effective_from, the first";
            self.fault(line, Some("effective_to"), problem);
        }
        if self.faults.len() > before {
            return None;
        }
        Some(Fee {
            procedure: procedure.to_ascii_uppercase().into(),
            modifier: modifier.to_ascii_uppercase().into(),
            place: place.to_ascii_uppercase().into(),
            locality: locality.to_ascii_uppercase().into(),
            amount: amount.ok()?,
            from: first?,
            to: last,
            line,
        })
    }

    /// Looks for days that rows of one key have in common, or leave out between them.
    fn check_neighbours(&mut self, rows: &[Fee]) {
        for rows in rows.chunk_by(|left, right| left.key() == right.key()) {
            // The row that reaches furthest of those before.
            let Some((mut furthest, others)) = rows.split_first() else {
                continue;
            };
            for row in others {
                let other = furthest.line;
                match furthest.to {
                    Some(to) if to < row.from => {
                        if to.succ_opt().is_some_and(|next| next < row.from) {
                            self.fault(
                                row.line,
                                Some("effective_from"),
                                format!("no row covers the days between this one and the one on line {other}, which is for the same procedure, modifier, place and locality"),
                            );
                        }
                    }
                    _ => self.fault(
                        row.line,
                        Some("effective_from"),
                        format!("the days overlap those on line {other}, which is for the same procedure, modifier, place and locality"),
                    ),
                }
                let reaches_further = furthest
                    .to
                    .is_some_and(|to| row.to.is_none_or(|other| other > to));
                if reaches_further {
                    furthest = row;
                }
            }
        }
    }
}

const NO_DATE: &str = "this is no day of the calendar, CCYY-MM-DD";

fn parse_date(text: &str) -> Option<NaiveDate> {
    let is_iso = text.len() == 10 && text.is_ascii();
    is_iso.then(|| text.parse().ok()).flatten()
}

fn parse_amount(text: &str) -> Result<Cents, &'static str> {
    if text.is_empty() {
        return Err("is empty; a fee has an amount");
    }
    if text.starts_with('-') {
        return Err("a fee is not negative");
    }
    if let Ok((_, cents)) = amount(text.as_bytes()) {
        return Ok(Cents(cents));
    }
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    Err(if decimals.len() > 2 && is_number {
        "a fee has at most two decimals"
    } else {
        "this is no amount: digits, and a point before the cents"
    })
}

/// What is wrong with a row, in words.
fn explain(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields, where the first row has {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "this is no UTF-8 text".into(),
        csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
        _ => "this is no CSV".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match Fees::read("fees.csv", text.as_bytes()) {
            Ok(fees) => format!("{} rows", fees.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn columns_are_told() {
        for (columns, expected) in [
            (
                "amount,Procedure,modifier,place_of_service,locality,effective_from,effective_to",
                "0 rows",
            ),
            (
                "procedure,modifier,place_of_service,locality,amount,effective_from",
                "fees.csv:1: column effective_to: is missing; the first row names the columns",
            ),
            (
                "procedure,modifier,place_of_service,locality,amount,amount,effective_from,effective_to",
                "fees.csv:1: column amount: is named twice",
            ),
            (
                "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to,units",
                "fees.csv:1: a column is none of procedure, modifier, place_of_service, locality, amount, effective_from, effective_to",
            ),
        ] {
            assert_eq!(told(columns), expected);
        }
    }

    #[test]
    fn rows_that_are_wrong_are_told_with_row_and_column() {
        for (rows, expected) in [
            ("20552,,,,61.5,2025-01-01,\n", "1 rows"),
            ("20552,,,,0,2025-01-01,2025-01-01\n", "1 rows"),
            (
                ",,,,1,2025-01-01,\n",
                "fees.csv:2: column procedure: is empty; a fee is for a procedure",
            ),
            (
                "20552,,,,-1,2025-01-01,\n",
                "fees.csv:2: column amount: a fee is not negative",
            ),
            (
                "20552,,,,1.005,2025-01-01,\n",
                "fees.csv:2: column amount: a fee has at most two decimals",
            ),
            (
                "20552,,,,\"1,000\",2025-01-01,\n",
                "fees.csv:2: column amount: this is no amount: digits, and a point before the cents",
            ),
            (
                "20552,,,,,2025-01-01,\n",
                "fees.csv:2: column amount: is empty; a fee has an amount",
            ),
            (
                "20552,,,,1,2025-02-30,\n",
                "fees.csv:2: column effective_from: this is no day of the calendar, CCYY-MM-DD",
            ),
            (
                "20552,,,,1,,\n",
                "fees.csv:2: column effective_from: this is no day of the calendar, CCYY-MM-DD",
            ),
            (
                "20552,,,,1,2025-01-01,20251231\n",
                "fees.csv:2: column effective_to: this is no day of the calendar, CCYY-MM-DD",
            ),
            (
                "20552,,,,1,2025-01-02,2025-01-01\n",
                "fees.csv:2: column effective_to: the last day is before effective_from, the first",
            ),
            (
                "20552,,,,1\n",
                "fees.csv:2: 5 fields, where the first row has 7",
            ),
            (
                "20552,,,,x,2025-01-01,\n20552,,,,1,9,\n",
                "fees.csv:2: column amount: this is no amount: digits, and a point before the cents\n\
                 fees.csv:3: column effective_from: this is no day of the calendar, CCYY-MM-DD",
            ),
        ] {
            let text = format!("{}\n{rows}", COLUMNS.join(","));
            assert_eq!(told(&text), expected, "{rows}");
        }
    }

    #[test]
    fn days_that_rows_share_or_leave_out_are_told() {
        let overlap = "fees.csv:3: column effective_from: the days overlap those on line 2, which is for the same procedure, modifier, place and locality";
        let gap = "fees.csv:3: column effective_from: no row covers the days between this one and the one on line 2, which is for the same procedure, modifier, place and locality";
        for (first, second, expected) in [
            ("2025-01-01,2025-12-31", "2026-01-01,", "2 rows"),
            ("2025-01-01,2025-12-31", "2025-12-31,", overlap),
            ("2025-01-01,", "2026-01-01,", overlap),
            ("2025-01-01,", "2025-01-01,", overlap),
            ("2025-01-01,2025-12-30", "2026-01-01,", gap),
        ] {
            let text = format!(
                "{}\n20552,RT,,,1,{first}\n20552,RT,,,1,{second}\n20552,,,,1,2030-01-01,\n",
                COLUMNS.join(",")
            );
            let expected = expected.replace("2 rows", "3 rows");
            assert_eq!(told(&text), expected, "{first} {second}");
        }
    }

    #[test]
    fn a_row_inside_another_leaves_no_gap_behind_it() {
        let text = format!(
            "{}\n1,,,,1,2025-01-01,2025-12-31\n1,,,,1,2025-02-01,2025-02-28\n1,,,,1,2026-01-01,\n",
            COLUMNS.join(",")
        );
        assert_eq!(told(&text).lines().count(), 1, "{}", told(&text));
    }

    #[test]
    fn the_first_fifty_faults_are_told_and_the_others_counted() {
        let text = format!(
            "{}\n{}",
            COLUMNS.join(","),
            ",,,,1,2025-01-01,\n".repeat(60)
        );
        let told = told(&text);
        assert_eq!(told.lines().count(), 50);
        assert!(told.ends_with("; and 10 more, not told here"));
    }
}
