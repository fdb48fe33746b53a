//! `min-interval`: too soon.
//!
//! # What it denies
//!
//! A session nearer to another, before or after it, than the gap that the two owe: the
//! therapeutic gap if both are therapeutic, else the diagnostic one. Where a plan pays a late
//! claim's session, the sessions on both sides of its date count.
//!
//! # The policy's words
//!
//! Cigna 0139, Diagnostic/Stabilization Phase: "minimum intervals of one week". Therapeutic
//! Phase: "injection of the same muscle may be performed at a minimum interval of two months".
//!
//! # Example
//!
//! ```text
//! 2025-01-06  20552  pay
//! 2025-01-12  20552  deny CO 151 N357
//! 2025-01-13  20552  pay
//! ```
//!
//! # What it does not cover
//!
//! Denied and pended lines: only sessions owe an interval. Without phases the diagnostic gap
//! is owed between any two sessions.

use chrono::NaiveDate;

use super::{Candidate, Detail, Reason};
use crate::claim::IsoDate;
use crate::policy::{LimitKey, Phase, RuleKind};
use crate::timeline::{Session, Span};

const DIAGNOSTIC_DAYS: LimitKey = LimitKey::of(RuleKind::MinInterval, "diagnostic_days");
const THERAPEUTIC_MONTHS: LimitKey = LimitKey::of(RuleKind::MinInterval, "therapeutic_months");

pub(super) fn judge(candidate: &Candidate<'_>) -> Option<Reason> {
    candidate.book.rule(RuleKind::MinInterval)?;
    let (date, sessions) = (candidate.date, candidate.sessions);
    if sessions.count() == 0 {
        return None;
    }
    let gaps = Gaps::new(candidate);
    // "minimum intervals of one week", so the seventh day is payable.
    let is_near_before = |session: &&Session<'_>| !gaps.to(session).has_passed(session.date, date);
    let is_near_after = |session: &&Session<'_>| !gaps.to(session).has_passed(date, session.date);
    // What lies further away than both gaps is near nobody, nor is what lies behind it.
    let before = sessions.before(date).iter().rev();
    let mut before = before.take_while(|session| !gaps.have_passed(session.date, date));
    let after = sessions.after(date).iter();
    let mut after = after.take_while(|session| !gaps.have_passed(date, session.date));
    let session = before
        .find(is_near_before)
        .or_else(|| after.find(is_near_after))?;
    let detail = Detail::Near {
        date,
        session: session.date,
        required: gaps.to(session),
    };
    Some(Reason::new(RuleKind::MinInterval, detail))
}

/// What must lie between a candidate and sessions.
struct Gaps<'c> {
    muscles: &'c [String],
    days: Span,
    /// Between therapeutic sessions, where the candidate is one.
    months: Option<Span>,
}

impl<'c> Gaps<'c> {
    fn new(candidate: &Candidate<'c>) -> Self {
        let limit = |key| candidate.book.known_limit(key);
        let is_therapeutic = candidate.phase == Some(Phase::Therapeutic);
        let months = is_therapeutic.then(|| limit(THERAPEUTIC_MONTHS));
        Self {
            muscles: candidate.muscles(),
            days: Span::Days(limit(DIAGNOSTIC_DAYS).unwrap_or_default()),
            months: months.flatten().map(Span::Months),
        }
    }

    /// Whether both have passed between two dates.
    fn have_passed(&self, earlier: NaiveDate, later: NaiveDate) -> bool {
        let has_passed = |gap: Span| gap.has_passed(earlier, later);
        has_passed(self.days) && self.months.is_none_or(has_passed)
    }

    /// What must lie between the candidate and a session.
    fn to(&self, session: &Session<'_>) -> Span {
        let is_therapeutic = session.phase == Some(Phase::Therapeutic);
        match self.months.filter(|_| is_therapeutic) {
            // "injection of the same muscle": other muscles owe the shorter gap.
            Some(_) if are_other_muscles(self.muscles, session.muscles) => self.days,
            Some(months) => months,
            None => self.days,
        }
    }
}

/// Whether both name muscles, and none in common.
fn are_other_muscles(mine: &[String], others: &[String]) -> bool {
    !mine.is_empty() && !others.is_empty() && !mine.iter().any(|muscle| others.contains(muscle))
}

