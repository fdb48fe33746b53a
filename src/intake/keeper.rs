//! Claims into the batch: the governed lines, and what their judgement needs.

use std::borrow::Cow;
use std::sync::Arc;

use ahash::AHashMap;
use chrono::NaiveDate;

use super::ReadOptions;
use super::envelope::{Group, Interchange};
use super::levels::Context;
use crate::claim::{as_set, as_utf8};
use crate::p837::{self, Events, Interest};
use crate::policy::{Members, Plan, Plans, Role};
use crate::timeline::{
    Batch, Claim, Frequency, Service, ServiceLine, TimelineKey, TransactionSet, pointed_at,
};

/// Keeps claims that can matter.
pub(super) struct Keeper<'a> {
    all_lines: bool,
    members: &'a Members,
    /// By plan.
    codes: Vec<PlanCodes<'a>>,
}

/// The code sets of a plan's policy, by procedure.
struct PlanCodes<'a> {
    governed: AHashMap<&'a [u8], Governed>,
    other_guided: Vec<&'a [u8]>,
    /// What add-ons are paid beside.
    beside: Vec<&'a [u8]>,
}

/// A procedure that a policy governs.
#[derive(Clone, Copy)]
struct Governed {
    role: Role,
    /// Whether the policy bounds the dates on which its code is valid.
    is_dated: bool,
}

/// Where a claim stands.
pub(super) struct Source<'s> {
    pub(super) file: &'s Arc<str>,
    pub(super) input: usize,
    /// The place of its set's ST in the input.
    pub(super) first_segment: u64,
    pub(super) interchange: &'s Interchange,
    pub(super) group: &'s Group,
    pub(super) is_encounter: bool,
    /// ST02.
    pub(super) control_number: &'s [u8],
    /// The transaction set's index in the batch, once it has one.
    pub(super) index: &'s mut Option<u32>,
    pub(super) ordinal: u32,
    pub(super) offset_bytes: u64,
}

/// What a reader should look for: the governed procedures of every plan, or everything.
pub(super) fn interest(options: ReadOptions<'_>) -> Interest {
    if options.all_lines {
        return Interest::in_everything();
    }
    let sets = options
        .plans
        .plans
        .iter()
        .flat_map(|plan| &plan.policy.codes.roles);
    Interest::in_procedures(
        sets.flat_map(|(_, codes)| codes)
            .map(|code| code.code.as_bytes()),
    )
}

impl<'a> Keeper<'a> {
    pub(super) fn new(options: ReadOptions<'a>) -> Self {
        let Plans { plans, .. } = options.plans;
        Self {
            all_lines: options.all_lines,
            members: options.members,
            codes: plans.iter().map(PlanCodes::new).collect(),
        }
    }

    /// Keeps a claim if it bears a governed line, or replaces or voids another; says whether it
    /// did.
    pub(super) fn keep(
        &self,
        batch: &mut Batch,
        claim: &p837::Claim,
        events: &Events,
        context: &Context<'_>,
        source: Source<'_>,
    ) -> bool {
        let codes = context.plan().map(|plan| &self.codes[usize::from(plan)]);
        let lines = &events.lines[claim.lines.start as usize..claim.lines.end as usize];
        let governed = |line: &p837::ServiceLine| codes?.governed(events.text(line.procedure));
        let frequency = match events.text(claim.frequency) {
            b"7" => Frequency::Replacement,
            b"8" => Frequency::Void,
            _ => Frequency::Original,
        };
        let can_matter =
            frequency != Frequency::Original || lines.iter().any(|line| governed(line).is_some());
        let is_routed = codes.is_some();
        if !(self.all_lines || (is_routed && can_matter)) {
            return false;
        }
        let index = batch.claims.len() as u32;
        let first_line = batch.lines.len() as u32;
        let kept = Kept {
            claim,
            events,
            context,
            members: self.members,
            index,
        };
        let mut other_guided = None;
        for line in lines
            .iter()
            .filter(|line| self.all_lines || governed(line).is_some())
        {
            let governed = governed(line);
            // Lines of earlier runs are known by codes of the batch: those that an add-on asks
            // for must be among them.
            if governed.is_some_and(|governed| governed.role == Role::AddOn) {
                for code in codes.iter().flat_map(|codes| &codes.beside) {
                    batch.symbols.intern(code);
                }
            }
            let is_guidance = governed.is_some_and(|governed| governed.role.is_guidance());
            let is_beside = codes.filter(|_| is_guidance).is_some_and(|codes| {
                let dates =
                    other_guided.get_or_insert_with(|| codes.other_guided_dates(lines, events));
                line.service_date
                    .date()
                    .is_some_and(|date| dates.binary_search(&date).is_ok())
            });
            let line = kept.line(batch, line, governed, is_beside);
            batch.lines.push(line);
        }
        let offset_bytes = source.offset_bytes;
        let claim = kept.claim(batch, source, frequency, first_line);
        batch.add_claim(claim, offset_bytes);
        true
    }
}

