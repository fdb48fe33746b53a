//! The interchange header, ISA: the one segment that is read before its delimiters are known.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_till};
use nom::combinator::{map, peek, verify};
use nom::multi::{count, fold_many_m_n};
use nom::number::complete::be_u8;
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::delimiters::{DelimiterFault, Delimiters, is_delimiter};
use super::element::tag_byte;

/// The length of an ISA with padded elements, its terminator included.
const PADDED_LENGTH: usize = 106;

/// The most bytes that an ISA is looked for in, line breaks included.
pub(super) const LONGEST: usize = 512;

/// How many bytes, line breaks left out, tell whether a header is padded: up to ISA16.
pub(super) const ENOUGH: usize = 105;

/// The lengths of ISA01 to ISA15.
const LENGTHS: [usize; 15] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1];

/// The elements of an ISA that could be read: ISA01 to ISA15, and ISA16 last.
type Elements<'a> = Vec<&'a [u8]>;

type Error<'a> = nom::error::Error<&'a [u8]>;

/// An interchange header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// ISA01 to ISA16 as they stand, line breaks dropped.
    elements: Vec<Box<[u8]>>,
    /// The delimiters, or which of them cannot be one.
    pub delimiters: Result<Delimiters, DelimiterFault>,
    /// Whether it is 106 bytes with every element padded.
    pub is_fixed_width: bool,
    /// Whether 16 separators and a terminator were found.
    pub is_complete: bool,
}

impl Header {
    /// ISA`position`, empty where it could not be read.
    #[must_use]
    pub fn element(&self, position: usize) -> &[u8] {
        let index = position.wrapping_sub(1);
        self.elements.get(index).map_or(b"", |element| element)
    }

    /// Whether each element is at most as long as the standard has it, and ISA12 and ISA13
    /// are digits: what a stray `ISA` in other data is not.
    fn is_plausible(&self) -> bool {
        let digits = |position| {
            let element = self.element(position);
            !element.is_empty() && element.iter().all(u8::is_ascii_digit)
        };
        let fits = self
            .elements
            .iter()
            .zip(LENGTHS)
            .all(|(element, longest)| element.len() <= longest);
        self.is_complete && fits && digits(12) && digits(13)
    }
}

/// How far a header could be read.
pub(super) enum Reading {
    /// It ends after so many bytes.
    Done(Header, usize),
    /// The bytes end inside it.
    Incomplete,
}

/// In how many bytes the start of a header is looked for, line breaks included.
pub(super) const START: usize = 12;

/// Whether bytes can start a header: `ISA` and then no letter, no digit, no blank; a line
/// break may stand between.
#[inline]
pub(super) fn starts_header(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b'I') && goes_on_as_header(bytes)
}

#[cold]
fn goes_on_as_header(bytes: &[u8]) -> bool {
    let window = &bytes[..bytes.len().min(START)];
    let mut letters = window.iter().copied().filter(|byte| !is_break(byte));
    let is_isa = letters.by_ref().take(3).eq(*b"ISA");
    let next = letters.next().unwrap_or(b' ');
    is_isa && !next.is_ascii_alphanumeric() && !next.is_ascii_whitespace()
}

/// Whether a byte is part of a line break.
pub(super) fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Whether bytes, long enough to tell, have one and the same byte wherever a padded header
/// has a separator, whatever that byte is.
pub(super) fn is_padded(bytes: &[u8]) -> bool {
    separator(bytes).is_ok_and(|(rest, separator)| padded(separator).parse(rest).is_ok())
}

/// Whether bytes, long enough to tell, hold a header that no stray data would look like.
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    matches!(read(bytes, true), Reading::Done(header, _) if header.is_plausible())
}

/// Parses `ISA`, and looks at the element separator behind it.
fn separator(input: &[u8]) -> IResult<&[u8], u8> {
    preceded(tag(&b"ISA"[..]), peek(be_u8)).parse(input)
}

/// Parses ISA01 to ISA16 with padded elements: each is as long as the standard has it.
fn padded<'a>(separator: u8) -> impl Parser<&'a [u8], Output = Elements<'a>, Error = Error<'a>> {
    move |input: &'a [u8]| {
        let (mut rest, mut elements) = (input, Elements::with_capacity(16));
        for length in LENGTHS.into_iter().chain([1]) {
            let element = preceded(tag_byte(separator), take(length)).parse(rest)?;
            rest = element.0;
            elements.push(element.1);
        }
        Ok((rest, elements))
    }
}

/// Parses ISA01 to ISA16 by their separators. ISA14 and ISA15 are one byte each: where they
/// are not, separators of the segments behind a short ISA were counted.
fn unpadded<'a>(separator: u8) -> impl Parser<&'a [u8], Output = Elements<'a>, Error = Error<'a>> {
    let elements = count(
        preceded(
            tag_byte(separator),
            take_till(move |byte| byte == separator),
        ),
        15,
    );
    let component = preceded(tag_byte(separator), take(1_usize));
    let is_isa = |elements: &Elements<'_>| elements[13..].iter().all(|element| element.len() <= 1);
    map(
        (verify(elements, is_isa), component),
        |(mut elements, component)| {
            elements.push(component);
            elements
        },
    )
}

