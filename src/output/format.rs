//! Determinations as JSON lines and CSV.

use std::fmt::Display;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::determination::{Determination, Run, WrittenReason};

/// How determinations are written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `.jsonl`: one JSON object a line.
    JsonLines,
    /// `.csv`: the same fields in the same order; lists as JSON text, and columns for the
    /// deciding reason.
    Csv,
}

/// A file's ending that no determinations are written to.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct FormatError {
    path: String,
    problem: &'static str,
}

/// How many claims are formatted at once by one thread, and written together.
const CLAIMS_AT_ONCE: usize = 1024;

impl Format {
    /// The format that a file's ending asks for.
    ///
    /// # Errors
    ///
    /// Any ending but `.jsonl` and `.csv`.
    pub fn of(path: &Path) -> Result<Self, FormatError> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let problem = match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("jsonl") => return Ok(Self::JsonLines),
            Some("csv") => return Ok(Self::Csv),
            Some("parquet") => "Parquet is not written yet; name a file ending in .jsonl or .csv",
            _ => "the ending names no format; name a file ending in .jsonl or .csv",
        };
        Err(FormatError {
            path: path.display().to_string(),
            problem,
        })
    }

    /// What stands before the first determination: of CSV the names of the columns, with
    /// `monitored` where a plan of the run has a monitor.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write_head(self, has_monitors: bool, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::JsonLines => Ok(()),
            Self::Csv => {
                let monitored = has_monitors.then_some(MONITORED);
                out.write_all(&row(COLUMNS.into_iter().chain(monitored))?)
            }
        }
    }

    /// Writes one determination.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(
        self,
        determination: &Determination<'_>,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<()> {
        match self {
            Self::JsonLines => {
                serde_json::to_writer(&mut *out, determination)?;
                out.write_all(b"\n")
            }
            Self::Csv => out.write_all(&csv_row(determination)?),
        }
    }
}

/// Writes the determinations of some claims: those of governed lines, or of every line.
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
    let formatted = |claims: Range<usize>| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(claims.len() * 1024);
        for determination in run.determinations(claims, all_lines) {
            format.write(&determination, &mut bytes)?;
        }
        Ok(bytes)
    };
    let parts: Vec<Range<usize>> = claims
        .clone()
        .step_by(CLAIMS_AT_ONCE)
        .map(|start| start..claims.end.min(start + CLAIMS_AT_ONCE))
        .collect();
    // A wave at a time: what is formatted and not yet written stays small.
    for wave in parts.chunks(rayon::current_num_threads() * 4) {
        let wave: Vec<io::Result<Vec<u8>>> = wave.par_iter().cloned().map(formatted).collect();
        for part in wave {
            out.write_all(&part?)?;
        }
    }
    Ok(())
}

const COLUMNS: [&str; 34] = [
    "file",
    "interchange",
    "group",
    "transaction",
    "claim",
    "claim_control_number",
    "line",
    "line_control_number",
    "plan",
    "policy",
    "policy_version",
    "member",
    "billing_provider",
    "rendering_provider",
    "service_date",
    "procedure",
    "modifiers",
    "diagnoses",
    "units",
    "charge",
    "decision",
    "units_allowed",
    "amount_allowed",
    "phase",
    "session",
    "reasons",
    "unverified",
    "notes",
    "reversed_by",
    "deciding_rule",
    "deciding_group",
    "deciding_carc",
    "deciding_rarc",
    "deciding_status",
];

/// The last column of a run with a monitor.
const MONITORED: &str = "monitored";

fn csv_row(d: &Determination<'_>) -> io::Result<Vec<u8>> {
    let deciding = d.deciding_reason();
    let reason = |part: fn(&WrittenReason<'_>) -> String| deciding.map(part).unwrap_or_default();
    let monitored = d.monitored.as_ref().map(json).transpose()?;
    let fields = [
        d.file.to_string(),
        optional(&d.interchange),
        optional(&d.group),
        optional(&d.transaction),
        d.claim.to_string(),
        optional(&d.claim_control_number),
        d.line.to_string(),
        optional(&d.line_control_number),
        optional(&d.plan),
        optional(&d.policy),
        optional(&d.policy_version),
        d.member.to_string(),
        optional(&d.billing_provider),
        optional(&d.rendering_provider),
        optional(&d.service_date),
        d.procedure.to_string(),
        json(&d.modifiers)?,
        json(&d.diagnoses)?,
        optional(&d.units),
        d.charge.to_string(),
        d.decision.to_string(),
        d.units_allowed.to_string(),
        d.amount_allowed.to_string(),
        optional(&d.phase),
        optional(&d.session),
        json(&d.reasons)?,
        json(&d.unverified)?,
        json(&d.notes)?,
        optional(&d.reversed_by),
        reason(|reason| reason.rule.to_string()),
        reason(|reason| optional(&reason.group)),
        reason(|reason| optional(&reason.carc)),
        reason(|reason| reason.rarc.join(" ")),
        reason(|reason| optional(&reason.status)),
    ];
    row(fields.into_iter().chain(monitored))
}

fn optional(value: &Option<impl Display>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn json(list: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(list)?)
}

/// One row of CSV.
pub(super) fn row(fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}
