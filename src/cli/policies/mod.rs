//! `claimstream policies`: one file per command.

mod check;
mod list;
mod show;
mod test;

use std::io::{self, Write};
use std::path::Path;

use clap::{Args, Subcommand};

use super::exit::{ExitStatus, Failure};
use crate::cases::Under;
use crate::policy::{Plans, PolicyError, embedded_ids, find_policy};

/// List, show, check and test policies
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Policies {
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  claimstream policies                                    the policies that come with the engine
  claimstream policies show cigna-0139                    what one of them says
  claimstream policies check mine.toml                    what is wrong with a policy or plans file
  claimstream policies test mine.toml mine.cases          whether it decides as you expect

docs/policies.md is a guide to writing one.";

#[derive(Debug, Subcommand)]
enum Command {
    Show(show::Show),
    Check(check::Check),
    Test(test::Test),
}

impl Policies {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            None => list::run(),
            Some(Command::Show(command)) => command.run(),
            Some(Command::Check(command)) => command.run(),
            Some(Command::Test(command)) => command.run(),
        }
    }
}

/// A policy by id or file, or the plans of a file.
fn find(name: &str) -> Result<Under, Failure> {
    let is_file = name.ends_with(".toml") && !embedded_ids().any(|id| id == name);
    let path = Path::new(name);
    let found = if is_file && is_plans_file(path) {
        Plans::from_file(path).map(Under::Plans)
    } else {
        find_policy(name, Path::new("")).map(Under::Policy)
    };
    found.map_err(|problem| match problem {
        PolicyError::NotFound(problem) => Failure::usage(problem),
        PolicyError::Wrong(errors) => {
            let count = match errors.0.len() {
                1 => "one fault".to_owned(),
                count => format!("{count} faults"),
            };
            Failure::usage(format!("{name} is refused, with {count}:\n{errors}"))
        }
    })
}

/// Whether a file begins a plan somewhere; a policy file has no such table.
fn is_plans_file(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|line| line.starts_with("[[plan]]") || line.starts_with("[[plan."))
}

/// Writes to standard output; whoever reads may have read enough.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::failed(format!(
            "standard output cannot be written: {error}"
        ))),
        Ok(()) => Ok(()),
    }
}
