//! Rows of tables whose keys are in no order of arrival: they are gathered and added sorted, so
//! that neighbours meet on one page.
//!
//! Where a run is small beside the history, even so nearly every row has a page to itself, and a
//! page that is changed is written three times. The rows of such a run go to small tables
//! instead, and each run moves on a part of what stands there: see [`settle`].

use std::{mem, str};

use chrono::NaiveDate;
use rusqlite::{Connection, Statement, params};

use super::timelines::Timelines;
use crate::history::{NewClaim, RowStatus};
use crate::policy::Phase;

/// How many lines' rows are gathered: what is held stays small.
const MOST_LINES: usize = 1 << 20;

/// A run of fewer lines than one for so many of the history is small: it would change a page of
/// the history for every few rows.
const SMALL: i64 = 32;

/// Into how many parts the keys are cut to be moved. Two letters of a claim control number are
/// one of 32 times 32.
pub(super) const PARTS: i64 = 1024;

/// The letters of claim control numbers, in their order in the database.
const LETTERS: &[u8; 32] = b"234567ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Rows that wait for others to be added with.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    numbers: Vec<([u8; 6], i64)>,
    lines: Vec<(i64, Option<NaiveDate>, i64)>,
    sessions: Vec<(i64, NaiveDate, NewSession)>,
}

/// A session that a line makes.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) line: i64,
    pub(super) phase: Option<Phase>,
    pub(super) muscles: Option<String>,
}

/// Where rows go, and where others stand.
#[derive(Debug, Clone, Copy)]
struct Tables {
    to: &'static str,
    beside: &'static str,
}

impl Ordered {
    /// The way to a claim from its number; one that cannot be meant has none.
    pub(super) fn add_claim(&mut self, claim: &NewClaim<'_>, id: i64) {
        if let (RowStatus::Active, Some(number)) = (claim.status, claim.control_number) {
            self.numbers.push((number.prefix(), id));
        }
    }

    /// The way to a line from its member and date.
    pub(super) fn add_line(&mut self, timeline: i64, date: Option<NaiveDate>, line: i64) {
        self.lines.push((timeline, date, line));
    }

    /// A session.
    pub(super) fn add_session(&mut self, timeline: i64, date: NaiveDate, session: NewSession) {
        self.sessions.push((timeline, date, session));
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= MOST_LINES
    }

    /// Adds all rows in key order, to a history of so many lines. Gives the timelines and dates
    /// that have a session already.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        timelines: &mut Timelines,
        lines_before: i64,
    ) -> rusqlite::Result<Vec<(i64, String)>> {
        let rows = mem::take(self);
        let added = i64::try_from(rows.lines.len().max(rows.numbers.len())).unwrap_or(i64::MAX);
        let (to, beside) = if added.saturating_mul(SMALL) < lines_before {
            settle(connection, parts(added, lines_before))?;
            ("recent", "settled")
        } else {
            settle(connection, PARTS)?;
            ("settled", "recent")
        };
        add_numbers(connection, to, rows.numbers)?;
        add_lines(connection, to, rows.lines)?;
        add_sessions(connection, timelines, Tables { to, beside }, rows.sessions)
    }
}

fn insert<'c>(connection: &'c Connection, to: &str, row: &str) -> rusqlite::Result<Statement<'c>> {
    connection.prepare(&format!("INSERT INTO {to}_{row}"))
}

fn add_numbers(
    connection: &Connection,
    to: &str,
    mut numbers: Vec<([u8; 6], i64)>,
) -> rusqlite::Result<()> {
    numbers.sort_unstable();
    let mut add = insert(connection, to, "claim_numbers VALUES (?1, ?2)")?;
    for (prefix, claim) in numbers {
        let prefix = str::from_utf8(&prefix).unwrap_or_default();
        add.execute(params![prefix, claim])?;
    }
    Ok(())
}

fn add_lines(
    connection: &Connection,
    to: &str,
    mut lines: Vec<(i64, Option<NaiveDate>, i64)>,
) -> rusqlite::Result<()> {
    lines.sort_unstable();
    let mut add = insert(connection, to, "timeline_lines VALUES (?1, ?2, ?3)")?;
    for (timeline, date, line) in lines {
        let date = date.map(|date| date.to_string()).unwrap_or_default();
        add.execute(params![timeline, date, line])?;
    }
    Ok(())
}

