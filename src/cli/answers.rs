//! Where acknowledgements go, as the command line says.

use std::path::PathBuf;

use clap::Args;

use super::exit::Failure;
use super::files;
use super::interrupt;
use crate::ack::{Acknowledger, Answers, EXTENSIONS, Options};
use crate::answer::Answering;

/// What the senders get.
#[derive(Debug, Args)]
pub(super) struct AnswerOptions {
    /// Write what the senders get into this folder: TA1, 999 and 277CA
    #[arg(long, value_name = "FOLDER")]
    ack: Option<PathBuf>,
    /// The control number of the first acknowledgement; the others count on
    #[arg(long, value_name = "N", default_value_t = 1, requires = "ack",
        value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    control_number: u32,
    /// Refuse a transaction set as a whole for any error in it, and not its claims alone
    #[arg(long)]
    pub(super) strict: bool,
}

impl AnswerOptions {
    /// Whether anything is answered.
    pub(super) fn is_given(&self) -> bool {
        self.ack.is_some()
    }

    /// Refuses other outputs where an answer could take their place.
    pub(super) fn check_outputs(&self, outputs: &[&PathBuf]) -> Result<(), Failure> {
        match &self.ack {
            Some(folder) => files::check_beside_answers(folder, outputs, &EXTENSIONS),
            None => Ok(()),
        }
    }

    /// Starts to answer what is given: files, and folders that are read.
    pub(super) fn answering(&self, given: &[PathBuf]) -> Result<Option<Answering>, Failure> {
        let Some(folder) = &self.ack else {
            return Ok(None);
        };
        if !folder.is_dir() {
            let problem = "this is no folder; name one that is there for --ack";
            return Err(Failure::usage(format!("{}: {problem}", folder.display())));
        }
        files::check_folder(folder, folder, given)?;
        let options = Options {
            strict: self.strict,
            first_control_number: self.control_number,
            dated: None,
        };
        let acknowledger = Acknowledger::new(folder, options)?;
        interrupt::remove_when_interrupted(acknowledger.waiting_folder());
        Ok(Some(Answering::new(acknowledger)))
    }
}

/// Gives answers their names.
pub(super) fn publish(answers: Option<Answers>) -> Result<(), Failure> {
    if let Some(answers) = answers {
        answers.publish()?;
    }
    Ok(())
}
