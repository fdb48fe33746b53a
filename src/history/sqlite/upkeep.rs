//! Taking a run back, removing what is old, and recomputing what must hold.

use chrono::NaiveDate;
use rusqlite::{Row, params};

use super::SqliteHistory;
use super::lists::{self, MemberHash, Prefix, Timeline};
use super::read::date;
use super::unlisted::{self, unlist};
use crate::history::{NeededFrom, Purged};

/// What a line counts as while its claim is active.
pub(super) const STANDS_AS: &str = "CASE WHEN lines.decision IN ('pass', 'reverse') THEN NULL ELSE
    coalesce((SELECT decision FROM reviews WHERE line_id = lines.id), lines.decision) END";

/// What must hold: what is said when it does not, and a query for the numbers of the rows
/// where it does not.
const INVARIANTS: [(&str, &str); 14] = [
    (
        "sessions without a paid line on their date",
        "SELECT line_id AS id FROM sessions WHERE NOT EXISTS
            (SELECT 1 FROM lines WHERE id = sessions.line_id AND role = 'session'
             AND timeline_id = sessions.timeline_id AND service_date = sessions.service_date
             AND stands_as IN ('pay', 'reduce'))",
    ),
    (
        "sessions on a date that is one already",
        "SELECT line_id AS id FROM sessions WHERE
            (SELECT count(*) FROM sessions AS others
             WHERE others.timeline_id = sessions.timeline_id
             AND others.service_date = sessions.service_date) > 1",
    ),
    (
        "paid lines whose date is no session",
        "SELECT id FROM lines WHERE role = 'session' AND stands_as IN ('pay', 'reduce')
         AND service_date IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM sessions WHERE timeline_id = lines.timeline_id
             AND service_date = lines.service_date)",
    ),
    (
        "lines that do not count as what was decided",
        "SELECT lines.id FROM lines JOIN claims ON claims.id = lines.claim_id
         WHERE stands_as IS NOT CASE WHEN claims.status <> 'active' THEN NULL
            WHEN lines.decision IN ('pass', 'reverse') THEN NULL ELSE
            coalesce((SELECT decision FROM reviews WHERE line_id = lines.id), lines.decision) END",
    ),
    (
        "reversals without the original that they take back",
        "SELECT line_id AS id FROM reversals WHERE NOT EXISTS
            (SELECT 1 FROM lines JOIN claims ON claims.id = lines.claim_id
             WHERE lines.id = reversals.line_id AND claims.status = 'taken back'
             AND claims.taken_back_by = reversals.claim_id)",
    ),
    (
        "reversals of another amount than was allowed",
        "SELECT reversals.line_id AS id FROM reversals JOIN lines ON lines.id = reversals.line_id
         LEFT JOIN reviews ON reviews.line_id = lines.id
         WHERE reversals.allowed_cents <> -coalesce(reviews.allowed_cents, lines.allowed_cents)",
    ),
    (
        "paid lines of claims taken back by a later run, without a reversal",
        "SELECT lines.id FROM claims JOIN lines ON lines.claim_id = claims.id
         WHERE claims.status = 'taken back'
         AND coalesce((SELECT decision FROM reviews WHERE line_id = lines.id), lines.decision)
            IN ('pay', 'reduce')
         AND NOT EXISTS (SELECT 1 FROM reversals WHERE line_id = lines.id)",
    ),
    (
        "claims whose lines are not theirs",
        "SELECT claims.id FROM claims WHERE (SELECT count(*) FROM lines
            WHERE id BETWEEN first_line AND last_line AND claim_id = claims.id
            AND timeline_id = claims.timeline_id) <> last_line - first_line + 1",
    ),
    (
        "claims that are not among those of their input",
        "SELECT claims.id FROM claims JOIN inputs ON inputs.id = input_id
         WHERE claims.id NOT BETWEEN coalesce(inputs.first_claim, 0)
            AND coalesce(inputs.last_claim, -1)",
    ),
    (
        "claims that are not found by their number",
        "SELECT id FROM claims WHERE status = 'active' AND claim_control_number IS NOT NULL
         AND NOT EXISTS
            (SELECT 1 FROM claim_numbers WHERE prefix = substr(claim_control_number, 1, 6)
             AND claim_id = claims.id)",
    ),
    (
        "lines that are not found by their member",
        "SELECT id FROM lines WHERE NOT EXISTS
            (SELECT 1 FROM timeline_lines WHERE timeline_id = lines.timeline_id
             AND service_date = coalesce(lines.service_date, '') AND line_id = lines.id)",
    ),
    (
        "lines in the list of a member that are not the member's",
        "SELECT line_id AS id FROM timeline_lines WHERE NOT EXISTS
            (SELECT 1 FROM lines WHERE id = line_id AND timeline_id = timeline_lines.timeline_id
             AND coalesce(service_date, '') = timeline_lines.service_date)",
    ),
    (
        "claims in the list of a number that is not theirs",
        "SELECT claim_id AS id FROM claim_numbers WHERE NOT EXISTS
            (SELECT 1 FROM claims WHERE id = claim_id
             AND substr(claim_control_number, 1, 6) = prefix)",
    ),
    (
        "claims taken back by no claim, or taking claims back that do not say so",
        "SELECT id FROM claims WHERE (status = 'taken back') <> (taken_back_by IS NOT NULL)",
    ),
];

