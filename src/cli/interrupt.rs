//! Ctrl-C: what was being written is removed, and nothing is kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The exit status after Ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

/// The files being written.
static PENDING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes the files being written when the process is interrupted or told to end.
pub(super) fn watch() {
    // A second handler cannot be set; a process that has one keeps it.
    let _ = ctrlc::set_handler(|| {
        let pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
        for path in pending.iter() {
            let _ = fs::remove_file(path);
        }
        eprintln!("\nclaimstream: interrupted; nothing was kept");
        std::process::exit(INTERRUPTED);
    });
}

/// Adds a file to those that are removed. One that has its name by then is gone from there.
pub(super) fn remove_when_interrupted(path: &Path) {
    PENDING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(path.to_owned());
}
