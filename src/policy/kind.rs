//! The rule kinds that the engine knows, and what a policy file may say of each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of rule. Which of them apply, with which limits, decisions and codes, is data.
///
/// The order is the order of evaluation, and the order in which reasons are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum RuleKind {
    /// No subscriber id.
    MemberUnidentified,
    /// No readable date of service.
    ServiceDateInvalid,
    /// Billed before it was performed.
    BillingPredatesService,
    /// No version of the policy on the date of service.
    PolicyNotInForce,
    /// A range of dates on one line.
    DateRange,
    /// Units that are no whole positive number of `UN`.
    UnitsInvalid,
    /// A procedure code not valid on the date of service.
    CodeNotEffective,
    /// A pointer that points at no diagnosis, or none at all.
    DiagnosisPointerInvalid,
    /// No diagnosis pointed at is listed by the policy.
    DiagnosisNotListed,
    /// A service that the policy does not accept in place of its own.
    DryNeedling,
    /// A replacement whose original is not found.
    OriginalUnknown,
    /// The same line on another claim, paid.
    DuplicateLine,
    /// A second line on the date of a session.
    SameDayBundle,
    /// Too soon after, or before, another session.
    MinInterval,
    /// Too many sessions in a rolling window of months.
    RollingLimit,
    /// Too many sessions of a phase.
    PhaseLimit,
    /// Too many sessions in a calendar year.
    CalendarLimit,
    /// Clinical criteria.
    Documentation,
    /// More than one unit on a paid line.
    UnitCap,
    /// Like a paid line of another claim, but for units or charge.
    SuspectDuplicate,
    /// Imaging or other guidance beside a session.
    Guidance,
    /// An office visit beside a session.
    OfficeVisit,
    /// A code that is paid only beside another.
    AddOn,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A clause of the medical policy.
    Policy,
    /// A coding standard, for example an NCCI edit.
    Coding,
    /// The implementation guide's element.
    Claim,
}

/// What becomes of a line, the most severe last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Decision {
    /// Not governed, or a line of a void.
    Pass,
    /// Paid as billed.
    Pay,
    /// Paid with fewer units than billed.
    Reduce,
    /// Waits for a person.
    Pend,
    /// Not paid.
    Deny,
    /// Taken back by a void or a replacement.
    Reverse,
}

/// An outcome that a rule kind can have, beside the one that most rules only have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeSpec {
    /// Its key in `[rule.NAME.outcome]`; empty for the rule's own keys.
    pub key: &'static str,
    /// Its decision, unless the policy says another.
    pub decision: Decision,
}

/// What a policy file may say of a rule kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindSpec {
    /// The kind.
    pub kind: RuleKind,
    /// Its name in policies, plans and determinations.
    pub name: &'static str,
    /// Its limit keys, each a positive whole number, all required but those in `optional`.
    pub limits: &'static [&'static str],
    /// Limit keys that may be left out.
    pub optional: &'static [&'static str],
    /// Its outcomes; a reason names one by its index.
    pub outcomes: &'static [OutcomeSpec],
}

const DENY: &[OutcomeSpec] = &[OutcomeSpec {
    key: "",
    decision: Decision::Deny,
}];
const PEND: &[OutcomeSpec] = &[OutcomeSpec {
    key: "",
    decision: Decision::Pend,
}];

const fn spec(kind: RuleKind, name: &'static str, outcomes: &'static [OutcomeSpec]) -> KindSpec {
    KindSpec {
        kind,
        name,
        limits: &[],
        optional: &[],
        outcomes,
    }
}

const fn limited(
    kind: RuleKind,
    name: &'static str,
    limits: &'static [&'static str],
    optional: &'static [&'static str],
    outcomes: &'static [OutcomeSpec],
) -> KindSpec {
    KindSpec {
        kind,
        name,
        limits,
        optional,
        outcomes,
    }
}

const fn outcome(key: &'static str, decision: Decision) -> OutcomeSpec {
    OutcomeSpec { key, decision }
}

