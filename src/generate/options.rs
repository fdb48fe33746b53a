//! What is to be generated.

use chrono::{Days, NaiveDate};

use super::delimiters::Separators;
use super::share::Share;

/// The most sets that an interchange can count (GE01 has six digits).
pub const MOST_SETS: u32 = 999_999;

/// The most members that get an id of their own.
pub const MOST_MEMBERS: u64 = 1 << 36;

/// The largest share of lines that can be injections and guidance.
const MOST_INJECTED: Share = Share::from_millionths(400_000);

/// The largest share of claims with dirt.
const MOST_DIRT: Share = Share::from_millionths(500_000);

/// What is to be generated.
///
/// ```
/// use claimstream::generate::Options;
/// let options = Options { claims: 1_000_000, seed: 7, ..Options::default() };
/// assert_eq!(options.days, 420);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How many claims.
    pub claims: u64,
    /// How many members they are of; two for five claims, if not given.
    pub members: Option<u64>,
    /// What everything made up follows from.
    pub seed: u64,
    /// The share of lines that are trigger point injections and guidance.
    pub inject: Share,
    /// The share of claims that void, replace, repeat, come late or are broken.
    pub dirt: Share,
    /// The first day of service.
    pub start: NaiveDate,
    /// How many days the services are of, from the first day on, weekends included.
    pub days: u32,
    /// How many claims a transaction set holds.
    pub claims_per_set: u32,
    /// How many transaction sets an interchange holds; as many as it can, if not given.
    pub sets_per_file: Option<u32>,
    /// Whether each day's claims are billed in interchanges of their own, the night after.
    pub nightly: bool,
    /// What separates elements, components, repetitions and segments.
    pub separators: Separators,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            claims: 1000,
            members: None,
            seed: 1,
            inject: Share::from_millionths(30_000),
            dirt: Share::default(),
            start: NaiveDate::from_ymd_opt(2026, 4, 1).unwrap_or_default(),
            days: 420,
            claims_per_set: 5000,
            sets_per_file: None,
            nightly: false,
            separators: Separators::default(),
        }
    }
}

/// Why something cannot be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// No claims are asked for.
    #[error("no claims are asked for; ask for one at least")]
    NoClaims,
    /// No members are asked for, or more than there are ids.
    #[error("members must be between 1 and {MOST_MEMBERS}")]
    Members,
    /// A share that is no decimal between 0 and 1.
    #[error("a share is a decimal number between 0 and 1 of at most six decimals, such as 0.03")]
    Share,
    /// More injections than claims can hold beside their other lines.
    #[error("at most 0.4 of the lines can be injections: claims have other lines as well")]
    Inject,
    /// More dirt than there is to be dirty.
    #[error("at most 0.5 of the claims can be dirt")]
    Dirt,
    /// The period is empty, too long, or outside the years that are understood.
    #[error("services must lie in 1 to 3660 days between 1990-01-01 and 2099-12-31")]
    Period,
    /// The period has no weekday.
    #[error("the days asked for are a weekend, and services are on weekdays")]
    Weekend,
    /// A transaction set of no claims.
    #[error("a transaction set must hold one claim at least")]
    NoClaimsInSet,
    /// An interchange of no or too many transaction sets.
    #[error("a file must hold between 1 and {MOST_SETS} transaction sets")]
    SetsInFile,
    /// Delimiters that cannot be told from data or from each other.
    #[error(
        "delimiters are four different punctuation marks, but no point or hyphen (element, component, repetition, segment), and \\n after them for line breaks, such as '*:^~'"
    )]
    Delimiters,
}

impl Options {
    /// Looks whether this can be generated.
    pub(super) fn check(&self) -> Result<(), OptionsError> {
        let earliest = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or(NaiveDate::MIN);
        let latest = NaiveDate::from_ymd_opt(2099, 12, 31).unwrap_or(NaiveDate::MAX);
        let end = self.start.checked_add_days(Days::new(self.days.into()));
        let is_understood = self.start >= earliest && end.is_some_and(|end| end <= latest);
        let is_period = is_understood && (1..=3660).contains(&self.days);
        let sets = self.sets_per_file.unwrap_or(MOST_SETS);
        let members = self.member_count();
        let checks = [
            (self.claims > 0, OptionsError::NoClaims),
            ((1..=MOST_MEMBERS).contains(&members), OptionsError::Members),
            (self.inject <= MOST_INJECTED, OptionsError::Inject),
            (self.dirt <= MOST_DIRT, OptionsError::Dirt),
            (is_period, OptionsError::Period),
            (self.claims_per_set > 0, OptionsError::NoClaimsInSet),
            ((1..=MOST_SETS).contains(&sets), OptionsError::SetsInFile),
        ];
        let failed = checks.into_iter().find(|(holds, _)| !holds);
        failed.map_or(Ok(()), |(_, error)| Err(error))
    }

    /// How many members the claims are of.
    pub(super) fn member_count(&self) -> u64 {
        let usual = self.claims / 5 * 2 + self.claims % 5 * 2 / 5;
        self.members.unwrap_or(usual.clamp(1, MOST_MEMBERS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_two_for_five_claims_if_nobody_says_otherwise() {
        for (claims, members) in [
            (1, 1),
            (2, 1),
            (5, 2),
            (1_000_003, 400_001),
            (u64::MAX, MOST_MEMBERS),
        ] {
            let options = Options {
                claims,
                ..Options::default()
            };
            assert_eq!(options.member_count(), members);
        }
    }
}
