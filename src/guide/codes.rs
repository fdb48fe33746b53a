//! Codes as numbers, and sets of them.

/// The longest code of a list, in bytes.
pub(super) const LONGEST_CODE: usize = 8;

/// A code as a number: its bytes, the last one lowest. None where it is longer than any code; 0
/// where it is empty.
#[inline]
#[must_use]
pub fn packed(code: &[u8]) -> Option<u64> {
    if code.len() > LONGEST_CODE {
        return None;
    }
    let number = code
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some(number)
}

/// A set of packed codes, looked up with one multiplication and few comparisons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeSet {
    /// Codes in the slots that they are looked for in, or the ones behind; 0 is none. At least
    /// every other one is empty.
    slots: Box<[u64]>,
    /// What leaves the number of a slot of a product.
    shift: u32,
}

impl CodeSet {
    pub(super) fn new(codes: &[u64]) -> Self {
        let bits = (2 * codes.len().max(1)).next_power_of_two().ilog2();
        let mut set = Self {
            slots: vec![0; 1 << bits].into(),
            shift: u64::BITS - bits,
        };
        for &code in codes.iter().filter(|&&code| code != 0) {
            if !set.contains(code) {
                let mut slot = set.slot(code);
                while set.slots[slot] != 0 {
                    slot = set.behind(slot);
                }
                set.slots[slot] = code;
            }
        }
        set
    }

    #[inline]
    pub(super) fn contains(&self, code: u64) -> bool {
        let mut slot = self.slot(code);
        loop {
            let found = self.slots[slot];
            if found == code || found == 0 {
                return found != 0;
            }
            slot = self.behind(slot);
        }
    }

    #[inline]
    fn slot(&self, code: u64) -> usize {
        (code.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    #[inline]
    fn behind(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_has_the_codes_that_it_was_given(
            given in prop::collection::vec("[A-C0-2]{1,3}", 0..40),
            others in prop::collection::vec("[A-C0-2]{0,3}", 0..40),
        ) {
            let pack = |code: &String| packed(code.as_bytes()).unwrap();
            let set = CodeSet::new(&given.iter().map(pack).collect::<Vec<_>>());
            for code in given.iter().chain(&others) {
                prop_assert_eq!(set.contains(pack(code)), given.contains(code));
            }
        }
    }

    #[test]
    fn a_code_longer_than_any_is_none() {
        assert_eq!(packed(b"AB"), Some(0x4142));
        assert_eq!(packed(b"123456789"), None);
    }
}
