//! What becomes of claims that memory does not hold.

use super::InputError;
use super::collector::Collector;
use crate::timeline::{self, Batch};

/// Takes claims that memory does not hold.
pub trait Overflow: Send {
    /// Whether a batch has grown too large to be kept in memory.
    fn is_too_large(&self, batch: &Batch) -> bool;

    /// Takes the claims of a batch; they come after all that it took before.
    ///
    /// # Errors
    ///
    /// Whatever keeping them fails with.
    fn take(&mut self, batch: &Batch) -> Result<(), InputError>;

    /// Takes out all claims but so many, the first: what came after them was refused.
    fn truncate(&mut self, claims: u64);
}

/// A state of the claims that were kept, to go back to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// How many claims there were, in all.
    claims: u64,
    /// How often claims had been given to the overflow.
    given: u64,
    batch: timeline::Mark,
}

/// The claims that were given to the overflow.
#[derive(Default)]
pub(super) struct Given<'a> {
    overflow: Option<&'a mut dyn Overflow>,
    claims: u64,
    times: u64,
}

impl<'a> Given<'a> {
    pub(super) fn new(overflow: Option<&'a mut dyn Overflow>) -> Self {
        Self {
            overflow,
            ..Self::default()
        }
    }
}

impl Collector<'_> {
    /// The state now, to go back to.
    pub(super) fn mark(&self) -> Mark {
        let batch = &self.intake.batch;
        Mark {
            claims: self.given.claims + batch.claims.len() as u64,
            given: self.given.times,
            batch: batch.mark(),
        }
    }

    /// Takes out all that came after a mark: its transaction set, group or interchange was
    /// refused.
    pub(super) fn truncate(&mut self, mark: Mark) {
        if mark.given == self.given.times {
            self.intake.batch.truncate(mark.batch);
            return;
        }
        self.intake.batch = Batch::default();
        self.given.claims = mark.claims;
        if let Some(overflow) = &mut self.given.overflow {
            overflow.truncate(mark.claims);
        }
    }

    /// Gives the claims kept so far away, if they take too much memory.
    pub(super) fn relieve(&mut self) -> Result<(), InputError> {
        let Some(overflow) = &mut self.given.overflow else {
            return Ok(());
        };
        let batch = &mut self.intake.batch;
        if !overflow.is_too_large(batch) {
            return Ok(());
        }
        overflow.take(batch)?;
        self.given.claims += batch.claims.len() as u64;
        self.given.times += 1;
        *batch = Batch::default();
        if let Some(set) = &mut self.set {
            set.index = None;
        }
        Ok(())
    }
}
