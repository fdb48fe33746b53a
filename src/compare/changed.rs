//! A line that changes, as it is written.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::{Decided, Pair, Sides};
use crate::claim::{Cents, IsoDate};
use crate::output::{Determination, TextFormat};
use crate::policy::{Decision, RuleKind};

/// What changes about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The decision, and with it the amount allowed.
    Decision,
    /// The deciding rule alone: the decision stays.
    Rule,
}

impl Change {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Rule => "rule",
        }
    }
}

/// The names of the fields of a [`ChangedLine`], in order.
pub const CHANGED_COLUMNS: [&str; 25] = [
    "change",
    "file",
    "claim_control_number",
    "claim",
    "line",
    "line_control_number",
    "member",
    "billing_provider",
    "rendering_provider",
    "service_date",
    "procedure",
    "modifiers",
    "units",
    "charge",
    "base_plan",
    "base_decision",
    "base_amount_allowed",
    "base_rule",
    "with_plan",
    "with_decision",
    "with_amount_allowed",
    "with_rule",
    "difference",
    "base_reasons",
    "with_reasons",
];

/// A line that changes. The fields and their order are a public format; those that a
/// determination has too are as they stand there.
#[derive(Debug, Clone, Serialize)]
pub struct ChangedLine<'a> {
    /// What changes.
    pub change: Change,
    /// The input's name as given.
    pub file: Cow<'a, str>,
    /// The engine's own number of the claim.
    pub claim_control_number: String,
    /// CLM01.
    pub claim: Cow<'a, str>,
    /// LX01.
    pub line: u32,
    /// 2400 REF*6R.
    pub line_control_number: Option<Cow<'a, str>>,
    /// The member key.
    pub member: Cow<'a, str>,
    /// The billing provider.
    pub billing_provider: Option<Cow<'a, str>>,
    /// The rendering provider.
    pub rendering_provider: Option<Cow<'a, str>>,
    /// The date of service.
    pub service_date: Option<String>,
    /// SV101-2.
    pub procedure: Cow<'a, str>,
    /// SV101-3 to -6.
    pub modifiers: Vec<Cow<'a, str>>,
    /// SV104.
    pub units: Option<String>,
    /// SV102.
    #[serde(serialize_with = "text")]
    pub charge: Cents,
    /// What the base decides.
    #[serde(flatten, serialize_with = "base")]
    pub base: Written<'a>,
    /// What the other side decides.
    #[serde(flatten, serialize_with = "with")]
    pub with: Written<'a>,
    /// How much more the other side allows; `None` where the line passes on a side.
    pub difference: Option<String>,
    /// The reasons for the base's decision, in words.
    pub base_reasons: String,
    /// The reasons for the other side's decision, in words.
    pub with_reasons: String,
}

/// What a side decides.
#[derive(Debug, Clone)]
pub struct Written<'a> {
    /// The plan; `None` where the line passes.
    pub plan: Option<Cow<'a, str>>,
    /// The decision.
    pub decision: Decision,
    /// The amount allowed; `None` where the line passes.
    pub amount_allowed: Option<Cents>,
    /// The rule of the deciding reason.
    pub rule: Option<RuleKind>,
}

