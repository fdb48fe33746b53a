//! `code-not-effective`: a procedure code not valid on the date of service.
//!
//! # What it denies
//!
//! A line whose procedure code was deleted before its date of service, or came after it.
//!
//! # The policy's words
//!
//! Cigna 0139, Coding Information: "codes which are not effective at the time the service is
//! rendered may not be eligible for reimbursement".
//!
//! # Example
//!
//! ```text
//! 99201  2020-12-31  (no reason)
//! 99201  2021-01-01  deny CO 181 N56
//! ```
//!
//! # What it does not cover
//!
//! Codes that no set of the policy names: their lines pass.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    let date = cx.date().filter(|_| cx.service.is_code_dated)?;
    let procedure = cx.batch.symbols.bytes(cx.service.procedure);
    let sets = cx.plan.policy.codes.roles.iter();
    let mut dated = sets
        .flat_map(|(_, codes)| codes)
        .filter(|code| code.code.as_bytes() == procedure);
    let first = dated.next()?;
    let is_effective = first.is_valid_on(date) || dated.any(|code| code.is_valid_on(date));
    let detail = Detail::Valid {
        from: first.from,
        until: first.until,
    };
    (!is_effective).then(|| Reason::new(RuleKind::CodeNotEffective, detail))
}

pub(super) fn text(detail: &Detail) -> String {
    let (from, until) = match detail {
        Detail::Valid { from, until } => (*from, *until),
        _ => (None, None),
    };
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    format!("the procedure code is not valid on the date of service; it is valid{from}{until}")
}

#[cfg(test)]
mod tests {
    use super::{Detail, text};
    use crate::rules::cases::check;

    #[test]
    fn a_deleted_code_is_not_valid_any_more() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 99201 deny code-not-effective
            2026-05-04 99202 pay
            ",
        );
    }

    #[test]
    fn the_text_states_the_dates_of_the_code() {
        let valid = |from: Option<&str>, until: Option<&str>| {
            let date = |text: &str| text.parse().unwrap();
            text(&Detail::Valid {
                from: from.map(date),
                until: until.map(date),
            })
        };
        assert_eq!(
            valid(None, Some("2020-12-31")),
            "the procedure code is not valid on the date of service; it is valid until 2020-12-31"
        );
        assert_eq!(
            valid(Some("2020-01-01"), None),
            "the procedure code is not valid on the date of service; it is valid from 2020-01-01"
        );
    }
}
