//! Cases: tables of lines with the decision that is expected, as a claims analyst reads them.
//!
//! A policy is tested by the engine itself. One line of a table is one service line, in
//! arrival order:
//!
//! ```text
//! case The seventh day is payable
//! 2025-01-06  20552-RT  pay   claim=A billing=1 units=2 session=1
//! 2025-01-12  20552     deny min-interval
//! ```
//!
//! Date (or `none`), procedure with its modifiers, decision, the rules that fire, and whatever
//! differs from an ordinary line. Lines of one claim stand together and share `claim=`; a line
//! without it is a claim of its own. `case TITLE` starts anew: nothing before it counts.
//! `earlier DATE CODE DECISION` is a line that an earlier run left, `facts DATE {…}` gives
//! clinical facts, `plan KEY = VALUE` a line of the plan as in a plans file, and `#` begins a
//! comment. `docs/policies.md` has every key.
//!
//! # Examples
//!
//! ```
//! use claimstream::cases::{CaseFile, Under};
//! use claimstream::policy::find_policy;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = find_policy("cigna-0139", "".as_ref())?;
//! let text = "2025-01-06 20552 pay\n2025-01-12 20552 deny min-interval\n";
//! let file = CaseFile::parse("my.cases", text)?;
//! let report = file.cases[0].run("my.cases", &Under::Policy(policy))?;
//! assert!(report.differences.is_empty());
//! # Ok(())
//! # }
//! ```

mod compare;
mod parse;
mod row;
mod scene;
mod setting;

pub use compare::{Difference, Report};
pub use parse::{Case, CaseFile};
pub use row::Row;
pub use setting::Under;
