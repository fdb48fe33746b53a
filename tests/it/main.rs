//! The engine as its users meet it: whole inputs, the binary, the fixtures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod apart;
mod cli;
mod corpus;
mod corpus_guide;
mod defects;
mod disorder;
mod faults;
mod generate;
mod history;
mod layers;
mod nights;
mod overflow;
mod overnight;
mod planted;
mod properties;
mod reading;
mod under_levels;
mod validate_command;
mod validation;
