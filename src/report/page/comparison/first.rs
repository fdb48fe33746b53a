//! The first screen: what was compared, and what it comes to.

use maud::{Markup, html};

use super::WHAT;
use crate::report::comparison::{
    ComparisonSummary, DecidedLines, HistoryRead, SideTotal, SideUsed,
};
use crate::report::page::charts::{self, Share};
use crate::report::page::split::Dollars;
use crate::report::words::{counted, grouped};

pub(super) fn screen(summary: &ComparisonSummary) -> Markup {
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

/// An amount of the summary, in whole cents.
fn cents(amount: &str) -> i128 {
    amount.replace('.', "").parse().unwrap_or_default()
}
