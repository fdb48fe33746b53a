//! The command line: help, exit statuses, files that appear whole or not at all.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

fn claimstream(arguments: &[&str]) -> Output {
    Command::cargo_bin("claimstream")
        .unwrap()
        .args(arguments)
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

const OVERNIGHT: &str = "fixtures/overnight.837";
const DAMAGED: &str = "fixtures/defects/claim_charge_invalid.837";
const CLEAN: &str = "fixtures/defects/nothing_wrong.837";

#[test]
fn every_command_has_help_with_an_example() {
    assert!(String::from_utf8_lossy(&claimstream(&["--help"]).stdout).contains("Exit status:"));
    for command in [
        "adjudicate",
        "validate",
        "explain",
        "generate",
        "policies",
        "remit",
        "completions",
    ] {
        let output = claimstream(&[command, "--help"]);
        assert_eq!(status(&output), 0);
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("Example"),
            "{command}"
        );
    }
    assert!(String::from_utf8_lossy(&claimstream(&["policies"]).stdout).contains("cigna-0139"));
    assert!(!claimstream(&["completions", "bash"]).stdout.is_empty());
}

#[test]
fn exit_statuses_say_how_it_went() {
    for (arguments, expected) in [
        (&["adjudicate", CLEAN][..], 0),
        (&["adjudicate", OVERNIGHT], 0),
        (&["adjudicate", DAMAGED], 1),
        (&["adjudicate", "fixtures/defects/image.png"], 1),
        (&["adjudicate"], 2),
        (&["adjudicate", CLEAN, "--threads", "0"], 2),
        (&["adjudicate", CLEAN, "--plans", "nowhere.toml"], 2),
        (&["adjudicate", CLEAN, "--facts", "nowhere.jsonl"], 2),
        (&["adjudicate", CLEAN, "--policy", "nobody"], 2),
        (
            &[
                "adjudicate",
                CLEAN,
                "--policy",
                "cigna-0139",
                "--plans",
                "fixtures/plans.toml",
            ],
            2,
        ),
        (&["adjudicate", CLEAN, "--out", "out"], 2),
        (&["adjudicate", CLEAN, "--errors", "fixtures"], 2),
        (&["adjudicate", "nowhere.837"], 3),
        (
            &["adjudicate", CLEAN, "--summary", "nowhere/summary.json"],
            3,
        ),
    ] {
        let output = claimstream(arguments);
        assert_eq!(
            status(&output),
            expected,
            "{arguments:?}\n{}",
            words(&output)
        );
        if expected > 1 {
            assert!(
                !words(&output).is_empty() && output.stdout.is_empty(),
                "{arguments:?}"
            );
        }
    }
}

