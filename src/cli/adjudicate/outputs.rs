//! What a run writes: determinations, the work queue, errors, the summary.

use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::path::PathBuf;

use crate::ack::Answers;
use crate::cli::answers;
use crate::cli::exit::Failure;
use crate::cli::files::PendingFile;
use crate::history::{History, HistoryError, Problem};
use crate::output::{self, Determination, Encoder, Format, Pends, PlanMonitor, Run};
use crate::overflow::{JudgedClaims, OverflowError};
use crate::payment::Paying;
use crate::policy::{Decision, Plans};
use crate::report::{Decided, Page, Summary};

/// How wide a table is where the terminal does not say.
const USUAL_WIDTH: usize = 100;

/// How many bytes of the work queue are gathered in memory, where memory is limited.
const PENDED_BYTES: usize = 16 << 20;

/// A part of what is written, in the order of the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Claims of this run.
    New(Range<usize>),
    /// An input that an earlier run adjudicated, as it was written then.
    Again {
        /// Its number in the history.
        input: i64,
        /// Its name as given now.
        name: String,
    },
}

/// What determinations are written from.
pub(super) struct Sources<'a> {
    pub(super) run: Run<'a>,
    pub(super) parts: &'a [Part],
    pub(super) history: Option<&'a mut dyn History>,
    /// What is monitored, and told, in what is written.
    pub(super) monitors: &'a [PlanMonitor],
    pub(super) all_lines: bool,
}

impl Sources<'_> {
    fn has_monitors(&self) -> bool {
        !self.monitors.is_empty()
    }
}

/// The files that a run writes.
pub(super) struct Outputs {
    pub(super) determinations: Option<PendingFile>,
    pub(super) pends: Option<PendingFile>,
    pub(super) errors: Option<PendingFile>,
    pub(super) summary: Option<PendingFile>,
    pub(super) report: Option<PendingFile>,
    /// The 835, once everything is read.
    pub(super) remit: Option<PendingFile>,
    /// Proposals about decisions of earlier runs.
    pub(super) recoveries: Option<PendingFile>,
    /// What the senders get, once everything is read.
    pub(super) answers: Option<Answers>,
}

impl Outputs {
    pub(super) fn create(paths: [&Option<PathBuf>; 5]) -> Result<Self, Failure> {
        let create = |path: &Option<PathBuf>| path.as_deref().map(PendingFile::create).transpose();
        let [determinations, pends, errors, summary, report] = paths;
        Ok(Self {
            determinations: create(determinations)?,
            pends: create(pends)?,
            errors: create(errors)?,
            summary: create(summary)?,
            report: create(report)?,
            remit: None,
            recoveries: None,
            answers: None,
        })
    }

    /// Writes determinations and the work queue; counts what was decided.
    pub(super) fn write(
        &mut self,
        mut sources: Sources<'_>,
        format: Option<Format>,
    ) -> Result<Decided, Failure> {
        match (&mut self.determinations, format) {
            (Some(file), Some(format)) => {
                file.write(|out| write_whole(&mut sources, format, out))?;
            }
            _ => write_standard_output(&mut sources, io::stdout().is_terminal())?,
        }
        let mut pends = self.pends.as_ref().map(|_| Pends::default());
        let mut decided = self.decided(sources.monitors);
        count(&mut sources, &mut decided, pends.as_mut())?;
        if let Some((file, pends)) = self.pends.as_mut().zip(pends) {
            file.write(|out| pends.write(out))?;
        }
        Ok(decided)
    }

