//! `claimstream history export`.

use std::path::PathBuf;

use clap::Args;

use super::{HistoryOption, print};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::files::PendingFile;
use crate::cli::history_file::{failure, look};
use crate::history::write_sessions;
use crate::report::counted;

/// Write every session as CSV, for `history import` to read
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  claimstream history export --history claims.history --out sessions.csv"
)]
pub(super) struct Export {
    #[command(flatten)]
    history: HistoryOption,
    /// Write here, and not to standard output
    #[arg(long, value_name = "FILE.csv")]
    out: Option<PathBuf>,
}

impl Export {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut history = look(&self.history.history)?;
        let Some(path) = &self.out else {
            print(|out| write_sessions(&mut history, out).map(drop))?;
            return Ok(ExitStatus::Done);
        };
        let mut file = PendingFile::create(path)?;
        let mut exported = Ok(0);
        file.write(|out| {
            exported = write_sessions(&mut history, out);
            Ok(())
        })?;
        let count = exported.map_err(|error| failure(&error))?;
        file.sync()?;
        file.rename()?;
        eprintln!("{} in {}", counted(count, "session"), path.display());
        Ok(ExitStatus::Done)
    }
}
