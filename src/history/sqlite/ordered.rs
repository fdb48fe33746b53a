//! Rows of tables whose keys are in no order of arrival: they are gathered and added sorted, so
//! that neighbours meet on one page.

use std::{mem, str};

use chrono::NaiveDate;
use rusqlite::{Connection, params};

use crate::history::{NewClaim, RowStatus};
use crate::policy::Phase;

/// How many lines' rows are gathered: what is held stays small.
const MOST_LINES: usize = 1 << 18;

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

    /// Adds all rows in key order. Gives the timelines and dates that have a session already.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
    ) -> rusqlite::Result<Vec<(i64, String)>> {
        let Self {
            mut numbers,
            mut lines,
            mut sessions,
        } = mem::take(self);
        numbers.sort_unstable();
        let mut add = connection.prepare_cached("INSERT INTO claim_numbers VALUES (?1, ?2)")?;
        for (prefix, claim) in numbers {
            let prefix = str::from_utf8(&prefix).unwrap_or_default();
            add.execute(params![prefix, claim])?;
        }
        lines.sort_unstable();
        let mut add =
            connection.prepare_cached("INSERT INTO timeline_lines VALUES (?1, ?2, ?3)")?;
        for (timeline, date, line) in lines {
            let date = date.map(|date| date.to_string()).unwrap_or_default();
            add.execute(params![timeline, date, line])?;
        }
        sessions.sort_by_key(|(timeline, date, _)| (*timeline, *date));
        let mut taken = Vec::new();
        let mut add = connection
            .prepare_cached("INSERT OR IGNORE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (timeline, date, session) in sessions {
            let date = date.to_string();
            let phase = session.phase.map(|phase| phase.as_str());
            let row = params![timeline, date, session.line, phase, session.muscles];
            if add.execute(row)? == 0 {
                taken.push((timeline, date));
            }
        }
        Ok(taken)
    }
}
