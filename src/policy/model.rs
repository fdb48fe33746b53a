//! A policy as data: versions, code sets, rules with their limits and clauses, criteria.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::kind::{Basis, Decision, RuleKind};

/// A medical policy as a payer publishes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The name that plans refer to, for example `cigna-0139`.
    pub id: String,
    /// Who publishes it.
    pub payer: String,
    /// The publisher's number.
    pub number: String,
    /// The publisher's title.
    pub title: String,
    /// What the publisher calls the document, for example `Cigna 0139`; it opens each clause.
    pub document: String,
    /// What texts call the limited service.
    pub service: Words,
    /// How many months may lie between neighbouring sessions of one course.
    pub course_months: u32,
    /// How the ordinal of a session is counted.
    pub session_count: SessionCount,
    /// The versions, ascending by effective date, at least one.
    pub versions: Vec<Version>,
    /// The code sets.
    pub codes: CodeSets,
    /// The rules, at most one of each kind, in the order of [`RuleKind`].
    pub rules: Vec<Rule>,
    /// The clinical criteria, in the order in which their reasons are listed.
    pub criteria: Vec<Criterion>,
    /// INVARIANT: by [`AskedOf`]; bit `i` says whether criterion `i` is asked of those sessions.
    pub(super) asked: [u32; AskedOf::ALL.len()],
    /// The SHA-256 of its text, in hexadecimal digits.
    pub digest: String,
}

impl Policy {
    /// The criteria that are asked of some sessions: bit `i` is criterion `i`.
    #[must_use]
    #[inline]
    pub fn asked(&self, of: AskedOf) -> u32 {
        self.asked[of as usize]
    }
}

/// What texts call the limited service of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One of it, for example `injection`.
    pub one: String,
    /// Several of it, for example `injections`.
    pub many: String,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            one: "service".into(),
            many: "services".into(),
        }
    }
}

impl Words {
    /// One of it, behind `a` or `an`.
    #[must_use]
    pub fn any(&self) -> String {
        let is_vowel = |letter: char| "aeiou".contains(letter.to_ascii_lowercase());
        let article = if self.one.starts_with(is_vowel) {
            "an"
        } else {
            "a"
        };
        format!("{article} {}", self.one)
    }
}

/// How the ordinal of a session (`session` in a determination) is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCount {
    /// One more than the sessions of the course before it; sessions have phases.
    Course,
    /// One more than the other sessions of its calendar year; sessions have no phase.
    Year,
}

/// A version of a policy. It is judged from its effective date until the next one's.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The first date of service on which it is in force.
    pub effective: NaiveDate,
    /// When the publisher means to review it; a date that has passed is a warning.
    pub next_review: Option<NaiveDate>,
    /// What it changes of the policy's rules, in the form of a plan's overrides.
    pub changes: Vec<Change>,
}

/// A change of one rule: by a plan document (an override) or by a version of the policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The rule that changes.
    pub rule: RuleKind,
    /// `Some(false)`: the rule gives no reason of any kind.
    pub enabled: Option<bool>,
    /// Limits by key.
    pub limits: Vec<(&'static str, u32)>,
    /// Changes of outcomes, by index.
    pub outcomes: Vec<(usize, OutcomeChange)>,
    /// The document that says so.
    pub citation: String,
}

/// A rule with its limits, decisions, codes and source.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The kind.
    pub kind: RuleKind,
    /// Whether it gives reasons. Limits of a rule that does not still infer phases.
    pub enabled: bool,
    /// Where it comes from.
    pub basis: Basis,
    /// The words behind it.
    pub clause: Clause,
    /// The plan document that changed it, if one did.
    pub citation: Option<Arc<str>>,
    /// What reasons tell of where they come from: the clause, behind the plan document that
    /// prevails over it.
    pub told: Arc<str>,
    /// The limits, in the order of `KindSpec::limits`, then of `KindSpec::optional`.
    pub limits: Vec<Option<u32>>,
    /// The outcomes, in the order of [`super::KindSpec::outcomes`].
    pub outcomes: Vec<Outcome>,
}