#[test]
fn bad_input_gets_one_clear_sentence() {
    let folder = TempDir::new().unwrap();
    let gzip = folder.path().join("cut.837.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&fs::read(OVERNIGHT).unwrap()).unwrap();
    let whole = encoder.finish().unwrap();
    fs::write(&gzip, &whole[..whole.len() / 2]).unwrap();
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    for (input, sentence) in [
        (
            gzip.to_str().unwrap(),
            "compression is damaged or cut short",
        ),
        (empty.to_str().unwrap(), "this folder holds no files"),
        ("nowhere.837", "nowhere.837: cannot be opened"),
    ] {
        let output = claimstream(&["adjudicate", input]);
        let words = words(&output);
        assert_eq!(status(&output), 3, "{words}");
        assert!(
            words.contains(sentence) && words.trim_end().lines().count() == 1,
            "{words}"
        );
    }
}

#[cfg(not(feature = "parquet"))]
#[test]
fn a_build_without_parquet_says_how_to_come_by_one_with_it() {
    let output = claimstream(&["adjudicate", CLEAN, "--out", "out.parquet"]);
    assert_eq!(status(&output), 2);
    let told = "out.parquet: this build writes no Parquet; name a file ending in .jsonl or .csv, \
        or build with `cargo build --release --features parquet`\n";
    assert_eq!(words(&output), format!("claimstream: {told}"));
}

#[test]
fn outputs_have_mode_0600_and_nothing_else_is_left() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let outputs = [
        "out.jsonl",
        "pends.csv",
        "errors.jsonl",
        "summary.json",
        "night.html",
    ]
    .map(path);
    let [out, pends, errors, summary, report] = &outputs;
    let output = claimstream(&[
        "adjudicate",
        DAMAGED,
        "--out",
        out,
        "--pends",
        pends,
        "--errors",
        errors,
        "--summary",
        summary,
        "--report",
        report,
    ]);
    assert_eq!(status(&output), 1);
    for output in &outputs {
        assert_eq!(
            fs::metadata(output).unwrap().permissions().mode() & 0o777,
            0o600,
            "{output}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), outputs.len());
    let error: serde_json::Value =
        serde_json::from_str(fs::read_to_string(errors).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(error["code"], "claim-charge-invalid");
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!(summary["claims"]["read"], 4);
}

#[test]
fn a_run_that_fails_keeps_what_was_there() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out.jsonl");
    fs::write(&out, "yesterday's").unwrap();
    let missing = folder.path().join("nowhere/summary.json");
    let output = claimstream(&[
        "adjudicate",
        OVERNIGHT,
        "--out",
        out.to_str().unwrap(),
        "--summary",
        missing.to_str().unwrap(),
    ]);
    assert_eq!(status(&output), 3);
    assert_eq!(fs::read_to_string(&out).unwrap(), "yesterday's");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_output_is_no_input_and_no_other_output() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("a.jsonl");
    fs::copy(OVERNIGHT, &input).unwrap();
    let input = input.to_str().unwrap();
    assert_eq!(
        status(&claimstream(&["adjudicate", input, "--out", input])),
        2
    );
    let twice = folder.path().join("b.csv");
    let twice = twice.to_str().unwrap();
    assert_eq!(
        status(&claimstream(&[
            "adjudicate",
            OVERNIGHT,
            "--out",
            twice,
            "--pends",
            twice
        ])),
        2
    );
    assert!(!Path::new(twice).exists());
}

#[test]
fn pipes_folders_and_compressed_files_give_the_same_decisions() {
    let folder = TempDir::new().unwrap();
    let bytes = fs::read(OVERNIGHT).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&bytes).unwrap();
    fs::write(folder.path().join("a.gz"), gzip.finish().unwrap()).unwrap();
    fs::write(
        folder.path().join("b.zst"),
        zstd::encode_all(&bytes[..], 3).unwrap(),
    )
    .unwrap();
    let without_file = |output: Output| {
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| line.split_once(',').unwrap().1.to_owned())
            .collect::<Vec<_>>()
    };
    let expected = without_file(claimstream(&["adjudicate", OVERNIGHT]));
    assert!(!expected.is_empty());
    for name in ["a.gz", "b.zst"] {
        let path = folder.path().join(name);
        assert_eq!(
            without_file(claimstream(&["adjudicate", path.to_str().unwrap()])),
            expected,
            "{name}"
        );
    }
    let mut piped = Command::cargo_bin("claimstream").unwrap();
    let output = piped
        .args(["adjudicate", "-"])
        .write_stdin(bytes)
        .output()
        .unwrap();
    assert_eq!(without_file(output), expected);
    // Both files hold the same interchange: the second is refused.
    let output = claimstream(&["adjudicate", folder.path().to_str().unwrap()]);
    assert!(words(&output).contains("interchange-duplicate"));
    assert_eq!(without_file(output), expected);
}

#[test]
fn claims_without_a_plan_are_told_with_the_way_to_route_them() {
    let folder = TempDir::new().unwrap();
    let plans = folder.path().join("plans.toml");
    fs::write(
        &plans,
        "[[plan]]\nid = \"x\"\npayer_ids = [\"00000\"]\npolicy = \"cigna-0139\"\n",
    )
    .unwrap();
    let words = words(&claimstream(&[
        "adjudicate",
        OVERNIGHT,
        "--plans",
        plans.to_str().unwrap(),
    ]));
    assert!(words.contains("No claim matched a plan"), "{words}");
    assert!(
        words.contains("62308 (51)") && words.contains("[[plan]]"),
        "{words}"
    );
}

#[test]
fn every_line_is_written_when_every_line_is_asked_for() {
    let lines = |more: &[&str]| {
        let output = claimstream(&[&["adjudicate", OVERNIGHT][..], more].concat());
        String::from_utf8(output.stdout).unwrap().lines().count()
    };
    assert!(lines(&[]) < lines(&["--all-lines"]));
    assert_eq!(lines(&["--all-lines"]), 81);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_clear_sentence() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("claimstream"))
        .args(["adjudicate", OVERNIGHT])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(status(&output), 3);
    assert!(
        words(&output).contains("standard output cannot be written"),
        "{}",
        words(&output)
    );
}

#[test]
fn a_folder_inside_a_folder_is_told() {
    let folder = TempDir::new().unwrap();
    fs::copy(CLEAN, folder.path().join("a.837")).unwrap();
    fs::create_dir(folder.path().join("older")).unwrap();
    let output = claimstream(&["adjudicate", folder.path().to_str().unwrap()]);
    assert_eq!(status(&output), 0);
    assert!(
        words(&output).contains("older: no regular file, and passed over"),
        "{}",
        words(&output)
    );
}
