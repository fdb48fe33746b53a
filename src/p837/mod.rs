//! Segments to claims: the loops and levels of the professional claim, 005010X222.

mod checking;
mod claim_builder;
mod claim_loop;
mod claim_tally;
mod event;
mod fault;
mod interest;
mod level_loop;
mod noted;
mod reader;
mod scanner;
mod scanning;
mod segment_id;
mod segments;
#[cfg(test)]
mod tests;

pub use event::{
    CheckedUnit, Claim, Event, Events, Fault, Level, LevelKind, Place, ServiceLine, Text, Totals,
    Trailer,
};
pub use interest::Interest;
pub use reader::{Reader, find_anchor};
pub use segments::date_of_service;
