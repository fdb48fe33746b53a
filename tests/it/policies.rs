//! `claimstream policies` and its commands, as people meet them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::nights::night;
use super::planted::{run, text};

const ACUPUNCTURE: &str = "fixtures/acupuncture.toml";
const CASES: &str = "fixtures/acupuncture.cases";

fn said(arguments: &[&str], status: i32) -> String {
    let output = run(&[&["policies"], arguments].concat(), status);
    String::from_utf8(output.stdout).unwrap()
}

fn words(arguments: &[&str], status: i32) -> String {
    let output = run(&[&["policies"], arguments].concat(), status);
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Writes a file; gives its path as text.
fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    text(&path).to_owned()
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in ["show", "check", "test"] {
        assert!(
            said(&[command, "--help"], 0).contains("Example"),
            "{command}"
        );
    }
}

#[test]
fn exit_statuses_say_how_it_went() {
    for (arguments, status) in [
        (&[][..], 0),
        (&["show", "cigna-0139"], 0),
        (&["show", ACUPUNCTURE], 0),
        (&["show", "nobody"], 2),
        (&["show", "nowhere.toml"], 2),
        (&["show", "fixtures/plans.toml"], 2),
        (&["check", ACUPUNCTURE], 0),
        (&["check", "fixtures/plans.toml"], 0),
        (&["check", "fixtures/wrong/policy.toml"], 2),
        (&["check", "fixtures/wrong/plans.toml"], 2),
        (&["check", "nowhere.toml"], 2),
        (&["check"], 2),
        (&["test", ACUPUNCTURE, CASES], 0),
        (&["test", "cigna-0139", "fixtures/wrong/mistaken.cases"], 1),
        (&["test", ACUPUNCTURE, "nowhere.cases"], 2),
        (&["test", ACUPUNCTURE, ACUPUNCTURE], 2),
        (&["test", "fixtures/wrong/policy.toml", CASES], 2),
    ] {
        run(&[&["policies"], arguments].concat(), status);
    }
}

#[test]
fn the_embedded_policies_are_listed() {
    insta::assert_snapshot!(said(&[], 0));
}

#[test]
fn a_policy_is_shown_with_its_clauses() {
    insta::assert_snapshot!("cigna", said(&["show", "cigna-0139"], 0));
    insta::assert_snapshot!("acupuncture", said(&["show", ACUPUNCTURE], 0));
    let folder = TempDir::new().unwrap();
    let policy = fs::read_to_string(ACUPUNCTURE).unwrap();
    let policy = policy
        .replace(
            "[codes]",
            "[[version]]\neffective = 2027-01-01\n[[version.change]]\nrule = \"calendar-limit\"\n\
             set = { limit = 12, carc = \"96\" }\ncitation = \"Edition 2027\"\n[codes]",
        )
        .replace("diagnoses = ", "other_guided = ")
        .replace(
            "\"M54.2\", \"M54.5*\", \"G43.*\", \"G44.2*\", \"M17.*\", \"R11.2\"",
            "\"64405\"",
        )
        .replace(
            "[rule.diagnosis-not-listed]\n",
            "[rule.diagnosis-not-listed]\nenabled = false\n",
        );
    let told = words(&["show", &write(folder.path(), "p.toml", &policy)], 2);
    assert!(
        told.contains("[rule.diagnosis-not-listed] needs code set `diagnoses`"),
        "{told}"
    );
    let start = policy.find("[rule.diagnosis-not-listed]").unwrap();
    let end = policy.find("[rule.original-unknown]").unwrap();
    let policy = policy[..start].to_owned() + &policy[end..];
    let shown = said(&["show", &write(folder.path(), "p.toml", &policy)], 0);
    let versions = "
  in force from 2026-01-01, next review 2027-01-01
  in force from 2027-01-01
    changes calendar-limit: limit 12, other codes or decisions (Edition 2027)
";
    assert!(shown.contains(versions), "{shown}");
    assert!(
        shown.contains("none are listed: every diagnosis is taken"),
        "{shown}"
    );
    assert!(shown.contains("other_guided: not judged"), "{shown}");
}

#[test]
fn a_plans_file_is_no_policy_to_show() {
    assert_eq!(
        words(&["show", "fixtures/plans.toml"], 2),
        "claimstream: fixtures/plans.toml: this is a plans file: `claimstream policies check` looks at it, \
         `policies show` at one of its policies\n"
    );
}

#[test]
fn everything_wrong_is_told_with_file_line_and_column() {
    let told = words(&["check", "fixtures/wrong/policy.toml"], 2);
    let expected = fs::read_to_string("fixtures/wrong/policy.txt").unwrap();
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(
        told[0],
        "claimstream: fixtures/wrong/policy.toml is refused, with 32 faults:"
    );
    for (told, expected) in told[1..].iter().zip(expected.lines()) {
        assert_eq!(*told, format!("fixtures/wrong/{expected}"));
    }
    assert_eq!(told.len(), 1 + expected.lines().count());
}

