//! Bytes to segments: delimiters, envelopes, positions. Knows no loop and no claim.

mod issue;

pub use issue::{Issue, Severity};
