//! Real public files, where they are at hand: the environment variable `CLAIMSTREAM_CORPUS`
//! names a folder with `index.csv` and `files/`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::reading::read_all;

/// A row of the index: what an independent count found.
pub(super) struct Row {
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) class: String,
    pub(super) convention: String,
    sets: u64,
    claims: u64,
    lines: u64,
    claim_cents: i128,
    line_cents: i128,
}

fn cents(text: &str) -> i128 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{decimals:0<2}").parse().unwrap_or_default()
}

pub(super) fn index(folder: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join("index.csv")).unwrap();
    let heads = reader.headers().unwrap().clone();
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| {
        let cell = |name: &str| row[heads.iter().position(|head| head == name).unwrap()].to_owned();
        let count = |name: &str| cell(name).parse().unwrap_or_default();
        Row {
            path: cell("path"),
            kind: cell("type"),
            class: cell("class"),
            convention: cell("gs08"),
            sets: count("n_st"),
            claims: count("n_clm"),
            lines: count("n_lx"),
            claim_cents: cents(&cell("clm02_sum")),
            line_cents: cents(&cell("svc_sum")),
        }
    })
    .collect()
}

/// The corpus, where it is at hand.
pub(super) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CLAIMSTREAM_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        // Written past the test runner, which would keep it to itself.
        let _ = writeln!(
            io::stderr(),
            "skipped: real files; CLAIMSTREAM_CORPUS is not set"
        );
    }
    folder
}

#[test]
fn real_files_give_what_was_counted_in_them_or_an_error() {
    let Some(folder) = folder() else { return };
    let rows = index(&folder);
    assert!(!rows.is_empty());
    for row in rows {
        let (intake, issues) = read_all(&[folder.join("files").join(&row.path)]).unwrap();
        let counts = &intake.counts;
        let accepted = intake.batch.claims.len() as u64;
        assert_eq!(counts.claims.read, row.claims, "{}: claims seen", row.path);
        assert_eq!(
            counts.claims.read,
            counts.claims.refused + counts.claims.rejected + accepted,
            "{}",
            row.path
        );
        if row.kind == "837P" && row.class.starts_with("positive") {
            let got = (counts.transaction_sets.read, accepted, counts.lines.read);
            assert_eq!(got, (row.sets, row.claims, row.lines), "{}", row.path);
            let got = (counts.claim_charges_cents, counts.line_charges_cents);
            assert_eq!(got, (row.claim_cents, row.line_cents), "{}", row.path);
        } else if accepted == 0 || accepted < row.claims {
            assert!(!issues.is_empty(), "{}: nothing said", row.path);
        }
    }
}
