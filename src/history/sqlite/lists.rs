//! Ways that are in no order of arrival: from a member to its timeline, from a timeline to its
//! lines, and from a number to its claims. Rows of their own would change a page of the history for every few of a night; here
//! a row has the lists of many keys, as JSON with a line of text for each key.
//!
//! A run adds a row to every part of the keys, and puts small rows of some parts together: see
//! [`settle`](super::settling::settle).

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::marker::PhantomData;

use ahash::AHashSet;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Connection, Statement, params};
use serde::Deserialize;
use serde_json::value::RawValue;

/// How many timelines have their lists in one row.
const TIMELINES_A_PART: i64 = 1024;

/// What has a list.
pub(super) trait Key: Copy + Ord + Display {
    /// Keys of one part have their lists in one row.
    type Part: ToSql + FromSql + Copy + PartialEq;
    /// Where the lists stand.
    const TABLE: &'static str;

    fn part(self) -> Self::Part;

    /// Reads a key as it was written.
    fn parse(text: &[u8]) -> Option<Self>;

    /// The row that an item of a list names.
    fn named(item: &str) -> Option<i64>;
}

/// A timeline, with the list of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timeline(pub(super) i64);

/// The first characters of a claim control number, with the list of the claims that have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix(pub(super) [u8; 6]);

/// A hash of a plan and a member key, with the list of the timelines that have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct MemberHash(u32);

/// A timeline in the list of its hash: its number, its plan, its member.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ListedTimeline<'l>(
    pub(super) i64,
    #[serde(borrow)] pub(super) Cow<'l, str>,
    #[serde(borrow)] pub(super) Cow<'l, str>,
);

/// The first two letters of claim control numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Letters(pub(super) [u8; 2]);

/// A line in the list of its timeline.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct ListedLine<'l>(
    /// Its date of service; empty for none.
    #[serde(borrow)]
    pub(super) &'l str,
    /// Its number.
    pub(super) i64,
    /// Where it makes a session: the phase, empty for none.
    #[serde(default, borrow)]
    pub(super) Option<&'l str>,
    /// Its muscles, if any are named.
    #[serde(default, borrow)]
    pub(super) Option<&'l RawValue>,
);

impl Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl MemberHash {
    /// FNV-1a of both, with a zero between them. It stands in files, and stays as it is.
    pub(super) fn new(plan: &str, member: &str) -> Self {
        let bytes = plan.bytes().chain([0]).chain(member.bytes());
        Self(bytes.fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }))
    }
}

impl Display for MemberHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl ToSql for Letters {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

impl FromSql for Letters {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let letters = value.as_bytes()?.try_into();
        letters.map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

impl Key for Timeline {
    type Part = i64;
    const TABLE: &'static str = "timeline_lists";

    fn part(self) -> i64 {
        self.0 / TIMELINES_A_PART
    }

    fn parse(text: &[u8]) -> Option<Self> {
        parse_number(text).map(Self)
    }

    fn named(item: &str) -> Option<i64> {
        let line: ListedLine<'_> = serde_json::from_str(item).ok()?;
        Some(line.1)
    }
}

impl Key for MemberHash {
    type Part = i64;
    const TABLE: &'static str = "member_lists";

    fn part(self) -> i64 {
        i64::from(self.0 >> 22)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        parse_number(text)?.try_into().ok().map(Self)
    }

