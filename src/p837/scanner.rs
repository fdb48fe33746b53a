//! Segments to events: follows the loops of 005010X222 and picks out the facts.
//!
//! The loop state follows HL03, NM101, CLM and LX. Segments of other subscribers' loops
//! (2320, 2330, 2430) and of names that nobody asks for are passed over.

use std::borrow::Cow;

use super::checking::finding_of;
use super::claim_builder::ClaimBuilder;
use super::claim_tally::ClaimTally;
use super::event::{CheckedUnit, Event, Events, Fault, Level, LevelKind, Place, Text, Trailer};
use super::fault::{OUTSIDE_CLAIM, UNKNOWN_SEGMENT, UNTERMINATED};
use super::interest::Interest;
use super::segment_id::SegmentId;
use super::segments;
use crate::guide::UnitKind;
use crate::validate::{Checker, Checks};
use crate::x12::{Delimiters, Header, Rest, Segment, Sink, Stray};

/// Turns segments into [`Events`]: what it is between one piece of bytes and the next.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'i> {
    interest: &'i Interest,
    pub(super) events: Events,
    open: Open,
    tally: ClaimTally,
    claim: ClaimBuilder,
    /// The segments of the open claim that are still to be built into it.
    deferred: Vec<Deferred>,
    /// Checks what is read, where anyone asked for it.
    pub(super) checker: Option<Checker<'i>>,
    /// Whether the unit that is checked goes on when an item is closed.
    pub(super) is_within_unit: bool,
}

/// A scanner with bytes at hand.
///
/// Of most claims only the totals are of interest. So the other segments of a claim are
/// noted, and parsed when the claim has turned out to matter, or when the bytes end before
/// it does.
pub(super) struct Scanning<'s, 'i> {
    pub(super) state: &'s mut Scanner<'i>,
    bytes: &'s [u8],
    /// Where `bytes` start in the input.
    offset_bytes: u64,
}

/// A segment in the bytes at hand.
#[derive(Debug, Clone, Copy)]
struct Deferred {
    id: SegmentId,
    start: usize,
    length: usize,
    may_be_wrapped: bool,
}

/// A segment as it is handed on: its id, what follows that, and where it stands.
#[derive(Clone, Copy)]
struct Found<'a> {
    id: SegmentId,
    rest: Rest<'a>,
    segment: Segment<'a>,
}

impl Found<'_> {
    fn place(&self) -> Place {
        Place {
            offset_bytes: self.segment.offset_bytes,
            ordinal: self.segment.ordinal,
        }
    }
}

/// The item that segments are being added to; a level with where its texts start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    /// A level, where in it the segments stand, where its texts start among those kept, and
    /// whether they still stand in the bytes at hand.
    Level(Place, Level, LevelLoop, u32, bool),
    /// A claim, and whether its segments are deferred.
    Claim(Place, bool, Delimiters),
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

impl<'i> Scanner<'i> {
    pub(super) fn new(interest: &'i Interest, checks: Option<&'i Checks>) -> Self {
        Self {
            interest,
            events: Events::default(),
            open: Open::Nothing,
            tally: ClaimTally::default(),
            claim: ClaimBuilder::default(),
            deferred: Vec::new(),
            checker: checks.map(Checker::new),
            is_within_unit: false,
        }
    }

    /// Whether what is read is checked.
    pub(super) fn is_checking(&self) -> bool {
        self.checker.is_some()
    }

    /// Starts anew, in the room that it has.
    pub(super) fn restart(&mut self) {
        self.open = Open::Nothing;
        self.deferred.clear();
        if let Some(checker) = &mut self.checker {
            checker.abandon();
        }
        self.clear();
    }

