//! Why a line was decided as it was.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::claim::IsoDate;
use crate::policy::RuleKind;
use crate::timeline::Span;

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule.
    pub rule: RuleKind,
    /// Which of the outcomes of its kind ([`crate::policy::KindSpec::outcomes`]).
    pub outcome: u8,
    /// What a text about it states.
    pub detail: Detail,
}

/// What a text about a [`Reason`] states, beside the limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Detail {
    /// Nothing more.
    None,
    /// A date, for example that of a session.
    Date(NaiveDate),
    /// Two dates, for example of a range.
    Dates(NaiveDate, NaiveDate),
    /// The dates on which a code is valid.
    Valid {
        /// The first; always, if none.
        from: Option<NaiveDate>,
        /// The last; still valid, if none.
        until: Option<NaiveDate>,
    },
    /// The date of service lies too near to a session.
    Near {
        /// The date of service.
        date: NaiveDate,
        /// The session.
        session: NaiveDate,
        /// What must lie between them.
        required: Span,
    },
    /// The sessions that fill a limit, in a window from its first to its last day.
    Filled(Box<Filled>),
    /// A clinical criterion, by its index in the policy.
    Criterion(u8),
    /// A code that is paid only beside others, by its index in the policy, and its date.
    AddOn(u16, NaiveDate),
}

/// The sessions that fill a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// The first day of the window.
    pub first: NaiveDate,
    /// The last day of the window.
    pub last: NaiveDate,
    /// The sessions in it, ascending.
    pub sessions: Vec<NaiveDate>,
}

impl Reason {
    /// A reason with a rule's first outcome.
    #[must_use]
    pub fn new(rule: RuleKind, detail: Detail) -> Self {
        Self {
            rule,
            outcome: 0,
            detail,
        }
    }

    /// A reason with another outcome.
    #[must_use]
    pub fn with_outcome(rule: RuleKind, outcome: u8, detail: Detail) -> Self {
        Self {
            rule,
            outcome,
            detail,
        }
    }
}

/// Dates as they are listed in a text: `2025-01-02, 2025-01-09`.
pub(super) fn list(dates: &[NaiveDate]) -> String {
    let mut list = String::with_capacity(dates.len() * 12);
    for (place, date) in dates.iter().enumerate() {
        list.push_str(if place == 0 { "" } else { ", " });
        list.push_str(&IsoDate(*date).to_string());
    }
    list
}
