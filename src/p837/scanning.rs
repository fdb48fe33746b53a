//! Segments to events: follows the loops of 005010X222 and picks out the facts.
//!
//! The loop state follows HL03, NM101, CLM and LX. Segments of other subscribers' loops
//! (2320, 2330, 2430) and of names that nobody asks for are passed over.

use std::borrow::Cow;

use super::checking::finding_of;
use super::claim_builder;
use super::claim_tally::ClaimTally;
use super::event::{Event, Events, Level, Place, Text, Trailer};
use super::fault::{OUTSIDE_CLAIM, UNKNOWN_SEGMENT, UNTERMINATED};
use super::level_loop::LevelLoop;
use super::noted::Noted;
use super::scanner::{Held, Item, Open, Scanner};
use super::segment_id::SegmentId;
use super::segments;
use crate::validate::Checker;
use crate::x12::{Decoder, Glance, Header, Rest, Segment, Sink, Stray};

/// A scanner with bytes at hand.
///
/// What ends a level or claim is read as it comes. The segments in between are noted and read
/// together when the item has ended, or when the bytes at hand end before it does.
pub(super) struct Scanning<'s, 'i> {
    pub(super) state: &'s mut Scanner<'i>,
    bytes: &'s [u8],
    /// Where `bytes` start in the input.
    offset_bytes: u64,
    /// Where in `bytes` the last segment starts that was looked at.
    at: usize,
    /// The first of the ids that are noted where the segments stand, or passed over.
    first_noted: SegmentId,
    /// The first of the ids that are passed over there.
    first_passed_over: SegmentId,
}

impl<'s, 'i> Scanning<'s, 'i> {
    pub(super) fn new(state: &'s mut Scanner<'i>, bytes: &'s [u8], offset_bytes: u64) -> Self {
        let [first_noted, first_passed_over] = state.first_noted();
        Self {
            state,
            bytes,
            offset_bytes,
            at: 0,
            first_noted,
            first_passed_over,
        }
    }

    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        self.read_noted();
        let item = match self.state.open {
            Open::Nothing => None,
            Open::Level(item, _) => {
                let events = &mut self.state.events;
                match item.held {
                    Held::AtHand(_) => events.keep_level(self.bytes),
                    Held::Kept(start) => events.end_level(start),
                }
                Some((item.place, Event::Level(events.levels.len() as u32 - 1)))
            }
            Open::Claim(item) => Some((item.place, self.claim_event(&item))),
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
        self.state.notes.clear();
        self.stand();
    }

    /// Takes up what is to be done with segments where they now stand.
    fn stand(&mut self) {
        [self.first_noted, self.first_passed_over] = self.state.first_noted();
    }

