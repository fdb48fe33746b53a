//! What two sets of plans come to over the same claims, as a page to look at.

mod first;
mod tables;

use std::io::{self, Write};

use maud::{Markup, html};

use super::{as_data, document};
use crate::report::ComparisonSummary;

/// What the page is called.
const WHAT: &str = "What would change";

/// The sections: where each is, and what it is called.
const SECTIONS: [(&str, &str); 4] = [
    ("totals", "Totals"),
    ("changes", "Decisions that change"),
    ("rules", "Rules"),
    ("providers", "Billing providers"),
];

/// The page of a comparison.
#[derive(Debug)]
pub struct ComparisonPage<'s> {
    /// What the comparison came to.
    pub summary: &'s ComparisonSummary,
}

impl ComparisonPage<'_> {
    /// Writes it as HTML.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let data = as_data(self.summary)?;
        let page = document(WHAT, &body(self.summary), &data).into_string();
        out.write_all(page.as_bytes())?;
        out.write_all(b"\n")
    }
}

fn body(summary: &ComparisonSummary) -> Markup {
    html! {
        header { (first::screen(summary)) }
        nav aria-label="Sections" {
            ul { @for (id, name) in SECTIONS { li { a href={ "#" (id) } { (name) } } } }
        }
        main {
            (tables::totals(summary))
            (tables::changes(summary))
            (tables::rules(summary))
            (tables::providers(summary))
        }
        footer {
            p {
                "Written by claimstream " (summary.engine) ". The page needs no network and names no member and no claim. "
                "All its numbers stand in it once more, as JSON, in the element with the id " code { "numbers" } ". "
                "The same comparison gives the same page, so it does not say when it was written."
            }
        }
    }
}

fn heading(id: &str) -> Markup {
    let name = SECTIONS.iter().find(|(known, _)| *known == id);
    html! { h2 id=(id) { (name.map_or("", |(_, name)| *name)) } }
}
