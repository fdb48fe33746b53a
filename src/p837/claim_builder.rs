//! A claim from its segments: loops 2300 and 2400.

use std::mem;
use std::ops::Range;

use super::claim_loop::ClaimLoop;
use super::event::{Claim, Event, Events, ServiceLine, Text, Totals};
use super::noted::Noted;
use super::segment_id::SegmentId;
use super::segments;
use crate::claim::{Pointers, SEPARATOR};
use crate::x12::element::whole_number;
use crate::x12::{Delimiters, Rest};

/// The most diagnoses that a claim has.
const MOST_DIAGNOSES: usize = 12;

/// The most modifiers that a line has.
const MOST_MODIFIERS: usize = 4;

/// Builds the claim whose segments were noted of `bytes`, and which takes up a part of them.
///
/// All of that is kept at once, and texts are parts of it.
pub(super) fn build(
    bytes: &[u8],
    claim: Range<usize>,
    noted: &[Noted],
    delimiters: Delimiters,
    totals: Totals,
    events: &mut Events,
) -> Event {
    let claim_bytes = &bytes[claim];
    let kept = events.keep(claim_bytes);
    let first_line = events.lines.len() as u32;
    let mut building = Building {
        bytes: claim_bytes,
        kept,
        claim: Claim {
            totals,
            ..Claim::default()
        },
        diagnosis_count: 0,
        at: ClaimLoop::Claim,
        line_number: 0,
        has_service_date: false,
        first_line,
        events,
    };
    for noted in noted {
        building.read(noted.id, &noted.rest(bytes), delimiters);
    }
    let mut claim = building.claim;
    claim.lines = first_line..events.lines.len() as u32;
    events.claims.push(claim);
    Event::Claim(events.claims.len() as u32 - 1)
}

/// A claim that is being built.
struct Building<'b> {
    bytes: &'b [u8],
    /// The same bytes among the texts.
    kept: Text,
    claim: Claim,
    diagnosis_count: usize,
    at: ClaimLoop,
    /// LX01 of the line that is open, and whether its DTP*472 has come.
    line_number: u32,
    has_service_date: bool,
    first_line: u32,
    events: &'b mut Events,
}

