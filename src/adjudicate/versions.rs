//! Claim versions: what voids (CLM05-3 `8`) and replacements (`7`) take back.
//!
//! They are settled one by one, in arrival order, before anything is judged. A claim that
//! was taken back is no longer active; voiding a replacement does not bring its original
//! back.

use ahash::AHashMap;

use super::earlier::EarlierClaim;
use crate::claim::ClaimControlNumber;
use crate::timeline::{Batch, Claim, Frequency, Symbol};

/// What became of each claim of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// By claim; empty when no claim voids or replaces another.
    status: Vec<ClaimStatus>,
    /// The voids that took nothing back, ascending.
    pub voids_without_effect: Vec<u32>,
    /// The claims of earlier runs that were taken back: the claim of the batch that did it,
    /// and the index of the earlier claim. Ascending by the first.
    pub earlier_taken_back: Vec<(u32, u32)>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClaimStatus {
    /// It is judged.
    #[default]
    Active,
    /// It is judged; the claim that it replaces was not found.
    OriginalUnknown,
    /// It is a void: its own lines pass.
    Void,
    /// The claim of that index took it back.
    TakenBack(u32),
}

impl Versions {
    /// What became of a claim.
    #[must_use]
    pub fn status(&self, claim: u32) -> ClaimStatus {
        self.status.get(claim as usize).copied().unwrap_or_default()
    }
}

/// A claim as a void or replacement names it by patient control number.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientReference<'b> {
    /// Index of the plan.
    pub plan: u16,
    /// The member key of the timeline; empty for every claim without a subscriber id.
    pub member: Symbol,
    /// The billing provider.
    pub billing_provider: Symbol,
    /// The patient control number.
    pub number: &'b [u8],
}

/// The claims that the voids and replacements of a batch name, wherever they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClaimNames<'b> {
    /// By claim control number; ascending, each once.
    pub control_numbers: Vec<ClaimControlNumber>,
    /// By patient control number; ascending, each once.
    pub patient_references: Vec<PatientReference<'b>>,
}

impl<'b> ClaimNames<'b> {
    /// The claims named by a batch.
    #[must_use]
    pub fn of(batch: &'b Batch) -> Self {
        let versions = || {
            let claims = batch.claims.iter();
            claims.filter(|claim| claim.frequency != Frequency::Original)
        };
        let mut names = Self {
            control_numbers: versions()
                .filter_map(|claim| control_number(batch, claim))
                .collect(),
            patient_references: versions()
                .filter_map(|claim| wanted(batch, claim))
                .collect(),
        };
        names.control_numbers.sort_unstable();
        names.control_numbers.dedup();
        names.patient_references.sort_unstable();
        names.patient_references.dedup();
        names
    }

    /// Whether no claim is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.control_numbers.is_empty() && self.patient_references.is_empty()
    }
}

/// Settles the claim versions of a batch. `earlier` are the claims of earlier runs that are
/// active and may be meant: those that [`ClaimNames`] asks for.
#[must_use]
pub fn settle(batch: &Batch, earlier: &[EarlierClaim]) -> Versions {
    if batch
        .claims
        .iter()
        .all(|claim| claim.frequency == Frequency::Original)
    {
        return Versions::default();
    }
    let mut settling = Settling::new(batch, earlier);
    for index in 0..batch.claims.len() as u32 {
        settling.settle(index);
    }
    settling.versions
}

/// A claim that can be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// A claim of the batch.
    Here(u32),
    /// A claim of an earlier run.
    Earlier(u32),
}

struct Settling<'b> {
    batch: &'b Batch,
    earlier: &'b [EarlierClaim],
    versions: Versions,
    /// Whether a claim of an earlier run was taken back by now: by a claim that is no test, by
    /// a test. What a test takes back is taken back for tests alone.
    is_earlier_taken_back: Vec<[bool; 2]>,
    /// Claims by the references that some void or replacement asks for, and no others.
    by_patient_number: AHashMap<PatientReference<'b>, Vec<Meant>>,
    by_control_number: AHashMap<ClaimControlNumber, Vec<Meant>>,
}

