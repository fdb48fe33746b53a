//! What the segments of an 837P say, one event after the other.
//!
//! Events know nothing of what stands around them: which subscriber a claim belongs to is
//! settled by whoever reads them in order. So a piece of a file can be read before the
//! piece that precedes it.

use std::ops::Range;

use crate::claim::Pointers;
use crate::claim::{Cents, DateOfService, Units};
use crate::guide::UnitKind;
use crate::validate::Finding;
use crate::x12::{Header, Severity, Stray};

/// Bytes of the input that an event kept, in [`Events::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Text {
    start: u32,
    length: u32,
}

impl Text {
    /// A part of a segment that starts there in the bytes at hand.
    pub(super) fn of_part(part: &[u8], segment: &[u8], segment_start: u32) -> Self {
        if part.is_empty() {
            return Self::default();
        }
        let within = part.as_ptr().addr().wrapping_sub(segment.as_ptr().addr());
        Self {
            start: segment_start.wrapping_add(within as u32),
            length: part.len() as u32,
        }
    }

    /// Nothing yet, from there on.
    pub(super) fn empty_at(start: u32) -> Self {
        Self { start, length: 0 }
    }

    /// Makes it end there.
    pub(super) fn end_at(&mut self, end: u32) {
        self.length = end.wrapping_sub(self.start);
    }

    /// Makes it long enough to hold a part of what follows it.
    pub(super) fn reach(&mut self, part: Self) {
        if !part.is_empty() {
            let length = (part.start + part.length).wrapping_sub(self.start);
            self.length = self.length.max(length);
        }
    }

    /// Where it starts in another one that it is part of, and how long it is.
    pub(crate) fn within(self, whole: Self) -> (u32, u32) {
        if self.is_empty() {
            return (0, 0);
        }
        (self.start.wrapping_sub(whole.start), self.length)
    }

    /// Where it starts.
    pub(super) fn start(self) -> u32 {
        self.start
    }

    /// How long it is.
    pub(super) fn length(self) -> u32 {
        self.length
    }

    /// Takes another one where it is empty itself.
    pub(super) fn or(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
        }
    }

    /// Leaves it so many bytes.
    pub(super) fn cut(&mut self, length: usize) {
        self.length = length as u32;
    }

    /// Whether there are none: the element is absent.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.length == 0
    }
}

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// In bytes of the input.
    pub offset_bytes: u64,
    /// In segments of the piece that was read, from 1.
    pub ordinal: u64,
}

/// Something that the segments say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// ISA.
    Interchange(Box<Header>),
    /// TA1 between ISA and GS.
    Acknowledgement,
    /// GS.
    Group {
        /// GS01.
        identifier: Text,
        /// GS04.
        date: Text,
        /// GS06.
        control_number: Text,
        /// GS08.
        version: Text,
    },
    /// ST.
    TransactionSet {
        /// ST01.
        identifier: Text,
        /// ST02.
        control_number: Text,
        /// ST03.
        convention: Text,
    },
    /// BHT; whether BHT06 is `RP`.
    Encounters(bool),
    /// HL and what stands under it, up to its first claim: an index of [`Events::levels`].
    Level(u32),
    /// CLM and what stands under it: an index of [`Events::claims`].
    Claim(u32),
    /// A claim that nobody asked to see: no line of interest, no replacement, no void.
    PassingClaim(Totals),
    /// An SV1 outside any claim.
    StrayLine,
    /// SE, GE or IEA.
    Trailer {
        /// Which.
        kind: Trailer,
        /// SE01, GE01, IEA01.
        count: Text,
        /// SE02, GE02, IEA02.
        control_number: Text,
    },
    /// Bytes that are no interchange.
    Stray(Stray),
    /// Something is wrong with a segment.
    Fault(Fault),
    /// What checking found in the level or claim whose event comes next, or in a header: an
    /// index of [`Events::units`].
    Checked(u32),
    /// The bytes of the GS whose event came last, where bytes are kept.
    GroupBytes(Text),
}

/// What checking found in a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedUnit {
    /// Whose findings they are.
    pub kind: UnitKind,
    /// Its findings, in [`Events::findings`].
    pub findings: Range<u32>,
    /// CLM01 of a claim.
    pub claim: Text,
    /// Its bytes, each segment with its terminator, where they are kept.
    pub bytes: Text,
}

