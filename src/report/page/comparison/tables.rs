//! The tables: by decision, by rule, by billing provider.

use maud::{Markup, html};

use super::heading;
use crate::report::comparison::{Change, ComparisonSummary};
use crate::report::page::charts::bar;
use crate::report::page::table::{Column, decimal, number, table};
use crate::report::words::{counted, grouped};

use Column::{Bar, Number, Text};

/// The most billing providers that are shown one by one.
const MOST_PROVIDERS: usize = 500;

pub(super) fn totals(summary: &ComparisonSummary) -> Markup {
    let rows = html! {
        @for by in &summary.decisions {
            tr {
                th scope="row" { (by.decision) }
                (number(by.base.lines))
                (number(by.with.lines))
                (decimal(&by.base.charge))
                (decimal(&by.with.charge))
                (decimal(&by.base.allowed))
                (decimal(&by.with.allowed))
            }
        }
    };
    let (base, with) = (&summary.base_total, &summary.with_total);
    let all = html! {
        tr {
            th scope="row" { "Judged" }
            (number(base.lines))
            (number(with.lines))
            (decimal(&base.billed))
            (decimal(&with.billed))
            (decimal(&base.allowed))
            (decimal(&with.allowed))
        }
    };
    let columns = [
        Text("Decision"),
        Number("Lines, base"),
        Number("Lines, with"),
        Number("Billed $, base"),
        Number("Billed $, with"),
        Number("Allowed $, base"),
        Number("Allowed $, with"),
    ];
    let caption = html! {
        "Compared lines by decision "
        span { "judged: neither reversed nor passing" }
    };
    html! {
        section aria-labelledby="totals" {
            (heading("totals"))
            (table("by-decision", &caption, &columns, &rows, Some(&all)))
            p.identity {
                (counted(summary.claims.read, "claim")) " with " (counted(summary.lines.read, "line")) " read, "
                (grouped(summary.claims.refused)) " refused, " (grouped(summary.claims.rejected)) " rejected, on both sides alike"
            }
            p.identity {
                (counted(summary.compared.lines, "line")) " compared = " (grouped(summary.compared.changed.lines)) " with another decision + "
                (grouped(summary.compared.other_rule.lines)) " with the same decision by another rule + "
                (grouped(summary.compared.unchanged)) " unchanged"
            }
            p.more { "These counts for programs: " code { "--summary change.json" } "; every changed line: " code { "--out changed.csv" } }
        }
    }
}

pub(super) fn changes(summary: &ComparisonSummary) -> Markup {
    let changes = summary.changes.iter();
    let changed: Vec<_> = changes
        .filter(|change| change.base != change.with)
        .collect();
    let largest = changed.iter().map(|change| change.change.lines).max();
    let rows = html! {
        @for change in &changed {
            tr {
                th scope="row" { (change.base) " to " (change.with) }
                (moved(&change.change))
                (bar(change.with, change.change.lines, largest.unwrap_or(0)))
            }
        }
    };
    let all = html! { tr { th scope="row" { "All" } (moved(&summary.compared.changed)) td {} } };
    let columns = [
        Text("Decision"),
        Number("Lines"),
        Number("Billed $"),
        Number("Difference in allowed $"),
        Bar("Lines"),
    ];
    let caption = html! {
        "Lines whose decision changes "
        span { "a line that passes on a side comes to no difference" }
    };
    html! {
        section aria-labelledby="changes" {
            (heading("changes"))
            @if changed.is_empty() {
                p { "No decision changes." }
            } @else {
                (table("by-change", &caption, &columns, &rows, Some(&all)))
            }
        }
    }
}

fn moved(change: &Change) -> Markup {
    html! { (number(change.lines)) (decimal(&change.charge)) (decimal(&change.difference)) }
}

pub(super) fn rules(summary: &ComparisonSummary) -> Markup {
    let rows = html! {
        @for rule in &summary.rules {
            tr {
                th scope="row" { (rule.rule) }
                td { (rule.decision) }
                (number(rule.base))
                (number(rule.no_longer.lines))
                (number(rule.newly.lines))
                (number(rule.with))
                (decimal(&rule.no_longer.difference))
                (decimal(&rule.newly.difference))
            }
        }
    };
    let columns = [
        Text("Rule"),
        Text("Decision"),
        Number("Lines, base"),
        Number("No longer"),
        Number("Newly"),
        Number("Lines, with"),
        Number("No longer: difference $"),
        Number("Newly: difference $"),
    ];
    let caption = html! {
        "Lines by the rule that decides "
        span { "with = base − no longer + newly; a line that goes from one rule to another counts for both" }
    };
    html! {
        section aria-labelledby="rules" {
            (heading("rules"))
            @if summary.rules.is_empty() {
                p { "No rule decides against a line on either side." }
            } @else {
                (table("by-rule", &caption, &columns, &rows, None))
            }
        }
    }
}

pub(super) fn providers(summary: &ComparisonSummary) -> Markup {
    let shown = &summary.providers[..summary.providers.len().min(MOST_PROVIDERS)];
    let rows = html! {
        @for provider in shown {
            tr {
                th scope="row" { @if provider.billing_provider.is_empty() { "none given" } @else { (provider.billing_provider) } }
                (moved(&provider.change))
                (number(provider.members))
                (number(provider.compared))
            }
        }
    };
    let columns = [
        Text("Billing provider"),
        Number("Lines"),
        Number("Billed $"),
        Number("Difference in allowed $"),
        Number("Members"),
        Number("Lines compared"),
    ];
    let caption = html! {
        "Lines whose decision changes, by billing provider, the largest difference first "
        span { "a member of two providers counts for each" }
    };
    html! {
        section aria-labelledby="providers" {
            (heading("providers"))
            @if shown.is_empty() {
                p { "No decision of any provider changes." }
            } @else {
                (table("by-provider", &caption, &columns, &rows, None))
            }
            p.more {
                (counted(summary.unchanged_providers, "provider")) " without a change."
                @if summary.providers.len() > shown.len() {
                    " The first " (grouped(shown.len() as u64)) " of " (grouped(summary.providers.len() as u64))
                    " are shown; " code { "--summary change.json" } " has all."
                }
            }
        }
    }
}
