//! Bytes to segments, as they come.

use std::mem;

use super::delimiters::Delimiters;
use super::header::{self, Header, Reading};
use super::inside::{Inside, Left};
use super::segment::{Glance, Segment, blanks};
use super::terminators::{Terminators, WINDOW_BYTES};

/// The longest segment; one without a terminator within it ends its interchange.
pub const LONGEST_SEGMENT_BYTES: usize = 1 << 20;

/// The UTF-8 byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a [`Decoder`] finds, in the order of the input.
pub trait Sink {
    /// An interchange header. When its delimiters are no delimiters, or it is not complete,
    /// what follows up to the next header comes as [`Sink::stray`].
    fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64);

    /// A segment inside an interchange, IEA included.
    fn segment(&mut self, segment: Segment<'_>);

    /// Whether a segment need not be given, as far as a glance tells. Whoever says so knows its id,
    /// and that it is neither ISA nor IEA.
    #[inline]
    fn passes_over(&mut self, _glance: Glance) -> bool {
        false
    }

    /// Bytes outside any interchange that can be read, which end here: how many there are,
    /// and how many claims (CLM) they seem to hold.
    fn stray(&mut self, stray: Stray);
}

/// Bytes outside any interchange that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stray {
    /// Where they start.
    pub offset_bytes: u64,
    /// How many they are.
    pub length_bytes: u64,
    /// How many segments in them look like a CLM.
    pub claims: u64,
    /// A segment had no terminator within [`LONGEST_SEGMENT_BYTES`]: its interchange cannot
    /// be read any further.
    pub is_endless_segment: bool,
}

/// Splits bytes into segments. It does no I/O: give it bytes with [`Decoder::push`], however
/// they are cut, and say with [`Decoder::finish`] when there are no more.
///
/// A byte order mark at the start, and blanks and line breaks between segments, are passed
/// over.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    place: Place,
    /// Bytes of an item that is not complete yet.
    carry: Vec<u8>,
    /// Where `carry` starts, or the next byte to come, in the input.
    offset_bytes: u64,
    segments: u64,
    terminators: Terminators,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// At the start of the input, where a byte order mark may stand.
    #[default]
    Start,
    /// Between interchanges, behind the segment terminator of the one before: another one
    /// of it makes no segment.
    Outside(Option<u8>),
    /// In bytes that are no interchange, and the byte before the next one.
    Stray(Stray, u8),
    /// In an ISA.
    Header,
    /// Inside an interchange.
    Inside(Delimiters),
}

/// The delimiters of the interchange with which an input starts, if its first bytes tell.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<Delimiters> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let bytes = &bytes[blanks(bytes)..];
    match header::starts_header(bytes).then(|| header::read(bytes, true))? {
        Reading::Done(header, _) => header.delimiters.ok(),
        Reading::Incomplete => None,
    }
}

/// What a step did with the bytes at hand.
enum Step {
    /// So many of them are done with.
    Took(usize),
    /// More are needed.
    NeedsMore,
}

impl Decoder {
    /// A decoder in the middle of an interchange, at the start of a segment.
    #[must_use]
    pub fn inside(delimiters: Delimiters, offset_bytes: u64) -> Self {
        let mut decoder = Self::default();
        decoder.restart_inside(delimiters, offset_bytes);
        decoder
    }

    /// Stands there from now on, in the room that it has.
    pub(crate) fn restart_inside(&mut self, delimiters: Delimiters, offset_bytes: u64) {
        self.place = Place::Inside(delimiters);
        self.carry.clear();
        self.offset_bytes = offset_bytes;
        self.segments = 0;
    }

    /// The delimiters, when it stands inside an interchange at the start of a segment.
    #[must_use]
    pub fn at_segment_start(&self) -> Option<Delimiters> {
        match self.place {
            Place::Inside(delimiters) if blanks(&self.carry) == self.carry.len() => {
                Some(delimiters)
            }
            _ => None,
        }
    }

