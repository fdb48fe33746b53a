//! What the texts of reasons state, read back: a determination keeps the text of a reason,
//! and no more of it.

use chrono::NaiveDate;

use crate::policy::RuleKind;
use crate::timeline::Span;

/// What the text of a reason states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// The sessions that it names, ascending.
    pub sessions: Vec<NaiveDate>,
    /// The first and the last day of the window, where it names them.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// What must lie between two sessions.
    pub required: Option<Span>,
}

/// Reads back what the text of a reason of that kind states.
#[must_use]
pub fn stated(rule: RuleKind, text: &str) -> Stated {
    let (before, listed) = text.split_once('(').unwrap_or((text, ""));
    let listed = || dates(listed.split(')').next().unwrap_or_default());
    match rule {
        RuleKind::MinInterval => {
            let (near, required) = text.split_once("; ").unwrap_or((text, ""));
            Stated {
                sessions: dates(near),
                window: None,
                required: span(required),
            }
        }
        RuleKind::RollingLimit => Stated {
            sessions: listed(),
            window: dates(before)
                .first()
                .copied()
                .zip(dates(before).last().copied()),
            required: None,
        },
        RuleKind::PhaseLimit => Stated {
            sessions: listed(),
            ..Stated::default()
        },
        RuleKind::CalendarLimit => Stated {
            sessions: listed(),
            window: year(before),
            required: None,
        },
        RuleKind::SameDayBundle | RuleKind::Guidance | RuleKind::OfficeVisit | RuleKind::AddOn => {
            Stated {
                sessions: dates(text),
                ..Stated::default()
            }
        }
        _ => Stated::default(),
    }
}

/// The dates in a text, in their order.
fn dates(text: &str) -> Vec<NaiveDate> {
    let words = text.split(|letter: char| !letter.is_ascii_digit() && letter != '-');
    let dates = words.filter(|word| word.len() == "2026-01-01".len());
    dates.filter_map(|word| word.parse().ok()).collect()
}

/// `7 days are required`
fn span(text: &str) -> Option<Span> {
    let mut words = text.split(' ');
    let count = words.next()?.parse().ok()?;
    match words.next()? {
        "day" | "days" => Some(Span::Days(count)),
        "month" | "months" => Some(Span::Months(count)),
        _ => None,
    }
}

/// `8 sessions in 2026 already`
fn year(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let mut words = text.split(' ').skip_while(|word| *word != "in");
    let year = words.nth(1)?.parse().ok()?;
    let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
    Some((first, NaiveDate::from_ymd_opt(year, 12, 31)?))
}

#[cfg(test)]
mod tests {
    use super::super::{Detail, Filled, calendar_limit, min_interval, phase_limit, rolling_limit};
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn filled() -> (Detail, Vec<NaiveDate>) {
        let sessions = vec![date("2026-01-05"), date("2026-03-09")];
        let filled = Filled {
            first: date("2025-09-09"),
            last: date("2026-09-08"),
            sessions: sessions.clone(),
        };
        (Detail::Filled(Box::new(filled)), sessions)
    }

    #[test]
    fn the_text_of_each_limit_gives_its_sessions_back() {
        let (detail, sessions) = filled();
        for (rule, text) in [
            (RuleKind::RollingLimit, rolling_limit::text(&detail, 2)),
            (RuleKind::PhaseLimit, phase_limit::text(&detail, 0)),
            (RuleKind::PhaseLimit, phase_limit::text(&detail, 1)),
            (RuleKind::CalendarLimit, calendar_limit::text(&detail, 2)),
        ] {
            assert_eq!(stated(rule, &text).sessions, sessions, "{text}");
        }
    }

    #[test]
    fn the_windows_come_back_with_both_their_days() {
        let (detail, _) = filled();
        let rolling = stated(RuleKind::RollingLimit, &rolling_limit::text(&detail, 2));
        assert_eq!(
            rolling.window,
            Some((date("2025-09-09"), date("2026-09-08")))
        );
        let year = stated(RuleKind::CalendarLimit, &calendar_limit::text(&detail, 2));
        assert_eq!(year.window, Some((date("2026-01-01"), date("2026-12-31"))));
    }

    #[test]
    fn the_interval_that_is_owed_comes_back() {
        for required in [
            Span::Days(1),
            Span::Days(7),
            Span::Months(1),
            Span::Months(2),
        ] {
            let text = min_interval::text(&Detail::Near {
                date: date("2026-03-02"),
                session: date("2026-03-01"),
                required,
            });
            let stated = stated(RuleKind::MinInterval, &text);
            assert_eq!(stated.required, Some(required), "{text}");
            assert_eq!(stated.sessions, [date("2026-03-01")], "{text}");
        }
    }

    #[test]
    fn a_text_that_states_nothing_gives_nothing() {
        for spec in &crate::policy::KINDS {
            assert_eq!(
                stated(spec.kind, "records; months ( in"),
                Stated::default(),
                "{}",
                spec.name
            );
        }
    }
}