    /// Writes claims that memory does not hold; counts what was decided.
    pub(super) fn write_judged(
        &mut self,
        claims: &mut JudgedClaims,
        plans: &Plans,
        all_lines: bool,
        format: Option<Format>,
        mut paying: Option<&mut Paying<'_>>,
    ) -> Result<Decided, Failure> {
        let folder = claims.folder().to_owned();
        let failed = |error: io::Error| Failure::from(OverflowError::new(&folder, error));
        let pends = self.pends.as_ref();
        let pends = pends.map(|_| Pends::within(PENDED_BYTES, &folder));
        let mut pends = pends.transpose().map_err(failed)?;
        let monitors = PlanMonitor::all(plans);
        let has_monitors = !monitors.is_empty();
        let mut decided = self.decided(&monitors);
        let mut encoder = match (&mut self.determinations, format) {
            (Some(file), Some(format)) => {
                Some(file.write(|out| Encoder::start(format, has_monitors, out))?)
            }
            _ => None,
        };
        claims.visit(|batch, adjudication| -> Result<(), Failure> {
            let mut sources = Sources {
                run: Run {
                    batch,
                    plans,
                    adjudication,
                    reversals: &[],
                },
                parts: &[Part::New(0..batch.claims.len())],
                history: None,
                monitors: &monitors,
                all_lines,
            };
            match (&mut self.determinations, &mut encoder) {
                (Some(file), Some(encoder)) => {
                    file.write(|out| write_parts(&mut sources, encoder, out))?;
                }
                // Too many for the columns of one table.
                _ => write_standard_output(&mut sources, false)?,
            }
            if let Some(paying) = paying.as_deref_mut() {
                paying.take(sources.run)?;
            }
            count(&mut sources, &mut decided, pends.as_mut())
        })?;
        if let Some((file, encoder)) = self.determinations.as_mut().zip(encoder) {
            file.write(|out| encoder.finish(out))?;
        }
        if let Some((file, mut pends)) = self.pends.as_mut().zip(pends) {
            pends.settle().map_err(failed)?;
            file.write(|out| pends.write(out))?;
        }
        Ok(decided)
    }

    /// Counts of what will be decided.
    fn decided(&self, monitors: &[PlanMonitor]) -> Decided {
        let decided = match self.report {
            Some(_) => Decided::for_a_page(),
            None => Decided::default(),
        };
        decided.monitoring(monitors)
    }

    pub(super) fn write_report(&mut self, page: &Page<'_>) -> Result<(), Failure> {
        match &mut self.report {
            Some(file) => file.write(|out| page.write(out)),
            None => Ok(()),
        }
    }

    pub(super) fn write_summary(&mut self, summary: &Summary) -> Result<(), Failure> {
        let Some(file) = &mut self.summary else {
            return Ok(());
        };
        file.write(|out| {
            serde_json::to_writer_pretty(&mut *out, summary)?;
            out.write_all(b"\n")
        })
    }

    /// [`Outputs::write`], and brings what was written to the disk at once: the largest files of a
    /// run, while something else is still to be done.
    pub(super) fn write_through(
        &mut self,
        sources: Sources<'_>,
        format: Option<Format>,
    ) -> Result<Decided, Failure> {
        let decided = self.write(sources, format)?;
        let files = [&mut self.determinations, &mut self.pends];
        files
            .into_iter()
            .flatten()
            .try_for_each(PendingFile::sync)?;
        Ok(decided)
    }

    /// Brings everything to the disk.
    pub(super) fn sync(&mut self) -> Result<(), Failure> {
        let files = [
            &mut self.determinations,
            &mut self.pends,
            &mut self.errors,
            &mut self.summary,
            &mut self.report,
            &mut self.remit,
            &mut self.recoveries,
        ];
        files.into_iter().flatten().try_for_each(PendingFile::sync)
    }

    /// Gives everything its name.
    pub(super) fn rename(self) -> Result<(), Failure> {
        let files = [
            self.determinations,
            self.pends,
            self.errors,
            self.summary,
            self.report,
            self.remit,
            self.recoveries,
        ];
        let mut files = files.into_iter().flatten();
        files.try_for_each(PendingFile::rename)?;
        answers::publish(self.answers)
    }
}

