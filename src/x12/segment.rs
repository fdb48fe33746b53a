//! Segments.

use nom::{IResult, Needed};

use super::Delimiters;

/// A segment without its terminator, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// From the first byte of its id; line breaks inside are still there.
    pub bytes: &'a [u8],
    /// What is at hand from there on: the segment, and whatever follows it.
    pub ahead: &'a [u8],
    /// The delimiters of its interchange.
    pub delimiters: Delimiters,
    /// Where it starts in the input, in bytes after decompression.
    pub offset_bytes: u64,
    /// Its place in the input, from 1, ISA included.
    pub ordinal: u64,
    /// Whether line breaks may stand in `bytes`: they belong to nothing there.
    pub may_be_wrapped: bool,
    /// Whether the data ended before its terminator came.
    pub is_unterminated: bool,
}

/// What is known of a segment at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glance {
    /// Its first bytes, or those of a shorter one and what follows it.
    pub first: [u8; 4],
    /// The element separator.
    pub separator: u8,
    /// How long it is.
    pub length: usize,
    /// Where it starts in the input, in bytes after decompression.
    pub offset_bytes: u64,
}

/// Parses the bytes of one segment and its terminator.
///
/// `Incomplete` means that the buffer ends inside the segment: read more and call again
/// from the same start.
///
/// # Errors
///
/// None but `Incomplete`.
pub fn segment(terminator: u8) -> impl Fn(&[u8]) -> IResult<&[u8], &[u8]> {
    move |input| match memchr::memchr(terminator, input) {
        Some(end) => Ok((&input[end + 1..], &input[..end])),
        None => Err(nom::Err::Incomplete(Needed::Unknown)),
    }
}

/// How many blanks and line breaks stand at the start.
#[inline]
pub(super) fn blanks(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\r' | b'\n' | b'\t'))
        .count()
}
