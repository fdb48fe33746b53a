//! Determinations as JSON lines and CSV.

use std::io::{self, Write};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::determination::{Determination, Run};

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

/// How many lines are formatted at once by one thread, and written together.
const LINES_AT_ONCE: usize = 2048;

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
}

/// Writes determinations in arrival order: those of governed lines, or of every line.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_determinations(
    run: Run<'_>,
    format: Format,
    all_lines: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if format == Format::Csv {
        out.write_all(&row(COLUMNS)?)?;
    }
    let indexes: Vec<usize> = (0..run.batch.lines.len())
        .filter(|&index| all_lines || run.is_governed(index))
        .collect();
    let formatted = |indexes: &[usize]| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(indexes.len() * 700);
        for &index in indexes {
            let determination = run.determination(index);
            match format {
                Format::JsonLines => {
                    serde_json::to_writer(&mut bytes, &determination)?;
                    bytes.push(b'\n');
                }
                Format::Csv => bytes.extend(csv_row(&determination, run, index)?),
            }
        }
        Ok(bytes)
    };
    // A wave at a time: what is formatted and not yet written stays small.
    for wave in indexes.chunks(LINES_AT_ONCE * rayon::current_num_threads() * 4) {
        let parts: Vec<io::Result<Vec<u8>>> =
            wave.par_chunks(LINES_AT_ONCE).map(formatted).collect();
        for part in parts {
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

fn csv_row(determination: &Determination<'_>, run: Run<'_>, index: usize) -> io::Result<Vec<u8>> {
    let d = determination;
    let verdict = &run.adjudication.verdicts[index];
    let book = run.book_of(&run.batch.lines[index], verdict);
    let deciding = book.and_then(|book| {
        let place = verdict
            .reasons
            .iter()
            .position(|reason| Some(reason) == verdict.deciding_reason(book))?;
        d.reasons.get(place)
    });
    let optional = |text: Option<&str>| text.unwrap_or_default().to_owned();
    row([
        d.file.to_owned(),
        d.interchange.to_string(),
        d.group.to_string(),
        d.transaction.to_string(),
        d.claim.to_string(),
        d.claim_control_number.clone(),
        d.line.to_string(),
        optional(d.line_control_number.as_deref()),
        optional(d.plan),
        optional(d.policy),
        optional(d.policy_version.as_deref()),
        d.member.to_string(),
        optional(d.billing_provider.as_deref()),
        optional(d.rendering_provider.as_deref()),
        optional(d.service_date.as_deref()),
        d.procedure.to_string(),
        json(&d.modifiers)?,
        json(&d.diagnoses)?,
        optional(d.units.as_deref()),
        d.charge.clone(),
        d.decision.to_owned(),
        d.units_allowed.clone(),
        d.amount_allowed.clone(),
        optional(d.phase),
        d.session
            .map(|session| session.to_string())
            .unwrap_or_default(),
        json(&d.reasons)?,
        json(&d.unverified)?,
        json(&d.notes)?,
        optional(d.reversed_by.as_deref()),
        optional(deciding.map(|reason| reason.rule)),
        optional(deciding.and_then(|reason| reason.group)),
        optional(deciding.and_then(|reason| reason.carc)),
        deciding
            .map(|reason| reason.rarc.join(" "))
            .unwrap_or_default(),
        optional(deciding.and_then(|reason| reason.status)),
    ])
}

fn json(list: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(list)?)
}

/// One row of CSV.
pub(super) fn row<const N: usize>(fields: [impl AsRef<[u8]>; N]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}
