//! What a run came to: the summary, as data and in words.

mod summary;
mod words;

pub use summary::{
    Amounts, Charges, ClaimPlace, FactsUsed, Fates, LineFates, PolicyUsed, RuleCount, Summary,
    Unrouted,
};
pub use words::Words;
pub(crate) use words::counted;