/// A trailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trailer {
    /// SE.
    TransactionSet,
    /// GE.
    Group,
    /// IEA.
    Interchange,
}

/// The kind of a level, HL03.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LevelKind {
    /// 20.
    BillingProvider,
    /// 22.
    Subscriber,
    /// 23.
    Patient,
    /// Anything else.
    #[default]
    Other,
}

/// A level of the hierarchy: loops 2000A, 2000B or 2000C and the names under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Level {
    /// All its texts, which stand together.
    pub(crate) texts: Text,
    /// HL03.
    pub kind: LevelKind,
    /// HL01.
    pub id: Text,
    /// HL02.
    pub parent: Text,
    /// 2010AA NM109.
    pub billing_npi: Text,
    /// 2010AA REF*EI or REF*SY.
    pub billing_tax_id: Text,
    /// 2000B SBR01.
    pub responsibility: Text,
    /// 2000B SBR03.
    pub group_number: Text,
    /// 2010BA NM109.
    pub subscriber_id: Text,
    /// 2010BB NM109.
    pub payer_id: Text,
    /// 2010BB REF*G2.
    pub billing_secondary_id: Text,
    /// 2010CA NM104.
    pub first_name: Text,
    /// 2010CA DMG02.
    pub birth_date: Text,
    /// 2010CA DMG03.
    pub sex: Text,
}

/// The longest level that is kept with one copy.
const LONG_LEVEL_BYTES: u32 = 2048;

impl Level {
    /// Its texts.
    fn texts_mut(&mut self) -> [&mut Text; 12] {
        [
            &mut self.id,
            &mut self.parent,
            &mut self.billing_npi,
            &mut self.billing_tax_id,
            &mut self.responsibility,
            &mut self.group_number,
            &mut self.subscriber_id,
            &mut self.payer_id,
            &mut self.billing_secondary_id,
            &mut self.first_name,
            &mut self.birth_date,
            &mut self.sex,
        ]
    }
}

/// What every claim is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Service lines.
    pub lines: u32,
    /// CLM02.
    pub charge: Cents,
    /// The sum of SV102.
    pub line_charges: Cents,
    /// The claim cannot be read.
    pub is_unreadable: bool,
}

/// A claim (loop 2300).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// What it is counted by.
    pub totals: Totals,
    /// CLM01.
    pub patient_control_number: Text,
    /// CLM05-3.
    pub frequency: Text,
    /// 2300 REF*F8.
    pub original_reference: Text,
    /// 2300 HI, ABK and ABF, dots removed, upper case, joined by the batch's separator.
    pub diagnoses: Text,
    /// 2310B NM109.
    pub rendering_provider: Text,
    /// Its lines, in [`Events::lines`].
    pub lines: Range<u32>,
}

/// A service line (loop 2400).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceLine {
    /// LX01; the line's place in the claim where that is no number.
    pub line_number: u32,
    /// SV101-2 where SV101-1 is `HC`, upper case.
    pub procedure: Text,
    /// SV101-3 to -6, upper case, joined by the batch's separator.
    pub modifiers: Text,
    /// SV102.
    pub charge: Cents,
    /// SV104 and SV103.
    pub units: Units,
    /// SV107.
    pub pointers: Pointers,
    /// The first DTP*472.
    pub service_date: DateOfService,
    /// REF*6R.
    pub line_control_number: Text,
    /// 2420A NM109.
    pub rendering_provider: Text,
}

/// Something is wrong with a segment: what an [`crate::x12::Issue`] is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// See [`crate::x12::Issue::code`].
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The loop.
    pub loop_id: Option<&'static str>,
    /// The segment id.
    pub segment: Option<&'static str>,
    /// The element's position.
    pub element: Option<u8>,
    /// In words.
    pub message: &'static str,
}

/// Events in the order of the input, and the bytes that they kept.
#[derive(Debug, Clone, Default)]
pub struct Events {
    /// The events, each with the place of its first segment.
    pub list: Vec<(Place, Event)>,
    /// The levels among them.
    pub levels: Vec<Level>,
    /// The claims among them that somebody asked to see.
    pub claims: Vec<Claim>,
    /// The lines of those claims.
    pub lines: Vec<ServiceLine>,
    /// Units in which something was found, or whose bytes are kept.
    pub units: Vec<CheckedUnit>,
    /// What was found in them.
    pub findings: Vec<Finding>,
    bytes: Vec<u8>,
    /// How many bytes were kept, and given back, before `bytes`, modulo 2^32: texts stay
    /// good while others are forgotten.
    forgotten: u32,
}

