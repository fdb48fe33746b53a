//! Recoveries, and what a void frees of guidance and visits, asked of the history in plain SQL.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, params};

use crate::recoveries::{Kind, Proposal};

/// Lines as they stood before and after a run; an injection is a line of the service that others see.
const STANDING: &str = "
    WITH run AS (SELECT first_claim, last_claim, first_line, last_line FROM runs WHERE id = ?1),
    known AS (
        SELECT lines.id, lines.timeline_id, lines.service_date AS date, lines.role, lines.decision,
               lines.procedure, lines.modifiers, lines.allowed_cents, lines.charge_cents, lines.line,
               lines.claim_id, lines.units, patient_control_number AS claim, billing_provider AS biller,
               rendering_provider AS renderer, lines.id < run.first_line AS is_earlier,
               taken_back_by BETWEEN run.first_claim AND run.last_claim AS is_taken_back
        FROM run JOIN lines ON lines.id <= run.last_line JOIN claims ON claims.id = claim_id
        WHERE lines.decision IN ('pay', 'reduce', 'pend', 'deny')
          AND (taken_back_by IS NULL OR taken_back_by >= run.first_claim)
          AND (is_seen OR lines.decision IN ('pay', 'reduce'))),
    before AS (SELECT * FROM known WHERE is_earlier),
    after AS (SELECT * FROM known WHERE is_taken_back IS NOT 1),
    -- a line that hangs, and an injection of its provider that stood before or after
    beside AS (
        SELECT hangs.id, injection.decision, injection.is_earlier,
               injection.is_taken_back IS NOT 1 AS stands,
               injection.biller = hangs.biller OR injection.renderer = hangs.renderer AS is_own
        FROM known AS hangs JOIN known AS injection
          ON injection.timeline_id = hangs.timeline_id AND injection.date = hangs.date
        WHERE injection.role = 'session')";

const RECOVERIES: &str = "
    SELECT claim, line, -allowed_cents FROM after WHERE is_earlier AND decision IN ('pay', 'reduce') AND (
        role = 'guidance'
        AND id IN (SELECT id FROM beside WHERE stands AND is_own)
        AND id NOT IN (SELECT id FROM beside WHERE is_earlier AND is_own)
        OR role = 'office_visit' AND modifiers NOT LIKE '%\"25\"%'
        AND id IN (SELECT id FROM beside WHERE stands AND is_own AND decision IN ('pay', 'reduce'))
        AND id NOT IN (SELECT id FROM beside WHERE is_earlier AND is_own AND decision IN ('pay', 'reduce')))";

/// Of several that are alike the first is freed, and none where one is paid.
const FREED: &str = "
    SELECT claim, line, charge_cents FROM after AS freed
    WHERE is_earlier AND decision IN ('pend', 'deny') AND (
        role IN ('guidance', 'guidance_reviewed')
        AND id NOT IN (SELECT id FROM beside WHERE stands)
        AND id IN (SELECT id FROM beside WHERE is_earlier)
        OR role = 'office_visit' AND modifiers NOT LIKE '%\"25\"%'
        AND id NOT IN (SELECT id FROM beside WHERE stands AND is_own AND decision <> 'deny')
        AND id IN (SELECT id FROM beside WHERE is_earlier AND is_own AND decision <> 'deny'))
    AND NOT EXISTS (
        SELECT 1 FROM reasons JOIN outcomes ON outcomes.id = outcome_id
        WHERE line_id = freed.id AND rule NOT IN ('guidance', 'office-visit'))
    AND NOT EXISTS (
        SELECT 1 FROM after AS other
        WHERE other.claim_id <> freed.claim_id AND other.timeline_id = freed.timeline_id
          AND other.date = freed.date AND other.procedure = freed.procedure
          AND other.modifiers = freed.modifiers AND other.biller = freed.biller
          AND other.renderer = freed.renderer
          AND (other.id < freed.id OR other.decision IN ('pay', 'reduce')))";

/// Claim, line and cents of what a query finds.
fn found(history: &Connection, query: &str, run: i64) -> BTreeSet<(String, u32, i64)> {
    let mut query = history.prepare(&format!("{STANDING} {query}")).unwrap();
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let rows = query.query_map(params![run], row).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Holds what a run proposes against what the history says. How many proposals that were.
pub(super) fn check(path: &Path, run: i64, proposals: &[Proposal]) -> usize {
    let history = Connection::open(path).unwrap();
    let told = |kind: Kind| -> BTreeSet<(String, u32, i64)> {
        let hang = |of: &&Proposal| of.kind == kind && !of.procedure.starts_with("2055");
        let proposals = proposals.iter().filter(hang);
        proposals
            .map(|of| (of.claim.clone(), of.line, of.amount.0))
            .collect()
    };
    let recoveries = found(&history, RECOVERIES, run);
    assert_eq!(told(Kind::Recovery), recoveries, "recoveries of run {run}");
    let freed = found(&history, FREED, run);
    let missing: Vec<_> = freed.difference(&told(Kind::Freed)).cloned().collect();
    assert!(missing.is_empty(), "freed by run {run}: {missing:?}");
    recoveries.len() + freed.len()
}
