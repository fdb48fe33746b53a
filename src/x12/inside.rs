//! Bytes inside an interchange, split into segments.

use super::decoder::{LONGEST_SEGMENT_BYTES, Sink};
use super::delimiters::Delimiters;
use super::header;
use super::segment::{Glance, Segment, blanks};
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
        let mut places = found.places;
        // Only the first one may start before the window.
        while let [place, others @ ..] = places {
            if let left @ Some(_) = self.segment(window_start + usize::from(*place), sink) {
                return left;
            }
            let next = others
                .first()
                .map(|&place| window_start + usize::from(place));
            let is_behind = next.is_some_and(|end| end >= self.start);
            places = match is_behind && !found.has_breaks {
                true => self.pass_over(window_start, others, sink),
                false => others,
            };
        }
        None
    }

    /// Passes over segments that start and end in a window without line breaks in any, up to one
    /// that is to be given. The places that are left.
    #[inline(never)]
    fn pass_over<'p>(
        &mut self,
        window_start: usize,
        places: &'p [u16],
        sink: &mut impl Sink,
    ) -> &'p [u16] {
        let Self {
            bytes,
            delimiters,
            first_byte,
            mut start,
            mut ordinal,
            ..
        } = *self;
        let line_break = match delimiters.segment {
            b'\n' => b'\r',
            _ => b'\n',
        };
        for &place in places {
            let end = window_start + usize::from(place);
            let Some(first) = bytes.get(start..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            // Nearly always one line break stands between segments, or nothing.
            let (first, blanks) = behind_break(first, line_break);
            let begins = start + blanks;
            let glance = Glance {
                first,
                separator: delimiters.element,
                length: end - begins,
                offset_bytes: first_byte + begins as u64,
            };
            if !sink.passes_over(glance) {
                break;
            }
            ordinal += 1;
            start = end + 1;
        }
        let passed = (ordinal - self.ordinal) as usize;
        (self.start, self.ordinal) = (start, ordinal);
        places.get(passed..).unwrap_or_default()
    }

    /// Gives the segment that ends there, if there is one.
    fn segment(&mut self, end: usize, sink: &mut impl Sink) -> Option<Left> {
        let mut rest = &self.bytes[self.start..];
        let is_odd = !matches!(rest, [b'A'..=b'H' | b'J'..=b'Z', ..]);
        if is_odd {
            let blanks = blanks(rest);
            self.start += blanks;
            rest = &rest[blanks..];
            if header::starts_header(rest) {
                return Some(Left::Header);
            }
        }
        let start = self.start;
        // Two terminators in a row make no segment, and a terminator may be a blank.
        if start >= end {
            self.start = start.max(end + 1);
            return None;
        }
        let segment = &rest[..end - start];
        if segment.len() > LONGEST_SEGMENT_BYTES {
            return Some(Left::Endless);
        }
        self.ordinal += 1;
        sink.segment(Segment {
            bytes: segment,
            ahead: rest,
            delimiters: self.delimiters,
            offset_bytes: self.first_byte + start as u64,
            ordinal: self.ordinal,
            may_be_wrapped: self.breaks_until > start,
            is_unterminated: false,
        });
        self.start = end + 1;
        (is_odd && is_interchange_trailer(segment)).then_some(Left::Ended)
    }

    /// Looks at what has no terminator.
    pub(super) fn rest(&mut self) -> Option<Left> {
        self.start += blanks(&self.bytes[self.start..]);
        let rest = &self.bytes[self.start..];
        if header::starts_header(rest) {
            return Some(Left::Header);
        }
        (rest.len() > LONGEST_SEGMENT_BYTES).then_some(Left::Endless)
    }
}

/// The first bytes, without a line break before them, and how many that is.
#[inline]
fn behind_break(bytes: &[u8; 5], line_break: u8) -> ([u8; 4], usize) {
    let [first @ .., _] = bytes;
    let [byte, behind @ ..] = bytes;
    match *byte == line_break {
        true => (*behind, 1),
        false => (*first, 0),
    }
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