    /// The scanner with bytes at hand, which start there in the input.
    pub(super) fn with<'s>(&'s mut self, bytes: &'s [u8], offset_bytes: u64) -> Scanning<'s, 'i> {
        Scanning {
            state: self,
            bytes,
            offset_bytes,
        }
    }

    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        self.with(b"", 0).close();
    }

    /// Takes out the events, all but the texts of the item that is open.
    pub(super) fn clear(&mut self) {
        let start = match self.open {
            Open::Nothing => self.events.end(),
            Open::Level(.., texts_from, _) => texts_from,
            Open::Claim(..) => self.claim.texts_from,
        };
        self.events.clear_until(start);
    }

    fn fault(&mut self, place: Place, fault: Fault) {
        self.events.list.push((place, Event::Fault(fault)));
    }

    /// Whether checking tells of segments that stand where they should not.
    fn is_told_by_checker(&self) -> bool {
        let checker = self.checker.as_ref();
        checker.is_some_and(|checker| checker.level() >= 2 && checker.open().is_some())
    }

    /// Ends the unit that is checked; what was found goes before the event of its item.
    #[cold]
    fn finish_unit(&mut self) {
        let Some(checker) = self.checker.as_mut().filter(|_| !self.is_within_unit) else {
            return;
        };
        let events = &mut self.events;
        let Some(checked) = checker.finish(&mut events.findings) else {
            return;
        };
        let bytes = checker.bytes();
        if checked.findings == 0 && bytes.is_empty() {
            return;
        }
        let end = events.findings.len() as u32;
        let bytes = events.keep(bytes);
        let claim = match checked.kind {
            UnitKind::Claim => events.keep(checker.claim()),
            UnitKind::Header | UnitKind::Level => Text::default(),
        };
        events.units.push(CheckedUnit {
            kind: checked.kind,
            findings: end - checked.findings as u32..end,
            claim,
            bytes,
        });
        let index = events.units.len() as u32 - 1;
        events.list.push((Place::default(), Event::Checked(index)));
    }
}

