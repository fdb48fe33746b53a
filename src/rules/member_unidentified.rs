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

pub(super) fn text() -> &'static str {
    "the claim has no subscriber id (2010BA NM109)"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn a_claim_without_a_subscriber_id_is_denied_and_stands_nowhere() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 deny member-unidentified member=-
            2025-01-06 20552 deny member-unidentified member=/20150320/F/ZOE
            2025-01-06 76942 pay
            ",
        );
    }

    #[test]
    fn an_override_can_switch_it_off() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "member-unidentified"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay member=-
            ",
        );
    }
}
