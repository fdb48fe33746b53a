//! `add-on`: a code that is paid only beside another.
//!
//! # What it denies
//!
//! A line of the policy's add-on set on a date on which none of the codes that the set names
//! beside it is paid or reduced for the same billing or the same rendering provider. Where
//! none is paid and one of them pends, it pends with it.
//!
//! # The policy's words
//!
//! None of the embedded policies has such a set. An invented one says: "Additional time is
//! reimbursed only with an initial code of the same day."
//!
//! # Example
//!
//! ```text
//! 97811 is paid beside 97810 and 97813
//! 2026-01-05  97810  pay
//! 2026-01-05  97811  pay
//! 2026-01-06  97811  deny CO 107 N122
//! ```
//!
//! # What it does not cover
//!
//! How many units are added, and a code that comes in a later run: what was decided stands.

use super::{Billed, Detail, Hanging, Reason};
use crate::policy::{Decision, Policy, Role, RuleKind};

const ALONE: u8 = 0;
const PENDED: u8 = 1;

pub(super) fn judge(hanging: &Hanging<'_>) -> Option<Reason> {
    let cx = &hanging.cx;
    if cx.service.role != Some(Role::AddOn) {
        return None;
    }
    let symbols = &cx.batch.symbols;
    let procedure = symbols.bytes(cx.service.procedure);
    let mut add_ons = (0_u16..).zip(&cx.plan.policy.codes.add_ons);
    let (place, add_on) = add_ons.find(|(_, add_on)| add_on.code.as_bytes() == procedure)?;
    let line = hanging.identity;
    let mut own = hanging.standing.iter().filter(|other| {
        let code = symbols.bytes(other.line.procedure);
        let is_named = add_on.beside.iter().any(|name| name.as_bytes() == code);
        is_named
            && other
                .line
                .shares_provider(line.billing_provider, line.rendering_provider)
    });
    // "reimbursed only with an initial code of the same day": one that is not paid brings none.
    let outcome = if own.clone().any(Billed::is_paid) {
        return None;
    } else if own.any(|other| other.decision == Decision::Pend) {
        PENDED
    } else {
        ALONE
    };
    Some(Reason::with_outcome(
        RuleKind::AddOn,
        outcome,
        Detail::AddOn(place, line.date),
    ))
}

pub(super) fn text(detail: &Detail, outcome: u8, policy: &Policy) -> String {
    let Detail::AddOn(place, date) = detail else {
        return "the code is paid only beside others".into();
    };
    let add_on = policy.codes.add_ons.get(usize::from(*place));
    let codes = add_on.map_or_else(String::new, |add_on| add_on.beside.join(" or "));
    if outcome == PENDED {
        format!("the code is paid only beside {codes}, which waits for a person on {date}")
    } else {
        format!(
            "the code is paid only beside {codes} of the same provider, paid on {date}: none is"
        )
    }
}
