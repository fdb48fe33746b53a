//! Bytes inside an interchange, split into segments.

use super::decoder::{LONGEST_SEGMENT_BYTES, Sink};
use super::delimiters::Delimiters;
use super::header;
use super::segment::{Segment, blanks};
use super::terminators::Window;

/// The bytes at hand inside an interchange, and how far they are split.
pub(super) struct Inside<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) delimiters: Delimiters,
    /// Where the bytes start in the input.
    pub(super) first_byte: u64,
    /// Where the next segment starts in them, or blanks before it.
    pub(super) start: usize,
    pub(super) ordinal: u64,
    /// Up to here, line breaks may stand inside segments.
    pub(super) breaks_until: usize,
}

/// Why an interchange is left.
pub(super) enum Left {
    /// A header starts here.
    Header,
    /// Its IEA has been read.
    Ended,
    /// The segment that starts here is too long.
    Endless,
}

impl Inside<'_> {
    /// Gives the segments that end in a window.
    #[inline]
    pub(super) fn window(
        &mut self,
        window_start: usize,
        length: usize,
        found: Window<'_>,
        sink: &mut impl Sink,
    ) -> Option<Left> {
        if found.has_breaks {
            self.breaks_until = window_start + length;
        }
        let Self {
            bytes,
            delimiters,
            first_byte,
            mut start,
            mut ordinal,
            breaks_until,
        } = *self;
        let mut left = None;
        for &place in found.places {
            let end = window_start + usize::from(place);
            // Nearly always one line break stands between segments, or nothing.
            start += usize::from(bytes.get(start) == Some(&b'\n'));
            let mut rest = &bytes[start..];
            // A terminator may be a line break, passed over already.
            if (1..=LONGEST_SEGMENT_BYTES).contains(&end.wrapping_sub(start))
                && start >= breaks_until
                && let Some(first) = rest.first_chunk()
                && sink.passes_over(*first, delimiters)
            {
                ordinal += 1;
                start = end + 1;
                continue;
            }
            let is_odd = !matches!(rest, [b'A'..=b'H' | b'J'..=b'Z', ..]);
            if is_odd {
                let blanks = skip_blanks(rest);
                (start, rest) = (start + blanks, &rest[blanks..]);
                if header::starts_header(rest) {
                    left = Some(Left::Header);
                    break;
                }
            }
            // Two terminators in a row make no segment.
            if start >= end {
                start = start.max(end + 1);
                continue;
            }
            let segment = &rest[..end - start];
            if segment.len() > LONGEST_SEGMENT_BYTES {
                left = Some(Left::Endless);
                break;
            }
            ordinal += 1;
            sink.segment(Segment {
                bytes: segment,
                ahead: rest,
                delimiters,
                offset_bytes: first_byte + start as u64,
                ordinal,
                may_be_wrapped: breaks_until > start,
                is_unterminated: false,
            });
            start = end + 1;
            if is_odd && is_interchange_trailer(segment) {
                left = Some(Left::Ended);
                break;
            }
        }
        (self.start, self.ordinal) = (start, ordinal);
        left
    }

    /// Looks at what has no terminator.
    pub(super) fn rest(&mut self) -> Option<Left> {
        self.start += skip_blanks(&self.bytes[self.start..]);
        let rest = &self.bytes[self.start..];
        if header::starts_header(rest) {
            return Some(Left::Header);
        }
        (rest.len() > LONGEST_SEGMENT_BYTES).then_some(Left::Endless)
    }
}

/// [`blanks`], where there seldom are any.
#[cold]
fn skip_blanks(bytes: &[u8]) -> usize {
    blanks(bytes)
}

/// Whether a segment is IEA; a line break may stand in its id.
#[inline]
fn is_interchange_trailer(segment: &[u8]) -> bool {
    segment.first() == Some(&b'I') && goes_on_as_trailer(segment)
}

#[cold]
fn goes_on_as_trailer(segment: &[u8]) -> bool {
    let letters = segment
        .iter()
        .copied()
        .filter(|byte| !header::is_break(byte));
    letters.take(3).eq(*b"IEA")
}
