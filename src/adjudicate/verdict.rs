//! What was decided about a line, before it is put into words.

use crate::claim::{Cents, Quantity};
use crate::policy::{Book, Decision, Outcome, Phase};
use crate::rules::Reason;
use crate::timeline::ServiceLine;

/// The decision about one line of a [`crate::timeline::Batch`], with every reason.
///
/// Amounts and units follow from the decision and the line; texts follow from the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The most severe decision of the reasons, or pay.
    pub decision: Decision,
    /// Index of the rule book that judged it ([`crate::policy::Plan::books`]).
    pub book: u8,
    /// The phase of the candidate session, where the policy knows phases.
    pub phase: Option<Phase>,
    /// The ordinal of the candidate session, from 1.
    pub session: Option<u16>,
    /// The criteria taken on trust: bit `i` is the policy's criterion `i`.
    pub unverified: u32,
    /// Its claim is a replacement whose original was not found, judged all the same.
    pub is_original_unknown: bool,
    /// The claim (an index of the batch) that took it back.
    pub reversed_by: Option<u32>,
    /// Every reason that fired, in the order of the rules.
    pub reasons: Box<[Reason]>,
}

impl Verdict {
    /// A line that passes.
    #[must_use]
    pub fn pass() -> Self {
        Self::new(Decision::Pass, 0)
    }

    /// A line of a claim that `claim` took back.
    #[must_use]
    pub fn reverse(claim: u32) -> Self {
        Self {
            reversed_by: Some(claim),
            ..Self::new(Decision::Reverse, 0)
        }
    }

    /// A decision without reasons.
    #[must_use]
    pub fn new(decision: Decision, book: u8) -> Self {
        Self {
            decision,
            book,
            phase: None,
            session: None,
            unverified: 0,
            is_original_unknown: false,
            reversed_by: None,
            reasons: Box::default(),
        }
    }

    /// The reason that carries the whole adjustment: the first of the deciding severity.
    #[must_use]
    pub fn deciding_reason<'v>(&'v self, book: &Book) -> Option<&'v Reason> {
        self.reasons
            .iter()
            .find(|reason| decision_of(reason, book) == self.decision)
    }

    /// The units paid for; none of a line that is paid though its units are no number.
    #[must_use]
    pub fn units_allowed(&self, line: &ServiceLine) -> Quantity {
        match self.decision {
            Decision::Pay => line.units.quantity.unwrap_or(Quantity::ZERO),
            Decision::Reduce => Quantity::ONE,
            _ => Quantity::ZERO,
        }
    }

    /// The amount paid.
    #[must_use]
    pub fn amount_allowed(&self, line: &ServiceLine) -> Cents {
        match self.decision {
            Decision::Pay => line.charge,
            Decision::Reduce => {
                let share = line
                    .units
                    .quantity
                    .and_then(|units| units.share_of(line.charge.0));
                Cents(share.unwrap_or(line.charge.0))
            }
            _ => Cents(0),
        }
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
