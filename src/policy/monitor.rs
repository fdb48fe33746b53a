//! Monitors: rules as a document would have them, judged beside those that are enforced.

use super::kind::RuleKind;
use super::model::{Change, OutcomeChange, Rule};
use super::plan::{Book, Plan, UnknownOriginal};

/// The most monitors that a plan has: each judges every line and every session once more.
pub(super) const MOST_MONITORS: usize = 100;

/// A rule as a document would have it. Its hits are told and change nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Monitor {
    /// What the document changes of the rule as the plan enforces it.
    pub change: Change,
    /// The same as it is told, for example `limit = 8`.
    pub set: String,
}

impl Monitor {
    /// A monitor of what a document changes.
    #[must_use]
    pub fn new(change: Change) -> Self {
        let set = set_of(&change);
        Self { change, set }
    }

    /// The rule that it monitors.
    #[must_use]
    pub fn rule(&self) -> RuleKind {
        self.change.rule
    }

    /// The document.
    #[must_use]
    pub fn citation(&self) -> &str {
        &self.change.citation
    }
}

/// The keys that a change sets, as in a plans file: limits, `enabled`, then outcomes.
fn set_of(change: &Change) -> String {
    let limits = change.limits.iter();
    let mut said: Vec<String> = limits
        .map(|(key, limit)| format!("{key} = {limit}"))
        .collect();
    said.extend(change.enabled.map(|enabled| format!("enabled = {enabled}")));
    for (index, outcome) in &change.outcomes {
        let known = change.rule.spec().outcomes.get(*index);
        let key = known.map_or("", |known| known.key);
        said.extend(outcome_set(outcome).into_iter().map(|said| match key {
            "" => said,
            key => format!("outcome.{key}.{said}"),
        }));
    }
    said.join(", ")
}

fn outcome_set(outcome: &OutcomeChange) -> Vec<String> {
    let texts = [
        (
            "decision",
            outcome.decision.map(|decision| decision.as_str()),
        ),
        ("group", outcome.group.as_deref()),
        ("carc", outcome.carc.as_deref()),
        ("status", outcome.status.as_deref()),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(key, text)| Some(format!("{key} = \"{}\"", text?)));
    let rarc = outcome.rarc.as_ref().map(|rarc| {
        let codes: Vec<String> = rarc.iter().map(|code| format!("\"{code}\"")).collect();
        format!("rarc = [{}]", codes.join(", "))
    });
    texts.chain(rarc).collect()
}

impl Plan {
    /// Monitors that can have no hits, a sentence each.
    pub(super) fn idle_monitors(&self) -> impl Iterator<Item = String> {
        let monitors = self.monitors.iter().enumerate();
        monitors.filter_map(|(place, monitor)| {
            let pairs = self.books.iter().filter_map(|book| {
                let monitored = book.monitors().get(place)?;
                Some((book, monitored))
            });
            let kind = monitor.rule();
            let why = if kind == RuleKind::OriginalUnknown
                && self.unknown_original == UnknownOriginal::Judge
            {
                "`unknown_original` is \"judge\""
            } else if pairs.clone().all(|(_, monitored)| !monitored.has(kind)) {
                "it is switched off, and `set` does not say enabled = true"
            } else if pairs.clone().all(|pair| asks_no_more(pair, kind)) {
                "whatever it would stop is stopped already"
            } else {
                return None;
            };
            Some(format!(
                "plan {}: the monitor of {kind} ({}) can have no hits: {why}",
                self.id,
                monitor.citation()
            ))
        })
    }
}

/// Whether a rule as monitored fires only where it fires as enforced, with the same decisions.
fn asks_no_more((enforced, monitored): (&Book, &Book), kind: RuleKind) -> bool {
    let Some(monitored) = monitored.rule(kind) else {
        return true;
    };
    enforced.rule(kind).is_some_and(|enforced| {
        let decisions = |rule: &Rule| -> Vec<_> {
            let outcomes = rule.outcomes.iter();
            outcomes.map(|outcome| outcome.decision).collect()
        };
        let keys = kind.spec().limit_keys();
        decisions(enforced) == decisions(monitored)
            && keys.into_iter().all(|key| {
                let (enforced, monitored) = (enforced.limit(key), monitored.limit(key));
                match key {
                    // So many sessions are paid; the others say how far apart, or within what.
                    "limit" | "diagnostic" | "therapeutic" => monitored >= enforced,
                    _ => monitored <= enforced,
                }
            })
    })
}
