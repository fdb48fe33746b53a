//! Telling what happens while inputs are read: errors as they come, and progress.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use super::diagnostic::Diagnostic;
use super::exit::Failure;
use super::files::PendingFile;
use super::validate::Told;
use crate::intake::Observer;
use crate::report::{Problems, counted};
use crate::x12::{Issue, Severity};

/// The most errors and warnings that are told in words.
const MOST_IN_WORDS: usize = 20;

/// Tells on standard error, and writes every error to a file where one is asked for.
pub(super) struct Teller {
    bar: Option<ProgressBar>,
    errors: Option<PendingFile>,
    failure: Option<Failure>,
    told: usize,
    counts: Told,
    untold: BTreeMap<(&'static str, &'static str), u64>,
    problems: Problems,
}

impl Teller {
    /// `total_bytes` is the size of the inputs before decompression, where it is known.
    pub(super) fn new(errors: Option<PendingFile>, total_bytes: Option<u64>) -> Self {
        Self {
            bar: io::stderr().is_terminal().then(|| bar(total_bytes)),
            errors,
            failure: None,
            told: 0,
            counts: Told::default(),
            untold: BTreeMap::new(),
            problems: Problems::default(),
        }
    }

    /// How many errors and warnings there were.
    pub(super) fn counts(&self) -> Told {
        self.counts
    }

    /// Errors and warnings by code.
    pub(super) fn take_problems(&mut self) -> Problems {
        std::mem::take(&mut self.problems)
    }

    /// Everything is read: counts what was not told in words, and gives back the file.
    pub(super) fn finish(self) -> Result<Option<PendingFile>, Failure> {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if !self.untold.is_empty() {
            let mut text = String::from("and not told here:");
            for ((severity, code), count) in &self.untold {
                let _ = write!(text, "\n  {:>16}  {code}", counted(*count, severity));
            }
            if self.errors.is_none() {
                text += "\n--errors FILE writes every one";
            }
            eprintln!("{text}");
        }
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.errors),
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

/// Shows progress, and tells nothing: what is wrong was told when the same inputs were read
/// before.
pub(super) struct Quiet(pub(super) Teller);

impl Observer for Quiet {
    fn issue(&mut self, _: Issue) {}

    fn progress(&mut self, bytes: u64, claims: u64) {
        self.0.progress(bytes, claims);
    }
}

impl Observer for Teller {
    fn issue(&mut self, issue: Issue) {
        if let Some(file) = &mut self.errors {
            let written = file.write(|out| {
                serde_json::to_writer(&mut *out, &issue)?;
                out.write_all(b"\n")
            });
            if let Err(failure) = written {
                self.failure.get_or_insert(failure);
                self.errors = None;
            }
        }
        self.problems.add(&issue);
        match issue.severity {
            Severity::Error => self.counts.errors += 1,
            Severity::Warning => self.counts.warnings += 1,
        }
        if self.told < MOST_IN_WORDS {
            self.told += 1;
            self.say(&Diagnostic(&issue).to_string());
        } else {
            let severity = match issue.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            *self.untold.entry((severity, issue.code)).or_default() += 1;
        }
    }

    fn progress(&mut self, bytes: u64, claims: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            bar.set_message(counted(claims, "claim"));
        }
    }
}

fn bar(total_bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match total_bytes {
        Some(total) => (
            ProgressBar::new(total),
            "{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {msg}",
        ),
        None => (
            ProgressBar::new_spinner(),
            "{spinner} {bytes} {bytes_per_sec} {msg}",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
