//! Adjustments and the remarks that they need.

use chrono::NaiveDate;

use super::elements::{Elements, money};
use super::finding::{Findings, Place, bad_amount, bad_code, warning};
use super::totals::{Sum, Totals};
use crate::remit::codes::{CARCS, CodeFault, Group, RARCS};

/// How many reasons a CAS can have.
const REASONS: usize = 6;

/// What the codes of a transaction set are looked up with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Codes {
    /// The date of payment; codes are not looked up by date where it is not known.
    pub(super) on: Option<NaiveDate>,
    /// 004010 had group `CR`.
    pub(super) is_4010: bool,
}

/// What was adjusted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Adjusted {
    pub(super) all: Sum,
    /// Under group PR.
    pub(super) patient: Sum,
    /// An amount of it cannot be read.
    pub(super) is_unreadable: bool,
}

/// The remarks of a claim or line, and the reasons that need one.
#[derive(Debug, Clone, Default)]
pub(super) struct Remarks {
    /// There is one that explains an adjustment.
    pub(super) explains: bool,
    /// Each once, so there are never more than reasons that need a remark.
    wanting: Vec<(&'static str, Place)>,
}

impl Remarks {
    /// Takes a remark code.
    pub(super) fn take(
        &mut self,
        code: &[u8],
        (segment, element): (&'static str, u8),
        codes: Codes,
        place: Place,
        findings: &mut Findings<'_>,
    ) {
        if code.is_empty() {
            return;
        }
        let found = std::str::from_utf8(code)
            .ok()
            .and_then(|code| RARCS.find(code));
        let fault = match found {
            None => CodeFault::RemarkUnknown,
            Some(rarc) => {
                self.explains |= !rarc.is_alert;
                if codes.on.is_none_or(|on| rarc.is_active(on)) {
                    return;
                }
                CodeFault::RemarkInactive { rarc: rarc.code }
            }
        };
        findings.tell(bad_code(fault, segment, element), place);
    }

    /// Tells the reasons that needed a remark; one of the claim does for its lines.
    pub(super) fn finish(&self, claim_explains: bool, findings: &mut Findings<'_>) {
        if self.explains || claim_explains {
            return;
        }
        for (carc, place) in &self.wanting {
            let fault = CodeFault::RemarkMissing { carc };
            findings.tell(bad_code(fault, "CAS", 2), *place);
        }
    }
}

/// Takes a CAS.
pub(super) fn take_adjustments(
    segment: Elements<'_>,
    (adjusted, remarks): (&mut Adjusted, &mut Remarks),
    codes: Codes,
    place: Place,
    (totals, findings): (&mut Totals, &mut Findings<'_>),
) {
    let elements: [&[u8]; 1 + 3 * REASONS] = segment.first();
    let (group_code, reasons) = (elements[0], &elements[1..]);
    let group = std::str::from_utf8(group_code).ok().and_then(Group::parse);
    if group.is_none() && !(codes.is_4010 && group_code == b"CR") {
        findings.tell(bad_code(CodeFault::GroupUnknown, "CAS", 1), place);
    }
    for (position, triple) in (2..).step_by(3).zip(reasons.chunks_exact(3)) {
        let (reason, amount) = (triple[0], triple[1]);
        if reason.is_empty() && amount.is_empty() {
            continue;
        }
        take_reason(reason, position, group, codes, place, remarks, findings);
        let Some(sum) = money(amount) else {
            adjusted.is_unreadable = true;
            findings.tell(bad_amount("CAS", position + 1, amount.is_empty()), place);
            continue;
        };
        adjusted.all += sum;
        if group == Some(Group::Pr) {
            adjusted.patient += sum;
        }
        let place = group.map_or(Group::ALL.len(), |group| group as usize);
        totals.adjustments[place] += sum;
    }
}

fn take_reason(
    reason: &[u8],
    position: u8,
    group: Option<Group>,
    codes: Codes,
    place: Place,
    remarks: &mut Remarks,
    findings: &mut Findings<'_>,
) {
    if reason.is_empty() {
        let message = format!("CAS{position:02} is missing: an adjustment has a reason");
        findings.tell(
            warning("adjustment-reason-missing", "CAS", position, message),
            place,
        );
        return;
    }
    let found = std::str::from_utf8(reason)
        .ok()
        .and_then(|code| CARCS.find(code));
    let Some(carc) = found else {
        findings.tell(bad_code(CodeFault::CarcUnknown, "CAS", position), place);
        return;
    };
    let code = carc.code;
    if codes.on.is_some_and(|on| !carc.is_active(on)) {
        let fault = CodeFault::CarcInactive { carc: code };
        findings.tell(bad_code(fault, "CAS", position), place);
    }
    if let Some(group) = group.filter(|group| !carc.takes(*group)) {
        let group = group.code();
        let fault = CodeFault::GroupNotTaken { carc: code, group };
        findings.tell(bad_code(fault, "CAS", position), place);
    }
    if carc.needs_remark && remarks.wanting.iter().all(|(wanting, _)| *wanting != code) {
        remarks.wanting.push((code, place));
    }
}
