//! Claim versions: what voids (CLM05-3 `8`) and replacements (`7`) take back.
//!
//! They are settled one by one, in arrival order, before anything is judged. A claim that
//! was taken back is no longer active; voiding a replacement does not bring its original
//! back.

use ahash::AHashMap;

use super::earlier::EarlierClaim;
use crate::claim::ClaimControlNumber;
use crate::timeline::{Batch, Claim, Frequency, Symbol, Symbols};

/// What became of each claim of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// By claim, where it is not simply active.
    status: AHashMap<u32, ClaimStatus>,
    /// The claims that took one of the run back.
    takers: Vec<Taker>,
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
    /// Another claim took it back: see [`Versions::taker_of`].
    TakenBack(u32),
}

/// A claim that took another one back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taker {
    /// Its index.
    pub claim: u32,
    /// Its claim control number.
    pub control_number: ClaimControlNumber,
}

impl Versions {
    /// What became of a claim.
    #[must_use]
    pub fn status(&self, claim: u32) -> ClaimStatus {
        if self.status.is_empty() {
            return ClaimStatus::Active;
        }
        self.status.get(&claim).copied().unwrap_or_default()
    }

    /// The claim that took a claim back.
    #[must_use]
    pub fn taker_of(&self, claim: u32) -> Option<&Taker> {
        match self.status(claim) {
            ClaimStatus::TakenBack(taker) => self.takers.get(taker as usize),
            _ => None,
        }
    }

    /// What became of some claims, by their place among them.
    #[must_use]
    pub fn of(&self, claims: impl Iterator<Item = u32>) -> Self {
        let mut some = Self::default();
        for (place, claim) in (0_u32..).zip(claims) {
            let status = match (self.status(claim), self.taker_of(claim)) {
                (ClaimStatus::Active, _) => continue,
                (_, Some(taker)) => {
                    some.takers.push(*taker);
                    ClaimStatus::TakenBack(some.takers.len() as u32 - 1)
                }
                (status, None) => status,
            };
            some.status.insert(place, status);
            if self.voids_without_effect.binary_search(&claim).is_ok() {
                some.voids_without_effect.push(place);
            }
        }
        some
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
    let mut settling = Settling::default();
    settling.ask(batch);
    for claim in earlier {
        settling.add_earlier(batch, claim);
    }
    settling.settle(batch);
    settling.versions
}

/// Settles the claim versions of a run whose claims come in several batches, one after the
/// other: all of them are to [`Settling::ask`] before the first is to [`Settling::settle`].
///
/// What it keeps grows with the voids and replacements, not with the claims.
#[derive(Debug, Default)]
pub struct Settling {
    /// The strings in what is asked for.
    names: Symbols,
    /// The claims that are asked for, and the last of those found; each leads to the one
    /// found before it.
    by_patient_number: AHashMap<Reference, Option<u32>>,
    by_control_number: AHashMap<ClaimControlNumber, Option<u32>>,
    found: Vec<Found>,
    /// Whether a claim of an earlier run was taken back by now: by a claim that is no test, by
    /// a test. What a test takes back is taken back for tests alone.
    is_earlier_taken_back: Vec<[bool; 2]>,
    /// Claims of the batches that are settled.
    claims: u32,
    versions: Versions,
}

/// [`PatientReference`], in the settling's own symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Reference {
    plan: u16,
    member: Symbol,
    billing_provider: Symbol,
    number: Symbol,
}

/// A claim that bears a governed line, and is asked for.
#[derive(Debug, Clone, Copy)]
struct Found {
    claim: Meant,
    plan: u16,
    billing_provider: Symbol,
    before: Option<u32>,
}

/// A claim that can be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// A claim of the run, and whether it is a test.
    Here(u32, bool),
    /// A claim of an earlier run.
    Earlier(u32),
}

impl Settling {
    /// Takes note of the claims that the voids and replacements of a batch ask for.
    pub fn ask(&mut self, batch: &Batch) {
        for claim in &batch.claims {
            if claim.frequency == Frequency::Original {
                continue;
            }
            if let Some(wanted) = wanted(batch, claim) {
                let names = &mut self.names;
                let mut name = |text| names.intern(text);
                let reference = Reference {
                    plan: wanted.plan,
                    member: name(batch.symbols.bytes(wanted.member)),
                    billing_provider: name(batch.symbols.bytes(wanted.billing_provider)),
                    number: name(wanted.number),
                };
                self.by_patient_number.entry(reference).or_default();
            }
            if let Some(number) = control_number(batch, claim) {
                self.by_control_number.entry(number).or_default();
            }
        }
    }

