//! Files that appear whole or not at all.
//!
//! Each is written beside its name, with mode 0600, and renamed when the whole run is done.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::exit::Failure;
use super::interrupt;
use crate::intake::Input;

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 1 << 18;

/// How the names of files begin that are being written.
const PREFIX: &str = ".claimstream-";

/// How old such a file is before it can be one that a killed process left.
const LEFT_AFTER: Duration = Duration::from_secs(10);

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
        let file = temporary_file(folder_of(path)).map_err(|error| {
            Failure::failed(format!(
                "{}: cannot be written: {}",
                path.display(),
                error_words(&error)
            ))
        })?;
        Ok(Self {
            path: path.to_owned(),
            writer: BufWriter::with_capacity(BUFFER_BYTES, file),
        })
    }

    /// Writes what `write` gives.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, Failure> {
        write(&mut self.writer).map_err(|error| self.failure(&error))
    }

    /// The name that it will have.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What becomes of the run when this file cannot be written.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
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
        let (_, beside) = file.keep().map_err(|error| failed(&error.error))?;
        fs::rename(&beside, &path).map_err(|error| {
            let _ = fs::remove_file(&beside);
            failed(&error)
        })?;
        // Not every file system can sync a folder; the file itself is safe already.
        let _ = File::open(folder_of(&path)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Seek for PendingFile {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.writer.seek(place)
    }
}

/// Refuses two outputs of one name, and an output that is an input or would be one next time.
/// `given` are the inputs as given, `inputs` what is read of them.
pub(super) fn check_paths(
    outputs: &[&PathBuf],
    given: &[PathBuf],
    inputs: &[Input],
    configuration: &[&PathBuf],
) -> Result<(), Failure> {
    for (index, output) in outputs.iter().enumerate() {
        let refuse = |problem: String| {
            let problem = format!("{}: {problem}", output.display());
            Err(Failure::usage(problem))
        };
        let mut others = outputs[..index].iter();
        if others.any(|other| real(other) == real(output)) {
            return refuse("two outputs have this name".into());
        }
        check_folder(output, folder_of(output), given)?;
        let mut read = inputs.iter().filter_map(|input| input.path.as_ref());
        if read.any(|input| real(input) == real(output))
            || configuration
                .iter()
                .any(|input| real(input) == real(output))
        {
            return refuse("this is an input; name another output".into());
        }
    }
    Ok(())
}

/// Refuses an output in a folder that is read.
pub(super) fn check_folder(output: &Path, folder: &Path, given: &[PathBuf]) -> Result<(), Failure> {
    let mut folders = given.iter().filter(|input| input.is_dir());
    let Some(input) = folders.find(|input| real(input) == real(folder)) else {
        return Ok(());
    };
    Err(Failure::usage(format!(
        "{}: the next run would read this as an input; name a place outside of {}",
        output.display(),
        input.display()
    )))
}

/// A path by which it can be told from others, whether anything has its name yet or not.
fn real(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Refuses an output that is the folder of answers, or has a name in it that an answer may have.
pub(super) fn check_beside_answers(
    answers: &Path,
    outputs: &[&PathBuf],
    extensions: &[&str],
) -> Result<(), Failure> {
    let folder = real(answers);
    for output in outputs {
        let problem = if real(output) == folder {
            "this is the folder for --ack; name another output"
        } else if real(folder_of(output)) == folder
            && output
                .extension()
                .is_some_and(|own| extensions.iter().any(|one| own == *one))
        {
            "an answer in the folder for --ack may have this name; name another output"
        } else {
            continue;
        };
        return Err(Failure::usage(format!("{}: {problem}", output.display())));
    }
    Ok(())
}

/// The folder of a path.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file of mode 0600 that is gone when the process ends, however it ends: one that a killed
/// process left is removed by the next that writes into the same folder.
pub(super) fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    sweep(folder);
    let file = tempfile::Builder::new()
        .prefix(PREFIX)
        .tempfile_in(folder)?;
    // The lock says that its process lives. A file system without locks keeps what is left.
    let _ = file.as_file().try_lock();
    interrupt::remove_when_interrupted(file.path());
    Ok(file)
}

/// Removes the files of killed processes.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| {
        entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PREFIX.as_bytes())
    }) {
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        let modified = file.metadata().and_then(|about| about.modified());
        let age = modified.ok().and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_AFTER) && file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The system's words, without the number.
pub(super) fn error_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words
        .split(" at path")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}
