//! The segments of a level or claim, noted as they come and read together.

use super::segment_id::SegmentId;
use crate::x12::Rest;

/// How many segments there is room for at first: few claims have more.
const FIRST_ROOM: usize = 64;

/// A segment that is noted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Noted {
    /// Where it starts among the bytes that it was noted of.
    start: u32,
    length: u32,
    pub(super) id: SegmentId,
}

impl Noted {
    #[inline]
    pub(super) fn new(id: SegmentId, start: u32, length: usize) -> Self {
        let length = length as u32;
        Self { start, length, id }
    }

    /// What follows its id, in the bytes that it was noted of.
    #[inline]
    pub(super) fn rest<'a>(&self, bytes: &'a [u8]) -> Rest<'a> {
        let start = self.start as usize + self.id.length();
        let ahead = bytes.get(start..).unwrap_or_default();
        Rest::new(ahead, self.length as usize - self.id.length())
    }

    /// Where it starts.
    pub(super) fn start(&self) -> u32 {
        self.start
    }

    /// Where it ends.
    pub(super) fn end(&self) -> u32 {
        self.start + self.length
    }
}

/// The segments of one level or claim after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Notes {
    /// Those noted, and room behind them.
    list: Vec<Noted>,
    count: usize,
    /// How many of them were read.
    read: usize,
}

impl Notes {
    /// Notes a segment, if it is wanted and there is room.
    #[inline(always)]
    pub(super) fn try_note(&mut self, noted: Noted, is_wanted: bool) -> bool {
        let Some(place) = self.list.get_mut(self.count) else {
            return false;
        };
        // Hardly a branch: which segments are wanted cannot be foreseen.
        *place = noted;
        self.count += usize::from(is_wanted);
        true
    }

    /// Notes a segment.
    pub(super) fn note(&mut self, noted: Noted) {
        if self.count == self.list.len() {
            let room = FIRST_ROOM.max(2 * self.list.len());
            self.list.resize(room, Noted::default());
        }
        self.try_note(noted, true);
    }

    /// All of them.
    pub(super) fn all(&self) -> &[Noted] {
        &self.list[..self.count]
    }

    /// Those that were not read; from now on they are.
    pub(super) fn take_unread(&mut self) -> &[Noted] {
        let unread = &self.list[self.read..self.count];
        self.read = self.count;
        unread
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        (self.count, self.read) = (0, 0);
    }

    /// Counts from there on where they stand.
    pub(super) fn move_to(&mut self, start: u32) {
        for noted in &mut self.list[..self.count] {
            noted.start -= start;
        }
    }
}
