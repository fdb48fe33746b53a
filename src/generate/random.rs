//! Numbers that look random and are the same on every machine.
//!
//! Everything made up is a function of a key: the seed, mixed with what the thing is (a
//! provider, a member, a course, a claim). Nothing depends on what was drawn before, so any
//! claim can be made again without those in front of it.
//!
//! The function is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
//! Generators, 2014): a counter in steps of 2^64 divided by the golden ratio, and a finalizer of
//! two multiplications. It is written out here because the bytes of a seed are a promise.

/// 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes the bits of a number. No two numbers give the same.
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// The key of the thing number `index` of those that `key` stands for.
pub(super) fn key(key: u64, index: u64) -> u64 {
    mix(key ^ index.wrapping_add(1).wrapping_mul(STEP))
}

/// The numbers that belong to a key, one after another.
#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

impl Draws {
    pub(super) fn new(key: u64) -> Self {
        Self(key)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `limit`, each as likely as the others (to one in 2^32).
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let high = self.next() >> 32;
        ((high * u64::from(limit)) >> 32) as u32
    }

    /// A number below `limit`, which may be large.
    pub(super) fn below_many(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(limit);
        (product >> 64) as u64
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub(super) fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_that_the_paper_s_generator_gives() {
        // SplitMix64 from the seed 1234567: published test values.
        let mut draws = Draws::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(expected.map(|_| draws.next()), expected);
    }

    #[test]
    fn numbers_below_a_limit_are_below_it_and_reach_everything() {
        let mut draws = Draws::new(7);
        let mut seen = [0; 6];
        for _ in 0..6000 {
            seen[draws.below(6) as usize] += 1;
        }
        assert!(
            seen.iter().all(|&times| (850..1150).contains(&times)),
            "{seen:?}"
        );
        assert!((0..1000).all(|_| draws.below_many(3) < 3));
    }
}
