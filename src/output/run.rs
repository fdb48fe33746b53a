//! Determinations, made of lines and verdicts.

use std::borrow::Cow;
use std::num::NonZeroU16;
use std::ops::Range;

use super::determination::{Determination, Note, WrittenReason};
use super::identity::{ClaimIdentity, Identities, SetIdentity, identity, name};
use super::monitored::monitored;
use crate::adjudicate::{Adjudication, Judged, Verdict, outcome_of};
use crate::claim::as_text;
use crate::policy::{Book, Codes, Decision, Plan, Plans, Policy, Rule, RuleKind};
use crate::rules::{self, Detail, Reason};
use crate::timeline::{Batch, Claim};

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

impl<'a> Run<'a> {
    /// The determination of a line, by its index.
    #[must_use]
    pub fn determination(&self, index: usize) -> Determination<'a> {
        let claim = self.batch.claim_of(&self.batch.lines[index]);
        self.determination_in(&self.identity_of(claim), index)
    }

    /// What all determinations of a claim say. To compute its number takes as long as the rest of
    /// a determination.
    #[must_use]
    pub fn identity_of(&self, claim: &Claim) -> ClaimIdentity<'a> {
        let set = self.batch.transaction_set_of(claim);
        SetIdentity::new(self.batch, set).of(self.batch, claim)
    }

    /// The determination of a line, by its index, of a claim of that identity.
    #[must_use]
    pub fn determination_in(&self, of: &ClaimIdentity<'a>, index: usize) -> Determination<'a> {
        let of = of.clone();
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
        let plan = batch.plan_of(claim).map(|plan| self.plans.get(plan));
        let date = line.service_date.date();
        let book = plan.map(|plan| plan.book_on(date).1);
        let line_control_number = as_text(batch.text(line.line_control_number));
        Determination {
            file: Cow::Borrowed(of.file),
            interchange: Some(of.interchange),
            group: Some(of.group),
            transaction: Some(of.transaction),
            claim: of.claim,
            claim_control_number: Some(of.number),
            line: line.line_number,
            line_control_number: (!line_control_number.is_empty()).then_some(line_control_number),
            plan: plan.map(|plan| Cow::Borrowed(&*plan.id)),
            policy: plan.map(|plan| Cow::Borrowed(&*plan.policy.id)),
            policy_version: book.and_then(|book| book.version),
            member: of.member,
            billing_provider: of.billing_provider,
            rendering_provider: identity(batch, line.rendering_provider),
            service_date: date,
            procedure: name(batch, service.procedure),
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
        let mut identities = Identities::default();
        claims.flat_map(move |index| {
            let reversals = self.reversals_by(index as u32).iter();
            let claim = &self.batch.claims[index];
            let of = identities.of(self.batch, claim);
            let lines = self.batch.lines_of(claim);
            let written = lines.filter(move |&line| all_lines || self.is_governed(line));
            let has_monitors = self.plans.has_monitors();
            reversals
                .map(move |(_, reversal)| reversal.clone().among(has_monitors))
                .chain(written.map(move |line| self.determination_in(&of, line)))
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
        clause: clause_of(reason, rule, &plan.policy),
        decision: outcome.decision,
        group: group.map(Cow::from),
        carc: carc.map(Cow::from),
        rarc: Cow::Borrowed(rarc),
        status: status.map(Cow::from),
        text: rules::describe(reason, book, &plan.policy),
    })
}

/// The clause behind a reason, in one line; a criterion has its own.
#[must_use]
pub fn clause_of<'p>(reason: &Reason, rule: &'p Rule, policy: &'p Policy) -> Cow<'p, str> {
    let criterion = match reason.detail {
        Detail::Criterion(index) if reason.rule == RuleKind::Documentation => {
            policy.criteria.get(usize::from(index))
        }
        _ => None,
    };
    match (criterion, &rule.citation) {
        (None, _) => Cow::Borrowed(&rule.told),
        (Some(criterion), None) => Cow::Borrowed(&criterion.clause.text),
        (Some(criterion), Some(citation)) => criterion.clause.under(citation).into(),
    }
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
