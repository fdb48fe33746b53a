//! `claimstream validate`.

use std::path::PathBuf;

use clap::Args;

use super::checking::CodeListOptions;
use super::exit::{ExitStatus, Failure};
use super::files::PendingFile;
use super::interrupt;
use super::observe::Teller;
use crate::intake::{self, Counts, ReadOptions};
use crate::policy::{Members, Plans};
use crate::report::counted;

/// Check claim files against the implementation guide, segment by segment
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Validate {
    /// Files, folders (every file in them, by name), or - for standard input; gzip and zstd too
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// 1 types and lengths, 2 the guide, 3 balances, 4 situations, 5 values; each with those below
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=5))]
    level: u8,
    #[command(flatten)]
    code_lists: CodeListOptions,
    /// Write every error and warning here, as JSON lines
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Warn of wrong counts and control numbers and of missing trailers instead of refusing
    #[arg(long)]
    lenient_envelope: bool,
    /// End with status 1 for warnings too
    #[arg(long)]
    strict: bool,
    /// How many threads read; as many as there are processors, if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  claimstream validate overnight.837
  claimstream validate inbox/ --level 2 --errors errors.jsonl
  claimstream validate night.837.gz --no-code-list place-of-service

Exit status:
  0  everything is valid
  1  something was refused or rejected, or has an error
  2  arguments are wrong; nothing was written
  3  input or output failed; nothing was kept";

impl Validate {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let checks = self.code_lists.checks(self.level)?;
        let inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        let errors = self
            .errors
            .as_deref()
            .map(PendingFile::create)
            .transpose()?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, std::num::NonZeroUsize::get))
            .build()
            .map_err(Failure::failed)?;
        let total_bytes = inputs.list.iter().map(|input| input.size_bytes).sum();
        let mut teller = Teller::new(errors, total_bytes);
        let options = ReadOptions {
            plans: &Plans::default(),
            members: &Members::default(),
            all_lines: false,
            lenient_envelope: self.lenient_envelope,
            checks: Some(&checks),
        };
        let read = pool.install(|| intake::read(&inputs.list, options, &mut teller));
        let told = teller.counts();
        let mut errors = teller.finish()?;
        let intake = read.map_err(Failure::failed)?;
        if let Some(errors) = &mut errors {
            errors.sync()?;
        }
        interrupt::hold();
        if let Some(errors) = errors {
            errors.rename()?;
        }
        eprint!("{}", summary(&intake.counts, told, self.level));
        let is_refused = told.errors > 0 || (self.strict && told.warnings > 0);
        Ok(if is_refused {
            ExitStatus::DoneWithErrors
        } else {
            ExitStatus::Done
        })
    }
}

/// How many errors and warnings were told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    pub(super) errors: u64,
    pub(super) warnings: u64,
}

fn summary(counts: &Counts, told: Told, level: u8) -> String {
    let claims = counts.claims;
    let valid = claims.read - claims.refused - claims.rejected;
    let sets = counts.transaction_sets;
    format!(
        "claimstream: {} in {}, checked at level {level}: {} valid, {} rejected, {} refused with {}; {}, {}\n",
        counted(claims.read, "claim"),
        counted(sets.read, "transaction set"),
        counted(valid, "claim"),
        counted(claims.rejected, "claim"),
        counted(claims.refused, "claim"),
        counted(sets.refused, "transaction set"),
        counted(told.errors, "error"),
        counted(told.warnings, "warning"),
    )
}
