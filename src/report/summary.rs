//! What a run came to, in counts that add up.

use std::collections::BTreeMap;

use serde::Serialize;

use super::decided::Decided;
use super::monitored::MonitorCount;
use super::recovered::Recovered;
use super::remitted::Remitted;
use crate::intake::{Counts, Tally};
use crate::policy::{FactsStats, Plan, Plans};

/// What a run came to. The fields are a public format (`--summary`).
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The version of the engine.
    pub engine: &'static str,
    /// The policies used.
    pub policies: Vec<PolicyUsed>,
    /// The SHA-256 of the plans file; `None` for `--policy`.
    pub plans_digest: Option<String>,
    /// The facts file, where one was given.
    pub facts: Option<FactsUsed>,
    /// What someone should know.
    pub warnings: Vec<String>,
    /// Input files.
    pub files: Fates,
    /// Interchanges.
    pub interchanges: Fates,
    /// Functional groups.
    pub groups: Fates,
    /// Transaction sets.
    pub transaction_sets: Fates,
    /// Claims: read = refused + rejected + adjudicated before + taken back + judged + passed.
    pub claims: LineFates,
    /// Service lines: the same.
    pub lines: LineFates,
    /// What the run did with its history, where it has one.
    pub history: Option<HistoryUsed>,
    /// What the run remitted, where it writes an 835.
    pub remitted: Option<Remitted>,
    /// What the run changes for earlier ones, where it writes that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recoveries: Option<Recovered>,
    /// Judged lines by decision.
    pub decisions: BTreeMap<&'static str, Amounts>,
    /// Deciding reasons by policy and rule.
    pub rules: Vec<RuleCount>,
    /// What monitored rules would have changed; `None` where no plan has a monitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitored: Option<Vec<MonitorCount>>,
    /// Money of the judged lines.
    pub charges: Charges,
    /// Criteria taken on trust, by policy and criterion.
    pub unverified: BTreeMap<String, u64>,
    /// Claims by plan.
    pub claims_by_plan: BTreeMap<String, u64>,
    /// Claims that no plan took, by payer id.
    pub unrouted: Unrouted,
    /// Voids that took nothing back.
    pub voids_without_effect: Vec<ClaimPlace>,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// How long it took, in seconds, as a decimal.
    pub seconds: String,
    /// Claims read in a second.
    pub claims_per_second: u64,
}

/// A policy that judged.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyUsed {
    /// Its id.
    pub id: String,
    /// The SHA-256 of its text.
    pub digest: String,
}

/// A facts file.
#[derive(Debug, Clone, Serialize)]
pub struct FactsUsed {
    /// Its objects.
    pub objects: u64,
    /// Of those, for plans that are not among the run's.
    pub unknown_plan: u64,
    /// The SHA-256 of the file.
    pub digest: String,
}

/// What a run did with its history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HistoryUsed {
    /// The history, as given.
    pub file: String,
    /// The number under which the run was recorded; `None` where nothing was added.
    pub run: Option<i64>,
    /// Files that an earlier run adjudicated.
    pub adjudicated_before: Vec<KnownFile>,
    /// Whether the determinations of those files were written again.
    pub is_written_again: bool,
    /// Claims of earlier runs that were taken back.
    pub claims_taken_back: u64,
    /// Their paid lines.
    pub lines_taken_back: u64,
    /// The amount allowed for those, as a decimal, negative.
    pub amount_taken_back: String,
}

/// A file that an earlier run adjudicated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownFile {
    /// Its name as given now.
    pub file: String,
    /// The run that adjudicated it.
    pub run: i64,
    /// When that run was recorded, in UTC.
    pub recorded_at: String,
}

/// Of what was read, what was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fates {
    /// All.
    pub read: u64,
    /// Refused.
    pub refused: u64,
    /// In a file that an earlier run adjudicated, or such a file.
    pub adjudicated_before: u64,
}

/// Of what was read, what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LineFates {
    /// All.
    pub read: u64,
    /// In something that was refused.
    pub refused: u64,
    /// Rejected alone.
    pub rejected: u64,
    /// In a file that an earlier run adjudicated.
    pub adjudicated_before: u64,
    /// Taken back by a void or a replacement of this run.
    pub taken_back: u64,
    /// Judged.
    pub judged: u64,
    /// Passed.
    pub passed: u64,
}

/// Lines and their money, as decimals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Amounts {
    /// How many lines.
    pub lines: u64,
    /// Their charges.
    pub charge: String,
}

/// How often a rule decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleCount {
    /// The policy.
    pub policy: String,
    /// The rule.
    pub rule: &'static str,
    /// What it decided.
    pub decision: &'static str,
    /// The lines that it decided, and their charges.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// Money of the judged lines, as decimals: billed = allowed + denied + pended + reduced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charges {
    /// Charged.
    pub billed: String,
    /// Allowed.
    pub allowed: String,
    /// Charged on denied lines.
    pub denied: String,
    /// Charged on pended lines.
    pub pended: String,
    /// Cut off reduced lines.
    pub reduced: String,
}

