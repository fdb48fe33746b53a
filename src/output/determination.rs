//! A determination: one line's decision as it is written.

use std::borrow::Cow;
use std::fmt::Display;
use std::num::NonZeroU16;
use std::ops::Range;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::monitored::{Monitored, monitored};
use crate::adjudicate::{Adjudication, Judged, Verdict, outcome_of};
use crate::claim::{Cents, ClaimControlNumber, IsoDate, Quantity, as_text};
use crate::policy::{
    Basis, Book, Clause, Codes, Decision, Phase, Plan, Plans, Policy, Rule, RuleKind,
};
use crate::rules::{self, Detail, Reason};
use crate::timeline::{Batch, Claim, Symbol};

/// What determinations are made of.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The lines.
    pub batch: &'a Batch,
    /// The plans that judged them.
    pub plans: &'a Plans,
    /// What was decided.
    pub adjudication: &'a Adjudication,
    /// The lines of earlier runs that were taken back, each with the claim that did it (an
    /// index of the batch). Ascending by claim.
    pub reversals: &'a [(u32, Determination<'a>)],
}

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
    pub fn among(self, has_monitors: bool) -> Self {
        let monitored = has_monitors.then(|| self.monitored.unwrap_or_default());
        Self { monitored, ..self }
    }

    /// The reason that carries the whole adjustment: the first of the deciding severity.
    #[must_use]
    pub fn deciding_reason(&self) -> Option<&WrittenReason<'_>> {
        self.reasons
            .iter()
            .find(|reason| reason.decision == self.decision)
    }
}

impl<'a> Run<'a> {
    /// The determination of a line, by its index.
    #[must_use]
    pub fn determination(&self, index: usize) -> Determination<'a> {
        let batch = self.batch;
        let line = &batch.lines[index];
        let service = batch.service_of(line);
        let Adjudication { versions, verdicts } = self.adjudication;
        let Judged {
            verdict,
            reasons,
            hits,
        } = verdicts.of(index);
        let claim = batch.claim_of(line);
        let set = batch.transaction_set_of(claim);
        let plan = batch.plan_of(claim).map(|plan| self.plans.get(plan));
        let date = line.service_date.date();
        let book = plan.map(|plan| plan.book_on(date).1);
        let name = |symbol| self.name(symbol);
        let identity = |symbol: Symbol| (!symbol.is_empty()).then(|| name(symbol));
        let line_control_number = as_text(batch.text(line.line_control_number));
        Determination {
            file: Cow::Borrowed(&set.file),
            interchange: Some(as_text(&set.interchange.control_number)),
            group: Some(as_text(&set.group)),
            transaction: Some(as_text(&set.control_number)),
            claim: as_text(batch.text(claim.patient_control_number)),
            claim_control_number: Some(batch.control_number_of(claim)),
            line: line.line_number,
            line_control_number: (!line_control_number.is_empty()).then_some(line_control_number),
            plan: plan.map(|plan| Cow::Borrowed(&*plan.id)),
            policy: plan.map(|plan| Cow::Borrowed(&*plan.policy.id)),
            policy_version: book.and_then(|book| book.version),
            member: name(claim.member),
            billing_provider: identity(claim.billing_provider),
            rendering_provider: identity(line.rendering_provider),
            service_date: date,
            procedure: name(service.procedure),
            modifiers: batch.modifiers_of(line).map(as_text).collect(),
            diagnoses: batch
                .diagnoses_pointed_at(line)
                .flatten()
                .map(as_text)
                .collect(),
            units: service.units.quantity,
            charge: line.charge,
            decision: verdict.decision,
            units_allowed: verdict.units_allowed(service.units),
            amount_allowed: verdict.amount_allowed(service.units, line.charge),
            phase: verdict.phase,
            session: verdict.session.map(NonZeroU16::get),
            reasons: self.reasons(plan, verdict.book, reasons),
            unverified: plan
                .map(|plan| unverified(&plan.policy, verdict.unverified))
                .unwrap_or_default(),
            notes: notes(claim, &verdict),
            reversed_by: (verdict.decision == Decision::Reverse)
                .then(|| versions.taker_of(line.claim))
                .flatten()
                .map(|taker| taker.control_number),
            monitored: self.plans.has_monitors().then(|| {
                let told = |plan| monitored(hits, &verdict, plan, (service.units, line.charge));
                plan.map(told).unwrap_or_default()
            }),
        }
    }

    /// The determinations of some claims in the order in which they are written: before a
    /// claim's own lines, the lines of earlier runs that it took back. Of governed lines, or
    /// of every line.
    pub fn determinations(
        self,
        claims: Range<usize>,
        all_lines: bool,
    ) -> impl Iterator<Item = Determination<'a>> {
        claims.flat_map(move |index| {
            let reversals = self.reversals_by(index as u32).iter();
            let lines = self.batch.lines_of(&self.batch.claims[index]);
            let written = lines.filter(move |&line| all_lines || self.is_governed(line));
            let has_monitors = self.plans.has_monitors();
            reversals
                .map(move |(_, reversal)| reversal.clone().among(has_monitors))
                .chain(written.map(move |line| self.determination(line)))
        })
    }

    /// The lines of earlier runs that a claim took back.
    #[must_use]
    pub fn reversals_by(&self, claim: u32) -> &'a [(u32, Determination<'a>)] {
        let reversals = self.reversals;
        let start = reversals.partition_point(|(by, _)| *by < claim);
        let rest = &reversals[start..];
        &rest[..rest.partition_point(|(by, _)| *by == claim)]
    }

    /// The claims of an input, by its place among those given.
    #[must_use]
    pub fn claims_of(&self, input: u32) -> Range<usize> {
        let claims = &self.batch.claims;
        let input_of = |claim: &Claim| self.batch.transaction_set_of(claim).input;
        claims.partition_point(|claim| input_of(claim) < input)
            ..claims.partition_point(|claim| input_of(claim) <= input)
    }

    /// Whether a line is written when not every line was asked for.
    #[must_use]
    pub fn is_governed(&self, index: usize) -> bool {
        self.batch.is_governed(&self.batch.lines[index])
    }

    fn name(&self, symbol: Symbol) -> Cow<'a, str> {
        as_text(self.batch.symbols.bytes(symbol))
    }

    fn reasons(
        &self,
        plan: Option<&'a Plan>,
        book: u8,
        reasons: &'a [Reason],
    ) -> Vec<WrittenReason<'a>> {
        let Some(plan) = plan else { return Vec::new() };
        let Some(book) = plan.books.get(usize::from(book)) else {
            return Vec::new();
        };
        let written = |reason| write_reason(reason, plan, book);
        reasons.iter().filter_map(written).collect()
    }
}

