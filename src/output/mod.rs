//! Verdicts as bytes: determinations as JSON lines, CSV, Parquet or a table, and the work queue.

mod determination;
mod format;
mod monitored;
#[cfg(feature = "parquet")]
mod parquet;
mod pends;
mod table;

pub use determination::{Determination, Note, Run, WrittenReason, clause_of, clause_text};
pub use format::{Encoder, Format, FormatError, TextFormat, write_determinations};
pub use monitored::{Monitored, PlanMonitor};
pub use pends::{Pends, ask_for, asked_by};
pub use table::write_table;
