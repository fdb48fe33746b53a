//! `claimstream history`: one file per command.

mod check;
mod decide;
mod export;
mod forget;
mod import;
mod pends;
mod purge;
mod runs;
mod show;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::exit::{ExitStatus, Failure};
use super::history_file::failure;
use crate::history::{History as _, HistoryError, Problem, RunKind, SqliteHistory};

/// Look at a history, and take in what was decided elsewhere
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct History {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  claimstream history runs --history claims.history
  claimstream history show W12345678 --history claims.history
  claimstream history pends --history claims.history --csv queue.csv
  claimstream history decide decided.csv --history claims.history";

#[derive(Debug, Subcommand)]
enum Command {
    Import(import::Import),
    Decide(decide::Decide),
    Show(show::Show),
    Runs(runs::Runs),
    Pends(pends::Pends),
    Check(check::Check),
    Export(export::Export),
    Forget(forget::Forget),
    Purge(purge::Purge),
}

/// The history that a command is about.
#[derive(Debug, Args)]
pub(super) struct HistoryOption {
    /// The history
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
}

/// The history that a command changes.
#[derive(Debug, Args)]
pub(super) struct LockOptions {
    #[command(flatten)]
    file: HistoryOption,
    /// End at once where another run is using the history, instead of waiting
    #[arg(long)]
    no_wait: bool,
}

impl History {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        match self.command {
            Command::Import(command) => command.run(),
            Command::Decide(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Runs(command) => command.run(),
            Command::Pends(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Forget(command) => command.run(),
            Command::Purge(command) => command.run(),
        }
    }
}

/// Whether a file was taken before; then says so.
fn is_known(
    history: &mut SqliteHistory,
    kind: RunKind,
    name: &str,
    digest: &str,
) -> Result<bool, Failure> {
    let known = history.find_input(kind, digest);
    let known = known.map_err(|error| failure(&error))?;
    if let Some(known) = &known {
        eprintln!(
            "{name}: taken before, by run {} of {}; nothing was added",
            known.run, known.recorded_at
        );
    }
    Ok(known.is_some())
}

/// Writes to standard output; whoever reads may have read enough.
fn print(write: impl FnOnce(&mut dyn Write) -> Result<(), HistoryError>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = write(&mut out).and_then(|()| {
        out.flush().map_err(|error| HistoryError {
            file: "standard output".into(),
            problem: Problem::Output(error),
        })
    });
    match written {
        Err(HistoryError {
            problem: Problem::Output(error),
            ..
        }) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(HistoryError {
            problem: Problem::Output(error),
            ..
        }) => Err(Failure::failed(format!(
            "standard output cannot be written: {error}"
        ))),
        Err(error) => Err(failure(&error)),
        Ok(()) => Ok(()),
    }
}

/// What writing to standard output fails with.
fn output(error: io::Error) -> HistoryError {
    HistoryError {
        file: "standard output".into(),
        problem: Problem::Output(error),
    }
}
