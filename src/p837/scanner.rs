//! Segments to events: follows the loops of 005010X222 and picks out the facts.
//!
//! The loop state follows HL03, NM101, CLM and LX. Segments of other subscribers' loops
//! (2320, 2330, 2430) and of names that nobody asks for are passed over.

use std::borrow::Cow;

use super::claim_builder::ClaimBuilder;
use super::event::{Event, Events, Fault, Level, LevelKind, Place, Text, Trailer};
use super::interest::Interest;
use super::segment_id::SegmentId;
use super::segments;
use crate::x12::{Delimiters, Header, Segment, Severity, Sink, Stray};

/// Turns segments into [`Events`].
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    interest: &'a Interest,
    pub(super) events: Events,
    open: Open,
    claim: ClaimBuilder,
}

/// The item that segments are being added to; a level with where its texts start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Level(Place, Level, LevelLoop, u32),
    Claim(Place),
}

/// Where in a level the segments stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LevelLoop {
    /// 2000A, 2000B or 2000C.
    Hierarchy,
    /// 2010AA.
    BillingProvider,
    /// 2010BA.
    Subscriber,
    /// 2010BB.
    Payer,
    /// 2010CA.
    Patient,
    /// A name that nobody asks for.
    Other,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(interest: &'a Interest) -> Self {
        Self {
            interest,
            events: Events::default(),
            open: Open::Nothing,
            claim: ClaimBuilder::default(),
        }
    }

    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => {}
            Open::Level(place, level, ..) => {
                let index = self.events.levels.len() as u32;
                self.events.levels.push(level);
                self.events.list.push((place, Event::Level(index)));
            }
            Open::Claim(place) => {
                let event = self.claim.finish(self.interest, &mut self.events);
                self.events.list.push((place, event));
            }
        }
    }

    /// Takes out the events, all but the texts of the item that is open.
    pub(super) fn clear(&mut self) {
        let start = match self.open {
            Open::Nothing => self.events.end(),
            Open::Level(.., texts_from) => texts_from,
            Open::Claim(_) => self.claim.texts_from,
        };
        self.events.clear_until(start);
    }

    fn push(&mut self, place: Place, event: Event) {
        self.close();
        self.events.list.push((place, event));
    }

    fn keep<const N: usize>(&mut self, elements: [&[u8]; N]) -> [Text; N] {
        self.close();
        elements.map(|element| self.events.keep(element))
    }

    fn fault(&mut self, place: Place, fault: Fault) {
        self.events.list.push((place, Event::Fault(fault)));
    }

    fn header_segment(&mut self, id: SegmentId, rest: &[u8], delimiters: Delimiters, place: Place) {
        match id {
            SegmentId::Gs => {
                let [identifier, _, _, date, _, control_number, _, version] =
                    self.keep(segments::elements(rest, delimiters));
                self.push(
                    place,
                    Event::Group {
                        identifier,
                        date,
                        control_number,
                        version,
                    },
                );
            }
            SegmentId::St => {
                let [identifier, control_number, convention] =
                    self.keep(segments::elements(rest, delimiters));
                self.push(
                    place,
                    Event::TransactionSet {
                        identifier,
                        control_number,
                        convention,
                    },
                );
            }
            SegmentId::Bht => {
                let purpose = segments::bht(rest, delimiters).map(|bht| bht.purpose);
                self.push(place, Event::Encounters(purpose == Some(b"RP")));
            }
            _ => self.push(place, Event::Acknowledgement),
        }
    }

    fn trailer(&mut self, kind: Trailer, rest: &[u8], delimiters: Delimiters, place: Place) {
        let [count, control_number] = self.keep(segments::elements(rest, delimiters));
        self.push(
            place,
            Event::Trailer {
                kind,
                count,
                control_number,
            },
        );
    }

    fn level(&mut self, rest: &[u8], delimiters: Delimiters, place: Place) {
        self.close();
        let Some(hl) = segments::hl(rest, delimiters) else {
            return;
        };
        let kind = match hl.level {
            b"20" => LevelKind::BillingProvider,
            b"22" => LevelKind::Subscriber,
            b"23" => LevelKind::Patient,
            _ => LevelKind::Other,
        };
        let texts_from = self.events.end();
        let (id, parent) = (self.events.keep(hl.id), self.events.keep(hl.parent));
        let level = Level {
            kind,
            id,
            parent,
            ..Level::default()
        };
        self.open = Open::Level(place, level, LevelLoop::Hierarchy, texts_from);
    }

    /// A segment of a level: names, identifiers, dates of birth.
    fn level_segment(&mut self, id: SegmentId, rest: &[u8], delimiters: Delimiters) {
        let Open::Level(_, level, at, _) = &mut self.open else {
            return;
        };
        let events = &mut self.events;
        let mut first = |place: &mut Text, value: &[u8]| {
            if place.is_empty() {
                *place = events.keep(value);
            }
        };
        match (id, *at) {
            (SegmentId::Nm1, _) => {
                let Some(nm1) = segments::nm1(rest, delimiters) else {
                    return;
                };
                *at = LevelLoop::of(level.kind, nm1.entity);
                match at {
                    LevelLoop::BillingProvider => first(&mut level.billing_npi, nm1.identifier),
                    LevelLoop::Subscriber => first(&mut level.subscriber_id, nm1.identifier),
                    LevelLoop::Payer => first(&mut level.payer_id, nm1.identifier),
                    LevelLoop::Patient => first(&mut level.first_name, nm1.first_name),
                    LevelLoop::Hierarchy | LevelLoop::Other => {}
                }
            }
            (SegmentId::Ref, LevelLoop::BillingProvider | LevelLoop::Payer) => {
                let Some(reference) = segments::reference(rest, delimiters) else {
                    return;
                };
                match (*at, reference.qualifier) {
                    (LevelLoop::BillingProvider, b"EI" | b"SY") => {
                        first(&mut level.billing_tax_id, reference.value);
                    }
                    (LevelLoop::Payer, b"G2") => {
                        first(&mut level.billing_secondary_id, reference.value);
                    }
                    _ => {}
                }
            }
            (SegmentId::Sbr, LevelLoop::Hierarchy) if level.kind == LevelKind::Subscriber => {
                let Some(sbr) = segments::sbr(rest, delimiters) else {
                    return;
                };
                first(&mut level.responsibility, sbr.responsibility);
                first(&mut level.group_number, sbr.group_number);
            }
            (SegmentId::Dmg, LevelLoop::Patient) => {
                let Some(dmg) = segments::dmg(rest, delimiters) else {
                    return;
                };
                first(&mut level.birth_date, dmg.birth_date);
                first(&mut level.sex, dmg.sex);
            }
            _ => {}
        }
    }

    fn begin_claim(&mut self, rest: &[u8], delimiters: Delimiters, place: Place) {
        self.close();
        self.open = Open::Claim(place);
        self.claim.begin(rest, delimiters, &mut self.events);
        for fault in self.claim.faults() {
            self.events.list.push((place, Event::Fault(fault)));
        }
    }

    /// A segment of a claim or of its lines.
    fn claim_segment(&mut self, id: SegmentId, rest: &[u8], delimiters: Delimiters, place: Place) {
        self.claim.segment(id, rest, delimiters, &mut self.events);
        for fault in self.claim.faults() {
            self.events.list.push((place, Event::Fault(fault)));
        }
    }

    fn item_segment(&mut self, id: SegmentId, rest: &[u8], delimiters: Delimiters, place: Place) {
        match self.open {
            Open::Claim(_) => self.claim_segment(id, rest, delimiters, place),
            _ if id == SegmentId::Sv1 => {
                self.fault(place, OUTSIDE_CLAIM);
                self.push(place, Event::StrayLine);
            }
            Open::Level(..) => self.level_segment(id, rest, delimiters),
            Open::Nothing => {}
        }
    }

    fn dispatch(&mut self, id: SegmentId, rest: &[u8], delimiters: Delimiters, place: Place) {
        match id {
            SegmentId::PassedOver => {}
            SegmentId::Hl => self.level(rest, delimiters, place),
            SegmentId::Clm => self.begin_claim(rest, delimiters, place),
            SegmentId::Se => self.trailer(Trailer::TransactionSet, rest, delimiters, place),
            SegmentId::Ge => self.trailer(Trailer::Group, rest, delimiters, place),
            SegmentId::Iea => self.trailer(Trailer::Interchange, rest, delimiters, place),
            SegmentId::Gs | SegmentId::St | SegmentId::Bht | SegmentId::Ta1 => {
                self.header_segment(id, rest, delimiters, place);
            }
            SegmentId::Unknown => self.fault(place, UNKNOWN_SEGMENT),
            _ => self.item_segment(id, rest, delimiters, place),
        }
    }
}

