//! Members: who they are follows from their number, and nothing is kept of them.

use super::names::{FIRST, LAST, MIDDLE, PLACES, STREETS};
use super::options::MOST_MEMBERS;
use super::random::{Draws, key};

/// Who pays for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Payer {
    /// 2010BB NM103.
    pub(super) name: &'static [u8],
    /// 2010BB NM109.
    pub(super) id: &'static [u8],
    /// Its address and place: N3, N4.
    pub(super) address: &'static [u8],
    /// SBR09.
    pub(super) filing: &'static [u8],
    /// What ids of its members begin with.
    pub(super) prefix: u8,
}

/// What a member's timeline is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Group 00123 of Cigna: monthly sessions are allowed.
    CignaGroup,
    /// Other groups of Cigna.
    Cigna,
    /// CareSource.
    CareSource,
}

/// Of twenty members in a row, these are of a family: from the first to before the second.
const FAMILIES: [(Family, u64, u64); 3] = [
    (Family::CignaGroup, 0, 3),
    (Family::Cigna, 3, 12),
    (Family::CareSource, 12, 20),
];

const CIGNA: Payer = Payer {
    name: b"CIGNA",
    id: b"62308",
    address: b"N3*PO BOX 5501~\nN4*LITTLE ROCK*AR*722030000~\n",
    filing: b"CI",
    prefix: b'U',
};

const CARESOURCE: Payer = Payer {
    name: b"CARESOURCE PASSE",
    id: b"CSPASSE",
    address: b"N3*PO BOX 5502~\nN4*LITTLE ROCK*AR*722030000~\n",
    filing: b"MC",
    prefix: b'P',
};

/// A payer that no plan names.
pub(super) const ANOTHER_PAYER: Payer = Payer {
    name: b"PLAINS MUTUAL",
    id: b"PLAINS01",
    address: b"N3*PO BOX 5503~\nN4*LITTLE ROCK*AR*722030000~\n",
    filing: b"CI",
    prefix: b'U',
};

/// Groups of Cigna without a plan of their own.
const GROUPS: [&[u8]; 4] = [b"00457", b"01988", b"03160", b"07204"];

/// A person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) first: &'static [u8],
    /// A letter, or nothing.
    pub(super) middle: &'static [u8],
    /// `F` or `M`.
    pub(super) sex: &'static [u8],
    /// `CCYYMMDD`, as a number.
    pub(super) born: u32,
}

/// A member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// Digits of the subscriber's id.
    pub(super) id: u64,
    pub(super) payer: Payer,
    pub(super) group: &'static [u8],
    pub(super) last: &'static [u8],
    pub(super) subscriber: Person,
    /// Who the patient is, and as what (PAT01), where it is not the subscriber.
    pub(super) dependent: Option<(Person, &'static [u8])>,
    pub(super) house: u32,
    pub(super) street: &'static [u8],
    pub(super) place: (&'static [u8], &'static [u8; 5]),
    /// The last four digits of the ZIP code.
    pub(super) zip: u32,
    /// Whether another payer pays first.
    pub(super) has_other_payer: bool,
}

/// The members of one generator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members {
    seed: u64,
    pub(super) count: u64,
    /// The year that ages are reckoned from.
    year: u32,
}

impl Members {
    pub(super) fn new(seed: u64, count: u64, year: u32) -> Self {
        Self {
            seed: key(seed, 0x4D45_4D42),
            count,
            year,
        }
    }

    /// The member nearest to one that is of a family; itself where there are too few.
    pub(super) fn of_family(self, member: u64, family: Family, draws: &mut Draws) -> u64 {
        let of_it = FAMILIES.iter().find(|(other, ..)| *other == family);
        let Some(&(_, first, end)) = of_it else {
            return member;
        };
        let nearest = member - member % 20 + first + u64::from(draws.below((end - first) as u32));
        if nearest < self.count {
            nearest
        } else {
            nearest.checked_sub(20).unwrap_or(member)
        }
    }

    /// Who a member is.
    pub(super) fn member(self, index: u64) -> Member {
        let mut draws = Draws::new(key(self.seed, index));
        let last = draws.one_of(&LAST);
        let is_dependent = draws.percent(15);
        let is_child = draws.percent(70);
        let family = FAMILIES
            .iter()
            .find(|(_, _, end)| index % 20 < *end)
            .map_or(Family::Cigna, |(family, ..)| *family);
        let (payer, group): (Payer, &[u8]) = match family {
            Family::CignaGroup => (CIGNA, b"00123"),
            Family::Cigna => (CIGNA, draws.one_of(&GROUPS)),
            Family::CareSource => (CARESOURCE, b""),
        };
        let subscriber = self.person(&mut draws, 24, 60);
        let dependent = is_dependent.then(|| {
            if is_child {
                (self.person(&mut draws, 2, 19), b"19".as_slice())
            } else {
                (self.person(&mut draws, 24, 60), b"01".as_slice())
            }
        });
        Member {
            id: self.id(index),
            payer,
            group,
            last,
            subscriber,
            dependent,
            house: 1 + draws.below(9899),
            street: draws.one_of(&STREETS),
            place: draws.one_of(&PLACES),
            zip: 1000 + draws.below(8999),
            has_other_payer: draws.percent(10),
        }
    }

    /// A number of its own for every member, in no order that can be seen.
    fn id(self, index: u64) -> u64 {
        // An odd factor permutes the numbers below a power of two.
        index.wrapping_mul(0x9_E377_9B97).wrapping_add(self.seed) % MOST_MEMBERS
    }

    fn person(self, draws: &mut Draws, youngest: u32, years: u32) -> Person {
        let sex = draws.below(2) as usize;
        let year = self.year - youngest - draws.below(years);
        let (month, day) = (1 + draws.below(12), 1 + draws.below(28));
        Person {
            first: draws.one_of(&FIRST[sex]),
            middle: draws.one_of(&MIDDLE),
            sex: [b"F", b"M"][sex],
            born: year * 10_000 + month * 100 + day,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_member_has_an_id_of_their_own_and_a_tenth_another_payer() {
        let members = Members::new(3, 20_000, 2026);
        let all: Vec<Member> = (0..20_000).map(|index| members.member(index)).collect();
        let ids: BTreeSet<u64> = all.iter().map(|member| member.id).collect();
        assert_eq!(ids.len(), all.len());
        let share = |is: fn(&Member) -> bool| all.iter().filter(|member| is(member)).count() / 200;
        assert!((14..=15).contains(&share(|member| member.dependent.is_some())));
        assert!((9..=10).contains(&share(|member| member.has_other_payer)));
        assert_eq!(share(|member| member.group == b"00123"), 15);
        assert_eq!(share(|member| member.payer == CARESOURCE), 40);
    }

    #[test]
    fn a_member_of_a_family_is_looked_for_among_those_there_are() {
        let mut draws = Draws::new(1);
        for count in [1, 7, 19, 20, 25, 1000] {
            let members = Members::new(3, count, 2026);
            for member in 0..count {
                for (family, first, end) in FAMILIES {
                    let found = members.of_family(member, family, &mut draws);
                    assert!(found < count);
                    assert!(count < 20 || (first..end).contains(&(found % 20)));
                }
            }
        }
    }
}
