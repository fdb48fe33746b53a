//! The order of judgement: timelines in parts, and the lines of each timeline by date.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;

use super::versions::{ClaimStatus, Versions};
use crate::timeline::{Batch, Claim, Timeline};

/// How many lines a part has, about: a processor's cache holds them while they are sorted.
const LINES_A_PART: usize = 1 << 14;

/// How many parts there are at least, if there are as many timelines: some for every thread.
const FEWEST_PARTS: usize = 1 << 6;

/// How many pieces a batch is cut into, to be distributed each by itself.
const PIECES: usize = 1 << 4;

/// The lines of a batch that are judged, by part: so many timelines in the order of their
/// numbers.
///
/// INVARIANT: each line stands in it once, so that [`Order::lines_of`] depends on the batch and
/// its versions alone.
#[derive(Debug)]
pub(super) struct Order {
    pieces: Vec<Piece>,
    parts: usize,
}

/// A line on its way: its timeline's place in the part, the date of service, and its index, so
/// that ascending numbers are the order of judgement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

impl Place {
    /// Timelines of a part, at most.
    const MOST_TIMELINES_BITS: u32 = 9;
    const DAY_BITS: u32 = 23;

    fn new(timeline: usize, date: Option<NaiveDate>, line: usize) -> Self {
        // Years have four digits and ordinals nine bits; what has no date comes first.
        let day = date.map_or(0, |date| date.year().cast_unsigned() << 9 | date.ordinal());
        let timeline = (timeline as u64) << (u32::BITS + Self::DAY_BITS);
        Self(timeline | u64::from(day) << u32::BITS | line as u64)
    }

    /// The line's index.
    pub(super) fn line(self) -> usize {
        self.0 as u32 as usize
    }

    /// Whether both lines are of one timeline of a part.
    pub(super) fn is_beside(self, other: Self) -> bool {
        (self.0 ^ other.0) >> (u32::BITS + Self::DAY_BITS) == 0
    }
}

/// The lines of some claims, by part.
#[derive(Debug)]
struct Piece {
    places: Vec<Place>,
    /// Where those of each part stand.
    parts: Vec<Range<u32>>,
}

impl Order {
    /// Distributes the lines over the parts: two times through the claims and once through
    /// their lines, from front to back.
    pub(super) fn new(batch: &Batch, versions: &Versions) -> Self {
        let timelines = batch.timelines().len();
        let bits = timelines_a_part_bits(timelines, batch.lines.len());
        let parts = timelines.div_ceil(1 << bits);
        let claims = batch.claims.len().div_ceil(PIECES).max(1);
        let pieces = batch.claims.par_chunks(claims).enumerate();
        let piece = |(number, some): (usize, _)| {
            let first = (number * claims) as u32;
            Piece::new(batch, judged(versions, first, some), parts, bits)
        };
        Self {
            pieces: pieces.map(piece).collect(),
            parts,
        }
    }

    /// How many parts there are; some may have no lines.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// How many lines a part has.
    pub(super) fn count_of(&self, part: usize) -> usize {
        self.pieces
            .iter()
            .map(|piece| piece.parts[part].len())
            .sum()
    }

    /// The lines of a part: timeline by timeline, those of each by date, those of a date in
    /// arrival order.
    pub(super) fn lines_of(&self, part: usize) -> Vec<Place> {
        let mut places = Vec::with_capacity(self.count_of(part));
        for piece in &self.pieces {
            let Range { start, end } = piece.parts[part];
            places.extend_from_slice(&piece.places[start as usize..end as usize]);
        }
        places.sort_unstable();
        places
    }
}

impl Piece {
    fn new<'b>(
        batch: &Batch,
        claims: impl Iterator<Item = (Timeline, &'b Claim)> + Clone,
        parts: usize,
        bits: u32,
    ) -> Self {
        let mut room = vec![0_u32; parts];
        for (timeline, claim) in claims.clone() {
            room[timeline.index() >> bits] += claim.line_count;
        }
        let mut start = 0;
        let mut parts: Vec<Range<u32>> = Vec::with_capacity(parts);
        for room in room {
            parts.push(start..start);
            start += room;
        }
        let mut places = vec![Place::default(); start as usize];
        for (timeline, claim) in claims {
            let end = &mut parts[timeline.index() >> bits].end;
            let place_in_part = timeline.index() & ((1 << bits) - 1);
            for index in batch.lines_of(claim) {
                let line = &batch.lines[index];
                if batch.is_governed(line) {
                    let date = line.service_date.date();
                    places[*end as usize] = Place::new(place_in_part, date, index);
                    *end += 1;
                }
            }
        }
        Self { places, parts }
    }
}

/// How many timelines a part has, as a power of two.
fn timelines_a_part_bits(timelines: usize, lines: usize) -> u32 {
    let for_cache = LINES_A_PART.saturating_mul(timelines) / lines.max(1);
    let most = for_cache.min(timelines / FEWEST_PARTS);
    most.max(1).ilog2().min(Place::MOST_TIMELINES_BITS)
}

/// The claims that are judged, of some that begin with `first`.
fn judged<'b>(
    versions: &'b Versions,
    first: u32,
    claims: &'b [Claim],
) -> impl Iterator<Item = (Timeline, &'b Claim)> + Clone {
    (first..).zip(claims).filter_map(|(index, claim)| {
        let status = versions.status(index);
        let is_judged = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
        claim.timeline.filter(|_| is_judged).zip(Some(claim))
    })
}
