//! Values that many rows share, each kept once.

use std::hash::Hash;

use ahash::RandomState;
use hashbrown::HashTable;

/// Values, each once, numbered by first appearance: the numbers depend on the input alone.
#[derive(Debug, Clone)]
pub(super) struct Distinct<T> {
    list: Vec<T>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            table: HashTable::new(),
            hasher: RandomState::with_seeds(1, 2, 3, 4),
        }
    }
}

impl<T: Copy + Eq + Hash> Distinct<T> {
    /// The number of a value, a new one if it is the first of its kind.
    pub(super) fn number(&mut self, value: T) -> u32 {
        let Self {
            list,
            table,
            hasher,
        } = self;
        let hash = hasher.hash_one(value);
        if let Some(&found) = table.find(hash, |&index| list[index as usize] == value) {
            return found;
        }
        let index = list.len() as u32;
        list.push(value);
        table.insert_unique(hash, index, |&index| hasher.hash_one(list[index as usize]));
        index
    }

    /// The values, by number.
    pub(super) fn list(&self) -> &[T] {
        &self.list
    }

    /// How many bytes it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.list.capacity() * size_of::<T>() + self.table.capacity() * (size_of::<u32>() + 1)
    }
}
