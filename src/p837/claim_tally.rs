//! What every claim is read for: its totals, what is wrong with it, and whether it matters.

use super::event::{Fault, Totals};
use super::interest::Interest;
use super::segment_id::SegmentId;
use super::segments;
use crate::x12::{Delimiters, Rest, Severity};

/// Counts one claim after the other.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClaimTally {
    pub(super) totals: Totals,
    /// Whether more than its totals is of interest.
    pub(super) is_of_interest: bool,
    /// Whether a line has begun.
    is_in_line: bool,
    faults: [Option<&'static Fault>; 2],
}

impl ClaimTally {
    /// A segment of the claim, which CLM begins.
    #[inline]
    pub(super) fn segment(
        &mut self,
        id: SegmentId,
        rest: &Rest<'_>,
        delimiters: Delimiters,
        interest: &Interest,
    ) {
        match id {
            SegmentId::Clm => self.begin(rest, delimiters, interest),
            SegmentId::Lx => self.is_in_line = true,
            SegmentId::Sv1 => self.service(rest, delimiters, interest),
            _ => {}
        }
    }

    fn begin(&mut self, rest: &Rest<'_>, delimiters: Delimiters, interest: &Interest) {
        *self = Self::default();
        let clm = segments::clm(rest, delimiters);
        self.is_of_interest = interest.is_in_every_claim() || matches!(clm.frequency, b"7" | b"8");
        if clm.patient_control_number.is_empty() {
            self.reject(&NUMBER_MISSING);
        }
        match clm.charge {
            Some(charge) => self.totals.charge = charge,
            None => self.reject(&CHARGE_INVALID),
        }
    }

    fn service(&mut self, rest: &Rest<'_>, delimiters: Delimiters, interest: &Interest) {
        let (procedure, charge) = segments::procedure_and_charge(rest, delimiters);
        self.totals.lines += 1;
        if !self.is_in_line {
            self.reject(&LINE_NUMBER_MISSING);
        }
        self.is_in_line = true;
        match charge {
            Some(charge) => self.totals.line_charges += charge,
            None => self.reject(&LINE_CHARGE_INVALID),
        }
        if !self.is_of_interest {
            let code = segments::hc_code(procedure, delimiters);
            self.is_of_interest = code.is_some_and(|code| interest.is_in_procedure(code));
        }
    }

    /// The claim cannot be read: it is rejected, alone.
    fn reject(&mut self, fault: &'static Fault) {
        self.totals.is_unreadable = true;
        if let Some(place) = self.faults.iter_mut().find(|place| place.is_none()) {
            *place = Some(fault);
        }
    }

    /// What was wrong with the last segment.
    pub(super) fn faults(&mut self) -> impl Iterator<Item = &'static Fault> + use<> {
        std::mem::take(&mut self.faults).into_iter().flatten()
    }

    /// Whether anything was wrong with the last segment.
    pub(super) fn has_faults(&self) -> bool {
        self.faults[0].is_some()
    }
}

const REJECTED: Fault = Fault {
    code: "",
    severity: Severity::Error,
    loop_id: None,
    segment: None,
    element: None,
    message: "",
};

static NUMBER_MISSING: Fault = Fault {
    code: "claim-number-missing",
    loop_id: Some("2300"),
    segment: Some("CLM"),
    element: Some(1),
    message: "the claim is rejected: CLM01, the patient control number, is missing",
    ..REJECTED
};

static CHARGE_INVALID: Fault = Fault {
    code: "claim-charge-invalid",
    loop_id: Some("2300"),
    segment: Some("CLM"),
    element: Some(2),
    message: "the claim is rejected: CLM02 is no amount: digits, at most one point and at most two decimals are expected",
    ..REJECTED
};

static LINE_NUMBER_MISSING: Fault = Fault {
    code: "line-number-missing",
    loop_id: Some("2400"),
    segment: Some("SV1"),
    message: "the claim is rejected: SV1 stands before any LX of its claim",
    ..REJECTED
};

static LINE_CHARGE_INVALID: Fault = Fault {
    code: "line-charge-invalid",
    loop_id: Some("2400"),
    segment: Some("SV1"),
    element: Some(2),
    message: "the claim is rejected: SV102 is no amount: digits, at most one point and at most two decimals are expected",
    ..REJECTED
};
