//! What was decided about a line, before it is put into words.

use crate::policy::{Decision, Phase};
use crate::rules::Reason;

/// The decision about one line of a [`crate::timeline::Batch`], with every reason.
///
/// Amounts and units follow from the decision and the line; texts follow from the reasons.
#[derive(Debug, Clone, PartialEq)]
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
    pub original_unknown: bool,
    /// The claim (an index of the batch) that took it back.
    pub reversed_by: Option<u32>,
    /// Every reason that fired, in the order of the rules.
    pub reasons: Box<[Reason]>,
}
