//! Counting what becomes final only later: a transaction set's claims count as read with
//! their set, which counts with its group, which counts with its interchange.

use ahash::AHashMap;

use super::counts::{Counts, PayerSeen, Tally};
use crate::claim::{Cents, as_text};

/// How many payer ids without a plan are told apart.
const MOST_PAYERS: usize = 1000;

/// The counts of a container (file, interchange, group or transaction set) that is open.
#[derive(Debug, Default)]
pub(super) struct Open {
    groups: Tally,
    transaction_sets: Tally,
    claims: Tally,
    lines: Tally,
    claim_charges_cents: i128,
    line_charges_cents: i128,
    unrouted_claims: u64,
    unrouted_payers: AHashMap<Box<[u8]>, u64>,
    claims_by_plan: Vec<u64>,
}

/// What a claim adds.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClaimCount<'a> {
    pub(super) lines: u32,
    pub(super) charge: Cents,
    pub(super) line_charges: Cents,
    pub(super) fate: ClaimFate<'a>,
}

/// What becomes of a claim, as long as its transaction set stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimFate<'a> {
    Rejected,
    Taken(u16),
    Unrouted { payer_id: &'a [u8] },
}

impl Open {
    /// Counts a claim.
    pub(super) fn claim(&mut self, count: ClaimCount<'_>) {
        self.claims.read += 1;
        self.lines.read += u64::from(count.lines);
        match count.fate {
            ClaimFate::Rejected => {
                self.claims.rejected += 1;
                self.lines.rejected += u64::from(count.lines);
                return;
            }
            ClaimFate::Taken(plan) => add_at(&mut self.claims_by_plan, usize::from(plan), 1),
            ClaimFate::Unrouted { payer_id } => {
                self.unrouted_claims += 1;
                self.see_payer(payer_id, 1);
            }
        }
        self.claim_charges_cents += i128::from(count.charge.0);
        self.line_charges_cents += i128::from(count.line_charges.0);
    }

    /// Takes back an accepted claim: it is rejected after all.
    pub(super) fn reject_claim(&mut self, count: ClaimCount<'_>) {
        self.claims.rejected += 1;
        self.lines.rejected += u64::from(count.lines);
        self.claim_charges_cents -= i128::from(count.charge.0);
        self.line_charges_cents -= i128::from(count.line_charges.0);
        match count.fate {
            ClaimFate::Rejected => {}
            ClaimFate::Taken(plan) => self.claims_by_plan[usize::from(plan)] -= 1,
            ClaimFate::Unrouted { payer_id } => {
                self.unrouted_claims -= 1;
                if let Some(claims) = self.unrouted_payers.get_mut(payer_id) {
                    *claims -= 1;
                }
            }
        }
    }

    /// How many claims were read.
    pub(super) fn claims_read(&self) -> u64 {
        self.claims.read
    }

    /// Counts service lines that belong to no claim: they are rejected.
    pub(super) fn stray_line(&mut self) {
        self.lines.read += 1;
        self.lines.rejected += 1;
    }

    /// Counts claims that nobody could read, in bytes that are no interchange.
    pub(super) fn unreadable_claims(&mut self, claims: u64) {
        self.claims.read += claims;
        self.claims.refused += claims;
    }

    fn see_payer(&mut self, payer_id: &[u8], claims: u64) {
        if let Some(seen) = self.unrouted_payers.get_mut(payer_id) {
            *seen += claims;
        } else if self.unrouted_payers.len() < MOST_PAYERS {
            self.unrouted_payers.insert(payer_id.into(), claims);
        }
    }

    /// Everything in it is refused.
    pub(super) fn refuse(&mut self) {
        for tally in [
            &mut self.groups,
            &mut self.transaction_sets,
            &mut self.claims,
            &mut self.lines,
        ] {
            *tally = Tally {
                read: tally.read,
                refused: tally.read,
                ..Tally::default()
            };
        }
        let refused = std::mem::take(self);
        (self.groups, self.transaction_sets) = (refused.groups, refused.transaction_sets);
        (self.claims, self.lines) = (refused.claims, refused.lines);
    }

    /// Everything in it was adjudicated before: it is left out of the run.
    pub(super) fn leave_out(&mut self) {
        for tally in [
            &mut self.groups,
            &mut self.transaction_sets,
            &mut self.claims,
            &mut self.lines,
        ] {
            tally.adjudicated_before = tally.read - tally.refused - tally.rejected;
        }
        let left_out = std::mem::take(self);
        (self.groups, self.transaction_sets) = (left_out.groups, left_out.transaction_sets);
        (self.claims, self.lines) = (left_out.claims, left_out.lines);
    }

    /// Adds a group that has ended, with all in it.
    pub(super) fn group(&mut self, group: Self, is_refused: bool) {
        self.groups.read += 1;
        self.groups.refused += u64::from(is_refused);
        self.add(group);
    }

    /// Adds a transaction set that has ended, with all in it.
    pub(super) fn transaction_set(&mut self, set: Self, is_refused: bool) {
        self.transaction_sets.read += 1;
        self.transaction_sets.refused += u64::from(is_refused);
        self.add(set);
    }

    /// How many transaction sets stand.
    pub(super) fn accepted_sets(&self) -> u64 {
        self.transaction_sets.read - self.transaction_sets.refused
    }

    pub(super) fn add(&mut self, other: Self) {
        for (mine, others) in [
            (&mut self.groups, other.groups),
            (&mut self.transaction_sets, other.transaction_sets),
            (&mut self.claims, other.claims),
            (&mut self.lines, other.lines),
        ] {
            mine.read += others.read;
            mine.refused += others.refused;
            mine.rejected += others.rejected;
            mine.adjudicated_before += others.adjudicated_before;
        }
        self.claim_charges_cents += other.claim_charges_cents;
        self.line_charges_cents += other.line_charges_cents;
        self.unrouted_claims += other.unrouted_claims;
        let mut payers: Vec<_> = other.unrouted_payers.into_iter().collect();
        payers.sort_unstable();
        for (payer_id, claims) in payers {
            self.see_payer(&payer_id, claims);
        }
        for (plan, claims) in other.claims_by_plan.into_iter().enumerate() {
            add_at(&mut self.claims_by_plan, plan, claims);
        }
    }

    /// Writes what was counted into the run's counts.
    pub(super) fn finish(self, counts: &mut Counts) {
        counts.groups = self.groups;
        counts.transaction_sets = self.transaction_sets;
        counts.claims = self.claims;
        counts.lines = self.lines;
        counts.claim_charges_cents = self.claim_charges_cents;
        counts.line_charges_cents = self.line_charges_cents;
        counts.unrouted_claims = self.unrouted_claims;
        counts.claims_by_plan = self.claims_by_plan;
        let mut payers: Vec<PayerSeen> = self
            .unrouted_payers
            .into_iter()
            .filter(|(_, claims)| *claims > 0)
            .map(|(payer_id, claims)| PayerSeen {
                payer_id: as_text(&payer_id).into_owned(),
                claims,
            })
            .collect();
        payers.sort_unstable_by(|left, right| left.payer_id.cmp(&right.payer_id));
        counts.unrouted_payers = payers;
    }
}

fn add_at(list: &mut Vec<u64>, index: usize, count: u64) {
    if list.len() <= index {
        list.resize(index + 1, 0);
    }
    list[index] += count;
}
