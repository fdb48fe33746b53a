//! What a run is given, before it reads its first claim.

use crate::history::Configuration;
use crate::intake::Inputs;
use crate::output::Format;
use crate::policy::{FactsStats, FactsTable, Members, Plans};
use crate::remit::Fees;

/// What a run is given.
pub(super) struct Given {
    /// That of the file of determinations, where there is one.
    pub(super) format: Option<Format>,
    pub(super) plans: Plans,
    pub(super) members: Members,
    /// SHA-256 of the members file; `None` without one.
    pub(super) members_digest: Option<String>,
    pub(super) facts: FactsTable,
    /// Of the facts file; `None` without one.
    pub(super) facts_stats: Option<FactsStats>,
    pub(super) inputs: Inputs,
    pub(super) fees: Option<Fees>,
}

impl Given {
    /// What a history keeps of it.
    pub(super) fn configuration(&self, has_all_lines: bool) -> Configuration {
        let facts = self.facts_stats.as_ref().map(|stats| stats.digest.clone());
        Configuration {
            has_all_lines,
            ..Configuration::new(&self.plans, facts, self.members_digest.clone())
        }
    }
}
