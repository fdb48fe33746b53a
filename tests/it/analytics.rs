//! The examples of `docs/analytics.md`: each is run as it stands there, and its answer is what
//! plain counting over the JSON lines of the same run gives.
//!
//! A Python that has polars and duckdb is named by `CLAIMSTREAM_OXEDI_PYTHON`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use arrow_schema::{DataType, Field};
use chrono::NaiveDate;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::nights::night;
use super::planted::{run, text};

const DOCUMENT: &str = "docs/analytics.md";

/// The rows of an answer.
type Table = Vec<Vec<Value>>;

/// The names of its columns, and its rows.
type Answer = (Vec<String>, Table);

/// A part of the document that asks one question in several ways.
struct Question {
    title: String,
    /// Language and text.
    asked: Vec<(String, String)>,
    /// The answer about the fixture, as words by row, where the document has it.
    shown: Option<Vec<Vec<String>>>,
}

fn questions() -> Vec<Question> {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let sections = text.split("\n## ").skip(1);
    let questions = sections.map(|section| {
        let blocks: Vec<(&str, &str)> = section
            .split("\n```")
            .skip(1)
            .step_by(2)
            .map(|block| block.split_once('\n').unwrap())
            .collect();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let shown = blocks.iter().find(|(language, _)| *language == "text");
        let asked = blocks.iter().filter(|(language, _)| *language != "text");
        Question {
            title: section.lines().next().unwrap().to_owned(),
            asked: asked
                .map(|(language, text)| ((*language).to_owned(), (*text).to_owned()))
                .collect(),
            shown: shown.map(|(_, text)| text.lines().map(words).collect()),
        }
    });
    questions
        .filter(|question| !question.asked.is_empty())
        .collect()
}

/// Asks in a folder that holds the files: of each question the columns' names, and the rows.
fn ask(python: &OsString, asked: &[&(String, String)], folder: &Path) -> Vec<Answer> {
    let questions = folder.join("questions");
    let lines: Vec<String> = asked.iter().map(|asked| json!(asked).to_string()).collect();
    fs::write(&questions, lines.join("\n")).unwrap();
    let mut command = Command::new(python);
    command
        .arg(
            Path::new("tests/second_opinion/ask.py")
                .canonicalize()
                .unwrap(),
        )
        .stdin(File::open(questions).unwrap())
        .current_dir(folder);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers = answers.lines();
    answers
        .map(|answer| serde_json::from_str(answer).unwrap())
        .collect()
}

fn cents(amount: &Value) -> i64 {
    let digits: String = amount.as_str().unwrap().split('.').collect();
    digits.parse().unwrap()
}

fn money(cents: i64) -> Value {
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.abs());
    format!("{sign}{}.{:02}", cents / 100, cents % 100).into()
}

fn name(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn is(line: &Value, decisions: &[&str]) -> bool {
    decisions
        .iter()
        .any(|decision| line["decision"] == *decision)
}

/// What the question of that title has for an answer, counted over JSON lines.
fn counted(title: &str, lines: &[Value], nights: &[Value]) -> Table {
    match title {
        "What was denied or pended, by rule and provider" => by_rule_and_provider(lines),
        "The share decided without a person" => without_a_person(lines),
        "Sessions of each member" => sessions(lines),
        "Every reason that fired" => fired(lines),
        "Money by month of service" => by_month(lines),
        "Many nights" => over_nights(nights),
        "JSON lines and CSV" => by_decision(lines),
        _ => unreachable!("nothing counts what is asked under {title}"),
    }
}

fn by_rule_and_provider(lines: &[Value]) -> Table {
    let mut groups = BTreeMap::<_, [i64; 3]>::new();
    for line in lines {
        if !is(line, &["reduce", "pend", "deny"]) {
            continue;
        }
        let mut reasons = line["reasons"].as_array().unwrap().iter();
        let deciding = reasons.find(|reason| reason["decision"] == line["decision"]);
        let rule = name(&deciding.unwrap()["rule"]);
        let key = (
            name(&line["billing_provider"]),
            rule,
            name(&line["decision"]),
        );
        let group = groups.entry(key).or_default();
        let charge = cents(&line["charge"]);
        group[0] += 1;
        group[1] += charge;
        group[2] += charge - cents(&line["amount_allowed"]);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, group)| Reverse(group[2]));
    let row = |((provider, rule, decision), [lines, billed, lost]): (_, [i64; 3])| {
        let key = [json!(provider), json!(rule), json!(decision)];
        [&key[..], &[json!(lines), money(billed), money(lost)]].concat()
    };
    groups.into_iter().map(row).collect()
}

fn without_a_person(lines: &[Value]) -> Table {
    let mut plans = BTreeMap::<_, [u32; 2]>::new();
    for line in lines {
        if is(line, &["pay", "reduce", "pend", "deny"]) {
            let plan = plans.entry(name(&line["plan"])).or_default();
            plan[0] += 1;
            plan[1] += u32::from(line["decision"] != "pend");
        }
    }
    let row = |(plan, [judged, alone]): (_, [u32; 2])| {
        // To a tenth, a half up.
        let tenths = (2000 * alone + judged) / (2 * judged);
        let percent = format!("{}.{}", tenths / 10, tenths % 10);
        let percent = serde_json::from_str(&percent).unwrap();
        vec![json!(plan), json!(judged), json!(alone), percent]
    };
    plans.into_iter().map(row).collect()
}

