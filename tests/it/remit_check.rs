//! `claimstream remit check`: what it says of remittances of our own and of others.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use claimstream::remit::check::{Checker, Totals};
use claimstream::x12::{Issue, Severity};
use serde_json::Value;
use tempfile::TempDir;

use super::corpus::{folder, index};
use super::planted::{files_in, run, text};
use super::reading::expect;

const BALANCED: &str = "fixtures/remit/balanced.835";
const UNBALANCED: &str = "fixtures/remit/line_unbalanced.835";
const CODES: &str = "fixtures/remit/codes.835";

fn check(path: &Path) -> (Totals, Vec<Issue>) {
    let mut issues = Vec::new();
    let mut hear = |issue| issues.push(issue);
    let name = path.file_name().unwrap().to_string_lossy().into();
    let mut checker = Checker::new(name, &mut hear);
    checker.push(&fs::read(path).unwrap());
    let totals = checker.finish();
    (totals, issues)
}

#[test]
fn every_fixture_is_told_as_expected() {
    let mut told = String::new();
    for path in files_in(Path::new("fixtures/remit")) {
        let (totals, issues) = check(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        told += &format!(
            "{name}: {} of {} do not balance\n",
            totals.unbalanced_sets, totals.transaction_sets
        );
        for issue in issues {
            told += &format!("{issue}\n");
        }
        told += "\n";
    }
    expect("remit.expected.txt", &told);
}

#[test]
fn the_amounts_stand_on_one_screen() {
    let output = run(&["remit", "check", UNBALANCED], 1);
    let expected = "\
1 transaction set, 3 claims, 3 service lines
  charges (CLP03)                             520.00
  less adjustments CO                         205.00
  less adjustments PR                          50.00
  payments (CLP04)                            265.00
  less provider adjustments PLB                10.00
  paid (BPR02)                                255.00
not balanced: 1 of 1 transaction set; 2 errors, 0 warnings
";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.starts_with("error[line-unbalanced]: "), "{words}");
    assert_eq!(words.lines().count(), 2, "{words}");
}

#[test]
fn each_of_several_inputs_has_its_verdict() {
    let output = run(&["remit", "check", BALANCED, CODES], 0);
    let words = String::from_utf8(output.stdout).unwrap();
    let last: Vec<&str> = words.lines().rev().take(3).collect();
    assert_eq!(
        last,
        [
            "balanced; 0 errors, 9 warnings",
            "fixtures/remit/codes.835: balanced; 0 errors, 9 warnings",
            "fixtures/remit/balanced.835: balanced; 0 errors, 0 warnings",
        ]
    );
}

#[test]
fn exit_statuses_say_how_it_went() {
    for (arguments, status) in [
        (&["remit", "check", BALANCED][..], 0),
        (&["remit", "check", BALANCED, "--strict"], 0),
        (&["remit", "check", CODES], 0),
        (&["remit", "check", CODES, "--strict"], 1),
        (&["remit", "check", UNBALANCED], 1),
        (&["remit", "check", "fixtures/remit/no_isa.835"], 1),
        (&["remit", "check"], 2),
        (&["remit", "check", BALANCED, "--errors", BALANCED], 2),
        (&["remit", "check", "nowhere.835"], 3),
    ] {
        run(arguments, status);
    }
}

#[test]
fn findings_are_written_as_json_lines_and_totals_as_an_object() {
    let folder = TempDir::new().unwrap();
    let errors = folder.path().join("errors.jsonl");
    let output = run(
        &[
            "remit",
            "check",
            UNBALANCED,
            BALANCED,
            "--json",
            "--errors",
            text(&errors),
        ],
        1,
    );
    let totals: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(totals["claims"], 6);
    assert_eq!(totals["paid"], "510.00");
    assert_eq!(totals["adjustments"]["CO"], "410.00");
    assert_eq!(totals["files"][0]["unbalanced_transaction_sets"], 1);
    assert_eq!(totals["files"][1]["file"], BALANCED);
    let lines = fs::read_to_string(&errors).unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["code"], "line-unbalanced");
    assert_eq!(first["segment_in_transaction"], 14);
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn compressed_remittances_are_read() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("balanced.835.gz");
    let file = fs::File::create(&path).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed.write_all(&fs::read(BALANCED).unwrap()).unwrap();
    packed.finish().unwrap();
    let output = run(&["remit", "check", text(folder.path())], 0);
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(
        words.ends_with("balanced; 0 errors, 0 warnings\n"),
        "{words}"
    );
}

