//! `same-day-bundle`: one session a day.
//!
//! # What it denies
//!
//! Every further line of the limited service on the date of a session. On a new date the
//! highest procedure code is paid (20553 before 20552), then the first that arrived.
//!
//! # The policy's words
//!
//! Cigna: NCCI has 20553 and 20552 as a pair that no modifier parts (indicator 0). CareSource
//! MM-1503, D.IV.B: "Payment may be made for 1 unit of service of the appropriate procedure code
//! reported on a claim for service rendered to a particular patient on a particular date."
//!
//! # Example
//!
//! ```text
//! 2026-01-05  20553  pay
//! 2026-01-05  20552  deny CO 97 M80, or CO B20 where another provider billed the session
//! ```
//!
//! # What it does not cover
//!
//! The same line on another claim: `duplicate-line` has that.

use super::{Detail, LineIdentity, Reason};
use crate::claim::IsoDate;
use crate::policy::RuleKind;
use crate::timeline::Symbol;

/// A line on the date of a session that `session_biller` billed.
pub(super) fn judge(line: &LineIdentity, session_biller: Symbol) -> Reason {
    let is_same = line.billing_provider.is_same_identity(session_biller);
    let outcome = u8::from(!is_same);
    Reason::with_outcome(RuleKind::SameDayBundle, outcome, Detail::Date(line.date))
}

pub(super) fn text(detail: &Detail) -> String {
    match detail {
        Detail::Date(date) => {
            let date = IsoDate(*date);
            format!("the session of {date} is paid on another line; one line is paid a day")
        }
        _ => "the session is paid on another line; one line is paid a day".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn the_highest_code_is_paid_then_the_first_that_arrived() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 deny same-day-bundle outcome=0
            2025-01-06 20553 pay charge=90.00 session=1
            2025-01-06 20553 deny same-day-bundle session=1
            2025-01-06 20552 deny same-day-bundle outcome=1 billing=2
            ",
        );
    }

    #[test]
    fn a_session_of_an_earlier_run_holds_its_date() {
        check(
            "cigna-0139",
            "
            earlier 2025-01-06 20552 pay billing=2
            2025-01-06 20553 deny same-day-bundle outcome=1
            2025-01-06 20553 deny same-day-bundle outcome=0 billing=2 charge=90.00
            ",
        );
    }

    #[test]
    fn switched_off_the_others_are_paid_but_are_no_further_session() {
        check_plan(
            "caresource-ar-passe-mm-1503",
            r#"
[[plan.override]]
rule = "same-day-bundle"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2026-05-04 20552 pay session=1
            2026-05-04 20552-59 pay session=1
            2026-05-05 20552 pay session=2
            ",
        );
    }
}
