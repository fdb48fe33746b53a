//! The command line: one file per command.

mod adjudicate;
mod answers;
mod checking;
mod compare;
mod completions;
mod configuration;
mod diagnostic;
mod exit;
mod explain;
mod files;
mod generate;
mod history;
mod history_file;
mod interrupt;
mod observe;
mod policies;
mod remit;
mod spooled;
mod validate;

use clap::{Parser, Subcommand};

pub use exit::{ExitStatus, Failure};

/// Adjudicates X12 837P claims against medical policies, member by member.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXIT_STATUS)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_STATUS: &str = "\
Exit status:
  0  everything was read and judged
  1  done, but something was refused or rejected
  2  arguments, policy, plans or facts are wrong; nothing was written
  3  input, output or history failed; nothing was kept";

#[derive(Debug, Subcommand)]
enum Command {
    Adjudicate(Box<adjudicate::Adjudicate>),
    Compare(Box<compare::Compare>),
    Validate(validate::Validate),
    History(history::History),
    Explain(explain::Explain),
    Generate(generate::Generate),
    Policies(policies::Policies),
    Remit(remit::Remit),
    Completions(completions::Completions),
}

/// Runs a command.
#[must_use]
pub fn run(arguments: Arguments) -> ExitStatus {
    interrupt::watch();
    let ended = match arguments.command {
        Command::Adjudicate(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Validate(command) => command.run(),
        Command::History(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Generate(command) => command.run(),
        Command::Policies(command) => command.run(),
        Command::Remit(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    ended.unwrap_or_else(|Failure { status, message }| {
        eprintln!("claimstream: {message}");
        status
    })
}
