//! Reading inputs by the library.

use std::path::{Path, PathBuf};

use claimstream::intake::{InputError, Intake, Observer, ReadOptions, list_inputs, read};
use claimstream::policy::{Members, Plans};
use claimstream::validate::Checks;
use claimstream::x12::Issue;

/// Keeps what it hears.
#[derive(Default)]
pub struct Heard(pub Vec<Issue>);

impl Observer for Heard {
    fn issue(&mut self, issue: Issue) {
        self.0.push(issue);
    }

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}

/// Reads inputs, keeping every line.
pub fn read_all(paths: &[PathBuf]) -> Result<(Intake, Vec<Issue>), InputError> {
    read_checked(paths, None)
}

/// Reads inputs, keeping every line of the claims that pass the checks.
pub fn read_checked(
    paths: &[PathBuf],
    checks: Option<&Checks>,
) -> Result<(Intake, Vec<Issue>), InputError> {
    let plans = Plans::embedded().unwrap();
    let mut heard = Heard::default();
    let options = ReadOptions {
        plans: &plans,
        members: &Members::default(),
        all_lines: true,
        lenient_envelope: false,
        strict: false,
        checks,
    };
    let intake = read(&list_inputs(paths)?.list, options, &mut heard)?;
    Ok((intake, heard.0))
}

/// A file of the fixtures, relative to the package, where tests run.
pub fn fixture(name: &str) -> PathBuf {
    Path::new("fixtures").join(name)
}

/// Compares paragraphs with those that a fixture expects; with `CLAIMSTREAM_BLESS=1` the
/// fixture is written anew, to be read before it is kept.
pub fn expect(name: &str, told: &str) {
    let path = fixture(name);
    if std::env::var_os("CLAIMSTREAM_BLESS").is_some() {
        std::fs::write(&path, told).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (got, want) in told.split("\n\n").zip(expected.split("\n\n")) {
        assert_eq!(got, want);
    }
    assert_eq!(told.len(), expected.len());
}
