//! What stands on the page, from top to bottom.

mod decisions;
mod first;
mod inputs;
mod monitored;
mod providers;
mod recoveries;
mod remittances;
mod totals;

use maud::{Markup, html};

use super::numbers::Numbers;
use crate::claim::IsoDate;

/// The sections: where each is, and what it is called.
const SECTIONS: [(&str, &str); 9] = [
    ("totals", "Totals"),
    ("decisions", "Decisions"),
    ("pends", "What waits for a person"),
    ("monitored", "Monitored rules"),
    ("providers", "Billing providers"),
    ("outliers", "Providers that stand out"),
    ("months", "Sessions by month"),
    ("inputs", "Refused and rejected input"),
    ("remittances", "Remittances"),
];

/// What the page is called, whatever was decided.
const WHAT: &str = "What was decided";

/// What the page is called.
pub(super) fn title(numbers: &Numbers<'_>) -> String {
    match numbers.latest_billing_date {
        Some(date) => format!("{WHAT}, claims billed to {}", IsoDate(date)),
        None => WHAT.to_owned(),
    }
}

/// All of it.
pub(super) fn page(numbers: &Numbers<'_>) -> Markup {
    html! {
        header { (first::screen(numbers)) }
        nav aria-label="Sections" {
            ul {
                @for (id, name) in SECTIONS.iter().filter(|(id, _)| is_shown(id, numbers)) {
                    li { a href={ "#" (id) } { (name) } }
                }
                @if numbers.recoveries.is_some() {
                    li { a href={ "#" (recoveries::ID) } { (recoveries::NAME) } }
                }
            }
        }
        main {
            (totals::section(numbers))
            (decisions::section(numbers))
            (decisions::pends(numbers))
            @if let Some(monitored) = numbers.monitored { (monitored::section(monitored)) }
            (providers::section(numbers))
            (providers::outliers(numbers))
            (providers::months(numbers))
            (inputs::section(numbers))
            (remittances::section(numbers))
            @if let Some(recovered) = numbers.recoveries {
                (recoveries::section(recovered))
            }
        }
        footer {
            p {
                "Written by claimstream " (numbers.engine) ". The page needs no network and names no member and no claim. "
                "All its numbers stand in it once more, as JSON, in the element with the id " code { "numbers" } ". "
                "The same run gives the same page, so it does not say when it was written."
            }
        }
    }
}

/// Whether the page has a section: one of what is monitored, where something is.
fn is_shown(id: &str, numbers: &Numbers<'_>) -> bool {
    id != "monitored" || numbers.monitored.is_some()
}

/// The heading of a section.
fn heading(id: &str) -> Markup {
    let name = SECTIONS.iter().find(|(known, _)| *known == id);
    html! { h2 id=(id) { (name.map_or("", |(_, name)| *name)) } }
}
