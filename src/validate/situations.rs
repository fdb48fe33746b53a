//! What the segments of a professional claim say together: levels 3 and 4.
//!
//! Of balances nothing is said where an amount, or a segment that has one, is told already.

use super::checks::Checks;
use super::excerpt::excerpt;
use super::finding::{Finding, Problem};
use super::report::{At, Gap, Report};
use super::roles::Role;
use super::split::{Elements, Splitter};
use super::words;
use crate::x12::Delimiters;

/// A segment that a finding may be of later.
#[derive(Debug, Clone, Default)]
struct Kept {
    bytes: Vec<u8>,
    place: Gap,
}

impl Kept {
    fn keep(&mut self, report: &Report<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(report.elements.bytes);
        self.place = report.place;
    }
}

/// Another payer of the claim.
#[derive(Debug, Clone, Default)]
struct Payer {
    id: Vec<u8>,
    /// AMT*D, where it is given.
    paid: Option<i64>,
    /// The sum of its CAS at the claim.
    adjusted: i64,
    amount: Kept,
    /// The sum of its SVD02, and on how many lines it has any.
    paid_on_lines: i64,
    lines: u32,
}

/// What one claim says, as far as it is judged together.
#[derive(Debug, Clone, Default)]
pub(super) struct Situations {
    claim: Kept,
    delimiters: Option<Delimiters>,
    charge: Option<i64>,
    line_charges: Option<i64>,
    lines: u32,
    is_replacement: bool,
    is_accident: bool,
    has_original: bool,
    has_accident_date: bool,
    /// Other payers; those from `payer_count` on are of earlier claims, and their room is used
    /// again.
    payers: Vec<Payer>,
    payer_count: usize,
    line_charge: Option<i64>,
    adjudication: Kept,
    /// SVD02 and the CAS behind it, while a 2430 is open that can be judged.
    adjudicated: Option<i64>,
    /// Some amount cannot be read, so that nothing balances.
    is_unreadable: bool,
}

impl Situations {
    /// Takes in a segment that stands where the guide has it.
    #[inline]
    pub(super) fn segment(&mut self, index: u16, report: &mut Report<'_>) {
        let role = report.checks.roles[usize::from(index)];
        match role {
            Role::None => {}
            Role::Claim => self.begin(report),
            Role::Diagnoses => check_diagnoses(report),
            Role::Original => self.has_original = true,
            Role::Accident => self.has_accident_date = true,
            Role::Attachment => check_attachment(report, index),
            Role::Line => self.end_adjudication(report.checks, report.findings),
            Role::Service => self.service(report),
            _ => self.other_payer(role, report),
        }
    }

    fn begin(&mut self, report: &Report<'_>) {
        let elements = report.elements;
        self.claim.keep(report);
        self.delimiters = Some(elements.delimiters);
        self.charge = cents(elements.element(2));
        self.line_charges = Some(0);
        (self.lines, self.payer_count) = (0, 0);
        let frequency = elements.component(5, 3);
        self.is_replacement = matches!(frequency, b"7" | b"8");
        let mut causes = (1..=3).map(|component| elements.component(11, component));
        self.is_accident =
            !elements.element(11).is_empty() && causes.any(|cause| matches!(cause, b"AA" | b"OA"));
        (self.has_original, self.has_accident_date) = (false, false);
        (self.line_charge, self.adjudicated) = (None, None);
        self.is_unreadable = false;
    }

    fn service(&mut self, report: &mut Report<'_>) {
        self.end_adjudication(report.checks, report.findings);
        self.lines += 1;
        self.line_charge = cents(report.elements.element(2));
        self.line_charges = self
            .line_charges
            .zip(self.line_charge)
            .map(|(sum, one): (i64, i64)| sum.saturating_add(one));
    }

