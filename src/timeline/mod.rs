//! Service lines grouped by member, and the calendar arithmetic of limits.

mod batch;
mod symbols;

pub use batch::{
    Batch, Claim, Frequency, Mark, Pointers, SEPARATOR, ServiceLine, TextRef, TransactionSet,
};
pub use symbols::{Symbol, Symbols};
