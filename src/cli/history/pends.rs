//! `claimstream history pends`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{HistoryOption, output, print};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::files::PendingFile;
use crate::cli::history_file::{failure, look};
use crate::history::{History, HistoryError, SqliteHistory, StoredLine};
use crate::output::{Pends as Queue, ask_for};
use crate::policy::Decision;

/// List what waits for a reviewer, the oldest date of service first
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pends {
    #[command(flatten)]
    history: HistoryOption,
    /// Write CSV here, for `history decide` to read back when the decisions are filled in
    #[arg(long, value_name = "FILE.csv")]
    csv: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  claimstream history pends --history claims.history
  claimstream history pends --history claims.history --csv queue.csv";

impl Pends {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut history = look(&self.history.history)?;
        match &self.csv {
            Some(path) => write_csv(&mut history, PendingFile::create(path)?)?,
            None => print(|out| write_table(&mut history, out))?,
        }
        Ok(ExitStatus::Done)
    }
}

fn write_csv(history: &mut SqliteHistory, mut file: PendingFile) -> Result<(), Failure> {
    let mut queue = Queue::default();
    let read = history.pends(&mut |line| queue.add(&line.determination));
    read.map_err(|error| failure(&error))?;
    file.write(|out| queue.write(out))?;
    file.sync()?;
    file.rename()
}

fn write_table(history: &mut SqliteHistory, out: &mut dyn Write) -> Result<(), HistoryError> {
    let mut count = 0_u64;
    history.pends(&mut |line: &StoredLine| {
        if count == 0 {
            writeln!(
                out,
                "{:10}  {:6}  {:24}  {:16}  {:>4}  {:6}  {:>10}  ASK FOR",
                "DATE", "CODE", "MEMBER", "CLAIM", "LINE", "STATUS", "CHARGE"
            )?;
        }
        count += 1;
        let d = &line.determination;
        let mut reasons = d.reasons.iter();
        let pending = reasons.find(|reason| reason.decision == Decision::Pend);
        let status = pending.and_then(|reason| reason.status.as_deref());
        let date = d.service_date.map(|date| date.to_string());
        let number = d.claim_control_number.map(|number| number.to_string());
        writeln!(
            out,
            "{:10}  {:6}  {:24}  {:16}  {:>4}  {:6}  {:>10}  {}",
            date.unwrap_or_default(),
            d.procedure,
            d.member,
            number.unwrap_or_default(),
            d.line,
            status.unwrap_or_default(),
            d.charge.to_string(),
            ask_for(d)
        )
    })?;
    let told = match count {
        0 => writeln!(out, "nothing waits for a reviewer"),
        _ => writeln!(
            out,
            "\n{count} lines wait; --csv FILE writes them for `claimstream history decide`"
        ),
    };
    told.map_err(output)
}
