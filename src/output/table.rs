//! Determinations for a terminal.

use std::io::{self, Write};

use super::determination::Run;
use crate::policy::Decision;

/// The narrowest that reasons are made.
const NARROWEST: usize = 20;

/// Writes a table that fits `width` columns: member, date, code, decision, reason.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_table(
    run: Run<'_>,
    all_lines: bool,
    width: usize,
    is_coloured: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let indexes = (0..run.batch.lines.len()).filter(|&index| all_lines || run.is_governed(index));
    let rows: Vec<[String; 5]> = indexes.map(|index| row(run, index)).collect();
    let heads = ["MEMBER", "DATE", "CODE", "DECISION", "REASON"].map(str::to_owned);
    let width_of = |column: usize| {
        let cells = std::iter::once(&heads)
            .chain(&rows)
            .map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let mut widths = [width_of(0).min(32), 10, width_of(2).min(8), 8, 0];
    let taken: usize = widths.iter().map(|width| width + 2).sum::<usize>() - 2;
    widths[4] = width.saturating_sub(taken).max(NARROWEST);
    write_row(&heads, &widths, "", out)?;
    for row in &rows {
        let colour = if is_coloured { colour(&row[3]) } else { "" };
        write_row(row, &widths, colour, out)?;
    }
    Ok(())
}

fn row(run: Run<'_>, index: usize) -> [String; 5] {
    let determination = run.determination(index);
    let verdict = &run.adjudication.verdicts[index];
    let reason = match (verdict.decision, determination.reasons.first()) {
        (Decision::Reverse, _) => "taken back by a later claim".to_owned(),
        (_, Some(_)) => {
            let deciding = determination
                .reasons
                .iter()
                .filter(|reason| reason.decision == determination.decision);
            let texts: Vec<&str> = deciding.map(|reason| reason.text.as_str()).collect();
            texts.join("; ")
        }
        (_, None) => String::new(),
    };
    [
        determination.member.into_owned(),
        determination.service_date.unwrap_or_default(),
        determination.procedure.into_owned(),
        determination.decision.to_owned(),
        reason,
    ]
}

fn write_row(
    row: &[String; 5],
    widths: &[usize; 5],
    colour: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let reset = if colour.is_empty() { "" } else { "\u{1b}[0m" };
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let cell = fit(cell, *width);
        match column {
            3 => write!(out, "{colour}{cell:width$}{reset}  ")?,
            4 => writeln!(out, "{cell}")?,
            _ => write!(out, "{cell:width$}  ")?,
        }
    }
    Ok(())
}

/// A cell cut to its width; control characters, which a terminal might obey, are replaced.
fn fit(cell: &str, width: usize) -> String {
    let shown = cell
        .chars()
        .map(|letter| if letter.is_control() { '?' } else { letter });
    if cell.chars().count() <= width {
        return shown.collect();
    }
    let mut cut: String = shown.take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

fn colour(decision: &str) -> &'static str {
    match decision {
        "pay" => "\u{1b}[32m",
        "deny" => "\u{1b}[31m",
        "pend" | "reduce" => "\u{1b}[33m",
        _ => "\u{1b}[2m",
    }
}
