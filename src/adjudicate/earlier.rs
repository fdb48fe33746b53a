//! What earlier runs left of a member: sessions, and lines that stand.

use crate::policy::{Decision, Role};
use crate::rules::LineIdentity;
use crate::timeline::Session;

/// What earlier runs left of one member under one plan. Empty where there is no history.
#[derive(Debug, Clone, Default)]
pub struct Earlier<'a> {
    /// The member's sessions, in any order.
    pub sessions: Vec<Session<'a>>,
    /// The member's governed lines that were not taken back.
    pub lines: Vec<EarlierLine>,
}

/// A governed line of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierLine {
    /// The line; its claim is `None`.
    pub identity: LineIdentity,
    /// The part its procedure plays.
    pub role: Role,
    /// Its decision.
    pub decision: Decision,
}

impl EarlierLine {
    /// Whether it was paid or reduced.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(self.decision, Decision::Pay | Decision::Reduce)
    }
}
