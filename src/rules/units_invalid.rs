//! `units-invalid`: units that cannot be counted.
//!
//! # What it denies
//!
//! A line whose units (2400 SV104) are absent, no plain number, zero, negative or not whole,
//! or are not of `UN` (SV103).
//!
//! # The policy's words
//!
//! None: the guide asks for the elements (2400 SV103, SV104).
//!
//! # Example
//!
//! ```text
//! UN 1    pay
//! UN 1.0  pay
//! UN 1.5  deny CO 16 M53
//! MJ 15   deny CO 16 M53
//! ```
//!
//! # What it does not cover
//!
//! More than one unit: `unit-cap` pays one.

use super::{Detail, Reason, ServiceContext};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &ServiceContext<'_>) -> Option<Reason> {
    cx.service
        .units
        .valid()
        .is_none()
        .then(|| Reason::new(RuleKind::UnitsInvalid, Detail::None))
}

pub(super) fn text() -> &'static str {
    "the units are no whole number of UN above zero (2400 SV103, SV104)"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn units_are_whole_and_above_zero() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay units=1.0
            2025-02-06 20552 deny units-invalid units=1.5
            2025-02-06 20552 deny units-invalid units=0
            2025-02-06 20552 deny units-invalid units=-1
            2025-02-06 20552 deny units-invalid units=x
            2025-02-06 20552 deny units-invalid measure=MJ
            2025-02-06 76942 deny units-invalid units=0.5
            ",
        );
    }

    #[test]
    fn without_the_rule_units_that_are_no_number_are_paid_as_billed() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "units-invalid"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-02-06 20552 pay units=x allowed=100.00 paid=0
            ",
        );
    }
}
