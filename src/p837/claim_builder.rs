//! A claim as its segments come: loops 2300 and 2400.

use super::claim_loop::ClaimLoop;
use super::event::{Claim, Event, Events, ServiceLine, Text, Totals};
use super::segment_id::SegmentId;
use super::segments::{self, Sv1};
use crate::claim::{Pointers, SEPARATOR};
use crate::x12::element::{component, whole_number};
use crate::x12::{Delimiters, Rest};

/// The most diagnoses that a claim has.
const MOST_DIAGNOSES: usize = 12;

/// Builds one claim after the other, reusing its room.
#[derive(Debug, Clone, Default)]
pub(super) struct ClaimBuilder {
    claim: Claim,
    lines: Vec<ServiceLine>,
    /// The diagnoses so far, joined.
    diagnoses: Vec<u8>,
    diagnosis_count: usize,
    at: ClaimLoop,
    /// LX01 of the line that is open, and whether its DTP*472 has come.
    line_number: u32,
    has_service_date: bool,
    /// Where the texts of this claim start.
    pub(super) texts_from: u32,
}

impl ClaimBuilder {
    /// Starts with a CLM.
    pub(super) fn begin(&mut self, rest: Rest<'_>, delimiters: Delimiters, events: &mut Events) {
        self.lines.clear();
        self.diagnoses.clear();
        self.diagnosis_count = 0;
        self.at = ClaimLoop::Claim;
        self.line_number = 0;
        self.texts_from = events.end();
        self.claim = Claim::default();
        let clm = segments::clm(rest, delimiters);
        self.claim.patient_control_number = events.keep(clm.patient_control_number);
        self.claim.frequency = events.keep(clm.frequency);
    }

    /// Ends a claim that is worth keeping.
    pub(super) fn finish(&mut self, totals: Totals, events: &mut Events) -> Event {
        let first = events.lines.len() as u32;
        events.lines.append(&mut self.lines);
        self.claim.totals = totals;
        self.claim.lines = first..events.lines.len() as u32;
        self.claim.diagnoses = events.keep(&self.diagnoses);
        events.claims.push(std::mem::take(&mut self.claim));
        Event::Claim(events.claims.len() as u32 - 1)
    }

    /// A segment of the claim that somebody reads.
    pub(super) fn segment(
        &mut self,
        id: SegmentId,
        rest: Rest<'_>,
        delimiters: Delimiters,
        events: &mut Events,
    ) {
        match id {
            SegmentId::Lx => self.line_number(rest, delimiters),
            SegmentId::Sv1 => self.service(rest, delimiters, events),
            SegmentId::Hi if self.at == ClaimLoop::Claim => self.diagnoses(rest, delimiters),
            SegmentId::Dtp => self.date(rest, delimiters),
            SegmentId::Ref => self.reference(rest, delimiters, events),
            SegmentId::Nm1 => self.name(rest, delimiters, events),
            _ => {}
        }
        self.at = self.at.after(id);
    }

    fn line_number(&mut self, rest: Rest<'_>, delimiters: Delimiters) {
        let [number] = rest.elements(delimiters.element);
        let number = whole_number(number)
            .ok()
            .and_then(|(_, number)| u32::try_from(number).ok());
        self.line_number = number.unwrap_or(self.lines.len() as u32 + 1);
    }

    fn service(&mut self, rest: Rest<'_>, delimiters: Delimiters, events: &mut Events) {
        let sv1 = segments::sv1(rest, delimiters);
        self.has_service_date = false;
        self.lines.push(ServiceLine {
            line_number: self.line_number,
            charge: sv1.charge.unwrap_or_default(),
            units: sv1.units,
            pointers: pointers(sv1.pointers, delimiters),
            ..procedure(&sv1, delimiters, events)
        });
    }

