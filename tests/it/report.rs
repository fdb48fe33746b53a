//! The page of a run (`adjudicate --report`): its numbers are those of the determinations,
//! counted a second way, and the same whatever the run was given of threads and memory.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::nights::night;
use super::planted::{json as read_json, run, text};

const GIVEN: [&str; 3] = ["adjudicate", "--plans", "fixtures/plans.toml"];

/// A run with a page, beside its determinations and its summary.
struct Night {
    folder: TempDir,
}

impl Night {
    fn new(inputs: &[&str], more: &[&str], status: i32) -> Self {
        let night = Self {
            folder: TempDir::new().unwrap(),
        };
        let [page, out, summary, errors] =
            ["night.html", "out.jsonl", "summary.json", "errors.jsonl"]
                .map(|name| night.folder.path().join(name));
        let outputs = [
            ["--report", text(&page)],
            ["--out", text(&out)],
            ["--summary", text(&summary)],
            ["--errors", text(&errors)],
        ];
        run(&[&GIVEN, inputs, &outputs.concat(), more].concat(), status);
        night
    }

    fn page(&self) -> String {
        fs::read_to_string(self.folder.path().join("night.html")).unwrap()
    }

    fn numbers(&self) -> Value {
        numbers(&self.page())
    }

    fn summary(&self) -> Value {
        read_json(&self.folder.path().join("summary.json"))
    }

    /// The lines of a file of JSON lines.
    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The determinations as a table; money is in whole cents.
    fn database(&self) -> Connection {
        let database = Connection::open_in_memory().unwrap();
        let table = "CREATE TABLE line (policy, plan, provider, member, date, session, decision,
             charge, allowed, rule, clause, status)";
        database.execute(table, []).unwrap();
        let insert = "INSERT INTO line VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)";
        for line in self.lines("out.jsonl") {
            let reasons = line["reasons"].as_array().unwrap();
            let deciding = reasons
                .iter()
                .find(|reason| reason["decision"] == line["decision"]);
            let of = |name: &str| deciding.and_then(|reason| reason[name].as_str());
            let row = params![
                line["policy"].as_str(),
                line["plan"].as_str(),
                line["billing_provider"].as_str().unwrap_or_default(),
                line["member"].as_str(),
                line["service_date"].as_str(),
                line["session"].as_i64(),
                line["decision"].as_str(),
                cents(&line["charge"]),
                cents(&line["amount_allowed"]),
                of("rule"),
                of("clause"),
                of("status"),
            ];
            database.execute(insert, row).unwrap();
        }
        let judged = "DELETE FROM line WHERE decision NOT IN ('pay', 'reduce', 'pend', 'deny')";
        database.execute(judged, []).unwrap();
        database
    }
}

/// The numbers of a page, as it has them for programs.
pub(super) fn numbers(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"numbers\">";
    let (_, rest) = page.split_once(start).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

pub(super) fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The rows of a query.
pub(super) fn rows(database: &Connection, query: &str) -> Vec<Vec<Value>> {
    let mut statement = database.prepare(query).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|column| match row.get(column).unwrap() {
            rusqlite::types::Value::Integer(number) => json!(number),
            rusqlite::types::Value::Text(text) => json!(text),
            other => json!(format!("{other:?}")),
        });
        Ok(values.collect())
    };
    let rows = statement.query_map([], row).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Fields of each of a list, amounts in whole cents; in no particular order.
fn fields(list: &Value, names: &[&str]) -> Vec<Vec<Value>> {
    let list = list.as_array().unwrap().iter();
    let is_amount = |name: &str| {
        let amounts = ["billed", "allowed", "denied", "pended", "reduced", "charge"];
        amounts.contains(&name)
    };
    let of = |item: &Value, name: &&str| match is_amount(name) {
        true => json!(cents(&item[name])),
        false => item[name].clone(),
    };
    sorted(list.map(|item| names.iter().map(|name| of(item, name)).collect()))
}

fn sorted(rows: impl IntoIterator<Item = Vec<Value>>) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = rows.into_iter().collect();
    rows.sort_by_key(|row| json!(row).to_string());
    rows
}

const SPLIT: [&str; 10] = [
    "lines", "pay", "reduce", "pend", "deny", "billed", "allowed", "denied", "pended", "reduced",
];

