//! An explanation in words, for a terminal.

use std::io::{self, Write};

use super::explanation::{Explanation, Told, ToldReason};
use super::sentences::{
    details, heading, payable_words, plan_words, rule_words, sentence, session_words, source_words,
    summary, to_change, window_words,
};

/// How wide a line may be.
const WIDTH: usize = 100;

/// How far the text of a line's explanation is indented.
const INDENT: usize = 16;

/// Writes why the lines asked about stand as they do.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_words(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_head(explanation, out)?;
    for told in &explanation.told {
        write_told(told, explanation, out)?;
    }
    write_frees_up(explanation, out)
}

fn write_head(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    let timeline = explanation.timeline;
    let member = match timeline.name.1.as_str() {
        "" => "a claim without a member key".to_owned(),
        member => format!("member {member}"),
    };
    writeln!(
        out,
        "Why lines of {} were decided as they were, under {}",
        printable(&member),
        printable(&plan_words(explanation))
    )?;
    write_wrapped("", 0, &summary(explanation), out)?;
    write_wrapped("", 0, source_words(explanation), out)?;
    writeln!(out)
}

fn write_told(
    told: &Told<'_>,
    explanation: &Explanation<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let row = format!("{:10}  {}", told.line.standing.as_str(), heading(told.line));
    writeln!(out, "{}", printable(&row))?;
    if !told.is_explained() {
        return Ok(());
    }
    for (name, text) in details(told) {
        write_wrapped(name, INDENT, &text, out)?;
    }
    for reason in &told.reasons {
        write_reason(reason, told, explanation, out)?;
    }
    if let Some(payable) = &told.payable {
        write_wrapped("Payable", INDENT, &payable_words(payable, told.line), out)?;
    }
    writeln!(out)
}

fn write_reason(
    told: &ToldReason<'_>,
    of: &Told<'_>,
    explanation: &Explanation<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let reason = told.reason;
    let is_deciding = of.is_decided_by(told);
    let name = if is_deciding { "Why" } else { "Also" };
    write_wrapped(name, INDENT, &sentence(&reason.text), out)?;
    write_wrapped("Rule", INDENT, &rule_words(told, is_deciding), out)?;
    write_wrapped("Clause", INDENT, &reason.clause, out)?;
    if !told.sessions.is_empty() {
        let names = std::iter::once(told.sessions_are()).chain(std::iter::repeat(""));
        for (name, counted) in names.zip(&told.sessions) {
            write_wrapped(name, INDENT, &session_words(counted, explanation), out)?;
        }
    }
    if let Some(window) = &told.window {
        write_wrapped("Window", INDENT, &window_words(window), out)?;
    }
    for (name, text) in to_change(told, is_deciding) {
        write_wrapped(name, INDENT, &text, out)?;
    }
    Ok(())
}

fn write_frees_up(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    let told = &explanation.told;
    let ends_blank = told.last().is_some_and(Told::is_explained);
    if !ends_blank {
        writeln!(out)?;
    }
    let Some((from, limits)) = &explanation.frees_up else {
        return Ok(());
    };
    if limits.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "The next session: the first date from {from} on that each limit leaves free"
    )?;
    for limit in limits {
        let date = limit.date.map(|date| date.to_string());
        let date = date.unwrap_or_else(|| "none in five years".into());
        writeln!(out, "  {:16} {date}", limit.rule.name())?;
    }
    writeln!(out)
}

/// Writes words in lines that are not too wide, indented, with a name before the first.
fn write_wrapped(name: &str, indent: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = printable(text);
    let inner = indent.max(if name.is_empty() { 0 } else { name.len() + 3 });
    let mut line = if name.is_empty() {
        String::new()
    } else {
        format!("  {name:width$}", width = inner - 2)
    };
    let mut is_empty = true;
    if name.is_empty() {
        line = " ".repeat(inner);
    }
    for word in text.split(' ') {
        let width = line.chars().count();
        if !is_empty && width + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line = " ".repeat(inner);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{}", line.trim_end())
}

/// A text without the control characters that a terminal might obey.
fn printable(text: &str) -> String {
    let shown = |letter: char| if letter.is_control() { '?' } else { letter };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(name: &str, text: &str) -> String {
        let mut out = Vec::new();
        write_wrapped(name, INDENT, text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn words_are_broken_between_words_and_stand_under_each_other() {
        let text = wrapped("Why", &"seven days ".repeat(12));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 1);
        assert!(lines[0].starts_with("  Why           seven"), "{text}");
        assert_eq!(lines[1].len() - lines[1].trim_start().len(), INDENT);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn a_terminal_is_given_no_orders() {
        assert_eq!(wrapped("Why", "a\u{1b}[2Jb"), "  Why           a?[2Jb\n");
    }
}
