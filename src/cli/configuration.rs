//! Plans, facts and members: what commands that judge or route are given.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};

use super::exit::Failure;
use crate::policy::{self, FactsError, FactsStats, FactsTable, Members, Plans};

/// Which claims take which policy, and whose claims stand on one timeline.
#[derive(Debug, Args)]
pub(super) struct PlanOptions {
    /// Which claims take which policy, and what plan documents change
    #[arg(long, value_name = "FILE.toml", conflicts_with = "policy")]
    pub(super) plans: Option<PathBuf>,
    /// Take every claim under one policy: the id of an embedded one, or a file
    #[arg(long, value_name = "ID|FILE.toml")]
    pub(super) policy: Option<String>,
    #[command(flatten)]
    pub(super) members: MemberOptions,
}

/// Whose claims stand on one timeline.
#[derive(Debug, Args)]
pub(super) struct MemberOptions {
    /// Members whose key changed: CSV with the columns old_key, new_key
    #[arg(long, value_name = "FILE.csv")]
    pub(super) members: Option<PathBuf>,
}

impl PlanOptions {
    pub(super) fn plans(&self) -> Result<Plans, Failure> {
        match (&self.plans, &self.policy) {
            (Some(path), _) => Plans::from_file(path).map_err(Failure::usage),
            (None, Some(name)) => {
                let policy = policy::find_policy(name, Path::new("")).map_err(Failure::usage)?;
                Ok(Plans::single(policy))
            }
            (None, None) => Plans::embedded().map_err(Failure::usage),
        }
    }
}

impl MemberOptions {
    /// The crosswalk, with the SHA-256 of its file where there is one.
    pub(super) fn members(&self) -> Result<(Members, Option<String>), Failure> {
        let Some(path) = &self.members else {
            return Ok((Members::default(), None));
        };
        let (text, digest) = read_whole(path)?;
        let members = Members::read(&path.display().to_string(), &*text)
            .map_err(|errors| Failure::usage(format!("the members are refused:\n{errors}")))?;
        Ok((members, Some(digest)))
    }
}

/// The clinical facts of a file, or none.
pub(super) fn facts(
    path: Option<&Path>,
    plans: &Plans,
    members: &Members,
) -> Result<(FactsTable, Option<FactsStats>), Failure> {
    let Some(path) = path else {
        return Ok((FactsTable::default(), None));
    };
    let name = path.display();
    let unreadable = |error| Failure::usage(format!("{name}: cannot be read: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    let read = FactsTable::read(&name.to_string(), BufReader::new(file), plans, members);
    let (table, stats) = read.map_err(|error| match error {
        FactsError::Unreadable(error) => unreadable(error),
        FactsError::Wrong(errors) => {
            Failure::usage(format!("the clinical facts are refused:\n{errors}"))
        }
    })?;
    Ok((table, Some(stats)))
}

/// A file as it is, with its SHA-256 in hexadecimal digits.
pub(super) fn read_whole(path: &Path) -> Result<(Vec<u8>, String), Failure> {
    let text = std::fs::read(path)
        .map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", path.display())))?;
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&text));
    Ok((text, digest))
}
