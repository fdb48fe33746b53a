//! Claims that memory does not hold: the same bytes, and nothing left behind.

use std::fs;
use std::path::{Path, PathBuf};

use claimstream::adjudicate::adjudicate;
use claimstream::intake::{Beside, ReadOptions, list_inputs, read, read_with};
use claimstream::output::{Pends, Run};
use claimstream::overflow::{KeptClaims, OverflowError};
use claimstream::policy::{FactsTable, Members, Plans};
use claimstream::timeline::Batch;
use tempfile::TempDir;

use super::planted::{claimstream, run, text};
use super::reading::Heard;

const OUTPUTS: [(&str, &str); 4] = [
    ("--out", "out.jsonl"),
    ("--pends", "queue.csv"),
    ("--errors", "errors.jsonl"),
    ("--summary", "summary.json"),
];

/// Files of claims with all that can be wrong with them; the last one is cut inside a claim.
fn inputs(folder: &Path) -> Vec<String> {
    let mut inputs = Vec::new();
    for (seed, name) in ["a.837", "b.837", "c.837"].into_iter().enumerate() {
        let path = folder.join(name);
        let seed = seed.to_string();
        let arguments = [
            "generate",
            "--claims",
            "6000",
            "--dirt",
            "0.15",
            "--inject",
            "0.4",
            "--seed",
            &seed,
            "--claims-per-set",
            "2500",
            "--out",
        ];
        run(&[&arguments[..], &[text(&path)]].concat(), 0);
        inputs.push(text(&path).to_owned());
    }
    let bytes = fs::read(&inputs[2]).unwrap();
    fs::write(&inputs[2], &bytes[..bytes.len() * 4 / 5]).unwrap();
    inputs
}

/// The governed lines of files.
fn read_all(paths: &[PathBuf], plans: &Plans) -> Batch {
    let options = ReadOptions {
        plans,
        members: &Members::default(),
        all_lines: false,
        lenient_envelope: true,
        strict: false,
        checks: None,
    };
    let inputs = list_inputs(paths).unwrap().list;
    read(&inputs, options, &mut Heard::default()).unwrap().batch
}

/// What a run writes, without what it says of the time that it took.
fn written(folder: &Path, inputs: &[String], more: &[&str]) -> Vec<String> {
    let paths = OUTPUTS.map(|(_, name)| folder.join(name));
    let mut arguments = vec!["adjudicate", "--plans", "fixtures/plans.toml"];
    arguments.extend(inputs.iter().map(String::as_str));
    for ((option, _), path) in OUTPUTS.iter().zip(&paths) {
        arguments.extend([option, text(path)]);
    }
    arguments.extend(more);
    run(&arguments, 1);
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let is_timed = |line: &&str| line.contains("\"seconds\"") || line.contains("per_second");
        text.lines()
            .filter(|line| !is_timed(line))
            .map(|line| format!("{line}\n"))
            .collect()
    };
    paths.iter().map(read).collect()
}

#[test]
fn a_memory_limit_changes_no_byte_of_what_is_written() {
    let folder = TempDir::new().unwrap();
    let inputs = inputs(folder.path());
    for more in [
        &[][..],
        &["--lenient-envelope"],
        &["--all-lines", "--threads", "1"],
    ] {
        let out = TempDir::new().unwrap();
        let expected = written(out.path(), &inputs, more);
        assert!(expected[0].contains("\"decision\":\"reverse\""));
        assert!(
            expected[1].lines().count() > 100,
            "{} pended",
            expected[1].lines().count()
        );
        let limited = written(
            out.path(),
            &inputs,
            &[more, &["--memory-limit", "1MiB"]].concat(),
        );
        for ((_, name), (expected, limited)) in OUTPUTS.iter().zip(expected.iter().zip(&limited)) {
            assert!(expected == limited, "{name} differs with {more:?}");
        }
        assert_eq!(fs::read_dir(out.path()).unwrap().count(), OUTPUTS.len());
    }
}

