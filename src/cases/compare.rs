//! What was expected of the lines of a case, and what was decided.

use std::collections::BTreeSet;

use super::parse::Case;
use super::row::{EXPECTED, Row};
use super::scene::Scene;
use super::setting::Under;
use crate::adjudicate::Judged;
use crate::policy::{ConfigErrors, RuleKind};
use crate::rules::{Reason, describe};
use crate::timeline::ServiceLine;

/// How a case went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'c> {
    /// The lines that were decided otherwise, in the order of the case.
    pub differences: Vec<Difference<'c>>,
    /// The rules that fired.
    pub fired: BTreeSet<RuleKind>,
}

/// A line that was decided otherwise than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'c> {
    /// The line.
    pub row: &'c Row<'c>,
    /// Decision, rules and keys that were expected.
    pub expected: String,
    /// Decision, rules and the same keys as they are.
    pub got: String,
    /// The reasons in words, each behind the name of its rule.
    pub texts: Vec<String>,
}

impl Case<'_> {
    /// Judges the lines and compares every decision with the one expected.
    ///
    /// # Errors
    ///
    /// What is wrong with the plan, the facts or an earlier line that the case gives, with
    /// its place in `source`.
    pub fn run(&self, source: &str, under: &Under) -> Result<Report<'_>, ConfigErrors> {
        let scene = Scene::new(source, self, under)?;
        let adjudication = scene.adjudicate();
        let mut report = Report {
            differences: Vec::new(),
            fired: BTreeSet::new(),
        };
        let judged = adjudication.verdicts.iter().zip(&scene.batch.lines);
        for (row, (judged, line)) in self.rows.iter().zip(judged) {
            report
                .fired
                .extend(judged.reasons.iter().map(|reason| reason.rule));
            let (expected, got) = (expected(row), got(row, judged, line, &scene));
            if expected != got {
                let texts = judged.reasons.iter();
                report.differences.push(Difference {
                    row,
                    expected,
                    got,
                    texts: texts.map(|reason| text(reason, judged, &scene)).collect(),
                });
            }
        }
        Ok(report)
    }
}

/// The keys that a line expects something of.
fn keys<'r>(row: &'r Row<'_>) -> impl Iterator<Item = (&'static str, &'r str)> {
    EXPECTED
        .into_iter()
        .filter_map(|key| Some((key, row.key(key)?)))
}

fn expected(row: &Row<'_>) -> String {
    let mut words = vec![row.decision.as_str().to_owned()];
    words.extend(row.rules.iter().map(|rule| rule.name().to_owned()));
    words.extend(keys(row).map(|(key, value)| format!("{key}={value}")));
    words.join(" ")
}

fn got(row: &Row<'_>, judged: Judged<'_>, line: &ServiceLine, scene: &Scene) -> String {
    let Judged {
        verdict,
        reasons,
        hits,
    } = judged;
    let mut rules: Vec<&str> = reasons.iter().map(|reason| reason.rule.name()).collect();
    rules.dedup();
    let mut words = vec![verdict.decision.as_str().to_owned()];
    words.extend(rules.into_iter().map(str::to_owned));
    let units = scene.batch.service_of(line).units;
    let dash = || "-".to_owned();
    for (key, wanted) in keys(row) {
        let value = match key {
            "allowed" => verdict.amount_allowed(units, line.charge).to_string(),
            "paid" => verdict.units_allowed(units).to_string(),
            "at_stake" => list(hits.iter().map(|hit| {
                let book = &scene.plan().books[usize::from(verdict.book)];
                let at_stake = hit.amount_at_stake(&verdict, book, units, line.charge);
                at_stake.to_string()
            })),
            "monitored" => list(hits.iter().map(|hit| hit.reason.rule.to_string())),
            "phase" => verdict.phase.map_or_else(dash, |phase| phase.to_string()),
            "session" => verdict
                .session
                .map_or_else(dash, |session| session.to_string()),
            "outcome" => reasons
                .first()
                .map_or_else(dash, |reason| outcome(reason, wanted)),
            _ => unverified(verdict.unverified, scene),
        };
        words.push(format!("{key}={value}"));
    }
    words.join(" ")
}

/// The outcome of a reason: by number where it was asked for so, else by name.
fn outcome(reason: &Reason, wanted: &str) -> String {
    let is_number = wanted.bytes().all(|byte| byte.is_ascii_digit());
    let named = reason.rule.spec().outcomes.get(usize::from(reason.outcome));
    match named.filter(|named| !is_number && !named.key.is_empty()) {
        Some(named) => named.key.to_owned(),
        None => reason.outcome.to_string(),
    }
}

