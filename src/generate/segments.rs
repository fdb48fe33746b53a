//! Segments as bytes, with the usual delimiters; others are put in when a buffer is full.

use super::delimiters::Translation;

/// A buffer that segments are written into.
#[derive(Debug, Default)]
pub(super) struct Segments {
    bytes: Vec<u8>,
    /// Segments ended since the count was last taken.
    count: u64,
}

impl Segments {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(capacity),
            count: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Takes the number of segments ended, and counts from 0 again.
    pub(super) fn take_count(&mut self) -> u64 {
        std::mem::take(&mut self.count)
    }

    /// Puts other delimiters in the place of the usual ones.
    pub(super) fn translate(&mut self, translation: &Translation) {
        translation.apply(&mut self.bytes);
    }

    /// Text as it stands, separators included.
    #[inline]
    pub(super) fn text(&mut self, text: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(text);
        self
    }

    /// Whole segments as they stand.
    #[inline]
    pub(super) fn segments(&mut self, text: &[u8], count: u64) {
        self.bytes.extend_from_slice(text);
        self.count += count;
    }

    /// Ends a segment.
    #[inline]
    pub(super) fn end(&mut self) {
        self.bytes.extend_from_slice(b"~\n");
        self.count += 1;
    }

    /// A whole number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.padded(number, 1)
    }

    /// A whole number, with zeros in front up to a width of at most 20.
    pub(super) fn padded(&mut self, number: u64, width: usize) -> &mut Self {
        let mut digits = [b'0'; 20];
        let (mut rest, mut start) = (number, digits.len());
        while rest > 0 {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let start = start.min(digits.len() - width.min(digits.len()));
        self.text(&digits[start..])
    }

    /// An amount, with two decimals.
    pub(super) fn money(&mut self, cents: u32) -> &mut Self {
        self.number(u64::from(cents / 100));
        let cents = (cents % 100) as u8;
        self.text(&[b'.', b'0' + cents / 10, b'0' + cents % 10])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_amounts_are_written_in_digits() {
        let mut segments = Segments::default();
        segments.number(0).text(b"*").number(1907).text(b"*");
        segments
            .padded(42, 9)
            .text(b"*")
            .padded(u64::MAX, 4)
            .text(b"*");
        segments.money(5).text(b"*").money(12_030).end();
        let expected = b"0*1907*000000042*18446744073709551615*0.05*120.30~\n";
        assert_eq!(segments.as_bytes(), expected);
        assert_eq!(segments.take_count(), 1);
    }
}
