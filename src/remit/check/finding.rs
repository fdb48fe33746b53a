//! What can be wrong with a remittance, in words.

use std::borrow::Cow;
use std::sync::Arc;

use super::totals::Sum;
use crate::remit::codes::CodeFault;
use crate::x12::{Issue, Severity};

/// Where a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub(super) offset_bytes: u64,
    /// From 1; `None` for what is no segment.
    pub(super) ordinal: Option<u64>,
    /// From 1, ST.
    pub(super) in_set: Option<u64>,
}

/// Something wrong.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    code: &'static str,
    severity: Severity,
    segment: &'static str,
    element: Option<u8>,
    message: Cow<'static, str>,
}

/// An error.
pub(super) fn error(
    code: &'static str,
    segment: &'static str,
    element: impl Into<Option<u8>>,
    message: impl Into<Cow<'static, str>>,
) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        segment,
        element: element.into(),
        message: message.into(),
    }
}

/// A warning.
pub(super) fn warning(
    code: &'static str,
    segment: &'static str,
    element: impl Into<Option<u8>>,
    message: impl Into<Cow<'static, str>>,
) -> Finding {
    Finding {
        severity: Severity::Warning,
        ..error(code, segment, element, message)
    }
}

/// A sum that does not come out: `what` is not `should`, which is given in words.
pub(super) fn imbalance(
    code: &'static str,
    (segment, element): (&'static str, u8),
    should: &str,
    by: Sum,
) -> Finding {
    let more = if by.0 > 0 { "more" } else { "less" };
    let by = Sum(by.0.abs());
    let message = format!("{segment}{element:02} is {by} {more} than {should}");
    error(code, segment, element, message)
}

/// An amount that is missing or cannot be read.
pub(super) fn bad_amount(segment: &'static str, element: u8, is_missing: bool) -> Finding {
    if is_missing {
        let message = format!("{segment}{element:02} is missing: an amount is needed");
        error("amount-missing", segment, element, message)
    } else {
        let message = format!(
            "{segment}{element:02} is no amount: digits, a point and at most two decimals, - in front if it is less than zero"
        );
        error("amount-invalid", segment, element, message)
    }
}

/// A code that cannot stand.
pub(super) fn bad_code(fault: CodeFault, segment: &'static str, element: u8) -> Finding {
    let code = match fault {
        CodeFault::GroupUnknown => "adjustment-group-unknown",
        CodeFault::CarcUnknown => "adjustment-reason-unknown",
        CodeFault::CarcInactive { .. } => "adjustment-reason-inactive",
        CodeFault::GroupNotTaken { .. } => "adjustment-group-not-taken",
        CodeFault::RemarkUnknown => "remark-unknown",
        CodeFault::RemarkInactive { .. } => "remark-inactive",
        CodeFault::RemarkMissing { .. } => "remark-missing",
    };
    let message = format!("{segment}{element:02}: {fault}");
    warning(code, segment, element, message)
}

/// Tells findings, with their places.
pub(super) struct Findings<'h> {
    file: Arc<str>,
    hear: &'h mut dyn FnMut(Issue),
    pub(super) interchange: Option<Box<str>>,
    pub(super) group: Option<Box<str>>,
    pub(super) transaction: Option<Box<str>>,
    pub(super) errors: u64,
    pub(super) warnings: u64,
}

impl<'h> Findings<'h> {
    pub(super) fn new(file: Arc<str>, hear: &'h mut dyn FnMut(Issue)) -> Self {
        Self {
            file,
            hear,
            interchange: None,
            group: None,
            transaction: None,
            errors: 0,
            warnings: 0,
        }
    }

    pub(super) fn tell(&mut self, finding: Finding, place: Place) {
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        (self.hear)(Issue {
            file: Arc::clone(&self.file),
            offset_bytes: place.offset_bytes,
            interchange: self.interchange.clone(),
            group: self.group.clone(),
            transaction: self.transaction.clone(),
            segment_in_file: place.ordinal,
            segment_in_transaction: place.in_set,
            loop_id: None,
            segment: (!finding.segment.is_empty()).then(|| finding.segment.into()),
            element: finding.element,
            component: None,
            repetition: None,
            code: finding.code,
            acknowledgement: None,
            level: 0,
            severity: finding.severity,
            message: finding.message.into(),
            excerpt: None,
        });
    }
}
