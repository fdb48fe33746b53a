//! Adding a run: its inputs, its claims with their lines, what it took back, its sessions.

use std::{mem, str};

use ahash::AHashMap;
use chrono::NaiveDate;
use rusqlite::{CachedStatement, Connection, OptionalExtension, ToSql, params};
use serde::Serialize;

use super::SqliteHistory;
use crate::claim::as_text;
use crate::history::{NewClaim, NewLine, NewReview, NewRun, RowStatus};
use crate::output::{Determination, Note, WrittenReason};
use crate::policy::{Decision, Phase, Role};

/// How many claims' rows are gathered to be added in key order: what is held stays small.
const ROWS_IN_ORDER: usize = 1 << 18;

/// The run that is being added.
#[derive(Debug)]
pub(super) struct Recording {
    run: i64,
    /// Number of the run's first input; the others follow.
    first_input: i64,
    first_set: i64,
    first_claim: i64,
    next_claim: i64,
    first_line: i64,
    next_line: i64,
    /// By input of the run: its claims so far.
    claims_of_inputs: Vec<Option<(i64, i64)>>,
    dictionary: Dictionary,
    ordered: Ordered,
}

/// Rows of tables whose keys are in no order of arrival: they are added sorted, so that
/// neighbours meet on one page.
#[derive(Debug, Default)]
struct Ordered {
    numbers: Vec<([u8; 6], i64)>,
    timelines: Vec<(i64, i64)>,
    dates: Vec<(NaiveDate, i64, i64)>,
    sessions: Vec<(i64, NaiveDate, NewSession)>,
}

#[derive(Debug)]
struct NewSession {
    line: i64,
    phase: Option<Phase>,
    muscles: Option<String>,
}

/// Texts that many lines share, by what they are: the number of each.
#[derive(Debug, Default)]
struct Dictionary {
    outcomes: AHashMap<String, i64>,
    policy_versions: AHashMap<(String, Option<String>), i64>,
    unverified: AHashMap<String, i64>,
}

/// The statements that add a claim, its lines and their reasons.
struct Adding<'c> {
    claim: CachedStatement<'c>,
    line: CachedStatement<'c>,
    reason: CachedStatement<'c>,
}

impl<'c> Adding<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let claim = connection.prepare_cached(
            "INSERT INTO claims (id, input_id, transaction_set_id, ordinal, timeline_id,
                claim_control_number, patient_control_number, billing_provider, frequency,
                is_other_payer, status, taken_back_by, first_line, last_line)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?;
        let line = connection.prepare_cached(
            "INSERT INTO lines (id, claim_id, timeline_id, line, line_control_number,
                rendering_provider, service_date, procedure, modifiers, diagnoses, units,
                is_unit_count, charge_cents, role, policy_version_id, decision, units_allowed,
                allowed_cents, phase, session, unverified_id, is_original_unknown, muscles,
                facts_phase, is_seen, stands_as)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                     ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)",
        )?;
        let reason = connection.prepare_cached("INSERT INTO reasons VALUES (?1, ?2, ?3, ?4)")?;
        Ok(Self {
            claim,
            line,
            reason,
        })
    }

    fn claim(
        &mut self,
        recording: &Recording,
        claim: &NewClaim<'_>,
        id: i64,
        timeline: i64,
    ) -> rusqlite::Result<()> {
        let (status, taken_back_by) = match claim.status {
            RowStatus::Active => ("active", None),
            RowStatus::Void => ("void", None),
            RowStatus::Passing => ("passing", None),
            RowStatus::TakenBack(by) => ("taken back", Some(recording.first_claim + by as i64)),
        };
        self.claim.execute(params![
            id,
            recording.first_input + claim.input as i64,
            claim.set.map(|set| recording.first_set + set as i64),
            claim.ordinal,
            timeline,
            claim.control_number.as_ref().map(|number| number.as_str()),
            claim.patient_control_number,
            claim.billing_provider,
            claim.frequency,
            claim.is_other_payer,
            status,
            taken_back_by,
            recording.next_line,
            recording.next_line + claim.lines.len() as i64 - 1,
        ])?;
        Ok(())
    }
}

