//! Why a history cannot be used, in one sentence.

use std::fmt;
use std::io;

/// A history that cannot be used. Nothing of what was begun is kept.
#[derive(Debug)]
pub struct HistoryError {
    /// The history's name as given.
    pub file: String,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a history.
#[derive(Debug)]
pub enum Problem {
    /// Another run holds it.
    Busy,
    /// There is none.
    Missing,
    /// It is some other file.
    NotAHistory,
    /// A newer version made it, with this schema.
    Newer(i64),
    /// Its bytes are not what was written.
    Damaged(String),
    /// It may not be written.
    ReadOnly,
    /// The disk is full.
    Full,
    /// Somebody looks at it, and does not end.
    Watched,
    /// It holds the run, but the disk does not say that it does.
    Unsynced,
    /// What was read of it could not be passed on.
    Output(io::Error),
    /// Anything else that the database says.
    Failed(String),
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.problem)
    }
}

impl std::error::Error for HistoryError {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("another run is using this history"),
            Self::Missing => f.write_str(
                "there is no such history; `claimstream adjudicate` with --history makes one",
            ),
            Self::NotAHistory => {
                f.write_str("this is no history that claimstream made; name another file")
            }
            Self::Newer(schema) => write!(
                f,
                "a newer claimstream made this history (schema {schema}); use that version or a later one"
            ),
            Self::Damaged(what) => write!(
                f,
                "this history is damaged ({what}); restore it from its backup"
            ),
            Self::ReadOnly => {
                f.write_str("this history cannot be written: the file or its folder is read-only")
            }
            Self::Full => f.write_str("no space left on the history's disk; nothing was kept"),
            Self::Watched => f.write_str(
                "somebody has been reading this history for a quarter of an hour; nothing was kept",
            ),
            Self::Unsynced => f.write_str(
                "this history holds the run, but its folder cannot be synced; give the same command again",
            ),
            Self::Output(error) => write!(f, "what was read of it cannot be written: {error}"),
            Self::Failed(what) => write!(f, "this history failed: {what}; nothing was kept"),
        }
    }
}
