//! A folder in which runs with a history take place.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::nights::{Line, night};

/// A folder with a history and the files of its runs.
pub struct Place(pub TempDir);

impl Place {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file; gives its path.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The history.
    pub fn history(&self) -> String {
        self.path("h.history")
    }

    /// Adjudicates with the history.
    pub fn adjudicate(&self, arguments: &[&str]) -> Output {
        let history = self.history();
        claimstream(&[&["adjudicate"], arguments, &["--history", &history]].concat())
    }

    /// Adjudicates a night of its own file.
    pub fn night(&self, number: u32, lines: &[Line<'_>]) -> Output {
        let file = self.write(&format!("{number}.837"), night(number, lines));
        self.adjudicate(&[&file])
    }

    /// A command about the history.
    pub fn ask(&self, arguments: &[&str]) -> Output {
        let history = self.history();
        claimstream(&[&["history"], arguments, &["--history", &history]].concat())
    }

    /// A number that the history answers a query with.
    pub fn count(&self, query: &str) -> i64 {
        let history = rusqlite::Connection::open(self.history()).unwrap();
        history.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

pub fn binary() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("claimstream").to_owned()
}

pub fn claimstream(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).output().unwrap()
}

pub fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Statements that give a history the tables that it had before its ways were lists.
pub fn before_lists() -> String {
    let tables = [
        ("claim_numbers", "prefix, claim_id"),
        ("timeline_lines", "timeline_id, service_date, line_id"),
        (
            "sessions",
            "timeline_id, service_date, line_id, phase, muscles",
        ),
    ];
    let table = |(view, columns): (&str, &str)| {
        format!(
            "CREATE TABLE settled_{view} ({columns});
             INSERT INTO settled_{view} SELECT {columns} FROM {view};
             CREATE TABLE recent_{view} ({columns}); DROP VIEW {view}; CREATE VIEW {view} AS
             SELECT * FROM settled_{view} UNION ALL SELECT * FROM recent_{view};"
        )
    };
    let lists = "DROP TABLE member_lists; DROP TABLE timeline_lists; DROP TABLE number_lists;
        DROP TABLE changed_sessions; PRAGMA user_version = 4;";
    tables.map(table).concat() + lists
}
