//! The numbers of timelines.

use ahash::{AHashMap, AHashSet};
use chrono::NaiveDate;
use rayon::prelude::*;
use rusqlite::{Connection, params};

use super::lists::{self, Key, ListedTimeline, MemberHash};
use super::text::json;
use crate::history::NewClaim;

/// The timelines that were asked for before: a run asks for them when it reads, and again when
/// it writes.
#[derive(Debug, Default)]
pub(super) struct Timelines {
    /// By plan, then member; `None` where it was asked for and is not there.
    known: AHashMap<String, AHashMap<String, Option<i64>>>,
    /// Timelines whose sessions were read.
    read: AHashSet<i64>,
    /// The lines that make those sessions, on dates of the batch.
    sessions: AHashMap<(i64, NaiveDate), Option<i64>>,
}

/// A plan and a member.
pub(super) type MemberOf<'k> = (&'k str, &'k str);

type Hashed<'k> = (MemberHash, MemberOf<'k>);

/// New timelines, each with its number: they are to be listed.
pub(super) type NewTimelines = Vec<(MemberHash, String)>;

impl Timelines {
    /// The number of a timeline that is there.
    pub(super) fn find(
        &mut self,
        connection: &Connection,
        plan: &str,
        member: &str,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.known(plan, member) {
            return Ok(id);
        }
        self.learn(connection, vec![(plan, member)])?;
        Ok(self.known(plan, member).flatten())
    }

    /// What is known of a timeline, if anything is.
    fn known(&self, plan: &str, member: &str) -> Option<Option<i64>> {
        self.known.get(plan)?.get(member).copied()
    }

    /// Looks timelines up that are not known.
    pub(super) fn learn(
        &mut self,
        connection: &Connection,
        keys: Vec<MemberOf<'_>>,
    ) -> rusqlite::Result<()> {
        let keys = self.unknown(keys);
        let found = look_up(connection, &keys)?;
        self.remember_all(keys, found);
        Ok(())
    }

    /// [`Timelines::learn`], over two connections at once.
    pub(super) fn learn_apart(
        &mut self,
        (one, other): &mut (Connection, Connection),
        keys: Vec<MemberOf<'_>>,
    ) -> rusqlite::Result<()> {
        let keys = self.unknown(keys);
        let middle = keys.get(keys.len() / 2).map(|(hash, _)| hash.part());
        let middle = keys.partition_point(|(hash, _)| Some(hash.part()) < middle);
        let (left, right) = keys.split_at(middle);
        let (left, right) = rayon::join(move || look_up(one, left), move || look_up(other, right));
        let mut found = left?;
        found.append(&mut right?);
        self.remember_all(keys, found);
        Ok(())
    }

    /// Those that are not known, in the order of their lists.
    fn unknown<'k>(&self, keys: Vec<MemberOf<'k>>) -> Vec<Hashed<'k>> {
        let unknown = keys
            .into_iter()
            .filter(|(plan, member)| self.known(plan, member).is_none());
        let mut unknown: Vec<Hashed<'_>> = unknown
            .map(|key| (MemberHash::new(key.0, key.1), key))
            .collect();
        unknown.par_sort_unstable();
        unknown.dedup();
        unknown
    }

    fn remember_all(&mut self, keys: Vec<Hashed<'_>>, found: Vec<Option<i64>>) {
        for ((_, (plan, member)), id) in keys.into_iter().zip(found) {
            self.remember(plan, member, id);
        }
    }

    fn remember(&mut self, plan: &str, member: &str, id: Option<i64>) {
        let members = match self.known.get_mut(plan) {
            Some(members) => members,
            None => self.known.entry(plan.to_owned()).or_default(),
        };
        members.insert(member.to_owned(), id);
    }

    /// All sessions of a timeline are about to be read that stand on dates of the batch.
    pub(super) fn read(&mut self, timeline: i64) {
        self.read.insert(timeline);
    }

    pub(super) fn is_read(&self, timeline: i64) -> bool {
        self.read.contains(&timeline)
    }

    /// A timeline has a session on a date of the batch, made by that line; `None`: it had one
    /// that was taken back.
    pub(super) fn has_session(&mut self, timeline: i64, date: NaiveDate, line: Option<i64>) {
        if self.is_read(timeline) {
            self.sessions.insert((timeline, date), line);
        }
    }

    /// What is known of a session on a date of the batch.
    pub(super) fn session_on(&self, timeline: i64, date: NaiveDate) -> Option<Option<i64>> {
        self.sessions.get(&(timeline, date)).copied()
    }

    /// What is known is no longer so: timelines were removed, or a run was not kept.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The timelines of claims, one for each; new ones are added, and to be listed.
    pub(super) fn find_or_add(
        &mut self,
        connection: &Connection,
        claims: &[NewClaim<'_>],
        new: &mut NewTimelines,
    ) -> rusqlite::Result<Vec<i64>> {
        let found =
            |known: &Self, claim: &NewClaim<'_>| known.known(claim.plan, &claim.member).flatten();
        let ids: Vec<Option<i64>> = claims.par_iter().map(|claim| found(self, claim)).collect();
        let unknown = claims.iter().zip(&ids).filter(|(_, id)| id.is_none());
        let mut unknown: Vec<(MemberOf<'_>, bool)> = unknown
            .map(|(claim, _)| ((claim.plan, &*claim.member), claim.member_identified))
            .collect();
        // They get their numbers in this order.
        unknown.sort_unstable();
        unknown.dedup_by_key(|(key, _)| *key);
        self.learn(connection, unknown.iter().map(|(key, _)| *key).collect())?;
        let mut add = connection.prepare_cached(
            "INSERT INTO timelines (plan, member, is_identified) VALUES (?1, ?2, ?3)",
        )?;
        for ((plan, member), is_identified) in unknown {
            if self.known(plan, member).flatten().is_some() {
                continue;
            }
            let id = add.insert(params![plan, member, is_identified])?;
            self.remember(plan, member, Some(id));
            self.read(id);
            let listed = json(&(id, plan, member));
            new.push((MemberHash::new(plan, member), listed));
        }
        let ids = claims.iter().zip(ids);
        let ids = ids.map(|(claim, id)| id.or_else(|| found(self, claim)));
        ids.map(|id| id.ok_or(rusqlite::Error::QueryReturnedNoRows))
            .collect()
    }
}

/// The numbers of timelines that are there.
fn look_up(connection: &Connection, keys: &[Hashed<'_>]) -> rusqlite::Result<Vec<Option<i64>>> {
    let mut found = vec![None; keys.len()];
    let mut hashes: Vec<MemberHash> = keys.iter().map(|(hash, _)| *hash).collect();
    hashes.dedup();
    lists::visit(connection, &hashes, &mut |hash, list| {
        let start = keys.partition_point(|(of_key, _)| *of_key < hash);
        for ListedTimeline(id, plan, member) in lists::items::<ListedTimeline<'_>>(list)? {
            let of_hash = keys[start..]
                .iter()
                .take_while(|(of_key, _)| *of_key == hash);
            let place = of_hash
                .into_iter()
                .position(|(_, key)| *key == (&*plan, &*member));
            if let Some(place) = place {
                found[start + place] = Some(id);
            }
        }
        Ok(())
    })?;
    Ok(found)
}
