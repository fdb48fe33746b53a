//! Made-up files against the engine: what was planted is what is found, number by number.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::faults::build_shim;

fn claimstream(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("claimstream"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str], status: i32) -> Output {
    let output = claimstream(arguments).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {words}");
    output
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The files of a folder, by name.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What was planted, and what the engine made of it.
struct Judged {
    answers: Value,
    summary: Value,
    determinations: Vec<Value>,
}

impl Judged {
    /// Generates to `out` and adjudicates it.
    fn new(folder: &Path, out: &Path, more: &[&str]) -> Self {
        let [answers, summary, determinations] =
            ["answers.json", "summary.json", "out.jsonl"].map(|name| folder.join(name));
        let wanted = ["generate", "--out", text(out), "--answers", text(&answers)];
        run(&[&wanted, more].concat(), 0);
        let adjudicate = ["adjudicate", text(out), "--plans", "fixtures/plans.toml"];
        let outputs = ["--summary", text(&summary), "--out", text(&determinations)];
        run(&[&adjudicate, &outputs[..], &["--all-lines"]].concat(), 1);
        let lines = fs::read_to_string(determinations).unwrap();
        Self {
            answers: json(&answers),
            summary: json(&summary),
            determinations: lines
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect(),
        }
    }

    fn planted(&self, name: &str) -> u64 {
        self.answers[name].as_u64().unwrap()
    }

    fn dirt(&self, names: &[&str]) -> u64 {
        let of = |name: &&str| self.answers["dirt"][name].as_u64().unwrap();
        names.iter().map(of).sum()
    }

    /// How many lines a rule decided.
    fn decided(&self, rule: &str) -> u64 {
        let rules = self.summary["rules"].as_array().unwrap().iter();
        let of_rule = rules.filter(|count| count["rule"] == rule);
        of_rule.map(|count| count["lines"].as_u64().unwrap()).sum()
    }

    fn procedures(&self, codes: &[&str]) -> u64 {
        let lines = self.determinations.iter();
        let of_code = lines.filter(|line| codes.contains(&line["procedure"].as_str().unwrap()));
        of_code.count() as u64
    }

    fn check(&self) {
        for kind in self.answers["dirt"].as_object().unwrap() {
            assert!(kind.1.as_u64().unwrap() > 0, "{} is not planted", kind.0);
        }
        let summary = |path: &str| self.summary.pointer(path).unwrap().as_u64().unwrap();
        let original = self.dirt(&[
            "void",
            "void-by-claim-control-number",
            "replacement",
            "replacement-by-claim-control-number",
        ]);
        let dates = self.dirt(&["service-date-missing", "service-date-impossible"]);
        let without_effect = self.summary["voids_without_effect"].as_array().unwrap();
        for (name, found, planted) in [
            ("bytes", summary("/bytes"), self.planted("bytes")),
            (
                "interchanges",
                summary("/interchanges/read"),
                self.planted("interchanges"),
            ),
            (
                "sets",
                summary("/transaction_sets/read"),
                self.planted("transaction_sets"),
            ),
            ("claims", summary("/claims/read"), self.planted("claims")),
            ("lines", summary("/lines/read"), self.planted("lines")),
            ("refused", summary("/claims/refused"), 0),
            (
                "rejected",
                summary("/claims/rejected"),
                self.planted("unreadable_claims"),
            ),
            (
                "rejected lines",
                summary("/lines/rejected"),
                self.planted("unreadable_lines"),
            ),
            ("taken back", summary("/claims/taken_back"), original),
            (
                "unrouted",
                summary("/unrouted/claims"),
                self.dirt(&["payer-unknown"]),
            ),
            (
                "voids",
                without_effect.len() as u64,
                self.dirt(&["void-without-original"]),
            ),
            (
                "members",
                self.decided("member-unidentified"),
                self.dirt(&["member-id-missing"]),
            ),
            ("dates", self.decided("service-date-invalid"), dates),
            (
                "ranges",
                self.decided("date-range"),
                self.dirt(&["service-date-range"]),
            ),
            (
                "after billing",
                self.decided("billing-predates-service"),
                self.dirt(&["service-after-billing"]),
            ),
            (
                "pointers",
                self.decided("diagnosis-pointer-invalid"),
                self.dirt(&["diagnosis-pointer-nowhere"]),
            ),
            (
                "units",
                self.decided("units-invalid"),
                self.dirt(&["units-zero"]),
            ),
        ] {
            assert_eq!(found, planted, "{name}");
        }
        self.check_lines();
    }

    /// The lines that can be read; each unreadable claim is one injection.
    fn check_lines(&self) {
        let readable = self.planted("lines") - self.planted("unreadable_lines");
        assert_eq!(self.determinations.len() as u64, readable);
        let injections = self.planted("injection_lines") - self.planted("unreadable_lines");
        assert_eq!(self.procedures(&["20552", "20553"]), injections);
        assert_eq!(self.procedures(&["76942"]), self.planted("guidance_lines"));
        let visits = [
            "99202", "99203", "99204", "99211", "99212", "99213", "99214", "99215",
        ];
        assert_eq!(self.procedures(&visits), self.planted("office_visit_lines"));
        let charges = self.determinations.iter().map(|line| {
            let charge = line["charge"].as_str().unwrap();
            charge.replace('.', "").parse::<u64>().unwrap()
        });
        let charges: u64 = charges.sum();
        assert_eq!(
            self.answers["charges"],
            format!("{}.{:02}", charges / 100, charges % 100)
        );
        let members: BTreeSet<&str> = self
            .determinations
            .iter()
            .map(|line| line["member"].as_str().unwrap())
            .collect();
        assert!(members.len() as u64 <= self.planted("members"));
    }
}

/// A claim as far as it tells whether it comes late or again.
#[derive(Default)]
struct Claim {
    frequency: String,
    /// Member, patient, billing provider, and all that is billed.
    content: String,
    service: Option<chrono::NaiveDate>,
}

/// What stands in files, read without the engine.
#[derive(Default)]
struct Seen {
    dependents: u64,
    secondary: u64,
    late: u64,
    again: u64,
    contents: BTreeSet<String>,
}

impl Seen {
    fn read(files: &[PathBuf]) -> Self {
        let mut seen = Self::default();
        for file in files {
            seen.read_file(&fs::read_to_string(file).unwrap());
        }
        seen
    }

    fn read_file(&mut self, file: &str) {
        let day = |text: &str| chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok();
        let (mut provider, mut person, mut billed) = (String::new(), String::new(), None);
        let (mut claim, mut is_claim) = (Claim::default(), false);
        for segment in file.split_terminator("~\n") {
            let elements: Vec<&str> = segment.split('*').collect();
            if is_claim && matches!(elements[0], "HL" | "SE") {
                self.claim(std::mem::take(&mut claim), billed);
                is_claim = false;
            }
            match elements.as_slice() {
                ["GS", _, _, _, date, ..] => billed = day(date),
                ["NM1", "85", ..] => provider = segment.to_owned(),
                ["HL", _, _, "22", _] => person.clear(),
                ["HL", _, _, "23", _] => self.dependents += 1,
                ["SBR", "S", ..] => self.secondary += 1,
                ["NM1", "IL" | "QC", ..] if !is_claim => person += segment,
                ["CLM", _, _, _, _, place, ..] => {
                    is_claim = true;
                    claim.frequency = place[place.len() - 1..].to_owned();
                    claim.content = format!("{provider}{person}");
                }
                ["DTP", "472", _, date, ..] => {
                    claim.content += date;
                    claim.service = date.get(..8).and_then(day);
                }
                // Numbers of its own do not tell a claim from one that was billed before.
                ["REF" | "SE" | "GE" | "IEA", ..] => {}
                _ if is_claim => claim.content += segment,
                _ => {}
            }
        }
    }

    fn claim(&mut self, claim: Claim, billed: Option<chrono::NaiveDate>) {
        if claim.frequency != "1" {
            return;
        }
        let days = claim
            .service
            .zip(billed)
            .map(|(service, billed)| (billed - service).num_days());
        if !self.contents.insert(claim.content) {
            self.again += 1;
        } else if days.is_some_and(|days| days > 1) {
            self.late += 1;
        }
    }
}

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
fn pyx12() -> Option<PathBuf> {
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