/// Parses as many elements as there are.
fn fragments<'a>(separator: u8) -> impl Parser<&'a [u8], Output = Elements<'a>, Error = Error<'a>> {
    let element = preceded(
        tag_byte(separator),
        take_till(move |byte| byte == separator),
    );
    fold_many_m_n(0, 13, element, Elements::new, |mut elements, element| {
        elements.push(element);
        elements
    })
}

/// Reads the header at the start of `bytes`, which start with `ISA`.
///
/// With `at_end` nothing follows `bytes`: what is missing stays missing.
pub(super) fn read(bytes: &[u8], at_end: bool) -> Reading {
    let window = &bytes[..bytes.len().min(LONGEST)];
    // Line breaks inside are dropped; the terminator, which may be one, is looked up below.
    let clean: Vec<u8> = window
        .iter()
        .copied()
        .filter(|byte| !is_break(byte))
        .collect();
    // Whether a header is padded decides how it is read, and must not hang on the cut.
    if clean.len() < ENOUGH && window.len() < LONGEST && !at_end {
        return Reading::Incomplete;
    }
    let Ok((rest, separator)) = separator(&clean) else {
        return incomplete(&[], true);
    };
    let parsed = alt((padded(separator), unpadded(separator))).parse(rest);
    let Ok((behind, elements)) = parsed else {
        let fragments = fragments(separator).parse(rest);
        let is_over = at_end || window.len() == LONGEST;
        return incomplete(
            &fragments.map(|(_, elements)| elements).unwrap_or_default(),
            is_over,
        );
    };
    // The terminator is the raw byte behind as many others as were parsed.
    let parsed = clean.len() - behind.len();
    let mut left = parsed;
    let place = window.iter().position(|byte| {
        left -= usize::from(left > 0 && !is_break(byte));
        left == 0
    });
    let Some((terminator, end)) =
        place.and_then(|place| Some((*window.get(place + 1)?, place + 2)))
    else {
        return incomplete(&elements, at_end);
    };
    let header = Header {
        delimiters: delimiters(separator, &elements, terminator),
        elements: elements.into_iter().map(Box::from).collect(),
        is_fixed_width: parsed + 1 == PADDED_LENGTH,
        is_complete: true,
    };
    Reading::Done(header, end)
}

/// A header that lacks elements, or its terminator; more bytes may bring them.
fn incomplete(elements: &[&[u8]], is_over: bool) -> Reading {
    if !is_over {
        return Reading::Incomplete;
    }
    let header = Header {
        elements: elements.iter().copied().map(Box::from).collect(),
        delimiters: Err(DelimiterFault::Segment),
        is_fixed_width: false,
        is_complete: false,
    };
    Reading::Done(header, 3)
}

fn delimiters(
    element: u8,
    elements: &Elements<'_>,
    segment: u8,
) -> Result<Delimiters, DelimiterFault> {
    let one = |position: usize| match elements.get(position - 1) {
        Some([byte]) => Some(*byte),
        _ => None,
    };
    let isa11 = one(11).filter(|&byte| is_delimiter(byte));
    Delimiters::new(element, one(16).unwrap_or_default(), isa11, segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *270923*1200*^*00501*000000001*0*P*:~";

    fn done(text: &str) -> (Header, usize) {
        match read(text.as_bytes(), true) {
            Reading::Done(header, length) => (header, length),
            Reading::Incomplete => unreachable!("nothing follows"),
        }
    }

    #[test]
    fn a_padded_header_is_106_bytes() {
        let (header, length) = done(ISA);
        assert_eq!(length, 106);
        assert!(header.is_fixed_width && header.is_plausible());
        assert_eq!(header.element(6), b"SENDER         ");
        assert_eq!(header.element(13), b"000000001");
        assert_eq!(
            header.delimiters,
            Delimiters::new(b'*', b':', Some(b'^'), b'~')
        );
    }

    #[test]
    fn an_unpadded_header_is_read_by_its_separators() {
        let (header, length) = done("ISA*00**00**ZZ*S*ZZ*R*270923*1200*^*00501*1*0*P*:~GS");
        assert_eq!(length, 50);
        assert!(!header.is_fixed_width && header.is_complete);
        assert_eq!(header.element(8), b"R");
    }

    #[test]
    fn a_line_break_inside_is_dropped() {
        let wrapped = format!("{}\n{}", &ISA[..80], &ISA[80..]);
        let (header, length) = done(&wrapped);
        assert_eq!(length, 107);
        assert!(header.is_fixed_width);
    }

    #[test]
    fn a_repetition_separator_that_is_the_element_separator_is_seen() {
        let (header, _) = done(&ISA.replace("*^*", "***"));
        assert_eq!(header.delimiters, Err(DelimiterFault::Repetition));
    }

    #[test]
    fn a_header_without_16_separators_keeps_what_it_has() {
        let (header, _) = done("ISA*00**00**ZZ*S*ZZ*R*270923*1200*^*00501*000000077*0");
        assert!(!header.is_complete);
        assert_eq!(header.element(13), b"000000077");
    }
}