    /// Where the segments that it has found end.
    #[must_use]
    pub(crate) fn segments_end(&self) -> u64 {
        match self.place {
            Place::Stray(stray, _) => stray.offset_bytes,
            _ => self.offset_bytes,
        }
    }

    /// How many segments it has found.
    #[must_use]
    pub fn segments(&self) -> u64 {
        self.segments
    }

    /// How many bytes it was given.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.offset_bytes + self.carry.len() as u64
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) {
        let rest = self.push_carried(bytes, sink);
        let taken = self.run(rest, false, sink);
        self.carry.extend_from_slice(&rest[taken..]);
    }

    /// Says that there are no more bytes. A segment without a terminator is the last one.
    pub fn finish(&mut self, sink: &mut impl Sink) {
        let carried = mem::take(&mut self.carry);
        let taken = self.run(&carried, true, sink);
        let rest = &carried[taken..];
        let skipped = blanks(rest);
        match self.place {
            Place::Inside(delimiters) if skipped < rest.len() => {
                self.offset_bytes += skipped as u64;
                self.segments += 1;
                sink.segment(Segment {
                    bytes: &rest[skipped..],
                    ahead: &rest[skipped..],
                    delimiters,
                    offset_bytes: self.offset_bytes,
                    ordinal: self.segments,
                    may_be_wrapped: true,
                    is_unterminated: true,
                });
            }
            Place::Stray(stray, _) => sink.stray(stray),
            _ => {}
        }
        self.place = Place::Outside(None);
    }

    /// Joins bytes to those carried until the item that began there is complete, and gives
    /// what is left of them.
    fn push_carried<'a>(&mut self, bytes: &'a [u8], sink: &mut impl Sink) -> &'a [u8] {
        let mut rest = bytes;
        while !self.carry.is_empty() && !rest.is_empty() {
            let count = self.wanted(rest);
            self.carry.extend_from_slice(&rest[..count]);
            rest = &rest[count..];
            let mut carried = mem::take(&mut self.carry);
            let taken = self.run(&carried, false, sink);
            carried.drain(..taken);
            self.carry = carried;
        }
        rest
    }

    /// Whether the carried segment is long enough to tell whether it is a header.
    fn can_tell_header(&self) -> bool {
        let carried = &self.carry[blanks(&self.carry)..];
        !carried.is_empty() && (!carried.starts_with(b"I") || carried.len() >= header::START)
    }

    /// How many of the bytes at hand the carried item can use: up to a terminator, where
    /// that ends it, or a few.
    fn wanted(&self, bytes: &[u8]) -> usize {
        match self.place {
            Place::Inside(delimiters) if self.can_tell_header() => {
                memchr::memchr(delimiters.segment, bytes).map_or(bytes.len(), |end| end + 1)
            }
            Place::Inside(_) | Place::Header => 1,
            Place::Start | Place::Outside(_) | Place::Stray(..) => bytes.len().min(1 << 16),
        }
    }

    /// Takes what it can from the start of `bytes` and says how many that was.
    fn run(&mut self, bytes: &[u8], at_end: bool, sink: &mut impl Sink) -> usize {
        let mut taken = 0;
        while taken < bytes.len() {
            let rest = &bytes[taken..];
            let step = match self.place {
                Place::Start => self.start(rest, at_end),
                Place::Outside(terminator) => self.outside(terminator, rest, at_end),
                Place::Stray(stray, before) => self.stray(stray, before, rest, at_end, sink),
                Place::Header => self.header(rest, at_end, sink),
                Place::Inside(delimiters) => self.inside_interchange(delimiters, rest, sink),
            };
            match step {
                Step::Took(count) => taken += count,
                Step::NeedsMore => break,
            }
        }
        taken
    }

    fn advance(&mut self, count: usize) -> Step {
        self.offset_bytes += count as u64;
        Step::Took(count)
    }

    fn start(&mut self, bytes: &[u8], at_end: bool) -> Step {
        if bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) && !at_end {
            return Step::NeedsMore;
        }
        self.place = Place::Outside(None);
        self.advance(if bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        })
    }

    fn outside(&mut self, terminator: Option<u8>, bytes: &[u8], at_end: bool) -> Step {
        let is_terminator = bytes.first().copied() == terminator;
        let skipped = blanks(bytes).max(usize::from(is_terminator));
        if skipped > 0 {
            return self.advance(skipped);
        }
        if bytes.starts_with(b"I") && bytes.len() < header::ENOUGH && !at_end {
            return Step::NeedsMore;
        }
        self.place = if header::starts_header(bytes) || header::is_padded(bytes) {
            Place::Header
        } else {
            self.stray_from_here(false)
        };
        Step::Took(0)
    }

    /// The place of bytes that are no interchange, from here on.
    fn stray_from_here(&self, is_endless_segment: bool) -> Place {
        let stray = Stray {
            offset_bytes: self.offset_bytes,
            is_endless_segment,
            ..Stray::default()
        };
        Place::Stray(stray, b' ')
    }

    /// Looks for the next header in bytes that are no interchange.
    fn stray(
        &mut self,
        stray: Stray,
        before: u8,
        bytes: &[u8],
        at_end: bool,
        sink: &mut impl Sink,
    ) -> Step {
        // A header that starts in the last bytes cannot be told yet.
        let sure = if at_end {
            bytes.len()
        } else {
            bytes.len().saturating_sub(header::LONGEST)
        };
        let found = memchr::memmem::find_iter(bytes, b"ISA")
            .take_while(|&place| place < sure)
            .find(|&place| {
                header::starts_header(&bytes[place..]) && header::is_plausible(&bytes[place..])
            });
        let end = found.unwrap_or(sure);
        if end == 0 && found.is_none() {
            return Step::NeedsMore;
        }
        let stray = Stray {
            length_bytes: stray.length_bytes + end as u64,
            claims: stray.claims + claims(before, bytes, end),
            ..stray
        };
        self.place = if found.is_some() {
            sink.stray(stray);
            Place::Header
        } else {
            Place::Stray(stray, bytes[end - 1])
        };
        self.advance(end)
    }

    fn header(&mut self, bytes: &[u8], at_end: bool, sink: &mut impl Sink) -> Step {
        let Reading::Done(header, length) = header::read(bytes, at_end) else {
            return Step::NeedsMore;
        };
        self.segments += 1;
        sink.header(&header, self.offset_bytes, self.segments);
        let step = self.advance(length);
        self.place = match header.delimiters {
            Ok(delimiters) => Place::Inside(delimiters),
            Err(_) => self.stray_from_here(false),
        };
        step
    }

    /// Splits off as many segments as there are.
    fn inside_interchange(
        &mut self,
        delimiters: Delimiters,
        bytes: &[u8],
        sink: &mut impl Sink,
    ) -> Step {
        let first_byte = self.offset_bytes;
        let mut terminators = mem::take(&mut self.terminators);
        terminators.restart();
        let mut reading = Inside {
            bytes,
            delimiters,
            first_byte,
            start: 0,
            ordinal: self.segments,
            breaks_until: 0,
        };
        let windows = bytes.chunks(WINDOW_BYTES).enumerate();
        let left = windows
            .map(|(index, window)| {
                let found = terminators.look(window, delimiters.segment);
                reading.window(index * WINDOW_BYTES, window.len(), found, sink)
            })
            .find_map(|left| left)
            .or_else(|| reading.rest());
        self.terminators = terminators;
        self.segments = reading.ordinal;
        self.offset_bytes = first_byte + reading.start as u64;
        match left {
            Some(Left::Header) => self.place = Place::Header,
            Some(Left::Ended) => self.place = Place::Outside(Some(delimiters.segment)),
            Some(Left::Endless) => self.place = self.stray_from_here(true),
            None if reading.start == 0 => return Step::NeedsMore,
            None => {}
        }
        Step::Took(reading.start)
    }
}

