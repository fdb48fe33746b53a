//! Billing providers: a practice's size, names and numbers follow from its number.

use super::codes::{PRACTICES, TAXONOMIES};
use super::names::{FIRST, LANDMARKS, LAST, PLACES, STREETS};
use super::random::{Draws, key};
use super::segments::Segments;

/// How many NPIs there are for billing providers; rendering ones have as many after them.
const NPIS: u64 = 1 << 25;

/// How many NPIs after those are for hospitals; referring providers have the ones that follow.
const FACILITIES: u64 = 1 << 20;

/// The most rendering providers of a practice.
const MOST_RENDERING: u64 = 8;

/// A billing provider.
#[derive(Debug, Clone, Copy)]
pub(super) struct Provider {
    pub(super) index: u64,
    /// What all that is made up about it follows from.
    pub(super) key: u64,
    seed: u64,
    rendering: u32,
    practice: usize,
    landmark: &'static [u8],
    /// Whether its offices are not where it bills from.
    has_offices: bool,
    /// What it charges, in hundredths of what is usual.
    pub(super) price: u32,
}

impl Provider {
    pub(super) fn new(seed: u64, index: u64) -> Self {
        let key = provider_key(seed, index);
        let mut draws = Draws::new(key);
        Self {
            index,
            key,
            seed,
            rendering: 1 + draws.below(MOST_RENDERING as u32),
            practice: draws.below(PRACTICES.len() as u32) as usize,
            landmark: draws.one_of(&LANDMARKS),
            has_offices: draws.percent(70),
            price: 80 + draws.below(60),
        }
    }

    /// Loops 2000A and 2010AA, from the HL with that id on.
    pub(super) fn write(&self, id: u64, out: &mut Segments) {
        let mut draws = Draws::new(key(self.key, 1));
        out.text(b"HL*").number(id).text(b"**20*1").end();
        out.text(b"PRV*BI*PXC*")
            .text(TAXONOMIES[self.practice])
            .end();
        out.text(b"NM1*85*2*").text(self.landmark).text(b" ");
        out.text(PRACTICES[self.practice]).text(b"*****XX*");
        let number = self.npi_number(self.index);
        out.number(npi(number)).end();
        out.text(b"N3*").number(u64::from(100 + draws.below(8900)));
        out.text(b" ").text(draws.one_of(&STREETS)).end();
        let (place, zip) = draws.one_of(&PLACES);
        out.text(b"N4*").text(place).text(b"*AR*").text(zip);
        out.padded(u64::from(draws.below(9999)), 4).end();
        // Tax ids that begin with 00 were never given to anyone.
        out.text(b"REF*EI*").padded(number % 10_000_000, 9).end();
        out.text(b"PER*IC*BILLING OFFICE*TE*50155501");
        out.padded(u64::from(draws.below(100)), 2).end();
    }

    /// A number below [`NPIS`] that no other has.
    fn npi_number(&self, index: u64) -> u64 {
        // An odd factor permutes the numbers below a power of two.
        let first = key(self.seed, 0x4E50_4931);
        index.wrapping_mul(0x9E37_79B1).wrapping_add(first) % NPIS
    }

    /// How many rendering providers it has.
    pub(super) fn rendering_count(&self) -> u32 {
        self.rendering
    }

    /// Loop 2310B for one of its rendering providers.
    pub(super) fn write_rendering(&self, which: u32, out: &mut Segments) {
        let number = self.index * MOST_RENDERING + u64::from(which);
        let mut draws = Draws::new(key(self.key, 2 + u64::from(which)));
        let sex = draws.below(2) as usize;
        out.text(b"NM1*82*1*").text(draws.one_of(&LAST)).text(b"*");
        out.text(draws.one_of(&FIRST[sex])).text(b"****XX*");
        let number = self.npi_number(number);
        out.number(npi(NPIS + number)).end();
        out.text(b"PRV*PE*PXC*")
            .text(TAXONOMIES[self.practice])
            .end();
        out.text(b"REF*0B*AR").padded(number % 1_000_000, 6).end();
    }

