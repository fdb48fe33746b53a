//! Service lines grouped by member, sessions, and the calendar arithmetic of limits.

mod batch;
mod calendar;
mod distinct;
mod session;
mod symbols;

pub use batch::{
    Batch, Claim, Frequency, Mark, Service, ServiceLine, ServiceNumber, TextRef, Timeline,
    TimelineKey, TransactionSet, pointed_at,
};
pub use calendar::Span;
pub use session::{Session, Sessions};
pub use symbols::{Symbol, Symbols};
