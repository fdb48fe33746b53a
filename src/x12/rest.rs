//! What follows the id of a segment, cut into elements at once.

use nom::Parser;
use wide::u8x16;

use super::element;
use super::lanes::{BLOCK_BYTES, marks};

/// What follows the id of a segment: its elements, each behind its separator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a> {
    /// What is at hand from its first byte on: it, and perhaps more, which is only looked at.
    ahead: &'a [u8],
    length: usize,
}

impl<'a> Rest<'a> {
    /// The end of a segment, of which `ahead` has at least the bytes.
    #[inline]
    pub(crate) fn new(bytes: &[u8], segment: &[u8], ahead: &'a [u8]) -> Self {
        let ahead = ahead.get(segment.len() - bytes.len()..);
        Self {
            ahead: ahead.unwrap_or_default(),
            length: bytes.len(),
        }
    }

    fn bytes(&self) -> &'a [u8] {
        &self.ahead[..self.length]
    }

    /// The first elements; those left out at the end are empty.
    ///
    /// Separators are found in a block of bytes together; where the segment is longer than that,
    /// one after the other, by the grammar ([`element::elements`]).
    #[inline]
    pub(crate) fn elements<const N: usize>(&self, separator: u8) -> [&'a [u8]; N] {
        let cut = self.in_block(|block| self.cut(block, separator));
        cut.unwrap_or_else(|| self.parsed(separator))
    }

    /// The element of a position, from 1; it is empty where there is none.
    #[inline]
    pub(crate) fn element<const POSITION: usize>(&self, separator: u8) -> &'a [u8] {
        let found = self.in_block(|block| self.find(block, POSITION, separator));
        found.unwrap_or_else(|| self.parsed_at(POSITION, separator))
    }

    /// Looks at a block that starts with the bytes; `None` where they are longer than one.
    #[inline]
    fn in_block<T>(&self, look: impl Fn(&[u8; BLOCK_BYTES]) -> T) -> Option<T> {
        match self.ahead.first_chunk() {
            Some(block) => (self.length <= BLOCK_BYTES).then(|| look(block)),
            None => {
                let mut block = [0; BLOCK_BYTES];
                block[..self.length].copy_from_slice(self.bytes());
                Some(look(&block))
            }
        }
    }

    /// Whether its first element is that qualifier.
    #[inline]
    pub(crate) fn is_qualified<const N: usize>(&self, qualifier: &[u8; N], separator: u8) -> bool {
        let Some((first, behind)) = self.bytes().split_first() else {
            return false;
        };
        let behind = behind.strip_prefix(qualifier);
        *first == separator
            && behind.is_some_and(|behind| behind.first().is_none_or(|next| *next == separator))
    }

    #[inline]
    fn cut<const N: usize>(&self, block: &[u8; BLOCK_BYTES], separator: u8) -> [&'a [u8]; N] {
        let wanted = u8x16::splat(separator);
        let [mut found] = marks(block, self.length, |lane| [lane.simd_eq(wanted)]);
        let mut elements = [&b""[..]; N];
        for element in &mut elements {
            if found == 0 {
                break;
            }
            let start = found.trailing_zeros() as usize + 1;
            found &= found - 1;
            let end = self.length.min(found.trailing_zeros() as usize);
            *element = self.ahead.get(start..end).unwrap_or_default();
        }
        elements
    }

    #[inline]
    fn find(&self, block: &[u8; BLOCK_BYTES], position: usize, separator: u8) -> &'a [u8] {
        let wanted = u8x16::splat(separator);
        let [mut found] = marks(block, self.length, |lane| [lane.simd_eq(wanted)]);
        for _ in 1..position {
            found &= found.wrapping_sub(1);
        }
        let start = found.trailing_zeros() as usize + 1;
        found &= found.wrapping_sub(1);
        let end = self.length.min(found.trailing_zeros() as usize);
        self.ahead.get(start..end).unwrap_or_default()
    }

    #[cold]
    fn parsed_at(&self, position: usize, separator: u8) -> &'a [u8] {
        let before = element::skip(separator, position.saturating_sub(1));
        let parsed = (before, element::element(separator)).parse(self.bytes());
        parsed.map_or(b"", |(_, ((), element))| element)
    }

    #[cold]
    fn parsed<const N: usize>(&self, separator: u8) -> [&'a [u8]; N] {
        let parsed = element::elements(separator).parse(self.bytes());
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
            let parsed = rest.parsed::<9>(b'*');
            prop_assert_eq!(rest.element::<1>(b'*'), parsed[0]);
            prop_assert_eq!(rest.element::<4>(b'*'), parsed[3]);
            prop_assert_eq!(rest.element::<9>(b'*'), parsed[8]);
            prop_assert_eq!(rest.parsed_at(4, b'*'), parsed[3]);
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
