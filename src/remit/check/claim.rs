//! A claim and its lines, added up.

use super::elements::{Elements, money};
use super::finding::{Findings, Place, bad_amount, imbalance, warning};
use super::remarks::{Adjusted, Codes, Remarks, take_adjustments};
use super::totals::{Sum, Totals};

/// CLP02 of a claim that takes an earlier payment back.
const REVERSAL: &[u8] = b"22";

/// A claim that is being read.
pub(super) struct Claim {
    place: Place,
    is_reversal: bool,
    /// CLP03 and CLP04; `None` where they cannot be read.
    charge: Option<Sum>,
    payment: Option<Sum>,
    /// CLP05, where it is given and can be read.
    patient: Option<Sum>,
    /// Of the claim itself, and of its lines.
    adjusted: Adjusted,
    adjusted_by_lines: Adjusted,
    remarks: Remarks,
    lines: Lines,
    line: Option<Line>,
}

/// What the lines of a claim come to.
#[derive(Default)]
struct Lines {
    count: u64,
    charges: Sum,
    payments: Sum,
    /// An amount of SVC cannot be read.
    is_unreadable: bool,
}

struct Line {
    place: Place,
    charge: Option<Sum>,
    payment: Option<Sum>,
    adjusted: Adjusted,
    remarks: Remarks,
}