    fn other_payer(&mut self, role: Role, report: &mut Report<'_>) {
        let elements = report.elements;
        match role {
            Role::OtherSubscriber => {
                if self.payers.len() == self.payer_count {
                    self.payers.push(Payer::default());
                }
                let payer = &mut self.payers[self.payer_count];
                payer.id.clear();
                (payer.paid, payer.adjusted) = (None, 0);
                (payer.paid_on_lines, payer.lines) = (0, 0);
                self.payer_count += 1;
            }
            Role::Adjudication => self.begin_adjudication(report),
            Role::LineAdjustment => {
                let adjusted = adjustments(elements);
                self.is_unreadable |= adjusted.is_none();
                self.adjudicated = self
                    .adjudicated
                    .zip(adjusted)
                    .map(|(sum, one): (i64, i64)| sum.saturating_add(one));
            }
            _ => {
                let Some(payer) = self.payers[..self.payer_count].last_mut() else {
                    return;
                };
                match role {
                    Role::OtherPayer => payer.id.extend_from_slice(elements.element(9)),
                    Role::OtherPaid => {
                        payer.paid = cents(elements.element(2));
                        self.is_unreadable |= payer.paid.is_none();
                        payer.amount.keep(report);
                    }
                    _ => match adjustments(elements) {
                        Some(adjusted) => payer.adjusted += adjusted,
                        None => self.is_unreadable = true,
                    },
                }
            }
        }
    }

    fn begin_adjudication(&mut self, report: &mut Report<'_>) {
        self.end_adjudication(report.checks, report.findings);
        let elements = report.elements;
        let paid = cents(elements.element(2));
        self.is_unreadable |= paid.is_none();
        // A line that the other payer bundled into another one balances with that one.
        let is_bundled = !elements.element(6).is_empty();
        self.adjudicated = paid.filter(|_| !is_bundled);
        self.adjudication.keep(report);
        let id = elements.element(1);
        let payers = self.payers[..self.payer_count].iter_mut();
        if let (Some(payer), Some(paid)) = (payers.into_iter().find(|payer| payer.id == id), paid) {
            payer.paid_on_lines += paid;
            payer.lines += 1;
        }
    }

    /// SVD02 and the CAS of the line are its charge.
    fn end_adjudication(&mut self, checks: &Checks, findings: &mut Vec<Finding>) {
        let Some((adjudicated, charge)) = self.adjudicated.take().zip(self.line_charge) else {
            return;
        };
        if adjudicated != charge && !self.is_unreadable {
            let message =
                "SVD02 and the amounts of the CAS behind it are together SV102 of the line";
            self.tell(
                checks,
                findings,
                &self.adjudication,
                (Problem::LineUnbalanced, 3, "2430"),
                (2, "782"),
                message,
            );
        }
    }

    /// The claim ends; judges it as a whole.
    pub(super) fn finish(&mut self, checks: &Checks, findings: &mut Vec<Finding>) {
        self.end_adjudication(checks, findings);
        if checks.level >= 4 {
            self.check_situations(checks, findings);
        }
        let Some((charge, lines)) = self.charge.zip(self.line_charges) else {
            return;
        };
        if charge != lines {
            let message = "CLM02 is the sum of SV102 of its lines";
            self.tell(
                checks,
                findings,
                &self.claim,
                (Problem::ChargeUnbalanced, 3, "2300"),
                (2, "782"),
                message,
            );
        }
        let is_line_told = findings
            .iter()
            .any(|finding| finding.problem == Problem::LineUnbalanced);
        if !self.is_unreadable && !is_line_told {
            self.check_payers(charge, checks, findings);
        }
    }

    /// What another payer paid for the claim is what it paid for the lines, less what it took
    /// off at the claim; where it judged no line, what it paid and took off is the charge.
    fn check_payers(&self, charge: i64, checks: &Checks, findings: &mut Vec<Finding>) {
        for payer in &self.payers[..self.payer_count] {
            let Some(paid) = payer.paid else { continue };
            let message = if payer.lines == 0 && paid + payer.adjusted != charge {
                "AMT02 (D) and the amounts of CAS in loop 2320 are together CLM02, as the payer judged no line"
            } else if payer.lines >= self.lines && payer.paid_on_lines - payer.adjusted != paid {
                "AMT02 (D) is the sum of SVD02 of the payer, less the amounts of CAS in loop 2320"
            } else {
                continue;
            };
            self.tell(
                checks,
                findings,
                &payer.amount,
                (Problem::PayerUnbalanced, 3, "2320"),
                (2, "782"),
                message,
            );
        }
    }

