//! Counting what was decided: over the lines of a run, or over determinations that are
//! written again.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::monitored::{ByMonitor, MonitorCount, MonitorSums, note_hits};
use super::page::Night;
use super::summary::{Amounts, Charges, ClaimPlace, LineFates, RuleCount, money};
use crate::adjudicate::{ClaimStatus, Hit};
use crate::claim::Cents;
use crate::intake::Tally;
use crate::output::{Determination, PlanMonitor, Run};
use crate::policy::{Decision, Plans, RuleKind};

/// Counts of what was decided.
#[derive(Debug, Default)]
pub struct Decided {
    decisions: BTreeMap<Decision, Sum>,
    /// By policy (its rank among the plans, and its id), rule and decision.
    rules: BTreeMap<(usize, String, RuleKind, Decision), Sum>,
    /// Criteria taken on trust, by policy and criterion.
    pub(super) unverified: BTreeMap<String, u64>,
    judged_claims: u64,
    judged_lines: u64,
    taken_back_claims: u64,
    taken_back_lines: u64,
    allowed_cents: i128,
    /// The latest GS04 of what was judged.
    pub latest_billing_date: Option<NaiveDate>,
    /// Voids that took nothing back.
    pub(super) voids_without_effect: Vec<ClaimPlace>,
    /// What a page shows beside these, where one is written.
    pub(super) night: Option<Night>,
    monitored: MonitorSums,
}

/// What the lines of each plan came to, before policies are named.
#[derive(Debug, Default)]
struct ByPlan {
    rules: BTreeMap<(u16, RuleKind, Decision), Sum>,
    /// Criteria taken on trust, in the order of the policy's.
    unverified: BTreeMap<u16, [u64; 32]>,
    monitored: ByMonitor,
}

/// Lines and their money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum {
    pub(super) lines: u64,
    pub(super) cents: i128,
}

impl Sum {
    pub(super) fn add(&mut self, amount: Cents) {
        self.lines += 1;
        self.cents += i128::from(amount.0);
    }

    pub(super) fn add_all(&mut self, other: Self) {
        self.lines += other.lines;
        self.cents += other.cents;
    }

    fn amounts(self) -> Amounts {
        Amounts {
            lines: self.lines,
            charge: money(self.cents),
        }
    }
}

impl Decided {
    /// Counts for a page as well.
    #[must_use]
    pub fn for_a_page() -> Self {
        Self {
            night: Some(Night::default()),
            ..Self::default()
        }
    }

    /// Counts the hits of these monitors as well.
    #[must_use]
    pub fn monitoring(self, monitors: &[PlanMonitor]) -> Self {
        Self {
            monitored: MonitorSums::new(monitors),
            ..self
        }
    }

    /// Counts the lines of a run, or of a part of it.
    pub fn add(&mut self, run: Run<'_>) {
        let decided = self;
        decided.add_places(run);
        let mut by_plan = ByPlan::default();
        for (claim_index, claim) in (0_u32..).zip(&run.batch.claims) {
            let mut has_judged = false;
            let lines = run.batch.lines_of(claim);
            for index in lines.filter(|&index| run.is_governed(index)) {
                has_judged |= decided.count_line(run, index, &mut by_plan);
            }
            let is_governed = run.batch.bears_governed_line(claim);
            match run.adjudication.versions.status(claim_index) {
                ClaimStatus::TakenBack(_) if is_governed => decided.taken_back_claims += 1,
                _ => decided.judged_claims += u64::from(has_judged),
            }
        }
        if let Some(night) = &mut decided.night {
            night.end_part();
        }
        for ((plan, rule, decision), sum) in by_plan.rules {
            let policy = &run.plans.get(plan).policy.id;
            let key = Self::key(run.plans, policy, rule, decision);
            decided.rules.entry(key).or_default().add_all(sum);
        }
        decided.monitored.add(run.plans, by_plan.monitored);
        for (plan, criteria) in by_plan.unverified {
            let policy = &run.plans.get(plan).policy;
            for (criterion, lines) in policy.criteria.iter().zip(criteria) {
                if lines > 0 {
                    let name = format!("{} {}", policy.id, criterion.name);
                    *decided.unverified.entry(name).or_default() += lines;
                }
            }
        }
    }

    fn add_places(&mut self, run: Run<'_>) {
        let dates = run
            .batch
            .transaction_sets
            .iter()
            .map(|set| set.billing_date);
        self.latest_billing_date = dates.max().flatten().max(self.latest_billing_date);
        let voids = run.adjudication.versions.voids_without_effect.iter();
        self.voids_without_effect.extend(voids.map(|&index| {
            let claim = &run.batch.claims[index as usize];
            ClaimPlace {
                claim_control_number: run.batch.control_number_of(claim).to_string(),
                file: run.batch.transaction_set_of(claim).file.to_string(),
                offset_bytes: run.batch.offset_bytes_of(index).unwrap_or_default(),
            }
        }));
    }

