//! Tables of lines with their decision, as a claims analyst reads them.
//!
//! One line of a table is one service line, in arrival order:
//!
//! ```text
//! 2025-01-06  20552-RT  pay   claim=A billing=1 units=2 session=1
//! 2025-01-12  20552     deny min-interval
//! ```
//!
//! Date, procedure with its modifiers, decision, the rules that fired, and whatever differs
//! from an ordinary line. Lines of one claim stand together and share `claim=`; a line
//! without it is a claim of its own. `facts DATE {...}` gives clinical facts, and
//! `earlier DATE CODE DECISION` a line that an earlier run left.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::adjudicate::{
    Adjudication, EarlierLine, EarlierRuns, EarlierSession, Judged, judge, settle,
};
use crate::claim::{
    Cents, DateOfService, InterchangeIdentity, Pointers, Quantity, SEPARATOR, Units,
    parse_calendar_date,
};
use crate::policy::{Decision, FactsTable, Members, Phase, Plan, Plans, Role, find_policy};
use crate::rules::LineIdentity;
use crate::timeline::{
    Batch, Claim, Frequency, Service, ServiceLine, Symbol, TimelineKey, TransactionSet, pointed_at,
};

/// Checks a table under an embedded policy.
pub(crate) fn check(policy: &str, table: &str) {
    check_plan(policy, "", table);
}

/// Checks a table under a plan with these options and overrides, as in a plans file.
pub(crate) fn check_plan(policy: &str, plan: &str, table: &str) {
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let differences = pool.install(|| Case::new(policy, plan, table).differences());
        assert!(
            differences.is_empty(),
            "\n{}\n{threads} threads",
            differences.join("\n")
        );
    }
}

struct Case<'t> {
    plans: Plans,
    facts: FactsTable,
    batch: Batch,
    earlier: Vec<EarlierLine>,
    rows: Vec<Row<'t>>,
}

/// A row of a table, split into what stands in it.
#[derive(Clone)]
struct Row<'t> {
    text: &'t str,
    date: &'t str,
    code: &'t str,
    decision: &'t str,
    rules: Vec<&'t str>,
    keys: Vec<(&'t str, &'t str)>,
}

impl<'t> Row<'t> {
    fn new(text: &'t str) -> Self {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap_or_else(|| panic!("{text}: too short"));
        let (date, code, decision) = (next(), next(), next());
        let (keys, rules): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
        let keys = keys
            .into_iter()
            .map(|key| key.split_once('=').unwrap())
            .collect();
        Self {
            text,
            date,
            code,
            decision,
            rules,
            keys,
        }
    }

    fn key(&self, key: &str) -> Option<&'t str> {
        self.keys
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    parse_calendar_date(text.replace('-', "").as_bytes())
}

fn cents(text: &str) -> Cents {
    Cents(text.replace('.', "").parse().unwrap())
}

impl<'t> Case<'t> {
    fn new(policy: &str, plan: &str, table: &'t str) -> Self {
        let text =
            format!("[[plan]]\nid = \"p\"\npayer_ids = [\"1\"]\npolicy = \"{policy}\"\n{plan}");
        let mut resolve =
            |name: &str| find_policy(name, "".as_ref()).map_err(|error| error.to_string());
        let plans =
            Plans::from_toml("case", &text, &mut resolve).unwrap_or_else(|error| panic!("{error}"));
        let (facts, lines): (Vec<&str>, Vec<&str>) = table
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .partition(|line| line.starts_with("facts "));
        let facts: String = facts.iter().map(|line| facts_object(line)).collect();
        let (facts, _) =
            FactsTable::read("case", facts.as_bytes(), &plans, &Members::default()).unwrap();
        let mut case = Self {
            plans,
            facts,
            batch: Batch::default(),
            earlier: Vec::new(),
            rows: Vec::new(),
        };
        case.batch.transaction_sets.push(transaction_set(None));
        for line in lines {
            match line.strip_prefix("earlier ") {
                Some(line) => case.add_earlier(&Row::new(line)),
                None => case.add(Row::new(line)),
            }
        }
        case
    }

    fn plan(&self) -> &Plan {
        &self.plans.plans[0]
    }

    fn role(&self, code: &str) -> Option<Role> {
        let roles = &self.plan().policy.codes.roles;
        roles
            .iter()
            .find(|(_, codes)| codes.iter().any(|dated| dated.code == code))
            .map(|(role, _)| *role)
    }

