//! What monitored rules would have changed, in counts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::summary::money;
use super::words::grouped;
use crate::adjudicate::Hit;
use crate::claim::Cents;
use crate::output::{Monitored, PlanMonitor};
use crate::policy::{Decision, Plans};

/// What a monitor of a plan would have changed. The fields are a public format (`--summary`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonitorCount {
    /// The plan.
    pub plan: String,
    /// The rule.
    pub rule: &'static str,
    /// What the monitor sets of it.
    pub set: String,
    /// The document that it is of.
    pub citation: String,
    /// Lines that it would have decided otherwise than the rule as enforced.
    pub lines: u64,
    /// Of those, the lines that are paid or reduced.
    pub paid_lines: u64,
    /// What is allowed for them and would not be, as a decimal.
    pub amount_at_stake: String,
}

/// Counts of the hits of each monitor, in the order of the plans.
#[derive(Debug, Default)]
pub(super) struct MonitorSums(Vec<(PlanMonitor, MonitorSum)>);

/// By plan and monitor, before these are named.
pub(super) type ByMonitor = BTreeMap<(u16, u8), MonitorSum>;

/// Hits and their money.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct MonitorSum {
    lines: u64,
    paid_lines: u64,
    cents: i128,
}

impl MonitorSum {
    pub(super) fn add(&mut self, decision: Decision, at_stake: Cents) {
        self.lines += 1;
        self.paid_lines += u64::from(matches!(decision, Decision::Pay | Decision::Reduce));
        self.cents += i128::from(at_stake.0);
    }

    fn add_all(&mut self, other: Self) {
        self.lines += other.lines;
        self.paid_lines += other.paid_lines;
        self.cents += other.cents;
    }
}

impl MonitorSums {
    /// Nothing, of these monitors.
    pub(super) fn new(monitors: &[PlanMonitor]) -> Self {
        let none = |monitor: &PlanMonitor| (monitor.clone(), MonitorSum::default());
        Self(monitors.iter().map(none).collect())
    }

    /// Adds hits of the monitors of a run's plans.
    pub(super) fn add(&mut self, plans: &Plans, hits: ByMonitor) {
        for ((plan, place), sum) in hits {
            let plan = plans.get(plan);
            let monitor = plan.monitors.get(usize::from(place));
            if let Some(monitor) = monitor {
                let is_it = |known: &PlanMonitor| {
                    known.plan == plan.id
                        && known.rule == monitor.rule()
                        && known.set == monitor.set
                        && known.citation == monitor.citation()
                };
                self.add_to(is_it, sum);
            }
        }
    }

    /// Adds a hit that is written again.
    pub(super) fn count(&mut self, plan: &str, decision: Decision, hit: &Monitored<'_>) {
        let mut sum = MonitorSum::default();
        sum.add(decision, hit.amount_at_stake);
        self.add_to(|known| known.plan == plan && hit.is_of(known), sum);
    }

    fn add_to(&mut self, is_it: impl Fn(&PlanMonitor) -> bool, sum: MonitorSum) {
        let known = self.0.iter_mut().find(|(known, _)| is_it(known));
        if let Some((_, total)) = known {
            total.add_all(sum);
        }
    }

    /// The counts; `None` where nothing is monitored.
    pub(super) fn counts(&self) -> Option<Vec<MonitorCount>> {
        let counts = self.0.iter().map(|(monitor, sum)| MonitorCount {
            plan: monitor.plan.clone(),
            rule: monitor.rule.name(),
            set: monitor.set.clone(),
            citation: monitor.citation.clone(),
            lines: sum.lines,
            paid_lines: sum.paid_lines,
            amount_at_stake: money(sum.cents),
        });
        (!self.0.is_empty()).then(|| counts.collect())
    }
}

/// Notes the hits of a line of a plan.
pub(super) fn note_hits(
    by_monitor: &mut ByMonitor,
    plan: u16,
    decision: Decision,
    hits: &[Hit],
    at_stake: impl Fn(&Hit) -> Cents,
) {
    for hit in hits {
        let sum = by_monitor.entry((plan, hit.monitor)).or_default();
        sum.add(decision, at_stake(hit));
    }
}

/// Tells what is monitored, for a terminal.
pub(super) fn write_words(f: &mut fmt::Formatter<'_>, counts: &[MonitorCount]) -> fmt::Result {
    writeln!(
        f,
        "{:<32}{:>11} {:>15} {:>15}",
        "monitored, changing nothing", "lines", "paid lines", "at stake"
    )?;
    for count in counts {
        let MonitorCount {
            plan,
            rule,
            set,
            citation,
            lines,
            paid_lines,
            amount_at_stake,
        } = count;
        let (lines, paid) = (grouped(*lines), grouped(*paid_lines));
        writeln!(
            f,
            "  {rule:<30}{lines:>11} {paid:>15} {amount_at_stake:>15}  {plan}: {set}; {citation}"
        )?;
    }
    writeln!(f)
}
