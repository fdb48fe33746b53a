//! Segments that we write: put together element by element, with values of the input made safe.

mod segment;
mod text;

pub use segment::Segment;
pub use text::{Length, clean, digits, length};
