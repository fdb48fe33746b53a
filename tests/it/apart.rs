//! Valid and refused claims written apart: both files are well-formed, and every claim stands
//! in one of them, byte for byte.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::planted::{claimstream, text};
use super::reading::{fixture, read_all, read_checked};
use super::validation::checks;

/// The claims of a file, each from its CLM to the next CLM, HL or SE.
fn claims(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut claims: Vec<String> = Vec::new();
    let mut is_open = false;
    for segment in text.split('~') {
        let segment = segment.trim_start();
        if segment.starts_with("CLM*") {
            claims.push(String::new());
            is_open = true;
        }
        is_open &= !["HL*", "ST*", "SE*", "GE*", "IEA*"]
            .iter()
            .any(|id| segment.starts_with(id));
        if is_open {
            claims.last_mut().unwrap().push_str(segment);
        }
    }
    claims.sort();
    claims
}

/// Checks how levels are numbered in each transaction set, and that each has a claim under it.
fn check_levels(bytes: &[u8], name: &str) {
    let text = String::from_utf8_lossy(bytes);
    for set in text.split("~\nST*").skip(1) {
        let segments: Vec<Vec<&str>> = set
            .split('~')
            .map(|segment| segment.trim().split('*').collect())
            .collect();
        // Each open level: HL01, HL03, HL04, and whether a claim or level stands under it.
        let mut open: Vec<(usize, &str, &str, bool, bool)> = Vec::new();
        let mut count = 0;
        let end = |level: (usize, &str, &str, bool, bool)| {
            let (number, _, children, has_level, has_claim) = level;
            assert!(has_level || has_claim, "{name}: nothing under HL {number}");
            assert_eq!(children == "1", has_level, "{name}: HL04 of {number}");
        };
        for segment in &segments {
            if let ["HL", number, parent, code, children] = segment[..] {
                count += 1;
                assert_eq!(number, count.to_string(), "{name}");
                let depth = ["20", "22", "23"]
                    .iter()
                    .position(|known| *known == code)
                    .unwrap();
                open.drain(depth..).rev().for_each(&end);
                let above = open.last().map(|level| level.0.to_string());
                assert_eq!(parent, above.unwrap_or_default(), "{name}");
                if let Some(above) = open.last_mut() {
                    above.3 = true;
                }
                open.push((count, code, children, false, false));
            } else if segment[0] == "CLM" {
                open.last_mut().unwrap().4 = true;
            } else if segment[0] == "SE" {
                open.drain(..).rev().for_each(&end);
            }
        }
    }
}

/// Writes the claims of a file apart and checks both files.
fn check(path: &Path, level: u8) {
    let folder = TempDir::new().unwrap();
    let (valid, rejected) = (folder.path().join("valid"), folder.path().join("rejected"));
    let name = format!("{} at {level}", path.display());
    let level_text = level.to_string();
    let output = claimstream(&[])
        .args(["validate", text(path), "--level", &level_text])
        .args([
            "--out-valid",
            text(&valid),
            "--out-rejected",
            text(&rejected),
        ])
        .output()
        .unwrap();
    assert!(output.status.code().unwrap() < 2, "{name}");
    let (_, issues) = read_checked(&[path.to_owned()], Some(&checks(level))).unwrap();
    let read = |path: &Path| fs::read(path).unwrap();
    let (valid_bytes, rejected_bytes) = (read(&valid), read(&rejected));
    for (file, bytes) in [(&valid, &valid_bytes), (&rejected, &rejected_bytes)] {
        if bytes.is_empty() {
            continue;
        }
        let (_, issues) = read_all(std::slice::from_ref(file)).unwrap();
        let envelope = issues.iter().filter(|issue| {
            issue
                .segment
                .as_deref()
                .is_some_and(|id| ["ISA", "IEA", "GE", "SE"].contains(&id))
        });
        assert_eq!(envelope.count(), 0, "{name}: {issues:#?}");
        check_levels(bytes, &name);
    }
    if !valid_bytes.is_empty() {
        let (_, issues) = read_checked(&[valid], Some(&checks(level))).unwrap();
        assert!(issues.is_empty(), "{name}: {issues:#?}");
    }
    let words = String::from_utf8_lossy(&output.stderr);
    if !words.contains("not written") && !issues.iter().any(|issue| issue.code == "no-interchange")
    {
        let mut written = [claims(&valid_bytes), claims(&rejected_bytes)].concat();
        written.sort();
        assert_eq!(written, claims(&fs::read(path).unwrap()), "{name}");
    }
}

#[test]
fn both_files_are_well_formed_and_no_claim_is_lost_or_changed() {
    for entry in fs::read_dir(fixture("validation")).unwrap() {
        check(&entry.unwrap().path(), 5);
    }
    for name in [
        "se_count_wrong",
        "ge_count_wrong",
        "iea_count_wrong",
        "st_convention_differs",
        "hl_parent_missing",
        "claim_outside_level",
        "se_missing_before_st",
        "group_version_unsupported",
    ] {
        check(&fixture("defects").join(format!("{name}.837")), 2);
    }
    check(&fixture("overnight.837"), 5);
}

#[test]
fn many_sets_of_many_interchanges_are_written_apart() {
    let folder = TempDir::new().unwrap();
    let nights = folder.path().join("nights");
    fs::create_dir(&nights).unwrap();
    let made = claimstream(&[])
        .args([
            "generate",
            "--claims",
            "4000",
            "--dirt",
            "0.3",
            "--claims-per-set",
            "300",
        ])
        .args(["--sets-per-file", "4", "--out", text(&nights)])
        .output()
        .unwrap();
    assert!(made.status.success());
    for entry in fs::read_dir(&nights).unwrap() {
        check(&entry.unwrap().path(), 5);
    }
}

#[test]
fn without_a_fault_the_valid_file_is_the_input() {
    let folder = TempDir::new().unwrap();
    let (input, valid) = (folder.path().join("in"), folder.path().join("out"));
    for delimiters in [r"*:^~\n", r"|>!~", r"*:^\n"] {
        let made = claimstream(&[])
            .args(["generate", "--claims", "3000", "--claims-per-set", "700"])
            .args(["--delimiters", delimiters, "--out", text(&input)])
            .output()
            .unwrap();
        assert!(made.status.success());
        let output = claimstream(&[])
            .args(["validate", text(&input), "--out-valid", text(&valid)])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            fs::read(&valid).unwrap() == fs::read(&input).unwrap(),
            "{delimiters}"
        );
    }
}

/// An interchange that is shorter than the one before it, and longer than what is gathered
/// before it is written.
#[test]
fn every_claim_of_several_interchanges_is_written_once() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, claims) in [("a.837", "2000"), ("b.837", "1200"), ("c.837", "1600")] {
        let arguments = [
            "generate",
            "--claims",
            claims,
            "--claims-per-set",
            "700",
            "--seed",
        ];
        let (seed, out) = (claims, path(name));
        let output = claimstream(&[&arguments[..], &[seed, "--out", text(&out)]].concat());
        assert!({ output }.output().unwrap().status.success());
    }
    let parts = ["a.837", "b.837", "c.837"].map(|name| fs::read(path(name)).unwrap());
    let all = parts.concat();
    fs::write(path("all.837"), &all).unwrap();
    let (input, valid) = (path("all.837"), path("valid.837"));
    let arguments = ["validate", text(&input), "--out-valid", text(&valid)];
    let output = claimstream(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let written = fs::read(valid).unwrap();
    assert_eq!(claims(&written).len(), 4800);
    assert!(claims(&written) == claims(&all));
}
