//! What was read, and what became of it.

use maud::{Markup, html};

use super::heading;
use crate::report::page::numbers::Numbers;
use crate::report::page::table::{Column, number, table};
use crate::report::summary::{Fates, LineFates};
use crate::report::words::{counted, grouped};

pub(super) fn section(numbers: &Numbers<'_>) -> Markup {
    use Column::{Number, Text};
    let columns = [
        Text("What"),
        Number("Read"),
        Number("Refused"),
        Number("Rejected"),
        Number("Adjudicated before"),
        Number("Taken back"),
        Number("Judged"),
        Number("Passed"),
    ];
    let containers = [
        ("Files", numbers.files),
        ("Interchanges", numbers.interchanges),
        ("Functional groups", numbers.groups),
        ("Transaction sets", numbers.transaction_sets),
    ];
    let rows = html! {
        @for (name, fates) in containers { (container(name, fates)) }
        @for (name, fates) in [("Claims", numbers.claims), ("Service lines", numbers.lines)] { (whole(name, fates)) }
    };
    let caption = html! {
        "What was read and what became of it "
        span { "refused: with the file, interchange, group or set it stood in; rejected: alone; passed: no policy limits it" }
    };
    html! {
        section aria-labelledby="totals" {
            (heading("totals"))
            (table("totals-table", &caption, &columns, &rows, None))
            @for (name, fates) in [("claims", numbers.claims), ("lines", numbers.lines)] { (identity(name, fates)) }
            (money(numbers))
            (history(numbers))
        }
    }
}

fn container(name: &str, fates: Fates) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            (number(fates.read))
            (number(fates.refused))
            td.n data-v="0" { "–" }
            (number(fates.adjudicated_before))
            @for _ in 0..3 { td.n data-v="0" { "–" } }
        }
    }
}

fn whole(name: &str, fates: LineFates) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for count in [fates.read, fates.refused, fates.rejected, fates.adjudicated_before, fates.taken_back, fates.judged, fates.passed] {
                (number(count))
            }
        }
    }
}

fn identity(name: &str, fates: LineFates) -> Markup {
    let parts = [
        (fates.refused, "refused"),
        (fates.rejected, "rejected"),
        (fates.adjudicated_before, "adjudicated before"),
        (fates.taken_back, "taken back"),
        (fates.judged, "judged"),
        (fates.passed, "passed"),
    ];
    html! {
        p.identity {
            (grouped(fates.read)) " " (name) " read ="
            @for (place, (count, what)) in parts.into_iter().enumerate() {
                @if place > 0 { " +" }
                " " (grouped(count)) " " (what)
            }
        }
    }
}

fn money(numbers: &Numbers<'_>) -> Markup {
    let split = &numbers.decided;
    html! {
        p.identity {
            "$" (split.billed().in_words()) " billed = $"
            (split.allowed().in_words()) " allowed + $"
            (split.denied().in_words()) " denied + $"
            (split.pended().in_words()) " pended + $"
            (split.reduced().in_words()) " reduced"
        }
    }
}

fn history(numbers: &Numbers<'_>) -> Markup {
    let Some(history) = numbers.history else {
        return html! {
            p.more { "These counts for programs: " code { "--summary night.json" } }
            p.more { "The run had no history: it knows the claims of its own inputs alone. " code { "--history FILE" } " judges each night after those before." }
        };
    };
    html! {
        p.more { "These counts for programs: " code { "--summary night.json" } }
        @if history.claims_taken_back > 0 {
            p {
                (counted(history.claims_taken_back, "claim")) " of earlier runs taken back, with "
                (counted(history.lines_taken_back, "paid line")) ": " (history.amount_taken_back) "."
            }
        }
        p.more { "All runs: " code { "claimstream history runs --history FILE" } }
    }
}
