//! The hierarchy of a transaction set: which provider, subscriber and patient a claim has.

use crate::claim::{as_text, as_utf8};
use crate::p837::{Events, Level, LevelKind};
use crate::policy::Plans;

/// How many levels back a parent is looked for. Children follow their parent in an 837P;
/// this bound keeps memory flat however long a transaction set is.
pub(super) const PARENTS_BACK: usize = 4096;

/// The levels of the open transaction set that can still be parents.
#[derive(Debug, Default)]
pub(super) struct Levels {
    list: Vec<Known>,
    bytes: Vec<u8>,
    billing: Option<usize>,
    subscriber: Option<usize>,
}

/// A level, with what follows from its place in the hierarchy.
#[derive(Debug, Clone, Copy)]
struct Known {
    kind: LevelKind,
    /// Index of the parent, where it is there and of the right kind.
    parent: Option<usize>,
    /// Whether the level and all above it have the parents that they need.
    is_sound: bool,
    /// The plan that takes the claims under it; settled where its payer stands.
    plan: Option<u16>,
    facts: [Span; FACTS],
}

/// A piece of [`Levels::bytes`].
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
}

const FACTS: usize = 11;

/// The facts of a level, in the order of [`Known::facts`].
#[derive(Debug, Clone, Copy)]
enum Fact {
    Id,
    BillingNpi,
    BillingTaxId,
    Responsibility,
    GroupNumber,
    SubscriberId,
    PayerId,
    BillingSecondaryId,
    FirstName,
    BirthDate,
    Sex,
}

/// What a claim takes from the levels above it.
pub(super) struct Context<'a> {
    levels: &'a Levels,
    billing: usize,
    subscriber: usize,
    patient: Option<usize>,
}

/// Why a claim has no context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Homeless {
    /// Its level is no subscriber's or patient's, or there is none.
    OutsideLevel,
    /// Its level, or one above, lacks the parent that it needs.
    UnsoundLevel,
}

impl Levels {
    /// Forgets all: HL ids restart in each transaction set.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.bytes.clear();
        (self.billing, self.subscriber) = (None, None);
    }

    /// Adds a level. Returns whether it has the parent that it needs.
    pub(super) fn add(&mut self, level: &Level, events: &Events, plans: &Plans) -> bool {
        if self.list.len() >= 2 * PARENTS_BACK {
            self.forget_the_oldest();
        }
        let parent = self.find_parent(level.kind, events.text(level.parent));
        let is_sound = match level.kind {
            LevelKind::BillingProvider => true,
            LevelKind::Subscriber | LevelKind::Patient => {
                parent.is_some_and(|parent| self.list[parent].is_sound)
            }
            LevelKind::Other => false,
        };
        let facts = [
            level.id,
            level.billing_npi,
            level.billing_tax_id,
            level.responsibility,
            level.group_number,
            level.subscriber_id,
            level.payer_id,
            level.billing_secondary_id,
            level.first_name,
            level.birth_date,
            level.sex,
        ];
        let facts = self.keep(events.text(level.texts), facts.map(|text| text.within(level.texts)));
        let index = self.list.len();
        self.list.push(Known {
            kind: level.kind,
            parent,
            is_sound,
            plan: None,
            facts,
        });
        match level.kind {
            LevelKind::BillingProvider => (self.billing, self.subscriber) = (Some(index), None),
            LevelKind::Subscriber => {
                self.subscriber = Some(index);
                let payer_id = as_utf8(self.fact(index, Fact::PayerId));
                let group_number = as_utf8(self.fact(index, Fact::GroupNumber));
                let plan = plans.route(&payer_id, &group_number);
                self.list[index].plan = plan;
            }
            LevelKind::Patient | LevelKind::Other => {}
        }
        is_sound || level.kind == LevelKind::Other
    }

    /// The context of a claim that stands under the level that was added last.
    pub(super) fn context(&self) -> Result<Context<'_>, Homeless> {
        let last = self
            .list
            .len()
            .checked_sub(1)
            .ok_or(Homeless::OutsideLevel)?;
        let level = &self.list[last];
        if !matches!(level.kind, LevelKind::Subscriber | LevelKind::Patient) {
            return Err(Homeless::OutsideLevel);
        }
        if !level.is_sound {
            return Err(Homeless::UnsoundLevel);
        }
        let parent = level.parent.ok_or(Homeless::UnsoundLevel)?;
        if level.kind == LevelKind::Subscriber {
            return Ok(Context {
                levels: self,
                billing: parent,
                subscriber: last,
                patient: None,
            });
        }
        let billing = self.list[parent].parent.ok_or(Homeless::UnsoundLevel)?;
        Ok(Context {
            levels: self,
            billing,
            subscriber: parent,
            patient: Some(last),
        })
    }

    fn find_parent(&self, kind: LevelKind, id: &[u8]) -> Option<usize> {
        let (wanted, nearest) = match kind {
            LevelKind::Subscriber => (LevelKind::BillingProvider, self.billing),
            LevelKind::Patient => (LevelKind::Subscriber, self.subscriber),
            LevelKind::BillingProvider | LevelKind::Other => return None,
        };
        let is_it = |&index: &usize| self.fact(index, Fact::Id) == id;
        // Nearly always the parent is the level of its kind that is still open.
        nearest
            .filter(is_it)
            .or_else(|| (0..self.list.len()).rev().find(is_it))
            .filter(|&index| self.list[index].kind == wanted && !id.is_empty())
    }

    fn fact(&self, index: usize, fact: Fact) -> &[u8] {
        let span = self.list[index].facts[fact as usize];
        &self.bytes[span.start as usize..(span.start + span.length) as usize]
    }

    /// Keeps a level's texts, and gives the places of its facts.
    fn keep(&mut self, texts: &[u8], facts: [(u32, u32); FACTS]) -> [Span; FACTS] {
        let before = self.bytes.len() as u32;
        self.bytes.extend_from_slice(texts);
        facts.map(|(start, length)| Span {
            start: before + start,
            length,
        })
    }

    /// Keeps the latest [`PARENTS_BACK`] levels, and those still open.
    fn forget_the_oldest(&mut self) {
        let gone = self.list.len() - PARENTS_BACK;
        let open = [self.billing, self.subscriber];
        let kept: Vec<usize> = (0..self.list.len())
            .filter(|index| {
                *index >= gone || open.contains(&Some(*index)) || self.is_parent_of_open(*index)
            })
            .collect();
        // All from `gone` on are kept, so only what was before it has to be looked for.
        let (before, _) = kept.split_at(kept.partition_point(|&index| index < gone));
        let moved = |index: usize| match index.checked_sub(gone) {
            Some(behind) => Some(before.len() + behind),
            None => before.iter().position(|&kept| kept == index),
        };
        let old = std::mem::take(&mut self.bytes);
        let mut list = Vec::with_capacity(2 * PARENTS_BACK);
        for &index in &kept {
            let mut known = self.list[index];
            known.parent = known.parent.and_then(moved);
            for span in &mut known.facts {
                let start = self.bytes.len() as u32;
                self.bytes.extend_from_slice(
                    &old[span.start as usize..(span.start + span.length) as usize],
                );
                span.start = start;
            }
            list.push(known);
        }
        self.list = list;
        self.billing = self.billing.and_then(moved);
        self.subscriber = self.subscriber.and_then(moved);
    }

    fn is_parent_of_open(&self, index: usize) -> bool {
        self.subscriber
            .is_some_and(|open| self.list[open].parent == Some(index))
    }
}

