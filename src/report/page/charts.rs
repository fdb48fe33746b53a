//! Charts: what they show stands beside them in numbers, so that none says anything alone.

use maud::{Markup, html};

use super::numbers::Month;
use super::split::Dollars;
use super::table::percent;
use crate::report::words::grouped;

/// How wide a chart is, in units of its own: it is stretched to its place.
const WIDTH: u64 = 1000;

/// The most months in a chart: the latest.
const MOST_MONTHS: i64 = 36;

/// How high the columns of months are, in units of the chart.
const HEIGHT: u64 = 100;

/// A part of a whole; its name is also that of its colour and pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) amount: Dollars,
}

/// A bar in a cell, so long as its number is of the largest.
pub(super) fn bar(kind: &str, number: u64, largest: u64) -> Markup {
    let long = scaled(number, largest, WIDTH);
    html! {
        td.bars {
            svg.bar viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect class=(kind) width=(long) height="10" {}
            }
        }
    }
}

fn scaled(number: u64, largest: u64, to: u64) -> u64 {
    let long = u128::from(number) * u128::from(to);
    let long = long.checked_div(largest.into()).unwrap_or_default();
    let least = u64::from(number > 0);
    u64::try_from(long).unwrap_or(to).max(least)
}

/// One bar of the parts of a whole, with a legend that has the numbers.
pub(super) fn shares(title: &str, whole: Dollars, parts: &[Share]) -> Markup {
    let of_whole = |amount: Dollars, to: i128| {
        let part = (amount.0 * to + whole.0 / 2).checked_div(whole.0);
        part.and_then(|part| u64::try_from(part).ok())
            .unwrap_or_default()
    };
    let mut end = Dollars(0);
    let placed: Vec<(u64, u64, &Share)> = parts
        .iter()
        .map(|part| {
            let from = of_whole(end, WIDTH.into());
            end.0 += part.amount.0;
            (from, of_whole(end, WIDTH.into()).saturating_sub(from), part)
        })
        .collect();
    html! {
        figure {
            figcaption { (title) }
            svg.shares viewBox={ "0 0 " (WIDTH) " 40" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                (patterns())
                @for (from, long, part) in &placed {
                    rect class=(part.name) x=(from) width=(long) height="40" {}
                    rect class={ "over " (part.name) } x=(from) width=(long) height="40" {}
                }
            }
            ul.legend {
                @for (_, _, part) in &placed {
                    li {
                        svg.swatch viewBox="0 0 16 16" aria-hidden="true" focusable="false" {
                            rect class=(part.name) width="16" height="16" {}
                            rect class={ "over " (part.name) } width="16" height="16" {}
                        }
                        b { (part.what) }
                        " $" (part.amount.in_words())
                        span.of { " " (percent(Some(of_whole(part.amount, 1000)))) }
                    }
                }
            }
        }
    }
}

/// What tells the parts apart without colour.
fn patterns() -> Markup {
    html! {
        defs {
            pattern id="lines" width="8" height="8" patternUnits="userSpaceOnUse" {
                path.stroke d="M0 8 L8 0" {}
            }
            pattern id="cross" width="8" height="8" patternUnits="userSpaceOnUse" {
                path.stroke d="M0 8 L8 0 M0 0 L8 8" {}
            }
            pattern id="bars" width="8" height="8" patternUnits="userSpaceOnUse" {
                path.stroke d="M4 0 L4 8" {}
            }
        }
    }
}

/// Columns of sessions by month, the months between that have none as well.
pub(super) fn months(months: &[Month]) -> Markup {
    let Some((first, last)) = months.first().zip(months.last()) else {
        return html! {};
    };
    let start = first.ordinal().max(last.ordinal() - MOST_MONTHS + 1);
    let shown: Vec<&Month> = months
        .iter()
        .filter(|month| month.ordinal() >= start)
        .collect();
    let largest = shown.iter().map(|month| month.sessions).max().unwrap_or(0);
    let wide = (last.ordinal() - start + 1) * 10;
    let from = shown.first().map_or_else(String::new, |month| month.name());
    html! {
        figure.months {
            figcaption { "Sessions by month, " (from) " to " (last.name()) "; the highest has " (grouped(largest)) }
            svg viewBox={ "0 0 " (wide) " " (HEIGHT) } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for month in &shown {
                    @let high = scaled(month.sessions, largest, HEIGHT);
                    rect.session x=((month.ordinal() - start) * 10 + 1) y=(HEIGHT - high) width="8" height=(high) {
                        title { (month.name()) ": " (grouped(month.sessions)) }
                    }
                }
            }
            p.axis { span { (from) } span { (last.name()) } }
        }
    }
}
