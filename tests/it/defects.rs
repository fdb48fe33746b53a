//! One small file per fault: its exact errors, and which claims are accepted all the same.
//!
//! With `CLAIMSTREAM_BLESS=1` the expectations are written anew, to be read before they are
//! kept.

use std::fmt::Write as _;
use std::fs;

use super::reading::{expect, fixture, read_all};

/// Everything that the files of `fixtures/defects` give.
fn told() -> String {
    let folder = fixture("defects");
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    let mut text = String::new();
    for name in names {
        let (intake, issues) = read_all(&[folder.join(&name)]).unwrap();
        writeln!(text, "{name}").unwrap();
        for issue in issues {
            let line = issue.to_string().replace("fixtures/defects/", "");
            let acknowledgement = issue.acknowledgement.unwrap_or("-");
            writeln!(text, "    {line} {acknowledgement}").unwrap();
        }
        let batch = &intake.batch;
        let numbers = batch
            .claims
            .iter()
            .map(|claim| batch.text(claim.patient_control_number));
        let accepted: Vec<_> = numbers.map(String::from_utf8_lossy).collect();
        let claims = intake.counts.claims;
        writeln!(
            text,
            "    accepted {}; of {} claims {} refused, {} rejected\n",
            if accepted.is_empty() {
                "nothing".into()
            } else {
                accepted.join(" ")
            },
            claims.read,
            claims.refused,
            claims.rejected
        )
        .unwrap();
    }
    text
}

#[test]
fn every_fault_refuses_exactly_what_it_must_and_says_so() {
    expect("defects.expected.txt", &told());
}
