//! Which dates of a timeline are sessions: those that the lists say, but where something was
//! taken back or reviewed since.

use std::collections::BTreeMap;

use ahash::AHashMap;
use rusqlite::{Connection, OptionalExtension, params};

use super::SqliteHistory;
use super::lists::{self, Key, ListedLine, Timeline};

/// What is heard of a timeline.
#[derive(Debug, Clone, Copy)]
pub(super) enum Heard<'h> {
    /// A line, by its date of service (empty: none) and its number.
    Line(&'h str, i64),
    /// A session.
    Session {
        date: &'h str,
        /// The line paid.
        line: i64,
        /// Empty for none.
        phase: &'h str,
        /// A list as JSON.
        muscles: Option<&'h str>,
    },
    /// A date that is no session any more.
    Ended(&'h str),
}

/// Hears of timelines by number.
type Hears<'h> = dyn FnMut(i64, Heard<'_>) -> rusqlite::Result<()> + 'h;

/// A session that is not as the lists say.
struct Changed {
    /// `None`: the date is no session any more.
    line: Option<i64>,
    phase: Option<String>,
    muscles: Option<String>,
}

/// By timeline and date.
type AllChanged = AHashMap<i64, Vec<(String, Changed)>>;

/// Reads the lines and sessions of timelines, whose numbers ascend, in no order.
pub(super) fn visit(
    connection: &Connection,
    timelines: &[i64],
    hear: &mut Hears<'_>,
) -> rusqlite::Result<()> {
    let changed = changed(connection, timelines)?;
    let keys: Vec<Timeline> = timelines.iter().map(|id| Timeline(*id)).collect();
    lists::visit(connection, &keys, &mut |Timeline(timeline), list| {
        let changed = changed.get(&timeline).map_or(&[][..], Vec::as_slice);
        for listed in lists::items::<ListedLine<'_>>(list)? {
            let ListedLine(date, line, phase, muscles) = listed;
            hear(timeline, Heard::Line(date, line))?;
            let is_changed = || changed.iter().any(|(of, _)| of == date);
            if let Some(phase) = phase.filter(|_| !is_changed()) {
                let muscles = muscles.map(|muscles| muscles.get());
                let session = Heard::Session {
                    date,
                    line,
                    phase,
                    muscles,
                };
                hear(timeline, session)?;
            }
        }
        Ok(())
    })?;
    for timeline in timelines {
        for (date, changed) in changed.get(timeline).into_iter().flatten() {
            let heard = match changed.line {
                Some(line) => Heard::Session {
                    date,
                    line,
                    phase: changed.phase.as_deref().unwrap_or_default(),
                    muscles: changed.muscles.as_deref(),
                },
                None => Heard::Ended(date),
            };
            hear(*timeline, heard)?;
        }
    }
    Ok(())
}

fn changed(connection: &Connection, timelines: &[i64]) -> rusqlite::Result<AllChanged> {
    let mut all = AllChanged::new();
    let mut find = connection.prepare_cached(
        "SELECT timeline_id, service_date, line_id, phase, muscles FROM changed_sessions
         WHERE timeline_id BETWEEN ?1 AND ?2 ORDER BY timeline_id, service_date",
    )?;
    let part = |id: i64| Timeline(id).part();
    for timelines in timelines.chunk_by(|left, right| part(*left) == part(*right)) {
        let mut rows = find.query([timelines.first(), timelines.last()])?;
        while let Some(row) = rows.next()? {
            let changed = Changed {
                line: row.get(2)?,
                phase: row.get(3)?,
                muscles: row.get(4)?,
            };
            let of_timeline = all.entry(row.get(0)?).or_default();
            of_timeline.push((row.get(1)?, changed));
        }
    }
    Ok(all)
}

/// A line of a date, and the phase and muscles of the session that the lists say it makes.
type OfDate = (i64, Option<(String, Option<String>)>);

/// A line that may make the session of its date.
struct PaidSession {
    line: i64,
    procedure: String,
    phase: Option<String>,
    muscles: Option<String>,
}

impl SqliteHistory {
    /// Makes the sessions of dates of timelines anew, from the lines that stand on them: the line
    /// of the highest code, then the first one.
    pub(super) fn refresh_sessions(&self, mut dates: Vec<(i64, String)>) -> rusqlite::Result<()> {
        dates.sort_unstable();
        dates.dedup();
        let mut timelines: Vec<Timeline> = dates.iter().map(|(id, _)| Timeline(*id)).collect();
        timelines.dedup();
        let mut lines: BTreeMap<(i64, String), Vec<OfDate>> =
            dates.into_iter().map(|date| (date, Vec::new())).collect();
        lists::visit(&self.connection, &timelines, &mut |Timeline(id), list| {
            for ListedLine(date, line, phase, muscles) in lists::items::<ListedLine<'_>>(list)? {
                if let Some(lines) = lines.get_mut(&(id, date.to_owned())) {
                    let muscles = muscles.map(|muscles| muscles.get().to_owned());
                    lines.push((line, phase.map(|phase| (phase.to_owned(), muscles))));
                }
            }
            Ok(())
        })?;
        for ((timeline, date), lines) in lines {
            self.refresh_session(timeline, &date, &lines)?;
        }
        Ok(())
    }

    fn refresh_session(&self, timeline: i64, date: &str, lines: &[OfDate]) -> rusqlite::Result<()> {
        let mut forget = self.connection.prepare_cached(
            "DELETE FROM changed_sessions WHERE timeline_id = ?1 AND service_date = ?2",
        )?;
        forget.execute(params![timeline, date])?;
        let mut paid = Vec::new();
        for (line, _) in lines {
            paid.extend(self.paid_session(*line)?);
        }
        paid.sort_by(|left, right| {
            (&right.procedure, left.line).cmp(&(&left.procedure, right.line))
        });
        let of_date = paid.into_iter().next();
        let listed = lines.iter().find_map(|(line, session)| {
            let (phase, muscles) = session.as_ref()?;
            Some((*line, &**phase, muscles.as_deref()))
        });
        let is_as_listed = match (&of_date, listed) {
            (None, None) => true,
            (Some(paid), Some(listed)) => {
                let phase = paid.phase.as_deref().unwrap_or_default();
                (paid.line, phase, paid.muscles.as_deref()) == listed
            }
            _ => false,
        };
        if is_as_listed {
            return Ok(());
        }
        let (line, phase, muscles) = match of_date {
            Some(paid) => (Some(paid.line), paid.phase, paid.muscles),
            None => (None, None, None),
        };
        let mut change = self
            .connection
            .prepare_cached("INSERT INTO changed_sessions VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let row = params![timeline, date, line, phase, muscles];
        change.execute(row).map(drop)
    }

    /// A line, if it is of the limited service and paid.
    fn paid_session(&self, line: i64) -> rusqlite::Result<Option<PaidSession>> {
        let mut paid = self.connection.prepare_cached(
            "SELECT procedure, coalesce(reviews.phase, lines.phase), muscles
             FROM lines LEFT JOIN reviews ON reviews.line_id = lines.id
             WHERE lines.id = ?1 AND role = 'session' AND stands_as IN ('pay', 'reduce')",
        )?;
        let paid = paid.query_row([line], |row| {
            Ok(PaidSession {
                line,
                procedure: row.get(0)?,
                phase: row.get(1)?,
                muscles: row.get(2)?,
            })
        });
        paid.optional()
    }
}
