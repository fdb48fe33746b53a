//! Adding a run: its inputs, its claims with their lines, what it took back, its sessions.

use ahash::AHashSet;
use rusqlite::{CachedStatement, Connection, params};

use super::SqliteHistory;
use super::dictionary::Dictionary;
use super::monitors::RunMonitors;
use super::ordered::{NewListed, NewSession, Ordered};
use super::text::{Day, json, list, units};
use crate::claim::as_text;
use crate::history::{NewClaim, NewLine, NewReview, NewRun, RowStatus};
use crate::output::{Determination, Note};
use crate::policy::{Decision, Role};

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
    monitors: RunMonitors,
    ordered: Ordered,
}

impl Recording {
    /// The number of the first claim that it adds.
    pub(super) fn first_claim(&self) -> i64 {
        self.first_claim
    }
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

    /// The next number of a claim or line; those that a purge removed are not given again.
    fn never_used(&self, table: &str, last: &str) -> rusqlite::Result<i64> {
        let query = format!("SELECT coalesce(max({last}), 0) + 1 FROM runs");
        let behind_runs = self.connection.query_row(&query, [], |row| row.get(0))?;
        Ok(self.next_id(table)?.max(behind_runs))
    }

    pub(super) fn add_run(&mut self, run: &NewRun<'_>) -> rusqlite::Result<i64> {
        self.connection.execute(
            "INSERT INTO runs (kind, recorded_at, engine, billing_date, plans_digest, facts_digest,
                               members_digest, has_all_lines)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                run.kind.as_str(),
                run.recorded_at,
                env!("CARGO_PKG_VERSION"),
                run.billing_date.map(|date| date.to_string()),
                run.plans_digest,
                run.facts_digest,
                run.members_digest,
                run.has_all_lines,
            ],
        )?;
        let id = self.connection.last_insert_rowid();
        for plan in &run.plans {
            self.connection.execute(
                "INSERT INTO run_plans (run_id, plan, policy, digest) VALUES (?1, ?2, ?3, ?4)",
                params![id, plan.plan, plan.policy, plan.digest],
            )?;
        }
        let first_claim = self.never_used("claims", "last_claim")?;
        let first_line = self.never_used("lines", "last_line")?;
        let recording = Recording {
            run: id,
            first_input: self.next_id("inputs")?,
            first_set: self.next_id("transaction_sets")?,
            first_claim,
            next_claim: first_claim,
            first_line,
            next_line: first_line,
            claims_of_inputs: vec![None; run.inputs.len()],
            dictionary: Dictionary::default(),
            monitors: RunMonitors::add(&self.connection, id, &run.monitors)?,
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
        &mut self,
        recording: &mut Recording,
        claims: &[NewClaim<'_>],
    ) -> rusqlite::Result<()> {
        let Self {
            connection,
            timelines,
            ..
        } = self;
        let timelines =
            timelines.find_or_add(connection, claims, &mut recording.ordered.timelines)?;
        let mut adding = Adding::new(&self.connection)?;
        for (claim, timeline) in claims.iter().zip(timelines) {
            let id = recording.next_claim;
            recording.next_claim += 1;
            if let Some(bounds) = recording.claims_of_inputs.get_mut(claim.input) {
                let first = bounds.map_or(id, |(first, _)| first);
                *bounds = Some((first, id));
            }
            let first_line = recording.next_line;
            adding.claim(recording, claim, id, timeline)?;
            recording.ordered.add_claim(claim, id);
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
        drop(adding);
        if recording.ordered.is_full() {
            self.add_ordered(recording)?;
        }
        Ok(())
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
            d.service_date.map(Day::new),
            d.procedure,
            list(&d.modifiers),
            list(&d.diagnoses),
            d.units.map(units),
            line.is_unit_count,
            d.charge.0,
            line.role.map(Role::as_str),
            recording.dictionary.policy_version(&self.connection, d)?,
            d.decision.as_str(),
            units(d.units_allowed),
            d.amount_allowed.0,
            d.phase.map(|phase| phase.as_str()),
            d.session,
            recording.dictionary.unverified(&self.connection, d)?,
            d.notes.contains(&Note::OriginalUnknown),
            muscles,
            line.facts_phase.map(|phase| phase.as_str()),
            line.is_seen,
            stands_as,
        ])?;
        for (position, reason) in (1_i64..).zip(&d.reasons) {
            let outcome = recording.dictionary.outcome(&self.connection, reason)?;
            adding
                .reason
                .execute(params![id, position, outcome, reason.text])?;
        }
        let hits = d.monitored.as_deref().unwrap_or_default();
        recording.monitors.add_hits(
            &self.connection,
            &mut recording.dictionary,
            id,
            d.plan.as_deref(),
            hits,
        )?;
        let is_paid = matches!(d.decision, Decision::Pay | Decision::Reduce);
        let makes_session = is_paid && line.role == Some(Role::Session);
        recording.ordered.add_line(NewListed {
            timeline,
            date: d.service_date,
            line: id,
            session: (makes_session && d.service_date.is_some()).then_some(NewSession {
                phase: d.phase,
                muscles,
            }),
        });
        Ok(())
    }

    /// Adds the rows that were gathered to be added in key order.
    fn add_ordered(&mut self, recording: &mut Recording) -> rusqlite::Result<()> {
        let Self {
            connection,
            timelines,
            ..
        } = self;
        let ordered = &mut recording.ordered;
        let again = ordered.write(connection, timelines, recording.first_line)?;
        self.refresh_sessions(again)
    }

    pub(super) fn take_claims_back(
        &mut self,
        claims: &[i64],
    ) -> rusqlite::Result<Vec<(i64, Determination<'static>)>> {
        let mut taken = Vec::new();
        let mut timelines: AHashSet<i64> = AHashSet::new();
        let mut all_dates = Vec::new();
        let mut timeline_of = self
            .connection
            .prepare_cached("SELECT timeline_id FROM claims WHERE id = ?1")?;
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
            timelines.insert(timeline_of.query_row([claim], |row| row.get(0))?);
            let paid = self.paid_lines(claim)?;
            taken.extend(paid.into_iter().map(|line| (claim, line)));
            let dates: Vec<(i64, String)> = dates
                .query_map([claim], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            all_dates.extend(dates);
            falls.execute([claim])?;
            ends.execute([claim])?;
        }
        drop((timeline_of, dates, falls, ends));
        self.refresh_sessions(all_dates)?;
        self.changed.extend(timelines);
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
        let mut dates = Vec::new();
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
                dates.push((timeline, date));
            }
        }
        self.refresh_sessions(dates)
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
}
