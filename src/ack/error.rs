//! What can go wrong while answers are written.

use std::io;
use std::path::{Path, PathBuf};

/// Answers could not be written. It names the folder that they are for, and no value of the
/// input.
#[derive(Debug, thiserror::Error)]
#[error("{}: acknowledgements cannot be written: {source}", folder.display())]
pub struct AckError {
    folder: PathBuf,
    source: io::Error,
}

impl AckError {
    pub(super) fn new(folder: &Path, source: io::Error) -> Self {
        Self {
            folder: folder.to_owned(),
            source,
        }
    }

    /// The folder that the answers are for.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
