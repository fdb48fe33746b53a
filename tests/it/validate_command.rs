//! `claimstream validate`, and `adjudicate --validate`, as they are called.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tempfile::TempDir;

use super::planted::{json, run, text};

const VALID: &str = "fixtures/validation/0_nothing_wrong.837";
const REJECTED: &str = "fixtures/validation/5_npi_check_digit.837";
const REFUSED: &str = "fixtures/validation/2_header_segment_missing.837";

#[test]
fn exit_statuses_say_how_it_went() {
    for (arguments, status) in [
        (&["validate", VALID][..], 0),
        (&["validate", REJECTED], 1),
        (&["validate", REJECTED, "--level", "4"], 0),
        (&["validate", REFUSED], 1),
        (&["validate", VALID, "--level", "6"], 2),
        (&["validate", VALID, "--no-code-list", "nothing"], 2),
        (&["adjudicate", VALID, "--no-code-list", "state"], 2),
        (&["validate", VALID, "--out-valid", VALID], 2),
        (&["validate", VALID, "--errors", "a", "--out-valid", "a"], 2),
        (&["validate", "nowhere.837"], 3),
        (
            &[
                "validate",
                "fixtures/defects/isa_not_fixed_width.837",
                "--level",
                "1",
            ],
            0,
        ),
    ] {
        run(arguments, status);
    }
}

#[test]
fn a_finding_is_told_with_its_segment_masked() {
    let output = run(&["validate", REJECTED], 1);
    let words = String::from_utf8(output.stderr).unwrap();
    let expected = "\
error[npi-invalid]: NM109 is a national provider identifier: 10 digits, the first 1 or 2, the last the check digit
  --> fixtures/validation/5_npi_check_digit.837, byte 818, segment 31, segment 29 of transaction set 0001, loop 2310B
   | NM1*99*9*xxx*xxx****xx*9999999999
   |                        ^^^^^^^^^^
claimstream: 4 claims in 1 transaction set, checked at level 5: 3 claims valid, 1 claim rejected, 0 claims refused with 0 transaction sets; 1 error, 0 warnings
";
    assert_eq!(words, expected);
}

#[test]
fn the_first_twenty_are_told_and_the_others_counted() {
    let output = run(&["validate", "fixtures/validation", "--level", "5"], 1);
    let words = String::from_utf8(output.stderr).unwrap();
    let told = words
        .lines()
        .filter(|line| line.starts_with("error["))
        .count();
    assert_eq!(told, 20);
    assert!(words.contains("and not told here:"), "{words}");
}

#[test]
fn errors_have_every_field() {
    let folder = TempDir::new().unwrap();
    let errors = folder.path().join("errors.jsonl");
    run(
        &[
            "validate",
            "fixtures/validation/2_component_code_not_allowed.837",
            "--errors",
            text(&errors),
        ],
        1,
    );
    let told = fs::read_to_string(&errors).unwrap();
    let issue: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let expected = serde_json::json!({
        "file": "fixtures/validation/2_component_code_not_allowed.837",
        "offset_bytes": 665,
        "interchange": "000000001",
        "group": "1",
        "transaction": "0001",
        "segment_in_file": 24,
        "segment_in_transaction": 22,
        "loop": "2300",
        "segment": "CLM",
        "element": 5,
        "component": 2,
        "repetition": null,
        "code": "code-not-allowed",
        "acknowledgement": "IK403 7",
        "level": 2,
        "severity": "error",
        "message": "CLM05-2 is B in loop 2300",
    });
    assert_eq!(issue, expected);
}

#[test]
fn files_are_the_owners_alone_and_nothing_else_is_left() {
    let folder = TempDir::new().unwrap();
    let [valid, rejected] = ["valid.837", "rejected.837"].map(|name| folder.path().join(name));
    let wanted = [
        "validate",
        REJECTED,
        "--out-valid",
        text(&valid),
        "--out-rejected",
        text(&rejected),
    ];
    run(&wanted, 1);
    for path in [&valid, &rejected] {
        let about = fs::metadata(path).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        assert!(about.len() > 0);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    run(&["validate", text(&valid)], 0);
    let broken = folder.path().join("cut.gz");
    fs::write(&broken, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1]).unwrap();
    fs::remove_file(&valid).unwrap();
    run(&["validate", text(&broken), "--out-valid", text(&valid)], 3);
    assert!(!valid.exists());
}

#[test]
fn claims_are_rejected_before_they_are_judged() {
    let folder = TempDir::new().unwrap();
    let [summary, out] = ["summary.json", "out.jsonl"].map(|name| folder.path().join(name));
    let judge = |more: &[&str], status| {
        let wanted = [
            "adjudicate",
            REJECTED,
            "--all-lines",
            "--summary",
            text(&summary),
            "--out",
            text(&out),
        ];
        run(&[&wanted[..], more].concat(), status);
        let written = fs::read_to_string(&out).unwrap();
        (json(&summary)["claims"].clone(), written.contains("\"P1\""))
    };
    let (claims, has_first) = judge(&[], 0);
    assert_eq!(
        (claims["read"].as_u64(), claims["rejected"].as_u64()),
        (Some(4), Some(0))
    );
    assert!(has_first);
    let (claims, has_first) = judge(&["--validate", "5"], 1);
    assert_eq!(
        (claims["read"].as_u64(), claims["rejected"].as_u64()),
        (Some(4), Some(1))
    );
    assert!(!has_first);
    let (claims, _) = judge(&["--validate", "4"], 0);
    assert_eq!(claims["rejected"].as_u64(), Some(0));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = TempDir::new().unwrap();
    let made = folder.path().join("made.837");
    let wanted = [
        "generate",
        "--claims",
        "9000",
        "--dirt",
        "0.2",
        "--claims-per-set",
        "800",
        "--out",
        text(&made),
    ];
    run(&wanted, 0);
    let written = |threads: &str| {
        let names = ["errors", "valid", "rejected"].map(|name| folder.path().join(name));
        let [errors, valid, rejected] = &names;
        run(
            &[
                "validate",
                text(&made),
                "--threads",
                threads,
                "--errors",
                text(errors),
                "--out-valid",
                text(valid),
                "--out-rejected",
                text(rejected),
            ],
            1,
        );
        names.map(|name| fs::read(name).unwrap())
    };
    let expected = written("1");
    for threads in ["2", "3", "8"] {
        assert!(written(threads) == expected, "{threads} threads");
    }
}
