//! Proposals about decisions of earlier runs, as people meet them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rusqlite::Connection;

use super::nights::{Line, night};
use super::place::{Place, said, status, words};

const FIRST: [Line<'_>; 4] = [
    ("W1", "G", "2027-01-18", "76942"),
    ("W1", "A", "2027-02-01", "20552"),
    ("W1", "B", "2027-02-05", "20552"),
    ("P1", "V", "2027-03-01", "99213"),
];

const SECOND: [Line<'_>; 3] = [
    ("W1", "C", "2027-01-18", "20552"),
    ("W1", "A 8", "2027-02-01", "20552"),
    ("P1", "D", "2027-03-01", "20553"),
];

/// Two nights, the second with proposals; gives their files.
fn two_nights(place: &Place, out: &str) -> [String; 2] {
    let first = place.write("1.837", night(1, &FIRST));
    let second = place.write("2.837", night(2, &SECOND));
    assert_eq!(status(&place.adjudicate(&[&first])), 0);
    let output = place.adjudicate(&[&second, "--recoveries", out]);
    assert_eq!(status(&output), 0, "{}", words(&output));
    [first, second]
}

/// Every row of a history, but for the time of day.
fn rows(place: &Place) -> Vec<String> {
    let history = Connection::open(place.history()).unwrap();
    let mut tables = history
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables = tables.query_map([], |row| row.get(0)).unwrap();
    let tables: Vec<String> = tables.map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for table in tables {
        let mut all = history.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = all.column_names().map(str::to_owned).collect();
        let mut found = all.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let shown = names
                .iter()
                .enumerate()
                .filter(|(_, name)| *name != "recorded_at");
            let value = |(index, _)| format!("{:?}", row.get_ref(index).unwrap());
            let values: Vec<String> = shown.map(value).collect();
            rows.push(format!("{table}: {}", values.join(", ")));
        }
    }
    rows
}

#[test]
fn proposals_are_written_as_json_lines() {
    let place = Place::new();
    let out = place.path("r.jsonl");
    two_nights(&place, &out);
    let written = fs::read_to_string(&out).unwrap();
    let number = |claim: &str| {
        let history = Connection::open(place.history()).unwrap();
        let query = "SELECT claim_control_number FROM claims WHERE patient_control_number = ?1 ORDER BY id DESC LIMIT 1";
        let number: String = history.query_row(query, [claim], |row| row.get(0)).unwrap();
        number
    };
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 3, "{written}");
    let expected = format!(
        "{{\"kind\":\"recovery\",\"run\":1,\"plan\":\"caresource-ar-passe\",\
         \"policy\":\"caresource-ar-passe-mm-1503\",\"member\":\"P1\",\"claim\":\"V\",\
         \"claim_control_number\":\"{}\",\"line\":1,\"line_control_number\":\"VL1\",\
         \"billing_provider\":\"1234567893\",\"rendering_provider\":\"1234567893\",\
         \"service_date\":\"2027-03-01\",\"procedure\":\"99213\",\"modifiers\":[],\"units\":\"1\",\
         \"charge\":\"100.00\",\"decision\":\"pay\",\"amount_allowed\":\"100.00\",\"would_be\":\"deny\",\
         \"would_allow\":\"0.00\",\"amount\":\"-100.00\",\"reasons\":[{{\"rule\":\"office-visit\",",
        number("V")
    );
    assert!(lines[0].starts_with(&expected), "{}\n{expected}", lines[0]);
    let end = format!(
        "\"text\":\"the visit is part of the injection of 2027-03-01; modifier 25 marks a separate service\"}}],\
         \"caused_by\":[\"{}\"],\"notes\":[]}}",
        number("D")
    );
    assert!(lines[0].ends_with(&end), "{}\n{end}", lines[0]);
    let freed: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(freed["kind"], "freed");
    assert_eq!(
        freed["reasons"][0]["text"],
        "4 days after the session of 2027-02-01; 7 days are required"
    );
    assert_eq!(freed["caused_by"], serde_json::json!([number("A")]));
    let mode = fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn csv_has_the_same_fields_and_the_deciding_reason() {
    let place = Place::new();
    let [_, second] = two_nights(&place, &place.path("r.jsonl"));
    let csv = place.path("r.csv");
    let output = place.adjudicate(&[&second, "--recoveries", &csv]);
    assert_eq!(status(&output), 0, "{}", words(&output));
    let lines = fs::read_to_string(place.path("r.jsonl")).unwrap();
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let names = reader.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), lines.lines().count());
    for (record, line) in records.iter().zip(lines.lines()) {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields = value.as_object().unwrap();
        assert_eq!(names.len(), fields.len() + 4);
        for (name, field) in names.iter().zip(record) {
            match fields.get(name) {
                Some(serde_json::Value::String(text)) => assert_eq!(field, text, "{name}"),
                Some(serde_json::Value::Null) => assert_eq!(field, "", "{name}"),
                Some(other) => {
                    let field: serde_json::Value = serde_json::from_str(field).unwrap();
                    assert_eq!(field, *other, "{name}");
                }
                None => assert!(name.starts_with("deciding_"), "{name}"),
            }
        }
    }
    let deciding: Vec<&str> = records.iter().map(|record| &record[24]).collect();
    assert_eq!(deciding, ["office-visit", "guidance", "min-interval"]);
    assert_eq!(&records[0][26], "97");
}

