//! Why nothing is paid.

use std::io;

use chrono::NaiveDate;

use crate::history::{HistoryError, Problem};
use crate::remit::codes::CodeFault;

/// Why a run's remittances could not be made. Nothing of the run is kept.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// A file that waits, or the 835 itself, cannot be read or written.
    #[error("the remittances cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The history cannot be read or written.
    #[error(transparent)]
    History(HistoryError),
    /// Nothing says when is paid.
    #[error("no group that was judged has a date; give --payment-date")]
    NoDate,
    /// There is something to pay, and nothing is to be paid.
    #[error(
        "--payment NON is for remittances that come to nothing, and there is something to pay; give CHK or ACH"
    )]
    NotNothing,
    /// A trace number that the payer has used.
    #[error(
        "trace number {0} was used before; give --trace-number a number from which none was used, or leave it out"
    )]
    TraceUsed(String),
    /// More than an amount can say.
    #[error("a payee's total has more than 17 digits")]
    TooMuch,
    /// A claim was judged that was not noted, or noted otherwise than it was judged.
    #[error("claim {0} was not noted as it was judged; please report this")]
    NotNoted(String),
    /// A payment that does not balance.
    #[error("the payment of claim {0} does not balance; please report this")]
    OutOfBalance(String),
    /// A policy adjusts with a code that an 835 of that date cannot have.
    #[error(
        "rule {rule} of plan {plan} adjusts with {group} {carc}, which a payment of {date} cannot say: {fault}"
    )]
    Code {
        /// The plan.
        plan: String,
        /// The rule.
        rule: &'static str,
        /// Its group code.
        group: String,
        /// Its reason code.
        carc: String,
        /// The date of payment.
        date: NaiveDate,
        /// Why not.
        fault: Box<CodeFault>,
    },
    /// A remittance that is to be written again has claims that are no longer there.
    #[error("remittance {0} cannot be written again: a purge removed some of its claims")]
    Purged(String),
}

impl From<HistoryError> for PaymentError {
    fn from(error: HistoryError) -> Self {
        match error.problem {
            Problem::Output(error) => Self::Io(error),
            _ => Self::History(error),
        }
    }
}