/// How many places before `end` look like the start of a CLM, `before` being the byte before
/// the first.
fn claims(before: u8, bytes: &[u8], end: usize) -> u64 {
    let looks_like_claim = |place: usize| {
        let before = place.checked_sub(1).map_or(before, |place| bytes[place]);
        let after = bytes.get(place + 3).copied().unwrap_or(b'A');
        !before.is_ascii_alphanumeric() && after.is_ascii_punctuation()
    };
    memchr::memmem::find_iter(bytes, b"CLM")
        .take_while(|&place| place < end)
        .filter(|&place| looks_like_claim(place))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *270923*1200*^*00501*000000001*0*P*:~";

    /// Writes down what a decoder finds.
    #[derive(Debug, Default, PartialEq)]
    struct Log(Vec<String>);

    impl Sink for Log {
        fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64) {
            let control = String::from_utf8_lossy(header.element(13)).into_owned();
            let usable = header.delimiters.is_ok();
            self.0
                .push(format!("{ordinal} @{offset_bytes} ISA {control} {usable}"));
        }

        fn segment(&mut self, segment: Segment<'_>) {
            let text = String::from_utf8_lossy(segment.bytes);
            let end = if segment.is_unterminated {
                " unterminated"
            } else {
                ""
            };
            self.0.push(format!(
                "{} @{} {text}{end}",
                segment.ordinal, segment.offset_bytes
            ));
        }

        fn stray(&mut self, stray: Stray) {
            let Stray {
                offset_bytes,
                length_bytes,
                claims,
                is_endless_segment,
            } = stray;
            self.0.push(format!(
                "@{offset_bytes} {length_bytes} stray bytes, {claims} claims, {is_endless_segment}"
            ));
        }
    }

    fn decode(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<String> {
        let (mut decoder, mut log) = (Decoder::default(), Log::default());
        for piece in pieces {
            decoder.push(piece.as_ref(), &mut log);
        }
        decoder.finish(&mut log);
        log.0
    }

    fn whole(text: &str) -> Vec<String> {
        let expected = decode([text]);
        for cut in 0..=text.len() {
            let (left, right) = text.as_bytes().split_at(cut);
            assert_eq!(decode([left, right]), expected, "cut at {cut}");
        }
        assert_eq!(decode(text.as_bytes().chunks(1)), expected, "byte by byte");
        expected
    }

    /// Passes over N3, and counts the others.
    #[derive(Default)]
    struct Names(Vec<u64>);

    impl Sink for Names {
        fn header(&mut self, _: &Header, _: u64, _: u64) {}

        fn segment(&mut self, segment: Segment<'_>) {
            self.0.push(segment.ordinal);
        }

        fn passes_over(&mut self, glance: Glance) -> bool {
            glance.first[..3] == [b'N', b'3', glance.separator]
        }

        fn stray(&mut self, _: Stray) {}
    }

    #[test]
    fn what_is_passed_over_is_counted() {
        let text = format!("{ISA}\nN3*A~NM1~N3~\nN3*B\nC~N3*D~SE*1~N3*");
        let lines = text
            .replace("B\nC", "BC")
            .replace("~\n", "~")
            .replace('~', "\n");
        for text in [
            text,
            lines.replace("NM1", "\n\nNM1").replace("N3*D", "\nN3*D"),
        ] {
            for cut in 0..text.len() {
                let (left, right) = text.as_bytes().split_at(cut);
                let (mut decoder, mut names) = (Decoder::default(), Names::default());
                for piece in [left, right] {
                    decoder.push(piece, &mut names);
                }
                decoder.finish(&mut names);
                // Where line breaks may stand in segments, all are given.
                names.0.retain(|ordinal| ![2, 5, 6].contains(ordinal));
                assert_eq!(names.0, [3, 4, 7, 8], "{text:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn segments_come_with_their_places_however_the_bytes_are_cut() {
        let text = format!("\u{feff}\r\n {ISA}\r\nGS*HC~\n  ST*837~~SE~IEA*1*000000001~\n");
        assert_eq!(
            whole(&text),
            [
                "1 @6 ISA 000000001 true",
                "2 @114 GS*HC",
                "3 @123 ST*837",
                "4 @131 SE",
                "5 @134 IEA*1*000000001",
            ]
        );
    }

    #[test]
    fn a_new_header_ends_an_interchange_even_with_other_delimiters() {
        let other = ISA
            .replace('*', "|")
            .replace('~', "!")
            .replace("000000001", "000000002");
        let found = whole(&format!("{ISA}GS*HC~{other}GS|HC!IEA|1|2!"));
        assert_eq!(found[2], "3 @112 ISA 000000002 true");
        assert_eq!(found[3], "4 @218 GS|HC");
    }

    #[test]
    fn isa_inside_data_is_data() {
        let found = whole(&format!("{ISA}NM1*IL*1*ISAAC*ISA~IEA*0*000000001~"));
        assert_eq!(found[1], "2 @106 NM1*IL*1*ISAAC*ISA");
    }

    #[test]
    fn carriage_return_and_line_feed_is_a_carriage_return() {
        let text = ISA.replace('~', "\r\n") + "GS*HC\r\nIEA*1*000000001\r\n";
        assert_eq!(whole(&text)[1], "2 @107 GS*HC");
    }

    #[test]
    fn bytes_before_a_header_are_told_with_the_claims_in_them() {
        let found = whole(&format!(
            "MEDICAL CLM*1~XCLM*2~{ISA}IEA*0*000000001~ trailing"
        ));
        assert_eq!(found[0], "@0 21 stray bytes, 1 claims, false");
        assert_eq!(found[1], "1 @21 ISA 000000001 true");
        assert_eq!(found[3], "@144 8 stray bytes, 0 claims, false");
    }

    #[test]
    fn after_a_header_without_delimiters_the_rest_is_stray() {
        let bad = ISA.replace(":~", "A~");
        let found = whole(&format!(
            "{bad}CLM*1~IEA*1*000000001~\n{ISA}IEA*0*000000001~"
        ));
        assert_eq!(found[0], "1 @0 ISA 000000001 false");
        assert_eq!(found[1], "@106 23 stray bytes, 1 claims, false");
        assert_eq!(found[2], "2 @129 ISA 000000001 true");
    }

    #[test]
    fn a_line_break_may_stand_in_any_id() {
        let (isa, next) = (
            ISA.replace("ISA", "I\r\nSA"),
            ISA.replace("000000001", "000000002"),
        );
        let found = whole(&format!(
            "{isa}GS*HC~I\nEA*1*000000001~\n{}",
            next.replace("ISA", "IS\nA")
        ));
        assert_eq!(found[0], "1 @0 ISA 000000001 true");
        assert_eq!(found[3], "4 @132 ISA 000000002 true");
    }

    #[test]
    fn terminators_in_a_row_make_no_segment() {
        let found = whole(&format!("{ISA}~~IEA*0*000000001~~ ~\n"));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn the_last_segment_may_lack_its_terminator() {
        let found = whole(&format!("{ISA}IEA*0*000000001"));
        assert_eq!(found[1], "2 @106 IEA*0*000000001 unterminated");
    }

    #[test]
    fn an_endless_segment_ends_its_interchange_the_same_way_for_any_cut() {
        let text = format!("{ISA}GS*HC~NTE*{}", "x".repeat(LONGEST_SEGMENT_BYTES));
        let expected = decode([&text]);
        assert!(expected[2].ends_with("stray bytes, 0 claims, true"));
        assert_eq!(decode(text.as_bytes().chunks(70_000)), expected);
        let terminated = text + "~IEA*0*000000001~";
        assert_eq!(decode([&terminated])[..2], expected[..2]);
    }
}
