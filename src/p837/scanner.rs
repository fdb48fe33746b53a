//! Segments to events: follows the loops of 005010X222 and picks out the facts.
//!
//! The loop state follows HL03, NM101, CLM and LX. Segments of other subscribers' loops
//! (2320, 2330, 2430) and of names that nobody asks for are passed over.

use std::borrow::Cow;
use std::mem;

use super::checking::finding_of;
use super::claim_builder::ClaimBuilder;
use super::claim_tally::ClaimTally;
use super::event::{CheckedUnit, Event, Events, Fault, Level, Place, Text, Trailer};
use super::fault::{OUTSIDE_CLAIM, UNKNOWN_SEGMENT, UNTERMINATED};
use super::interest::Interest;
use super::level_loop::LevelLoop;
use super::segment_id::SegmentId;
use super::segments;
use crate::guide::UnitKind;
use crate::validate::{Checker, Checks};
use crate::x12::{Delimiters, Header, Rest, Segment, Sink, Stray, push_unbroken};

/// Turns segments into [`Events`]: what it is between one piece of bytes and the next.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'i> {
    interest: &'i Interest,
    pub(super) events: Events,
    open: Open,
    tally: ClaimTally,
    builder: ClaimBuilder,
    /// Checks what is read, where anyone asked for it.
    pub(super) checker: Option<Checker<'i>>,
    /// Whether the unit that is checked goes on when an item is closed.
    pub(super) is_within_unit: bool,
}

/// A scanner with bytes at hand.
///
/// Of most claims only the totals are of interest. So the other segments of a claim are
/// passed over, and read when the claim has ended and has turned out to matter.
pub(super) struct Scanning<'s, 'i> {
    pub(super) state: &'s mut Scanner<'i>,
    bytes: &'s [u8],
    /// Where `bytes` start in the input.
    offset_bytes: u64,
    /// Where in `bytes` the last segment starts that was looked at.
    at: usize,
    /// The first of the ids that nobody reads where the segments stand.
    first_unread: SegmentId,
    /// Whether an LX was passed over since the claim began.
    has_line_number: bool,
}

/// The item that segments are being added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    /// A level, the last one of the events; where in it the segments stand, and where its texts
    /// are.
    Level(Place, LevelLoop, Held),
    /// A claim, and where its bytes are.
    Claim(Place, Delimiters, Held),
}

/// Where the bytes of the open item are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// In the bytes at hand, from there on; and whether line breaks may stand inside segments.
    AtHand(usize, bool),
    /// Kept with the texts, from there on: those at hand ended before it did.
    Kept(u32),
}

/// A segment as it is handed on: its id, what follows that, and where it stands.
#[derive(Clone, Copy)]
struct Found<'a> {
    id: SegmentId,
    rest: &'a Rest<'a>,
    segment: &'a Segment<'a>,
}

impl Found<'_> {
    fn place(&self) -> Place {
        Place {
            offset_bytes: self.segment.offset_bytes,
            ordinal: self.segment.ordinal,
        }
    }
}

