//! Where segments end: a window of bytes at a time.

use super::lanes::{BLOCK_BYTES, line_breaks, places};

/// How many bytes are looked at before any of their segments is given: they stay in the nearest
/// cache.
pub(super) const WINDOW_BYTES: usize = 1 << 12;

/// Finds the segment terminators of one window after the other.
///
/// Finding the next one with a search of its own costs more than all else that is done with a
/// short segment; here a block is compared at once, its terminators are bits, and all places of a window
/// are written down before anyone asks: neither has to wait for the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Terminators {
    /// Places in the window, and room behind them.
    places: Vec<u16>,
    /// Whether the window before ends with a terminator or a line break.
    ends_in_gap: bool,
}

/// What is in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window<'t> {
    /// The places of its terminators.
    pub(super) places: &'t [u16],
    /// A line break stands inside a segment: if not, all of them stand between two, or inside one
    /// that started before the window and has another there.
    pub(super) has_breaks: bool,
}

impl Terminators {
    /// Starts where a segment does.
    pub(super) fn restart(&mut self) {
        self.places.resize(WINDOW_BYTES + BLOCK_BYTES, 0);
        self.ends_in_gap = true;
    }

    /// Looks at the next window, of no more than [`WINDOW_BYTES`].
    pub(super) fn look(&mut self, window: &[u8], terminator: u8) -> Window<'_> {
        let (mut count, mut has_breaks) = (0, false);
        let (blocks, rest) = window.as_chunks::<BLOCK_BYTES>();
        for (index, block) in blocks.iter().enumerate() {
            let start = index * BLOCK_BYTES;
            has_breaks |= self.look_at(block, BLOCK_BYTES, terminator, start, &mut count);
        }
        if !rest.is_empty() {
            let mut block = [0; BLOCK_BYTES];
            block[..rest.len()].copy_from_slice(rest);
            let start = window.len() - rest.len();
            has_breaks |= self.look_at(&block, rest.len(), terminator, start, &mut count);
        }
        Window {
            places: &self.places[..count],
            has_breaks,
        }
    }

    /// Looks at the first `length` bytes of a block that starts there in the window; whether line
    /// breaks may stand inside segments.
    #[inline]
    fn look_at(
        &mut self,
        block: &[u8; BLOCK_BYTES],
        length: usize,
        terminator: u8,
        start: usize,
        count: &mut usize,
    ) -> bool {
        let within = u64::MAX >> (BLOCK_BYTES - length);
        let terminators = places(block, terminator) & within;
        let breaks = line_breaks(block) & within & !terminators;
        // Of line breaks in a row the first one tells: behind a terminator they stand between segments.
        let ends = terminators | breaks;
        let behind = ends << 1 | u64::from(self.ends_in_gap);
        self.ends_in_gap = ends >> (length - 1) & 1 == 1;
        self.write_down(terminators, start, count);
        breaks & !behind != 0
    }

    /// Writes down the places of bits. Four are written whether they are there or not, which takes less
    /// time than to ask.
    #[inline]
    fn write_down(&mut self, mut bits: u64, start: usize, count: &mut usize) {
        let Some(places) = self.places[*count..].first_chunk_mut::<BLOCK_BYTES>() else {
            return;
        };
        let (few, others) = places.split_at_mut(4);
        // With the highest bit there is always one to be found.
        let mut write = |place: &mut u16| {
            *place = (start as u32 + (bits | 1 << 63).trailing_zeros()) as u16;
            *count += usize::from(bits != 0);
            bits &= bits.wrapping_sub(1);
            bits == 0
        };
        let mut is_done = false;
        few.iter_mut().for_each(|place| is_done = write(place));
        if !is_done {
            others.iter_mut().any(write);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All places, looked for in windows of that many bytes.
    fn look(bytes: &[u8], terminator: u8) -> (Vec<usize>, bool) {
        let mut terminators = Terminators::default();
        terminators.restart();
        let (mut all, mut has_breaks) = (Vec::new(), false);
        for (index, bytes) in bytes.chunks(100).enumerate() {
            let window = terminators.look(bytes, terminator);
            has_breaks |= window.has_breaks;
            all.extend(
                window
                    .places
                    .iter()
                    .map(|&place| 100 * index + usize::from(place)),
            );
        }
        (all, has_breaks)
    }

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
            let (found, has_breaks) = look(bytes, terminator);
            prop_assert_eq!(&found, &plain);
            let mut start = 0;
            for end in found {
                let segment = &bytes[start..end];
                let skipped = segment.iter().take_while(|&&byte| is_break(byte)).count();
                let has_break = segment[skipped..].iter().any(|&byte| is_break(byte));
                prop_assert!(!has_break || has_breaks);
                start = end + 1;
            }
        }
    }

    #[test]
    fn line_breaks_between_segments_stand_in_none() {
        for line_break in ["\n", "\r\n", ""] {
            let bytes = format!("NM1*85*2*CLINIC~{line_break}").repeat(40);
            let (ends, has_breaks) = look(bytes.as_bytes(), b'~');
            assert_eq!((ends.len(), has_breaks), (40, false), "{line_break:?}");
        }
    }

    #[test]
    fn a_wrapped_segment_is_told() {
        let bytes = b"NM1*85*2*CLI\nNIC~\nHL*1**20*1~";
        assert_eq!(look(bytes, b'~'), (vec![16, 28], true));
    }
}