/// Reads an amount that has to be there.
fn needed(
    element: &[u8],
    (segment, position): (&'static str, u8),
    place: Place,
    findings: &mut Findings<'_>,
) -> Option<Sum> {
    let sum = money(element);
    if sum.is_none() {
        findings.tell(bad_amount(segment, position, element.is_empty()), place);
    }
    sum
}

impl Claim {
    /// Begins with a CLP.
    pub(super) fn begin(
        segment: Elements<'_>,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) -> Self {
        let [_, status, charge, payment, patient] = segment.first();
        let charge = needed(charge, ("CLP", 3), place, findings);
        let payment = needed(payment, ("CLP", 4), place, findings);
        if !patient.is_empty() && money(patient).is_none() {
            findings.tell(bad_amount("CLP", 5, false), place);
        }
        totals.claims += 1;
        totals.charges += charge.unwrap_or_default();
        totals.payments += payment.unwrap_or_default();
        Self {
            place,
            is_reversal: status == REVERSAL,
            charge,
            payment,
            patient: if patient.is_empty() {
                Some(Sum(0))
            } else {
                money(patient)
            },
            adjusted: Adjusted::default(),
            adjusted_by_lines: Adjusted::default(),
            remarks: Remarks::default(),
            lines: Lines::default(),
            line: None,
        }
    }

    /// CLP04.
    pub(super) fn payment(&self) -> Option<Sum> {
        self.payment
    }

    /// Takes a segment of the claim.
    pub(super) fn take(
        &mut self,
        segment: Elements<'_>,
        codes: Codes,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) {
        match segment.id {
            b"SVC" => self.begin_line(segment, place, totals, findings),
            b"CAS" => {
                let into = match &mut self.line {
                    Some(line) => (&mut line.adjusted, &mut line.remarks),
                    None => (&mut self.adjusted, &mut self.remarks),
                };
                take_adjustments(segment, into, codes, place, (totals, findings));
            }
            b"MIA" => {
                let elements: [&[u8]; 23] = segment.first();
                for position in [5, 20, 21, 22, 23] {
                    let code = elements[usize::from(position) - 1];
                    let remarks = &mut self.remarks;
                    remarks.take(code, ("MIA", position), codes, place, findings);
                }
            }
            b"MOA" => {
                let elements: [&[u8]; 7] = segment.first();
                for position in 3..=7 {
                    let code = elements[usize::from(position) - 1];
                    let remarks = &mut self.remarks;
                    remarks.take(code, ("MOA", position), codes, place, findings);
                }
            }
            b"LQ" => {
                let [list, code] = segment.first();
                let remarks = match &mut self.line {
                    Some(line) => &mut line.remarks,
                    None => &mut self.remarks,
                };
                match list {
                    b"HE" => remarks.take(code, ("LQ", 2), codes, place, findings),
                    // An NCPDP reject code explains as well.
                    b"RX" => remarks.explains = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn begin_line(
        &mut self,
        segment: Elements<'_>,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) {
        self.end_line(findings);
        let [_, charge, payment] = segment.first();
        let charge = needed(charge, ("SVC", 2), place, findings);
        let payment = needed(payment, ("SVC", 3), place, findings);
        totals.lines += 1;
        self.lines.count += 1;
        self.lines.charges += charge.unwrap_or_default();
        self.lines.payments += payment.unwrap_or_default();
        self.lines.is_unreadable |= charge.is_none() || payment.is_none();
        self.line = Some(Line {
            place,
            charge,
            payment,
            adjusted: Adjusted::default(),
            remarks: Remarks::default(),
        });
    }

    fn end_line(&mut self, findings: &mut Findings<'_>) {
        let Some(line) = self.line.take() else { return };
        let Adjusted {
            all,
            patient,
            is_unreadable,
        } = line.adjusted;
        self.adjusted_by_lines.all += all;
        self.adjusted_by_lines.patient += patient;
        self.adjusted_by_lines.is_unreadable |= is_unreadable;
        // 1.10.2.1.1, Service Line Balancing.
        if let (Some(charge), Some(payment), false) = (line.charge, line.payment, is_unreadable) {
            let by = payment - (charge - all);
            if by != Sum(0) {
                let should = "SVC02 less the adjustments of the line (CAS)";
                let finding = imbalance("line-unbalanced", ("SVC", 3), should, by);
                findings.tell(finding, line.place);
            }
        }
        line.remarks.finish(self.remarks.explains, findings);
    }

    /// The claim has ended: everything of it was read.
    pub(super) fn end(mut self, findings: &mut Findings<'_>) {
        self.end_line(findings);
        let is_adjusted = !self.adjusted.is_unreadable && !self.adjusted_by_lines.is_unreadable;
        if let (Some(charge), true) = (self.charge, is_adjusted) {
            let adjusted = Sum(self.adjusted.all.0 + self.adjusted_by_lines.all.0);
            let should = "CLP03 less every adjustment (CAS) of the claim and its lines";
            self.check("claim-unbalanced", 4, charge - adjusted, should, findings);
        }
        if self.lines.count > 0 && !self.lines.is_unreadable {
            let should = "what the lines were billed at (SVC02)";
            let charges = self.lines.charges;
            self.check("claim-charge-differs", 3, charges, should, findings);
            if !self.adjusted.is_unreadable {
                let should = "what the lines are paid (SVC03) less the adjustments of the claim itself (CAS before the first SVC)";
                let payments = self.lines.payments - self.adjusted.all;
                self.check("claim-payment-differs", 4, payments, should, findings);
            }
        }
        if let (Some(patient), true, false) = (self.patient, is_adjusted, self.is_reversal) {
            let owed = Sum(self.adjusted.patient.0 + self.adjusted_by_lines.patient.0);
            if patient != owed {
                let message = "CLP05 is not the sum of the adjustments under group PR";
                let code = "patient-responsibility-differs";
                findings.tell(warning(code, "CLP", 5, message), self.place);
            }
        }
        self.remarks.finish(false, findings);
    }

    /// Compares CLP03 or CLP04 with what it should be.
    fn check(
        &self,
        code: &'static str,
        element: u8,
        should_be: Sum,
        should: &str,
        findings: &mut Findings<'_>,
    ) {
        let is = if element == 3 {
            self.charge
        } else {
            self.payment
        };
        if let Some(by) = is.map(|is| is - should_be).filter(|by| *by != Sum(0)) {
            findings.tell(imbalance(code, ("CLP", element), should, by), self.place);
        }
    }
}
