//! From two looks to proposals.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::look::Looks;
use super::proposal::{Kind, Note, Proposal};
use super::timeline::{Question, Timeline, When};
use crate::claim::{Cents, ClaimControlNumber};
use crate::history::DecidedLine;
use crate::output::WrittenReason;
use crate::policy::{Decision, Plan, Plans, Role, RuleKind};
use crate::rules::stated;

/// The proposals about a timeline, by date, then arrival.
pub(super) fn proposals(timeline: &Timeline, looks: &Looks, plans: &Plans) -> Vec<Proposal> {
    let earlier = timeline.standing(When::Before);
    let standing = earlier.filter(|line| line.taken_back_by.is_none());
    let mut proposed: Vec<(&DecidedLine, Proposal)> = standing
        .filter_map(|line| Some((line, propose(timeline, line, looks, plans)?)))
        .collect();
    proposed.sort_by_key(|(line, _)| (line.date, line.id));
    proposed.into_iter().map(|(_, proposal)| proposal).collect()
}

/// What a decision means for who is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Paid,
    Waits,
    Denied,
}

fn answer(decision: Decision) -> Answer {
    match decision {
        Decision::Pay | Decision::Reduce => Answer::Paid,
        Decision::Pend => Answer::Waits,
        _ => Answer::Denied,
    }
}

fn propose(
    timeline: &Timeline,
    line: &DecidedLine,
    looks: &Looks,
    plans: &Plans,
) -> Option<Proposal> {
    let is_session = line.role? == Role::Session;
    let question = match is_session && line.is_paid() {
        true => Question::DateOrder,
        false => Question::WhatStands,
    };
    let look = looks.of(When::After, question);
    let now = answer(look.decision(line)?);
    let before = looks.of(When::Before, question).decision(line)?;
    if now == answer(before) {
        return None;
    }
    let kind = match (answer(line.decision), now) {
        (Answer::Paid, Answer::Waits | Answer::Denied) if is_session => Kind::SessionOrder,
        (Answer::Paid, Answer::Denied) => Kind::Recovery,
        (Answer::Paid, Answer::Waits) | (Answer::Denied, Answer::Waits) => Kind::Review,
        (Answer::Waits | Answer::Denied, Answer::Paid) => Kind::Freed,
        // It stands as it is, or waits for a person who will see what there is to see.
        _ => return None,
    };
    let decided = look.determination(line, plans)?;
    let reasons = match kind {
        Kind::Freed => line.reasons.clone(),
        _ => decided.reasons.into_iter().map(owned).collect(),
    };
    let plan = plans.get(timeline.plan);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let would_allow = decided.amount_allowed;
    let is_of_another_phase = decided.phase != line.phase;
    Some(Proposal {
        kind,
        run: line.run,
        plan: plan.id.clone(),
        policy: plan.policy.id.clone(),
        member: line.member.clone(),
        claim: line.patient_control_number.clone(),
        claim_control_number: line.control_number,
        line: line.line,
        line_control_number: line.line_control_number.clone(),
        billing_provider: some(&line.billing_provider),
        rendering_provider: some(&line.rendering_provider),
        service_date: line.date,
        procedure: line.procedure.clone(),
        modifiers: line.modifiers.clone(),
        units: line.units.quantity,
        charge: line.charge,
        decision: line.decision,
        amount_allowed: line.allowed,
        would_be: decided.decision,
        would_allow,
        amount: Cents(would_allow.0.saturating_sub(line.allowed.0)),
        reasons,
        caused_by: causes(timeline, line, kind),
        notes: notes(line, kind, plan, is_of_another_phase),
    })
}

