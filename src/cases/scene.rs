//! A case as the claims of a batch and what earlier runs left of its members.

use std::sync::Arc;

use chrono::NaiveDate;

use super::parse::{Case, MEMBER, error};
use super::row::Row;
use super::setting::{Under, facts};
use crate::adjudicate::{Adjudication, EarlierLine, EarlierRuns, EarlierSession, judge, settle};
use crate::claim::{
    DateOfService, InterchangeIdentity, Pointers, Quantity, SEPARATOR, Units, as_set,
};
use crate::policy::{ConfigError, ConfigErrors, FactsTable, Plan, Plans, Role, muscle_names};
use crate::rules::LineIdentity;
use crate::timeline::{
    Batch, Claim, Frequency, Service, ServiceLine, Symbol, TimelineKey, TransactionSet, pointed_at,
};

/// The provider of lines that name none.
const PROVIDER: &str = "1234567893";

/// The diagnosis of lines that name none, under a policy that lists none.
const DIAGNOSIS: &str = "R52";

/// A case, ready to be judged.
pub(super) struct Scene {
    pub(super) plans: Plans,
    plan: u16,
    facts: FactsTable,
    pub(super) batch: Batch,
    earlier: EarlierRuns,
}

impl Scene {
    pub(super) fn new(source: &str, case: &Case<'_>, under: &Under) -> Result<Self, ConfigErrors> {
        let (plans, plan) = under.plans(source, case)?;
        let facts = facts(source, case, &plans, plan)?;
        let mut scene = Self {
            plans,
            plan,
            facts,
            batch: Batch::default(),
            earlier: EarlierRuns::default(),
        };
        scene.batch.transaction_sets.push(transaction_set(None));
        let mut errors = scene.add_earlier(source, &case.earlier);
        let mut before: Option<&Row<'_>> = None;
        for row in &case.rows {
            let claim = row.key("claim");
            let is_same =
                claim.is_some() && before.is_some_and(|before| before.key("claim") == claim);
            if !is_same && let Err(message) = scene.add_claim(row) {
                errors.push(error(source, row.line, "", 0, message));
            }
            let line = scene.line(row);
            scene.batch.lines.push(line);
            if let Some(claim) = scene.batch.claims.last_mut() {
                claim.line_count += 1;
            }
            before = Some(row);
        }
        match errors.is_empty() {
            true => Ok(scene),
            false => Err(ConfigErrors(errors)),
        }
    }

    pub(super) fn adjudicate(&self) -> Adjudication {
        let versions = settle(&self.batch, &[]);
        let verdicts = judge(
            &self.batch,
            &self.plans,
            &self.facts,
            &versions,
            &self.earlier,
        );
        Adjudication { versions, verdicts }
    }

    /// The plan of the case.
    pub(super) fn plan(&self) -> &Plan {
        self.plans.get(self.plan)
    }

    fn role(&self, code: &str) -> Option<Role> {
        let mut roles = self.plan().policy.codes.roles.iter();
        let has = |codes: &[crate::policy::DatedCode]| codes.iter().any(|dated| dated.code == code);
        roles.find(|(_, codes)| has(codes)).map(|(role, _)| *role)
    }

    fn intern(&mut self, text: &str) -> Symbol {
        self.batch.symbols.intern(text.as_bytes())
    }

    fn timeline_key(&mut self, row: &Row<'_>) -> TimelineKey {
        let member = row.key("member").unwrap_or(MEMBER);
        TimelineKey {
            plan: self.plan,
            is_test: false,
            member: self.intern(member.trim_matches('-')),
        }
    }

    /// A provider; `-` is one without an identity.
    fn provider(&mut self, key: Option<&str>) -> Symbol {
        self.intern(key.unwrap_or(PROVIDER).trim_matches('-'))
    }

    fn add_claim(&mut self, row: &Row<'_>) -> Result<(), String> {
        if let Some(billed) = row.billing_date() {
            self.batch.transaction_sets.push(transaction_set(billed));
        }
        let index = self.batch.claims.len();
        let timeline = self.timeline_key(row);
        let billing_provider = self.provider(row.key("billing"));
        let reference = self.reference(row)?;
        let own = || format!("P{index}");
        let number = row.key("pcn").map_or_else(own, str::to_owned);
        let member = row.key("member").unwrap_or(MEMBER);
        let batch = &mut self.batch;
        let claim = Claim {
            transaction_set: batch.transaction_sets.len() as u32 - 1,
            ordinal: index as u32 + 1,
            timeline: Some(batch.timeline(timeline)),
            frequency: match row.key("freq") {
                Some("7") => Frequency::Replacement,
                Some("8") => Frequency::Void,
                _ => Frequency::Original,
            },
            other_payer: false,
            member_identified: !member.starts_with('/') && member != "-",
            member: timeline.member,
            billing_provider,
            patient_control_number: batch.keep_text(number.as_bytes()),
            original_reference: batch.keep_text(reference.as_bytes()),
            first_line: batch.lines.len() as u32,
            line_count: 0,
        };
        batch.add_claim(claim, 0);
        Ok(())
    }

    /// REF*F8: as it stands, or `ccn:N` for the control number of claim N of the case.
    fn reference(&self, row: &Row<'_>) -> Result<String, String> {
        let reference = row.key("ref").unwrap_or_default();
        let Some(number) = reference.strip_prefix("ccn:") else {
            return Ok(reference.to_owned());
        };
        let index = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let claim = index.and_then(|index| self.batch.claims.get(index));
        let number = claim.map(|claim| self.batch.control_number_of(claim).as_str().to_owned());
        let count = self.batch.claims.len();
        number.ok_or_else(|| {
            format!("`ref=ccn:N` names claim N of the case, from 1; {count} stand before this line")
        })
    }

