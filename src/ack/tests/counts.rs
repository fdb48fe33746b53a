//! Whatever comes in, what comes out reads back: envelopes, counts, levels and totals.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;
use super::readback::check;
use super::script::{files_in, number};
use crate::claim::Cents;

/// A transaction set: claims with their charges in cents, and whether they are accepted.
#[derive(Debug, Clone)]
pub(super) struct TransactionSet {
    pub(super) claims: Vec<(i64, bool)>,
    /// Before the claim of this index another provider begins.
    pub(super) providers: Vec<usize>,
    pub(super) findings: u8,
    pub(super) is_refused: bool,
}

/// Interchanges of groups of transaction sets; each may be refused.
pub(super) type Input = Vec<(Vec<(Vec<TransactionSet>, bool)>, bool)>;

fn transaction_set() -> impl Strategy<Value = TransactionSet> {
    let claims = prop::collection::vec((0..=99_999_999_i64, any::<bool>()), 0..6);
    let providers = prop::collection::vec(0..6_usize, 0..3);
    (claims, providers, 0..4_u8, prop::bool::weighted(0.2)).prop_map(
        |(claims, providers, findings, is_refused)| TransactionSet {
            claims,
            providers,
            findings,
            is_refused,
        },
    )
}

fn input() -> impl Strategy<Value = Input> {
    let group = (
        prop::collection::vec(transaction_set(), 0..4),
        prop::bool::weighted(0.2),
    );
    let interchange = (
        prop::collection::vec(group, 0..4),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(interchange, 0..4)
}

/// Feeds an input in which every text is the same odd one.
pub(super) fn feed(input: &Input, odd: &[u8], strict: bool) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        strict,
        ..Options::default()
    };
    let mut acknowledger = Acknowledger::new(folder.path(), options).unwrap();
    let mut take = |event: Event<'_>| acknowledger.take(event).unwrap();
    for (ordinal, (groups, is_refused)) in input.iter().enumerate() {
        let control_number = ordinal.to_string();
        take(Event::InterchangeBegins(Interchange {
            sender: Address {
                qualifier: odd,
                id: odd,
            },
            date: odd,
            control_number: control_number.as_bytes(),
            wants_acknowledgement: ordinal.is_multiple_of(2),
            ..Interchange::default()
        }));
        for (sets, is_refused) in groups {
            take(Event::GroupBegins(Group {
                identifier: b"HC",
                sender: odd,
                receiver: odd,
                control_number: odd,
                version: odd,
            }));
            for set in sets {
                feed_set(set, odd, &mut take);
            }
            let refused: &[GroupError] = if *is_refused {
                &[GroupError::CountWrong]
            } else {
                &[]
            };
            take(Event::GroupEnds(GroupEnd {
                included_count: Some(sets.len() as u64),
                refused,
                noted: &[],
            }));
        }
        take(Event::InterchangeEnds(if *is_refused {
            InterchangeFate::Refused(InterchangeNote::GroupCountWrong)
        } else {
            InterchangeFate::Accepted
        }));
    }
    acknowledger.finish().unwrap().publish().unwrap();
    files_in(folder.path())
}

fn feed_set(set: &TransactionSet, odd: &[u8], take: &mut impl FnMut(Event<'_>)) {
    let party = Party {
        is_person: odd.len().is_multiple_of(2),
        last_name: odd,
        first_name: odd,
        middle_name: odd,
        suffix: odd,
        id: odd,
    };
    take(Event::SetBegins(Set {
        identifier: b"837",
        control_number: odd,
        convention: odd,
    }));
    take(Event::SetHeader(SetHeader {
        reference: odd,
        submitter: party,
        receiver: party,
    }));
    for position in 0..set.findings {
        take(Event::Finding(Finding {
            segment: odd,
            position: position.into(),
            loop_id: odd,
            qualifier: odd,
            problem: Problem::Element(ElementPlace::default(), ElementError::TooLong),
            claim: Some(odd),
        }));
    }
    for (index, (cents, is_accepted)) in set.claims.iter().enumerate() {
        if set.providers.contains(&index) {
            take(Event::BillingProvider(BillingProvider {
                name: party,
                tax_id: odd,
            }));
        }
        take(Event::Claim(Claim {
            patient_control_number: odd,
            charge: Some(Cents(*cents)),
            patient: party,
            dates: None,
            trace_number: odd,
            fate: if *is_accepted {
                ClaimFate::Accepted(number())
            } else {
                ClaimFate::Rejected(&[])
            },
        }));
    }
    take(Event::SetEnds(if set.is_refused {
        SetFate::Refused(&[SetError::CountWrong])
    } else {
        SetFate::Accepted
    }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn answers_read_back(
        input in input(),
        odd in prop::collection::vec(any::<u8>(), 0..90),
        strict in any::<bool>(),
    ) {
        let files = feed(&input, &odd, strict);
        let (mut claims, mut sets) = (0, 0);
        for (name, text) in &files {
            let checked = check(text);
            if name.ends_with("277ca") {
                claims += checked.claims;
            }
            if name.ends_with("999") {
                sets += checked.sets;
            }
        }
        let kept = || input.iter().filter(|(_, is_refused)| !is_refused);
        prop_assert_eq!(sets, kept().map(|(groups, _)| groups.len()).sum::<usize>());
        let has_error = |set: &&TransactionSet| {
            set.findings > 0 || set.claims.iter().any(|(_, is_accepted)| !is_accepted)
        };
        let answered = kept()
            .flat_map(|(groups, _)| groups)
            .filter(|(_, is_refused)| !is_refused)
            .flat_map(|(sets, _)| sets)
            .filter(|set| !set.is_refused)
            .filter(|set| !strict || !has_error(set));
        prop_assert_eq!(claims, answered.map(|set| set.claims.len()).sum::<usize>());
    }
}

#[test]
fn an_interchange_has_as_many_groups_as_its_count_has_room_for() {
    let groups = vec![(Vec::new(), false); 100_001];
    let files = feed(&vec![(groups, false)], b"A1", false);
    let answer = &files["000001-000000000.999"];
    assert_eq!(check(answer).sets, 100_001);
    assert!(answer.contains("IEA*99999*000000001~\nISA*"));
    assert!(answer.ends_with("GE*1*100001~\nIEA*2*000000002~\n"));
}
