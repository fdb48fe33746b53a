//! Claim adjustment reason codes (CARC) and remittance advice remark codes (RARC) as data: when
//! each is in use, which group codes a reason takes, whether it needs a remark. No texts.
//!
//! The lists are two tables, compiled in and read once. A line says something of every code
//! on it, `#` begins a comment:
//!
//! ```text
//! code FROM UNTIL CODE...             reasons; UNTIL `-` is without end
//! groups BASIS GROUP,GROUP CODE...    the only groups that these reasons take
//! remark CODE...                      these reasons need a remark code that is no alert
//! remark FROM UNTIL CODE...           remarks (in the other table)
//! alert FROM UNTIL CODE...            remarks that explain no adjustment
//! ```
//!
//! FROM is the first day of use, UNTIL the first day on which a code is not to be used any
//! more. BASIS is `list` where the list's own usage note says so, `ours` where it is read off
//! what the reason is.
//!
//! ```
//! use chrono::NaiveDate;
//! use claimstream::remit::codes::{CARCS, CodeFault, check_adjustment};
//!
//! let paid = NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
//! assert!(CARCS.find("151").is_some_and(|carc| carc.is_active(paid)));
//! assert_eq!(check_adjustment("CO", "96", &["N130"], paid), Ok(()));
//! let alone: [&str; 0] = [];
//! assert_eq!(
//!     check_adjustment("CO", "96", &alone, paid),
//!     Err(CodeFault::RemarkMissing { carc: "96" })
//! );
//! ```

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::code_lists;

/// The claim adjustment reason codes.
pub static CARCS: LazyLock<CodeList<Carc>> =
    LazyLock::new(|| code_lists::reasons(include_str!("adjustment_codes.txt")));

/// The remittance advice remark codes.
pub static RARCS: LazyLock<CodeList<Rarc>> =
    LazyLock::new(|| code_lists::remarks(include_str!("remark_codes.txt")));

/// A claim adjustment group code, CAS01, as 005010 has them. 004010 had `CR` besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Group {
    /// `CO`: the provider's, by contract or regulation.
    Co,
    /// `OA`: anything else.
    Oa,
    /// `PI`: the payer's own decision, without a contract behind it.
    Pi,
    /// `PR`: the patient's.
    Pr,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Co, Self::Oa, Self::Pi, Self::Pr];

    /// As it stands in CAS01.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Co => "CO",
            Self::Oa => "OA",
            Self::Pi => "PI",
            Self::Pr => "PR",
        }
    }

    /// The group of that code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.code() == code)
    }
}

/// The days on which a code is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUse {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after, if the code went out of use.
    pub until: Option<NaiveDate>,
}

impl InUse {
    /// Whether a remittance of that day may have the code.
    #[must_use]
    pub fn is_active(self, on: NaiveDate) -> bool {
        self.from <= on && self.until.is_none_or(|until| on < until)
    }
}

/// Where a rule about groups comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBasis {
    /// The usage note of the list.
    List,
    /// What the reason is: what a contract between payer and provider settles is never owed by
    /// a patient.
    Ours,
}

/// A claim adjustment reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carc {
    /// The code, for example `151`.
    pub code: &'static str,
    /// When it is in use.
    pub in_use: InUse,
    /// A bit for each [`Group`] that it takes.
    pub(super) groups: u8,
    /// Why it takes no other groups; `None` where it takes all.
    pub group_basis: Option<GroupBasis>,
    /// At least one remark code that is no alert, or an NCPDP reject code, has to stand with it.
    pub needs_remark: bool,
}

impl Carc {
    /// Whether it may stand under a group.
    #[must_use]
    pub fn takes(&self, group: Group) -> bool {
        self.groups >> group as u8 & 1 == 1
    }

    /// Whether it is in use on that day.
    #[must_use]
    pub fn is_active(&self, on: NaiveDate) -> bool {
        self.in_use.is_active(on)
    }

    /// Whether a group may have it on that day.
    ///
    /// # Errors
    ///
    /// It is not in use, or not under this group.
    pub fn check(&self, group: Group, on: NaiveDate) -> Result<(), CodeFault> {
        let carc = self.code;
        if !self.is_active(on) {
            return Err(CodeFault::CarcInactive { carc });
        }
        if !self.takes(group) {
            let group = group.code();
            return Err(CodeFault::GroupNotTaken { carc, group });
        }
        Ok(())
    }
}

