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
use crate::claim::IsoDate;
use crate::policy::{Decision, Policy, Role, RuleKind};
use crate::timeline::Symbol;

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
        // A code of an earlier run that no line of this batch has is no symbol, and none of these.
        let is_named = add_on.beside.iter().any(|name| {
            let code = symbols.find(name.as_bytes());
            code != Symbol::UNKNOWN && code == other.line.procedure
        });
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
    let date = IsoDate(*date);
    let add_on = policy.codes.add_ons.get(usize::from(*place));
    let codes = add_on.map_or_else(String::new, |add_on| add_on.beside.join(" or "));
    if outcome == PENDED {
        format!("the code is paid only beside {codes}, which waits for a person on {date}")
    } else {
        format!(
            "the code is paid only beside {codes} of the same provider, and none is paid on {date}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ALONE, Detail, PENDED, text};
    use crate::cases::Under;
    use crate::policy::Policy;
    use crate::rules::cases::check_under;

    /// The invented policy, with an add-on to an office visit.
    fn policy() -> Policy {
        let text = include_str!("../../fixtures/acupuncture.toml").replace(
            "add_on = [",
            "add_on = [{ code = \"99417\", beside = [\"99215\"] },",
        );
        Policy::from_toml("acupuncture.toml", &text).unwrap()
    }

    fn check(plan: &str, table: &str) {
        check_under(&Under::Policy(policy().into()), plan, table);
    }

    #[test]
    fn it_is_paid_beside_one_of_its_codes_whichever_line_comes_first() {
        check(
            "",
            "
            2026-03-02 97811 pay
            2026-03-02 97813 pay
            2026-03-03 97811 deny add-on outcome=alone
            2026-03-09 97810 reduce unit-cap units=2
            2026-03-09 97811 pay units=3
            ",
        );
    }

    #[test]
    fn a_code_of_another_provider_or_of_no_name_brings_none() {
        check(
            "",
            "
            2026-03-02 97810 pay billing=2 rendering=2
            2026-03-02 97811 deny add-on outcome=alone
            2026-03-02 97814 pay billing=2
            2026-03-09 99213 pay
            2026-03-09 97811 deny add-on outcome=alone
            ",
        );
    }

    #[test]
    fn it_follows_a_line_that_hangs_itself() {
        check(
            "",
            "
            2026-03-02 99417 pay
            2026-03-02 99215 pay
            2026-03-09 97810 pay
            2026-03-09 99417 deny add-on outcome=alone
            2026-03-09 99215 deny office-visit
            2026-03-16 97810 pend diagnosis-not-listed dx=I10
            2026-03-16 99417 pend add-on outcome=pended
            2026-03-16 99215 pend office-visit
            ",
        );
    }

    #[test]
    fn what_an_earlier_run_decided_stands() {
        check(
            "",
            "
            earlier 2026-03-02 97810 pay
            earlier 2026-03-02 97814 pay
            earlier 2026-03-09 97810 deny
            2026-03-02 97811 pay
            2026-03-02 97814 deny duplicate-line
            2026-03-02 97814 pend suspect-duplicate charge=90.00
            2026-03-09 97811 deny add-on outcome=alone
            ",
        );
    }

    #[test]
    fn switched_off_it_is_paid_alone() {
        check(
            r#"override = [{ rule = "add-on", set = { enabled = false }, citation = "Plan document" }]"#,
            "
            2026-03-02 97811 pay
            ",
        );
    }

    #[test]
    fn the_text_names_the_codes_that_it_is_paid_beside() {
        let detail = Detail::AddOn(1, "2026-03-02".parse().unwrap());
        assert_eq!(
            text(&detail, ALONE, &policy()),
            "the code is paid only beside 97810 or 97813 of the same provider, and none is paid on 2026-03-02"
        );
        assert_eq!(
            text(&detail, PENDED, &policy()),
            "the code is paid only beside 97810 or 97813, which waits for a person on 2026-03-02"
        );
    }
}
