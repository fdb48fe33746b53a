//! What is checked, as the command line says.

use clap::Args;

use super::exit::Failure;
use crate::guide;
use crate::validate::Checks;

/// Which code lists are not looked up.
#[derive(Debug, Args)]
pub(super) struct CodeListOptions {
    /// Take any code where the guide has this list; state, place-of-service and country too
    #[arg(long = "no-code-list", value_name = "NAME")]
    no_code_lists: Vec<String>,
}

impl CodeListOptions {
    /// Checks at a level.
    pub(super) fn checks(&self, level: u8) -> Result<Checks, Failure> {
        let guide = guide::professional().map_err(Failure::failed)?;
        Checks::new(guide, level, &self.no_code_lists).map_err(Failure::usage)
    }

    /// Whether any list is named.
    pub(super) fn is_given(&self) -> bool {
        !self.no_code_lists.is_empty()
    }
}