impl Events {
    /// The bytes of a text.
    #[must_use]
    pub fn text(&self, text: Text) -> &[u8] {
        if text.is_empty() {
            return b"";
        }
        let start = text.start.wrapping_sub(self.forgotten) as usize;
        &self.bytes[start..start + text.length as usize]
    }

    /// Keeps bytes.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Text {
        self.keep_with(|kept| kept.extend_from_slice(bytes))
    }

    /// Keeps what `write` appends.
    pub(super) fn keep_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Text {
        let (start, before) = (self.end(), self.bytes.len());
        write(&mut self.bytes);
        Text {
            start,
            length: (self.bytes.len() - before) as u32,
        }
    }

    /// Where the next text will start.
    pub(super) fn end(&self) -> u32 {
        self.forgotten.wrapping_add(self.bytes.len() as u32)
    }

    /// The last level, and what keeps a text of it.
    pub(super) fn open_level(&mut self) -> Option<(&mut Level, impl FnMut(&[u8]) -> Text)> {
        let Self {
            bytes, forgotten, ..
        } = self;
        let keep = |part: &[u8]| {
            let start = forgotten.wrapping_add(bytes.len() as u32);
            bytes.extend_from_slice(part);
            let length = part.len() as u32;
            Text { start, length }
        };
        self.levels.last_mut().map(|level| (level, keep))
    }

    /// Keeps the texts of the last level, which still stand in the bytes at hand.
    pub(super) fn keep_level(&mut self, bytes: &[u8]) {
        let kept_from = self.end();
        if let Some((level, mut keep)) = self.open_level() {
            let Text { start, length } = level.texts;
            if length > LONG_LEVEL_BYTES {
                // Mostly what nobody reads: its texts are kept one by one.
                for text in level.texts_mut() {
                    let (start, end) = (text.start as usize, (text.start + text.length) as usize);
                    *text = keep(&bytes[start..end]);
                }
            } else {
                keep(&bytes[start as usize..(start + length) as usize]);
                for text in level.texts_mut() {
                    text.start = text.start.wrapping_sub(start).wrapping_add(kept_from);
                }
            }
        }
        self.end_level(kept_from);
    }

    /// Ends the last level, whose texts were kept from there on.
    pub(super) fn end_level(&mut self, kept_from: u32) {
        let texts = self.since(kept_from);
        if let Some(level) = self.levels.last_mut() {
            level.texts = texts;
        }
    }

    /// Whether the last event is a group.
    pub(super) fn ends_with_group(&self) -> bool {
        matches!(self.list.last(), Some((_, Event::Group { .. })))
    }

    /// All that was kept from `start` on.
    pub(super) fn since(&self, start: u32) -> Text {
        Text {
            start,
            length: self.end().wrapping_sub(start),
        }
    }

    /// Takes out the bytes kept from `start` on.
    pub(super) fn take_from(&mut self, start: u32) -> Vec<u8> {
        let start = start.wrapping_sub(self.forgotten) as usize;
        self.bytes.split_off(start)
    }

    /// The bytes of a text, to be written over.
    pub(super) fn text_mut(&mut self, text: Text) -> &mut [u8] {
        if text.is_empty() {
            return &mut [];
        }
        let start = text.start.wrapping_sub(self.forgotten) as usize;
        &mut self.bytes[start..start + text.length as usize]
    }

    /// Keeps bytes that come one by one.
    pub(super) fn keep_all(&mut self, bytes: impl Iterator<Item = u8>) -> Text {
        self.keep_with(|kept| kept.extend(bytes))
    }

    /// Gives back the bytes kept from `start` on.
    pub(super) fn forget_from(&mut self, start: u32) {
        self.bytes
            .truncate(start.wrapping_sub(self.forgotten) as usize);
    }

    /// Takes out everything but the texts from `start` on, and the last level where that is open,
    /// keeping the room for more.
    pub(super) fn clear_until(&mut self, start: u32, has_open_level: bool) {
        self.list.clear();
        let closed = self.levels.len() - usize::from(has_open_level);
        self.levels.drain(..closed);
        self.claims.clear();
        self.lines.clear();
        self.units.clear();
        self.findings.clear();
        self.bytes
            .drain(..start.wrapping_sub(self.forgotten) as usize);
        self.forgotten = start;
    }
}
