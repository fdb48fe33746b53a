//! A second look: decided lines as a batch, judged again by the rules that depend on others.

use std::cmp::Reverse;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use chrono::NaiveDate;

use super::timeline::{Part, Question, Timeline, When, part_of};
use crate::adjudicate::{
    Adjudication, EarlierLine, EarlierRuns, EarlierSession, Versions, look_again,
};
use crate::claim::{DateOfService, InterchangeIdentity, SEPARATOR, as_set};
use crate::history::DecidedLine;
use crate::output::{Determination, Run};
use crate::policy::{ClinicalFacts, Decision, FactsTable, Plans, Role};
use crate::rules::LineIdentity;
use crate::timeline::{
    Batch, Claim, Frequency, Service, ServiceLine, Symbol, TimelineKey, TransactionSet,
};

/// Both questions about some timelines, before a run and after it.
#[derive(Debug)]
pub(super) struct Looks {
    before: [Look; 2],
    after: [Look; 2],
}

impl Looks {
    pub(super) fn at(timelines: &[Timeline], plans: &Plans) -> Self {
        let look = |when, question| Look::at(timelines, plans, when, question);
        let both = |when| {
            [
                look(when, Question::WhatStands),
                look(when, Question::DateOrder),
            ]
        };
        Self {
            before: both(When::Before),
            after: both(When::After),
        }
    }

    /// One of them.
    pub(super) fn of(&self, when: When, question: Question) -> &Look {
        let looks = match when {
            When::Before => &self.before,
            When::After => &self.after,
        };
        match question {
            Question::WhatStands => &looks[0],
            Question::DateOrder => &looks[1],
        }
    }
}

/// What a second look would decide.
#[derive(Debug, Default)]
pub(super) struct Look {
    batch: Batch,
    adjudication: Adjudication,
    /// The lines that were judged, by their numbers in the history: their index in the batch.
    judged: AHashMap<i64, usize>,
}

impl Look {
    fn at(timelines: &[Timeline], plans: &Plans, when: When, question: Question) -> Self {
        let mut scene = Scene::default();
        scene.batch.transaction_sets.push(transaction_set());
        for timeline in timelines {
            scene.add(timeline, plans, when, question);
        }
        let Scene {
            batch,
            facts,
            earlier,
            standing,
            judged,
        } = scene;
        let verdicts = look_again(&batch, plans, &facts, &earlier, &standing);
        let adjudication = Adjudication {
            versions: Versions::default(),
            verdicts,
        };
        Self {
            batch,
            adjudication,
            judged,
        }
    }

    /// What it would decide of a line; `None` of one that it did not judge.
    pub(super) fn decision(&self, line: &DecidedLine) -> Option<Decision> {
        let index = *self.judged.get(&line.id)?;
        Some(self.adjudication.verdicts.of(index).verdict.decision)
    }

    /// The same with amounts and reasons.
    pub(super) fn determination<'l>(
        &'l self,
        line: &DecidedLine,
        plans: &'l Plans,
    ) -> Option<Determination<'l>> {
        let index = *self.judged.get(&line.id)?;
        let run = Run {
            batch: &self.batch,
            plans,
            adjudication: &self.adjudication,
            reversals: &[],
        };
        Some(run.determination(index))
    }
}

/// What a look is made of.
#[derive(Default)]
struct Scene {
    batch: Batch,
    facts: FactsTable,
    earlier: EarlierRuns,
    /// By line of the batch: its decision as it stands.
    standing: Vec<Decision>,
    judged: AHashMap<i64, usize>,
}

/// A session that is given, and which of several on its date it is.
type Given = ((i64, Reverse<String>, i64), EarlierSession);

impl Scene {
    fn add(&mut self, timeline: &Timeline, plans: &Plans, when: When, question: Question) {
        let key = TimelineKey {
            plan: timeline.plan,
            is_test: false,
            member: self.intern(&timeline.member),
        };
        let beside = beside_other_guided(timeline, plans, when);
        let (mut lines, mut sessions) = (Vec::new(), Vec::new());
        let mut claim = None;
        for line in timeline.standing(when) {
            let part = part_of(line, question);
            let Some(role) = line.role.filter(|_| part != Part::Absent) else {
                continue;
            };
            if claim.replace(line.claim) != Some(line.claim) {
                self.add_claim(key, line);
            }
            let service = self.service(line, beside.contains(&(line.claim, line.date)));
            let rendering_provider = self.intern(&line.rendering_provider);
            match part {
                Part::Judged => {
                    self.add_line(line, service, rendering_provider);
                    self.add_facts(timeline, line);
                }
                _ => {
                    let identity = self.identity(line, &service, rendering_provider);
                    if line.is_paid() && role == Role::Session {
                        sessions.push(session(line, &identity));
                    }
                    if line.is_seen || line.is_paid() {
                        lines.push(EarlierLine {
                            identity,
                            role,
                            decision: line.decision,
                        });
                    }
                }
            }
        }
        // Of several on a date the first stays, as in the history.
        sessions.sort_by(|(one, _), (other, _)| one.cmp(other));
        let sessions = sessions.into_iter().map(|(_, session)| session);
        self.earlier.add(key, sessions, lines);
    }

