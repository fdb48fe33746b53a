//! Determinations as Parquet: what the JSON lines say, with types, and the same bytes however
//! they come.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use chrono::{Days, NaiveDate};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::nights::night;
use super::planted::{claimstream, run, text};

/// The rows of a file as JSON lines would have them.
fn rows(path: &Path) -> Vec<Value> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let batches = reader.build().unwrap().map(Result::unwrap);
    batches.flat_map(|batch| rows_of(&batch)).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<Value> {
    let schema = batch.schema();
    let row = |row| {
        let fields = schema.fields().iter().zip(batch.columns());
        let cells = fields.map(|(field, cells)| (field.name().clone(), cell(cells, row)));
        Value::Object(cells.collect::<Map<_, _>>())
    };
    (0..batch.num_rows()).map(row).collect()
}

/// A cell as JSON lines have it.
fn cell(cells: &ArrayRef, row: usize) -> Value {
    if cells.is_null(row) {
        return Value::Null;
    }
    match cells.data_type() {
        DataType::Utf8 => cells.as_string::<i32>().value(row).into(),
        DataType::Int32 => cells.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => cells.as_primitive::<Int64Type>().value(row).into(),
        DataType::Date32 => {
            let days = cells.as_primitive::<Date32Type>().value(row);
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
            let days = Days::new(days.try_into().unwrap());
            epoch.checked_add_days(days).unwrap().to_string().into()
        }
        DataType::Decimal128(precision, scale) => {
            let shown = cells.as_primitive::<Decimal128Type>().value_as_string(row);
            match (precision, scale) {
                (19, 2) => shown.into(),
                (38, 18) => {
                    let digits = shown.trim_end_matches('0');
                    digits.trim_end_matches('.').into()
                }
                other => unreachable!("decimals of {other:?}"),
            }
        }
        DataType::List(_) => {
            let list = cells.as_list::<i32>().value(row);
            (0..list.len()).map(|row| cell(&list, row)).collect()
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(cells.as_struct().columns());
            let fields = columns.map(|(field, cells)| (field.name().clone(), cell(cells, row)));
            Value::Object(fields.collect())
        }
        other => unreachable!("no column is {other}"),
    }
}

fn json_lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Compares a run's two files; gives its rows.
fn compare(parquet: &Path, jsonl: &Path) -> Vec<Value> {
    let (rows, lines) = (rows(parquet), json_lines(jsonl));
    assert_eq!(rows.len(), lines.len());
    for (index, (row, line)) in rows.iter().zip(&lines).enumerate() {
        assert_eq!(row, line, "row {index}");
    }
    rows
}

/// Adjudicates into both forms in a folder, and compares them.
fn both(folder: &Path, arguments: &[&str], status: i32) -> Vec<Value> {
    let [parquet, jsonl] = ["out.parquet", "out.jsonl"].map(|name| folder.join(name));
    for out in [&parquet, &jsonl] {
        run(
            &[&["adjudicate"], arguments, &["--out", text(out)]].concat(),
            status,
        );
    }
    compare(&parquet, &jsonl)
}

/// Made-up claims with all kinds of dirt.
fn made_up(folder: &Path, claims: &str) -> PathBuf {
    let path = folder.join("made-up.837");
    let options = [
        "--inject", "0.4", "--dirt", "0.15", "--seed", "4", "--claims",
    ];
    run(
        &[&["generate"], &options[..], &[claims, "--out", text(&path)]].concat(),
        0,
    );
    path
}

const PLANS: [&str; 2] = ["--plans", "fixtures/plans.toml"];
const OVERNIGHT: [&str; 3] = ["fixtures/overnight.837", "--facts", "fixtures/facts.jsonl"];

#[test]
fn every_field_of_every_row_is_that_of_the_json_lines() {
    let folder = TempDir::new().unwrap();
    for more in [&[][..], &["--all-lines"]] {
        let all = both(folder.path(), &[&OVERNIGHT[..], &PLANS, more].concat(), 0);
        let has = |key: &str, value: &str| all.iter().any(|row| row[key] == value);
        assert!(has("units", "1.5") && has("decision", "reverse") && has("phase", "therapeutic"));
        assert!(all.iter().any(|row| row["service_date"].is_null()));
        let words = Value::from(all).to_string();
        assert!(words.contains("\"other-payer\"") && words.contains("\"original-unknown\""));
    }
    let damaged = both(folder.path(), &["fixtures/defects", "--all-lines"], 1);
    assert!(damaged.len() > 10);
    let input = made_up(folder.path(), "2000");
    let made_up = both(
        folder.path(),
        &[&[text(&input), "--all-lines"], &PLANS[..]].concat(),
        1,
    );
    assert!(made_up.len() > 3000);
}