#[test]
fn the_summary_says_what_they_come_to() {
    let place = Place::new();
    let out = place.path("r.jsonl");
    let [_, second] = two_nights(&place, &out);
    let summary = place.path("s.json");
    let output = place.adjudicate(&[&second, "--recoveries", &out, "--summary", &summary]);
    let told = words(&output);
    let page = place.path("page.html");
    place.adjudicate(&[&second, "--recoveries", &out, "--report", &page]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("<th scope=\"row\">recovery</th>"), "{page}");
    assert!(page.contains("-200.00"), "{page}");
    assert!(
        told.contains("3 decisions of earlier runs would be different now; nothing was changed:"),
        "{told}"
    );
    assert!(told.contains("recovery                                2         -200.00  paid lines"));
    assert!(told.contains("freed                                   1          100.00  denied or"));
    assert!(told.contains(&format!("recoveries      {out}")), "{told}");
    let summary: serde_json::Value = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
    assert_eq!(
        summary["recoveries"],
        serde_json::json!({
            "file": out,
            "runs": [2],
            "proposals": 3,
            "kinds": {
                "freed": {"proposals": 1, "amount": "100.00"},
                "recovery": {"proposals": 2, "amount": "-200.00"},
                "review": {"proposals": 0, "amount": "0.00"},
                "session-order": {"proposals": 0, "amount": "0.00"},
            }
        })
    );
}

#[test]
fn the_same_command_again_writes_the_same_bytes_whatever_later_runs_did() {
    let place = Place::new();
    let out = place.path("r.jsonl");
    let [first, second] = two_nights(&place, &out);
    let written = fs::read(&out).unwrap();
    for lines in [
        &[("W1", "C 8", "2027-01-18", "20552")][..],
        &[
            ("P1", "V 7", "2027-03-02", "99213"),
            ("W1", "E", "2027-02-05", "20553"),
        ],
    ] {
        let number = 3 + place.count("SELECT count(*) FROM runs") as u32;
        let file = place.write(&format!("{number}.837"), night(number, lines));
        assert_eq!(status(&place.adjudicate(&[&file])), 0);
        fs::remove_file(&out).unwrap();
        let output = place.adjudicate(&[&second, "--recoveries", &out]);
        assert_eq!(status(&output), 0);
        assert_eq!(fs::read(&out).unwrap(), written);
    }
    // The first night knew nothing that it could change; of both, each has its own.
    let none = place.path("none.jsonl");
    let output = place.adjudicate(&[&first, "--recoveries", &none]);
    assert!(words(&output).contains("no decision of an earlier run would be different now"));
    assert_eq!(fs::read(&none).unwrap(), b"");
    place.adjudicate(&[&second, &first, "--recoveries", &out]);
    assert_eq!(fs::read(&out).unwrap(), written);
}

#[test]
fn a_known_file_among_new_ones_proposes_nothing_again() {
    let place = Place::new();
    let out = place.path("r.jsonl");
    let [_, second] = two_nights(&place, &out);
    let third = place.write("3.837", night(3, &[("W9", "X", "2027-01-18", "20552")]));
    let both = || {
        let output = place.adjudicate(&[&second, &third, "--recoveries", &out]);
        assert_eq!(status(&output), 0);
        fs::read_to_string(&out).unwrap()
    };
    assert_eq!(both(), "");
    assert_eq!(both(), "", "the same command again");
}

