//! What the intake asks of a history while it reads.

use super::{History, HistoryError, RunKind};
use crate::claim::InterchangeIdentity;
use crate::intake::{InputError, Recall};

/// Asks a history for the files and interchanges that it knows.
pub struct Asking<'h>(pub &'h mut dyn History);

impl Recall for Asking<'_> {
    fn file_of(&mut self, identity: &InterchangeIdentity) -> Result<Option<String>, InputError> {
        self.0.find_interchange(identity).map_err(input_error)
    }

    fn has_file(&mut self, digest: &str) -> Result<bool, InputError> {
        let found = self.0.find_input(RunKind::Adjudicate, digest);
        Ok(found.map_err(input_error)?.is_some())
    }
}

fn input_error(error: HistoryError) -> InputError {
    InputError {
        name: error.file.as_str().into(),
        problem: error.problem.to_string(),
        source: None,
    }
}