impl Building<'_> {
    fn read(&mut self, id: SegmentId, rest: &Rest<'_>, delimiters: Delimiters) {
        match id {
            SegmentId::Clm => self.begin(rest, delimiters),
            SegmentId::Lx => self.line_number(rest, delimiters),
            SegmentId::Sv1 => self.service(rest, delimiters),
            SegmentId::Hi if self.at == ClaimLoop::Claim => self.diagnoses(rest, delimiters),
            SegmentId::Dtp => self.date(rest, delimiters),
            SegmentId::Ref => self.reference(rest, delimiters),
            SegmentId::Nm1 => self.name(rest, delimiters),
            _ => {}
        }
        self.at = self.at.after(id);
    }

    /// Where a part of the segments stands among the texts.
    fn text(&self, part: &[u8]) -> Text {
        Text::of_part(part, self.bytes, self.kept.start())
    }

    fn begin(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let clm = segments::clm(rest, delimiters);
        self.claim.patient_control_number = self.text(clm.patient_control_number);
        self.claim.frequency = self.text(clm.frequency);
    }

    fn line_number(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let [number] = rest.elements(delimiters.element);
        let number = whole_number(number)
            .ok()
            .and_then(|(_, number)| u32::try_from(number).ok());
        let lines = self.events.lines.len() as u32 - self.first_line;
        self.line_number = number.unwrap_or(lines + 1);
    }

    fn service(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let sv1 = segments::sv1(rest, delimiters);
        self.has_service_date = false;
        let (procedure, modifiers) = self.procedure(sv1.procedure, delimiters);
        self.events.lines.push(ServiceLine {
            line_number: self.line_number,
            procedure,
            modifiers,
            charge: sv1.charge.unwrap_or_default(),
            units: sv1.units,
            pointers: pointers(sv1.pointers, delimiters),
            ..ServiceLine::default()
        });
    }

    /// SV101: the procedure and its modifiers.
    fn procedure(&mut self, composite: &[u8], delimiters: Delimiters) -> (Text, Text) {
        let separator = delimiters.component;
        let Some(composite) = composite.strip_prefix(b"HC") else {
            return Default::default();
        };
        let Some((first, parts)) = composite.split_first() else {
            return Default::default();
        };
        if *first != separator {
            return Default::default();
        }
        let (procedure, modifiers) = split_at_byte(parts, separator);
        let mut behind = modifiers;
        for _ in 0..MOST_MODIFIERS {
            behind = split_at_byte(behind, separator).1;
        }
        let modifiers = &modifiers[..modifiers.len() - behind.len()];
        let (procedure, mut modifiers) = (self.text(procedure), self.text(modifiers));
        self.events.text_mut(procedure).make_ascii_uppercase();
        let length = join(self.events.text_mut(modifiers), separator);
        modifiers.cut(length);
        (procedure, modifiers)
    }

    /// The codes of a HI, behind those of the ones before.
    fn diagnoses(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        for composite in rest.elements::<MOST_DIAGNOSES>(delimiters.element) {
            let (qualifier, code) = split_at_byte(composite, delimiters.component);
            if !matches!(qualifier, b"ABK" | b"ABF") || self.diagnosis_count == MOST_DIAGNOSES {
                continue;
            }
            let (code, _) = split_at_byte(code, delimiters.component);
            let separator = (self.diagnosis_count > 0).then_some(SEPARATOR);
            let letters = code.iter().filter(|&&byte| byte != b'.');
            let letters = letters.map(u8::to_ascii_uppercase);
            let added = self.events.keep_all(separator.into_iter().chain(letters));
            match self.claim.diagnoses.is_empty() {
                true => self.claim.diagnoses = added,
                false => self.claim.diagnoses.reach(added),
            }
            self.diagnosis_count += 1;
        }
    }

    fn date(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let is_wanted = self.at == ClaimLoop::Line && !self.has_service_date;
        if !is_wanted || !rest.is_qualified(b"472", delimiters.element) {
            return;
        }
        let dtp = segments::dtp(rest, delimiters);
        self.has_service_date = true;
        if let Some(line) = self.events.lines.last_mut() {
            line.service_date = segments::date_of_service(dtp.format, dtp.period);
        }
    }

    fn reference(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let is = |qualifier| rest.is_qualified(qualifier, delimiters.element);
        let value = |building: &Self| {
            let reference = segments::reference(rest, delimiters);
            building.text(reference.value)
        };
        match self.at {
            ClaimLoop::Claim if is(b"F8") => {
                let value = value(self);
                self.claim.original_reference.or(value);
            }
            ClaimLoop::Line if is(b"6R") => {
                let value = value(self);
                if let Some(line) = self.events.lines.last_mut() {
                    line.line_control_number.or(value);
                }
            }
            _ => {}
        }
    }

    /// The rendering provider, of the claim or of a line.
    fn name(&mut self, rest: &Rest<'_>, delimiters: Delimiters) {
        let is_wanted = matches!(self.at, ClaimLoop::Claim | ClaimLoop::Line);
        if !is_wanted || !rest.is_qualified(b"82", delimiters.element) {
            return;
        }
        let identifier = self.text(segments::nm1_identifier(rest, delimiters));
        match (self.at, self.events.lines.last_mut()) {
            (ClaimLoop::Line, Some(line)) => line.rendering_provider.or(identifier),
            _ => self.claim.rendering_provider.or(identifier),
        }
    }
}

/// What stands before a byte, and what behind it.
fn split_at_byte(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&found| found == byte);
    end.map_or((bytes, b""), |end| (&bytes[..end], &bytes[end + 1..]))
}

/// Joins the components of a composite that are not empty, in upper case, in their own place. How
/// long they are.
fn join(composite: &mut [u8], separator: u8) -> usize {
    let (mut length, mut is_behind_another) = (0, false);
    for index in 0..composite.len() {
        let byte = composite[index];
        if byte == separator {
            is_behind_another = length > 0;
            continue;
        }
        if mem::take(&mut is_behind_another) {
            composite[length] = SEPARATOR;
            length += 1;
        }
        composite[length] = byte.to_ascii_uppercase();
        length += 1;
    }
    length
}

/// SV107: what is no number from 1 to 12 is kept as [`Pointers::UNREADABLE`].
fn pointers(composite: &[u8], delimiters: Delimiters) -> Pointers {
    let mut pointers = Pointers::default();
    let given = composite
        .split(|&byte| byte == delimiters.component)
        .take(4);
    for pointer in given.filter(|pointer| !pointer.is_empty()) {
        pointers.push(match pointer {
            [digit @ b'1'..=b'9'] => digit - b'0',
            [b'1', digit @ b'0'..=b'2'] => 10 + digit - b'0',
            _ => leading_zeros(pointer),
        });
    }
    pointers
}

/// A pointer with more digits than it needs, or none.
#[cold]
fn leading_zeros(pointer: &[u8]) -> u8 {
    let position = whole_number(pointer).ok().map(|(_, position)| position);
    let position = position.filter(|position| *position <= MOST_DIAGNOSES as u64);
    let position = position.and_then(|position| u8::try_from(position).ok());
    position.unwrap_or(Pointers::UNREADABLE)
}
