//! Tables that say what they are: captions, scopes, and what a cell is sorted by.

use maud::{Markup, html};

use super::split::{Dollars, per_mille};
use crate::report::words::grouped;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    Text(&'static str),
    Number(&'static str),
    /// Not sorted by.
    Bar(&'static str),
}

use Column::{Bar, Number, Text};

/// The columns of lines by decision and their money.
pub(super) const SPLIT: [Column; 10] = [
    Number("Lines"),
    Number("Pay"),
    Number("Reduce"),
    Number("Pend"),
    Number("Deny"),
    Number("Billed $"),
    Number("Allowed $"),
    Number("Denied $"),
    Number("Pended $"),
    Number("Reduced by $"),
];

/// A table that a script can sort; it scrolls by itself where it is too wide.
pub(super) fn table(
    id: &'static str,
    caption: &Markup,
    columns: &[Column],
    rows: &Markup,
    totals: Option<&Markup>,
) -> Markup {
    html! {
        div.scroll.tall role="region" tabindex="0" aria-labelledby=(id) {
            table.sortable {
                caption id=(id) { div { (caption) } }
                thead {
                    tr {
                        @for column in columns {
                            @match column {
                                Text(name) => th scope="col" { (name) },
                                Number(name) => th.n scope="col" { (name) },
                                Bar(name) => th.bars scope="col" data-unsorted { (name) },
                            }
                        }
                    }
                }
                tbody { (rows) }
                @if let Some(totals) = totals {
                    tfoot { (totals) }
                }
            }
        }
    }
}

/// A cell with a number.
pub(super) fn number(number: u64) -> Markup {
    html! { td.n data-v=(number) { (grouped(number)) } }
}

/// A cell with an amount.
pub(super) fn amount(amount: Dollars) -> Markup {
    html! { td.n data-v=(amount.0) { (amount.in_words()) } }
}

/// A cell with an amount that is a decimal already.
pub(super) fn decimal(text: &str) -> Markup {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    html! { td.n data-v=(text) { (sign) (whole) "." (cents) } }
}

/// A cell with a share.
pub(super) fn share(part: u64, whole: u64) -> Markup {
    html! { td.n data-v=(per_mille(part, whole).unwrap_or_default()) { (percent(per_mille(part, whole))) } }
}

/// Thousandths as a percentage.
pub(super) fn percent(per_mille: Option<u64>) -> String {
    per_mille.map_or("none".into(), |share| {
        format!("{}.{} %", share / 10, share % 10)
    })
}

/// The cells of [`SPLIT`].
pub(super) fn split(split: &super::split::Split) -> Markup {
    html! {
        (number(split.lines()))
        (number(split.pay.lines))
        (number(split.reduce.lines))
        (number(split.pend.lines))
        (number(split.deny.lines))
        (amount(split.billed()))
        (amount(split.allowed()))
        (amount(split.denied()))
        (amount(split.pended()))
        (amount(split.reduced()))
    }
}
