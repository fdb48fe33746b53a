//! A segment split once, for every check of it.

use wide::u8x16;

use crate::guide::{Tag, packed};
use crate::x12::Delimiters;
use crate::x12::lanes::{BLOCK_BYTES, marks};

/// The most elements that the presence of is noted.
const MOST_NOTED: usize = 64;

/// How many bytes of a code are packed at once.
const CODE_BYTES: usize = 8;

/// How many bytes from its start a short segment is looked at in: a block, and a code that starts
/// with its last byte.
const ROOM_BYTES: usize = BLOCK_BYTES + CODE_BYTES;

/// Splits one segment after the other, in room that all of them use.
#[derive(Debug, Clone)]
pub(super) struct Splitter {
    split: Split,
    /// A copy of a short segment that stands too near to the end of the bytes at hand.
    copy: [u8; ROOM_BYTES],
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            split: Split::default(),
            copy: [0; ROOM_BYTES],
        }
    }
}

impl Splitter {
    /// Splits a segment. `ahead` is what is at hand from its first byte on, which is looked at in
    /// place of a copy: the segment, and what follows it.
    #[inline(always)]
    pub(super) fn split<'a>(
        &'a mut self,
        bytes: &'a [u8],
        ahead: &'a [u8],
        delimiters: Delimiters,
    ) -> Elements<'a> {
        let Self { split, copy } = self;
        let block = if bytes.len() > BLOCK_BYTES {
            split.split_long(bytes, delimiters);
            copy
        } else {
            let block = ahead.first_chunk().unwrap_or_else(|| copied(bytes, copy));
            split.split_short(block, bytes.len(), delimiters);
            block
        };
        Elements {
            bytes,
            delimiters,
            split,
            block,
        }
    }
}

/// A short segment, with room behind it.
#[cold]
fn copied<'c>(bytes: &[u8], copy: &'c mut [u8; ROOM_BYTES]) -> &'c [u8; ROOM_BYTES] {
    if let Some(start) = copy.get_mut(..bytes.len()) {
        start.copy_from_slice(bytes);
    }
    copy
}

/// What is known of a segment's bytes.
///
/// Of one that is no longer than a block, it is where bytes of a kind stand, one bit for each; of a
/// longer one, it is where its elements end.
#[derive(Debug, Clone, Default)]
pub(super) struct Split {
    is_short: bool,
    /// Whether component separators, repetition separators or control characters are in it.
    pub(super) has_components: bool,
    pub(super) has_repetitions: bool,
    pub(super) has_controls: bool,
    /// Whether an element begins with a blank; not told of a long one.
    has_blank_start: bool,
    separators: u64,
    digits: u64,
    components: u64,
    /// Where each element of a long one ends, the id first.
    ends: Vec<u32>,
}

/// A segment with its elements.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) delimiters: Delimiters,
    pub(super) split: &'a Split,
    /// A short one, and whatever follows it.
    block: &'a [u8; ROOM_BYTES],
}

impl Split {
    /// Splits the first `length` bytes of a block: all of them are compared together.
    #[inline(never)]
    fn split_short(&mut self, block: &[u8; ROOM_BYTES], length: usize, delimiters: Delimiters) {
        let [blank, zero, nine] = [b' ', b'0', b'9'].map(u8x16::splat);
        let delete = u8x16::splat(0x7f);
        let separator = u8x16::splat(delimiters.element);
        let component = u8x16::splat(delimiters.component);
        let repetition = u8x16::splat(delimiters.repetition.unwrap_or(delimiters.element));
        let Some(block) = block.first_chunk::<BLOCK_BYTES>() else {
            return;
        };
        // Blanks are told with what is rare, too: in names they are not.
        let [separators, digits, rare] = marks(block, length, |lane| {
            let is_control = lane.min(blank).simd_eq(lane) | lane.simd_eq(delete);
            let divides = lane.simd_eq(component) | lane.simd_eq(repetition);
            [
                lane.simd_eq(separator),
                lane.max(zero).min(nine).simd_eq(lane),
                is_control | divides,
            ]
        });
        let rare = rare & !separators;
        (self.separators, self.digits, self.is_short) = (separators, digits & !separators, true);
        (self.components, self.has_repetitions, self.has_controls) = (0, false, false);
        self.has_blank_start = false;
        if rare != 0 {
            let [components, blanks] = marks(block, length, |lane| {
                [lane.simd_eq(component), lane.simd_eq(blank)]
            });
            let rare = rare & !components & !blanks;
            self.components = components & !separators;
            self.has_blank_start = blanks & (separators << 1) != 0;
            if rare != 0 {
                let [repetitions] = marks(block, length, |lane| [lane.simd_eq(repetition)]);
                self.has_repetitions = repetitions & rare != 0;
                self.has_controls = rare & !repetitions != 0;
            }
        }
        self.has_components = self.components != 0;
    }

