//! Courses of injections: who is injected when.
//!
//! Whether a provider starts a course of a pattern on a weekday is a function of the three; so
//! are its member and its sessions. The sessions of a day are found by looking back over all
//! patterns: nothing is remembered from one day to the next.

use std::ops::Range;

use super::people::{Family, Members};
use super::random::{Draws, key};

/// How sessions follow each other.
#[derive(Debug)]
struct Pattern {
    /// Whom it is meant for; `None` for everybody.
    family: Option<Family>,
    /// Of all sessions, so many (in relation to the other patterns) are of this one.
    weight: u64,
    /// When the sessions are, in weekdays after the first.
    offsets: &'static [u16],
}

const fn pattern(family: Option<Family>, weight: u64, offsets: &'static [u16]) -> Pattern {
    Pattern {
        family,
        weight,
        offsets,
    }
}

/// Five weekdays are a week; 23 are 31 to 33 days, 45 are 63 days.
const PATTERNS: [Pattern; 20] = [
    pattern(None, 14, &[0]),
    pattern(None, 9, &[0, 5]),
    pattern(None, 8, &[0, 10, 20]),
    pattern(None, 10, &[0, 5, 10, 15]),
    // A day or more before the week is over.
    pattern(None, 4, &[0, 3, 8, 13, 18]),
    pattern(None, 4, &[0, 4, 9, 14, 18]),
    // Two months between therapeutic sessions.
    pattern(Some(Family::Cigna), 7, &[0, 5, 10, 15, 60, 105]),
    pattern(Some(Family::Cigna), 4, &[0, 5, 10, 15, 60, 105, 150, 195]),
    pattern(
        Some(Family::Cigna),
        2,
        &[0, 5, 10, 15, 60, 105, 150, 195, 240, 285],
    ),
    // Less than two months between them.
    pattern(Some(Family::Cigna), 5, &[0, 5, 10, 15, 60, 83, 103]),
    pattern(Some(Family::Cigna), 3, &[0, 5, 10, 15, 20, 25, 30, 35, 40]),
    // Group 00123: a month between them, and more than ten in twelve months.
    pattern(
        Some(Family::CignaGroup),
        3,
        &[0, 5, 10, 15, 38, 61, 84, 107, 130],
    ),
    pattern(
        Some(Family::CignaGroup),
        4,
        &[0, 5, 10, 15, 38, 61, 84, 107, 130, 153, 176],
    ),
    pattern(
        Some(Family::CignaGroup),
        3,
        &[0, 5, 10, 15, 38, 61, 84, 107, 130, 153, 176, 199, 222, 245],
    ),
    // Its seventh therapeutic session, when fewer than ten lie in twelve months.
    pattern(
        Some(Family::CignaGroup),
        2,
        &[0, 5, 10, 15, 38, 61, 84, 107, 130, 153, 272],
    ),
    // Eight and more in a calendar year.
    pattern(
        Some(Family::CareSource),
        6,
        &[0, 10, 20, 30, 40, 50, 60, 70],
    ),
    pattern(
        Some(Family::CareSource),
        5,
        &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
    ),
    pattern(
        Some(Family::CareSource),
        2,
        &[0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60],
    ),
    pattern(
        Some(Family::CareSource),
        2,
        &[0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55],
    ),
    pattern(Some(Family::CareSource), 3, &[0, 22, 44, 66, 88, 110]),
];

/// A session of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Session {
    /// The member's number.
    pub(super) member: u64,
    /// The weekday of the period.
    pub(super) weekday: u32,
    /// What all sessions of the course have in common follows from this.
    pub(super) course: u64,
    /// What is the session's own follows from this.
    pub(super) key: u64,
}

impl Session {
    /// Whether another provider injects the member on the same day: two sessions of a hundred.
    pub(super) fn is_repeated_elsewhere(&self) -> bool {
        Draws::new(key(self.key, 2)).percent(2)
    }
}

/// When courses start.
#[derive(Debug, Clone)]
pub(super) struct Courses {
    starts: Vec<Starts>,
}

/// When courses of a pattern start.
#[derive(Debug, Clone)]
struct Starts {
    pattern: &'static Pattern,
    /// The weekdays on which they can; those before the period are below zero.
    weekdays: Range<i64>,
    /// How many start on each, for each claim that the provider bills in a slice; in 2^-40.
    rate: u128,
}

/// A provider and the members it sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Practice {
    pub(super) key: u64,
    /// How many claims it bills in each slice.
    pub(super) size: u32,
    /// How many of them find room in every slice.
    pub(super) room: u64,
    pub(super) first_member: u64,
    pub(super) member_count: u64,
}

