//! `claimstream history forget`.

use clap::Args;

use super::LockOptions;
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, lock, now};
use crate::cli::interrupt;
use crate::history::History as _;

/// Take back the latest run as a whole, as if its files had never been given
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claimstream history forget --run 12 --history claims.history")]
pub(super) struct Forget {
    /// The run, by its number; it must be the latest
    #[arg(long, value_name = "ID")]
    run: i64,
    #[command(flatten)]
    history: LockOptions,
}

impl Forget {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let path = &self.history.file.history;
        let mut history = lock(path, !self.history.no_wait, false)?;
        let runs = history.runs().map_err(|error| failure(&error))?;
        let latest = runs.iter().rev().find(|run| run.forgotten_at.is_none());
        let name = path.display();
        let Some(latest) = latest else {
            return Err(Failure::usage(format!("{name}: there is no run to forget")));
        };
        if latest.id != self.run {
            return Err(Failure::usage(format!(
                "{name}: only the latest run can be forgotten, and that is run {}: what came after a run was decided by it",
                latest.id
            )));
        }
        let forgotten = history.forget(self.run, &now());
        forgotten.map_err(|error| failure(&error))?;
        interrupt::hold();
        history.commit().map_err(|error| failure(&error))?;
        eprintln!(
            "run {} is forgotten: {} claims and what it took back or decided; its files can be given again",
            latest.id, latest.claims
        );
        Ok(ExitStatus::Done)
    }
}