pub(super) fn text(detail: &Detail) -> String {
    let Detail::Near {
        date,
        session,
        required,
    } = detail
    else {
        return "too near to another session".into();
    };
    let days = (*date - *session).num_days();
    let session = IsoDate(*session);
    let side = if days < 0 { "before" } else { "after" };
    let between = Span::Days(u32::try_from(days.unsigned_abs()).unwrap_or(u32::MAX));
    let verb = match required {
        Span::Days(1) | Span::Months(1) => "is",
        Span::Days(_) | Span::Months(_) => "are",
    };
    format!("{between} {side} the session of {session}; {required} {verb} required")
}

#[cfg(test)]
mod tests {
    use crate::rules::cases::{check, check_plan};
    use crate::timeline::Span;

    #[test]
    fn the_seventh_day_is_payable() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pay
            2025-01-12 20552 deny min-interval
            2025-01-13 20552 pay
            ",
        );
    }

    #[test]
    fn a_late_claim_owes_the_interval_on_both_sides() {
        check(
            "cigna-0139",
            "
            earlier 2025-01-20 20552 pay
            2025-01-13 20552 pay
            2025-01-14 20552 deny min-interval
            2025-01-26 20552 deny min-interval
            2025-01-27 20552 pay
            ",
        );
    }

    #[test]
    fn two_months_end_on_the_last_day_of_a_short_month() {
        check(
            "cigna-0139",
            "
            2024-12-03 20552 pay phase=diagnostic session=1
            2024-12-10 20552 pay phase=diagnostic
            2024-12-17 20552 pay phase=diagnostic
            2024-12-24 20552 pay phase=diagnostic session=4
            2024-12-31 20552 pay phase=therapeutic session=5
            2025-02-27 20552 deny min-interval phase=therapeutic
            2025-02-28 20552 pay phase=therapeutic session=6
            ",
        );
    }

    #[test]
    fn a_leap_day_is_the_last_of_its_month() {
        check(
            "cigna-0139",
            "
            2027-12-03 20552 pay
            2027-12-10 20552 pay
            2027-12-17 20552 pay
            2027-12-24 20552 pay
            2027-12-31 20552 pay phase=therapeutic
            2028-02-28 20552 deny min-interval
            2028-02-29 20552 pay
            ",
        );
    }

    #[test]
    fn denied_and_pended_lines_owe_nothing() {
        check(
            "cigna-0139",
            "
            2025-01-06 20552 pend diagnosis-not-listed dx=I10
            2025-01-07 20552 pay
            2025-01-10 20552 deny min-interval
            2025-01-14 20552 pay
            ",
        );
    }

    #[test]
    fn other_muscles_owe_seven_days() {
        check(
            "cigna-0139",
            r#"
            facts 2025-01-06 {"phase":"therapeutic","muscles":["Trapezius "]}
            facts 2025-01-13 {"phase":"therapeutic","muscles":["gluteus medius"]}
            facts 2025-01-27 {"phase":"therapeutic","muscles":["trapezius"]}
            2025-01-06 20552 pay phase=therapeutic
            2025-01-13 20552 pay phase=therapeutic
            2025-01-27 20552 deny min-interval
            "#,
        );
    }

    #[test]
    fn the_text_can_be_checked_against_a_calendar() {
        let near = |date: &str, session: &str, required| {
            let (date, session) = (date.parse().unwrap(), session.parse().unwrap());
            super::text(&super::Detail::Near {
                date,
                session,
                required,
            })
        };
        assert_eq!(
            near("2025-01-02", "2024-12-29", Span::Days(7)),
            "4 days after the session of 2024-12-29; 7 days are required"
        );
        assert_eq!(
            near("2025-01-02", "2025-01-03", Span::Months(1)),
            "1 day before the session of 2025-01-03; 1 month is required"
        );
    }

    #[test]
    fn a_plan_document_prevails() {
        check_plan(
            "cigna-0139",
            r#"
[[plan.override]]
rule = "min-interval"
set = { diagnostic_days = 14 }
citation = "Plan document, section 1"
"#,
            "
            2025-01-06 20552 pay
            2025-01-19 20552 deny min-interval
            2025-01-20 20552 pay
            ",
        );
    }
}