/// Claims that no plan took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Unrouted {
    /// How many.
    pub claims: u64,
    /// By payer id.
    pub payer_ids: BTreeMap<String, u64>,
}

/// Where a claim stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimPlace {
    /// Its claim control number.
    pub claim_control_number: String,
    /// The input.
    pub file: String,
    /// Where its CLM starts, in bytes after decompression.
    pub offset_bytes: u64,
}

/// Money as decimals, beyond what one claim can hold.
pub(crate) fn money(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

impl From<Tally> for Fates {
    fn from(tally: Tally) -> Self {
        Self {
            read: tally.read,
            refused: tally.refused,
            adjudicated_before: tally.adjudicated_before,
        }
    }
}

impl Summary {
    /// Counts what a run came to.
    #[must_use]
    pub fn new(
        plans: &Plans,
        decided: &Decided,
        counts: &Counts,
        facts: Option<FactsStats>,
        milliseconds: u64,
    ) -> Self {
        let by_plan = plans.plans.iter().zip(&counts.claims_by_plan);
        let payers = counts.unrouted_payers.iter();
        Self {
            engine: env!("CARGO_PKG_VERSION"),
            policies: policies(plans),
            plans_digest: Some(plans.digest.clone()).filter(|digest| !digest.is_empty()),
            warnings: warnings(plans, decided, facts.as_ref()),
            facts: facts.map(|facts| FactsUsed {
                objects: facts.objects,
                unknown_plan: facts.unknown_plan,
                digest: facts.digest,
            }),
            files: counts.files.into(),
            interchanges: counts.interchanges.into(),
            groups: counts.groups.into(),
            transaction_sets: counts.transaction_sets.into(),
            claims: decided.claims(counts.claims),
            lines: decided.lines(counts.lines),
            history: None,
            remitted: None,
            recoveries: None,
            charges: decided.charges(),
            rules: decided.rules(),
            monitored: decided.monitored(),
            decisions: decided.decisions(),
            unverified: decided.unverified.clone(),
            claims_by_plan: by_plan
                .map(|(plan, claims)| (plan.id.clone(), *claims))
                .collect(),
            unrouted: Unrouted {
                claims: counts.unrouted_claims,
                payer_ids: payers
                    .map(|payer| (payer.payer_id.clone(), payer.claims))
                    .collect(),
            },
            voids_without_effect: decided.voids_without_effect.clone(),
            bytes: counts.bytes,
            seconds: format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000),
            claims_per_second: counts.claims.read * 1000 / milliseconds.max(1),
        }
    }

    /// Adds what the run remitted, if it did; `has_history` says whether held claims are remembered.
    pub fn add_remitted(&mut self, remitted: Option<Remitted>, has_history: bool) {
        if let Some(remitted) = &remitted {
            self.warnings.extend(remitted.warnings(has_history));
        }
        self.remitted = remitted;
    }

    /// Whether something was refused or rejected.
    #[must_use]
    pub fn has_refused(&self) -> bool {
        let containers = [
            self.files,
            self.interchanges,
            self.groups,
            self.transaction_sets,
        ];
        containers.iter().any(|fates| fates.refused > 0)
            || self.claims.refused + self.claims.rejected + self.lines.rejected > 0
    }
}

fn policies(plans: &Plans) -> Vec<PolicyUsed> {
    let mut policies: Vec<PolicyUsed> = Vec::new();
    for plan in &plans.plans {
        if policies.iter().all(|known| known.id != plan.policy.id) {
            let policy = &plan.policy;
            policies.push(PolicyUsed {
                id: policy.id.clone(),
                digest: policy.digest.clone(),
            });
        }
    }
    policies
}

fn warnings(plans: &Plans, decided: &Decided, facts: Option<&FactsStats>) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    warnings.extend(plans.plans.iter().flat_map(Plan::warnings));
    // There is no clock in here: the latest billing date of the input stands for today.
    let today = decided.latest_billing_date;
    for plan in &plans.plans {
        let latest = plan.policy.versions.last();
        let review = latest.and_then(|version| version.next_review);
        if let Some((review, _)) = review.zip(today).filter(|(review, today)| review < today) {
            let id = &plan.policy.id;
            let warning = format!(
                "policy {id} was to be reviewed by its payer on {review}; see whether a newer version is out"
            );
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    if let Some(facts) = facts.filter(|facts| facts.unknown_plan > 0) {
        warnings.push(format!(
            "{} of {} clinical facts name a plan that is not among the plans",
            facts.unknown_plan, facts.objects
        ));
    }
    warnings
}