/// Every rule kind, in the order of [`RuleKind`].
pub const KINDS: [KindSpec; 23] = [
    spec(RuleKind::MemberUnidentified, "member-unidentified", DENY),
    spec(RuleKind::ServiceDateInvalid, "service-date-invalid", DENY),
    spec(
        RuleKind::BillingPredatesService,
        "billing-predates-service",
        DENY,
    ),
    spec(RuleKind::PolicyNotInForce, "policy-not-in-force", PEND),
    spec(RuleKind::DateRange, "date-range", DENY),
    spec(RuleKind::UnitsInvalid, "units-invalid", DENY),
    spec(RuleKind::CodeNotEffective, "code-not-effective", DENY),
    spec(
        RuleKind::DiagnosisPointerInvalid,
        "diagnosis-pointer-invalid",
        DENY,
    ),
    spec(
        RuleKind::DiagnosisNotListed,
        "diagnosis-not-listed",
        &[
            outcome("pend", Decision::Pend),
            outcome("deny", Decision::Deny),
        ],
    ),
    spec(RuleKind::DryNeedling, "dry-needling", DENY),
    spec(RuleKind::OriginalUnknown, "original-unknown", PEND),
    spec(RuleKind::DuplicateLine, "duplicate-line", DENY),
    spec(
        RuleKind::SameDayBundle,
        "same-day-bundle",
        &[
            outcome("same_provider", Decision::Deny),
            outcome("other_provider", Decision::Deny),
        ],
    ),
    limited(
        RuleKind::MinInterval,
        "min-interval",
        &["diagnostic_days"],
        &["therapeutic_months"],
        DENY,
    ),
    limited(
        RuleKind::RollingLimit,
        "rolling-limit",
        &["limit", "months"],
        &[],
        DENY,
    ),
    limited(
        RuleKind::PhaseLimit,
        "phase-limit",
        &["diagnostic", "therapeutic"],
        &[],
        &[
            outcome("pend", Decision::Pend),
            outcome("deny", Decision::Deny),
        ],
    ),
    limited(
        RuleKind::CalendarLimit,
        "calendar-limit",
        &["limit"],
        &[],
        DENY,
    ),
    spec(
        RuleKind::Documentation,
        "documentation",
        &[
            outcome("missing", Decision::Pend),
            outcome("unmet", Decision::Deny),
        ],
    ),
    spec(
        RuleKind::UnitCap,
        "unit-cap",
        &[outcome("", Decision::Reduce)],
    ),
    spec(RuleKind::SuspectDuplicate, "suspect-duplicate", PEND),
    spec(
        RuleKind::Guidance,
        "guidance",
        &[
            outcome("session", Decision::Deny),
            outcome("no_session", Decision::Deny),
            outcome("unclear", Decision::Pend),
        ],
    ),
    spec(
        RuleKind::OfficeVisit,
        "office-visit",
        &[
            outcome("session", Decision::Deny),
            outcome("pended", Decision::Pend),
        ],
    ),
    spec(
        RuleKind::AddOn,
        "add-on",
        &[
            outcome("alone", Decision::Deny),
            outcome("pended", Decision::Pend),
        ],
    ),
];

impl KindSpec {
    /// The limit keys, the optional ones last.
    pub fn limit_keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.limits.iter().chain(self.optional).copied()
    }
}

/// A limit of a rule kind, by its place: found when the engine is compiled, where a key that the
/// kind does not have is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitKey {
    pub(super) kind: RuleKind,
    pub(super) place: usize,
}

impl LimitKey {
    /// The limit of that key.
    #[must_use]
    #[expect(clippy::panic, reason = "it is called when the engine is compiled")]
    pub const fn of(kind: RuleKind, key: &str) -> Self {
        let spec = &KINDS[kind as usize];
        let mut place = 0;
        while place < spec.limits.len() + spec.optional.len() {
            let known = match place.checked_sub(spec.limits.len()) {
                None => spec.limits[place],
                Some(place) => spec.optional[place],
            };
            if is_equal(known.as_bytes(), key.as_bytes()) {
                return Self { kind, place };
            }
            place += 1;
        }
        panic!("the rule kind has no such limit")
    }
}

const fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

impl RuleKind {
    /// What a policy file may say of this kind.
    #[must_use]
    pub fn spec(self) -> &'static KindSpec {
        &KINDS[self as usize]
    }

    /// The name in policies, plans and determinations.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS
            .iter()
            .find(|spec| spec.name == name)
            .map(|spec| spec.kind)
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Gives an enumeration its words: as text, and back.
macro_rules! words {
    ($type:ty { $($value:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word in files and determinations.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }

            /// The value of that word.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($word => Some(Self::$value),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use words;

words!(Decision {
    Pass = "pass",
    Pay = "pay",
    Reduce = "reduce",
    Pend = "pend",
    Deny = "deny",
    Reverse = "reverse",
});

words!(Basis {
    Policy = "policy",
    Coding = "coding",
    Claim = "claim",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_own_place() {
        for (index, spec) in KINDS.iter().enumerate() {
            assert_eq!(spec.kind as usize, index, "{}", spec.name);
            assert_eq!(RuleKind::from_name(spec.name), Some(spec.kind));
        }
    }
}
