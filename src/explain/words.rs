//! An explanation in words, for a terminal.

use std::io::{self, Write};

use super::explanation::{Explanation, Source, Told, ToldReason};
use super::kinds::KindWords;
use super::limit::{Counted, Payable, Window, WindowKind};
use super::line::{Line, Standing};
use crate::output::asked_by;
use crate::policy::Decision;

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

/// The plan and the policy that decided.
pub(super) fn plan_words(explanation: &Explanation<'_>) -> String {
    let timeline = explanation.timeline;
    let Some(plan) = &timeline.name.0 else {
        return "no plan".into();
    };
    let lines = timeline.lines.iter().rev();
    let policy = lines
        .filter_map(|line| line.decided.policy.as_deref())
        .next();
    match policy {
        Some(policy) => format!("plan {plan} (policy {policy})"),
        None => format!("plan {plan}"),
    }
}

/// What there is, in numbers.
pub(super) fn summary(explanation: &Explanation<'_>) -> String {
    let timeline = explanation.timeline;
    let counts = timeline.counts();
    let counts: Vec<String> = counts
        .iter()
        .map(|(standing, count)| format!("{count} {}", standing.as_str()))
        .collect();
    format!(
        "{} known here: {}; {}. A session is a date of service on which the limited service is paid; \
         only sessions count against limits and intervals.",
        counted(timeline.lines.len(), "line"),
        counts.join(", "),
        counted(timeline.session_count(), "session")
    )
}

