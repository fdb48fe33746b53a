//! Made-up files against the engine: what was planted is what is found, number by number.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::faults::build_shim;
use super::planted::{Judged, Seen, claimstream, files_in, json, run, text};

#[test]
fn what_is_planted_in_a_file_is_found_number_by_number() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("claims.837");
    let wanted = [
        "--claims", "24000", "--dirt", "0.1", "--seed", "3", "--inject", "0.08",
    ];
    let judged = Judged::new(folder.path(), &out, &wanted);
    judged.check();
    let seen = Seen::read(&[out]);
    assert_eq!(seen.dependents, judged.planted("dependent_claims"));
    assert_eq!(seen.secondary, judged.planted("secondary_payer_claims"));
    assert_eq!(seen.again, judged.dirt(&["duplicate"]));
    for rule in [
        "min-interval",
        "rolling-limit",
        "phase-limit",
        "calendar-limit",
        "same-day-bundle",
        "unit-cap",
        "guidance",
        "office-visit",
        "dry-needling",
        "diagnosis-not-listed",
        "duplicate-line",
        "original-unknown",
    ] {
        assert!(judged.decided(rule) > 0, "{rule} does not decide");
    }
}

#[test]
fn what_is_planted_in_nights_is_found_number_by_number() {
    let folder = TempDir::new().unwrap();
    let nights = folder.path().join("nights");
    fs::create_dir(&nights).unwrap();
    let wanted = [
        "--claims", "24000", "--dirt", "0.1", "--seed", "5", "--inject", "0.08",
    ];
    let more = ["--nightly", "--days", "84"];
    let judged = Judged::new(folder.path(), &nights, &[&wanted[..], &more].concat());
    judged.check();
    let files = files_in(&nights);
    assert_eq!(files.len(), 60);
    assert!(files[0].ends_with("2026-04-01.837") && files[3].ends_with("2026-04-06.837"));
    let seen = Seen::read(&files);
    assert_eq!(seen.dependents, judged.planted("dependent_claims"));
    assert_eq!(seen.secondary, judged.planted("secondary_payer_claims"));
    assert_eq!(seen.again, judged.dirt(&["duplicate"]));
    assert_eq!(seen.late, judged.dirt(&["late"]));
}

#[test]
fn without_dirt_nothing_is_refused_rejected_or_unrouted() {
    let folder = TempDir::new().unwrap();
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    let wanted = [
        "generate",
        "--claims",
        "6000",
        "--seed",
        "77",
        "--out",
        text(&files),
    ];
    let sets = [
        "--claims-per-set",
        "100",
        "--sets-per-file",
        "7",
        "--delimiters",
        "|>!\\n",
    ];
    run(&[&wanted[..], &sets].concat(), 0);
    let names = files_in(&files);
    assert_eq!(names.len(), 9);
    assert!(names[8].ends_with("claims-000009.837"));
    let [summary, determinations] =
        ["summary.json", "out.csv"].map(|name| folder.path().join(name));
    let outputs = ["--summary", text(&summary), "--out", text(&determinations)];
    let adjudicate = ["adjudicate", text(&files), "--plans", "fixtures/plans.toml"];
    run(&[&adjudicate[..], &outputs].concat(), 0);
    let summary = json(&summary);
    assert_eq!(summary["claims"]["read"], 6000);
    assert_eq!(summary["unrouted"]["claims"], 0);
}

#[test]
fn a_file_a_folder_and_standard_output_get_the_same_bytes() {
    let folder = TempDir::new().unwrap();
    let (file, files) = (folder.path().join("all.837"), folder.path().join("files"));
    fs::create_dir(&files).unwrap();
    let wanted = [
        "generate",
        "--claims",
        "3000",
        "--seed",
        "9",
        "--claims-per-set",
        "50",
        "--sets-per-file",
        "20",
        "--dirt",
        "0.05",
        "--out",
    ];
    run(&[&wanted[..], &[text(&file)]].concat(), 0);
    run(&[&wanted[..], &[text(&files)]].concat(), 0);
    let piped = run(&[&wanted[..], &["-"]].concat(), 0).stdout;
    let parts: Vec<u8> = files_in(&files)
        .iter()
        .flat_map(|part| fs::read(part).unwrap())
        .collect();
    assert!(fs::read(&file).unwrap() == piped && piped == parts);
    let other = run(&[&wanted[..], &["-", "--members", "77"]].concat(), 0).stdout;
    assert!(other != piped);
}