impl Practice {
    /// One of its members.
    pub(super) fn member(&self, draws: &mut Draws) -> u64 {
        self.first_member + draws.below_many(self.member_count)
    }
}

impl Courses {
    /// Courses of which `sessions` (in millionths) of a provider's claims are, where the
    /// claims of `slices` slices lie in so many weekdays.
    pub(super) fn new(sessions: u64, slices: u32, weekdays: u32) -> Self {
        let weights: u64 = PATTERNS.iter().map(|pattern| pattern.weight).sum();
        let starts = PATTERNS.iter().map(|pattern| {
            let span = pattern.offsets.last().copied().unwrap_or_default();
            // A course that fits into the period lies in it; a longer one is cut off by its ends.
            let (span, end) = (i64::from(span), i64::from(weekdays));
            let (starts, days) = if span < end {
                (0..end - span, (end - span) as u64)
            } else {
                (-span..end, u64::from(weekdays))
            };
            let wanted = (u128::from(sessions) * u128::from(pattern.weight)) << 40;
            let wanted = wanted * u128::from(slices) / (1_000_000 * u128::from(weights));
            Starts {
                pattern,
                weekdays: starts,
                rate: wanted / (u128::from(days) * pattern.offsets.len() as u128),
            }
        });
        Self {
            starts: starts.collect(),
        }
    }

    /// The sessions of a provider on some weekdays, always in the same order.
    pub(super) fn sessions(
        &self,
        practice: &Practice,
        members: Members,
        weekdays: Range<u32>,
        found: &mut Vec<Session>,
    ) {
        for (index, starts) in (1_u64..).zip(&self.starts) {
            let rate = starts.rate * u128::from(practice.room);
            let (each, more) = ((rate >> 40) as u64, (rate as u64 >> 8) as u32);
            let pattern_key = key(practice.key, index << 32);
            for weekday in weekdays.clone() {
                for (ordinal, &offset) in (0_u64..).zip(starts.pattern.offsets) {
                    let start = i64::from(weekday) - i64::from(offset);
                    if !starts.weekdays.contains(&start) {
                        continue;
                    }
                    let start_key = key(pattern_key, start as u64);
                    let count = each + u64::from((start_key as u32) < more);
                    for copy in 0..count {
                        let course = key(start_key, copy);
                        found.push(Session {
                            member: member(starts.pattern, course, practice, members),
                            weekday,
                            course,
                            key: key(course, ordinal),
                        });
                    }
                }
            }
        }
    }
}

fn member(pattern: &Pattern, course: u64, practice: &Practice, members: Members) -> u64 {
    let mut draws = Draws::new(course);
    let member = practice.member(&mut draws);
    match pattern.family {
        Some(family) => members.of_family(member, family, &mut draws),
        None => member,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(courses: &Courses, weekdays: Range<u32>) -> Vec<Session> {
        let practice = Practice {
            key: 77,
            size: 120,
            room: 120,
            first_member: 4000,
            member_count: 900,
        };
        let mut found = Vec::new();
        courses.sessions(
            &practice,
            Members::new(1, 10_000, 2026),
            weekdays,
            &mut found,
        );
        found
    }

    #[test]
    fn courses_have_from_1_to_14_sessions() {
        let lengths = PATTERNS.iter().map(|pattern| pattern.offsets.len());
        assert_eq!((lengths.clone().min(), lengths.max()), (Some(1), Some(14)));
        assert!(PATTERNS.iter().all(|pattern| pattern.offsets.is_sorted()));
    }

    #[test]
    fn as_many_sessions_are_found_as_are_asked_for() {
        for (slices, weekdays) in [(300, 300), (1, 300), (20, 20), (3, 300), (1, 1)] {
            let courses = Courses::new(60_000, slices, weekdays);
            let found = sessions(&courses, 0..weekdays).len() as u64;
            let expected = 120 * u64::from(slices) * 6 / 100;
            assert!(
                found.abs_diff(expected) < 8 + expected / 8,
                "{found} of {expected} in {slices} slices of {weekdays} weekdays"
            );
        }
    }

    #[test]
    fn the_sessions_of_a_day_are_the_same_however_days_are_taken_together() {
        let courses = Courses::new(60_000, 300, 300);
        let mut together = sessions(&courses, 40..60);
        let mut apart: Vec<Session> = (40..60)
            .flat_map(|weekday| sessions(&courses, weekday..weekday + 1))
            .collect();
        together.sort_unstable_by_key(|session| session.key);
        apart.sort_unstable_by_key(|session| session.key);
        assert_eq!(together, apart);
    }
}
