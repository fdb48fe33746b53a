//! The engine as its users meet it: whole inputs, the binary, the fixtures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod advice;
#[cfg(feature = "parquet")]
mod analytics;
mod answers;
mod apart;
mod cli;
mod compare;
mod compare_browser;
mod compare_history;
mod compared_twice;
mod corpus;
mod corpus_guide;
mod defects;
mod disorder;
mod explain;
mod explain_page;
mod faults;
mod generate;
mod history;
mod layers;
mod monitored_twice;
mod monitors;
mod nights;
mod overflow;
mod overnight;
#[cfg(feature = "parquet")]
mod parquet;
mod place;
mod planted;
mod policies;
mod policies_guide;
mod properties;
mod reading;
mod recoveries;
mod remit;
mod remit_balance;
mod remit_check;
mod remit_nights;
mod remit_opinion;
mod remit_year;
mod remitting;
mod report;
mod report_browser;
mod under_levels;
mod validate_command;
mod validation;
