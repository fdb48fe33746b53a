//! Determinations in the formats of files.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;

use super::determination::Determination;
use super::json::Json;
#[cfg(feature = "parquet")]
use super::parquet::{self, ParquetEncoder};
use super::rows::{self, Rows};
use super::run::Run;

/// How determinations are written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.jsonl`: one JSON object a line.
    JsonLines,
    /// `.csv`: the same fields in the same order; lists as JSON text, and columns for the
    /// deciding reason.
    Csv,
    /// `.parquet`: the same fields in the same order, with types.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// A file's ending that nothing is written to.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct FormatError {
    path: String,
    problem: &'static str,
}

#[cfg(feature = "parquet")]
const NO_FORMAT: &str =
    "the ending names no format; name a file ending in .jsonl, .csv or .parquet";
#[cfg(not(feature = "parquet"))]
const NO_FORMAT: &str = NO_TEXT_FORMAT;
const NO_TEXT_FORMAT: &str = "the ending names no format; name a file ending in .jsonl or .csv";

/// How to come by a build that writes Parquet.
#[cfg(not(feature = "parquet"))]
const NO_PARQUET: &str = "this build writes no Parquet; name a file ending in .jsonl or .csv, \
    or build with `cargo build --release --features parquet`";

/// How many claims are formatted at once by one thread, and written together.
const CLAIMS_AT_ONCE: usize = 1024;

/// About how many bytes a determination is, or the lines of a claim.
const LINE_BYTES: usize = 1024;

impl Format {
    /// The format that a file's ending asks for.
    ///
    /// # Errors
    ///
    /// Any ending but `.jsonl`, `.csv` and, with the feature of that name, `.parquet`.
    pub fn of(path: &Path) -> Result<Self, FormatError> {
        let problem = match ending(path).as_deref() {
            Some("jsonl") => return Ok(Self::JsonLines),
            Some("csv") => return Ok(Self::Csv),
            #[cfg(feature = "parquet")]
            Some("parquet") => return Ok(Self::Parquet),
            #[cfg(not(feature = "parquet"))]
            Some("parquet") => NO_PARQUET,
            _ => NO_FORMAT,
        };
        Err(FormatError::new(path, problem))
    }
}

impl FormatError {
    fn new(path: &Path, problem: &'static str) -> Self {
        Self {
            path: path.display().to_string(),
            problem,
        }
    }
}

/// A file's ending, in lower case.
fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Determinations on their way into bytes.
///
/// The same determinations give the same bytes, however they are brought and on any number of
/// threads. Without [`Encoder::finish`] the last of them may be missing.
#[derive(Debug)]
pub struct Encoder {
    kind: Kind,
    /// Whether each determination has `monitored`.
    has_monitors: bool,
}

#[derive(Debug)]
enum Kind {
    Text(TextFormat),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetEncoder>),
}

/// A format in which every record is bytes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// `.jsonl`: one JSON object a line.
    JsonLines,
    /// `.csv`: the same fields in the same order.
    Csv,
}

