//! The file of a history, as the file system has it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::history::Problem;

/// The system's words, without the number.
pub(super) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// A file that is too short for what its header says, which the database would only find
/// when it gets there.
pub(super) fn damage(path: &Path) -> Option<Problem> {
    let about = fs::metadata(path).ok()?;
    if !about.is_file() {
        return Some(Problem::NotAHistory);
    }
    let mut journal = PathBuf::from(path).into_os_string();
    journal.push("-journal");
    if about.len() == 0 || Path::new(&journal).exists() {
        return None;
    }
    let mut header = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    match read {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {}
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Some(Problem::Failed(words(&error)));
        }
        Ok(()) | Err(_) => return Some(Problem::NotAHistory),
    }
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    (about.len() < page_size * u64::from(pages)).then(|| Problem::Damaged("it is cut short".into()))
}

/// Brings the names in a file's folder to the disk, where the file system can.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new(".")))?;
    match folder.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}