#[test]
fn what_is_monitored_is_the_last_column() {
    let folder = TempDir::new().unwrap();
    let plans = folder.path().join("plans.toml");
    let monitor = "\n[[plan.override]]\nrule = \"min-interval\"\nset = { diagnostic_days = 14 }\n\
        mode = \"monitor\"\ncitation = \"Draft\"\n";
    let own = "[[plan]]\nid = \"cigna\"\npayer_ids = [\"62308\"]\npolicy = \"cigna-0139\"\n";
    fs::write(&plans, format!("{own}{monitor}")).unwrap();
    let given = [&OVERNIGHT[..], &["--plans", text(&plans)]].concat();
    let all = both(folder.path(), &given, 0);
    let hits = |row: &Value| row["monitored"].as_array().unwrap().len();
    assert!(all.iter().any(|row| hits(row) == 1) && all.iter().any(|row| hits(row) == 0));
    let file = File::open(folder.path().join("out.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let last = reader.schema().fields().last().unwrap().clone();
    assert_eq!(
        (last.name().as_str(), last.is_nullable()),
        ("monitored", true)
    );
}

#[test]
fn columns_are_the_fields_in_their_order() {
    let folder = TempDir::new().unwrap();
    let [parquet, csv] = ["out.parquet", "out.csv"].map(|name| folder.path().join(name));
    for out in [&parquet, &csv] {
        run(
            &["adjudicate", "fixtures/overnight.837", "--out", text(out)],
            0,
        );
    }
    let file = ParquetRecordBatchReaderBuilder::try_new(File::open(parquet).unwrap()).unwrap();
    let names = file.schema().fields().iter().map(|field| field.name());
    let head = csv::Reader::from_path(csv)
        .unwrap()
        .headers()
        .unwrap()
        .clone();
    let fields = head.iter().filter(|name| !name.starts_with("deciding_"));
    assert_eq!(names.collect::<Vec<_>>(), fields.collect::<Vec<_>>());
    let metadata = file.metadata().file_metadata();
    let version = concat!("claimstream version ", env!("CARGO_PKG_VERSION"));
    assert_eq!(metadata.created_by(), Some(version));
    assert_eq!(metadata.key_value_metadata(), None);
}

#[test]
fn a_run_that_decides_nothing_has_columns_and_no_rows() {
    let folder = TempDir::new().unwrap();
    let none = both(folder.path(), &["fixtures/defects/image.png"], 1);
    assert!(none.is_empty());
    let file = File::open(folder.path().join("out.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    assert_eq!(reader.schema().fields().len(), 29);
}

#[test]
fn the_bytes_are_the_same_on_any_number_of_threads_and_within_any_memory() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path(), "6000");
    let written = |more: &[&str]| {
        let out = folder.path().join("out.parquet");
        let given = [
            "adjudicate",
            text(&input),
            "--all-lines",
            "--out",
            text(&out),
        ];
        run(&[&given[..], &PLANS, more].concat(), 1);
        fs::read(out).unwrap()
    };
    let expected = written(&["--threads", "1"]);
    for more in [
        ["--threads", "2"],
        ["--threads", "8"],
        ["--memory-limit", "1MiB"],
    ] {
        assert!(written(&more) == expected, "other bytes with {more:?}");
    }
    // More rows than are encoded at once.
    assert!(rows(&folder.path().join("out.parquet")).len() > 10_000);
}

#[test]
fn reversals_are_in_it_and_a_history_writes_the_same_file_again() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let first = [
        ("M1", "A", "2027-01-18", "20552"),
        ("M1", "B", "2027-01-20", "20552"),
        ("P1", "C", "2027-01-20", "20553"),
    ];
    let second = [
        ("M1", "A 8", "2027-01-18", "20552"),
        ("P1", "C 7", "2027-01-21", "20552"),
        ("M2", "D 7 NOWHERE", "2027-02-01", "20552"),
    ];
    fs::write(path("1.837"), night(1, &first)).unwrap();
    fs::write(path("2.837"), night(2, &second)).unwrap();
    let adjudicate = |night: &str, ending: &str| {
        let (input, history) = (
            path(&format!("{night}.837")),
            path(&format!("{ending}.history")),
        );
        let out = path(&format!("{night}.{ending}"));
        let given = ["adjudicate", text(&input), "--history", text(&history)];
        run(&[&given[..], &["--out", text(&out)]].concat(), 0);
        out
    };
    for night in ["1", "2"] {
        let [parquet, jsonl] = ["parquet", "jsonl"].map(|ending| adjudicate(night, ending));
        let all = compare(&parquet, &jsonl);
        let reversed = all.iter().filter(|row| row["decision"] == "reverse");
        assert_eq!(reversed.count(), if night == "2" { 2 } else { 0 });
    }
    for night in ["1", "2"] {
        let out = path(&format!("{night}.parquet"));
        let before = fs::read(&out).unwrap();
        fs::remove_file(&out).unwrap();
        assert!(
            fs::read(adjudicate(night, "parquet")).unwrap() == before,
            "night {night}"
        );
    }
}

#[test]
fn a_history_gives_one_by_one_what_was_written_in_bulk() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path(), "5500");
    let [history, out] = ["a.history", "out.parquet"].map(|name| folder.path().join(name));
    let given = [
        "adjudicate",
        text(&input),
        "--history",
        text(&history),
        "--out",
        text(&out),
    ];
    let mut written = Vec::new();
    for _ in 0..2 {
        run(&[&given[..], &PLANS, &["--all-lines"]].concat(), 1);
        written.push(fs::read(&out).unwrap());
    }
    assert!(written[0] == written[1]);
    assert!(rows(&out).len() > 8192);
}

#[test]
fn an_ending_that_names_no_format_is_refused_with_those_that_do() {
    let arguments = [
        "adjudicate",
        "fixtures/overnight.837",
        "--out",
        "out.feather",
    ];
    let output = claimstream(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "claimstream: out.feather: the ending names no format; name a file ending in .jsonl, .csv or .parquet\n"
    );
}
