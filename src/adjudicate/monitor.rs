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

#[cfg(test)]
mod tests {
    use crate::rules::cases::check_plan;

    const CIGNA: &str = "cigna-0139";

    /// `plan` lines: overrides, each a rule, what is set of it, and its mode.
    fn plan(overrides: &[(&str, &str, &str)]) -> String {
        let overrides = overrides.iter().enumerate().map(|(number, override_)| {
            let (rule, set, mode) = override_;
            format!(
                r#"{{ rule = "{rule}", set = {{ {set} }}, mode = "{mode}", citation = "Draft {number}" }}"#
            )
        });
        let overrides: Vec<String> = overrides.collect();
        format!("override = [{}]", overrides.join(", "))
    }

    /// Checks a table where a rule is switched off and monitored.
    fn check_off(policy: &str, rule: &str, table: &str) {
        let off = (rule, "enabled = false", "enforce");
        let monitored = (rule, "enabled = true", "monitor");
        check_plan(policy, &plan(&[off, monitored]), table);
    }

    #[test]
    fn sessions_count_as_they_were_paid_and_a_session_hits_on_each_of_its_lines() {
        check_plan(
            CIGNA,
            &plan(&[
                ("rolling-limit", "limit = 2", "monitor"),
                ("rolling-limit", "limit = 3", "monitor"),
                ("min-interval", "diagnostic_days = 10", "monitor"),
            ]),
            "
            2025-01-06 20552 pay monitored=-
            2025-01-13 20552 pay monitored=min-interval at_stake=100.00
            2025-01-23 20553 pay monitored=rolling-limit at_stake=100.00
            2025-01-23 20552 deny same-day-bundle monitored=rolling-limit at_stake=0.00
            2025-01-24 20552 deny min-interval monitored=rolling-limit,rolling-limit at_stake=0.00,0.00
            2025-01-30 20552 reduce unit-cap units=2 monitored=rolling-limit,rolling-limit,min-interval at_stake=50.00,50.00,50.00
            ",
        );
    }

    #[test]
    fn what_an_earlier_run_paid_counts_and_a_date_that_is_a_session_is_no_candidate() {
        check_plan(
            CIGNA,
            &plan(&[("rolling-limit", "limit = 1", "monitor")]),
            "
            earlier 2025-01-06 20552 pay
            2025-01-06 20553 deny same-day-bundle monitored=-
            2025-01-13 20552 pay monitored=rolling-limit
            ",
        );
    }

    #[test]
    fn a_line_that_does_not_reach_a_rule_is_no_hit_of_it() {
        check_plan(
            CIGNA,
            &plan(&[("rolling-limit", "limit = 1", "monitor")]),
            "
            2025-01-06 20552 pay monitored=-
            2025-01-13 20552 deny units-invalid units=0 monitored=-
            2025-01-13 76942 deny guidance monitored=-
            2025-01-13 20552 pay monitored=rolling-limit
            ",
        );
    }

    #[test]
    fn the_same_decision_is_no_hit_and_another_one_is() {
        check_plan(
            CIGNA,
            &plan(&[
                ("min-interval", "carc = \"119\"", "monitor"),
                ("min-interval", "decision = \"pend\", status = \"P2:46\"", "monitor"),
                ("unit-cap", "decision = \"deny\"", "monitor"),
            ]),
            "
            2025-01-06 20552 pay monitored=-
            2025-01-07 20552 deny min-interval monitored=min-interval at_stake=0.00
            2025-01-13 20552 reduce unit-cap units=4 charge=101.00 allowed=25.25 monitored=unit-cap at_stake=25.25
            ",
        );
    }

    #[test]
    fn an_override_in_force_is_what_a_monitor_begins_with() {
        check_plan(
            CIGNA,
            &plan(&[
                ("rolling-limit", "limit = 1", "monitor"),
                ("rolling-limit", "months = 2", "enforce"),
            ]),
            "
            2025-01-06 20552 pay
            2025-03-05 20552 pay monitored=rolling-limit
            2025-06-02 20552 pay monitored=-
            ",
        );
    }

    #[test]
    fn a_monitored_phase_limit_tells_phases_apart_for_itself_alone() {
        check_plan(
            CIGNA,
            &plan(&[("phase-limit", "diagnostic = 1, therapeutic = 1", "monitor")]),
            "
            2025-01-06 20552 pay phase=diagnostic monitored=-
            2025-01-13 20552 pay phase=diagnostic monitored=-
            2025-01-20 20552 pay phase=diagnostic monitored=-
            2025-01-27 20552 pay phase=diagnostic monitored=-
            2025-03-27 20552 pay phase=therapeutic monitored=-
            2025-05-27 20552 pay phase=therapeutic monitored=phase-limit at_stake=100.00
            ",
        );
    }