impl LevelLoop {
    /// The loop that an NM1 opens in a level of that kind.
    fn of(kind: LevelKind, entity: &[u8]) -> Self {
        match (kind, entity) {
            (LevelKind::BillingProvider, b"85") => Self::BillingProvider,
            (LevelKind::Subscriber, b"IL") => Self::Subscriber,
            (LevelKind::Subscriber, b"PR") => Self::Payer,
            (LevelKind::Patient, b"QC") => Self::Patient,
            _ => Self::Other,
        }
    }
}

/// The segment without the line breaks inside it.
fn without_line_breaks(bytes: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memchr2(b'\r', b'\n', bytes) {
        None => Cow::Borrowed(bytes),
        Some(_) => bytes
            .iter()
            .copied()
            .filter(|byte| !matches!(byte, b'\r' | b'\n'))
            .collect(),
    }
}

impl Sink for Scanner<'_> {
    fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64) {
        let place = Place {
            offset_bytes,
            ordinal,
        };
        self.push(place, Event::Interchange(Box::new(header.clone())));
    }

    fn segment(&mut self, segment: &Segment<'_>) {
        let place = Place {
            offset_bytes: segment.offset_bytes,
            ordinal: segment.ordinal,
        };
        let delimiters = segment.delimiters;
        let (id, _) = SegmentId::split(segment.bytes, delimiters.element);
        if id != SegmentId::PassedOver {
            // A line break may stand anywhere, in the id as well.
            let bytes = without_line_breaks(segment.bytes);
            let (id, rest) = SegmentId::split(&bytes, delimiters.element);
            self.dispatch(id, rest, delimiters, place);
        }
        if segment.is_unterminated {
            self.fault(place, UNTERMINATED);
        }
    }

    fn stray(&mut self, stray: Stray) {
        let place = Place {
            offset_bytes: stray.offset_bytes,
            ordinal: 0,
        };
        self.push(place, Event::Stray(stray));
    }
}

const WARNING: Fault = Fault {
    code: "",
    severity: Severity::Warning,
    loop_id: None,
    segment: None,
    element: None,
    message: "",
};

const UNKNOWN_SEGMENT: Fault = Fault {
    code: "unknown-segment",
    message: "a segment that 005010X222 does not know is passed over",
    ..WARNING
};

const UNTERMINATED: Fault = Fault {
    code: "terminator-missing",
    message: "the data end before the terminator of the last segment",
    ..WARNING
};

const OUTSIDE_CLAIM: Fault = Fault {
    code: "line-outside-claim",
    severity: Severity::Error,
    loop_id: Some("2400"),
    message: "a service line stands outside any claim (CLM)",
    ..WARNING
};
