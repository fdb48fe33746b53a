//! What two sets of plans come to over the same claims, as a page to look at.

use std::io::{self, Write};

use maud::{Markup, html};

use super::charts::{self, Share, bar};
use super::split::Dollars;
use super::table::{Column, decimal, number, table};
use super::{as_data, document};
use crate::report::comparison::{
    Change, ComparisonSummary, DecidedLines, HistoryRead, SideTotal, SideUsed,
};
use crate::report::words::{counted, grouped};

use Column::{Bar, Number, Text};

/// The most billing providers that are shown one by one.
const MOST_PROVIDERS: usize = 500;

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
        header { (first(summary)) }
        nav aria-label="Sections" {
            ul { @for (id, name) in SECTIONS { li { a href={ "#" (id) } { (name) } } } }
        }
        main {
            (totals(summary))
            (changes(summary))
            (rules(summary))
            (providers(summary))
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

fn first(summary: &ComparisonSummary) -> Markup {
    html! {
        p.eyebrow { "claimstream compare --report, nothing recorded or paid" }
        h1 { (WHAT) }
        p {
            "The same claims judged twice: under the " b { "base" } ", and " b { "with" } " what is asked about. A line is "
            b { "paid" } ", " b { "reduced" } " (paid with fewer units), " b { "pended" } " (it waits for a person), "
            b { "denied" } ", " b { "reversed" } " (a later claim of the inputs took it back), or it " b { "passes" }
            " (that side does not limit it). Money is what was billed on those lines; " b { "allowed" } " is what a side lets stand."
        }
        (side("Base", &summary.base))
        (side("With", &summary.with))
        @if summary.differences.is_empty() {
            p.notice { "Nothing that decides is different between the two." }
        } @else {
            p { "What is different:" }
            ul { @for difference in &summary.differences { li { (difference) } } }
        }
        @if let Some(history) = &summary.history { (after(history)) }
        (tiles(summary))
        @for (name, total, lines) in [
            ("Base", &summary.base_total, decided(summary, true)),
            ("With", &summary.with_total, decided(summary, false)),
        ] { (money(name, total, &lines)) }
        @if !summary.warnings.is_empty() {
            div.notice role="note" {
                b { (counted(summary.warnings.len() as u64, "warning")) " of the comparison" }
                ul { @for warning in &summary.warnings { li { (warning) } } }
            }
        }
    }
}

fn side(name: &str, side: &SideUsed) -> Markup {
    html! {
        p {
            b { (name) } ": " code { (side.given) }
            @for plan in &side.plans {
                "; plan " (plan.plan) " under " (plan.policy) " (" (plan.title) ", in force from "
                (plan.versions.join(", ")) "), " (counted(plan.claims, "claim"))
            }
        }
    }
}

fn after(history: &HistoryRead) -> Markup {
    html! {
        p {
            "Both are judged after the history " code { (history.file) } ", which stays as it is. "
            @if !history.judged_again.is_empty() {
                (counted(history.judged_again.len() as u64, "input")) " that it knew, with "
                (counted(history.claims_taken_out, "claim")) ", judged again in place of what they were."
            }
        }
    }
}

fn tiles(summary: &ComparisonSummary) -> Markup {
    let compared = &summary.compared;
    let dollars = |amount: &str| Dollars(cents(amount)).in_words();
    let difference = Dollars(cents(&compared.changed.difference));
    let sign = if difference.0 > 0 { "+" } else { "" };
    html! {
        dl.tiles {
            (tile("", "Lines compared", &grouped(compared.lines), &format!("of {}", counted(compared.claims, "claim"))))
            (tile("is-bad", "Decisions that change", &grouped(compared.changed.lines), &format!("{} unchanged", grouped(compared.unchanged))))
            (tile("is-pay", "Allowed, base", &format!("${}", dollars(&summary.base_total.allowed)),
                &format!("of ${} billed", dollars(&summary.base_total.billed))))
            (tile("is-pay", "Allowed, with", &format!("${}", dollars(&summary.with_total.allowed)),
                &format!("of ${} billed", dollars(&summary.with_total.billed))))
            (tile("is-deny", "Difference in what is allowed", &format!("{sign}{}", difference.in_words()), "in dollars, on lines that both limit"))
            (tile("", "Billed on changed lines", &format!("${}", dollars(&compared.changed.charge)), &counted(compared.changed_claims, "claim")))
            (tile("", "Members concerned", &grouped(compared.changed_members), "with a decision that changes"))
            (tile("", "Claims refused or rejected", &grouped(summary.claims.refused + summary.claims.rejected),
                &format!("of {} read", grouped(summary.claims.read))))
        }
    }
}

fn tile(kind: &str, name: &str, value: &str, beside: &str) -> Markup {
    html! { div class=(kind) { dt { (name) } dd { (value) } dd { (beside) } } }
}

/// The lines of a side by decision.
fn decided(summary: &ComparisonSummary, is_base: bool) -> Vec<(&'static str, &DecidedLines)> {
    let decisions = summary.decisions.iter();
    decisions
        .map(|by| (by.decision, if is_base { &by.base } else { &by.with }))
        .collect()
}

/// Where what a side judged went.
fn money(name: &str, total: &SideTotal, lines: &[(&'static str, &DecidedLines)]) -> Markup {
    let charge = |decision: &str| {
        let lines = lines.iter().find(|(known, _)| *known == decision);
        lines.map_or(0, |(_, lines)| cents(&lines.charge))
    };
    let billed = cents(&total.billed);
    let allowed = cents(&total.allowed);
    if billed == 0 {
        return html! {};
    }
    let part = |name, what, amount| Share {
        name,
        what,
        amount: Dollars(amount),
    };
    let reduced = charge("pay") + charge("reduce") - allowed;
    let parts = [
        part("pay", "Allowed", allowed),
        part("reduce", "Reduced by", reduced),
        part("pend", "Pended", charge("pend")),
        part("deny", "Denied", charge("deny")),
    ];
    let title = format!("{name}: where what was billed goes");
    charts::shares(&title, Dollars(billed), &parts)
}

fn totals(summary: &ComparisonSummary) -> Markup {
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

fn changes(summary: &ComparisonSummary) -> Markup {
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

fn rules(summary: &ComparisonSummary) -> Markup {
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

fn providers(summary: &ComparisonSummary) -> Markup {
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

/// An amount of the summary, in whole cents.
fn cents(amount: &str) -> i128 {
    amount.replace('.', "").parse().unwrap_or_default()
}
