//! `claimstream history runs`.

use std::io::Write;

use clap::Args;

use super::{HistoryOption, output, print};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, look};
use crate::history::{History as _, RunInfo};

/// List the runs of a history, the latest last
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claimstream history runs --history claims.history")]
pub(super) struct Runs {
    #[command(flatten)]
    history: HistoryOption,
}

impl Runs {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut history = look(&self.history.history)?;
        let runs = history.runs().map_err(|error| failure(&error))?;
        print(|out| write(&runs, out).map_err(output))?;
        Ok(ExitStatus::Done)
    }
}

fn write(runs: &[RunInfo], out: &mut dyn Write) -> std::io::Result<()> {
    if runs.is_empty() {
        return writeln!(out, "no runs yet");
    }
    writeln!(
        out,
        "{:>5}  {:10}  {:19}  {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}  INPUT",
        "RUN", "KIND", "RECORDED (UTC)", "CLAIMS", "PAY", "REDUCE", "PEND", "DENY", "CHANGED"
    )?;
    for run in runs {
        let [pay, reduce, pend, deny] = run.lines;
        let input = match (&run.forgotten_at, &run.inputs) {
            (Some(at), _) => format!("forgotten at {at}"),
            (None, (_, None)) => String::new(),
            (None, (1, Some(name))) => name.clone(),
            (None, (count, Some(name))) => format!("{name} and {} more", count - 1),
        };
        writeln!(
            out,
            "{:>5}  {:10}  {:19}  {:>8} {pay:>8} {reduce:>8} {pend:>8} {deny:>8} {:>9}  {input}",
            run.id, run.kind, run.recorded_at, run.claims, run.changed
        )?;
    }
    writeln!(
        out,
        "\nLines as each run decided them; CHANGED: lines of earlier runs that it took back or decided."
    )
}