/// What a rule does when it fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The decision.
    pub decision: Decision,
    /// The codes of the decision.
    pub codes: Codes,
}

/// What a change says of an outcome; what it does not say stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutcomeChange {
    /// The decision.
    pub decision: Option<Decision>,
    /// The claim adjustment group code.
    pub group: Option<String>,
    /// The claim adjustment reason code.
    pub carc: Option<String>,
    /// The remark codes.
    pub rarc: Option<Vec<String>>,
    /// The claim status.
    pub status: Option<String>,
}

impl OutcomeChange {
    /// The outcome with this change made; `None` where its decision would lack its codes.
    #[must_use]
    pub fn applied_to(&self, outcome: &Outcome) -> Option<Outcome> {
        let decision = self.decision.unwrap_or(outcome.decision);
        let (mut group, mut carc, mut rarc, mut status) = match &outcome.codes {
            Codes::Adjustment { group, carc, rarc } => (Some(group), Some(carc), Some(rarc), None),
            Codes::Status(status) => (None, None, None, Some(status)),
        };
        group = self.group.as_ref().or(group);
        carc = self.carc.as_ref().or(carc);
        rarc = self.rarc.as_ref().or(rarc);
        status = self.status.as_ref().or(status);
        let codes = if decision == Decision::Pend {
            Codes::Status(status?.clone())
        } else {
            Codes::Adjustment {
                group: group?.clone(),
                carc: carc?.clone(),
                rarc: rarc.cloned().unwrap_or_default(),
            }
        };
        Some(Outcome { decision, codes })
    }
}

/// The codes of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// An adjustment: claim adjustment group code, CARC and RARCs.
    Adjustment {
        /// `CO`, `OA`, `PI` or `PR`.
        group: String,
        /// The claim adjustment reason code.
        carc: String,
        /// The remittance advice remark codes.
        rarc: Vec<String>,
    },
    /// A claim status, category and code, for example `P2:46`: a pended line has no adjustment.
    Status(String),
}

/// Where the words behind a rule stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The label of the section, for example `D.II.A`, or the guide's element.
    pub section: String,
    /// The edition of the document, as it names itself.
    pub edition: String,
    /// A short quotation; empty where the basis is no text of the policy.
    pub quote: String,
    /// The document, where it is not the policy itself (for example an NCCI edit).
    pub document: Option<String>,
    /// Document, section, edition and words, in one line.
    pub text: Arc<str>,
}

impl Clause {
    /// A clause of a document, or of the policy that is called `policy`.
    #[must_use]
    pub fn new(
        section: String,
        edition: String,
        quote: String,
        document: Option<String>,
        policy: &str,
    ) -> Self {
        let mut text = format!("{}, {section}", document.as_deref().unwrap_or(policy));
        if !edition.is_empty() {
            text += &format!(" ({edition})");
        }
        if !quote.is_empty() {
            text += &format!(": \"{quote}\"");
        }
        Self {
            section,
            edition,
            quote,
            document,
            text: text.into(),
        }
    }

    /// The same in one line, behind a document that prevails over it.
    #[must_use]
    pub fn under(&self, citation: &str) -> String {
        format!("{citation}, prevailing over {}", self.text)
    }
}

/// The code sets of a policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CodeSets {
    /// Governed procedures by role; a code stands in at most one role.
    pub roles: Vec<(Role, Vec<DatedCode>)>,
    /// What each code of [`Role::AddOn`] is paid beside.
    pub add_ons: Vec<AddOn>,
    /// Other procedures that may be guided: a reference, not governed.
    pub other_guided: Vec<String>,
    /// Listed diagnoses, dots removed; a trailing `*` stands for any code that begins so.
    pub diagnoses: Vec<String>,
}

