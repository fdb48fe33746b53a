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
    let date = cx.date()?;
    let procedure = cx.batch.symbols.bytes(cx.line.procedure);
    let sets = cx
        .plan
        .policy
        .codes
        .roles
        .iter()
        .flat_map(|(_, codes)| codes);
    let mut dated = sets.filter(|code| code.code.as_bytes() == procedure);
    let is_effective = dated.any(|code| code.is_valid_on(date));
    (!is_effective).then(|| Reason::new(RuleKind::CodeNotEffective, Detail::None))
}

pub(super) fn text() -> String {
    "the procedure code is not valid on the date of service".into()
}

#[cfg(test)]
mod tests {
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
}
