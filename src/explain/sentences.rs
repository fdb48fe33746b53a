//! What an explanation says, in sentences: the words and the page have the same ones.

use super::explanation::{Explanation, Source, Told, ToldReason};
use super::kinds::KindWords;
use super::limit::{Counted, Payable, Window, WindowKind};
use super::line::{Line, Standing};
use crate::output::asked_by;
use crate::policy::Decision;

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
    for hit in &line.decided.monitored {
        let (rule, decision, set) = (hit.rule, hit.decision, &hit.set);
        parts.push(format!(
            "monitored: {rule} with {set} would {decision} it ({})",
            hit.citation
        ));
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