    fn line(&mut self, row: &Row<'_>) -> ServiceLine {
        let service = self.service(row);
        let rendering_provider = self.provider(row.key("rendering"));
        let batch = &mut self.batch;
        ServiceLine {
            charge: row.charge,
            claim: (batch.claims.len() as u32).saturating_sub(1),
            line_number: 1,
            service_date: match (row.date, row.until) {
                (None, _) => DateOfService::INVALID,
                (Some(start), Some(end)) => DateOfService::range(start, end),
                (Some(date), None) => DateOfService::day(date),
            },
            service: batch.keep_service(service),
            rendering_provider,
            line_control_number: batch.keep_text(b""),
        }
    }

    fn service(&mut self, row: &Row<'_>) -> Service {
        let separator = char::from(SEPARATOR).to_string();
        let modifiers: Vec<&str> = row.modifiers().collect();
        let modifiers = modifiers.join(&separator).to_uppercase();
        let code = row.procedure().to_uppercase();
        let role = self.role(&code);
        let mut pointers = Pointers::default();
        let pointed = row.key("ptr").unwrap_or("1").split(':');
        for pointer in pointed.filter(|pointer| !pointer.is_empty()) {
            pointers.push(pointer.parse().unwrap_or(Pointers::UNREADABLE));
        }
        let diagnoses = match row.key("dx") {
            Some(given) => given
                .replace('.', "")
                .replace(',', &separator)
                .to_uppercase(),
            None => self.diagnosis(),
        };
        let diagnoses = pointed_at(diagnoses.as_bytes(), pointers);
        let symbols = &mut self.batch.symbols;
        Service {
            procedure: symbols.intern(code.as_bytes()),
            modifiers: symbols.intern(modifiers.as_bytes()),
            modifier_set: symbols.intern(&as_set(modifiers.as_bytes())),
            diagnoses: symbols.intern(&diagnoses),
            units: Units {
                quantity: Quantity::parse(row.key("units").unwrap_or("1").as_bytes()),
                counted: row.key("measure").unwrap_or("UN") == "UN",
            },
            role,
            is_code_dated: true,
            beside_other_guided: row.key("beside").is_some(),
        }
    }

    /// The first diagnosis that the policy lists.
    fn diagnosis(&self) -> String {
        let first = self.plan().policy.codes.diagnoses.first();
        first
            .map_or(DIAGNOSIS, |code| code.trim_end_matches('*'))
            .to_owned()
    }

    /// Lines that earlier runs left; those of the limited service that were paid are sessions.
    fn add_earlier(&mut self, source: &str, rows: &[Row<'_>]) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        let mut timelines: Vec<(TimelineKey, Vec<(&Row<'_>, EarlierLine)>)> = Vec::new();
        for row in rows {
            let key = self.timeline_key(row);
            let (line, date) = (self.line(row), row.date.unwrap_or_default());
            let service = *self.batch.service_of(&line);
            let Some(role) = service.role else {
                let code = row.procedure();
                let message =
                    format!("{code} is in no code set of the policy: no run keeps its lines");
                errors.push(error(source, row.line, "", 0, message));
                continue;
            };
            let identity = LineIdentity {
                claim: None,
                billing_provider: self.provider(row.key("billing")),
                rendering_provider: line.rendering_provider,
                date,
                procedure: service.procedure,
                modifier_set: service.modifier_set,
                units: service.units,
                charge: line.charge,
            };
            let decision = row.decision;
            let line = EarlierLine {
                identity,
                role,
                decision,
            };
            match timelines.iter_mut().find(|(known, _)| *known == key) {
                Some((_, lines)) => lines.push((row, line)),
                None => timelines.push((key, vec![(row, line)])),
            }
        }
        for (key, mut lines) in timelines {
            lines.sort_by_key(|(_, line)| line.identity.date);
            let sessions = self.sessions(&lines);
            self.earlier
                .add(key, sessions, lines.into_iter().map(|(_, line)| line));
        }
        errors
    }

    fn sessions(&self, lines: &[(&Row<'_>, EarlierLine)]) -> Vec<EarlierSession> {
        let mut sessions: Vec<EarlierSession> = Vec::new();
        let paid = lines
            .iter()
            .filter(|(_, line)| line.is_paid() && line.role == Role::Session);
        for (row, line) in paid {
            let date = line.identity.date;
            if sessions.last().is_some_and(|last| last.date == date) {
                continue;
            }
            let inferred = self.plan().inferred_phase(date, sessions.len());
            let muscles = row.key("muscles").unwrap_or_default().split(';');
            sessions.push(EarlierSession {
                date,
                phase: row.phase().or(inferred),
                muscles: muscle_names(muscles),
                billing_provider: line.identity.billing_provider,
                rendering_provider: line.identity.rendering_provider,
            });
        }
        sessions
    }
}

fn transaction_set(billing_date: Option<NaiveDate>) -> TransactionSet {
    TransactionSet {
        file: "case".into(),
        input: 0,
        first_segment: 0,
        interchange: Arc::new(InterchangeIdentity {
            sender: Box::default(),
            receiver: Box::default(),
            date: Box::default(),
            time: Box::default(),
            control_number: Box::default(),
        }),
        group: Arc::from(&b"1"[..]),
        control_number: Box::default(),
        billing_date,
        is_test: false,
        is_encounter: false,
    }
}
