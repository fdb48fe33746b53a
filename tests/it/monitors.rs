//! Monitored rules: what is told of them adds up, and nothing else changes.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::nights::night;
use super::place::{Place, before_lists, said, status, words};
use super::planted::{json as read_json, run, text};
use super::report::made_up;

const PLANS: &str = "fixtures/plans.toml";

/// Monitors of the plans of the fixture: by plan, with their rules and what is set of these.
const MONITORS: [(&str, &str, &str); 6] = [
    ("cigna", "rolling-limit", "limit = 3"),
    ("cigna", "rolling-limit", "limit = 1"),
    ("cigna", "min-interval", "diagnostic_days = 45"),
    ("cigna", "unit-cap", "decision = \"deny\""),
    ("caresource-ar-passe", "calendar-limit", "limit = 2"),
    (
        "caresource-ar-passe",
        "documentation",
        "outcome.unmet.decision = \"pend\", outcome.unmet.status = \"R4:294\"",
    ),
];

/// The plans of the fixture with these monitors.
fn plans(folder: &Path) -> PathBuf {
    let mut text = String::new();
    for plan in fs::read_to_string(PLANS)
        .unwrap()
        .split("[[plan]]\n")
        .skip(1)
    {
        text += &format!("[[plan]]\n{plan}");
        for (id, rule, set) in MONITORS {
            if plan.contains(&format!("id = \"{id}\"\n")) {
                text += &format!(
                    "\n[[plan.override]]\nrule = \"{rule}\"\nset = {{ {set} }}\nmode = \"monitor\"\ncitation = \"Draft of {rule}\"\n"
                );
            }
        }
    }
    let path = folder.join("monitors.toml");
    fs::write(&path, text).unwrap();
    path
}

/// What a run writes.
struct Written {
    folder: TempDir,
}

impl Written {
    fn new(input: &str, plans: &Path, more: &[&str], status: i32) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        let [out, pends, summary, report] =
            ["out.jsonl", "queue.csv", "summary.json", "night.html"].map(path);
        let facts = "fixtures/facts.jsonl";
        let given = [
            "adjudicate",
            input,
            "--plans",
            text(plans),
            "--facts",
            facts,
        ];
        let outputs = [
            ["--out", text(&out)],
            ["--pends", text(&pends)],
            ["--summary", text(&summary)],
            ["--report", text(&report)],
        ];
        run(&[&given, outputs.as_flattened(), more].concat(), status);
        Self { folder }
    }

    fn bytes(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        let lines = self.bytes("out.jsonl");
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn summary(&self) -> Value {
        read_json(&self.folder.path().join("summary.json"))
    }
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What a summary says of monitors that have hits, amounts in whole cents.
fn told(monitored: &Value) -> Vec<Value> {
    let counts = monitored.as_array().unwrap().iter();
    let counts = counts.filter(|count| count["lines"] != 0);
    let counts = counts.map(|count| {
        json!([
            count["plan"],
            count["rule"],
            count["set"],
            count["citation"],
            count["lines"],
            count["paid_lines"],
            cents(&count["amount_at_stake"]),
        ])
    });
    sorted(counts.collect())
}

fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(Value::to_string);
    rows
}

/// The rows of a query that begins with four texts and goes on with three numbers.
fn rows(database: &Connection, query: &str) -> Vec<Value> {
    let mut statement = database.prepare(query).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let text = |place| row.get::<_, String>(place).unwrap();
        let number = |place| row.get::<_, i64>(place).unwrap();
        Ok(json!([
            text(0),
            text(1),
            text(2),
            text(3),
            number(4),
            number(5),
            number(6)
        ]))
    };
    let rows = statement.query_map([], row).unwrap();
    sorted(rows.map(Result::unwrap).collect())
}