fn owned(reason: WrittenReason<'_>) -> WrittenReason<'static> {
    let text = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    WrittenReason {
        rule: reason.rule,
        basis: reason.basis,
        clause: text(reason.clause),
        decision: reason.decision,
        group: reason.group.map(text),
        carc: reason.carc.map(text),
        rarc: Cow::Owned(reason.rarc.into_owned()),
        status: reason.status.map(text),
        text: text(reason.text),
    }
}

fn notes(line: &DecidedLine, kind: Kind, plan: &Plan, is_of_another_phase: bool) -> Vec<Note> {
    let stopped_early = |rule| matches!(rule, RuleKind::DuplicateLine | RuleKind::SameDayBundle);
    let is_unasked = kind == Kind::Freed
        && line.role == Some(Role::Session)
        && !plan.policy.criteria.is_empty()
        && (is_of_another_phase || line.reasons.iter().all(|reason| stopped_early(reason.rule)));
    let may_guide_another = kind == Kind::Recovery
        && line.role == Some(Role::Guidance)
        && !plan.policy.codes.other_guided.is_empty()
        && !line.has_all_lines;
    let notes = [
        (line.is_reviewed, Note::Reviewed),
        (line.is_encounter, Note::Encounter),
        (is_unasked, Note::DocumentationNotAsked),
        (may_guide_another, Note::OtherGuidedUnknown),
    ];
    let holding = notes.into_iter().filter(|(holds, _)| *holds);
    holding.map(|(_, note)| note).collect()
}

/// A line that the run added or took back, and the claim of the run that did it.
struct Change<'a> {
    line: &'a DecidedLine,
    claim: (i64, ClaimControlNumber),
    is_taken_back: bool,
}

impl Change<'_> {
    /// Whether a session begins or ends with it.
    fn is_session(&self) -> bool {
        self.line.role == Some(Role::Session) && self.line.is_paid()
    }

    /// Whether it may stop a line of its date that hangs on it, or is its duplicate, or may free
    /// the line: what stops one when it is added frees it when it is taken back. An add-on is
    /// freed by what it hangs on.
    fn may_change(&self, line: &DecidedLine, is_freed: bool) -> bool {
        let may_hang = match line.role {
            Some(Role::AddOn) => {
                self.line.role != Some(Role::AddOn) && self.is_taken_back != is_freed
            }
            _ => self.line.role == Some(Role::Session) && self.is_taken_back == is_freed,
        };
        let may_repeat =
            self.line.is_paid() && is_like(self.line, line) && self.is_taken_back == is_freed;
        self.line.date == line.date && (may_hang || may_repeat)
    }
}

/// Whether one of two lines of a date may be the other's duplicate, or be suspected to be.
fn is_like(one: &DecidedLine, other: &DecidedLine) -> bool {
    let modifiers = |line: &DecidedLine| line.modifiers.iter().cloned().collect::<BTreeSet<_>>();
    one.billing_provider == other.billing_provider
        && one.rendering_provider == other.rendering_provider
        && one.procedure == other.procedure
        && modifiers(one) == modifiers(other)
}

/// The claims of the run behind a proposal, in arrival order: those that say it best, as far as
/// that can be told, else all that changed a session of the timeline, else all that changed anything.
fn causes(timeline: &Timeline, line: &DecidedLine, kind: Kind) -> Vec<ClaimControlNumber> {
    let changes: Vec<Change<'_>> = timeline
        .lines
        .iter()
        .filter(|other| other.role.is_some())
        .filter_map(|other| change(timeline, other))
        .collect();
    let is_session = line.role == Some(Role::Session);
    let named: Vec<_> = line
        .reasons
        .iter()
        .flat_map(|reason| stated(reason.rule, &reason.text).sessions)
        .collect();
    let says_it_best = |change: &Change<'_>| match kind {
        Kind::SessionOrder => {
            change.is_session() && !change.is_taken_back && change.line.date < line.date
        }
        _ if !is_session => change.may_change(line, !line.is_paid()),
        // A session that its reasons name, or a line of its date, is gone.
        _ => {
            change.is_taken_back
                && change.line.role == Some(Role::Session)
                && (change.line.date == line.date || named.contains(&change.line.date))
        }
    };
    let of = |is_cause: &dyn Fn(&Change<'_>) -> bool| {
        let causes = changes.iter().filter(|change| is_cause(change));
        let mut claims: Vec<_> = causes.map(|change| change.claim).collect();
        claims.sort_unstable_by_key(|(number, _)| *number);
        claims.dedup_by_key(|(number, _)| *number);
        claims
    };
    let mut claims = of(&says_it_best);
    if claims.is_empty() {
        claims = of(&|change| change.is_session());
    }
    if claims.is_empty() {
        claims = of(&|_| true);
    }
    claims.into_iter().map(|(_, number)| number).collect()
}

fn change<'a>(timeline: &Timeline, line: &'a DecidedLine) -> Option<Change<'a>> {
    let own = || (line.run == timeline.run).then_some(line.claim);
    let (claim, is_taken_back) = match line.taken_back_by {
        Some(taker) => (taker, true),
        None => ((own()?, line.control_number?), false),
    };
    Some(Change {
        line,
        claim,
        is_taken_back,
    })
}
