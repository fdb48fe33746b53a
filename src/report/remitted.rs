//! What a run remitted.

use std::fmt;

use serde::Serialize;

use super::summary::money;
use super::words::counted;
use crate::payment::Made;

/// What a run remitted: claims paid + released - reversed come to the payments. Amounts are
/// decimals.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Remitted {
    /// Whether remittances of an earlier run were written again, and nothing was paid.
    pub is_written_again: bool,
    /// The date of payment.
    pub payment_date: Option<String>,
    /// The trace number of the first remittance.
    pub first_trace_number: Option<String>,
    /// That of the last one.
    pub last_trace_number: Option<String>,
    /// Transaction sets: one for each payee of a payer.
    pub remittances: u64,
    /// Claims of this run that were paid; with `is_written_again`, all that were.
    pub claims_paid: u64,
    /// Claims of this run that are held: a line waits for a reviewer.
    pub claims_held: u64,
    /// Claims of earlier runs that were held and are paid now.
    pub claims_released: u64,
    /// Claims of earlier runs that were taken back after they were paid.
    pub claims_reversed: u64,
    /// Claims of earlier runs that were taken back before they were paid.
    pub claims_dropped: u64,
    /// Claims that nobody can be paid for: their billing provider has neither NPI nor tax id.
    pub claims_without_payee: u64,
    /// Claims of earlier runs whose plan is not among the plans, or has no payer any more.
    pub claims_without_payer: u64,
    /// Claims of earlier runs held on: a reviewer denied a line with codes that an 835 cannot say.
    pub claims_with_unusable_codes: u64,
    /// Claims that an 835 cannot tell of: a line without a procedure that it can name, or too many lines.
    pub claims_unwritable: u64,
    /// Claims that were not noted as they were judged: a fault of the engine.
    pub claims_unmatched: u64,
    /// Claims of earlier runs with paid lines, taken back though no remittance ever had them.
    pub claims_never_remitted: u64,
    /// Paid lines that the fee schedule has no fee for.
    pub lines_without_fee: u64,
    /// Paid for claims (CLP04 above zero).
    pub paid: String,
    /// Taken back (CLP04 below zero).
    pub reversed: String,
    /// What payees owed from before, and what came off for it.
    pub owed_before: String,
    /// What payees owe from now on.
    pub owed_after: String,
    /// What is paid out: paid + reversed - owed before + owed after.
    pub payment: String,
}

impl Remitted {
    /// Of what was made.
    #[must_use]
    pub fn new(made: &Made, is_written_again: bool) -> Self {
        let claims = made.claims;
        Self {
            is_written_again,
            payment_date: made.date.map(|date| date.to_string()),
            first_trace_number: made.first_trace.map(|trace| trace.to_string()),
            last_trace_number: made.last_trace.map(|trace| trace.to_string()),
            remittances: made.remittances,
            claims_paid: claims.paid,
            claims_held: claims.held,
            claims_released: claims.released,
            claims_reversed: claims.reversed,
            claims_dropped: claims.dropped,
            claims_without_payee: claims.without_payee,
            claims_without_payer: claims.without_payer,
            claims_with_unusable_codes: claims.with_unusable_codes,
            claims_unwritable: claims.unwritable,
            claims_unmatched: claims.unmatched,
            claims_never_remitted: claims.never_remitted,
            lines_without_fee: claims.lines_without_fee,
            paid: money(made.paid_cents),
            reversed: money(made.reversed_cents),
            owed_before: money(made.owed_before_cents),
            owed_after: money(made.owed_after_cents),
            payment: money(made.payment_cents),
        }
    }

    /// What someone should know. `has_history` says whether held claims are remembered.
    #[must_use]
    pub fn warnings(&self, has_history: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |count: u64, what: &str| {
            if count > 0 {
                warnings.push(format!("{} {what}", counted(count, "claim")));
            }
        };
        warn(
            self.claims_without_payee,
            "not remitted: the billing provider has neither NPI nor tax id, or a level is out of its place",
        );
        warn(
            self.claims_unwritable,
            "not remitted: an 835 has no words for the service of a line, or no room for all lines",
        );
        warn(
            self.claims_unmatched,
            "not remitted: not noted as judged; please report this",
        );
        warn(
            self.claims_without_payer,
            "of earlier runs not remitted: the plan is not among the plans",
        );
        warn(
            self.claims_with_unusable_codes,
            "still held: a reviewer denied a line with codes that an 835 of this date of payment cannot say",
        );
        warn(
            self.claims_never_remitted,
            "of earlier runs taken back that no remittance ever had: nothing is reversed for them",
        );
        if !has_history {
            warn(
                self.claims_held,
                "not remitted: a line waits for a reviewer; with --history they are held, and remitted when they are decided",
            );
        }
        if self.is_written_again {
            let again = "remittances are written as they were: what --payment-date, --payment, --trace-number and --fees say now counts for nothing";
            warnings.push(again.to_owned());
        }
        if self.lines_without_fee > 0 {
            warnings.push(format!(
                "{} of procedures that the fee schedule does not have, allowed as billed",
                counted(self.lines_without_fee, "line")
            ));
        }
        warnings
    }
}

impl fmt::Display for Remitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let again = match self.is_written_again {
            true => ", written again as they were",
            false => "",
        };
        let remittances = counted(self.remittances, "remittance");
        write!(f, "{remittances}{again}; payment {}", self.payment)?;
        if let (Some(date), Some(first), Some(last)) = (
            &self.payment_date,
            &self.first_trace_number,
            &self.last_trace_number,
        ) {
            write!(f, " on {date}, trace numbers {first} to {last}")?;
        }
        writeln!(f)?;
        for (count, what, amount) in [
            (
                self.claims_paid + self.claims_released,
                "paid",
                Some(&self.paid),
            ),
            (self.claims_reversed, "taken back", Some(&self.reversed)),
            (self.claims_held, "held for review", None),
            (self.claims_dropped, "no longer held: taken back", None),
        ] {
            if count > 0 {
                let claims = counted(count, "claim");
                let amount = amount.map(|amount| format!(", {amount}"));
                writeln!(f, "  {claims} {what}{}", amount.unwrap_or_default())?;
            }
        }
        for (amount, what) in [
            (&self.owed_before, "came off for balances of before"),
            (&self.owed_after, "is carried to the next remittances"),
        ] {
            if amount != "0.00" {
                writeln!(f, "  {amount} {what}")?;
            }
        }
        writeln!(f)
    }
}
