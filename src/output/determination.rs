//! A determination: one line's decision as it is written.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::monitored::Monitored;
use crate::claim::{Cents, ClaimControlNumber, IsoDate, Quantity};
use crate::policy::{Basis, Decision, Phase, RuleKind};

/// The decision about one service line. The fields and their order are a public format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Determination<'a> {
    /// The input's name as given.
    pub file: Cow<'a, str>,
    /// ISA13; like all that says where a claim stands, `None` for an imported session.
    pub interchange: Option<Cow<'a, str>>,
    /// GS06.
    pub group: Option<Cow<'a, str>>,
    /// ST02.
    pub transaction: Option<Cow<'a, str>>,
    /// CLM01.
    pub claim: Cow<'a, str>,
    /// The engine's own number of the claim.
    #[serde(serialize_with = "optional")]
    pub claim_control_number: Option<ClaimControlNumber>,
    /// LX01.
    pub line: u32,
    /// 2400 REF*6R.
    pub line_control_number: Option<Cow<'a, str>>,
    /// The plan; `None` where no plan takes the claim.
    pub plan: Option<Cow<'a, str>>,
    /// The policy.
    pub policy: Option<Cow<'a, str>>,
    /// The effective date of the version; `None` where none is in force.
    #[serde(serialize_with = "optional_date")]
    pub policy_version: Option<NaiveDate>,
    /// The member key.
    pub member: Cow<'a, str>,
    /// The billing provider.
    pub billing_provider: Option<Cow<'a, str>>,
    /// The rendering provider.
    pub rendering_provider: Option<Cow<'a, str>>,
    /// The date of service.
    #[serde(serialize_with = "optional_date")]
    pub service_date: Option<NaiveDate>,
    /// SV101-2.
    pub procedure: Cow<'a, str>,
    /// SV101-3 to -6.
    pub modifiers: Vec<Cow<'a, str>>,
    /// The diagnoses that the line points at, in pointer order.
    pub diagnoses: Vec<Cow<'a, str>>,
    /// SV104, as a decimal; `None` where it is no number.
    #[serde(serialize_with = "optional")]
    pub units: Option<Quantity>,
    /// SV102.
    #[serde(serialize_with = "text")]
    pub charge: Cents,
    /// The decision.
    #[serde(serialize_with = "text")]
    pub decision: Decision,
    /// Units paid for; of a reversal those taken back, negative.
    #[serde(serialize_with = "text")]
    pub units_allowed: Quantity,
    /// Amount paid; of a reversal that taken back, negative.
    #[serde(serialize_with = "text")]
    pub amount_allowed: Cents,
    /// The phase of the candidate session.
    #[serde(serialize_with = "optional")]
    pub phase: Option<Phase>,
    /// Its ordinal.
    pub session: Option<u16>,
    /// Every reason that fired.
    pub reasons: Vec<WrittenReason<'a>>,
    /// The criteria taken on trust.
    pub unverified: Vec<Cow<'a, str>>,
    /// What a reader of the line should know.
    pub notes: Vec<Note>,
    /// The claim control number of the void or replacement that took the line back.
    #[serde(serialize_with = "optional")]
    pub reversed_by: Option<ClaimControlNumber>,
    /// What monitored rules would have decided; `None` where no plan of the run has a monitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitored: Option<Vec<Monitored<'a>>>,
}

/// A reason as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WrittenReason<'a> {
    /// The rule.
    #[serde(serialize_with = "text")]
    pub rule: RuleKind,
    /// Where the rule comes from.
    #[serde(serialize_with = "text")]
    pub basis: Basis,
    /// Document, section, edition and words.
    pub clause: Cow<'a, str>,
    /// The reason's own decision.
    #[serde(serialize_with = "text")]
    pub decision: Decision,
    /// Claim adjustment group code.
    pub group: Option<Cow<'a, str>>,
    /// Claim adjustment reason code.
    pub carc: Option<Cow<'a, str>>,
    /// Remittance advice remark codes.
    pub rarc: Cow<'a, [String]>,
    /// Claim status category and code, of a reason that pends.
    pub status: Option<Cow<'a, str>>,
    /// The fact and the limit in words.
    pub text: Cow<'a, str>,
}

/// What a reader of a line should know beside its decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// SBR01 names another responsibility than primary.
    OtherPayer,
    /// The claim replaces one that was not found.
    OriginalUnknown,
}

impl Note {
    /// The word in determinations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherPayer => "other-payer",
            Self::OriginalUnknown => "original-unknown",
        }
    }
}

pub(super) fn text<S: Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn optional<S: Serializer>(value: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn optional_date<S: Serializer>(
    date: &Option<NaiveDate>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    optional(&date.map(IsoDate), serializer)
}

impl<'a> Determination<'a> {
    /// The reversal of a line of an earlier run: the line as it was, with the units and the
    /// amount that are taken back (negative), and the claim that takes them.
    #[must_use]
    pub fn taken_back(
        self,
        units: Quantity,
        amount: Cents,
        reversed_by: Option<ClaimControlNumber>,
    ) -> Self {
        let notes = self.notes.into_iter();
        Self {
            decision: Decision::Reverse,
            units_allowed: units,
            amount_allowed: amount,
            phase: None,
            session: None,
            reasons: Vec::new(),
            unverified: Vec::new(),
            notes: notes.filter(|note| *note == Note::OtherPayer).collect(),
            reversed_by,
            monitored: None,
            ..self
        }
    }

    /// The same with `monitored`, or without it: whichever the others of its run have.
    #[must_use]
    pub fn among(mut self, has_monitors: bool) -> Self {
        if self.monitored.is_some() != has_monitors {
            self.monitored = has_monitors.then(Vec::new);
        }
        self
    }

    /// The reason that carries the whole adjustment: the first of the deciding severity.
    #[must_use]
    pub fn deciding_reason(&self) -> Option<&WrittenReason<'_>> {
        self.reasons
            .iter()
            .find(|reason| reason.decision == self.decision)
    }
}
