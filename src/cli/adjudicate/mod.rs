//! `claimstream adjudicate`.

mod given;
mod judging;
mod outputs;
mod reading;
mod recover;
mod remember;
mod remit;

use std::path::PathBuf;
use std::time::Instant;

use bytesize::ByteSize;
use clap::Args;

use self::given::Given;
use self::judging::{Judged, Judging};
use self::outputs::Outputs;
use self::reading::Reading;
use self::recover::RecoveryOptions;
use self::remember::Memory;
use self::remit::RemitOptions;
use super::answers::AnswerOptions;
use super::checking::CodeListOptions;
use super::configuration::{self, PlanOptions};
use super::exit::{ExitStatus, Failure};
use super::files;
use super::interrupt;
use super::spooled;
use crate::answer;
use crate::intake::{self, Input};
use crate::output::Format;
use crate::overflow::KeptClaims;
use crate::payment::{self, Ledger, Made, Paying};
use crate::policy::Plans;
use crate::report::{Page, Remitted, Summary, Words};
use crate::validate::Checks;

/// Judge claims and write a determination for every governed line
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Adjudicate {
    /// Files, folders (every file in them, by name), or - for standard input; gzip and zstd too
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    plans: PlanOptions,
    /// What an 837P cannot say of a session: one JSON object a line
    #[arg(long, value_name = "FILE.jsonl")]
    facts: Option<PathBuf>,
    /// Judge after all that earlier runs decided, and record this run; made on first use
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// End at once where another run is using the history, instead of waiting
    #[arg(long, requires = "history")]
    no_wait: bool,
    /// Write determinations here (.jsonl, .csv; .parquet if built for it) and not to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the reviewers' work queue here, as CSV, oldest first
    #[arg(long, value_name = "FILE")]
    pends: Option<PathBuf>,
    /// Write every error and warning about the inputs here, as JSON lines
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Write the summary here, as JSON
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write a page with totals, tables and charts here, as HTML that needs nothing else
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Write every line, not only the governed ones
    #[arg(long)]
    all_lines: bool,
    /// Keep claims in temporary files beside --out, once the run would take more memory than this
    #[arg(long, value_name = "SIZE", conflicts_with = "history")]
    memory_limit: Option<ByteSize>,
    /// How many threads read and judge; as many as there are processors, if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Check claims against the implementation guide first, at this level from 1 to 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    validate: Option<u8>,
    #[command(flatten)]
    code_lists: CodeListOptions,
    #[command(flatten)]
    answers: AnswerOptions,
    #[command(flatten)]
    remit: RemitOptions,
    #[command(flatten)]
    recovery: RecoveryOptions,
    /// Warn of wrong counts and control numbers and of missing trailers instead of refusing
    #[arg(long)]
    lenient_envelope: bool,
}

/// The level at which nothing is checked.
const NOTHING: u8 = 0;

const EXAMPLES: &str = "\
Examples:
  claimstream adjudicate overnight.837
  claimstream adjudicate inbox/ --plans plans.toml --out decided.jsonl --pends queue.csv
  claimstream adjudicate inbox/ --history claims.history --out decided.jsonl --report night.html
  claimstream adjudicate inbox/ --history claims.history --out decided.jsonl --recoveries recoveries.csv
  zcat night.837.gz | claimstream adjudicate - --policy cigna-0139 --summary night.json";

