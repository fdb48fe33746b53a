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
