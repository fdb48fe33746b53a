//! A segment split once, for every check of it.

use crate::guide::Tag;
use crate::x12::Delimiters;

/// The most elements that the presence of is noted.
const MOST_NOTED: usize = 64;

/// A segment's elements, in room that one after the other uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Split {
    /// Where each element starts and ends; the id is the first.
    places: Vec<(u32, u32)>,
    /// Which elements are there: bit `n - 1` for element `n`.
    pub(super) present: u64,
    /// Whether component separators, repetition separators or control characters are in it.
    pub(super) has_components: bool,
    pub(super) has_repetitions: bool,
    pub(super) has_controls: bool,
}

/// A segment with its elements.
#[derive(Clone, Copy)]
pub(super) struct Elements<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) delimiters: Delimiters,
    pub(super) split: &'a Split,
}

impl Split {
    /// Splits a segment.
    #[inline]
    pub(super) fn split(&mut self, bytes: &[u8], delimiters: Delimiters) {
        self.places.clear();
        self.present = 0;
        let repetition = delimiters.repetition.unwrap_or(delimiters.element);
        let (mut components, mut repetitions, mut controls) = (false, false, false);
        let mut start = 0;
        for (index, &byte) in bytes.iter().enumerate() {
            if byte == delimiters.element {
                self.push(start, index);
                start = index + 1;
            } else {
                components |= byte == delimiters.component;
                repetitions |= byte == repetition;
                controls |= byte < b' ' || byte == 0x7f;
            }
        }
        self.push(start, bytes.len());
        self.has_components = components;
        self.has_repetitions = repetitions;
        self.has_controls = controls;
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize) {
        let element = self.places.len();
        if end > start && (1..=MOST_NOTED).contains(&element) {
            self.present |= 1 << (element - 1);
        }
        self.places.push((start as u32, end as u32));
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
        self.split.places.len() - 1
    }

    /// An element by its position, from 1; empty where it is absent.
    #[inline]
    pub(super) fn element(self, position: usize) -> &'a [u8] {
        match self.split.places.get(position) {
            Some(&(start, end)) => &self.bytes[start as usize..end as usize],
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
    pub(super) fn place(self, position: usize) -> Option<(usize, usize)> {
        let (start, end) = *self.split.places.get(position)?;
        Some((start as usize, end as usize))
    }
}
