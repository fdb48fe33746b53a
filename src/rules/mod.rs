//! The rules, one file each, in the order in which they run.
//!
//! A rule says whether it fires, and why. What it then does (decision, codes, clause) is
//! data of the policy. To add one: a row in [`crate::policy::KINDS`], a file here with the
//! four headings, and a line below, where the rules of its step are asked.

mod add_on;
mod billing_predates_service;
mod calendar_limit;
#[cfg(test)]
pub(crate) mod cases;
mod code_not_effective;
mod context;
mod date_range;
mod diagnosis_not_listed;
mod diagnosis_pointer_invalid;
mod documentation;
mod dry_needling;
mod duplicate_line;
mod guidance;
mod member_unidentified;
mod min_interval;
mod office_visit;
mod original_unknown;
mod phase_limit;
mod policy_not_in_force;
mod reason;
mod rolling_limit;
mod same_day_bundle;
mod service_date_invalid;
mod stated;
mod suspect_duplicate;
mod unit_cap;
mod units_invalid;

use std::borrow::Cow;

pub use context::{Billed, Candidate, Hanging, LineContext, LineIdentity, ServiceContext};
use reason::list;
pub use reason::{Detail, Filled, Reason};
pub use stated::{Stated, stated};

use crate::policy::{Book, Policy, Role, RuleKind};
use crate::timeline::Symbol;

/// Asks the rules of a list, one after the other, as far as a book has them.
macro_rules! ask {
    ($book:expr, $reasons:expr, $of:expr, $($kind:ident => $rule:ident),+ $(,)?) => {$(
        if $book.has(RuleKind::$kind) && let Some(reason) = $rule::judge($of) {
            $reasons.push(reason);
        }
    )+};
}

/// Whether a line on which this rule fires stands nowhere: no other line sees it.
#[must_use]
pub fn stands_nowhere(kind: RuleKind) -> bool {
    kind <= RuleKind::BillingPredatesService
}

/// Step 1: adds a reason for every rule that a line breaks by itself.
#[inline]
pub fn judge_line(cx: &LineContext<'_>, reasons: &mut Vec<Reason>) {
    ask!(cx.book, reasons, cx,
        MemberUnidentified => member_unidentified,
        ServiceDateInvalid => service_date_invalid,
        BillingPredatesService => billing_predates_service,
        PolicyNotInForce => policy_not_in_force,
        DateRange => date_range,
    );
    if !cx.is_plain {
        judge_service(cx, reasons);
    }
    ask!(cx.book, reasons, cx, OriginalUnknown => original_unknown);
}

/// The rules that see what a line bills, and nothing else of it but its date.
fn judge_service(cx: &LineContext<'_>, reasons: &mut Vec<Reason>) {
    let billed = &cx.billed();
    ask!(cx.book, reasons, billed, UnitsInvalid => units_invalid);
    ask!(cx.book, reasons, cx, CodeNotEffective => code_not_effective);
    ask!(cx.book, reasons, billed,
        DiagnosisPointerInvalid => diagnosis_pointer_invalid,
        DiagnosisNotListed => diagnosis_not_listed,
        DryNeedling => dry_needling,
    );
}

/// Whether none of these rules fires on any line that bills this, on any date, under any plan of
/// the policy: many lines bill the same, and need not be asked one by one.
#[must_use]
pub fn is_plain(billed: &ServiceContext<'_>) -> bool {
    let fired = [
        units_invalid::judge(billed),
        diagnosis_pointer_invalid::judge(billed),
        diagnosis_not_listed::judge(billed),
        dry_needling::judge(billed),
    ];
    !billed.service.is_code_dated && fired.iter().all(Option::is_none)
}

/// Step 3: adds a reason for every rule that a candidate session breaks; returns the criteria taken
/// on trust.
pub fn judge_session(candidate: &Candidate<'_>, reasons: &mut Vec<Reason>) -> u32 {
    judge_limits(candidate, reasons);
    let documented = documentation::judge(candidate);
    reasons.extend(documented.reasons);
    documented.unverified
}

/// Adds a reason for every limit that a candidate session breaks.
pub fn judge_limits(candidate: &Candidate<'_>, reasons: &mut Vec<Reason>) {
    ask!(candidate.book, reasons, candidate,
        MinInterval => min_interval,
        RollingLimit => rolling_limit,
        PhaseLimit => phase_limit,
        CalendarLimit => calendar_limit,
    );
}

/// Whether a second look asks a rule again: one whose answer depends on other lines, or on which
/// line of a date is paid. What a line says by itself, and clinical criteria, were answered with
/// what was known on the day.
#[must_use]
pub fn is_asked_again(kind: RuleKind) -> bool {
    kind >= RuleKind::DuplicateLine && kind != RuleKind::Documentation
}

/// The limits of sessions, each with its rule.
pub const LIMITS: [RuleKind; 4] = [
    RuleKind::MinInterval,
    RuleKind::RollingLimit,
    RuleKind::PhaseLimit,
    RuleKind::CalendarLimit,
];

