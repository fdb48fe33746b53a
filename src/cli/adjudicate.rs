//! `claimstream adjudicate`.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::exit::{ExitStatus, Failure};
use super::files::{self, PendingFile};
use super::observe::Teller;
use crate::adjudicate::adjudicate;
use crate::intake::{self, Input, Intake, ReadOptions};
use crate::output::{self, Format, Run};
use crate::policy::{self, FactsError, FactsStats, FactsTable, Plans};
use crate::report::{Summary, Words};

/// How wide a table is where the terminal does not say.
const USUAL_WIDTH: usize = 100;

/// Judge claims and write a determination for every governed line
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Adjudicate {
    /// Files, folders (every file in them, by name), or - for standard input; gzip and zstd too
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Which claims take which policy, and what plan documents change
    #[arg(long, value_name = "FILE.toml", conflicts_with = "policy")]
    plans: Option<PathBuf>,
    /// Judge every claim by one policy: the id of an embedded one, or a file
    #[arg(long, value_name = "ID|FILE.toml")]
    policy: Option<String>,
    /// What an 837P cannot say of a session: one JSON object a line
    #[arg(long, value_name = "FILE.jsonl")]
    facts: Option<PathBuf>,
    /// Write determinations here (.jsonl or .csv) and not to standard output
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
    /// Write every line, not only the governed ones
    #[arg(long)]
    all_lines: bool,
    /// How many threads read and judge; as many as there are processors, if not given
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Warn of wrong counts and control numbers and of missing trailers instead of refusing
    #[arg(long)]
    lenient_envelope: bool,
}

const EXAMPLES: &str = "\
Examples:
  claimstream adjudicate overnight.837
  claimstream adjudicate inbox/ --plans plans.toml --out decided.jsonl --pends queue.csv
  zcat night.837.gz | claimstream adjudicate - --policy cigna-0139 --summary night.json";

