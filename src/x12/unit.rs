//! Segments that stand whole in memory, one after the other.

use std::iter;

use super::Delimiters;

/// Some segments, each with its terminator.
#[derive(Debug, Clone, Copy)]
pub struct Segments<'u> {
    bytes: &'u [u8],
    delimiters: Delimiters,
}

/// A segment without its terminator: its id and its elements.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'u> {
    bytes: &'u [u8],
    delimiters: Delimiters,
}

/// Adds bytes without the line breaks in them, which are none of what segments say.
pub fn push_unbroken(unit: &mut Vec<u8>, bytes: &[u8], delimiters: Delimiters) {
    let is_break = |byte: u8| matches!(byte, b'\r' | b'\n') && byte != delimiters.segment;
    let mut rest = bytes;
    while let Some(end) = memchr::memchr2(b'\r', b'\n', rest) {
        let kept = end + usize::from(!is_break(rest[end]));
        unit.extend_from_slice(&rest[..kept]);
        rest = &rest[end + 1..];
    }
    unit.extend_from_slice(rest);
}

impl<'u> Segments<'u> {
    /// Those in `bytes`.
    #[must_use]
    pub fn new(bytes: &'u [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    /// Each segment, in order; line breaks between them are skipped.
    pub fn iter(self) -> impl Iterator<Item = Elements<'u>> {
        let delimiters = self.delimiters;
        let mut rest = self.bytes;
        iter::from_fn(move || {
            rest = rest.trim_ascii_start();
            let end = memchr::memchr(delimiters.segment, rest).unwrap_or(rest.len());
            let (bytes, behind) = rest.split_at(end);
            rest = behind.get(1..).unwrap_or_default();
            let is_last = bytes.is_empty() && rest.is_empty();
            (!is_last).then_some(Elements { bytes, delimiters })
        })
    }
}

impl<'u> Elements<'u> {
    /// Those of a segment without its terminator.
    #[must_use]
    pub fn of(bytes: &'u [u8], delimiters: Delimiters) -> Self {
        let bytes = bytes.trim_ascii_start();
        Self { bytes, delimiters }
    }

    /// Whether it has that id.
    #[must_use]
    pub fn is(self, id: &[u8]) -> bool {
        let separator = self.bytes.get(id.len());
        self.bytes.starts_with(id) && separator.is_none_or(|&byte| byte == self.delimiters.element)
    }

    /// Its id.
    #[must_use]
    pub fn id(self) -> &'u [u8] {
        let end = memchr::memchr(self.delimiters.element, self.bytes);
        &self.bytes[..end.unwrap_or(self.bytes.len())]
    }

    /// The element of a position, from 1; it is empty where there is none.
    #[must_use]
    pub fn get(self, position: usize) -> &'u [u8] {
        let mut places = memchr::memchr_iter(self.delimiters.element, self.bytes);
        let before = position.checked_sub(1);
        let Some(start) = before.and_then(|before| places.nth(before)) else {
            return b"";
        };
        let end = places.next().unwrap_or(self.bytes.len());
        &self.bytes[start + 1..end]
    }

    /// The first elements; those that are not there are empty.
    #[must_use]
    pub fn first<const N: usize>(self) -> [&'u [u8]; N] {
        let mut elements = self.bytes.split(|&byte| byte == self.delimiters.element);
        elements.next();
        std::array::from_fn(|_| elements.next().unwrap_or_default())
    }

    /// A component of an element, both from 1; it is empty where there is none.
    #[must_use]
    pub fn component(self, position: usize, component: usize) -> &'u [u8] {
        let mut components = self
            .get(position)
            .split(|&byte| byte == self.delimiters.component);
        let place = component.checked_sub(1);
        place
            .and_then(|place| components.nth(place))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_have_ids_elements_and_components() {
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        let segments = Segments::new(b"CLM*P1*12.5***11:B:1~\r\nLX~", delimiters);
        let all: Vec<Elements<'_>> = segments.iter().collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].id(), all[1].id()), (&b"CLM"[..], &b"LX"[..]));
        assert_eq!((all[0].get(2), all[0].get(9)), (&b"12.5"[..], &b""[..]));
        assert_eq!(all[0].component(5, 3), b"1");
        assert_eq!(all[0].component(5, 4), b"");
        assert_eq!(all[1].get(1), b"");
    }

    #[test]
    fn a_line_break_inside_a_segment_is_none_of_it() {
        let unbroken = |bytes: &[u8], segment| {
            let delimiters = Delimiters::new(b'*', b':', None, segment).unwrap();
            let mut unit = Vec::new();
            push_unbroken(&mut unit, bytes, delimiters);
            unit
        };
        assert_eq!(unbroken(b"CL\r\nM*P\n1~\r\nLX*1~", b'~'), b"CLM*P1~LX*1~");
        assert_eq!(unbroken(b"CLM*P1\r\nLX*1\n", b'\n'), b"CLM*P1\nLX*1\n");
    }
}
