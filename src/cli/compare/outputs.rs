//! What a comparison writes: changed lines, counts, a page, and words.

use std::io::{self, BufWriter, Write};

use super::{Compare, is_standard_output};
use crate::cli::exit::Failure;
use crate::cli::files::PendingFile;
use crate::cli::interrupt;
use crate::compare::{ChangedLine, Comparison, Sides, join};
use crate::output::TextFormat;
use crate::report::{ComparisonPage, ComparisonSummary, ComparisonWords};

/// The files that a comparison writes.
pub(super) struct Outputs {
    lines: Lines,
    pub(super) errors: Option<PendingFile>,
    summary: Option<PendingFile>,
    report: Option<PendingFile>,
}

/// Where changed lines go.
enum Lines {
    Nowhere,
    StandardOutput,
    File(PendingFile, TextFormat),
}

impl Outputs {
    pub(super) fn create(options: &Compare) -> Result<Self, Failure> {
        let create = |path: &Option<_>| path.as_deref().map(PendingFile::create).transpose();
        let lines = match &options.out {
            None => Lines::Nowhere,
            Some(path) if is_standard_output(path) => Lines::StandardOutput,
            Some(path) => {
                let format = TextFormat::of(path).map_err(Failure::usage)?;
                Lines::File(PendingFile::create(path)?, format)
            }
        };
        Ok(Self {
            lines,
            errors: create(&options.errors)?,
            summary: create(&options.summary)?,
            report: create(&options.report)?,
        })
    }

    /// Joins two sides: writes the lines that change, and counts all of them.
    pub(super) fn write_lines(&mut self, sides: Sides<'_>) -> Result<Comparison, Failure> {
        let mut comparison = Comparison::default();
        match &mut self.lines {
            Lines::Nowhere => {
                let mut nothing = io::sink();
                write_changed(sides, &mut comparison, None, &mut nothing)
                    .map_err(Failure::failed)?;
            }
            Lines::File(file, format) => {
                file.write(|out| write_changed(sides, &mut comparison, Some(*format), out))?;
            }
            Lines::StandardOutput => {
                let mut out = Patient(Some(BufWriter::new(io::stdout().lock())));
                let format = Some(TextFormat::JsonLines);
                write_changed(sides, &mut comparison, format, &mut out)
                    .and_then(|()| out.flush())
                    .map_err(|error| unwritable(&error))?;
            }
        }
        Ok(comparison.finish())
    }

    pub(super) fn write_summary(&mut self, summary: &ComparisonSummary) -> Result<(), Failure> {
        let Some(file) = &mut self.summary else {
            return Ok(());
        };
        file.write(|out| {
            serde_json::to_writer_pretty(&mut *out, summary)?;
            out.write_all(b"\n")
        })
    }

    pub(super) fn write_report(&mut self, summary: &ComparisonSummary) -> Result<(), Failure> {
        match &mut self.report {
            Some(file) => file.write(|out| ComparisonPage { summary }.write(out)),
            None => Ok(()),
        }
    }

    /// Brings everything to the disk, and gives it its name.
    pub(super) fn keep(self) -> Result<(), Failure> {
        let lines = match self.lines {
            Lines::File(file, _) => Some(file),
            Lines::Nowhere | Lines::StandardOutput => None,
        };
        let files = [lines, self.errors, self.summary, self.report];
        let mut files: Vec<PendingFile> = files.into_iter().flatten().collect();
        files.iter_mut().try_for_each(PendingFile::sync)?;
        interrupt::hold();
        files.into_iter().try_for_each(PendingFile::rename)
    }
}

impl Compare {
    /// Says what it came to: on standard output, unless the changed lines go there.
    pub(super) fn tell(&self, summary: &ComparisonSummary) -> Result<(), Failure> {
        let out = self.out.as_ref().filter(|out| !is_standard_output(out));
        let outputs = [
            ("changed lines", out),
            ("summary", self.summary.as_ref()),
            ("report", self.report.as_ref()),
            ("errors", self.errors.as_ref()),
        ];
        let named = outputs
            .into_iter()
            .filter_map(|(what, path)| Some((what, path?.display().to_string())));
        let written: Vec<(&'static str, String)> = named.collect();
        let words = ComparisonWords {
            summary,
            written: &written,
            has_lines: self.out.is_some(),
        };
        if self.out.as_deref().is_some_and(is_standard_output) {
            eprint!("{words}");
            return Ok(());
        }
        let mut out = Patient(Some(io::stdout().lock()));
        let told = write!(out, "{words}").and_then(|()| out.flush());
        told.map_err(|error| unwritable(&error))
    }
}

fn write_changed(
    sides: Sides<'_>,
    comparison: &mut Comparison,
    format: Option<TextFormat>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(format) = format {
        ChangedLine::write_head(format, out)?;
    }
    join(sides, |pair| {
        let change = comparison.add(sides, pair);
        let Some((change, format)) = change.zip(format) else {
            return Ok(());
        };
        match ChangedLine::new(sides, pair, change) {
            Some(line) => line.write(format, out),
            None => Ok(()),
        }
    })
}

fn unwritable(error: &io::Error) -> Failure {
    Failure::failed(format!("standard output cannot be written: {error}"))
}

/// Writes until whoever reads has read enough.
struct Patient<W>(Option<W>);

impl<W: Write> Patient<W> {
    fn until_closed<T>(
        &mut self,
        write: impl FnOnce(&mut W) -> io::Result<T>,
        closed: T,
    ) -> io::Result<T> {
        let Some(out) = &mut self.0 else {
            return Ok(closed);
        };
        match write(out) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.0 = None;
                Ok(closed)
            }
            written => written,
        }
    }
}

impl<W: Write> Write for Patient<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.until_closed(|out| out.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.until_closed(Write::flush, ())
    }
}