impl<'a> Context<'a> {
    /// The plan that takes the claim.
    pub(super) fn plan(&self) -> Option<u16> {
        self.levels.list[self.subscriber].plan
    }

    /// 2010BB NM109, as it stands.
    pub(super) fn payer_id(&self) -> &'a [u8] {
        self.levels.fact(self.subscriber, Fact::PayerId)
    }

    /// 2010AA NM109, else 2010AA REF*EI or SY, else 2010BB REF*G2.
    pub(super) fn billing_provider(&self) -> &'a [u8] {
        let candidates = [
            self.levels.fact(self.billing, Fact::BillingNpi),
            self.levels.fact(self.billing, Fact::BillingTaxId),
            self.levels.fact(self.subscriber, Fact::BillingSecondaryId),
        ];
        let trimmed = candidates.into_iter().map(<[u8]>::trim_ascii);
        trimmed
            .into_iter()
            .find(|identity| !identity.is_empty())
            .unwrap_or_default()
    }

    /// Whether another payer is primary: SBR01 is given and not `P`.
    pub(super) fn has_other_payer(&self) -> bool {
        let responsibility = self.levels.fact(self.subscriber, Fact::Responsibility);
        !responsibility.is_empty() && responsibility != b"P"
    }

    /// Whether there is a subscriber id.
    pub(super) fn is_member_identified(&self) -> bool {
        !self
            .levels
            .fact(self.subscriber, Fact::SubscriberId)
            .trim_ascii()
            .is_empty()
    }

    /// The member key: the subscriber's id, or for a dependent
    /// `SUBSCRIBERID/DOB/SEX/FIRSTNAME`, each part upper case and trimmed.
    pub(super) fn member_key(&self) -> String {
        let part = |index, fact| {
            let text = as_text(self.levels.fact(index, fact));
            text.trim_ascii().to_uppercase()
        };
        let subscriber = part(self.subscriber, Fact::SubscriberId);
        match self.patient {
            None => subscriber,
            Some(patient) => [
                subscriber,
                part(patient, Fact::BirthDate),
                part(patient, Fact::Sex),
                part(patient, Fact::FirstName),
            ]
            .join("/"),
        }
    }
}
