//! claimstream adjudicates streams of X12 837P claims against medical policies.
//!
//! A whole program: read a file, judge its claims, write determinations.
//!
//! ```
//! use claimstream::adjudicate::adjudicate;
//! use claimstream::intake::{Observer, ReadOptions, list_inputs, read};
//! use claimstream::output::{Format, Run, write_determinations};
//! use claimstream::policy::{FactsTable, Members, Plans};
//! use claimstream::x12::Issue;
//!
//! struct Teller;
//!
//! impl Observer for Teller {
//!     fn issue(&mut self, issue: Issue) {
//!         eprintln!("{issue}");
//!     }
//!
//!     fn progress(&mut self, _bytes: u64, _claims: u64) {}
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let plans = Plans::embedded()?;
//! let options = ReadOptions {
//!     plans: &plans,
//!     members: &Members::default(),
//!     all_lines: false,
//!     lenient_envelope: false,
//!     strict: false,
//!     checks: None,
//! };
//! let inputs = list_inputs(&["fixtures/overnight.837".into()])?;
//! let intake = read(&inputs.list, options, &mut Teller)?;
//!
//! let facts = FactsTable::default();
//! let adjudication = adjudicate(&intake.batch, &plans, &facts);
//!
//! let run = Run {
//!     batch: &intake.batch,
//!     plans: &plans,
//!     adjudication: &adjudication,
//!     reversals: &[],
//! };
//! let mut out = Vec::new();
//! write_determinations(run, 0..intake.batch.claims.len(), Format::JsonLines, false, &mut out)?;
//! assert!(out.starts_with(b"{\"file\":\"fixtures/overnight.837\""));
//! # Ok(())
//! # }
//! ```
//!
//! How the parts fit is in ARCHITECTURE.md.

pub mod ack;
pub mod adjudicate;
pub mod answer;
pub mod cases;
pub mod claim;
pub mod cli;
pub mod compare;
pub mod compose;
pub mod explain;
pub mod generate;
pub mod guide;
pub mod history;
pub mod intake;
pub mod output;
pub mod overflow;
pub mod p837;
pub mod payment;
pub mod policy;
pub mod recoveries;
pub mod remit;
pub mod report;
pub mod rules;
pub mod spool;
pub mod timeline;
pub mod validate;
pub mod x12;
