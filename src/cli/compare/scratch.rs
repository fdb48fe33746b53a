//! The history that both sides are judged after: a copy, without what the inputs brought to it.

use std::path::Path;

use tempfile::NamedTempFile;

use super::NAMING;
use crate::adjudicate::Adjudication;
use crate::cli::exit::Failure;
use crate::cli::files::{error_words, temporary_file};
use crate::cli::history_file::{copy, failure};
use crate::history::{Asking, History, HistoryError, SqliteHistory, judge_after};
use crate::intake::{self, Beside, Input, Intake, Observer, ReadOptions};
use crate::policy::{FactsTable, Members, Plans};
use crate::report::{HistoryRead, JudgedAgain};

/// A copy of a history. It is gone with the process.
pub(super) struct Scratch {
    history: SqliteHistory,
    /// Of which history, and what of it is judged again.
    pub(super) read: HistoryRead,
    /// The file of the copy, where one cannot lose its name while it is open. After the history:
    /// it is closed first.
    _file: Option<NamedTempFile>,
}

impl Scratch {
    /// Copies a history into a folder, and takes out what the inputs brought to it. Every input
    /// has a path, and can be read more than once.
    pub(super) fn new(path: &Path, folder: &Path, inputs: &[Input]) -> Result<Self, Failure> {
        let file = temporary_file(folder).map_err(|error| {
            Failure::failed(format!(
                "{}: cannot be copied into {}: {}",
                path.display(),
                folder.display(),
                error_words(&error)
            ))
        })?;
        let mut history = copy(path, file.path())?;
        // Without a name it is gone with the process, however that ends. Its journal is in memory,
        // so that nothing asks for the name again.
        let file = (!cfg!(unix)).then_some(file);
        let digests: Vec<String> = inputs
            .iter()
            .map(intake::digest_of)
            .collect::<Result<_, _>>()
            .map_err(Failure::failed)?;
        let digests: Vec<&str> = digests.iter().map(String::as_str).collect();
        let name = path.display().to_string();
        let left_out = history
            .leave_out(&digests)
            .map_err(|error| under_name(&name, error))?;
        let known = inputs.iter().zip(&left_out.runs);
        let judged_again = known.filter_map(|(input, run)| {
            Some(JudgedAgain {
                file: input.name.to_string(),
                run: (*run)?,
            })
        });
        Ok(Self {
            read: HistoryRead {
                file: name,
                judged_again: judged_again.collect(),
                claims_taken_out: left_out.claims,
                claims_restored: left_out.restored,
                claims_taken_back_elsewhere: left_out.taken_back_elsewhere,
            },
            history,
            _file: file,
        })
    }

    /// Says that claims are judged which no longer stand.
    pub(super) fn warning(&self) -> Option<String> {
        match self.read.claims_taken_back_elsewhere {
            0 => None,
            1 => Some(
                "1 claim of the inputs was taken back by a claim of another file, and stands here; \
                 give that file too, so that both sides take the claim back"
                    .to_owned(),
            ),
            claims => Some(format!(
                "{claims} claims of the inputs were taken back by claims of other files, and stand here; \
                 give those files too, so that both sides take the claims back"
            )),
        }
    }

    /// Names plans of the history that a side does not have.
    pub(super) fn warnings(&mut self, side: &str, plans: &Plans) -> Result<Vec<String>, Failure> {
        let known = self.history.plans();
        let known = known.map_err(|error| under_name(&self.read.file, error))?;
        let others = known.iter().filter(|plan| plans.index_of(plan).is_none());
        let warning = |plan: &String| {
            format!(
                "{} has claims of plan {plan}, which {side} does not have: they count for nothing there; {NAMING}",
                self.read.file
            )
        };
        Ok(others.map(warning).collect())
    }

    /// Reads and judges a side. What it takes back of the history stands again afterwards.
    pub(super) fn judge(
        &mut self,
        inputs: &[Input],
        options: ReadOptions<'_>,
        facts: &FactsTable,
        observer: &mut dyn Observer,
    ) -> Result<(Intake, Adjudication), Failure> {
        let name = self.read.file.clone();
        let told = |error| under_name(&name, error);
        self.history.begin().map_err(told)?;
        self.history.begin_trial().map_err(told)?;
        let mut asking = Asking(&mut self.history);
        let beside = Beside {
            recall: Some(&mut asking),
            ..Beside::default()
        };
        let read = intake::read_with(inputs, options, beside, observer);
        let intake = read.map_err(Failure::failed)?;
        let (plans, members): (&Plans, &Members) = (options.plans, options.members);
        let judged = judge_after(&mut self.history, &intake.batch, plans, facts, members);
        let adjudication = judged.map_err(told)?.adjudication;
        self.history.end_trial().map_err(told)?;
        self.history.commit().map_err(told)?;
        Ok((intake, adjudication))
    }
}

/// An error of the copy, under the name of the history.
fn under_name(name: &str, error: HistoryError) -> Failure {
    failure(&HistoryError {
        file: name.to_owned(),
        ..error
    })
}
