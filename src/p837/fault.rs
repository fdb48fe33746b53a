//! What is wrong with segments wherever they stand, as the scanner reports it.

use super::event::Fault;
use crate::x12::Severity;

const WARNING: Fault = Fault {
    code: "",
    severity: Severity::Warning,
    loop_id: None,
    segment: None,
    element: None,
    message: "",
};

pub(super) const UNKNOWN_SEGMENT: Fault = Fault {
    code: "unknown-segment",
    message: "a segment that 005010X222 does not know is passed over",
    ..WARNING
};

pub(super) const UNTERMINATED: Fault = Fault {
    code: "terminator-missing",
    message: "the data end before the terminator of the last segment",
    ..WARNING
};

pub(super) const OUTSIDE_CLAIM: Fault = Fault {
    code: "line-outside-claim",
    severity: Severity::Error,
    loop_id: Some("2400"),
    message: "a service line stands outside any claim (CLM)",
    ..WARNING
};
