//! Implementation guides as data: loops, segments, elements, usages, repetitions, code lists,
//! relational notes.
//!
//! A guide is a text table of our own, compiled in and read once. Lines are told by their
//! first word, and the tree by two blanks of indentation a level:
//!
//! ```text
//! guide VERSION TRANSACTION GROUP        GS08, ST01 and GS01
//! codes NAME CODE...                     a list that elements name
//! unit header ST                         what is checked in one go, and the segment it
//! unit level HL=20                       begins with; `=` is HL03
//! unit claim CLM
//! loop ID USAGE MOST POSITION            `-` has no id; MOST 0 is without bound
//! ID USAGE MOST POSITION NOTES ELEMENT...
//! ```
//!
//! USAGE is `R` (required) or `S` (situational); `S+2` says that the segment is told from
//! others of its id by its second element too. Siblings of one POSITION stand in any order.
//! NOTES are relational notes joined by commas, `P0809` for example, or `-`. An element is
//!
//! ```text
//! -706                                   not used; 706 is its reference number
//! R98:ID2-3=41                           required, type ID, 2 to 3 characters, code 41
//! S1138:ID1=NAME:A,B                     codes of a list that can be switched off
//! R755:ID2=NAME                          codes of a `codes` line
//! S156:ID2@NAME                          the same, looked up with the values (level 5)
//! R67:AN2-80!npi                         its value has a shape of its own (level 5)
//! RC023(...;...)                         a composite and its components
//! SC056*10(...)                          one that repeats
//! ```

mod codes;
mod load;
mod model;
mod notation;
mod table;

use std::sync::LazyLock;

pub use codes::packed;
pub use load::GuideError;
pub use model::{
    Candidate, Child, CodeList, DataType, ElementUse, Guide, Key, Loop, Note, NoteKind, SegmentUse,
    Tag, Unit, UnitKind, Usage, ValueShape,
};
pub use table::Known;

static PROFESSIONAL: LazyLock<Result<Guide, GuideError>> =
    LazyLock::new(|| Guide::parse(include_str!("005010X222A1.txt")));

/// The professional claim, 005010X222A1.
///
/// # Errors
///
/// A table that cannot be read; a test says that it can.
pub fn professional() -> Result<&'static Guide, &'static GuideError> {
    PROFESSIONAL.as_ref()
}
