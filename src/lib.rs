//! claimstream adjudicates streams of X12 837P claims against medical policies.

pub mod adjudicate;
pub mod claim;
pub mod cli;
pub mod intake;
pub mod output;
pub mod p837;
pub mod policy;
pub mod report;
pub mod rules;
pub mod timeline;
pub mod x12;