    fn diagnoses(&mut self, rest: Rest<'_>, delimiters: Delimiters) {
        for composite in rest.elements::<MOST_DIAGNOSES>(delimiters.element) {
            let is_diagnosis = matches!(
                component(composite, delimiters.component, 1),
                b"ABK" | b"ABF"
            );
            if !is_diagnosis || self.diagnosis_count == MOST_DIAGNOSES {
                continue;
            }
            if self.diagnosis_count > 0 {
                self.diagnoses.push(SEPARATOR);
            }
            let code = component(composite, delimiters.component, 2);
            for letters in code.split(|&byte| byte == b'.') {
                push_upper(&mut self.diagnoses, letters);
            }
            self.diagnosis_count += 1;
        }
    }

    fn date(&mut self, rest: Rest<'_>, delimiters: Delimiters) {
        if self.at != ClaimLoop::Line || self.has_service_date {
            return;
        }
        let dtp = segments::dtp(rest, delimiters);
        if dtp.qualifier != b"472" {
            return;
        }
        self.has_service_date = true;
        if let Some(line) = self.lines.last_mut() {
            line.service_date = segments::date_of_service(dtp.format, dtp.period);
        }
    }

    fn reference(&mut self, rest: Rest<'_>, delimiters: Delimiters, events: &mut Events) {
        let reference = segments::reference(rest, delimiters);
        let place = match (self.at, reference.qualifier) {
            (ClaimLoop::Claim, b"F8") => &mut self.claim.original_reference,
            (ClaimLoop::Line, b"6R") => match self.lines.last_mut() {
                Some(line) => &mut line.line_control_number,
                None => return,
            },
            _ => return,
        };
        keep_first(place, reference.value, events);
    }

    fn name(&mut self, rest: Rest<'_>, delimiters: Delimiters, events: &mut Events) {
        let nm1 = segments::nm1(rest, delimiters);
        if nm1.entity != b"82" {
            return;
        }
        let place = match (self.at, self.lines.last_mut()) {
            (ClaimLoop::Claim, _) => &mut self.claim.rendering_provider,
            (ClaimLoop::Line, Some(line)) => &mut line.rendering_provider,
            _ => return,
        };
        keep_first(place, nm1.identifier, events);
    }
}

fn keep_first(place: &mut Text, value: &[u8], events: &mut Events) {
    if place.is_empty() {
        *place = events.keep(value);
    }
}

/// SV101: the procedure and its modifiers.
fn procedure(sv1: &Sv1<'_>, delimiters: Delimiters, events: &mut Events) -> ServiceLine {
    let mut parts = sv1.procedure.split(|&byte| byte == delimiters.component);
    if parts.next() != Some(b"HC") {
        return ServiceLine::default();
    }
    let procedure = events.keep_with(|bytes| push_upper(bytes, parts.next().unwrap_or_default()));
    let modifiers = events.keep_with(|bytes| {
        let start = bytes.len();
        for modifier in parts.take(4).filter(|modifier| !modifier.is_empty()) {
            if bytes.len() > start {
                bytes.push(SEPARATOR);
            }
            push_upper(bytes, modifier);
        }
    });
    ServiceLine {
        procedure,
        modifiers,
        ..ServiceLine::default()
    }
}

/// Adds letters, in upper case.
fn push_upper(bytes: &mut Vec<u8>, letters: &[u8]) {
    let start = bytes.len();
    bytes.extend_from_slice(letters);
    bytes[start..].make_ascii_uppercase();
}

/// SV107: what is no number from 1 to 12 is kept as [`Pointers::UNREADABLE`].
fn pointers(composite: &[u8], delimiters: Delimiters) -> Pointers {
    let mut pointers = Pointers::default();
    let given = composite
        .split(|&byte| byte == delimiters.component)
        .take(4);
    for pointer in given.filter(|pointer| !pointer.is_empty()) {
        let position = whole_number(pointer).ok().map(|(_, position)| position);
        let position = position.filter(|position| *position <= MOST_DIAGNOSES as u64);
        let position = position.and_then(|position| u8::try_from(position).ok());
        pointers.push(position.unwrap_or(Pointers::UNREADABLE));
    }
    pointers
}
