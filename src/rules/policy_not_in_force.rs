//! `policy-not-in-force`: no version of the policy on the date of service.
//!
//! # What it denies
//!
//! Nothing: it pends a line on a date on which no version of the policy was in force.
//!
//! # The policy's words
//!
//! The effective date on its first page.
//!
//! # Example
//!
//! ```text
//! effective 2024-11-01  2024-10-31  20552  pend P2:46
//! effective 2024-11-01  2024-11-01  20552  pay
//! ```
//!
//! # What it does not cover
//!
//! Lines without a date of service: `service-date-invalid` has those.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    cx.date()?;
    if cx.book.version.is_some() {
        return None;
    }
    let first = cx.plan.policy.versions.first()?.effective;
    Some(Reason::new(RuleKind::PolicyNotInForce, Detail::Date(first)))
}

pub(super) fn text(detail: &Detail) -> String {
    match detail {
        Detail::Date(first) => {
            format!(
                "no version of the policy is in force on the date of service; the first is of {first}"
            )
        }
        _ => "no version of the policy is in force on the date of service".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn the_effective_date_is_in_force() {
        check(
            "cigna-0139",
            "
            2024-10-31 20552 pend policy-not-in-force
            2024-11-01 20552 pay
            ",
        );
    }

    #[test]
    fn without_a_version_only_the_claims_own_rules_fire_beside_it() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-03-31 20552 deny policy-not-in-force units-invalid diagnosis-pointer-invalid units=1.5 ptr=2
            2026-03-31 20560 pend policy-not-in-force
            2026-03-31 99201 pend policy-not-in-force
            2026-04-01 20552 pay session=1
            ",
        );
    }

    #[test]
    fn without_the_rule_lines_before_the_first_version_are_judged_by_no_policy_rule() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "policy-not-in-force"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2024-10-20 20552 pay
            2024-10-21 20552 pay
            2024-10-21 20552 deny duplicate-line
            ",
        );
    }

    #[test]
    fn phases_are_inferred_before_the_first_version_too() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "policy-not-in-force"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2024-10-03 20552 pay phase=diagnostic session=1
            2024-10-10 20552 pay phase=diagnostic session=2
            2024-10-17 20552 pay phase=diagnostic session=3
            2024-10-24 20552 pay phase=diagnostic session=4
            2024-10-31 20552 pay phase=therapeutic session=5
            2024-12-30 20552 deny min-interval phase=therapeutic
            2024-12-31 20552 pay phase=therapeutic session=6
            ",
        );
    }
}
