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

pub(super) fn text() -> String {
    "the same line of another claim is paid".into()
}
