//! What the senders get: one answer for each fault, whole, valid, and the same on every run.
//!
//! With `CLAIMSTREAM_BLESS=1` the expectations are written anew, to be read before they are
//! kept.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::planted::{claimstream, files_in, text};
use super::reading::{expect, fixture};

/// What of an answer follows from the input's faults: TA1, and of the others what is said of
/// groups, transaction sets, segments, elements and claims.
const TOLD: [&str; 9] = [
    "TA1", "AK1", "AK2", "IK3", "IK4", "CTX", "IK5", "AK9", "STC",
];

/// Answers files; gives the answers by name.
fn answer(command: &[&str], files: &[&Path]) -> Vec<(String, String)> {
    let folder = TempDir::new().unwrap();
    let files: Vec<&str> = files.iter().map(|file| text(file)).collect();
    let arguments = [command, &files, &["--ack", text(folder.path())]].concat();
    let output = claimstream(&arguments).output().unwrap();
    let status = output.status.code();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(status, Some(0 | 1)), "{arguments:?}: {words}");
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    files_in(folder.path()).iter().map(read).collect()
}

/// Damaged files, each with the command that answers it: envelopes are checked by whatever
/// reads, claims by a check.
fn inputs() -> Vec<(&'static [&'static str], PathBuf)> {
    let reading: &[&str] = &["adjudicate", "--policy", "cigna-0139"];
    let checking: &[&str] = &["validate"];
    let of = |command, folder| {
        let files = files_in(&fixture(folder)).into_iter();
        files.map(move |file| (command, file))
    };
    of(reading, "defects")
        .chain(of(checking, "validation"))
        .collect()
}

/// What the sender of every damaged file is told.
fn told() -> String {
    let mut told = String::new();
    for (command, path) in inputs() {
        writeln!(told, "{}", path.file_name().unwrap().to_str().unwrap()).unwrap();
        for (name, answer) in answer(command, &[&path]) {
            writeln!(told, "  {name}").unwrap();
            let segments = answer.split('~').map(str::trim);
            let is_told = |segment: &&str| TOLD.iter().any(|id| segment.starts_with(id));
            // A claim that is accepted is what the whole answer says of it.
            for segment in segments
                .filter(is_told)
                .filter(|one| !one.starts_with("STC*A2"))
            {
                writeln!(told, "    {segment}").unwrap();
            }
        }
        told.push('\n');
    }
    told
}

#[test]
fn every_fault_is_answered_as_it_must_be() {
    expect("answers.expected.txt", &told());
}

#[test]
fn answers_are_the_same_on_any_number_of_threads_and_from_both_commands() {
    let overnight = fixture("overnight.837");
    let everything = fixture("everything.837");
    let files: [&Path; 2] = [&overnight, &everything];
    let expected = answer(&["validate", "--threads", "1"], &files);
    assert_eq!(expected.len(), 4);
    assert_eq!(answer(&["validate", "--threads", "3"], &files), expected);
    let judged = [
        "adjudicate",
        "--plans",
        "fixtures/plans.toml",
        "--validate",
        "5",
    ];
    assert_eq!(answer(&judged, &files), expected);
}

#[test]
fn control_numbers_count_on_from_the_one_that_is_given() {
    let overnight = fixture("overnight.837");
    let answers = answer(&["validate", "--control-number", "700"], &[&overnight]);
    for (number, (name, answer)) in ["000000700", "000000701"].iter().zip(answers.iter().rev()) {
        assert_eq!(answer.split('*').nth(13), Some(*number), "{name}");
    }
}

#[test]
fn strictness_refuses_the_transaction_set_with_its_claims() {
    let overnight = fixture("overnight.837");
    let answers = answer(&["validate", "--strict"], &[&overnight]);
    let functional = &answers
        .iter()
        .find(|(name, _)| name.ends_with(".999"))
        .unwrap()
        .1;
    assert!(functional.contains("IK5*R*5~"), "{functional}");
    assert!(functional.contains("AK9*P*2*2*1~"), "{functional}");
    let claims = &answers
        .iter()
        .find(|(name, _)| name.ends_with(".277ca"))
        .unwrap()
        .1;
    assert_eq!(claims.matches("ST*277*").count(), 1);
}

#[test]
fn line_breaks_inside_segments_change_no_answer() {
    let folder = TempDir::new().unwrap();
    let everything = fs::read(fixture("everything.837")).unwrap();
    let unbroken: Vec<u8> = everything
        .into_iter()
        .filter(|byte| *byte != b'\n')
        .collect();
    let wrapped: Vec<u8> = unbroken
        .chunks(37)
        .flat_map(|part| [part, b"\r\n"].concat())
        .collect();
    let answers = [("a.837", unbroken), ("b.837", wrapped)].map(|(name, bytes)| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        answer(&["validate"], &[&path])
    });
    assert!(answers[0][0].1.contains("STC*A2:20"));
    assert_eq!(answers[0], answers[1]);
}

/// The trailers of a refused transaction set, of its group and of its interchange are missing:
/// each of them is told of.
#[test]
fn what_is_refused_around_a_refused_transaction_set_is_told() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.837");
    let claims = fs::read_to_string(fixture("defects/ge_control_number_wrong.837")).unwrap();
    let (first, _) = claims.split_once("SE*").unwrap();
    let again = first[first.find("ST*").unwrap()..].to_owned();
    let segments = again.matches('~').count() + 1;
    for (ending, told) in [("IEA*1*000000001~\n", "AK9*R*2*2*0*3"), ("", "*R*023")] {
        let text = format!("{first}SE*{segments}*0001~\n{again}{ending}");
        fs::write(&path, text).unwrap();
        let answers = answer(&["validate", "--level", "1"], &[&path]);
        assert!(
            answers.iter().any(|(_, answer)| answer.contains(told)),
            "{answers:?}"
        );
        assert!(answers.iter().all(|(name, _)| !name.ends_with("277ca")));
    }
}

#[test]
fn answers_do_not_go_where_the_next_run_reads() {
    let arguments = [
        "validate",
        "fixtures/defects",
        "--ack",
        "fixtures/defects/.",
    ];
    let output = claimstream(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("the next run would read this as an input"),
        "{told}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let arguments = [
        "validate",
        "fixtures/overnight.837",
        "--ack",
        "no/such/folder",
    ];
    let output = claimstream(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("no/such/folder: this is no folder"), "{told}");
}

/// pyx12 is no part of the engine: `pip install pyx12` makes it, `CLAIMSTREAM_X12VALID` names it.
#[test]
fn pyx12_accepts_every_answer() {
    let validator = env::var_os("CLAIMSTREAM_X12VALID").unwrap_or_else(|| "x12valid".into());
    if Command::new(&validator).arg("--version").output().is_err() {
        eprintln!("skipped: there is no x12valid here");
        return;
    }
    let mut count = 0;
    for (command, path) in inputs() {
        for (name, answer) in answer(command, &[&path]) {
            let folder = TempDir::new().unwrap();
            let file = folder.path().join("answer.x12");
            fs::write(&file, &answer).unwrap();
            let output = Command::new(&validator).arg(&file).output().unwrap();
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(words.contains("OK"), "{} {name}: {words}", path.display());
            count += 1;
        }
    }
    assert!(count > 100, "{count} answers");
}
