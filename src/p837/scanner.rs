//! What is read of an 837P, from one piece of bytes to the next.

use super::claim_tally::ClaimTally;
use super::event::{CheckedUnit, Event, Events, Fault, Place, Text};
use super::interest::Interest;
use super::level_loop::LevelLoop;
use super::noted::Notes;
use super::scanning::Scanning;
use super::segment_id::SegmentId;
use crate::guide::UnitKind;
use crate::validate::{Checker, Checks};
use crate::x12::{Decoder, Delimiters};

/// Turns segments into [`Events`]: what it is between one piece of bytes and the next.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'i> {
    pub(super) interest: &'i Interest,
    pub(super) events: Events,
    pub(super) open: Open,
    /// The segments of the open item that are read when it ends, and those of a claim that were
    /// read, for it may have to be built.
    pub(super) notes: Notes,
    pub(super) tally: ClaimTally,
    /// Counts the segments of a claim, up to the last one that was at fault.
    pub(super) counter: Decoder,
    /// Checks what is read, where anyone asked for it.
    pub(super) checker: Option<Checker<'i>>,
    /// Whether the unit that is checked goes on when an item is closed.
    pub(super) is_within_unit: bool,
}

/// The item that segments are being added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Nothing,
    /// A level, the last one of the events, and where in it the segments stand that were read.
    Level(Item, LevelLoop),
    Claim(Item),
}

/// What is known of the open item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    /// The place of its first segment.
    pub(super) place: Place,
    pub(super) delimiters: Delimiters,
    pub(super) held: Held,
}

/// Where the bytes of the open item are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// In the bytes at hand, from there on; no line break stands in its segments.
    AtHand(usize),
    /// Kept with the texts, from there on, without line breaks: those at hand ended before it did, or had
    /// line breaks in them.
    Kept(u32),
}

impl<'i> Scanner<'i> {
    pub(super) fn new(interest: &'i Interest, checks: Option<&'i Checks>) -> Self {
        Self {
            interest,
            events: Events::default(),
            open: Open::Nothing,
            notes: Notes::default(),
            tally: ClaimTally::default(),
            counter: Decoder::default(),
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
        self.notes.clear();
        if let Some(checker) = &mut self.checker {
            checker.abandon();
        }
        self.clear();
    }

    /// The scanner with bytes at hand, which start there in the input.
    pub(super) fn with<'s>(&'s mut self, bytes: &'s [u8], offset_bytes: u64) -> Scanning<'s, 'i> {
        Scanning::new(self, bytes, offset_bytes)
    }

    /// Ends the level or claim that is open: what comes next does not belong to it.
    pub(super) fn close(&mut self) {
        self.with(b"", 0).close();
    }

    /// Takes out the events, all but the texts of the item that is open.
    pub(super) fn clear(&mut self) {
        let kept_from = match self.held() {
            Some(Held::Kept(start)) => start,
            _ => self.events.end(),
        };
        let has_open_level = matches!(self.open, Open::Level(..));
        self.events.clear_until(kept_from, has_open_level);
    }

    /// Where the bytes of the open item are.
    fn held(&self) -> Option<Held> {
        match self.open {
            Open::Nothing => None,
            Open::Level(item, _) | Open::Claim(item) => Some(item.held),
        }
    }

    /// The first of the ids that are noted or passed over, and the first of those that are passed over: what
    /// stands before them is read at once.
    pub(super) fn first_noted(&self) -> [SegmentId; 2] {
        match self.open {
            Open::Nothing => [SegmentId::Lx; 2],
            _ if matches!(self.held(), Some(Held::Kept(_))) => [SegmentId::PassedOver; 2],
            Open::Level(..) => [SegmentId::Lx, SegmentId::PassedOver],
            Open::Claim(_) => [SegmentId::Sv1, SegmentId::PassedOver],
        }
    }

    pub(super) fn fault(&mut self, place: Place, fault: Fault) {
        self.events.list.push((place, Event::Fault(fault)));
    }

    /// Whether checking tells of segments that stand where they should not.
    pub(super) fn is_told_by_checker(&self) -> bool {
        let checker = self.checker.as_ref();
        checker.is_some_and(|checker| checker.level() >= 2 && checker.open().is_some())
    }

    /// Ends the unit that is checked; what was found goes before the event of its item.
    #[cold]
    pub(super) fn finish_unit(&mut self) {
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