    /// Counts a line; whether it was judged.
    fn count_line(&mut self, run: Run<'_>, index: usize, by_plan: &mut ByPlan) -> bool {
        let line = &run.batch.lines[index];
        let judged = run.adjudication.verdicts.of(index);
        let verdict = judged.verdict;
        match verdict.decision {
            Decision::Pass => return false,
            Decision::Reverse => {
                self.taken_back_lines += 1;
                return false;
            }
            _ => self.judged_lines += 1,
        }
        let units = run.batch.service_of(line).units;
        let allowed = verdict.amount_allowed(units, line.charge);
        self.count_decision(verdict.decision, line.charge, allowed);
        let Some(plan) = run.batch.plan_of(run.batch.claim_of(line)) else {
            return true;
        };
        let book = run.plans.get(plan).books.get(usize::from(verdict.book));
        let reason = book.and_then(|book| judged.deciding_reason(book));
        if let Some(night) = &mut self.night {
            night.add(run, index, reason);
        }
        if let Some(book) = book {
            let at_stake = |hit: &Hit| hit.amount_at_stake(&verdict, book, units, line.charge);
            let hits = judged.hits;
            note_hits(
                &mut by_plan.monitored,
                plan,
                verdict.decision,
                hits,
                at_stake,
            );
        }
        if let Some(reason) = reason {
            let key = (plan, reason.rule, verdict.decision);
            by_plan.rules.entry(key).or_default().add(line.charge);
        }
        let criteria = by_plan.unverified.entry(plan).or_default();
        for (place, lines) in criteria.iter_mut().enumerate() {
            *lines += u64::from(verdict.unverified >> place & 1);
        }
        true
    }

    /// Counts a determination that is written again.
    pub fn count(&mut self, determination: &Determination<'_>, plans: &Plans) {
        let decision = determination.decision;
        if matches!(decision, Decision::Pass | Decision::Reverse) {
            return;
        }
        let (charge, allowed) = (determination.charge, determination.amount_allowed);
        self.count_decision(decision, charge, allowed);
        if let Some(night) = &mut self.night {
            night.add_again(determination, plans);
        }
        let policy = determination.policy.as_deref().unwrap_or_default();
        if let Some(reason) = determination.deciding_reason() {
            let key = Self::key(plans, policy, reason.rule, decision);
            self.rules.entry(key).or_default().add(charge);
        }
        let plan = determination.plan.as_deref().unwrap_or_default();
        for hit in determination.monitored.iter().flatten() {
            self.monitored.count(plan, decision, hit);
        }
        for criterion in &determination.unverified {
            let name = format!("{policy} {criterion}");
            *self.unverified.entry(name).or_default() += 1;
        }
    }

    fn count_decision(&mut self, decision: Decision, charge: Cents, allowed: Cents) {
        self.decisions.entry(decision).or_default().add(charge);
        self.allowed_cents += i128::from(allowed.0);
    }

    /// Policies stand in the order of the plans; those that no plan has come last.
    fn key(
        plans: &Plans,
        policy: &str,
        rule: RuleKind,
        decision: Decision,
    ) -> (usize, String, RuleKind, Decision) {
        let mut plans = plans.plans.iter();
        let rank = plans.position(|plan| plan.policy.id == policy);
        (
            rank.unwrap_or(usize::MAX),
            policy.to_owned(),
            rule,
            decision,
        )
    }

    pub(super) fn claims(&self, claims: Tally) -> LineFates {
        fates(claims, self.taken_back_claims, self.judged_claims)
    }

    pub(super) fn lines(&self, lines: Tally) -> LineFates {
        fates(lines, self.taken_back_lines, self.judged_lines)
    }

    pub(super) fn decisions(&self) -> BTreeMap<&'static str, Amounts> {
        let decisions = self.decisions.iter();
        decisions
            .map(|(decision, sum)| (decision.as_str(), sum.amounts()))
            .collect()
    }

    pub(super) fn rules(&self) -> Vec<RuleCount> {
        let rules = self.rules.iter();
        rules
            .map(|((_, policy, rule, decision), sum)| RuleCount {
                policy: policy.clone(),
                rule: rule.name(),
                decision: decision.as_str(),
                amounts: sum.amounts(),
            })
            .collect()
    }

    pub(super) fn monitored(&self) -> Option<Vec<MonitorCount>> {
        self.monitored.counts()
    }

    pub(super) fn charges(&self) -> Charges {
        let of = |decision| self.decisions.get(&decision).map_or(0, |sum| sum.cents);
        let paid = of(Decision::Pay) + of(Decision::Reduce);
        Charges {
            billed: money(self.decisions.values().map(|sum| sum.cents).sum()),
            allowed: money(self.allowed_cents),
            denied: money(of(Decision::Deny)),
            pended: money(of(Decision::Pend)),
            reduced: money(paid - self.allowed_cents),
        }
    }
}

/// INVARIANT: read = refused + rejected + adjudicated before + taken back + judged + passed.
fn fates(tally: Tally, taken_back: u64, judged: u64) -> LineFates {
    let gone = tally.refused + tally.rejected + tally.adjudicated_before + taken_back + judged;
    debug_assert!(gone <= tally.read, "more was judged than read");
    LineFates {
        read: tally.read,
        refused: tally.refused,
        rejected: tally.rejected,
        adjudicated_before: tally.adjudicated_before,
        taken_back,
        judged,
        passed: tally.read.saturating_sub(gone),
    }
}