/// What is not known.
pub(super) fn source_words(explanation: &Explanation<'_>) -> &'static str {
    match (explanation.timeline.source, explanation.plan.is_some()) {
        (Source::History, true) => "All of it is from the history, as it stands now.",
        (Source::History, false) => {
            "All of it is from the history, as it stands now. The plan's limits are not known: name \
             its plans file with --plans for the dates on which lines are payable."
        }
        (Source::File, true) => {
            "Only what the file has of this member is known: sessions before it are not. --history \
             knows them."
        }
        (Source::File, false) => {
            "Only what the file has of this member is known: sessions before it are not. --history \
             knows them. The plan's limits are not known either: name its plans file with --plans \
             for the dates on which lines are payable."
        }
    }
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

/// A line in one line: date, code, claim, what it is.
pub(super) fn heading(line: &Line) -> String {
    let decided = &line.decided;
    let date = decided.service_date.map(|date| date.to_string());
    let codes: Vec<&str> = std::iter::once(&decided.procedure)
        .chain(&decided.modifiers)
        .map(String::as_str)
        .collect();
    let mut text = format!(
        "{:10}  {:8}  {}",
        date.unwrap_or_else(|| "no date".into()),
        codes.join("-"),
        line.name()
    );
    let remark = remark(line);
    if !remark.is_empty() {
        text += "; ";
        text += &remark;
    }
    text
}

/// What else is to be said of a line: which session it is, who decided it, what took it back.
pub(super) fn remark(line: &Line) -> String {
    let mut parts = Vec::new();
    if line.is_session() {
        parts.push(match line.phase {
            Some(phase) => format!("{phase} session"),
            None => "session".into(),
        });
    }
    if let Some(review) = &line.review {
        parts.push(format!("reviewed: {review}"));
    }
    match (&line.taken_back_by, line.standing) {
        (Some(by), _) => parts.push(format!("by claim {by}")),
        (None, Standing::TakenBack) => parts.push("by a later claim".into()),
        (None, _) => {}
    }
    parts.join(", ")
}

/// What a line's explanation begins with.
pub(super) fn details(told: &Told<'_>) -> Vec<(&'static str, String)> {
    let decided = &told.line.decided;
    let mut details = Vec::new();
    if told.line.standing == Standing::Reduced {
        let text = format!("{} of {} billed", decided.amount_allowed, decided.charge);
        details.push(("Allowed", text));
    }
    if let Some(review) = &told.line.review {
        let text = format!("{review}. It was pended for what follows.");
        details.push(("Reviewed", text));
    }
    details
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

/// The rule, what it asks, and the codes of its decision.
pub(super) fn rule_words(told: &ToldReason<'_>, is_deciding: bool) -> String {
    let reason = told.reason;
    let decided = match (reason.decision, is_deciding) {
        (Decision::Pend, true) => "Pended",
        (Decision::Reduce, true) => "Reduced",
        (_, true) => "Denied",
        (Decision::Pend, false) => "By itself it would pend the line,",
        (Decision::Reduce, false) => "By itself it would reduce the line,",
        (_, false) => "By itself it would deny the line,",
    };
    let KindWords { asks, .. } = told.words;
    format!("{}: {asks} {decided} with {}.", reason.rule, reason.codes())
}

/// A session that a reason names, with its claim.
pub(super) fn session_words(counted: &Counted<'_>, explanation: &Explanation<'_>) -> String {
    let Counted { date, line } = counted;
    let Some(line) = line else {
        return match explanation.timeline.source {
            Source::File => format!("{date}  not in this file"),
            Source::History => format!("{date}  not in the history any more"),
        };
    };
    let now = match line.standing {
        Standing::Paid | Standing::Reduced => String::new(),
        Standing::TakenBack => ", taken back since".into(),
        standing => format!(", {}", standing.as_str()),
    };
    format!("{date}  {}{now}", line.name())
}

/// A window with its first and last day.
pub(super) fn window_words(window: &Window) -> String {
    let Window { kind, first, last } = window;
    match kind {
        WindowKind::Rolling => format!(
            "The {}, from {first} to {last}; both days count.",
            window.name()
        ),
        WindowKind::Year => format!("The {}, from {first} to {last}.", window.name()),
        WindowKind::Course => format!(
            "The course of sessions, from {first}, the first one counted, to {last}, the date of \
             service."
        ),
        WindowKind::Interval => format!(
            "The interval owed, from the session of {first} to {last}, the last day that is too \
             near."
        ),
    }
}

/// What would change the decision.
pub(super) fn to_change(told: &ToldReason<'_>, is_deciding: bool) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if is_deciding && told.reason.decision == Decision::Pend {
        let asked = asked_by(told.reason.rule);
        lines.push((
            "Waits for",
            format!("A reviewer's decision. Asked for: {asked}."),
        ));
    }
    if !told.change().is_empty() {
        lines.push(("To change it", told.change().to_owned()));
    }
    lines
}

/// When a line would have been payable.
pub(super) fn payable_words(payable: &Payable, line: &Line) -> String {
    let Payable {
        then,
        now,
        by_limit,
    } = payable;
    let mut text = match then {
        Some(date) => format!(
            "First on {date}, as far as limits go, with the sessions known before this line."
        ),
        None => "Not within five years, with the sessions known before this line.".into(),
    };
    if by_limit.len() > 1 {
        let limits = by_limit.iter().map(|limit| {
            let date = limit.date.map(|date| date.to_string());
            let date = date.unwrap_or_else(|| "not within five years".into());
            format!("{} {date}", limit.rule)
        });
        let limits: Vec<String> = limits.collect();
        text += &format!(" Each limit by itself: {}.", limits.join(", "));
    }
    let date = line.decided.service_date;
    match now {
        now if now == then => {}
        Some(now) if Some(*now) == date => {
            text += &format!(" As sessions stand now, no limit stops {now} itself any more.");
        }
        Some(now) => text += &format!(" With all sessions known now: first on {now}."),
        None => text += " With all sessions known now: not within five years.",
    }
    text
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

/// `1 line`, `2 lines`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// A text as a sentence.
pub(super) fn sentence(text: &str) -> String {
    // A name such as `persistent-pain` stays as it is.
    let is_name = |word: &str| word.contains(['-', '_']);
    if text.split(' ').next().is_some_and(is_name) {
        return format!("{text}.");
    }
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str())
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
pub(super) fn printable(text: &str) -> String {
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
