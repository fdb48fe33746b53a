//! `date-range`: several days on one line.
//!
//! # What it denies
//!
//! A line whose RD8 ends on another day than it starts: sessions are counted by the day.
//!
//! # The policy's words
//!
//! None: the guide gives the element (2400 DTP*472, RD8).
//!
//! # Example
//!
//! ```text
//! 2026-01-05 to 2026-01-05  20552  pay
//! 2026-01-05 to 2026-01-06  20552  deny CO 16 N345
//! ```
//!
//! # What it does not cover
//!
//! A range with a day that does not exist: `service-date-invalid` has that.

use super::{Detail, LineContext, Reason};
use crate::policy::RuleKind;

pub(super) fn judge(cx: &LineContext<'_>) -> Option<Reason> {
    let (start, end) = cx.line.service_date.as_range()?;
    Some(Reason::new(RuleKind::DateRange, Detail::Dates(start, end)))
}

pub(super) fn text(detail: &Detail) -> String {
    match detail {
        Detail::Dates(start, end) => {
            format!("the line bills {start} to {end}; one line bills one day")
        }
        _ => "the line bills a range of days; one line bills one day".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::check;

    #[test]
    fn a_range_of_one_day_is_payable() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay until=2025-01-06
            2025-02-06 20552 deny date-range until=2025-02-07
            2025-02-06 76942 deny guidance outcome=1
            2025-03-06 20552 deny date-range until=2025-03-05
            ",
        );
    }
}
