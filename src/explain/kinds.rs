//! What each kind of rule asks of a line, and what would change its decision.

use crate::policy::{KINDS, RuleKind};

/// The words of a rule kind, for whoever reads a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindWords {
    /// The kind.
    pub kind: RuleKind,
    /// What it asks of a line.
    pub asks: &'static str,
    /// What would change a denial or a reduction.
    pub change: &'static str,
    /// What would change a pend; empty where nothing but a person's decision does.
    pub pended: &'static str,
}

const fn words(
    kind: RuleKind,
    asks: &'static str,
    change: &'static str,
    pended: &'static str,
) -> KindWords {
    KindWords {
        kind,
        asks,
        change,
        pended,
    }
}

/// Every kind's words, in the order of [`KINDS`].
pub const WORDS: [KindWords; KINDS.len()] = [
    words(
        RuleKind::MemberUnidentified,
        "A claim names its member by the subscriber id.",
        "A corrected claim with the subscriber id (2010BA NM109).",
        "",
    ),
    words(
        RuleKind::ServiceDateInvalid,
        "A line has a date of service that exists.",
        "A corrected claim with a real date of service (2400 DTP*472).",
        "",
    ),
    words(
        RuleKind::BillingPredatesService,
        "A service is billed on the day it is performed, or later.",
        "A corrected date of service (2400 DTP*472), or a new claim, billed after the service.",
        "",
    ),
    words(
        RuleKind::PolicyNotInForce,
        "A version of the policy is in force on the date of service.",
        "A corrected date of service (2400 DTP*472), if it is wrong.",
        "A corrected date of service (2400 DTP*472), if it is wrong.",
    ),
    words(
        RuleKind::DateRange,
        "A line bills one date of service.",
        "A corrected claim with a line for each date of service (2400 DTP*472).",
        "",
    ),
    words(
        RuleKind::UnitsInvalid,
        "Units are a whole number above zero, counted as UN.",
        "A corrected claim with such units (2400 SV103 and SV104).",
        "",
    ),
    words(
        RuleKind::CodeNotEffective,
        "The procedure code is valid on the date of service.",
        "A corrected claim with a code that is valid on that date (2400 SV101-2).",
        "",
    ),
    words(
        RuleKind::DiagnosisPointerInvalid,
        "The line points at a diagnosis that the claim has.",
        "A corrected claim whose line points at the diagnosis treated (2400 SV107).",
        "",
    ),
    words(
        RuleKind::DiagnosisNotListed,
        "The line points at a diagnosis for which the policy covers the service.",
        "A corrected claim that points at the diagnosis treated (2300 HI, 2400 SV107), where the \
         policy lists that one.",
        "A corrected claim that points at the diagnosis treated (2300 HI, 2400 SV107), where the \
         policy lists that one; or records that show it.",
    ),
    words(
        RuleKind::DryNeedling,
        "The policy does not accept this service in place of the limited one.",
        "Nothing, if the code is right. If another service was performed, a corrected claim with \
         its code (2400 SV101-2).",
        "",
    ),
    words(
        RuleKind::OriginalUnknown,
        "A replacement names a claim that was received before.",
        "A corrected claim that names its original (2300 REF*F8); or, where there is none, a claim \
         that is no replacement (CLM05-3).",
        "The number of the original (2300 REF*F8); or, where there is none, a claim that is no \
         replacement (CLM05-3).",
    ),
    words(
        RuleKind::DuplicateLine,
        "One service is paid once.",
        "Nothing, if it is one service billed twice. If it was performed twice, records that show \
         both.",
        "Records that show that the service was performed twice.",
    ),
    words(
        RuleKind::SameDayBundle,
        "One line of the limited service is paid for a date.",
        "A corrected date of service (2400 DTP*472), if the lines were not of one date. A modifier \
         such as 59 does not part them.",
        "A corrected date of service (2400 DTP*472), if the lines were not of one date.",
    ),
    words(
        RuleKind::MinInterval,
        "Between two sessions lies at least the interval that the policy asks for.",
        "A session on or after the first date that is payable; a corrected date of service (2400 \
         DTP*472), if it is wrong. Where a longer interval is owed to one muscle only, records that \
         name other muscles.",
        "Where the interval is owed to one muscle only, records that name other muscles.",
    ),
    words(
        RuleKind::RollingLimit,
        "No window of so many months holds more sessions than the limit.",
        "A session on or after the first date that is payable; a void of a session in the window \
         that was billed in error.",
        "A void of a session in the window that was billed in error.",
    ),
    words(
        RuleKind::PhaseLimit,
        "A phase of a course of sessions holds no more sessions than its limit.",
        "A session on or after the first date that is payable. Records that name other muscles, \
         where the limit is one of a muscle.",
        "Records that name the muscles of this session and of those counted: sessions of other \
         muscles do not count.",
    ),
    words(
        RuleKind::CalendarLimit,
        "A calendar year holds no more sessions than the limit.",
        "A session in a year that has one left; a void of a session of that year that was billed in \
         error.",
        "A void of a session of that year that was billed in error.",
    ),
    words(
        RuleKind::Documentation,
        "Records show that the clinical criterion is met.",
        "Records that show the criterion met, where the facts given are wrong (clinical facts, \
         --facts).",
        "Records that show the criterion met (clinical facts, --facts).",
    ),
    words(
        RuleKind::UnitCap,
        "A date of service is paid as one unit.",
        "Nothing, if the lines are of one date. Units of other dates are billed on lines of their \
         own.",
        "",
    ),
    words(
        RuleKind::SuspectDuplicate,
        "A line that is like a paid one, but for units or charge, may be the same service.",
        "Records that show that the service was performed twice.",
        "Records that show that the service was performed twice; a void of one of the claims (CLM05-3 \
         8), if it was not.",
    ),
    words(
        RuleKind::Guidance,
        "Guidance is not paid beside the limited service of the same provider.",
        "Nothing, if it guided the limited service. If it guided another procedure of that date, a \
         corrected claim that bills both together, and records.",
        "Records that show that another procedure was guided.",
    ),
    words(
        RuleKind::OfficeVisit,
        "An office visit on the date of a session is part of it, unless the claim says otherwise.",
        "Modifier 25 on the visit's line (2400 SV101-3 to -6), where records show a separate service.",
        "The decision about the session; or modifier 25 on the visit's line (2400 SV101-3 to -6), \
         where records show a separate service.",
    ),
    words(
        RuleKind::AddOn,
        "The code is paid only beside another one of the same provider and date.",
        "A paid line with one of those codes, of the same provider and date.",
        "The decision about the line with one of those codes.",
    ),
];

impl KindWords {
    /// The words of a kind.
    #[must_use]
    pub fn of(kind: RuleKind) -> &'static Self {
        &WORDS[kind as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_words() {
        for (spec, words) in KINDS.iter().zip(&WORDS) {
            assert_eq!(words.kind, spec.kind, "{}", spec.name);
            for text in [words.asks, words.change] {
                assert!(text.ends_with('.'), "{}: {text}", spec.name);
            }
            assert!(words.pended.is_empty() || words.pended.ends_with('.'));
        }
    }

    #[test]
    fn each_says_something_of_its_own() {
        for (index, words) in WORDS.iter().enumerate() {
            for other in &WORDS[..index] {
                assert_ne!(words.asks, other.asks);
            }
        }
    }
}
