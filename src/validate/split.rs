//! A segment split once, for every check of it.

use wide::u8x16;

use crate::guide::{Tag, packed};
use crate::x12::Delimiters;
use crate::x12::lanes::{BLOCK_BYTES, marks};

/// The most elements that the presence of is noted.
const MOST_NOTED: usize = 64;

/// How many bytes of a code are packed at once.
const CODE_BYTES: usize = 8;

/// A segment's elements, in room that one after the other uses.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// Where each element ends, the id first: those up to `count` are of this segment.
    ends: Vec<u32>,
    /// How many elements there are.
    count: usize,
    /// Which elements are there: bit `n - 1` for element `n`.
    pub(super) present: u64,
    /// Whether component separators, repetition separators or control characters are in it.
    pub(super) has_components: bool,
    pub(super) has_repetitions: bool,
    pub(super) has_controls: bool,
    /// Where digits and component separators stand, where it is [short](Self::is_short).
    digits: u64,
    components: u64,
    is_short: bool,
    /// A copy of it where it is short, and room for a code behind its last byte.
    copy: [u8; BLOCK_BYTES + CODE_BYTES],
}

/// A segment with its elements.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) delimiters: Delimiters,
    pub(super) split: &'a Split,
}

impl Default for Split {
    fn default() -> Self {
        Self {
            ends: vec![0; BLOCK_BYTES + 1],
            count: 0,
            present: 0,
            has_components: false,
            has_repetitions: false,
            has_controls: false,
            digits: 0,
            components: 0,
            is_short: true,
            copy: [0; BLOCK_BYTES + CODE_BYTES],
        }
    }
}

impl Split {
    /// Splits a segment.
    #[inline]
    pub(super) fn split(&mut self, bytes: &[u8], delimiters: Delimiters) {
        match self.copy.get_mut(..bytes.len()) {
            Some(copy) if bytes.len() <= BLOCK_BYTES => {
                copy.copy_from_slice(bytes);
                self.split_short(bytes.len(), delimiters);
            }
            _ => self.split_long(bytes, delimiters),
        }
    }

    /// Splits what was copied: all its bytes are compared together.
    #[inline]
    fn split_short(&mut self, length: usize, delimiters: Delimiters) {
        let (zero, nine) = (u8x16::splat(b'0'), u8x16::splat(b'9'));
        let (unit_separator, delete) = (u8x16::splat(0x1f), u8x16::splat(0x7f));
        let separator = u8x16::splat(delimiters.element);
        let component = u8x16::splat(delimiters.component);
        let repetition = u8x16::splat(delimiters.repetition.unwrap_or(delimiters.element));
        let Some(block) = self.copy.first_chunk::<BLOCK_BYTES>() else {
            return;
        };
        let [separators, digits, rare] = marks(block, length, |lane| {
            let is_control = lane.min(unit_separator).simd_eq(lane) | lane.simd_eq(delete);
            let divides = lane.simd_eq(component) | lane.simd_eq(repetition);
            [
                lane.simd_eq(separator),
                lane.max(zero).min(nine).simd_eq(lane),
                is_control | divides,
            ]
        });
        let rare = rare & !separators;
        (self.digits, self.is_short) = (digits & !separators, true);
        (self.components, self.has_repetitions, self.has_controls) = (0, false, false);
        if rare != 0 {
            let [components, repetitions] = marks(block, length, |lane| {
                [lane.simd_eq(component), lane.simd_eq(repetition)]
            });
            self.components = components & !separators;
            self.has_repetitions = repetitions & rare & !components != 0;
            self.has_controls = rare & !components & !repetitions != 0;
        }
        self.has_components = self.components != 0;
        self.note_ends(separators, length);
    }

    /// Notes where the elements end, and which are there.
    #[inline]
    fn note_ends(&mut self, separators: u64, length: usize) {
        let (mut rest, mut count, mut present, mut start) = (separators, 0, 0_u64, 0);
        let mut slots = self.ends.iter_mut();
        while rest != 0 {
            let end = rest.trailing_zeros();
            rest &= rest - 1;
            if let Some(slot) = slots.next() {
                *slot = end;
            }
            // The id is noted as well, in the bit that falls out at the end.
            present |= u64::from(end > start) << (count & 63);
            count += 1;
            start = end + 1;
        }
        if let Some(slot) = slots.next() {
            *slot = length as u32;
        }
        let last = u64::from(length as u32 > start).checked_shl(count);
        self.present = (present | last.unwrap_or(0)) >> 1;
        self.count = count as usize;
    }

