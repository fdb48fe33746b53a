//! What a payer answers: TA1, 999 (005010X231A1) and 277CA (005010X214).
//!
//! An [`Acknowledger`] takes what happened to an input as [`Event`]s, in the order of the
//! input, and writes files into a folder. It knows no guide and judges nothing: which errors
//! there are, and what becomes of a claim, it is told. What it writes is a function of the
//! events and the [`Options`].
//!
//! What is written when, and every code, is in `docs/acknowledgements.md`.
//!
//! ```
//! use claimstream::ack::{
//!     Acknowledger, Event, Group, GroupEnd, Interchange, InterchangeFate, Options, Set, SetFate,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let mut acknowledger = Acknowledger::new(folder, Options::default())?;
//! acknowledger.take(Event::InterchangeBegins(Interchange {
//!     control_number: b"000000907",
//!     date: b"270923",
//!     time: b"1200",
//!     ..Interchange::default()
//! }))?;
//! acknowledger.take(Event::GroupBegins(Group {
//!     identifier: b"HC",
//!     control_number: b"12",
//!     version: b"005010X222A1",
//!     ..Group::default()
//! }))?;
//! acknowledger.take(Event::SetBegins(Set {
//!     identifier: b"837",
//!     control_number: b"0001",
//!     convention: b"005010X222A1",
//! }))?;
//! // ... its header, billing providers, findings and claims.
//! acknowledger.take(Event::SetEnds(SetFate::Accepted))?;
//! acknowledger.take(Event::GroupEnds(GroupEnd::default()))?;
//! acknowledger.take(Event::InterchangeEnds(InterchangeFate::Accepted))?;
//! assert_eq!(acknowledger.finish()?.publish()?, 1);
//!
//! let answer = std::fs::read_to_string(folder.join("000001-000000907.999"))?;
//! assert!(answer.contains("AK1*HC*12*005010X222A1~\nAK2*837*0001*005010X222A1~\nIK5*A~"));
//! # Ok(())
//! # }
//! ```

mod acknowledger;
mod claims;
mod codes;
mod document;
mod envelope;
mod error;
mod event;
mod folder;
mod functional;
mod names;
mod open;
mod spool;
mod status;
mod totals;

#[cfg(test)]
mod tests;

pub use acknowledger::{Acknowledger, Options};
pub use codes::{
    Category, ElementError, Entity, GroupError, InterchangeNote, Refusal, SegmentError, SetError,
};
pub use envelope::EXTENSIONS;
pub use error::AckError;
pub use event::{
    Address, BillingProvider, Claim, ClaimFate, ElementPlace, Event, Finding, Group, GroupEnd,
    Interchange, InterchangeFate, Party, Problem, Set, SetFate, SetHeader,
};
pub use folder::Answers;
pub use status::Status;
