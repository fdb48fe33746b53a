//! A transaction set: its payment, its claims, its provider adjustments.

use super::claim::Claim;
use super::elements::{Elements, money};
use super::finding::{Findings, Place, bad_amount, error, imbalance, warning};
use super::remarks::Codes;
use super::totals::{Sum, Totals};
use crate::claim::parse_calendar_date;

/// How many adjustments a PLB can have.
const PROVIDER_ADJUSTMENTS: usize = 6;

/// A transaction set that is being read.
pub(super) struct Set {
    codes: Codes,
    order: Option<Order>,
    claim: Option<Claim>,
    /// CLP04 of the claims, and PLB; `None` once one of them cannot be read.
    payments: Option<Sum>,
    provider_adjustments: Option<Sum>,
    /// Errors that were told before it began.
    errors_before: u64,
}

/// BPR.
struct Order {
    place: Place,
    /// BPR02 with the sign that BPR03 gives it; `None` where it cannot be read.
    paid: Option<Sum>,
}

impl Set {
    pub(super) fn begin(is_4010: bool, findings: &Findings<'_>) -> Self {
        Self {
            codes: Codes { on: None, is_4010 },
            order: None,
            claim: None,
            payments: Some(Sum(0)),
            provider_adjustments: Some(Sum(0)),
            errors_before: findings.errors,
        }
    }

    /// Takes a segment between ST and SE.
    pub(super) fn take(
        &mut self,
        segment: Elements<'_>,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) {
        match segment.id {
            b"BPR" => self.take_order(segment, place, totals, findings),
            b"CLP" => {
                self.end_claim(findings);
                let claim = Claim::begin(segment, place, totals, findings);
                self.payments = add(self.payments, claim.payment());
                self.claim = Some(claim);
            }
            b"PLB" => self.take_provider_adjustments(segment, place, totals, findings),
            id => match &mut self.claim {
                Some(claim) => claim.take(segment, self.codes, place, totals, findings),
                None if matches!(id, b"SVC" | b"CAS") => {
                    let segment = if id == b"SVC" { "SVC" } else { "CAS" };
                    let message = "this stands in no claim (CLP), and is not counted";
                    findings.tell(
                        error("segment-outside-claim", segment, None, message),
                        place,
                    );
                }
                None => {}
            },
        }
    }

    fn take_order(
        &mut self,
        segment: Elements<'_>,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) {
        if self.order.is_some() {
            let message = "a second BPR: one transaction set is one payment, and the first counts";
            findings.tell(error("payment-repeated", "BPR", None, message), place);
            return;
        }
        let elements: [&[u8]; 16] = segment.first();
        let [handling, amount, flag, method] = [0, 1, 2, 3].map(|index| elements[index]);
        self.codes.on = parse_calendar_date(elements[15]);
        if self.codes.on.is_none() {
            let message = "BPR16 is no day of the calendar, CCYYMMDD: whether codes are in use is not checked";
            findings.tell(warning("payment-date-invalid", "BPR", 16, message), place);
        }
        let paid = money(amount);
        match paid {
            None => findings.tell(bad_amount("BPR", 2, amount.is_empty()), place),
            Some(paid) => check_method(paid, handling, method, place, findings),
        }
        let paid = paid.map(|paid| if flag == b"D" { Sum(-paid.0) } else { paid });
        totals.paid += paid.unwrap_or_default();
        self.order = Some(Order { place, paid });
    }

    fn take_provider_adjustments(
        &mut self,
        segment: Elements<'_>,
        place: Place,
        totals: &mut Totals,
        findings: &mut Findings<'_>,
    ) {
        self.end_claim(findings);
        let elements: [&[u8]; 2 + 2 * PROVIDER_ADJUSTMENTS] = segment.first();
        for (position, pair) in (4..).step_by(2).zip(elements[2..].chunks_exact(2)) {
            let (reason, amount) = (pair[0], pair[1]);
            if reason.is_empty() && amount.is_empty() {
                continue;
            }
            let sum = money(amount);
            if sum.is_none() {
                findings.tell(bad_amount("PLB", position, amount.is_empty()), place);
            }
            totals.provider_adjustments += sum.unwrap_or_default();
            self.provider_adjustments = add(self.provider_adjustments, sum);
        }
    }

    fn end_claim(&mut self, findings: &mut Findings<'_>) {
        if let Some(claim) = self.claim.take() {
            claim.end(findings);
        }
    }

    /// Everything of it was read; `place` is where it begins. Says whether it balances.
    pub(super) fn end(mut self, place: Place, findings: &mut Findings<'_>) -> bool {
        self.end_claim(findings);
        match &self.order {
            None => {
                let message = "the transaction set has no BPR: what is paid is not known";
                findings.tell(error("payment-missing", "BPR", None, message), place);
            }
            Some(order) => {
                let sums = order.paid.zip(self.payments).zip(self.provider_adjustments);
                if let Some(((paid, payments), provider)) = sums {
                    check_payment(paid, payments, provider, order.place, findings);
                }
            }
        }
        findings.errors == self.errors_before
    }
}

/// 1.10.2.1.3, Transaction Balancing.
fn check_payment(
    paid: Sum,
    payments: Sum,
    provider: Sum,
    place: Place,
    findings: &mut Findings<'_>,
) {
    let by = paid - (payments - provider);
    if by == Sum(0) {
        return;
    }
    let mut should = String::from(
        "what the claims are paid (CLP04) less the provider adjustments (PLB), a debit (BPR03 D) being less than zero",
    );
    if paid.0 == payments.0 + provider.0 {
        should += "; with the signs of PLB turned round it comes out: what is positive in PLB comes off the payment";
    } else if -paid.0 == payments.0 - provider.0 {
        should += "; with BPR03 the other way, C or D, it comes out";
    }
    findings.tell(
        imbalance("payment-unbalanced", ("BPR", 2), &should, by),
        place,
    );
}

/// Nothing paid has a method of its own.
fn check_method(
    paid: Sum,
    handling: &[u8],
    method: &[u8],
    place: Place,
    findings: &mut Findings<'_>,
) {
    let (code, element, message) = if paid.0 < 0 {
        let message = "BPR02 is less than zero: a debit is said by BPR03, D";
        ("payment-negative", 2, message)
    } else if paid == Sum(0) && method != b"NON" {
        let message = "BPR04 is not NON, though nothing is paid";
        ("payment-method-differs", 4, message)
    } else if paid == Sum(0) && !matches!(handling, b"H" | b"I") {
        let message = "BPR01 is neither H nor I, though nothing is paid";
        ("payment-handling-differs", 1, message)
    } else if paid != Sum(0) && method == b"NON" {
        let message = "BPR04 is NON, though something is paid";
        ("payment-method-differs", 4, message)
    } else {
        return;
    };
    findings.tell(warning(code, "BPR", element, message), place);
}

/// A sum of what can be read; `None` where something cannot.
fn add(sum: Option<Sum>, other: Option<Sum>) -> Option<Sum> {
    Some(Sum(sum?.0 + other?.0))
}
