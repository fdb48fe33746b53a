//! The interchange header, ISA: the one segment that is read before its delimiters are known.

use super::delimiters::{DelimiterFault, Delimiters, is_delimiter};

/// Where the 16 element separators of an ISA with padded elements stand.
const FIXED: [usize; 16] = [
    3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103,
];

/// The length of an ISA with padded elements, its terminator included.
const FIXED_LENGTH: usize = 106;

/// The most bytes that an ISA is looked for in, line breaks included.
pub(super) const LONGEST: usize = 512;

/// How many bytes tell whether a header is padded.
pub(super) const ENOUGH: usize = FIXED[15] + 1;

/// The longest that ISA01 to ISA15 may be.
const LENGTHS: [usize; 15] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1];

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

/// Whether bytes can start a header: `ISA` and then no letter, no digit, no blank.
pub(super) fn starts_header(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I', b'S', b'A', separator, ..]
        if !separator.is_ascii_alphanumeric() && !separator.is_ascii_whitespace())
}

/// Whether bytes, long enough to tell, have one and the same byte wherever a padded header
/// has a separator, whatever that byte is.
pub(super) fn is_padded(bytes: &[u8]) -> bool {
    let separators = FIXED.iter().map(|&place| bytes.get(place));
    let mut distinct: Vec<_> = separators.collect();
    distinct.dedup();
    bytes.starts_with(b"ISA") && matches!(distinct[..], [Some(_)])
}

/// Whether bytes, long enough to tell, hold a header that no stray data would look like.
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    matches!(read(bytes, true), Reading::Done(header, _) if header.is_plausible())
}

/// Reads the header at the start of `bytes`, which start with `ISA`.
///
/// With `at_end` nothing follows `bytes`: what is missing stays missing.
pub(super) fn read(bytes: &[u8], at_end: bool) -> Reading {
    let window = &bytes[..bytes.len().min(LONGEST)];
    // Line breaks inside are dropped; `places` says where each byte that is left came from.
    let places: Vec<usize> = (0..window.len())
        .filter(|&place| !matches!(window[place], b'\r' | b'\n'))
        .collect();
    let clean: Vec<u8> = places.iter().map(|&place| window[place]).collect();
    let separator = clean.get(3).copied().unwrap_or_default();
    let is_fixed_width =
        clean.len() > FIXED[15] && FIXED.iter().all(|&place| clean[place] == separator);
    let separators: Vec<usize> = if is_fixed_width {
        FIXED.to_vec()
    } else {
        (3..clean.len())
            .filter(|&place| clean[place] == separator)
            .take(16)
            .collect()
    };
    // ISA16 is the byte after the last separator, the terminator the raw byte after that.
    let component = separators.get(15).map(|last| last + 1);
    let terminator = component
        .and_then(|place| places.get(place))
        .map(|place| place + 1);
    let terminator = terminator.filter(|&place| place < window.len());
    // ISA14 and ISA15 are one byte each: where they are not, separators of the segments
    // behind a short ISA were counted.
    let is_isa = is_fixed_width
        || separators
            .windows(2)
            .skip(13)
            .all(|pair| pair[1] - pair[0] <= 2);
    match (component.filter(|_| is_isa), terminator) {
        (Some(component), Some(terminator)) => {
            let header = Header {
                elements: elements(&clean, &separators, Some(component)),
                delimiters: delimiters(&clean, &separators, clean[component], window[terminator]),
                is_fixed_width: is_fixed_width && component + 2 == FIXED_LENGTH,
                is_complete: true,
            };
            Reading::Done(header, terminator + 1)
        }
        _ if at_end || !is_isa || window.len() == LONGEST => {
            let header = Header {
                elements: elements(&clean, &separators, None),
                delimiters: Err(DelimiterFault::Segment),
                is_fixed_width: false,
                is_complete: false,
            };
            Reading::Done(header, 3)
        }
        _ => Reading::Incomplete,
    }
}

fn elements(clean: &[u8], separators: &[usize], component: Option<usize>) -> Vec<Box<[u8]>> {
    let mut elements: Vec<Box<[u8]>> = separators
        .windows(2)
        .map(|pair| clean[pair[0] + 1..pair[1]].into())
        .collect();
    elements.extend(component.map(|place| clean[place..=place].into()));
    elements
}

fn delimiters(
    clean: &[u8],
    separators: &[usize],
    component: u8,
    segment: u8,
) -> Result<Delimiters, DelimiterFault> {
    let isa11 = match clean[separators[10] + 1..separators[11]] {
        [byte] if is_delimiter(byte) => Some(byte),
        _ => None,
    };
    Delimiters::new(clean[3], component, isa11, segment)
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
