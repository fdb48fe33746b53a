//! Timelines as they stood when a run had been recorded, for a second look.
//!
//! Claims, lines and runs are numbered in the order in which they came, so what later runs added,
//! decided or took back is told by its number.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::{Row, params};

use super::SqliteHistory;
use super::determinations::Outcomes;
use super::lists::{self, ListedLine, Timeline};
use super::read::{get, optional};
use super::standing::Found;
use crate::claim::{Cents, Units};
use crate::history::{DecidedLine, TimelineChanged, TimelineWanted};
use crate::output::WrittenReason;
use crate::policy::Role;

/// The lines asked for, with a row for each reason of theirs; see [`gathered`] for the columns.
const LINES: &str = "
    SELECT asked.place, lines.id, lines.claim_id, asked.member,
           claims.claim_control_number, claims.patient_control_number, claims.billing_provider,
           lines.rendering_provider, lines.line, lines.line_control_number, lines.service_date,
           lines.procedure, lines.modifiers, lines.units, lines.is_unit_count, lines.charge_cents,
           lines.role, coalesce(reviews.decision, lines.decision),
           coalesce(reviews.allowed_cents, lines.allowed_cents),
           coalesce(reviews.phase, lines.phase), lines.facts_phase, lines.muscles, lines.is_seen,
           reviews.line_id IS NOT NULL, coalesce(transaction_sets.is_encounter, 0),
           takers.id, takers.claim_control_number, reasons.position,
           reasons.outcome_id, reasons.text
    FROM asked_lines AS asked
    CROSS JOIN lines ON lines.id = asked.line_id
    CROSS JOIN claims ON claims.id = lines.claim_id
    LEFT JOIN transaction_sets ON transaction_sets.id = claims.transaction_set_id
    LEFT JOIN claims AS takers ON takers.id = claims.taken_back_by AND takers.id <= ?2
    LEFT JOIN reviews ON reviews.line_id = lines.id AND reviews.run_id < ?3
    LEFT JOIN reasons ON reasons.line_id = lines.id
    WHERE lines.service_date IS NOT NULL
      AND (claims.taken_back_by IS NULL OR claims.taken_back_by >= ?1)
      AND (lines.decision IN ('pay', 'reduce', 'pend', 'deny') OR lines.role IS NULL)
    ORDER BY asked.place, asked.line_id";

/// Where the reason stands in a row: its position, its outcome, its text.
const REASON: usize = 27;

/// The claims and lines of a run.
struct Bounds {
    first_claim: i64,
    last_claim: i64,
    first_line: i64,
    last_line: i64,
}

/// A run with lines: its first and last line, its number, and whether it kept every line.
type RunOfLines = (i64, i64, i64, bool);

impl SqliteHistory {
    /// The runs with lines, in the order of their lines.
    fn runs_of_lines(&self) -> rusqlite::Result<Vec<RunOfLines>> {
        let mut runs = self.connection.prepare_cached(
            "SELECT first_line, last_line, id, has_all_lines FROM runs
             WHERE first_line IS NOT NULL ORDER BY first_line, last_line",
        )?;
        let run = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        runs.query_map([], run)?.collect()
    }

