//! Lists as rows of tables, and rows of tables as lists: for what goes through all of a history.

use std::fmt::Write as _;

use rusqlite::{Connection, params};

use super::lists::{self, Adding, ListedLine, ListedTimeline, MemberHash, Prefix, Timeline};
use super::text::json;
use super::timelines::NewTimelines;

/// Puts tables in the place of the views `timeline_lines`, `sessions` and `claim_numbers`, and one
/// of `members`, for this connection alone, until [`forget`].
pub(super) fn unlist(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TEMP TABLE timeline_lines (timeline_id INTEGER, service_date TEXT, line_id INTEGER,
            PRIMARY KEY (timeline_id, service_date, line_id)) STRICT, WITHOUT ROWID;
         CREATE TEMP TABLE sessions (timeline_id INTEGER, service_date TEXT, line_id INTEGER,
            phase TEXT, muscles TEXT) STRICT;
         CREATE TEMP TABLE claim_numbers (prefix TEXT, claim_id INTEGER,
            PRIMARY KEY (prefix, claim_id)) STRICT, WITHOUT ROWID;
         CREATE TEMP TABLE members (timeline_id INTEGER, plan TEXT, member TEXT,
            PRIMARY KEY (timeline_id, plan, member)) STRICT, WITHOUT ROWID;",
    )?;
    unlist_lines(connection)?;
    let mut add = connection.prepare("INSERT OR IGNORE INTO temp.members VALUES (?1, ?2, ?3)")?;
    lists::visit_all(connection, &mut |_: MemberHash, list| {
        for ListedTimeline(id, plan, member) in lists::items::<ListedTimeline<'_>>(list)? {
            add.execute(params![id, plan, member])?;
        }
        Ok(())
    })?;
    let mut add = connection.prepare("INSERT OR IGNORE INTO temp.claim_numbers VALUES (?1, ?2)")?;
    lists::visit_all(connection, &mut |prefix: Prefix, list| {
        for claim in lists::items::<i64>(list)? {
            add.execute(params![prefix.to_string(), claim])?;
        }
        Ok(())
    })?;
    connection.execute_batch(
        "CREATE INDEX temp.sessions_by_date ON sessions (timeline_id, service_date);
         DELETE FROM temp.sessions WHERE (timeline_id, service_date) IN
            (SELECT timeline_id, service_date FROM changed_sessions);
         INSERT INTO temp.sessions SELECT * FROM changed_sessions WHERE line_id IS NOT NULL;",
    )
}

fn unlist_lines(connection: &Connection) -> rusqlite::Result<()> {
    let mut add_line =
        connection.prepare("INSERT OR IGNORE INTO temp.timeline_lines VALUES (?1, ?2, ?3)")?;
    let mut add_session =
        connection.prepare("INSERT INTO temp.sessions VALUES (?1, ?2, ?3, ?4, ?5)")?;
    lists::visit_all(connection, &mut |Timeline(timeline), list| {
        for ListedLine(date, line, phase, muscles) in lists::items::<ListedLine<'_>>(list)? {
            add_line.execute(params![timeline, date, line])?;
            if let Some(phase) = phase {
                let phase = Some(phase).filter(|phase| !phase.is_empty());
                let muscles = muscles.map(|muscles| muscles.get());
                add_session.execute(params![timeline, date, line, phase, muscles])?;
            }
        }
        Ok(())
    })
}

/// The views are asked again.
pub(super) fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DROP TABLE temp.timeline_lines; DROP TABLE temp.sessions; DROP TABLE temp.claim_numbers;
         DROP TABLE temp.members;",
    )
}

/// Makes the lists of a history that has none yet, for this connection alone.
pub(super) fn list(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.member_lists;
         DROP TABLE IF EXISTS temp.timeline_lists;
         DROP TABLE IF EXISTS temp.number_lists;
         DROP TABLE IF EXISTS temp.changed_sessions;
         CREATE TEMP TABLE member_lists (id INTEGER PRIMARY KEY, part INTEGER, lists TEXT) STRICT;
         CREATE INDEX temp.member_lists_by_part ON member_lists (part);
         CREATE TEMP TABLE timeline_lists (id INTEGER PRIMARY KEY, part INTEGER, lists TEXT) STRICT;
         CREATE INDEX temp.timeline_lists_by_part ON timeline_lists (part);
         CREATE TEMP TABLE number_lists (id INTEGER PRIMARY KEY, part TEXT, lists TEXT) STRICT;
         CREATE INDEX temp.number_lists_by_part ON number_lists (part);
         CREATE TEMP TABLE changed_sessions (timeline_id INTEGER, service_date TEXT,
            line_id INTEGER, phase TEXT, muscles TEXT, PRIMARY KEY (timeline_id, service_date))
            STRICT, WITHOUT ROWID;",
    )?;
    list_timelines(connection)?;
    list_lines(connection)?;
    let mut numbers = connection
        .prepare("SELECT prefix, claim_id FROM claim_numbers ORDER BY prefix, claim_id")?;
    let mut rows = numbers.query([])?;
    let mut adding = Adding::new(connection)?;
    while let Some(row) = rows.next()? {
        let prefix = row.get_ref(0)?.as_bytes()?.try_into();
        let prefix = prefix.map_err(|_| lists::damaged())?;
        let claim: i64 = row.get(1)?;
        let _ = write!(adding.item(Prefix(prefix))?, "{claim}");
    }
    adding.finish()
}

fn list_timelines(connection: &Connection) -> rusqlite::Result<()> {
    let mut timelines = connection.prepare("SELECT id, plan, member FROM timelines")?;
    let mut listed: NewTimelines = timelines
        .query_map([], |row| {
            let (id, plan, member): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((MemberHash::new(&plan, &member), json(&(id, plan, member))))
        })?
        .collect::<Result<_, _>>()?;
    listed.sort_by_key(|(hash, _)| *hash);
    let mut adding = Adding::new(connection)?;
    for (hash, listed) in listed {
        adding.item(hash)?.push_str(&listed);
    }
    adding.finish()
}

fn list_lines(connection: &Connection) -> rusqlite::Result<()> {
    let mut lines = connection.prepare(
        "SELECT lines.timeline_id, lines.service_date, lines.line_id, sessions.line_id IS NOT NULL,
                phase, muscles
         FROM timeline_lines AS lines
         LEFT JOIN sessions ON sessions.timeline_id = lines.timeline_id
            AND sessions.service_date = lines.service_date AND sessions.line_id = lines.line_id
         ORDER BY lines.timeline_id, lines.service_date, lines.line_id",
    )?;
    let mut rows = lines.query([])?;
    let mut adding = Adding::new(connection)?;
    while let Some(row) = rows.next()? {
        let (date, line): (_, i64) = (row.get_ref(1)?.as_str()?, row.get(2)?);
        let text = adding.item(Timeline(row.get(0)?))?;
        let _ = write!(text, "[\"{date}\",{line}");
        if row.get(3)? {
            let phase = row.get_ref(4)?.as_str_or_null()?.unwrap_or_default();
            let _ = write!(text, ",\"{phase}\"");
            if let Some(muscles) = row.get_ref(5)?.as_str_or_null()? {
                let _ = write!(text, ",{muscles}");
            }
        }
        text.push(']');
    }
    adding.finish()
}
