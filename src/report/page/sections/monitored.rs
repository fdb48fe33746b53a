//! What monitored rules would have changed.

use maud::{Markup, html};

use super::heading;
use crate::report::monitored::MonitorCount;
use crate::report::page::table::{Column, decimal, number, table};

use Column::{Number, Text};

pub(super) fn section(monitored: &[MonitorCount]) -> Markup {
    let rows = html! {
        @for count in monitored {
            tr {
                th scope="row" { (count.rule) }
                td { (count.set) }
                (number(count.lines))
                (number(count.paid_lines))
                (decimal(&count.amount_at_stake))
                td.id { (count.plan) }
                td.wide { (count.citation) }
            }
        }
    };
    let columns = [
        Text("Rule"),
        Text("Sets"),
        Number("Lines"),
        Number("Paid lines"),
        Number("At stake $"),
        Text("Plan"),
        Text("Document"),
    ];
    let caption = html! {
        "Lines that monitored rules would decide otherwise "
        span { "each monitor by itself; a line may count for several, so the rows have no total" }
    };
    html! {
        section aria-labelledby="monitored" {
            (heading("monitored"))
            p {
                "None of this was decided: these rules were judged beside the real ones, on the sessions that were really "
                "paid. At stake is what is allowed now for a line and would not be; a line that is not paid puts nothing at stake."
            }
            (table("monitors", &caption, &columns, &rows, None))
            p.more { "The lines are listed under " code { "monitored" } " in the determinations." }
        }
    }
}
