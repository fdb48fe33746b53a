//! Ctrl-C: what was being written is removed, and nothing is kept; a run that is being kept
//! already is finished.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The exit status after Ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

/// What an interruption finds.
struct State {
    /// The files being written.
    pending: Vec<PathBuf>,
    /// The run is being kept: it takes moments, and is not stopped in the middle.
    is_keeping: bool,
}

static STATE: Mutex<State> = Mutex::new(State {
    pending: Vec::new(),
    is_keeping: false,
});

/// Removes the files being written when the process is interrupted or told to end.
pub(super) fn watch() {
    // A second handler cannot be set; a process that has one keeps it.
    let _ = ctrlc::set_handler(|| {
        let state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_keeping {
            eprintln!("\nclaimstream: the run is being kept; it ends in a moment");
            return;
        }
        for path in &state.pending {
            let _ = match path.is_dir() {
                true => fs::remove_dir_all(path),
                false => fs::remove_file(path),
            };
        }
        eprintln!("\nclaimstream: interrupted; nothing was kept");
        std::process::exit(INTERRUPTED);
    });
}

/// Adds a file, or a folder with all in it, to those that are removed. One that has its name by then is gone from there.
pub(super) fn remove_when_interrupted(path: &Path) {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    state.pending.push(path.to_owned());
}

/// From here on the run is kept, or fails by itself.
pub(super) fn hold() {
    let mut state = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    state.is_keeping = true;
}
