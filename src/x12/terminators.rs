//! Where segments end: a block of bytes at a time.

use super::lanes::{BLOCK_BYTES, controls, places};

/// Finds one segment terminator after the other.
///
/// Finding the next one with a search of its own costs more than all else that is done with a
/// short segment; here a block is compared at once, and its terminators are bits.
pub(super) struct Terminators<'a> {
    bytes: &'a [u8],
    terminator: u8,
    /// Where the block that `found` speaks of starts.
    block: usize,
    /// The terminators of the block that are still to be given, one bit for each byte.
    found: u64,
    /// Where the next block starts.
    next: usize,
    /// Up to here, line breaks may stand inside segments.
    breaks_until: usize,
    /// Whether the block before ends with a terminator, or with a line break behind one.
    ends_in_gap: bool,
}

/// The end of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Where its terminator stands.
    pub(super) index: usize,
    /// Line breaks stand in its bytes only before this place, if at all: behind it, every
    /// line break stands between segments.
    pub(super) breaks_until: usize,
}

impl<'a> Terminators<'a> {
    /// The terminators of bytes that start where a segment does.
    pub(super) fn new(bytes: &'a [u8], terminator: u8) -> Self {
        Self {
            bytes,
            terminator,
            block: 0,
            found: 0,
            next: 0,
            breaks_until: 0,
            ends_in_gap: true,
        }
    }

    /// Looks at the next block; `false` at the end.
    fn advance(&mut self) -> bool {
        let Some(rest) = self.bytes.get(self.next..).filter(|rest| !rest.is_empty()) else {
            return false;
        };
        let mut padded = [0; BLOCK_BYTES];
        let (block, length) = match rest.first_chunk::<BLOCK_BYTES>() {
            Some(block) => (block, BLOCK_BYTES),
            None => {
                padded[..rest.len()].copy_from_slice(rest);
                (&padded, rest.len())
            }
        };
        let within = u64::MAX >> (BLOCK_BYTES - length);
        let terminators = places(block, self.terminator) & within;
        let breaks = controls(block) & within & !terminators;
        // A line break behind a terminator, or behind such a line break, stands between
        // segments.
        let first = breaks & ((terminators << 1) | u64::from(self.ends_in_gap));
        let between = first | (breaks & (first << 1));
        self.block = self.next;
        self.next += length;
        if breaks != between {
            self.breaks_until = self.next;
        }
        self.ends_in_gap = (terminators | between) >> (length - 1) & 1 == 1;
        self.found = terminators;
        true
    }
}

impl Iterator for Terminators<'_> {
    type Item = End;

    #[inline]
    fn next(&mut self) -> Option<End> {
        while self.found == 0 {
            if !self.advance() {
                return None;
            }
        }
        let index = self.block + self.found.trailing_zeros() as usize;
        self.found &= self.found - 1;
        Some(End {
            index,
            breaks_until: self.breaks_until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_break(byte: u8) -> bool {
        matches!(byte, b'\r' | b'\n')
    }

    proptest! {
        #[test]
        fn every_terminator_is_found_and_no_break_is_missed(
            text in "[a~\r\n]{0,300}",
            terminator in prop::sample::select(vec![b'~', b'\n', b'\r', b'a']),
        ) {
            let bytes = text.as_bytes();
            let plain: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == terminator).collect();
            let ends: Vec<End> = Terminators::new(bytes, terminator).collect();
            let found: Vec<usize> = ends.iter().map(|end| end.index).collect();
            prop_assert_eq!(&found, &plain);
            let mut start = 0;
            for end in ends {
                let segment = &bytes[start..end.index];
                let skipped = segment.iter().take_while(|&&byte| is_break(byte)).count();
                let has_break = segment[skipped..].iter().any(|&byte| is_break(byte));
                prop_assert!(!has_break || end.breaks_until > start + skipped);
                start = end.index + 1;
            }
        }
    }

    #[test]
    fn line_breaks_between_segments_stand_in_none() {
        for line_break in ["\n", "\r\n", ""] {
            let bytes = format!("NM1*85*2*CLINIC~{line_break}").repeat(40);
            let mut ends = Terminators::new(bytes.as_bytes(), b'~');
            assert!(ends.all(|end| end.breaks_until == 0), "{line_break:?}");
        }
    }

    #[test]
    fn a_wrapped_segment_is_told() {
        let bytes = b"NM1*85*2*CLI\nNIC~\nHL*1**20*1~";
        let ends: Vec<End> = Terminators::new(bytes, b'~').collect();
        assert!(ends[0].breaks_until > 12);
    }
}
