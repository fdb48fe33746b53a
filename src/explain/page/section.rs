//! A timeline on the page: what is known, the picture, the table, and each line explained.

use std::io::{self, Write};

use super::super::explanation::{Explanation, Told, ToldReason};
use super::super::line::Line;
use super::super::sentences::{
    counted, details, payable_words, plan_words, remark, rule_words, sentence, session_words,
    source_words, summary, to_change, window_words,
};
use super::escape::{Escaped, Prose};
use super::icon;
use super::picture::write_picture;
use super::shape::class;

/// Writes a timeline; `id` is the beginning of its ids.
pub(super) fn write_section(
    explanation: &Explanation<'_>,
    id: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let member = match explanation.timeline.name.1.as_str() {
        "" => "A claim without a member key".to_owned(),
        member => format!("Member {member}"),
    };
    writeln!(
        out,
        "<section id=\"{id}\">\n<h2>{}, {}</h2>\n<p>{}</p>\n<p>{}</p>",
        Escaped(member),
        Escaped(plan_words(explanation)),
        Escaped(summary(explanation)),
        Escaped(source_words(explanation))
    )?;
    write_tiles(explanation, out)?;
    writeln!(
        out,
        "<figure>\n<figcaption>Each shape is a line at its date of service; its number is that of the \
         table. Bars below are the windows and intervals that limits look at.</figcaption>"
    )?;
    write_picture(explanation, id, out)?;
    writeln!(out, "</figure>")?;
    write_table(explanation, id, out)?;
    write_told(explanation, id, out)?;
    write_frees_up(explanation, out)?;
    writeln!(out, "</section>")
}

fn write_tiles(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"tiles\">")?;
    for (standing, count) in explanation.timeline.counts() {
        writeln!(
            out,
            "<li>{} <strong>{count}</strong> {}</li>",
            icon(standing),
            standing.as_str()
        )?;
    }
    writeln!(out, "</ul>")
}

fn write_table(explanation: &Explanation<'_>, id: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<h3 id=\"{id}-lines\">Lines by date of service</h3>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{id}-lines\">\n<table class=\"lines\" role=\"table\">\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">No.</th><th role=\"columnheader\" scope=\"col\">Date</th><th role=\"columnheader\" scope=\"col\">Code</th>\
         <th role=\"columnheader\" scope=\"col\">Stands as</th><th role=\"columnheader\" scope=\"col\">Allowed</th><th role=\"columnheader\" scope=\"col\">Claim</th>\
         <th role=\"columnheader\" scope=\"col\">Why</th></tr></thead>\n<tbody role=\"rowgroup\">"
    )?;
    for (number, line) in (1..).zip(&explanation.timeline.lines) {
        write_row(number, line, out)?;
    }
    writeln!(out, "</tbody>\n</table>\n</div>")
}

fn write_row(number: usize, line: &Line, out: &mut dyn Write) -> io::Result<()> {
    let decided = &line.decided;
    let date = decided.service_date.map(|date| date.to_string());
    let codes: Vec<&str> = std::iter::once(&decided.procedure)
        .chain(&decided.modifiers)
        .map(String::as_str)
        .collect();
    let deciding = decided.reasons.iter();
    let mut why: Vec<String> = vec![remark(line)];
    why.extend(
        deciding
            .filter(|reason| reason.decision == decided.decision)
            .map(|reason| reason.text.clone()),
    );
    why.retain(|words| !words.is_empty());
    writeln!(
        out,
        "<tr role=\"row\" data-line=\"{number}\" class=\"{}\"><th role=\"rowheader\" scope=\"row\">{number}</th><td role=\"cell\" class=\"date\">{}</td>\
         <td role=\"cell\" class=\"date\">{}</td><td role=\"cell\" class=\"date\">{} {}</td><td role=\"cell\" class=\"number\">{}</td>\
         <td role=\"cell\" class=\"claim\">{}</td><td role=\"cell\">{}</td></tr>",
        class(line.standing),
        Escaped(date.unwrap_or_else(|| "none".into())),
        Escaped(codes.join("-")),
        icon(line.standing),
        line.standing.as_str(),
        Escaped(&decided.amount_allowed),
        Escaped(line.name()),
        Prose(why.join("; "))
    )
}

