//! Runs with a history, and the commands about it, as people meet them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::nights::night;
use super::place::{Place, binary, claimstream, said, status, words};

/// The decisions of JSON lines: patient control number and decision.
fn decisions(output: &Output) -> Vec<String> {
    let decision = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| value[key].as_str().unwrap_or("-").to_owned();
        format!("{} {}", word("claim"), word("decision"))
    };
    said(output).lines().map(decision).collect()
}

const OVERNIGHT: [&str; 5] = [
    "fixtures/overnight.837",
    "--plans",
    "fixtures/plans.toml",
    "--facts",
    "fixtures/facts.jsonl",
];

#[test]
fn every_command_about_a_history_has_help_with_an_example() {
    for command in [
        "import", "decide", "show", "runs", "pends", "check", "export", "forget", "purge",
    ] {
        let output = claimstream(&["history", command, "--help"]);
        assert_eq!(status(&output), 0);
        assert!(said(&output).contains("Example"), "{command}");
    }
}

#[test]
fn with_an_empty_history_the_decisions_are_those_without() {
    let place = Place::new();
    let without = claimstream(&[&["adjudicate"], &OVERNIGHT[..]].concat());
    let with = place.adjudicate(&OVERNIGHT);
    assert_eq!((status(&with), said(&with)), (0, said(&without)));
    assert!(words(&with).contains("recorded as run 1 in"));
    let mode = fs::metadata(place.history()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(said(&place.ask(&["check"])).contains("all that must hold holds"));
}

#[test]
fn the_same_command_again_writes_the_same_bytes_and_adds_nothing() {
    for (ending, more) in [("jsonl", &[][..]), ("csv", &[]), ("csv", &["--all-lines"])] {
        let place = Place::new();
        let run = || {
            let [out, pends] =
                [format!("o.{ending}"), "p.csv".into()].map(|name| place.path(&name));
            let to = ["--out", &out, "--pends", &pends];
            let output = place.adjudicate(&[&OVERNIGHT[..], &to, more].concat());
            assert_eq!(status(&output), 0, "{}", words(&output));
            let written = [out, pends].map(|path| fs::read_to_string(path).unwrap());
            (written, words(&output))
        };
        let (first, _) = run();
        let rows = "SELECT count(*) FROM runs, lines";
        let before = place.count(rows);
        let (again, told) = run();
        assert_eq!(again, first);
        assert_eq!(place.count(rows), before);
        assert!(told.contains("adjudicated before, by run 1"), "{told}");
        assert!(told.contains("nothing was added"), "{told}");
    }
}

#[test]
fn a_file_that_comes_again_under_another_name_is_answered_under_that_name() {
    let place = Place::new();
    let first = said(&place.adjudicate(&OVERNIGHT));
    let copy = place.path("copy.837");
    fs::copy(OVERNIGHT[0], &copy).unwrap();
    let again = place.adjudicate(&[&[&*copy], &OVERNIGHT[1..]].concat());
    assert_eq!(said(&again), first.replace(OVERNIGHT[0], &copy));
    // Compressed, or through a pipe, it is the same file.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gzip, &fs::read(OVERNIGHT[0]).unwrap()).unwrap();
    let mut piped = assert_cmd::Command::new(binary());
    let output = piped
        .args(["adjudicate", "-", "--history", &place.history()])
        .args(&OVERNIGHT[1..])
        .write_stdin(gzip.finish().unwrap())
        .output()
        .unwrap();
    assert_eq!(said(&output), first.replace(OVERNIGHT[0], "-"));
    assert_eq!(place.count("SELECT count(*) FROM runs"), 1);
    let left: Vec<_> = fs::read_dir(place.0.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_known_file_among_new_ones_is_left_out_and_named() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let (old, new) = (place.path("1.837"), place.path("2.837"));
    fs::write(&new, night(2, &[("W1", "B", "2027-01-25", "20552")])).unwrap();
    let both = || place.adjudicate(&[&old, &new]);
    let output = both();
    assert_eq!(
        (status(&output), decisions(&output)),
        (0, vec!["B pay".into()])
    );
    let told = words(&output);
    assert!(
        told.contains("1.837: adjudicated before, by run 1 of"),
        "{told}"
    );
    assert!(told.contains("it was left out"), "{told}");
    // The same command again gives what it gave, and not what it left out.
    let again = both();
    assert_eq!(said(&again), said(&output));
    assert_eq!(place.count("SELECT count(*) FROM runs"), 2);
    // Each of the files by itself, or in another order, gives its own.
    assert_eq!(
        decisions(&place.adjudicate(&[&new, &old])),
        ["B pay", "A pay"]
    );
}

#[test]
fn an_interchange_seen_in_another_file_is_refused() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let other = place.write("other.837", night(1, &[("W2", "B", "2027-01-18", "20552")]));
    let output = place.adjudicate(&[&other]);
    assert_eq!((status(&output), said(&output)), (1, String::new()));
    assert!(words(&output).contains("error[interchange-duplicate]"));
}

#[test]
fn what_was_refused_of_a_known_file_is_told_again() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    // A file with an interchange of its own, and one of an earlier file.
    let both = [
        night(2, &[("W1", "B", "2027-01-25", "20552")]),
        night(1, &[("W1", "A", "2027-01-18", "20552")]),
    ];
    let file = place.write("both.837", both.concat());
    let run = || {
        let [errors, summary] = ["e.jsonl", "s.json"].map(|name| place.path(name));
        let output = place.adjudicate(&[&file, "--errors", &errors, "--summary", &summary]);
        let summary: serde_json::Value =
            serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
        let refused = summary["claims"]["refused"].as_u64();
        (
            status(&output),
            said(&output),
            fs::read(errors).unwrap(),
            refused,
        )
    };
    let first = run();
    assert_eq!((first.0, first.3), (1, Some(1)));
    assert_eq!(run(), first);
    assert_eq!(place.count("SELECT count(*) FROM runs"), 2);
}

