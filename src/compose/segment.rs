//! One segment that is written.

use std::borrow::BorrowMut;

use super::text::{self, Length};

/// The most cents that fit 18 digits.
const MOST_CENTS: i128 = 999_999_999_999_999_999;

/// A segment that is being put together, element by element: in room of its own, or behind
/// what stands in a buffer.
#[derive(Debug, Clone)]
pub struct Segment<B = Vec<u8>>(B);

impl Segment {
    /// A segment of an id, without an element.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self::behind(Vec::with_capacity(64), id)
    }
}

impl<B: BorrowMut<Vec<u8>>> Segment<B> {
    /// A segment behind what stands in a buffer.
    pub fn behind(mut buffer: B, id: &str) -> Self {
        buffer.borrow_mut().extend_from_slice(id.as_bytes());
        Self(buffer)
    }

    fn bytes(&mut self) -> &mut Vec<u8> {
        self.0.borrow_mut()
    }

    /// Adds an element that is text of our own: a code, a number, a date.
    #[must_use]
    pub fn code(mut self, code: impl AsRef<[u8]>) -> Self {
        let bytes = self.bytes();
        bytes.push(b'*');
        bytes.extend_from_slice(code.as_ref());
        self
    }

    /// Adds a component of our own to the element before.
    #[must_use]
    pub fn component(mut self, component: impl AsRef<[u8]>) -> Self {
        let bytes = self.bytes();
        bytes.push(b':');
        bytes.extend_from_slice(component.as_ref());
        self
    }

    /// Adds an element of the input, made safe; it is empty where that is blank.
    #[must_use]
    pub fn text(mut self, value: &[u8], length: Length) -> Self {
        let bytes = self.bytes();
        bytes.push(b'*');
        text::push(bytes, value, length);
        self
    }

    /// Adds an element of the input that must not be empty: the first one that is not blank.
    #[must_use]
    pub fn first_of(mut self, values: &[&[u8]], length: Length) -> Self {
        let bytes = self.bytes();
        bytes.push(b'*');
        let start = bytes.len();
        for value in values {
            if bytes.len() == start {
                text::push(bytes, value, length);
            }
        }
        self
    }

    /// Adds so many empty elements.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        let bytes = self.bytes();
        bytes.resize(bytes.len() + count, b'*');
        self
    }

    /// Adds an element of components of our own; those left out at its end are empty.
    #[must_use]
    pub fn composite(self, components: &[&str]) -> Self {
        let joined = components.join(":");
        self.code(joined.trim_end_matches(':'))
    }

    /// Adds a whole number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.code(itoa::Buffer::new().format(number))
    }

    /// Adds an amount: no more decimals than it needs, 18 digits at most.
    #[must_use]
    pub fn amount(self, cents: i128) -> Self {
        let cents = i64::try_from(cents.clamp(-MOST_CENTS, MOST_CENTS)).unwrap_or_default();
        let (whole, part) = (
            cents.unsigned_abs() / 100,
            (cents.unsigned_abs() % 100) as u8,
        );
        let mut with_whole = self.code(if cents < 0 { "-" } else { "" });
        let bytes = with_whole.bytes();
        bytes.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        let digits = [b'.', b'0' + part / 10, b'0' + part % 10];
        let kept = match part {
            0 => 0,
            _ if part % 10 == 0 => 2,
            _ => 3,
        };
        bytes.extend_from_slice(&digits[..kept]);
        with_whole
    }

    /// Adds an amount, or an empty element.
    #[must_use]
    pub fn optional_amount(self, cents: Option<i128>) -> Self {
        match cents {
            Some(cents) => self.amount(cents),
            None => self.skip(1),
        }
    }

    /// Gives the segment its terminator; elements left out at its end are not there.
    pub fn end(mut self) -> B {
        let bytes = self.bytes();
        while bytes.ends_with(b"*") {
            bytes.pop();
        }
        bytes.extend_from_slice(b"~\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::length;
    use super::*;

    fn shown(segment: Segment) -> String {
        String::from_utf8(segment.end()).unwrap()
    }

    #[test]
    fn what_is_left_out_at_the_end_is_not_there() {
        let segment = Segment::new("STC").composite(&["A1", "19", ""]);
        assert_eq!(shown(segment.skip(3)), "STC*A1:19~\n");
        let name = Segment::new("NM1").code("QC").text(b" ", length(1, 60));
        assert_eq!(shown(name), "NM1*QC~\n");
    }

    #[test]
    fn amounts_have_the_decimals_that_they_need() {
        for (cents, text) in [
            (0, "0"),
            (5, "0.05"),
            (1250, "12.5"),
            (1207, "12.07"),
            (-1250, "-12.5"),
            (-5, "-0.05"),
            (100_000, "1000"),
            (i128::MAX, "9999999999999999.99"),
        ] {
            assert_eq!(
                shown(Segment::new("AMT").amount(cents)),
                format!("AMT*{text}~\n")
            );
        }
    }

    #[test]
    fn a_segment_behind_others_leaves_them_as_they_are() {
        let mut buffer = b"HL*1**20~\n".to_vec();
        Segment::behind(&mut buffer, "STC")
            .code("A2")
            .component("20")
            .number(7)
            .skip(2)
            .end();
        assert_eq!(buffer, b"HL*1**20~\nSTC*A2:20*7~\n");
    }

    #[test]
    fn the_first_that_is_not_blank_is_taken() {
        let segment = Segment::new("GS").first_of(&[b" ", b"*", b"A"], length(2, 15));
        assert_eq!(shown(segment), "GS*? ~\n");
    }
}
