//! What earlier runs took: files and interchanges that are not adjudicated again.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::collector::Collector;
use super::inputs::Source;
use super::{Input, InputError};
use crate::claim::InterchangeIdentity;

/// How much of an input is digested at once.
const DIGESTED_BYTES: usize = 1 << 20;

/// Knows what earlier runs took.
pub trait Recall: Send {
    /// The digest of the file in which an earlier run accepted the interchange.
    ///
    /// # Errors
    ///
    /// A history that cannot be read, by its name.
    fn file_of(&mut self, identity: &InterchangeIdentity) -> Result<Option<String>, InputError>;

    /// Whether an earlier run adjudicated the file of that digest (SHA-256 of its
    /// decompressed bytes, hexadecimal).
    ///
    /// # Errors
    ///
    /// A history that cannot be read, by its name.
    fn has_file(&mut self, digest: &str) -> Result<bool, InputError>;
}

/// The digest of an input that can be read more than once: the SHA-256 of its decompressed
/// bytes, in hexadecimal digits.
///
/// # Errors
///
/// An input that cannot be opened or read to its end.
pub fn digest_of(input: &Input) -> Result<String, InputError> {
    let mut source = Source::open(input)?;
    let (mut hash, mut bytes) = (Sha256::new(), Vec::new());
    loop {
        source.fill(&mut bytes, DIGESTED_BYTES)?;
        hash.update(&bytes);
        if bytes.len() < DIGESTED_BYTES {
            return Ok(as_text(hash));
        }
    }
}

/// A digest as text.
pub(super) fn as_text(hash: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

impl Collector<'_> {
    /// Whether an interchange is another file's, which an earlier run accepted. One of a
    /// file that an earlier run adjudicated is not: the whole file is left out at its end.
    pub(super) fn is_of_earlier_run(
        &mut self,
        identity: &InterchangeIdentity,
    ) -> Result<bool, InputError> {
        let Some(recall) = self.recall.as_deref_mut() else {
            return Ok(false);
        };
        let Some(file) = recall.file_of(identity)? else {
            return Ok(false);
        };
        if self.file.digest.is_none() {
            let digest = digest_of(&self.inputs[self.file.input])?;
            self.file.is_known = Some(recall.has_file(&digest)?);
            self.file.digest = Some(digest);
        }
        // What a known file had of another one was refused then, and is told again.
        Ok(self.file.is_known != Some(true) || self.file.digest.as_ref() != Some(&file))
    }

    /// Whether an earlier run adjudicated the file, now that all of it is read.
    pub(super) fn is_known_file(&mut self, digest: &str) -> Result<bool, InputError> {
        let Some(recall) = self.recall.as_deref_mut() else {
            return Ok(false);
        };
        let is_known = recall.has_file(digest)?;
        if self.file.is_known == Some(!is_known) {
            return Err(InputError {
                name: Arc::clone(&self.file.name),
                problem: "the file changed while it was being read; run again when whoever writes it is done".into(),
                source: None,
            });
        }
        Ok(is_known)
    }
}
