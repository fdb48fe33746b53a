//! What every history must do, whatever database is behind it.
//!
//! Each test gets a way to open the history, and knows the trait alone: another
//! implementation runs them by one more line in [`on_every_history`].

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use tempfile::TempDir;

use self::nights::{Line, night};
use super::*;
use crate::intake::{Beside, Intake, Observer, ReadOptions, list_inputs, read_with};
use crate::output::{Encoder, Format, Run, write_determinations};
use crate::policy::{FactsTable, Members, Plans};
use crate::x12::Issue;

#[path = "../../tests/it/nights.rs"]
mod nights;

type Open<'o> = &'o dyn Fn() -> Box<dyn History>;

/// Runs a test on each implementation.
fn on_every_history(test: impl Fn(Open<'_>)) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("h.history");
    test(&|| Box::new(SqliteHistory::create(&path).unwrap()));
}

struct Deaf;

impl Observer for Deaf {
    fn issue(&mut self, _issue: Issue) {}

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}

/// Adjudicates files as one run, and commits; gives its determinations as JSON lines, and
/// its number.
fn adjudicate(open: Open<'_>, files: &[&str]) -> (String, Option<i64>) {
    let (mut history, text, run) = uncommitted(open, files);
    history.commit().unwrap();
    (text, run)
}

fn uncommitted(open: Open<'_>, files: &[&str]) -> (Box<dyn History>, String, Option<i64>) {
    let folder = TempDir::new().unwrap();
    let paths: Vec<PathBuf> = (0..files.len())
        .map(|index| folder.path().join(format!("{index:04}.837")))
        .collect();
    for (path, file) in paths.iter().zip(files) {
        std::fs::write(path, file).unwrap();
    }
    let mut history = open();
    history.begin().unwrap();
    let (plans, facts) = (Plans::embedded().unwrap(), FactsTable::default());
    let members = Members::default();
    let options = ReadOptions {
        plans: &plans,
        members: &members,
        all_lines: false,
        lenient_envelope: false,
        strict: false,
        checks: None,
    };
    let inputs = list_inputs(&paths).unwrap().list;
    let asking = &mut Asking(&mut *history);
    let beside = Beside {
        recall: Some(asking),
        ..Beside::default()
    };
    let Intake { batch, files, .. } = read_with(&inputs, options, beside, &mut Deaf).unwrap();
    let judged = judge_after(&mut *history, &batch, &plans, &facts, &members).unwrap();
    let run = Run {
        batch: &batch,
        plans: &plans,
        adjudication: &judged.adjudication,
        reversals: &judged.reversals,
    };
    let mut text = Vec::new();
    let claims = 0..batch.claims.len();
    write_determinations(run, claims, Format::JsonLines, false, &mut text).unwrap();
    let given: Vec<RunInput<'_>> = (files.iter())
        .map(|read| RunInput {
            name: "night",
            read,
        })
        .collect();
    let configuration = Configuration::new(&plans, None, None);
    let number = record(
        &mut *history,
        run,
        &facts,
        &judged.earlier,
        &given,
        &configuration,
        "2027-06-01 06:00:00",
    );
    let text = String::from_utf8(text).unwrap();
    (
        history,
        text.replace(folder.path().to_str().unwrap(), ""),
        number.unwrap(),
    )
}

/// The decisions of determinations: line control number, decision, rules.
fn decisions(text: &str) -> Vec<String> {
    let decision = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let rules = value["reasons"].as_array().unwrap().iter();
        let rules: Vec<&str> = rules
            .map(|reason| reason["rule"].as_str().unwrap())
            .collect();
        let word = |key: &str| value[key].as_str().unwrap_or("-").to_owned();
        let words = [word("claim"), word("decision"), rules.join(" ")];
        words.join(" ").trim_end().to_owned()
    };
    text.lines().map(decision).collect()
}

fn check(open: Open<'_>) {
    assert_eq!(open().check().unwrap(), Vec::<String>::new());
}

