//! `unit-cap`: one unit a day.
//!
//! # What it denies
//!
//! Units beyond one on a paid line of the limited service: it is reduced to one unit, and to
//! its share of the charge, rounded half up to the cent.
//!
//! # The policy's words
//!
//! MUE 1 for both codes. CareSource MM-1503, D.IV.A: "the unit of service is different from the
//! number of injections given".
//!
//! # Example
//!
//! ```text
//! 20552  2 units  101.01  reduce CO 151 N362  1 unit  50.51
//! ```
//!
//! # What it does not cover
//!
//! Guidance and office visits: they are paid as billed.

use super::{Detail, LineContext, Reason};
use crate::claim::Quantity;
use crate::policy::{RuleKind, Words};

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    cx.service
        .units
        .quantity
        .is_some_and(Quantity::exceeds_one)
        .then(|| Reason::new(RuleKind::UnitCap, Detail::None))
}

pub(super) fn text(service: &Words) -> String {
    format!(
        "one unit is paid for a date of service, however many {} it stands for",
        service.many
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn one_unit_is_paid_at_its_share_rounded_half_up() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 reduce unit-cap units=2 charge=101.01 allowed=50.51 paid=1
            2025-01-13 20553 reduce unit-cap units=3 charge=100.00 allowed=33.33
            2025-01-20 76942 pay units=2 allowed=100.00 paid=2
            ",
        );
    }

    #[test]
    fn where_a_plan_denies_more_units_there_is_no_session() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "unit-cap"
set = { decision = "deny" }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 deny unit-cap units=2
            2025-01-06 76942 deny guidance outcome=1
            2025-01-07 20552 pay session=1
            ",
        );
    }

    #[test]
    fn switched_off_all_units_are_paid() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "unit-cap"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay units=2 allowed=100.00
            ",
        );
    }
}
