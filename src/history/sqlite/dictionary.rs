//! Texts that many lines share, each kept once.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, Hasher};

use ahash::{AHashMap, RandomState};
use chrono::NaiveDate;
use hashbrown::HashTable;
use rusqlite::{Connection, OptionalExtension, ToSql};

use super::text::json;
use crate::output::{Determination, WrittenReason};

/// The numbers of shared texts that a run has met.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// Reasons without their texts.
    outcomes: HashTable<(WrittenReason<'static>, i64)>,
    hasher: RandomState,
    policy_versions: AHashMap<(String, Option<String>), i64>,
    /// Most lines have that of the line before.
    last_policy_version: Option<(String, Option<NaiveDate>, i64)>,
    unverified: AHashMap<String, i64>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Self {
            outcomes: HashTable::new(),
            hasher: RandomState::with_seeds(5, 6, 7, 8),
            policy_versions: AHashMap::new(),
            last_policy_version: None,
            unverified: AHashMap::new(),
        }
    }
}

impl Dictionary {
    pub(super) fn policy_version(
        &mut self,
        connection: &Connection,
        determination: &Determination<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        let Some(policy) = &determination.policy else {
            return Ok(None);
        };
        let version = determination.policy_version;
        if let Some((last, of_last, id)) = &self.last_policy_version
            && (&**last, *of_last) == (&**policy, version)
        {
            return Ok(Some(*id));
        }
        let id = self.find_policy_version(connection, policy, version)?;
        self.last_policy_version = Some((policy.to_string(), version, id));
        Ok(Some(id))
    }

    fn find_policy_version(
        &mut self,
        connection: &Connection,
        policy: &str,
        version: Option<NaiveDate>,
    ) -> rusqlite::Result<i64> {
        let version = version.map(|date| date.to_string());
        let key = (policy.to_string(), version);
        if let Some(id) = self.policy_versions.get(&key) {
            return Ok(*id);
        }
        let id = find_or_add(
            connection,
            "SELECT id FROM policy_versions WHERE policy = ?1 AND version IS ?2",
            "INSERT INTO policy_versions (policy, version) VALUES (?1, ?2)",
            &[&key.0, &key.1],
        )?;
        self.policy_versions.insert(key, id);
        Ok(id)
    }

    pub(super) fn unverified(
        &mut self,
        connection: &Connection,
        determination: &Determination<'_>,
    ) -> rusqlite::Result<Option<i64>> {
        if determination.unverified.is_empty() {
            return Ok(None);
        }
        let criteria = json(&determination.unverified);
        if let Some(id) = self.unverified.get(&criteria) {
            return Ok(Some(*id));
        }
        let id = find_or_add(
            connection,
            "SELECT id FROM unverified WHERE criteria = ?1",
            "INSERT INTO unverified (criteria) VALUES (?1)",
            &[&criteria],
        )?;
        self.unverified.insert(criteria, id);
        Ok(Some(id))
    }

    pub(super) fn outcome(
        &mut self,
        connection: &Connection,
        reason: &WrittenReason<'_>,
    ) -> rusqlite::Result<i64> {
        let Self {
            outcomes, hasher, ..
        } = self;
        let hash = hash(hasher, reason);
        if let Some((_, id)) = outcomes.find(hash, |(known, _)| is_same(known, reason)) {
            return Ok(*id);
        }
        let owned = without_text(reason);
        let rarc = json(&owned.rarc);
        let (rule, basis, decision) = (
            owned.rule.name(),
            owned.basis.as_str(),
            owned.decision.as_str(),
        );
        let id = find_or_add(
            connection,
            "SELECT id FROM outcomes WHERE rule = ?1 AND basis = ?2 AND clause = ?3
             AND decision = ?4 AND group_code IS ?5 AND carc IS ?6 AND rarc = ?7 AND status IS ?8",
            "INSERT INTO outcomes (rule, basis, clause, decision, group_code, carc, rarc, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            &[
                &rule,
                &basis,
                &owned.clause,
                &decision,
                &owned.group,
                &owned.carc,
                &rarc,
                &owned.status,
            ],
        )?;
        let known = (owned, id);
        outcomes.insert_unique(hash, known, |(reason, _)| self::hash(hasher, reason));
        Ok(id)
    }
}

fn find_or_add(
    connection: &Connection,
    find: &str,
    add: &str,
    values: &[&dyn ToSql],
) -> rusqlite::Result<i64> {
    let found = connection
        .query_row(find, values, |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(id),
        None => connection.prepare(add)?.insert(values),
    }
}

fn hash(hasher: &RandomState, reason: &WrittenReason<'_>) -> u64 {
    let mut state = hasher.build_hasher();
    reason.rule.hash(&mut state);
    reason.decision.hash(&mut state);
    reason.clause.hash(&mut state);
    reason.carc.hash(&mut state);
    reason.status.hash(&mut state);
    state.finish()
}

fn is_same(one: &WrittenReason<'_>, other: &WrittenReason<'_>) -> bool {
    let (head, rest) = (
        |reason: &WrittenReason<'_>| (reason.rule, reason.basis, reason.decision),
        one.clause == other.clause && one.rarc == other.rarc && one.status == other.status,
    );
    head(one) == head(other) && rest && one.group == other.group && one.carc == other.carc
}

fn without_text(reason: &WrittenReason<'_>) -> WrittenReason<'static> {
    let owned = |text: &Option<Cow<'_, str>>| {
        let text = text.as_ref().map(|text| text.clone().into_owned());
        text.map(Cow::Owned)
    };
    WrittenReason {
        rule: reason.rule,
        basis: reason.basis,
        clause: Cow::Owned(reason.clause.clone().into_owned()),
        decision: reason.decision,
        group: owned(&reason.group),
        carc: owned(&reason.carc),
        rarc: Cow::Owned(reason.rarc.to_vec()),
        status: owned(&reason.status),
        text: Cow::Borrowed(""),
    }
}
