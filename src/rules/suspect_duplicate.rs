//! `suspect-duplicate`: nearly the same line on another claim, paid.
//!
//! # What it denies
//!
//! Nothing: it pends guidance or an office visit that is like a line of another claim that
//! was paid or reduced, but for units or charge.
//!
//! # The policy's words
//!
//! None: the claim says it all.
//!
//! # Example
//!
//! ```text
//! claim A  2026-01-05  99213  110.00  pay
//! claim B  2026-01-05  99213  115.00  pend P2:54
//! ```
//!
//! # What it does not cover
//!
//! The limited service itself: `same-day-bundle` has that.

use super::{Detail, Hanging, Reason};
use crate::policy::{Role, RuleKind};

pub(super) fn judge(hanging: &Hanging<'_>) -> Option<Reason> {
    if hanging.cx.service.role == Some(Role::DryNeedling) {
        return None;
    }
    let line = hanging.identity;
    let mut paid = hanging.paid.iter();
    paid.any(|other| other.is_of_another_claim(line) && other.is_like(line) && !other.equals(line))
        .then(|| Reason::new(RuleKind::SuspectDuplicate, Detail::None))
}

pub(super) fn text() -> &'static str {
    "a line of another claim that differs only in units or charge is paid"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn nearly_the_same_line_of_another_claim_pends() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 99213 pay
            2026-05-04 99213 pend suspect-duplicate charge=110.00
            2026-05-04 99213 pend suspect-duplicate units=2
            2026-05-04 99213-25 pay
            2026-05-05 77003 pay
            2026-05-05 77003 pend suspect-duplicate charge=90.00
            ",
        );
    }

    #[test]
    fn it_stands_beside_other_reasons() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            earlier 2026-05-04 76942 pay
            2026-05-04 20552 pay
            2026-05-04 76942 deny suspect-duplicate guidance charge=90.00
            ",
        );
    }
}
