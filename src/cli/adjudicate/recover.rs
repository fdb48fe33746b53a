//! Proposals about decisions of earlier runs (`--recoveries`).

use std::path::{Path, PathBuf};

use clap::Args;

use super::remember::Memory;
use crate::cli::exit::Failure;
use crate::cli::files::PendingFile;
use crate::cli::history_file::failure;
use crate::output::TextFormat;
use crate::policy::{Members, Plans};
use crate::recoveries::{Proposal, SecondLook, Totals};
use crate::report::Recovered;

/// Whether proposals are written, and where.
#[derive(Debug, Args)]
pub(super) struct RecoveryOptions {
    /// Propose here (.jsonl or .csv) what this run changes for decisions of earlier runs; changes none of them
    #[arg(long, value_name = "FILE", requires = "history")]
    pub(super) recoveries: Option<PathBuf>,
}

impl RecoveryOptions {
    /// Starts the file, where one is asked for.
    pub(super) fn create(&self) -> Result<Option<PendingFile>, Failure> {
        let Some(path) = &self.recoveries else {
            return Ok(None);
        };
        TextFormat::of(path).map_err(Failure::usage)?;
        PendingFile::create(path).map(Some)
    }
}

/// Writes what the run changes for earlier ones; where nothing was recorded as files are written
/// again, what their runs changed.
pub(super) fn write(
    memory: &mut Memory,
    recorded: Option<i64>,
    plans: &Plans,
    members: &Members,
    file: &mut PendingFile,
) -> Result<Recovered, Failure> {
    let format = TextFormat::of(file.path()).map_err(Failure::usage)?;
    let runs = match recorded {
        Some(run) => vec![run],
        None => memory.runs_written_again(),
    };
    file.write(|out| Proposal::write_head(format, out))?;
    let mut totals = Totals::default();
    for run in &runs {
        let history = memory.history();
        let look = SecondLook::at(history, *run, plans, members);
        let mut look = look.map_err(|error| failure(&error))?;
        while let Some(part) = look
            .next_part(memory.history())
            .map_err(|error| failure(&error))?
        {
            part.iter().for_each(|proposal| totals.add(proposal));
            file.write(|out| {
                part.iter()
                    .try_for_each(|proposal| proposal.write(format, out))
            })?;
        }
    }
    Ok(Recovered::new(name(file.path()), runs, &totals))
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