    fn check_situations(&self, checks: &Checks, findings: &mut Vec<Finding>) {
        let said = (Problem::SituationSegment, 4, "2300");
        if self.is_replacement && !self.has_original {
            let message =
                "REF (F8), the payer's claim control number, is required with CLM05-3 7 and 8";
            self.tell(checks, findings, &self.claim, said, (5, "C023"), message);
        }
        if self.is_accident && !self.has_accident_date {
            let message =
                "DTP (439), the date of the accident, is required with AA and OA in CLM11";
            self.tell(checks, findings, &self.claim, said, (11, "C024"), message);
        }
    }

    #[cold]
    fn tell(
        &self,
        checks: &Checks,
        findings: &mut Vec<Finding>,
        of: &Kept,
        (problem, level, loop_id): (Problem, u8, &'static str),
        (position, data_element): (u8, &'static str),
        message: &str,
    ) {
        let Some(delimiters) = self.delimiters.filter(|_| level <= checks.level) else {
            return;
        };
        let mut splitter = Splitter::default();
        let elements = splitter.split(&of.bytes, &of.bytes, delimiters);
        findings.push(Finding {
            offset_bytes: of.place.offset_bytes,
            ordinal: of.place.ordinal,
            loop_id: Some(loop_id),
            tag: elements.tag().unwrap_or_default(),
            qualifier: None,
            element: Some(position),
            component: None,
            repetition: None,
            data_element: Some(data_element),
            problem,
            level,
            message: message.into(),
            excerpt: Some(Box::new(excerpt(elements, Some(position), None, true))),
        });
    }
}

/// The principal diagnosis is of ICD-10-CM: ICD-9-CM ended on 2015-10-01.
fn check_diagnoses(report: &mut Report<'_>) {
    if report.checks.level >= 4 && report.elements.component(1, 1) == b"BK" {
        let at = At::element(1, "C022").component(1, "1270");
        let message = format!(
            "{} is ABK: the principal diagnosis is a code of ICD-10-CM",
            words::name(report.tag, 1, Some(1))
        );
        report.push(Problem::SituationCode, 4, Some("2300"), at, message);
    }
}

/// What is sent apart from the claim has a number to be found by.
fn check_attachment(report: &mut Report<'_>, index: u16) {
    let is_sent = matches!(
        report.elements.element(2),
        b"BM" | b"EL" | b"EM" | b"FX" | b"FT"
    );
    if report.checks.level >= 4 && is_sent && report.elements.element(6).is_empty() {
        let message = "PWK06 is required with PWK02 BM, EL, EM, FT and FX".to_owned();
        let guide = report.guide();
        let loop_id = guide.loop_id(&guide.segments[usize::from(index)]);
        report.push(
            Problem::SituationElement,
            4,
            loop_id,
            At::element(6, "67"),
            message,
        );
    }
}

/// The amounts of a CAS.
fn adjustments(elements: Elements<'_>) -> Option<i64> {
    let amounts = (3..=18)
        .step_by(3)
        .map(|position| elements.element(position));
    amounts
        .filter(|amount| !amount.is_empty())
        .try_fold(0_i64, |sum, amount| sum.checked_add(cents(amount)?))
}

/// An amount in whole cents; a sign may stand before it.
fn cents(amount: &[u8]) -> Option<i64> {
    let (sign, amount) = match amount.strip_prefix(b"-") {
        Some(amount) => (-1, amount),
        None => (1, amount),
    };
    let cents = crate::x12::element::amount(amount).ok()?.1;
    Some(sign * cents)
}