fn add_sessions(
    connection: &Connection,
    timelines: &mut Timelines,
    Tables { to, beside }: Tables,
    mut sessions: Vec<(i64, NaiveDate, NewSession)>,
) -> rusqlite::Result<Vec<(i64, String)>> {
    sessions.sort_by_key(|(timeline, date, _)| (*timeline, *date));
    let mut taken = Vec::new();
    let row = "sessions VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    let mut add = insert(connection, to, row)?;
    let mut find = connection.prepare(&format!(
        "SELECT 1 FROM {beside}_sessions WHERE timeline_id = ?1 AND service_date = ?2"
    ))?;
    for (timeline, date, session) in sessions {
        let is_latest = timelines.is_latest_session(timeline, date);
        let date = date.to_string();
        let phase = session.phase.map(|phase| phase.as_str());
        let row = params![timeline, date, session.line, phase, session.muscles];
        let is_beside = !is_latest && find.exists(params![timeline, date])?;
        if is_beside || add.execute(row)? == 0 {
            taken.push((timeline, date));
        }
    }
    Ok(taken)
}

/// How many parts a run moves that adds so many lines to so many.
///
/// Where each run moves one of n parts, what waits is that of n / 2 runs, and nearly all of it is
/// changed by a run, as is one n-th of the history: together least where n is the square root of
/// twice the history in runs.
fn parts(added: i64, lines_before: i64) -> i64 {
    let runs = lines_before / added.max(1);
    let ways = runs.saturating_mul(2).isqrt().max(1);
    (PARTS + ways - 1) / ways
}

/// Moves rows of the next parts of the keys to the tables in which they stay.
pub(super) fn settle(connection: &Connection, parts: i64) -> rusqlite::Result<()> {
    let first: i64 =
        connection.query_row("SELECT next_part FROM settling", [], |row| row.get(0))?;
    if parts >= PARTS {
        return move_rows(connection, "TRUE", "TRUE");
    }
    let end = (first + parts).min(PARTS);
    let timelines: i64 = connection.query_row(
        "SELECT coalesce(max(id), 0) + 1 FROM timelines",
        [],
        |row| row.get(0),
    )?;
    let timeline = |part: i64| timelines.saturating_mul(part) / PARTS;
    move_rows(
        connection,
        &format!(
            "prefix >= '{}' AND prefix < '{}'",
            prefix(first),
            prefix(end)
        ),
        &format!(
            "timeline_id >= {} AND timeline_id < {}",
            timeline(first),
            timeline(end)
        ),
    )?;
    connection
        .execute("UPDATE settling SET next_part = ?1", [end % PARTS])
        .map(drop)
}

/// Moves the rows of some claim control numbers and of some timelines.
fn move_rows(connection: &Connection, numbers: &str, timelines: &str) -> rusqlite::Result<()> {
    for (table, of_parts) in [
        ("claim_numbers", numbers),
        ("timeline_lines", timelines),
        ("sessions", timelines),
    ] {
        connection.execute_batch(&format!(
            "INSERT INTO settled_{table} SELECT * FROM recent_{table} WHERE {of_parts};
             DELETE FROM recent_{table} WHERE {of_parts};"
        ))?;
    }
    Ok(())
}

/// The first letters of the claim control numbers of a part; past all of them after the last.
fn prefix(part: i64) -> String {
    let letters = LETTERS.len() as i64;
    let letter = |index: i64| {
        let index = usize::try_from(index).unwrap_or_default();
        LETTERS.get(index).copied().map_or('a', char::from)
    };
    format!("{}{}", letter(part / letters), letter(part % letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_claim_control_numbers_follow_one_another() {
        let prefixes: Vec<String> = (0..=PARTS).map(prefix).collect();
        assert!(prefixes.is_sorted_by(|left, right| left < right));
        assert_eq!((&*prefixes[0], &*prefixes[33]), ("22", "33"));
        assert!(prefixes[1024].as_str() > "ZZZZZZ");
    }

    #[test]
    fn the_smaller_a_run_the_fewer_parts_it_moves() {
        let of_five_million = |added| parts(added, 5_000_000);
        assert_eq!(of_five_million(5_000_000), 1024);
        assert_eq!(of_five_million(75_000), 94);
        assert_eq!(of_five_million(1), 1);
        assert_eq!(parts(0, 5_000_000), 1);
    }
}
