//! The governed lines of two batches over the same inputs, side by side.
//!
//! What a batch keeps is a part of the inputs in their order, so both are walked at once and
//! nothing is looked up.

use std::cmp::Ordering;

use super::Sides;
use crate::timeline::{Batch, Claim};

/// A line that one side governs at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The number of its claim among those that bear such a line, from 0.
    pub claim: u64,
    /// Its index in the batch of the base; `None`: it passes there.
    pub base: Option<usize>,
    /// Its index in the batch of the other side; `None`: it passes there.
    pub with: Option<usize>,
}

/// Visits the lines that a side governs, in the order of the inputs. Where one claim has lines
/// that the base alone and lines that the other side alone governs, and no line of both stands
/// between them, they come in the order of LX01.
///
/// # Errors
///
/// What `visit` fails with.
pub fn join<E>(sides: Sides<'_>, mut visit: impl FnMut(Pair) -> Result<(), E>) -> Result<(), E> {
    let (base, with) = (sides.base.batch, sides.with.batch);
    let mut base_claims = base.claims.iter().peekable();
    let mut with_claims = with.claims.iter().peekable();
    let mut claim = 0;
    loop {
        let order = match (base_claims.peek(), with_claims.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(ours), Some(theirs)) => place(base, ours).cmp(&place(with, theirs)),
        };
        let ours = base_claims.next_if(|_| order.is_le());
        let theirs = with_claims.next_if(|_| order.is_ge());
        let mut lines = Lines {
            base: Side::new(base, ours),
            with: Side::new(with, theirs),
        };
        if lines.base.rest.is_empty() && lines.with.rest.is_empty() {
            continue;
        }
        while let Some((base, with)) = lines.next_pair() {
            visit(Pair { claim, base, with })?;
        }
        claim += 1;
    }
}

/// Where a claim stands: ascending in every batch.
fn place(batch: &Batch, claim: &Claim) -> (u32, u64, u32) {
    let set = batch.transaction_set_of(claim);
    (set.input, set.first_segment, claim.ordinal)
}

/// The governed lines of a claim that are left on both sides.
///
/// INVARIANT: a side governs all lines of a procedure or none, so the lines that both sides
/// govern are those of procedures that both have left, in the same order.
struct Lines<'b> {
    base: Side<'b>,
    with: Side<'b>,
}

struct Side<'b> {
    batch: &'b Batch,
    /// The lines that are left, by index.
    rest: Vec<usize>,
}

impl<'b> Side<'b> {
    /// The last line comes first, where it is taken.
    fn new(batch: &'b Batch, claim: Option<&Claim>) -> Self {
        let lines = claim.map_or(0..0, |claim| batch.lines_of(claim));
        let governed = lines.filter(|&index| batch.is_governed(&batch.lines[index]));
        Self {
            batch,
            rest: governed.rev().collect(),
        }
    }

    fn procedure(&self, line: usize) -> &'b [u8] {
        let service = self.batch.service_of(&self.batch.lines[line]);
        self.batch.symbols.bytes(service.procedure)
    }

    fn next_procedure(&self) -> Option<&'b [u8]> {
        self.rest.last().map(|&line| self.procedure(line))
    }

    /// LX01.
    fn next_number(&self) -> Option<u32> {
        let line = self.rest.last()?;
        Some(self.batch.lines[*line].line_number)
    }

    fn has(&self, procedure: &[u8]) -> bool {
        let mut rest = self.rest.iter();
        rest.any(|&line| self.procedure(line) == procedure)
    }
}

impl Lines<'_> {
    /// The next line, on the sides that govern it.
    fn next_pair(&mut self) -> Option<(Option<usize>, Option<usize>)> {
        match (self.base.next_procedure(), self.with.next_procedure()) {
            (None, None) => None,
            (Some(ours), Some(theirs)) if ours == theirs => {
                Some((self.base.rest.pop(), self.with.rest.pop()))
            }
            (ours, theirs) if self.is_base_next(ours, theirs) => Some((self.base.rest.pop(), None)),
            _ => Some((None, self.with.rest.pop())),
        }
    }

    /// Whether the base's next line comes next, and the other side does not govern it.
    fn is_base_next(&self, ours: Option<&[u8]>, theirs: Option<&[u8]>) -> bool {
        let base_alone = ours.is_some_and(|ours| !self.with.has(ours));
        let with_alone = theirs.is_some_and(|theirs| !self.base.has(theirs));
        base_alone && (!with_alone || self.base.next_number() <= self.with.next_number())
    }
}
