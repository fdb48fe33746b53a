//! The order of judgement: the lines of a timeline together.

use std::ops::Range;

use super::versions::{ClaimStatus, Versions};
use crate::timeline::Batch;

/// The lines of a batch that are judged, timeline by timeline.
///
/// INVARIANT: each stands in it once, and those of a timeline in arrival order, so that it
/// depends on the batch and its versions alone.
#[derive(Debug, Default)]
pub(super) struct Order {
    lines: Vec<u32>,
    /// Where the lines of each timeline end.
    ends: Vec<u32>,
}

impl Order {
    /// Counts the lines of each timeline, then puts each into its place: twice through the
    /// batch from front to back, where a sort would go through it many times.
    pub(super) fn new(batch: &Batch, versions: &Versions) -> Self {
        let mut places = vec![0_u32; batch.timelines().len()];
        for_each_judged(batch, versions, |timeline, _| places[timeline] += 1);
        let mut start = 0;
        for place in &mut places {
            (*place, start) = (start, start + *place);
        }
        let mut lines = vec![0_u32; start as usize];
        for_each_judged(batch, versions, |timeline, line| {
            let place = &mut places[timeline];
            lines[*place as usize] = line;
            *place += 1;
        });
        // Where one timeline is full the next one starts.
        Self {
            lines,
            ends: places,
        }
    }

    /// How many timelines there are; some may have no lines.
    pub(super) fn timelines(&self) -> usize {
        self.ends.len()
    }

    /// The lines of a timeline.
    pub(super) fn lines_of(&self, timeline: usize) -> &[u32] {
        let Range { start, end } = self.places_of(timeline);
        &self.lines[start..end]
    }

    /// The lines of some timelines, one after the other.
    pub(super) fn lines_of_all(&self, timelines: Range<usize>) -> &[u32] {
        &self.lines[self.start_of(timelines.start)..self.start_of(timelines.end)]
    }

    /// Timelines from `first` on that have at least so many lines together, as far as there
    /// are any.
    pub(super) fn timelines_of(&self, first: usize, lines: usize) -> Range<usize> {
        let enough = self.start_of(first) + lines;
        let rest = &self.ends[first..];
        let whole = rest.partition_point(|end| (*end as usize) < enough);
        first..(first + whole + 1).min(self.ends.len())
    }

    fn places_of(&self, timeline: usize) -> Range<usize> {
        self.start_of(timeline)..self.ends[timeline] as usize
    }

    fn start_of(&self, timeline: usize) -> usize {
        timeline
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize)
    }
}

fn for_each_judged(batch: &Batch, versions: &Versions, mut visit: impl FnMut(usize, u32)) {
    for (index, claim) in (0_u32..).zip(&batch.claims) {
        let status = versions.status(index);
        let is_judged = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
        let Some(timeline) = claim.timeline.filter(|_| is_judged) else {
            continue;
        };
        for line in batch.lines_of(claim) {
            if batch.is_governed(&batch.lines[line]) {
                visit(timeline.index(), line as u32);
            }
        }
    }
}
