//! What a run asks before it judges: files and interchanges taken, claims named, timelines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteHistory;
use super::lists::{self, ListedLine, Prefix, Timeline};
use super::unlisted::{self, unlist};
use crate::claim::{ClaimControlNumber, InterchangeIdentity, Quantity, as_text};
use crate::history::{
    Configuration, FoundClaim, KnownInput, NamedClaims, PatientNumber, PlanUsed, RunGiven, RunInfo,
    RunKind, StoredSession,
};
use crate::policy::{Decision, Phase, Role};

/// A line, and the patient control numbers that are named of its timeline, ascending.
type LineNamed<'n> = (i64, Arc<[&'n str]>);

/// A value that is kept as a word.
pub(super) struct Word<T>(pub(super) T);

macro_rules! word {
    ($type:ty) => {
        impl FromSql for Word<$type> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let word = <$type>::from_name(value.as_str()?);
                word.map(Self).ok_or(FromSqlError::InvalidType)
            }
        }
    };
}
word!(Decision);
word!(Phase);
word!(Role);
word!(crate::policy::Basis);
word!(crate::policy::RuleKind);

impl FromSql for Word<NaiveDate> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let date = date(value.as_str()?);
        date.map(Self).ok_or(FromSqlError::InvalidType)
    }
}

impl FromSql for Word<Quantity> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let quantity = Quantity::parse(value.as_str()?.as_bytes());
        quantity.map(Self).ok_or(FromSqlError::InvalidType)
    }
}

impl FromSql for Word<ClaimControlNumber> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = ClaimControlNumber::from_text(value.as_str()?.as_bytes());
        number.map(Self).ok_or(FromSqlError::InvalidType)
    }
}

/// A list as JSON.
impl FromSql for Word<Vec<String>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Null => Ok(Self(Vec::new())),
            value => match value.as_str()? {
                "[]" => Ok(Self(Vec::new())),
                text => serde_json::from_str(text)
                    .map(Self)
                    .map_err(|_| FromSqlError::InvalidType),
            },
        }
    }
}

/// A word or a list that stands in a text.
pub(super) fn parsed<T>(text: &str) -> rusqlite::Result<T>
where
    Word<T>: FromSql,
{
    let word = Word::<T>::column_result(ValueRef::Text(text.as_bytes()));
    let failed = |error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error));
    word.map(|word| word.0).map_err(failed)
}

/// A value of a row.
pub(super) fn get<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    Word<T>: FromSql,
{
    row.get::<_, Word<T>>(index).map(|word| word.0)
}

/// A value of a row that may be absent.
pub(super) fn optional<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<T>>
where
    Word<T>: FromSql,
{
    row.get::<_, Option<Word<T>>>(index)
        .map(|word| word.map(|word| word.0))
}

/// `CCYY-MM-DD`.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let [c, e, n, t, _, m, o, _, d, a] = *text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |number: u32, digit| {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            Some(number * 10 + u32::from(digit))
        })
    };
    let year = i32::try_from(number(&[c, e, n, t])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m, o])?, number(&[d, a])?)
}

impl SqliteHistory {
    pub(super) fn interchange(
        &self,
        identity: &InterchangeIdentity,
    ) -> rusqlite::Result<Option<String>> {
        let mut found = self.connection.prepare_cached(
            "SELECT digest FROM interchanges JOIN inputs ON inputs.id = input_id
             WHERE control_number = ?1 AND sender = ?2 AND receiver = ?3 AND date = ?4
             AND time = ?5",
        )?;
        let values = params![
            as_text(&identity.control_number),
            as_text(&identity.sender),
            as_text(&identity.receiver),
            as_text(&identity.date),
            as_text(&identity.time),
        ];
        found.query_row(values, |row| row.get(0)).optional()
    }

