//! The guide to writing a policy: it names everything, and its examples are run.

use std::fs;

use claimstream::cases::{CaseFile, Under};
use claimstream::policy::{KINDS, Plans, Policy, PolicyError};

use super::planted::run;

const GUIDE: &str = "docs/policies.md";

fn guide() -> String {
    fs::read_to_string(GUIDE).unwrap()
}

/// The fenced blocks of a text that are called so.
fn blocks<'t>(text: &'t str, called: &str) -> Vec<&'t str> {
    let fence = format!("```{called}\n");
    let blocks = text.split(&*fence).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// The policy that the blocks of TOML are, put together.
fn policy(text: &str) -> Policy {
    let file = blocks(text, "toml").concat();
    Policy::from_toml("the guide's policy", &file).unwrap()
}

/// The section of a rule.
fn section<'t>(text: &'t str, rule: &str) -> &'t str {
    let head = format!("\n### `{rule}`\n");
    let (_, section) = text.split_once(&*head).unwrap();
    section.split("\n#").next().unwrap()
}

#[test]
fn every_kind_has_its_section_with_limits_and_outcomes_and_an_example_in_which_it_fires() {
    let text = guide();
    let under = Under::Policy(policy(&text).into());
    let mut before = 0;
    for spec in &KINDS {
        let place = text
            .find(&format!("\n### `{}`\n", spec.name))
            .unwrap_or_default();
        assert!(
            place > before,
            "{} stands elsewhere than it is tried",
            spec.name
        );
        before = place;
        let section = section(&text, spec.name);
        let outcomes = spec.outcomes.iter().map(|outcome| outcome.key);
        for key in spec
            .limit_keys()
            .chain(outcomes)
            .filter(|key| !key.is_empty())
        {
            assert!(
                section.contains(&format!("`{key}`")),
                "{}: {key}",
                spec.name
            );
        }
        assert!(
            section.contains(&format!("[rule.{}]\n", spec.name)),
            "{}",
            spec.name
        );
        let cases = blocks(section, "cases");
        let file = CaseFile::parse(spec.name, cases[0]).unwrap();
        let fired = file.cases.iter().any(|case| {
            let report = case.run(spec.name, &under).unwrap();
            report.fired.contains(&spec.kind)
        });
        assert!(fired, "{} does not fire in its example", spec.name);
    }
}

#[test]
fn every_case_of_the_guide_is_decided_as_it_says() {
    let text = guide();
    let under = Under::Policy(policy(&text).into());
    let tables = blocks(&text, "cases");
    assert!(tables.len() > KINDS.len());
    for table in tables {
        let file = CaseFile::parse("the guide", table).unwrap();
        for case in &file.cases {
            let report = case.run("the guide", &under).unwrap();
            assert_eq!(report.differences, [], "{}", case.title);
        }
    }
}

#[test]
fn the_policy_of_the_guide_warns_of_nothing_and_its_plans_are_right() {
    let text = guide();
    let policy = std::sync::Arc::new(policy(&text));
    assert!(policy.warnings().is_empty(), "{:?}", policy.warnings());
    let plans = blocks(&text, "toml plans").concat() + &blocks(&text, "toml monitors").concat();
    let mut resolve = |name: &str| -> Result<_, PolicyError> {
        assert_eq!(name, "injections.toml");
        Ok(std::sync::Arc::clone(&policy))
    };
    let plans = Plans::from_toml("plans", &plans, &mut resolve).unwrap();
    assert!(plans.plans.iter().all(|plan| plan.warnings().is_empty()));
}

#[test]
fn every_key_of_a_policy_a_plan_and_a_criterion_is_named() {
    let text = guide();
    let known = |file: &str| {
        let wrong = fs::read_to_string(file).unwrap();
        let lists = wrong
            .lines()
            .filter_map(|line| line.split_once("; known are "));
        let names =
            lists.flat_map(|(_, names)| names.split(", ").map(str::to_owned).collect::<Vec<_>>());
        names.collect::<Vec<_>>()
    };
    // What the loaders themselves tell of the keys, rules and facts that they know.
    let keys = known("fixtures/wrong/policy.txt");
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys {
        let is_named = [
            format!("`{key}`"),
            format!("[[{key}]]"),
            format!("[{key}]"),
            "[rule.NAME".to_owned(),
        ]
        .iter()
        .take(if key == "rule" { 4 } else { 3 })
        .any(|named| text.contains(named));
        assert!(is_named, "{key} is not in the guide");
    }
    for key in [
        "every",
        "diagnostic",
        "therapeutic",
        "first-therapeutic",
        "later-therapeutic",
        "initial",
        "subsequent",
        "days_before",
        "within_months",
        "above",
        "at_least",
        "is",
        "any_of",
        "all_of",
        "only",
        "missing_documentation",
        "unknown_original",
        "diagnosis_not_listed",
        "payer_ids",
        "group_numbers",
        "citation",
        "enabled",
        "mode",
        "monitored",
        "at_stake",
    ] {
        assert!(
            text.contains(&format!("`{key}`")),
            "{key} is not in the guide"
        );
    }
}

#[test]
fn the_worked_example_stands_in_its_files_and_its_commands_say_what_it_says() {
    let text = guide();
    for (called, file) in [
        ("toml acupuncture", "fixtures/acupuncture.toml"),
        ("text acupuncture", "fixtures/acupuncture.cases"),
    ] {
        let whole = fs::read_to_string(file).unwrap();
        let blocks = blocks(&text, called);
        assert!(!blocks.is_empty());
        for part in blocks
            .iter()
            .flat_map(|block| block.trim_end().split("\n]\n"))
        {
            assert!(whole.contains(part), "{file} has no\n{part}");
        }
    }
    let commands = blocks(&text, "console");
    assert_eq!(commands.len(), 3);
    for block in commands {
        let (command, expected) = block.split_once('\n').unwrap();
        let arguments: Vec<&str> = command.split(' ').skip(2).collect();
        let status = i32::from(expected.contains("decided otherwise"));
        let told = String::from_utf8(run(&arguments, status).stdout).unwrap();
        assert_eq!(told, expected, "{command}");
    }
}
