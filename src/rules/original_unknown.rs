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

pub(super) fn text() -> String {
    "the claim that this one replaces is not found (2300 REF*F8, CLM05-3)".into()
}
