//! Scanning and checking side by side: what the scanner is given, the checker is given too.

use std::borrow::Cow;

use super::event::{Event, Fault, Place};
use super::scanning::{Scanning, without_line_breaks};
use crate::guide::{Tag, UnitKind};
use crate::validate::{Finding, Identity, Problem};
use crate::x12::{Header, Segment, Sink, Stray};

/// A scanner whose segments are checked. Without a checker it is the scanner alone.
pub(super) struct Checking<'s, 'i> {
    pub(super) scanning: Scanning<'s, 'i>,
}

/// What becomes of a segment besides being scanned.
enum Course {
    /// It begins a unit.
    Begins,
    /// It stands in a unit, if one is open.
    Checked,
    /// It ends the unit that is open.
    Ends,
    /// Scanning it would end an item in the middle of its unit.
    CheckedAlone,
}

impl<'s, 'i> Checking<'s, 'i> {
    pub(super) fn new(scanning: Scanning<'s, 'i>) -> Self {
        Self { scanning }
    }

    /// Keeps a GS for whoever writes claims apart.
    #[cold]
    fn keep_group(&mut self, segment: &Segment<'_>) {
        let state = &mut *self.scanning.state;
        let keeps = state
            .checker
            .as_ref()
            .is_some_and(|checker| checker.keeps_bytes());
        if keeps && state.events.ends_with_group() {
            let bytes = state.events.keep(&without_line_breaks(segment.bytes));
            state
                .events
                .list
                .push((Place::default(), Event::GroupBytes(bytes)));
        }
    }

    /// Checks a segment; says whether it is to be scanned too.
    #[inline(always)]
    fn check(&mut self, segment: &Segment<'_>, bytes: &[u8]) -> bool {
        let Some(checker) = &mut self.scanning.state.checker else {
            return true;
        };
        let identity = checker.identify(bytes, segment.delimiters.element);
        match course(identity, checker.open()) {
            Course::Ends => {
                self.scanning.close_before(segment.offset_bytes);
                return true;
            }
            Course::CheckedAlone => {
                checker.segment(identity, bytes, segment);
                return segment.is_unterminated;
            }
            Course::Begins => self.scanning.close_before(segment.offset_bytes),
            Course::Checked => {}
        }
        if let Some(checker) = &mut self.scanning.state.checker {
            checker.segment(identity, bytes, segment);
        }
        true
    }
}

#[inline]
fn course(identity: Identity, open: Option<UnitKind>) -> Course {
    const SE: Tag = Tag::new(*b"SE\0");
    const GE: Tag = Tag::new(*b"GE\0");
    const GS: Tag = Tag::new(*b"GS\0");
    const IEA: Tag = Tag::new(*b"IEA");
    const BHT: Tag = Tag::new(*b"BHT");
    const TA1: Tag = Tag::new(*b"TA1");
    match identity.tag {
        _ if identity.begins.is_some() => Course::Begins,
        Some(SE | GE | GS | IEA) => Course::Ends,
        // They say nothing there; from level 2 on they are told as out of place.
        Some(BHT | TA1) if matches!(open, Some(UnitKind::Level | UnitKind::Claim)) => {
            Course::CheckedAlone
        }
        _ => Course::Checked,
    }
}

impl Sink for Checking<'_, '_> {
    fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64) {
        self.scanning.header(header, offset_bytes, ordinal);
    }

    fn segment(&mut self, segment: Segment<'_>) {
        let unbroken = match segment.may_be_wrapped {
            true => without_line_breaks(segment.bytes),
            false => Cow::Borrowed(segment.bytes),
        };
        let is_scanned = self.check(&segment, &unbroken);
        if is_scanned {
            // What the scanner closes meanwhile is an item, not the unit.
            self.scanning.state.is_within_unit = true;
            self.scanning.segment(segment);
            self.scanning.state.is_within_unit = false;
            if segment.bytes.starts_with(b"G") {
                self.keep_group(&segment);
            }
        }
    }

    fn stray(&mut self, stray: Stray) {
        self.scanning.stray(stray);
    }
}

/// What no reader can do without, as a finding.
pub(super) fn finding_of(fault: &Fault, place: Place) -> Finding {
    let id = fault.segment.map(str::as_bytes).unwrap_or_default();
    Finding {
        offset_bytes: place.offset_bytes,
        ordinal: place.ordinal,
        loop_id: fault.loop_id,
        tag: Tag::of(id).unwrap_or_default(),
        qualifier: None,
        element: fault.element,
        component: None,
        repetition: None,
        data_element: None,
        problem: Problem::Unreadable(fault.code),
        level: 0,
        message: fault.message.into(),
        excerpt: None,
    }
}
