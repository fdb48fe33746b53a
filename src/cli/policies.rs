//! `claimstream policies`.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;

use super::exit::{ExitStatus, Failure};
use crate::policy::{Policy, embedded_ids, find_policy};

/// List the policies that come with the engine
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  claimstream policies")]
pub(super) struct Policies {}

impl Policies {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let mut out = io::stdout().lock();
        for id in embedded_ids() {
            let policy = find_policy(id, Path::new("")).map_err(Failure::usage)?;
            match write_policy(&policy, &mut out) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
                written => written.map_err(Failure::failed)?,
            }
        }
        Ok(ExitStatus::Done)
    }
}

fn write_policy(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", policy.id)?;
    writeln!(
        out,
        "    {} {}: {}",
        policy.payer, policy.number, policy.title
    )?;
    for version in &policy.versions {
        write!(out, "    in force from {}", version.effective)?;
        match version.next_review {
            Some(review) => writeln!(out, ", to be reviewed by {review}")?,
            None => writeln!(out)?,
        }
    }
    let (rules, criteria) = (policy.rules.len(), policy.criteria.len());
    writeln!(
        out,
        "    {rules} rules, {criteria} clinical criteria, SHA-256 {}\n",
        policy.digest
    )
}
