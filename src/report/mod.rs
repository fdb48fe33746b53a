//! What a run came to: the summary, as data and in words, and a page to look at.

mod decided;
mod page;
mod recovered;
mod remitted;
mod summary;
mod words;

pub use decided::Decided;
pub use page::{Page, Problems};
pub use recovered::{KindAmount, Recovered};
pub use remitted::Remitted;
pub(crate) use summary::money;
pub use summary::{
    Amounts, Charges, ClaimPlace, FactsUsed, Fates, HistoryUsed, KnownFile, LineFates, PolicyUsed,
    RuleCount, Summary, Unrouted,
};
pub use words::Words;
pub(crate) use words::counted;
