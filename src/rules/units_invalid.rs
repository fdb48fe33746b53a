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

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    cx.line
        .units
        .valid()
        .is_none()
        .then(|| Reason::new(RuleKind::UnitsInvalid, Detail::None))
}

pub(super) fn text() -> String {
    "the units are no whole number of UN above zero (2400 SV103, SV104)".into()
}
