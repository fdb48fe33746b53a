//! Whether a remittance balances: any 835, read once from front to back.
//!
//! The sums are those of 005010X221A1, and of 004010X091 before it:
//!
//! | level | what holds |
//! | --- | --- |
//! | line | SVC02 less the CAS of the line is SVC03 |
//! | claim | CLP03 less every CAS, of the claim and its lines, is CLP04 |
//! | claim with lines | SVC02 of the lines add up to CLP03; SVC03 of the lines less the CAS of the claim are CLP04 |
//! | transaction set | CLP04 of the claims less the amounts of PLB is BPR02, with the sign that BPR03 gives it |
//!
//! Besides it counts envelopes, and warns of codes: see [`super::codes`]. What is kept is one
//! claim at a time, so memory does not grow with the file. Findings name places and
//! differences, never what stands in the remittance.

mod claim;
mod elements;
mod envelope;
mod finding;
mod remarks;
mod set;
mod totals;

use std::sync::Arc;

use self::envelope::Reader;
use self::finding::Findings;
use crate::x12::{Decoder, Issue};

pub use totals::{Sum, Totals};

/// Checks one input, in pieces as they come.
///
/// ```
/// use claimstream::remit::check::Checker;
///
/// let text = std::fs::read("fixtures/remit/balanced.835")?;
/// let mut issues = Vec::new();
/// let mut hear = |issue| issues.push(issue);
/// let mut checker = Checker::new("balanced.835".into(), &mut hear);
/// for piece in text.chunks(100) {
///     checker.push(piece);
/// }
/// let totals = checker.finish();
/// assert_eq!((totals.claims, totals.unbalanced_sets), (3, 0));
/// assert!(issues.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Checker<'h> {
    decoder: Decoder,
    reader: Reader<'h>,
}

impl<'h> Checker<'h> {
    /// A checker of an input of that name; `hear` is told of every finding, in the order in
    /// which what is at fault ends.
    pub fn new(name: Arc<str>, hear: &'h mut dyn FnMut(Issue)) -> Self {
        Self {
            decoder: Decoder::default(),
            reader: Reader::new(Findings::new(name, hear)),
        }
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes, &mut self.reader);
    }

    /// How many claims there were so far.
    #[must_use]
    pub fn claims(&self) -> u64 {
        self.reader.claims()
    }

    /// Says that there are no more bytes.
    #[must_use]
    pub fn finish(mut self) -> Totals {
        self.decoder.finish(&mut self.reader);
        self.reader.finish()
    }
}

#[cfg(test)]
mod tests;
