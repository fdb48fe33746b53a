//! What a run came to: the summary, as data and in words, and a page to look at.

mod comparison;
mod decided;
mod monitored;
mod page;
mod recovered;
mod remitted;
mod summary;
mod words;

pub use comparison::{
    ByDecision, ByProvider, ByRule, Change, Compared, ComparisonOf, ComparisonSummary,
    ComparisonWords, DecidedLines, DecisionChange, HistoryRead, JudgedAgain, PlanCompared,
    ReadFates, SideTotal, SideUsed,
};
pub use decided::Decided;
pub use monitored::MonitorCount;
pub use page::{ComparisonPage, Page, Problems};
pub use recovered::{KindAmount, Recovered};
pub use remitted::Remitted;
pub(crate) use summary::money;
pub use summary::{
    Amounts, Charges, ClaimPlace, FactsUsed, Fates, HistoryUsed, KnownFile, LineFates, PolicyUsed,
    RuleCount, Summary, Unrouted,
};
pub use words::Words;
pub(crate) use words::counted;
