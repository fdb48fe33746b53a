//! Which uses of a segment can be meant, by the loop that is open and the segment's id.

use super::model::{Candidate, Child, Guide, Loop, SegmentUse, Tag, Unit, UnitKind};

/// How many slots ids are looked up in: more than twice as many as any guide has ids.
const SLOTS: usize = 256;

/// Ids by slot: the number of the id, and its index.
type Slots = Box<[(u32, u8); SLOTS]>;

/// The candidates of every loop and id.
#[derive(Debug)]
pub(super) struct Transitions {
    slots: Slots,
    ids: usize,
    /// By id: the kind of unit that it begins.
    begins: Vec<Option<UnitKind>>,
    /// By loop and id: where its candidates stand, and how many they are.
    ranges: Vec<(u16, u16)>,
    candidates: Vec<Candidate>,
}

/// The slot in which an id is looked for first.
fn slot(number: u32) -> usize {
    (number.wrapping_mul(0x9e37_79b1) >> 24) as usize
}

impl Transitions {
    pub(super) fn new(loops: &[Loop], segments: &[SegmentUse], units: &[Unit]) -> Self {
        let mut tags: Vec<Tag> = segments.iter().map(|segment| segment.tag).collect();
        tags.extend(units.iter().map(|unit| unit.tag));
        tags.sort_unstable();
        tags.dedup();
        let mut table = Self {
            slots: Box::new([(0, 0); SLOTS]),
            ids: tags.len(),
            begins: tags.iter().map(|tag| begins(units, *tag)).collect(),
            ranges: Vec::new(),
            candidates: Vec::new(),
        };
        for (index, tag) in tags.iter().enumerate() {
            let mut place = slot(tag.number());
            while table.slots[place].0 != 0 {
                place = (place + 1) % SLOTS;
            }
            table.slots[place] = (tag.number(), index as u8);
        }
        for at in 0..loops.len() {
            for &tag in &tags {
                let start = table.candidates.len();
                push_candidates(loops, segments, at, tag, &mut table.candidates);
                let count = table.candidates.len() - start;
                table.ranges.push((start as u16, count as u16));
            }
        }
        table
    }

    /// The index of an id; `None` where the guide has no such segment.
    #[inline]
    fn id(&self, id: [u8; 3]) -> Option<u8> {
        let number = Tag::new(id).number();
        let mut place = slot(number);
        loop {
            let (found, index) = self.slots[place];
            if found == 0 {
                return None;
            }
            if found == number {
                return Some(index);
            }
            place = (place + 1) % SLOTS;
        }
    }
}

/// The kind of unit that an id begins.
fn begins(units: &[Unit], tag: Tag) -> Option<UnitKind> {
    let unit = units.iter().find(|unit| unit.tag == tag);
    unit.map(|unit| unit.kind)
}

/// The uses of an id in a loop and in those around it, the nearest first.
fn push_candidates(
    loops: &[Loop],
    segments: &[SegmentUse],
    at: usize,
    tag: Tag,
    candidates: &mut Vec<Candidate>,
) {
    let (mut around, mut up) = (Some(at as u16), 0);
    while let Some(owner) = around {
        let uses = segments.iter().enumerate();
        for (index, segment) in uses.filter(|(_, segment)| segment.tag == tag) {
            let index = index as u16;
            let its_loop = &loops[usize::from(segment.owner)];
            let is_trigger = its_loop.trigger == index;
            let (child, position) = if is_trigger && its_loop.parent == Some(owner) {
                (Child::Loop(segment.owner), its_loop.position)
            } else if segment.owner == owner && !is_trigger {
                (Child::Segment(index), segment.position)
            } else {
                continue;
            };
            candidates.push(Candidate {
                child,
                up,
                position,
                key: segment.key,
            });
        }
        around = loops[usize::from(owner)].parent;
        up += 1;
    }
}

/// An id that the guide has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known(u8);

impl Known {
    /// Its place among the ids of the guide.
    #[inline]
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Guide {
    /// How many ids it has.
    #[must_use]
    pub fn ids(&self) -> usize {
        self.transitions.ids
    }

    /// An id, if the guide has it.
    #[must_use]
    pub fn known(&self, tag: Tag) -> Option<Known> {
        self.transitions.id(tag.bytes()).map(Known)
    }

    /// The id at the start of a segment, if it can be one, and what it is to the guide.
    #[inline]
    #[must_use]
    pub fn identify(&self, segment: &[u8], separator: u8) -> (Option<Tag>, Option<Known>) {
        let start = match *segment {
            [a, b, third, ..] if third == separator => [a, b, 0],
            [a, b, c, fourth, ..] if fourth == separator => [a, b, c],
            [a, b] => [a, b, 0],
            [a, b, c] => [a, b, c],
            _ => [0; 3],
        };
        match self.transitions.id(start) {
            Some(known) => (Some(Tag::new(start)), Some(Known(known))),
            None => {
                let length = if start[2] == 0 { 2 } else { 3 };
                (Tag::of(&start[..length]), None)
            }
        }
    }

    /// The kind of unit that an id begins, if it begins one.
    #[inline]
    #[must_use]
    pub fn begins(&self, id: Known) -> Option<UnitKind> {
        self.transitions.begins[usize::from(id.0)]
    }

    /// The uses of an id that can be meant where a loop is open, the nearest first.
    #[inline]
    #[must_use]
    pub fn candidates(&self, at: u16, id: Known) -> &[Candidate] {
        let table = &self.transitions;
        let (start, count) = table.ranges[usize::from(at) * table.ids + usize::from(id.0)];
        &table.candidates[usize::from(start)..usize::from(start + count)]
    }
}
