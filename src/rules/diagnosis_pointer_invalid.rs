//! `diagnosis-pointer-invalid`: an injection for no diagnosis.
//!
//! # What it denies
//!
//! A line of the limited service without a diagnosis pointer (2400 SV107), or with any
//! pointer that points at no diagnosis of the claim.
//!
//! # The policy's words
//!
//! None: the guide asks for the element (2400 SV107).
//!
//! # Example
//!
//! ```text
//! diagnoses M7918 M542  pointers 1:2  pay
//! diagnoses M7918 M542  pointers 1:3  deny CO 16 M76
//! ```
//!
//! # What it does not cover
//!
//! Whether the diagnosis fits: `diagnosis-not-listed` looks at that.

use super::{Detail, Reason, ServiceContext};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &ServiceContext<'_>) -> Option<Reason> {
    if !cx.is_session() {
        return None;
    }
    let mut pointed = cx.batch.diagnoses_of(cx.service);
    let is_without = cx.service.diagnoses.is_empty();
    let is_invalid = is_without || pointed.any(|code| code.is_none());
    is_invalid.then(|| Reason::new(RuleKind::DiagnosisPointerInvalid, Detail::None))
}

pub(super) fn text() -> &'static str {
    "the line has no diagnosis pointer, or one that points at no diagnosis of its claim (2400 SV107)"
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn every_pointer_must_point_at_a_diagnosis() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay dx=M7918,M542 ptr=1:2
            2025-02-06 20552 deny diagnosis-pointer-invalid dx=M7918,M542 ptr=1:3
            2025-02-06 20552 deny diagnosis-pointer-invalid ptr=
            2025-02-06 20552 deny diagnosis-pointer-invalid ptr=A
            2025-03-06 20552 deny diagnosis-pointer-invalid diagnosis-not-listed dx=I10 ptr=1:2
            2025-04-06 76942 pay ptr=9
            ",
        );
    }
}