/// What is counted of hits, by SQL over the determinations as they are written. None of the monitors
/// reduces, so that all that is allowed for a line is at stake.
fn by_sql(lines: &[Value]) -> Vec<Value> {
    let database = Connection::open_in_memory().unwrap();
    database
        .execute("CREATE TABLE line (doc TEXT)", [])
        .unwrap();
    for line in lines {
        let insert = "INSERT INTO line VALUES (?1)";
        database.execute(insert, params![line.to_string()]).unwrap();
    }
    rows(
        &database,
        "SELECT doc ->> 'plan', hit.value ->> 'rule', hit.value ->> 'set', hit.value ->> 'citation',
            count(*), sum(doc ->> 'decision' IN ('pay', 'reduce')),
            sum(iif(doc ->> 'decision' IN ('pay', 'reduce') AND hit.value ->> 'decision' IN ('deny', 'pend'),
                CAST(replace(doc ->> 'amount_allowed', '.', '') AS INTEGER), 0))
         FROM line, json_each(doc, '$.monitored') AS hit GROUP BY 1, 2, 3, 4",
    )
}

#[test]
fn what_is_counted_of_monitors_is_what_sql_counts_over_the_determinations() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let written = Written::new(text(&input), &plans(folder.path()), &[], 1);
    let expected = by_sql(&written.lines());
    assert!(expected.len() >= 5, "{expected:?}");
    let summary = written.summary();
    assert_eq!(told(&summary["monitored"]), expected);
    let page = written.bytes("night.html");
    let (_, numbers) = page.split_once("id=\"numbers\">").unwrap();
    let numbers: Value = serde_json::from_str(numbers.split_once("</script>").unwrap().0).unwrap();
    assert_eq!(numbers["monitored"], summary["monitored"]);
    assert!(page.contains("href=\"#monitored\"") && page.contains("Draft of rolling-limit"));
}

#[test]
fn nothing_but_what_is_monitored_is_written_otherwise() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let remit = |name: &str| folder.path().join(name);
    let more = |path: &Path| ["--remit".to_owned(), text(path).to_owned()];
    let runs = [
        ("with.835", plans(folder.path())),
        ("without.835", PLANS.into()),
    ];
    let [with, without] = runs.map(|(name, plans)| {
        let more = more(&remit(name));
        Written::new(text(&input), &plans, &[&more[0], &more[1]], 1)
    });
    assert_eq!(with.bytes("queue.csv"), without.bytes("queue.csv"));
    let paid = ["with.835", "without.835"].map(|name| fs::read(remit(name)).unwrap());
    assert!(paid[0] == paid[1], "the remittances differ");
    // What is monitored stands last, so that what is before it is what was written without it.
    let (with_lines, without_lines) = (with.bytes("out.jsonl"), without.bytes("out.jsonl"));
    assert!(!without_lines.contains("monitored"));
    for (with, without) in with_lines.lines().zip(without_lines.lines()) {
        let before = without.strip_suffix('}').unwrap();
        assert!(
            with.starts_with(&format!("{before},\"monitored\":[")),
            "{with}"
        );
    }
    assert_eq!(with_lines.lines().count(), without_lines.lines().count());
    let [mut with, mut without] = [with.summary(), without.summary()];
    assert!(without.get("monitored").is_none());
    let named = ["monitored", "plans_digest", "seconds", "claims_per_second"];
    for summary in [&mut with, &mut without] {
        for name in named {
            summary.as_object_mut().unwrap().remove(name);
        }
    }
    assert_eq!(with, without);
}

#[test]
fn threads_memory_and_a_history_change_no_byte() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let plans = plans(folder.path());
    let written = |more: &[&str]| Written::new(text(&input), &plans, more, 1);
    let expected = written(&[]);
    let history = folder.path().join("h.history");
    let history = ["--history", text(&history)];
    for (more, is_again) in [
        (&["--threads", "1"][..], false),
        (&["--threads", "5"], false),
        (&["--memory-limit", "1B"], false),
        (&history, false),
        (&history, true),
    ] {
        let other = written(more);
        let (one, two) = (expected.bytes("out.jsonl"), other.bytes("out.jsonl"));
        assert!(one == two, "determinations differ with {more:?}");
        let monitored = [&expected, &other].map(|written| written.summary()["monitored"].clone());
        assert_eq!(monitored[0], monitored[1], "{more:?}");
        if !more.contains(&"--history") {
            let pages = [&expected, &other].map(|written| written.bytes("night.html"));
            assert!(pages[0] == pages[1], "the page differs with {more:?}");
        }
        assert_eq!(
            other
                .bytes("night.html")
                .contains("Nothing of the inputs was new"),
            is_again
        );
    }
}

