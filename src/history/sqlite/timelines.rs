//! The numbers of timelines.

use ahash::AHashMap;
use rusqlite::{Connection, OptionalExtension, params};

use crate::history::NewClaim;

/// How many timelines are remembered: what is held stays small.
const MOST_REMEMBERED: usize = 1 << 18;

/// The timelines that were asked for before: a run asks for them when it reads, and again when
/// it writes.
#[derive(Debug, Default)]
pub(super) struct Timelines {
    /// By plan, then member.
    known: AHashMap<String, AHashMap<String, i64>>,
    count: usize,
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
            return Ok(Some(*id));
        }
        let mut find = connection
            .prepare_cached("SELECT id FROM timelines WHERE plan = ?1 AND member = ?2")?;
        let found = find.query_row([plan, member], |row| row.get(0));
        let id = found.optional()?;
        if let Some(id) = id {
            self.remember(plan, member, id);
        }
        Ok(id)
    }

    fn remember(&mut self, plan: &str, member: &str, id: i64) {
        if self.count >= MOST_REMEMBERED {
            return;
        }
        self.count += 1;
        if let Some(members) = self.known.get_mut(plan) {
            members.insert(member.to_owned(), id);
        } else {
            let members = [(member.to_owned(), id)];
            self.known
                .insert(plan.to_owned(), members.into_iter().collect());
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
                    self.remember(plan, member, id);
                    id
                }
            };
            timelines.insert((plan, member), id);
        }
        Ok(timelines)
    }
}
