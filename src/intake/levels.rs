//! The hierarchy of a transaction set: which provider, subscriber and patient a claim has.

use crate::claim::{as_text, as_utf8};
use crate::p837::{Events, Level, LevelKind, Text};
use crate::policy::Plans;

/// How many levels back a parent is looked for. Children follow their parent in an 837P;
/// this bound keeps memory flat however long a transaction set is.
pub(super) const PARENTS_BACK: usize = 4096;

/// How many levels are known before the oldest are forgotten.
const MOST_LEVELS: usize = 4 * PARENTS_BACK;

/// How many bytes of theirs are known before the oldest are forgotten, however few they are:
/// no level needs as many as a thousandth.
const MOST_BYTES: usize = 1 << 26;

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
    /// Whether checking found nothing in the level and in all above it.
    is_valid: bool,
    /// The plan that takes the claims under it; settled where its payer stands.
    plan: Option<u16>,
    /// Its texts stand together in [`Levels::bytes`], from `start` on.
    level: Level,
    start: u32,
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
    Outside,
    /// Its level, or one above, lacks the parent that it needs.
    Unsound,
    /// Checking found something in its level, or in one above.
    Invalid,
}

impl Levels {
    /// Forgets all: HL ids restart in each transaction set.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.bytes.clear();
        (self.billing, self.subscriber) = (None, None);
    }

    /// Adds a level. Returns whether it has the parent that it needs.
    pub(super) fn add(
        &mut self,
        level: &Level,
        events: &Events,
        plans: &Plans,
        is_at_fault: bool,
    ) -> bool {
        if self.list.len() >= MOST_LEVELS || self.bytes.len() >= MOST_BYTES {
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
        let is_valid = !is_at_fault && parent.is_none_or(|parent| self.list[parent].is_valid);
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(events.text(level.texts));
        let index = self.list.len();
        self.list.push(Known {
            kind: level.kind,
            parent,
            is_sound,
            is_valid,
            plan: None,
            level: *level,
            start,
        });
        match level.kind {
            LevelKind::BillingProvider => (self.billing, self.subscriber) = (Some(index), None),
            LevelKind::Subscriber => {
                self.subscriber = Some(index);
                let payer_id = as_utf8(self.fact(index, |level| level.payer_id));
                let group_number = as_utf8(self.fact(index, |level| level.group_number));
                let plan = plans.route(&payer_id, &group_number);
                self.list[index].plan = plan;
            }
            LevelKind::Patient | LevelKind::Other => {}
        }
        is_sound || level.kind == LevelKind::Other
    }

    /// The context of a claim that stands under the level that was added last.
    pub(super) fn context(&self) -> Result<Context<'_>, Homeless> {
        let last = self.list.len().checked_sub(1).ok_or(Homeless::Outside)?;
        let level = &self.list[last];
        if !matches!(level.kind, LevelKind::Subscriber | LevelKind::Patient) {
            return Err(Homeless::Outside);
        }
        if !level.is_sound {
            return Err(Homeless::Unsound);
        }
        if !level.is_valid {
            return Err(Homeless::Invalid);
        }
        let parent = level.parent.ok_or(Homeless::Unsound)?;
        if level.kind == LevelKind::Subscriber {
            return Ok(Context {
                levels: self,
                billing: parent,
                subscriber: last,
                patient: None,
            });
        }
        let billing = self.list[parent].parent.ok_or(Homeless::Unsound)?;
        Ok(Context {
            levels: self,
            billing,
            subscriber: parent,
            patient: Some(last),
        })
    }

    /// Whether HL02 names the level of the right kind that is open: children follow their
    /// parent.
    pub(super) fn is_under_open(&self, level: &Level, events: &Events) -> bool {
        let open = match level.kind {
            LevelKind::Subscriber => self.billing,
            LevelKind::Patient => self.subscriber,
            LevelKind::BillingProvider | LevelKind::Other => return true,
        };
        let id = events.text(level.parent);
        open.is_some_and(|open| self.fact(open, |level| level.id) == id)
    }

    /// Whether HL02 names any level of the right kind.
    pub(super) fn has_parent(&self, level: &Level, events: &Events) -> bool {
        let id = events.text(level.parent);
        self.find_parent(level.kind, id).is_some()
    }

    fn find_parent(&self, kind: LevelKind, id: &[u8]) -> Option<usize> {
        let (wanted, nearest) = match kind {
            LevelKind::Subscriber => (LevelKind::BillingProvider, self.billing),
            LevelKind::Patient => (LevelKind::Subscriber, self.subscriber),
            LevelKind::BillingProvider | LevelKind::Other => return None,
        };
        let is_it = |&index: &usize| self.fact(index, |level| level.id) == id;
        // Nearly always the parent is the level of its kind that is still open.
        nearest
            .filter(is_it)
            .or_else(|| (0..self.list.len()).rev().find(is_it))
            .filter(|&index| self.list[index].kind == wanted && !id.is_empty())
    }

    fn fact(&self, index: usize, fact: impl Fn(&Level) -> Text) -> &[u8] {
        let known = &self.list[index];
        let (start, length) = fact(&known.level).within(known.level.texts);
        let start = (known.start + start) as usize;
        &self.bytes[start..start + length as usize]
    }

    fn texts(&self, known: &Known) -> std::ops::Range<usize> {
        let (_, length) = known.level.texts.within(known.level.texts);
        known.start as usize..(known.start + length) as usize
    }

    /// Keeps the latest levels, [`PARENTS_BACK`] or what [`MOST_BYTES`] leaves of them, and
    /// those still open.
    fn forget_the_oldest(&mut self) {
        let from = self.bytes.len().saturating_sub(MOST_BYTES / 2);
        let by_bytes = self
            .list
            .partition_point(|known| (known.start as usize) < from);
        let gone = self.list.len().saturating_sub(PARENTS_BACK).max(by_bytes);
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
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut list = Vec::with_capacity(MOST_LEVELS);
        for &index in &kept {
            let known = self.list[index];
            let start = bytes.len() as u32;
            bytes.extend_from_slice(&self.bytes[self.texts(&known)]);
            list.push(Known {
                parent: known.parent.and_then(moved),
                start,
                ..known
            });
        }
        self.bytes = bytes;
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
        self.levels.fact(self.subscriber, |level| level.payer_id)
    }

    /// 2010AA NM109, else 2010AA REF*EI or SY, else 2010BB REF*G2.
    pub(super) fn billing_provider(&self) -> &'a [u8] {
        let candidates = [
            self.levels.fact(self.billing, |level| level.billing_npi),
            self.levels.fact(self.billing, |level| level.billing_tax_id),
            self.levels
                .fact(self.subscriber, |level| level.billing_secondary_id),
        ];
        let trimmed = candidates.into_iter().map(<[u8]>::trim_ascii);
        trimmed
            .into_iter()
            .find(|identity| !identity.is_empty())
            .unwrap_or_default()
    }

    /// Whether another payer is primary: SBR01 is given and not `P`.
    pub(super) fn has_other_payer(&self) -> bool {
        let responsibility = self
            .levels
            .fact(self.subscriber, |level| level.responsibility);
        !responsibility.is_empty() && responsibility != b"P"
    }

    /// Whether there is a subscriber id.
    pub(super) fn is_member_identified(&self) -> bool {
        !self
            .levels
            .fact(self.subscriber, |level| level.subscriber_id)
            .trim_ascii()
            .is_empty()
    }

    /// The member key: the subscriber's id, or for a dependent
    /// `SUBSCRIBERID/DOB/SEX/FIRSTNAME`, each part upper case and trimmed.
    pub(super) fn member_key(&self) -> String {
        let part = |index, fact: fn(&Level) -> Text| {
            let text = as_text(self.levels.fact(index, fact));
            text.trim_ascii().to_uppercase()
        };
        let subscriber = part(self.subscriber, |level| level.subscriber_id);
        match self.patient {
            None => subscriber,
            Some(patient) => [
                subscriber,
                part(patient, |level| level.birth_date),
                part(patient, |level| level.sex),
                part(patient, |level| level.first_name),
            ]
            .join("/"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::p837::{Interest, Reader};
    use crate::x12::Delimiters;

    /// Adds levels that stand in `bytes`, pushed whole.
    fn add(levels: &mut Levels, bytes: &str) {
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        let interest = Interest::in_everything();
        let mut reader = Reader::new(&interest);
        reader.restart_at_anchor(delimiters, 0);
        reader.push(bytes.as_bytes());
        reader.close();
        for level in &reader.events().levels {
            levels.add(level, reader.events(), &Plans::default(), false);
        }
    }

    #[test]
    fn what_nobody_reads_in_a_level_is_not_kept() {
        let mut levels = Levels::default();
        let idle = "N3*SOMEWHERE~".repeat(10_000);
        let level = format!("HL*1**20*1~{idle}NM1*85*2*CLINIC*****XX*1234567893~");
        add(&mut levels, &level);
        assert!(levels.bytes.len() < 100, "{}", levels.bytes.len());
        assert_eq!(levels.fact(0, |level| level.billing_npi), b"1234567893");
        assert_eq!(levels.fact(0, |level| level.id), b"1");
    }

    #[test]
    fn levels_of_any_size_stay_within_their_bytes() {
        let mut levels = Levels::default();
        let long = "9".repeat(1_000_000);
        add(&mut levels, "HL*1**20*1~");
        for id in 2..150 {
            add(&mut levels, &format!("HL*{id}*1*22*0~SBR*P*18*{long}~"));
            assert!(levels.bytes.len() < MOST_BYTES + 2_000_000);
        }
        let provider = levels.list.iter().position(|known| known.parent.is_none());
        assert_eq!(provider, Some(0), "the open provider is still known");
        assert!(levels.context().is_ok());
    }
}
