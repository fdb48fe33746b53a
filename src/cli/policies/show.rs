//! `claimstream policies show`.

use std::io::{self, Write};

use clap::Args;

use super::{find, print};
use crate::cases::Under;
use crate::cli::exit::{ExitStatus, Failure};
use crate::policy::{
    Basis, Change, Clause, Codes, Condition, Criterion, DatedCode, Decision, Outcome, Policy, Role,
    Rule, RuleKind,
};

/// Show a policy: codes, diagnoses, rules with limits and clauses, and what needs records
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The id of an embedded policy, or a policy file
    #[arg(value_name = "ID|FILE.toml")]
    policy: String,
}

const EXAMPLES: &str = "\
Examples:
  claimstream policies show cigna-0139
  claimstream policies show mine.toml";

const FIRST: &str = "\
Lines of the procedure codes below are judged by the rules that follow, all others pass. Each rule
has its limits, what becomes of a line on which it fires, and the words behind it: deny and reduce
name the adjustment (group, CARC, RARCs), pend the claim status that a line waits under. A session
is a date of service on which the limited service is paid. docs/policies.md explains every rule and
number; `claimstream policies test` tries a policy on lines.
";

/// How wide a line may be.
const WIDTH: usize = 100;

impl Show {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let Under::Policy(policy) = find(&self.policy)? else {
            let problem = "this is a plans file: `claimstream policies check` looks at it, \
                           `policies show` at one of its policies";
            return Err(Failure::usage(format!("{}: {problem}", self.policy)));
        };
        print(|out| write_policy(&policy, out))?;
        Ok(ExitStatus::Done)
    }
}

fn write_policy(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    let Policy {
        id,
        payer,
        number,
        title,
        ..
    } = policy;
    writeln!(out, "{id}: {payer} {number}, {title}\n\n{FIRST}")?;
    write_versions(policy, out)?;
    write_codes(policy, out)?;
    let is_documentation = |rule: &&Rule| rule.kind == RuleKind::Documentation;
    let pends = |rule: &&Rule| {
        let mut outcomes = rule.outcomes.iter();
        outcomes.any(|outcome| outcome.decision == Decision::Pend)
    };
    let rules = || policy.rules.iter();
    let of_claims: Vec<&Rule> = rules()
        .filter(|rule| !is_documentation(rule) && !pends(rule))
        .collect();
    let of_people: Vec<&Rule> = rules()
        .filter(|rule| !is_documentation(rule) && pends(rule))
        .collect();
    let of_records: Vec<&Rule> = rules().filter(is_documentation).collect();
    let head = "RULES THAT CLAIMS ALONE DECIDE";
    write_rules(head, &of_claims, policy, out)?;
    let head = "RULES THAT CLAIMS FIRE, AND A PERSON OR RECORDS MAY HAVE TO DECIDE";
    write_rules(head, &of_people, policy, out)?;
    let head = "CLINICAL CRITERIA: NO CLAIM SHOWS THEM, RECORDS DO (--facts)";
    if of_records.is_empty() && !policy.criteria.is_empty() {
        writeln!(
            out,
            "{head}\n  not asked for: the policy has no rule documentation\n"
        )?;
    }
    write_rules(head, &of_records, policy, out)?;
    for criterion in &policy.criteria {
        write_criterion(criterion, policy, out)?;
    }
    writeln!(out, "SHA-256 of the file: {}", policy.digest)
}

fn write_versions(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "VERSIONS")?;
    for version in &policy.versions {
        write!(out, "  in force from {}", version.effective)?;
        match version.next_review {
            Some(review) => writeln!(out, ", next review {review}")?,
            None => writeln!(out)?,
        }
        for change in &version.changes {
            write_change(change, out)?;
        }
    }
    writeln!(out)
}

fn write_change(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(change.enabled.map(|enabled| format!("enabled {enabled}")));
    let limits = change.limits.iter();
    parts.extend(limits.map(|(key, limit)| format!("{key} {limit}")));
    if change
        .outcomes
        .iter()
        .any(|(_, outcome)| *outcome != Default::default())
    {
        parts.push("other codes or decisions".into());
    }
    let (rule, citation) = (change.rule, &change.citation);
    writeln!(out, "    changes {rule}: {} ({citation})", parts.join(", "))
}

fn write_codes(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "PROCEDURE CODES")?;
    for (role, codes) in &policy.codes.roles {
        writeln!(out, "  {role}: {}", part(*role))?;
        let codes: Vec<String> = codes.iter().map(|code| dated(code, policy)).collect();
        write_wrapped(&codes.join("  "), 6, out)?;
    }
    if !policy.codes.other_guided.is_empty() {
        writeln!(
            out,
            "  other_guided: not judged; beside one of them guidance is looked at"
        )?;
        write_wrapped(&policy.codes.other_guided.join("  "), 6, out)?;
    }
    let diagnoses = &policy.codes.diagnoses;
    if diagnoses.is_empty() {
        writeln!(
            out,
            "\nDIAGNOSES\n  none are listed: every diagnosis is taken\n"
        )
    } else {
        let count = diagnoses.len();
        writeln!(
            out,
            "\nDIAGNOSES ({count} listed; * stands for any code that begins so)"
        )?;
        write_wrapped(&diagnoses.join("  "), 6, out)?;
        writeln!(out)
    }
}

