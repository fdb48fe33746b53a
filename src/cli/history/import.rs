//! `claimstream history import`.

use std::path::PathBuf;

use clap::Args;

use super::{LockOptions, is_known};
use crate::cli::configuration::{PlanOptions, read_whole};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, lock, now};
use crate::cli::interrupt;
use crate::history::{History as _, ImportError, RunKind, import};
use crate::report::counted;

/// The most rows that are named.
const MOST_NAMED: usize = 20;

/// Take sessions that were paid elsewhere, from CSV: all of the file or nothing
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Import {
    /// CSV with the columns plan, member, service_date, procedure, billing_provider,
    /// rendering_provider, patient_control_number, phase, muscles
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    history: LockOptions,
    #[command(flatten)]
    plans: PlanOptions,
}

const EXAMPLES: &str = "\
A row whose date is a session already is skipped and named. The same file twice adds nothing.

Example:
  claimstream history import paid-before.csv --plans plans.toml --history claims.history";

impl Import {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let plans = self.plans.plans()?;
        let (members, _) = self.plans.members.members()?;
        let (text, digest) = read_whole(&self.file)?;
        let path = &self.history.file.history;
        let name = self.file.display().to_string();
        let mut history = lock(path, !self.history.no_wait, true)?;
        if is_known(&mut history, RunKind::Import, &name, &digest)? {
            return Ok(ExitStatus::Done);
        }
        let source = (&*name, &*digest);
        let imported = import(&mut history, source, &*text, &plans, &members, &now());
        let imported = imported.map_err(|error| refused("sessions", &error))?;
        interrupt::hold();
        history.commit().map_err(|error| failure(&error))?;
        match imported.run {
            Some(run) => eprintln!(
                "{} added as run {run} in {}",
                counted(imported.added, "session"),
                path.display()
            ),
            None => eprintln!("nothing was added to {}", path.display()),
        }
        if !imported.skipped.is_empty() {
            let named: Vec<String> = imported
                .skipped
                .iter()
                .take(MOST_NAMED)
                .map(ToString::to_string)
                .collect();
            let more = imported.skipped.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            eprintln!(
                "{} skipped, whose date is a session already: line {}{more}",
                counted(imported.skipped.len() as u64, "row"),
                named.join(", ")
            );
        }
        Ok(ExitStatus::Done)
    }
}

/// A file that is refused as a whole.
pub(super) fn refused(what: &str, error: &ImportError) -> Failure {
    match error {
        ImportError::Wrong(errors) => Failure::usage(format!(
            "the {what} are refused, and nothing of them was taken:\n{errors}"
        )),
        ImportError::History(error) => failure(error),
    }
}
