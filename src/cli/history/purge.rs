//! `claimstream history purge`.

use chrono::NaiveDate;
use clap::Args;

use super::LockOptions;
use crate::cli::configuration::PlanOptions;
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, lock};
use crate::cli::interrupt;
use crate::history::{History as _, NotYet, purge};
use crate::report::counted;

/// Remove claims from before a date, but what a limit's window or open work still needs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Purge {
    /// The first date of service that is kept, as CCYY-MM-DD
    #[arg(long, value_name = "DATE")]
    before: NaiveDate,
    #[command(flatten)]
    history: LockOptions,
    #[command(flatten)]
    plans: PlanOptions,
}

const EXAMPLES: &str = "\
The newest billing date of the history, or its newest session, stands for today. Give --members
as the runs do. Files stay known by their digests.

Example:
  claimstream history purge --before 2019-01-01 --plans plans.toml --history claims.history";

impl Purge {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let plans = self.plans.plans()?;
        let (members, _) = self.plans.members.members()?;
        let path = &self.history.file.history;
        let mut history = lock(path, !self.history.no_wait, false)?;
        let purged =
            purge(&mut history, &plans, &members, self.before).map_err(|error| match error {
                NotYet::History(error) => failure(&error),
                refused => Failure::usage(format!("{}: {refused}", path.display())),
            })?;
        interrupt::hold();
        history.commit().map_err(|error| failure(&error))?;
        eprintln!(
            "{} removed with {}; {} from before {} kept, which a limit, a reversal or open work needs",
            counted(purged.claims, "claim"),
            counted(purged.lines, "line"),
            counted(purged.kept, "claim"),
            self.before
        );
        Ok(ExitStatus::Done)
    }
}
