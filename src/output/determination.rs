//! A determination: one line's decision as it is written.

use std::borrow::Cow;

use serde::Serialize;

use crate::adjudicate::{Adjudication, Verdict, outcome_of};
use crate::claim::as_text;
use crate::policy::{Book, Clause, Codes, Decision, Phase, Plan, Plans, Policy, Rule, RuleKind};
use crate::rules::{self, Detail, Reason};
use crate::timeline::{Batch, Claim, ServiceLine, Symbol};

/// What determinations are made of.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The lines.
    pub batch: &'a Batch,
    /// The plans that judged them.
    pub plans: &'a Plans,
    /// What was decided.
    pub adjudication: &'a Adjudication,
}

/// The decision about one service line. The fields and their order are a public format.
#[derive(Debug, Clone, Serialize)]
pub struct Determination<'a> {
    /// The input's name as given.
    pub file: &'a str,
    /// ISA13.
    pub interchange: Cow<'a, str>,
    /// GS06.
    pub group: Cow<'a, str>,
    /// ST02.
    pub transaction: Cow<'a, str>,
    /// CLM01.
    pub claim: Cow<'a, str>,
    /// The engine's own number of the claim.
    pub claim_control_number: String,
    /// LX01.
    pub line: u32,
    /// 2400 REF*6R.
    pub line_control_number: Option<Cow<'a, str>>,
    /// The plan; `None` where no plan takes the claim.
    pub plan: Option<&'a str>,
    /// The policy.
    pub policy: Option<&'a str>,
    /// The effective date of the version; `None` where none is in force.
    pub policy_version: Option<String>,
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
    /// The diagnoses that the line points at, in pointer order.
    pub diagnoses: Vec<Cow<'a, str>>,
    /// SV104, as a decimal; `None` where it is no number.
    pub units: Option<String>,
    /// SV102.
    pub charge: String,
    /// The decision.
    pub decision: &'static str,
    /// Units paid for.
    pub units_allowed: String,
    /// Amount paid.
    pub amount_allowed: String,
    /// The phase of the candidate session.
    pub phase: Option<&'static str>,
    /// Its ordinal.
    pub session: Option<u16>,
    /// Every reason that fired.
    pub reasons: Vec<WrittenReason<'a>>,
    /// The criteria taken on trust.
    pub unverified: Vec<&'a str>,
    /// `other-payer`, `original-unknown`.
    pub notes: Vec<&'static str>,
    /// The claim control number of the void or replacement that took the line back.
    pub reversed_by: Option<String>,
}

/// A reason as it is written.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenReason<'a> {
    /// The rule's name.
    pub rule: &'static str,
    /// `policy`, `coding` or `claim`.
    pub basis: &'static str,
    /// Document, section, edition and words.
    pub clause: String,
    /// The reason's own decision.
    pub decision: &'static str,
    /// Claim adjustment group code.
    pub group: Option<&'a str>,
    /// Claim adjustment reason code.
    pub carc: Option<&'a str>,
    /// Remittance advice remark codes.
    pub rarc: &'a [String],
    /// Claim status category and code, of a reason that pends.
    pub status: Option<&'a str>,
    /// The fact and the limit in words.
    pub text: String,
}

