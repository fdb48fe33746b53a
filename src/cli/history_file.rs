//! Opening a history, and waiting for it.

use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use chrono::DateTime;

use super::exit::Failure;
use crate::history::{History, HistoryError, Problem, SqliteHistory};

/// How long a run waits before it looks again whether the history is free.
const PATIENCE: Duration = Duration::from_millis(200);

/// Opens a history for this run alone, making it if `is_new_taken`; while another run has
/// it, says so and waits, or fails where nobody is to wait.
pub(super) fn lock(path: &Path, waits: bool, is_new_taken: bool) -> Result<SqliteHistory, Failure> {
    let open = if is_new_taken {
        SqliteHistory::create
    } else {
        SqliteHistory::open
    };
    insist(path, waits, || {
        let mut history = open(path)?;
        history.begin()?;
        Ok(history)
    })
}

/// Opens a history to be looked at.
pub(super) fn look(path: &Path) -> Result<SqliteHistory, Failure> {
    insist(path, true, || SqliteHistory::look(path))
}

/// Copies a history, as its last run left it, into an empty file.
pub(super) fn copy(path: &Path, to: &Path) -> Result<SqliteHistory, Failure> {
    insist(path, true, || SqliteHistory::copy(path, to))
}

/// Tries again for as long as another run is using the history.
fn insist(
    path: &Path,
    waits: bool,
    mut open: impl FnMut() -> Result<SqliteHistory, HistoryError>,
) -> Result<SqliteHistory, Failure> {
    let mut has_told = false;
    loop {
        match open() {
            Ok(history) => return Ok(history),
            Err(HistoryError {
                problem: Problem::Busy,
                ..
            }) if waits => {
                if !has_told {
                    eprintln!(
                        "claimstream: {}: another run is using this history; waiting for it to end",
                        path.display()
                    );
                    has_told = true;
                }
                thread::sleep(PATIENCE);
            }
            Err(error) => return Err(failure(&error)),
        }
    }
}

/// A history that cannot be used: nothing was changed.
pub(super) fn failure(error: &HistoryError) -> Failure {
    match error.problem {
        Problem::Busy => Failure::failed(format!("{error}; nothing was changed")),
        _ => Failure::failed(error),
    }
}

/// Now, in UTC, as it is recorded.
pub(super) fn now() -> String {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    let now = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    now.format("%Y-%m-%d %H:%M:%S").to_string()
}
