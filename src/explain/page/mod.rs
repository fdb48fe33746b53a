//! An explanation as a page: one file that needs no network and no script.

mod calendar;
mod escape;
mod picture;
mod section;
mod shape;

use std::io::{self, Write};

use super::explanation::Explanation;
use super::line::Standing;
use escape::Escaped;
use shape::Shape;

const STYLE: &str = include_str!("style.css");

const MORE: [(&str, &str); 4] = [
    (
        "claimstream explain --help",
        "asks about a member, or about one claim",
    ),
    (
        "claimstream history show MEMBER --history FILE",
        "lists a member's lines with amounts",
    ),
    (
        "claimstream policies show ID",
        "has every clause, code and limit of a policy",
    ),
    (
        "claimstream history decide FILE.csv --history FILE",
        "takes reviewers' decisions about pended lines",
    ),
];

/// Writes a page about timelines. It refers to nothing outside of it, and every value in it is
/// escaped.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_page(explanations: &[Explanation<'_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src \
         'unsafe-inline'\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n\
         <title>Why lines were decided as they were</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>Why lines were decided as they were</h1>\n\
         <p class=\"lede\">A member's service lines under a medical policy: what each was decided as, the \
         clause behind it, the sessions and the dates that it counted, and what would change it.</p>"
    )?;
    write_legend(explanations, out)?;
    for (index, explanation) in explanations.iter().enumerate() {
        section::write_section(explanation, &format!("t{}", index + 1), out)?;
    }
    writeln!(out, "<footer>\n<h2>Which command shows more</h2>\n<ul>")?;
    for (command, shows) in MORE {
        writeln!(
            out,
            "<li><code>{}</code> {}</li>",
            Escaped(command),
            Escaped(shows)
        )?;
    }
    writeln!(
        out,
        "</ul>\n<p>This page has data of a person: keep it as you keep claims.</p>\n</footer>\n</main>\n\
         </body>\n</html>"
    )
}

/// What the shapes mean, of those that are on the page.
fn write_legend(explanations: &[Explanation<'_>], out: &mut dyn Write) -> io::Result<()> {
    let is_shown = |standing: &Standing| {
        let mut lines = explanations
            .iter()
            .flat_map(|explanation| &explanation.timeline.lines);
        lines.any(|line| line.standing == *standing)
    };
    writeln!(out, "<ul class=\"legend\" aria-label=\"Shapes\">")?;
    for standing in Standing::ALL.into_iter().filter(is_shown) {
        writeln!(
            out,
            "<li>{} {}: {}</li>",
            icon(standing),
            standing.as_str(),
            shape::words(standing)
        )?;
    }
    writeln!(out, "</ul>")
}

/// The shape of a standing as a small picture beside its word.
fn icon(standing: Standing) -> String {
    let shape = Shape {
        standing,
        x: 9,
        y: 8,
    };
    format!(
        "<svg class=\"icon\" width=\"18\" height=\"16\" viewBox=\"0 0 18 16\" aria-hidden=\"true\" \
         focusable=\"false\">{shape}</svg>"
    )
}