#[test]
fn sessions_of_a_plan_that_is_no_plan_any_more_are_named() {
    let place = Place::new();
    let file = place.write("a.837", night(1, &[("W1", "A", "2027-01-18", "20552")]));
    place.adjudicate(&[&file, "--policy", "cigna-0139"]);
    let told = words(&place.night(2, &[("W1", "B", "2027-01-20", "20552")]));
    assert!(
        told.contains("has claims of plan cigna-0139, which is not among the plans"),
        "{told}"
    );
    // The same file under another policy is answered as it was, and that is said.
    let policy = "caresource-ar-passe-mm-1503";
    let told = words(&place.adjudicate(&[&file, "--policy", policy]));
    assert!(told.contains("the plans changed since run 1"), "{told}");
}

#[test]
fn what_a_run_writes_is_not_the_next_run_s_input() {
    let place = Place::new();
    let folder = place.path("inbox");
    fs::create_dir(&folder).unwrap();
    let text = night(1, &[("W1", "A", "2027-01-18", "20552")]);
    fs::write(format!("{folder}/1.837"), text).unwrap();
    let history = format!("{folder}/h.history");
    let output = claimstream(&["adjudicate", &folder, "--history", &history]);
    assert_eq!(status(&output), 2);
    assert!(words(&output).contains("the next run would read this as an input"));
    assert!(!Path::new(&history).exists());
}

#[test]
fn what_changed_since_a_file_was_adjudicated_is_named() {
    let place = Place::new();
    let file = place.write("a.837", night(1, &[("W1", "A", "2027-01-18", "20552")]));
    let plans = place.write("plans.toml", fs::read("fixtures/plans.toml").unwrap());
    place.adjudicate(&[&file, "--plans", &plans]);
    let mut text = fs::read_to_string(&plans).unwrap();
    text += "\n# another edition\n";
    fs::write(&plans, text).unwrap();
    let told = words(&place.adjudicate(&[&file, "--plans", &plans]));
    assert!(
        told.contains("warning: the plans changed since run 1"),
        "{told}"
    );
}