    /// Splits a segment of any length.
    #[cold]
    fn split_long(&mut self, bytes: &[u8], delimiters: Delimiters) {
        let repetition = delimiters.repetition.unwrap_or(delimiters.element);
        self.ends.clear();
        self.is_short = false;
        let (mut components, mut repetitions, mut controls) = (false, false, false);
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == delimiters.element {
                self.ends.push(index as u32);
            } else {
                components |= byte == delimiters.component;
                repetitions |= byte == repetition;
                controls |= byte.is_ascii_control();
            }
        }
        self.ends.push(bytes.len() as u32);
        self.has_components = components;
        self.has_repetitions = repetitions;
        self.has_controls = controls;
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
        match self.split.is_short {
            true => self.split.separators.count_ones() as usize,
            false => self.split.ends.len() - 1,
        }
    }

    /// Which elements are there: bit `n - 1` for element `n`.
    pub(super) fn present(self) -> u64 {
        let noted = 1..=self.count().min(MOST_NOTED);
        let there = noted.filter(|&position| !self.element(position).is_empty());
        there.fold(0, |present, position| present | 1 << (position - 1))
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
        let split = self.split;
        if split.is_short {
            return self.place_in_short(position);
        }
        let end = *split.ends.get(position)? as usize;
        let before = position.checked_sub(1);
        Some((
            before.map_or(0, |before| split.ends[before] as usize + 1),
            end,
        ))
    }

    #[inline]
    fn place_in_short(self, position: usize) -> Option<(usize, usize)> {
        let (mut start, mut rest) = (0, self.split.separators);
        for _ in 0..position {
            if rest == 0 {
                return None;
            }
            start = rest.trailing_zeros() as usize + 1;
            rest &= rest - 1;
        }
        Some((start, end_before(rest, self.bytes.len())))
    }

    /// It as a short one, if it is one.
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

/// The place of the lowest bit; `end` where there is none.
#[inline]
pub(super) fn end_before(bits: u64, end: usize) -> usize {
    match bits {
        0 => end,
        _ => bits.trailing_zeros() as usize,
    }
}

/// A segment of which it is known where bytes of a kind stand.
#[derive(Clone, Copy)]
pub(super) struct Short<'a>(Elements<'a>);

impl<'a> Short<'a> {
    pub(super) fn bytes(self) -> &'a [u8] {
        self.0.bytes
    }

    /// Where element separators stand.
    #[inline]
    pub(super) fn separators(self) -> u64 {
        self.0.split.separators
    }

    /// Whether there is anything in it that is rare, and wrong nearly everywhere: an element that
    /// begins with a blank, control characters, repetitions.
    #[inline]
    pub(super) fn is_odd(self) -> bool {
        let split = self.0.split;
        split.has_blank_start | split.has_controls | split.has_repetitions
    }

    #[inline]
    pub(super) fn has_components(self) -> bool {
        self.0.split.has_components
    }

    /// A part of the segment as a code; none where no code is so long.
    #[inline]
    pub(super) fn code(self, start: usize, end: usize) -> Option<u64> {
        let length = end - start;
        if length == 0 || length > CODE_BYTES {
            return (length == 0).then_some(0);
        }
        let behind = self.0.block.get(start..start + CODE_BYTES)?;
        let bytes = behind.first_chunk::<CODE_BYTES>()?;
        Some(u64::from_be_bytes(*bytes) >> (u64::BITS as usize - 8 * length))
    }

    /// Where in a part of the segment, which is not empty, something else than digits stands, one
    /// bit for each.
    #[inline]
    pub(super) fn others(self, start: usize, end: usize) -> u64 {
        !self.0.split.digits & part(start, end)
    }

    /// Where in a part of the segment, which is not empty, component separators stand, one bit for
    /// each.
    #[inline]
    pub(super) fn components(self, start: usize, end: usize) -> u64 {
        self.0.split.components & part(start, end)
    }
}

/// The bits from `start` to before `end`, which is behind it and 64 at most.
#[inline]
fn part(start: usize, end: usize) -> u64 {
    let length = (end - start) as u32;
    (u64::MAX >> (u64::BITS - length)) << start
}