    #[test]
    fn rules_of_a_line_by_itself() {
        check_off(
            CIGNA,
            "units-invalid",
            "
            2025-01-06 20552 pay units=0 paid=0 monitored=units-invalid at_stake=100.00
            2025-01-13 20552 deny diagnosis-pointer-invalid units=0 ptr=2 monitored=units-invalid at_stake=0.00
            ",
        );
        check_off(
            CIGNA,
            "member-unidentified",
            "
            2025-01-06 20552 pay member=- monitored=member-unidentified at_stake=100.00
            ",
        );
        check_off(
            CIGNA,
            "service-date-invalid",
            "
            none 20552 pay monitored=service-date-invalid at_stake=100.00
            ",
        );
        check_off(
            "caresource-ar-passe-mm-1503",
            "dry-needling",
            "
            2026-05-04 20560 pay monitored=dry-needling at_stake=100.00
            2026-05-04 20552 pay monitored=-
            ",
        );
    }

    #[test]
    fn an_unknown_original_pends_where_the_plan_lets_the_rule_fire() {
        let off = ("original-unknown", "enabled = false", "enforce");
        let monitored = ("original-unknown", "enabled = true", "monitor");
        let plan = plan(&[off, monitored]);
        let table = "2025-01-06 20552 pay freq=7 monitored=";
        check_plan(CIGNA, &plan, &format!("{table}-"));
        check_plan(
            CIGNA,
            &format!("unknown_original = \"pend\"\n{plan}"),
            &format!("{table}original-unknown"),
        );
    }

    #[test]
    fn duplicates_and_bundles_of_a_date() {
        check_off(
            CIGNA,
            "duplicate-line",
            "
            earlier 2025-01-06 20552 pay
            earlier 2025-01-06 76942 pay
            2025-01-06 20552 deny same-day-bundle monitored=duplicate-line at_stake=0.00
            2025-01-06 76942 deny guidance monitored=duplicate-line at_stake=0.00
            2025-01-13 20552 pay monitored=-
            2025-01-13 20552 deny same-day-bundle monitored=duplicate-line
            2025-02-13 76942 pay monitored=-
            2025-02-13 76942 pay monitored=duplicate-line at_stake=100.00
            ",
        );
        check_off(
            CIGNA,
            "same-day-bundle",
            "
            2025-01-06 20553 pay monitored=-
            2025-01-06 20552 pay monitored=same-day-bundle at_stake=100.00
            2025-01-06 20553 deny duplicate-line monitored=-
            ",
        );
        check_off(
            CIGNA,
            "unit-cap",
            "
            2025-01-06 20552 pay units=3 charge=100.01 monitored=unit-cap at_stake=66.67
            2025-01-06 20552 deny same-day-bundle units=3 monitored=-
            ",
        );
    }

    #[test]
    fn lines_that_hang_on_others() {
        check_off(
            CIGNA,
            "guidance",
            "
            2025-01-06 20552 pay
            2025-01-06 76942 pay monitored=guidance at_stake=100.00
            2025-01-06 76942 pend suspect-duplicate charge=90.00 monitored=guidance at_stake=0.00
            2025-01-06 76942 deny duplicate-line monitored=-
            2025-02-06 76942 pay monitored=-
            ",
        );
        check_off(
            CIGNA,
            "suspect-duplicate",
            "
            2025-02-06 76942 pay monitored=-
            2025-02-06 76942 pay charge=90.00 monitored=suspect-duplicate at_stake=90.00
            ",
        );
        check_off(
            "caresource-ar-passe-mm-1503",
            "office-visit",
            "
            2026-05-04 20552 pay
            2026-05-04 99213 pay monitored=office-visit at_stake=100.00
            2026-05-04 99214-25 pay monitored=-
            ",
        );
    }

    #[test]
    fn of_several_criteria_one_hit_is_told() {
        check_off(
            CIGNA,
            "documentation",
            r#"
            facts 2025-01-06 {"pain_onset":"2025-01-01","conservative_therapies":[]}
            2025-01-06 20552 pay unverified=- monitored=documentation at_stake=100.00
            2025-01-13 20552 pay monitored=-
            "#,
        );
    }
}
