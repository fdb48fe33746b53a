//! `claimstream history check`.

use std::collections::BTreeMap;

use clap::Args;

use super::HistoryOption;
use crate::cli::configuration::MemberOptions;
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, look};
use crate::history::{History, SqliteHistory};
use crate::policy::Members;
use crate::report::counted;

/// Recompute what must hold: one session a date, sessions match paid lines, reversals match
/// their originals
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status 1 if something does not hold.\n\nExample:\n  claimstream history check --history claims.history"
)]
pub(super) struct Check {
    #[command(flatten)]
    history: HistoryOption,
    #[command(flatten)]
    members: MemberOptions,
}

impl Check {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let (members, _) = self.members.members()?;
        let path = &self.history.history;
        let mut history = look(path)?;
        let mut faults = history.check().map_err(|error| failure(&error))?;
        let mut advice = "restore the history from its backup";
        if faults.is_empty() && self.members.members.is_some() {
            faults.extend(sessions_of_one_date(&mut history, &members)?);
            advice = "void or replace one claim of each";
        }
        if faults.is_empty() {
            println!("{}: all that must hold holds", path.display());
            return Ok(ExitStatus::Done);
        }
        for fault in &faults {
            println!("{}: {fault}", path.display());
        }
        println!(
            "{}: {}; {advice}",
            path.display(),
            counted(faults.len() as u64, "fault")
        );
        Ok(ExitStatus::DoneWithErrors)
    }
}

/// Members whose key changed may have a session under each key: on one timeline these are two
/// on one date.
fn sessions_of_one_date(
    history: &mut SqliteHistory,
    members: &Members,
) -> Result<Option<String>, Failure> {
    let mut dates: BTreeMap<(String, String, String), u64> = BTreeMap::new();
    let read = history.sessions(&mut |session| {
        let newest = members.newest(&session.member);
        if newest != session.member || members.older(newest).next().is_some() {
            let key = (
                session.plan.clone(),
                newest.to_owned(),
                session.service_date.clone(),
            );
            *dates.entry(key).or_default() += 1;
        }
        Ok(())
    });
    read.map_err(|error| failure(&error))?;
    let twice = dates.values().filter(|count| **count > 1).count();
    Ok((twice > 0).then(|| {
        format!(
            "{} with two sessions, one under an older key of the member: decided before the members file made one member of both",
            counted(twice as u64, "date")
        )
    }))
}
