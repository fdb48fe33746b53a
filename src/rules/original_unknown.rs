//! `original-unknown`: a replacement of nothing.
//!
//! # What it denies
//!
//! Nothing: where the plan says so it pends the lines of a replacement (CLM05-3 `7`) whose
//! original is not found. Otherwise they are judged like an original's, with a note.
//!
//! # The policy's words
//!
//! None: the plan decides (`unknown_original`).
//!
//! # Example
//!
//! ```text
//! replaces a claim that is not there  20552  pend P2:46
//! ```
//!
//! # What it does not cover
//!
//! Voids: one that takes nothing back is named in the summary.

use super::{Detail, LineContext, Reason};
use crate::policy::{RuleKind, UnknownOriginal};

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    let pends = cx.plan.unknown_original == UnknownOriginal::Pend;
    (cx.is_original_unknown && pends).then(|| Reason::new(RuleKind::OriginalUnknown, Detail::None))
}

pub(super) fn text() -> &'static str {
    "the claim that this one replaces is not found (2300 REF*F8, CLM05-3)"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn a_replacement_of_nothing_pends_where_the_plan_says_so() {
        check_plan(
            "cigna-0139",
            r#"unknown_original = "pend""#,
            "
            2025-01-06 20552 pend original-unknown freq=7 ref=NONE
            2025-01-13 20552 pay
            ",
        );
    }

    #[test]
    fn else_it_is_judged_like_an_original() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay freq=7 ref=NONE
            ",
        );
    }
}
