//! `member-unidentified`: a claim of nobody.
//!
//! # What it denies
//!
//! Every line of a claim without a subscriber id (2010BA NM109), a dependent's too. Such a
//! line stands nowhere: no other line sees it.
//!
//! # The policy's words
//!
//! None: the guide asks for the element (2010BA NM109).
//!
//! # Example
//!
//! ```text
//! no subscriber id  2026-01-05  20552  deny CO 31 N382
//! ```
//!
//! # What it does not cover
//!
//! Whether the member exists or is eligible: that is the enrolment system's.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    (!cx.claim.member_identified).then(|| Reason::new(RuleKind::MemberUnidentified, Detail::None))
}

pub(super) fn text() -> String {
    "the claim has no subscriber id (2010BA NM109)".into()
}
