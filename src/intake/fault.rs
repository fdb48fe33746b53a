//! The faults of envelopes, as the reader reports them.

use crate::p837::Fault;
use crate::x12::{DelimiterFault, Severity};

/// A fault of an envelope: what is said of it, and which acknowledgement says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EnvelopeFault {
    pub(super) fault: Fault,
    pub(super) acknowledgement: Option<&'static str>,
}

const fn fault(
    code: &'static str,
    segment: &'static str,
    element: u8,
    acknowledgement: &'static str,
    message: &'static str,
) -> EnvelopeFault {
    EnvelopeFault {
        fault: Fault {
            code,
            severity: Severity::Error,
            loop_id: None,
            segment: Some(segment),
            element: if element == 0 { None } else { Some(element) },
            message,
        },
        acknowledgement: if acknowledgement.is_empty() {
            None
        } else {
            Some(acknowledgement)
        },
    }
}

pub(super) const ISA_UNREADABLE: EnvelopeFault = fault(
    "isa-unreadable",
    "ISA",
    0,
    "TA1 R 022",
    "the interchange is refused: ISA has no 16 elements and terminator",
);
pub(super) const SEGMENT_ENDLESS: EnvelopeFault = fault(
    "segment-endless",
    "ISA",
    0,
    "TA1 R 004",
    "the interchange is refused: a segment has no terminator within a mebibyte",
);
pub(super) const IEA_MISSING: EnvelopeFault = fault(
    "iea-missing",
    "IEA",
    0,
    "TA1 R 023",
    "the interchange has no IEA: the data end, or a new ISA comes, before it",
);
pub(super) const IEA_CONTROL_NUMBER: EnvelopeFault = fault(
    "iea-control-number-wrong",
    "IEA",
    2,
    "TA1 R 001",
    "IEA02 is not the interchange control number of ISA13",
);
pub(super) const IEA_COUNT: EnvelopeFault = fault(
    "iea-count-wrong",
    "IEA",
    1,
    "TA1 R 021",
    "IEA01 is not the number of functional groups in the interchange",
);
pub(super) const INTERCHANGE_DUPLICATE: EnvelopeFault = fault(
    "interchange-duplicate",
    "ISA",
    13,
    "TA1 R 025",
    "the interchange is refused: one of the same sender, receiver, date, time and control number (ISA06, ISA08, ISA09, ISA10, ISA13) was accepted before",
);
pub(super) const GROUP_NOT_CLAIMS: EnvelopeFault = fault(
    "group-not-claims",
    "GS",
    1,
    "AK9 R 1",
    "the functional group is passed over: GS01 is not HC, so it holds no claims (it may hold a remittance, an acknowledgement or an inquiry)",
);
pub(super) const GROUP_VERSION: EnvelopeFault = fault(
    "group-version-unsupported",
    "GS",
    8,
    "AK9 R 2",
    "the functional group is passed over: GS08 is not 005010X222, 005010X222A1 or 005010X222A2, so it holds no professional claims of version 5010 (it may hold institutional or dental claims, or version 4010)",
);
pub(super) const GE_MISSING: EnvelopeFault = fault(
    "ge-missing",
    "GE",
    0,
    "AK9 R 3",
    "the functional group has no GE: a new GS or IEA comes before it",
);
pub(super) const GE_CONTROL_NUMBER: EnvelopeFault = fault(
    "ge-control-number-wrong",
    "GE",
    2,
    "AK9 R 4",
    "GE02 is not the group control number of GS06",
);
pub(super) const GE_COUNT: EnvelopeFault = fault(
    "ge-count-wrong",
    "GE",
    1,
    "AK9 R 5",
    "GE01 is not the number of transaction sets in the functional group",
);
pub(super) const ST_NOT_837: EnvelopeFault = fault(
    "st-not-837",
    "ST",
    1,
    "IK5 R 1",
    "the transaction set is refused: ST01 is not 837",
);
pub(super) const ST_CONVENTION: EnvelopeFault = fault(
    "st-convention-differs",
    "ST",
    3,
    "IK5 R I6",
    "the transaction set is refused: ST03 is not the implementation convention of GS08",
);
pub(super) const ST_DUPLICATE: EnvelopeFault = fault(
    "st-control-number-duplicate",
    "ST",
    2,
    "IK5 R 23",
    "the transaction set is refused: its control number, ST02, stands in the functional group already",
);
pub(super) const ST_OUTSIDE_GROUP: EnvelopeFault = fault(
    "st-outside-group",
    "ST",
    0,
    "",
    "the transaction set is refused: no functional group (GS) is open",
);
pub(super) const SE_MISSING: EnvelopeFault = fault(
    "se-missing",
    "SE",
    0,
    "IK5 R 2",
    "the transaction set has no SE: a new ST, GE, IEA or the end of the data comes before it",
);
pub(super) const SE_CONTROL_NUMBER: EnvelopeFault = fault(
    "se-control-number-wrong",
    "SE",
    2,
    "IK5 R 3",
    "SE02 is not the transaction set control number of ST02",
);
pub(super) const SE_COUNT: EnvelopeFault = fault(
    "se-count-wrong",
    "SE",
    1,
    "IK5 R 4",
    "SE01 is not the number of segments from ST to SE",
);
pub(super) const TRAILER_ALONE: EnvelopeFault = fault(
    "trailer-without-header",
    "SE",
    0,
    "",
    "a trailer (SE or GE) stands where nothing is open that it could end",
);
pub(super) const CLAIM_OUTSIDE_SET: EnvelopeFault = fault(
    "claim-outside-transaction-set",
    "CLM",
    0,
    "",
    "the claim is rejected: it stands outside any transaction set (ST)",
);
pub(super) const CLAIM_OUTSIDE_LEVEL: EnvelopeFault = fault(
    "claim-outside-level",
    "CLM",
    0,
    "",
    "the claim is rejected: it stands under no subscriber or patient level (HL03 22 or 23)",
);
pub(super) const CLAIM_UNSOUND_LEVEL: EnvelopeFault = fault(
    "claim-under-orphan-level",
    "CLM",
    0,
    "",
    "the claim is rejected: the HL above it, or one above that, lacks the parent level that it needs (HL02)",
);
pub(super) const CLAIM_INVALID_LEVEL: EnvelopeFault = fault(
    "claim-under-invalid-level",
    "CLM",
    0,
    "",
    "the claim is rejected: the HL above it, or one above that, has errors in its loop",
);
pub(super) const CLAIM_LOST_LEVEL: EnvelopeFault = fault(
    "claim-under-lost-level",
    "CLM",
    0,
    "",
    "the claim is rejected: segments of a level whose HL is missing stand before it, so that it is not known whose it is",
);
pub(super) const HEADER_INVALID: EnvelopeFault = fault(
    "st-header-invalid",
    "ST",
    0,
    "IK5 R 5",
    "the transaction set is refused: its header, from ST to the first HL, has errors",
);
pub(super) const SET_IN_ERROR: EnvelopeFault = fault(
    "st-in-error",
    "SE",
    0,
    "IK5 R 5",
    "the transaction set is refused: something in it is wrong, and strictness is asked for",
);
pub(super) const CLAIM_CUT: EnvelopeFault = fault(
    "claim-cut",
    "CLM",
    0,
    "",
    "the claim is rejected: the data end inside its transaction set, and it may not be whole",
);
pub(super) const NO_INTERCHANGE: EnvelopeFault = EnvelopeFault {
    fault: Fault {
        code: "no-interchange",
        severity: Severity::Error,
        loop_id: None,
        segment: None,
        element: None,
        message: "no X12 interchange header (ISA) is in this file: it is passed over",
    },
    acknowledgement: None,
};
pub(super) const FILE_EMPTY: EnvelopeFault = EnvelopeFault {
    fault: Fault {
        message: "the file is empty: no X12 interchange header (ISA) is in it",
        ..NO_INTERCHANGE.fault
    },
    acknowledgement: None,
};
pub(super) const STRAY_BYTES: EnvelopeFault = EnvelopeFault {
    fault: Fault {
        message: "bytes outside any interchange are passed over, up to the next ISA or the end of the file",
        ..NO_INTERCHANGE.fault
    },
    acknowledgement: None,
};

