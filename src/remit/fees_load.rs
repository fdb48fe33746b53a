//! Reading a fee schedule, and everything that is wrong with one.

use std::io::BufRead;

use chrono::NaiveDate;

use super::fees::{Fee, Fees};
use crate::claim::Cents;
use crate::policy::{ConfigErrors, Row, Table};
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

const PROCEDURE: usize = 0;
const AMOUNT: usize = 4;
const FROM: usize = 5;
const TO: usize = 6;

impl Fees {
    /// Reads a schedule. `source` is its name in errors.
    ///
    /// # Errors
    ///
    /// Columns that are unknown, missing or named twice; rows that cannot be read; a procedure or
    /// a first day that is missing, days that do not exist, a last day before the first, amounts
    /// that are negative or have more than two decimals; rows of one procedure, modifier, place
    /// and locality whose days overlap, or leave days between them out.
    pub fn read(source: &str, reader: impl BufRead) -> Result<Self, ConfigErrors> {
        let mut table = Table::open(source, reader, &COLUMNS, false)?;
        let (mut rows, mut is_right) = (Vec::new(), true);
        while let Some(row) = table.next_row() {
            match fee(&mut table, &row) {
                Some(fee) => rows.push((fee, row)),
                None => is_right = false,
            }
        }
        rows.sort_by(|(left, _), (right, _)| {
            (left.key(), left.from, left.line).cmp(&(right.key(), right.from, right.line))
        });
        // Without a row that is wrong its neighbours would be wrong too.
        if is_right {
            let mut faults = neighbours_at_fault(&rows);
            faults.sort_by_key(|(row, _)| row.line);
            for (row, problem) in faults {
                table.wrong(row, FROM, problem);
            }
        }
        table.finish()?;
        Ok(Self {
            rows: rows.into_iter().map(|(fee, _)| fee).collect(),
        })
    }
}

/// A row, if it is right in itself.
fn fee<R: BufRead>(table: &mut Table<R>, row: &Row) -> Option<Fee> {
    let mut wrong = Vec::new();
    let upper = |column| row.field(column).to_ascii_uppercase().into_boxed_str();
    if row.field(PROCEDURE).is_empty() {
        wrong.push((PROCEDURE, "is empty; a fee is for a procedure"));
    }
    let amount = parse_amount(row.field(AMOUNT));
    wrong.extend(amount.err().map(|problem| (AMOUNT, problem)));
    let (first, last) = (parse_date(row.field(FROM)), parse_date(row.field(TO)));
    if first.is_none() {
        wrong.push((FROM, NO_DATE));
    }
    if last.is_none() && !row.field(TO).is_empty() {
        wrong.push((TO, NO_DATE));
    }
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        wrong.push((TO, "the last day is before effective_from, the first"));
    }
    let is_right = wrong.is_empty();
    for (column, problem) in wrong {
        table.wrong(row, column, problem);
    }
    if !is_right {
        return None;
    }
    let [procedure, modifier, place, locality] = [0, 1, 2, 3].map(upper);
    Some(Fee {
        procedure,
        modifier,
        place,
        locality,
        amount: amount.ok()?,
        from: first?,
        to: last,
        line: row.line,
    })
}

/// Rows of one key that have days in common with another one, or leave days out between them. The
/// rows are sorted by key and first day.
fn neighbours_at_fault(rows: &[(Fee, Row)]) -> Vec<(&Row, String)> {
    let mut faults = Vec::new();
    for rows in rows.chunk_by(|(left, _), (right, _)| left.key() == right.key()) {
        // The row that reaches furthest of those before.
        let Some(((first, _), others)) = rows.split_first() else {
            continue;
        };
        let mut furthest = first;
        for (fee, row) in others {
            let leaves_out = |to: NaiveDate| to.succ_opt().is_some_and(|next| next < fee.from);
            let problem = match furthest.to {
                Some(to) if leaves_out(to) => {
                    Some("no row covers the days between this one and the one on")
                }
                Some(to) if to < fee.from => None,
                _ => Some("the days overlap those on"),
            };
            faults.extend(problem.map(|problem| {
                let other = furthest.line;
                let problem = format!(
                    "{problem} line {other}, which is for the same procedure, modifier, place and locality"
                );
                (row, problem)
            }));
            let reaches_further = furthest
                .to
                .is_some_and(|to| fee.to.is_none_or(|other| other > to));
            if reaches_further {
                furthest = fee;
            }
        }
    }
    faults
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
                "fees.csv:1: a column that is none of procedure, modifier, place_of_service, locality, amount, effective_from, effective_to",
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
