//! Decisions, by policy and by rule, and what pends.

use maud::{Markup, html};

use super::heading;
use crate::report::page::charts::bar;
use crate::report::page::numbers::Numbers;
use crate::report::page::split::Dollars;
use crate::report::page::table::{self, Column, SPLIT, amount, decimal, number, share, table};
use crate::report::words::grouped;

use Column::{Bar, Number, Text};

pub(super) fn section(numbers: &Numbers<'_>) -> Markup {
    html! {
        section aria-labelledby="decisions" {
            (heading("decisions"))
            (by_decision(numbers))
            (by_policy(numbers))
            (by_rule(numbers))
            p.more { "What a policy limits, with its clauses: " code { "claimstream policies show ID" } }
        }
    }
}

fn by_decision(numbers: &Numbers<'_>) -> Markup {
    let split = &numbers.decided;
    let rows = [
        ("pay", "Pay", split.pay),
        ("reduce", "Reduce", split.reduce),
        ("pend", "Pend", split.pend),
        ("deny", "Deny", split.deny),
    ];
    let largest = rows.iter().map(|(_, _, sum)| sum.lines).max().unwrap_or(0);
    let body = html! {
        @for (kind, name, sum) in rows {
            tr {
                th scope="row" { (name) }
                (number(sum.lines))
                (share(sum.lines, split.lines()))
                (amount(Dollars(sum.cents)))
                (bar(kind, sum.lines, largest))
            }
        }
    };
    let totals = html! {
        tr {
            th scope="row" { "All" }
            (number(split.lines()))
            (share(split.lines(), split.lines()))
            (amount(split.billed()))
            td {}
        }
    };
    let columns = [
        Text("Decision"),
        Number("Lines"),
        Number("Share"),
        Number("Billed $"),
        Bar("Lines"),
    ];
    let caption = html! { "Judged lines by decision" };
    table("by-decision", &caption, &columns, &body, Some(&totals))
}

fn by_policy(numbers: &Numbers<'_>) -> Markup {
    let rows = html! {
        @for policy in &numbers.policies {
            tr { th scope="row" { (policy.policy) } (table::split(&policy.split)) }
        }
    };
    let totals = html! { tr { th scope="row" { "All" } (table::split(&numbers.decided)) } };
    let columns: Vec<Column> = [Text("Policy")].into_iter().chain(SPLIT).collect();
    let caption = html! { "Judged lines by policy " span { "billed = allowed + denied + pended + reduced by" } };
    table("by-policy", &caption, &columns, &rows, Some(&totals))
}

fn by_rule(numbers: &Numbers<'_>) -> Markup {
    let rules = numbers.rules;
    if rules.is_empty() {
        return html! { p { "No rule decided against a line." } };
    }
    let largest = rules.iter().map(|rule| rule.amounts.lines).max();
    let lines: u64 = rules.iter().map(|rule| rule.amounts.lines).sum();
    let split = &numbers.decided;
    let charge = Dollars(split.deny.cents + split.pend.cents + split.reduce.cents);
    let rows = html! {
        @for rule in rules {
            tr {
                th scope="row" { (rule.rule) }
                td { (rule.decision) }
                (number(rule.amounts.lines))
                (decimal(&rule.amounts.charge))
                (bar(rule.decision, rule.amounts.lines, largest.unwrap_or(0)))
                td.id { (rule.policy) }
            }
        }
    };
    let totals = html! {
        tr { th scope="row" { "All" } td {} (number(lines)) (amount(charge)) td {} td {} }
    };
    let columns = [
        Text("Rule"),
        Text("Decision"),
        Number("Lines"),
        Number("Billed $"),
        Bar("Lines"),
        Text("Policy"),
    ];
    let caption = html! {
        "Lines that are not paid as billed, by the rule that decided "
        span { "each line counts once, for its deciding reason" }
    };
    table("by-rule", &caption, &columns, &rows, Some(&totals))
}

pub(super) fn pends(numbers: &Numbers<'_>) -> Markup {
    let split = &numbers.decided;
    html! {
        section aria-labelledby="pends" {
            (heading("pends"))
            @if numbers.pends.is_empty() {
                p { "Nothing: every judged line was decided without a person." }
            } @else {
                p {
                    (grouped(split.pend.lines)) " of " (grouped(split.lines())) " judged lines wait for a person, with $"
                    (split.pended().in_words()) " billed on them."
                }
                (pend_reasons(numbers))
                p.more {
                    "Each of them, oldest first, with what to ask for: " code { "--pends queue.csv" }
                    ", or what is open of all runs, " code { "claimstream history pends --history FILE --csv queue.csv" }
                    "; " code { "claimstream history decide queue.csv" } " takes the decisions back."
                }
            }
        }
    }
}

fn pend_reasons(numbers: &Numbers<'_>) -> Markup {
    let largest = numbers.pends.first().map_or(0, |pended| pended.lines);
    let rows = html! {
        @for pended in &numbers.pends {
            tr {
                th scope="row" { (pended.rule) }
                (number(pended.lines))
                (amount(pended.charge))
                (bar("pend", pended.lines, largest))
                td.wide { (pended.needed) }
                td.id { (pended.policy) }
                td { (pended.status) }
                td.wide { (pended.clause) }
            }
        }
    };
    let totals = html! {
        tr {
            th scope="row" { "All" }
            (number(numbers.decided.pend.lines))
            (amount(numbers.decided.pended()))
            @for _ in 0..5 { td {} }
        }
    };
    let columns = [
        Text("Rule"),
        Number("Lines"),
        Number("Billed $"),
        Bar("Lines"),
        Text("What a reviewer needs"),
        Text("Policy"),
        Text("Status"),
        Text("Clause"),
    ];
    let caption = html! { "Reasons to pend, the most frequent first" };
    table("pend-reasons", &caption, &columns, &rows, Some(&totals))
}
