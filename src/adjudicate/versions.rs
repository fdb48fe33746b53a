//! Claim versions: what voids (CLM05-3 `8`) and replacements (`7`) take back.
//!
//! They are settled one by one, in arrival order, before anything is judged. A claim that
//! was taken back is no longer active; voiding a replacement does not bring its original
//! back.

use ahash::{AHashMap, AHashSet};

use crate::claim::ClaimControlNumber;
use crate::timeline::{Batch, Claim, Frequency, Symbol};

/// What became of each claim of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// By claim; empty when no claim voids or replaces another.
    status: Vec<ClaimStatus>,
    /// The voids that took nothing back, ascending.
    pub voids_without_effect: Vec<u32>,
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PatientReference<'b> {
    plan: u16,
    billing_provider: Symbol,
    /// The member; empty for every claim without a subscriber id.
    member: Symbol,
    number: &'b [u8],
}

/// Settles the claim versions of a batch.
#[must_use]
pub fn settle(batch: &Batch) -> Versions {
    if batch
        .claims
        .iter()
        .all(|claim| claim.frequency == Frequency::Original)
    {
        return Versions::default();
    }
    let mut settling = Settling::new(batch);
    for index in 0..batch.claims.len() as u32 {
        settling.settle(index);
    }
    settling.versions
}

struct Settling<'b> {
    batch: &'b Batch,
    versions: Versions,
    /// Claims by the references that some void or replacement asks for, and no others.
    by_patient_number: AHashMap<PatientReference<'b>, Vec<u32>>,
    by_control_number: AHashMap<ClaimControlNumber, Vec<u32>>,
}

impl<'b> Settling<'b> {
    fn new(batch: &'b Batch) -> Self {
        let versions = batch
            .claims
            .iter()
            .filter(|claim| claim.frequency != Frequency::Original);
        let wanted: AHashSet<_> = versions
            .clone()
            .filter_map(|claim| wanted(batch, claim))
            .collect();
        let numbers: AHashSet<_> = versions
            .filter_map(|claim| control_number(batch, claim))
            .collect();
        Self {
            batch,
            versions: Versions {
                status: vec![ClaimStatus::Active; batch.claims.len()],
                voids_without_effect: Vec::new(),
            },
            by_patient_number: wanted.into_iter().map(|key| (key, Vec::new())).collect(),
            by_control_number: numbers.into_iter().map(|key| (key, Vec::new())).collect(),
        }
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
        if let Some(original) = original {
            self.versions.status[original as usize] = ClaimStatus::TakenBack(index);
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
        self.remember(index, claim);
    }

    /// Remembers a claim that bears a governed line, if a later one asks for it.
    fn remember(&mut self, index: u32, claim: &'b Claim) {
        if !bears_governed_line(self.batch, claim) {
            return;
        }
        let number = self.batch.text(claim.patient_control_number);
        let key = patient_reference(claim, number);
        if let Some(claims) = key.and_then(|key| self.by_patient_number.get_mut(&key)) {
            claims.push(index);
        }
        if self.by_control_number.is_empty() {
            return;
        }
        let number = self.batch.control_number_of(claim);
        if let Some(claims) = self.by_control_number.get_mut(&number) {
            claims.push(index);
        }
    }

    /// The claim that a void or replacement means: by claim control number, whoever its
    /// member is; else by the member's patient control number.
    fn original_of(&self, claim: &Claim) -> Option<u32> {
        let number = control_number(self.batch, claim);
        let named = number.and_then(|number| self.by_control_number.get(&number));
        let by_control_number = named.and_then(|claims| self.only_active(claims, claim));
        by_control_number.or_else(|| {
            let key = wanted(self.batch, claim)?;
            self.only_active(self.by_patient_number.get(&key)?, claim)
        })
    }

    /// The only one of them that is active, of the same plan and billing provider.
    fn only_active(&self, claims: &[u32], by: &Claim) -> Option<u32> {
        let mut meant = claims.iter().copied().filter(|&index| {
            let claim = &self.batch.claims[index as usize];
            let status = self.versions.status(index);
            matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown)
                && claim.plan == by.plan
                && claim.billing_provider.is_same_identity(by.billing_provider)
        });
        meant.next().filter(|_| meant.next().is_none())
    }
}

fn bears_governed_line(batch: &Batch, claim: &Claim) -> bool {
    let first = claim.first_line as usize;
    let lines = &batch.lines[first..first + claim.line_count as usize];
    lines.iter().any(|line| line.role.is_some())
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
        billing_provider: claim.billing_provider,
        member: if claim.member_identified {
            claim.member
        } else {
            Symbol::EMPTY
        },
        number,
    })
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
