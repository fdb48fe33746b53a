//! A decided line, whether it comes from a history or from a file of determinations.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, de};

use crate::history::StoredLine;
use crate::output::{Determination, Monitored, WrittenReason};
use crate::policy::{Decision, Phase, Role, RuleKind};

/// What a line counts as now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Paid as billed.
    Paid,
    /// Paid with fewer units than billed.
    Reduced,
    /// Waits for a person.
    Pended,
    /// Not paid.
    Denied,
    /// A void or a replacement took its claim back.
    TakenBack,
    /// Not judged.
    Passed,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Paid,
        Self::Reduced,
        Self::Pended,
        Self::Denied,
        Self::TakenBack,
        Self::Passed,
    ];

    /// In a word or two.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Reduced => "reduced",
            Self::Pended => "pended",
            Self::Denied => "denied",
            Self::TakenBack => "taken back",
            Self::Passed => "not judged",
        }
    }

    /// Whether it pays: a line of the limited service makes its date a session.
    #[must_use]
    pub fn pays(self) -> bool {
        matches!(self, Self::Paid | Self::Reduced)
    }
}

impl From<Decision> for Standing {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Pay => Self::Paid,
            Decision::Reduce => Self::Reduced,
            Decision::Pend => Self::Pended,
            Decision::Deny => Self::Denied,
            Decision::Reverse => Self::TakenBack,
            Decision::Pass => Self::Passed,
        }
    }
}

/// What is told of a determination.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Decided {
    /// CLM01.
    pub claim: String,
    /// The claim control number; `None` for an imported session.
    pub claim_control_number: Option<String>,
    /// LX01.
    pub line: u32,
    /// The plan; `None` where no plan takes the claim.
    pub plan: Option<String>,
    /// The policy.
    pub policy: Option<String>,
    /// The member key.
    pub member: String,
    /// The date of service.
    pub service_date: Option<NaiveDate>,
    /// SV101-2.
    pub procedure: String,
    /// SV101-3 to -6.
    pub modifiers: Vec<String>,
    /// SV102.
    pub charge: String,
    /// The decision.
    #[serde(deserialize_with = "decision")]
    pub decision: Decision,
    /// Amount paid.
    pub amount_allowed: String,
    /// The phase of the candidate session.
    #[serde(deserialize_with = "phase")]
    pub phase: Option<Phase>,
    /// Its ordinal; only lines of the limited service have one.
    pub session: Option<u16>,
    /// Every reason that fired.
    pub reasons: Vec<Reason>,
    /// The claim that took the line back.
    pub reversed_by: Option<String>,
    /// What monitored rules would have decided.
    #[serde(default)]
    pub monitored: Vec<MonitoredRule>,
}

/// What is told of a monitored rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MonitoredRule {
    /// The rule.
    #[serde(deserialize_with = "rule")]
    pub rule: RuleKind,
    /// What it would have decided.
    #[serde(deserialize_with = "decision")]
    pub decision: Decision,
    /// What the monitor sets of it.
    pub set: String,
    /// The document that it is of.
    pub citation: String,
}

/// What is told of a reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reason {
    /// The rule.
    #[serde(deserialize_with = "rule")]
    pub rule: RuleKind,
    /// Document, section, edition and words.
    pub clause: String,
    /// Its own decision.
    #[serde(deserialize_with = "decision")]
    pub decision: Decision,
    /// Claim adjustment group code.
    pub group: Option<String>,
    /// Claim adjustment reason code.
    pub carc: Option<String>,
    /// Remittance advice remark codes.
    pub rarc: Vec<String>,
    /// Claim status category and code.
    pub status: Option<String>,
    /// The fact and the limit in words.
    pub text: String,
}

fn decision<'de, D: Deserializer<'de>>(from: D) -> Result<Decision, D::Error> {
    let name = String::deserialize(from)?;
    Decision::from_name(&name).ok_or_else(|| de::Error::custom("no decision"))
}

fn rule<'de, D: Deserializer<'de>>(from: D) -> Result<RuleKind, D::Error> {
    let name = String::deserialize(from)?;
    RuleKind::from_name(&name).ok_or_else(|| de::Error::custom("no rule"))
}

fn phase<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Phase>, D::Error> {
    match Option::<String>::deserialize(from)? {
        None => Ok(None),
        Some(name) => {
            let phase = Phase::from_name(&name);
            phase.map(Some).ok_or_else(|| de::Error::custom("no phase"))
        }
    }
}

impl Decided {
    /// Whether it bills what a line of another claim bills, on the same date, as far as is
    /// kept here.
    #[must_use]
    pub fn bills_like(&self, other: &Self) -> bool {
        self.service_date == other.service_date
            && self.procedure == other.procedure
            && self.modifiers == other.modifiers
            && self.claim_control_number != other.claim_control_number
    }
}

