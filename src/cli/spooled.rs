//! Inputs that can be read once only, kept for as long as the run may need them again.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::exit::Failure;
use super::files::{error_words, temporary_file};
use crate::intake::Input;

/// Copies standard input and pipes into files of a folder, which are gone when they are
/// dropped.
pub(super) fn spool(inputs: &mut [Input], folder: &Path) -> Result<Vec<NamedTempFile>, Failure> {
    let mut spooled = Vec::new();
    for input in inputs {
        let is_file = input.path.as_deref().is_some_and(Path::is_file);
        if is_file {
            continue;
        }
        let file = copy(input, folder).map_err(|error| {
            Failure::failed(format!(
                "{}: cannot be kept for this run: {}",
                input.name,
                error_words(&error)
            ))
        })?;
        input.path = Some(file.path().to_owned());
        spooled.push(file);
    }
    Ok(spooled)
}

fn copy(input: &Input, folder: &Path) -> io::Result<NamedTempFile> {
    let mut file = temporary_file(folder)?;
    match &input.path {
        Some(path) => io::copy(&mut File::open(path)?, &mut file)?,
        None => io::copy(&mut io::stdin().lock(), &mut file)?,
    };
    Ok(file)
}
