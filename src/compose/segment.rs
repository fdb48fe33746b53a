//! One segment that is written.

use super::text::{self, Length};
use crate::claim::Cents;

/// The most cents that fit 18 digits.
const MOST_CENTS: i128 = 999_999_999_999_999_999;

/// A segment that is being put together, element by element.
#[derive(Debug, Clone)]
pub struct Segment(Vec<u8>);

impl Segment {
    /// A segment of an id, without an element.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(id.as_bytes());
        Self(bytes)
    }

    /// Adds an element that is text of our own: a code, a number, a date.
    #[must_use]
    pub fn code(mut self, code: impl AsRef<[u8]>) -> Self {
        self.0.push(b'*');
        self.0.extend_from_slice(code.as_ref());
        self
    }

    /// Adds an element of the input, made safe; it is empty where that is blank.
    #[must_use]
    pub fn text(mut self, value: &[u8], length: Length) -> Self {
        self.0.push(b'*');
        text::push(&mut self.0, value, length);
        self
    }

    /// Adds an element of the input that must not be empty: the first one that is not blank.
    #[must_use]
    pub fn first_of(mut self, values: &[&[u8]], length: Length) -> Self {
        self.0.push(b'*');
        let start = self.0.len();
        for value in values {
            if self.0.len() == start {
                text::push(&mut self.0, value, length);
            }
        }
        self
    }

    /// Adds so many empty elements.
    #[must_use]
    pub fn skip(mut self, count: usize) -> Self {
        self.0.resize(self.0.len() + count, b'*');
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
        self.code(number.to_string())
    }

    /// Adds an amount: no more decimals than it needs, 18 digits at most.
    #[must_use]
    pub fn amount(self, cents: i128) -> Self {
        let cents = cents.clamp(-MOST_CENTS, MOST_CENTS);
        let text = Cents(i64::try_from(cents).unwrap_or_default()).to_string();
        let short = text.strip_suffix(".00");
        let short = short.or_else(|| text.strip_suffix('0'));
        self.code(short.unwrap_or(&text))
    }

    /// The segment with its terminator; elements left out at its end are not there.
    #[must_use]
    pub fn end(mut self) -> Vec<u8> {
        while self.0.ends_with(b"*") {
            self.0.pop();
        }
        self.0.extend_from_slice(b"~\n");
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
    fn the_first_that_is_not_blank_is_taken() {
        let segment = Segment::new("GS").first_of(&[b" ", b"*", b"A"], length(2, 15));
        assert_eq!(shown(segment), "GS*? ~\n");
    }
}