fn sessions(lines: &[Value]) -> Table {
    let mut members = BTreeMap::<_, BTreeSet<NaiveDate>>::new();
    for line in lines {
        if !line["session"].is_null() && is(line, &["pay", "reduce"]) {
            let member = (name(&line["plan"]), name(&line["member"]));
            let date = line["service_date"].as_str().unwrap().parse().unwrap();
            members.entry(member).or_default().insert(date);
        }
    }
    let mut members: Vec<_> = members.into_iter().collect();
    members.sort_by_key(|(_, dates)| Reverse(dates.len()));
    let row = |((plan, member), dates): (_, BTreeSet<NaiveDate>)| {
        let (first, last) = (dates.first().unwrap(), dates.last().unwrap());
        let span = [first.to_string(), last.to_string()];
        let days = (*last - *first).num_days();
        vec![
            json!(plan),
            json!(member),
            json!(dates.len()),
            json!(span[0]),
            json!(span[1]),
            json!(days),
        ]
    };
    members.into_iter().map(row).collect()
}

fn fired(lines: &[Value]) -> Table {
    let mut reasons = BTreeMap::<_, [u32; 2]>::new();
    for line in lines {
        for reason in line["reasons"].as_array().unwrap() {
            let key = ["rule", "decision", "carc"].map(|field| name(&reason[field]));
            let counts = reasons.entry(key).or_default();
            counts[0] += 1;
            counts[1] += u32::from(reason["decision"] != line["decision"]);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, [fired, _])| Reverse(*fired));
    let row = |(key, counts): ([Option<String>; 3], [u32; 2])| {
        let (key, counts) = (key.map(|cell| json!(cell)), counts.map(|cell| json!(cell)));
        [&key[..], &counts].concat()
    };
    reasons.into_iter().map(row).collect()
}

fn by_month(lines: &[Value]) -> Table {
    let mut months = BTreeMap::<String, [i64; 2]>::new();
    for line in lines {
        let date = line["service_date"].as_str();
        let Some(date) = date.filter(|_| is(line, &["pay", "reduce", "pend", "deny"])) else {
            continue;
        };
        let month = months.entry(format!("{}-01", &date[..7])).or_default();
        month[0] += cents(&line["charge"]);
        if is(line, &["pay", "reduce"]) {
            month[1] += cents(&line["amount_allowed"]);
        }
    }
    let row = |(month, [billed, allowed]): (_, [i64; 2])| {
        vec![json!(month), money(billed), money(allowed)]
    };
    months.into_iter().map(row).collect()
}

fn over_nights(lines: &[Value]) -> Table {
    let mut plans = BTreeMap::<_, [i64; 2]>::new();
    for line in lines {
        let plan = plans.entry(name(&line["plan"])).or_default();
        plan[usize::from(line["decision"] == "reverse")] += cents(&line["amount_allowed"]);
    }
    assert!(plans.values().any(|[_, taken_back]| *taken_back < 0));
    let row = |(plan, [allowed, back]): (_, [i64; 2])| {
        let stands = money(allowed + back);
        vec![json!(plan), money(allowed), money(back), stands]
    };
    plans.into_iter().map(row).collect()
}

fn by_decision(lines: &[Value]) -> Table {
    let mut decisions = BTreeMap::<_, [i64; 2]>::new();
    for line in lines {
        let decision = decisions.entry(name(&line["decision"])).or_default();
        decision[0] += 1;
        decision[1] += cents(&line["charge"]);
    }
    let row = |(decision, [lines, billed]): (_, [i64; 2])| {
        vec![json!(decision), json!(lines), money(billed)]
    };
    decisions.into_iter().map(row).collect()
}

/// Writes determinations in every form into a folder; gives those of the JSON lines.
fn adjudicate(folder: &Path, input: &[&str], status: i32) -> Vec<Value> {
    let given = ["adjudicate", "--plans", "fixtures/plans.toml", "--out"];
    for ending in ["parquet", "csv", "jsonl"] {
        let out = folder.join(format!("decided.{ending}"));
        run(&[&given[..], &[text(&out)], input].concat(), status);
    }
    json_lines(&folder.join("decided.jsonl"))
}

/// Two nights with a history, the second of which takes back what the first paid, into the
/// folder `nights`; gives the JSON lines of both.
fn two_nights(folder: &Path) -> Vec<Value> {
    fs::create_dir(folder.join("nights")).unwrap();
    let nights = [
        [
            ("M1", "A", "2027-01-18", "20552"),
            ("P1", "B", "2027-01-19", "20553"),
        ],
        [
            ("M1", "A 8", "2027-01-18", "20552"),
            ("P1", "C", "2027-02-19", "20553"),
        ],
    ];
    let mut lines = Vec::new();
    for (number, claims) in (1..).zip(nights) {
        let input = folder.join(format!("{number}.837"));
        fs::write(&input, night(number, &claims)).unwrap();
        for out in [
            folder.join(format!("nights/{number}.parquet")),
            folder.join("night.jsonl"),
        ] {
            let history = out.with_file_name("h.history");
            let given = ["adjudicate", text(&input), "--history", text(&history)];
            run(&[&given[..], &["--out", text(&out)]].concat(), 0);
        }
        lines.extend(json_lines(&folder.join("night.jsonl")));
    }
    lines
}

