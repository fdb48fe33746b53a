//! What is wrong with the inputs, and claims that no plan took.

use maud::{Markup, html};

use super::heading;
use crate::report::page::numbers::Numbers;
use crate::report::page::problems::{Place, Problem};
use crate::report::page::table::{Column, number, table};
use crate::report::words::grouped;
use crate::x12::Severity;

use Column::{Number, Text};

/// The most payer ids without a plan that are shown.
const MOST_PAYERS: usize = 20;

pub(super) fn section(numbers: &Numbers<'_>) -> Markup {
    let (claims, lines) = (numbers.claims, numbers.lines);
    html! {
        section aria-labelledby="inputs" {
            (heading("inputs"))
            p {
                (grouped(numbers.files.refused)) " files, " (grouped(numbers.interchanges.refused)) " interchanges, "
                (grouped(numbers.groups.refused)) " functional groups and " (grouped(numbers.transaction_sets.refused))
                " transaction sets were refused, with " (grouped(claims.refused)) " claims and " (grouped(lines.refused))
                " lines in them; " (grouped(claims.rejected)) " claims and " (grouped(lines.rejected)) " lines were rejected alone."
            }
            @if numbers.problems.is_empty() {
                p { "No error and no warning was found in the inputs." }
            } @else {
                (problems(numbers))
                p.more { "Every one with its place: " code { "--errors errors.jsonl" } "; all that is wrong with a file: " code { "claimstream validate FILE" } }
            }
            @if numbers.unrouted.claims > 0 { (unrouted(numbers)) }
        }
    }
}

fn problems(numbers: &Numbers<'_>) -> Markup {
    let rows = html! {
        @for problem in &numbers.problems {
            tr {
                th scope="row" { code { (problem.code) } }
                td { (severity(problem)) }
                (number(problem.count))
                td.wide { (problem.message) }
                td.wide {
                    ul.places { @for place in &problem.places { li { (words(place)) } } }
                    @if problem.count > problem.places.len() as u64 {
                        span.of { "and " (grouped(problem.count - problem.places.len() as u64)) " more" }
                    }
                }
            }
        }
    };
    let columns = [
        Text("Code"),
        Text("Kind"),
        Number("Count"),
        Text("What is wrong, as first told"),
        Text("First places"),
    ];
    let caption = html! {
        "Errors and warnings about the inputs "
        span { "an error refuses or rejects; a warning does not; no value of the input is shown" }
    };
    table("problems", &caption, &columns, &rows, None)
}

fn severity(problem: &Problem) -> &'static str {
    match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn words(place: &Place) -> String {
    let mut words = format!("{}, byte {}", place.file, place.offset_bytes);
    if let Some(segment) = place.segment_in_file {
        words += &format!(", segment {segment}");
    }
    if let Some(loop_id) = place.loop_id {
        words += &format!(", loop {loop_id}");
    }
    if let Some(segment) = &place.segment {
        words += &format!(", {segment}");
        if let Some(element) = place.element {
            words += &format!("{element:02}");
        }
    }
    words
}

fn unrouted(numbers: &Numbers<'_>) -> Markup {
    let unrouted = numbers.unrouted;
    let mut payers: Vec<(&String, &u64)> = unrouted.payer_ids.iter().collect();
    payers.sort_by_key(|(_, claims)| std::cmp::Reverse(**claims));
    let rows = html! {
        @for (payer_id, claims) in payers.iter().take(MOST_PAYERS) {
            tr {
                th scope="row" { @if payer_id.is_empty() { "none given" } @else { (payer_id) } }
                (number(**claims))
            }
        }
    };
    let totals = html! { tr { th scope="row" { "All" } (number(unrouted.claims)) } };
    let columns = [Text("Payer id"), Number("Claims")];
    let caption = html! {
        "Claims that matched no plan and passed, by payer id "
        @if payers.len() > MOST_PAYERS { span { "the first " (MOST_PAYERS) " of " (grouped(payers.len() as u64)) } }
    };
    html! {
        (table("unrouted", &caption, &columns, &rows, Some(&totals)))
        p.more { "Route them with a plans file: " code { "--plans plans.toml" } }
    }
}
