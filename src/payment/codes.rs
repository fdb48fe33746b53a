//! Whether an 835 can say what policies and reviewers adjust with.

use chrono::NaiveDate;

use super::error::PaymentError;
use crate::policy::{Codes, KINDS, Plans};
use crate::remit::codes::check_adjustment;
use crate::remit::{ClaimPayment, LinePayment};

/// Holds every adjustment of the plans to the code lists as they are on the date of payment.
///
/// # Errors
///
/// The first one that a payment of that date cannot say.
pub fn check_codes(plans: &Plans, date: NaiveDate) -> Result<(), PaymentError> {
    for plan in &plans.plans {
        let rules = plan.books.iter().flat_map(|book| {
            let kinds = KINDS.iter();
            kinds.filter_map(|spec| Some((spec.name, book.rule(spec.kind)?)))
        });
        for (name, rule) in rules {
            for outcome in &rule.outcomes {
                let Codes::Adjustment { group, carc, rarc } = &outcome.codes else {
                    continue;
                };
                check_adjustment(group, carc, rarc, date).map_err(|fault| PaymentError::Code {
                    plan: plan.id.clone(),
                    rule: name,
                    group: group.clone(),
                    carc: carc.clone(),
                    date,
                    fault: Box::new(fault),
                })?;
            }
        }
    }
    Ok(())
}

/// Whether every adjustment of a claim can be said on the date of payment.
pub(super) fn can_be_said(payment: &ClaimPayment, date: NaiveDate) -> bool {
    let is_good = |line: &LinePayment| {
        let mut adjustments = line.adjustments.iter();
        adjustments.all(|adjustment| {
            let (group, reason) = (&adjustment.group, &adjustment.reason);
            check_adjustment(group, reason, &line.remarks, date).is_ok()
        })
    };
    payment.lines.iter().all(is_good)
}
