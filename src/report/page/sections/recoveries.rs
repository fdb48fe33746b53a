//! What the run changes for decisions of earlier runs.

use maud::{Markup, html};

use crate::recoveries::Kind;
use crate::report::page::table::{Column, decimal, number, table};
use crate::report::recovered::{Recovered, words};

use Column::{Number, Text};

/// Where the section is.
pub(super) const ID: &str = "recoveries";

/// What it is called.
pub(super) const NAME: &str = "Decisions of earlier runs";

pub(super) fn section(recovered: &Recovered) -> Markup {
    let of_kinds = Kind::ALL.map(|kind| (kind, recovered.kinds.get(kind.as_str())));
    let rows = html! {
        @for (kind, amount) in of_kinds {
            @if let Some(amount) = amount {
                tr {
                    th scope="row" { (kind.as_str()) }
                    (number(amount.proposals))
                    (decimal(&amount.amount))
                    td { (words(kind)) }
                }
            }
        }
    };
    let caption = html! {
        "Decisions of earlier runs that would be different now "
        span { "proposals: nothing was reversed or paid" }
    };
    let columns = [
        Text("Kind"),
        Number("Proposals"),
        Number("$"),
        Text("What it is"),
    ];
    html! {
        section aria-labelledby=(ID) {
            h2 id=(ID) { (NAME) }
            (table("recovered", &caption, &columns, &rows, None))
        }
    }
}
