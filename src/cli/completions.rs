//! `claimstream completions`.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::exit::{ExitStatus, Failure};

/// Print completions for a shell
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  claimstream completions bash > ~/.local/share/bash-completion/completions/claimstream"
)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut command = super::Arguments::command();
        clap_complete::generate(self.shell, &mut command, "claimstream", &mut io::stdout());
        Ok(ExitStatus::Done)
    }
}
