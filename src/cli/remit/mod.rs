//! `claimstream remit`: one file per command.

mod check;
mod words;

use clap::{Args, Subcommand};

use super::exit::{ExitStatus, Failure};

/// Look at remittances (835), whoever wrote them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Remit {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  claimstream remit check remittance.835
  claimstream remit check inbox/ --errors errors.jsonl";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Check),
}

impl Remit {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Check(command) => command.run(),
        }
    }
}
