//! The domain's own types: claims, service lines, members, money, dates.
//!
//! Nothing here knows of X12 or of policies. `p837` makes these values out of segments;
//! everything after it speaks of them.

mod codes;
mod control_number;
mod date;
mod money;
mod short;
mod text;
mod units;

pub use codes::{Pointers, SEPARATOR, as_set};
pub use control_number::{ClaimControlNumber, ClaimControlNumbers, InterchangeIdentity};
pub use date::{DateOfService, IsoDate, parse_calendar_date};
pub use money::Cents;
pub use short::ShortText;
pub use text::{as_text, as_utf8};
pub use units::{Quantity, Units};
