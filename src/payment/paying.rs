//! From what was decided to payments: of this run, and those that earlier runs left owing.

use std::path::Path;

use chrono::NaiveDate;

use super::codes::can_be_said;
use super::error::PaymentError;
use super::gather::{Gathered, Gathering};
use super::noting::Notes;
use super::price::{FeeOf, Outcome, citation, price, settle};
use crate::adjudicate::ClaimStatus;
use crate::claim::Cents;
use crate::history::{History, LineReview, NewPayment, Owed, PaymentStatus, StoredPayment};
use crate::output::{Determination, Run};
use crate::policy::{Codes, Decision, Plan, Plans, RuleKind, is_filing_indicator};
use crate::remit::{ClaimPayment, Fees, LinePayment};

/// How many payments are recorded at once.
const PAYMENTS_AT_ONCE: usize = 4096;

/// What became of the claims that bear a governed line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaidClaims {
    /// Of this run, paid by it.
    pub paid: u64,
    /// Of this run, held: a line waits for a reviewer.
    pub held: u64,
    /// Of earlier runs, held until now and paid.
    pub released: u64,
    /// Of earlier runs, taken back after they were paid.
    pub reversed: u64,
    /// Of earlier runs, taken back before they were paid.
    pub dropped: u64,
    /// Nobody can be paid for them: their billing provider has neither NPI nor tax id.
    pub without_payee: u64,
    /// Owed, of a plan that is not among the plans, or has no payer any more.
    pub without_payer: u64,
    /// Of earlier runs, held on: a reviewer denied a line with codes that an 835 of the date of
    /// payment cannot say.
    pub with_unusable_codes: u64,
    /// Of this run: an 835 cannot name the service of a line, or has no room for the lines.
    pub unwritable: u64,
    /// Of this run, not noted as they were judged: a fault of the engine.
    pub unmatched: u64,
    /// Of earlier runs, taken back by this one, with paid lines that no remittance had.
    pub never_remitted: u64,
    /// Lines for which the fee schedule has no fee: allowed as billed.
    pub lines_without_fee: u64,
}

/// Where the claims of a run stand in a history.
#[derive(Debug)]
pub struct Places<'a> {
    /// The number of the first claim of the run.
    pub first: i64,
    /// The claims that are recorded, by their index in the batch, in the order of their numbers.
    pub recorded: &'a [u32],
}

/// Makes the payments of a run.
#[derive(Debug)]
pub struct Paying<'a> {
    plans: &'a Plans,
    fees: Option<&'a Fees>,
    notes: Notes,
    pub(super) gathering: Gathering,
    /// What became of claims so far.
    pub claims: PaidClaims,
    /// Claims taken so far: the next one's number, where there is no history.
    taken: i64,
    /// The latest GS04 of claims that may be remitted.
    latest: Option<NaiveDate>,
}

impl<'a> Paying<'a> {
    /// Pays for the claims that are noted. What memory does not hold waits in a folder.
    #[must_use]
    pub fn new(plans: &'a Plans, fees: Option<&'a Fees>, notes: Notes, folder: &Path) -> Self {
        Self {
            plans,
            fees,
            notes,
            gathering: Gathering::new(plans, folder),
            claims: PaidClaims::default(),
            taken: 0,
            latest: None,
        }
    }

    /// The latest date of the groups whose claims were taken; tests and encounters have none.
    #[must_use]
    pub fn latest(&self) -> Option<NaiveDate> {
        self.latest
    }

    /// Takes the claims of a run that has no history.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or written.
    pub fn take(&mut self, run: Run<'_>) -> Result<(), PaymentError> {
        for index in 0..run.batch.claims.len() as u32 {
            self.taken += 1;
            let Some((payer, payment)) = self.payment(run, index, String::new())? else {
                continue;
            };
            self.pay(payer, self.taken, payment)?;
        }
        Ok(())
    }

    /// Takes the claims of a run that is being recorded. `original_of` gives the claim control
    /// number of the claim of an earlier run that a claim replaced.
    ///
    /// # Errors
    ///
    /// Files or a history that cannot be read or written.
    pub fn take_recorded(
        &mut self,
        run: Run<'_>,
        places: &Places<'_>,
        original_of: &dyn Fn(u32) -> String,
        history: &mut dyn History,
    ) -> Result<(), PaymentError> {
        let mut new = Vec::new();
        for index in 0..run.batch.claims.len() as u32 {
            let Some((payer, payment)) = self.payment(run, index, original_of(index))? else {
                continue;
            };
            let Ok(place) = places.recorded.binary_search(&index) else {
                continue;
            };
            let claim = places.first + place as i64;
            let status = self.pay(payer, claim, payment.clone())?;
            new.push(NewPayment {
                claim,
                status,
                payment,
            });
            if new.len() == PAYMENTS_AT_ONCE {
                history.record_payments(&new)?;
                new.clear();
            }
        }
        history.record_payments(&new)?;
        Ok(())
    }

