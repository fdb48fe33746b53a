//! What was planted, in counts.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::content::{Content, LineKind};
use super::dirt::Dirt;
use super::people::Member;
use crate::claim::Cents;

/// What was planted. The fields are a public format (`--answers`).
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Answers {
    /// The seed that it follows from.
    pub seed: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Interchanges.
    pub interchanges: u64,
    /// Transaction sets.
    pub transaction_sets: u64,
    /// Billing providers, counted wherever one's claims begin.
    pub billing_provider_loops: u64,
    /// Members that the claims are drawn from.
    pub members: u64,
    /// Claims.
    pub claims: u64,
    /// Service lines.
    pub lines: u64,
    /// Of those claims, the ones that cannot be read.
    pub unreadable_claims: u64,
    /// Their service lines.
    pub unreadable_lines: u64,
    /// What the lines of all other claims charge.
    #[serde(rename = "charges", serialize_with = "as_decimal")]
    pub charges_cents: i128,
    /// Lines that are trigger point injections.
    pub injection_lines: u64,
    /// Lines that are guidance.
    pub guidance_lines: u64,
    /// Lines that are office visits.
    pub office_visit_lines: u64,
    /// Claims whose patient is not the subscriber.
    pub dependent_claims: u64,
    /// Claims of which another payer paid a part.
    pub secondary_payer_claims: u64,
    /// Claims by kind of dirt.
    pub dirt: DirtCounts,
}

/// How many claims have a kind of dirt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DirtCounts([u64; Dirt::ALL.len()]);

impl DirtCounts {
    /// How many claims have that kind.
    #[must_use]
    pub fn of(&self, kind: Dirt) -> u64 {
        self.0[kind as usize]
    }

    /// How many claims have any.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Serialize for DirtCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for kind in Dirt::ALL {
            map.serialize_entry(kind.name(), &self.of(kind))?;
        }
        map.end()
    }
}

impl Answers {
    /// Counts a claim.
    pub(super) fn count(
        &mut self,
        content: &Content,
        member: &Member,
        charge: u64,
        dirt: Option<Dirt>,
    ) {
        let lines = content.lines().len() as u64;
        self.claims += 1;
        self.lines += lines;
        if dirt.is_some_and(Dirt::is_unreadable) {
            self.unreadable_claims += 1;
            self.unreadable_lines += lines;
        } else {
            self.charges_cents += i128::from(charge);
        }
        for line in content.lines() {
            match line.kind {
                LineKind::Injection => self.injection_lines += 1,
                LineKind::Guidance => self.guidance_lines += 1,
                LineKind::OfficeVisit => self.office_visit_lines += 1,
                LineKind::Other => {}
            }
        }
        self.dependent_claims += u64::from(member.dependent.is_some());
        self.secondary_payer_claims += u64::from(member.has_other_payer);
        if let Some(kind) = dirt {
            self.dirt.0[kind as usize] += 1;
        }
    }
}

fn as_decimal<S: Serializer>(cents: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    match i64::try_from(*cents) {
        Ok(cents) => serializer.collect_str(&Cents(cents)),
        Err(_) => serializer.collect_str(&format_args!("{}.{:02}", cents / 100, cents % 100)),
    }
}
