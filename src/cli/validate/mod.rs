//! `claimstream validate`.

mod apart;
mod claim_file;
mod patched;
mod spool;

use std::path::PathBuf;

use clap::Args;

use self::apart::Apart;
use super::answers::{self, AnswerOptions};
use super::checking::CodeListOptions;
use super::exit::{ExitStatus, Failure};
use super::files::{self, PendingFile};
use super::interrupt;
use super::observe::Teller;
use crate::answer::{self, Answering};
use crate::intake::{
    self, AllUnits, Beside, Counts, Input, InputError, Intake, ReadOptions, Units,
};
use crate::policy::{Members, Plans};
use crate::report::counted;
use crate::validate::Checks;

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
    /// Write the valid claims here, as an 837P file
    #[arg(long, value_name = "FILE.837")]
    out_valid: Option<PathBuf>,
    /// Write the claims that are not valid here, as an 837P file
    #[arg(long, value_name = "FILE.837")]
    out_rejected: Option<PathBuf>,
    /// Warn of wrong counts and control numbers and of missing trailers instead of refusing
    #[arg(long)]
    lenient_envelope: bool,
    #[command(flatten)]
    answers: AnswerOptions,
    /// How many threads read; as many as there are processors, if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

const EXAMPLES: &str = "\
Examples:
  claimstream validate overnight.837
  claimstream validate inbox/ --level 2 --errors errors.jsonl
  claimstream validate night.837 --out-valid good.837 --out-rejected back.837
  claimstream validate night.837.gz --no-code-list place-of-service

Exit status:
  0  everything is valid
  1  something was refused or rejected, or has an error
  2  arguments are wrong; nothing was written
  3  input or output failed; nothing was kept";

impl Validate {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut checks = self.code_lists.checks(self.level)?;
        let inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        let outputs = [&self.errors, &self.out_valid, &self.out_rejected];
        let outputs: Vec<&PathBuf> = outputs.into_iter().flatten().collect();
        files::check_paths(&outputs, &self.inputs, &inputs.list, &[])?;
        self.answers.check_outputs(&outputs)?;
        let errors = self
            .errors
            .as_deref()
            .map(PendingFile::create)
            .transpose()?;
        let mut apart = Apart::create(self.out_valid.as_deref(), self.out_rejected.as_deref())?;
        let mut answering = self.answers.answering(&self.inputs)?;
        if apart.is_some() {
            checks = checks.keeping_bytes();
        } else if answering.is_some() {
            checks = checks.keeping_segments(answer::READ);
        }
        let total_bytes = inputs.list.iter().map(|input| input.size_bytes).sum();
        let mut teller = Teller::new(errors, total_bytes);
        let apart_units = apart.as_mut().map(|apart| apart as &mut dyn Units);
        let answer_units = answering
            .as_mut()
            .map(|answering| answering as &mut dyn Units);
        let units = AllUnits(apart_units.into_iter().chain(answer_units).collect());
        let read = self.read(&inputs.list, &checks, units, &mut teller)?;
        let told = teller.counts();
        let errors = teller.finish()?;
        let intake = read.map_err(Failure::failed)?;
        let written = apart.map(Apart::finish).transpose()?;
        let answers = answering.map(Answering::finish).transpose()?;
        let read_claims = intake.counts.claims.read;
        let homeless = written.as_ref().map_or(0, |written| match written.claims {
            // Claims outside any interchange were not even offered.
            Some(claims) => read_claims.saturating_sub(claims),
            None => written.homeless,
        });
        let claims = written.map_or([None, None], |written| [written.valid, written.rejected]);
        keep([errors].into_iter().chain(claims).flatten().collect())?;
        answers::publish(answers)?;
        eprint!("{}", summary(&intake.counts, told, self.level));
        if homeless > 0 {
            eprintln!(
                "claimstream: {} not written: an 837P has no place for claims without their levels",
                counted(homeless, "claim")
            );
        }
        Ok(if told.errors > 0 {
            ExitStatus::DoneWithErrors
        } else {
            ExitStatus::Done
        })
    }

    /// Reads everything; how that ended is told when the teller has told the rest.
    fn read(
        &self,
        inputs: &[Input],
        checks: &Checks,
        mut units: AllUnits<'_>,
        teller: &mut Teller,
    ) -> Result<Result<Intake, InputError>, Failure> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, std::num::NonZeroUsize::get))
            .build()
            .map_err(Failure::failed)?;
        let options = ReadOptions {
            plans: &Plans::default(),
            members: &Members::default(),
            all_lines: false,
            lenient_envelope: self.lenient_envelope,
            strict: self.answers.strict,
            checks: Some(checks),
        };
        let beside = Beside {
            units: (!units.0.is_empty()).then_some(&mut units),
            ..Beside::default()
        };
        Ok(pool.install(|| intake::read_with(inputs, options, beside, teller)))
    }
}

/// Brings what was written to the disk and gives it its names.
fn keep(mut files: Vec<PendingFile>) -> Result<(), Failure> {
    files.iter_mut().try_for_each(PendingFile::sync)?;
    interrupt::hold();
    files.into_iter().try_for_each(PendingFile::rename)
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
