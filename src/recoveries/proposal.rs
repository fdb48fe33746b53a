//! A proposal, and how it is written.

use std::fmt;
use std::io::{self, Write};

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::claim::{Cents, ClaimControlNumber, IsoDate, Quantity};
use crate::output::{TextFormat, WrittenReason};
use crate::policy::Decision;

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A line that hangs on others was paid, and would be denied now: to be recovered.
    Recovery,
    /// A line was denied or pended, and nothing stands in its way any more: to be paid.
    Freed,
    /// A paid line, or a denied one, would now wait for a person: to be looked at.
    Review,
    /// A session was paid that would not stand if all sessions had come in date order.
    SessionOrder,
}

impl Kind {
    /// Every kind, in the order in which they are counted.
    pub const ALL: [Self; 4] = [
        Self::Recovery,
        Self::Freed,
        Self::Review,
        Self::SessionOrder,
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Freed => "freed",
            Self::Review => "review",
            Self::SessionOrder => "session-order",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a reader of a proposal should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    /// A reviewer made the decision that stands.
    Reviewed,
    /// The line is of an encounter: nothing of it was remitted.
    Encounter,
    /// The line was stopped before its documentation was asked for, or as a session of another
    /// phase, of which other criteria are asked.
    DocumentationNotAsked,
    /// Its claim may bill, on its date, another procedure that may be guided: the history keeps
    /// no such lines.
    OtherGuidedUnknown,
}

/// A decision of an earlier run that would be different now. The fields and their order are a
/// public format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// What is proposed.
    #[serde(serialize_with = "text")]
    pub kind: Kind,
    /// The run that decided the line.
    pub run: i64,
    /// The plan.
    pub plan: String,
    /// The policy.
    pub policy: String,
    /// The member key, as billed.
    pub member: String,
    /// CLM01.
    pub claim: String,
    /// The engine's own number of the claim; `None` for an imported session.
    #[serde(serialize_with = "optional")]
    pub claim_control_number: Option<ClaimControlNumber>,
    /// LX01.
    pub line: u32,
    /// 2400 REF*6R.
    pub line_control_number: Option<String>,
    /// The billing provider.
    pub billing_provider: Option<String>,
    /// The rendering provider.
    pub rendering_provider: Option<String>,
    /// The date of service.
    #[serde(serialize_with = "date")]
    pub service_date: NaiveDate,
    /// SV101-2.
    pub procedure: String,
    /// SV101-3 to -6.
    pub modifiers: Vec<String>,
    /// SV104, as a decimal; `None` where it is no number.
    #[serde(serialize_with = "optional")]
    pub units: Option<Quantity>,
    /// SV102.
    #[serde(serialize_with = "text")]
    pub charge: Cents,
    /// The decision that stands.
    #[serde(serialize_with = "text")]
    pub decision: Decision,
    /// What it allows.
    #[serde(serialize_with = "text")]
    pub amount_allowed: Cents,
    /// What would be decided now.
    #[serde(serialize_with = "text")]
    pub would_be: Decision,
    /// What that would allow.
    #[serde(serialize_with = "text")]
    pub would_allow: Cents,
    /// What would be allowed less what is: negative to be recovered, positive to be paid.
    #[serde(serialize_with = "text")]
    pub amount: Cents,
    /// The reasons that fire now; of a line that is freed, those that fire no more.
    pub reasons: Vec<WrittenReason<'static>>,
    /// The claims of the run that changed the answer, in arrival order.
    #[serde(serialize_with = "numbers")]
    pub caused_by: Vec<ClaimControlNumber>,
    /// What a reader of the proposal should know.
    pub notes: Vec<Note>,
}

fn text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn date<S: Serializer>(value: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&IsoDate(*value))
}

fn optional<S: Serializer>(
    value: &Option<impl fmt::Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn numbers<S: Serializer>(
    numbers: &[ClaimControlNumber],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(numbers.iter().map(ToString::to_string))
}

const COLUMNS: [&str; 28] = [
    "kind",
    "run",
    "plan",
    "policy",
    "member",
    "claim",
    "claim_control_number",
    "line",
    "line_control_number",
    "billing_provider",
    "rendering_provider",
    "service_date",
    "procedure",
    "modifiers",
    "units",
    "charge",
    "decision",
    "amount_allowed",
    "would_be",
    "would_allow",
    "amount",
    "reasons",
    "caused_by",
    "notes",
    "deciding_rule",
    "deciding_group",
    "deciding_carc",
    "deciding_text",
];

impl Proposal {
    /// The reason that decides: of the decision that would be, or that stands.
    #[must_use]
    pub fn deciding_reason(&self) -> Option<&WrittenReason<'static>> {
        let decision = match self.kind {
            Kind::Freed => self.decision,
            _ => self.would_be,
        };
        let mut reasons = self.reasons.iter();
        reasons.find(|reason| reason.decision == decision)
    }

    /// Writes what stands before the first proposal: of CSV the names of the columns, those of the
    /// reason that decides last.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write_head(format: TextFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            TextFormat::JsonLines => Ok(()),
            TextFormat::Csv => write_row(COLUMNS.map(str::to_owned), out),
        }
    }

    /// Writes it; in CSV lists are JSON text.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, format: TextFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            TextFormat::JsonLines => {
                serde_json::to_writer(&mut *out, self)?;
                out.write_all(b"\n")
            }
            TextFormat::Csv => write_row(fields(self)?, out),
        }
    }
}

fn fields(p: &Proposal) -> io::Result<[String; COLUMNS.len()]> {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let deciding = p.deciding_reason();
    let part = |part: fn(&WrittenReason<'_>) -> String| deciding.map(part).unwrap_or_default();
    let numbers: Vec<String> = p.caused_by.iter().map(ToString::to_string).collect();
    Ok([
        p.kind.to_string(),
        p.run.to_string(),
        p.plan.clone(),
        p.policy.clone(),
        p.member.clone(),
        p.claim.clone(),
        p.claim_control_number
            .map(|number| number.to_string())
            .unwrap_or_default(),
        p.line.to_string(),
        or_empty(&p.line_control_number),
        or_empty(&p.billing_provider),
        or_empty(&p.rendering_provider),
        IsoDate(p.service_date).to_string(),
        p.procedure.clone(),
        serde_json::to_string(&p.modifiers)?,
        p.units.map(|units| units.to_string()).unwrap_or_default(),
        p.charge.to_string(),
        p.decision.to_string(),
        p.amount_allowed.to_string(),
        p.would_be.to_string(),
        p.would_allow.to_string(),
        p.amount.to_string(),
        serde_json::to_string(&p.reasons)?,
        serde_json::to_string(&numbers)?,
        serde_json::to_string(&p.notes)?,
        part(|reason| reason.rule.to_string()),
        part(|reason| reason.group.as_deref().unwrap_or_default().to_owned()),
        part(|reason| reason.carc.as_deref().unwrap_or_default().to_owned()),
        part(|reason| reason.text.to_string()),
    ])
}

fn write_row(fields: [String; COLUMNS.len()], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(fields)?;
    writer.flush()
}
