//! Policy files.

use std::sync::Arc;

use super::criteria::{asked, criteria};
use super::kind::{Basis, Decision, KINDS, KindSpec, RuleKind};
use super::load_codes::codes;
use super::model::{
    Change, Clause, CodeSets, Codes, Outcome, OutcomeChange, Policy, Role, Rule, SessionCount,
    Version, Words,
};
use super::section::{ConfigErrors, Faults, Section, unknown};

/// The most criteria that a policy has: `unverified` is a set of bits.
const MOST_CRITERIA: usize = 32;

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    ///
    /// Everything wrong in it, each with its line: see [`ConfigErrors`].
    pub fn from_toml(source: &str, text: &str) -> Result<Self, ConfigErrors> {
        let faults = Faults::new(source, text);
        let table = faults.parse();
        let section = Section::new(&faults, table.get_ref(), 0, "the policy");
        let policy = policy(&section, text);
        section.finish();
        faults.finish(policy)
    }
}

fn policy(section: &Section<'_, '_>, text: &str) -> Option<Policy> {
    let word = |key| {
        let value = section.required(key, section.string(key));
        value.map(|(value, _)| value.to_owned())
    };
    let id = word("id");
    let payer = word("payer");
    let number = word("number");
    let title = word("title");
    let document = word("document");
    let service = words(section);
    let course_months = section.count("course_months").map(|(months, _)| months);
    let course_months = section.required("course_months", course_months);
    let session_count = session_count(section);
    let codes = codes(section);
    let named = document.as_deref().unwrap_or_default();
    let rules = rules(section, named);
    let versions = versions(section, &rules);
    let criteria = criteria(section, named);
    check_rules(section, &rules, codes.as_ref());
    if criteria.len() > MOST_CRITERIA {
        section.fault(
            section.offset,
            format!("the policy has more than {MOST_CRITERIA} criteria"),
        );
    }
    Some(Policy {
        id: id?,
        payer: payer?,
        number: number?,
        title: title?,
        document: document?,
        service,
        course_months: course_months?,
        session_count: session_count?,
        versions,
        codes: codes?,
        rules,
        asked: asked(&criteria),
        criteria,
        digest: super::digest(text.as_bytes()),
    })
}

/// What texts call the limited service.
fn words(section: &Section<'_, '_>) -> Words {
    let Some(table) = section.table("service") else {
        return Words::default();
    };
    let word = |key| {
        let value = table.required(key, table.string(key));
        let is_blank = |(word, _): &(&str, usize)| word.trim().is_empty();
        if let Some((_, offset)) = value.filter(is_blank) {
            table.fault(offset, format!("`{key}` of {} is empty", table.name));
        }
        value.map(|(word, _)| word.trim().to_owned())
    };
    let words = word("one").zip(word("many"));
    table.finish();
    words.map_or_else(Words::default, |(one, many)| Words { one, many })
}

fn session_count(section: &Section<'_, '_>) -> Option<SessionCount> {
    let value = section.required("session_count", section.string("session_count"));
    match value? {
        ("course", _) => Some(SessionCount::Course),
        ("year", _) => Some(SessionCount::Year),
        (_, offset) => {
            section.fault(offset, "`session_count` must be \"course\" or \"year\"");
            None
        }
    }
}

fn versions(section: &Section<'_, '_>, rules: &[Rule]) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    for version in section.tables("version", "[[version]]") {
        let effective = version.required("effective", version.date("effective"));
        let next_review = version.date("next_review").map(|(date, _)| date);
        let changes = version.tables("change", "[[version.change]]");
        let changes = changes
            .iter()
            .filter_map(|change| change_of(change, rules))
            .collect();
        if let Some((effective, offset)) = effective {
            if versions
                .last()
                .is_some_and(|last| last.effective >= effective)
            {
                version.fault(
                    offset,
                    "versions must stand in the order of their effective dates",
                );
            }
            versions.push(Version {
                effective,
                next_review,
                changes,
            });
        }
        version.finish();
    }
    if versions.is_empty() && !section.has("version") {
        section.lacks("the policy lacks a [[version]] with its effective date");
    }
    versions
}

fn rules(section: &Section<'_, '_>, document: &str) -> Vec<Rule> {
    let Some(table) = section.required("rule", section.table("rule")) else {
        return Vec::new();
    };
    let mut rules = Vec::new();
    for (name, offset, value) in table.entries() {
        let Some(kind) = RuleKind::from_name(name) else {
            let known: Vec<&str> = KINDS.iter().map(|spec| spec.name).collect();
            table.fault(offset, unknown("rule", name, "the policy", &known));
            continue;
        };
        if let Some(section) = table.element(value, &format!("[rule.{name}]")) {
            rules.extend(rule(&section, kind, document));
            section.finish();
        }
    }
    rules.sort_by_key(|rule| rule.kind);
    rules
}

