//! The `claimstream` command.

use std::process::ExitCode;

use claimstream::cli;
use clap::Parser;

fn main() -> ExitCode {
    cli::run(cli::Arguments::parse()).into()
}