/// What becomes of the lines of a code set, in short.
fn part(role: Role) -> &'static str {
    match role {
        Role::Session => "the limited service",
        Role::Guidance => "judged beside the limited service",
        Role::ReviewedGuidance => "looked at by a person beside the limited service",
        Role::OfficeVisit => "part of a session, unless modifier 25 says otherwise",
        Role::DryNeedling => "not accepted in place of the limited service",
        Role::AddOn => "paid only beside the codes named with each",
    }
}

fn dated(code: &DatedCode, policy: &Policy) -> String {
    let mut text = code.code.clone();
    let dates = [("from", code.from), ("until", code.until)];
    for (word, date) in dates {
        text += &date.map_or_else(String::new, |date| format!(" {word} {date}"));
    }
    let mut add_ons = policy.codes.add_ons.iter();
    if let Some(add_on) = add_ons.find(|add_on| add_on.code == code.code) {
        text += &format!(" beside {}", add_on.beside.join(" or "));
    }
    text
}

fn write_rules(
    head: &str,
    rules: &[&Rule],
    policy: &Policy,
    out: &mut dyn Write,
) -> io::Result<()> {
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "{head}")?;
    for rule in rules {
        let keys = rule.kind.spec().limit_keys().zip(&rule.limits);
        let limits: Vec<String> = keys
            .filter_map(|(key, limit)| Some(format!("{key} {}", (*limit)?)))
            .collect();
        let colon = if limits.is_empty() { "" } else { ": " };
        let off = if rule.enabled { "" } else { " (switched off)" };
        writeln!(out, "  {}{colon}{}{off}", rule.kind, limits.join(", "))?;
        for (spec, outcome) in rule.kind.spec().outcomes.iter().zip(&rule.outcomes) {
            write_outcome(spec.key, outcome, out)?;
        }
        write_clause(&rule.clause, rule.basis, policy, out)?;
    }
    writeln!(out)
}

fn write_outcome(key: &str, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
    let colon = if key.is_empty() { "" } else { ": " };
    let codes = match &outcome.codes {
        Codes::Adjustment { group, carc, rarc } => {
            let rarc: String = rarc.iter().map(|rarc| format!(" {rarc}")).collect();
            format!("{group} {carc}{rarc}")
        }
        Codes::Status(status) => status.clone(),
    };
    writeln!(out, "      {key}{colon}{} {codes}", outcome.decision)
}

fn write_clause(
    clause: &Clause,
    basis: Basis,
    policy: &Policy,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = clause.document.as_deref().unwrap_or(&policy.document);
    let mut text = match basis {
        Basis::Claim => format!("the claim, {document} {}", clause.section),
        Basis::Coding | Basis::Policy => format!("{document}, {}", clause.section),
    };
    if !clause.edition.is_empty() {
        text += &format!(" ({})", clause.edition);
    }
    if !clause.quote.is_empty() {
        text += &format!(": \"{}\"", clause.quote);
    }
    write_wrapped(&text, 6, out)
}

fn write_criterion(criterion: &Criterion, policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    let Criterion {
        name,
        asked_of,
        clause,
        conditions,
    } = criterion;
    writeln!(out, "  {name}, asked of {asked_of} sessions")?;
    let conditions: Vec<String> = conditions.iter().map(condition).collect();
    write_wrapped(&format!("met when {}", conditions.join(", and ")), 6, out)?;
    write_clause(clause, Basis::Policy, policy, out)?;
    writeln!(out)
}

/// A condition in words.
fn condition(condition: &Condition) -> String {
    let list = |names: &[String]| names.join(", ");
    match condition {
        Condition::DaysBefore(fact, days) => {
            format!(
                "{} is {days} days or more before the date of service",
                fact.name()
            )
        }
        Condition::WithinMonths(fact, months) => {
            format!(
                "{} is in the {months} months before the date of service",
                fact.name()
            )
        }
        Condition::Above(fact, value) => format!("{} is above {value}", fact.name()),
        Condition::AtLeast(fact, value) => format!("{} is at least {value}", fact.name()),
        Condition::Is(fact, value) => format!("{} is {value}", fact.name()),
        Condition::AnyOf(fact, names) => format!("{} names one of {}", fact.name(), list(names)),
        Condition::AllOf(fact, names) => format!("{} names all of {}", fact.name(), list(names)),
        Condition::OnlyOf(fact, names) => {
            format!("{} names nothing but {}", fact.name(), list(names))
        }
    }
}

/// Writes words in lines that are not too wide, behind so many blanks.
fn write_wrapped(text: &str, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{:indent$}{}", "", line.trim_end())?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    writeln!(out, "{:indent$}{}", "", line.trim())
}
