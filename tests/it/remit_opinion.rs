//! Second opinions about remittances: pyx12 finds them valid, and oxedi, an independent reader,
//! sees the claims, amounts and codes that were decided.
//!
//! `x12valid` of pyx12 is on the path or named by `CLAIMSTREAM_X12VALID`; a Python that has
//! oxedi and polars is named by `CLAIMSTREAM_OXEDI_PYTHON`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::nights::night;
use super::planted::{claimstream, files_in, text};

/// Remittances of the fixture and of made-up claims with all kinds of dirt; with each the
/// determinations of every line.
fn remittances(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let made_up = folder.join("made-up.837");
    let generate = [
        "generate", "--claims", "2000", "--inject", "0.3", "--dirt", "0.1", "--seed", "6",
    ];
    let generated = claimstream(&[&generate[..], &["--out", text(&made_up)]].concat()).output();
    assert!(generated.unwrap().status.success());
    let inputs = [Path::new("fixtures/overnight.837"), &made_up];
    let mut remittances = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let [remit, out] = ["835", "jsonl"].map(|ending| folder.join(format!("{index}.{ending}")));
        let given = [
            "adjudicate",
            text(input),
            "--plans",
            "fixtures/plans.toml",
            "--all-lines",
        ];
        let to = ["--remit", text(&remit), "--out", text(&out)];
        let output = claimstream(&[&given[..], &to].concat()).output().unwrap();
        assert!(
            output.status.code().is_some_and(|status| status < 2),
            "{output:?}"
        );
        remittances.push((remit, out));
    }
    remittances
}

/// Remittances of nights with a history: some take back what others paid, and the last one more
/// than it pays.
fn nightly(folder: &Path) -> Vec<PathBuf> {
    let nights = folder.join("nights");
    fs::create_dir(&nights).unwrap();
    let generate = [
        "generate",
        "--nightly",
        "--claims",
        "2000",
        "--inject",
        "0.3",
        "--dirt",
        "0.2",
    ];
    let period = ["--days", "60", "--out", text(&nights)];
    let generated = claimstream(&[&generate[..], &period].concat()).output();
    assert!(generated.unwrap().status.success());
    let history = folder.join("h.history");
    let given = [
        "--plans",
        "fixtures/plans.toml",
        "--history",
        text(&history),
    ];
    let files = files_in(&nights);
    let mut remittances = Vec::new();
    for (index, some) in files.chunks(8).enumerate() {
        let [remit, out] =
            ["n.835", "n.jsonl"].map(|ending| folder.join(format!("{index}{ending}")));
        let some: Vec<&str> = some.iter().map(|path| text(path)).collect();
        let to = ["--remit", text(&remit), "--out", text(&out)];
        let run = claimstream(&[&["adjudicate"], &some[..], &given, &to].concat()).output();
        assert!(run.unwrap().status.code().is_some_and(|status| status < 2));
        remittances.push(remit);
    }
    let out = folder.join("last.jsonl");
    for (number, claim) in [(1, "A"), (2, "A 8")] {
        let file = folder.join(format!("{number}.837"));
        fs::write(
            &file,
            night(number, &[("M1", claim, "2027-05-01", "20552")]),
        )
        .unwrap();
        let remit = folder.join(format!("{number}last.835"));
        let to = ["--remit", text(&remit), "--out", text(&out)];
        let run = claimstream(&[&["adjudicate", text(&file)], &given[..], &to].concat()).output();
        assert!(run.unwrap().status.success());
        remittances.push(remit);
    }
    remittances
}

#[test]
fn pyx12_finds_them_valid() {
    let named = std::env::var_os("CLAIMSTREAM_X12VALID").map(PathBuf::from);
    let validator = named.unwrap_or_else(|| "x12valid".into());
    if Command::new(&validator).arg("--version").output().is_err() {
        eprintln!("skipped: pyx12 is not installed; CLAIMSTREAM_X12VALID may name its x12valid");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let of_nights = nightly(folder.path());
    let all: String = of_nights
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    assert!(all.contains("*22*-") && all.contains("PLB*"));
    let of_files = remittances(folder.path())
        .into_iter()
        .map(|(remit, _)| remit);
    for remit in of_files.chain(of_nights) {
        let output = Command::new(&validator).arg(&remit).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(": OK"), "{told}");
        // It can tell a good one from a bad one.
        let damaged = fs::read_to_string(&remit)
            .unwrap()
            .replace("\nSVC*HC:", "\nSVC*QQ:");
        fs::write(&remit, damaged).unwrap();
        let output = Command::new(&validator).arg(&remit).output().unwrap();
        assert!(String::from_utf8_lossy(&output.stderr).contains(": Failure"));
    }
}

#[test]
fn an_independent_reader_sees_what_was_decided() {
    let Some(python) = std::env::var_os("CLAIMSTREAM_OXEDI_PYTHON") else {
        eprintln!("skipped: CLAIMSTREAM_OXEDI_PYTHON names no Python with oxedi and polars");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (remit, determinations) in remittances(folder.path()) {
        let mut reader = Command::new(&python);
        reader.arg("tests/second_opinion/read_835.py").arg(&remit);
        let output = reader.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let seen = String::from_utf8(output.stdout).unwrap();
        let seen: BTreeMap<String, Value> = seen.lines().map(claim).collect();
        assert_eq!(seen, decided(&fs::read_to_string(determinations).unwrap()));
        assert!(seen.len() > 40);
    }
}

fn claim(line: &str) -> (String, Value) {
    let claim: Value = serde_json::from_str(line).unwrap();
    (claim["claim"].as_str().unwrap().to_owned(), claim)
}

fn cents(amount: &Value) -> i64 {
    let digits: String = amount.as_str().unwrap().split('.').collect();
    digits.parse().unwrap()
}

/// What the claims with a governed line come to by their determinations, unless one of them
/// pends or the claim was taken back.
fn decided(determinations: &str) -> BTreeMap<String, Value> {
    let mut claims: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in determinations.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let number = line["claim_control_number"].as_str().unwrap().to_owned();
        claims.entry(number).or_default().push(line);
    }
    claims.retain(|_, lines| {
        let has = |decision: &str| lines.iter().any(|line| line["decision"] == decision);
        !has("pend") && !has("reverse") && lines.iter().any(|line| line["decision"] != "pass")
    });
    claims
        .into_iter()
        .map(|(number, lines)| (number.clone(), settled(&number, &lines)))
        .collect()
}

fn settled(number: &str, lines: &[Value]) -> Value {
    let of_line = |line: &Value| {
        let charge = cents(&line["charge"]);
        let paid = match line["decision"].as_str().unwrap() {
            "pass" => charge,
            _ => cents(&line["amount_allowed"]),
        };
        let reasons = line["reasons"].as_array().unwrap();
        let deciding = reasons
            .iter()
            .find(|reason| reason["decision"] == line["decision"]);
        let codes = deciding.map(|reason| {
            let code = |key: &str| reason[key].as_str().unwrap();
            json!([format!("{}-{}", code("group"), code("carc")), charge - paid])
        });
        json!({
            "procedure": line["procedure"],
            "charge": charge,
            "paid": paid,
            "adjustments": codes.into_iter().collect::<Vec<_>>(),
        })
    };
    let lines: Vec<Value> = lines.iter().map(of_line).collect();
    let sum = |key: &str| {
        lines
            .iter()
            .map(|line| line[key].as_i64().unwrap())
            .sum::<i64>()
    };
    json!({ "claim": number, "charge": sum("charge"), "paid": sum("paid"), "lines": lines })
}
