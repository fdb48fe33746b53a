//! Files that appear whole or not at all.
//!
//! Each is written beside its name, with mode 0600, and renamed when the whole run is done.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::exit::Failure;
use super::interrupt;

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 1 << 18;

/// A file being written beside its name.
pub(super) struct PendingFile {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl PendingFile {
    /// Starts a file. Its folder must exist and be writable.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        if path.exists() && !path.is_file() {
            let problem = "this is no regular file; name one to write to";
            return Err(Failure::usage(format!("{}: {problem}", path.display())));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".claimstream-")
            .tempfile_in(folder)
            .map_err(|error| {
                Failure::failed(format!(
                    "{}: cannot be written: {}",
                    path.display(),
                    error_words(&error)
                ))
            })?;
        interrupt::remove_when_interrupted(file.path());
        Ok(Self {
            path: path.to_owned(),
            writer: BufWriter::with_capacity(BUFFER_BYTES, file),
        })
    }

    /// Writes what `write` gives.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        write(&mut self.writer).map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &io::Error) -> Failure {
        Failure::failed(format!(
            "{}: cannot be written: {}; nothing was kept",
            self.path.display(),
            error_words(error)
        ))
    }

    /// Brings all of it to the disk.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        let synced = self
            .writer
            .flush()
            .and_then(|()| self.writer.get_ref().as_file().sync_all());
        synced.map_err(|error| self.failure(&error))
    }

    /// Gives it its name.
    pub(super) fn rename(self) -> Result<(), Failure> {
        let path = self.path;
        let failed = |error: &io::Error| {
            Failure::failed(format!(
                "{}: cannot be written: {}",
                path.display(),
                error_words(error)
            ))
        };
        let file = self
            .writer
            .into_inner()
            .map_err(|error| failed(error.error()))?;
        file.persist(&path).map_err(|error| failed(&error.error))?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        // Not every file system can sync a folder; the file itself is safe already.
        let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

/// Names all files, once all of them are on the disk.
pub(super) fn finish(mut files: Vec<PendingFile>) -> Result<(), Failure> {
    for file in &mut files {
        file.sync()?;
    }
    files.into_iter().try_for_each(PendingFile::rename)
}

/// The system's words, without the number.
fn error_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words
        .split(" at path")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}
