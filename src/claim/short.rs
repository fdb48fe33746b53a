//! Numbers and dates as text, without memory of their own.

/// A short text of digits and signs: a number, an amount or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortText {
    bytes: [u8; Self::CAPACITY],
    length: u8,
}

impl ShortText {
    /// A sign, twenty digits and a point, and some to spare.
    const CAPACITY: usize = 24;

    pub(super) const EMPTY: Self = Self {
        bytes: [0; Self::CAPACITY],
        length: 0,
    };

    /// Adds ASCII; what does not fit is left out, which no number or date comes to.
    pub(super) fn push(&mut self, ascii: &[u8]) {
        let start = usize::from(self.length);
        if let Some(place) = self.bytes.get_mut(start..start + ascii.len()) {
            place.copy_from_slice(ascii);
            self.length += ascii.len() as u8;
        }
    }

    /// Adds a number in so many digits, the last ones if it has more.
    pub(super) fn push_digits(&mut self, number: u64, count: usize) {
        let start = usize::from(self.length);
        let Some(places) = self.bytes.get_mut(start..start + count) else {
            return;
        };
        let mut rest = number;
        for place in places.iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.length += count as u8;
    }

    /// It, as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// It, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}
