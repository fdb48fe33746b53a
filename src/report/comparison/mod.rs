//! What two sets of plans come to over the same claims, in counts that add up.

mod counting;
mod words;

use serde::Serialize;

pub use words::ComparisonWords;

use self::counting::{by_decision, by_provider, by_rule, changes, compared, total};
use super::summary::{FactsUsed, money};
use crate::compare::{Comparison, Moved};
use crate::intake::{Counts, Tally};
use crate::policy::{FactsStats, Plan, Plans};

/// What a comparison came to. The fields are a public format (`compare --summary`).
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonSummary {
    /// The version of the engine.
    pub engine: &'static str,
    /// The side that stands today.
    pub base: SideUsed,
    /// The side that is asked about.
    pub with: SideUsed,
    /// In what their plans differ, in words.
    pub differences: Vec<String>,
    /// The facts file, where one was given.
    pub facts: Option<FactsUsed>,
    /// The history that both are judged after, where one was given.
    pub history: Option<HistoryRead>,
    /// What someone should know.
    pub warnings: Vec<String>,
    /// Input files.
    pub files: ReadFates,
    /// Interchanges.
    pub interchanges: ReadFates,
    /// Functional groups.
    pub groups: ReadFates,
    /// Transaction sets.
    pub transaction_sets: ReadFates,
    /// Claims.
    pub claims: ReadFates,
    /// Service lines.
    pub lines: ReadFates,
    /// Bytes read of the inputs for a side, after decompression.
    pub bytes: u64,
    /// What was compared, and what of it changes.
    pub compared: Compared,
    /// What the base comes to.
    pub base_total: SideTotal,
    /// What the other side comes to.
    pub with_total: SideTotal,
    /// Compared lines by decision.
    pub decisions: Vec<ByDecision>,
    /// Compared lines by their decision on either side, those that stay among them.
    pub changes: Vec<DecisionChange>,
    /// Compared lines by deciding rule: with = base - no longer + newly.
    pub rules: Vec<ByRule>,
    /// Billing providers with a line whose decision changes, those with the largest
    /// difference first.
    pub providers: Vec<ByProvider>,
    /// Billing providers without one.
    pub unchanged_providers: u64,
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideUsed {
    /// As given: a file, or the id of a policy.
    pub given: String,
    /// The SHA-256 of the plans file; `None` for a policy.
    pub plans_digest: Option<String>,
    /// Its plans.
    pub plans: Vec<PlanCompared>,
}

/// A plan of a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanCompared {
    /// The plan.
    pub plan: String,
    /// Its policy.
    pub policy: String,
    /// The policy's title.
    pub title: String,
    /// The effective dates of its versions, ascending.
    pub versions: Vec<String>,
    /// The SHA-256 of the policy.
    pub digest: String,
    /// Accepted claims that the plan took.
    pub claims: u64,
}

/// What a side comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SideTotal {
    /// Lines that it judges: neither reversed nor passing.
    pub lines: u64,
    /// Charged on the lines that it judges.
    pub billed: String,
    /// Allowed for them.
    pub allowed: String,
}

/// A history that both sides are judged after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryRead {
    /// The history, as given.
    pub file: String,
    /// Inputs that it knew, which are judged again.
    pub judged_again: Vec<JudgedAgain>,
    /// Claims of those, which do not count twice.
    pub claims_taken_out: u64,
    /// Claims of other inputs that those had taken back, and that stand for both sides until they
    /// are taken back again.
    pub claims_restored: u64,
    /// Claims of those inputs that claims of other files had taken back: in this comparison nobody does.
    pub claims_taken_back_elsewhere: u64,
}

/// An input that a history knew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedAgain {
    /// Its name as given now.
    pub file: String,
    /// The run that adjudicated it.
    pub run: i64,
}

/// Of what was read, what came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReadFates {
    /// All.
    pub read: u64,
    /// With something that was refused.
    pub refused: u64,
    /// Rejected alone.
    pub rejected: u64,
}

/// What was compared: changed + other rule + unchanged = lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Claims with a line that a side governs.
    pub claims: u64,
    /// Lines that a side governs.
    pub lines: u64,
    /// Lines whose decision changes.
    pub changed: Change,
    /// Claims with such a line.
    pub changed_claims: u64,
    /// Members with such a line.
    pub changed_members: u64,
    /// Lines whose decision stays, for another deciding rule.
    pub other_rule: Change,
    /// Lines that nothing changes about.
    pub unchanged: u64,
    /// Lines that one side alone governs, among those that change.
    pub governed_on_one_side: u64,
}

/// Lines that change, with their money as decimals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Change {
    /// How many.
    pub lines: u64,
    /// Their charges.
    pub charge: String,
    /// How much more is allowed with the other side; lines that pass on a side come to nothing.
    pub difference: String,
}

