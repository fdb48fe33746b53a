//! `claimstream history decide`.

use std::path::PathBuf;

use clap::Args;

use super::import::refused;
use super::{LockOptions, is_known};
use crate::cli::configuration::{PlanOptions, read_whole};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, lock, now};
use crate::cli::interrupt;
use crate::history::{History as _, RunKind, decide};
use crate::report::counted;

/// Take reviewers' decisions about pended lines, from CSV: all of the file or nothing
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Decide {
    /// CSV with the columns claim_control_number, line, decision (pay or deny), group, carc,
    /// rarc, reviewer, decided_on; others may stand beside them
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
    #[command(flatten)]
    history: LockOptions,
    #[command(flatten)]
    plans: PlanOptions,
}

const EXAMPLES: &str = "\
`history pends --csv` writes such a file, with the decisions still to be filled in. A row
without a decision is passed over; the same file twice adds nothing.

Example:
  claimstream history decide decided.csv --plans plans.toml --history claims.history";

impl Decide {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let plans = self.plans.plans()?;
        let (members, _) = self.plans.members.members()?;
        let (text, digest) = read_whole(&self.file)?;
        let path = &self.history.file.history;
        let name = self.file.display().to_string();
        let mut history = lock(path, !self.history.no_wait, false)?;
        if is_known(&mut history, RunKind::Decide, &name, &digest)? {
            return Ok(ExitStatus::Done);
        }
        let source = (&*name, &*digest);
        let decided = decide(&mut history, source, &*text, &plans, &members, &now());
        let decided = decided.map_err(|error| refused("decisions", &error))?;
        interrupt::hold();
        history.commit().map_err(|error| failure(&error))?;
        eprintln!(
            "{} paid ({} allowed), {} denied",
            counted(decided.paid, "line"),
            decided.allowed,
            decided.denied
        );
        for (line, fault) in &decided.unsayable {
            eprintln!(
                "warning: {name}:{line}: an 835 cannot say this denial: {fault}; a claim that is to be remitted stays held"
            );
        }
        if decided.recorded_before > 0 {
            eprintln!(
                "{} recorded before",
                counted(decided.recorded_before, "decision")
            );
        }
        if decided.undecided > 0 {
            eprintln!(
                "{} without a decision, passed over",
                counted(decided.undecided, "row")
            );
        }
        match decided.run {
            Some(run) => eprintln!("recorded as run {run} in {}", path.display()),
            None => eprintln!("nothing was added to {}", path.display()),
        }
        Ok(ExitStatus::Done)
    }
}
