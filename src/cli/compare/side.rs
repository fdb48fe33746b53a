//! The plans of a side: what `--base` and `--with` name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::exit::Failure;
use crate::policy::{self, Plans, Policy};

/// What a side was given as.
pub(super) enum Given {
    /// A plans file.
    Plans(Plans),
    /// A policy, which has yet to be given a plan.
    Policy(Arc<Policy>),
}

impl Given {
    /// Reads what is named: the id of an embedded policy, a policy file or a plans file.
    pub(super) fn read(name: &str) -> Result<Self, Failure> {
        if is_plans_file(name) {
            let plans = Plans::from_file(Path::new(name)).map_err(Failure::usage)?;
            return Ok(Self::Plans(plans));
        }
        let policy = policy::find_policy(name, Path::new("")).map_err(Failure::usage)?;
        Ok(Self::Policy(policy))
    }

    /// The plan that policies of both sides judge under, where this side names one.
    pub(super) fn policy_id(&self) -> Option<&str> {
        match self {
            Self::Plans(_) => None,
            Self::Policy(policy) => Some(&policy.id),
        }
    }

    /// The plans; a policy takes every claim, under a plan of that id, or else of its own.
    pub(super) fn plans(self, plan: Option<&str>) -> Plans {
        match self {
            Self::Plans(plans) => plans,
            Self::Policy(policy) => {
                let id = plan.map_or_else(|| policy.id.clone(), str::to_owned);
                Plans::single_as(id, policy)
            }
        }
    }
}

/// The file that a side names, if it names one.
pub(super) fn file_of(name: &str) -> Option<PathBuf> {
    let is_embedded = policy::embedded_ids().any(|id| id == name);
    (!is_embedded).then(|| PathBuf::from(name))
}

/// Whether a file has a `[[plan]]`: no policy has one. What cannot be read or is no TOML is told
/// by whoever reads it as a policy.
fn is_plans_file(name: &str) -> bool {
    let text = file_of(name).and_then(|path| fs::read_to_string(path).ok());
    let table = text.and_then(|text| text.parse::<toml::Table>().ok());
    table.is_some_and(|table| table.contains_key("plan"))
}