/// The names of criteria taken on trust.
fn unverified(bits: u32, scene: &Scene) -> String {
    let criteria = (0..).zip(&scene.plan().policy.criteria);
    let taken = criteria.filter(|(index, _)| bits >> index & 1 == 1);
    list(taken.map(|(_, criterion)| criterion.name.clone()))
}

/// Words joined by commas; `-` is none.
fn list(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.is_empty() {
        true => "-".into(),
        false => words.join(","),
    }
}

fn text(reason: &Reason, judged: Judged<'_>, scene: &Scene) -> String {
    let plan = scene.plan();
    let book = &plan.books[usize::from(judged.verdict.book)];
    let words = describe(reason, book, &plan.policy);
    format!("{}: {words}", reason.rule)
}

#[cfg(test)]
mod tests {
    use super::super::CaseFile;
    use super::*;
    use crate::policy::{Plans, find_policy};

    fn under() -> Under {
        Under::Policy(find_policy("cigna-0139", "".as_ref()).unwrap())
    }

    #[test]
    fn a_line_decided_otherwise_is_told_with_the_reasons() {
        let text = "\
2025-01-06 20552 pay session=1
2025-01-10 20552 pay session=2 outcome=session
";
        let file = CaseFile::parse("a.cases", text).unwrap();
        let report = file.cases[0].run("a.cases", &under()).unwrap();
        let [difference] = &report.differences[..] else {
            panic!("{report:?}")
        };
        assert_eq!(difference.row.line, 2);
        assert_eq!(difference.expected, "pay outcome=session session=2");
        assert_eq!(difference.got, "deny min-interval outcome=0 session=2");
        let text = "min-interval: 4 days after the session of 2025-01-06; 7 days are required";
        assert_eq!(difference.texts, [text]);
        assert_eq!(report.fired.len(), 1);
    }

    #[test]
    fn outcomes_and_criteria_on_trust_are_told_by_name() {
        let text = "\
case Guidance
facts 2025-01-06 member=W2 {\"injectate\":[\"anesthetic\"]}
2025-01-06 20552 pay unverified=persistent-pain,conservative-treatment member=W2
2025-01-06 76942 deny guidance outcome=session member=W2
case Phases of earlier sessions
earlier 2025-01-13 20552 pay phase=therapeutic muscles=trapezius
earlier 2025-01-06 20552 pay phase=therapeutic member=W2
2025-01-20 20552 pay phase=diagnostic session=2
2025-01-20 20552 pay phase=diagnostic session=1 member=W3
";
        let file = CaseFile::parse("a.cases", text).unwrap();
        for case in &file.cases {
            assert_eq!(case.run("a.cases", &under()).unwrap().differences, []);
        }
    }

    #[test]
    fn what_is_wrong_with_plan_facts_and_earlier_lines_is_told_with_its_place() {
        let text = "\
case A policy
plan policy = \"cigna-0139\"
2025-01-06 20552 pay
case A plan
plan missing_documentation = \"maybe\"
2025-01-06 20552 pay
case Facts
  facts 2025-01-06 {\"pain\":1}
2025-01-06 20552 pay
case Earlier
earlier 2025-01-06 99999 pay
2025-01-06 20552 pay ref=ccn:3 freq=7
";
        let file = CaseFile::parse("a.cases", text).unwrap();
        let told: Vec<String> = file
            .cases
            .iter()
            .map(|case| case.run("a.cases", &under()).unwrap_err().to_string())
            .collect();
        let expected = [
            "a.cases:2:6: the plan of a case under a policy takes every line of the case: it has options and overrides alone",
            "a.cases:5:30: `missing_documentation` must be \"accept\" or \"pend\"",
            "a.cases:8:20: unknown name `pain`",
            "a.cases:11:1: 99999 is in no code set of the policy: no run keeps its lines\n\
             a.cases:12:1: `ref=ccn:N` names claim N of the case, from 1; 0 stand before this line",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn under_a_plans_file_a_case_names_its_plan() {
        let text = "\
case The first plan
2026-05-04 20552 pay phase=diagnostic
case Another
plan id = \"caresource-ar-passe\"
2026-05-04 20552 pay phase=-
case Unknown
plan id = \"x\"
plan unknown_original = \"pend\"
2026-05-04 20552 pay
";
        let file = CaseFile::parse("a.cases", text).unwrap();
        let under = Under::Plans(Plans::embedded().unwrap());
        for case in &file.cases[..2] {
            assert_eq!(case.run("a.cases", &under).unwrap().differences, []);
        }
        let told = file.cases[2]
            .run("a.cases", &under)
            .unwrap_err()
            .to_string();
        assert!(
            told.starts_with(
                "a.cases:7:6: the plans file has no plan `x`\na.cases:8:6: under a plans file"
            ),
            "{told}"
        );
    }
}
