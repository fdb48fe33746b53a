//! Bytes to segments: delimiters, headers, positions. Knows no loop and no claim.

mod decoder;
mod delimiters;
pub mod element;
mod header;
mod inside;
mod issue;
pub(crate) mod lanes;
mod rest;
mod segment;
mod terminators;
mod unit;

pub use decoder::{Decoder, LONGEST_SEGMENT_BYTES, Sink, Stray, sniff};
pub use delimiters::{DelimiterFault, Delimiters};
pub use header::Header;
pub use issue::{Excerpt, Issue, Severity};
pub(crate) use rest::Rest;
pub use segment::{Glance, Segment, segment};
pub use unit::{Elements, Segments, push_unbroken};