impl SqliteHistory {
    fn next_id(&self, table: &str) -> rusqlite::Result<i64> {
        self.connection.query_row(
            &format!("SELECT coalesce(max(id), 0) + 1 FROM {table}"),
            [],
            |row| row.get(0),
        )
    }

    pub(super) fn add_run(&mut self, run: &NewRun<'_>) -> rusqlite::Result<i64> {
        self.connection.execute(
            "INSERT INTO runs (kind, recorded_at, engine, billing_date, plans_digest, facts_digest,
                               members_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                run.kind.as_str(),
                run.recorded_at,
                env!("CARGO_PKG_VERSION"),
                run.billing_date.map(|date| date.to_string()),
                run.plans_digest,
                run.facts_digest,
                run.members_digest,
            ],
        )?;
        let id = self.connection.last_insert_rowid();
        for plan in &run.plans {
            self.connection.execute(
                "INSERT INTO run_plans (run_id, plan, policy, digest) VALUES (?1, ?2, ?3, ?4)",
                params![id, plan.plan, plan.policy, plan.digest],
            )?;
        }
        let recording = Recording {
            run: id,
            first_input: self.next_id("inputs")?,
            first_set: self.next_id("transaction_sets")?,
            first_claim: self.next_id("claims")?,
            next_claim: self.next_id("claims")?,
            first_line: self.next_id("lines")?,
            next_line: self.next_id("lines")?,
            claims_of_inputs: vec![None; run.inputs.len()],
            dictionary: Dictionary::default(),
            ordered: Ordered::default(),
        };
        self.add_inputs(run, &recording)?;
        self.recording = Some(recording);
        Ok(id)
    }

    fn add_inputs(&self, run: &NewRun<'_>, recording: &Recording) -> rusqlite::Result<()> {
        let first_interchange = self.next_id("interchanges")?;
        let mut add_input = self.connection.prepare_cached(
            "INSERT INTO inputs (id, run_id, name, digest, status) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let mut add_interchange = self.connection.prepare_cached(
            "INSERT INTO interchanges (input_id, sender, receiver, date, time, control_number)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for (input_id, input) in (recording.first_input..).zip(&run.inputs) {
            let (name, digest) = (input.name, input.digest);
            let status = input.status.as_str();
            add_input.execute(params![input_id, recording.run, name, digest, status])?;
            for identity in &input.interchanges {
                add_interchange.execute(params![
                    input_id,
                    as_text(&identity.sender),
                    as_text(&identity.receiver),
                    as_text(&identity.date),
                    as_text(&identity.time),
                    as_text(&identity.control_number),
                ])?;
            }
        }
        let mut add_set = self.connection.prepare_cached(
            "INSERT INTO transaction_sets (id, interchange_id, group_control_number,
                control_number, billing_date, is_encounter) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for (id, set) in (recording.first_set..).zip(&run.sets) {
            add_set.execute(params![
                id,
                first_interchange + set.interchange as i64,
                set.group,
                set.control_number,
                set.billing_date.map(|date| date.to_string()),
                set.is_encounter,
            ])?;
        }
        Ok(())
    }

    pub(super) fn add_claims(&mut self, claims: &[NewClaim<'_>]) -> rusqlite::Result<()> {
        let Some(mut recording) = self.recording.take() else {
            return Err(rusqlite::Error::InvalidQuery);
        };
        let added = self.add_claims_to(&mut recording, claims);
        self.recording = Some(recording);
        added
    }

    fn add_claims_to(
        &self,
        recording: &mut Recording,
        claims: &[NewClaim<'_>],
    ) -> rusqlite::Result<()> {
        let timelines = self.timelines_of(claims)?;
        let mut adding = Adding::new(&self.connection)?;
        for claim in claims {
            let timeline = timelines[&(claim.plan, &*claim.member)];
            let id = recording.next_claim;
            recording.next_claim += 1;
            if let Some(bounds) = recording.claims_of_inputs.get_mut(claim.input) {
                let first = bounds.map_or(id, |(first, _)| first);
                *bounds = Some((first, id));
            }
            let first_line = recording.next_line;
            adding.claim(recording, claim, id, timeline)?;
            recording.ordered.timelines.push((timeline, id));
            let prefix = claim.control_number.map(|number| number.prefix());
            if claim.status == RowStatus::Active {
                let number = prefix.map(|prefix| (prefix, id));
                recording.ordered.numbers.extend(number);
            }
            for line in &claim.lines {
                self.add_line(&mut adding, recording, line, id, timeline)?;
            }
            debug_assert_eq!(
                recording.next_line - first_line,
                claim.lines.len() as i64,
                "the lines of a claim stand together"
            );
            self.add_reversals(id, &claim.takes_back)?;
        }
        if recording.ordered.timelines.len() >= ROWS_IN_ORDER {
            self.add_ordered(recording)?;
        }
        Ok(())
    }

    /// Adds what was gathered to be added in key order.
    fn add_ordered(&self, recording: &mut Recording) -> rusqlite::Result<()> {
        let Ordered {
            mut numbers,
            mut timelines,
            mut dates,
            mut sessions,
        } = mem::take(&mut recording.ordered);
        numbers.sort_unstable();
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO claim_numbers VALUES (?1, ?2)")?;
        for (prefix, claim) in numbers {
            let prefix = str::from_utf8(&prefix).unwrap_or_default();
            add.execute(params![prefix, claim])?;
        }
        timelines.sort_unstable();
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO timeline_claims VALUES (?1, ?2)")?;
        for (timeline, claim) in timelines {
            add.execute([timeline, claim])?;
        }
        dates.sort_unstable();
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO date_lines VALUES (?1, ?2, ?3)")?;
        for of_date in dates.chunk_by(|left, right| left.0 == right.0) {
            let date = of_date[0].0.to_string();
            for (_, timeline, line) in of_date {
                add.execute(params![date, timeline, line])?;
            }
        }
        sessions.sort_by_key(|(timeline, date, _)| (*timeline, *date));
        let mut add = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO sessions VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (timeline, date, session) in sessions {
            let date = date.to_string();
            let phase = session.phase.map(|phase| phase.as_str());
            let added = add.execute(params![
                timeline,
                date,
                session.line,
                phase,
                session.muscles
            ])?;
            if added == 0 {
                self.prefer_session(recording.first_line, timeline, &date)?;
            }
        }
        Ok(())
    }

    /// The timelines of claims; new ones are added, in key order.
    fn timelines_of<'c>(
        &self,
        claims: &'c [NewClaim<'_>],
    ) -> rusqlite::Result<AHashMap<(&'c str, &'c str), i64>> {
        let mut keys: Vec<(&str, &str, bool)> = claims
            .iter()
            .map(|claim| (claim.plan, &*claim.member, claim.member_identified))
            .collect();
        keys.sort_unstable();
        keys.dedup_by_key(|key| (key.0, key.1));
        let mut find = self
            .connection
            .prepare_cached("SELECT id FROM timelines WHERE plan = ?1 AND member = ?2")?;
        let mut add = self.connection.prepare_cached(
            "INSERT INTO timelines (plan, member, is_identified) VALUES (?1, ?2, ?3)",
        )?;
        let mut timelines = AHashMap::with_capacity(keys.len());
        for (plan, member, is_identified) in keys {
            let found = find.query_row(params![plan, member], |row| row.get(0));
            let id = match found.optional()? {
                Some(id) => id,
                None => add.insert(params![plan, member, is_identified])?,
            };
            timelines.insert((plan, member), id);
        }
        Ok(timelines)
    }

    fn add_line(
        &self,
        adding: &mut Adding<'_>,
        recording: &mut Recording,
        line: &NewLine<'_>,
        claim: i64,
        timeline: i64,
    ) -> rusqlite::Result<()> {
        let id = recording.next_line;
        recording.next_line += 1;
        let d = &line.determination;
        let service_date = d.service_date.map(|date| date.to_string());
        let muscles = (!line.muscles.is_empty()).then(|| json(&line.muscles));
        let is_judged = !matches!(d.decision, Decision::Pass | Decision::Reverse);
        let stands_as = is_judged.then(|| d.decision.as_str());
        adding.line.execute(params![
            id,
            claim,
            timeline,
            d.line,
            d.line_control_number,
            d.rendering_provider.as_deref().unwrap_or_default(),
            service_date,
            d.procedure,
            json(&d.modifiers),
            json(&d.diagnoses),
            d.units.map(|units| units.to_string()),
            line.is_unit_count,
            d.charge.0,
            line.role.map(Role::as_str),
            self.policy_version(&mut recording.dictionary, d)?,
            d.decision.as_str(),
            d.units_allowed.to_string(),
            d.amount_allowed.0,
            d.phase.map(|phase| phase.as_str()),
            d.session,
            self.unverified(&mut recording.dictionary, d)?,
            d.notes.contains(&Note::OriginalUnknown),
            muscles,
            line.facts_phase.map(|phase| phase.as_str()),
            line.is_seen,
            stands_as,
        ])?;
        for (position, reason) in (1_i64..).zip(&d.reasons) {
            let outcome = self.outcome(&mut recording.dictionary, reason)?;
            adding
                .reason
                .execute(params![id, position, outcome, reason.text])?;
        }
        let is_paid = matches!(d.decision, Decision::Pay | Decision::Reduce);
        if let Some(date) = d.service_date {
            recording.ordered.dates.push((date, timeline, id));
        }
        if is_paid
            && line.role == Some(Role::Session)
            && let Some(date) = d.service_date
        {
            let session = NewSession {
                line: id,
                phase: d.phase,
                muscles,
            };
            recording.ordered.sessions.push((timeline, date, session));
        }
        Ok(())
    }

    /// A plan that pays several lines of one date: the session is that of the highest code,
    /// then of the first line; an earlier run's stays.
    fn prefer_session(&self, first_line: i64, timeline: i64, date: &str) -> rusqlite::Result<()> {
        let is_of_run = self
            .connection
            .prepare_cached(
                "SELECT line_id >= ?1 FROM sessions WHERE timeline_id = ?3 AND service_date = ?2",
            )?
            .query_row(params![first_line, date, timeline], |row| row.get(0))?;
        match is_of_run {
            true => self.refresh_session(timeline, date),
            false => Ok(()),
        }
    }

    /// Makes the session of a date anew from the lines that stand on it.
    pub(super) fn refresh_session(&self, timeline: i64, date: &str) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM sessions WHERE timeline_id = ?1 AND service_date = ?2")?
            .execute(params![timeline, date])?;
        self.connection
            .prepare_cached(
                "INSERT INTO sessions
                 SELECT lines.timeline_id, lines.service_date, lines.id,
                        coalesce(reviews.phase, lines.phase), muscles
                 FROM date_lines JOIN lines ON lines.id = date_lines.line_id
                 LEFT JOIN reviews ON reviews.line_id = lines.id
                 WHERE date_lines.timeline_id = ?1 AND date_lines.service_date = ?2
                 AND role = 'session' AND stands_as IN ('pay', 'reduce')
                 ORDER BY procedure DESC, lines.id LIMIT 1",
            )?
            .execute(params![timeline, date])?;
        Ok(())
    }

    pub(super) fn take_claims_back(
        &self,
        claims: &[i64],
    ) -> rusqlite::Result<Vec<(i64, Determination<'static>)>> {
        let mut taken = Vec::new();
        let mut dates = self.connection.prepare_cached(
            "SELECT DISTINCT lines.timeline_id, service_date
             FROM claims JOIN lines ON lines.id BETWEEN first_line AND last_line
             WHERE claims.id = ?1 AND role = 'session' AND stands_as IN ('pay', 'reduce')
               AND service_date IS NOT NULL",
        )?;
        let mut falls = self.connection.prepare_cached(
            "UPDATE lines SET stands_as = NULL
             WHERE id BETWEEN (SELECT first_line FROM claims WHERE id = ?1)
               AND (SELECT last_line FROM claims WHERE id = ?1)",
        )?;
        let mut ends = self
            .connection
            .prepare_cached("UPDATE claims SET status = 'taken back' WHERE id = ?1")?;
        for &claim in claims {
            let paid = self.paid_lines(claim)?;
            taken.extend(paid.into_iter().map(|line| (claim, line)));
            let dates: Vec<(i64, String)> = dates
                .query_map([claim], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            falls.execute([claim])?;
            ends.execute([claim])?;
            for (timeline, date) in dates {
                self.refresh_session(timeline, &date)?;
            }
        }
        Ok(taken)
    }

    /// Notes what a claim took back, now that it has a number.
    fn add_reversals(&self, claim: i64, takes_back: &[i64]) -> rusqlite::Result<()> {
        if takes_back.is_empty() {
            return Ok(());
        }
        let mut name = self
            .connection
            .prepare_cached("UPDATE claims SET taken_back_by = ?1 WHERE id = ?2")?;
        // A line that was paid does not stand any more, so what it was is asked of its
        // decision and its review.
        let mut lines = self.connection.prepare_cached(
            "SELECT lines.id, coalesce(reviews.units_allowed, lines.units_allowed),
                    coalesce(reviews.allowed_cents, lines.allowed_cents)
             FROM claims JOIN lines ON lines.id BETWEEN first_line AND last_line
             LEFT JOIN reviews ON reviews.line_id = lines.id
             WHERE claims.id = ?1 AND coalesce(reviews.decision, lines.decision) IN ('pay', 'reduce')
             ORDER BY lines.id",
        )?;
        let mut reverse = self
            .connection
            .prepare_cached("INSERT INTO reversals VALUES (?1, ?2, ?3, ?4)")?;
        for original in takes_back {
            name.execute([claim, *original])?;
            let mut rows = lines.query([original])?;
            while let Some(row) = rows.next()? {
                let units: crate::claim::Quantity = super::read::get(row, 1)?;
                let cents: i64 = row.get(2)?;
                let line: i64 = row.get(0)?;
                reverse.execute(params![line, claim, (-units).to_string(), -cents])?;
            }
        }
        Ok(())
    }

    pub(super) fn add_reviews(&self, reviews: &[NewReview]) -> rusqlite::Result<()> {
        let Some(recording) = &self.recording else {
            return Err(rusqlite::Error::InvalidQuery);
        };
        let mut add = self.connection.prepare_cached(
            "INSERT INTO reviews (line_id, run_id, decision, units_allowed, allowed_cents, phase,
                group_code, carc, rarc, reviewer, decided_on)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let mut stand = self
            .connection
            .prepare_cached("UPDATE lines SET stands_as = ?1 WHERE id = ?2")?;
        let mut line_of = self
            .connection
            .prepare_cached("SELECT timeline_id, service_date, role FROM lines WHERE id = ?1")?;
        for review in reviews {
            let (group, carc) = match &review.adjustment {
                Some((group, carc)) => (Some(group), Some(carc)),
                None => (None, None),
            };
            add.execute(params![
                review.line_id,
                recording.run,
                review.decision.as_str(),
                review.units_allowed.to_string(),
                review.amount_allowed.0,
                review.phase.map(|phase| phase.as_str()),
                group,
                carc,
                review.rarc,
                review.reviewer,
                review.decided_on.to_string(),
            ])?;
            stand.execute(params![review.decision.as_str(), review.line_id])?;
            let (timeline, date, role): (i64, Option<String>, Option<String>) = line_of
                .query_row([review.line_id], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })?;
            let is_paid = review.decision != Decision::Deny;
            if let (true, Some("session"), Some(date)) = (is_paid, role.as_deref(), date) {
                self.refresh_session(timeline, &date)?;
            }
        }
        Ok(())
    }

    /// Notes which claims and lines are the run's, now that all of them are there.
    pub(super) fn end_recording(&mut self) -> rusqlite::Result<()> {
        let Some(mut recording) = self.recording.take() else {
            return Ok(());
        };
        self.add_ordered(&mut recording)?;
        let mut end_input = self
            .connection
            .prepare_cached("UPDATE inputs SET first_claim = ?1, last_claim = ?2 WHERE id = ?3")?;
        for (id, bounds) in (recording.first_input..).zip(&recording.claims_of_inputs) {
            if let Some((first, last)) = bounds {
                end_input.execute([*first, *last, id])?;
            }
        }
        if recording.next_claim > recording.first_claim {
            self.connection.execute(
                "UPDATE runs SET first_claim = ?1, last_claim = ?2, first_line = ?3, last_line = ?4
                 WHERE id = ?5",
                [
                    recording.first_claim,
                    recording.next_claim - 1,
                    recording.first_line,
                    recording.next_line - 1,
                    recording.run,
                ],
            )?;
        }
        Ok(())
    }

    fn policy_version(
        &self,
        dictionary: &mut Dictionary,
        determination: &Determination<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        let Some(policy) = &determination.policy else {
            return Ok(None);
        };
        let version = determination.policy_version.map(|date| date.to_string());
        let key = (policy.to_string(), version);
        if let Some(id) = dictionary.policy_versions.get(&key) {
            return Ok(Some(*id));
        }
        let id = self.find_or_add(
            "SELECT id FROM policy_versions WHERE policy = ?1 AND version IS ?2",
            "INSERT INTO policy_versions (policy, version) VALUES (?1, ?2)",
            &[&key.0, &key.1],
        )?;
        dictionary.policy_versions.insert(key, id);
        Ok(Some(id))
    }

    fn unverified(
        &self,
        dictionary: &mut Dictionary,
        determination: &Determination<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        if determination.unverified.is_empty() {
            return Ok(None);
        }
        let criteria = json(&determination.unverified);
        if let Some(id) = dictionary.unverified.get(&criteria) {
            return Ok(Some(*id));
        }
        let id = self.find_or_add(
            "SELECT id FROM unverified WHERE criteria = ?1",
            "INSERT INTO unverified (criteria) VALUES (?1)",
            &[&criteria],
        )?;
        dictionary.unverified.insert(criteria, id);
        Ok(Some(id))
    }

    fn outcome(
        &self,
        dictionary: &mut Dictionary,
        reason: &WrittenReason<'_>,
    ) -> rusqlite::Result<i64> {
        let optional =
            |code: &Option<std::borrow::Cow<'_, str>>| code.as_deref().map(str::to_owned);
        let (group, carc, status) = (
            optional(&reason.group),
            optional(&reason.carc),
            optional(&reason.status),
        );
        let rarc = json(&reason.rarc);
        let (rule, basis, decision) = (
            reason.rule.name(),
            reason.basis.as_str(),
            reason.decision.as_str(),
        );
        let clause: &str = &reason.clause;
        let key = format!(
            "{rule}\0{basis}\0{clause}\0{decision}\0{group:?}\0{carc:?}\0{rarc}\0{status:?}"
        );
        if let Some(id) = dictionary.outcomes.get(&key) {
            return Ok(*id);
        }
        let id = self.find_or_add(
            "SELECT id FROM outcomes WHERE rule = ?1 AND basis = ?2 AND clause = ?3
             AND decision = ?4 AND group_code IS ?5 AND carc IS ?6 AND rarc = ?7 AND status IS ?8",
            "INSERT INTO outcomes (rule, basis, clause, decision, group_code, carc, rarc, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &rule, &basis, &clause, &decision, &group, &carc, &rarc, &status,
            ],
        )?;
        dictionary.outcomes.insert(key, id);
        Ok(id)
    }

    fn find_or_add(&self, find: &str, add: &str, values: &[&dyn ToSql]) -> rusqlite::Result<i64> {
        let found = self
            .connection
            .query_row(find, values, |row| row.get(0))
            .optional()?;
        match found {
            Some(id) => Ok(id),
            None => self.connection.prepare(add)?.insert(values),
        }
    }
}

/// A list as JSON.
fn json(list: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(list).unwrap_or_default()
}