/// A remittance advice remark code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rarc {
    /// The code, for example `N640`.
    pub code: &'static str,
    /// When it is in use.
    pub in_use: InUse,
    /// It tells something about the remittance and explains no adjustment.
    pub is_alert: bool,
}

impl Rarc {
    /// Whether it is in use on that day.
    #[must_use]
    pub fn is_active(&self, on: NaiveDate) -> bool {
        self.in_use.is_active(on)
    }
}

/// A list of codes.
#[derive(Debug, Clone, Default)]
pub struct CodeList<C> {
    /// INVARIANT: ascending by code, each once.
    pub(super) codes: Vec<(&'static str, C)>,
    /// Lines of its table that are not in the notation, from 1; none, as a test says.
    pub unread: Vec<usize>,
}

impl<C> CodeList<C> {
    /// What is known of a code, as it stands in the remittance: `16`, never `016`.
    #[must_use]
    pub fn find(&self, code: &str) -> Option<&C> {
        let place = self.codes.binary_search_by(|(known, _)| known.cmp(&code));
        place.ok().map(|place| &self.codes[place].1)
    }

    /// Every code, in the order of their bytes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &C> {
        self.codes.iter().map(|(_, code)| code)
    }
}

/// Why an adjustment cannot stand as it is. Codes are named where the lists have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeFault {
    /// CAS01 is no group code.
    #[error("the group code is none of CO, OA, PI and PR")]
    GroupUnknown,
    /// No such reason.
    #[error("no claim adjustment reason code is that")]
    CarcUnknown,
    /// A reason that is not in use on the day.
    #[error("reason {carc} is not in use on the date of payment")]
    CarcInactive {
        /// The reason.
        carc: &'static str,
    },
    /// A reason under a group that it does not take.
    #[error("reason {carc} does not go with group {group}")]
    GroupNotTaken {
        /// The reason.
        carc: &'static str,
        /// The group.
        group: &'static str,
    },
    /// No such remark.
    #[error("no remittance advice remark code is that")]
    RemarkUnknown,
    /// A remark that is not in use on the day.
    #[error("remark {rarc} is not in use on the date of payment")]
    RemarkInactive {
        /// The remark.
        rarc: &'static str,
    },
    /// A reason that needs a remark, without one that is no alert.
    #[error("reason {carc} needs a remark code that is no alert")]
    RemarkMissing {
        /// The reason.
        carc: &'static str,
    },
}

/// Whether an adjustment may be paid out on that day.
///
/// # Errors
///
/// The first fault: of the group, of the reason, of the remarks in their order, and a remark
/// that the reason lacks.
pub fn check_adjustment(
    group: &str,
    carc: &str,
    rarcs: &[impl AsRef<str>],
    on: NaiveDate,
) -> Result<(), CodeFault> {
    let group = Group::parse(group).ok_or(CodeFault::GroupUnknown)?;
    let carc = CARCS.find(carc).ok_or(CodeFault::CarcUnknown)?;
    carc.check(group, on)?;
    let mut explains = false;
    for rarc in rarcs {
        explains |= !check_remark(rarc.as_ref(), on)?.is_alert;
    }
    if carc.needs_remark && !explains {
        return Err(CodeFault::RemarkMissing { carc: carc.code });
    }
    Ok(())
}

