//! `service-date-invalid`: a line on no day of the calendar.
//!
//! # What it denies
//!
//! A line without DTP*472, with a qualifier other than D8 and RD8, with a date that does not
//! exist, or with a range that lacks two real dates. It stands nowhere and has no date.
//!
//! # The policy's words
//!
//! None: the guide asks for the element (2400 DTP*472).
//!
//! # Example
//!
//! ```text
//! 2026-02-30  20552  deny CO 16 M52
//! ```
//!
//! # What it does not cover
//!
//! Dates that exist but cannot be right, such as one before the member was born.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    cx.date()
        .is_none()
        .then(|| Reason::new(RuleKind::ServiceDateInvalid, Detail::None))
}

pub(super) fn text() -> &'static str {
    "the line has no date of service that exists (2400 DTP*472, D8 or RD8)"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn a_day_that_does_not_exist_is_denied() {
        check(
            "cigna-0139",
            "
            2025-02-29 20552 deny service-date-invalid
            none       20552 deny service-date-invalid units-invalid units=0
            2024-11-01 20552 pay
            ",
        );
    }

    #[test]
    fn without_the_rule_a_line_without_a_date_is_paid_and_stands_nowhere() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "service-date-invalid"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            none 20552 pay
            2025-01-06 20552 pay session=1
            ",
        );
    }
}