fn json_lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The languages that a Python can run, of those in the document.
fn languages(python: &OsString) -> Vec<&'static str> {
    let has = |module: &str| {
        let mut command = Command::new(python);
        let output = command.args(["-c", &format!("import {module}")]).output();
        let has = output.is_ok_and(|output| output.status.success());
        if !has {
            eprintln!("skipped in part: the Python of CLAIMSTREAM_OXEDI_PYTHON has no {module}");
        }
        has
    };
    let modules = [("sql", "duckdb"), ("python", "polars")];
    let there = modules.into_iter().filter(|(_, module)| has(module));
    there.map(|(language, _)| language).collect()
}

#[test]
fn every_question_has_an_answer_that_is_what_counting_gives() {
    let Some(python) = std::env::var_os("CLAIMSTREAM_OXEDI_PYTHON") else {
        eprintln!("skipped: CLAIMSTREAM_OXEDI_PYTHON names no Python with polars and duckdb");
        return;
    };
    let languages = languages(&python);
    let folder = TempDir::new().unwrap();
    let nights = two_nights(folder.path());
    let made_up = folder.path().join("made-up.837");
    let generate = [
        "generate", "--claims", "2000", "--inject", "0.4", "--dirt", "0.1", "--out",
    ];
    run(&[&generate[..], &[text(&made_up)]].concat(), 0);
    let overnight = ["fixtures/overnight.837", "--facts", "fixtures/facts.jsonl"];
    for (input, status) in [(&[text(&made_up)][..], 1), (&overnight[..], 0)] {
        let lines = adjudicate(folder.path(), input, status);
        let questions = questions();
        let asked = questions.iter().flat_map(|question| {
            let asked = question.asked.iter().map(move |asked| (question, asked));
            asked.filter(|(_, (language, _))| languages.contains(&&**language))
        });
        let (questions, asked): (Vec<&Question>, Vec<_>) = asked.unzip();
        let answers = ask(&python, &asked, folder.path());
        assert_eq!(answers.len(), asked.len());
        for ((question, asked), answer) in questions.iter().zip(&asked).zip(&answers) {
            let expected = counted(&question.title, &lines, &nights);
            check(answer, &expected, &asked.1);
            if let Some(shown) = question.shown.as_ref().filter(|_| status == 0) {
                assert_eq!(&words(answer), shown, "{}", question.title);
            }
        }
    }
}

fn check((columns, rows): &Answer, expected: &Table, asked: &str) {
    assert!(!expected.is_empty());
    assert_eq!(rows.len(), expected.len(), "{asked}");
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row, expected, "{asked}");
        assert_eq!(row.len(), columns.len());
    }
}

/// An answer as the document shows it: names, then rows, as words.
fn words((columns, rows): &Answer) -> Vec<Vec<String>> {
    let word = |cell: &Value| match cell {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows = rows.iter().map(|row| row.iter().map(word).collect());
    [columns.clone()].into_iter().chain(rows).collect()
}

#[test]
fn the_document_has_every_column_with_its_type() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out.parquet");
    run(
        &["adjudicate", "fixtures/overnight.837", "--out", text(&out)],
        0,
    );
    let file = ParquetRecordBatchReaderBuilder::try_new(File::open(out).unwrap()).unwrap();
    let fields = file.schema().fields().iter();
    let columns = fields.map(|field| (field.name().clone(), type_of(field)));
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let mut sections = document.split("\n## ");
    let table = sections.find(|section| section.starts_with("The file"));
    let rows = table
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| `"));
    let described = rows.flat_map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let names = cells[1].split('`').skip(1).step_by(2);
        names.map(move |name| (name.to_owned(), cells[2].to_owned()))
    });
    assert_eq!(described.collect::<Vec<_>>(), columns.collect::<Vec<_>>());
}

/// The type of a column in words.
fn type_of(field: &Field) -> String {
    let words = match field.data_type() {
        DataType::Utf8 => "text".into(),
        DataType::Date32 => "date".into(),
        DataType::Int32 => "integer (32 bits)".into(),
        DataType::Int64 => "integer (64 bits)".into(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision}, {scale})"),
        DataType::List(element) if element.data_type() == &DataType::Utf8 => "list of text".into(),
        DataType::List(_) => "list of structs".into(),
        other => unreachable!("no column is {other}"),
    };
    match field.is_nullable() {
        true => words + " or null",
        false => words,
    }
}

#[test]
fn each_question_is_asked_in_both_languages() {
    for question in questions() {
        for language in ["sql", "python"] {
            let mut asked = question.asked.iter();
            assert!(
                asked.any(|(one, _)| one == language),
                "{}: {language}",
                question.title
            );
        }
    }
}
