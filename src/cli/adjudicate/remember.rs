//! A run with a history: what it leaves out, what it is judged after, what it adds.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use ahash::AHashSet;

use super::outputs::Part;
use super::remit::RemitOptions;
use crate::adjudicate::{Adjudication, EarlierClaim};
use crate::cli::exit::Failure;
use crate::cli::history_file::{failure, lock, now};
use crate::history::{
    Asking, Configuration, History, HistoryError, InputStatus, KnownInput, RunInput, RunKind,
    SqliteHistory, judge_after, record, recorded_claims,
};
use crate::intake::{
    self, Beside, FileRead, Input, InputError, Intake, Observer, Overflow, ReadOptions, Units,
};
use crate::output::{Determination, PlanMonitor, Run};
use crate::payment::{Made, Paying, Places, write_again};
use crate::policy::{FactsTable, Members, Plans};
use crate::report::{HistoryUsed, KnownFile, money};

/// The history of a run, and what the run takes from it.
pub(super) struct Memory {
    history: SqliteHistory,
    name: String,
    /// The claims of earlier runs that this run may mean.
    earlier: Vec<EarlierClaim>,
    /// What this run takes back of them.
    reversals: Vec<(u32, Determination<'static>)>,
    /// By input: what the history knows of it.
    known: Vec<Option<KnownInput>>,
    /// Files of earlier runs are written again, as nothing is new.
    is_written_again: bool,
    /// The runs of those files.
    runs_again: BTreeSet<i64>,
    warnings: Vec<String>,
}

/// What a run adds to its history.
pub(super) struct Kept<'a> {
    pub(super) run: Run<'a>,
    pub(super) facts: &'a FactsTable,
    pub(super) files: &'a [FileRead],
    pub(super) inputs: &'a [Input],
    pub(super) configuration: &'a Configuration,
}

impl Memory {
    pub(super) fn begin(path: &Path, waits: bool) -> Result<Self, Failure> {
        Ok(Self {
            history: lock(path, waits, true)?,
            name: path.display().to_string(),
            earlier: Vec::new(),
            reversals: Vec::new(),
            known: Vec::new(),
            is_written_again: false,
            runs_again: BTreeSet::new(),
            warnings: Vec::new(),
        })
    }

    /// Whether nothing is new, so that what earlier runs wrote is written again.
    pub(super) fn is_written_again(&self) -> bool {
        self.is_written_again
    }

    /// The runs whose files are written again, ascending.
    pub(super) fn runs_written_again(&self) -> Vec<i64> {
        self.runs_again.iter().copied().collect()
    }

    pub(super) fn history(&mut self) -> &mut dyn History {
        &mut self.history
    }

