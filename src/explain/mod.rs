//! Why lines were decided as they were: in words, and as a page with a picture.
//!
//! A [`Timeline`] is what is known of a member under a plan, from a history or from a file of
//! determinations. An [`Explanation`] finds behind each reason the sessions, the window, the
//! first date that is payable and what would change the decision; [`write_words`] and
//! [`write_page`] tell the same of it.

mod explanation;
mod file;
mod kinds;
mod limit;
mod line;
mod page;
mod sentences;
mod words;

pub use explanation::{Explanation, Shown, Source, Timeline, Told, ToldReason};
pub use file::{Asked, FileError, TimelineName, find_timelines, read_timeline};
pub use kinds::{KindWords, WORDS};
pub use limit::{Counted, Payable, Window, WindowKind};
pub use line::{Decided, Line, MonitoredRule, Reason, Standing};
pub use page::write_page;
pub use words::write_words;