impl<'i> Scanner<'i> {
    pub(super) fn new(interest: &'i Interest, checks: Option<&'i Checks>) -> Self {
        Self {
            interest,
            events: Events::default(),
            open: Open::Nothing,
            tally: ClaimTally::default(),
            builder: ClaimBuilder::default(),
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
        if let Some(checker) = &mut self.checker {
            checker.abandon();
        }
        self.clear();
    }

    /// The scanner with bytes at hand, which start there in the input.
    pub(super) fn with<'s>(&'s mut self, bytes: &'s [u8], offset_bytes: u64) -> Scanning<'s, 'i> {
        let first_unread = self.first_unread();
        Scanning {
            state: self,
            bytes,
            offset_bytes,
            at: 0,
            first_unread,
            has_line_number: false,
        }
    }

    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        self.with(b"", 0).close();
    }

    /// Takes out the events, all but the texts of the item that is open.
    pub(super) fn clear(&mut self) {
        let start = match self.open {
            Open::Level(.., Held::Kept(start)) | Open::Claim(.., Held::Kept(start)) => start,
            _ => self.events.end(),
        };
        let has_open_level = matches!(self.open, Open::Level(..));
        self.events.clear_until(start, has_open_level);
    }

    /// The first of the ids that nobody reads where the segments stand: in a claim whose bytes are
    /// at hand, most can be read later.
    fn first_unread(&self) -> SegmentId {
        match self.open {
            Open::Claim(.., Held::AtHand(..)) => SegmentId::Lx,
            Open::Level(_, at, _) => at.first_unread(),
            _ => SegmentId::PassedOver,
        }
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
            Open::Level(place, _, held) => {
                let events = &mut self.state.events;
                match held {
                    Held::AtHand(..) => events.keep_level(self.bytes),
                    Held::Kept(start) => events.end_level(start),
                }
                Some((place, Event::Level(events.levels.len() as u32 - 1)))
            }
            Open::Claim(place, delimiters, held) => {
                Some((place, self.claim_event(delimiters, held)))
            }
        };
        self.open(Open::Nothing);
        if self.state.checker.is_some() {
            self.state.finish_unit();
        }
        self.state.events.list.extend(item);
    }

    /// Ends the item that is open before a segment that starts there.
    pub(super) fn close_before(&mut self, offset_bytes: u64) {
        self.look_at(offset_bytes);
        self.close();
    }

    fn look_at(&mut self, offset_bytes: u64) {
        self.at = offset_bytes.wrapping_sub(self.offset_bytes) as usize;
    }

    fn open(&mut self, open: Open) {
        self.state.open = open;
        self.first_unread = self.state.first_unread();
    }

    fn claim_event(&mut self, delimiters: Delimiters, held: Held) -> Event {
        let totals = self.state.tally.totals;
        let is_kept = self.state.tally.is_of_interest && !totals.is_unreadable;
        let Scanner {
            builder, events, ..
        } = &mut *self.state;
        match held {
            Held::AtHand(start, has_breaks) if is_kept => {
                let bytes = &self.bytes[start..self.at];
                let bytes = unbroken(bytes, delimiters, has_breaks);
                builder.build(&bytes, delimiters, totals, events)
            }
            Held::Kept(start) if is_kept => {
                let bytes = events.take_from(start);
                builder.build(&bytes, delimiters, totals, events)
            }
            Held::AtHand(..) => Event::PassingClaim(totals),
            Held::Kept(start) => {
                events.forget_from(start);
                Event::PassingClaim(totals)
            }
        }
    }

    /// Keeps what is needed of the open item, whose segments end there: the bytes at hand will be
    /// gone.
    pub(super) fn keep_open(&mut self, end_offset_bytes: u64) {
        self.look_at(end_offset_bytes);
        self.state.tally.is_in_line |= mem::take(&mut self.has_line_number);
        let events = &mut self.state.events;
        match &mut self.state.open {
            Open::Level(.., held @ Held::AtHand(..)) => {
                *held = Held::Kept(events.end());
                events.keep_level(self.bytes);
            }
            Open::Claim(_, delimiters, held @ Held::AtHand(..)) => {
                let Held::AtHand(start, has_breaks) = *held else {
                    return;
                };
                *held = Held::Kept(events.end());
                let bytes = &self.bytes[start..self.at];
                events.keep(&unbroken(bytes, *delimiters, has_breaks));
            }
            _ => {}
        }
        self.first_unread = self.state.first_unread();
    }

    fn push(&mut self, place: Place, event: Event) {
        self.close();
        self.state.events.list.push((place, event));
    }

    fn keep<const N: usize>(&mut self, found: &Found<'_>) -> [Text; N] {
        self.close();
        let elements: [&[u8]; N] = found.rest.elements(found.segment.delimiters.element);
        elements.map(|element| self.state.events.keep(element))
    }

    fn header_segment(&mut self, found: &Found<'_>) {
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

    fn trailer(&mut self, kind: Trailer, found: &Found<'_>) {
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

    fn begin_level(&mut self, found: &Found<'_>) {
        self.close();
        let held = self.held(found);
        self.open(Open::Level(found.place(), LevelLoop::Hierarchy, held));
        let level = Level {
            texts: Text::empty_at(self.start_of(found)),
            ..Level::default()
        };
        self.state.events.levels.push(level);
        self.level_segment(found);
    }

    /// A segment of a level: names, identifiers, dates of birth.
    fn level_segment(&mut self, found: &Found<'_>) {
        let segment = found.segment;
        if segment.may_be_wrapped {
            self.keep_open(segment.offset_bytes);
        }
        let start = self.start_of(found);
        let Open::Level(_, at, held) = &mut self.state.open else {
            return;
        };
        let Some((level, mut keep)) = self.state.events.open_level() else {
            return;
        };
        let delimiters = segment.delimiters;
        *at = match held {
            Held::AtHand(..) => {
                level.texts.end_at(start + segment.bytes.len() as u32);
                let text = |part: &[u8]| Text::of_part(part, segment.bytes, start);
                level.read(*at, found.id, found.rest, delimiters, text)
            }
            Held::Kept(_) => level.read(*at, found.id, found.rest, delimiters, &mut keep),
        };
        self.first_unread = at.first_unread();
    }

    /// Where the bytes of an item are that begins with a segment.
    fn held(&self, found: &Found<'_>) -> Held {
        if found.segment.offset_bytes < self.offset_bytes {
            return Held::Kept(self.state.events.end());
        }
        let start = found.segment.offset_bytes - self.offset_bytes;
        Held::AtHand(start as usize, found.segment.may_be_wrapped)
    }

    /// Where a segment starts in the bytes at hand, if it stands there.
    fn start_of(&self, found: &Found<'_>) -> u32 {
        found.segment.offset_bytes.wrapping_sub(self.offset_bytes) as u32
    }

    fn begin_claim(&mut self, found: &Found<'_>) {
        self.close();
        let delimiters = found.segment.delimiters;
        let held = self.held(found);
        self.has_line_number = false;
        self.state.tally = ClaimTally::begin(found.rest, delimiters, self.state.interest);
        self.open(Open::Claim(found.place(), delimiters, held));
        self.hold(found);
        if self.state.tally.has_faults() {
            self.tell_faults(found.place());
        }
    }

    /// A segment of a claim or of its lines.
    fn claim_segment(&mut self, found: &Found<'_>) {
        let Found { id, rest, segment } = *found;
        let state = &mut *self.state;
        state.tally.is_in_line |= self.has_line_number;
        state
            .tally
            .segment(id, rest, segment.delimiters, state.interest);
        self.hold(found);
        if self.state.tally.has_faults() {
            self.tell_faults(found.place());
        }
    }

    /// Keeps a segment with those of its claim that are kept.
    fn hold(&mut self, found: &Found<'_>) {
        if let Open::Claim(_, delimiters, Held::Kept(_)) = &mut self.state.open {
            let bytes = without_line_breaks(found.segment.bytes);
            self.state.events.keep(&bytes);
            self.state.events.keep(&[delimiters.segment]);
        }
    }

    fn tell_faults(&mut self, place: Place) {
        for fault in self.state.tally.faults() {
            match &mut self.state.checker {
                Some(checker) => checker.unreadable(finding_of(fault, place)),
                None => self.state.fault(place, *fault),
            }
        }
    }

    /// A service line outside any claim.
    fn stray_line(&mut self, found: &Found<'_>) {
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

    fn item_segment(&mut self, found: &Found<'_>) {
        match self.state.open {
            Open::Claim(..) => self.claim_segment(found),
            _ if found.id == SegmentId::Sv1 => self.stray_line(found),
            Open::Level(..) => self.level_segment(found),
            Open::Nothing => {}
        }
    }

    /// A segment in which line breaks may stand: anywhere, in the id as well.
    #[cold]
    fn wrapped(&mut self, segment: Segment<'_>) {
        let bytes = without_line_breaks(segment.bytes);
        let (id, rest) = SegmentId::split(&bytes, segment.delimiters.element);
        if let Open::Claim(.., Held::AtHand(_, has_breaks)) = &mut self.state.open {
            *has_breaks = true;
        }
        let rest = Rest::new(rest, &bytes, &bytes);
        self.dispatch(&Found {
            id,
            rest: &rest,
            segment: &segment,
        });
    }

    /// Whether nobody reads a segment where it stands.
    #[inline]
    fn is_passed_over(&mut self, id: SegmentId) -> bool {
        self.has_line_number |= id == SegmentId::Lx;
        id >= self.first_unread
    }

    #[inline(never)]
    fn dispatch(&mut self, found: &Found<'_>) {
        self.look_at(found.segment.offset_bytes);
        match found.id {
            SegmentId::PassedOver => {}
            SegmentId::Hl => self.begin_level(found),
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

/// Some segments without the line breaks inside them.
fn unbroken(bytes: &[u8], delimiters: Delimiters, has_breaks: bool) -> Cow<'_, [u8]> {
    if !has_breaks {
        return Cow::Borrowed(bytes);
    }
    let mut unbroken = Vec::with_capacity(bytes.len());
    push_unbroken(&mut unbroken, bytes, delimiters);
    Cow::Owned(unbroken)
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
        self.look_at(offset_bytes);
        self.push(place, Event::Interchange(Box::new(header.clone())));
    }

    #[inline(always)]
    fn passes_over(&mut self, first: [u8; 4], delimiters: Delimiters) -> bool {
        let (id, _) = SegmentId::at_start(first, delimiters.element);
        self.is_passed_over(id)
    }

    #[inline]
    fn segment(&mut self, segment: Segment<'_>) {
        let separator = segment.delimiters.element;
        let (id, rest) = SegmentId::split(segment.bytes, separator);
        if segment.may_be_wrapped {
            self.wrapped(segment);
        } else if !self.is_passed_over(id) {
            let rest = Rest::new(rest, segment.bytes, segment.ahead);
            self.dispatch(&Found {
                id,
                rest: &rest,
                segment: &segment,
            });
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
        self.look_at(stray.offset_bytes);
        self.push(place, Event::Stray(stray));
    }
}
