//! What stands on timelines, read in bulk.
//!
//! What nobody changed since the history was begun is read over connections of its own, two at
//! once. They see what was committed last, and the pages that they read once do not take the
//! place of those that the run is going to change.

use std::sync::{Mutex, PoisonError};

use ahash::AHashMap;
use chrono::NaiveDate;
use rusqlite::{Connection, OpenFlags, params};

use super::SqliteHistory;
use super::read::{get, optional};
use crate::claim::{Cents, Units};
use crate::history::{LineRow, SessionRow, TimelineRow, TimelineWanted};

/// How many timelines are asked for at once: the pages of so many stay in memory from one
/// question to the next.
const TIMELINES_AT_ONCE: usize = 2048;

/// For so many timelines it is worth to open the file again. Tests do it for any two.
const MANY: usize = if cfg!(test) { 2 } else { 1024 };

/// Timelines of one place among those wanted, by number.
pub(super) type Found = (Vec<i64>, usize);

/// Hears of a row: its timeline, its place among those wanted.
type Hears<'h> = dyn FnMut(i64, usize, TimelineRow<'_>) + 'h;

impl SqliteHistory {
    pub(super) fn timelines(
        &mut self,
        wanted: &[TimelineWanted<'_>],
        visit: &mut (dyn FnMut(usize, TimelineRow<'_>) + Send),
    ) -> rusqlite::Result<()> {
        let mut found = self.find_timelines(wanted)?;
        // In the order in which their rows stand, so that each page is read once.
        found.sort_unstable_by_key(|(ids, place)| (ids[0], *place));
        let is_changed = |(ids, _): &Found| ids.iter().any(|id| self.changed.contains(id));
        let readers = match found.len() {
            MANY.. => self.readers(),
            _ => None,
        };
        let (here, apart): (Vec<Found>, Vec<Found>) = match readers {
            Some(_) => found.into_iter().partition(is_changed),
            None => (found, Vec::new()),
        };
        let Self {
            connection,
            timelines,
            ..
        } = self;
        for (ids, _) in here.iter().chain(&apart) {
            ids.iter().for_each(|id| timelines.read(*id));
        }
        let hears = Mutex::new(|timeline, place, row: TimelineRow<'_>| {
            if let TimelineRow::Session(session) = &row {
                timelines.has_session(timeline, session.date);
            }
            visit(place, row);
        });
        let read = |connection: &Connection, found: &[Found]| {
            read(connection, wanted, found, &mut |timeline, place, row| {
                let mut hears = hears.lock().unwrap_or_else(PoisonError::into_inner);
                hears(timeline, place, row);
            })
        };
        if let Some((one, other)) = readers {
            let (left, right) = apart.split_at(apart.len() / 2);
            let (left, right) = rayon::join(move || read(&one, left), move || read(&other, right));
            left.and(right)?;
        }
        read(connection, &here)
    }

    /// The numbers of the timelines that are there, each with its place among those wanted.
    pub(super) fn find_timelines(
        &mut self,
        wanted: &[TimelineWanted<'_>],
    ) -> rusqlite::Result<Vec<Found>> {
        let Self {
            connection,
            timelines,
            ..
        } = self;
        let mut found = Vec::with_capacity(wanted.len());
        for (place, timeline) in wanted.iter().enumerate() {
            let mut ids = Vec::new();
            for member in &timeline.members {
                ids.extend(timelines.find(connection, timeline.plan, member)?);
            }
            if !ids.is_empty() {
                found.push((ids, place));
            }
        }
        Ok(found)
    }

    /// Two more connections, which only read; none where the history is new, or where it cannot
    /// be read beside what is being written.
    fn readers(&self) -> Option<(Connection, Connection)> {
        let reader = || -> rusqlite::Result<Connection> {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let reader = Connection::open_with_flags(&self.path, flags)?;
            reader.execute_batch("PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;")?;
            reader.query_row("SELECT next_part FROM settling", [], |row| {
                row.get::<_, i64>(0)
            })?;
            Ok(reader)
        };
        reader().and_then(|one| Ok((one, reader()?))).ok()
    }
}

/// Reads what stands on timelines.
fn read(
    connection: &Connection,
    wanted: &[TimelineWanted<'_>],
    found: &[Found],
    hears: &mut Hears<'_>,
) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS wanted (place INTEGER, timeline_id INTEGER) STRICT;
         CREATE TEMP TABLE IF NOT EXISTS wanted_dates
             (place INTEGER, timeline_id INTEGER, service_date TEXT) STRICT;",
    )?;
    for found in found.chunks(TIMELINES_AT_ONCE) {
        want(connection, wanted, found)?;
        visit_sessions(connection, hears)?;
        visit_lines(connection, hears)?;
    }
    connection.execute_batch("DROP TABLE wanted; DROP TABLE wanted_dates;")
}

/// Writes down which timelines are asked for, and on which dates their lines.
fn want(
    connection: &Connection,
    wanted: &[TimelineWanted<'_>],
    found: &[Found],
) -> rusqlite::Result<()> {
    connection.execute_batch("DELETE FROM wanted; DELETE FROM wanted_dates;")?;
    let mut want = connection.prepare_cached("INSERT INTO wanted VALUES (?1, ?2)")?;
    let mut want_date =
        connection.prepare_cached("INSERT INTO wanted_dates VALUES (?1, ?2, ?3)")?;
    for (ids, place) in found {
        for id in ids {
            want.execute(params![*place as i64, id])?;
            for date in &wanted[*place].dates {
                want_date.execute(params![*place as i64, id, date.to_string()])?;
            }
        }
    }
    Ok(())
}

fn visit_sessions(connection: &Connection, hears: &mut Hears<'_>) -> rusqlite::Result<()> {
    // Who billed a session matters on its own date alone.
    let mut billed = connection.prepare_cached(
        "SELECT place, sessions.service_date, billing_provider, rendering_provider,
                wanted_dates.rowid AS number
         FROM wanted_dates
         CROSS JOIN sessions ON sessions.timeline_id = wanted_dates.timeline_id
            AND sessions.service_date = wanted_dates.service_date
         CROSS JOIN lines ON lines.id = sessions.line_id
         CROSS JOIN claims ON claims.id = lines.claim_id
         ORDER BY number",
    )?;
    let billed: AHashMap<(i64, NaiveDate), (String, String)> = billed
        .query_map([], |row| {
            Ok(((row.get(0)?, get(row, 1)?), (row.get(2)?, row.get(3)?)))
        })?
        .collect::<Result<_, _>>()?;
    let mut sessions = connection.prepare_cached(
        "SELECT place, service_date, phase, muscles, wanted.timeline_id, wanted.rowid AS number
         FROM wanted CROSS JOIN sessions ON sessions.timeline_id = wanted.timeline_id
         ORDER BY number, service_date",
    )?;
    let mut rows = sessions.query([])?;
    while let Some(row) = rows.next()? {
        let (place, date): (i64, NaiveDate) = (row.get(0)?, get(row, 1)?);
        let providers = billed.get(&(place, date));
        let session = SessionRow {
            date,
            phase: optional(row, 2)?,
            muscles: get(row, 3)?,
            providers: providers.map(|(billing, rendering)| (&**billing, &**rendering)),
        };
        hears(row.get(4)?, place as usize, TimelineRow::Session(session));
    }
    Ok(())
}

fn visit_lines(connection: &Connection, hears: &mut Hears<'_>) -> rusqlite::Result<()> {
    let mut lines = connection.prepare_cached(
        "SELECT place, lines.service_date, role, stands_as, billing_provider,
                rendering_provider, procedure, modifiers, units, is_unit_count, charge_cents,
                lines.timeline_id, lines.id
         FROM wanted_dates
         CROSS JOIN timeline_lines ON timeline_lines.timeline_id = wanted_dates.timeline_id
            AND timeline_lines.service_date = wanted_dates.service_date
         CROSS JOIN lines ON lines.id = timeline_lines.line_id
         CROSS JOIN claims ON claims.id = lines.claim_id
         WHERE stands_as IS NOT NULL AND (is_seen OR stands_as IN ('pay', 'reduce'))
         ORDER BY place, lines.id",
    )?;
    let mut rows = lines.query([])?;
    while let Some(row) = rows.next()? {
        let line = LineRow {
            date: get(row, 1)?,
            role: get(row, 2)?,
            decision: get(row, 3)?,
            billing_provider: row.get_ref(4)?.as_str()?,
            rendering_provider: row.get_ref(5)?.as_str()?,
            procedure: row.get_ref(6)?.as_str()?,
            modifiers: get(row, 7)?,
            units: Units {
                quantity: optional(row, 8)?,
                counted: row.get(9)?,
            },
            charge: Cents(row.get(10)?),
        };
        let place: i64 = row.get(0)?;
        hears(row.get(11)?, place as usize, TimelineRow::Line(line));
    }
    Ok(())
}
