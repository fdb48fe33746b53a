//! `compare --history`: both sides are judged after what a history holds, as if it had never
//! seen the inputs, and the history stays as it is.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use ::claimstream::history::{History, RunKind, SqliteHistory};
use serde_json::Value;

use super::compare::eight;
use super::nights::night;
use super::place::{Place, claimstream, said, status, words};
use super::planted::json as read_json;

/// A plans file: one plan, in which a replacement whose original is not found pends.
const PLANS: &str = "[[plan]]\nid = \"cigna-0139\"\npayer_ids = [\"62308\"]\npolicy = \"cigna-0139\"\n\
                     unknown_original = \"pend\"\n";

/// Plans of the same name under which every line of 2025 pends: no version is in force.
const NOTHING_IN_FORCE: &str = "[[plan]]\nid = \"cigna-0139\"\npayer_ids = [\"62308\"]\n\
                                policy = \"late.toml\"\n";

/// Plans under which everything pends.
fn late(place: &Place) -> String {
    let policy = fs::read_to_string("policies/cigna-0139.toml").unwrap();
    let later = policy.replace("2024-11-01", "2099-01-01");
    assert_ne!(policy, later);
    place.write("late.toml", later);
    place.write("late-plans.toml", NOTHING_IN_FORCE)
}

/// Three nights of two members; the third takes back what the first two brought.
fn nights(place: &Place) -> [String; 3] {
    [
        night(
            1,
            &[
                ("U1", "A1", "2025-01-06", "20552"),
                ("U2", "B1", "2025-02-03", "20552"),
            ],
        ),
        night(
            2,
            &[
                ("U1", "A2", "2025-01-13", "20552"),
                ("U2", "B2", "2025-02-12", "20552"),
            ],
        ),
        night(
            3,
            &[
                ("U1", "A3", "2025-01-20", "20552"),
                ("U1", "A4", "2025-01-22", "20552"),
                ("U2", "B1R 7 B1", "2025-02-04", "20552"),
                ("U2", "B3", "2025-02-13", "20552"),
            ],
        ),
    ]
    .map(|text| {
        let number = text.split("GE*1*1~IEA*1*").nth(1).unwrap()[8..9].to_owned();
        place.write(&format!("{number}.837"), text)
    })
}

/// What a line was decided as: CLM01, the decision, why.
type Decided = (String, String, String);

fn decided(line: &Value, decision: &str, reasons: &str) -> Decided {
    let of = |name: &str| line[name].as_str().unwrap().to_owned();
    (of("claim"), of(decision), reasons.to_owned())
}

fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What the base decides about every line, beside a side on which everything pends.
fn base_of(place: &Place, file: &str, more: &[&str]) -> (Vec<Decided>, Value) {
    let (out, summary) = (place.path("changed.jsonl"), place.path("summary.json"));
    let (plans, late) = (place.write("plans.toml", PLANS), late(place));
    let history = place.history();
    let sides = ["compare", file, "--base", &plans, "--with", &late];
    let outputs = ["--out", &out, "--summary", &summary, "--history", &history];
    let output = claimstream(&[&sides, &outputs[..], more].concat());
    assert_eq!(status(&output), 0, "{}", words(&output));
    let lines = lines(&out);
    let base = lines.iter().map(|line| {
        decided(
            line,
            "base_decision",
            line["base_reasons"].as_str().unwrap(),
        )
    });
    (base.collect(), read_json(Path::new(&summary)))
}

/// What a run decided about its governed lines.
fn adjudicated(path: &str) -> Vec<Decided> {
    let lines = lines(path);
    let own = lines.iter().filter(|line| line["decision"] != "reverse");
    own.map(|line| {
        let reasons = line["reasons"].as_array().unwrap().iter();
        let deciding = reasons.filter(|reason| reason["decision"] == line["decision"]);
        let texts: Vec<&str> = deciding
            .map(|reason| reason["text"].as_str().unwrap())
            .collect();
        decided(line, "decision", &texts.join("; "))
    })
    .collect()
}