/// The same in SQL.
const SUMS: &str = "count(*), sum(decision = 'pay'), sum(decision = 'reduce'),
    sum(decision = 'pend'), sum(decision = 'deny'), sum(charge), sum(allowed),
    sum(iif(decision = 'deny', charge, 0)), sum(iif(decision = 'pend', charge, 0)),
    sum(iif(decision IN ('pay', 'reduce'), charge - allowed, 0))";

/// The sessions of each provider.
const SESSIONS: &str = "(SELECT DISTINCT plan, provider, member, date FROM line
    WHERE session IS NOT NULL AND decision IN ('pay', 'reduce'))";

/// Compares every number that follows from the determinations with plain SQL over them.
fn check(night: &Night) -> Value {
    let (numbers, database) = (night.numbers(), night.database());
    let query = |query: &str| sorted(rows(&database, query));
    let all = query(&format!("SELECT {SUMS} FROM line"));
    assert_eq!(fields(&json!([numbers["decided"]]), &SPLIT), all);
    let by_policy = query(&format!("SELECT policy, {SUMS} FROM line GROUP BY policy"));
    let of_policy = [&["policy"], &SPLIT[..]].concat();
    assert_eq!(fields(&numbers["policies"], &of_policy), by_policy);
    let by_provider = query(&format!(
        "SELECT plan, provider, {SUMS},
            (SELECT count(*) FROM {SESSIONS} s WHERE (s.plan, s.provider) = (line.plan, line.provider)),
            (SELECT count(DISTINCT member) FROM {SESSIONS} s WHERE (s.plan, s.provider) = (line.plan, line.provider))
         FROM line GROUP BY plan, provider"
    ));
    let of_provider = [
        &["plan", "billing_provider"],
        &SPLIT[..],
        &["sessions", "members"],
    ]
    .concat();
    assert_eq!(fields(&numbers["providers"], &of_provider), by_provider);
    let by_rule = query(
        "SELECT policy, rule, decision, count(*), sum(charge) FROM line WHERE rule IS NOT NULL
         GROUP BY policy, rule, decision",
    );
    let of_rule = ["policy", "rule", "decision", "lines", "charge"];
    assert_eq!(fields(&numbers["rules"], &of_rule), by_rule);
    let by_reason = query(
        "SELECT policy, rule, status, clause, count(*), sum(charge) FROM line
         WHERE decision = 'pend' GROUP BY policy, rule, status, clause",
    );
    let of_reason = ["policy", "rule", "status", "clause", "lines", "charge"];
    assert_eq!(fields(&numbers["pends"], &of_reason), by_reason);
    let by_month = query(&format!(
        "SELECT substr(date, 1, 7), count(*) FROM {SESSIONS} GROUP BY 1"
    ));
    assert_eq!(fields(&numbers["months"], &["month", "sessions"]), by_month);
    let share = query(
        "SELECT sum(decision <> 'pend'), count(*),
            (sum(decision <> 'pend') * 2000 + count(*)) / (2 * count(*)) FROM line",
    );
    let of_share = ["lines", "of", "per_mille"];
    assert_eq!(
        fields(&json!([numbers["without_a_person"]]), &of_share),
        share
    );
    check_outliers(&numbers, &database);
    check_totals(night, &numbers);
    numbers
}

/// Medians by window functions, in real numbers.
fn check_outliers(numbers: &Value, database: &Connection) {
    let with = format!(
        "WITH ratio AS (SELECT plan, provider, count(*) * 1.0 / count(DISTINCT member) AS ratio,
                count(DISTINCT member) AS members FROM {SESSIONS} GROUP BY plan, provider),
            ranked AS (SELECT plan, ratio, row_number() OVER (PARTITION BY plan ORDER BY ratio) AS place,
                count(*) OVER (PARTITION BY plan) AS many FROM ratio),
            median AS (SELECT plan, avg(ratio) AS median, max(many) AS providers FROM ranked
                WHERE place IN ((many + 1) / 2, (many + 2) / 2) GROUP BY plan)"
    );
    let medians =
        format!("{with} SELECT plan, providers, printf('%.2f', median + 0.000001) FROM median");
    assert_eq!(
        fields(
            &numbers["medians"],
            &["plan", "providers", "sessions_per_member"]
        ),
        sorted(rows(database, &medians))
    );
    let outliers = format!(
        "{with} SELECT plan, provider, members FROM ratio JOIN median USING (plan)
         WHERE members >= 10 AND ratio >= 3 * median - 0.000001"
    );
    assert_eq!(
        fields(
            &numbers["outliers"],
            &["plan", "billing_provider", "members"]
        ),
        sorted(rows(database, &outliers))
    );
}