impl Encoder {
    /// Writes what stands before the first determination: of CSV the names of the columns.
    /// `monitored` is among the fields where a plan of the run has a monitor.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn start(format: Format, has_monitors: bool, out: &mut dyn Write) -> io::Result<Self> {
        let kind = match format {
            Format::JsonLines => Kind::Text(TextFormat::JsonLines),
            Format::Csv => {
                out.write_all(&rows::head(has_monitors)?)?;
                Kind::Text(TextFormat::Csv)
            }
            #[cfg(feature = "parquet")]
            Format::Parquet => Kind::Parquet(Box::new(ParquetEncoder::new(has_monitors)?)),
        };
        Ok(Self { kind, has_monitors })
    }

    /// Writes the determinations of some claims: those of governed lines, or of every line.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write_claims(
        &mut self,
        run: Run<'_>,
        claims: Range<usize>,
        all_lines: bool,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        // Claims of tests may stand between files that other plans judged.
        let has_monitors = self.has_monitors;
        let determinations = |claims| {
            let own = run.determinations(claims, all_lines);
            own.map(move |determination| determination.among(has_monitors))
        };
        match &mut self.kind {
            Kind::Text(format) => {
                let text = |claims: Range<usize>| {
                    let expected_bytes = claims.len() * LINE_BYTES;
                    format.text(determinations(claims), expected_bytes)
                };
                in_parallel(claims, text, |bytes| out.write_all(&bytes))
            }
            #[cfg(feature = "parquet")]
            Kind::Parquet(encoder) => {
                let arrays = |claims| parquet::arrays(determinations(claims), has_monitors);
                in_parallel(claims, arrays, |arrays| encoder.take_arrays(arrays, out))
            }
        }
    }

    /// Writes one determination.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(
        &mut self,
        determination: Determination<'static>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let determination = determination.among(self.has_monitors);
        match &mut self.kind {
            Kind::Text(format) => {
                let one = [determination].into_iter();
                out.write_all(&format.text(one, LINE_BYTES)?)
            }
            #[cfg(feature = "parquet")]
            Kind::Parquet(encoder) => encoder.take(determination, out),
        }
    }

    /// Writes what is left when all determinations are written.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        match self.kind {
            Kind::Text(_) => out.flush(),
            #[cfg(feature = "parquet")]
            Kind::Parquet(encoder) => encoder.finish(out),
        }
    }
}

impl TextFormat {
    /// The format that a file's ending asks for, of what is written as text alone.
    ///
    /// # Errors
    ///
    /// Any ending but `.jsonl` and `.csv`, whatever determinations can be written as.
    pub fn of(path: &Path) -> Result<Self, FormatError> {
        match ending(path).as_deref() {
            Some("jsonl") => Ok(Self::JsonLines),
            Some("csv") => Ok(Self::Csv),
            _ => Err(FormatError::new(path, NO_TEXT_FORMAT)),
        }
    }

    /// Determinations as text; about so many bytes are expected.
    fn text<'a>(
        self,
        determinations: impl Iterator<Item = Determination<'a>>,
        expected_bytes: usize,
    ) -> io::Result<Vec<u8>> {
        match self {
            Self::JsonLines => {
                let mut json = Json::with_capacity(expected_bytes);
                determinations.for_each(|determination| json.line(&determination));
                Ok(json.into_bytes())
            }
            Self::Csv => {
                let mut rows = Rows::with_capacity(expected_bytes);
                for determination in determinations {
                    rows.add(&determination)?;
                }
                rows.into_bytes()
            }
        }
    }
}

/// Writes the determinations of some claims, and nothing else: those of governed lines, or of
/// every line.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_determinations(
    run: Run<'_>,
    claims: Range<usize>,
    format: Format,
    all_lines: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut encoder = Encoder::start(format, run.plans.has_monitors(), out)?;
    encoder.write_claims(run, claims, all_lines, out)?;
    encoder.finish(out)
}

/// Makes something of claims, some at once, in parallel, and takes it in their order.
fn in_parallel<T: Send>(
    claims: Range<usize>,
    make: impl Fn(Range<usize>) -> io::Result<T> + Sync,
    mut take: impl FnMut(T) -> io::Result<()>,
) -> io::Result<()> {
    let parts: Vec<Range<usize>> = claims
        .clone()
        .step_by(CLAIMS_AT_ONCE)
        .map(|start| start..claims.end.min(start + CLAIMS_AT_ONCE))
        .collect();
    // A wave at a time: what is made and not yet taken stays small.
    for wave in parts.chunks(rayon::current_num_threads() * 4) {
        let wave: Vec<io::Result<T>> = wave.par_iter().cloned().map(&make).collect();
        for part in wave {
            take(part?)?;
        }
    }
    Ok(())
}
