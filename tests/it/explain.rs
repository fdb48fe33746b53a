//! `claimstream explain` in words, as people meet it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use claimstream::policy::KINDS;
use serde_json::Value;
use tempfile::TempDir;

use super::nights::{Line, night};
use super::planted::{run, text};

/// What the fixture is decided as, with its plans and facts.
const DECIDED: &str = "fixtures/overnight.expected.jsonl";
const PLANS: [&str; 2] = ["--plans", "fixtures/plans.toml"];

/// What stands before a line that goes on.
const INDENT: &str = "                ";

fn said(arguments: &[&str]) -> String {
    let output = run(&[&["explain"], arguments].concat(), 0);
    assert!(output.stderr.is_empty(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said on standard error where nothing, or nothing whole, is explained.
fn refused(arguments: &[&str], status: i32) -> String {
    let output = run(&[&["explain"], arguments].concat(), status);
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A folder with a history.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        text(&self.0.path().join(name)).to_owned()
    }

    /// Adjudicates a night of its own file; gives the file of determinations.
    fn night(&self, number: u32, lines: &[Line<'_>]) -> String {
        let [input, out] = ["837", "jsonl"].map(|end| self.path(&format!("{number}.{end}")));
        fs::write(&input, night(number, lines)).unwrap();
        let history = self.path("h.history");
        run(
            &["adjudicate", &input, "--history", &history, "--out", &out],
            0,
        );
        out
    }

    fn explain(&self, member: &str, more: &[&str]) -> String {
        let history = self.path("h.history");
        said(&[&["--history", &history, "--member", member], more].concat())
    }
}

/// The fixture in a history.
fn overnight() -> Place {
    let place = Place::new();
    let (history, out) = (place.path("h.history"), place.path("decided.jsonl"));
    let input = ["adjudicate", "fixtures/overnight.837"];
    let facts = ["--facts", "fixtures/facts.jsonl"];
    let outputs = ["--history", &history, "--out", &out];
    run(&[&input, &PLANS, &facts, &outputs[..]].concat(), 0);
    place
}

/// The paragraph about a line among those of its claim.
fn about_line(claim: &Value, line: &Value) -> String {
    let (claim, line) = (claim.as_str().unwrap(), line.as_u64().unwrap());
    let words = said(&[&[DECIDED, "--claim", claim], &PLANS[..]].concat());
    let mut paragraphs = words.split("\n\n").flat_map(|paragraph| {
        let start = paragraph.find("denied").or(paragraph.find("pended"));
        start.or(paragraph.find("reduced")).map(|_| paragraph)
    });
    let name = format!(" line {line} (");
    let found = paragraphs.find(|paragraph| {
        paragraph
            .lines()
            .any(|row| !row.starts_with(' ') && row.contains(&name))
    });
    let found = found.unwrap();
    // A line that is paid stands before it without a blank between them.
    let start = found
        .lines()
        .position(|row| !row.starts_with(' ') && row.contains(&name));
    let rows: Vec<&str> = found.lines().skip(start.unwrap()).collect();
    rows.join("\n")
}

#[test]
fn every_rule_of_the_fixture_is_explained() {
    let mut first: BTreeMap<usize, (Value, Value)> = BTreeMap::new();
    for line in fs::read_to_string(DECIDED).unwrap().lines() {
        let decided: Value = serde_json::from_str(line).unwrap();
        for reason in decided["reasons"].as_array().unwrap() {
            let is_kind = |spec: &claimstream::policy::KindSpec| reason["rule"] == spec.name;
            let kind = KINDS.iter().position(is_kind).unwrap();
            let place = (
                decided["claim_control_number"].clone(),
                decided["line"].clone(),
            );
            first.entry(kind).or_insert(place);
        }
    }
    let told: Vec<String> = first
        .iter()
        .map(|(kind, (claim, line))| {
            let name = KINDS[*kind].name;
            let words = about_line(claim, line);
            assert!(words.contains(&format!("{name}: ")), "{name}: {words}");
            format!("# {name}\n{words}")
        })
        .collect();
    // All but `add-on`, which neither policy of the fixture has.
    assert_eq!(told.len(), KINDS.len() - 1);
    insta::assert_snapshot!("every_rule_in_words", told.join("\n\n"));
}

#[test]
fn a_member_is_explained_from_a_history() {
    let place = overnight();
    let told = place.explain("u10000003", &PLANS);
    insta::assert_snapshot!("a_member_from_a_history", told);
}

#[test]
fn a_claim_is_explained_from_determinations() {
    let told = said(&[DECIDED, "--claim", "RP-2002"]);
    insta::assert_snapshot!("a_claim_from_determinations", told);
    // Its other number finds the same.
    assert_eq!(said(&[DECIDED, "--claim", "G24Y5YV3V73QP6MD"]), told);
}

#[test]
fn every_session_named_is_the_one_paid_on_its_date() {
    let paid: BTreeMap<(String, String), String> = fs::read_to_string(DECIDED)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|decided| decided["decision"] == "pay" && !decided["session"].is_null())
        .map(|decided| {
            let text = |key: &str| decided[key].as_str().unwrap().to_owned();
            (
                (text("member"), text("service_date")),
                text("claim_control_number"),
            )
        })
        .collect();
    let mut count = 0;
    for member in ["U10000001", "U10000003", "P20000001"] {
        let told = said(&[&[DECIDED, "--member", member], &PLANS[..]].concat());
        let mut is_session = false;
        for row in told.lines() {
            is_session = row.starts_with("  Sessions") || (is_session && row.starts_with(INDENT));
            if !is_session {
                continue;
            }
            let row = row.trim_start_matches("  Sessions").trim();
            let (date, claim) = row.split_once("  claim ").unwrap();
            let number = &paid[&(member.to_owned(), date.to_owned())];
            assert!(claim.ends_with(&format!("({number})")), "{row}");
            count += 1;
        }
    }
    // Six of one phase limit, ten and six of a line over two limits, eight of a year.
    assert_eq!(count, 6 + 10 + 6 + 8);
}

#[test]
fn the_first_date_that_is_payable_is_paid_and_the_day_before_is_not() {
    let sessions: [Line<'_>; 2] = [
        ("U1", "A1", "2027-05-03", "20552"),
        ("U1", "A2", "2027-05-06", "20552"),
    ];
    for (date, decision) in [("2027-05-09", "deny"), ("2027-05-10", "pay")] {
        let place = Place::new();
        place.night(1, &sessions);
        let told = place.explain("U1", &[]);
        assert!(
            told.contains("  Payable       First on 2027-05-10,"),
            "{told}"
        );
        let out = place.night(2, &[("U1", "A3", date, "20552")]);
        let decided: Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
        assert_eq!(decided["decision"], decision, "{date}");
    }
}

#[test]
fn what_a_file_does_not_have_is_said_to_be_missing() {
    let place = Place::new();
    place.night(1, &[("U1", "A1", "2027-05-03", "20552")]);
    let out = place.night(2, &[("U1", "A2", "2027-05-06", "20552")]);
    let told = said(&[&out, "--claim", "A2"]);
    assert!(told.contains("sessions before it are not"), "{told}");
    assert!(
        told.contains("  Too near      2027-05-03  not in this file"),
        "{told}"
    );
    // The session is named, so the date is known all the same.
    assert!(told.contains("First on 2027-05-10,"), "{told}");
}

#[test]
fn a_session_taken_back_since_is_said_to_be() {
    let place = Place::new();
    place.night(1, &[("U1", "A1", "2027-05-03", "20552")]);
    place.night(2, &[("U1", "A2", "2027-05-06", "20552")]);
    place.night(3, &[("U1", "A1 8 A1", "2027-05-03", "20552")]);
    let told = place.explain("U1", &["--claim", "A2"]);
    assert!(told.contains(", taken back since\n"), "{told}");
    assert!(
        told.replace(&format!("\n{INDENT}"), " ")
            .contains("As sessions stand now, no limit stops 2027-05-06 itself any more."),
        "{told}"
    );
}

#[test]
fn a_session_on_the_date_that_was_free_moves_it() {
    let place = Place::new();
    place.night(
        1,
        &[
            ("U1", "A1", "2027-05-03", "20552"),
            ("U1", "A2", "2027-05-06", "20552"),
            ("U1", "A3", "2027-05-10", "20552"),
        ],
    );
    let told = place
        .explain("U1", &[])
        .replace(&format!("\n{INDENT}"), " ");
    assert!(
        told.contains("First on 2027-05-10, as far as limits go, with the sessions known before this line. With all sessions known now: first on 2027-05-17."),
        "{told}"
    );
}

#[test]
fn a_reviewers_decision_is_told() {
    let place = Place::new();
    place.night(1, &[("U1", "A1", "2024-10-01", "20552")]);
    let [history, queue] = ["h.history", "queue.csv"].map(|name| place.path(name));
    run(
        &["history", "pends", "--history", &history, "--csv", &queue],
        0,
    );
    let filled = fs::read_to_string(&queue).unwrap();
    assert!(filled.ends_with(",,,,,,\n"), "{filled}");
    let filled = filled.trim_end_matches(",,,,,,\n").to_owned();
    fs::write(&queue, filled + ",deny,CO,50,,reviewer-7,2027-06-02\n").unwrap();
    run(&["history", "decide", &queue, "--history", &history], 0);
    let told = place.explain("U1", &[]);
    assert!(told.contains("\ndenied      2024-10-01  20552 "), "{told}");
    assert!(
        told.contains("  Reviewed      deny by reviewer-7 on 2027-06-02 CO 50."),
        "{told}"
    );
    assert!(
        told.contains("  Why           No version of the policy is in force"),
        "{told}"
    );
}

#[test]
fn a_plan_that_is_not_known_is_asked_for() {
    let place = overnight();
    let told = place.explain("U10000003", &[]).replace('\n', " ");
    assert!(told.contains("its plans file with --plans"), "{told}");
    // What the determination states is told all the same.
    assert!(
        told.contains("The 12-month window, from 2025-07-07 to 2026-07-06"),
        "{told}"
    );
    assert!(!told.contains("Payable"), "{told}");
}

#[test]
fn a_plan_can_be_asked_about_alone() {
    let place = overnight();
    let history = place.path("h.history");
    let ask = ["--history", &history, "--member", "U10000003", "--plan"];
    said(&[&ask[..], &["cigna-00123"]].concat());
    refused(&[&ask[..], &["cigna"]].concat(), 1);
    refused(&[DECIDED, "--member", "U10000003", "--plan", "cigna"], 1);
}

#[test]
fn claims_without_a_member_key_are_not_one_member() {
    let told = said(&[DECIDED, "--claim", "DF-4001"]);
    assert!(told.contains("1 line known here"), "{told}");
    assert!(told.contains("a claim without a member key"), "{told}");
    assert!(!told.contains("The next session"), "{told}");
}

#[test]
fn exit_statuses_say_how_it_went() {
    let place = overnight();
    let history = place.path("h.history");
    for (arguments, status) in [
        (&[DECIDED, "--claim", "NOBODY"][..], 1),
        (&[DECIDED, "--member", "NOBODY"], 1),
        (&["--history", &history, "--member", "NOBODY"], 1),
        (
            &[
                "--history",
                &history,
                "--member",
                "U10000001",
                "--claim",
                "RP-2002",
            ],
            1,
        ),
        (&[DECIDED], 2),
        (&["--member", "U10000001"], 2),
        (&["--history", &history], 2),
        (&["--history", &history, "--claim", "RP-2002"], 2),
        (
            &["--history", &history, DECIDED, "--member", "U10000001"],
            2,
        ),
        (&[DECIDED, "--member", " "], 2),
        (
            &[DECIDED, "--member", "U10000001", "--plans", "nowhere.toml"],
            2,
        ),
        (&["nowhere.jsonl", "--member", "U10000001"], 3),
        (&["fixtures", "--member", "U10000001"], 3),
        (&["fixtures/overnight.837", "--member", "U10000001"], 3),
        (
            &["--history", "nowhere.history", "--member", "U10000001"],
            3,
        ),
    ] {
        let words = refused(arguments, status);
        assert!(!words.is_empty(), "{arguments:?}");
        // Nothing of a person, and no claim, is in an error.
        for value in ["NOBODY", "U10000001", "RP-2002"] {
            let is_usage = words.contains("Usage:");
            assert!(is_usage || !words.contains(value), "{arguments:?}: {words}");
        }
    }
}

#[test]
fn the_page_is_written_whole_or_not_at_all() {
    let place = Place::new();
    let page = place.path("why.html");
    refused(&[DECIDED, "--claim", "NOBODY", "--html", &page], 1);
    assert!(!Path::new(&page).exists());
    let told = said(&[DECIDED, "--claim", "RP-2002", "--html", &page]);
    assert!(
        told.contains(&format!("page            {page}\n")),
        "{told}"
    );
    let mode = fs::metadata(&page).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 1);
    refused(
        &[
            DECIDED,
            "--claim",
            "RP-2002",
            "--html",
            &place.path("no/why.html"),
        ],
        3,
    );
}

#[test]
fn the_page_never_takes_the_place_of_what_is_read() {
    let place = Place::new();
    let copy = place.path("decided.jsonl");
    fs::copy(DECIDED, &copy).unwrap();
    let words = refused(&[&copy, "--claim", "RP-2002", "--html", &copy], 2);
    assert!(words.contains("this is an input"), "{words}");
    assert_eq!(fs::read(&copy).unwrap(), fs::read(DECIDED).unwrap());
}
