//! Billing providers, those that stand out, and sessions by month.

use maud::{Markup, html};

use super::heading;
use crate::report::page::charts::{self, bar};
use crate::report::page::numbers::{MOST_PROVIDERS, Numbers};
use crate::report::page::outliers::{LEAST_MEMBERS, TIMES};
use crate::report::page::table::{self, Column, SPLIT, number, table};
use crate::report::words::{counted, grouped};

use Column::{Bar, Number, Text};

pub(super) fn section(numbers: &Numbers<'_>) -> Markup {
    let rows = html! {
        @for provider in &numbers.providers {
            tr {
                th scope="row" { (name(provider.billing_provider)) }
                td.id { (provider.plan) }
                (number(provider.members))
                (number(provider.sessions))
                (table::split(&provider.split))
            }
        }
    };
    let totals = html! {
        @if let Some(others) = &numbers.other_providers {
            tr {
                th scope="row" { (grouped(others.providers)) " others together" }
                td {}
                td {}
                (number(others.sessions))
                (table::split(&others.split))
            }
        }
        tr { th scope="row" { "All" } td {} td {} (number(numbers.sessions)) (table::split(&numbers.decided)) }
    };
    let own = [
        Text("Billing provider"),
        Text("Plan"),
        Number("Members"),
        Number("Sessions"),
    ];
    let columns: Vec<Column> = own.into_iter().chain(SPLIT).collect();
    let caption = html! {
        "Judged lines by billing provider, those that bill most first "
        span { "members: those with a session; a member of two providers counts for each" }
    };
    html! {
        section aria-labelledby="providers" {
            (heading("providers"))
            @if numbers.providers.is_empty() {
                p { "No line of any provider was judged." }
            } @else {
                (table("by-provider", &caption, &columns, &rows, Some(&totals)))
                @if numbers.other_providers.is_some() {
                    p.more { "The first " (grouped(MOST_PROVIDERS as u64)) " are shown one by one; " code { "--out decided.csv" } " has the lines of all." }
                }
            }
        }
    }
}

fn name(billing_provider: &str) -> &str {
    match billing_provider {
        "" => "none given",
        given => given,
    }
}

pub(super) fn outliers(numbers: &Numbers<'_>) -> Markup {
    html! {
        section aria-labelledby="outliers" {
            (heading("outliers"))
            p {
                "Billing providers with " (LEAST_MEMBERS) " members or more whose sessions for each member are " (TIMES)
                " times the median of their plan or more. A session is a date on which a provider is paid the service that "
                "a policy limits; members are those with a session in this run; the median is over the plan's providers that have one. "
                "A high number asks for a look and proves nothing."
            }
            @for median in &numbers.medians {
                p.identity {
                    "Plan " (median.plan) ": median " (median.ratio) " sessions for each member, over "
                    (counted(median.providers as u64, "provider"))
                }
            }
            @if numbers.outliers.is_empty() {
                p { "None stands out in this run." }
            } @else { (outlier_table(numbers)) }
            p.more { "The sessions of a member: " code { "claimstream history show MEMBER --history FILE" } }
        }
    }
}

fn outlier_table(numbers: &Numbers<'_>) -> Markup {
    let rows = html! {
        @for outlier in &numbers.outliers {
            tr {
                th scope="row" { (name(&outlier.billing_provider)) }
                td.id { (outlier.plan) }
                (number(outlier.members))
                (number(outlier.sessions))
                td.n data-v=(outlier.ratio) { (outlier.ratio) }
                td.n data-v=(outlier.median) { (outlier.median) }
            }
        }
    };
    let columns = [
        Text("Billing provider"),
        Text("Plan"),
        Number("Members"),
        Number("Sessions"),
        Number("Sessions for each member"),
        Number("Median of the plan"),
    ];
    let caption = html! { "Providers that stand out, the furthest first" };
    table("outlier-table", &caption, &columns, &rows, None)
}

pub(super) fn months(numbers: &Numbers<'_>) -> Markup {
    let largest = numbers.months.iter().map(|month| month.sessions).max();
    let rows = html! {
        @for month in numbers.months.iter().rev() {
            tr {
                th scope="row" { (month.name()) }
                (number(month.sessions))
                (bar("session", month.sessions, largest.unwrap_or(0)))
            }
        }
    };
    let totals = html! { tr { th scope="row" { "All" } (number(numbers.sessions)) td {} } };
    let columns = [Text("Month"), Number("Sessions"), Bar("Sessions")];
    let caption = html! { "Sessions of this run by month of service, the latest first" };
    html! {
        section aria-labelledby="months" {
            (heading("months"))
            @if numbers.months.is_empty() {
                p { "No session was paid in this run." }
            } @else {
                (charts::months(&numbers.months))
                (table("by-month", &caption, &columns, &rows, Some(&totals)))
            }
        }
    }
}
