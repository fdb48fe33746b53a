//! A comparison's counts as the summary has them.

use super::{ByDecision, ByProvider, ByRule, Compared, DecidedLines, DecisionChange, SideTotal};
use crate::compare::{Cell, Comparison, ProviderChange};
use crate::policy::Decision;
use crate::report::money;

pub(super) fn compared(comparison: &Comparison) -> Compared {
    let lines: u64 = comparison.decisions.values().map(|cell| cell.lines).sum();
    let passes =
        |(base, with): &(Decision, Decision)| *base == Decision::Pass || *with == Decision::Pass;
    let on_one_side = comparison.decisions.iter().filter(|(key, _)| passes(key));
    let changed = comparison.changed();
    Compared {
        claims: comparison.claims,
        lines,
        changed: changed.into(),
        changed_claims: comparison.changed_claims,
        changed_members: comparison.changed_members,
        other_rule: comparison.other_rule.into(),
        unchanged: lines - changed.lines - comparison.other_rule.lines,
        governed_on_one_side: on_one_side.map(|(_, cell)| cell.lines).sum(),
    }
}

pub(super) fn total(comparison: &Comparison, is_base: bool) -> SideTotal {
    let (mut lines, mut billed, mut allowed) = (0, 0, 0);
    for ((base, with), cell) in &comparison.decisions {
        let (decision, of_cell) = match is_base {
            true => (base, cell.base_allowed_cents),
            false => (with, cell.with_allowed_cents),
        };
        if !matches!(decision, Decision::Pass | Decision::Reverse) {
            lines += cell.lines;
            billed += cell.charge_cents;
            allowed += of_cell;
        }
    }
    SideTotal {
        lines,
        billed: money(billed),
        allowed: money(allowed),
    }
}

/// The order in which decisions are told.
const TOLD: [Decision; 6] = [
    Decision::Pay,
    Decision::Reduce,
    Decision::Pend,
    Decision::Deny,
    Decision::Reverse,
    Decision::Pass,
];

pub(super) fn by_decision(comparison: &Comparison) -> Vec<ByDecision> {
    let sum = |decision: Decision, is_base: bool| {
        let mut all = Cell::default();
        for ((base, with), cell) in &comparison.decisions {
            if decision == *(if is_base { base } else { with }) {
                all.add_all(*cell);
            }
        }
        DecidedLines {
            lines: all.lines,
            charge: money(all.charge_cents),
            allowed: money(match is_base {
                true => all.base_allowed_cents,
                false => all.with_allowed_cents,
            }),
        }
    };
    let decisions = TOLD.into_iter().map(|decision| ByDecision {
        decision: decision.as_str(),
        base: sum(decision, true),
        with: sum(decision, false),
    });
    decisions
        .filter(|by| by.base.lines + by.with.lines > 0)
        .collect()
}

pub(super) fn changes(comparison: &Comparison) -> Vec<DecisionChange> {
    let pairs = TOLD
        .iter()
        .flat_map(|base| TOLD.iter().map(move |with| (*base, *with)));
    let change = |(base, with): (Decision, Decision)| {
        let cell = comparison.decisions.get(&(base, with))?;
        Some(DecisionChange {
            base: base.as_str(),
            with: with.as_str(),
            change: cell.moved(base, with).into(),
        })
    };
    pairs.filter_map(change).collect()
}

pub(super) fn by_rule(comparison: &Comparison) -> Vec<ByRule> {
    let rules = comparison.rules.iter();
    rules
        .map(|((rule, decision), change)| ByRule {
            rule: rule.name(),
            decision: decision.as_str(),
            base: change.base,
            with: change.with,
            no_longer: change.no_longer.into(),
            newly: change.newly.into(),
        })
        .collect()
}

/// Those with the largest difference first, in whichever direction; then those with most lines.
pub(super) fn by_provider(comparison: &Comparison) -> Vec<ByProvider> {
    let providers = comparison.providers.iter();
    let mut changed: Vec<_> = providers
        .filter(|(_, provider)| provider.changed.lines > 0)
        .collect();
    changed.sort_by_key(|(_, provider)| {
        let changed = provider.changed;
        let size = (changed.difference_cents.unsigned_abs(), changed.lines);
        std::cmp::Reverse(size)
    });
    let of = |(name, provider): (&String, &ProviderChange)| ByProvider {
        billing_provider: name.clone(),
        compared: provider.lines,
        change: provider.changed.into(),
        members: provider.members,
    };
    changed.into_iter().map(of).collect()
}
