//! What the run remitted.

use maud::{Markup, html};

use super::heading;
use crate::report::Remitted;
use crate::report::page::numbers::Numbers;
use crate::report::page::table::{Column, decimal, number, table};

use Column::{Number, Text};

pub(super) fn section(numbers: &Numbers<'_>) -> Markup {
    html! {
        section aria-labelledby="remittances" {
            (heading("remittances"))
            @match numbers.remitted {
                Some(remitted) => (totals(remitted)),
                None => p { "The run wrote no remittances; " code { "--remit paid.835" } " does." },
            }
        }
    }
}

fn totals(remitted: &Remitted) -> Markup {
    let money = [
        ("Paid for claims", &remitted.paid),
        ("Taken back of earlier payments", &remitted.reversed),
        ("Owed from before, which came off", &remitted.owed_before),
        ("Owed from now on, carried forward", &remitted.owed_after),
    ];
    let rows = html! {
        @for (name, amount) in money {
            tr { th scope="row" { (name) } (decimal(amount)) }
        }
    };
    let total = html! { tr { th scope="row" { "Paid out" } (decimal(&remitted.payment)) } };
    let caption = html! { "Money remitted " span { "paid out = paid + taken back − owed before + owed after" } };
    let columns = [Text("What"), Number("$")];
    html! {
        @if remitted.is_written_again {
            p.notice { "Nothing was paid in this run: remittances of earlier runs were written again as they were." }
        }
        (table("remitted-money", &caption, &columns, &rows, Some(&total)))
        (counts(remitted))
        p.more { "Whether the file balances, sum by sum: " code { "claimstream remit check FILE.835" } }
    }
}

fn counts(remitted: &Remitted) -> Markup {
    let counts = [
        ("Remittances, one for each payee", remitted.remittances),
        ("Claims paid", remitted.claims_paid),
        (
            "Claims held: a line waits for a person",
            remitted.claims_held,
        ),
        (
            "Claims of earlier runs that were held, paid now",
            remitted.claims_released,
        ),
        (
            "Claims of earlier runs taken back after payment",
            remitted.claims_reversed,
        ),
        (
            "Claims of earlier runs taken back before payment",
            remitted.claims_dropped,
        ),
        ("Claims without a payee", remitted.claims_without_payee),
        (
            "Claims of earlier runs without a payer",
            remitted.claims_without_payer,
        ),
        (
            "Claims held for codes that an 835 cannot say",
            remitted.claims_with_unusable_codes,
        ),
        (
            "Paid lines that the fee schedule has no fee for",
            remitted.lines_without_fee,
        ),
    ];
    let rows = html! {
        @for (name, count) in counts { tr { th scope="row" { (name) } (number(count)) } }
    };
    let caption = html! { "Remittances and their claims" };
    table(
        "remitted-counts",
        &caption,
        &[Text("What"), Number("Count")],
        &rows,
        None,
    )
}