#[test]
fn what_cannot_be_generated_is_one_clear_sentence() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("claims.837");
    let (file, folder) = (text(&file), text(folder.path()));
    let missing = format!("{folder}/nowhere/");
    let beside = format!("{folder}/nowhere/claims.837");
    for (arguments, status, words) in [
        (&["--claims", "0", "--out", file][..], 2, "no claims"),
        (
            &["--claims", "9", "--out", file, "--inject", "1.5"],
            2,
            "between 0 and 1",
        ),
        (
            &["--claims", "9", "--out", file, "--inject", "0.5"],
            2,
            "at most 0.4",
        ),
        (
            &["--claims", "9", "--out", file, "--dirt", "0.6"],
            2,
            "at most 0.5",
        ),
        (
            &["--claims", "9", "--out", file, "--claims-per-set", "0"],
            2,
            "one claim at least",
        ),
        (
            &["--claims", "9", "--out", file, "--sets-per-file", "0"],
            2,
            "between 1 and 999999",
        ),
        (
            &["--claims", "9", "--out", file, "--delimiters", "**^~"],
            2,
            "punctuation",
        ),
        (
            &["--claims", "9", "--out", file, "--start", "soon"],
            2,
            "--start",
        ),
        (
            &["--claims", "9", "--out", file, "--nightly"],
            2,
            "a file for each day",
        ),
        (
            &["--claims", "9", "--out", "-", "--nightly"],
            2,
            "a file for each day",
        ),
        (&["--claims", "9", "--out", &missing], 2, "make it first"),
        (&["--claims", "9", "--out", &beside], 3, "cannot be written"),
        (
            &["--claims", "9", "--out", file, "--answers", file],
            2,
            "name two files",
        ),
        (
            &[
                "--claims",
                "9",
                "--out",
                file,
                "--start",
                "2026-04-04",
                "--days",
                "2",
            ],
            2,
            "weekend",
        ),
    ] {
        let output = run(&[&["generate"], arguments].concat(), status);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(files_in(Path::new(folder)).is_empty(), "{arguments:?}");
    }
}

/// The files of a folder with what is in them.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files_in(folder).into_iter();
    files
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn a_full_disk_leaves_nothing_under_a_final_name() {
    let folder = TempDir::new().unwrap();
    let Some(shim) = build_shim(folder.path()) else {
        return;
    };
    let yesterday = BTreeMap::from([("claims.837", b"yesterday's".to_vec())]);
    for is_folder in [false, true] {
        let mut at = 0;
        loop {
            at += 1;
            let place = TempDir::new().unwrap();
            for (name, bytes) in &yesterday {
                fs::write(place.path().join(name), bytes).unwrap();
            }
            let before = contents(place.path());
            let out = match is_folder {
                true => place.path().to_owned(),
                false => place.path().join("claims.837"),
            };
            let sets = ["--claims-per-set", "40", "--sets-per-file", "4"];
            let wanted = ["generate", "--claims", "400", "--out", text(&out)];
            let output = claimstream(&[&wanted[..], &sets].concat())
                .envs([
                    ("LD_PRELOAD", text(&shim)),
                    ("CLAIMSTREAM_FAULT", "full"),
                    ("CLAIMSTREAM_FAULT_AT", &at.to_string()),
                ])
                .output()
                .unwrap();
            match output.status.code() {
                Some(0) => break,
                Some(3) => {}
                other => panic!("call {at}: {other:?}"),
            }
            let words = String::from_utf8(output.stderr).unwrap();
            assert_eq!(words.lines().count(), 1, "call {at}: {words}");
            assert_eq!(contents(place.path()), before, "call {at}: {words}");
        }
        assert!(at > 4, "only {at} calls");
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing_under_a_final_name() {
    let place = TempDir::new().unwrap();
    let mut generating = claimstream(&[
        "generate",
        "--claims",
        "999999999",
        "--sets-per-file",
        "1",
        "--claims-per-set",
        "500",
        "--out",
        text(place.path()),
    ])
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    while files_in(place.path()).len() < 5 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let pid = generating.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(generating.wait().unwrap().code(), Some(130));
    // What has no name yet is removed as well, now or by the next command.
    let left = files_in(place.path()).into_iter();
    let mut named = left.filter(|path| path.extension().is_some());
    assert_eq!(named.next(), None);
}

/// The validator of pyx12, where it is installed.
pub(super) fn pyx12() -> Option<PathBuf> {
    let named = std::env::var_os("CLAIMSTREAM_X12VALID").map(PathBuf::from);
    let validator = named.unwrap_or_else(|| "x12valid".into());
    let found = Command::new(&validator).arg("--version").output();
    found
        .ok()
        .filter(|output| output.status.success())
        .map(|_| validator)
}

#[test]
fn pyx12_accepts_what_is_generated() {
    let Some(validator) = pyx12() else {
        eprintln!(
            "skipped: pyx12 is not installed (pip install pyx12, or set CLAIMSTREAM_X12VALID)"
        );
        return;
    };
    let folder = TempDir::new().unwrap();
    for (seed, more) in [
        ("1", &[][..]),
        ("2", &["--inject", "0.3"]),
        ("3", &["--claims-per-set", "90", "--sets-per-file", "2"]),
        (
            "4",
            &[
                "--delimiters",
                "|>!\\n",
                "--start",
                "2025-01-01",
                "--days",
                "20",
            ],
        ),
    ] {
        let name = format!("{seed}.837");
        let file = folder.path().join(&name);
        let wanted = [
            "generate",
            "--claims",
            "400",
            "--seed",
            seed,
            "--out",
            text(&file),
        ];
        run(&[&wanted[..], more].concat(), 0);
        let output = Command::new(&validator)
            .arg(&name)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains(&format!("{name}: OK")), "seed {seed}: {said}");
        let answer = fs::read_to_string(folder.path().join(format!("{name}.997"))).unwrap();
        let verdicts: Vec<&str> = answer
            .split('~')
            .map(str::trim)
            .filter(|segment| segment.starts_with("AK9") || segment.starts_with("IK5"))
            .collect();
        assert!(!verdicts.is_empty());
        assert!(
            verdicts
                .iter()
                .all(|verdict| verdict[3..].starts_with("*A")),
            "{verdicts:?}"
        );
    }
}
