//! Rows whose keys are in no order of arrival: they are gathered, sorted, and added as lists.

use std::fmt::Write as _;
use std::mem;

use ahash::AHashMap;
use chrono::NaiveDate;
use rusqlite::Connection;

use super::lists::{Adding, Prefix, Timeline};
use super::read::date;
use super::sessions::{self, Heard};
use super::settling::settle;
use super::text::Day;
use super::timelines::{NewTimelines, Timelines};
use crate::history::{NewClaim, RowStatus};
use crate::policy::Phase;

/// How many lines' rows are gathered: what is held stays small.
const MOST_LINES: usize = 1 << 20;

/// Rows that wait for others to be added with.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    numbers: Vec<(Prefix, i64)>,
    lines: Vec<NewListed>,
    pub(super) timelines: NewTimelines,
}

/// A line, to be listed.
#[derive(Debug)]
pub(super) struct NewListed {
    pub(super) timeline: i64,
    pub(super) date: Option<NaiveDate>,
    pub(super) line: i64,
    /// The session that it makes.
    pub(super) session: Option<NewSession>,
}

/// A session that a line makes.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) phase: Option<Phase>,
    pub(super) muscles: Option<String>,
}

impl Ordered {
    /// The way to a claim from its number; one that cannot be meant has none.
    pub(super) fn add_claim(&mut self, claim: &NewClaim<'_>, id: i64) {
        if let (RowStatus::Active, Some(number)) = (claim.status, claim.control_number) {
            self.numbers.push((Prefix(number.prefix()), id));
        }
    }

    /// The way to a line from its member and date.
    pub(super) fn add_line(&mut self, line: NewListed) {
        self.lines.push(line);
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= MOST_LINES
    }

    /// Adds all rows of a run from that line on, in key order. Gives the timelines and dates whose session is to be made anew.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        timelines: &mut Timelines,
        first_line: i64,
    ) -> rusqlite::Result<Vec<(i64, String)>> {
        let mut rows = mem::take(self);
        settle(connection)?;
        add_timelines(connection, rows.timelines)?;
        add_numbers(connection, rows.numbers)?;
        rows.lines
            .sort_unstable_by_key(|line| (line.timeline, line.date, line.line));
        let again = choose_sessions(connection, timelines, &mut rows.lines, first_line)?;
        add_lines(connection, &rows.lines)?;
        Ok(again)
    }
}

fn add_timelines(connection: &Connection, mut timelines: NewTimelines) -> rusqlite::Result<()> {
    timelines.sort_by_key(|(hash, _)| *hash);
    let mut adding = Adding::new(connection)?;
    for (hash, listed) in timelines {
        adding.item(hash)?.push_str(&listed);
    }
    adding.finish()
}

fn add_numbers(connection: &Connection, mut numbers: Vec<(Prefix, i64)>) -> rusqlite::Result<()> {
    numbers.sort_unstable();
    let mut adding = Adding::new(connection)?;
    for (prefix, claim) in numbers {
        let _ = write!(adding.item(prefix)?, "{claim}");
    }
    adding.finish()
}

fn add_lines(connection: &Connection, lines: &[NewListed]) -> rusqlite::Result<()> {
    let mut adding = Adding::new(connection)?;
    for line in lines {
        let text = adding.item(Timeline(line.timeline))?;
        text.push_str("[\"");
        if let Some(date) = line.date {
            text.push_str(Day::new(date).as_str());
        }
        let _ = write!(text, "\",{}", line.line);
        if let Some(session) = &line.session {
            let phase = session.phase.map(Phase::as_str).unwrap_or_default();
            let _ = write!(text, ",\"{phase}\"");
        }
        if let Some(muscles) = line
            .session
            .as_ref()
            .and_then(|session| session.muscles.as_ref())
        {
            let _ = write!(text, ",{muscles}");
        }
        text.push(']');
    }
    adding.finish()
}

/// Leaves one session on each date at most, and none where an earlier line's stands. Gives the
/// dates whose session is to be chosen among several lines: a plan pays several of one date.
fn choose_sessions(
    connection: &Connection,
    timelines: &mut Timelines,
    lines: &mut [NewListed],
    first_line: i64,
) -> rusqlite::Result<Vec<(i64, String)>> {
    let mut again = Vec::new();
    let stands = standing_beside(connection, timelines, lines)?;
    for lines in
        lines.chunk_by_mut(|one, next| (one.timeline, one.date) == (next.timeline, next.date))
    {
        let (timeline, Some(date)) = (lines[0].timeline, lines[0].date) else {
            continue;
        };
        let mut new = lines.iter_mut().filter(|line| line.session.is_some());
        let Some(first) = new.next() else { continue };
        let id = first.line;
        let mut is_again = false;
        for line in new {
            line.session = None;
            is_again = true;
        }
        let key = (timeline, date);
        match stands
            .get(&key)
            .copied()
            .or_else(|| timelines.session_on(timeline, date))
        {
            // That of an earlier run stays.
            Some(Some(stands)) if stands < first_line => {
                lines.iter_mut().for_each(|line| line.session = None);
                continue;
            }
            Some(_) => {
                lines.iter_mut().for_each(|line| line.session = None);
                is_again = true;
            }
            None => timelines.has_session(timeline, date, Some(id)),
        }
        if is_again {
            again.push((timeline, date.to_string()));
        }
    }
    Ok(again)
}

/// The lines that make sessions of new sessions' timelines, where those were not read; see
/// [`Timelines::session_on`].
fn standing_beside(
    connection: &Connection,
    timelines: &Timelines,
    lines: &[NewListed],
) -> rusqlite::Result<AHashMap<(i64, NaiveDate), Option<i64>>> {
    let mut unread: Vec<i64> = lines
        .iter()
        .filter(|line| line.session.is_some() && !timelines.is_read(line.timeline))
        .map(|line| line.timeline)
        .collect();
    unread.dedup();
    let mut stands = AHashMap::new();
    sessions::visit(connection, &unread, &mut |timeline, heard| {
        let (date_of, line) = match heard {
            Heard::Session { date, line, .. } => (date, Some(line)),
            Heard::Ended(date) => (date, None),
            Heard::Line(..) => return Ok(()),
        };
        if let Some(date) = date(date_of) {
            stands.insert((timeline, date), line);
        }
        Ok(())
    })?;
    Ok(stands)
}
