//! The elements of a segment.

use std::borrow::Cow;

use nom::Parser;

use super::totals::Sum;
use crate::x12::Segment;
use crate::x12::element::{amount, elements};

/// The bytes of a segment without the line breaks in it.
pub(super) fn unwrapped<'s>(segment: &Segment<'s>) -> Cow<'s, [u8]> {
    let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
    if segment.may_be_wrapped && segment.bytes.iter().any(is_break) {
        let kept = segment.bytes.iter().filter(|byte| !is_break(byte));
        kept.copied().collect::<Vec<u8>>().into()
    } else {
        segment.bytes.into()
    }
}

/// A segment: its id, and what stands behind it.
#[derive(Clone, Copy)]
pub(super) struct Elements<'s> {
    pub(super) id: &'s [u8],
    rest: &'s [u8],
    separator: u8,
}

impl<'s> Elements<'s> {
    pub(super) fn new(bytes: &'s [u8], separator: u8) -> Self {
        let end = memchr::memchr(separator, bytes).unwrap_or(bytes.len());
        let (id, rest) = bytes.split_at(end);
        Self {
            id: id.trim_ascii(),
            rest,
            separator,
        }
    }

    /// The first elements, without blanks around them; those left out are empty.
    pub(super) fn first<const N: usize>(self) -> [&'s [u8]; N] {
        let parsed = elements::<N>(self.separator).parse(self.rest);
        parsed.map_or([b""; N], |(_, elements)| elements.map(<[u8]>::trim_ascii))
    }
}

/// An amount of money as an 835 has it: it may be negative. `None` for anything else.
pub(super) fn money(element: &[u8]) -> Option<Sum> {
    let (sign, digits) = match element.strip_prefix(b"-") {
        Some(digits) => (-1, digits),
        None => (1, element),
    };
    let (_, cents) = amount(digits).ok()?;
    Some(Sum(sign * i128::from(cents)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_may_be_negative() {
        for (text, cents) in [
            ("125", Some(12_500)),
            ("-.5", Some(-50)),
            ("0", Some(0)),
            ("", None),
            ("-", None),
            ("--1", None),
            ("1.234", None),
        ] {
            assert_eq!(money(text.as_bytes()), cents.map(Sum), "{text}");
        }
    }
}