#[test]
fn a_history_is_the_same_with_proposals_and_without() {
    let with = Place::new();
    two_nights(&with, &with.path("r.csv"));
    let without = Place::new();
    for number in [1, 2] {
        let lines = if number == 1 { &FIRST[..] } else { &SECOND };
        let file = without.write(&format!("{number}.837"), night(number, lines));
        without.adjudicate(&[&file]);
    }
    let place_free = |place: &Place| -> Vec<String> {
        let folder = place.0.path().display().to_string();
        rows(place)
            .into_iter()
            .map(|row| row.replace(&folder, ""))
            .collect()
    };
    // Byte strings are shown as numbers, so inputs are named apart.
    let named = |row: &String| row.starts_with("inputs:");
    let [mut with, mut without] = [place_free(&with), place_free(&without)];
    with.retain(|row| !named(row));
    without.retain(|row| !named(row));
    assert_eq!(with, without);
    assert!(with.len() > 40, "{}", with.len());
}

#[test]
fn a_test_claim_changes_nothing_and_is_nothing_that_could_be_changed() {
    let place = Place::new();
    let out = place.path("r.csv");
    place.night(1, &FIRST);
    let as_test = |number, lines: &[Line<'_>]| night(number, lines).replace("*0*P*:~", "*0*T*:~");
    let test = place.write("t.837", as_test(2, &SECOND));
    let output = place.adjudicate(&[&test, "--recoveries", &out]);
    assert_eq!(status(&output), 0, "{}", words(&output));
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.starts_with("kind,run,plan,"), "{written}");
}

#[test]
fn nothing_is_reversed_by_itself() {
    let place = Place::new();
    let (out, remit) = (place.path("r.jsonl"), place.path("r.835"));
    let plans = ["--plans", "fixtures/plans.toml"];
    let first = place.write("1.837", night(1, &FIRST));
    let second = place.write("2.837", night(2, &SECOND));
    for file in [first, second] {
        let arguments = [
            &[&*file, "--recoveries", &out, "--remit", &remit],
            &plans[..],
        ]
        .concat();
        let output = place.adjudicate(&arguments);
        assert_eq!(status(&output), 0, "{}", words(&output));
    }
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 3);
    // The void's own claim, and no other.
    assert_eq!(
        place.count("SELECT count(*) FROM payments WHERE stands_as = 'reversed'"),
        1
    );
    assert_eq!(place.count("SELECT count(*) FROM reversals"), 1);
}

#[test]
fn the_number_of_threads_proposes_nothing() {
    let place = Place::new();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let members: Vec<String> = (0..400).map(|member| format!("W{member}")).collect();
    for member in &members {
        first.push((&**member, "G", "2027-01-18", "76942"));
        second.push((&**member, "A", "2027-01-18", "20552"));
    }
    let first = place.write("1.837", night(1, &first));
    let second = place.write("2.837", night(2, &second));
    let out = place.path("r.jsonl");
    let mut written = Vec::new();
    place.adjudicate(&[&first]);
    for threads in ["1", "2", "8"] {
        place.adjudicate(&[&second, "--recoveries", &out, "--threads", threads]);
        written.push(fs::read_to_string(&out).unwrap());
    }
    assert_eq!(written[0].lines().count(), members.len());
    assert!(written.iter().all(|each| *each == written[0]));
    let member = |line: &str| -> String {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["member"].as_str().unwrap().to_owned()
    };
    assert!(written[0].lines().map(member).is_sorted());
}

#[test]
fn what_cannot_be_written_is_told_in_a_sentence() {
    let place = Place::new();
    let file = place.write("1.837", night(1, &FIRST));
    let told = |arguments: &[&str]| {
        let output = place.adjudicate(&[&[&*file], arguments].concat());
        (status(&output), words(&output))
    };
    let out = place.path("r.jsonl");
    for (arguments, problem) in [
        (
            &["--recoveries", &*place.path("r.txt")][..],
            "the ending names no format; name a file ending in .jsonl or .csv",
        ),
        (
            &["--recoveries", &out, "--out", &out],
            "two outputs have this name",
        ),
        (
            &["--recoveries", &*file.replace("1.837", ".")],
            "the ending names no format",
        ),
    ] {
        let (status, told) = told(arguments);
        assert_eq!(status, 2, "{told}");
        assert!(told.contains(problem), "{told}");
    }
    let (status, told) = told(&["--recoveries", &place.path("none/r.jsonl")]);
    assert_eq!(status, 3, "{told}");
    assert!(
        told.contains("cannot be written: no such file or directory"),
        "{told}"
    );
    assert_eq!(place.count("SELECT count(*) FROM sqlite_schema"), 0);
    let without = super::place::claimstream(&["adjudicate", &file, "--recoveries", &out]);
    assert_eq!(super::place::status(&without), 2);
    assert!(words(&without).contains("--history"), "{}", words(&without));
    assert_eq!(said(&without), "");
}
