//! `duplicate-line`: the same line on another claim, paid.
//!
//! # What it denies
//!
//! A line that equals, in plan, member, billing and rendering provider, date, procedure, set
//! of modifiers, units and charge, a line of another claim that was paid or reduced. It
//! replaces every other reason.
//!
//! # The policy's words
//!
//! None: the claim says it all.
//!
//! # Example
//!
//! ```text
//! claim A  2026-01-05  20552  120.00  pay
//! claim B  2026-01-05  20552  120.00  deny OA 18
//! ```
//!
//! # What it does not cover
//!
//! Two equal lines of one claim, and lines of providers that have no identity.

use super::{Detail, LineIdentity, Reason};
use crate::policy::{Book, RuleKind};

/// Looks among lines paid or reduced in earlier runs, and before this one.
pub(super) fn judge<'a>(
    line: &LineIdentity,
    book: &Book,
    paid: impl IntoIterator<Item = &'a LineIdentity>,
) -> Option<Reason> {
    book.rule(RuleKind::DuplicateLine)?;
    paid.into_iter()
        .any(|other| other.is_of_another_claim(line) && other.equals(line))
        .then(|| Reason::new(RuleKind::DuplicateLine, Detail::None))
}

pub(super) fn text() -> &'static str {
    "the same line of another claim is paid"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn the_same_line_of_another_claim_is_paid_once() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552-RT-59 pay
            2025-01-06 20552-59-RT deny duplicate-line
            2025-01-06 20552-RT-59 deny same-day-bundle charge=100.01
            2025-01-06 20552-RT-59 deny same-day-bundle rendering=2
            ",
        );
    }

    #[test]
    fn two_equal_lines_of_one_claim_are_no_duplicates() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay claim=A
            2025-01-06 20552 deny same-day-bundle claim=A
            2025-01-20 76942 pay claim=B
            2025-01-20 76942 pay claim=B
            2025-01-20 76942 deny duplicate-line
            ",
        );
    }

    #[test]
    fn a_provider_without_an_identity_equals_nobody() {
        check(
            "cigna-0139",
            "
            2025-01-06 76942 pay billing=-
            2025-01-06 76942 pay billing=-
            ",
        );
    }

    #[test]
    fn a_line_paid_in_an_earlier_run_replaces_every_other_reason() {
        check(
            "cigna-0139",
            "
            earlier 2025-01-06 20552 pay
            earlier 2025-01-06 76942 deny
            2025-01-06 20552 deny duplicate-line units=1.0
            2025-01-06 76942 deny guidance
            2025-01-06 20553 deny same-day-bundle
            ",
        );
    }

    #[test]
    fn switched_off_a_second_line_is_bundled() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "duplicate-line"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay
            2025-01-06 20552 deny same-day-bundle
            ",
        );
    }
}