    fn intern(&mut self, text: &str) -> Symbol {
        self.batch.symbols.intern(text.as_bytes())
    }

    fn add_claim(&mut self, key: TimelineKey, line: &DecidedLine) {
        let billing_provider = self.intern(&line.billing_provider);
        let batch = &mut self.batch;
        let claim = Claim {
            transaction_set: 0,
            ordinal: 1,
            timeline: Some(batch.timeline(key)),
            member: key.member,
            billing_provider,
            patient_control_number: batch.keep_text(b""),
            original_reference: batch.keep_text(b""),
            first_line: batch.lines.len() as u32,
            line_count: 0,
            frequency: Frequency::Original,
            other_payer: false,
            member_identified: true,
        };
        batch.add_claim(claim, 0);
    }

    fn service(&mut self, line: &DecidedLine, beside_other_guided: bool) -> Service {
        let modifiers = line.modifiers.join(&char::from(SEPARATOR).to_string());
        let symbols = &mut self.batch.symbols;
        Service {
            procedure: symbols.intern(line.procedure.as_bytes()),
            modifiers: symbols.intern(modifiers.as_bytes()),
            modifier_set: symbols.intern(&as_set(modifiers.as_bytes())),
            diagnoses: Symbol::EMPTY,
            units: line.units,
            role: line.role,
            is_code_dated: false,
            beside_other_guided: beside_other_guided
                && line.role.is_some_and(|role| role.is_guidance()),
        }
    }

    fn add_line(&mut self, line: &DecidedLine, service: Service, rendering_provider: Symbol) {
        let batch = &mut self.batch;
        let judged = ServiceLine {
            charge: line.charge,
            claim: batch.claims.len() as u32 - 1,
            line_number: line.line,
            service_date: DateOfService::day(line.date),
            service: batch.keep_service(service),
            rendering_provider,
            line_control_number: batch.keep_text(b""),
        };
        self.judged.insert(line.id, batch.lines.len());
        batch.lines.push(judged);
        if let Some(claim) = batch.claims.last_mut() {
            claim.line_count += 1;
        }
        self.standing.push(line.decision);
    }

    /// What the history keeps of the facts of a session's date.
    fn add_facts(&mut self, timeline: &Timeline, line: &DecidedLine) {
        if line.role != Some(Role::Session)
            || (line.facts_phase.is_none() && line.muscles.is_empty())
        {
            return;
        }
        let facts = ClinicalFacts {
            phase: line.facts_phase,
            muscles: Some(line.muscles.clone()).filter(|muscles| !muscles.is_empty()),
            ..ClinicalFacts::default()
        };
        self.facts
            .merge(timeline.plan, &timeline.member, line.date, facts);
    }

    fn identity(
        &mut self,
        line: &DecidedLine,
        service: &Service,
        rendering_provider: Symbol,
    ) -> LineIdentity {
        LineIdentity {
            claim: Some(self.batch.claims.len() as u32 - 1),
            billing_provider: self.intern(&line.billing_provider),
            rendering_provider,
            date: line.date,
            procedure: service.procedure,
            modifier_set: service.modifier_set,
            units: line.units,
            charge: line.charge,
        }
    }
}

fn session(line: &DecidedLine, identity: &LineIdentity) -> Given {
    (
        (line.run, Reverse(line.procedure.clone()), line.id),
        EarlierSession {
            date: line.date,
            phase: line.phase,
            muscles: line.muscles.clone(),
            billing_provider: identity.billing_provider,
            rendering_provider: identity.rendering_provider,
        },
    )
}

/// The claims and dates with another procedure that may be guided, as far as lines of such
/// procedures were kept.
fn beside_other_guided(
    timeline: &Timeline,
    plans: &Plans,
    when: When,
) -> AHashSet<(i64, NaiveDate)> {
    let other_guided = &plans.get(timeline.plan).policy.codes.other_guided;
    timeline
        .standing(when)
        .filter(|line| line.role.is_none() && other_guided.contains(&line.procedure))
        .map(|line| (line.claim, line.date))
        .collect()
}

/// One that stands for all: nothing that is asked again depends on where a claim came from.
fn transaction_set() -> TransactionSet {
    TransactionSet {
        file: "".into(),
        input: 0,
        first_segment: 0,
        interchange: Arc::new(InterchangeIdentity {
            sender: Box::default(),
            receiver: Box::default(),
            date: Box::default(),
            time: Box::default(),
            control_number: Box::default(),
        }),
        group: Arc::from(&b""[..]),
        control_number: Box::default(),
        billing_date: None,
        is_test: false,
        is_encounter: false,
    }
}