fn text<S: Serializer>(value: &Cents, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn base<S: Serializer>(side: &Written<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    side.serialize(
        [
            "base_plan",
            "base_decision",
            "base_amount_allowed",
            "base_rule",
        ],
        serializer,
    )
}

fn with<S: Serializer>(side: &Written<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    side.serialize(
        [
            "with_plan",
            "with_decision",
            "with_amount_allowed",
            "with_rule",
        ],
        serializer,
    )
}

impl Written<'_> {
    fn serialize<S: Serializer>(
        &self,
        names: [&'static str; 4],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(names.len()))?;
        map.serialize_entry(names[0], &self.plan)?;
        map.serialize_entry(names[1], self.decision.as_str())?;
        map.serialize_entry(
            names[2],
            &self.amount_allowed.map(|cents| cents.to_string()),
        )?;
        map.serialize_entry(names[3], &self.rule.map(RuleKind::name))?;
        map.end()
    }

    fn fields(&self) -> [String; 4] {
        [
            self.plan.as_deref().unwrap_or_default().to_owned(),
            self.decision.as_str().to_owned(),
            optional(self.amount_allowed),
            self.rule.map_or("", RuleKind::name).to_owned(),
        ]
    }
}

impl<'a> ChangedLine<'a> {
    /// The line of a pair that changes; `None` for a pair of nothing.
    #[must_use]
    pub fn new(sides: Sides<'a>, pair: Pair, change: Change) -> Option<Self> {
        let base = pair.base.map(|line| sides.base.determination(line));
        let with = pair.with.map(|line| sides.with.determination(line));
        let decided = [
            Decided::of(sides.base, pair.base),
            Decided::of(sides.with, pair.with),
        ];
        let [ours, theirs] = decided;
        let difference = ours.difference_cents(theirs);
        let (base_reasons, with_reasons) = (reasons(base.as_ref()), reasons(with.as_ref()));
        let written = |decided: Decided, side: Option<&Determination<'a>>| Written {
            plan: side.and_then(|side| side.plan.clone()),
            decision: decided.decision,
            amount_allowed: decided.allowed_cents.map(Cents),
            rule: decided.rule,
        };
        let (ours, theirs) = (written(ours, base.as_ref()), written(theirs, with.as_ref()));
        let line = with.or(base)?;
        let number = line.claim_control_number;
        Some(Self {
            change,
            file: line.file,
            claim_control_number: optional(number),
            claim: line.claim,
            line: line.line,
            line_control_number: line.line_control_number,
            member: line.member,
            billing_provider: line.billing_provider,
            rendering_provider: line.rendering_provider,
            service_date: line.service_date.map(|date| IsoDate(date).to_string()),
            procedure: line.procedure,
            modifiers: line.modifiers,
            units: line.units.map(|units| units.to_string()),
            charge: line.charge,
            base: ours,
            with: theirs,
            difference: difference.map(|cents| Cents(cents).to_string()),
            base_reasons,
            with_reasons,
        })
    }

    /// Writes it.
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
            TextFormat::Csv => out.write_all(&self.csv()?),
        }
    }

    fn csv(&self) -> io::Result<Vec<u8>> {
        let name = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
        let [base_plan, base_decision, base_allowed, base_rule] = self.base.fields();
        let [with_plan, with_decision, with_allowed, with_rule] = self.with.fields();
        record([
            self.change.as_str().to_owned(),
            self.file.to_string(),
            self.claim_control_number.clone(),
            self.claim.to_string(),
            self.line.to_string(),
            name(&self.line_control_number),
            self.member.to_string(),
            name(&self.billing_provider),
            name(&self.rendering_provider),
            self.service_date.clone().unwrap_or_default(),
            self.procedure.to_string(),
            serde_json::to_string(&self.modifiers)?,
            self.units.clone().unwrap_or_default(),
            self.charge.to_string(),
            base_plan,
            base_decision,
            base_allowed,
            base_rule,
            with_plan,
            with_decision,
            with_allowed,
            with_rule,
            self.difference.clone().unwrap_or_default(),
            self.base_reasons.clone(),
            self.with_reasons.clone(),
        ])
    }

    /// Writes what stands before the first line: of CSV the names of the columns.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write_head(format: TextFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            TextFormat::JsonLines => Ok(()),
            TextFormat::Csv => out.write_all(&record(CHANGED_COLUMNS)?),
        }
    }
}

/// One row of CSV.
fn record<const N: usize>(fields: [impl AsRef<[u8]>; N]) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    let written = writer.into_inner();
    written.map_err(|error| io::Error::other(error.to_string()))
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The reasons that decide, in words.
fn reasons(determination: Option<&Determination<'_>>) -> String {
    let Some(determination) = determination else {
        return String::new();
    };
    let deciding = determination
        .reasons
        .iter()
        .filter(|reason| reason.decision == determination.decision);
    let texts: Vec<&str> = deciding.map(|reason| &*reason.text).collect();
    texts.join("; ")
}