#[test]
fn a_test_interchange_is_judged_and_never_recorded_and_an_encounter_is_recorded() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let lines = [
        ("W1", "B", "2027-01-20", "20552"),
        ("W1", "C", "2027-02-01", "20552"),
        ("W1", "A 8", "2027-01-18", "20552"),
    ];
    let test = night(2, &lines).replace("*0*P*:", "*0*T*:");
    let test = place.write("test.837", test);
    // A test is judged as if: what it takes back is taken back for tests alone.
    let expected = ["B pay", "C pay", "A reverse", "A pass"];
    for _ in 0..2 {
        let output = place.adjudicate(&[&test]);
        assert_eq!(decisions(&output), expected);
        assert!(words(&output).contains("nothing was added"));
    }
    let encounter = night(3, &lines[..2]).replace("*0600*CH~", "*0600*RP~");
    let encounter = place.write("encounter.837", encounter);
    let output = place.adjudicate(&[&test, &encounter]);
    assert_eq!(decisions(&output)[4..], ["B deny", "C pay"]);
    assert_eq!(place.count("SELECT count(*) FROM sessions"), 2);
    assert_eq!(
        place.count("SELECT count(*) FROM transaction_sets WHERE is_encounter"),
        1
    );
    assert_eq!(status(&place.ask(&["check"])), 0);
}

#[test]
fn a_history_that_cannot_be_used_gets_one_clear_sentence_and_is_not_changed() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let good = fs::read(place.history()).unwrap();
    let changed = |statement: &str| {
        let path = place.write("changed.history", &good);
        let history = rusqlite::Connection::open(&path).unwrap();
        history.execute_batch(statement).unwrap();
        drop(history);
        fs::read(path).unwrap()
    };
    let mut scrambled = good.clone();
    for byte in &mut scrambled[100..] {
        *byte ^= 0x55;
    }
    let another = {
        let path = place.path("another.db");
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE t (x)").unwrap();
        drop(other);
        fs::read(path).unwrap()
    };
    for (bytes, sentence) in [
        (b"plan,member\n".to_vec(), "this is no history"),
        (another, "this is no history"),
        (good[..good.len() / 2].to_vec(), "this history is damaged"),
        (scrambled, "this history is damaged"),
        (
            changed("PRAGMA user_version = 99"),
            "a newer claimstream made this history (schema 99",
        ),
    ] {
        let bad = place.write("bad.history", &bytes);
        let new = place.write("new.837", night(2, &[("W1", "B", "2027-01-25", "20552")]));
        for output in [
            claimstream(&["adjudicate", &new, "--history", &bad]),
            claimstream(&["history", "runs", "--history", &bad]),
        ] {
            let told = words(&output);
            assert_eq!(status(&output), 3, "{told}");
            assert!(
                told.contains(sentence) && told.lines().count() == 1,
                "{sentence}: {told}"
            );
            assert!(said(&output).is_empty());
        }
        assert_eq!(fs::read(&bad).unwrap(), bytes, "{sentence}");
    }
    let missing = claimstream(&[
        "history",
        "show",
        "W1",
        "--history",
        &place.path("no.history"),
    ]);
    assert!(words(&missing).contains("there is no such history"));
}

#[test]
fn a_history_that_may_not_be_written_is_said_so() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let new = place.write("new.837", night(2, &[("W1", "B", "2027-01-25", "20552")]));
    // Whoever runs the tests may write everything, so somebody else runs this.
    let program = place.path("claimstream");
    fs::copy(binary(), &program).unwrap();
    let mode =
        |path: &str, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&program, 0o755);
    mode(place.0.path().to_str().unwrap(), 0o755);
    mode(&new, 0o644);
    mode(&place.history(), 0o444);
    let before = fs::read(place.history()).unwrap();
    let mut command = Command::new(&program);
    command.args(["adjudicate", &new, "--history", &place.history()]);
    if is_root() {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output().unwrap();
    assert_eq!(status(&output), 3, "{}", words(&output));
    assert!(
        words(&output).contains("this history cannot be written"),
        "{}",
        words(&output)
    );
    assert_eq!(fs::read(place.history()).unwrap(), before);
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    said(&output).trim() == "0"
}