    fn claim_event(&mut self, item: &Item) -> Event {
        let Scanner {
            events,
            notes,
            tally,
            ..
        } = &mut *self.state;
        let totals = tally.totals;
        let is_kept = tally.is_of_interest && !totals.is_unreadable;
        match item.held {
            Held::AtHand(start) if is_kept => {
                let claim = start..self.at;
                claim_builder::build(
                    self.bytes,
                    claim,
                    notes.all(),
                    item.delimiters,
                    totals,
                    events,
                )
            }
            Held::Kept(start) if is_kept => {
                let bytes = events.take_from(start);
                let claim = 0..bytes.len();
                claim_builder::build(&bytes, claim, notes.all(), item.delimiters, totals, events)
            }
            Held::AtHand(_) => Event::PassingClaim(totals),
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
        self.read_noted();
        let Scanner {
            events,
            notes,
            open,
            ..
        } = &mut *self.state;
        if let Open::Level(item, _) | Open::Claim(item) = open
            && let Held::AtHand(start) = item.held
        {
            item.held = Held::Kept(events.end());
            if let Open::Claim(_) = open {
                events.keep(&self.bytes[start..self.at]);
                notes.move_to(start as u32);
            } else {
                events.keep_level(self.bytes);
            }
        }
        self.stand();
    }

    fn push(&mut self, place: Place, event: Event) {
        self.close();
        self.state.events.list.push((place, event));
    }

    fn keep<const N: usize>(&mut self, id: SegmentId, segment: &Segment<'_>) -> [Text; N] {
        self.close();
        let elements: [&[u8]; N] = rest(id, segment).elements(segment.delimiters.element);
        elements.map(|element| self.state.events.keep(element))
    }

    fn header_segment(&mut self, id: SegmentId, segment: &Segment<'_>) {
        let event = match id {
            SegmentId::Gs => {
                let [identifier, _, _, date, _, control_number, _, version] =
                    self.keep(id, segment);
                Event::Group {
                    identifier,
                    date,
                    control_number,
                    version,
                }
            }
            SegmentId::St => {
                let [identifier, control_number, convention] = self.keep(id, segment);
                Event::TransactionSet {
                    identifier,
                    control_number,
                    convention,
                }
            }
            SegmentId::Bht => {
                let bht = segments::bht(&rest(id, segment), segment.delimiters);
                Event::Encounters(bht.purpose == b"RP")
            }
            _ => Event::Acknowledgement,
        };
        self.push(place(segment), event);
    }

    fn trailer(&mut self, kind: Trailer, id: SegmentId, segment: &Segment<'_>) {
        let [count, control_number] = self.keep(id, segment);
        self.push(
            place(segment),
            Event::Trailer {
                kind,
                count,
                control_number,
            },
        );
    }

    /// An item that begins with a segment.
    fn item(&self, segment: &Segment<'_>) -> Item {
        let start = segment.offset_bytes.checked_sub(self.offset_bytes);
        let held = match start {
            Some(start) if !segment.may_be_wrapped => Held::AtHand(start as usize),
            _ => Held::Kept(self.state.events.end()),
        };
        Item {
            place: place(segment),
            delimiters: segment.delimiters,
            held,
        }
    }

    fn begin_level(&mut self, segment: &Segment<'_>) {
        self.close();
        let item = self.item(segment);
        self.open(Open::Level(item, LevelLoop::Hierarchy));
        let level = Level {
            texts: Text::empty_at(self.place_of(segment.offset_bytes)),
            ..Level::default()
        };
        self.state.events.levels.push(level);
        self.item_segment(SegmentId::Hl, segment);
    }

    fn begin_claim(&mut self, segment: &Segment<'_>) {
        self.close();
        let item = self.item(segment);
        self.open(Open::Claim(item));
        let Item {
            delimiters, place, ..
        } = item;
        let counter = &mut self.state.counter;
        counter.restart_inside(delimiters, place.offset_bytes);
        self.item_segment(SegmentId::Clm, segment);
    }

    /// Where in the bytes at hand a segment starts, if it stands there.
    #[inline]
    fn place_of(&self, offset_bytes: u64) -> u32 {
        offset_bytes.wrapping_sub(self.offset_bytes) as u32
    }

    /// A segment of the level or claim that is open.
    fn item_segment(&mut self, id: SegmentId, segment: &Segment<'_>) {
        if segment.may_be_wrapped {
            self.keep_open(segment.offset_bytes);
        }
        match self.state.open {
            Open::Nothing => {}
            Open::Claim(Item {
                held: Held::Kept(start),
                ..
            }) => self.kept_claim_segment(id, segment, start),
            Open::Level(
                Item {
                    held: Held::Kept(_),
                    ..
                },
                at,
            ) => self.kept_level_segment(id, segment, at),
            Open::Claim(_) | Open::Level(..) => {
                let start = self.place_of(segment.offset_bytes);
                let noted = Noted::new(id, start, segment.bytes.len());
                self.state.notes.note(noted);
                // What is wrong with it goes between what checking finds.
                if self.state.is_checking() {
                    self.read_noted();
                }
            }
        }
    }

    fn kept_level_segment(&mut self, id: SegmentId, segment: &Segment<'_>, at: LevelLoop) {
        let Some((level, keep)) = self.state.events.open_level() else {
            return;
        };
        let stands_at = level.read(at, id, &rest(id, segment), segment.delimiters, keep);
        if let Open::Level(_, at) = &mut self.state.open {
            *at = stands_at;
        }
    }

    /// A segment of a claim whose segments are kept from there on.
    fn kept_claim_segment(&mut self, id: SegmentId, segment: &Segment<'_>, kept_from: u32) {
        let state = &mut *self.state;
        let start = state.events.since(kept_from).length();
        state.events.keep(segment.bytes);
        let noted = Noted::new(id, start, segment.bytes.len());
        state.notes.note(noted);
        state.notes.take_unread();
        let rest = rest(id, segment);
        let Scanner {
            tally,
            checker,
            events,
            ..
        } = state;
        tally.segment(id, &rest, segment.delimiters, state.interest);
        if tally.has_faults() {
            tell(tally, place(segment), checker, events);
        }
    }

    /// Reads what was noted of the open item.
    fn read_noted(&mut self) {
        match self.state.open {
            Open::Level(item, at) if matches!(item.held, Held::AtHand(_)) => {
                self.read_level(&item, at);
            }
            Open::Claim(item) if matches!(item.held, Held::AtHand(_)) => self.tally_claim(&item),
            _ => {}
        }
    }

    fn read_level(&mut self, item: &Item, at: LevelLoop) {
        let Scanner {
            events,
            notes,
            open,
            ..
        } = &mut *self.state;
        let unread = notes.take_unread();
        let (Some(level), Some(last)) = (events.levels.last_mut(), unread.last()) else {
            return;
        };
        level.texts.end_at(last.end());
        let mut stands_at = at;
        for noted in unread {
            let rest = noted.rest(self.bytes);
            let text = |part: &[u8]| Text::of_part(part, self.bytes, 0);
            stands_at = level.read(stands_at, noted.id, &rest, item.delimiters, text);
        }
        *open = Open::Level(*item, stands_at);
    }

    fn tally_claim(&mut self, item: &Item) {
        let Scanner {
            notes,
            tally,
            counter,
            interest,
            checker,
            events,
            ..
        } = &mut *self.state;
        for noted in notes.take_unread() {
            if noted.id.is_from(SegmentId::Nm1) {
                continue;
            }
            let rest = noted.rest(self.bytes);
            tally.segment(noted.id, &rest, item.delimiters, interest);
            if tally.has_faults() {
                let before = counter.bytes().wrapping_sub(self.offset_bytes) as usize;
                let uncounted = self.bytes.get(before..noted.start() as usize);
                let place = place_behind(item, counter, uncounted.unwrap_or_default());
                tell(tally, place, checker, events);
            }
        }
    }

    /// A service line outside any claim.
    fn stray_line(&mut self, segment: &Segment<'_>) {
        let checker = self.state.checker.as_ref();
        let is_in_unit = checker.is_some_and(|checker| checker.open().is_some());
        if !self.state.is_told_by_checker() {
            self.state.fault(place(segment), OUTSIDE_CLAIM);
        }
        if is_in_unit {
            // The level around it goes on.
            let event = (place(segment), Event::StrayLine);
            self.state.events.list.push(event);
        } else {
            self.push(place(segment), Event::StrayLine);
        }
    }

    fn unknown(&mut self, segment: &Segment<'_>) {
        if !self.state.is_told_by_checker() {
            // What is wrong with segments before it comes before it.
            self.read_noted();
            self.state.fault(place(segment), UNKNOWN_SEGMENT);
        }
    }

    /// A segment in which line breaks may stand: anywhere, in the id as well.
    #[cold]
    fn wrapped(&mut self, segment: &Segment<'_>) {
        let bytes = without_line_breaks(segment.bytes);
        let id = SegmentId::of(&bytes, segment.delimiters.element);
        let unbroken = Segment {
            bytes: &bytes,
            ahead: &bytes,
            ..*segment
        };
        self.dispatch(id, &unbroken);
    }

    #[inline(never)]
    fn dispatch(&mut self, id: SegmentId, segment: &Segment<'_>) {
        self.look_at(segment.offset_bytes);
        let is_in_claim = matches!(self.state.open, Open::Claim(_));
        match id {
            SegmentId::PassedOver => {}
            SegmentId::Hl => self.begin_level(segment),
            SegmentId::Clm => self.begin_claim(segment),
            SegmentId::Se => self.trailer(Trailer::TransactionSet, id, segment),
            SegmentId::Ge => self.trailer(Trailer::Group, id, segment),
            SegmentId::Iea => self.trailer(Trailer::Interchange, id, segment),
            SegmentId::Gs | SegmentId::St | SegmentId::Bht | SegmentId::Ta1 => {
                self.header_segment(id, segment);
            }
            SegmentId::Unknown => self.unknown(segment),
            SegmentId::Sv1 if !is_in_claim => self.stray_line(segment),
            _ => self.item_segment(id, segment),
        }
    }
}

/// Where a segment stands.
fn place(segment: &Segment<'_>) -> Place {
    Place {
        offset_bytes: segment.offset_bytes,
        ordinal: segment.ordinal,
    }
}

/// Where a segment of a claim stands, before which these bytes follow those that `counter` has: segments
/// are counted up to one that is at fault, for few are.
#[cold]
fn place_behind(item: &Item, counter: &mut Decoder, uncounted: &[u8]) -> Place {
    struct Counted;
    impl Sink for Counted {
        fn header(&mut self, _: &Header, _: u64, _: u64) {}
        fn segment(&mut self, _: Segment<'_>) {}
        fn stray(&mut self, _: Stray) {}
    }
    counter.push(uncounted, &mut Counted);
    Place {
        offset_bytes: counter.bytes(),
        ordinal: item.place.ordinal + counter.segments(),
    }
}

/// What follows the id of a segment.
fn rest<'a>(id: SegmentId, segment: &Segment<'a>) -> Rest<'a> {
    let length = id.length().min(segment.bytes.len());
    Rest::new(&segment.ahead[length..], segment.bytes.len() - length)
}

/// Tells what is wrong with a segment of a claim.
#[cold]
fn tell(
    tally: &mut ClaimTally,
    place: Place,
    checker: &mut Option<Checker<'_>>,
    events: &mut Events,
) {
    for fault in tally.faults() {
        match checker {
            Some(checker) => checker.unreadable(finding_of(fault, place)),
            None => events.list.push((place, Event::Fault(*fault))),
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
        self.look_at(offset_bytes);
        self.push(place, Event::Interchange(Box::new(header.clone())));
    }

    #[inline(always)]
    fn passes_over(&mut self, glance: Glance) -> bool {
        let id = SegmentId::at_start(glance.first, glance.separator);
        let noted = Noted::new(id, self.place_of(glance.offset_bytes), glance.length);
        let is_wanted = !id.is_from(self.first_passed_over);
        id.is_from(self.first_noted) && self.state.notes.try_note(noted, is_wanted)
    }

    fn segment(&mut self, segment: Segment<'_>) {
        if segment.may_be_wrapped {
            self.wrapped(&segment);
        } else {
            let id = SegmentId::of(segment.bytes, segment.delimiters.element);
            self.dispatch(id, &segment);
        }
        if segment.is_unterminated {
            self.state.fault(place(&segment), UNTERMINATED);
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
