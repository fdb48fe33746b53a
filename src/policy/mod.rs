//! Policies and plans: limits, code sets and clauses as data, and what plans change of them.
//!
//! A payer writes a policy for another service without code: see the files in `policies/`.

mod facts;
mod kind;
mod model;
mod plan;

pub use facts::{ClinicalFacts, FactsTable, Phase};
pub use kind::{Basis, Decision, KINDS, KindSpec, OutcomeSpec, RuleKind};
pub use model::{
    AskedOf, Change, Clause, CodeSets, Codes, Condition, Criterion, DatedCode, Fact, Outcome,
    Policy, Role, Rule, SessionCount, Version,
};
pub use plan::{Book, DiagnosisNotListed, MissingDocumentation, Plan, Plans, UnknownOriginal};
