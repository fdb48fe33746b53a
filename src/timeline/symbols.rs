//! Strings that many lines share, each kept once.

use ahash::RandomState;
use hashbrown::HashTable;

/// A string that is kept once: two are equal exactly when their strings are.
///
/// Numbered by first appearance, so that they depend on the input alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Symbol(u32);

impl Symbol {
    /// The empty string.
    pub const EMPTY: Self = Self(0);

    /// A string that a table does not have: equal to none of its strings.
    pub const UNKNOWN: Self = Self(u32::MAX);

    /// Its number: strings are numbered by first appearance.
    #[must_use]
    pub fn index(self) -> u32 {
        self.0
    }

    /// Whether it is the empty string.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// Whether both name the same identity: an empty one equals nothing, not even another.
    #[must_use]
    pub fn is_same_identity(self, other: Self) -> bool {
        self == other && !self.is_empty()
    }
}

/// The table behind [`Symbol`]: byte strings in one buffer, found by their hash.
#[derive(Debug, Clone)]
pub struct Symbols {
    bytes: Vec<u8>,
    /// INVARIANT: `ends[i]` is where string `i` ends in `bytes`; string 0 is empty.
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl Default for Symbols {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            ends: vec![0],
            table: HashTable::new(),
            hasher: RandomState::with_seeds(1, 2, 3, 4),
        }
    }
}

impl Symbols {
    /// The symbol of a string, a new one if it is the first of its kind.
    pub fn intern(&mut self, text: &[u8]) -> Symbol {
        if text.is_empty() {
            return Symbol::EMPTY;
        }
        let Self {
            bytes,
            ends,
            table,
            hasher,
        } = self;
        let hash = hasher.hash_one(text);
        if let Some(&found) = table.find(hash, |&index| string(bytes, ends, index) == text) {
            return Symbol(found);
        }
        let index = ends.len() as u32;
        bytes.extend_from_slice(text);
        ends.push(bytes.len() as u32);
        table.insert_unique(hash, index, |&index| {
            hasher.hash_one(string(bytes, ends, index))
        });
        Symbol(index)
    }

    /// The symbol of a string that may have one; [`Symbol::UNKNOWN`] if it has none.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Symbol {
        if text.is_empty() {
            return Symbol::EMPTY;
        }
        let is_it = |&index: &u32| string(&self.bytes, &self.ends, index) == text;
        let found = self.table.find(self.hasher.hash_one(text), is_it);
        found.map_or(Symbol::UNKNOWN, |&index| Symbol(index))
    }

    /// How many bytes the strings have together.
    #[must_use]
    pub fn byte_count(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let numbers = self.ends.capacity() * size_of::<u32>();
        let table = self.table.capacity() * (size_of::<u32>() + 1);
        self.bytes.capacity() + numbers + table
    }

    /// The string of a symbol.
    #[must_use]
    pub fn bytes(&self, symbol: Symbol) -> &[u8] {
        string(&self.bytes, &self.ends, symbol.0)
    }
}

fn string<'a>(bytes: &'a [u8], ends: &[u32], index: u32) -> &'a [u8] {
    let index = index as usize;
    let start = if index == 0 { 0 } else { ends[index - 1] };
    &bytes[start as usize..ends[index] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_are_one_symbol() {
        let mut symbols = Symbols::default();
        let first = symbols.intern(b"W1");
        assert_ne!(first, symbols.intern(b"W2"));
        assert_eq!(first, symbols.intern(b"W1"));
        assert_eq!(symbols.bytes(first), b"W1");
        assert_eq!(symbols.intern(b""), Symbol::EMPTY);
    }

    #[test]
    fn an_empty_identity_equals_nothing() {
        assert!(!Symbol::EMPTY.is_same_identity(Symbol::EMPTY));
    }
}
