//! What stands on timelines, read in bulk.
//!
//! What nobody changed since the history was begun is read over connections of its own, two at
//! once. They see what was committed last, and the pages that they read once do not take the
//! place of those that the run is going to change.

use ahash::{AHashMap, AHashSet};
use chrono::NaiveDate;
use rusqlite::{Connection, OpenFlags, Row};

use super::SqliteHistory;
use super::lists::{Key, Timeline};
use super::read::{date, get, optional, parsed};
use super::sessions::{self, Heard};
use crate::claim::{Cents, Units};
use crate::history::{LineRow, SessionRow, TimelineRow, TimelineWanted};

/// For so many timelines it is worth to open the file again. Tests do it for any two.
const MANY: usize = if cfg!(test) { 2 } else { 1024 };

/// Timelines of one place among those wanted, by number.
pub(super) type Found = (Vec<i64>, usize);

/// A place among those wanted, and one among the keys of its member.
type Place = (usize, usize);

/// A timeline, and its place.
type Asked = (i64, Place);

/// Hears of a row, with its place among those wanted.
type Visit<'v> = dyn FnMut(usize, TimelineRow) + 'v;

impl SqliteHistory {
    pub(super) fn timelines(
        &mut self,
        wanted: &[TimelineWanted<'_>],
        visit: &mut Visit<'_>,
    ) -> rusqlite::Result<()> {
        let mut readers = match wanted.len() {
            MANY.. => self.readers(),
            _ => None,
        };
        let found = self.find_timelines(readers.as_mut(), wanted)?;
        let mut asked: Vec<Asked> = Vec::with_capacity(found.len());
        for (ids, place) in &found {
            let ids = ids.iter().enumerate();
            asked.extend(ids.map(|(key, id)| (*id, (*place, key))));
        }
        // In the order in which their lists stand, so that each row is read once.
        asked.sort_unstable();
        for (id, _) in &asked {
            self.timelines.read(*id);
        }
        let (here, apart): (Vec<Asked>, Vec<Asked>) = match &readers {
            Some(_) => asked.iter().partition(|(id, _)| self.changed.contains(id)),
            None => (asked, Vec::new()),
        };
        let mut standing = vec![Standing::read(&self.connection, wanted, &here)?];
        if let Some((one, other)) = readers {
            let (left, right) = halves(&apart);
            let (left, right) = rayon::join(
                move || Standing::read(&one, wanted, left),
                move || Standing::read(&other, wanted, right),
            );
            standing.extend([left?, right?]);
        }
        for standing in &mut standing {
            for (timeline, date, line) in standing.on_dates.drain(..) {
                self.timelines.has_session(timeline, date, line);
            }
        }
        tell(standing, visit);
        Ok(())
    }

    /// The numbers of the timelines that are there, each with its place among those wanted. They
    /// are looked up over those connections, if any.
    pub(super) fn find_timelines(
        &mut self,
        readers: Option<&mut (Connection, Connection)>,
        wanted: &[TimelineWanted<'_>],
    ) -> rusqlite::Result<Vec<Found>> {
        let Self {
            connection,
            timelines,
            ..
        } = self;
        let keys = wanted.iter().flat_map(|timeline| {
            let members = timeline.members.iter();
            members.map(|member| (timeline.plan, *member))
        });
        match readers {
            None => timelines.learn(connection, keys.collect())?,
            Some(readers) => timelines.learn_apart(readers, keys.collect())?,
        }
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
            reader.query_row(
                "SELECT count(*) FROM changed_sessions WHERE timeline_id = 0",
                [],
                |row| row.get::<_, i64>(0),
            )?;
            Ok(reader)
        };
        reader().and_then(|one| Ok((one, reader()?))).ok()
    }
}

/// Cuts between two parts of the lists, about in the middle.
fn halves(asked: &[Asked]) -> (&[Asked], &[Asked]) {
    let part = |asked: &Asked| Timeline(asked.0).part();
    let middle = asked.get(asked.len() / 2).map(part);
    asked.split_at(asked.partition_point(|asked| Some(part(asked)) < middle))
}

/// What stands on some timelines.
#[derive(Default)]
struct Standing {
    sessions: Vec<(Place, SessionRow)>,
    /// Lines on dates that are wanted, by their numbers.
    lines: Vec<(Place, i64, LineRow)>,
    /// The sessions on those dates; see [`super::timelines::Timelines::has_session`].
    on_dates: Vec<(i64, NaiveDate, Option<i64>)>,
    /// The billing and rendering provider of each of them: on their own dates alone they matter.
    providers: Vec<(Place, NaiveDate, (String, String))>,
}

impl Standing {
    /// Reads what stands on timelines that ascend.
    fn read(
        connection: &Connection,
        wanted: &[TimelineWanted<'_>],
        asked: &[Asked],
    ) -> rusqlite::Result<Self> {
        let mut standing = Self::default();
        let timelines: Vec<i64> = asked.iter().map(|(id, _)| *id).collect();
        let mut billed = Vec::new();
        let mut last = None;
        sessions::visit(connection, &timelines, &mut |timeline, heard| {
            // What is heard of a timeline comes together.
            let place = match last {
                Some((of, place)) if of == timeline => place,
                _ => match asked.binary_search_by_key(&timeline, |(id, _)| *id) {
                    Ok(at) => asked[at].1,
                    Err(_) => return Ok(()),
                },
            };
            last = Some((timeline, place));
            // Lists without dates are not asked for.
            let (Heard::Line(text, _) | Heard::Session { date: text, .. } | Heard::Ended(text)) =
                heard;
            let Some(date) = date(text) else {
                return Ok(());
            };
            let is_wanted = wanted[place.0].dates.binary_search(&date).is_ok();
            match heard {
                Heard::Line(_, line) if is_wanted => billed.push((line, place)),
                Heard::Line(..) => {}
                Heard::Session {
                    line,
                    phase,
                    muscles,
                    ..
                } => {
                    if is_wanted {
                        standing.on_dates.push((timeline, date, Some(line)));
                    }
                    let session = SessionRow {
                        date,
                        phase: match phase {
                            "" => None,
                            phase => Some(parsed(phase)?),
                        },
                        muscles: muscles.map_or(Ok(Vec::new()), parsed)?,
                        providers: None,
                    };
                    standing.sessions.push((place, session));
                }
                Heard::Ended(_) if is_wanted => standing.on_dates.push((timeline, date, None)),
                Heard::Ended(_) => {}
            }
            Ok(())
        })?;
        standing.read_lines(connection, billed)?;
        standing.sort();
        Ok(standing)
    }

    /// Sorts what is told in order; where two threads read, each sorts what it read.
    fn sort(&mut self) {
        let Self {
            sessions, lines, ..
        } = self;
        sessions.sort_by_key(|(place, session)| (*place, session.date));
        lines.sort_by_key(|((place, _), line, _)| (*place, *line));
    }

    /// Reads lines with their claims, in the order in which they stand.
    fn read_lines(
        &mut self,
        connection: &Connection,
        mut billed: Vec<(i64, Place)>,
    ) -> rusqlite::Result<()> {
        billed.sort_unstable();
        let sessions: AHashSet<i64> = self
            .on_dates
            .iter()
            .filter_map(|(.., line)| *line)
            .collect();
        let mut find = connection.prepare_cached(
            "SELECT lines.service_date, role, stands_as, billing_provider, rendering_provider,
                    procedure, modifiers, units, is_unit_count, charge_cents,
                    stands_as IS NOT NULL AND (is_seen OR stands_as IN ('pay', 'reduce'))
             FROM lines CROSS JOIN claims ON claims.id = lines.claim_id WHERE lines.id = ?1",
        )?;
        for (line, place) in billed {
            let mut rows = find.query([line])?;
            let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            if sessions.contains(&line) {
                let providers = (row.get(3)?, row.get(4)?);
                self.providers.push((place, get(row, 0)?, providers));
            }
            if row.get(10)? {
                self.lines.push((place, line, line_row(row)?));
            }
        }
        Ok(())
    }
}

fn line_row(row: &Row<'_>) -> rusqlite::Result<LineRow> {
    Ok(LineRow {
        date: get(row, 0)?,
        role: get(row, 1)?,
        decision: get(row, 2)?,
        billing_provider: row.get(3)?,
        rendering_provider: row.get(4)?,
        procedure: row.get(5)?,
        modifiers: get(row, 6)?,
        units: Units {
            quantity: optional(row, 7)?,
            counted: row.get(8)?,
        },
        charge: Cents(row.get(9)?),
    })
}

/// Tells what stands, in an order that depends on it alone.
fn tell(standing: Vec<Standing>, visit: &mut Visit<'_>) {
    let mut all = Standing::default();
    for mut standing in standing {
        all.sessions.append(&mut standing.sessions);
        all.lines.append(&mut standing.lines);
        all.providers.append(&mut standing.providers);
    }
    all.sort();
    let Standing {
        sessions,
        lines,
        mut providers,
        ..
    } = all;
    providers.sort_unstable();
    let providers: AHashMap<(usize, NaiveDate), (String, String)> = providers
        .into_iter()
        .map(|((place, _), date, providers)| ((place, date), providers))
        .collect();
    for ((place, _), mut session) in sessions {
        session.providers = providers.get(&(place, session.date)).cloned();
        visit(place, TimelineRow::Session(session));
    }
    for ((place, _), _, line) in lines {
        visit(place, TimelineRow::Line(line));
    }
}