impl Adjudicate {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let started = Instant::now();
        let format = self
            .out
            .as_deref()
            .map(Format::of)
            .transpose()
            .map_err(Failure::usage)?;
        let plans = self.plans()?;
        let (facts, facts_stats) = self.facts(&plans)?;
        let inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        self.check_paths(&inputs.list)?;
        let mut out = Out::create(&self)?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, std::num::NonZeroUsize::get))
            .build()
            .map_err(Failure::failed)?;
        let mut teller = Teller::new(out.errors.take(), total_bytes(&inputs.list));
        let options = ReadOptions {
            plans: &plans,
            all_lines: self.all_lines,
            lenient_envelope: self.lenient_envelope,
        };
        let read = pool.install(|| intake::read(&inputs.list, options, &mut teller));
        out.errors = teller.finish()?;
        let Intake { batch, counts } = read.map_err(Failure::failed)?;
        let adjudication = pool.install(|| adjudicate(&batch, &plans, &facts, &|_, _| None));
        let run = Run {
            batch: &batch,
            plans: &plans,
            adjudication: &adjudication,
        };
        pool.install(|| out.write(&self, run, format))?;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut summary = Summary::new(run, &counts, facts_stats, milliseconds);
        let passed_over = inputs.passed_over.iter();
        summary.warnings.extend(passed_over.map(|name| {
            format!(
                "{name}: no regular file, and passed over; name a folder to read the files in it"
            )
        }));
        out.write_summary(&summary)?;
        out.finish()?;
        self.tell(&summary);
        Ok(if summary.has_refused() {
            ExitStatus::DoneWithErrors
        } else {
            ExitStatus::Done
        })
    }

    fn plans(&self) -> Result<Plans, Failure> {
        match (&self.plans, &self.policy) {
            (Some(path), _) => Plans::from_file(path).map_err(Failure::usage),
            (None, Some(name)) => {
                let policy = policy::find_policy(name, Path::new("")).map_err(Failure::usage)?;
                Ok(Plans::single(policy))
            }
            (None, None) => Plans::embedded().map_err(Failure::usage),
        }
    }

    fn facts(&self, plans: &Plans) -> Result<(FactsTable, Option<FactsStats>), Failure> {
        let Some(path) = &self.facts else {
            return Ok((FactsTable::default(), None));
        };
        let name = path.display();
        let file = File::open(path)
            .map_err(|error| Failure::usage(format!("{name}: cannot be read: {error}")))?;
        let read = FactsTable::read(&name.to_string(), BufReader::new(file), plans);
        let (table, stats) = read.map_err(|error| match error {
            FactsError::Unreadable(error) => {
                Failure::usage(format!("{name}: cannot be read: {error}"))
            }
            FactsError::Wrong(errors) => {
                Failure::usage(format!("the clinical facts are refused:\n{errors}"))
            }
        })?;
        Ok((table, Some(stats)))
    }

    /// Refuses two outputs of one name, and an output that is an input.
    fn check_paths(&self, inputs: &[Input]) -> Result<(), Failure> {
        let outputs = [&self.out, &self.pends, &self.errors, &self.summary];
        let outputs: Vec<&PathBuf> = outputs.into_iter().flatten().collect();
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        for (index, output) in outputs.iter().enumerate() {
            if outputs[..index]
                .iter()
                .any(|other| real(other) == real(output))
            {
                return Err(Failure::usage(format!(
                    "{}: two outputs have this name",
                    output.display()
                )));
            }
            let mut configuration = [&self.plans, &self.facts].into_iter().flatten();
            let read = inputs.iter().filter_map(|input| input.path.as_ref());
            if read.into_iter().any(|input| real(input) == real(output))
                || configuration.any(|input| real(input) == real(output))
            {
                return Err(Failure::usage(format!(
                    "{}: this is an input; name another output",
                    output.display()
                )));
            }
        }
        Ok(())
    }

    fn tell(&self, summary: &Summary) {
        let outputs = [
            ("determinations", &self.out),
            ("work queue", &self.pends),
            ("errors", &self.errors),
            ("summary", &self.summary),
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

/// The files that a run writes.
struct Out {
    determinations: Option<PendingFile>,
    pends: Option<PendingFile>,
    errors: Option<PendingFile>,
    summary: Option<PendingFile>,
}

impl Out {
    fn create(command: &Adjudicate) -> Result<Self, Failure> {
        let create = |path: &Option<PathBuf>| path.as_deref().map(PendingFile::create).transpose();
        Ok(Self {
            determinations: create(&command.out)?,
            pends: create(&command.pends)?,
            errors: create(&command.errors)?,
            summary: create(&command.summary)?,
        })
    }

    fn write(
        &mut self,
        command: &Adjudicate,
        run: Run<'_>,
        format: Option<Format>,
    ) -> Result<(), Failure> {
        match (&mut self.determinations, format) {
            (Some(file), Some(format)) => {
                file.write(|out| {
                    output::write_determinations(run, format, command.all_lines, out)
                })?;
            }
            _ => write_standard_output(run, command.all_lines)?,
        }
        if let Some(file) = &mut self.pends {
            file.write(|out| output::write_pends(run, out))?;
        }
        Ok(())
    }

    fn write_summary(&mut self, summary: &Summary) -> Result<(), Failure> {
        let Some(file) = &mut self.summary else {
            return Ok(());
        };
        file.write(|out| {
            serde_json::to_writer_pretty(&mut *out, summary)?;
            out.write_all(b"\n")
        })
    }

    fn finish(self) -> Result<(), Failure> {
        let files = [self.determinations, self.pends, self.errors, self.summary];
        files::finish(files.into_iter().flatten().collect())
    }
}

/// A table where standard output is a terminal, else JSON lines.
fn write_standard_output(run: Run<'_>, all_lines: bool) -> Result<(), Failure> {
    let terminal = console::Term::stdout();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = if io::stdout().is_terminal() {
        let width = terminal
            .size_checked()
            .map_or(USUAL_WIDTH, |(_, columns)| columns.into());
        let is_coloured = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        output::write_table(run, all_lines, width, is_coloured, &mut out)
            .and_then(|()| writeln!(out))
    } else {
        output::write_determinations(run, Format::JsonLines, all_lines, &mut out)
    };
    match written.and_then(|()| out.flush()) {
        // Whoever read has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::failed(format!(
            "standard output cannot be written: {error}"
        ))),
        Ok(()) => Ok(()),
    }
}

fn total_bytes(inputs: &[Input]) -> Option<u64> {
    inputs.iter().map(|input| input.size_bytes).sum()
}