/// Files that an independent count found clean and that do not balance, with the first sum that
/// does not come out and the segment of the file on which it stands.
const DO_NOT_BALANCE: [(&str, &str, u64); 5] = [
    // The copay stands at the claim and not at the line, the contractual part at both.
    (
        "scribe/tests/fixtures/sample_835.edi",
        "line-unbalanced",
        13,
    ),
    // A line of 200.00 is paid 160.00 without an adjustment, in a claim of 500.00.
    ("vgi-x12/data/era_835.835", "line-unbalanced", 10),
    // The amount of PLB is added to the payments, with the sign of a withholding.
    ("Read835X091Net/835_091.txt", "payment-unbalanced", 4),
    // The claim is paid 1,002.00 more than its lines.
    ("example_5010_835/sample2.txt", "claim-unbalanced", 19),
    // No adjustment explains what is not paid; BPR02 is not the payment of the claim.
    ("X12Net.Samples/Data/835.edi", "claim-unbalanced", 6),
];

/// Files that are broken, and what is found for it.
const BROKEN: [(&str, &str); 8] = [
    // The source tells of its header segments; they hold no amount. SE01 is wrong as well.
    ("x12testdata/bad_header_looping.txt", "se-count-wrong"),
    ("test/files/bad_header_looping.txt", "se-count-wrong"),
    ("errors/error_validation.edi", "iea-control-number-wrong"),
    ("remit/835-imbalance.edi", "line-unbalanced"),
    ("remit/835-carc-rarc-mix.edi", "adjustment-reason-unknown"),
    ("remit/835-with-plb.edi", "se-count-wrong"),
    ("X12-0.08/t/sample_835.txt", "amount-invalid"),
    ("example835SpecialCharsOne.txt", "amount-missing"),
];

#[test]
fn real_remittances_balance_or_are_named() {
    let Some(folder) = folder() else { return };
    let (mut balanced, mut named, mut broken) = (0, 0, 0);
    for row in index(&folder).iter().filter(|row| row.kind == "835") {
        let (totals, issues) = check(&folder.join("files").join(&row.path));
        let errors: Vec<&Issue> = issues
            .iter()
            .filter(|issue| issue.severity == Severity::Error)
            .collect();
        let exception = DO_NOT_BALANCE
            .iter()
            .find(|(name, ..)| row.path.ends_with(name));
        if let Some((name, code, segment)) = exception {
            let is_it =
                |issue: &&Issue| issue.code == *code && issue.segment_in_file == Some(*segment);
            assert!(errors.first().is_some_and(is_it), "{name}: {errors:#?}");
            named += 1;
        } else if row.class.starts_with("positive") {
            assert!(errors.is_empty(), "{}: {errors:#?}", row.path);
            assert!(totals.transaction_sets > 0 && totals.unbalanced_sets == 0);
            balanced += 1;
        } else if row.class == "bare-no-ISA" {
            assert_eq!(errors[0].code, "no-interchange", "{}", row.path);
        }
        if let Some((name, code)) = BROKEN.iter().find(|(name, _)| row.path.ends_with(name)) {
            let is_told = issues.iter().any(|issue| issue.code == *code);
            assert!(is_told, "{name}: {issues:#?}");
            broken += 1;
        }
    }
    assert_eq!(
        (balanced, named, broken),
        (23, DO_NOT_BALANCE.len(), BROKEN.len())
    );
}