/// Lines of a decision on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByDecision {
    /// The decision; `pass` of a line that the side does not govern.
    pub decision: &'static str,
    /// On the base.
    pub base: DecidedLines,
    /// On the other side.
    pub with: DecidedLines,
}

/// Lines of a decision, with their money as decimals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DecidedLines {
    /// How many.
    pub lines: u64,
    /// Their charges.
    pub charge: String,
    /// What is allowed for them.
    pub allowed: String,
}

/// Lines by their decision on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionChange {
    /// On the base.
    pub base: &'static str,
    /// On the other side.
    pub with: &'static str,
    /// How many, and what they come to.
    #[serde(flatten)]
    pub change: Change,
}

/// Lines that a rule decides on either side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByRule {
    /// The rule.
    pub rule: &'static str,
    /// What it decides.
    pub decision: &'static str,
    /// Lines that it decides on the base.
    pub base: u64,
    /// Lines that it decides on the other side.
    pub with: u64,
    /// Lines that it decides on the base alone.
    pub no_longer: Change,
    /// Lines that it decides on the other side alone.
    pub newly: Change,
}

/// What changes for a billing provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ByProvider {
    /// The billing provider; empty where claims have none.
    pub billing_provider: String,
    /// Lines that a side governs.
    pub compared: u64,
    /// Lines whose decision changes.
    #[serde(flatten)]
    pub change: Change,
    /// Members with such a line.
    pub members: u64,
}

/// Where a comparison comes from.
#[derive(Debug)]
pub struct ComparisonOf<'a> {
    /// What was given as the base, and its plans.
    pub base: (&'a str, &'a Plans),
    /// What was given as the other side, and its plans.
    pub with: (&'a str, &'a Plans),
    /// What was counted while each side was read.
    pub counts: [&'a Counts; 2],
    /// In what the plans differ.
    pub differences: Vec<String>,
    /// The facts file.
    pub facts: Option<FactsUsed>,
    /// The history.
    pub history: Option<HistoryRead>,
    /// What someone should know.
    pub warnings: Vec<String>,
}

impl From<Tally> for ReadFates {
    fn from(tally: Tally) -> Self {
        Self {
            read: tally.read,
            refused: tally.refused,
            rejected: tally.rejected,
        }
    }
}

impl From<FactsStats> for FactsUsed {
    fn from(stats: FactsStats) -> Self {
        Self {
            objects: stats.objects,
            unknown_plan: stats.unknown_plan,
            digest: stats.digest,
        }
    }
}

impl From<Moved> for Change {
    fn from(moved: Moved) -> Self {
        Self {
            lines: moved.lines,
            charge: money(moved.charge_cents),
            difference: money(moved.difference_cents),
        }
    }
}

impl SideUsed {
    fn new((given, plans): (&str, &Plans), counts: &Counts) -> Self {
        let claims = |index: usize| counts.claims_by_plan.get(index).copied();
        let plan = |(index, plan): (usize, &Plan)| PlanCompared {
            plan: plan.id.clone(),
            policy: plan.policy.id.clone(),
            title: plan.policy.title.clone(),
            versions: {
                let versions = plan.policy.versions.iter();
                versions
                    .map(|version| version.effective.to_string())
                    .collect()
            },
            digest: plan.policy.digest.clone(),
            claims: claims(index).unwrap_or_default(),
        };
        Self {
            given: given.to_owned(),
            plans_digest: Some(plans.digest.clone()).filter(|digest| !digest.is_empty()),
            plans: plans.plans.iter().enumerate().map(plan).collect(),
        }
    }
}

impl ComparisonSummary {
    /// Counts what a comparison came to.
    #[must_use]
    pub fn new(of: ComparisonOf<'_>, comparison: &Comparison) -> Self {
        let [counts, with_counts] = of.counts;
        let providers = by_provider(comparison);
        Self {
            engine: env!("CARGO_PKG_VERSION"),
            base: SideUsed::new(of.base, counts),
            with: SideUsed::new(of.with, with_counts),
            differences: of.differences,
            facts: of.facts,
            history: of.history,
            warnings: of.warnings,
            files: counts.files.into(),
            interchanges: counts.interchanges.into(),
            groups: counts.groups.into(),
            transaction_sets: counts.transaction_sets.into(),
            claims: counts.claims.into(),
            lines: counts.lines.into(),
            bytes: counts.bytes,
            compared: compared(comparison),
            base_total: total(comparison, true),
            with_total: total(comparison, false),
            decisions: by_decision(comparison),
            changes: changes(comparison),
            rules: by_rule(comparison),
            unchanged_providers: (comparison.providers.len() - providers.len()) as u64,
            providers,
        }
    }

    /// Whether something was refused or rejected.
    #[must_use]
    pub fn has_refused(&self) -> bool {
        let fates = [
            self.files,
            self.interchanges,
            self.groups,
            self.transaction_sets,
            self.claims,
            self.lines,
        ];
        fates.iter().any(|fates| fates.refused + fates.rejected > 0)
    }
}