/// The same of lists, from the fifth schema on.
const LIST_INVARIANTS: [(&str, &str); 3] = [
    (
        "members with another timeline under the same plan",
        "SELECT max(id) AS id FROM timelines GROUP BY plan, member HAVING count(*) > 1",
    ),
    (
        "timelines that are not found by their member",
        "SELECT id FROM timelines WHERE NOT EXISTS
            (SELECT 1 FROM members WHERE timeline_id = timelines.id AND plan = timelines.plan
             AND member = timelines.member)",
    ),
    (
        "timelines in the list of a member that is not theirs",
        "SELECT timeline_id AS id FROM members WHERE NOT EXISTS
            (SELECT 1 FROM timelines WHERE id = timeline_id AND plan = members.plan
             AND member = members.member)",
    ),
];

/// The same of payments, which a history has from the third schema on.
const PAYMENT_INVARIANTS: [(&str, &str); 5] = [
    (
        "trace numbers that a payer used twice",
        "SELECT max(id) AS id FROM remittances GROUP BY payer_tax_id, trace_number
         HAVING count(*) > 1",
    ),
    (
        "remittances whose claims do not come to what they say",
        "SELECT id FROM remittances WHERE claims_cents <>
            coalesce((SELECT sum(paid_cents) FROM remitted WHERE remittance_id = id), 0)",
    ),
    (
        "remittances that do not balance",
        "SELECT id FROM remittances WHERE paid_cents < 0 OR owed_after_cents < 0
         OR claims_cents - owed_before_cents <> paid_cents - owed_after_cents",
    ),
    (
        "payments that were not remitted as often as they stand",
        "SELECT claim_id AS id FROM payments WHERE
            (SELECT count(*) FROM remitted WHERE remitted.claim_id = payments.claim_id
             AND NOT is_reversal) <> (stands_as IN ('paid', 'reversed'))
         OR (SELECT count(*) FROM remitted WHERE remitted.claim_id = payments.claim_id
             AND is_reversal) <> (stands_as = 'reversed')",
    ),
    (
        "payments taken back by another amount than was paid",
        "SELECT claim_id AS id FROM remitted GROUP BY claim_id
         HAVING max(is_reversal) AND sum(paid_cents) <> 0",
    ),
];

