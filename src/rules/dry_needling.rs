//! `dry-needling`: needles without an injection.
//!
//! # What it denies
//!
//! Every line of the policy's dry needling set.
//!
//! # The policy's words
//!
//! CareSource MM-1503, D.IV.D: "Dry needling is not an acceptable alternative to trigger point
//! injections".
//!
//! # Example
//!
//! ```text
//! 2026-05-04  20560  deny CO 96 N130
//! ```
//!
//! # What it does not cover
//!
//! Policies without such a set.

use super::{Detail, Reason, ServiceContext};
use crate::policy::{Role, RuleKind, Words};

pub(super) fn judge(cx: &ServiceContext<'_>) -> Option<Reason> {
    (cx.service.role == Some(Role::DryNeedling))
        .then(|| Reason::new(RuleKind::DryNeedling, Detail::None))
}

pub(super) fn text(service: &Words) -> String {
    format!("dry needling is not covered in place of {}", service.any())
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};

    #[test]
    fn dry_needling_is_denied_whatever_stands_beside_it() {
        check(
            "caresource-ar-passe-mm-1503",
            "
            2026-05-04 20560 deny dry-needling
            2026-05-04 20552 pay
            2026-05-04 20561 deny dry-needling
            ",
        );
    }

    #[test]
    fn without_the_rule_it_is_paid_once() {
        check_plan(
            "caresource-ar-passe-mm-1503",
            r#"
[[plan.override]]
rule = "dry-needling"
set = { enabled = false }
citation = "Plan document, section 1"
"#,
            "
            2026-05-04 20560 pay
            2026-05-04 20560 deny duplicate-line
            ",
        );
    }
}