    pub(super) fn read(
        &mut self,
        inputs: &[Input],
        options: ReadOptions<'_>,
        beside: Beside<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Intake, InputError> {
        let mut asking = Asking(&mut self.history);
        let beside = Beside {
            recall: Some(&mut asking),
            overflow: beside
                .overflow
                .map(|overflow| -> &mut dyn Overflow { overflow }),
            units: beside.units.map(|units| -> &mut dyn Units { units }),
        };
        intake::read_with(inputs, options, beside, observer)
    }

    /// Judges a batch after what earlier runs left.
    pub(super) fn judge(
        &mut self,
        intake: &Intake,
        plans: &Plans,
        facts: &FactsTable,
        members: &Members,
    ) -> Result<Adjudication, Failure> {
        let judged = judge_after(&mut self.history, &intake.batch, plans, facts, members)
            .map_err(|error| failure(&error))?;
        self.earlier = judged.earlier;
        self.reversals = judged.reversals;
        Ok(judged.adjudication)
    }

    /// What this run takes back of earlier runs, in the order in which it is written.
    pub(super) fn take_reversals(&mut self) -> Vec<(u32, Determination<'static>)> {
        std::mem::take(&mut self.reversals)
    }

    /// What is written: where nothing of the inputs is new, what was written when they were;
    /// else what is new.
    pub(super) fn parts(
        &mut self,
        run: Run<'_>,
        inputs: &[Input],
        files: &[FileRead],
        configuration: &Configuration,
    ) -> Result<Vec<Part>, Failure> {
        let found = self
            .warn_of_plans(run)
            .and_then(|()| self.find_parts(run, inputs, files, configuration));
        found.map_err(|error| failure(&error))
    }

    fn find_parts(
        &mut self,
        run: Run<'_>,
        inputs: &[Input],
        files: &[FileRead],
        configuration: &Configuration,
    ) -> Result<Vec<Part>, HistoryError> {
        for file in files {
            let known = match file.is_known {
                true => self.history.find_input(RunKind::Adjudicate, &file.digest)?,
                false => None,
            };
            self.known.push(known);
        }
        let given = inputs.iter().zip(files);
        let mut statuses = given.map(|(input, read)| run_input(input, read).status());
        let is_new = statuses.any(|status| status == InputStatus::Adjudicated);
        self.is_written_again = !is_new && self.known.iter().any(Option::is_some);
        if !self.is_written_again {
            return Ok(vec![Part::New(0..run.batch.claims.len())]);
        }
        self.warn_of_changes(inputs, files, configuration)?;
        // The same command again: what it wrote, and not what it left out then.
        let digests: Vec<&str> = files.iter().map(|file| &*file.digest).collect();
        let before = self.history.find_run(&digests)?;
        let mut taken = AHashSet::new();
        let mut parts = Vec::new();
        for (index, (input, known)) in inputs.iter().zip(&self.known).enumerate() {
            let Some(known) = known else {
                parts.push(Part::New(run.claims_of(index as u32)));
                continue;
            };
            let is_of_run = before
                .as_ref()
                .is_none_or(|before| before.adjudicated.get(index) == Some(&true));
            if is_of_run && taken.insert(known.id) {
                self.runs_again.insert(known.run);
                parts.push(Part::Again {
                    input: known.id,
                    name: input.name.to_string(),
                });
            }
        }
        Ok(parts)
    }

    /// What is monitored in the parts that are written: what their runs monitored.
    pub(super) fn monitors(
        &mut self,
        parts: &[Part],
        configuration: &Configuration,
    ) -> Result<Vec<PlanMonitor>, Failure> {
        let mut monitors: Vec<PlanMonitor> = Vec::new();
        let mut runs: Vec<i64> = Vec::new();
        for part in parts {
            let of_part = match part {
                // Claims of test interchanges may stand between files that are written again.
                Part::New(claims) if claims.is_empty() && self.is_written_again => continue,
                Part::New(_) => configuration.monitors.clone(),
                Part::Again { input, .. } => {
                    let mut known = self.known.iter().flatten();
                    let known = known.find(|known| known.id == *input);
                    let Some(known) = known.filter(|known| !runs.contains(&known.run)) else {
                        continue;
                    };
                    runs.push(known.run);
                    let before = self.history.configuration(known.run);
                    before.map_err(|error| failure(&error))?.monitors
                }
            };
            for monitor in of_part {
                if !monitors.contains(&monitor) {
                    monitors.push(monitor);
                }
            }
        }
        Ok(monitors)
    }

    /// Names plans whose sessions count for nobody, as no plan has their name any more.
    fn warn_of_plans(&mut self, run: Run<'_>) -> Result<(), HistoryError> {
        for plan in self.history.plans()? {
            if run.plans.index_of(&plan).is_none() {
                self.warnings.push(format!(
                    "{} has claims of plan {plan}, which is not among the plans: they count for nothing in this run",
                    self.name
                ));
            }
        }
        Ok(())
    }

    /// Names what is not as it was when a file was adjudicated.
    fn warn_of_changes(
        &mut self,
        inputs: &[Input],
        files: &[FileRead],
        configuration: &Configuration,
    ) -> Result<(), HistoryError> {
        let mut runs = AHashSet::new();
        for ((input, file), known) in inputs.iter().zip(files).zip(&self.known) {
            let Some(known) = known else { continue };
            if file.interchanges.iter().any(|accepted| accepted.is_test) {
                self.warnings.push(format!(
                    "{}: its test interchanges were never recorded, and are not written again",
                    input.name
                ));
            }
            if let Some(date) = &known.purged_before {
                self.warnings.push(format!(
                    "{}: its claims from before {date} were purged from the history, and are not written again",
                    input.name
                ));
            }
            if runs.insert(known.run) {
                let before = self.history.configuration(known.run)?;
                let changes = configuration.changes_since(&before);
                if configuration.has_all_lines && !before.has_all_lines {
                    self.warnings.push(format!(
                        "run {} kept governed lines only; --all-lines writes no others again",
                        known.run
                    ));
                }
                if !changes.is_empty() {
                    self.warnings.push(format!(
                        "{} changed since run {}; its determinations are written as they were",
                        changes.join(", "),
                        known.run
                    ));
                }
            }
        }
        Ok(())
    }

    /// Adds the run to the history, not yet committed, and ends it where that is all that is
    /// added. Gives what the summary says of it, and warnings.
    pub(super) fn record(
        &mut self,
        kept: &Kept<'_>,
        is_all: bool,
    ) -> Result<(HistoryUsed, Vec<String>), Failure> {
        let inputs: Vec<RunInput<'_>> = kept
            .inputs
            .iter()
            .zip(kept.files)
            .map(|(input, read)| run_input(input, read))
            .collect();
        let recorded = record(
            &mut self.history,
            kept.run,
            kept.facts,
            &self.earlier,
            &inputs,
            kept.configuration,
            &now(),
        );
        let run = recorded.map_err(|error| failure(&error))?;
        if is_all {
            let ended = self.history.end_run();
            ended.map_err(|error| failure(&error))?;
        }
        // What tests take back stays in the history.
        let batch = kept.run.batch;
        let is_kept = |by: u32| !batch.is_test(&batch.claims[by as usize]);
        let reversals = kept.run.reversals.iter().filter(|(by, _)| is_kept(*by));
        let reversals: Vec<&(u32, Determination<'_>)> = reversals.collect();
        let taken_back = &kept.run.adjudication.versions.earlier_taken_back;
        let taken_back = taken_back.iter().filter(|(by, _)| is_kept(*by));
        let cents = reversals
            .iter()
            .map(|(_, reversal)| i128::from(reversal.amount_allowed.0));
        let known = kept.inputs.iter().zip(&self.known);
        let used = HistoryUsed {
            file: self.name.clone(),
            run,
            adjudicated_before: known
                .filter_map(|(input, known)| {
                    let known = known.as_ref()?;
                    Some(KnownFile {
                        file: input.name.to_string(),
                        run: known.run,
                        recorded_at: known.recorded_at.clone(),
                    })
                })
                .collect(),
            is_written_again: self.is_written_again,
            claims_taken_back: taken_back.count() as u64,
            lines_taken_back: reversals.len() as u64,
            amount_taken_back: money(cents.sum()),
        };
        Ok((used, self.take_warnings()))
    }

    /// Takes what a run that was recorded pays, and what earlier runs left owing.
    pub(super) fn pay(
        &mut self,
        paying: &mut Paying<'_>,
        kept: &Kept<'_>,
        options: &RemitOptions,
    ) -> Result<(), Failure> {
        let Some(first) = self.history.first_claim() else {
            return Ok(());
        };
        let inputs: Vec<RunInput<'_>> = kept
            .inputs
            .iter()
            .zip(kept.files)
            .map(|(input, read)| run_input(input, read))
            .collect();
        let recorded = recorded_claims(kept.run, kept.facts, &self.earlier, &inputs);
        let places = Places {
            first,
            recorded: &recorded,
        };
        let taken_back = &kept.run.adjudication.versions.earlier_taken_back;
        let earlier = &self.earlier;
        let original_of = |index: u32| {
            let place = taken_back.binary_search_by_key(&index, |(by, _)| *by);
            let original = place
                .ok()
                .map(|place| &earlier[taken_back[place].1 as usize]);
            let number = original.and_then(|original| original.control_number);
            number.map_or_else(String::new, |number| number.to_string())
        };
        paying.take_recorded(kept.run, &places, &original_of, &mut self.history)?;
        let date = options.date(paying.latest());
        paying.take_owed(&mut self.history, date, first)?;
        Ok(())
    }

    /// Writes the remittances of the runs whose files are written again.
    pub(super) fn remit_again(&mut self, out: &mut dyn Write) -> Result<Made, Failure> {
        let mut runs: Vec<i64> = self.known.iter().flatten().map(|known| known.run).collect();
        runs.sort_unstable();
        runs.dedup();
        let mut all = Made::default();
        for run in runs {
            let made = write_again(&mut self.history, run, out)?;
            if made.remittances == 0 {
                self.warnings.push(format!(
                    "run {run} wrote no remittances, so there are none to write again; its claims are not remitted"
                ));
            }
            all += made;
        }
        Ok(all)
    }

    /// What someone should know, once.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    pub(super) fn commit(&mut self) -> Result<(), Failure> {
        self.history.commit().map_err(|error| failure(&error))
    }

    /// What to do when the outputs cannot be named, though the run is in the history.
    pub(super) fn kept(&self, failure: Failure) -> Failure {
        Failure {
            message: format!(
                "{}; {} holds the run: give the same command again to write it",
                failure.message, self.name
            ),
            ..failure
        }
    }
}

fn run_input<'a>(input: &'a Input, read: &'a FileRead) -> RunInput<'a> {
    RunInput {
        name: &input.name,
        read,
    }
}
