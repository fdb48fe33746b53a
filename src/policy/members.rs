//! Members whose key changed: a crosswalk from older keys to newer ones.

use std::io::BufRead;

use ahash::AHashMap;

use super::section::ConfigErrors;
use super::table::Table;

/// The columns of a crosswalk.
const COLUMNS: [&str; 2] = ["old_key", "new_key"];
const OLD: usize = 0;
const NEW: usize = 1;

/// The newest key of each member whose key changed; all of a member's claims stand on the
/// timeline of the newest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Members {
    /// INVARIANT: no value is a key.
    newest: AHashMap<Box<str>, Box<str>>,
    /// The older keys of each newest key, ascending.
    older: AHashMap<Box<str>, Vec<Box<str>>>,
}

impl Members {
    /// Reads a crosswalk: CSV with the columns `old_key` and `new_key`, keys as
    /// determinations have them, compared trimmed and without case. A new key may be the
    /// old key of another row.
    ///
    /// # Errors
    ///
    /// With row and column: a key that is missing, an old key with two new ones, and keys
    /// that lead back to themselves.
    pub fn read(source: &str, reader: impl BufRead) -> Result<Self, ConfigErrors> {
        let mut table = Table::open(source, reader, &COLUMNS, false)?;
        let mut next: AHashMap<Box<str>, Box<str>> = AHashMap::new();
        let mut rows = Vec::new();
        while let Some(row) = table.next_row() {
            let key = |column| row.field(column).to_uppercase().into_boxed_str();
            let (old, new) = (key(OLD), key(NEW));
            for (column, key) in [(OLD, &old), (NEW, &new)] {
                if key.is_empty() {
                    table.wrong(&row, column, "a member key is needed");
                }
            }
            if old.is_empty() || new.is_empty() {
                continue;
            }
            match next.get(&old) {
                Some(other) if *other != new => {
                    table.wrong(&row, OLD, "this key has another new key in a row before");
                }
                Some(_) => {}
                None => {
                    next.insert(old.clone(), new);
                    rows.push((row, old));
                }
            }
        }
        let mut members = Self::default();
        for (row, old) in rows {
            let Some(newest) = follow(&next, &old) else {
                table.wrong(&row, NEW, "from here the keys lead back to themselves");
                continue;
            };
            let older = members.older.entry(newest.into()).or_default();
            older.push(old.clone());
            members.newest.insert(old, newest.into());
        }
        table.finish()?;
        members
            .older
            .values_mut()
            .for_each(|older| older.sort_unstable());
        Ok(members)
    }

    /// The newest key of a member, if its key changed.
    #[must_use]
    pub fn newer(&self, key: &str) -> Option<&str> {
        self.newest.get(key).map(AsRef::as_ref)
    }

    /// The newest key of a member: its own, unless it changed.
    #[must_use]
    pub fn newest<'k>(&'k self, key: &'k str) -> &'k str {
        self.newer(key).unwrap_or(key)
    }

    /// The older keys of a newest key, ascending.
    pub fn older(&self, newest: &str) -> impl Iterator<Item = &str> {
        let older = self.older.get(newest);
        older.into_iter().flatten().map(AsRef::as_ref)
    }
}

/// The last key of a chain; `None` where it leads back to itself.
fn follow<'n>(next: &'n AHashMap<Box<str>, Box<str>>, old: &str) -> Option<&'n str> {
    let mut key = next.get(old)?;
    for _ in 0..next.len() {
        match next.get(key) {
            Some(newer) => key = newer,
            None => return Some(key),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &str) -> Result<Members, String> {
        let text = format!("old_key,new_key\n{rows}");
        Members::read("m.csv", text.as_bytes()).map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_chain_of_keys_is_one_member() {
        let members = read("W1,W2\nW2,w3\nW9,W3\nW1,W2\n").unwrap();
        assert_eq!(members.newest("W1"), "W3");
        assert_eq!(members.newest("W3"), "W3");
        assert_eq!(members.newer("W4"), None);
        let older: Vec<&str> = members.older("W3").collect();
        assert_eq!(older, ["W1", "W2", "W9"]);
    }

    #[test]
    fn a_cycle_and_a_key_that_maps_to_two_are_refused_with_row_and_column() {
        assert_eq!(
            read("W1,W2\nW2,W1\n").unwrap_err(),
            "m.csv:2: column new_key: from here the keys lead back to themselves\n\
             m.csv:3: column new_key: from here the keys lead back to themselves"
        );
        assert_eq!(
            read("W1,W2\nW1,W3\n").unwrap_err(),
            "m.csv:3: column old_key: this key has another new key in a row before"
        );
        assert_eq!(
            read("W1,\n").unwrap_err(),
            "m.csv:2: column new_key: a member key is needed"
        );
    }
}
