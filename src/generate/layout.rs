//! Where each claim stands: in which slice of the period, interchange and transaction set.
//!
//! All of it is reckoned from the claim's position, so that a later claim can name an earlier
//! one without anything being kept of that.

use std::ops::Range;

use super::options::{MOST_SETS, Options};

/// How many claims a slice holds at least, unless nights are slices.
const LEAST_OF_SLICE: u64 = 1000;

/// The division of a generator's claims.
///
/// A slice is some weekdays of the period with their claims; the providers bill one after the
/// other in each.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    claims: u64,
    weekdays: u32,
    pub(super) slices: u32,
    is_nightly: bool,
    claims_per_set: u64,
    claims_per_interchange: u64,
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Location {
    /// The slice by whose night it is billed; 0 where all is billed after the period.
    pub(super) night: u32,
    /// The interchange of that night, from 0.
    pub(super) interchange: u64,
    /// The transaction set in the interchange, from 0.
    pub(super) set: u64,
    /// The claim in the transaction set, from 1.
    pub(super) ordinal: u64,
}

impl Layout {
    pub(super) fn new(options: &Options, weekdays: u32) -> Self {
        let slices = if options.nightly {
            weekdays
        } else {
            let slices = (options.claims / LEAST_OF_SLICE).clamp(1, u64::from(weekdays));
            slices as u32
        };
        let sets = options.sets_per_file.unwrap_or(MOST_SETS);
        let claims_per_set = u64::from(options.claims_per_set);
        Self {
            claims: options.claims,
            weekdays,
            slices,
            is_nightly: options.nightly,
            claims_per_set,
            claims_per_interchange: claims_per_set * u64::from(sets),
        }
    }

    /// The positions of the claims of a slice.
    pub(super) fn claims_of(&self, slice: u32) -> Range<u64> {
        let position = |slice: u32| {
            let position = u128::from(self.claims) * u128::from(slice) / u128::from(self.slices);
            position as u64
        };
        position(slice)..position(slice + 1)
    }

    /// The weekdays of a slice.
    pub(super) fn weekdays_of(&self, slice: u32) -> Range<u32> {
        let weekday = |slice: u32| {
            (u64::from(self.weekdays) * u64::from(slice) / u64::from(self.slices)) as u32
        };
        weekday(slice)..weekday(slice + 1)
    }

    /// Where the claim at a position in a slice stands.
    pub(super) fn location(&self, slice: u32, position: u64) -> Location {
        let (night, position) = if self.is_nightly {
            (slice, position - self.claims_of(slice).start)
        } else {
            (0, position)
        };
        let in_interchange = position % self.claims_per_interchange;
        Location {
            night,
            interchange: position / self.claims_per_interchange,
            set: in_interchange / self.claims_per_set,
            ordinal: in_interchange % self.claims_per_set + 1,
        }
    }

    /// How many interchanges there are of one night, or in all where nights are none.
    pub(super) fn interchanges_of_night(&self) -> u64 {
        let claims = if self.is_nightly {
            self.claims.div_ceil(u64::from(self.slices))
        } else {
            self.claims
        };
        claims.div_ceil(self.claims_per_interchange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(claims: u64, nightly: bool) -> Layout {
        let options = Options {
            claims,
            nightly,
            claims_per_set: 10,
            sets_per_file: Some(3),
            ..Options::default()
        };
        Layout::new(&options, 300)
    }

    #[test]
    fn slices_hold_every_claim_and_weekday_once() {
        for (claims, nightly) in [(1, true), (299, true), (12_345, false), (u64::MAX, false)] {
            let layout = layout(claims, nightly);
            let (mut position, mut weekday) = (0, 0);
            for slice in 0..layout.slices {
                assert_eq!(layout.claims_of(slice).start, position);
                assert_eq!(layout.weekdays_of(slice).start, weekday);
                position = layout.claims_of(slice).end;
                weekday = layout.weekdays_of(slice).end;
            }
            assert_eq!((position, weekday), (claims, 300));
        }
    }

    #[test]
    fn sets_and_interchanges_begin_anew_each_night() {
        let location = |nightly, slice, position| {
            let at = layout(60_000, nightly).location(slice, position);
            (at.night, at.interchange, at.set, at.ordinal)
        };
        assert_eq!(location(false, 0, 0), (0, 0, 0, 1));
        assert_eq!(location(false, 0, 29), (0, 0, 2, 10));
        assert_eq!(location(false, 1, 1230), (0, 41, 0, 1));
        assert_eq!(location(true, 1, 200), (1, 0, 0, 1));
        assert_eq!(location(true, 1, 241), (1, 1, 1, 2));
        assert_eq!(layout(60_000, true).interchanges_of_night(), 7);
        assert_eq!(layout(60_000, false).interchanges_of_night(), 2000);
    }
}
