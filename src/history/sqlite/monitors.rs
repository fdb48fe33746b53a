//! What monitored rules would have decided, kept beside what was decided.

use std::borrow::Cow;

use ahash::AHashMap;
use rusqlite::{CachedStatement, Connection, Row, Rows, params};

use super::SqliteHistory;
use super::determinations::Outcomes;
use super::dictionary::Dictionary;
use super::read::get;
use crate::claim::Cents;
use crate::output::{Monitored, PlanMonitor};

/// The monitors of a run that is being added, by plan, each with its number.
#[derive(Debug, Default)]
pub(super) struct RunMonitors(AHashMap<String, Vec<(PlanMonitor, i64)>>);

impl RunMonitors {
    /// Adds the monitors of a run.
    pub(super) fn add(
        connection: &Connection,
        run: i64,
        monitors: &[PlanMonitor],
    ) -> rusqlite::Result<Self> {
        let mut added = Self::default();
        for monitor in monitors {
            let PlanMonitor {
                plan,
                rule,
                set,
                citation,
            } = monitor;
            connection.execute(
                "INSERT INTO monitors (run_id, plan, rule, changes, citation)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![run, plan, rule.name(), set, citation],
            )?;
            let of_plan = added.0.entry(plan.clone()).or_default();
            of_plan.push((monitor.clone(), connection.last_insert_rowid()));
        }
        Ok(added)
    }

    /// Adds what the monitors of a plan would have decided about a line.
    pub(super) fn add_hits(
        &self,
        connection: &Connection,
        dictionary: &mut Dictionary,
        line: i64,
        plan: Option<&str>,
        hits: &[Monitored<'_>],
    ) -> rusqlite::Result<()> {
        if hits.is_empty() {
            return Ok(());
        }
        let mut add = connection.prepare_cached("INSERT INTO hits VALUES (?1, ?2, ?3, ?4, ?5)")?;
        let of_plan = plan.and_then(|plan| self.0.get(plan));
        for hit in hits {
            let mut known = of_plan.into_iter().flatten();
            let known = known.find(|(monitor, _)| hit.is_of(monitor));
            let (_, monitor) = known.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
            let outcome = dictionary.outcome(connection, &hit.reason)?;
            let at_stake = hit.amount_at_stake.0;
            add.execute(params![line, monitor, outcome, hit.reason.text, at_stake])?;
        }
        Ok(())
    }
}

/// The hits of some lines, each with its line.
const HIT: &str = "
    SELECT line_id, outcome_id, text, changes, citation, at_stake_cents
    FROM hits JOIN monitors ON monitors.id = hits.monitor_id";

/// The hits of lines, read beside the lines.
pub(super) struct Hits<'s> {
    rows: Rows<'s>,
    next: Option<Next>,
}

struct Next {
    line: i64,
    outcome: i64,
    hit: [String; 3],
    at_stake: Cents,
}

impl<'s> Hits<'s> {
    pub(super) fn new(rows: Rows<'s>) -> rusqlite::Result<Self> {
        let mut hits = Self { rows, next: None };
        hits.step()?;
        Ok(hits)
    }

    fn step(&mut self) -> rusqlite::Result<()> {
        let next = |row: &Row<'_>| -> rusqlite::Result<Next> {
            Ok(Next {
                line: row.get(0)?,
                outcome: row.get(1)?,
                hit: [row.get(2)?, row.get(3)?, row.get(4)?],
                at_stake: Cents(row.get(5)?),
            })
        };
        self.next = self.rows.next()?.map(next).transpose()?;
        Ok(())
    }

    /// The hits of a line; lines are asked for in ascending order.
    pub(super) fn of(
        &mut self,
        line: i64,
        outcomes: &Outcomes,
    ) -> rusqlite::Result<Vec<Monitored<'static>>> {
        let mut hits = Vec::new();
        while let Some(next) = self.next.take_if(|next| next.line <= line) {
            let outcome = outcomes.get(&next.outcome);
            let mut reason = outcome.ok_or(rusqlite::Error::QueryReturnedNoRows)?.clone();
            let [text, set, citation] = next.hit.map(Cow::Owned);
            reason.text = text;
            hits.push(Monitored {
                reason,
                set,
                citation,
                amount_at_stake: next.at_stake,
            });
            self.step()?;
        }
        Ok(hits)
    }
}

impl SqliteHistory {
    /// Whether the file has hits at all: one of an older schema that is only looked at has not.
    pub(super) fn keeps_hits(&self) -> rusqlite::Result<bool> {
        let mut found = self
            .connection
            .prepare_cached("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'hits'")?;
        found.query_row([], |row| row.get(0))
    }

    /// The hits of lines from one number to another.
    pub(super) fn hits(&self) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(&format!(
            "{HIT} WHERE line_id BETWEEN ?1 AND ?2 ORDER BY line_id, monitor_id"
        ))
    }

    /// The monitors of a run, in the order of its plans file.
    pub(super) fn monitors_of(&self, run: i64) -> rusqlite::Result<Vec<PlanMonitor>> {
        if !self.keeps_hits()? {
            return Ok(Vec::new());
        }
        let mut monitors = self.connection.prepare_cached(
            "SELECT plan, rule, changes, citation FROM monitors WHERE run_id = ?1 ORDER BY id",
        )?;
        let monitor = |row: &Row<'_>| {
            Ok(PlanMonitor {
                plan: row.get(0)?,
                rule: get(row, 1)?,
                set: row.get(2)?,
                citation: row.get(3)?,
            })
        };
        monitors.query_map([run], monitor)?.collect()
    }
}