#[test]
fn csv_has_what_is_monitored_in_its_last_column() {
    let folder = TempDir::new().unwrap();
    let plans = plans(folder.path());
    let csv = |plans: &Path, name: &str| -> Vec<csv::StringRecord> {
        let out = folder.path().join(name);
        let given = ["adjudicate", "fixtures/overnight.837", "--out", text(&out)];
        run(&[&given[..], &["--plans", text(plans)]].concat(), 0);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(out)
            .unwrap();
        reader.records().map(Result::unwrap).collect()
    };
    let (with, without) = (csv(&plans, "a.csv"), csv(PLANS.as_ref(), "b.csv"));
    let written = Written::new("fixtures/overnight.837", &plans, &[], 0);
    let with_facts: usize = written.lines().len();
    assert_eq!(
        (with.len(), without.len()),
        (with_facts + 1, with_facts + 1)
    );
    assert_eq!(with[0].get(34), Some("monitored"));
    let mut hits = 0;
    for (with, without) in with.iter().zip(&without) {
        assert_eq!(
            with.iter().take(34).collect::<Vec<_>>(),
            without.iter().collect::<Vec<_>>()
        );
        let list = with.get(34).unwrap();
        if list != "monitored" {
            let list: Vec<Value> = serde_json::from_str(list).unwrap();
            hits += list.len();
        }
    }
    assert!(hits > 5, "{hits}");
}

/// A plan whose limit of sessions is monitored at one.
const ONE: &str = "[[plan]]\nid = \"cigna\"\npayer_ids = [\"62308\"]\npolicy = \"cigna-0139\"\n\
    [[plan.override]]\nrule = \"rolling-limit\"\nset = { limit = 1 }\nmode = \"monitor\"\ncitation = \"Draft\"\n";

/// A place in which a night with one hit was judged, its plans, and the night.
fn place() -> (Place, String, String, String) {
    let place = Place::new();
    let plans = place.write("plans.toml", ONE);
    let lines = [
        ("W1", "A", "2026-12-07", "20552"),
        ("W1", "B", "2027-01-18", "20552"),
    ];
    let file = place.write("1.837", night(1, &lines));
    let output = place.adjudicate(&[&file, "--plans", &plans]);
    assert_eq!(status(&output), 0, "{}", words(&output));
    (place, plans, file, said(&output))
}