#[test]
fn what_is_wrong_in_a_policy_beside_a_plans_file_is_told_with_its_own_place() {
    let folder = TempDir::new().unwrap();
    let policy = fs::read_to_string(ACUPUNCTURE).unwrap();
    write(
        folder.path(),
        "mine.toml",
        &policy.replace("limit = 20", "limit = 0"),
    );
    let plans = "[[plan]]\nid = \"a\"\npayer_ids = [\"1\"]\npolicy = \"mine.toml\"\n";
    let plans = write(folder.path(), "plans.toml", plans);
    let told = words(&["check", &plans], 2);
    let told = told.replace(text(folder.path()), "");
    assert_eq!(
        told,
        "claimstream: /plans.toml is refused, with 2 faults:\n\
         /plans.toml:4:10: policy `mine.toml` is wrong, as told below\n\
         /mine.toml:149:9: `limit` of [rule.calendar-limit] must be a whole number above zero\n"
    );
}

#[test]
fn files_without_faults_are_told_with_what_they_hold_and_warned_of() {
    let folder = TempDir::new().unwrap();
    let policy = fs::read_to_string(ACUPUNCTURE).unwrap();
    write(folder.path(), "mine.toml", &policy);
    let plans = "
[[plan]]
id = \"group\"
payer_ids = [\"1\", \"2\"]
group_numbers = [\"7\"]
policy = \"mine.toml\"

[[plan.override]]
rule = \"service-date-invalid\"
set = { enabled = false }
citation = \"Agreement\"

[[plan]]
id = \"others\"
payer_ids = [\"1\"]
policy = \"cigna-0139\"
";
    let plans = write(folder.path(), "plans.toml", plans);
    let told = said(&["check", &plans], 0).replace(text(folder.path()), "");
    insta::assert_snapshot!("plans", told);
    insta::assert_snapshot!("policy", said(&["check", ACUPUNCTURE], 0));
}

#[test]
fn the_invented_policy_decides_as_its_cases_say_and_each_of_its_rules_fires() {
    insta::assert_snapshot!(said(&["test", ACUPUNCTURE, CASES], 0), @r"
    fixtures/acupuncture.cases: 84 lines in 15 cases, every one decided as expected
    every rule of the policy fires somewhere
    ");
}

#[test]
fn a_line_decided_otherwise_is_told_with_place_and_reasons() {
    let folder = TempDir::new().unwrap();
    let cases = "\
case The visit is paid
2026-03-02 97810 pay
  2026-03-02 99213 pay session=1
case Two units
2026-03-02 97810 pay units=2 allowed=100.00 paid=2
";
    let cases = write(folder.path(), "mine.cases", cases);
    let told = said(&["test", ACUPUNCTURE, &cases], 1);
    insta::assert_snapshot!(told.replace(text(folder.path()), ""));
}

#[test]
fn wrong_cases_are_refused_before_anything_is_judged() {
    let folder = TempDir::new().unwrap();
    let cases =
        "2026-03-02 97810 pay\ncase Facts\nfacts 2026-03-02 {\"pain\":1}\n2026-03-02 97810 deny\n";
    let cases = write(folder.path(), "mine.cases", cases);
    let told = words(&["test", ACUPUNCTURE, &cases], 2);
    assert_eq!(
        told.replace(text(folder.path()), ""),
        "claimstream: the cases are refused:\n/mine.cases:3:18: unknown name `pain`\n"
    );
}

#[test]
fn add_ons_hang_on_what_an_earlier_run_paid() {
    let folder = TempDir::new().unwrap();
    let history = folder.path().join("h.history");
    let judge = |number, lines: &[_]| {
        let claims = night(number, lines).replace("M7918", "M542");
        let file = write(folder.path(), &format!("{number}.837"), &claims);
        let policy = ["adjudicate", &file, "--policy", ACUPUNCTURE];
        let output = run(&[&policy[..], &["--history", text(&history)]].concat(), 0);
        let lines = String::from_utf8(output.stdout).unwrap();
        let decided = lines.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let reason = line["reasons"][0]["text"].as_str().unwrap_or("-");
            format!(
                "{} {} {reason}",
                line["procedure"].as_str().unwrap(),
                line["decision"].as_str().unwrap()
            )
        });
        decided.collect::<Vec<_>>()
    };
    let first = [
        ("W1", "A", "2026-03-02", "97810"),
        ("W1", "D", "2026-03-09", "99213"),
    ];
    assert_eq!(judge(1, &first), ["97810 pay -", "99213 pay -"]);
    assert_eq!(
        judge(
            2,
            &[
                ("W1", "B", "2026-03-02", "97811"),
                ("W1", "C", "2026-03-09", "97814")
            ]
        ),
        [
            "97811 pay -",
            "97814 deny the code is paid only beside 97810 or 97813 of the same provider, and none is paid on 2026-03-09",
        ]
    );
}

#[test]
fn a_run_warns_of_a_plan_that_pays_lines_without_a_date() {
    let folder = TempDir::new().unwrap();
    let plans = fs::read_to_string("fixtures/plans.toml").unwrap().replace(
        "[[plan.override]]\n",
        "[[plan.override]]\nrule = \"service-date-invalid\"\nset = { enabled = false }\ncitation = \"x\"\n[[plan.override]]\n",
    );
    let plans = write(folder.path(), "plans.toml", &plans);
    let output = run(
        &["adjudicate", "fixtures/overnight.837", "--plans", &plans],
        0,
    );
    let words = String::from_utf8(output.stderr).unwrap();
    let told = "plan cigna-00123 switches off service-date-invalid: lines without a date of service are paid";
    assert!(
        words
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(told),
        "{words}"
    );
}