    /// The payment of a claim that is remitted, and its payer.
    fn payment(
        &mut self,
        run: Run<'_>,
        index: u32,
        original_control_number: String,
    ) -> Result<Option<(usize, ClaimPayment)>, PaymentError> {
        let claim = &run.batch.claims[index as usize];
        let number = run.batch.control_number_of(claim);
        let not_noted = || PaymentError::NotNoted(number.to_string());
        let set = run.batch.transaction_set_of(claim);
        if !(set.is_test || set.is_encounter) {
            self.latest = self.latest.max(set.billing_date);
        }
        // The notes are in the order of the batch: that of a claim is taken whatever it is.
        let note = self.notes.find(number)?.ok_or_else(not_noted)?;
        let Some(payer) = self.payer_of(run, index) else {
            return Ok(None);
        };
        let lines = run.batch.lines_of(claim);
        let decided: Vec<Determination<'_>> = lines.map(|line| run.determination(line)).collect();
        let Ok(mut payment) = price(note, &decided, &*fee_of(self.fees)) else {
            self.claims.unmatched += 1;
            return Ok(None);
        };
        if !is_filing_indicator(&payment.filing_indicator) {
            let plan = run.batch.plan_of(claim).map(|plan| self.plans.get(plan));
            let payer = plan.and_then(|plan| plan.payer.as_ref());
            payment.filing_indicator =
                payer.map_or_else(String::new, |payer| payer.filing_indicator.clone());
        }
        payment.original_control_number = original_control_number;
        if self.fees.is_some() {
            let without = payment
                .lines
                .iter()
                .filter(|line| line.paid.0 != 0 && line.fee.is_none());
            self.claims.lines_without_fee += without.count() as u64;
        }
        Ok(Some((payer, payment)))
    }

    /// The payer of a claim, if it is remitted: it bears a governed line, stands, and is neither
    /// a test nor an encounter.
    fn payer_of(&self, run: Run<'_>, index: u32) -> Option<usize> {
        let claim = &run.batch.claims[index as usize];
        let set = run.batch.transaction_set_of(claim);
        let status = run.adjudication.versions.status(index);
        let stands = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
        let is_remitted =
            stands && !set.is_test && !set.is_encounter && run.batch.bears_governed_line(claim);
        let plan = run.batch.plan_of(claim).filter(|_| is_remitted)?;
        self.gathering.payer_of(plan)
    }

    /// Adds a payment of this run to its remittance, unless something holds it.
    fn pay(
        &mut self,
        payer: usize,
        claim: i64,
        payment: ClaimPayment,
    ) -> Result<PaymentStatus, PaymentError> {
        if !payment.can_be_written() {
            self.claims.unwritable += 1;
            return Ok(PaymentStatus::Held);
        }
        if payment.is_pended() {
            self.claims.held += 1;
            return Ok(PaymentStatus::Held);
        }
        match self.add(payer, claim, claim, false, payment)? {
            true => {
                self.claims.paid += 1;
                Ok(PaymentStatus::Paid)
            }
            false => {
                self.claims.without_payee += 1;
                Ok(PaymentStatus::Held)
            }
        }
    }

    fn add(
        &mut self,
        payer: usize,
        cause: i64,
        claim: i64,
        is_reversal: bool,
        payment: ClaimPayment,
    ) -> Result<bool, PaymentError> {
        if payment.check_balance().is_err() {
            let number = payment.claim_control_number;
            return Err(PaymentError::OutOfBalance(number));
        }
        let gathered = Gathered {
            claim,
            is_reversal,
            payment,
        };
        Ok(self.gathering.add(payer, cause, &gathered)?)
    }