/// The totals add up, and are those of the summary and of the errors.
fn check_totals(night: &Night, numbers: &Value) {
    let summary = night.summary();
    for name in [
        "files", "claims", "lines", "charges", "rules", "remitted", "history", "warnings",
    ] {
        assert_eq!(numbers[name], summary[name], "{name}");
    }
    for name in ["claims", "lines"] {
        let fates = &numbers[name];
        let parts = [
            "refused",
            "rejected",
            "adjudicated_before",
            "taken_back",
            "judged",
            "passed",
        ];
        let sum: u64 = parts.iter().map(|part| fates[part].as_u64().unwrap()).sum();
        assert_eq!(fates["read"], sum, "{name}");
    }
    let charges = &numbers["charges"];
    let of = |name: &str| cents(&charges[name]);
    let parts = ["allowed", "denied", "pended", "reduced"].map(of);
    assert_eq!(of("billed"), parts.iter().sum::<i64>());
    for part in ["billed", "allowed", "denied", "pended", "reduced"] {
        assert_eq!(charges[part], numbers["decided"][part]);
    }
    let told = night.lines("errors.jsonl");
    let problems = numbers["problems"].as_array().unwrap();
    for problem in problems {
        let alike = |issue: &&Value| {
            (&issue["code"], &issue["severity"]) == (&problem["code"], &problem["severity"])
        };
        let alike: Vec<&Value> = told.iter().filter(alike).collect();
        assert_eq!(problem["count"], alike.len());
        let places = problem["places"].as_array().unwrap();
        assert_eq!(places.len(), alike.len().min(5));
        for (place, issue) in places.iter().zip(alike) {
            assert_eq!(place["offset_bytes"], issue["offset_bytes"]);
            assert_eq!(place["file"], issue["file"]);
        }
    }
    let count = |problem: &Value| problem["count"].as_u64().unwrap();
    assert_eq!(problems.iter().map(count).sum::<u64>(), told.len() as u64);
}

/// Claims with all kinds of dirt.
pub(super) fn made_up(folder: &Path) -> PathBuf {
    let path = folder.join("night.837");
    let generate = [
        "generate", "--claims", "3000", "--dirt", "0.05", "--inject", "0.2", "--out",
    ];
    run(&[&generate[..], &[text(&path)]].concat(), 0);
    path
}

const FIXTURE: [&str; 3] = ["fixtures/overnight.837", "--facts", "fixtures/facts.jsonl"];

#[test]
fn the_numbers_of_the_fixture_are_those_of_sql_over_its_determinations() {
    let numbers = check(&Night::new(&FIXTURE, &[], 0));
    assert_eq!(numbers["decided"]["lines"], 72);
    assert_eq!(numbers["charges"]["billed"], "10686.01");
}

#[test]
fn the_numbers_of_a_made_up_night_are_those_of_sql_over_its_determinations() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let remit = folder.path().join("paid.835");
    let numbers = check(&Night::new(&[text(&input)], &["--remit", text(&remit)], 1));
    assert!(numbers["decided"]["lines"].as_u64().unwrap() > 1000);
    assert!(numbers["providers"].as_array().unwrap().len() > 20);
    assert!(numbers["problems"].as_array().unwrap().len() > 2);
    assert!(numbers["remitted"]["claims_paid"].as_u64().unwrap() > 100);
}

