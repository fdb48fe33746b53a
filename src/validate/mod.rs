//! Checking units against a guide, at levels 1 to 5.
//!
//! | level | checks |
//! | --- | --- |
//! | 1 | types, lengths, empty trailing elements, relational notes |
//! | 2 | loops, segments, elements, repetitions, order, codes of the guide |
//! | 3 | balances of charges, payments and adjustments |
//! | 4 | situations that the file itself can decide |
//! | 5 | values: check digits, shapes of codes, dates that exist, outside code lists |
//!
//! What is checked in one go is a *unit*: a header, a level or a claim (see
//! [`crate::guide::UnitKind`]). A unit needs nothing before it. One missing, unknown or
//! misplaced segment is one [`Finding`]: the walk goes on at the next segment that stands where
//! the guide has it.

mod astray;
mod checker;
mod checks;
mod elements;
mod excerpt;
mod finding;
mod glance;
mod notes;
mod report;
mod roles;
mod shapes;
mod situations;
mod split;
mod types;
mod walk;
mod words;

pub use checker::{Checked, Checker, Identity};
pub use checks::{Checks, KeptSegment, UnknownList};
pub use finding::{Acknowledgement, Finding, Problem, Reported};