/// Writes all there is.
fn write_whole(sources: &mut Sources<'_>, format: Format, out: &mut dyn Write) -> io::Result<()> {
    let mut encoder = Encoder::start(format, sources.has_monitors(), out)?;
    write_parts(sources, &mut encoder, out)?;
    encoder.finish(out)
}

fn write_parts(
    sources: &mut Sources<'_>,
    encoder: &mut Encoder,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (run, all_lines) = (sources.run, sources.all_lines);
    for part in sources.parts {
        match part {
            Part::New(claims) => {
                encoder.write_claims(run, claims.clone(), all_lines, out)?;
            }
            Part::Again { .. } => {
                read_again(sources.history.as_deref_mut(), part, all_lines, &mut |d| {
                    encoder.write(d, out)
                })?
            }
        }
    }
    Ok(())
}

/// Reads the determinations of an input from the history, under the name given now.
fn read_again(
    history: Option<&mut (dyn History + '_)>,
    part: &Part,
    all_lines: bool,
    visit: &mut dyn FnMut(Determination<'static>) -> io::Result<()>,
) -> io::Result<()> {
    let (Some(history), Part::Again { input, name }) = (history, part) else {
        return Ok(());
    };
    let read = history.determinations(*input, &mut |written| {
        let mut determination = written.determination;
        if !(all_lines || written.is_governed) {
            return Ok(());
        }
        if !written.is_reversal {
            determination.file = name.clone().into();
        }
        visit(determination)
    });
    read.map_err(|error| match error.problem {
        Problem::Output(error) => error,
        problem => io::Error::other(HistoryError { problem, ..error }),
    })
}

/// Counts what was decided, and gathers what pends.
fn count(
    sources: &mut Sources<'_>,
    decided: &mut Decided,
    mut pends: Option<&mut Pends>,
) -> Result<(), Failure> {
    let run = sources.run;
    decided.add(run);
    for part in sources.parts {
        match (part, &mut pends) {
            (Part::New(claims), Some(pends)) => {
                let claims = &run.batch.claims[claims.clone()];
                let lines = claims.iter().flat_map(|claim| run.batch.lines_of(claim));
                let verdicts = &run.adjudication.verdicts;
                let is_pended =
                    |line: &usize| verdicts.of(*line).verdict.decision == Decision::Pend;
                for line in lines.filter(is_pended) {
                    pends
                        .add(&run.determination(line))
                        .map_err(Failure::failed)?;
                }
            }
            (Part::New(_), None) => {}
            (Part::Again { .. }, pends) => {
                let history = sources.history.as_deref_mut();
                read_again(history, part, false, &mut |determination| {
                    decided.count(&determination, run.plans);
                    match pends {
                        Some(pends) => pends.add(&determination),
                        None => Ok(()),
                    }
                })
                .map_err(Failure::failed)?;
            }
        }
    }
    Ok(())
}

/// A table, or JSON lines.
fn write_standard_output(sources: &mut Sources<'_>, as_table: bool) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = if as_table {
        write_table(sources, &mut out)
    } else {
        write_whole(sources, Format::JsonLines, &mut out)
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

fn write_table(sources: &mut Sources<'_>, out: &mut dyn Write) -> io::Result<()> {
    let width = console::Term::stdout()
        .size_checked()
        .map_or(USUAL_WIDTH, |(_, columns)| columns.into());
    let is_coloured = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut determinations: Vec<Determination<'_>> = Vec::new();
    for part in sources.parts {
        match part {
            Part::New(claims) => {
                let of_part = sources
                    .run
                    .determinations(claims.clone(), sources.all_lines);
                determinations.extend(of_part);
            }
            Part::Again { .. } => {
                let history = sources.history.as_deref_mut();
                read_again(history, part, sources.all_lines, &mut |determination| {
                    determinations.push(determination);
                    Ok(())
                })?;
            }
        }
    }
    output::write_table(determinations, width, is_coloured, out)?;
    writeln!(out)
}