#[test]
fn a_history_keeps_hits_and_forgets_and_purges_them() {
    let (place, plans, file, first) = place();
    assert_eq!(first.matches("\"amount_at_stake\":\"100.00\"").count(), 1);
    let kept = rows(
        &Connection::open(place.history()).unwrap(),
        "SELECT plan, rule, changes, citation, count(*), sum(decision = 'pay'), sum(at_stake_cents)
         FROM hits JOIN monitors ON monitors.id = monitor_id JOIN lines ON lines.id = line_id",
    );
    let hit = json!(["cigna", "rolling-limit", "limit = 1", "Draft", 1, 1, 10000]);
    assert_eq!(kept, [hit]);
    // Whatever the plans say now, what is written again is what was written.
    let other = place.write(
        "other.toml",
        ONE.replace("\nmode = \"monitor\"", "")
            .replace("limit = 1 ", "limit = 9 "),
    );
    let again = place.adjudicate(&[&file, "--plans", &other]);
    assert_eq!(said(&again), first);
    assert!(
        words(&again).contains("the plans changed since run 1"),
        "{}",
        words(&again)
    );
    assert!(
        words(&again).contains("monitored, changing nothing"),
        "{}",
        words(&again)
    );
    // And the other way round: a run without a monitor stays one.
    let second = place.write("2.837", night(2, &[("W1", "C", "2027-03-18", "20552")]));
    let without = said(&place.adjudicate(&[&second, "--plans", &other]));
    assert!(without.contains("\"decision\":\"pay\"") && !without.contains("monitored"));
    assert_eq!(
        said(&place.adjudicate(&[&second, "--plans", &plans])),
        without
    );
    // Both at once: one of them has a monitor, so each line has the field.
    let both = said(&place.adjudicate(&[&file, &second, "--plans", &plans]));
    assert_eq!(both.matches("\"monitored\":[").count(), 3);
    assert!(said(&place.ask(&["check"])).contains("all that must hold holds"));
    place.ask(&["forget", "--run", "2"]);
    assert_eq!(place.count("SELECT count(*) FROM hits"), 1);
    place.ask(&["forget", "--run", "1"]);
    assert_eq!(place.count("SELECT count(*) FROM hits"), 0);
    assert_eq!(place.count("SELECT count(*) FROM monitors"), 0);
    assert!(said(&place.ask(&["check"])).contains("all that must hold holds"));
}

#[test]
fn claims_of_tests_between_files_that_are_written_again_have_the_columns_of_these() {
    let (place, plans, file, _) = place();
    let without = place.write(
        "without.toml",
        ONE.split("[[plan.override]]").next().unwrap(),
    );
    let claims = night(2, &[("W5", "T", "2027-02-01", "20552")]);
    let test = place.write("2.837", claims.replace("*0*P*:~", "*0*T*:~"));
    for plans in [&plans, &without] {
        let out = place.path("out.csv");
        let output = place.adjudicate(&[&file, &test, "--plans", plans, "--out", &out]);
        assert_eq!(status(&output), 0, "{}", words(&output));
        // A reader that refuses rows of different lengths.
        let mut reader = csv::Reader::from_path(&out).unwrap();
        assert_eq!(reader.headers().unwrap().len(), 35);
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!((rows.len(), rows[2].get(34)), (3, Some("[]")));
    }
}

#[test]
fn a_purge_keeps_what_a_monitored_limit_looks_back_on_and_takes_hits_with_their_lines() {
    let place = Place::new();
    let monitor = ONE.replace("limit = 1", "limit = 1, months = 24");
    let plans = place.write("plans.toml", monitor);
    let enforced = place.write(
        "enforced.toml",
        ONE.split("[[plan.override]]").next().unwrap(),
    );
    let lines = [
        ("W2", "A", "2024-11-05", "20552"),
        ("W2", "B", "2024-11-19", "20552"),
        ("W1", "C", "2027-01-18", "20552"),
    ];
    let file = place.write("1.837", night(1, &lines));
    place.adjudicate(&[&file, "--plans", &plans]);
    assert_eq!(place.count("SELECT count(*) FROM hits"), 1);
    let purge = |plans: &str| {
        let output = place.ask(&["purge", "--before", "2026-01-01", "--plans", plans]);
        (status(&output), words(&output))
    };
    let (refused, told) = purge(&plans);
    assert!(
        refused == 2 && told.contains("rolling-limit of plan cigna still needs"),
        "{told}"
    );
    let (done, told) = purge(&enforced);
    assert!(done == 0 && told.contains("2 claims removed"), "{told}");
    assert_eq!(place.count("SELECT count(*) FROM hits"), 0);
    assert_eq!(status(&place.ask(&["check"])), 0);
    // What is left of the run is written as it was, with the field.
    let left = said(&place.adjudicate(&[&file, "--plans", &plans]));
    assert_eq!(left.matches("\"monitored\":[]").count(), 1);
    assert_eq!(left.lines().count(), 1);
}

