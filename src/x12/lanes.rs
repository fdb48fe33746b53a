//! Blocks of bytes, compared sixteen at a time.

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const BLOCK_BYTES: usize = 64;

/// The places of carriage returns and line feeds in a block, one bit for each.
#[inline]
pub(super) fn line_breaks(block: &[u8; BLOCK_BYTES]) -> u64 {
    let [carriage_return, line_feed] = [b'\r', b'\n'].map(u8x16::splat);
    bits(block, |lane| {
        lane.simd_eq(carriage_return) | lane.simd_eq(line_feed)
    })
}

/// The places of a byte in a block, one bit for each.
#[inline]
pub(super) fn places(block: &[u8; BLOCK_BYTES], byte: u8) -> u64 {
    let wanted = u8x16::splat(byte);
    bits(block, |lane| lane.simd_eq(wanted))
}

/// The places of kinds of bytes among the first `length` of a block, one bit for each. A kind is
/// where its lane has the highest bit.
#[inline]
pub(crate) fn marks<const KINDS: usize>(
    block: &[u8; BLOCK_BYTES],
    length: usize,
    kinds: impl Fn(u8x16) -> [u8x16; KINDS],
) -> [u64; KINDS] {
    let beyond = BLOCK_BYTES.saturating_sub(length) as u32;
    let within = u64::MAX.checked_shr(beyond).unwrap_or(0);
    loose_marks(block, length, kinds).map(|mark| mark & within)
}

/// [`marks`], and perhaps some of those behind the first `length` bytes.
#[inline]
pub(super) fn loose_marks<const KINDS: usize>(
    block: &[u8; BLOCK_BYTES],
    length: usize,
    kinds: impl Fn(u8x16) -> [u8x16; KINDS],
) -> [u64; KINDS] {
    let ([first, second, others @ ..], _) = block.as_chunks::<16>() else {
        return [0; KINDS];
    };
    let mut marks = [0; KINDS];
    let mut add = |lane: &[u8; 16], shift: u32| {
        let found = kinds(u8x16::new(*lane));
        for (mark, found) in marks.iter_mut().zip(found) {
            *mark |= u64::from(found.to_bitmask()) << shift;
        }
    };
    add(first, 0);
    add(second, 16);
    if length > 32 {
        for (lane, shift) in others.iter().zip([32, 48]) {
            add(lane, shift);
        }
    }
    marks
}

#[inline]
fn bits(block: &[u8; BLOCK_BYTES], compare: impl Fn(u8x16) -> u8x16) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    lanes.iter().rev().fold(0, |bits, lane| {
        bits << 16 | u64::from(compare(u8x16::new(*lane)).to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_where_the_byte_is(bytes in prop::array::uniform32(0_u8..20)) {
            let mut block = [0; BLOCK_BYTES];
            block[..32].copy_from_slice(&bytes);
            block[32..].copy_from_slice(&bytes);
            for (index, byte) in block.iter().enumerate() {
                for wanted in [0, 10, 19] {
                    let is_there = places(&block, wanted) >> index & 1 == 1;
                    prop_assert_eq!(is_there, *byte == wanted);
                }
                let is_break = line_breaks(&block) >> index & 1 == 1;
                prop_assert_eq!(is_break, matches!(byte, b'\r' | b'\n'));
            }
            for length in 0..=BLOCK_BYTES {
                let [tens] = marks(&block, length, |lane| [lane.simd_eq(u8x16::splat(10))]);
                for (index, byte) in block.iter().enumerate() {
                    let is_there = tens >> index & 1 == 1;
                    prop_assert_eq!(is_there, index < length && *byte == 10);
                }
            }
        }
    }
}
