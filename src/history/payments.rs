//! The rows of what was paid, held and taken back.

use chrono::NaiveDate;

use crate::claim::{Cents, Quantity};
use crate::policy::{Decision, Payer};
use crate::remit::{ClaimPayment, Payee};

/// What a payment counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// A line of its claim waits for a reviewer.
    Held,
    /// A remittance paid it.
    Paid,
    /// A later one took it back.
    Reversed,
    /// Its claim was taken back before it was paid.
    Dropped,
}

impl PaymentStatus {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Paid => "paid",
            Self::Reversed => "reversed",
            Self::Dropped => "dropped",
        }
    }
}

/// A payment of a claim that the run recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPayment {
    /// The claim's number.
    pub claim: i64,
    /// What it counts as.
    pub status: PaymentStatus,
    /// The claim as its remittance tells of it.
    pub payment: ClaimPayment,
}

/// An earlier payment that something is to be done about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// It was paid, and its claim was taken back by another one.
    Reversal {
        /// The claim's number.
        claim: i64,
        /// That of the one that took it back.
        by: i64,
    },
    /// It was held, and its claim was taken back.
    Drop {
        /// The claim's number.
        claim: i64,
    },
    /// It was held, and nothing of its claim pends any more.
    Release {
        /// The claim's number.
        claim: i64,
    },
}

/// A payment with what reviewers decided about its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPayment {
    /// The plan of its claim.
    pub plan: String,
    /// The claim as its remittance tells of it.
    pub payment: ClaimPayment,
    /// By reviewed line, in the order of the claim.
    pub reviews: Vec<LineReview>,
}

/// A reviewer's decision about a line of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReview {
    /// LX01.
    pub line: u32,
    /// Pay, reduce or deny.
    pub decision: Decision,
    /// Units paid for.
    pub units_allowed: Quantity,
    /// Amount allowed.
    pub amount_allowed: Cents,
    /// Of a denial: group code and CARC.
    pub adjustment: Option<[String; 2]>,
    /// Of a denial: RARCs.
    pub rarc: Vec<String>,
}

/// A transaction set of an 835.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remittance {
    /// ISA13 and GS06.
    pub interchange: u32,
    /// Who pays.
    pub payer: Payer,
    /// Who is paid.
    pub payee: Payee,
    /// TRN02.
    pub trace_number: String,
    /// BPR16.
    pub payment_date: NaiveDate,
    /// BPR04 as asked for.
    pub method: String,
    /// The sum of CLP04, in whole cents.
    pub claims_cents: i64,
    /// What the payee owed from earlier remittances, in whole cents.
    pub owed_before_cents: i64,
    /// The trace number of the one that left that; empty for none.
    pub owed_from: String,
    /// BPR02, in whole cents.
    pub paid_cents: i64,
    /// What the payee owes from then on, in whole cents.
    pub owed_after_cents: i64,
}

/// A claim of a remittance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remitted {
    /// Its place, from 1.
    pub position: i64,
    /// The claim's number.
    pub claim: i64,
    /// Whether an earlier payment is taken back.
    pub is_reversal: bool,
    /// CLP03, in whole cents.
    pub charge_cents: i64,
    /// CLP04, in whole cents.
    pub paid_cents: i64,
}

/// The numbers that remittances so far have used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastNumbers {
    /// The last ISA13.
    pub interchange: u32,
    /// The highest TRN02, of those that are numbers.
    pub trace: u64,
}
