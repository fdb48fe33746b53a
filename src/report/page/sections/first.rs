//! The first screen: what this is, what its numbers mean, which command shows more.

use maud::{Markup, html};

use super::WHAT;
use crate::claim::IsoDate;
use crate::report::page::charts::{self, Share};
use crate::report::page::numbers::Numbers;
use crate::report::page::table::percent;
use crate::report::words::{counted, grouped};

pub(super) fn screen(numbers: &Numbers<'_>) -> Markup {
    html! {
        p.eyebrow { "claimstream adjudicate --report" @if let Some(history) = numbers.history { (run(history.run)) } }
        h1 {
            (WHAT)
            @if let Some(date) = numbers.latest_billing_date { ", claims billed to " span { (IsoDate(date)) } }
        }
        p {
            "What this run decided about the service lines that a medical policy limits. A line is "
            b { "paid" } ", " b { "reduced" } " (paid with fewer units), " b { "pended" } " (it waits for a person) or "
            b { "denied" } "; the most severe rule that fired decides. Money is what was billed on those lines; "
            b { "allowed" } " is what the policy lets stand."
        }
        p.more {
            "More: each decision with its clause, " code { "--out decided.jsonl" }
            "; why it is so, in words, " code { "claimstream explain decided.jsonl --claim ID" }
        }
        @if numbers.is_written_again() {
            p.notice {
                "Nothing of the inputs was new: the decisions below are those that earlier runs wrote, "
                "and the lines they are about are counted as adjudicated before."
            }
        }
        @if numbers.decided.lines() == 0 {
            p.notice { "No line was judged in this run: no claim that a plan took bears a line that its policy limits." }
        }
        (tiles(numbers))
        @if numbers.decided.billed().0 > 0 { (money(numbers)) }
        @if !numbers.warnings.is_empty() {
            div.notice role="note" {
                b { (counted(numbers.warnings.len() as u64, "warning")) " of the run" }
                ul {
                    @for warning in numbers.warnings { li { (warning) } }
                }
            }
        }
    }
}

fn run(run: Option<i64>) -> String {
    match run {
        Some(run) => format!(", recorded as run {run}"),
        None => ", nothing recorded".to_owned(),
    }
}

fn tiles(numbers: &Numbers<'_>) -> Markup {
    let split = &numbers.decided;
    let share = numbers.without_a_person;
    let turned_away = numbers.claims_turned_away();
    html! {
        dl.tiles {
            (tile("", "Lines judged", &grouped(split.lines()), &format!("of {} read", grouped(numbers.lines.read))))
            (tile("", "Billed", &format!("${}", split.billed().in_words()), &format!("on {}", counted(split.lines(), "line"))))
            (tile("is-pay", "Allowed", &format!("${}", split.allowed().in_words()),
                &format!("{} paid, {} reduced", grouped(split.pay.lines), grouped(split.reduce.lines))))
            (tile("is-deny", "Denied", &format!("${}", split.denied().in_words()), &counted(split.deny.lines, "line")))
            (tile("is-pend", "Waiting for a person", &format!("${}", split.pended().in_words()), &counted(split.pend.lines, "line")))
            (tile("", "Sessions paid", &grouped(numbers.sessions), &format!("in {} of service", counted(numbers.months.len() as u64, "month"))))
            (tile("", "Decided without a person", &percent(share.per_mille),
                &format!("{} of {} lines", grouped(share.lines), grouped(share.of))))
            (tile(if turned_away > 0 { "is-bad" } else { "" }, "Claims refused or rejected", &grouped(turned_away),
                &format!("of {} read", grouped(numbers.claims.read))))
        }
    }
}

fn tile(kind: &str, name: &str, value: &str, beside: &str) -> Markup {
    html! {
        div class=(kind) { dt { (name) } dd { (value) } dd { (beside) } }
    }
}

fn money(numbers: &Numbers<'_>) -> Markup {
    let split = &numbers.decided;
    let part = |name, what, amount| Share { name, what, amount };
    let parts = [
        part("pay", "Allowed", split.allowed()),
        part("reduce", "Reduced by", split.reduced()),
        part("pend", "Pended", split.pended()),
        part("deny", "Denied", split.denied()),
    ];
    charts::shares("Where what was billed went", split.billed(), &parts)
}
