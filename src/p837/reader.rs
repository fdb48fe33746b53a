//! Bytes to events: the decoder and the scanner together.

use super::checking::Checking;
use super::event::Events;
use super::interest::Interest;
use super::scanner::Scanner;
use crate::validate::Checks;
use crate::x12::{Decoder, Delimiters, segment};

/// The most bytes at hand at once: places in them are 32-bit numbers.
const MOST_AT_HAND: usize = 1 << 30;

/// Reads an 837P as it comes. It does no I/O: give it bytes with [`Reader::push`], however
/// they are cut, and say with [`Reader::finish`] when there are no more.
///
/// The events are the same for any cut.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    decoder: Decoder,
    scanner: Scanner<'a>,
}

impl<'a> Reader<'a> {
    /// A reader at the start of an input.
    #[must_use]
    pub fn new(interest: &'a Interest) -> Self {
        Self::checking(interest, None)
    }

    /// A reader at the start of an input that checks what it reads, if there is anything to
    /// check it for.
    #[must_use]
    pub fn checking(interest: &'a Interest, checks: Option<&'a Checks>) -> Self {
        Self {
            decoder: Decoder::default(),
            scanner: Scanner::new(interest, checks),
        }
    }

    /// Starts anew at an [anchor](find_anchor), in the room that it has: what it reads is right
    /// if a reader of all that came before stands there at the start of a segment, inside an
    /// interchange of these delimiters.
    pub fn restart_at_anchor(&mut self, delimiters: Delimiters, offset_bytes: u64) {
        self.decoder.restart_inside(delimiters, offset_bytes);
        self.scanner.restart();
    }

    /// Whether it stands at the start of a segment, inside an interchange of these
    /// delimiters.
    #[must_use]
    pub fn is_at_segment_of(&self, delimiters: Delimiters) -> bool {
        self.decoder.at_segment_start() == Some(delimiters)
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(MOST_AT_HAND) {
            let is_checking = self.scanner.is_checking();
            let mut scanning = self.scanner.with(bytes, self.decoder.bytes());
            if is_checking {
                let mut checking = Checking::new(scanning);
                self.decoder.push(bytes, &mut checking);
                checking.scanning.keep_open(self.decoder.segments_end());
            } else {
                self.decoder.push(bytes, &mut scanning);
                scanning.keep_open(self.decoder.segments_end());
            }
        }
    }

    /// Says that there are no more bytes.
    pub fn finish(&mut self) {
        // The last segment stands in no bytes at hand.
        let mut checking = Checking::new(self.scanner.with(b"", u64::MAX));
        self.decoder.finish(&mut checking);
        self.scanner.close();
    }

    /// Ends the claim or level that is open: the next segment is an anchor.
    pub fn close(&mut self) {
        self.scanner.close();
    }

    /// The events since the last [`Reader::clear`]. An item that is still open is not among
    /// them.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.scanner.events
    }

    /// Forgets the events so far.
    pub fn clear(&mut self) {
        self.scanner.clear();
    }

    /// How many segments it has read.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.decoder.segments()
    }
}

/// The first place in a piece of a file where an HL or a CLM seems to start, just behind
/// the terminator before it: segments from there on belong to nothing before them.
#[must_use]
pub fn find_anchor(bytes: &[u8], delimiters: Delimiters) -> Option<usize> {
    let parse = segment(delimiters.segment);
    let mut rest = bytes;
    while let Ok((after, _)) = parse(rest) {
        let blanks = after
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let next = &after[blanks..];
        let is_anchor = [&b"HL"[..], b"CLM"]
            .iter()
            .any(|id| next.starts_with(id) && next.get(id.len()) == Some(&delimiters.element));
        if is_anchor {
            return Some(bytes.len() - after.len());
        }
        rest = after;
    }
    None
}
