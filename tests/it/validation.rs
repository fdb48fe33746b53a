//! Files checked against the guide: one small file per fault with its exact findings, and
//! whole files cut, repeated and shuffled.
//!
//! With `CLAIMSTREAM_BLESS=1` the expectations are written anew, to be read before they are
//! kept.

use std::fmt::Write as _;
use std::fs;
use std::slice::from_ref;

use claimstream::guide;
use claimstream::validate::Checks;
use claimstream::x12::Issue;

use super::planted::{run, text};
use super::reading::{expect, fixture, read_checked};

pub fn checks(level: u8) -> Checks {
    Checks::new(guide::professional().unwrap(), level, &[]).unwrap()
}

/// An issue in one line: place, fault, expectation, and the segment with what is at fault
/// marked.
fn line(issue: &Issue) -> String {
    let part = |name: &str, value: Option<String>| {
        value.map_or(String::new(), |value| format!(" {name} {value}"))
    };
    let shown = issue.excerpt.as_ref().map_or(String::new(), |excerpt| {
        let (text, start) = (&excerpt.text, excerpt.start);
        let end = (start + excerpt.length).min(text.len());
        format!(
            "\n        {}[{}]{}",
            &text[..start],
            &text[start..end],
            &text[end..]
        )
    });
    format!(
        "{}{}{}{}{}{} {} {} level {}: {}{shown}",
        issue
            .segment_in_transaction
            .map_or("-".into(), |segment| segment.to_string()),
        part("loop", issue.loop_id.map(str::to_owned)),
        part("segment", issue.segment.as_deref().map(str::to_owned)),
        part("element", issue.element.map(|element| element.to_string())),
        part(
            "component",
            issue.component.map(|component| component.to_string())
        ),
        part(
            "repetition",
            issue.repetition.map(|repetition| repetition.to_string())
        ),
        issue.code,
        issue.acknowledgement.unwrap_or("-"),
        issue.level,
        issue.message
    )
}

/// Everything that the files of `fixtures/validation` give.
fn told() -> String {
    let folder = fixture("validation");
    let entries = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    let checks = checks(5);
    let mut text = String::new();
    for name in names {
        let (intake, issues) = read_checked(&[folder.join(&name)], Some(&checks)).unwrap();
        writeln!(text, "{name}").unwrap();
        for issue in issues {
            writeln!(text, "    {}", line(&issue)).unwrap();
        }
        let batch = &intake.batch;
        let numbers = batch
            .claims
            .iter()
            .map(|claim| batch.text(claim.patient_control_number));
        let accepted: Vec<_> = numbers.take(8).map(String::from_utf8_lossy).collect();
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
fn every_fault_has_its_exact_finding() {
    expect("validation.expected.txt", &told());
}

#[test]
fn a_fault_is_found_at_its_level_and_above_and_not_below() {
    for entry in fs::read_dir(fixture("validation")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let named: u8 = name[..1].parse().unwrap();
        for level in 1..=5 {
            let (_, issues) = read_checked(from_ref(&path), Some(&checks(level))).unwrap();
            assert!(
                issues.iter().all(|issue| issue.level <= level),
                "{name} at {level}"
            );
            if level < named {
                let issues: Vec<_> = issues.iter().filter(|issue| issue.level > 0).collect();
                assert!(issues.is_empty(), "{name} at {level}: {issues:?}");
            }
        }
    }
}

#[test]
fn what_is_generated_has_no_finding() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("made.837");
    for (seed, more) in [
        ("1", &[][..]),
        ("2", &["--inject", "0.4"]),
        ("3", &["--inject", "0", "--claims-per-set", "40"]),
        (
            "4",
            &[
                "--delimiters",
                r"|>!~",
                "--start",
                "2024-02-01",
                "--days",
                "60",
            ],
        ),
        ("5", &["--members", "30", "--claims-per-set", "90"]),
    ] {
        let wanted = [
            "generate",
            "--claims",
            "3000",
            "--seed",
            seed,
            "--out",
            text(&out),
        ];
        run(&[&wanted[..], more].concat(), 0);
        let (intake, issues) = read_checked(from_ref(&out), Some(&checks(5))).unwrap();
        assert!(issues.is_empty(), "{more:?}: {issues:#?}");
        assert_eq!(intake.counts.claims.read, 3000);
    }
}

#[test]
fn what_is_generated_broken_is_rejected_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("made.837");
    let wanted = [
        "generate",
        "--claims",
        "3000",
        "--dirt",
        "0.3",
        "--out",
        text(&out),
    ];
    run(&wanted, 0);
    let (intake, issues) = read_checked(&[out], Some(&checks(5))).unwrap();
    assert!(!issues.is_empty());
    let claims = intake.counts.claims;
    assert_eq!(
        claims.read,
        claims.rejected + claims.refused + intake.batch.claims.len() as u64
    );
    assert!(claims.rejected < 900, "{claims:?}");
}

#[test]
fn a_code_list_that_is_switched_off_is_not_looked_up() {
    let guide = guide::professional().unwrap();
    let without = |name: &str| Checks::new(guide, 5, &[name.to_owned()]);
    for (file, name) in [
        ("5_place_of_service_unknown.837", "place-of-service"),
        ("5_state_unknown.837", "state"),
        ("5_country_unknown.837", "country"),
        ("2_code_not_allowed.837", "claim-filing"),
    ] {
        let path = fixture("validation").join(file);
        let (_, issues) = read_checked(from_ref(&path), Some(&checks(5))).unwrap();
        assert!(!issues.is_empty(), "{file}");
        let (_, issues) = read_checked(&[path], Some(&without(name).unwrap())).unwrap();
        assert!(issues.is_empty(), "{file}: {issues:#?}");
    }
    let refused = without("stat").unwrap_err();
    assert!(refused.known.contains(&"state"), "{refused}");
}

#[test]
fn no_value_stands_in_what_is_told() {
    let secret = |issue: &Issue| {
        let json = serde_json::to_string(issue).unwrap();
        let shown = issue
            .excerpt
            .as_ref()
            .map_or(String::new(), |excerpt| excerpt.text.clone());
        let words = format!("{json}{shown}");
        [
            "DOE",
            "PAT",
            "KIM",
            "M00000",
            "OAK",
            "LITTLE",
            "1970",
            "2015010",
            "1234567890",
            "S134",
        ]
        .into_iter()
        .find(|value| {
            words.contains(value)
                && !words.contains("PAT is")
                && !words.contains(r#""segment":"PAT""#)
        })
    };
    for entry in fs::read_dir(fixture("validation")).unwrap() {
        let path = entry.unwrap().path();
        let (_, issues) = read_checked(&[path], Some(&checks(5))).unwrap();
        for issue in issues {
            assert_eq!(secret(&issue), None, "{issue:?}");
        }
    }
}

#[test]
fn every_code_and_every_code_list_is_documented() {
    let documented = fs::read_to_string("docs/validation.md").unwrap();
    for name in guide::professional().unwrap().list_names() {
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
    for entry in fs::read_dir(fixture("validation")).unwrap() {
        let (_, issues) = read_checked(&[entry.unwrap().path()], Some(&checks(5))).unwrap();
        for issue in issues.iter().filter(|issue| issue.level > 0) {
            assert!(
                documented.contains(&format!("`{}`", issue.code)),
                "{}",
                issue.code
            );
        }
    }
}