    /// Loop 2310A: somebody of another practice.
    pub(super) fn write_referring(who: u64, out: &mut Segments) {
        let mut draws = Draws::new(key(who, 0x5245_4645));
        let sex = draws.below(2) as usize;
        out.text(b"NM1*DN*1*").text(draws.one_of(&LAST)).text(b"*");
        out.text(draws.one_of(&FIRST[sex])).text(b"****XX*");
        out.number(npi(2 * NPIS + FACILITIES + who)).end();
    }

    /// Loop 2310C: the hospital where it sees outpatients, or its office, if that is not where it
    /// bills from.
    pub(super) fn write_facility(&self, is_hospital: bool, out: &mut Segments) {
        if !(is_hospital || self.has_offices) {
            return;
        }
        let mut draws = Draws::new(key(self.key, u64::from(is_hospital) << 32));
        let (place, zip) = draws.one_of(&PLACES);
        let kind: &[u8] = if is_hospital {
            b" COUNTY HOSPITAL"
        } else {
            b" MEDICAL OFFICE"
        };
        out.text(b"NM1*77*2*").text(place).text(kind);
        out.text(b"*****XX*");
        out.number(npi(2 * NPIS + draws.below_many(FACILITIES)))
            .end();
        out.text(b"N3*").number(u64::from(1 + draws.below(998)));
        out.text(b" ").text(draws.one_of(&STREETS)).end();
        out.text(b"N4*").text(place).text(b"*AR*").text(zip);
        out.text(b"0001").end();
    }
}

fn provider_key(seed: u64, index: u64) -> u64 {
    key(key(seed, 0x5052_4F56), index)
}

/// How many claims a provider bills in a row: from 1 to 200, most of them few.
pub(super) fn size(seed: u64, index: u64) -> u32 {
    let mut draws = Draws::new(key(provider_key(seed, index), u64::MAX - 1));
    match draws.below(100) {
        0..40 => 1 + draws.below(5),
        40..75 => 6 + draws.below(25),
        75..95 => 31 + draws.below(70),
        _ => 101 + draws.below(100),
    }
}

/// The NPI of that number: a 2, which is given to nobody yet, eight digits, the check digit.
///
/// The check digit is that of ISO/IEC 7812 (Luhn) over the number with 80840 before it.
pub(super) fn npi(number: u64) -> u64 {
    let digits = 200_000_000 + number % 100_000_000;
    // 80840 adds 24 to the sum, whatever follows.
    let (mut sum, mut rest, mut is_doubled) = (24, digits, true);
    while rest > 0 {
        let digit = rest % 10;
        sum += match (is_doubled, digit) {
            (true, 5..) => digit * 2 - 9,
            (true, _) => digit * 2,
            (false, _) => digit,
        };
        (rest, is_doubled) = (rest / 10, !is_doubled);
    }
    digits * 10 + (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole check, over 80840 and all ten digits.
    fn is_valid(npi: u64) -> bool {
        let text = format!("80840{npi}");
        let digits = text.bytes().rev().map(|byte| u64::from(byte - b'0'));
        let sum: u64 = digits
            .enumerate()
            .map(|(index, digit)| match (index % 2, digit * 2) {
                (0, _) => digit,
                (_, doubled @ 10..) => doubled - 9,
                (_, doubled) => doubled,
            })
            .sum();
        text.len() == 15 && sum.is_multiple_of(10)
    }

    #[test]
    fn npis_have_right_check_digits() {
        assert!(is_valid(1_234_567_893) && !is_valid(1_234_567_894));
        for number in (0..3 * NPIS).step_by(99_991) {
            assert!(is_valid(npi(number)), "{number}");
        }
    }

    #[test]
    fn providers_bill_from_1_to_200_claims_in_a_row() {
        let sizes: Vec<u32> = (0..20_000).map(|index| size(5, index)).collect();
        assert_eq!(
            (sizes.iter().min(), sizes.iter().max()),
            (Some(&1), Some(&200))
        );
        let mean = sizes.iter().sum::<u32>() / 20_000;
        assert!((26..=30).contains(&mean), "{mean}");
    }
}
