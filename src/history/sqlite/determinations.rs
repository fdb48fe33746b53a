//! Lines as they were decided, written again exactly.

use std::borrow::Cow;

use ahash::AHashMap;
use rusqlite::{CachedStatement, Row, Rows, params};

use super::SqliteHistory;
use super::lists::{self, ListedLine, Timeline};
use super::monitors::Hits;
use super::read::{get, optional};
use crate::claim::{Cents, ClaimControlNumber};
use crate::history::{Recorded, StoredLine, WrittenAgain};
use crate::output::{Determination, Note, WrittenReason};
use crate::policy::Decision;

/// A line with what stands around it; see [`stored_line`] for the columns.
const LINE: &str = "
    SELECT lines.id, inputs.name, interchanges.control_number,
           transaction_sets.group_control_number, transaction_sets.control_number,
           claims.patient_control_number, claims.claim_control_number, lines.line,
           lines.line_control_number, timelines.plan, policy_versions.policy,
           policy_versions.version, timelines.member, claims.billing_provider,
           lines.rendering_provider, lines.service_date, lines.procedure, lines.modifiers,
           lines.diagnoses, lines.units, lines.charge_cents, lines.decision,
           lines.units_allowed, lines.allowed_cents, lines.phase, lines.session,
           unverified.criteria, claims.is_other_payer, lines.is_original_unknown,
           takers.claim_control_number, lines.claim_id, inputs.run_id, lines.role,
           lines.stands_as, lines.facts_phase, reviews.decision, reviews.group_code,
           reviews.carc, reviews.rarc, reviews.reviewer, reviews.decided_on,
           reviews.allowed_cents, reviews.phase, reversals.claim_id,
           reversals.units_allowed, reversals.allowed_cents
    FROM lines
    JOIN claims ON claims.id = lines.claim_id
    JOIN timelines ON timelines.id = lines.timeline_id
    JOIN inputs ON inputs.id = claims.input_id
    LEFT JOIN transaction_sets ON transaction_sets.id = claims.transaction_set_id
    LEFT JOIN interchanges ON interchanges.id = transaction_sets.interchange_id
    LEFT JOIN policy_versions ON policy_versions.id = lines.policy_version_id
    LEFT JOIN unverified ON unverified.id = lines.unverified_id
    LEFT JOIN claims AS takers ON takers.id = claims.taken_back_by
    LEFT JOIN reviews ON reviews.line_id = lines.id
    LEFT JOIN reversals ON reversals.line_id = lines.id";

/// The reasons of the lines of a claim that [`LINE`] gives, each with its line.
const REASON: &str = "
    SELECT reasons.line_id, reasons.outcome_id, reasons.text FROM reasons";

/// The reasons of outcomes, but for their texts.
pub(super) type Outcomes = AHashMap<i64, WrittenReason<'static>>;

