//! Verdicts as bytes: determinations as JSON lines, CSV, Parquet or a table, and the work queue.

mod determination;
mod fields;
mod format;
mod identity;
mod json;
mod monitored;
#[cfg(feature = "parquet")]
mod parquet;
mod pends;
mod rows;
mod run;
mod table;
#[cfg(test)]
mod tests;

pub use determination::{Determination, Note, WrittenReason};
pub use format::{Encoder, Format, FormatError, TextFormat, write_determinations};
pub use identity::ClaimIdentity;
pub use monitored::{Monitored, PlanMonitor};
pub use pends::{Pends, ask_for, asked_by};
pub use run::{Run, clause_of};
pub use table::write_table;