    /// Splits a segment of any length.
    #[cold]
    fn split_long(&mut self, bytes: &[u8], delimiters: Delimiters) {
        let repetition = delimiters.repetition.unwrap_or(delimiters.element);
        self.ends.clear();
        self.present = 0;
        (self.digits, self.components, self.is_short) = (0, 0, false);
        let (mut components, mut repetitions, mut controls) = (false, false, false);
        let mut start = 0;
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == delimiters.element {
                self.push(start, index);
                start = index + 1;
            } else {
                components |= byte == delimiters.component;
                repetitions |= byte == repetition;
                controls |= byte.is_ascii_control();
            }
        }
        self.push(start, bytes.len());
        self.count = self.ends.len() - 1;
        self.ends.resize(self.ends.len().max(BLOCK_BYTES + 1), 0);
        self.has_components = components;
        self.has_repetitions = repetitions;
        self.has_controls = controls;
    }

    fn push(&mut self, start: usize, end: usize) {
        let element = self.ends.len();
        if end > start && (1..=MOST_NOTED).contains(&element) {
            self.present |= 1 << (element - 1);
        }
        self.ends.push(end as u32);
    }
}

impl<'a> Elements<'a> {
    /// The id, if it can be one.
    #[inline]
    pub(super) fn tag(self) -> Option<Tag> {
        Tag::of(self.element(0))
    }

    /// How many elements there are, empty ones included.
    #[inline]
    pub(super) fn count(self) -> usize {
        self.split.count
    }

    /// An element by its position, from 1; empty where it is absent.
    #[inline]
    pub(super) fn element(self, position: usize) -> &'a [u8] {
        match self.place(position) {
            Some((start, end)) => &self.bytes[start..end],
            None => b"",
        }
    }

    /// The first component of an element.
    pub(super) fn first_component(self, position: usize) -> &'a [u8] {
        self.component(position, 1)
    }

    /// A component of an element's first repetition, from 1; empty where it is absent.
    pub(super) fn component(self, position: usize, component: usize) -> &'a [u8] {
        let element = self.element(position);
        let mut repetitions = element.split(|byte| Some(*byte) == self.delimiters.repetition);
        let first = repetitions.next().unwrap_or_default();
        let mut components = first.split(|byte| *byte == self.delimiters.component);
        components.nth(component - 1).unwrap_or_default()
    }

    /// Where an element stands in the segment.
    #[inline]
    pub(super) fn place(self, position: usize) -> Option<(usize, usize)> {
        let Split { ends, count, .. } = self.split;
        if position > *count {
            return None;
        }
        let start = match position.checked_sub(1) {
            Some(before) => ends[before] as usize + 1,
            None => 0,
        };
        Some((start, ends[position] as usize))
    }

    /// Whether it is so short that where its bytes stand is known ([`Short`]).
    #[inline]
    pub(super) fn short(self) -> Option<Short<'a>> {
        self.split.is_short.then_some(Short(self))
    }

    /// A part of the segment as a code; none where no code is so long.
    #[inline]
    pub(super) fn code(self, start: usize, end: usize) -> Option<u64> {
        match self.short() {
            Some(short) => short.code(start, end),
            None => packed(&self.bytes[start..end]),
        }
    }
}

/// A segment of which it is known where digits and component separators stand.
#[derive(Clone, Copy)]
pub(super) struct Short<'a>(Elements<'a>);

impl Short<'_> {
    /// A part of the segment as a code; none where no code is so long.
    #[inline]
    pub(super) fn code(self, start: usize, end: usize) -> Option<u64> {
        let length = end - start;
        let behind = self.0.split.copy.get(start..)?;
        let bytes = behind.first_chunk::<CODE_BYTES>()?;
        match length {
            0 => Some(0),
            1..=CODE_BYTES => Some(u64::from_be_bytes(*bytes) >> (u64::BITS as usize - 8 * length)),
            _ => None,
        }
    }

    /// Where in a part of the segment something else than digits stands, one bit for each.
    #[inline]
    pub(super) fn others(self, start: usize, end: usize) -> u64 {
        !self.0.split.digits & part(start, end)
    }

    /// Where in a part of the segment component separators stand, one bit for each.
    #[inline]
    pub(super) fn components(self, start: usize, end: usize) -> u64 {
        self.0.split.components & part(start, end)
    }
}

/// The bits from `start` to before `end`, both 64 at most.
#[inline]
fn part(start: usize, end: usize) -> u64 {
    let until = |bit: usize| u64::MAX.checked_shl(bit as u32).unwrap_or(0);
    until(start) & !until(end)
}