impl SqliteHistory {
    /// Gives determinations as they were written, as long as `visit` wants them: before the
    /// lines of a claim, the lines of earlier runs that it took back.
    pub(super) fn write_again(
        &self,
        input: i64,
        visit: &mut dyn FnMut(WrittenAgain) -> bool,
    ) -> rusqlite::Result<()> {
        let claims: (Option<i64>, Option<i64>) = self.connection.query_row(
            "SELECT first_claim, last_claim FROM inputs WHERE id = ?1",
            [input],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let (Some(first), Some(last)) = claims else {
            return Ok(());
        };
        let lines: (Option<i64>, Option<i64>) = self.connection.query_row(
            "SELECT min(first_line), max(last_line) FROM claims WHERE id BETWEEN ?1 AND ?2",
            [first, last],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let outcomes = self.outcomes()?;
        let has_monitors: bool = self.connection.query_row(
            "SELECT count(*) > 0 FROM monitors
             WHERE run_id = (SELECT run_id FROM inputs WHERE id = ?1)",
            [input],
            |row| row.get(0),
        )?;
        let mut reversals = self.connection.prepare(&format!(
            "{LINE} WHERE reversals.claim_id BETWEEN ?1 AND ?2
             ORDER BY reversals.claim_id, reversals.line_id"
        ))?;
        let mut reversals = reversals.query([first, last])?;
        let mut reversal = self.next_reversal(&mut reversals)?;
        let mut own = self.connection.prepare(&format!(
            "{LINE} WHERE lines.id BETWEEN ?1 AND ?2 ORDER BY lines.id"
        ))?;
        let mut reasons = self.connection.prepare(&format!(
            "{REASON} WHERE line_id BETWEEN ?1 AND ?2 ORDER BY line_id, position"
        ))?;
        let bounds = params![lines.0.unwrap_or(0), lines.1.unwrap_or(-1)];
        let mut own = own.query(bounds)?;
        let mut reasons = Reasons::new(reasons.query(bounds)?)?;
        let mut hits = self.hits()?;
        let mut hits = Hits::new(hits.query(bounds)?)?;
        let taken_back = |determination: Determination<'static>| WrittenAgain {
            determination: determination.among(has_monitors),
            is_governed: true,
            is_reversal: true,
        };
        while let Some(row) = own.next()? {
            let claim: i64 = row.get(30)?;
            while let Some((_, determination)) = reversal.take_if(|(by, _)| *by <= claim) {
                if !visit(taken_back(determination)) {
                    return Ok(());
                }
                reversal = self.next_reversal(&mut reversals)?;
            }
            let mut line = stored_line(row)?;
            line.determination.reasons = reasons.of(line.id, &outcomes)?;
            let monitored = hits.of(line.id, &outcomes)?;
            line.determination.monitored = has_monitors.then_some(monitored);
            let written = WrittenAgain {
                determination: line.determination,
                is_governed: line.role.is_some(),
                is_reversal: false,
            };
            if !visit(written) {
                return Ok(());
            }
        }
        while let Some((_, determination)) = reversal {
            if !visit(taken_back(determination)) {
                return Ok(());
            }
            reversal = self.next_reversal(&mut reversals)?;
        }
        Ok(())
    }

    /// The next reversal, with the claim that took its line back.
    fn next_reversal(
        &self,
        rows: &mut Rows<'_>,
    ) -> rusqlite::Result<Option<(i64, Determination<'static>)>> {
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let by: i64 = row.get(43)?;
        let line = stored_line(row)?;
        let taker = self
            .connection
            .prepare_cached("SELECT claim_control_number FROM claims WHERE id = ?1")?
            .query_row([by], |row| optional::<ClaimControlNumber>(row, 0))?;
        let determination =
            line.determination
                .taken_back(get(row, 44)?, Cents(row.get(45)?), taker);
        Ok(Some((by, determination)))
    }

    pub(super) fn outcomes(&self) -> rusqlite::Result<Outcomes> {
        let mut outcomes = self.connection.prepare_cached(
            "SELECT id, rule, basis, clause, decision, group_code, carc, rarc, status FROM outcomes",
        )?;
        let text = |row: &Row<'_>, index| -> rusqlite::Result<Option<Cow<'static, str>>> {
            Ok(row.get::<_, Option<String>>(index)?.map(Cow::Owned))
        };
        let reason = |row: &Row<'_>| {
            let reason = WrittenReason {
                rule: get(row, 1)?,
                basis: get(row, 2)?,
                clause: Cow::Owned(row.get(3)?),
                decision: get(row, 4)?,
                group: text(row, 5)?,
                carc: text(row, 6)?,
                rarc: Cow::Owned(get(row, 7)?),
                status: text(row, 8)?,
                text: Cow::Borrowed(""),
            };
            Ok((row.get(0)?, reason))
        };
        outcomes.query_map([], reason)?.collect()
    }

    /// Lines with all that became of them: [`LINE`] with a condition.
    fn stored_lines(
        &self,
        mut lines: CachedStatement<'_>,
        values: impl rusqlite::Params,
        visit: &mut dyn FnMut(StoredLine) -> bool,
    ) -> rusqlite::Result<()> {
        let outcomes = self.outcomes()?;
        let mut reasons = self
            .connection
            .prepare_cached(&format!("{REASON} WHERE line_id = ?1 ORDER BY position"))?;
        let mut hits = self.keeps_hits()?.then(|| self.hits()).transpose()?;
        let mut rows = lines.query(values)?;
        while let Some(row) = rows.next()? {
            let mut line = stored_line(row)?;
            if let Some(hits) = &mut hits {
                let hits = Hits::new(hits.query([line.id, line.id])?)?.of(line.id, &outcomes)?;
                line.determination.monitored = (!hits.is_empty()).then_some(hits);
            }
            line.determination.reasons =
                Reasons::new(reasons.query([line.id])?)?.of(line.id, &outcomes)?;
            if !visit(line) {
                break;
            }
        }
        Ok(())
    }