impl Adjudicate {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let started = Instant::now();
        let mut given = self.given()?;
        let remitting = self.remit.remitting(&given.plans)?;
        let checks = self.checks()?;
        let mut out = self.outputs()?;
        let pool = self.pool()?;
        // What is read once only cannot be told from what was adjudicated before.
        let _spooled = match &self.history {
            Some(path) => spooled::spool(&mut given.inputs.list, files::folder_of(path))?,
            None => Vec::new(),
        };
        let mut memory = match &self.history {
            Some(path) => Some(Memory::begin(path, !self.no_wait)?),
            None => None,
        };
        let reading = Reading {
            given: &given,
            checks: checks.as_ref(),
            remitting,
        };
        let read = pool.install(|| self.read(reading, memory.as_mut(), &mut out))?;
        let mut paying = (read.notes).map(|notes| {
            let folder = self.remit.folder();
            Paying::new(&given.plans, given.fees.as_ref(), notes, folder)
        });
        let configuration = given.configuration(self.all_lines);
        let judging = Judging {
            given: &given,
            intake: &read.intake,
            configuration: &configuration,
            remit: &self.remit,
            all_lines: self.all_lines,
        };
        let judged = pool.install(|| match read.kept {
            Some(kept) => judging.judge_kept(kept, &mut out, paying.as_mut()),
            None => judging.judge(memory.as_mut(), &mut out, paying.as_mut()),
        })?;
        let remitted = match paying {
            Some(paying) => self.pay(paying, &given.plans, &judged, memory.as_mut(), &mut out)?,
            None => None,
        };
        let recoveries = match (&mut memory, &mut out.recoveries) {
            (Some(memory), Some(file)) => {
                let run = judged.history.as_ref().and_then(|history| history.run);
                let write = || recover::write(memory, run, &given.plans, &given.members, file);
                Some(pool.install(write)?)
            }
            _ => None,
        };
        let mut summary = judging.summarize(&judged, started);
        summary.add_remitted(remitted, memory.is_some());
        summary.recoveries = recoveries;
        if let Some(memory) = &mut memory {
            summary.warnings.extend(memory.take_warnings());
        }
        out.write_summary(&summary)?;
        out.write_report(&Page {
            summary: &summary,
            decided: &judged.decided,
            problems: &read.problems,
        })?;
        self.keep(memory, out)?;
        self.tell(&summary);
        Ok(if summary.has_refused() {
            ExitStatus::DoneWithErrors
        } else {
            ExitStatus::Done
        })
    }

    /// Reads all that the run is given beside its inputs, and lists these.
    fn given(&self) -> Result<Given, Failure> {
        let format = self.out.as_deref().map(Format::of).transpose();
        let format = format.map_err(Failure::usage)?;
        let plans = self.plans.plans()?;
        let (members, members_digest) = self.plans.members.members()?;
        let (facts, facts_stats) = configuration::facts(self.facts.as_deref(), &plans, &members)?;
        let inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        self.check_paths(&inputs.list)?;
        let fees = self.remit.read_fees()?;
        Ok(Given {
            format,
            plans,
            members,
            members_digest,
            facts,
            facts_stats,
            inputs,
            fees,
        })
    }

    /// Starts the files that the run writes.
    fn outputs(&self) -> Result<Outputs, Failure> {
        let mut out = Outputs::create([
            &self.out,
            &self.pends,
            &self.errors,
            &self.summary,
            &self.report,
        ])?;
        out.recoveries = self.recovery.create()?;
        Ok(out)
    }

    /// The threads that read and judge.
    fn pool(&self) -> Result<rayon::ThreadPool, Failure> {
        let threads = self.threads.map_or(0, std::num::NonZeroUsize::get);
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        builder.build().map_err(Failure::failed)
    }

    /// What is checked; where answers are written, what they are written from is kept.
    fn checks(&self) -> Result<Option<Checks>, Failure> {
        if self.validate.is_none() && self.code_lists.is_given() {
            let problem = "--no-code-list is for claims that are checked; give --validate too";
            return Err(Failure::usage(problem));
        }
        if self.validate.is_none() && !self.hears_units() {
            return Ok(None);
        }
        let checks = self.code_lists.checks(self.validate.unwrap_or(NOTHING))?;
        let mut read = Vec::new();
        if self.answers.is_given() {
            read.extend_from_slice(answer::READ);
        }
        if self.remit.remit.is_some() {
            read.extend_from_slice(payment::READ);
        }
        Ok(Some(match read.is_empty() {
            true => checks,
            false => checks.keeping_segments(&read),
        }))
    }

    /// Whether anybody hears of levels and claims as they stand in the inputs.
    fn hears_units(&self) -> bool {
        self.answers.is_given() || self.remit.remit.is_some()
    }

    /// Writes the 835, and keeps what is paid.
    fn pay(
        &self,
        paying: Paying<'_>,
        plans: &Plans,
        judged: &Judged,
        memory: Option<&mut Memory>,
        out: &mut Outputs,
    ) -> Result<Option<Remitted>, Failure> {
        let Some(file) = &mut out.remit else {
            return Ok(None);
        };
        let is_written_again = memory
            .as_ref()
            .is_some_and(|memory| memory.is_written_again());
        let run = judged.history.as_ref().and_then(|history| history.run);
        let made = match memory {
            Some(memory) if is_written_again => memory.remit_again(file)?,
            _ if paying.is_empty() => Made {
                claims: paying.claims,
                ..Made::default()
            },
            memory => {
                let terms = self.remit.terms(plans, paying.latest())?;
                let history = memory.map(Memory::history);
                let ledger = history
                    .zip(run)
                    .map(|(history, run)| Ledger { history, run });
                paying.write(&terms, ledger, file)?
            }
        };
        Ok(Some(Remitted::new(&made, is_written_again)))
    }

    /// Where claims go that memory does not hold: beside the determinations, where there is room
    /// for those.
    fn kept_claims(&self, limit: ByteSize) -> KeptClaims {
        let folder = match &self.out {
            Some(out) => files::folder_of(out).to_owned(),
            None => std::env::temp_dir(),
        };
        KeptClaims::new(&folder, limit.as_u64())
    }

    /// Brings the outputs to the disk, commits the history, and gives the outputs their
    /// names, in this order: a run that dies in between is finished by the same command.
    fn keep(&self, memory: Option<Memory>, mut out: Outputs) -> Result<(), Failure> {
        out.sync()?;
        interrupt::hold();
        let Some(mut memory) = memory else {
            return out.rename();
        };
        memory.commit()?;
        out.rename().map_err(|failure| memory.kept(failure))
    }

    /// Refuses two outputs of one name, and an output that is an input.
    fn check_paths(&self, inputs: &[Input]) -> Result<(), Failure> {
        let outputs = [
            &self.out,
            &self.pends,
            &self.errors,
            &self.summary,
            &self.report,
            &self.history,
            &self.remit.remit,
            &self.recovery.recoveries,
        ];
        let outputs: Vec<&PathBuf> = outputs.into_iter().flatten().collect();
        let configuration = [
            &self.plans.plans,
            &self.facts,
            &self.plans.members.members,
            &self.remit.fees,
        ];
        let configuration: Vec<&PathBuf> = configuration.into_iter().flatten().collect();
        files::check_paths(&outputs, &self.inputs, inputs, &configuration)?;
        self.answers.check_outputs(&outputs)
    }

    fn tell(&self, summary: &Summary) {
        let outputs = [
            ("determinations", &self.out),
            ("work queue", &self.pends),
            ("errors", &self.errors),
            ("summary", &self.summary),
            ("report", &self.report),
            ("remittances", &self.remit.remit),
            ("recoveries", &self.recovery.recoveries),
        ];
        let written: Vec<(&'static str, String)> = outputs
            .into_iter()
            .filter_map(|(what, path)| Some((what, path.as_ref()?.display().to_string())))
            .collect();
        eprint!(
            "{}",
            Words {
                summary,
                written: &written
            }
        );
    }
}
