//! What a batch's members bring along from earlier runs.

use std::str;

use ahash::AHashMap;
use chrono::NaiveDate;
use rayon::prelude::*;

use super::{
    FoundClaim, History, HistoryError, LineRow, NamedClaims, PatientNumber, SessionRow,
    TimelineRow, TimelineWanted,
};
use crate::adjudicate::{
    Adjudication, ClaimNames, EarlierClaim, EarlierLine, EarlierRuns, EarlierSession, Versions,
    judge, settle,
};
use crate::claim::{SEPARATOR, as_set};
use crate::output::Determination;
use crate::policy::{FactsTable, Members, Plans};
use crate::rules::LineIdentity;
use crate::timeline::{Batch, Symbol, TimelineKey};

/// A batch that was judged after what earlier runs decided.
#[derive(Debug)]
pub struct JudgedAfter {
    /// What was decided.
    pub adjudication: Adjudication,
    /// The claims of earlier runs that the batch named.
    pub earlier: Vec<EarlierClaim>,
    /// The lines of earlier runs that it took back, each with the claim that did it (an index
    /// of the batch), in the order in which they are written.
    pub reversals: Vec<(u32, Determination<'static>)>,
}

/// Judges a batch after what earlier runs decided: settles its claim versions, takes back what
/// they mean, reads what is left, and judges. The history is begun, and not committed.
///
/// # Errors
///
/// A history that cannot be read or written.
pub fn judge_after(
    history: &mut dyn History,
    batch: &Batch,
    plans: &Plans,
    facts: &FactsTable,
    members: &Members,
) -> Result<JudgedAfter, HistoryError> {
    let earlier = earlier_claims(history, batch, plans, members)?;
    let versions = settle(batch, &earlier);
    let left = take_back(history, batch, plans, members, &versions, &earlier)?;
    let verdicts = judge(batch, plans, facts, &versions, &left.runs);
    Ok(JudgedAfter {
        adjudication: Adjudication { versions, verdicts },
        earlier,
        reversals: left.reversals,
    })
}

/// The active claims of earlier runs that the voids and replacements of a batch may mean.
fn earlier_claims(
    history: &mut dyn History,
    batch: &Batch,
    plans: &Plans,
    members: &Members,
) -> Result<Vec<EarlierClaim>, HistoryError> {
    let names = ClaimNames::of(batch);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let references = names.patient_references.iter();
    let patient_numbers: Vec<PatientNumber<'_>> = references
        .map(|reference| PatientNumber {
            plan: &plans.get(reference.plan).id,
            members: match reference.member {
                Symbol::EMPTY => Vec::new(),
                member => keys(text(batch, member), members),
            },
            number: str::from_utf8(reference.number).unwrap_or_default(),
        })
        .collect();
    let found = history.find_claims(&NamedClaims {
        control_numbers: &names.control_numbers,
        patient_numbers: &patient_numbers,
    })?;
    let claim = |claim: FoundClaim| {
        Some(EarlierClaim {
            id: claim.id,
            control_number: claim.control_number,
            plan: plans.index_of(&claim.plan)?,
            billing_provider: batch.symbols.find(claim.billing_provider.as_bytes()),
            member: batch.symbols.find(members.newest(&claim.member).as_bytes()),
            member_identified: claim.member_identified,
            patient_control_number: claim.patient_control_number.into_bytes().into(),
        })
    };
    Ok(found.into_iter().filter_map(claim).collect())
}

/// What earlier runs left of a batch, after what the batch takes back.
#[derive(Debug, Default)]
struct Left {
    /// The timelines of the batch.
    runs: EarlierRuns,
    /// The lines taken back, each with the claim that did it (an index of the batch), in the
    /// order in which they are written.
    reversals: Vec<(u32, Determination<'static>)>,
}

/// Takes back what the voids and replacements of a batch mean of earlier runs, and reads what
/// is left of its timelines, in bulk.
///
/// What test claims take back stays in the history: it is taken back for them alone.
fn take_back(
    history: &mut dyn History,
    batch: &Batch,
    plans: &Plans,
    members: &Members,
    versions: &Versions,
    earlier: &[EarlierClaim],
) -> Result<Left, HistoryError> {
    let mut left = Left::default();
    let mut take_back = |history: &mut dyn History, is_test| -> Result<(), HistoryError> {
        let taken_back = versions.earlier_taken_back.iter();
        let taken_back = taken_back
            .filter(|(by, _)| batch.is_test(&batch.claims[*by as usize]) == is_test)
            .map(|(by, claim)| (*by, earlier[*claim as usize].id));
        reverse(history, batch, taken_back, &mut left.reversals)?;
        read_timelines(history, batch, plans, members, is_test, &mut left.runs)
    };
    if batch.transaction_sets.iter().any(|set| set.is_test) {
        history.begin_trial()?;
        take_back(history, true)?;
        history.end_trial()?;
    }
    take_back(history, false)?;
    left.reversals.sort_by_key(|(by, _)| *by);
    Ok(left)
}

/// Takes claims back, and makes their paid lines into reversals.
fn reverse(
    history: &mut dyn History,
    batch: &Batch,
    taken_back: impl Iterator<Item = (u32, i64)>,
    reversals: &mut Vec<(u32, Determination<'static>)>,
) -> Result<(), HistoryError> {
    let takers: AHashMap<i64, u32> = taken_back.map(|(by, claim)| (claim, by)).collect();
    let mut claims: Vec<i64> = takers.keys().copied().collect();
    claims.sort_unstable();
    for (claim, line) in history.take_back(&claims)? {
        let Some(&by) = takers.get(&claim) else {
            continue;
        };
        let number = batch.control_number_of(&batch.claims[by as usize]);
        let (units, amount) = (-line.units_allowed, -line.amount_allowed);
        reversals.push((by, line.taken_back(units, amount, Some(number))));
    }
    Ok(())
}

fn read_timelines(
    history: &mut dyn History,
    batch: &Batch,
    plans: &Plans,
    members: &Members,
    is_test: bool,
    runs: &mut EarlierRuns,
) -> Result<(), HistoryError> {
    let places = places(batch, is_test);
    let groups: Vec<&[Place]> = places
        .chunk_by(|left, right| (left.plan, left.member) == (right.plan, right.member))
        .collect();
    let wanted: Vec<TimelineWanted<'_>> = groups
        .iter()
        .map(|places| TimelineWanted {
            plan: &plans.get(places[0].plan).id,
            members: keys(text(batch, places[0].member), members),
            dates: places.iter().filter_map(|place| place.date).collect(),
        })
        .collect();
    let (mut sessions, mut lines) = (Vec::new(), Vec::new());
    history.read_timelines(&wanted, &mut |place, row| match row {
        TimelineRow::Session(row) => sessions.push((place, session(batch, row))),
        TimelineRow::Line(row) => lines.push((place, line(batch, &row))),
    })?;
    sessions.sort_by_key(|(place, _)| *place);
    lines.sort_by_key(|(place, _)| *place);
    let mut sessions = sessions.into_iter().peekable();
    let mut lines = lines.into_iter().peekable();
    for (index, group) in groups.iter().enumerate() {
        let sessions = std::iter::from_fn(|| sessions.next_if(|(of, _)| *of == index));
        let lines = std::iter::from_fn(|| lines.next_if(|(of, _)| *of == index));
        let timeline = TimelineKey {
            plan: group[0].plan,
            is_test,
            member: group[0].member,
        };
        runs.add(
            timeline,
            sessions.map(|(_, session)| session),
            lines.map(|(_, line)| line),
        );
    }
    Ok(())
}

/// A date of a timeline on which the batch has a governed line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    plan: u16,
    member: Symbol,
    date: Option<NaiveDate>,
}

/// The timelines of the governed lines with their dates, each once: those of a timeline stand
/// together, with ascending dates.
fn places(batch: &Batch, is_test: bool) -> Vec<Place> {
    let governed = batch
        .lines
        .par_iter()
        .filter(|line| batch.is_governed(line));
    let mut places: Vec<Place> = governed
        .filter_map(|line| {
            let timeline = batch.timeline_of(batch.claim_of(line))?;
            let place = Place {
                plan: timeline.plan,
                member: timeline.member,
                date: line.service_date.date(),
            };
            (timeline.is_test == is_test).then_some(place)
        })
        .collect();
    places.par_sort_unstable();
    places.dedup();
    places
}

/// The keys of a member: its newest, then the older ones.
pub(super) fn keys<'k>(newest: &'k str, members: &'k Members) -> Vec<&'k str> {
    std::iter::once(newest)
        .chain(members.older(newest))
        .collect()
}

fn text(batch: &Batch, symbol: Symbol) -> &str {
    str::from_utf8(batch.symbols.bytes(symbol)).unwrap_or_default()
}

fn session(batch: &Batch, row: SessionRow) -> EarlierSession {
    let providers = row.providers.as_ref();
    let find = |provider: Option<&String>| match provider {
        Some(provider) => batch.symbols.find(provider.as_bytes()),
        None => Symbol::UNKNOWN,
    };
    EarlierSession {
        date: row.date,
        phase: row.phase,
        muscles: row.muscles,
        billing_provider: find(providers.map(|(billing, _)| billing)),
        rendering_provider: find(providers.map(|(_, rendering)| rendering)),
    }
}

fn line(batch: &Batch, row: &LineRow) -> EarlierLine {
    let find = |text: &str| batch.symbols.find(text.as_bytes());
    let modifiers = row.modifiers.join(&char::from(SEPARATOR).to_string());
    EarlierLine {
        identity: LineIdentity {
            claim: None,
            billing_provider: find(&row.billing_provider),
            rendering_provider: find(&row.rendering_provider),
            date: row.date,
            procedure: find(&row.procedure),
            modifier_set: batch.symbols.find(&as_set(modifiers.as_bytes())),
            units: row.units,
            charge: row.charge,
        },
        role: row.role,
        decision: row.decision,
    }
}