#[test]
fn a_second_run_waits_with_a_word_or_ends_at_once() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let new = place.write("new.837", night(2, &[("W1", "B", "2027-01-25", "20552")]));
    let holder = rusqlite::Connection::open(place.history()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let output = place.adjudicate(&[&new, "--no-wait"]);
    assert_eq!((status(&output), said(&output)), (3, String::new()));
    assert!(words(&output).contains("another run is using this history; nothing was changed"));
    let mut waiting = Command::new(binary())
        .args(["adjudicate", &new, "--history", &place.history()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(waiting.stderr.take().unwrap()).lines();
    let word = told.next().unwrap().unwrap();
    assert!(
        word.ends_with("another run is using this history; waiting for it to end"),
        "{word}"
    );
    holder.execute_batch("ROLLBACK").unwrap();
    let rest: Vec<String> = told.map(Result::unwrap).collect();
    assert!(waiting.wait().unwrap().success(), "{rest:?}");
    assert_eq!(place.count("SELECT count(*) FROM sessions"), 2);
}

#[test]
fn a_run_waits_for_those_who_look_before_it_is_kept() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let new = place.write("new.837", night(2, &[("W1", "B", "2027-01-25", "20552")]));
    let looking = rusqlite::Connection::open(place.history()).unwrap();
    looking.execute_batch("BEGIN").unwrap();
    let sessions = || -> i64 {
        let query = "SELECT count(*) FROM sessions";
        looking.query_row(query, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(sessions(), 1);
    let mut run = Command::new(binary())
        .args(["adjudicate", &new, "--history", &place.history()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The run has begun to write when its journal is there.
    let journal = format!("{}-journal", place.history());
    while !Path::new(&journal).exists() {
        assert!(run.try_wait().unwrap().is_none(), "the run did not wait");
        std::thread::yield_now();
    }
    assert_eq!(sessions(), 1);
    looking.execute_batch("COMMIT").unwrap();
    assert!(run.wait().unwrap().success());
    assert_eq!(sessions(), 2);
}

#[test]
fn runs_in_parallel_lose_nothing_and_count_nothing_twice() {
    let places = [Place::new(), Place::new()];
    let mut running = Vec::new();
    for number in 1..=6 {
        for place in &places {
            let member = format!("W{number}");
            let lines = [
                (&*member, "A", "2027-01-18", "20552"),
                // All runs bring a session of one member and date: one of them is paid.
                ("W0", "B", "2027-01-18", "20552"),
            ];
            let file = place.write(&format!("{number}.837"), night(number, &lines));
            let child = Command::new(binary())
                .args(["adjudicate", &file, "--history", &place.history()])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            running.push(child.unwrap());
        }
    }
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    for place in &places {
        assert_eq!(place.count("SELECT count(*) FROM runs"), 6);
        assert_eq!(place.count("SELECT count(*) FROM lines"), 12);
        assert_eq!(place.count("SELECT count(*) FROM sessions"), 7);
        assert_eq!(status(&place.ask(&["check"])), 0);
    }
}

#[test]
fn a_crosswalk_makes_one_timeline_of_a_member_s_keys() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    let file = place.write(
        "2.837",
        night(
            2,
            &[
                ("W9", "B", "2027-01-20", "20552"),
                ("W9", "A 8", "2027-01-18", "20552"),
            ],
        ),
    );
    let members = place.write("members.csv", "old_key,new_key\nW1,W5\nW5,W9\n");
    let apart = place.write("3.837", night(3, &[("W9", "C", "2027-01-21", "20552")]));
    let output = place.adjudicate(&[&apart, "--members", &members]);
    assert_eq!(decisions(&output), ["C deny"]);
    // The void names the claim of the same member.
    let output = place.adjudicate(&[&file, "--members", &members]);
    assert_eq!(decisions(&output), ["B pay", "A reverse", "A pass"]);
    let shown = said(&place.ask(&["show", "W1", "--members", &members]));
    assert!(
        shown.contains("2027-01-20") && shown.contains("taken back"),
        "{shown}"
    );
    let cycle = place.write("cycle.csv", "old_key,new_key\nW1,W2\nW2,W1\n");
    let output = place.adjudicate(&[&file, "--members", &cycle]);
    assert_eq!(status(&output), 2);
    assert!(words(&output).contains("cycle.csv:2: column new_key"));
}

#[test]
fn reviewers_get_the_queue_and_give_their_decisions_back() {
    let place = Place::new();
    let lines = [
        ("W1", "A", "2024-10-08", "20552"),
        ("W2", "B", "2024-10-01", "20552"),
    ];
    place.night(1, &lines);
    let queue = place.path("queue.csv");
    assert_eq!(status(&place.ask(&["pends", "--csv", &queue])), 0);
    let text = fs::read_to_string(&queue).unwrap();
    let oldest = text.lines().nth(1).unwrap();
    assert!(
        oldest.contains("2024-10-01") && oldest.ends_with(",,,,,,"),
        "{oldest}"
    );
    // What nobody decided is passed over.
    assert!(words(&place.ask(&["decide", &queue])).contains("2 rows without a decision"));
    let decided = text
        .replacen("B,,,,,,", "B,pay,,,,rn7,2027-06-02", 1)
        .replacen("A,,,,,,", "A,deny,CO,50,N130 M25,rn7,2027-06-02", 1);
    let decided = place.write("decided.csv", decided);
    let output = place.ask(&["decide", &decided]);
    assert_eq!(status(&output), 0);
    assert!(
        words(&output).contains("1 line paid (100.00 allowed), 1 denied"),
        "{}",
        words(&output)
    );
    let output = place.ask(&["decide", &decided]);
    assert!(
        words(&output).contains("taken before, by run 2"),
        "{}",
        words(&output)
    );
    assert_eq!(
        said(&place.ask(&["pends"])),
        "nothing waits for a reviewer\n"
    );
    // The queue that `adjudicate --pends` writes is read back too.
    let other = Place::new();
    let pends = other.path("p.csv");
    let file = other.write("n.837", night(1, &lines));
    other.adjudicate(&[&file, "--pends", &pends]);
    assert_eq!(fs::read_to_string(&pends).unwrap(), text);
}

#[test]
fn a_member_s_timeline_is_shown_with_the_dates_on_which_limits_free_up() {
    let place = Place::new();
    let lines = [
        ("W1", "A", "2027-05-24", "20552"),
        ("W1", "B", "2027-05-28", "20552"),
        ("W1", "C", "2024-10-01", "20552"),
    ];
    place.night(1, &lines);
    let shown = said(&place.ask(&["show", "w1", "--on", "2027-05-29"]));
    // Claim control numbers follow from the file.
    let shown: String = shown
        .lines()
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let shown = words.iter().map(|word| {
                let is_number = word.len() == 16
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
                if is_number { "NUMBER" } else { word }
            });
            shown.collect::<Vec<_>>().join(" ") + "\n"
        })
        .collect();
    insta::assert_snapshot!(shown);
    let nobody = said(&place.ask(&["show", "W2"]));
    assert!(nobody.starts_with("no claim of this member is in the history"));
}

#[test]
fn the_latest_run_alone_can_be_forgotten() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2027-01-18", "20552")]);
    place.night(2, &[("W1", "A 8", "2027-01-18", "20552")]);
    let output = place.ask(&["forget", "--run", "1"]);
    assert_eq!(status(&output), 2);
    assert!(words(&output).contains("only the latest run can be forgotten, and that is run 2"));
    assert_eq!(status(&place.ask(&["forget", "--run", "2"])), 0);
    assert_eq!(place.count("SELECT count(*) FROM sessions"), 1);
    assert!(said(&place.ask(&["runs"])).contains("forgotten at"));
    // Its file can be given again.
    let output = place.adjudicate(&[&place.path("2.837")]);
    assert_eq!(decisions(&output), ["A reverse", "A pass"]);
    assert_eq!(status(&place.ask(&["check"])), 0);
}

#[test]
fn a_purge_refuses_what_a_window_still_needs_and_its_files_stay_known() {
    let place = Place::new();
    place.night(1, &[("W1", "A", "2025-01-13", "20552")]);
    let output = place.ask(&["purge", "--before", "2026-12-31"]);
    assert_eq!(status(&output), 2);
    assert!(
        words(&output).contains("still needs what was performed on or after"),
        "{}",
        words(&output)
    );
    let output = place.ask(&["purge", "--before", "2026-01-01"]);
    assert!(
        words(&output).contains("1 claim removed with 1 line"),
        "{}",
        words(&output)
    );
    assert_eq!(place.count("SELECT count(*) FROM timelines"), 0);
    let output = place.adjudicate(&[&place.path("1.837")]);
    assert_eq!((status(&output), said(&output)), (0, String::new()));
    assert!(
        words(&output).contains("its claims from before 2026-01-01 were purged"),
        "{}",
        words(&output)
    );
    // The numbers of what is gone are not given again: the old file has nothing of the new.
    place.night(2, &[("W2", "B", "2027-01-18", "20552")]);
    assert_eq!(said(&place.adjudicate(&[&place.path("1.837")])), "");
    assert_eq!(status(&place.ask(&["check"])), 0);
}

#[test]
fn a_purge_knows_the_courses_of_imported_sessions_and_of_members_whose_key_changed() {
    let place = Place::new();
    let sessions = place.write(
        "paid.csv",
        "plan,member,service_date,procedure,billing_provider,rendering_provider,patient_control_number,phase,muscles\n\
         cigna,WOLD,2025-09-08,20552,1234567893,,,,\n\
         cigna,WNEW,2026-05-04,20552,1234567893,,,,\n",
    );
    place.ask(&["import", &sessions]);
    // The newest session stands for today where nothing was billed.
    let output = place.ask(&["purge", "--before", "2026-05-01"]);
    assert!(words(&output).contains("still needs"), "{}", words(&output));
    place.night(1, &[("WNEW", "A", "2026-10-05", "20552")]);
    let members = place.write("members.csv", "old_key,new_key\nWOLD,WNEW\n");
    let output = place.ask(&["purge", "--before", "2026-01-01", "--members", &members]);
    assert!(
        words(&output).contains("0 claims removed"),
        "{}",
        words(&output)
    );
    let output = place.ask(&["purge", "--before", "2026-01-01"]);
    assert!(
        words(&output).contains("1 claim removed"),
        "{}",
        words(&output)
    );
}

#[test]
fn an_import_is_taken_once_and_exported_sessions_can_be_imported() {
    let place = Place::new();
    let sessions = place.write(
        "paid.csv",
        "plan,member,service_date,procedure,billing_provider,rendering_provider,patient_control_number,phase,muscles\n\
         cigna,W1,2027-01-18,20552,1234567893,,I1,,\n\
         cigna,W1,2027-01-25,20553,1234567893,,,,Trapezius; levator scapulae\n\
         cigna,W1,2027-01-25,20552,1234567893,,,,\n",
    );
    let output = place.ask(&["import", &sessions]);
    let told = words(&output);
    assert_eq!(status(&output), 0, "{told}");
    assert!(
        told.contains("2 sessions added as run 1") && told.contains("line 4"),
        "{told}"
    );
    assert!(words(&place.ask(&["import", &sessions])).contains("taken before, by run 1"));
    place.night(1, &[("W1", "I1 8", "2027-01-18", "20552")]);
    // What was taken back does not come back with the same file.
    place.ask(&["import", &sessions]);
    assert_eq!(place.count("SELECT count(*) FROM sessions"), 1);
    let exported = place.path("exported.csv");
    assert_eq!(status(&place.ask(&["export", "--out", &exported])), 0);
    let other = Place::new();
    assert!(words(&other.ask(&["import", &exported])).contains("1 session added"));
    assert_eq!(
        said(&other.ask(&["export"])),
        fs::read_to_string(&exported).unwrap()
    );
    assert!(Path::new(&other.history()).exists());
}

#[test]
fn the_documentation_names_every_table_and_its_queries_run() {
    let place = Place::new();
    place.adjudicate(&OVERNIGHT);
    let text = fs::read_to_string("docs/history.md").unwrap();
    let history = rusqlite::Connection::open(place.history()).unwrap();
    let mut tables = history
        .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for table in tables {
        let table = table.unwrap();
        assert!(
            text.contains(&format!("`{table}`")),
            "{table} is not in docs/history.md"
        );
    }
    let queries: Vec<&str> = text
        .split("```sql\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let rows = |query: &str| {
        let mut statement = history.prepare(query).unwrap();
        let rows = statement.query_map([], |_| Ok(())).unwrap();
        rows.count()
    };
    // Sessions of a member, what the second run (there is none) took back, decisions by rule,
    // a claim by its number.
    let counts: Vec<usize> = queries.iter().map(|query| rows(query)).collect();
    assert_eq!(counts[..2], [10, 0]);
    assert!(counts[2] > 15, "{counts:?}");
    assert_eq!(counts[3..], [1]);
}