    /// Adds an active claim of an earlier run, named in the symbols of a batch.
    fn add_earlier(&mut self, batch: &Batch, claim: &EarlierClaim) {
        let name = |symbol| match symbol {
            Symbol::UNKNOWN => Symbol::UNKNOWN,
            symbol => self.names.find(batch.symbols.bytes(symbol)),
        };
        let reference = Reference {
            plan: claim.plan,
            member: name(member_of(claim.member_identified, claim.member)),
            billing_provider: name(claim.billing_provider),
            number: self.names.find(&claim.patient_control_number),
        };
        let meant = Meant::Earlier(self.is_earlier_taken_back.len() as u32);
        self.is_earlier_taken_back.push([false; 2]);
        self.remember(meant, reference, || claim.control_number);
    }

    /// Settles the claims of a batch that comes after those settled before.
    pub fn settle(&mut self, batch: &Batch) {
        if !(self.by_patient_number.is_empty() && self.by_control_number.is_empty())
            || batch.claims.iter().any(is_version)
        {
            for (index, claim) in (self.claims..).zip(&batch.claims) {
                self.settle_claim(batch, claim, index);
            }
        }
        self.claims += batch.claims.len() as u32;
    }

    /// What became of the claims, by their number in the run.
    #[must_use]
    pub fn versions(self) -> Versions {
        self.versions
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let references = size_of::<(Reference, Option<u32>)>() * self.by_patient_number.capacity();
        let numbers =
            size_of::<(ClaimControlNumber, Option<u32>)>() * self.by_control_number.capacity();
        let found = size_of::<Found>() * self.found.capacity();
        self.names.heap_bytes() + references + numbers + found
    }

    fn settle_claim(&mut self, batch: &Batch, claim: &Claim, index: u32) {
        let Some(plan) = batch.plan_of(claim) else {
            return;
        };
        let is_test = batch.is_test(claim);
        let original = is_version(claim)
            .then(|| self.original_of(batch, claim, plan, is_test))
            .flatten();
        if let Some(original) = original {
            self.take_back(original, index, is_test, batch.control_number_of(claim));
        }
        match claim.frequency {
            Frequency::Void => {
                self.versions.status.insert(index, ClaimStatus::Void);
                if original.is_none() {
                    self.versions.voids_without_effect.push(index);
                }
                return;
            }
            Frequency::Replacement if original.is_none() => {
                self.versions
                    .status
                    .insert(index, ClaimStatus::OriginalUnknown);
            }
            Frequency::Replacement | Frequency::Original => {}
        }
        if batch.bears_governed_line(claim) {
            self.add_claim(batch, claim, Meant::Here(index, is_test));
        }
    }

    /// Makes a claim of the run one that can be meant, if it is asked for.
    fn add_claim(&mut self, batch: &Batch, claim: &Claim, meant: Meant) {
        let number = self.names.find(batch.text(claim.patient_control_number));
        if number == Symbol::UNKNOWN && self.by_control_number.is_empty() {
            return;
        }
        let Some(reference) = patient_reference(batch, claim, b"") else {
            return;
        };
        let name = |symbol| self.names.find(batch.symbols.bytes(symbol));
        let reference = Reference {
            plan: reference.plan,
            member: name(reference.member),
            billing_provider: name(reference.billing_provider),
            number,
        };
        self.remember(meant, reference, || Some(batch.control_number_of(claim)));
    }

    /// Remembers a claim that bears a governed line, if a void or replacement asks for it.
    fn remember(
        &mut self,
        claim: Meant,
        reference: Reference,
        control_number: impl FnOnce() -> Option<ClaimControlNumber>,
    ) {
        let found = |before| Found {
            claim,
            plan: reference.plan,
            billing_provider: reference.billing_provider,
            before,
        };
        if let Some(last) = self.by_patient_number.get_mut(&reference) {
            self.found.push(found(*last));
            *last = Some(self.found.len() as u32 - 1);
        }
        if self.by_control_number.is_empty() {
            return;
        }
        if let Some(number) = control_number()
            && let Some(last) = self.by_control_number.get_mut(&number)
        {
            self.found.push(found(*last));
            *last = Some(self.found.len() as u32 - 1);
        }
    }