impl From<&Determination<'_>> for Decided {
    fn from(d: &Determination<'_>) -> Self {
        let text = |number: Option<_>| {
            number.map(|number: crate::claim::ClaimControlNumber| number.to_string())
        };
        Self {
            claim: d.claim.to_string(),
            claim_control_number: text(d.claim_control_number),
            line: d.line,
            plan: d.plan.as_deref().map(str::to_owned),
            policy: d.policy.as_deref().map(str::to_owned),
            member: d.member.to_string(),
            service_date: d.service_date,
            procedure: d.procedure.to_string(),
            modifiers: d.modifiers.iter().map(ToString::to_string).collect(),
            charge: d.charge.to_string(),
            decision: d.decision,
            amount_allowed: d.amount_allowed.to_string(),
            phase: d.phase,
            session: d.session,
            reasons: d.reasons.iter().map(Reason::from).collect(),
            reversed_by: text(d.reversed_by),
            monitored: d
                .monitored
                .iter()
                .flatten()
                .map(MonitoredRule::from)
                .collect(),
        }
    }
}

impl From<&Monitored<'_>> for MonitoredRule {
    fn from(hit: &Monitored<'_>) -> Self {
        Self {
            rule: hit.reason.rule,
            decision: hit.reason.decision,
            set: hit.set.to_string(),
            citation: hit.citation.to_string(),
        }
    }
}

impl From<&WrittenReason<'_>> for Reason {
    fn from(reason: &WrittenReason<'_>) -> Self {
        let text = |code: &Option<std::borrow::Cow<'_, str>>| code.as_deref().map(str::to_owned);
        Self {
            rule: reason.rule,
            clause: reason.clause.to_string(),
            decision: reason.decision,
            group: text(&reason.group),
            carc: text(&reason.carc),
            rarc: reason.rarc.to_vec(),
            status: text(&reason.status),
            text: reason.text.to_string(),
        }
    }
}

impl Reason {
    /// The codes as a remittance or a claim status has them.
    #[must_use]
    pub fn codes(&self) -> String {
        let codes = [&self.group, &self.carc].into_iter().flatten();
        let codes: Vec<&str> = codes.chain(&self.rarc).map(String::as_str).collect();
        match &self.status {
            Some(status) => format!("claim status {status}"),
            None => codes.join(" "),
        }
    }
}

/// A line as it is explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What was decided.
    pub decided: Decided,
    /// What it counts as now.
    pub standing: Standing,
    /// Whether it bills the limited service: paid, it makes its date a session.
    pub is_session_line: bool,
    /// The phase that it counts with.
    pub phase: Option<Phase>,
    /// What a reviewer decided, in words.
    pub review: Option<String>,
    /// The claim that took it back.
    pub taken_back_by: Option<String>,
}

impl Line {
    /// Whether its date is a session by it.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.is_session_line && self.standing.pays()
    }

    /// The claim and the line, as they are named to people: the claim control number, or
    /// that it is imported, stands behind.
    #[must_use]
    pub fn name(&self) -> String {
        let Decided {
            claim,
            line,
            claim_control_number,
            ..
        } = &self.decided;
        match claim_control_number {
            Some(number) => format!("claim {claim} line {line} ({number})"),
            None if claim.is_empty() => "imported".into(),
            None => format!("claim {claim} (imported)"),
        }
    }
}

impl From<&StoredLine> for Line {
    fn from(stored: &StoredLine) -> Self {
        let decided = Decided::from(&stored.determination);
        let standing = match (stored.stands_as, &stored.taken_back_by) {
            (_, Some(_)) => Standing::TakenBack,
            (Some(decision), None) => decision.into(),
            (None, None) => Standing::Passed,
        };
        let review = stored.review.as_ref();
        Self {
            standing,
            is_session_line: stored.role == Some(Role::Session),
            phase: review.and_then(|review| review.phase).or(decided.phase),
            review: review.map(|review| {
                let words = format!(
                    "{} by {} on {} {}",
                    review.decision, review.reviewer, review.decided_on, review.codes
                );
                words.trim_end().to_owned()
            }),
            taken_back_by: stored.taken_back_by.clone(),
            decided,
        }
    }
}

impl From<Decided> for Line {
    fn from(decided: Decided) -> Self {
        Self {
            standing: decided.decision.into(),
            is_session_line: decided.session.is_some(),
            phase: decided.phase,
            review: None,
            taken_back_by: decided.reversed_by.clone(),
            decided,
        }
    }
}