/// The nights that are given, each in a run of its own.
fn run_nights(place: &Place, files: &[&String]) -> String {
    let plans = place.write("plans.toml", PLANS);
    let out = place.path("decided.jsonl");
    for file in files {
        let output = place.adjudicate(&[file.as_str(), "--plans", &plans, "--out", &out]);
        assert_eq!(status(&output), 0, "{}", words(&output));
    }
    out
}

#[test]
fn the_words_say_what_was_compared_what_changes_and_what_of_the_history_is_judged_again() {
    let place = Place::new();
    let [one, two, three] = nights(&place);
    run_nights(&place, &[&one, &two, &three]);
    let (plans, late, history) = (place.path("plans.toml"), late(&place), place.history());
    let sides = ["--base", &plans, "--with", &late, "--history", &history];
    let output = claimstream(&[&["compare", &two, &three], &sides[..]].concat());
    assert_eq!(status(&output), 0);
    let digest = |line: &str| {
        // Twelve digits of a digest stand at the end, or before the claims.
        let words = line.split(' ').map(|word| {
            let hex = word.trim_end_matches(';');
            let is_digest = hex.len() == 12 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_digest {
                word.replace(hex, "DIGEST")
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let folder = format!("{}/", place.0.path().display());
    let told = said(&output).replace(&folder, "");
    let told: Vec<String> = told.lines().map(digest).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    claimstream 0.1.0: nothing is recorded or paid

    base  plans.toml  DIGEST
          plan cigna-0139: cigna-0139 "Trigger Point Injections", in force from 2024-11-01, DIGEST; 6 claims
    with  late-plans.toml  DIGEST
          plan cigna-0139: cigna-0139 "Trigger Point Injections", in force from 2099-01-01, DIGEST; 6 claims
    what is different
          plan cigna-0139: other choices of what pends
          plan cigna-0139: other effective dates

    6 claims and 6 lines read; 6 claims with 6 lines compared

                             lines                           charge                          allowed
                   base       with             base            with             base            with
    pay               4          0           400.00            0.00           400.00            0.00
    pend              0          6             0.00          600.00             0.00            0.00
    deny              2          0           200.00            0.00             0.00            0.00
    judged            6          6           600.00          600.00           400.00            0.00

    6 decisions change (6 claims, 2 members): -400.00 allowed
                                  lines           charge          allowed
    pay -> pend                       4           400.00          -400.00
    deny -> pend                      2           200.00             0.00
    unchanged                         0

    decided by                       base      with  no longer         allowed     newly         allowed
    pend policy-not-in-force            0         6          0            0.00         6         -400.00
    deny min-interval                   2         0          2            0.00         0            0.00

    billing provider              lines           charge          allowed   members    of lines
    1234567893                        6           600.00          -400.00         2           6
    0 providers without a change

    both judged after h.history, which stays as it is
    2.837: adjudicated before, by run 2; judged again, in place of what it was
    3.837: adjudicated before, by run 3; judged again, in place of what it was
    6 claims of the history set aside, 1 claim that they had taken back restored

    --out FILE.csv writes every changed line
    "#);
}

#[test]
fn a_night_of_the_history_is_judged_again_as_if_it_had_never_come() {
    let place = Place::new();
    let [one, two, three] = nights(&place);
    let out = run_nights(&place, &[&one, &two, &three]);
    let (base, summary) = base_of(&place, &three, &[]);
    // The last night again: what the history decided then.
    assert_eq!(base, adjudicated(&out));
    let words: Vec<(&str, &str)> = base.iter().map(|line| (&*line.0, &*line.1)).collect();
    assert_eq!(
        words,
        [
            ("A3", "pay"),
            ("A4", "deny"),
            ("B1R", "pay"),
            ("B3", "deny")
        ]
    );
    let history = &summary["history"];
    assert_eq!(history["judged_again"][0]["run"], 3);
    assert_eq!(history["claims_taken_out"], 4);
    assert_eq!(history["claims_restored"], 1);
}

#[test]
fn a_night_that_came_before_others_is_judged_after_what_is_left() {
    let place = Place::new();
    let [one, two, _] = nights(&place);
    run_nights(&place, &[&one, &two]);
    let (base, summary) = base_of(&place, &one, &[]);
    assert_eq!(summary["history"]["claims_taken_out"], 2);
    // The same night after a history that had the other alone.
    let other = Place::new();
    let [other_one, other_two, _] = nights(&other);
    let out = run_nights(&other, &[&other_two, &other_one]);
    assert_eq!(base, adjudicated(&out));
}

#[test]
fn all_nights_of_a_history_are_judged_again_as_if_it_were_new() {
    let place = Place::new();
    let [one, two, three] = nights(&place);
    run_nights(&place, &[&one, &two, &three]);
    let (two, three) = (two.as_str(), three.as_str());
    let (base, summary) = base_of(&place, &one, &[two, three]);
    assert_eq!(summary["history"]["claims_taken_out"], 8);
    assert_eq!(summary["warnings"], serde_json::json!([]));
    let (plans, out) = (place.path("plans.toml"), place.path("fresh.jsonl"));
    let given = [
        "adjudicate",
        &one,
        two,
        three,
        "--plans",
        &plans,
        "--out",
        &out,
    ];
    assert_eq!(status(&claimstream(&given)), 0);
    assert_eq!(base, adjudicated(&out));
}

#[test]
fn claims_that_other_files_took_back_are_warned_of() {
    let place = Place::new();
    let [one, two, three] = nights(&place);
    run_nights(&place, &[&one, &two, &three]);
    let (_, summary) = base_of(&place, &one, &[&two]);
    let warning = summary["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("1 claim of the inputs was taken back by a claim of another file"),
        "{warning}"
    );
}

#[test]
fn several_such_claims_are_told_in_the_plural() {
    let place = Place::new();
    let originals = [
        ("U1", "A1", "2025-01-06", "20552"),
        ("U2", "B1", "2025-02-03", "20552"),
    ];
    let replaced = [
        ("U1", "A1R 7 A1", "2025-01-07", "20552"),
        ("U2", "B1R 7 B1", "2025-02-04", "20552"),
    ];
    let one = place.write("one.837", night(1, &originals));
    let two = place.write("two.837", night(2, &replaced));
    run_nights(&place, &[&one, &two]);
    let (_, summary) = base_of(&place, &one, &[]);
    assert_eq!(
        summary["warnings"][0].as_str().unwrap(),
        "2 claims of the inputs were taken back by claims of other files, and stand here; \
         give those files too, so that both sides take the claims back"
    );
}

#[test]
fn a_night_that_is_new_is_judged_after_the_history_on_both_sides() {
    let place = Place::new();
    let [one, two, three] = nights(&place);
    run_nights(&place, &[&one, &two]);
    let (base, summary) = base_of(&place, &three, &[]);
    assert_eq!(summary["history"]["judged_again"], serde_json::json!([]));
    let out = run_nights(&place, &[&three]);
    assert_eq!(base, adjudicated(&out));
}

#[test]
fn the_history_is_the_same_afterwards_and_nothing_is_left_beside_it() {
    let place = Place::new();
    let files = nights(&place);
    run_nights(&place, &files.each_ref());
    let history = place.history();
    let apart = Place::new();
    let kept = apart.path("kept.history");
    fs::copy(&history, &kept).unwrap();
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o400)).unwrap();
    let folder = apart.0.path().to_owned();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    let before = (
        fs::read(&kept).unwrap(),
        fs::metadata(&kept).unwrap().modified().unwrap(),
    );
    let eight = eight(place.0.path());
    let copies = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(super::place::binary());
    command.env("TMPDIR", copies.path());
    command.args([
        "compare",
        "--base",
        "cigna-0139",
        "--with",
        &eight,
        "--history",
        &kept,
    ]);
    let output = command.args(&files).output().unwrap();
    assert_eq!(status(&output), 0, "{}", words(&output));
    let told = said(&output);
    assert!(
        told.contains("judged again, in place of what it was"),
        "{told}"
    );
    assert!(told.contains("8 claims of the history set aside"), "{told}");
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 0);
    let after = (
        fs::read(&kept).unwrap(),
        fs::metadata(&kept).unwrap().modified().unwrap(),
    );
    assert!(before == after);
    let names = fs::read_dir(&folder).unwrap();
    assert_eq!(names.count(), 1);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
}

/// More changed lines than a pipe holds keep the process waiting while it is looked at, and killed.
#[test]
fn a_killed_process_leaves_nothing_of_the_copy() {
    let place = Place::new();
    run_nights(&place, &[&nights(&place)[0]]);
    let members: Vec<String> = (0..500).map(|number| format!("M{number}")).collect();
    let lines = members
        .iter()
        .map(|member| (&**member, &**member, "2025-03-03", "20552"));
    let many = place.write("many.837", night(9, &lines.collect::<Vec<_>>()));
    let plans = place.write("plans.toml", PLANS);
    let copies = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(super::place::binary());
    command.env("TMPDIR", copies.path());
    command.args(["compare", &many, "--base", &plans, "--with", &late(&place)]);
    command.args(["--history", &place.history(), "--out", "-"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut first = [0];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None);
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 0);
}

#[test]
fn an_interchange_of_another_file_is_refused_as_in_any_run() {
    let place = Place::new();
    let [one, two, _] = nights(&place);
    run_nights(&place, &[&one, &two]);
    let again = place.write("again.837", night(1, &[("U9", "Z", "2025-03-03", "20552")]));
    let history = place.history();
    let sides = ["--base", "cigna-0139", "--with", "cigna-0139"];
    let command = [&["compare", &again, "--history", &history], &sides[..]].concat();
    let output = claimstream(&command);
    assert_eq!(status(&output), 1);
    assert!(words(&output).contains("interchange"), "{}", words(&output));
    assert!(
        said(&output).contains("0 claims with 0 lines compared"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_plan_of_the_history_that_a_side_does_not_have_is_warned_of() {
    let place = Place::new();
    let [one, two, _] = nights(&place);
    run_nights(&place, &[&one]);
    let history = place.history();
    let sides = [
        "--base",
        "cigna-0139",
        "--with",
        "cigna-0139",
        "--plan",
        "mine",
    ];
    let command = [&["compare", &two, "--history", &history], &sides[..]].concat();
    let output = claimstream(&command);
    assert_eq!(status(&output), 0);
    let told = said(&output);
    for side in ["the base", "the other side"] {
        let warning = format!("has claims of plan cigna-0139, which {side} does not have");
        assert!(told.contains(&warning), "{told}");
    }
}

#[test]
fn what_is_no_history_is_told_and_nothing_is_written() {
    let place = Place::new();
    let [one, ..] = nights(&place);
    let other = place.write("no.history", "something else");
    let out = place.path("changed.csv");
    let sides = ["--base", "cigna-0139", "--with", "cigna-0139"];
    let command = [
        &["compare", &one, "--history", &other, "--out", &out],
        &sides[..],
    ]
    .concat();
    let output = claimstream(&command);
    assert_eq!(status(&output), 3);
    assert!(
        words(&output).contains("this is no history"),
        "{}",
        words(&output)
    );
    assert!(!Path::new(&out).exists());
    let left = fs::read_dir(place.0.path()).unwrap();
    let left = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with(".claimstream-")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn a_copy_without_any_of_its_inputs_is_a_history_in_which_all_holds() {
    let place = Place::new();
    let files = nights(&place);
    run_nights(&place, &files.each_ref());
    let digests: Vec<String> = (1..=3)
        .map(|run| {
            let history = rusqlite::Connection::open(place.history()).unwrap();
            let query = "SELECT digest FROM inputs WHERE run_id = ?1";
            history.query_row(query, [run], |row| row.get(0)).unwrap()
        })
        .collect();
    let history = place.history();
    for subset in 0..1_u32 << digests.len() {
        let without = digests.iter().enumerate();
        let without = without.filter(|(place, _)| subset >> place & 1 == 1);
        let without: Vec<&str> = without.map(|(_, digest)| &**digest).collect();
        let to = tempfile::NamedTempFile::new().unwrap();
        let mut copy = SqliteHistory::copy(Path::new(&history), to.path()).unwrap();
        let left_out = copy.leave_out(&without).unwrap();
        assert_eq!(left_out.runs.len(), without.len());
        assert_eq!(copy.check().unwrap(), Vec::<String>::new(), "{subset:b}");
        for digest in &digests {
            let found = copy.find_input(RunKind::Adjudicate, digest).unwrap();
            assert_eq!(found.is_none(), without.contains(&&**digest));
        }
    }
}
