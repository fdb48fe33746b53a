//! Inputs to claims: files, folders and pipes, read, routed to plans and kept where they
//! can matter.

mod claims;
mod collector;
mod counts;
mod envelope;
mod fault;
mod findings;
mod inputs;
mod keeper;
mod levels;
mod overflow;
mod pipeline;
mod recall;
mod tally;
#[cfg(test)]
mod tests;
mod units;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

pub use counts::{Counts, PayerSeen, Tally};
pub use envelope::identity_of;
pub use inputs::{list_inputs, read_pieces};
pub use overflow::Overflow;
pub use pipeline::{Beside, read, read_with};
pub use recall::{Recall, digest_of};
pub use units::{AllUnits, HeardClaim, Units};

pub use crate::p837::{LevelKind, Totals};

use crate::claim::InterchangeIdentity;
use crate::policy::{Members, Plans};
use crate::timeline::Batch;
use crate::validate::Checks;
use crate::x12::Issue;

/// Something to read claims from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name as given; for a file of a folder, the folder as given and the file's name.
    pub name: Arc<str>,
    /// Where it is; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Its size in bytes before decompression, where it is known.
    pub size_bytes: Option<u64>,
}

/// The inputs of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// What is read, in order.
    pub list: Vec<Input>,
    /// What stands in a folder and is no regular file: folders inside, pipes, devices.
    pub passed_over: Vec<Arc<str>>,
}

impl Inputs {
    /// What stands in a folder and is not read, in words.
    pub fn warnings(&self) -> impl Iterator<Item = String> {
        self.passed_over.iter().map(|name| {
            format!(
                "{name}: no regular file, and passed over; name a folder to read the files in it"
            )
        })
    }
}

/// Why an input could not be read to its end. Nothing of the run is kept.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct InputError {
    /// The input's name as given.
    pub name: Arc<str>,
    /// What went wrong and what to do, in words.
    pub problem: String,
    /// The system's own error, where there is one.
    pub source: Option<io::Error>,
}

/// How to read.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions<'a> {
    /// The plans to route claims to.
    pub plans: &'a Plans,
    /// The newer keys of members whose key changed.
    pub members: &'a Members,
    /// Keep the lines that pass as well.
    pub all_lines: bool,
    /// Counts, control numbers and missing trailers of envelopes are warnings.
    pub lenient_envelope: bool,
    /// A transaction set with any error is refused as a whole.
    pub strict: bool,
    /// What is checked besides; nothing, if not given.
    pub checks: Option<&'a Checks>,
}

/// Hears what happens while inputs are read, from whichever thread reads them.
pub trait Observer: Send {
    /// An error or a warning, in the order of the input.
    fn issue(&mut self, issue: Issue);

    /// So many bytes (before decompression) and claims have been read so far, in all.
    fn progress(&mut self, bytes: u64, claims: u64);
}

/// What was read.
#[derive(Debug, Default)]
pub struct Intake {
    /// The claims that can matter.
    pub batch: Batch,
    /// What was counted.
    pub counts: Counts,
    /// What was read of each input, in order.
    pub files: Vec<FileRead>,
}

/// What was read of one input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRead {
    /// The SHA-256 of its decompressed bytes, in hexadecimal digits; empty where nobody
    /// asked for it.
    pub digest: String,
    /// An earlier run adjudicated it: its claims are not in the batch.
    pub is_known: bool,
    /// The interchanges that were accepted, in order.
    pub interchanges: Vec<AcceptedInterchange>,
}

/// An interchange that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedInterchange {
    /// ISA06, ISA08, ISA09, ISA10, ISA13.
    pub identity: Arc<InterchangeIdentity>,
    /// ISA15 is `T`.
    pub is_test: bool,
}
