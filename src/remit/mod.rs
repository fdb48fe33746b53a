//! The 835 (005010X221A1): what is paid for claims, and why not more.

pub mod check;
mod code_lists;
pub mod codes;
pub mod fees;
mod fees_load;
mod payment;
mod writer;

pub use fees::Fees;
pub use payment::{
    Adjustment, ClaimPayment, ClaimStatus, Imbalance, LinePayment, Party, Payee, quantity_text,
};
pub use writer::{Head, Interchange, RemittanceWriter, Totals};
