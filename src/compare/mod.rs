//! The same lines under two sets of plans: joined in the order of the input, and what changes
//! counted and written.

mod changed;
mod counts;
mod differences;
mod join;

pub use changed::{CHANGED_COLUMNS, Change, ChangedLine};
pub use counts::{Cell, Comparison, Moved, ProviderChange, RuleChange};
pub use differences::differences;
pub use join::{Pair, join};

use crate::output::Run;
use crate::policy::{Decision, RuleKind};

/// Two runs over the same inputs.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What stands today.
    pub base: Run<'a>,
    /// What is asked about.
    pub with: Run<'a>,
}

/// What was decided about a line, as far as two decisions are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decided {
    decision: Decision,
    /// In whole cents; of a line that passes none is stated.
    allowed_cents: Option<i64>,
    /// The rule of the deciding reason; `None` where nothing stands against the line.
    rule: Option<RuleKind>,
}

impl Decided {
    /// About the governed line of a run, by its index; `None`: it passes.
    fn of(run: Run<'_>, index: Option<usize>) -> Self {
        let passes = Self {
            decision: Decision::Pass,
            allowed_cents: None,
            rule: None,
        };
        let Some(index) = index else {
            return passes;
        };
        let batch = run.batch;
        let line = &batch.lines[index];
        let judged = run.adjudication.verdicts.of(index);
        let verdict = judged.verdict;
        // A line of a void.
        if verdict.decision == Decision::Pass {
            return passes;
        }
        let plan = batch.plan_of(batch.claim_of(line));
        let book = plan.and_then(|plan| {
            let books = &run.plans.get(plan).books;
            books.get(usize::from(verdict.book))
        });
        let reason = book.and_then(|book| judged.deciding_reason(book));
        let units = batch.service_of(line).units;
        Self {
            decision: verdict.decision,
            allowed_cents: Some(verdict.amount_allowed(units, line.charge).0),
            rule: reason.map(|reason| reason.rule),
        }
    }

    /// What changes from here to there.
    fn change_to(self, with: Self) -> Option<Change> {
        if (self.decision, self.allowed_cents) != (with.decision, with.allowed_cents) {
            Some(Change::Decision)
        } else if self.rule != with.rule {
            Some(Change::Rule)
        } else {
            None
        }
    }

    /// How much more is allowed there; `None` where the line passes on a side.
    fn difference_cents(self, with: Self) -> Option<i64> {
        Some(with.allowed_cents? - self.allowed_cents?)
    }
}