pub(super) fn write_reason<'a>(
    reason: &Reason,
    plan: &'a Plan,
    book: &'a Book,
) -> Option<WrittenReason<'a>> {
    let rule = book.rule(reason.rule)?;
    let outcome = outcome_of(reason, book)?;
    let (group, carc, rarc, status) = match &outcome.codes {
        Codes::Adjustment { group, carc, rarc } => (Some(group), Some(carc), &rarc[..], None),
        Codes::Status(status) => (None, None, &[][..], Some(status)),
    };
    Some(WrittenReason {
        rule: reason.rule,
        basis: rule.basis,
        clause: clause_of(reason, rule, &plan.policy).into(),
        decision: outcome.decision,
        group: group.map(Cow::from),
        carc: carc.map(Cow::from),
        rarc: Cow::Borrowed(rarc),
        status: status.map(Cow::from),
        text: rules::describe(reason, book, &plan.policy).into(),
    })
}

/// The clause behind a reason; a criterion has its own.
#[must_use]
pub fn clause_of(reason: &Reason, rule: &Rule, policy: &Policy) -> String {
    let criterion = match reason.detail {
        Detail::Criterion(index) if reason.rule == RuleKind::Documentation => {
            policy.criteria.get(usize::from(index))
        }
        _ => None,
    };
    let clause = criterion.map_or(&rule.clause, |criterion| &criterion.clause);
    let text = clause_text(clause, policy);
    match &rule.citation {
        Some(citation) => format!("{citation}, prevailing over {text}"),
        None => text,
    }
}

/// Document, section, edition and words, in one line.
#[must_use]
pub fn clause_text(clause: &Clause, policy: &Policy) -> String {
    let document = clause.document.as_deref().unwrap_or(&policy.document);
    let mut text = format!("{document}, {}", clause.section);
    if !clause.edition.is_empty() {
        text += &format!(" ({})", clause.edition);
    }
    if !clause.quote.is_empty() {
        text += &format!(": \"{}\"", clause.quote);
    }
    text
}

fn unverified(policy: &Policy, criteria: u32) -> Vec<Cow<'_, str>> {
    let taken_on_trust = |index: &usize| criteria & (1 << index) != 0;
    let named = policy.criteria.iter().enumerate();
    named
        .filter(|(index, _)| taken_on_trust(index))
        .map(|(_, criterion)| Cow::Borrowed(&*criterion.name))
        .collect()
}

fn notes(claim: &Claim, verdict: &Verdict) -> Vec<Note> {
    let is_judged = verdict.decision != Decision::Pass;
    let notes = [
        (claim.other_payer, Note::OtherPayer),
        (
            verdict.is_original_unknown && is_judged,
            Note::OriginalUnknown,
        ),
    ];
    let holding = notes.into_iter().filter(|(holds, _)| *holds);
    holding.map(|(_, note)| note).collect()
}