/// What one run after the other decides.
fn nights(table: &[(&[Line<'_>], &[&str])]) {
    on_every_history(|open| {
        for (number, (lines, expected)) in (1..).zip(table) {
            let (text, _) = adjudicate(open, &[&night(number, lines)]);
            assert_eq!(decisions(&text), *expected, "night {number}");
            check(open);
        }
    });
}

const W1: &str = "W1";

#[test]
fn a_session_of_an_earlier_run_counts_on_both_sides_of_its_date() {
    nights(&[
        (&[(W1, "A", "2027-01-18", "20552")], &["A pay"]),
        (
            &[
                (W1, "B", "2027-01-12", "20552"),
                (W1, "C", "2027-01-24", "20552"),
                (W1, "D", "2027-01-25", "20552"),
                (W1, "E", "2027-01-18", "20553"),
            ],
            &[
                "B deny min-interval",
                "C deny min-interval",
                "D pay",
                "E deny same-day-bundle",
            ],
        ),
    ]);
}

#[test]
fn a_line_paid_before_is_a_duplicate_and_one_taken_back_is_not() {
    nights(&[
        (&[(W1, "A", "2027-01-18", "20552")], &["A pay"]),
        (
            &[(W1, "B", "2027-01-18", "20552")],
            &["B deny duplicate-line"],
        ),
        (
            &[(W1, "A 8", "2027-01-18", "20552")],
            &["A reverse", "A pass"],
        ),
        (&[(W1, "C", "2027-01-18", "20552")], &["C pay"]),
    ]);
}

#[test]
fn guidance_hangs_on_an_injection_of_an_earlier_run_until_that_is_taken_back() {
    nights(&[
        (
            &[
                (W1, "A", "2027-01-18", "20552"),
                (W1, "B", "2027-01-20", "20552"),
            ],
            &["A pay", "B deny min-interval"],
        ),
        (
            &[
                (W1, "C", "2027-01-18", "76942"),
                (W1, "D", "2027-01-20", "76942"),
            ],
            &["C deny guidance", "D deny guidance"],
        ),
        (&[(W1, "B 8", "2027-01-20", "20552")], &["B pass"]),
        (&[(W1, "E", "2027-01-20", "76942")], &["E pay"]),
    ]);
}

#[test]
fn versions_follow_one_another_over_runs() {
    nights(&[
        (&[(W1, "A", "2027-01-18", "20552")], &["A pay"]),
        // A replacement, of that a replacement, and of that a void.
        (
            &[(W1, "A 7", "2027-01-18", "20553")],
            &["A reverse", "A pay"],
        ),
        (
            &[(W1, "A 7", "2027-01-19", "20553")],
            &["A reverse", "A pay"],
        ),
        (
            &[(W1, "A 8", "2027-01-19", "20553")],
            &["A reverse", "A pass"],
        ),
        // A second void finds nothing, and brings nothing back; nor does a void of the void.
        (&[(W1, "A 8", "2027-01-19", "20553")], &["A pass"]),
        (&[(W1, "X 8 A", "2027-01-19", "20553")], &["X pass"]),
        (&[(W1, "B", "2027-01-18", "20552")], &["B pay"]),
    ]);
}

#[test]
fn a_void_that_arrives_before_its_original_takes_nothing_back() {
    nights(&[
        (&[(W1, "A 8", "2027-01-18", "20552")], &["A pass"]),
        (&[(W1, "A", "2027-01-18", "20552")], &["A pay"]),
    ]);
}

#[test]
fn of_several_that_match_over_runs_none_is_meant() {
    nights(&[
        (&[(W1, "A", "2027-01-18", "20552")], &["A pay"]),
        (
            &[
                (W1, "A", "2027-01-25", "20552"),
                (W1, "A 8", "2027-01-18", "20552"),
            ],
            &["A pay", "A pass"],
        ),
        (&[("W2", "A 8", "2027-01-18", "20552")], &["A pass"]),
    ]);
}

#[test]
fn a_claim_control_number_means_its_claim_whoever_its_member_is() {
    on_every_history(|open| {
        let (text, _) = adjudicate(open, &[&night(1, &[(W1, "A", "2027-01-18", "20552")])]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let number = value["claim_control_number"].as_str().unwrap();
        let claim = format!("B 7 {number}");
        let lines = [("W2", &*claim, "2027-01-18", "20552")];
        let (text, _) = adjudicate(open, &[&night(2, &lines)]);
        assert_eq!(decisions(&text), ["A reverse", "B pay"]);
        let reversal: serde_json::Value =
            serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(reversal["amount_allowed"], "-100.00");
        assert_eq!(reversal["units_allowed"], "-1");
        assert_eq!(reversal["member"], "W1");
        assert_eq!(reversal["claim_control_number"], number);
        let by: serde_json::Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
        assert_eq!(reversal["reversed_by"], by["claim_control_number"]);
        check(open);
    });
}

#[test]
fn a_run_that_is_not_committed_leaves_nothing() {
    on_every_history(|open| {
        let first = night(1, &[(W1, "A", "2027-01-18", "20552")]);
        adjudicate(open, &[&first]);
        let second = night(2, &[(W1, "A 8", "2027-01-18", "20552")]);
        drop(uncommitted(open, &[&second]));
        let mut history = open();
        assert_eq!(history.runs().unwrap().len(), 1);
        assert_eq!(history.check().unwrap(), Vec::<String>::new());
        let (text, _) = adjudicate(open, &[&second]);
        assert_eq!(decisions(&text), ["A reverse", "A pass"]);
    });
}

#[test]
fn a_history_is_one_run_s_at_a_time() {
    on_every_history(|open| {
        let mut first = open();
        first.begin().unwrap();
        let second = open().begin();
        assert!(matches!(second.unwrap_err().problem, Problem::Busy));
        drop(first);
        open().begin().unwrap();
    });
}

#[test]
fn an_interchange_in_another_file_is_refused_and_the_same_file_is_left_out() {
    on_every_history(|open| {
        let first = night(1, &[(W1, "A", "2027-01-18", "20552")]);
        adjudicate(open, &[&first]);
        let other = night(1, &[("W2", "B", "2027-01-18", "20552")]);
        assert_eq!(adjudicate(open, &[&other]), (String::new(), None));
        let new = night(2, &[(W1, "C", "2027-01-25", "20552")]);
        let (text, run) = adjudicate(open, &[&first, &new]);
        assert_eq!((decisions(&text), run), (vec!["C pay".to_owned()], Some(2)));
    });
}

#[test]
fn determinations_are_written_again_as_they_were() {
    on_every_history(|open| {
        let files = [
            std::fs::read_to_string("fixtures/overnight.837").unwrap(),
            night(1, &[(W1, "A", "2027-01-18", "20552")]),
            night(
                2,
                &[
                    (W1, "A 7", "2027-01-19", "20553"),
                    (W1, "A 8", "2027-01-18", "20552"),
                ],
            ),
            night(
                3,
                &[
                    (W1, "A 8", "2027-01-19", "20553"),
                    (W1, "B", "2027-01-19", "20552"),
                ],
            ),
        ];
        let runs: Vec<String> = (files.iter())
            .map(|file| adjudicate(open, &[file]).0)
            .collect();
        let mut history = open();
        for (number, expected) in (1..).zip(&runs) {
            let mut again = Vec::new();
            let mut encoder = Encoder::start(Format::JsonLines, false, &mut again).unwrap();
            history
                .determinations(number, &mut |written| {
                    let mut determination = written.determination;
                    if !written.is_reversal {
                        determination.file = "/0000.837".into();
                    }
                    encoder.write(determination, &mut again)
                })
                .unwrap();
            let again = String::from_utf8(again).unwrap();
            // A reversal has the name under which its original was given.
            assert_eq!(
                again.replace("\"night\"", "\"/0000.837\""),
                expected.replace("\"night\"", "\"/0000.837\"")
            );
        }
    });
}

#[test]
fn the_latest_run_can_be_forgotten_and_given_again() {
    on_every_history(|open| {
        let first = night(
            1,
            &[
                (W1, "A", "2027-01-18", "20552"),
                ("W2", "B", "2027-01-18", "20552"),
            ],
        );
        let second = night(
            2,
            &[
                (W1, "A 7", "2027-01-25", "20552"),
                ("W2", "C", "2027-01-25", "20552"),
            ],
        );
        adjudicate(open, &[&first]);
        let sessions = exported(open);
        let expected = adjudicate(open, &[&second]).0;
        let mut history = open();
        history.begin().unwrap();
        history.forget(2, "2027-06-02 06:00:00").unwrap();
        history.commit().unwrap();
        check(open);
        assert_eq!(exported(open), sessions);
        assert_eq!(adjudicate(open, &[&second]).0, expected);
        let forgotten = open().runs().unwrap().remove(1);
        assert_eq!(
            forgotten.forgotten_at.as_deref(),
            Some("2027-06-02 06:00:00")
        );
    });
}

/// Every session, as CSV.
fn exported(open: Open<'_>) -> String {
    let mut out = Vec::new();
    write_sessions(&mut *open(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const HEAD: &str = "plan,member,service_date,procedure,billing_provider,rendering_provider,\
                    patient_control_number,phase,muscles\n";

/// Imports rows, and commits.
fn take_in(open: Open<'_>, rows: &str) -> Result<Imported, String> {
    let mut history = open();
    history.begin().unwrap();
    let (plans, members) = (Plans::embedded().unwrap(), Members::default());
    let text = format!("{HEAD}{rows}");
    let source = ("s.csv", "digest");
    let now = "2027-06-01 06:00:00";
    let imported = import(
        &mut *history,
        source,
        text.as_bytes(),
        &plans,
        &members,
        now,
    );
    let imported = imported.map_err(|error| error.to_string())?;
    history.commit().unwrap();
    check(open);
    Ok(imported)
}

#[test]
fn imported_sessions_count_and_can_be_taken_back_by_their_patient_control_number() {
    on_every_history(|open| {
        let rows = "cigna,W1,2027-01-18,20552,1234567893,,I1,,\n\
                    cigna,W1,2027-01-25,20553,1234567893,,,,\n\
                    cigna,w1,2027-01-25,20552,1234567893,,,,\n";
        let imported = take_in(open, rows).unwrap();
        assert_eq!((imported.added, &*imported.skipped), (2, &[4][..]));
        let lines = [
            (W1, "A", "2027-01-20", "20552"),
            (W1, "I1 8", "2027-01-18", "20552"),
        ];
        let (text, _) = adjudicate(open, &[&night(1, &lines)]);
        assert_eq!(
            decisions(&text),
            ["A deny min-interval", "I1 reverse", "I1 pass"]
        );
        check(open);
    });
}

#[test]
fn phases_of_imported_sessions_are_inferred_in_date_order_over_the_whole_timeline() {
    on_every_history(|open| {
        adjudicate(open, &[&night(1, &[(W1, "A", "2027-02-15", "20552")])]);
        // Four sessions before it and one behind; the rows are in no order.
        let dates = [
            "2027-01-25",
            "2027-01-04",
            "2027-04-15",
            "2027-01-18",
            "2027-01-11",
        ];
        let rows: String = dates
            .iter()
            .map(|date| format!("cigna,W1,{date},20552,1234567893,,,,\n"))
            .collect();
        take_in(open, &rows).unwrap();
        let exported = exported(open);
        let phases: Vec<&str> = (exported.lines().skip(1))
            .map(|row| row.split(',').nth(7).unwrap())
            .collect();
        // The session decided before keeps the phase it was decided with.
        assert_eq!(
            phases,
            [
                "diagnostic",
                "diagnostic",
                "diagnostic",
                "diagnostic",
                "diagnostic",
                "therapeutic"
            ]
        );
    });
}

#[test]
fn what_is_exported_can_be_imported() {
    on_every_history(|open| {
        let rows = "cigna,W1,2027-01-18,20552,1234567893,1497758544,I1,therapeutic,trapezius;levator scapulae\n";
        take_in(open, rows).unwrap();
        let text = exported(open);
        on_every_history(|other| {
            take_in(other, text.strip_prefix(HEAD).unwrap()).unwrap();
            assert_eq!(exported(other), text);
        });
    });
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_row_and_column_and_nothing_is_taken() {
    on_every_history(|open| {
        let rows = "cigna,W1,2027-01-18,20552,1234567893,,,,\n\
                    nobody,W1,2027-01-19,20552,1234567893,,,,\n\
                    cigna,,2027-02-30,99213,,,,later,\n";
        assert_eq!(
            take_in(open, rows).unwrap_err(),
            "s.csv:3: column plan: this plan is not among the plans\n\
             s.csv:4: column procedure: this is no procedure whose sessions the plan's policy limits\n\
             s.csv:4: column service_date: a date that exists is needed, as CCYY-MM-DD\n\
             s.csv:4: column member: this may not be empty\n\
             s.csv:4: column billing_provider: this may not be empty\n\
             s.csv:4: column phase: this must be diagnostic, therapeutic or empty"
        );
        assert_eq!(open().runs().unwrap_or_default().len(), 0);
    });
}

const DECIDE_HEAD: &str =
    "claim_control_number,line,decision,group,carc,rarc,reviewer,decided_on\n";

/// Takes decisions, and commits.
fn take_decisions(open: Open<'_>, rows: &str) -> Result<Decisions, String> {
    let mut history = open();
    history.begin().unwrap();
    let (plans, members) = (Plans::embedded().unwrap(), Members::default());
    let text = format!("{DECIDE_HEAD}{rows}");
    let source = ("d.csv", "digest");
    let now = "2027-06-01 06:00:00";
    let decided = decide(
        &mut *history,
        source,
        text.as_bytes(),
        &plans,
        &members,
        now,
    );
    let decided = decided.map_err(|error| error.to_string())?;
    history.commit().unwrap();
    check(open);
    Ok(decided)
}

/// The claim control numbers of determinations.
fn numbers(text: &str) -> Vec<String> {
    let number = |line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["claim_control_number"].as_str().unwrap().to_owned()
    };
    text.lines().map(number).collect()
}

/// A night on which two lines of one date, and one of another, pend: before the first version.
fn pended_night(open: Open<'_>) -> Vec<String> {
    let lines = [
        (W1, "A", "2024-10-01", "20552"),
        (W1, "B", "2024-10-01", "20552"),
        (W1, "C", "2024-10-08", "20552"),
    ];
    let (text, _) = adjudicate(open, &[&night(1, &lines)]);
    let pended = [
        "A pend policy-not-in-force",
        "B pend policy-not-in-force",
        "C pend policy-not-in-force",
    ];
    assert_eq!(decisions(&text), pended);
    numbers(&text)
}

#[test]
fn a_reviewer_pays_and_denies_and_what_is_paid_is_a_session() {
    on_every_history(|open| {
        let [a, b, c] = &pended_night(open)[..] else {
            panic!()
        };
        let rows = format!(
            "{a},1,pay,,,,rn7,2027-06-02\n{b},1,deny,CO,50,N130,rn7,2027-06-02\n{c},1,,,,,,\n"
        );
        let decided = take_decisions(open, &rows).unwrap();
        assert_eq!((decided.paid, decided.denied, decided.undecided), (1, 1, 1));
        assert_eq!(decided.allowed.to_string(), "100.00");
        // The same rows again, with one more.
        let more = format!("{rows}{c},1,pay,,,,rn7,2027-06-03\n");
        let decided = take_decisions(open, &more).unwrap();
        assert_eq!((decided.paid, decided.recorded_before), (1, 2));
        let lines = [
            (W1, "D", "2024-10-01", "20553"),
            (W1, "E", "2024-10-04", "20552"),
        ];
        let (text, _) = adjudicate(open, &[&night(2, &lines)]);
        assert_eq!(
            decisions(&text),
            ["D pend policy-not-in-force", "E pend policy-not-in-force"]
        );
        assert_eq!(exported(open).lines().count(), 3);
    });
}

#[test]
fn a_decision_that_cannot_stand_is_refused_and_nothing_of_its_file_is_taken() {
    on_every_history(|open| {
        let [a, b, c] = &pended_night(open)[..] else {
            panic!()
        };
        let rows = format!(
            "{a},1,pay,,,,rn7,2027-06-02\n{b},1,pay,,,,rn7,2027-06-02\n\
             {c},2,pay,,,,rn7,2027-06-02\n{c},1,deny,XX,,N130,,2027-02-30\n\
             {a},1,pay,CO,,,rn7,2027-06-02\n{a},1,maybe,,,,rn7,2027-06-02\n"
        );
        let refused = take_decisions(open, &rows).unwrap_err();
        assert_eq!(
            refused,
            "d.csv:5: column group: a denial needs its group code: CO, OA, PI or PR\n\
             d.csv:5: column carc: a denial needs its claim adjustment reason code\n\
             d.csv:5: column reviewer: this may not be empty\n\
             d.csv:5: column decided_on: a date that exists is needed, as CCYY-MM-DD\n\
             d.csv:6: column group: a line that is paid has no adjustment\n\
             d.csv:7: column decision: this must be pay, deny or empty\n\
             d.csv:4: column claim_control_number: no claim of the history has this number, or it has no such line\n\
             d.csv:3: column decision: the date of this line is a session already; one line is paid a day"
        );
        assert_eq!(exported(open).lines().count(), 1);
        take_decisions(open, &format!("{a},1,pay,,,,rn7,2027-06-02\n")).unwrap();
        let other = take_decisions(open, &format!("{a},1,deny,CO,50,,rn7,2027-06-02\n"));
        assert!(other.unwrap_err().contains("otherwise before"));
    });
}

#[test]
fn lines_of_one_number_are_decided_one_by_one() {
    on_every_history(|open| {
        let file = night(1, &[(W1, "A", "2024-10-01", "20552")]);
        // A second line with the number of the first.
        let line = "LX*1~SV1*HC:20552*100*UN*1***1~DTP*472*D8*20241001~REF*6R*AL1~";
        let segments = file.matches('~').count() - 4;
        let twice = file
            .replace(line, &format!("{line}{line}"))
            .replace(&format!("SE*{segments}*"), &format!("SE*{}*", segments + 4));
        let (text, _) = adjudicate(open, &[&twice]);
        let [number, _] = &numbers(&text)[..] else {
            panic!()
        };
        let row = format!("{number},1,deny,CO,50,,rn7,2027-06-02\n");
        assert_eq!(take_decisions(open, &row).unwrap().denied, 1);
        assert_eq!(take_decisions(open, &format!("{row}\n")).unwrap().denied, 1);
        let both = take_decisions(open, &format!("{row}{row}")).unwrap();
        assert_eq!((both.denied, both.recorded_before), (0, 2));
        assert!(take_decisions(open, &format!("{row}{row}{row}")).is_err());
    });
}

#[test]
fn what_a_reviewer_paid_is_taken_back_with_its_claim() {
    on_every_history(|open| {
        let [a, ..] = &pended_night(open)[..] else {
            panic!()
        };
        take_decisions(open, &format!("{a},1,pay,,,,rn7,2027-06-02\n")).unwrap();
        let lines = [(W1, "A 8", "2024-10-01", "20552")];
        let (text, _) = adjudicate(open, &[&night(2, &lines)]);
        assert_eq!(decisions(&text), ["A reverse", "A pass"]);
        assert!(text.contains("\"amount_allowed\":\"-100.00\""));
        assert_eq!(exported(open).lines().count(), 1);
        check(open);
    });
}

#[test]
fn a_purge_keeps_what_a_course_that_goes_on_still_needs() {
    on_every_history(|open| {
        let goes_on = ["2025-08-04", "2026-05-04", "2027-03-01"];
        let ended = ["2025-08-04", "2025-08-11"];
        let mut lines: Vec<Line<'_>> = Vec::new();
        lines.extend(goes_on.iter().map(|date| (W1, "A", *date, "20552")));
        lines.extend(ended.iter().map(|date| ("W2", "B", *date, "20552")));
        adjudicate(open, &[&night(1, &lines)]);
        let plans = Plans::embedded().unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut history = open();
        history.begin().unwrap();
        // Billed on 2027-06-01: what was performed within twelve months is needed.
        let refused = purge(
            &mut *history,
            &plans,
            &Members::default(),
            date("2026-06-02"),
        )
        .unwrap_err();
        assert!(matches!(refused, NotYet::Needed { from, .. } if from == date("2026-06-01")));
        let purged = purge(
            &mut *history,
            &plans,
            &Members::default(),
            date("2026-06-01"),
        )
        .unwrap();
        assert_eq!((purged.claims, purged.lines, purged.kept), (2, 2, 2));
        history.commit().unwrap();
        check(open);
        assert_eq!(exported(open).lines().count(), 4);
    });
}

/// Where a history is to be, and its first night: a session of each of 170 members.
fn many_members(folder: &TempDir) -> (PathBuf, String) {
    let path = folder.path().join("h.history");
    let members: Vec<String> = (100..270).map(|member| format!("W{member}")).collect();
    let lines = members.iter();
    let lines: Vec<Line<'_>> = lines
        .map(|member| (&**member, &**member, "2027-01-18", "20552"))
        .collect();
    (path, night(1, &lines))
}

fn count(path: &Path, query: &str) -> i64 {
    let database = rusqlite::Connection::open(path).unwrap();
    database.query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn rows_of_a_small_run_are_found_taken_back_and_forgotten_like_others() {
    let folder = TempDir::new().unwrap();
    let (path, first) = many_members(&folder);
    let open: Open<'_> = &|| Box::new(SqliteHistory::create(&path).unwrap());
    adjudicate(open, &[&first]);
    let waiting = || count(&path, "SELECT count(*) - 1 FROM timeline_lists");
    let lines = [
        ("W200", "A", "2027-01-25", "20552"),
        ("W1", "B", "2027-01-25", "20552"),
    ];
    adjudicate(open, &[&night(2, &lines)]);
    assert_eq!((waiting(), exported(open).lines().count()), (1, 173));
    let lines = [
        ("W200", "C", "2027-01-25", "20552"),
        ("W1", "B 8", "2027-01-25", "20552"),
        ("W150", "D", "2027-01-19", "20552"),
    ];
    let (text, _) = adjudicate(open, &[&night(3, &lines)]);
    let expected = [
        "C deny duplicate-line",
        "B reverse",
        "B pass",
        "D deny min-interval",
    ];
    assert_eq!(decisions(&text), expected);
    assert_eq!((waiting(), exported(open).lines().count()), (2, 172));
    check(open);
    let mut history = open();
    history.begin().unwrap();
    history.forget(3, "2027-06-02 06:00:00").unwrap();
    history.commit().unwrap();
    check(open);
    assert_eq!((waiting(), exported(open).lines().count()), (0, 173));
}

#[test]
fn rows_of_lists_are_put_together_part_by_part() {
    let folder = TempDir::new().unwrap();
    let (path, first) = many_members(&folder);
    let open: Open<'_> = &|| Box::new(SqliteHistory::create(&path).unwrap());
    adjudicate(open, &[&first]);
    let rows = "SELECT count(*) FROM timeline_lists";
    let lines = "SELECT count(*) FROM timeline_lines";
    let before = count(&path, rows);
    let mut most_waiting = 0;
    for number in 2..40 {
        let member = format!("W{}", 100 + number);
        let line = [(&*member, "A", "2027-02-15", "20552")];
        adjudicate(open, &[&night(number, &line)]);
        assert_eq!(count(&path, lines), 169 + i64::from(number));
        most_waiting = most_waiting.max(count(&path, rows) - before);
    }
    assert!((2..24).contains(&most_waiting), "{most_waiting}");
    check(open);
}

#[test]
fn a_history_of_the_first_schema_is_brought_up_to_the_present_one() {
    let folder = TempDir::new().unwrap();
    let (path, first) = many_members(&folder);
    let open: Open<'_> = &|| Box::new(SqliteHistory::create(&path).unwrap());
    adjudicate(open, &[&first]);
    let database = rusqlite::Connection::open(&path).unwrap();
    let mut back = String::from(
        "DROP TABLE hits; DROP TABLE monitors; DROP VIEW payment_lines; DROP VIEW payment_adjustments; DROP TABLE remitted;
         DROP TABLE remittances; DROP TABLE payments; DROP TABLE settling;
         PRAGMA user_version = 1;",
    );
    for (table, columns, key) in [
        ("claim_numbers", "prefix, claim_id", "prefix, claim_id"),
        (
            "timeline_lines",
            "timeline_id, service_date, line_id",
            "timeline_id, service_date, line_id",
        ),
        (
            "sessions",
            "timeline_id, service_date, line_id, phase, muscles",
            "timeline_id, service_date",
        ),
    ] {
        back += &format!(
            "CREATE TABLE old ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID;
             INSERT INTO old SELECT {columns} FROM {table};
             DROP VIEW {table};
             ALTER TABLE old RENAME TO {table};"
        );
    }
    back += "CREATE UNIQUE INDEX before ON timelines (plan, member); DROP TABLE member_lists;
             DROP TABLE timeline_lists; DROP TABLE number_lists; DROP TABLE changed_sessions;";
    database.execute_batch(&back).unwrap();
    drop(database);
    check(open);
    let look: Open<'_> = &|| Box::new(SqliteHistory::open(&path).unwrap());
    assert_eq!(exported(look).lines().count(), 171);
    let line = [("W120", "A", "2027-01-24", "20552")];
    let (text, _) = adjudicate(open, &[&night(2, &line)]);
    assert_eq!(decisions(&text), ["A deny min-interval"]);
    assert_eq!(count(&path, "PRAGMA user_version"), 5);
    check(open);
}

#[test]
fn what_does_not_hold_is_found() {
    let folder = TempDir::new().unwrap();
    let path: &Path = &folder.path().join("h.history");
    let open: Open<'_> = &|| Box::new(SqliteHistory::create(path).unwrap());
    adjudicate(open, &[&night(1, &[(W1, "A", "2027-01-18", "20552")])]);
    for (damage, fault) in [
        (
            "INSERT INTO changed_sessions VALUES (1, '2027-01-18', NULL, NULL, NULL)",
            "1 paid lines whose date is no session",
        ),
        (
            "UPDATE lines SET stands_as = 'deny'",
            "1 lines that do not count as what was decided",
        ),
        (
            "INSERT INTO changed_sessions VALUES (1, '2027-01-19', 1, NULL, NULL)",
            "1 sessions without a paid line on their date",
        ),
        (
            "INSERT INTO timeline_lists (part, lists) SELECT part, lists FROM timeline_lists",
            "2 sessions on a date that is one already",
        ),
        (
            "UPDATE timeline_lists SET lists = replace(lists, ',1,', ',2,')",
            "1 lines in the list of a member that are not the member's",
        ),
        (
            "UPDATE member_lists SET lists = replace(lists, '[1,', '[2,')",
            "1 timelines that are not found by their member",
        ),
        (
            "UPDATE number_lists SET lists = replace(lists, '[1]', '[1,2]')",
            "1 claims in the list of a number that is not theirs",
        ),
        (
            "INSERT INTO reversals VALUES (1, 1, '-1', -10000)",
            "1 reversals without the original",
        ),
        (
            "INSERT INTO monitors VALUES (1, 1, 'other', 'rolling-limit', 'limit = 1', 'Draft');
             INSERT INTO outcomes VALUES (1, 'rolling-limit', 'policy', '', 'deny', '', '', '[]', '');
             INSERT INTO hits VALUES (1, 1, 1, '', 10000)",
            "1 lines with hits of monitors that are not their run's and their plan's",
        ),
        (
            "INSERT INTO monitors VALUES (1, 1, 'cigna', 'rolling-limit', 'limit = 1', 'Draft');
             INSERT INTO outcomes VALUES (1, 'rolling-limit', 'policy', '', 'deny', '', '', '[]', '');
             INSERT INTO hits VALUES (1, 1, 1, '', 10001)",
            "1 lines with hits that put at stake what was not allowed",
        ),
        (
            "INSERT INTO hits VALUES (1, 7, 1, '', 10000)",
            "rows of hits name",
        ),
        (
            "UPDATE claims SET last_line = 7",
            "1 claims whose lines are not theirs",
        ),
        (
            "DELETE FROM transaction_sets",
            "rows of claims name transaction_sets that are not there",
        ),
    ] {
        let copy = folder.path().join("damaged.history");
        std::fs::copy(path, &copy).unwrap();
        let connection = rusqlite::Connection::open(&copy).unwrap();
        connection
            .execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}"))
            .unwrap();
        drop(connection);
        let faults = SqliteHistory::open(&copy).unwrap().check().unwrap();
        assert!(
            faults.iter().any(|found| found.starts_with(fault)),
            "{damage}: {faults:?}"
        );
    }
}

/// Determinations without what says where a claim stands.
fn bare(text: &str) -> Vec<String> {
    let bare = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
        for place in ["file", "interchange", "claim_control_number"] {
            value.as_object_mut().unwrap().remove(place);
        }
        value.to_string()
    };
    text.lines().map(bare).collect()
}

const CODES: [&str; 6] = ["20552", "20553", "76942", "99213", "20560", "76881"];

/// A claim of a few members and one year: member, day, code.
type Drawn = (usize, u64, usize);

/// Whether claims give the same decisions in one batch as in nights that end on these days.
fn nights_agree_with_one_batch(mut claims: Vec<Drawn>, ends: &[u64]) {
    claims.sort_by_key(|claim| claim.1);
    let members = ["W1", "W2", "P1", "P2"];
    let numbers: Vec<String> = (0..claims.len()).map(|index| format!("C{index}")).collect();
    let start: NaiveDate = "2026-06-01".parse().unwrap();
    let dates: Vec<String> = (claims.iter())
        .map(|claim| (start + chrono::Days::new(claim.1)).to_string())
        .collect();
    let lines: Vec<(u64, Line<'_>)> = (claims.iter().zip(&numbers).zip(&dates))
        .map(|((claim, number), date)| {
            let line = (members[claim.0], &**number, &**date, CODES[claim.2]);
            (claim.1, line)
        })
        .collect();
    let all: Vec<Line<'_>> = lines.iter().map(|(_, line)| *line).collect();
    on_every_history(|open| {
        let expected = bare(&adjudicate(open, &[&night(0, &all)]).0);
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("nightly.history");
        let nightly: Open<'_> = &|| Box::new(SqliteHistory::create(&path).unwrap());
        let mut got = Vec::new();
        let mut rest = &lines[..];
        for (number, end) in (1..).zip(ends.iter().chain([&u64::MAX])) {
            let (of_night, later) = rest.split_at(rest.partition_point(|(day, _)| day <= end));
            let of_night: Vec<Line<'_>> = of_night.iter().map(|(_, line)| *line).collect();
            got.extend(bare(&adjudicate(nightly, &[&night(number, &of_night)]).0));
            rest = later;
        }
        assert_eq!(got, expected);
        check(nightly);
    });
}

#[test]
fn one_twelve_or_365_nights_decide_the_same() {
    let claims: Vec<Drawn> = (0..600_u64)
        .map(|index| {
            let draw = index.wrapping_mul(2_654_435_761) >> 7;
            (draw as usize % 4, draw / 4 % 365, draw as usize / 1460 % 6)
        })
        .collect();
    for nights in [1, 12, 365] {
        let ends: Vec<u64> = (1..nights).map(|night| night * 365 / nights - 1).collect();
        nights_agree_with_one_batch(claims.clone(), &ends);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn history_and_batch_decide_like_one_batch_for_any_split_by_date(
        claims in proptest::collection::vec((0_usize..4, 0_u64..400, 0_usize..6), 1..60),
        ends in proptest::collection::btree_set(0_u64..400, 0..4),
    ) {
        let ends: Vec<u64> = ends.into_iter().collect();
        nights_agree_with_one_batch(claims, &ends);
    }
}