#[test]
fn claims_beyond_the_limit_are_kept_in_files_and_come_back_in_order() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = inputs(folder.path())
        .into_iter()
        .map(PathBuf::from)
        .collect();
    let (plans, members) = (Plans::embedded().unwrap(), Members::default());
    let options = ReadOptions {
        plans: &plans,
        members: &members,
        all_lines: true,
        lenient_envelope: true,
        strict: false,
        checks: None,
    };
    let inputs = list_inputs(&paths).unwrap().list;
    let whole = read(&inputs, options, &mut Heard::default()).unwrap().batch;
    let mut kept = KeptClaims::new(folder.path(), 1);
    let beside = Beside {
        overflow: Some(&mut kept),
        ..Beside::default()
    };
    let last = read_with(&inputs, options, beside, &mut Heard::default())
        .unwrap()
        .batch;
    assert!(!kept.is_empty() && last.lines.len() * 3 < whole.lines.len());
    let facts = FactsTable::default();
    let expected = adjudicate(&whole, &plans, &facts).verdicts;
    let mut expected = expected
        .iter()
        .map(|judged| (judged.verdict.decision, judged.reasons.to_vec()));
    let mut judged = kept.judge(last, &plans, &facts).unwrap();
    let mut parts = 0;
    let visited = judged.visit(|_, adjudication| -> Result<(), OverflowError> {
        parts += 1;
        for judged in adjudication.verdicts.iter() {
            let decided = (judged.verdict.decision, judged.reasons.to_vec());
            assert_eq!(Some(decided), expected.next());
        }
        Ok(())
    });
    visited.unwrap();
    assert!(parts > 2 && expected.next().is_none());
}

#[test]
fn the_work_queue_is_the_same_from_memory_and_from_a_file() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = inputs(folder.path())
        .into_iter()
        .map(PathBuf::from)
        .collect();
    let plans = Plans::embedded().unwrap();
    let batch = read_all(&paths[..1], &plans);
    let adjudication = adjudicate(&batch, &plans, &FactsTable::default());
    let run = Run {
        batch: &batch,
        plans: &plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut written = [
        Pends::default(),
        Pends::within(2000, folder.path()).unwrap(),
    ]
    .map(|mut pends| {
        for determination in run.determinations(0..batch.claims.len(), false) {
            pends.add(&determination).unwrap();
        }
        let mut out = Vec::new();
        pends.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    });
    let [in_memory, from_file] = &mut written;
    assert!(in_memory.lines().count() > 50);
    assert_eq!(in_memory, from_file);
}

#[test]
fn columns_are_named_though_every_claim_is_refused_in_the_end() {
    let folder = TempDir::new().unwrap();
    let (input, out) = (folder.path().join("a.837"), folder.path().join("out.csv"));
    let generate = [
        "generate",
        "--claims",
        "20000",
        "--inject",
        "0.4",
        "--claims-per-set",
        "20000",
        "--out",
    ];
    run(&[&generate[..], &[text(&input)]].concat(), 0);
    let claims = fs::read_to_string(&input)
        .unwrap()
        .replace("\nSE*", "\nSE*9");
    fs::write(&input, claims).unwrap();
    let mut written = [&[][..], &["--memory-limit", "1B"]].map(|more| {
        let arguments = ["adjudicate", text(&input), "--out", text(&out)];
        run(&[&arguments[..], more].concat(), 1);
        fs::read_to_string(&out).unwrap()
    });
    let [whole, limited] = &mut written;
    assert!(whole.starts_with("file,") && whole.lines().count() == 1);
    assert_eq!(whole, limited);
}

#[test]
fn a_memory_limit_is_a_size_and_goes_with_no_history() {
    for (arguments, words) in [
        (
            ["--memory-limit", "much"].as_slice(),
            "invalid value 'much'",
        ),
        (
            &["--memory-limit", "1GiB", "--history", "h"],
            "cannot be used with",
        ),
    ] {
        let arguments = [&["adjudicate", "fixtures/overnight.837"], arguments].concat();
        let output = claimstream(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(words), "{told}");
    }
}