/// A code that is paid only beside one of others, on the same date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddOn {
    /// The code.
    pub code: String,
    /// The codes beside which it is paid; each stands in another code set of the policy.
    pub beside: Vec<String>,
}

/// The part that a governed procedure plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Role {
    /// The limited service itself, for example trigger point injections: a date on which one
    /// is paid is a session.
    Session,
    /// Guidance that is denied beside a session.
    Guidance,
    /// Guidance that a person looks at beside a session.
    ReviewedGuidance,
    /// Office visits.
    OfficeVisit,
    /// Dry needling.
    DryNeedling,
    /// Codes that are paid only beside others.
    AddOn,
}

impl Role {
    /// Whether it is guidance, reviewed or not.
    #[must_use]
    pub fn is_guidance(self) -> bool {
        matches!(self, Self::Guidance | Self::ReviewedGuidance)
    }
}

super::kind::words!(Role {
    Session = "session",
    Guidance = "guidance",
    ReviewedGuidance = "guidance_reviewed",
    OfficeVisit = "office_visit",
    DryNeedling = "dry_needling",
    AddOn = "add_on",
});

/// A procedure code with the dates on which it is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedCode {
    /// The code.
    pub code: String,
    /// The first date of service; always, if none.
    pub from: Option<NaiveDate>,
    /// The last date of service; still valid, if none.
    pub until: Option<NaiveDate>,
}

impl DatedCode {
    /// Whether the code is valid on a date of service.
    #[must_use]
    pub fn is_valid_on(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.until.is_none_or(|until| date <= until)
    }
}

/// A clinical criterion, judged on facts that an 837P cannot carry.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Its name in `unverified` and in the reason's text.
    pub name: String,
    /// The sessions of which it is asked.
    pub asked_of: AskedOf,
    /// The words behind it.
    pub clause: Clause,
    /// Met when all of these hold.
    pub conditions: Vec<Condition>,
}

/// The sessions of which a criterion is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedOf {
    /// Every session.
    Every,
    /// Diagnostic sessions.
    Diagnostic,
    /// Therapeutic sessions.
    Therapeutic,
    /// A therapeutic session whose course holds no therapeutic one.
    FirstTherapeutic,
    /// Every other therapeutic session.
    LaterTherapeutic,
    /// A session whose course is empty, or that is at another site than the prior one.
    Initial,
    /// Every session that is not initial.
    Subsequent,
}

impl AskedOf {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Every,
        Self::Diagnostic,
        Self::Therapeutic,
        Self::FirstTherapeutic,
        Self::LaterTherapeutic,
        Self::Initial,
        Self::Subsequent,
    ];
}

/// A condition on one clinical fact.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `fact <= service_date - days`.
    DaysBefore(Fact, u32),
    /// `fact >= service_date - months`.
    WithinMonths(Fact, u32),
    /// `fact > value`.
    Above(Fact, u32),
    /// `fact >= value`.
    AtLeast(Fact, u32),
    /// `fact = value`.
    Is(Fact, bool),
    /// The list names at least one of these.
    AnyOf(Fact, Vec<String>),
    /// The list names all of these.
    AllOf(Fact, Vec<String>),
    /// The list names only these, and at least one.
    OnlyOf(Fact, Vec<String>),
}

/// The clinical facts that a criterion may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Date.
    PainOnset,
    /// List of names.
    ConservativeTherapies,
    /// Number of days.
    ConservativeTherapyDays,
    /// List of names.
    ManagementPlan,
    /// List of names.
    Pharmacotherapies,
    /// List of names.
    Records,
    /// List of names.
    Injectate,
    /// Yes or no.
    PriorResponse,
    /// Percent.
    PriorReliefPercent,
    /// Number of days.
    PriorReliefDays,
    /// Yes or no.
    ActiveTreatmentProgram,
    /// Yes or no.
    SameSiteAsPrior,
}