#[test]
fn a_reversal_has_the_field_and_no_hit() {
    let (place, plans, _, _) = place();
    let void = place.write("2.837", night(2, &[("W1", "B 8", "2027-01-18", "20552")]));
    let first = said(&place.adjudicate(&[&void, "--plans", &plans]));
    assert!(first.contains("\"decision\":\"reverse\""), "{first}");
    assert!(
        first
            .lines()
            .all(|line| line.ends_with("\"monitored\":[]}")),
        "{first}"
    );
    assert_eq!(said(&place.adjudicate(&[&void, "--plans", &plans])), first);
    assert_eq!(status(&place.ask(&["check"])), 0);
}

#[test]
fn the_summary_tells_of_each_monitor_in_words() {
    let place = Place::new();
    let two = ONE.split_once("[[plan.override]]").unwrap().1;
    let two = two
        .replace("limit = 1", "limit = 4")
        .replace("Draft", "Draft 4");
    let plans = place.write("plans.toml", format!("{ONE}[[plan.override]]{two}"));
    let output = run(
        &["adjudicate", "fixtures/overnight.837", "--plans", &plans],
        0,
    );
    let told = String::from_utf8(output.stderr).unwrap();
    let told = told
        .split("\n\n")
        .find(|told| told.starts_with("monitored"));
    insta::assert_snapshot!(told.unwrap(), @"
    monitored, changing nothing           lines      paid lines        at stake
      rolling-limit                          29              22         3650.51  cigna: limit = 1; Draft
      rolling-limit                          14              10         1640.00  cigna: limit = 4; Draft 4
    ");
}

#[test]
fn explaining_a_line_tells_what_is_monitored() {
    let (place, plans, _, first) = place();
    let decided = place.write("decided.jsonl", first);
    let history = place.history();
    for source in [&[&*decided][..], &["--history", &history]] {
        let given = ["explain", "--member", "W1", "--plans", &plans];
        let output = run(&[&given[..], source].concat(), 0);
        let told = String::from_utf8(output.stdout).unwrap();
        let expected = "monitored: rolling-limit with limit = 1 would deny it (Draft)";
        assert_eq!(told.matches(expected).count(), 1, "{told}");
    }
}

#[test]
fn a_history_without_hits_is_looked_at_and_brought_up_by_its_next_run() {
    let (place, plans, file, _) = place();
    place.ask(&["forget", "--run", "1"]);
    let back = before_lists() + "DROP TABLE hits; DROP TABLE monitors; PRAGMA user_version = 3;";
    let database = Connection::open(place.history()).unwrap();
    database.execute_batch(&back).unwrap();
    drop(database);
    for command in [&["check"][..], &["runs"], &["pends"], &["show", "W1"]] {
        let output = place.ask(command);
        assert!(status(&output) < 2, "{command:?}: {}", words(&output));
    }
    let output = place.adjudicate(&[&file, "--plans", &plans]);
    assert!(
        said(&output).contains("amount_at_stake"),
        "{}",
        words(&output)
    );
    assert_eq!(place.count("PRAGMA user_version"), 5);
    assert_eq!(place.count("SELECT count(*) FROM hits"), 1);
    assert_eq!(status(&place.ask(&["check"])), 0);
}

#[test]
fn a_plan_that_monitors_in_vain_is_warned_of_and_nothing_else() {
    let place = Place::new();
    let plans = place.write("plans.toml", ONE.replace("limit = 1", "limit = 12"));
    let warning = "warning: plan cigna: the monitor of rolling-limit (Draft) can have no hits: whatever it would stop is stopped already";
    let checked = run(&["policies", "check", &plans], 0);
    let told = String::from_utf8(checked.stdout).unwrap();
    assert!(told.contains(warning), "{told}");
    assert!(told.contains("under cigna-0139, with 1 monitor"), "{told}");
    let judged = run(
        &["adjudicate", "fixtures/overnight.837", "--plans", &plans],
        0,
    );
    let told = String::from_utf8(judged.stderr).unwrap();
    assert!(told.contains(warning), "{told}");
}