    /// The claim that a void or replacement means: by claim control number, whoever its
    /// member is; else by the member's patient control number.
    fn original_of(
        &mut self,
        batch: &Batch,
        claim: &Claim,
        plan: u16,
        is_test: bool,
    ) -> Option<Meant> {
        let name = |symbol| self.names.find(batch.symbols.bytes(symbol));
        let biller = name(claim.billing_provider);
        let number = control_number(batch, claim);
        let named = number.and_then(|number| self.by_control_number.get(&number));
        let wanted = wanted(batch, claim).map(|wanted| Reference {
            plan: wanted.plan,
            member: name(wanted.member),
            billing_provider: biller,
            number: self.names.find(wanted.number),
        });
        let of_member = wanted.and_then(|wanted| self.by_patient_number.get(&wanted));
        let (named, of_member) = (named.copied().flatten(), of_member.copied().flatten());
        self.only_active(named, plan, biller, is_test)
            .or_else(|| self.only_active(of_member, plan, biller, is_test))
    }

    /// The only one of those found that is active, of a plan and billing provider. Those that
    /// are gone for good are taken out of the chain, so that nobody passes them again.
    fn only_active(
        &mut self,
        last: Option<u32>,
        plan: u16,
        biller: Symbol,
        is_test: bool,
    ) -> Option<Meant> {
        let (mut meant, mut later, mut place) = (None, None::<usize>, last);
        while let Some(index) = place {
            let found = self.found[index as usize];
            place = found.before;
            match later {
                Some(later) if self.is_gone(found.claim) => {
                    self.found[later].before = found.before;
                    continue;
                }
                _ => later = Some(index as usize),
            }
            let is_it = found.plan == plan
                && found.billing_provider.is_same_identity(biller)
                && self.is_active(found.claim, is_test);
            if is_it && meant.replace(found.claim).is_some() {
                return None;
            }
        }
        meant
    }

    /// Whether a claim can never be meant again.
    fn is_gone(&self, claim: Meant) -> bool {
        match claim {
            Meant::Here(claim, _) => {
                matches!(self.versions.status(claim), ClaimStatus::TakenBack(_))
            }
            Meant::Earlier(_) => false,
        }
    }

    fn is_active(&self, claim: Meant, for_test: bool) -> bool {
        match claim {
            Meant::Here(claim, is_test) => {
                let status = self.versions.status(claim);
                is_test == for_test
                    && matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown)
            }
            Meant::Earlier(claim) => {
                !self.is_earlier_taken_back[claim as usize][usize::from(for_test)]
            }
        }
    }

    fn take_back(
        &mut self,
        original: Meant,
        by: u32,
        is_test: bool,
        control_number: ClaimControlNumber,
    ) {
        let versions = &mut self.versions;
        match original {
            Meant::Here(original, _) => {
                let taker = versions.takers.len() as u32;
                versions.takers.push(Taker {
                    claim: by,
                    control_number,
                });
                let status = ClaimStatus::TakenBack(taker);
                versions.status.insert(original, status);
            }
            Meant::Earlier(original) => {
                versions.earlier_taken_back.push((by, original));
                self.is_earlier_taken_back[original as usize][usize::from(is_test)] = true;
            }
        }
    }
}

fn is_version(claim: &Claim) -> bool {
    claim.frequency != Frequency::Original
}

/// The reference by which a void or replacement names a claim of its member: REF*F8, or
/// CLM01 where that is absent.
fn wanted<'b>(batch: &'b Batch, claim: &Claim) -> Option<PatientReference<'b>> {
    let reference = batch.original_reference_of(claim);
    let number = reference.unwrap_or_else(|| batch.text(claim.patient_control_number));
    patient_reference(batch, claim, number)
}

fn patient_reference<'b>(
    batch: &'b Batch,
    claim: &Claim,
    number: &'b [u8],
) -> Option<PatientReference<'b>> {
    let timeline = batch.timeline_of(claim)?;
    Some(PatientReference {
        plan: timeline.plan,
        member: member_of(claim.member_identified, timeline.member),
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
    ClaimControlNumber::from_text(batch.original_reference_of(claim)?)
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

    /// Each one takes back the one before it: those that are gone stand between no others.
    #[test]
    fn a_long_chain_of_replacements_leaves_its_last() {
        let mut table = String::from("2025-01-06 20552 reverse pcn=A\n");
        for _ in 0..40 {
            table += "2025-01-06 20552 reverse pcn=A freq=7\n";
        }
        table += "2025-01-06 20553 reverse pcn=A freq=7\n2025-01-06 20552 pass pcn=A freq=8\n";
        table += "2025-01-06 20552 pay pcn=A freq=7\n";
        check("cigna-0139", &table);
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
