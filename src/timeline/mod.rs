//! Service lines grouped by member, and the calendar arithmetic of limits.

mod batch;
mod symbols;

pub use batch::{Batch, Claim, Frequency, Mark, ServiceLine, TextRef, TransactionSet};
pub use symbols::{Symbol, Symbols};