/// Whether a candidate session breaks one of the [`LIMITS`].
#[must_use]
pub fn judge_limit(limit: RuleKind, candidate: &Candidate<'_>) -> Option<Reason> {
    match limit {
        RuleKind::MinInterval => min_interval::judge(candidate),
        RuleKind::RollingLimit => rolling_limit::judge(candidate),
        RuleKind::PhaseLimit => phase_limit::judge(candidate),
        RuleKind::CalendarLimit => calendar_limit::judge(candidate),
        _ => None,
    }
}

/// Whether a line of a role can break a rule of step 4 where nothing else stands on its date:
/// only what is paid beside others misses them.
#[must_use]
pub fn misses_others(role: Role) -> bool {
    role == Role::AddOn
}

/// Step 4: adds a reason for every rule that a line breaks beside the sessions of its date.
pub fn judge_hanging(hanging: &Hanging<'_>, reasons: &mut Vec<Reason>) {
    ask!(hanging.cx.book, reasons, hanging,
        SuspectDuplicate => suspect_duplicate,
        Guidance => guidance,
        OfficeVisit => office_visit,
        AddOn => add_on,
    );
}

/// Whether a line is one of another claim that is paid.
pub fn judge_duplicate<'a>(
    line: &LineIdentity,
    book: &Book,
    paid: impl IntoIterator<Item = &'a LineIdentity>,
) -> Option<Reason> {
    duplicate_line::judge(line, book, paid)
}

/// A further line on the date of a session that `session_biller` billed.
#[must_use]
pub fn judge_bundle(line: &LineIdentity, book: &Book, session_biller: Symbol) -> Option<Reason> {
    book.rule(RuleKind::SameDayBundle)?;
    Some(same_day_bundle::judge(line, session_biller))
}

/// Whether a line of the limited service that is paid bills more than one unit.
#[must_use]
pub fn judge_units(cx: &LineContext<'_>) -> Option<Reason> {
    cx.book.rule(RuleKind::UnitCap)?;
    unit_cap::judge(cx)
}

/// A reason in words: the fact and the limit, to be checked against a calendar.
#[must_use]
pub fn describe(reason: &Reason, book: &Book, policy: &Policy) -> Cow<'static, str> {
    let Reason {
        rule,
        outcome,
        detail,
    } = reason;
    let limit = |key| book.limit(*rule, key).unwrap_or_default();
    match rule {
        RuleKind::MemberUnidentified => member_unidentified::text().into(),
        RuleKind::ServiceDateInvalid => service_date_invalid::text().into(),
        RuleKind::BillingPredatesService => billing_predates_service::text(detail).into(),
        RuleKind::PolicyNotInForce => policy_not_in_force::text(detail).into(),
        RuleKind::DateRange => date_range::text(detail).into(),
        RuleKind::UnitsInvalid => units_invalid::text().into(),
        RuleKind::CodeNotEffective => code_not_effective::text(detail).into(),
        RuleKind::DiagnosisPointerInvalid => diagnosis_pointer_invalid::text().into(),
        RuleKind::DiagnosisNotListed => diagnosis_not_listed::text().into(),
        RuleKind::DryNeedling => dry_needling::text(&policy.service).into(),
        RuleKind::OriginalUnknown => original_unknown::text().into(),
        RuleKind::DuplicateLine => duplicate_line::text().into(),
        RuleKind::SameDayBundle => same_day_bundle::text(detail).into(),
        RuleKind::MinInterval => min_interval::text(detail).into(),
        RuleKind::RollingLimit => rolling_limit::text(detail, limit("limit")).into(),
        RuleKind::PhaseLimit => phase_limit::text(detail, *outcome).into(),
        RuleKind::CalendarLimit => calendar_limit::text(detail, limit("limit")).into(),
        RuleKind::Documentation => {
            let criterion = match detail {
                Detail::Criterion(index) => policy.criteria.get(usize::from(*index)),
                _ => None,
            };
            documentation::text(*outcome, criterion).into()
        }
        RuleKind::UnitCap => unit_cap::text(&policy.service).into(),
        RuleKind::SuspectDuplicate => suspect_duplicate::text().into(),
        RuleKind::Guidance => guidance::text(detail, *outcome, &policy.service).into(),
        RuleKind::OfficeVisit => office_visit::text(detail, *outcome, &policy.service).into(),
        RuleKind::AddOn => add_on::text(detail, *outcome, policy).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    const HEADINGS: [&str; 4] = [
        "//! # What it denies",
        "//! # The policy's words",
        "//! # Example",
        "//! # What it does not cover",
    ];

    #[test]
    fn every_rule_has_its_file_with_the_four_headings() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        for spec in &crate::policy::KINDS {
            let file = folder
                .join(spec.name.replace('-', "_"))
                .with_extension("rs");
            let text = fs::read_to_string(&file).unwrap_or_default();
            assert!(
                text.starts_with(&format!("//! `{}`: ", spec.name)),
                "{}",
                spec.name
            );
            for heading in HEADINGS {
                assert!(text.contains(heading), "{} lacks `{heading}`", spec.name);
            }
        }
    }
}