fn write_told(explanation: &Explanation<'_>, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let told = explanation.told.iter().filter(|told| told.is_explained());
    let told: Vec<&Told<'_>> = told.collect();
    if told.is_empty() {
        return writeln!(
            out,
            "<p>Every line asked about is paid as billed, taken back or not judged: there is nothing to \
             explain.</p>"
        );
    }
    let count = counted(told.len(), "line");
    writeln!(out, "<h3>Not paid as billed, and why: {count}</h3>")?;
    for told in told {
        write_article(told, explanation, id, out)?;
    }
    Ok(())
}

fn write_article(
    told: &Told<'_>,
    explanation: &Explanation<'_>,
    id: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Told { number, line, .. } = told;
    let decided = &line.decided;
    let date = decided.service_date.map(|date| date.to_string());
    writeln!(
        out,
        "<article class=\"{}\" id=\"{id}-line-{number}\">\n<h4>{} Line {number}: {}, {} of {}</h4>\n\
         <p class=\"claim\">{}, charge {}</p>\n<dl>",
        class(line.standing),
        icon(line.standing),
        line.standing.as_str(),
        Escaped(&decided.procedure),
        Escaped(date.unwrap_or_else(|| "no date".into())),
        Escaped(line.name()),
        Escaped(&decided.charge)
    )?;
    for (name, text) in details(told) {
        write_entry(name, &text, out)?;
    }
    for reason in &told.reasons {
        write_reason(reason, told, explanation, out)?;
    }
    if let Some(payable) = &told.payable {
        write_entry("Payable", &payable_words(payable, line), out)?;
    }
    writeln!(out, "</dl>\n</article>")
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
    write_entry(name, &sentence(&reason.text), out)?;
    write_entry("Rule", &rule_words(told, is_deciding), out)?;
    write_clause(&reason.clause, out)?;
    if !told.sessions.is_empty() {
        writeln!(out, "<dt>{}</dt>\n<dd><ul>", told.sessions_are())?;
        for counted in &told.sessions {
            let number = counted.line.and_then(|line| explanation.number_of(line));
            let number = number.map_or_else(String::new, |number| format!(" (No. {number})"));
            let words = session_words(counted, explanation);
            writeln!(out, "<li>{}{number}</li>", Prose(words))?;
        }
        writeln!(out, "</ul></dd>")?;
    }
    if let Some(window) = &told.window {
        write_entry("Window", &window_words(window), out)?;
    }
    for (name, text) in to_change(told, is_deciding) {
        write_entry(name, &text, out)?;
    }
    Ok(())
}

/// A clause, its words as a quotation.
fn write_clause(clause: &str, out: &mut dyn Write) -> io::Result<()> {
    let (place, quoted) = clause.split_once(": \"").unwrap_or((clause, ""));
    write!(out, "<dt>Clause</dt>\n<dd><cite>{}</cite>", Escaped(place))?;
    if !quoted.is_empty() {
        let quoted = quoted.strip_suffix('"').unwrap_or(quoted);
        write!(out, "<blockquote>{}</blockquote>", Escaped(quoted))?;
    }
    writeln!(out, "</dd>")
}

fn write_entry(name: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dt>{}</dt>\n<dd>{}</dd>", Escaped(name), Prose(text))
}

fn write_frees_up(explanation: &Explanation<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some((from, limits)) = &explanation.frees_up else {
        return Ok(());
    };
    if limits.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h3>The next session</h3>\n<p>The first date from <time>{from}</time> on that each limit leaves free.</p>\n\
         <table class=\"narrow\"><thead><tr><th scope=\"col\">Limit</th><th scope=\"col\">Free on</th></tr>\
         </thead>\n<tbody>"
    )?;
    for limit in limits {
        let date = limit.date.map(|date| date.to_string());
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
            limit.rule,
            date.unwrap_or_else(|| "not within five years".into())
        )?;
    }
    writeln!(out, "</tbody></table>")
}