impl<'a> PlanCodes<'a> {
    fn new(plan: &'a Plan) -> Self {
        let codes = &plan.policy.codes;
        let mut governed: AHashMap<&[u8], Governed> = AHashMap::new();
        let roles = codes.roles.iter();
        for (role, code) in
            roles.flat_map(|(role, codes)| codes.iter().map(move |code| (*role, code)))
        {
            let entry = governed.entry(code.code.as_bytes()).or_insert(Governed {
                role,
                is_dated: false,
            });
            entry.is_dated |= code.from.is_some() || code.until.is_some();
        }
        Self {
            governed,
            other_guided: codes.other_guided.iter().map(String::as_bytes).collect(),
            beside: {
                let beside = codes.add_ons.iter().flat_map(|add_on| &add_on.beside);
                beside.map(String::as_bytes).collect()
            },
        }
    }

    fn governed(&self, procedure: &[u8]) -> Option<Governed> {
        self.governed.get(procedure).copied()
    }

    /// The dates on which a claim bills other procedures that may be guided, ascending.
    fn other_guided_dates(&self, lines: &[p837::ServiceLine], events: &Events) -> Vec<NaiveDate> {
        let is_other =
            |line: &&p837::ServiceLine| self.other_guided.contains(&events.text(line.procedure));
        let dates = lines.iter().filter(is_other);
        let mut dates: Vec<NaiveDate> = dates.filter_map(|line| line.service_date.date()).collect();
        dates.sort_unstable();
        dates
    }
}

/// A claim that is being kept.
struct Kept<'k> {
    claim: &'k p837::Claim,
    events: &'k Events,
    context: &'k Context<'k>,
    members: &'k Members,
    index: u32,
}

impl Kept<'_> {
    fn text(&self, text: p837::Text) -> Cow<'_, [u8]> {
        as_utf8(self.events.text(text))
    }

    fn line(
        &self,
        batch: &mut Batch,
        line: &p837::ServiceLine,
        governed: Option<Governed>,
        beside_other_guided: bool,
    ) -> ServiceLine {
        let text = |text| self.text(text);
        let renderers = [
            text(line.rendering_provider),
            text(self.claim.rendering_provider),
        ];
        let renderer = renderers
            .iter()
            .map(|identity| identity.trim_ascii())
            .find(|identity| !identity.is_empty());
        let biller = self.context.billing_provider();
        let modifiers = text(line.modifiers);
        let service = Service {
            procedure: batch.symbols.intern(&text(line.procedure)),
            modifiers: batch.symbols.intern(&modifiers),
            modifier_set: batch.symbols.intern(&as_set(&modifiers)),
            diagnoses: batch
                .symbols
                .intern(&pointed_at(&text(self.claim.diagnoses), line.pointers)),
            units: line.units,
            role: governed.map(|governed| governed.role),
            is_code_dated: governed.is_some_and(|governed| governed.is_dated),
            beside_other_guided,
        };
        ServiceLine {
            charge: line.charge,
            claim: self.index,
            line_number: line.line_number,
            service_date: line.service_date,
            service: batch.keep_service(service),
            rendering_provider: match renderer {
                Some(identity) => batch.symbols.intern(identity),
                None => batch.symbols.intern(&as_utf8(biller)),
            },
            line_control_number: batch.keep_text(&text(line.line_control_number)),
        }
    }

    fn claim(
        &self,
        batch: &mut Batch,
        source: Source<'_>,
        frequency: Frequency,
        first_line: u32,
    ) -> Claim {
        let text = |text| self.text(text);
        let member = self.context.member_key();
        let original_reference = text(self.claim.original_reference);
        let billed_member = batch.symbols.intern(member.as_bytes());
        let timeline_member = match self.members.newer(&member) {
            Some(newer) => batch.symbols.intern(newer.as_bytes()),
            None => billed_member,
        };
        let is_test = source.interchange.is_test;
        let timeline = self.context.plan().map(|plan| {
            batch.timeline(TimelineKey {
                plan,
                is_test,
                member: timeline_member,
            })
        });
        Claim {
            ordinal: source.ordinal,
            transaction_set: source.transaction_set(batch),
            timeline,
            frequency,
            other_payer: self.context.has_other_payer(),
            member_identified: self.context.is_member_identified(),
            member: billed_member,
            billing_provider: batch
                .symbols
                .intern(&as_utf8(self.context.billing_provider())),
            patient_control_number: batch.keep_text(&text(self.claim.patient_control_number)),
            original_reference: batch.keep_text(&original_reference),
            first_line,
            line_count: batch.lines.len() as u32 - first_line,
        }
    }
}

impl Source<'_> {
    /// The transaction set's index in the batch; its first claim that is kept adds it.
    fn transaction_set(self, batch: &mut Batch) -> u32 {
        *self.index.get_or_insert_with(|| {
            batch.transaction_sets.push(TransactionSet {
                file: Arc::clone(self.file),
                input: self.input as u32,
                first_segment: self.first_segment,
                interchange: Arc::clone(&self.interchange.identity),
                group: Arc::clone(&self.group.control_number),
                control_number: self.control_number.into(),
                billing_date: self.group.billing_date,
                is_test: self.interchange.is_test,
                is_encounter: self.is_encounter,
            });
            batch.transaction_sets.len() as u32 - 1
        })
    }
}