    /// The paid and reduced lines of a claim, with what is allowed for them now.
    pub(super) fn paid_lines(&self, claim: i64) -> rusqlite::Result<Vec<Determination<'static>>> {
        let lines = self.connection.prepare_cached(&format!(
            "{LINE} WHERE lines.id BETWEEN (SELECT first_line FROM claims WHERE id = ?1)
                AND (SELECT last_line FROM claims WHERE id = ?1)
             AND lines.stands_as IN ('pay', 'reduce') ORDER BY lines.id"
        ))?;
        let mut allowed = self.connection.prepare_cached(
            "SELECT units_allowed, allowed_cents, decision FROM reviews WHERE line_id = ?1",
        )?;
        let mut paid = Vec::new();
        self.stored_lines(lines, [claim], &mut |line| {
            paid.push(line);
            true
        })?;
        let mut determinations = Vec::with_capacity(paid.len());
        for line in paid {
            let mut determination = line.determination;
            if line.review.is_some() {
                allowed.query_row([line.id], |row| {
                    determination.units_allowed = get(row, 0)?;
                    determination.amount_allowed = Cents(row.get(1)?);
                    determination.decision = get(row, 2)?;
                    Ok(())
                })?;
            }
            determinations.push(determination);
        }
        Ok(determinations)
    }

    pub(super) fn lines_of_members(
        &mut self,
        plan: &str,
        members: &[&str],
    ) -> rusqlite::Result<Vec<StoredLine>> {
        let mut timelines = Vec::new();
        for member in members {
            timelines.extend(self.timelines.find(&self.connection, plan, member)?);
        }
        timelines.sort_unstable();
        let timelines: Vec<Timeline> = timelines.into_iter().map(Timeline).collect();
        let mut ids = Vec::new();
        lists::visit(&self.connection, &timelines, &mut |_, list| {
            let listed: Vec<ListedLine<'_>> = lists::items(list)?;
            ids.extend(listed.into_iter().map(|line| line.1));
            Ok(())
        })?;
        ids.sort_unstable();
        let mut found = Vec::new();
        for id in ids {
            let line = self
                .connection
                .prepare_cached(&format!("{LINE} WHERE lines.id = ?1 AND role IS NOT NULL"))?;
            self.stored_lines(line, [id], &mut |line| {
                found.push(line);
                true
            })?;
        }
        found.sort_by_key(|line| (line.determination.service_date, line.id));
        Ok(found)
    }

    pub(super) fn lines_of_claim(
        &self,
        claim: ClaimControlNumber,
        line: u32,
    ) -> rusqlite::Result<Vec<StoredLine>> {
        let mut found = Vec::new();
        for (_, id) in self.claims_listed(&[claim])? {
            let lines = self.connection.prepare_cached(&format!(
                "{LINE} WHERE claims.id = ?1 AND claims.claim_control_number = ?2
                 AND lines.id BETWEEN claims.first_line AND claims.last_line
                 AND lines.line = ?3 ORDER BY lines.id"
            ))?;
            self.stored_lines(lines, params![id, claim.as_str(), line], &mut |line| {
                found.push(line);
                true
            })?;
        }
        found.sort_by_key(|line| line.id);
        Ok(found)
    }

    pub(super) fn pended_lines(
        &self,
        visit: &mut dyn FnMut(&StoredLine) -> bool,
    ) -> rusqlite::Result<()> {
        let lines = self.connection.prepare_cached(&format!(
            "{LINE} WHERE lines.stands_as = 'pend' ORDER BY lines.service_date, lines.id"
        ))?;
        self.stored_lines(lines, [], &mut |line| visit(&line))
    }
}

/// The reasons of lines, read beside the lines.
struct Reasons<'s> {
    rows: Rows<'s>,
    next: Option<(i64, i64, String)>,
}

