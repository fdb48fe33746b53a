//! What was decided about a line, before it is put into words.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::monitor::Hit;
use super::versions::{ClaimStatus, Versions};
use crate::claim::{Cents, Quantity, Units};
use crate::policy::{Book, Decision, Outcome, Phase};
use crate::rules::Reason;
use crate::timeline::Batch;

/// The decision about one line of a [`crate::timeline::Batch`]; its reasons stand with those
/// of the others, in [`Verdicts`].
///
/// Amounts and units follow from the decision and the line; texts follow from the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The most severe decision of the reasons, or pay.
    pub decision: Decision,
    /// Index of the rule book that judged it ([`crate::policy::Plan::books`]).
    pub book: u8,
    /// The phase of the candidate session, where the policy knows phases.
    pub phase: Option<Phase>,
    /// Its claim is a replacement whose original was not found, judged all the same.
    pub is_original_unknown: bool,
    /// The ordinal of the candidate session, from 1.
    pub session: Option<NonZeroU16>,
    #[serde(skip)]
    reason_count: u16,
    #[serde(skip)]
    first_reason: u32,
    /// The criteria taken on trust: bit `i` is the policy's criterion `i`.
    pub unverified: u32,
}

impl Verdict {
    /// A decision without reasons.
    #[must_use]
    pub fn new(decision: Decision, book: u8) -> Self {
        Self {
            decision,
            book,
            phase: None,
            is_original_unknown: false,
            session: None,
            reason_count: 0,
            first_reason: 0,
            unverified: 0,
        }
    }

    /// Gives it the reasons that stand in a list from `first` on.
    pub(super) fn set_reasons(&mut self, first: usize, list: &[Reason]) {
        self.first_reason = first as u32;
        self.reason_count = u16::try_from(list.len() - first).unwrap_or(u16::MAX);
    }

    /// Its reasons, in the list that they stand in.
    pub(super) fn reasons_in<'r>(&self, list: &'r [Reason]) -> &'r [Reason] {
        let first = self.first_reason as usize;
        let count = usize::from(self.reason_count);
        // A verdict without reasons may name a place behind the last.
        list.get(first..first + count).unwrap_or_default()
    }

    /// The units paid for, of those billed; none of a line that is paid though its units are
    /// no number.
    #[must_use]
    pub fn units_allowed(&self, units: Units) -> Quantity {
        match self.decision {
            Decision::Pay => units.quantity.unwrap_or(Quantity::ZERO),
            Decision::Reduce => Quantity::ONE,
            _ => Quantity::ZERO,
        }
    }

    /// The amount paid of a charge for so many units.
    #[must_use]
    pub fn amount_allowed(&self, units: Units, charge: Cents) -> Cents {
        match self.decision {
            Decision::Pay => charge,
            Decision::Reduce => {
                let share = units.quantity.and_then(|units| units.share_of(charge.0));
                Cents(share.unwrap_or(charge.0))
            }
            _ => Cents(0),
        }
    }
}

/// The decisions about the lines of a batch, in arrival order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdicts {
    list: Vec<Verdict>,
    /// INVARIANT: the reasons of a verdict stand together, in the order of the rules.
    reasons: Vec<Reason>,
    /// INVARIANT: once all is judged, by line, then monitor, which are unique together.
    hits: Vec<Hit>,
}

/// A decision with its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged<'v> {
    /// The decision.
    pub verdict: Verdict,
    /// Every reason that fired, in the order of the rules.
    pub reasons: &'v [Reason],
    /// What monitored rules would have decided, in the order of the plan's monitors.
    pub hits: &'v [Hit],
}

/// Decisions about some lines, each by its line's index, with their reasons.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) verdicts: Vec<(u32, Verdict)>,
    pub(super) reasons: Vec<Reason>,
    pub(super) hits: Vec<Hit>,
}

impl Verdicts {
    /// The lines of a batch as they stand before anything is judged: taken back, or passing.
    #[must_use]
    pub fn unjudged(batch: &Batch, versions: &Versions) -> Self {
        let mut list = vec![Verdict::new(Decision::Pass, 0); batch.lines.len()];
        for (index, claim) in (0_u32..).zip(&batch.claims) {
            if !matches!(versions.status(index), ClaimStatus::TakenBack(_)) {
                continue;
            }
            for line in batch.lines_of(claim) {
                if batch.is_governed(&batch.lines[line]) {
                    list[line].decision = Decision::Reverse;
                }
            }
        }
        Self {
            list,
            reasons: Vec::new(),
            hits: Vec::new(),
        }
    }

    /// Puts the decision about a line, by its index, in its place. Lines with hits come in
    /// ascending order.
    pub fn set(&mut self, line: usize, mut verdict: Verdict, reasons: Vec<Reason>, hits: Vec<Hit>) {
        self.hits.extend(hits.into_iter().map(|hit| Hit {
            line: line as u32,
            ..hit
        }));
        let first = self.reasons.len();
        self.reasons.extend(reasons);
        verdict.set_reasons(first, &self.reasons);
        self.list[line] = verdict;
    }

    /// Puts decisions in their places.
    pub(super) fn put(&mut self, part: Part) {
        let offset = self.reasons.len() as u32;
        self.reasons.extend(part.reasons);
        self.hits.extend(part.hits);
        for (line, mut verdict) in part.verdicts {
            verdict.first_reason += offset;
            self.list[line as usize] = verdict;
        }
    }

    /// Brings the hits of all parts in order.
    pub(super) fn sort_hits(&mut self) {
        self.hits.sort_by_key(|hit| (hit.line, hit.monitor));
    }

    /// The decision about a line, by its index in the batch.
    #[must_use]
    pub fn of(&self, line: usize) -> Judged<'_> {
        let verdict = self.list[line];
        Judged {
            verdict,
            reasons: verdict.reasons_in(&self.reasons),
            hits: self.hits_of(line),
        }
    }

    fn hits_of(&self, line: usize) -> &[Hit] {
        if self.hits.is_empty() {
            return &[];
        }
        let first = self.hits.partition_point(|hit| (hit.line as usize) < line);
        let rest = &self.hits[first..];
        &rest[..rest.partition_point(|hit| hit.line as usize == line)]
    }

    /// The decisions, by line.
    pub fn iter(&self) -> impl Iterator<Item = Judged<'_>> {
        (0..self.list.len()).map(|line| self.of(line))
    }
}

impl<'v> Judged<'v> {
    /// The reason that carries the whole adjustment: the first of the deciding severity.
    #[must_use]
    pub fn deciding_reason(&self, book: &Book) -> Option<&'v Reason> {
        self.reasons
            .iter()
            .find(|reason| decision_of(reason, book) == self.verdict.decision)
    }
}

/// What the policy does when a reason fires.
#[must_use]
pub fn outcome_of<'b>(reason: &Reason, book: &'b Book) -> Option<&'b Outcome> {
    book.rule(reason.rule)?
        .outcomes
        .get(usize::from(reason.outcome))
}

/// The decision of a reason.
#[must_use]
pub fn decision_of(reason: &Reason, book: &Book) -> Decision {
    outcome_of(reason, book).map_or(Decision::Deny, |outcome| outcome.decision)
}

/// The most severe decision of reasons; pay, if there are none.
#[must_use]
pub fn most_severe(reasons: &[Reason], book: &Book) -> Decision {
    let decisions = reasons.iter().map(|reason| decision_of(reason, book));
    decisions.max().unwrap_or(Decision::Pay)
}