fn rule(section: &Section<'_, '_>, kind: RuleKind, document: &str) -> Option<Rule> {
    let spec = kind.spec();
    let basis = basis(section);
    let clause = section
        .table("clause")
        .and_then(|clause| clause_of(&clause, basis, document));
    if !section.has("clause") {
        section.lacks(format!(
            "{} lacks `clause`: the section, edition and words behind it",
            section.name
        ));
    }
    let enabled = section
        .boolean("enabled")
        .is_none_or(|(enabled, _)| enabled);
    let limits: Vec<Option<u32>> = spec
        .limit_keys()
        .map(|key| section.count(key).map(|(limit, _)| limit))
        .collect();
    for (key, limit) in spec.limits.iter().zip(&limits) {
        section.required(key, *limit);
    }
    let outcomes = outcomes(section, spec);
    let expected = spec.outcomes.len();
    let is_whole = outcomes.len() == expected;
    let clause = clause?;
    let rule = Rule {
        kind,
        enabled,
        basis: basis?,
        told: Arc::clone(&clause.text),
        clause,
        citation: None,
        limits,
        outcomes,
    };
    is_whole.then_some(rule)
}

fn basis(section: &Section<'_, '_>) -> Option<Basis> {
    match section.required("basis", section.string("basis"))? {
        ("policy", _) => Some(Basis::Policy),
        ("coding", _) => Some(Basis::Coding),
        ("claim", _) => Some(Basis::Claim),
        (_, offset) => {
            section.fault(
                offset,
                "`basis` must be \"policy\", \"coding\" or \"claim\"",
            );
            None
        }
    }
}

/// A clause of a policy that is called so, or of another document. One of the policy itself has an
/// edition and a quotation.
pub(super) fn clause_of(
    clause: &Section<'_, '_>,
    basis: Option<Basis>,
    policy: &str,
) -> Option<Clause> {
    let place = clause.required("section", clause.string("section"));
    let mut edition = clause.string("edition");
    let mut quote = clause.string("quote");
    let document = clause.string("document");
    if basis == Some(Basis::Policy) {
        edition = clause.required("edition", edition);
        quote = clause.required("quote", quote);
    }
    let owned = |value: Option<(&str, usize)>| value.map(|(value, _)| value.to_owned());
    let found = Clause::new(
        owned(place)?,
        owned(edition).unwrap_or_default(),
        owned(quote).unwrap_or_default(),
        owned(document),
        policy,
    );
    clause.finish();
    Some(found)
}

