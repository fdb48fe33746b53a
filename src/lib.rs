//! claimstream adjudicates streams of X12 837P claims against medical policies.

pub mod claim;
pub mod intake;
pub mod p837;
pub mod policy;
pub mod timeline;
pub mod x12;