    /// Takes what the runs before the first claim of this one left owing, to be paid on that date.
    ///
    /// # Errors
    ///
    /// Files or a history that cannot be read or written; something is owed and there is no
    /// date.
    pub fn take_owed(
        &mut self,
        history: &mut dyn History,
        date: Option<NaiveDate>,
        first_claim: i64,
    ) -> Result<(), PaymentError> {
        self.claims.never_remitted = history.never_remitted(first_claim)?;
        for owed in history.owed()? {
            let date = date.ok_or(PaymentError::NoDate)?;
            match owed {
                Owed::Drop { claim } => {
                    self.claims.dropped += 1;
                    history.set_payment(claim, PaymentStatus::Dropped, None)?;
                }
                Owed::Reversal { claim, by } => {
                    let stored = history.payment(claim)?;
                    let Some(payer) = self.payer_of_plan(&stored.plan) else {
                        continue;
                    };
                    self.add(payer, by, claim, true, stored.payment.reversed())?;
                    self.claims.reversed += 1;
                    history.set_payment(claim, PaymentStatus::Reversed, None)?;
                }
                // What this run itself holds was just told.
                Owed::Release { claim } if claim >= first_claim => {}
                Owed::Release { claim } => self.release(history, claim, date)?,
            }
        }
        Ok(())
    }

    fn release(
        &mut self,
        history: &mut dyn History,
        claim: i64,
        date: NaiveDate,
    ) -> Result<(), PaymentError> {
        let StoredPayment {
            plan,
            mut payment,
            reviews,
        } = history.payment(claim)?;
        let Some(payer) = self.payer_of_plan(&plan) else {
            return Ok(());
        };
        let plan = self.plans.index_of(&plan).map(|plan| self.plans.get(plan));
        review(&mut payment, &reviews, plan);
        if !payment.can_be_written() {
            self.claims.unwritable += 1;
            return Ok(());
        }
        if !can_be_said(&payment, date) {
            self.claims.with_unusable_codes += 1;
            return Ok(());
        }
        if !self.add(payer, claim, claim, false, payment.clone())? {
            self.claims.without_payee += 1;
            return Ok(());
        }
        self.claims.released += 1;
        history.set_payment(claim, PaymentStatus::Paid, Some(&payment))?;
        Ok(())
    }

    fn payer_of_plan(&mut self, plan: &str) -> Option<usize> {
        let plan = self.plans.index_of(plan);
        let payer = plan.and_then(|plan| self.gathering.payer_of(plan));
        self.claims.without_payer += u64::from(payer.is_none());
        payer
    }
}

/// Puts what reviewers decided into the lines that they decided, in order.
fn review(payment: &mut ClaimPayment, reviews: &[LineReview], plan: Option<&Plan>) {
    let reviewed = payment.lines.iter_mut().filter(|line| line.is_reviewed);
    for (line, review) in reviewed.zip(reviews) {
        let cap = plan.and_then(unit_cap);
        let (adjustment, remarks, policies) = match (review.decision, cap) {
            (Decision::Deny, _) => {
                let policies = std::mem::take(&mut line.policies);
                (review.adjustment.clone(), review.rarc.clone(), policies)
            }
            (Decision::Reduce, Some((codes, remarks, policy))) => {
                (Some(codes), remarks, vec![policy])
            }
            (Decision::Reduce, None) => {
                let [group, reason, remark] = UNITS_CUT.map(str::to_owned);
                (Some([group, reason]), vec![remark], Vec::new())
            }
            _ => (None, Vec::new(), Vec::new()),
        };
        let outcome = Outcome {
            decision: review.decision,
            units_allowed: review.units_allowed,
            amount_allowed: review.amount_allowed,
            adjustment,
            remarks,
            policies,
        };
        settle(line, outcome);
        line.is_pended = false;
    }
}

/// Of units that are cut back, where the policy has no rule for it any more: group code, reason
/// code and remark code.
const UNITS_CUT: [&str; 3] = ["CO", "151", "N362"];

/// How units are cut back that a reviewer pays for: codes, remarks and clause of the policy's rule,
/// whether the plan has it now or not.
fn unit_cap(plan: &Plan) -> Option<([String; 2], Vec<String>, String)> {
    let mut rules = plan.policy.rules.iter();
    let rule = rules.find(|rule| rule.kind == RuleKind::UnitCap)?;
    let outcome = rule.outcomes.first()?;
    let Codes::Adjustment { group, carc, rarc } = &outcome.codes else {
        return None;
    };
    let codes = [group.clone(), carc.clone()];
    Some((codes, rarc.clone(), citation(&rule.clause.text)))
}

/// Looks fees up for the first date of a line.
fn fee_of(fees: Option<&Fees>) -> Box<FeeOf<'_>> {
    Box::new(move |line: &LinePayment, locality: &str| -> Option<Cents> {
        let (date, _) = line.dates?;
        let place = &line.place_of_service;
        fees?.allowed(&line.procedure, &line.modifiers, place, locality, date)
    })
}
