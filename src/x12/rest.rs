//! What follows the id of a segment, cut into elements at once.

use std::array;

use nom::Parser;
use wide::u8x16;

use super::element;
use super::lanes::{BLOCK_BYTES, loose_marks};

/// What follows the id of a segment: its elements, each behind its separator.
///
/// INVARIANT: `ahead` is not shorter than `length`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest<'a> {
    /// What is at hand from its first byte on: it, and perhaps more, which is only looked at.
    ahead: &'a [u8],
    length: usize,
}

impl<'a> Rest<'a> {
    /// So many of the bytes at hand.
    #[inline]
    pub(crate) fn new(ahead: &'a [u8], length: usize) -> Self {
        let length = length.min(ahead.len());
        Self { ahead, length }
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
        match self.marks(separator) {
            Some(mut marks) => array::from_fn(|_| self.next(&mut marks)),
            None => self.parsed(separator),
        }
    }

    /// The element of a position, from 1; it is empty where there is none.
    #[inline]
    pub(crate) fn element<const POSITION: usize>(&self, separator: u8) -> &'a [u8] {
        let Some(mut marks) = self.marks(separator) else {
            return self.parsed_at(POSITION, separator);
        };
        for _ in 1..POSITION {
            marks &= marks.wrapping_sub(1);
        }
        self.next(&mut marks)
    }

    /// The places of separators, and that of the end, one bit for each; `None` where a block does not
    /// hold them.
    #[inline]
    fn marks(&self, separator: u8) -> Option<u64> {
        let end = 1_u64.checked_shl(self.length as u32)?;
        let wanted = u8x16::splat(separator);
        let look = |block: &[u8; BLOCK_BYTES]| {
            let [marks] = loose_marks(block, self.length, |lane| [lane.simd_eq(wanted)]);
            marks & (end - 1) | end
        };
        match self.ahead.first_chunk() {
            Some(block) => Some(look(block)),
            None => Some(look(&self.block())),
        }
    }

    /// The bytes at hand, where they are fewer than a block.
    #[cold]
    fn block(&self) -> [u8; BLOCK_BYTES] {
        let mut block = [0; BLOCK_BYTES];
        block[..self.ahead.len()].copy_from_slice(self.ahead);
        block
    }

    /// The element behind the first mark, which is taken out.
    #[inline]
    fn next(&self, marks: &mut u64) -> &'a [u8] {
        let start = marks.trailing_zeros() as usize + 1;
        *marks &= marks.wrapping_sub(1);
        let end = marks.trailing_zeros() as usize;
        self.bytes().get(start..end).unwrap_or_default()
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
            let rest = Rest::new(&ahead[id.len()..], bytes.len() - id.len());
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
        let of = |length| Rest::new(&ahead[2..], length).elements::<2>(b'*');
        assert_eq!(of(2), [&b"1"[..], b""]);
        assert_eq!(of(0), [&b""[..], b""]);
    }
}
