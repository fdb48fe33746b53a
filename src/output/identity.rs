//! What all determinations of a claim say.

use std::borrow::Cow;

use crate::claim::{ClaimControlNumber, ClaimControlNumbers, as_text};
use crate::timeline::{Batch, Claim, Symbol, TransactionSet};

/// What all determinations of a claim say of it.
#[derive(Debug, Clone)]
pub struct ClaimIdentity<'a> {
    /// The input's name as given.
    pub file: &'a str,
    /// ISA13.
    pub interchange: Cow<'a, str>,
    /// GS06.
    pub group: Cow<'a, str>,
    /// ST02.
    pub transaction: Cow<'a, str>,
    /// CLM01.
    pub claim: Cow<'a, str>,
    /// The engine's own number of the claim.
    pub number: ClaimControlNumber,
    /// The member key.
    pub member: Cow<'a, str>,
    /// The billing provider.
    pub billing_provider: Option<Cow<'a, str>>,
}

/// What the claims of a transaction set have in common.
#[derive(Debug)]
pub(super) struct SetIdentity<'a> {
    file: &'a str,
    interchange: Cow<'a, str>,
    group: Cow<'a, str>,
    transaction: Cow<'a, str>,
    numbers: ClaimControlNumbers,
}

/// Identities of claims, asked in their order: what those of a set have in common is made once.
#[derive(Debug, Default)]
pub(super) struct Identities<'a> {
    of_set: Option<(u32, SetIdentity<'a>)>,
}

impl<'a> Identities<'a> {
    pub(super) fn of(&mut self, batch: &'a Batch, claim: &Claim) -> ClaimIdentity<'a> {
        let is_of_set = |(set, _): &(u32, _)| *set == claim.transaction_set;
        let known = self.of_set.take().filter(is_of_set);
        let (_, set) = self.of_set.insert(known.unwrap_or_else(|| {
            let set = batch.transaction_set_of(claim);
            (claim.transaction_set, SetIdentity::new(batch, set))
        }));
        set.of(batch, claim)
    }
}

impl<'a> SetIdentity<'a> {
    pub(super) fn new(batch: &Batch, set: &'a TransactionSet) -> Self {
        Self {
            file: &set.file,
            interchange: as_text(&set.interchange.control_number),
            group: as_text(&set.group),
            transaction: as_text(&set.control_number),
            numbers: batch.control_numbers_of(set),
        }
    }

    pub(super) fn of(&self, batch: &'a Batch, claim: &Claim) -> ClaimIdentity<'a> {
        ClaimIdentity {
            file: self.file,
            interchange: self.interchange.clone(),
            group: self.group.clone(),
            transaction: self.transaction.clone(),
            claim: as_text(batch.text(claim.patient_control_number)),
            number: self.numbers.of(claim.ordinal),
            member: name(batch, claim.member),
            billing_provider: identity(batch, claim.billing_provider),
        }
    }
}

pub(super) fn name(batch: &Batch, symbol: Symbol) -> Cow<'_, str> {
    as_text(batch.symbols.bytes(symbol))
}

/// The identity of somebody who is named.
pub(super) fn identity(batch: &Batch, symbol: Symbol) -> Option<Cow<'_, str>> {
    (!symbol.is_empty()).then(|| name(batch, symbol))
}