    /// Writes down which lines are asked for, up to the last of a run, in the order in which they
    /// are read.
    fn ask_for_lines(
        &self,
        wanted: &[TimelineWanted<'_>],
        found: &[Found],
        bounds: &Bounds,
    ) -> rusqlite::Result<()> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS asked_lines
                 (place INTEGER, line_id INTEGER, member TEXT, PRIMARY KEY (place, line_id))
                 STRICT, WITHOUT ROWID;
             DELETE FROM asked_lines;",
        )?;
        let mut places: BTreeMap<i64, usize> = BTreeMap::new();
        for (ids, place) in found {
            places.extend(ids.iter().map(|id| (*id, *place)));
        }
        let timelines: Vec<Timeline> = places.keys().map(|id| Timeline(*id)).collect();
        let mut asked: Vec<(usize, i64, i64)> = Vec::new();
        let mut concerned = vec![false; wanted.len()];
        lists::visit(
            &self.connection,
            &timelines,
            &mut |Timeline(timeline), list| {
                let Some(&place) = places.get(&timeline) else {
                    return Ok(());
                };
                let from = wanted[place].dates.first().map(NaiveDate::to_string);
                for ListedLine(date, line, ..) in lists::items::<ListedLine<'_>>(list)? {
                    concerned[place] |= match &from {
                        Some(from) => date >= &**from && line < bounds.first_line,
                        None => true,
                    };
                    if line <= bounds.last_line {
                        asked.push((place, line, timeline));
                    }
                }
                Ok(())
            },
        )?;
        asked.retain(|(place, ..)| concerned[*place]);
        asked.sort_unstable();
        let mut ask = self.connection.prepare_cached(
            "INSERT INTO asked_lines SELECT ?1, ?2, member FROM timelines WHERE id = ?3",
        )?;
        for (place, line, timeline) in asked {
            ask.execute(params![place as i64, line, timeline])?;
        }
        Ok(())
    }

    /// The bounds of a run; `None` where it has no claims.
    fn bounds(&self, run: i64) -> rusqlite::Result<Option<Bounds>> {
        let mut bounds = self.connection.prepare_cached(
            "SELECT first_claim, last_claim, first_line, last_line FROM runs
             WHERE id = ?1 AND first_claim IS NOT NULL",
        )?;
        let mut rows = bounds.query([run])?;
        let bounds = |row: &Row<'_>| {
            Ok(Bounds {
                first_claim: row.get(0)?,
                last_claim: row.get(1)?,
                first_line: row.get(2)?,
                last_line: row.get(3)?,
            })
        };
        rows.next()?.map(bounds).transpose()
    }

    pub(super) fn timelines_changed(&self, run: i64) -> rusqlite::Result<Vec<TimelineChanged>> {
        let Some(bounds) = self.bounds(run)? else {
            return Ok(Vec::new());
        };
        let mut changed = self.connection.prepare_cached(
            "WITH added AS (
                 SELECT timeline_id, min(service_date) AS first FROM lines
                 WHERE id BETWEEN ?3 AND ?4 AND role IS NOT NULL AND service_date IS NOT NULL
                   AND (decision IN ('pay', 'reduce')
                        OR is_seen AND decision IN ('pend', 'deny'))
                 GROUP BY timeline_id),
             taken (timeline_id, first) AS (
                 SELECT DISTINCT timeline_id, NULL FROM claims
                 WHERE taken_back_by BETWEEN ?1 AND ?2 AND id < ?1),
             changed AS (
                 SELECT * FROM taken UNION ALL SELECT * FROM added
                 WHERE timeline_id NOT IN (SELECT timeline_id FROM taken))
             SELECT plan, member, first
             FROM changed CROSS JOIN timelines ON timelines.id = timeline_id
             ORDER BY plan, member",
        )?;
        let timeline = |row: &Row<'_>| {
            Ok(TimelineChanged {
                plan: row.get(0)?,
                member: row.get(1)?,
                from: optional(row, 2)?,
            })
        };
        let values = params![
            bounds.first_claim,
            bounds.last_claim,
            bounds.first_line,
            bounds.last_line
        ];
        changed.query_map(values, timeline)?.collect()
    }

    pub(super) fn decided_lines(
        &mut self,
        run: i64,
        wanted: &[TimelineWanted<'_>],
        visit: &mut dyn FnMut(usize, DecidedLine),
    ) -> rusqlite::Result<()> {
        let Some(bounds) = self.bounds(run)? else {
            return Ok(());
        };
        let mut found = self.find_timelines(None, wanted)?;
        // In the order in which their rows stand.
        found.sort_unstable_by_key(|(ids, place)| (ids[0], *place));
        self.ask_for_lines(wanted, &found, &bounds)?;
        let runs = self.runs_of_lines()?;
        let outcomes = self.outcomes()?;
        let mut lines = self.connection.prepare_cached(LINES)?;
        let mut rows = lines.query(params![bounds.first_claim, bounds.last_claim, run])?;
        let mut last: Option<Gathered> = None;
        while let Some(row) = rows.next()? {
            let is_next = last
                .as_ref()
                .is_none_or(|last| row.get(1) != Ok(last.line.id));
            if is_next && let Some(whole) = last.replace(gathered(row, &runs)?) {
                whole.tell(visit);
            }
            if let Some(last) = &mut last {
                last.reasons.extend(reason(row, &outcomes)?);
            }
        }
        if let Some(whole) = last {
            whole.tell(visit);
        }
        drop(rows);
        drop(lines);
        self.connection.execute_batch("DROP TABLE asked_lines;")
    }
}

