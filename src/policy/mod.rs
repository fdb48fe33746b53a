//! Policies and plans: limits, code sets and clauses as data, and what plans change of them.
//!
//! A payer writes a policy for another service without code: see the files in `policies/`.

mod criteria;
mod embedded;
mod facts;
mod kind;
mod load;
mod load_codes;
mod load_facts;
mod load_plans;
mod members;
mod model;
mod monitor;
mod payer;
mod plan;
mod section;
mod table;
#[cfg(test)]
mod tests;
mod warnings;

use sha2::{Digest, Sha256};

pub use embedded::{PolicyError, embedded_ids, find_policy};
pub use facts::{ClinicalFacts, FactsTable, Phase};
pub use kind::{Basis, Decision, KINDS, KindSpec, LimitKey, OutcomeSpec, RuleKind};
pub use load_facts::{FactsError, FactsStats, muscle_names};
pub use load_plans::Resolve;
pub use members::Members;
pub use model::{
    AddOn, AskedOf, Change, Clause, CodeSets, Codes, Condition, Criterion, DatedCode, Fact,
    Outcome, OutcomeChange, Policy, Role, Rule, SessionCount, Version, Words,
};
pub use monitor::Monitor;
pub use payer::{Bank, Payer, is_filing_indicator};
pub use plan::{Book, DiagnosisNotListed, MissingDocumentation, Plan, Plans, UnknownOriginal};
pub use section::{ConfigError, ConfigErrors};
pub use table::{Row, Table};

/// The SHA-256 of a text, in hexadecimal digits.
fn digest(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}