    fn add(&mut self, row: Row<'t>) {
        let claim_name = row.key("claim").map(str::to_owned);
        let is_same = self
            .rows
            .last()
            .is_some_and(|last| claim_name.is_some() && last.key("claim") == row.key("claim"));
        if !is_same {
            self.add_claim(&row);
        }
        let line = self.line(&row);
        self.batch.lines.push(line);
        self.batch.claims.last_mut().unwrap().line_count += 1;
        self.rows.push(row);
    }

    fn add_claim(&mut self, row: &Row<'_>) {
        if let Some(billed) = row.key("billed") {
            self.batch
                .transaction_sets
                .push(transaction_set(date(billed)));
        }
        let index = self.batch.claims.len();
        let batch = &mut self.batch;
        let number = row
            .key("pcn")
            .map_or_else(|| format!("P{index}"), str::to_owned);
        let key = row.key("member").unwrap_or("W1");
        let member = batch.symbols.intern(key.trim_matches('-').as_bytes());
        let timeline = batch.timeline(TimelineKey {
            plan: 0,
            is_test: false,
            member,
        });
        let claim = Claim {
            transaction_set: batch.transaction_sets.len() as u32 - 1,
            ordinal: index as u32 + 1,
            timeline: Some(timeline),
            frequency: match row.key("freq") {
                Some("7") => Frequency::Replacement,
                Some("8") => Frequency::Void,
                _ => Frequency::Original,
            },
            other_payer: false,
            member_identified: !key.starts_with('/') && key != "-",
            member,
            billing_provider: identity(batch, row.key("billing")),
            patient_control_number: batch.keep_text(number.as_bytes()),
            original_reference: batch.keep_text(row.key("ref").unwrap_or("").as_bytes()),
            first_line: batch.lines.len() as u32,
            line_count: 0,
        };
        batch.add_claim(claim, 0);
        if let Some(reference) = row.key("ref").and_then(|text| text.strip_prefix("ccn:")) {
            let number =
                batch.control_number_of(&batch.claims[reference.parse::<usize>().unwrap() - 1]);
            let text = batch.keep_text(number.as_str().as_bytes());
            batch.claims.last_mut().unwrap().original_reference = text;
        }
    }

    fn line(&mut self, row: &Row<'_>) -> ServiceLine {
        let (code, modifiers) = row.code.split_once('-').unwrap_or((row.code, ""));
        let role = self.role(code);
        let batch = &mut self.batch;
        let mut set: Vec<&str> = modifiers.split('-').collect();
        let separator = char::from(SEPARATOR).to_string();
        let joined = set.join(&separator);
        set.sort_unstable();
        set.dedup();
        let mut pointers = Pointers::default();
        for pointer in row
            .key("ptr")
            .unwrap_or("1")
            .split(':')
            .filter(|text| !text.is_empty())
        {
            pointers.push(pointer.parse().unwrap_or(Pointers::UNREADABLE));
        }
        let service_date = match (
            date(row.date),
            row.key("until").map(|until| date(until).unwrap()),
        ) {
            (None, _) => DateOfService::INVALID,
            (Some(start), Some(end)) => DateOfService::range(start, end),
            (Some(date), None) => DateOfService::day(date),
        };
        let diagnoses = row.key("dx").unwrap_or("M7918").replace(',', &separator);
        let diagnoses = pointed_at(diagnoses.as_bytes(), pointers);
        let service = Service {
            procedure: batch.symbols.intern(code.as_bytes()),
            modifiers: batch.symbols.intern(joined.as_bytes()),
            modifier_set: batch.symbols.intern(set.join(&separator).as_bytes()),
            diagnoses: batch.symbols.intern(&diagnoses),
            units: Units {
                quantity: Quantity::parse(row.key("units").unwrap_or("1").as_bytes()),
                counted: row.key("measure").unwrap_or("UN") == "UN",
            },
            role,
            is_code_dated: true,
            beside_other_guided: row.key("beside") == Some("guided"),
        };
        ServiceLine {
            charge: cents(row.key("charge").unwrap_or("100.00")),
            claim: batch.claims.len() as u32 - 1,
            line_number: 1,
            service_date,
            service: batch.keep_service(service),
            rendering_provider: identity(batch, row.key("rendering")),
            line_control_number: batch.keep_text(b""),
        }
    }