/// The outcomes of a rule, in the order of its kind.
fn outcomes(section: &Section<'_, '_>, spec: &KindSpec) -> Vec<Outcome> {
    if let [only] = spec.outcomes {
        return outcome(section, spec, only.decision).into_iter().collect();
    }
    let Some(table) = section.required("outcome", section.table("outcome")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for known in spec.outcomes {
        if let Some(inner) = table.required(known.key, table.table(known.key)) {
            found.extend(outcome(&inner, spec, known.decision));
            inner.finish();
        }
    }
    table.finish();
    found
}

/// A whole outcome: a decision and its codes.
fn outcome(section: &Section<'_, '_>, spec: &KindSpec, usual: Decision) -> Option<Outcome> {
    let change = outcome_change(section, spec);
    let decision = change.decision.unwrap_or(usual);
    let empty = match decision {
        Decision::Pend => {
            section.required("status", change.status.as_ref())?;
            Codes::Status(String::new())
        }
        _ => {
            let group = section.required("group", change.group.as_ref());
            section.required("carc", change.carc.as_ref()).and(group)?;
            Codes::Adjustment {
                group: String::new(),
                carc: String::new(),
                rarc: Vec::new(),
            }
        }
    };
    change.applied_to(&Outcome {
        decision,
        codes: empty,
    })
}

/// What a table says of an outcome.
fn outcome_change(section: &Section<'_, '_>, spec: &KindSpec) -> OutcomeChange {
    let decision = section.string("decision").and_then(|(decision, offset)| {
        let decision = match decision {
            "deny" => Some(Decision::Deny),
            "pend" => Some(Decision::Pend),
            "reduce" if spec.kind == RuleKind::UnitCap => Some(Decision::Reduce),
            _ => None,
        };
        if decision.is_none() {
            let reduce = if spec.kind == RuleKind::UnitCap {
                ", \"reduce\""
            } else {
                ""
            };
            let name = &section.name;
            section.fault(
                offset,
                format!("`decision` of {name} must be \"deny\" or \"pend\"{reduce}"),
            );
        }
        decision
    });
    let (group, carc) = (section.string("group"), section.string("carc"));
    let (rarc, status) = (section.strings("rarc"), section.string("status"));
    if let Some((_, offset)) =
        group.filter(|(group, _)| !matches!(*group, "CO" | "OA" | "PI" | "PR"))
    {
        section.fault(offset, "`group` must be \"CO\", \"OA\", \"PI\" or \"PR\"");
    }
    if let Some((_, offset)) = status.filter(|(status, _)| !is_status(status)) {
        section.fault(
            offset,
            "`status` must be a category and a code, for example \"R4:294\"",
        );
    }
    let is_pend = decision == Some(Decision::Pend);
    if let Some((_, offset)) = group.or(carc).filter(|_| is_pend) {
        section.fault(
            offset,
            format!(
                "{} pends: it has a `status` and no adjustment",
                section.name
            ),
        );
    }
    if let Some((_, offset)) = status.filter(|_| decision.is_some() && !is_pend) {
        section.fault(
            offset,
            format!(
                "{} adjusts: it has `group` and `carc`, and no `status`",
                section.name
            ),
        );
    }
    let owned = |value: Option<(&str, usize)>| value.map(|(value, _)| value.to_owned());
    OutcomeChange {
        decision,
        group: owned(group),
        carc: owned(carc),
        rarc: rarc.map(|(rarc, _)| rarc),
        status: owned(status),
    }
}

/// Whether a text is a claim status category and code.
fn is_status(status: &str) -> bool {
    status.split_once(':').is_some_and(|(category, code)| {
        !category.is_empty() && !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Rules that need a code set or criteria which the policy does not have.
fn check_rules(section: &Section<'_, '_>, rules: &[Rule], codes: Option<&CodeSets>) {
    let Some(codes) = codes else { return };
    let has = |role| codes.roles.iter().any(|(known, _)| *known == role);
    for rule in rules {
        let missing = match rule.kind {
            RuleKind::Guidance if !has(Role::Guidance) && !has(Role::ReviewedGuidance) => {
                "guidance"
            }
            RuleKind::OfficeVisit if !has(Role::OfficeVisit) => "office_visit",
            RuleKind::DryNeedling if !has(Role::DryNeedling) => "dry_needling",
            RuleKind::AddOn if !has(Role::AddOn) => "add_on",
            RuleKind::DiagnosisNotListed if codes.diagnoses.is_empty() => "diagnoses",
            _ => continue,
        };
        let name = rule.kind.name();
        let place = section.offset_of("rule", name);
        section.fault(
            place,
            format!("[rule.{name}] needs code set `{missing}`, which [codes] does not have"),
        );
    }
}

/// A change of one of these rules, by a version of their policy or by a plan document.
pub(super) fn change_of(change: &Section<'_, '_>, rules: &[Rule]) -> Option<Change> {
    let citation = change.required("citation", change.string("citation"));
    if let Some((_, offset)) = citation.filter(|(citation, _)| citation.trim().is_empty()) {
        change.fault(offset, "`citation` must name the document that says so");
    }
    let name = change.required("rule", change.string("rule"));
    let rule = name.and_then(|(name, offset)| {
        let rule = rules.iter().find(|rule| rule.kind.name() == name);
        if rule.is_none() {
            let known: Vec<&str> = rules.iter().map(|rule| rule.kind.name()).collect();
            change.fault(offset, unknown("rule", name, "the policy", &known));
        }
        rule
    });
    let set = change.required("set", change.table("set"));
    change.finish();
    let change = changed(&set?, rule?, citation.map_or("", |(citation, _)| citation));
    citation.and(change)
}

fn changed(set: &Section<'_, '_>, rule: &Rule, citation: &str) -> Option<Change> {
    let spec = rule.kind.spec();
    let enabled = set.boolean("enabled").map(|(enabled, _)| enabled);
    let limits = spec
        .limit_keys()
        .filter_map(|key| set.count(key).map(|(limit, _)| (key, limit)))
        .collect();
    let mut outcomes = Vec::new();
    if spec.outcomes.len() == 1 {
        outcomes.push((0, outcome_change(set, spec)));
    } else if let Some(table) = set.table("outcome") {
        for (index, known) in spec.outcomes.iter().enumerate() {
            if let Some(inner) = table.table(known.key) {
                outcomes.push((index, outcome_change(&inner, spec)));
                inner.finish();
            }
        }
        table.finish();
    }
    for (index, outcome) in &outcomes {
        if outcome.applied_to(&rule.outcomes[*index]).is_none() {
            set.fault(set.offset, format!("`set` of {} lacks the codes of its decision: `status` to pend, `group` and `carc` to deny or reduce", spec.name));
        }
    }
    set.finish();
    Some(Change {
        rule: rule.kind,
        enabled,
        limits,
        outcomes,
        citation: citation.to_owned(),
    })
}
