//! `billing-predates-service`: billed before it was performed.
//!
//! # What it denies
//!
//! A line whose date of service lies after the billing date (GS04). It stands nowhere.
//!
//! # The policy's words
//!
//! None: the guide gives the element (GS04).
//!
//! # Example
//!
//! ```text
//! billed 2026-01-05  2026-01-05  20552  pay
//! billed 2026-01-05  2026-01-06  20552  deny CO 110
//! ```
//!
//! # What it does not cover
//!
//! A GS04 that is no date: nothing can be compared, and the rule does not fire.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    let billed = cx.billing_date?;
    let date = cx.date()?;
    (date > billed).then(|| Reason::new(RuleKind::BillingPredatesService, Detail::Date(billed)))
}

pub(super) fn text(detail: &Detail) -> String {
    match detail {
        Detail::Date(billed) => format!("the date of service is after the billing date, {billed}"),
        _ => "the date of service is after the billing date".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn the_billing_date_itself_is_payable() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay billed=2025-01-06
            2025-01-20 20552 deny billing-predates-service billed=2025-01-19
            2025-01-20 76942 pay billed=2025-01-31
            ",
        );
    }

    #[test]
    fn a_billing_date_that_is_no_date_compares_with_nothing() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay billed=none
            ",
        );
    }
}
