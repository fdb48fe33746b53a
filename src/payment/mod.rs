//! What a run pays, holds and takes back: claims as billed, with what was decided about them,
//! become the payments of an 835.

mod codes;
mod error;
mod gather;
mod note;
mod noting;
mod paying;
mod price;
mod write;

pub use codes::check_codes;
pub use error::PaymentError;
pub use noting::{Notes, Noting, READ};
pub use paying::{PaidClaims, Paying, Places};
pub use write::{Ledger, Made, PaymentTerms, write_again};
