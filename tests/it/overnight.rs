//! The overnight fixture: every rule fires, and every determination is as expected.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use claimstream::policy::{embedded_ids, find_policy};

use super::reading::fixture;

/// Adjudicates the fixture and gives the bytes of the determinations.
fn adjudicate(ending: &str, more: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(format!("out.{ending}"));
    Command::cargo_bin("claimstream")
        .unwrap()
        .args([
            "adjudicate",
            "fixtures/overnight.837",
            "--plans",
            "fixtures/plans.toml",
        ])
        .args(["--facts", "fixtures/facts.jsonl", "--out"])
        .arg(&out)
        .args(more)
        .assert()
        .code(0);
    fs::read(out).unwrap()
}

#[test]
fn determinations_are_as_expected_byte_for_byte_on_any_number_of_threads() {
    let expected = fixture("overnight.expected.jsonl");
    let got = adjudicate("jsonl", &[]);
    if std::env::var_os("CLAIMSTREAM_BLESS").is_some() {
        fs::write(&expected, &got).unwrap();
    }
    let expected = fs::read(&expected).unwrap();
    for (got, want) in got
        .split(|&byte| byte == b'\n')
        .zip(expected.split(|&byte| byte == b'\n'))
    {
        assert_eq!(String::from_utf8_lossy(got), String::from_utf8_lossy(want));
    }
    for threads in ["1", "2", "3", "8"] {
        assert_eq!(
            adjudicate("jsonl", &["--threads", threads]),
            expected,
            "{threads} threads"
        );
    }
}

#[test]
fn every_rule_of_the_embedded_policies_fires() {
    let text = String::from_utf8(adjudicate("jsonl", &[])).unwrap();
    let mut fired = BTreeSet::new();
    for line in text.lines() {
        let determination: serde_json::Value = serde_json::from_str(line).unwrap();
        for reason in determination["reasons"].as_array().unwrap() {
            fired.insert(reason["rule"].as_str().unwrap().to_owned());
        }
    }
    let policies = embedded_ids().map(|id| find_policy(id, Path::new("")).unwrap());
    let kinds = policies.flat_map(|policy| {
        let rules = policy.rules.iter();
        rules
            .map(|rule| rule.kind.name().to_owned())
            .collect::<Vec<_>>()
    });
    assert_eq!(fired, kinds.collect::<BTreeSet<String>>());
}

#[test]
fn csv_holds_what_json_lines_hold() {
    let json = String::from_utf8(adjudicate("jsonl", &["--all-lines"])).unwrap();
    let csv = adjudicate("csv", &["--all-lines"]);
    let mut reader = csv::Reader::from_reader(&csv[..]);
    let heads = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), json.lines().count());
    for (row, line) in rows.iter().zip(json.lines()) {
        let determination: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields = determination.as_object().unwrap();
        for (head, cell) in heads.iter().zip(row) {
            let Some(value) = fields.get(head) else {
                assert!(head.starts_with("deciding_"), "{head}");
                continue;
            };
            let expected = match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Number(number) => number.to_string(),
                list => {
                    assert_eq!(
                        &serde_json::from_str::<serde_json::Value>(cell).unwrap(),
                        list
                    );
                    continue;
                }
            };
            assert_eq!(cell, expected, "{head}");
        }
    }
}

#[test]
fn the_work_queue_is_every_pended_line_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let pends = folder.path().join("pends.csv");
    let json =
        String::from_utf8(adjudicate("jsonl", &["--pends", pends.to_str().unwrap()])).unwrap();
    let pended = json
        .lines()
        .filter(|line| line.contains("\"decision\":\"pend\",\"units_allowed\""))
        .count();
    let mut reader = csv::Reader::from_path(&pends).unwrap();
    let dates: Vec<String> = reader
        .records()
        .map(|row| row.unwrap()[8].to_owned())
        .collect();
    assert!(
        pended > 0 && dates.len() == pended && dates.is_sorted(),
        "{pended} {dates:?}"
    );
}

#[test]
fn a_table_fits_the_width_of_its_terminal() {
    use claimstream::adjudicate::adjudicate;
    use claimstream::output::{Run, write_table};
    use claimstream::policy::{FactsTable, Plans};

    let (intake, _) = super::reading::read_all(&[fixture("overnight.837")]).unwrap();
    let (plans, facts) = (Plans::embedded().unwrap(), FactsTable::default());
    let adjudication = adjudicate(&intake.batch, &plans, &facts);
    let run = Run {
        batch: &intake.batch,
        plans: &plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let all = || run.determinations(0..intake.batch.claims.len(), false);
    for width in [80, 100, 200] {
        let mut out = Vec::new();
        write_table(all(), width, false, &mut out).unwrap();
        let table = String::from_utf8(out).unwrap();
        let widest = table
            .lines()
            .map(|line| line.chars().count())
            .max()
            .unwrap();
        assert!(widest <= width, "{widest} of {width}");
        assert!(table.contains("P20000001"));
    }
}
