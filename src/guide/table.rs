//! Which uses of a segment can be meant, by the loop that is open and the segment's id.

use super::model::{Candidate, Child, Guide, Loop, SegmentUse, Tag};

/// How many slots ids are looked up in: more than twice as many as any guide has ids.
const SLOTS: usize = 256;

/// The candidates of every loop and id.
#[derive(Debug, Default)]
pub(super) struct Transitions {
    /// Ids by slot: the number of the id, and its index.
    slots: Vec<(u32, u8)>,
    ids: usize,
    /// By loop and id: where its candidates stand, and how many they are.
    ranges: Vec<(u16, u16)>,
    candidates: Vec<Candidate>,
}

/// The slot in which an id is looked for first.
fn slot(number: u32) -> usize {
    (number.wrapping_mul(0x9e37_79b1) >> 24) as usize
}

impl Transitions {
    pub(super) fn new(loops: &[Loop], segments: &[SegmentUse]) -> Self {
        let mut tags: Vec<Tag> = segments.iter().map(|segment| segment.tag).collect();
        tags.sort_unstable();
        tags.dedup();
        let mut table = Self {
            slots: vec![(0, 0); SLOTS],
            ids: tags.len(),
            ..Self::default()
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
    fn id(&self, tag: Tag) -> Option<usize> {
        let number = tag.number();
        let mut place = slot(number);
        loop {
            let (found, index) = *self.slots.get(place)?;
            if found == number {
                return Some(usize::from(index));
            }
            if found == 0 {
                return None;
            }
            place = (place + 1) % SLOTS;
        }
    }
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

impl Guide {
    /// The uses of an id that can be meant where a loop is open, the nearest first; `None`
    /// where the guide has no such segment.
    #[inline]
    #[must_use]
    pub fn candidates(&self, at: u16, tag: Tag) -> Option<&[Candidate]> {
        let table = &self.transitions;
        let id = table.id(tag)?;
        let (start, count) = table.ranges[usize::from(at) * table.ids + id];
        Some(&table.candidates[usize::from(start)..usize::from(start + count)])
    }
}