    pub(super) fn input(
        &self,
        kind: RunKind,
        digest: &str,
    ) -> rusqlite::Result<Option<KnownInput>> {
        let mut found = self.connection.prepare_cached(
            "SELECT inputs.id, runs.id, runs.recorded_at, inputs.purged_before
             FROM inputs JOIN runs ON runs.id = inputs.run_id
             WHERE inputs.digest = ?1 AND inputs.status = 'adjudicated' AND runs.kind = ?2",
        )?;
        let input = |row: &Row<'_>| {
            Ok(KnownInput {
                id: row.get(0)?,
                run: row.get(1)?,
                recorded_at: row.get(2)?,
                purged_before: row.get(3)?,
            })
        };
        found
            .query_row(params![digest, kind.as_str()], input)
            .optional()
    }

    pub(super) fn run_given(&self, digests: &[&str]) -> rusqlite::Result<Option<RunGiven>> {
        let Some(first) = digests.first() else {
            return Ok(None);
        };
        let mut runs = self.connection.prepare(
            "SELECT DISTINCT runs.id FROM inputs JOIN runs ON runs.id = inputs.run_id
             WHERE inputs.digest = ?1 AND runs.kind = 'adjudicate' ORDER BY runs.id DESC",
        )?;
        let runs = runs.query_map([first], |row| row.get::<_, i64>(0))?;
        let mut given = self.connection.prepare(
            "SELECT digest, status = 'adjudicated' FROM inputs WHERE run_id = ?1 ORDER BY id",
        )?;
        for run in runs {
            let id = run?;
            let (of_run, adjudicated): (Vec<String>, Vec<bool>) = given
                .query_map([id], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?))
                })?
                .collect::<Result<_, _>>()?;
            if of_run == digests {
                return Ok(Some(RunGiven { id, adjudicated }));
            }
        }
        Ok(None)
    }

    pub(super) fn claims_named(
        &mut self,
        named: &NamedClaims<'_>,
    ) -> rusqlite::Result<Vec<FoundClaim>> {
        const CLAIM: &str = "SELECT claims.id, claim_control_number, plan, member, is_identified,
             billing_provider, patient_control_number";
        const BY_ID: &str = "FROM claims JOIN timelines ON timelines.id = claims.timeline_id
             WHERE claims.id = ?1 AND status = 'active' AND claim_control_number = ?2";
        const OF_LINE: &str = "FROM lines CROSS JOIN claims ON claims.id = lines.claim_id
             CROSS JOIN timelines ON timelines.id = claims.timeline_id
             WHERE lines.id = ?1 AND status = 'active'";
        let claim = |row: &Row<'_>| {
            Ok(FoundClaim {
                id: row.get(0)?,
                control_number: optional(row, 1)?,
                plan: row.get(2)?,
                member: row.get(3)?,
                member_identified: row.get(4)?,
                billing_provider: row.get(5)?,
                patient_control_number: row.get(6)?,
            })
        };
        let mut found = Vec::new();
        let lines_named = self.lines_named(named.patient_numbers)?;
        let mut by_id = self.connection.prepare(&format!("{CLAIM} {BY_ID}"))?;
        for (number, id) in self.claims_listed(named.control_numbers)? {
            found.extend(
                by_id
                    .query_row(params![id, number.as_str()], claim)
                    .optional()?,
            );
        }
        let mut of_line = self.connection.prepare(&format!("{CLAIM} {OF_LINE}"))?;
        for (line, numbers) in lines_named {
            let claim = of_line.query_row([line], claim).optional()?;
            let is_named = |claim: &FoundClaim| {
                let number = &*claim.patient_control_number;
                numbers.binary_search(&number).is_ok()
            };
            found.extend(claim.filter(is_named));
        }
        found.sort_unstable_by_key(|claim| claim.id);
        found.dedup_by_key(|claim| claim.id);
        Ok(found)
    }

    /// The claims in the lists of claim control numbers that ascend, each with its number.
    pub(super) fn claims_listed(
        &self,
        numbers: &[ClaimControlNumber],
    ) -> rusqlite::Result<Vec<(ClaimControlNumber, i64)>> {
        let mut prefixes: Vec<Prefix> = numbers
            .iter()
            .map(|number| Prefix(number.prefix()))
            .collect();
        prefixes.dedup();
        let mut listed = Vec::new();
        lists::visit(&self.connection, &prefixes, &mut |prefix, list| {
            let ids: Vec<i64> = lists::items(list)?;
            let start = numbers.partition_point(|number| Prefix(number.prefix()) < prefix);
            let of_prefix = numbers[start..].iter();
            for number in of_prefix.take_while(|number| Prefix(number.prefix()) == prefix) {
                listed.extend(ids.iter().map(|id| (*number, *id)));
            }
            Ok(())
        })?;
        Ok(listed)
    }

    /// The lines of the timelines of patient control numbers, each with the numbers that are
    /// named there, ascending. Those without a subscriber id are one for all that.
    fn lines_named<'n>(
        &mut self,
        named: &[PatientNumber<'n>],
    ) -> rusqlite::Result<Vec<LineNamed<'n>>> {
        let mut of_timelines: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
        let mut unidentified: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for named in named {
            if named.members.is_empty() {
                let numbers = unidentified.entry(named.plan).or_default();
                numbers.insert(named.number);
            }
            for member in &named.members {
                let found = self.timelines.find(&self.connection, named.plan, member)?;
                if let Some(id) = found {
                    of_timelines.entry(id).or_default().insert(named.number);
                }
            }
        }
        let mut without_id = self
            .connection
            .prepare("SELECT id FROM timelines WHERE plan = ?1 AND is_identified = 0")?;
        for (plan, numbers) in unidentified {
            for id in without_id.query_map([plan], |row| row.get::<_, i64>(0))? {
                of_timelines.entry(id?).or_default().extend(&numbers);
            }
        }
        let timelines: Vec<Timeline> = of_timelines.keys().map(|id| Timeline(*id)).collect();
        let numbers: BTreeMap<i64, Arc<[&str]>> = of_timelines
            .into_iter()
            .map(|(id, numbers)| (id, numbers.into_iter().collect()))
            .collect();
        let mut lines = Vec::new();
        lists::visit(
            &self.connection,
            &timelines,
            &mut |Timeline(timeline), list| {
                if let Some(numbers) = numbers.get(&timeline) {
                    let listed: Vec<ListedLine<'_>> = lists::items(list)?;
                    let listed = listed.into_iter().map(|line| (line.1, Arc::clone(numbers)));
                    lines.extend(listed);
                }
                Ok(())
            },
        )?;
        Ok(lines)
    }

    pub(super) fn all_runs(&self) -> rusqlite::Result<Vec<RunInfo>> {
        let mut runs = self.connection.prepare(
            "SELECT id, kind, recorded_at, billing_date,
                    (SELECT count(*) FROM inputs WHERE run_id = runs.id AND status = 'adjudicated'),
                    (SELECT name FROM inputs WHERE run_id = runs.id AND status = 'adjudicated'
                     ORDER BY id LIMIT 1),
                    first_claim, last_claim, first_line, last_line, forgotten_at
             FROM runs ORDER BY id",
        )?;
        let mut counts = self.connection.prepare(
            "SELECT (SELECT count(*) FROM claims WHERE id BETWEEN ?2 AND ?3),
                    count(*) FILTER (WHERE decision = 'pay'),
                    count(*) FILTER (WHERE decision = 'reduce'),
                    count(*) FILTER (WHERE decision = 'pend'),
                    count(*) FILTER (WHERE decision = 'deny'),
                    (SELECT count(*) FROM reversals WHERE claim_id BETWEEN ?2 AND ?3)
                    + (SELECT count(*) FROM reviews WHERE run_id = ?1)
             FROM lines WHERE id BETWEEN ?4 AND ?5",
        )?;
        let mut infos = Vec::new();
        let mut rows = runs.query([])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let bound = |index| row.get::<_, Option<i64>>(index);
            let counted = counts.query_row(
                params![id, bound(6)?, bound(7)?, bound(8)?, bound(9)?],
                |row| {
                    let lines = [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                    Ok((row.get(0)?, lines, row.get(5)?))
                },
            )?;
            infos.push(RunInfo {
                id,
                kind: row.get(1)?,
                recorded_at: row.get(2)?,
                billing_date: optional(row, 3)?,
                inputs: (row.get(4)?, row.get(5)?),
                claims: counted.0,
                lines: counted.1,
                changed: counted.2,
                forgotten_at: row.get(10)?,
            });
        }
        Ok(infos)
    }

    pub(super) fn configuration_of(&self, run: i64) -> rusqlite::Result<Configuration> {
        let ([plans_digest, facts_digest, members_digest], has_all_lines) =
            self.connection.query_row(
                "SELECT plans_digest, facts_digest, members_digest, has_all_lines
                 FROM runs WHERE id = ?1",
                [run],
                |row| Ok(([row.get(0)?, row.get(1)?, row.get(2)?], row.get(3)?)),
            )?;
        let mut plans = self
            .connection
            .prepare("SELECT plan, policy, digest FROM run_plans WHERE run_id = ?1")?;
        let plan = |row: &Row<'_>| {
            Ok(PlanUsed {
                plan: row.get(0)?,
                policy: row.get(1)?,
                digest: row.get(2)?,
            })
        };
        let plans = plans.query_map([run], plan)?.collect::<Result<_, _>>()?;
        Ok(Configuration {
            plans,
            monitors: self.monitors_of(run)?,
            plans_digest,
            facts_digest,
            members_digest,
            has_all_lines,
        })
    }

    pub(super) fn all_plans(&self) -> rusqlite::Result<Vec<String>> {
        let mut plans = self
            .connection
            // One step of the index a plan, however many members it has.
            .prepare(
                "WITH RECURSIVE found (plan) AS (
                    SELECT min(plan) FROM timelines
                    UNION ALL
                    SELECT (SELECT min(plan) FROM timelines WHERE plan > found.plan)
                    FROM found WHERE plan IS NOT NULL
                 )
                 SELECT plan FROM found WHERE plan <> ''",
            )?;
        let plans = plans.query_map([], |row| row.get(0))?;
        plans.collect()
    }

    pub(super) fn all_sessions(
        &self,
        visit: &mut dyn FnMut(&StoredSession) -> bool,
    ) -> rusqlite::Result<()> {
        unlist(&self.connection)?;
        let mut sessions = self.connection.prepare(
            "SELECT plan, member, sessions.service_date, procedure, billing_provider,
                    rendering_provider,
                    patient_control_number, sessions.phase, sessions.muscles
             FROM timelines
             CROSS JOIN sessions ON sessions.timeline_id = timelines.id
             CROSS JOIN lines ON lines.id = sessions.line_id
             CROSS JOIN claims ON claims.id = lines.claim_id
             ORDER BY plan, member, sessions.service_date",
        )?;
        let mut rows = sessions.query([])?;
        while let Some(row) = rows.next()? {
            let session = StoredSession {
                plan: row.get(0)?,
                member: row.get(1)?,
                service_date: row.get(2)?,
                procedure: row.get(3)?,
                billing_provider: row.get(4)?,
                rendering_provider: row.get(5)?,
                patient_control_number: row.get(6)?,
                phase: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
                muscles: get(row, 8)?,
            };
            if !visit(&session) {
                break;
            }
        }
        drop(rows);
        drop(sessions);
        unlisted::forget(&self.connection)
    }
}
