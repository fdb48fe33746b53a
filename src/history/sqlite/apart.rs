//! A copy of a history, to be judged after and thrown away.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{OptionalExtension, Row, params};

use super::upkeep::STANDS_AS;
use super::{SqliteHistory, problem, told};
use crate::history::{History, HistoryError, Problem, RunKind};

/// What was taken out of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// By digest given, the run that adjudicated that input; `None`: none did.
    pub runs: Vec<Option<i64>>,
    /// Claims of those inputs.
    pub claims: u64,
    /// Claims of other inputs that those had taken back: they stand again.
    pub restored: u64,
    /// Claims of those inputs that claims of others had taken back: nobody does that now.
    pub taken_back_elsewhere: u64,
}

impl SqliteHistory {
    /// Copies a history, as its last run left it, into an empty file. The history is read and
    /// not written; a run that is keeping itself meanwhile is waited for.
    ///
    /// # Errors
    ///
    /// Those of [`SqliteHistory::look`], and a copy that cannot be written.
    pub fn copy(path: &Path, to: &Path) -> Result<Self, HistoryError> {
        let original = Self::look(path)?;
        let mut copy = Self::connect(to)?;
        // Who loses the copy has lost nothing.
        copy.told(copy.connection.execute_batch(
            "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = OFF;",
        ))?;
        let copied = Backup::new(&original.connection, &mut copy.connection)
            .and_then(|backup| backup.step(-1));
        match copied {
            Ok(StepResult::Done | StepResult::More) => Ok(copy),
            Ok(_) => Err(told(path, Problem::Busy)),
            Err(error) => Err(match problem(&error) {
                Problem::Full => told(
                    path,
                    Problem::Failed("no space left for the copy that is compared after".into()),
                ),
                problem => told(path, problem),
            }),
        }
    }

    /// Takes out what the inputs of these digests brought, as if no run had adjudicated them:
    /// their claims, the sessions and reviews of those, and their interchanges; what they had
    /// taken back stands again. What people decided about other claims stays. For a copy alone: nothing is left
    /// of who took them out, and remittances are not looked at.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    pub fn leave_out(&mut self, digests: &[&str]) -> Result<LeftOut, HistoryError> {
        self.begin()?;
        let left_out = self.take_out(digests);
        let left_out = self.told(left_out)?;
        self.commit()?;
        Ok(left_out)
    }

    fn take_out(&self, digests: &[&str]) -> rusqlite::Result<LeftOut> {
        self.connection.execute_batch(
            "CREATE TEMP TABLE given (id INTEGER PRIMARY KEY) STRICT;
             CREATE TEMP TABLE own (id INTEGER PRIMARY KEY) STRICT;
             CREATE TEMP TABLE restored (id INTEGER PRIMARY KEY) STRICT;
             CREATE TEMP TABLE changed (timeline_id INTEGER, service_date TEXT,
                PRIMARY KEY (timeline_id, service_date)) STRICT, WITHOUT ROWID;",
        )?;
        let mut left_out = LeftOut::default();
        for digest in digests {
            left_out.runs.push(self.give(digest)?);
        }
        let sum = |table: &str| -> rusqlite::Result<u64> {
            let query = format!("SELECT count(*) FROM {table}");
            let count: i64 = self.connection.query_row(&query, [], |row| row.get(0))?;
            Ok(count.unsigned_abs())
        };
        if left_out.runs.iter().any(Option::is_some) {
            self.find_given()?;
            (left_out.claims, left_out.restored) = (sum("own")?, sum("restored")?);
            left_out.taken_back_elsewhere = sum("own JOIN claims ON claims.id = own.id
                 WHERE taken_back_by NOT IN (SELECT id FROM own)")?;
            self.take_out_given()?;
        }
        self.connection.execute_batch(
            "DROP TABLE given; DROP TABLE own; DROP TABLE restored; DROP TABLE changed;",
        )?;
        Ok(left_out)
    }

    /// Notes the input of a digest; gives the run that adjudicated it.
    fn give(&self, digest: &str) -> rusqlite::Result<Option<i64>> {
        let found = self.connection.query_row(
            "SELECT inputs.id, runs.id FROM inputs JOIN runs ON runs.id = inputs.run_id
             WHERE inputs.digest = ?1 AND inputs.status = 'adjudicated' AND runs.kind = ?2",
            params![digest, RunKind::Adjudicate.as_str()],
            |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?)),
        );
        let Some((input, run)) = found.optional()? else {
            return Ok(None);
        };
        self.connection
            .execute("INSERT OR IGNORE INTO given VALUES (?1)", [input])?;
        Ok(Some(run))
    }

    /// Notes the claims of the inputs, and those that they had taken back.
    fn find_given(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch(
            "INSERT INTO own SELECT claims.id FROM given JOIN inputs ON inputs.id = given.id
                JOIN claims ON claims.id BETWEEN inputs.first_claim AND inputs.last_claim
                WHERE claims.input_id = given.id;
             INSERT INTO restored SELECT claims.id FROM own
                JOIN claims ON claims.taken_back_by = own.id
                WHERE claims.id NOT IN (SELECT id FROM own);",
        )
    }

    /// Takes those claims out. Few lines are looked up by number; the planner, left alone, would
    /// look through all of them for each claim (`+role`: no index of its own by role).
    fn take_out_given(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch(&format!(
            "INSERT OR IGNORE INTO changed SELECT lines.timeline_id, service_date FROM
                (SELECT id FROM own UNION ALL SELECT id FROM restored) AS of
                CROSS JOIN claims ON claims.id = of.id
                CROSS JOIN lines ON lines.id BETWEEN first_line AND last_line
                WHERE +role = 'session' AND service_date IS NOT NULL;
             UPDATE claims SET status = 'active', taken_back_by = NULL
                WHERE id IN (SELECT id FROM restored);
             UPDATE lines SET stands_as = {STANDS_AS} WHERE id IN
                (SELECT lines.id FROM restored CROSS JOIN claims ON claims.id = restored.id
                 CROSS JOIN lines ON lines.id BETWEEN first_line AND last_line);"
        ))?;
        self.remove_claims("SELECT id FROM own")?;
        self.connection.execute_batch(
            "DELETE FROM transaction_sets WHERE interchange_id IN (SELECT interchanges.id
                FROM interchanges WHERE input_id IN (SELECT id FROM given));
             DELETE FROM interchanges WHERE input_id IN (SELECT id FROM given);
             DELETE FROM inputs WHERE id IN (SELECT id FROM given);",
        )?;
        // Sessions of the lines that still stand on those dates, or stand again.
        let changed: Vec<(i64, String)> = self
            .connection
            .prepare("SELECT timeline_id, service_date FROM changed")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        self.refresh_sessions(changed)
    }
}
