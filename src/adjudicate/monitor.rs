//! Monitored rules: judged where their rule is, beside it, changing nothing.

use serde::{Deserialize, Serialize};

use super::verdict::{Verdict, decision_of, most_severe};
use crate::claim::{Cents, Units};
use crate::policy::{Book, Decision};
use crate::rules::Reason;

/// A monitored rule that decides otherwise about a line than the rule as enforced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The line, by its index.
    #[serde(skip)]
    pub line: u32,
    /// Which monitor of the plan ([`crate::policy::Plan::monitors`]).
    pub monitor: u8,
    /// Why it fired; of several criteria, the first of those that decide.
    pub reason: Reason,
}

impl Hit {
    /// The rule as monitored, among the rules that judged the line.
    #[must_use]
    pub fn book<'b>(&self, enforced: &'b Book) -> Option<&'b Book> {
        enforced.monitors().get(usize::from(self.monitor))
    }

    /// The decision that it would come to.
    #[must_use]
    pub fn decision(&self, enforced: &Book) -> Decision {
        let monitored = self.book(enforced);
        monitored.map_or(Decision::Deny, |book| decision_of(&self.reason, book))
    }

    /// What is allowed for its line and would not be: nothing of a line that is not paid.
    #[must_use]
    pub fn amount_at_stake(
        &self,
        verdict: &Verdict,
        enforced: &Book,
        units: Units,
        charge: Cents,
    ) -> Cents {
        let would = Verdict::new(self.decision(enforced), verdict.book);
        match verdict.decision {
            Decision::Pay | Decision::Reduce => Cents(
                verdict.amount_allowed(units, charge).0 - would.amount_allowed(units, charge).0,
            ),
            _ => Cents(0),
        }
    }

    /// Whether the rule as enforced came to the same decision: then the monitor adds nothing.
    fn is_enforced(&self, reasons: &[Reason], enforced: &Book) -> bool {
        let own = reasons
            .iter()
            .filter(|reason| reason.rule == self.reason.rule);
        let decision = own.map(|reason| decision_of(reason, enforced)).max();
        decision == Some(self.decision(enforced))
    }
}

/// Asks every monitor of a book about a line. `judge` adds the reasons of the rules of a
/// book.
pub(super) fn watch(
    line: u32,
    enforced: &Book,
    hits: &mut Vec<Hit>,
    mut judge: impl FnMut(&Book, &mut Vec<Reason>),
) {
    for (monitor, monitored) in (0..).zip(enforced.monitors()) {
        let mut fired = Vec::new();
        judge(monitored, &mut fired);
        let decision = most_severe(&fired, monitored);
        let mut fired = fired.into_iter();
        if let Some(reason) = fired.find(|reason| decision_of(reason, monitored) == decision) {
            hits.push(Hit {
                line,
                monitor,
                reason,
            });
        }
    }
}

/// Brings hits in order, at most one of each monitor on a line: a line may be asked about in
/// more than one step. Those that the rule as enforced came to as well go. `judged` gives the
/// reasons of a line, and the rules that judged it.
pub(super) fn settle_hits<'a>(
    hits: &mut Vec<Hit>,
    judged: impl Fn(u32) -> Option<(&'a [Reason], &'a Book)>,
) {
    // Stable: what an earlier step found stands first, and stays.
    hits.sort_by_key(|hit| (hit.line, hit.monitor));
    hits.dedup_by_key(|hit| (hit.line, hit.monitor));
    hits.retain(|hit| {
        judged(hit.line).is_some_and(|(reasons, enforced)| !hit.is_enforced(reasons, enforced))
    });
}
