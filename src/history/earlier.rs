//! What a batch's members bring along from earlier runs.

use std::str;

use chrono::NaiveDate;

use super::{
    FoundClaim, History, HistoryError, LineRow, NamedClaims, PatientNumber, SessionRow,
    TimelineRow, TimelineWanted,
};
use crate::adjudicate::{ClaimNames, EarlierClaim, EarlierLine, EarlierRuns, EarlierSession};
use crate::claim::{SEPARATOR, as_set};
use crate::policy::{Members, Plans};
use crate::rules::LineIdentity;
use crate::timeline::{Batch, Symbol};

/// The active claims of earlier runs that the voids and replacements of a batch may mean.
///
/// # Errors
///
/// A history that cannot be read.
pub fn earlier_claims(
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

/// What earlier runs left of the timelines of a batch, read in bulk, in key order.
///
/// # Errors
///
/// A history that cannot be read.
pub fn earlier_runs(
    history: &mut dyn History,
    batch: &Batch,
    plans: &Plans,
    members: &Members,
) -> Result<EarlierRuns, HistoryError> {
    let timelines = timelines(batch, plans);
    let of_timeline = |places: &&[(u16, Symbol, Option<NaiveDate>)]| TimelineWanted {
        plan: &plans.get(places[0].0).id,
        members: keys(text(batch, places[0].1), members),
        dates: places.iter().filter_map(|place| place.2).collect(),
    };
    let groups: Vec<_> = timelines
        .chunk_by(|left, right| (left.0, left.1) == (right.0, right.1))
        .collect();
    let wanted: Vec<TimelineWanted<'_>> = groups.iter().map(of_timeline).collect();
    let (mut sessions, mut lines) = (Vec::new(), Vec::new());
    history.read_timelines(&wanted, &mut |place, row| match row {
        TimelineRow::Session(row) => sessions.push((place, session(batch, row))),
        TimelineRow::Line(row) => lines.push((place, line(batch, &row))),
    })?;
    sessions.sort_by_key(|(place, _)| *place);
    lines.sort_by_key(|(place, _)| *place);
    let (mut sessions, mut lines) = (
        sessions.into_iter().peekable(),
        lines.into_iter().peekable(),
    );
    let mut earlier = EarlierRuns::default();
    for (place, group) in groups.iter().enumerate() {
        let of_place = std::iter::from_fn(|| sessions.next_if(|(of, _)| *of == place));
        let lines = std::iter::from_fn(|| lines.next_if(|(of, _)| *of == place));
        let (plan, member, _) = group[0];
        earlier.add(
            plan,
            member,
            of_place.map(|(_, session)| session),
            lines.map(|(_, line)| line),
        );
    }
    Ok(earlier)
}

/// The timelines of the governed lines with their dates, in key order, each once.
fn timelines(batch: &Batch, plans: &Plans) -> Vec<(u16, Symbol, Option<NaiveDate>)> {
    let governed = batch.lines.iter().filter(|line| line.role.is_some());
    let mut places: Vec<(u16, Symbol, Option<NaiveDate>)> = governed
        .filter_map(|line| {
            let claim = batch.claim_of(line);
            Some((claim.plan?, claim.timeline_member, line.service_date.date()))
        })
        .collect();
    places.sort_unstable_by(|left, right| {
        let key = |place: &(u16, Symbol, Option<NaiveDate>)| {
            (
                &*plans.get(place.0).id,
                batch.symbols.bytes(place.1),
                place.2,
            )
        };
        // Equal symbols are equal strings, and most neighbours differ early.
        if (left.0, left.1) == (right.0, right.1) {
            return left.2.cmp(&right.2);
        }
        key(left).cmp(&key(right))
    });
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

fn session(batch: &Batch, row: SessionRow<'_>) -> EarlierSession {
    EarlierSession {
        date: row.date,
        phase: row.phase,
        muscles: row.muscles,
        billing_provider: batch.symbols.find(row.billing_provider.as_bytes()),
        rendering_provider: batch.symbols.find(row.rendering_provider.as_bytes()),
    }
}

fn line(batch: &Batch, row: &LineRow<'_>) -> EarlierLine {
    let find = |text: &str| batch.symbols.find(text.as_bytes());
    let modifiers = row.modifiers.join(&char::from(SEPARATOR).to_string());
    EarlierLine {
        identity: LineIdentity {
            claim: None,
            billing_provider: find(row.billing_provider),
            rendering_provider: find(row.rendering_provider),
            date: row.date,
            procedure: find(row.procedure),
            modifier_set: batch.symbols.find(&as_set(modifiers.as_bytes())),
            units: row.units,
            charge: row.charge,
        },
        role: row.role,
        decision: row.decision,
    }
}