impl<'a> Run<'a> {
    /// The determination of a line, by its index.
    #[must_use]
    pub fn determination(&self, index: usize) -> Determination<'a> {
        let batch = self.batch;
        let (line, verdict) = (&batch.lines[index], &self.adjudication.verdicts[index]);
        let claim = batch.claim_of(line);
        let set = batch.transaction_set_of(claim);
        let plan = claim.plan.map(|plan| self.plans.get(plan));
        let date = line.service_date.date();
        let book = plan.map(|plan| plan.book_on(date).1);
        let name = |symbol| self.name(symbol);
        let identity = |symbol: Symbol| (!symbol.is_empty()).then(|| name(symbol));
        let line_control_number = as_text(batch.text(line.line_control_number));
        Determination {
            file: &set.file,
            interchange: as_text(&set.interchange.control_number),
            group: as_text(&set.group),
            transaction: as_text(&set.control_number),
            claim: as_text(batch.text(claim.patient_control_number)),
            claim_control_number: batch.control_number_of(claim).to_string(),
            line: line.line_number,
            line_control_number: (!line_control_number.is_empty()).then_some(line_control_number),
            plan: plan.map(|plan| &*plan.id),
            policy: plan.map(|plan| &*plan.policy.id),
            policy_version: book
                .and_then(|book| book.version)
                .map(|date| date.to_string()),
            member: name(claim.member),
            billing_provider: identity(claim.billing_provider),
            rendering_provider: identity(line.rendering_provider),
            service_date: date.map(|date| date.to_string()),
            procedure: name(line.procedure),
            modifiers: batch.modifiers_of(line).map(as_text).collect(),
            diagnoses: batch
                .diagnoses_pointed_at(line)
                .flatten()
                .map(as_text)
                .collect(),
            units: line.units.quantity.map(|units| units.to_string()),
            charge: line.charge.to_string(),
            decision: verdict.decision.as_str(),
            units_allowed: verdict.units_allowed(line).to_string(),
            amount_allowed: verdict.amount_allowed(line).to_string(),
            phase: verdict.phase.map(phase),
            session: verdict.session,
            reasons: self.reasons(plan, verdict),
            unverified: plan
                .map(|plan| unverified(&plan.policy, verdict))
                .unwrap_or_default(),
            notes: notes(claim, verdict),
            reversed_by: verdict.reversed_by.map(|by| {
                batch
                    .control_number_of(&batch.claims[by as usize])
                    .to_string()
            }),
        }
    }

    /// Whether a line is written when not every line was asked for.
    #[must_use]
    pub fn is_governed(&self, index: usize) -> bool {
        self.batch.lines[index].role.is_some()
    }

    /// The rule book that judged a line.
    #[must_use]
    pub fn book_of(&self, line: &ServiceLine, verdict: &Verdict) -> Option<&'a Book> {
        let plan = self.plans.get(self.batch.claim_of(line).plan?);
        plan.books.get(usize::from(verdict.book))
    }

    fn name(&self, symbol: Symbol) -> Cow<'a, str> {
        as_text(self.batch.symbols.bytes(symbol))
    }

    fn reasons(&self, plan: Option<&'a Plan>, verdict: &'a Verdict) -> Vec<WrittenReason<'a>> {
        let Some(plan) = plan else { return Vec::new() };
        let Some(book) = plan.books.get(usize::from(verdict.book)) else {
            return Vec::new();
        };
        let written = |reason| write_reason(reason, plan, book);
        verdict.reasons.iter().filter_map(written).collect()
    }
}

fn write_reason<'a>(reason: &Reason, plan: &'a Plan, book: &'a Book) -> Option<WrittenReason<'a>> {
    let rule = book.rule(reason.rule)?;
    let outcome = outcome_of(reason, book)?;
    let (group, carc, rarc, status) = match &outcome.codes {
        Codes::Adjustment { group, carc, rarc } => (Some(&**group), Some(&**carc), &rarc[..], None),
        Codes::Status(status) => (None, None, &[][..], Some(&**status)),
    };
    Some(WrittenReason {
        rule: reason.rule.name(),
        basis: rule.basis.as_str(),
        clause: clause_of(reason, rule, &plan.policy),
        decision: outcome.decision.as_str(),
        group,
        carc,
        rarc,
        status,
        text: rules::describe(reason, book, &plan.policy),
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

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Diagnostic => "diagnostic",
        Phase::Therapeutic => "therapeutic",
    }
}

fn unverified<'a>(policy: &'a Policy, verdict: &Verdict) -> Vec<&'a str> {
    let taken_on_trust = |index: &usize| verdict.unverified & (1 << index) != 0;
    let criteria = policy.criteria.iter().enumerate();
    criteria
        .filter(|(index, _)| taken_on_trust(index))
        .map(|(_, criterion)| &*criterion.name)
        .collect()
}

fn notes(claim: &Claim, verdict: &Verdict) -> Vec<&'static str> {
    let notes = [
        (claim.other_payer, "other-payer"),
        (
            verdict.is_original_unknown && verdict.decision != Decision::Pass,
            "original-unknown",
        ),
    ];
    notes
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, note)| note)
        .collect()
}