    /// A line that an earlier run left; one that was paid is a session.
    fn add_earlier(&mut self, row: &Row<'_>) {
        let line = {
            self.add_claim(row);
            let line = self.line(row);
            self.batch.claims.pop();
            line
        };
        let service = *self.batch.service_of(&line);
        let decision = match row.decision {
            "pay" => Decision::Pay,
            "reduce" => Decision::Reduce,
            "pend" => Decision::Pend,
            _ => Decision::Deny,
        };
        let identity = LineIdentity {
            claim: None,
            billing_provider: identity(&mut self.batch, row.key("billing")),
            rendering_provider: line.rendering_provider,
            date: line.service_date.date().unwrap(),
            procedure: service.procedure,
            modifier_set: service.modifier_set,
            units: service.units,
            charge: line.charge,
        };
        self.earlier.push(EarlierLine {
            identity,
            role: service.role.unwrap(),
            decision,
        });
        self.rows.retain(|kept| kept.text != row.text);
    }

    fn adjudicate(&self) -> Adjudication {
        let diagnostic = 4;
        let sessions = self
            .earlier
            .iter()
            .filter(|line| line.is_paid() && line.role == Role::Session);
        let sessions = sessions.enumerate().map(|(index, line)| EarlierSession {
            date: line.identity.date,
            phase: Some(if index < diagnostic {
                Phase::Diagnostic
            } else {
                Phase::Therapeutic
            }),
            muscles: Vec::new(),
            billing_provider: line.identity.billing_provider,
            rendering_provider: line.identity.rendering_provider,
        });
        let mut earlier = EarlierRuns::default();
        let lines = self.earlier.iter().copied();
        let timeline = self.batch.timeline_of(&self.batch.claims[0]).unwrap();
        earlier.add(timeline, sessions, lines);
        let versions = settle(&self.batch, &[]);
        let verdicts = judge(&self.batch, &self.plans, &self.facts, &versions, &earlier);
        Adjudication { versions, verdicts }
    }

    fn differences(&self) -> Vec<String> {
        let adjudication = self.adjudicate();
        let verdicts = adjudication.verdicts.iter().zip(&self.batch.lines);
        let mut differences = Vec::new();
        for (row, (judged, line)) in self.rows.iter().zip(verdicts) {
            let Judged { verdict, reasons } = judged;
            let units = self.batch.service_of(line).units;
            let mut rules: Vec<&str> = reasons.iter().map(|reason| reason.rule.name()).collect();
            rules.dedup();
            let session = verdict.session.map(|session| session.to_string());
            let phase = verdict
                .phase
                .map(|phase| format!("{phase:?}").to_lowercase());
            let allowed = verdict.amount_allowed(units, line.charge).to_string();
            let outcome = reasons.first().map(|reason| reason.outcome.to_string());
            let got = [
                ("session", session),
                ("phase", phase),
                ("allowed", Some(allowed)),
                ("paid", Some(verdict.units_allowed(units).to_string())),
                ("outcome", outcome),
            ];
            let is_expected = verdict.decision.as_str() == row.decision
                && rules == row.rules
                && got
                    .iter()
                    .all(|(key, got)| row.key(key).is_none_or(|want| got.as_deref() == Some(want)));
            if !is_expected {
                differences.push(format!(
                    "{}\n    got {} {} {got:?}",
                    row.text,
                    verdict.decision.as_str(),
                    rules.join(" ")
                ));
            }
        }
        differences
    }
}

fn identity(batch: &mut Batch, key: Option<&str>) -> Symbol {
    batch
        .symbols
        .intern(key.unwrap_or("1234567893").trim_matches('-').as_bytes())
}

/// `facts DATE {...}` as a line of a facts file.
fn facts_object(line: &str) -> String {
    let (date, object) = line["facts ".len()..].split_once(' ').unwrap();
    let rest = object.trim().strip_prefix('{').unwrap();
    let comma = if rest.trim() == "}" { "" } else { "," };
    format!("{{\"plan\":\"p\",\"member\":\"W1\",\"service_date\":\"{date}\"{comma}{rest}\n")
}

fn transaction_set(billing_date: Option<NaiveDate>) -> TransactionSet {
    TransactionSet {
        file: "case".into(),
        input: 0,
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
