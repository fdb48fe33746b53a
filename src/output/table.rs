//! Determinations for a terminal.

use std::io::{self, Write};

use super::determination::Determination;
use crate::policy::Decision;

/// The narrowest that reasons are made.
const NARROWEST: usize = 20;

/// Writes a table that fits `width` columns: member, date, code, decision, reason.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_table<'a>(
    determinations: impl IntoIterator<Item = Determination<'a>>,
    width: usize,
    is_coloured: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows: Vec<[String; 5]> = determinations.into_iter().map(row).collect();
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

fn row(determination: Determination<'_>) -> [String; 5] {
    let reason = match determination.decision {
        Decision::Reverse => "taken back by a later claim".to_owned(),
        _ => {
            let deciding = determination
                .reasons
                .iter()
                .filter(|reason| reason.decision == determination.decision);
            let texts: Vec<&str> = deciding.map(|reason| &*reason.text).collect();
            texts.join("; ")
        }
    };
    let date = determination.service_date.map(|date| date.to_string());
    [
        determination.member.into_owned(),
        date.unwrap_or_default(),
        determination.procedure.into_owned(),
        determination.decision.to_string(),
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
    let [member, date, code, decision, reason] = widths;
    let mut lines = wrap(&row[4], *reason).into_iter();
    let cells = format!(
        "{:member$}  {:date$}  {:code$}  ",
        fit(&row[0], *member),
        fit(&row[1], *date),
        fit(&row[2], *code)
    );
    let indent = cells.chars().count() + decision + 2;
    match lines.next() {
        Some(first) => writeln!(out, "{cells}{colour}{:decision$}{reset}  {first}", row[3])?,
        None => writeln!(out, "{cells}{colour}{}{reset}", row[3])?,
    }
    lines.try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// A cell cut to its width.
fn fit(cell: &str, width: usize) -> String {
    let cell = printable(cell);
    if cell.chars().count() <= width {
        return cell;
    }
    let cut: String = cell.chars().take(width.saturating_sub(1)).collect();
    cut + "…"
}

/// A cell broken between words so that each line fits its width.
fn wrap(cell: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in printable(cell).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A cell without the control characters that a terminal might obey.
fn printable(cell: &str) -> String {
    let shown = |letter: char| if letter.is_control() { '?' } else { letter };
    cell.chars().map(shown).collect()
}

fn colour(decision: &str) -> &'static str {
    match decision {
        "pay" => "\u{1b}[32m",
        "deny" => "\u{1b}[31m",
        "pend" | "reduce" => "\u{1b}[33m",
        _ => "\u{1b}[2m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_broken_between_words_and_never_cut() {
        let lines = wrap(
            "4 days after the session of 2026-08-03; 7 days are required",
            24,
        );
        insta::assert_snapshot!(lines.join("\n"), @r"
        4 days after the session
        of 2026-08-03; 7 days
        are required
        ");
    }

    #[test]
    fn a_cell_is_cut_to_its_width_and_gives_a_terminal_no_orders() {
        assert_eq!(fit("U10000002/20080117/M/MILO", 12), "U10000002/2…");
        assert_eq!(fit("\u{1b}[2J", 12), "?[2J");
    }
}