    fn named(item: &str) -> Option<i64> {
        let timeline: ListedTimeline<'_> = serde_json::from_str(item).ok()?;
        Some(timeline.0)
    }
}

fn parse_number(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0_i64, |number, next| {
        let digit = next.is_ascii_digit().then(|| i64::from(next - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

impl Key for Prefix {
    type Part = Letters;
    const TABLE: &'static str = "number_lists";

    fn part(self) -> Letters {
        Letters([self.0[0], self.0[1]])
    }

    fn parse(text: &[u8]) -> Option<Self> {
        text.try_into().ok().map(Self)
    }

    fn named(item: &str) -> Option<i64> {
        item.parse().ok()
    }
}

/// The text of a row: lists in the order of their keys.
struct Lists<K> {
    text: String,
    last: Option<K>,
}

impl<K: Key> Lists<K> {
    fn new() -> Self {
        Self {
            text: String::new(),
            last: None,
        }
    }

    /// Begins an item of a key's list: it is what the caller adds to the text.
    fn item(&mut self, key: K) -> &mut String {
        let text = &mut self.text;
        let _ = match self.last.replace(key) {
            None => write!(text, "{{\"{key}\":["),
            Some(last) if last == key => text.write_char(','),
            Some(_) => write!(text, "],\n\"{key}\":["),
        };
        text
    }

    /// The whole text, if there is any item.
    fn end(&mut self) -> Option<(K, &str)> {
        let last = self.last.take()?;
        self.text.push_str("]}");
        Some((last, &self.text))
    }
}

/// Adds items to lists, in the order of their keys.
pub(super) struct Adding<'c, K: Key> {
    insert: Statement<'c>,
    lists: Lists<K>,
}

impl<'c, K: Key> Adding<'c, K> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let insert = format!("INSERT INTO {} (part, lists) VALUES (?1, ?2)", K::TABLE);
        Ok(Self {
            insert: connection.prepare(&insert)?,
            lists: Lists::new(),
        })
    }

    /// Begins an item of a key's list: it is what the caller adds to the text.
    pub(super) fn item(&mut self, key: K) -> rusqlite::Result<&mut String> {
        let last = self.lists.last;
        if last.is_some_and(|last| last.part() != key.part()) {
            self.end_part()?;
        }
        Ok(self.lists.item(key))
    }

    fn end_part(&mut self) -> rusqlite::Result<()> {
        if let Some((last, text)) = self.lists.end() {
            self.insert.execute(params![last.part(), text])?;
            self.lists.text.clear();
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        self.end_part()
    }
}

/// The lists of a row by key, with their brackets.
struct Entries<'t, K> {
    rest: &'t [u8],
    key: PhantomData<K>,
}

fn entries<K: Key>(text: &[u8]) -> Entries<'_, K> {
    Entries {
        rest: text.strip_prefix(b"{").unwrap_or_default(),
        key: PhantomData,
    }
}

impl<'t, K: Key> Iterator for Entries<'t, K> {
    type Item = rusqlite::Result<(K, &'t [u8])>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        // No text in JSON holds a line break.
        let end = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |end| end + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(entry(line).ok_or_else(damaged))
    }
}

/// `"key":[...],` or, the last one, `"key":[...]}`
fn entry<K: Key>(line: &[u8]) -> Option<(K, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (_, line) = line.split_last()?;
    let line = line.strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', line)?;
    let list = line.get(end..)?.strip_prefix(b"\":")?;
    Some((K::parse(line.get(..end)?)?, list))
}

pub(super) fn damaged() -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(0, "lists".into(), Type::Text)
}

/// The items of a list.
pub(super) fn items<'l, T: Deserialize<'l>>(list: &'l [u8]) -> rusqlite::Result<Vec<T>> {
    // Looked at as a whole: most of its texts are short.
    let list = std::str::from_utf8(list).map_err(|_| damaged())?;
    serde_json::from_str(list).map_err(|_| damaged())
}

/// Reads the lists of keys that ascend, part by part; a key may have several lists, the oldest
/// first.
pub(super) fn visit<K: Key>(
    connection: &Connection,
    wanted: &[K],
    hear: &mut dyn FnMut(K, &[u8]) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows = connection.prepare_cached(&format!(
        "SELECT lists FROM {} WHERE part = ?1 ORDER BY id",
        K::TABLE
    ))?;
    for wanted in wanted.chunk_by(|left, right| left.part() == right.part()) {
        let mut rows = rows.query([wanted[0].part()])?;
        while let Some(row) = rows.next()? {
            let mut wanted = wanted.iter().copied().peekable();
            for entry in entries::<K>(row.get_ref(0)?.as_bytes()?) {
                let (key, list) = entry?;
                while wanted.next_if(|wanted| *wanted < key).is_some() {}
                if wanted.next_if_eq(&key).is_some() {
                    hear(key, list)?;
                } else if wanted.peek().is_none() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Reads all lists, part by part.
pub(super) fn visit_all<K: Key>(
    connection: &Connection,
    hear: &mut dyn FnMut(K, &[u8]) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows =
        connection.prepare(&format!("SELECT lists FROM {} ORDER BY part, id", K::TABLE))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        for entry in entries::<K>(row.get_ref(0)?.as_bytes()?) {
            let (key, list) = entry?;
            hear(key, list)?;
        }
    }
    Ok(())
}

/// Takes what names some rows out of the lists of keys that ascend.
pub(super) fn remove<K: Key>(
    connection: &Connection,
    keys: &[K],
    gone: &AHashSet<i64>,
) -> rusqlite::Result<()> {
    for keys in keys.chunk_by(|left, right| left.part() == right.part()) {
        rewrite::<K>(connection, &keys[0].part(), gone)?;
    }
    Ok(())
}

/// Makes one row of those of a part, without what names rows that are gone.
fn rewrite<K: Key>(
    connection: &Connection,
    part: &K::Part,
    gone: &AHashSet<i64>,
) -> rusqlite::Result<()> {
    let mut rows = connection.prepare_cached(&format!(
        "SELECT id, lists FROM {} WHERE part = ?1 ORDER BY id",
        K::TABLE
    ))?;
    let rows: Vec<(i64, String)> = rows
        .query_map([part], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let Some(((id, _), others)) = rows.split_first() else {
        return Ok(());
    };
    let text = joined::<K>(rows.iter().map(|(_, text)| &**text), gone)?;
    let table = K::TABLE;
    let mut delete = connection.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?;
    for (other, _) in others {
        delete.execute([other])?;
    }
    if text.is_empty() {
        return delete.execute([id]).map(drop);
    }
    connection
        .prepare_cached(&format!("UPDATE {table} SET lists = ?1 WHERE id = ?2"))?
        .execute(params![text, id])
        .map(drop)
}

/// The text of one row for those of several, without what names rows that are gone; empty where
/// nothing is left.
pub(super) fn joined<'t, K: Key>(
    texts: impl Iterator<Item = &'t str>,
    gone: &AHashSet<i64>,
) -> rusqlite::Result<String> {
    let mut lists: Vec<(K, &str)> = Vec::new();
    for text in texts {
        for entry in entries::<K>(text.as_bytes()) {
            let (key, list) = entry?;
            let list = std::str::from_utf8(list).ok();
            let list = list.and_then(|list| list.strip_prefix('[')?.strip_suffix(']'));
            lists.push((key, list.ok_or_else(damaged)?));
        }
    }
    // Lists of one key stay in their order.
    lists.sort_by_key(|(key, _)| *key);
    let mut joined = Lists::new();
    for (key, list) in lists {
        let list = left::<K>(list, gone)?;
        if !list.is_empty() {
            joined.item(key).push_str(&list);
        }
    }
    joined.end();
    Ok(joined.text)
}

/// The items of a list that name no row that is gone.
fn left<'l, K: Key>(list: &'l str, gone: &AHashSet<i64>) -> rusqlite::Result<Cow<'l, str>> {
    if gone.is_empty() {
        return Ok(Cow::Borrowed(list));
    }
    let list = format!("[{list}]");
    let all: Vec<&RawValue> = items(list.as_bytes())?;
    let mut left = Vec::with_capacity(all.len());
    for item in all {
        let item = item.get();
        if !gone.contains(&K::named(item).ok_or_else(damaged)?) {
            left.push(item);
        }
    }
    Ok(Cow::Owned(left.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_one_key_are_joined_in_their_order_without_what_is_gone() {
        let texts = [
            "{\"2\":[[\"\",1],[\"\",2]],\n\"10\":[[\"\",3]]}",
            "{\"2\":[[\"\",4,\"\"]]}",
        ];
        let joined = |gone: &[i64]| {
            let gone = gone.iter().copied().collect();
            joined::<Timeline>(texts.into_iter(), &gone).unwrap()
        };
        let all = "{\"2\":[[\"\",1],[\"\",2],[\"\",4,\"\"]],\n\"10\":[[\"\",3]]}";
        assert_eq!(joined(&[]), all);
        assert_eq!(joined(&[1, 3]), "{\"2\":[[\"\",2],[\"\",4,\"\"]]}");
        assert_eq!(joined(&[1, 2, 3, 4]), "");
    }
}
