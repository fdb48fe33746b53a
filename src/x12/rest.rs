//! What follows the id of a segment, cut into elements at once.

use nom::Parser;
use wide::u8x16;

use super::element;
use super::lanes::{BLOCK_BYTES, marks};

/// What follows the id of a segment: its elements, each behind its separator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a> {
    bytes: &'a [u8],
    /// What is at hand from its first byte on: it, and perhaps more. It is only looked at.
    ahead: &'a [u8],
}

impl<'a> Rest<'a> {
    /// The end of a segment, of which `ahead` has at least the bytes.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], segment: &[u8], ahead: &'a [u8]) -> Self {
        let ahead = ahead.get(segment.len() - bytes.len()..);
        Self {
            bytes,
            ahead: ahead.unwrap_or_default(),
        }
    }

    /// The first elements; those left out at the end are empty.
    ///
    /// Separators are found in a block of bytes together; where the segment is longer than that, or
    /// less is at hand, one after the other, by the grammar ([`element::elements`]).
    #[inline]
    pub(crate) fn elements<const N: usize>(self, separator: u8) -> [&'a [u8]; N] {
        match self.ahead.first_chunk::<BLOCK_BYTES>() {
            Some(block) if self.bytes.len() <= BLOCK_BYTES => self.cut(block, separator),
            _ => self.parsed(separator),
        }
    }

    #[inline]
    fn cut<const N: usize>(self, block: &[u8; BLOCK_BYTES], separator: u8) -> [&'a [u8]; N] {
        let wanted = u8x16::splat(separator);
        let [mut found] = marks(block, self.bytes.len(), |lane| [lane.simd_eq(wanted)]);
        let mut elements = [&b""[..]; N];
        for element in &mut elements {
            if found == 0 {
                break;
            }
            let start = found.trailing_zeros() as usize + 1;
            found &= found - 1;
            let end = self.bytes.len().min(found.trailing_zeros() as usize);
            *element = self.bytes.get(start..end).unwrap_or_default();
        }
        elements
    }

    #[cold]
    fn parsed<const N: usize>(self, separator: u8) -> [&'a [u8]; N] {
        let parsed = element::elements(separator).parse(self.bytes);
        parsed.map_or([b""; N], |(_, elements): (_, [&[u8]; N])| elements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn elements_are_those_of_the_grammar(
            id in "[A-Z]{2,3}",
            elements in prop::collection::vec("[A:]{0,9}", 0..14),
            behind in "[*~A]{0,90}",
        ) {
            let rest: String = elements.iter().map(|element| format!("*{element}")).collect();
            let segment = format!("{id}{rest}");
            let ahead = format!("{segment}~{behind}");
            let (bytes, ahead) = (segment.as_bytes(), ahead.as_bytes());
            let rest = Rest::new(&bytes[id.len()..], bytes, ahead);
            prop_assert_eq!(rest.elements::<12>(b'*'), rest.parsed::<12>(b'*'));
            prop_assert_eq!(rest.elements::<2>(b'*'), rest.parsed::<2>(b'*'));
        }
    }

    #[test]
    fn elements_that_are_left_out_are_empty() {
        let ahead =
            b"LX*1~SV1*HC:20552*120*UN*1***1~DTP*472*D8*20260102~REF*6R*L1~LX*2~SV1*HC:99213";
        let of =
            |bytes: &'static [u8], segment| Rest::new(bytes, segment, ahead).elements::<2>(b'*');
        assert_eq!(of(&ahead[2..4], &ahead[..4]), [&b"1"[..], b""]);
        assert_eq!(of(&ahead[2..2], &ahead[..2]), [&b""[..], b""]);
    }
}
