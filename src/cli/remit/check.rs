//! `claimstream remit check`.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::words::{as_json, in_words};
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::files::{self, PendingFile};
use crate::cli::interrupt;
use crate::cli::observe::Teller;
use crate::intake::{self, Input, Observer as _, read_pieces};
use crate::remit::check::{Checker, Totals};

/// Check whether remittances (835) balance, line by line, claim by claim, payment by payment
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// Files, folders (every file in them, by name), or - for standard input; gzip and zstd too
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,
    /// Warnings count as errors in the exit status
    #[arg(long)]
    strict: bool,
    /// Write every error and warning here, as JSON lines
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Write the totals as one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  claimstream remit check remittance.835
  claimstream remit check inbox/ --errors errors.jsonl
  claimstream remit check remittance.835.gz --strict --json

Exit status:
  0  everything balances; there may be warnings
  1  something does not balance, or cannot be read
  2  arguments are wrong; nothing was written
  3  input or output failed; nothing was kept";

impl Check {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let inputs = intake::list_inputs(&self.inputs).map_err(Failure::failed)?;
        for warning in inputs.warnings() {
            eprintln!("warning: {warning}");
        }
        let outputs: Vec<&PathBuf> = self.errors.iter().collect();
        files::check_paths(&outputs, &self.inputs, &inputs.list, &[])?;
        let errors = self.errors.as_deref().map(PendingFile::create);
        let total_bytes = inputs.list.iter().map(|input| input.size_bytes).sum();
        let teller = RefCell::new(Teller::new(errors.transpose()?, total_bytes));
        let read = check_all(&inputs.list, &teller);
        let errors = teller.into_inner().finish()?;
        let checked = read?;
        if let Some(mut errors) = errors {
            errors.sync()?;
            interrupt::hold();
            errors.rename()?;
        }
        let text = if self.json {
            as_json(&checked)
        } else {
            in_words(&checked)
        };
        io::stdout().write_all(text.as_bytes()).map_err(|error| {
            Failure::failed(format!(
                "standard output: cannot be written: {}",
                files::error_words(&error)
            ))
        })?;
        let is_wrong = |totals: &Totals| totals.errors > 0 || self.strict && totals.warnings > 0;
        Ok(if checked.iter().any(|(_, totals)| is_wrong(totals)) {
            ExitStatus::DoneWithErrors
        } else {
            ExitStatus::Done
        })
    }
}

/// Checks each input, in order.
fn check_all(
    inputs: &[Input],
    teller: &RefCell<Teller>,
) -> Result<Vec<(Arc<str>, Totals)>, Failure> {
    let (mut checked, mut bytes_before, mut claims_before) = (Vec::new(), 0, 0);
    for input in inputs {
        let mut hear = |issue| teller.borrow_mut().issue(issue);
        let mut checker = Checker::new(Arc::clone(&input.name), &mut hear);
        let mut bytes = 0;
        let read = read_pieces(input, |piece, taken| {
            checker.push(piece);
            bytes = taken;
            let claims = claims_before + checker.claims();
            teller.borrow_mut().progress(bytes_before + bytes, claims);
        });
        read.map_err(Failure::failed)?;
        bytes_before += bytes;
        let totals = checker.finish();
        claims_before += totals.claims;
        checked.push((Arc::clone(&input.name), totals));
    }
    Ok(checked)
}