/// A line with its place, and its reasons as they come: each with its position.
struct Gathered {
    place: usize,
    line: DecidedLine,
    reasons: Vec<(i64, WrittenReason<'static>)>,
}

impl Gathered {
    fn tell(self, visit: &mut dyn FnMut(usize, DecidedLine)) {
        let Self {
            place,
            mut line,
            mut reasons,
        } = self;
        reasons.sort_by_key(|(position, _)| *position);
        line.reasons
            .extend(reasons.into_iter().map(|(_, reason)| reason));
        visit(place, line);
    }
}

/// A row of [`LINES`], but for its reason.
fn gathered(row: &Row<'_>, runs: &[RunOfLines]) -> rusqlite::Result<Gathered> {
    let id: i64 = row.get(1)?;
    let after = runs.partition_point(|(first, ..)| *first <= id);
    let run = after.checked_sub(1).map(|place| runs[place]);
    let run = run.filter(|(_, last, ..)| id <= *last);
    let (_, _, run, has_all_lines) = run.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let role: Option<Role> = optional(row, 16)?;
    let taker: Option<i64> = row.get(25)?;
    let line = DecidedLine {
        id,
        claim: row.get(2)?,
        run,
        member: row.get(3)?,
        control_number: optional(row, 4)?,
        patient_control_number: row.get(5)?,
        billing_provider: row.get(6)?,
        rendering_provider: row.get(7)?,
        line: row.get(8)?,
        line_control_number: row.get(9)?,
        date: get(row, 10)?,
        procedure: row.get(11)?,
        modifiers: get(row, 12)?,
        units: Units {
            quantity: optional(row, 13)?,
            counted: row.get(14)?,
        },
        charge: Cents(row.get(15)?),
        role,
        decision: get(row, 17)?,
        allowed: Cents(row.get(18)?),
        phase: optional(row, 19)?,
        facts_phase: optional(row, 20)?,
        muscles: get(row, 21)?,
        is_seen: row.get(22)?,
        is_reviewed: row.get(23)?,
        is_encounter: row.get(24)?,
        has_all_lines,
        taken_back_by: taker.zip(optional(row, 26)?),
        reasons: Vec::new(),
    };
    let place: i64 = row.get(0)?;
    Ok(Gathered {
        place: usize::try_from(place).unwrap_or_default(),
        line,
        reasons: Vec::new(),
    })
}

/// The reason in a row, if any, with its position.
fn reason(
    row: &Row<'_>,
    outcomes: &Outcomes,
) -> rusqlite::Result<Option<(i64, WrittenReason<'static>)>> {
    let position: Option<i64> = row.get(REASON)?;
    let Some(position) = position else {
        return Ok(None);
    };
    let outcome: i64 = row.get(REASON + 1)?;
    let reason = outcomes
        .get(&outcome)
        .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let reason = WrittenReason {
        text: Cow::Owned(row.get(REASON + 2)?),
        ..reason.clone()
    };
    Ok(Some((position, reason)))
}
