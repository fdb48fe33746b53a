//! Sessions paid elsewhere, from CSV, and all sessions to CSV.

use std::borrow::Cow;
use std::io::{self, BufRead, Write};

use chrono::NaiveDate;

use super::phases::{infer_phase, read_sessions, sessions_on};
use super::{
    Configuration, History, HistoryError, InputStatus, NewClaim, NewInput, NewLine, NewRun,
    RowStatus, RunKind, StoredSession,
};
use crate::claim::{Cents, Quantity, parse_calendar_date};
use crate::output::Determination;
use crate::policy::{
    ConfigErrors, Decision, Members, Phase, Plan, Plans, Role, Row, Table, muscle_names,
};

/// The columns of a file of sessions.
const COLUMNS: [&str; 9] = [
    "plan",
    "member",
    "service_date",
    "procedure",
    "billing_provider",
    "rendering_provider",
    "patient_control_number",
    "phase",
    "muscles",
];
const PLAN: usize = 0;
const MEMBER: usize = 1;
const SERVICE_DATE: usize = 2;
const PROCEDURE: usize = 3;
const BILLING_PROVIDER: usize = 4;
const RENDERING_PROVIDER: usize = 5;
const PATIENT_CONTROL_NUMBER: usize = 6;
const PHASE: usize = 7;
const MUSCLES: usize = 8;

/// How many sessions are added at once.
const SESSIONS_AT_ONCE: usize = 8192;

/// What became of a file of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The run that was added; `None` where nothing was.
    pub run: Option<i64>,
    /// Sessions added.
    pub added: u64,
    /// The lines of rows whose date is a session already, and of second rows for a date.
    pub skipped: Vec<usize>,
}

/// A row that can be taken.
struct Session {
    line: usize,
    plan: u16,
    member: String,
    date: NaiveDate,
    procedure: String,
    billing_provider: String,
    rendering_provider: String,
    patient_control_number: String,
    phase: Option<Phase>,
    muscles: Vec<String>,
}

/// Why a file of sessions, or of decisions, is refused: nothing of it is taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Rows of it are wrong.
    #[error(transparent)]
    Wrong(#[from] ConfigErrors),
    /// The history cannot be used.
    #[error(transparent)]
    History(#[from] HistoryError),
}

/// Adds the sessions of a file. The history is begun, and not committed.
///
/// A row whose date is a session already, or stands in a row before, is skipped. A session
/// without a phase gets the one inferred in date order over the timeline as it is then.
///
/// # Errors
///
/// Whatever is wrong with a row, with its row and column; a history that cannot be written.
pub fn import(
    history: &mut dyn History,
    source: (&str, &str),
    reader: impl BufRead,
    plans: &Plans,
    members: &Members,
    recorded_at: &str,
) -> Result<Imported, ImportError> {
    let (name, digest) = source;
    let mut rows = read(name, reader, plans)?;
    let timeline = |session: &Session| {
        let plan = plans.get(session.plan).id.clone();
        (plan, members.newest(&session.member).to_owned())
    };
    let mut dates = read_sessions(history, rows.iter().map(timeline), members)?;
    let mut outcome = Imported::default();
    rows.retain(|row| {
        let known = dates.entry(timeline(row)).or_default();
        let place = known.binary_search(&row.date);
        match place {
            Ok(_) => outcome.skipped.push(row.line),
            Err(place) => known.insert(place, row.date),
        }
        place.is_err()
    });
    if rows.is_empty() {
        return Ok(outcome);
    }
    for row in rows.iter_mut().filter(|row| row.phase.is_none()) {
        let sessions = dates.get(&timeline(row)).map(|dates| sessions_on(dates));
        let plan = plans.get(row.plan);
        row.phase = sessions.and_then(|sessions| infer_phase(plan, &sessions, row.date));
    }
    let configuration = Configuration::new(plans, None, None);
    let run = history.record_run(&NewRun {
        kind: RunKind::Import,
        recorded_at,
        billing_date: None,
        plans_digest: configuration.plans_digest.as_deref(),
        facts_digest: None,
        members_digest: None,
        has_all_lines: false,
        plans: configuration.plans.clone(),
        monitors: Vec::new(),
        inputs: vec![NewInput {
            name,
            digest,
            status: InputStatus::Adjudicated,
            interchanges: Vec::new(),
        }],
        sets: Vec::new(),
    })?;
    for rows in rows.chunks(SESSIONS_AT_ONCE) {
        let claims: Vec<NewClaim<'_>> = rows.iter().map(|row| row.claim(name, plans)).collect();
        history.record_claims(&claims)?;
    }
    outcome.added = rows.len() as u64;
    outcome.run = Some(run);
    Ok(outcome)
}

fn read(name: &str, reader: impl BufRead, plans: &Plans) -> Result<Vec<Session>, ConfigErrors> {
    let mut table = Table::open(name, reader, &COLUMNS, false)?;
    let mut sessions = Vec::new();
    while let Some(row) = table.next_row() {
        sessions.extend(session(&row, plans, &mut table));
    }
    table.finish()?;
    Ok(sessions)
}

/// A row as a session; `None` where something is wrong with it.
fn session<R: BufRead>(row: &Row, plans: &Plans, table: &mut Table<R>) -> Option<Session> {
    let plan = plans.index_of(row.field(PLAN));
    let date = calendar_date(row.field(SERVICE_DATE));
    let member = row.field(MEMBER).to_uppercase();
    let phase = Phase::from_name(row.field(PHASE));
    let billing_provider = row.field(BILLING_PROVIDER);
    let mut is_right = true;
    let mut wrong = |column, message: &str| {
        table.wrong(row, column, message);
        is_right = false;
    };
    match plan.map(|plan| plans.get(plan)) {
        None => wrong(PLAN, "this plan is not among the plans"),
        Some(plan) if !is_session_code(plan, row.field(PROCEDURE)) => wrong(
            PROCEDURE,
            "this is no procedure whose sessions the plan's policy limits",
        ),
        Some(_) => {}
    }
    if date.is_none() {
        wrong(SERVICE_DATE, "a date that exists is needed, as CCYY-MM-DD");
    }
    for (column, is_given) in [
        (MEMBER, !member.is_empty()),
        (BILLING_PROVIDER, !billing_provider.is_empty()),
    ] {
        if !is_given {
            wrong(column, "this may not be empty");
        }
    }
    if phase.is_none() && !row.field(PHASE).is_empty() {
        wrong(PHASE, "this must be diagnostic, therapeutic or empty");
    }
    let (plan, date) = plan.zip(date).filter(|_| is_right)?;
    let rendering_provider = match row.field(RENDERING_PROVIDER) {
        "" => billing_provider,
        provider => provider,
    };
    Some(Session {
        line: row.line,
        plan,
        member,
        date,
        procedure: row.field(PROCEDURE).to_owned(),
        billing_provider: billing_provider.to_owned(),
        rendering_provider: rendering_provider.to_owned(),
        patient_control_number: row.field(PATIENT_CONTROL_NUMBER).to_owned(),
        phase,
        muscles: muscle_names(row.field(MUSCLES).split(';')),
    })
}

fn is_session_code(plan: &Plan, procedure: &str) -> bool {
    let sets = plan.policy.codes.roles.iter();
    let mut codes = sets
        .filter(|(role, _)| *role == Role::Session)
        .flat_map(|(_, codes)| codes);
    codes.any(|code| code.code == procedure)
}

/// `CCYY-MM-DD`, a date that exists.
pub(super) fn calendar_date(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [.., b'-', _, _, b'-', _, _] if text.len() == 10 => {
            parse_calendar_date(text.replace('-', "").as_bytes())
        }
        _ => None,
    }
}