impl<'s> Reasons<'s> {
    fn new(rows: Rows<'s>) -> rusqlite::Result<Self> {
        let mut reasons = Self { rows, next: None };
        reasons.step()?;
        Ok(reasons)
    }

    fn step(&mut self) -> rusqlite::Result<()> {
        self.next = match self.rows.next()? {
            Some(row) => Some((row.get(0)?, row.get(1)?, row.get(2)?)),
            None => None,
        };
        Ok(())
    }

    /// The reasons of a line; lines are asked for in ascending order.
    fn of(
        &mut self,
        line: i64,
        outcomes: &Outcomes,
    ) -> rusqlite::Result<Vec<WrittenReason<'static>>> {
        let mut reasons = Vec::new();
        while let Some((_, outcome, text)) = self.next.take_if(|(of, _, _)| *of <= line) {
            let outcome = outcomes
                .get(&outcome)
                .ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            reasons.push(WrittenReason {
                text: Cow::Owned(text),
                ..outcome.clone()
            });
            self.step()?;
        }
        Ok(reasons)
    }
}

/// A row of [`LINE`], but for its reasons.
fn stored_line(row: &Row<'_>) -> rusqlite::Result<StoredLine> {
    let text = |index| -> rusqlite::Result<Option<Cow<'static, str>>> {
        Ok(row.get::<_, Option<String>>(index)?.map(Cow::Owned))
    };
    let identity = |index| -> rusqlite::Result<Option<Cow<'static, str>>> {
        Ok(text(index)?.filter(|text| !text.is_empty()))
    };
    let list = |index| -> rusqlite::Result<Vec<Cow<'static, str>>> {
        let list: Vec<String> = get(row, index)?;
        Ok(list.into_iter().map(Cow::Owned).collect())
    };
    let decision: Decision = get(row, 21)?;
    let notes = [(27, Note::OtherPayer), (28, Note::OriginalUnknown)];
    let mut noted = Vec::new();
    for (index, note) in notes {
        if row.get(index)? {
            noted.push(note);
        }
    }
    let taker: Option<ClaimControlNumber> = optional(row, 29)?;
    let determination = Determination {
        file: Cow::Owned(row.get(1)?),
        interchange: text(2)?,
        group: text(3)?,
        transaction: text(4)?,
        claim: Cow::Owned(row.get(5)?),
        claim_control_number: optional(row, 6)?,
        line: row.get(7)?,
        line_control_number: text(8)?,
        plan: identity(9)?,
        policy: text(10)?,
        policy_version: optional(row, 11)?,
        member: Cow::Owned(row.get(12)?),
        billing_provider: identity(13)?,
        rendering_provider: identity(14)?,
        service_date: optional(row, 15)?,
        procedure: Cow::Owned(row.get(16)?),
        modifiers: list(17)?,
        diagnoses: list(18)?,
        units: optional(row, 19)?,
        charge: Cents(row.get(20)?),
        decision,
        units_allowed: get(row, 22)?,
        amount_allowed: Cents(row.get(23)?),
        phase: optional(row, 24)?,
        session: row.get(25)?,
        reasons: Vec::new(),
        unverified: list(26)?,
        notes: noted,
        // What a later run took back was no reversal when it was decided.
        reversed_by: taker.filter(|_| decision == Decision::Reverse),
        monitored: None,
    };
    let review: Option<Decision> = optional(row, 35)?;
    let codes = [36, 37, 38].map(|index| row.get::<_, Option<String>>(index));
    let review = match review {
        None => None,
        Some(decision) => {
            let mut words = Vec::new();
            for code in codes {
                words.extend(code?.filter(|code| !code.is_empty()));
            }
            Some(Recorded {
                decision,
                codes: words.join(" "),
                reviewer: row.get(39)?,
                decided_on: row.get(40)?,
                amount_allowed: Cents(row.get(41)?),
                phase: optional(row, 42)?,
            })
        }
    };
    Ok(StoredLine {
        id: row.get(0)?,
        run: row.get(31)?,
        determination,
        role: optional(row, 32)?,
        stands_as: optional(row, 33)?,
        facts_phase: optional(row, 34)?,
        taken_back_by: taker.map(|number| number.to_string()),
        review,
    })
}