impl<'b> Settling<'b> {
    fn new(batch: &'b Batch, earlier: &'b [EarlierClaim]) -> Self {
        let versions = || {
            let claims = batch.claims.iter();
            claims.filter(|claim| claim.frequency != Frequency::Original)
        };
        let references = versions().filter_map(|claim| wanted(batch, claim));
        let numbers = versions().filter_map(|claim| control_number(batch, claim));
        let mut settling = Self {
            batch,
            earlier,
            versions: Versions {
                status: vec![ClaimStatus::Active; batch.claims.len()],
                ..Versions::default()
            },
            is_earlier_taken_back: vec![[false; 2]; earlier.len()],
            by_patient_number: references.map(|key| (key, Vec::new())).collect(),
            by_control_number: numbers.map(|key| (key, Vec::new())).collect(),
        };
        for (index, claim) in (0_u32..).zip(earlier) {
            let reference = PatientReference {
                plan: claim.plan,
                billing_provider: claim.billing_provider,
                member: member_of(claim.member_identified, claim.member),
                number: &claim.patient_control_number,
            };
            settling.remember(Meant::Earlier(index), &reference, || claim.control_number);
        }
        settling
    }

    fn settle(&mut self, index: u32) {
        let claim = &self.batch.claims[index as usize];
        if claim.plan.is_none() {
            return;
        }
        let original = match claim.frequency {
            Frequency::Original => None,
            Frequency::Replacement | Frequency::Void => self.original_of(claim),
        };
        match original {
            Some(Meant::Here(original)) => {
                self.versions.status[original as usize] = ClaimStatus::TakenBack(index);
            }
            Some(Meant::Earlier(original)) => {
                let is_test = usize::from(self.batch.is_test(claim));
                self.is_earlier_taken_back[original as usize][is_test] = true;
                self.versions.earlier_taken_back.push((index, original));
            }
            None => {}
        }
        match claim.frequency {
            Frequency::Void => {
                self.versions.status[index as usize] = ClaimStatus::Void;
                if original.is_none() {
                    self.versions.voids_without_effect.push(index);
                }
                return;
            }
            Frequency::Replacement if original.is_none() => {
                self.versions.status[index as usize] = ClaimStatus::OriginalUnknown;
            }
            Frequency::Replacement | Frequency::Original => {}
        }
        if !self.batch.bears_governed_line(claim) {
            return;
        }
        let number = self.batch.text(claim.patient_control_number);
        if let Some(reference) = patient_reference(claim, number) {
            let batch = self.batch;
            let control_number = || Some(batch.control_number_of(claim));
            self.remember(Meant::Here(index), &reference, control_number);
        }
    }

    /// Remembers a claim that bears a governed line, if a void or replacement asks for it.
    fn remember(
        &mut self,
        claim: Meant,
        reference: &PatientReference<'b>,
        control_number: impl FnOnce() -> Option<ClaimControlNumber>,
    ) {
        if let Some(claims) = self.by_patient_number.get_mut(reference) {
            claims.push(claim);
        }
        if self.by_control_number.is_empty() {
            return;
        }
        if let Some(number) = control_number()
            && let Some(claims) = self.by_control_number.get_mut(&number)
        {
            claims.push(claim);
        }
    }

    /// The claim that a void or replacement means: by claim control number, whoever its
    /// member is; else by the member's patient control number.
    fn original_of(&self, claim: &Claim) -> Option<Meant> {
        let number = control_number(self.batch, claim);
        let named = number.and_then(|number| self.by_control_number.get(&number));
        let by_control_number = named.and_then(|claims| self.only_active(claims, claim));
        by_control_number.or_else(|| {
            let key = wanted(self.batch, claim)?;
            self.only_active(self.by_patient_number.get(&key)?, claim)
        })
    }