impl Scanning<'_, '_> {
    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        let item = match self.state.open {
            Open::Nothing => None,
            Open::Level(place, mut level, _, texts_from, raw) => {
                let events = &mut self.state.events;
                if raw {
                    events.keep_level(&mut level, self.bytes);
                }
                level.texts = events.since(texts_from);
                events.levels.push(level);
                let index = events.levels.len() as u32 - 1;
                Some((place, Event::Level(index)))
            }
            Open::Claim(place, ..) => Some((place, self.claim_event())),
        };
        self.state.open = Open::Nothing;
        if self.state.checker.is_some() {
            self.state.finish_unit();
        }
        self.state.events.list.extend(item);
    }

    fn claim_event(&mut self) -> Event {
        let ClaimTally {
            totals,
            is_of_interest,
            ..
        } = self.state.tally;
        let is_kept = is_of_interest && !totals.is_unreadable;
        if is_kept {
            self.build();
            return self.state.claim.finish(totals, &mut self.state.events);
        }
        if let Open::Claim(_, false, _) = self.state.open {
            self.state.events.forget_from(self.state.claim.texts_from);
        }
        Event::PassingClaim(totals)
    }

    /// Builds what was deferred: the bytes will be gone, or the claim matters.
    pub(super) fn build(&mut self) {
        if let Open::Level(_, level, _, _, raw) = &mut self.state.open
            && std::mem::take(raw)
        {
            self.state.events.keep_level(level, self.bytes);
            return;
        }
        let Scanner {
            events,
            open,
            claim,
            deferred,
            ..
        } = &mut *self.state;
        let Open::Claim(_, is_deferred @ true, delimiters) = open else {
            return;
        };
        *is_deferred = false;
        for segment in deferred.drain(..) {
            let at_hand = &self.bytes[segment.start..];
            let bytes = &at_hand[..segment.length];
            let unbroken = match segment.may_be_wrapped {
                true => without_line_breaks(bytes),
                false => Cow::Borrowed(bytes),
            };
            let ahead = match segment.may_be_wrapped {
                true => &*unbroken,
                false => at_hand,
            };
            let (_, rest) = SegmentId::split(&unbroken, delimiters.element);
            let rest = Rest::new(rest, &unbroken, ahead);
            if segment.id == SegmentId::Clm {
                claim.begin(rest, *delimiters, events);
            } else {
                claim.segment(segment.id, rest, *delimiters, events);
            }
        }
    }

    fn push(&mut self, place: Place, event: Event) {
        self.close();
        self.state.events.list.push((place, event));
    }

    fn keep<const N: usize>(&mut self, found: Found<'_>) -> [Text; N] {
        self.close();
        let elements: [&[u8]; N] = found.rest.elements(found.segment.delimiters.element);
        elements.map(|element| self.state.events.keep(element))
    }

    fn header_segment(&mut self, found: Found<'_>) {
        let event = match found.id {
            SegmentId::Gs => {
                let [identifier, _, _, date, _, control_number, _, version] = self.keep(found);
                Event::Group {
                    identifier,
                    date,
                    control_number,
                    version,
                }
            }
            SegmentId::St => {
                let [identifier, control_number, convention] = self.keep(found);
                Event::TransactionSet {
                    identifier,
                    control_number,
                    convention,
                }
            }
            SegmentId::Bht => {
                let bht = segments::bht(found.rest, found.segment.delimiters);
                Event::Encounters(bht.purpose == b"RP")
            }
            _ => Event::Acknowledgement,
        };
        self.push(found.place(), event);
    }

    fn trailer(&mut self, kind: Trailer, found: Found<'_>) {
        let [count, control_number] = self.keep(found);
        self.push(
            found.place(),
            Event::Trailer {
                kind,
                count,
                control_number,
            },
        );
    }

    fn level(&mut self, found: Found<'_>) {
        self.close();
        let hl = segments::hl(found.rest, found.segment.delimiters);
        let kind = match hl.level {
            b"20" => LevelKind::BillingProvider,
            b"22" => LevelKind::Subscriber,
            b"23" => LevelKind::Patient,
            _ => LevelKind::Other,
        };
        let events = &mut self.state.events;
        let texts_from = events.end();
        let mut level = Level {
            kind,
            ..Level::default()
        };
        let is_at_hand = found.segment.offset_bytes >= self.offset_bytes;
        let raw = is_at_hand && !found.segment.may_be_wrapped;
        if raw {
            let segment = found.segment.bytes;
            let start = found.segment.offset_bytes.wrapping_sub(self.offset_bytes) as u32;
            level.texts = Text::of_part(&segment[..1], segment, start);
            level.id = Text::of_part(hl.id, segment, start);
            level.parent = Text::of_part(hl.parent, segment, start);
            level.texts.reach(level.id);
            level.texts.reach(level.parent);
        } else {
            (level.id, level.parent) = (events.keep(hl.id), events.keep(hl.parent));
        }
        self.state.open = Open::Level(found.place(), level, LevelLoop::Hierarchy, texts_from, raw);
    }

    /// A segment of a level: names, identifiers, dates of birth.
    fn level_segment(&mut self, found: Found<'_>) {
        let (rest, delimiters) = (found.rest, found.segment.delimiters);
        let start = found.segment.offset_bytes.wrapping_sub(self.offset_bytes) as u32;
        if found.segment.may_be_wrapped {
            self.build();
        }
        let Open::Level(_, level, at, _, raw) = &mut self.state.open else {
            return;
        };
        let events = &mut self.state.events;
        let mut texts = level.texts;
        let mut first = |place: &mut Text, value: &[u8]| {
            if place.is_empty() {
                if *raw {
                    *place = Text::of_part(value, found.segment.bytes, start);
                    texts.reach(*place);
                } else {
                    *place = events.keep(value);
                }
            }
        };
        match (found.id, *at) {
            (SegmentId::Nm1, _) => {
                let nm1 = segments::nm1(rest, delimiters);
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
                let reference = segments::reference(rest, delimiters);
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
                let sbr = segments::sbr(rest, delimiters);
                first(&mut level.responsibility, sbr.responsibility);
                first(&mut level.group_number, sbr.group_number);
            }
            (SegmentId::Dmg, LevelLoop::Patient) => {
                let dmg = segments::dmg(rest, delimiters);
                first(&mut level.birth_date, dmg.birth_date);
                first(&mut level.sex, dmg.sex);
            }
            _ => {}
        }
        level.texts = texts;
    }

    fn begin_claim(&mut self, found: Found<'_>) {
        self.close();
        let delimiters = found.segment.delimiters;
        let is_deferred = found.segment.offset_bytes >= self.offset_bytes;
        self.state.open = Open::Claim(found.place(), is_deferred, delimiters);
        self.state.tally = ClaimTally::begin(found.rest, delimiters, self.state.interest);
        self.state.deferred.clear();
        if is_deferred {
            self.defer(found.id, found.segment);
        } else {
            self.state
                .claim
                .begin(found.rest, delimiters, &mut self.state.events);
        }
        if self.state.tally.has_faults() {
            self.tell_faults(found.place());
        }
    }

    /// A segment of a claim or of its lines.
    fn claim_segment(&mut self, found: Found<'_>, is_deferred: bool) {
        let Found { id, rest, segment } = found;
        let state = &mut *self.state;
        state
            .tally
            .segment(id, rest, segment.delimiters, state.interest);
        if is_deferred {
            self.defer(found.id, found.segment);
        } else {
            state
                .claim
                .segment(id, rest, segment.delimiters, &mut state.events);
        }
        if self.state.tally.has_faults() {
            self.tell_faults(found.place());
        }
    }

    #[inline]
    fn defer(&mut self, id: SegmentId, segment: Segment<'_>) {
        self.state.deferred.push(Deferred {
            id,
            start: (segment.offset_bytes - self.offset_bytes) as usize,
            length: segment.bytes.len(),
            may_be_wrapped: segment.may_be_wrapped,
        });
    }

    fn tell_faults(&mut self, place: Place) {
        for fault in self.state.tally.faults() {
            match &mut self.state.checker {
                Some(checker) => checker.unreadable(finding_of(&fault, place)),
                None => self.state.fault(place, fault),
            }
        }
    }

    /// A service line outside any claim.
    fn stray_line(&mut self, found: Found<'_>) {
        let checker = self.state.checker.as_ref();
        let is_in_unit = checker.is_some_and(|checker| checker.open().is_some());
        if !self.state.is_told_by_checker() {
            self.state.fault(found.place(), OUTSIDE_CLAIM);
        }
        if is_in_unit {
            // The level around it goes on.
            let event = (found.place(), Event::StrayLine);
            self.state.events.list.push(event);
        } else {
            self.push(found.place(), Event::StrayLine);
        }
    }

    fn item_segment(&mut self, found: Found<'_>) {
        match self.state.open {
            Open::Claim(_, is_deferred, _) => self.claim_segment(found, is_deferred),
            _ if found.id == SegmentId::Sv1 => self.stray_line(found),
            Open::Level(..) => self.level_segment(found),
            Open::Nothing => {}
        }
    }

    #[inline(never)]
    fn dispatch(&mut self, found: Found<'_>) {
        match found.id {
            SegmentId::PassedOver => {}
            SegmentId::Hl => self.level(found),
            SegmentId::Clm => self.begin_claim(found),
            SegmentId::Se => self.trailer(Trailer::TransactionSet, found),
            SegmentId::Ge => self.trailer(Trailer::Group, found),
            SegmentId::Iea => self.trailer(Trailer::Interchange, found),
            SegmentId::Gs | SegmentId::St | SegmentId::Bht | SegmentId::Ta1 => {
                self.header_segment(found);
            }
            SegmentId::Unknown if self.state.is_told_by_checker() => {}
            SegmentId::Unknown => self.state.fault(found.place(), UNKNOWN_SEGMENT),
            _ => self.item_segment(found),
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
pub(super) fn without_line_breaks(bytes: &[u8]) -> Cow<'_, [u8]> {
    match memchr::memchr2(b'\r', b'\n', bytes) {
        None => Cow::Borrowed(bytes),
        Some(_) => bytes
            .iter()
            .copied()
            .filter(|byte| !matches!(byte, b'\r' | b'\n'))
            .collect(),
    }
}

impl Sink for Scanning<'_, '_> {
    fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64) {
        let place = Place {
            offset_bytes,
            ordinal,
        };
        self.push(place, Event::Interchange(Box::new(header.clone())));
    }

    #[inline(always)]
    fn segment(&mut self, segment: Segment<'_>) {
        let separator = segment.delimiters.element;
        let (id, rest) = SegmentId::split(segment.bytes, separator);
        if id.is_passed_over() {
        } else if segment.may_be_wrapped {
            // A line break may stand anywhere, in the id as well.
            let bytes = without_line_breaks(segment.bytes);
            let (id, rest) = SegmentId::split(&bytes, separator);
            let rest = Rest::new(rest, &bytes, &bytes);
            self.dispatch(Found { id, rest, segment });
        } else if id.is_detail() && matches!(self.state.open, Open::Claim(_, true, _)) {
            self.state.tally.detail(id);
            self.defer(id, segment);
        } else {
            let rest = Rest::new(rest, segment.bytes, segment.ahead);
            self.dispatch(Found { id, rest, segment });
        }
        if segment.is_unterminated {
            let place = Place {
                offset_bytes: segment.offset_bytes,
                ordinal: segment.ordinal,
            };
            self.state.fault(place, UNTERMINATED);
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
