//! What monitored rules would have decided, as it is written.

use std::borrow::Cow;

use serde::Serialize;

use super::determination::{WrittenReason, text};
use super::run::write_reason;
use crate::adjudicate::{Hit, Verdict};
use crate::claim::{Cents, Units};
use crate::policy::{Plan, Plans, RuleKind};

/// What a monitored rule would have decided about a line. The fields and their order are a
/// public format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Monitored<'a> {
    /// The reason, as one of the determination would be.
    #[serde(flatten)]
    pub reason: WrittenReason<'a>,
    /// What the monitor sets of its rule, as in the plans file.
    pub set: Cow<'a, str>,
    /// The document that it is of.
    pub citation: Cow<'a, str>,
    /// What is allowed for the line and would not be; zero where the line is not paid.
    #[serde(serialize_with = "text")]
    pub amount_at_stake: Cents,
}

/// A rule that a plan of a run monitors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanMonitor {
    /// The plan.
    pub plan: String,
    /// The rule.
    pub rule: RuleKind,
    /// What the monitor sets of it, as in the plans file.
    pub set: String,
    /// The document that it is of.
    pub citation: String,
}

impl PlanMonitor {
    /// All monitors of plans, in their order.
    #[must_use]
    pub fn all(plans: &Plans) -> Vec<Self> {
        let all = plans.plans.iter().flat_map(|plan| {
            let monitors = plan.monitors.iter();
            monitors.map(|monitor| Self {
                plan: plan.id.clone(),
                rule: monitor.rule(),
                set: monitor.set.clone(),
                citation: monitor.citation().to_owned(),
            })
        });
        all.collect()
    }
}

impl Monitored<'_> {
    /// Whether it is a hit of a monitor, of the plan that its line is of.
    #[must_use]
    pub fn is_of(&self, monitor: &PlanMonitor) -> bool {
        self.reason.rule == monitor.rule
            && self.set == monitor.set
            && self.citation == monitor.citation
    }
}

/// The hits of a line that has these units and this charge.
pub(super) fn monitored<'a>(
    hits: &[Hit],
    verdict: &Verdict,
    plan: &'a Plan,
    (units, charge): (Units, Cents),
) -> Vec<Monitored<'a>> {
    let Some(book) = plan.books.get(usize::from(verdict.book)) else {
        return Vec::new();
    };
    let told = |hit: &Hit| {
        let monitor = plan.monitors.get(usize::from(hit.monitor))?;
        Some(Monitored {
            reason: write_reason(&hit.reason, plan, hit.book(book)?)?,
            set: Cow::Borrowed(&monitor.set),
            citation: Cow::Borrowed(monitor.citation()),
            amount_at_stake: hit.amount_at_stake(verdict, book, units, charge),
        })
    };
    hits.iter().filter_map(told).collect()
}