/// The same of monitors, from the fourth schema on.
const MONITOR_INVARIANTS: [(&str, &str); 2] = [
    (
        "lines with hits of monitors that are not their run's and their plan's",
        "SELECT line_id AS id FROM hits JOIN lines ON lines.id = hits.line_id
         JOIN claims ON claims.id = lines.claim_id JOIN inputs ON inputs.id = claims.input_id
         JOIN timelines ON timelines.id = lines.timeline_id
         JOIN monitors ON monitors.id = hits.monitor_id
         WHERE monitors.run_id <> inputs.run_id OR monitors.plan <> timelines.plan",
    ),
    (
        "lines with hits that put at stake what was not allowed",
        "SELECT line_id AS id FROM hits JOIN lines ON lines.id = hits.line_id
         WHERE at_stake_cents NOT BETWEEN min(0, allowed_cents) AND max(0, allowed_cents)",
    ),
];

impl SqliteHistory {
    pub(super) fn forget_run(&self, run: i64, forgotten_at: &str) -> rusqlite::Result<()> {
        let bounds = self.connection.query_row(
            "SELECT coalesce(first_claim, 0), coalesce(last_claim, -1), coalesce(first_line, 0),
                    coalesce(last_line, -1) FROM runs WHERE id = ?1",
            [run],
            |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?]),
        )?;
        let [first_claim, last_claim, first_line, last_line] = bounds;
        let own = params![first_line, last_line];
        self.connection.execute_batch(
            "CREATE TEMP TABLE changed (timeline_id INTEGER, service_date TEXT) STRICT;
             CREATE TEMP TABLE restored (line_id INTEGER) STRICT;",
        )?;
        // What the run took back or decided, and the dates on which it changed a session.
        self.connection.execute(
            "INSERT INTO restored SELECT lines.id FROM claims
             JOIN lines ON lines.id BETWEEN claims.first_line AND claims.last_line
             WHERE claims.taken_back_by BETWEEN ?1 AND ?2 AND claims.id < ?1",
            [first_claim, last_claim],
        )?;
        self.connection.execute(
            "UPDATE claims SET status = 'active', taken_back_by = NULL
             WHERE taken_back_by BETWEEN ?1 AND ?2 AND id < ?1",
            [first_claim, last_claim],
        )?;
        self.connection.execute(
            "INSERT INTO restored SELECT line_id FROM reviews WHERE run_id = ?1",
            [run],
        )?;
        self.connection
            .execute("DELETE FROM reviews WHERE run_id = ?1", [run])?;
        self.connection.execute(
            "INSERT INTO changed SELECT DISTINCT timeline_id, service_date FROM lines
             WHERE role = 'session' AND service_date IS NOT NULL
             AND (id BETWEEN ?1 AND ?2 OR id IN (SELECT line_id FROM restored))",
            own,
        )?;
        self.connection.execute(
            &format!(
                "UPDATE lines SET stands_as = {STANDS_AS} WHERE id IN (SELECT line_id FROM restored)"
            ),
            [],
        )?;
        self.forget_payments(run)?;
        // The rows of the run itself.
        self.remove_claims(&format!(
            "SELECT id FROM claims WHERE id BETWEEN {first_claim} AND {last_claim}"
        ))?;
        self.remove_inputs(run)?;
        self.connection.execute(
            "UPDATE runs SET forgotten_at = ?1, first_claim = NULL, last_claim = NULL,
                first_line = NULL, last_line = NULL WHERE id = ?2",
            params![forgotten_at, run],
        )?;
        // Sessions of the lines that stand again.
        let changed: Vec<(i64, String)> = self
            .connection
            .prepare("SELECT timeline_id, service_date FROM changed")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        self.refresh_sessions(changed)?;
        self.connection
            .execute_batch("DROP TABLE changed; DROP TABLE restored;")
    }

    fn remove_inputs(&self, run: i64) -> rusqlite::Result<()> {
        for statement in [
            "DELETE FROM transaction_sets WHERE interchange_id IN (SELECT interchanges.id
                FROM interchanges JOIN inputs ON inputs.id = input_id WHERE run_id = ?1)",
            "DELETE FROM interchanges WHERE input_id IN (SELECT id FROM inputs WHERE run_id = ?1)",
            "DELETE FROM inputs WHERE run_id = ?1",
            "DELETE FROM run_plans WHERE run_id = ?1",
            "DELETE FROM monitors WHERE run_id = ?1",
        ] {
            self.connection.execute(statement, [run])?;
        }
        Ok(())
    }

    /// Removes claims with all that hangs on them, but sessions. `claims` gives their
    /// numbers. Gives how many lines went.
    pub(super) fn remove_claims(&self, claims: &str) -> rusqlite::Result<u64> {
        self.connection.execute_batch(&format!(
            "CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY) STRICT;
             INSERT INTO gone {claims};
             CREATE TEMP TABLE gone_lines (id INTEGER PRIMARY KEY) STRICT;
             INSERT INTO gone_lines SELECT lines.id FROM gone
                JOIN claims ON claims.id = gone.id
                JOIN lines ON lines.id BETWEEN first_line AND last_line;
             CREATE TEMP TABLE gone_timelines (id INTEGER PRIMARY KEY) STRICT;
             INSERT INTO gone_timelines SELECT DISTINCT timeline_id FROM claims
                WHERE id IN (SELECT id FROM gone);
             DELETE FROM reversals WHERE claim_id IN (SELECT id FROM gone)
                OR line_id IN (SELECT id FROM gone_lines);
             DELETE FROM reviews WHERE line_id IN (SELECT id FROM gone_lines);
             DELETE FROM reasons WHERE line_id IN (SELECT id FROM gone_lines);
             DELETE FROM hits WHERE line_id IN (SELECT id FROM gone_lines);
             DELETE FROM lines WHERE id IN (SELECT id FROM gone_lines);
             DELETE FROM payments WHERE claim_id IN (SELECT id FROM gone);
             CREATE TEMP TABLE gone_numbers (prefix TEXT PRIMARY KEY) STRICT;
             INSERT INTO gone_numbers SELECT DISTINCT substr(claim_control_number, 1, 6)
                FROM claims WHERE id IN (SELECT id FROM gone)
                AND claim_control_number IS NOT NULL;
             DELETE FROM claims WHERE id IN (SELECT id FROM gone);
             CREATE TEMP TABLE gone_members (id INTEGER PRIMARY KEY, plan TEXT, member TEXT) STRICT;
             INSERT INTO gone_members SELECT id, plan, member FROM timelines
                WHERE id IN (SELECT id FROM gone_timelines)
                AND id NOT IN (SELECT timeline_id FROM claims);
             DELETE FROM timelines WHERE id IN (SELECT id FROM gone_members);"
        ))?;
        self.remove_from_lists()?;
        let lines: i64 =
            self.connection
                .query_row("SELECT count(*) FROM gone_lines", [], |row| row.get(0))?;
        self.connection.execute_batch(
            "DROP TABLE gone; DROP TABLE gone_lines; DROP TABLE gone_timelines;
                 DROP TABLE gone_numbers; DROP TABLE gone_members;",
        )?;
        Ok(lines.unsigned_abs())
    }

    /// Takes lines and claims that are gone out of the lists.
    fn remove_from_lists(&self) -> rusqlite::Result<()> {
        let ids = |query: &str| -> rusqlite::Result<Vec<i64>> {
            let mut ids = self.connection.prepare(query)?;
            ids.query_map([], |row| row.get(0))?.collect()
        };
        let timelines = ids("SELECT id FROM gone_timelines ORDER BY id")?;
        let timelines: Vec<Timeline> = timelines.into_iter().map(Timeline).collect();
        let lines = ids("SELECT id FROM gone_lines")?.into_iter().collect();
        lists::remove(&self.connection, &timelines, &lines)?;
        let mut numbers = self
            .connection
            .prepare("SELECT prefix FROM gone_numbers ORDER BY prefix")?;
        let numbers: Vec<Prefix> = numbers
            .query_map([], |row| {
                let prefix = row.get_ref(0)?.as_bytes()?.try_into();
                prefix.map(Prefix).map_err(|_| lists::damaged())
            })?
            .collect::<Result<_, _>>()?;
        let claims = ids("SELECT id FROM gone")?.into_iter().collect();
        lists::remove(&self.connection, &numbers, &claims)?;
        let mut members = self
            .connection
            .prepare("SELECT id, plan, member FROM gone_members")?;
        let mut members: Vec<(MemberHash, i64)> = members
            .query_map([], |row| {
                let (plan, member): (String, String) = (row.get(1)?, row.get(2)?);
                Ok((MemberHash::new(&plan, &member), row.get(0)?))
            })?
            .collect::<Result<_, _>>()?;
        members.sort_unstable();
        let hashes: Vec<MemberHash> = members.iter().map(|(hash, _)| *hash).collect();
        let members = members.into_iter().map(|(_, id)| id).collect();
        lists::remove(&self.connection, &hashes, &members)?;
        // What had been said of sessions of lines that are gone.
        let mut changed = self.connection.prepare(
            "SELECT timeline_id, service_date FROM changed_sessions
             WHERE timeline_id IN (SELECT id FROM gone_timelines)",
        )?;
        let changed: Vec<(i64, String)> = changed
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        self.refresh_sessions(changed)
    }

    pub(super) fn purge_before(
        &self,
        before: NaiveDate,
        needed_from: NeededFrom<'_>,
    ) -> rusqlite::Result<Purged> {
        let before = before.to_string();
        self.connection.execute_batch(
            "CREATE TEMP TABLE old (id INTEGER PRIMARY KEY, timeline_id INTEGER) STRICT;
             CREATE TEMP TABLE needed (timeline_id INTEGER PRIMARY KEY, since TEXT) STRICT;",
        )?;
        // A line without a date is as old as its billing date.
        self.connection.execute(
            "INSERT INTO old SELECT claims.id, claims.timeline_id FROM claims
             LEFT JOIN transaction_sets ON transaction_sets.id = transaction_set_id
             WHERE coalesce((SELECT max(coalesce(service_date, billing_date)) FROM lines
                WHERE lines.id BETWEEN first_line AND last_line), billing_date, '9999') < ?1",
            [&before],
        )?;
        let old = self.count("SELECT count(*) FROM old")?;
        unlist(&self.connection)?;
        self.note_needed(needed_from)?;
        unlisted::forget(&self.connection)?;
        self.connection.execute_batch(
            "DELETE FROM old WHERE id IN (SELECT claims.id FROM claims
                JOIN lines ON lines.id BETWEEN first_line AND last_line
                LEFT JOIN needed ON needed.timeline_id = claims.timeline_id
                LEFT JOIN payments ON payments.claim_id = claims.id
                WHERE lines.stands_as = 'pend' OR payments.stands_as = 'held'
                   OR (payments.stands_as = 'paid' AND claims.status = 'taken back')
                   OR service_date >= needed.since);",
        )?;
        // A claim and the one that took it back go together.
        loop {
            let kept = self.connection.execute(
                "DELETE FROM old WHERE id IN
                    (SELECT id FROM claims WHERE taken_back_by NOT IN (SELECT id FROM old)
                     UNION ALL
                     SELECT taken_back_by FROM claims WHERE taken_back_by IS NOT NULL
                        AND id NOT IN (SELECT id FROM old))",
                [],
            )?;
            if kept == 0 {
                break;
            }
        }
        self.connection.execute(
            "UPDATE inputs SET purged_before = max(coalesce(purged_before, ''), ?1) WHERE id IN
                (SELECT input_id FROM claims WHERE id IN (SELECT id FROM old))",
            [&before],
        )?;
        let claims = self.count("SELECT count(*) FROM old")?;
        let lines = self.remove_claims("SELECT id FROM old")?;
        self.connection
            .execute_batch("DROP TABLE old; DROP TABLE needed;")?;
        Ok(Purged {
            claims,
            lines,
            kept: old - claims,
        })
    }

    /// Notes since when the sessions of a timeline with old claims are needed.
    fn note_needed(&self, needed_from: NeededFrom<'_>) -> rusqlite::Result<()> {
        let mut sessions = self.connection.prepare(
            "SELECT timelines.id, plan, member, service_date FROM
                (SELECT DISTINCT timeline_id FROM old) AS old
             JOIN timelines ON timelines.id = old.timeline_id
             JOIN sessions ON sessions.timeline_id = timelines.id
             ORDER BY timelines.id, service_date",
        )?;
        let mut note = self
            .connection
            .prepare("INSERT INTO needed VALUES (?1, ?2)")?;
        let mut rows = sessions.query([])?;
        let mut timeline: Option<(i64, String, String)> = None;
        let mut dates: Vec<NaiveDate> = Vec::new();
        loop {
            let next = match rows.next()? {
                Some(row) => {
                    let timeline: (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                    Some((timeline, row.get::<_, String>(3)?))
                }
                None => None,
            };
            let is_same = next
                .as_ref()
                .zip(timeline.as_ref())
                .is_some_and(|((next, _), known)| next.0 == known.0);
            if let (Some((id, plan, member)), false) = (&timeline, is_same) {
                if let Some(since) = needed_from(plan, member, &dates) {
                    note.execute(params![id, since.to_string()])?;
                }
                dates.clear();
            }
            let Some((next, session)) = next else {
                return Ok(());
            };
            timeline = Some(next);
            dates.extend(date(&session));
        }
    }

    fn count(&self, query: &str) -> rusqlite::Result<u64> {
        let count: i64 = self.connection.query_row(query, [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(super) fn find_faults(&self) -> rusqlite::Result<Vec<String>> {
        let mut faults: Vec<String> = self
            .connection
            .prepare("PRAGMA integrity_check(20)")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        faults.retain(|fault| fault != "ok");
        if !faults.is_empty() {
            return Ok(faults);
        }
        let missing: Vec<(String, String)> = self
            .connection
            .prepare("SELECT DISTINCT \"table\", parent FROM pragma_foreign_key_check")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        faults.extend(
            missing
                .into_iter()
                .map(|(table, parent)| format!("rows of {table} name {parent} that are not there")),
        );
        // What an older schema has in tables stays there.
        let is_listed: bool = self.connection.query_row(
            "SELECT count(*) > 0 FROM main.sqlite_schema WHERE name = 'timeline_lists'",
            [],
            |row| row.get(0),
        )?;
        if is_listed {
            unlist(&self.connection)?;
        }
        let has_payments: bool = self.connection.query_row(
            "SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'payments'",
            [],
            |row| row.get(0),
        )?;
        let of_payments = PAYMENT_INVARIANTS.iter().filter(|_| has_payments);
        let keeps_hits = self.keeps_hits()?;
        let of_monitors = MONITOR_INVARIANTS.iter().filter(|_| keeps_hits);
        let of_lists = LIST_INVARIANTS.iter().filter(|_| is_listed);
        let all = INVARIANTS.iter().chain(of_lists);
        for (what, query) in all.chain(of_payments).chain(of_monitors) {
            let found = format!("SELECT count(*), min(found.id) FROM ({query}) AS found");
            let (count, first): (i64, Option<i64>) =
                self.connection
                    .query_row(&found, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if let (true, Some(first)) = (count > 0, first) {
                faults.push(format!("{count} {what} (the first has number {first})"));
            }
        }
        if is_listed {
            unlisted::forget(&self.connection)?;
        }
        Ok(faults)
    }
}
