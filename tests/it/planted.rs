//! What was planted in made-up files, and what is found in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(super) fn claimstream(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("claimstream"));
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(super) fn run(arguments: &[&str], status: i32) -> Output {
    let output = claimstream(arguments).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {words}");
    output
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(super) fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The files of a folder, by name.
pub(super) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What was planted, and what the engine made of it.
pub(super) struct Judged {
    answers: Value,
    summary: Value,
    determinations: Vec<Value>,
}

impl Judged {
    /// Generates to `out` and adjudicates it.
    pub(super) fn new(folder: &Path, out: &Path, more: &[&str]) -> Self {
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

    pub(super) fn planted(&self, name: &str) -> u64 {
        self.answers[name].as_u64().unwrap()
    }

    pub(super) fn dirt(&self, names: &[&str]) -> u64 {
        let of = |name: &&str| self.answers["dirt"][name].as_u64().unwrap();
        names.iter().map(of).sum()
    }

    /// How many lines a rule decided.
    pub(super) fn decided(&self, rule: &str) -> u64 {
        let rules = self.summary["rules"].as_array().unwrap().iter();
        let of_rule = rules.filter(|count| count["rule"] == rule);
        of_rule.map(|count| count["lines"].as_u64().unwrap()).sum()
    }

    fn procedures(&self, codes: &[&str]) -> u64 {
        let lines = self.determinations.iter();
        let of_code = lines.filter(|line| codes.contains(&line["procedure"].as_str().unwrap()));
        of_code.count() as u64
    }

    pub(super) fn check(&self) {
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
pub(super) struct Seen {
    pub(super) dependents: u64,
    pub(super) secondary: u64,
    pub(super) late: u64,
    pub(super) again: u64,
    contents: BTreeSet<String>,
}

impl Seen {
    pub(super) fn read(files: &[PathBuf]) -> Self {
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
