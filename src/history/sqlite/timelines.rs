//! The numbers of timelines.

use ahash::AHashMap;
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, params};

use crate::history::NewClaim;

/// How many timelines are remembered: what is held stays small.
const MOST_REMEMBERED: usize = 1 << 18;

/// The timelines that were asked for before: a run asks for them when it reads, and again when
/// it writes.
#[derive(Debug, Default)]
pub(super) struct Timelines {
    /// By plan, then member; `None` where it was asked for and is not there.
    known: AHashMap<String, AHashMap<String, Option<i64>>>,
    count: usize,
    /// By timeline all of whose sessions were read: the date of the latest.
    latest_sessions: AHashMap<i64, Option<NaiveDate>>,
}

impl Timelines {
    /// The number of a timeline that is there.
    pub(super) fn find(
        &mut self,
        connection: &Connection,
        plan: &str,
        member: &str,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.known.get(plan).and_then(|members| members.get(member)) {
            return Ok(*id);
        }
        let mut find = connection
            .prepare_cached("SELECT id FROM timelines WHERE plan = ?1 AND member = ?2")?;
        let found = find.query_row([plan, member], |row| row.get(0));
        let id = found.optional()?;
        self.remember(plan, member, id);
        Ok(id)
    }

    fn remember(&mut self, plan: &str, member: &str, id: Option<i64>) {
        let members = self.known.get_mut(plan);
        let known = members.and_then(|members| members.get_mut(member));
        match known {
            Some(known) => *known = id,
            None if self.count >= MOST_REMEMBERED => {}
            None => {
                self.count += 1;
                let members = self.known.entry(plan.to_owned()).or_default();
                members.insert(member.to_owned(), id);
            }
        }
    }

    /// All sessions of a timeline are about to be read.
    pub(super) fn read(&mut self, timeline: i64) {
        self.latest_sessions.entry(timeline).or_default();
    }

    /// A timeline that is read has a session.
    pub(super) fn has_session(&mut self, timeline: i64, date: NaiveDate) {
        if let Some(latest) = self.latest_sessions.get_mut(&timeline) {
            *latest = (*latest).max(Some(date));
        }
    }

    /// Whether a new session is later than all others of its timeline, as far as is known. From
    /// then on it is one of them.
    pub(super) fn is_latest_session(&mut self, timeline: i64, date: NaiveDate) -> bool {
        match self.latest_sessions.get_mut(&timeline) {
            Some(latest) if latest.is_none_or(|latest| latest < date) => {
                *latest = Some(date);
                true
            }
            _ => false,
        }
    }

    /// What is known is no longer so: timelines were removed, or a run was not kept.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The timelines of claims; new ones are added, in key order.
    pub(super) fn find_or_add<'c>(
        &mut self,
        connection: &Connection,
        claims: &'c [NewClaim<'_>],
    ) -> rusqlite::Result<AHashMap<(&'c str, &'c str), i64>> {
        let mut keys: Vec<(&str, &str, bool)> = claims
            .iter()
            .map(|claim| (claim.plan, &*claim.member, claim.member_identified))
            .collect();
        keys.sort_unstable();
        keys.dedup_by_key(|key| (key.0, key.1));
        let mut add = connection.prepare_cached(
            "INSERT INTO timelines (plan, member, is_identified) VALUES (?1, ?2, ?3)",
        )?;
        let mut timelines = AHashMap::with_capacity(keys.len());
        for (plan, member, is_identified) in keys {
            let id = match self.find(connection, plan, member)? {
                Some(id) => id,
                None => {
                    let id = add.insert(params![plan, member, is_identified])?;
                    self.remember(plan, member, Some(id));
                    self.read(id);
                    id
                }
            };
            timelines.insert((plan, member), id);
        }
        Ok(timelines)
    }
}