#[test]
fn a_provider_with_three_times_the_median_stands_out() {
    let folder = TempDir::new().unwrap();
    let mut inputs = Vec::new();
    let dates = ["2027-03-01", "2027-03-15", "2027-03-29"];
    for (number, (npi, members, sessions)) in [
        ("1234567893", 1, 1),
        ("1245319599", 2, 1),
        ("1003000126", 11, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let names: Vec<[String; 2]> = (0..members * sessions)
            .map(|line| [format!("M{number}{}", line / sessions), format!("C{line}")])
            .collect();
        let lines = names
            .iter()
            .enumerate()
            .map(|(line, [member, claim])| (&**member, &**claim, dates[line % sessions], "20552"));
        let text_of = night(number as u32 + 1, &lines.collect::<Vec<_>>());
        let path = folder.path().join(format!("{number}.837"));
        fs::write(&path, text_of.replace("1234567893", npi)).unwrap();
        inputs.push(path);
    }
    let inputs: Vec<&str> = inputs.iter().map(|path| text(path)).collect();
    let night = Night::new(&inputs, &[], 0);
    let numbers = check(&night);
    let outliers = numbers["outliers"].as_array().unwrap();
    assert_eq!(outliers.len(), 1, "{outliers:?}");
    assert_eq!(outliers[0]["billing_provider"], "1003000126");
    assert_eq!(outliers[0]["sessions_per_member"], "3.00");
    assert!(
        night
            .page()
            .contains("Providers that stand out, the furthest first")
    );
}

#[test]
fn threads_and_memory_change_no_byte_of_the_page() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    let page = |more: &[&str]| Night::new(&[text(&input)], more, 1).page();
    let expected = page(&[]);
    for more in [
        &["--threads", "1"][..],
        &["--threads", "5"],
        &["--memory-limit", "1B"],
        &["--memory-limit", "300KB", "--threads", "3"],
    ] {
        assert!(page(more) == expected, "the page differs with {more:?}");
    }
}

#[test]
fn a_night_that_is_written_again_counts_what_was_decided() {
    let folder = TempDir::new().unwrap();
    let history = folder.path().join("h.history");
    let more = ["--history", text(&history)];
    let first = Night::new(&FIXTURE, &more, 0);
    let again = Night::new(&FIXTURE, &more, 0);
    assert!(!first.page().contains("Nothing of the inputs was new"));
    assert!(again.page().contains("Nothing of the inputs was new"));
    let (first, again) = (check(&first), check(&again));
    for name in [
        "decided",
        "policies",
        "rules",
        "pends",
        "providers",
        "months",
        "medians",
        "without_a_person",
    ] {
        assert_eq!(first[name], again[name], "{name}");
    }
    assert_eq!(again["lines"]["judged"], 0);
}

#[test]
fn what_a_file_says_is_text_on_the_page() {
    let folder = TempDir::new().unwrap();
    let name = "<img src=x onerror=alert(1)>&\".837";
    let input = folder.path().join(name);
    let claims = night(1, &[("M1", "A", "2027-05-01", "20552")]);
    let hostile = claims
        .replace("*XX*1234567893~", "*XX*</script><b>'~")
        .replace("SE*", "SE*9");
    fs::write(
        &input,
        format!(
            "{}{hostile}",
            claims.replace("*XX*1234567893~", "*XX*</script><b>'~")
        ),
    )
    .unwrap();
    let night = Night::new(&[text(&input)], &[], 1);
    let page = night.page();
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;.837"));
    assert!(page.contains("&lt;/script&gt;&lt;b&gt;"));
    assert!(!page.contains("<img") && !page.contains("<b>'"));
    assert_eq!(page.matches("</script>").count(), 2);
    assert_eq!(
        night.numbers()["providers"][0]["billing_provider"],
        "</script><b>'"
    );
}

#[test]
fn the_page_names_no_member_and_no_claim() {
    let night = Night::new(&FIXTURE, &[], 0);
    let page = night.page();
    for line in night.lines("out.jsonl") {
        for name in ["member", "claim", "claim_control_number"] {
            let value = line[name].as_str().unwrap_or_default();
            assert!(
                value.len() < 4 || !page.contains(value),
                "the page has a {name}"
            );
        }
    }
}

#[test]
fn the_page_comes_with_the_other_outputs_or_not_at_all() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("night.html");
    let missing = folder.path().join("nowhere/summary.json");
    let outputs = ["--report", text(&page), "--summary", text(&missing)];
    run(&[&GIVEN, &FIXTURE, &outputs[..]].concat(), 3);
    assert!(!page.exists());
    let twice = ["--report", text(&page), "--out", text(&page)];
    run(&[&GIVEN, &FIXTURE, &twice[..]].concat(), 2);
    let input = ["--report", "fixtures/overnight.837"];
    run(&[&GIVEN, &FIXTURE, &input[..]].concat(), 2);
    assert!(!page.exists());
}