/// A warning about a header, level or place.
pub(super) const fn warning(
    code: &'static str,
    segment: &'static str,
    element: u8,
    message: &'static str,
) -> Fault {
    let fault = fault(code, segment, element, "", message).fault;
    Fault {
        severity: Severity::Warning,
        ..fault
    }
}

pub(super) const NO_CLAIMS: Fault = Fault {
    severity: Severity::Warning,
    code: "no-claims",
    message: "no claim (CLM) is in this file",
    ..NO_INTERCHANGE.fault
};
pub(super) const ISA_NOT_FIXED: Fault = warning(
    "isa-not-fixed-width",
    "ISA",
    0,
    "ISA is not 106 bytes with padded elements: it is read by its separators",
);
pub(super) const GROUP_DUPLICATE: Fault = warning(
    "gs-control-number-duplicate",
    "GS",
    6,
    "GS06 is that of another group of claims in the interchange: claims at the same places of both have the same claim control numbers",
);
pub(super) const HL_ORPHAN: Fault = warning(
    "hl-parent-invalid",
    "HL",
    2,
    "HL02 names no level of the kind that this level needs above it: claims under it are rejected",
);
pub(super) const OUTSIDE_SET: Fault = warning(
    "segment-outside-transaction-set",
    "ST",
    0,
    "segments outside any transaction set are passed over",
);

/// The fault of a delimiter that cannot be one.
pub(super) fn delimiter(which: DelimiterFault) -> EnvelopeFault {
    let (code, element, acknowledgement, message) = match which {
        DelimiterFault::Segment => (
            "isa-terminator-invalid",
            0,
            "TA1 R 004",
            "the interchange is refused: its segment terminator, the byte after ISA16, is a letter, a digit or a blank",
        ),
        DelimiterFault::Element => (
            "isa-element-separator-invalid",
            0,
            "TA1 R 026",
            "the interchange is refused: its element separator, the byte after ISA, is a letter, a digit or a blank, or repeats another delimiter",
        ),
        DelimiterFault::Component => (
            "isa-component-separator-invalid",
            16,
            "TA1 R 027",
            "the interchange is refused: its component separator, ISA16, is a letter, a digit or a blank, or repeats another delimiter",
        ),
        DelimiterFault::Repetition => (
            "isa-repetition-separator-invalid",
            11,
            "TA1 R 022",
            "the interchange is refused: its repetition separator, ISA11, repeats another delimiter",
        ),
    };
    fault(code, "ISA", element, acknowledgement, message)
}