    /// The only one of them that is active, of the same plan and billing provider.
    fn only_active(&self, claims: &[Meant], by: &Claim) -> Option<Meant> {
        let is_test = self.batch.is_test(by);
        let mut meant = claims.iter().copied().filter(|&meant| {
            let (is_active, plan, billing_provider) = match meant {
                Meant::Here(index) => {
                    let claim = &self.batch.claims[index as usize];
                    let status = self.versions.status(index);
                    let is_active =
                        matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
                    let is_of_kind = self.batch.is_test(claim) == is_test;
                    (is_active && is_of_kind, claim.plan, claim.billing_provider)
                }
                Meant::Earlier(index) => {
                    let claim = &self.earlier[index as usize];
                    let taken_back = self.is_earlier_taken_back[index as usize];
                    let is_active = !taken_back[usize::from(is_test)];
                    (is_active, Some(claim.plan), claim.billing_provider)
                }
            };
            is_active && plan == by.plan && billing_provider.is_same_identity(by.billing_provider)
        });
        meant.next().filter(|_| meant.next().is_none())
    }
}

/// The reference by which a void or replacement names a claim of its member: REF*F8, or
/// CLM01 where that is absent.
fn wanted<'b>(batch: &'b Batch, claim: &Claim) -> Option<PatientReference<'b>> {
    let reference = claim
        .original_reference
        .unwrap_or(claim.patient_control_number);
    patient_reference(claim, batch.text(reference))
}

fn patient_reference<'b>(claim: &Claim, number: &'b [u8]) -> Option<PatientReference<'b>> {
    Some(PatientReference {
        plan: claim.plan?,
        member: member_of(claim.member_identified, claim.timeline_member),
        billing_provider: claim.billing_provider,
        number,
    })
}

/// Claims without a subscriber id are of one member.
fn member_of(is_identified: bool, member: Symbol) -> Symbol {
    if is_identified { member } else { Symbol::EMPTY }
}

/// REF*F8, where it has the shape of a claim control number.
fn control_number(batch: &Batch, claim: &Claim) -> Option<ClaimControlNumber> {
    ClaimControlNumber::from_text(batch.text(claim.original_reference?))
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn a_void_takes_its_original_back_and_passes() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 reverse pcn=A
            2025-01-06 20552 pass    pcn=A freq=8
            2025-01-06 20552 pay     pcn=B session=1
            ",
        );
    }

    #[test]
    fn a_replacement_is_judged_in_the_place_of_its_original() {
        check(
            "cigna-0139",
            "
            2025-01-06 20553 reverse pcn=A
            2025-01-06 20552 pay     pcn=B freq=7 ref=A
            ",
        );
    }

    #[test]
    fn a_replacement_of_a_replacement_and_a_void_of_that() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 reverse pcn=A
            2025-01-06 20552 reverse pcn=A freq=7
            2025-01-06 20553 reverse pcn=A freq=7
            2025-01-06 20552 pass    pcn=A freq=8
            2025-01-06 20552 pass    pcn=A freq=8
            ",
        );
    }

    #[test]
    fn a_void_that_arrives_before_its_original_takes_nothing_back() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pass pcn=A freq=8
            2025-01-06 20552 pay  pcn=A
            ",
        );
    }

    #[test]
    fn of_several_that_match_none_is_meant() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay  pcn=A
            2025-01-13 20552 pay  pcn=A
            2025-01-06 20552 pass pcn=A freq=8
            ",
        );
    }

    #[test]
    fn another_billing_provider_or_member_takes_nothing_back() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay  pcn=A
            2025-01-06 20552 pass pcn=A freq=8 billing=2
            2025-01-06 20552 pass pcn=A freq=8 member=W2
            2025-01-13 20552 pay  pcn=B billing=-
            2025-01-13 20552 pass pcn=B freq=8 billing=-
            ",
        );
    }

    #[test]
    fn a_claim_control_number_means_its_claim_whoever_the_member_is() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 reverse pcn=A
            2025-01-06 20552 pay     pcn=A member=W2 freq=7 ref=ccn:1
            ",
        );
    }

    #[test]
    fn claims_without_a_subscriber_id_are_of_the_same_member() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 reverse pcn=A member=/20150320/F/ZOE
            2025-01-06 20552 pass    pcn=A member=- freq=8
            ",
        );
    }
}
