//! Timelines as they stood when a run had been recorded, for a second look.
//!
//! Claims, lines and runs are numbered in the order in which they came, so what later runs added,
//! decided or took back is told by its number.

use std::borrow::Cow;

use rusqlite::{Row, params};

use super::SqliteHistory;
use super::determinations::Outcomes;
use super::read::{get, optional};
use crate::claim::{Cents, Units};
use crate::history::{DecidedLine, TimelineChanged, TimelineWanted};
use crate::output::WrittenReason;
use crate::policy::Role;

/// The lines asked for, with a row for each reason of theirs; see [`decided_line`] for the columns.
const LINES: &str = "
    SELECT asked.place, lines.id, lines.claim_id, inputs.run_id, timelines.member,
           claims.claim_control_number, claims.patient_control_number, claims.billing_provider,
           lines.rendering_provider, lines.line, lines.line_control_number, lines.service_date,
           lines.procedure, lines.modifiers, lines.units, lines.is_unit_count, lines.charge_cents,
           lines.role, coalesce(reviews.decision, lines.decision),
           coalesce(reviews.allowed_cents, lines.allowed_cents),
           coalesce(reviews.phase, lines.phase), lines.facts_phase, lines.muscles, lines.is_seen,
           reviews.line_id IS NOT NULL, coalesce(transaction_sets.is_encounter, 0),
           runs.has_all_lines, takers.id, takers.claim_control_number,
           reasons.outcome_id, reasons.text
    FROM asked
    CROSS JOIN timeline_lines ON timeline_lines.timeline_id = asked.timeline_id
    CROSS JOIN lines ON lines.id = timeline_lines.line_id
    CROSS JOIN claims ON claims.id = lines.claim_id
    JOIN timelines ON timelines.id = lines.timeline_id
    JOIN inputs ON inputs.id = claims.input_id
    JOIN runs ON runs.id = inputs.run_id
    LEFT JOIN transaction_sets ON transaction_sets.id = claims.transaction_set_id
    LEFT JOIN claims AS takers ON takers.id = claims.taken_back_by AND takers.id <= ?2
    LEFT JOIN reviews ON reviews.line_id = lines.id AND reviews.run_id < ?4
    LEFT JOIN reasons ON reasons.line_id = lines.id
    WHERE lines.id <= ?3
      AND lines.service_date IS NOT NULL
      AND (claims.taken_back_by IS NULL OR claims.taken_back_by >= ?1)
      AND (lines.decision IN ('pay', 'reduce', 'pend', 'deny') OR lines.role IS NULL)
    ORDER BY asked.place, lines.id, reasons.position";

/// The reason in a row, if any.
const OUTCOME: usize = 29;

/// The claims and lines of a run.
struct Bounds {
    first_claim: i64,
    last_claim: i64,
    first_line: i64,
    last_line: i64,
}

impl SqliteHistory {
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
            "SELECT plan, member FROM timelines WHERE id IN (
                 SELECT timeline_id FROM lines
                 WHERE id BETWEEN ?3 AND ?4 AND role IS NOT NULL
                   AND (decision IN ('pay', 'reduce')
                        OR is_seen AND decision IN ('pend', 'deny'))
                 UNION
                 SELECT timeline_id FROM claims
                 WHERE taken_back_by BETWEEN ?1 AND ?2 AND id < ?1)
             ORDER BY plan, member",
        )?;
        let timeline = |row: &Row<'_>| {
            Ok(TimelineChanged {
                plan: row.get(0)?,
                member: row.get(1)?,
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
        let mut found = self.find_timelines(wanted)?;
        // In the order in which their rows stand.
        found.sort_unstable_by_key(|(ids, place)| (ids[0], *place));
        self.connection.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS asked (place INTEGER, timeline_id INTEGER) STRICT;
             DELETE FROM asked;",
        )?;
        let mut ask = self
            .connection
            .prepare_cached("INSERT INTO asked VALUES (?1, ?2)")?;
        for (ids, place) in &found {
            for id in ids {
                ask.execute(params![*place as i64, id])?;
            }
        }
        drop(ask);
        let outcomes = self.outcomes()?;
        let mut lines = self.connection.prepare_cached(LINES)?;
        let mut rows = lines.query(params![
            bounds.first_claim,
            bounds.last_claim,
            bounds.last_line,
            run
        ])?;
        let mut last: Option<(usize, DecidedLine)> = None;
        while let Some(row) = rows.next()? {
            let is_next = last
                .as_ref()
                .is_none_or(|(_, line)| row.get(1) != Ok(line.id));
            if is_next && let Some((place, line)) = last.replace(decided_line(row)?) {
                visit(place, line);
            }
            if let Some((_, line)) = &mut last {
                line.reasons.extend(reason(row, &outcomes)?);
            }
        }
        if let Some((place, line)) = last {
            visit(place, line);
        }
        drop(rows);
        drop(lines);
        self.connection.execute_batch("DROP TABLE asked;")
    }
}

/// A row of [`LINES`], but for its reason, with its place.
fn decided_line(row: &Row<'_>) -> rusqlite::Result<(usize, DecidedLine)> {
    let role: Option<Role> = optional(row, 17)?;
    let taker: Option<i64> = row.get(27)?;
    let line = DecidedLine {
        id: row.get(1)?,
        claim: row.get(2)?,
        run: row.get(3)?,
        member: row.get(4)?,
        control_number: optional(row, 5)?,
        patient_control_number: row.get(6)?,
        billing_provider: row.get(7)?,
        rendering_provider: row.get(8)?,
        line: row.get(9)?,
        line_control_number: row.get(10)?,
        date: get(row, 11)?,
        procedure: row.get(12)?,
        modifiers: get(row, 13)?,
        units: Units {
            quantity: optional(row, 14)?,
            counted: row.get(15)?,
        },
        charge: Cents(row.get(16)?),
        role,
        decision: get(row, 18)?,
        allowed: Cents(row.get(19)?),
        phase: optional(row, 20)?,
        facts_phase: optional(row, 21)?,
        muscles: get(row, 22)?,
        is_seen: row.get(23)?,
        is_reviewed: row.get(24)?,
        is_encounter: row.get(25)?,
        has_all_lines: row.get(26)?,
        taken_back_by: taker.zip(optional(row, 28)?),
        reasons: Vec::new(),
    };
    let place: i64 = row.get(0)?;
    Ok((usize::try_from(place).unwrap_or_default(), line))
}

fn reason(row: &Row<'_>, outcomes: &Outcomes) -> rusqlite::Result<Option<WrittenReason<'static>>> {
    let outcome: Option<i64> = row.get(OUTCOME)?;
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    let reason = outcomes
        .get(&outcome)
        .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Some(WrittenReason {
        text: Cow::Owned(row.get(OUTCOME + 1)?),
        ..reason.clone()
    }))
}
