//! The units of an input with their bytes, for whoever writes claims apart or answers them.

use crate::guide::UnitKind;
use crate::p837::{LevelKind, Totals};
use crate::validate::Reported;
use crate::x12::{Header, Issue};

/// A claim, as far as is known when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeardClaim {
    /// Its place among the CLM of its transaction set, from 1.
    pub ordinal: u32,
    /// What it is counted by.
    pub totals: Totals,
    /// Whether it is rejected.
    pub is_rejected: bool,
}

/// Hears envelopes, headers, levels, claims and findings in the order of the input, and what
/// becomes of them. A failure to keep them is its own to tell, when all is read.
///
/// Within a transaction set the order is: the findings of its header; for each level its unit,
/// its findings and the level; for each claim its unit, its findings and the claim; the end.
/// Units, and the GS of groups, come where bytes are kept
/// ([`crate::validate::Checks::keeping_bytes`], [`crate::validate::Checks::keeping_segments`]);
/// all else comes in any case.
pub trait Units: Send {
    /// An interchange begins.
    fn begin_interchange(&mut self, header: &Header);

    /// A functional group begins: its GS, without the terminator.
    fn begin_group(&mut self, segment: &[u8]);

    /// A transaction set begins: ST01, ST02 and ST03.
    fn begin_set(&mut self, identity: [&[u8]; 3]);

    /// Something was found: an acknowledgement is written from it.
    fn finding(&mut self, reported: &Reported<'_>) {
        let _ = reported;
    }

    /// Something else is wrong: an envelope, or what no check looks for.
    fn fault(&mut self, issue: &Issue) {
        let _ = issue;
    }

    /// A unit: its segments that are kept, each with its terminator.
    fn unit(&mut self, kind: UnitKind, bytes: &[u8]);

    /// A level, the last unit: its kind, and whether it stands under the level that HL02 names.
    fn level(&mut self, kind: LevelKind, is_under_open: bool);

    /// A claim, the last unit, and what becomes of it as far as is known.
    fn claim(&mut self, claim: HeardClaim);

    /// The last claim can matter: it is in the batch.
    fn claim_kept(&mut self) {}

    /// The last claim is rejected after all.
    fn reject_last_claim(&mut self);

    /// A transaction set ends.
    fn end_set(&mut self, is_refused: bool);

    /// A functional group ends: GE01, where it has a GE with a number there.
    fn end_group(&mut self, included: Option<u64>, is_refused: bool);

    /// An interchange ends: what becomes of everything in it is known.
    fn end_interchange(&mut self, is_refused: bool);
}

/// Several who hear of units, one after the other.
pub struct AllUnits<'u>(pub Vec<&'u mut dyn Units>);

impl Units for AllUnits<'_> {
    fn begin_interchange(&mut self, header: &Header) {
        self.0
            .iter_mut()
            .for_each(|units| units.begin_interchange(header));
    }

    fn begin_group(&mut self, segment: &[u8]) {
        self.0
            .iter_mut()
            .for_each(|units| units.begin_group(segment));
    }

    fn begin_set(&mut self, identity: [&[u8]; 3]) {
        self.0
            .iter_mut()
            .for_each(|units| units.begin_set(identity));
    }

    fn finding(&mut self, reported: &Reported<'_>) {
        self.0.iter_mut().for_each(|units| units.finding(reported));
    }

    fn fault(&mut self, issue: &Issue) {
        self.0.iter_mut().for_each(|units| units.fault(issue));
    }

    fn unit(&mut self, kind: UnitKind, bytes: &[u8]) {
        self.0.iter_mut().for_each(|units| units.unit(kind, bytes));
    }

    fn level(&mut self, kind: LevelKind, is_under_open: bool) {
        self.0
            .iter_mut()
            .for_each(|units| units.level(kind, is_under_open));
    }

    fn claim(&mut self, claim: HeardClaim) {
        self.0.iter_mut().for_each(|units| units.claim(claim));
    }

    fn claim_kept(&mut self) {
        self.0.iter_mut().for_each(|units| units.claim_kept());
    }

    fn reject_last_claim(&mut self) {
        self.0
            .iter_mut()
            .for_each(|units| units.reject_last_claim());
    }

    fn end_set(&mut self, is_refused: bool) {
        self.0
            .iter_mut()
            .for_each(|units| units.end_set(is_refused));
    }

    fn end_group(&mut self, included: Option<u64>, is_refused: bool) {
        self.0
            .iter_mut()
            .for_each(|units| units.end_group(included, is_refused));
    }

    fn end_interchange(&mut self, is_refused: bool) {
        self.0
            .iter_mut()
            .for_each(|units| units.end_interchange(is_refused));
    }
}