impl Session {
    /// A claim of its own, with one paid line of one unit.
    fn claim<'a>(&'a self, file: &'a str, plans: &'a Plans) -> NewClaim<'a> {
        let plan = plans.get(self.plan);
        let determination = Determination {
            file: Cow::Borrowed(file),
            interchange: None,
            group: None,
            transaction: None,
            claim: Cow::Borrowed(&*self.patient_control_number),
            claim_control_number: None,
            line: 1,
            line_control_number: None,
            plan: Some(Cow::Borrowed(&*plan.id)),
            policy: Some(Cow::Borrowed(&*plan.policy.id)),
            policy_version: plan.book_on(Some(self.date)).1.version,
            member: Cow::Borrowed(&*self.member),
            billing_provider: Some(Cow::Borrowed(&*self.billing_provider)),
            rendering_provider: Some(Cow::Borrowed(&*self.rendering_provider)),
            service_date: Some(self.date),
            procedure: Cow::Borrowed(&*self.procedure),
            modifiers: Vec::new(),
            diagnoses: Vec::new(),
            units: Some(Quantity::ONE),
            charge: Cents(0),
            decision: Decision::Pay,
            units_allowed: Quantity::ONE,
            amount_allowed: Cents(0),
            phase: self.phase,
            session: None,
            reasons: Vec::new(),
            unverified: Vec::new(),
            notes: Vec::new(),
            reversed_by: None,
            monitored: None,
        };
        NewClaim {
            input: 0,
            set: None,
            ordinal: 1,
            plan: &plan.id,
            member: Cow::Borrowed(&*self.member),
            member_identified: !self.member.starts_with('/'),
            control_number: None,
            patient_control_number: Cow::Borrowed(&*self.patient_control_number),
            billing_provider: Cow::Borrowed(&*self.billing_provider),
            frequency: 1,
            is_other_payer: false,
            status: RowStatus::Active,
            takes_back: Vec::new(),
            lines: vec![NewLine {
                determination,
                role: Some(Role::Session),
                is_unit_count: true,
                is_seen: true,
                muscles: Cow::Borrowed(&self.muscles),
                facts_phase: None,
            }],
        }
    }
}

/// Writes every session as CSV, in the columns that [`import`] reads.
///
/// # Errors
///
/// A history that cannot be read; what `out` fails with.
pub fn write_sessions(history: &mut dyn History, out: &mut dyn Write) -> Result<u64, HistoryError> {
    let mut writer = csv::Writer::from_writer(out);
    let mut count = 0;
    let mut write = |row: [&str; 9]| writer.write_record(row).map_err(io::Error::other);
    let mut failure = write(COLUMNS).err();
    history.sessions(&mut |session: &StoredSession| {
        if let Some(failure) = failure.take() {
            return Err(failure);
        }
        count += 1;
        write([
            &session.plan,
            &session.member,
            &session.service_date,
            &session.procedure,
            &session.billing_provider,
            &session.rendering_provider,
            &session.patient_control_number,
            &session.phase,
            &session.muscles.join(";"),
        ])
    })?;
    Ok(count)
}