/// What is known of a remark that is in use on that day.
///
/// # Errors
///
/// No such remark, or one that is not in use.
pub fn check_remark(rarc: &str, on: NaiveDate) -> Result<&'static Rarc, CodeFault> {
    let rarc = RARCS.find(rarc).ok_or(CodeFault::RemarkUnknown)?;
    if rarc.is_active(on) {
        Ok(rarc)
    } else {
        Err(CodeFault::RemarkInactive { rarc: rarc.code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Codes, KINDS, Plans};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn check(group: &str, carc: &str, rarcs: &str, on: &str) -> String {
        let rarcs: Vec<&str> = rarcs.split_whitespace().collect();
        match check_adjustment(group, carc, &rarcs, day(on)) {
            Ok(()) => "right".into(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn an_adjustment_is_checked_from_left_to_right() {
        for (group, carc, rarcs, on, told) in [
            ("CO", "151", "N362", "2026-01-05", "right"),
            ("OA", "18", "", "2026-01-05", "right"),
            ("PR", "1", "", "2026-01-05", "right"),
            ("PR", "45", "", "2026-01-05", "right"),
            (
                "CR",
                "45",
                "",
                "2026-01-05",
                "the group code is none of CO, OA, PI and PR",
            ),
            (
                "CO",
                "999",
                "",
                "2026-01-05",
                "no claim adjustment reason code is that",
            ),
            (
                "CO",
                "016",
                "",
                "2026-01-05",
                "no claim adjustment reason code is that",
            ),
            (
                "CO",
                "15",
                "",
                "2026-01-05",
                "reason 15 is not in use on the date of payment",
            ),
            (
                "PI",
                "18",
                "",
                "2026-01-05",
                "reason 18 does not go with group PI",
            ),
            (
                "PI",
                "45",
                "",
                "2026-01-05",
                "reason 45 does not go with group PI",
            ),
            (
                "PR",
                "104",
                "",
                "2026-01-05",
                "reason 104 does not go with group PR",
            ),
            (
                "CO",
                "97",
                "N9999",
                "2026-01-05",
                "no remittance advice remark code is that",
            ),
            (
                "CO",
                "97",
                "M43",
                "2026-01-05",
                "remark M43 is not in use on the date of payment",
            ),
            (
                "CO",
                "16",
                "",
                "2026-01-05",
                "reason 16 needs a remark code that is no alert",
            ),
            (
                "CO",
                "16",
                "MA01",
                "2026-01-05",
                "reason 16 needs a remark code that is no alert",
            ),
            ("CO", "16", "MA01 M52", "2026-01-05", "right"),
        ] {
            assert_eq!(
                check(group, carc, rarcs, on),
                told,
                "{group} {carc} {rarcs}"
            );
        }
    }

    #[test]
    fn a_code_is_in_use_from_its_first_day_until_the_day_it_stops() {
        for (carc, on, told) in [
            ("15", "2018-04-30", "right"),
            (
                "15",
                "2018-05-01",
                "reason 15 is not in use on the date of payment",
            ),
            (
                "151",
                "2002-10-30",
                "reason 151 is not in use on the date of payment",
            ),
            ("151", "2002-10-31", "right"),
        ] {
            assert_eq!(check("CO", carc, "", on), told, "{carc} {on}");
        }
    }

    #[test]
    fn the_tables_say_something_on_every_line_and_name_each_code_once() {
        assert_eq!((&CARCS.unread[..], &RARCS.unread[..]), (&[][..], &[][..]));
        // As many as the lists had on 2026-08-17.
        assert_eq!((CARCS.iter().len(), RARCS.iter().len()), (407, 1216));
        assert!(CARCS.codes.is_sorted_by(|left, right| left.0 < right.0));
        assert!(RARCS.codes.is_sorted_by(|left, right| left.0 < right.0));
        let ends_after_it_starts =
            |in_use: InUse| in_use.until.is_none_or(|until| until > in_use.from);
        assert!(CARCS.iter().all(|carc| ends_after_it_starts(carc.in_use)));
        assert!(RARCS.iter().all(|rarc| ends_after_it_starts(rarc.in_use)));
    }

    #[test]
    fn every_reason_takes_a_group() {
        for carc in CARCS.iter() {
            let taken = Group::ALL.into_iter().filter(|group| carc.takes(*group));
            let count = taken.count();
            assert_eq!(count == 4, carc.group_basis.is_none(), "{}", carc.code);
            assert!(count > 0, "{}", carc.code);
        }
    }

    #[test]
    fn every_adjustment_of_an_embedded_policy_stands_on_every_day_until_2030() {
        let plans = Plans::embedded().unwrap();
        let mut adjustments = 0;
        for book in plans.plans.iter().flat_map(|plan| &plan.books) {
            let first = book.version.unwrap_or_else(|| day("2024-11-01"));
            let rules = KINDS.iter().filter_map(|spec| book.rule(spec.kind));
            for outcome in rules.flat_map(|rule| &rule.outcomes) {
                let Codes::Adjustment { group, carc, rarc } = &outcome.codes else {
                    continue;
                };
                adjustments += 1;
                let days = first.iter_days().take_while(|on| *on <= day("2030-12-31"));
                for on in days {
                    let checked = check_adjustment(group, carc, rarc, on);
                    assert_eq!(checked, Ok(()), "{group} {carc} {rarc:?} on {on}");
                }
            }
        }
        assert!(adjustments > 30, "{adjustments}");
    }
}
