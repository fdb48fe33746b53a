//! Frames sorted by a key, in memory while they are few.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::blocks::{Blocks, Frames};

/// How many bytes a key has.
pub const KEY_BYTES: usize = 16;

/// What frames are sorted by: as bytes, from front to back.
pub type Key = [u8; KEY_BYTES];

/// Takes frames in any order.
#[derive(Debug)]
pub struct Sorter {
    folder: PathBuf,
    most_bytes: usize,
    /// The frames in memory, and where each stands in `bytes`.
    places: Vec<(Key, Range<usize>)>,
    bytes: Vec<u8>,
    /// Those on disk: each stream is sorted.
    streams: Option<Blocks>,
}

impl Sorter {
    /// None so far. About so many bytes are gathered in memory, the rest in a file of a folder.
    #[must_use]
    pub fn new(folder: &Path, most_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            most_bytes,
            places: Vec::new(),
            bytes: Vec::new(),
            streams: None,
        }
    }

    /// Adds a frame. Those of one key stay in the order in which they were added.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn add(&mut self, key: Key, frame: &[u8]) -> io::Result<()> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(frame);
        self.places.push((key, start..self.bytes.len()));
        let places = self.places.len() * size_of::<(Key, Range<usize>)>();
        match self.bytes.len() + places > self.most_bytes {
            true => self.put_aside(),
            false => Ok(()),
        }
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let streams = match &mut self.streams {
            Some(streams) => streams,
            none => none.insert(Blocks::create(&self.folder, 0)?),
        };
        let stream = streams.add_stream();
        self.places.sort_by_key(|(key, _)| *key);
        let mut keyed = Vec::new();
        for (key, place) in self.places.drain(..) {
            keyed.clear();
            keyed.extend_from_slice(&key);
            keyed.extend_from_slice(&self.bytes[place]);
            streams.append(stream, &keyed)?;
        }
        self.bytes.clear();
        Ok(())
    }

    /// All frames, sorted.
    ///
    /// # Errors
    ///
    /// A file that cannot be written or read.
    pub fn finish(mut self) -> io::Result<Sorted> {
        if self.streams.is_some() && !self.places.is_empty() {
            self.put_aside()?;
        }
        let Some(mut streams) = self.streams else {
            self.places.sort_by_key(|(key, _)| *key);
            self.places.reverse();
            return Ok(Sorted::Memory {
                places: self.places,
                bytes: self.bytes,
            });
        };
        streams.finish()?;
        let mut heads: Vec<Head> = (0..streams.streams()).map(Head::of).collect();
        let mut next = BinaryHeap::new();
        for (place, head) in heads.iter_mut().enumerate() {
            if let Some(key) = head.advance(&streams)? {
                next.push(Reverse((key, place)));
            }
        }
        Ok(Sorted::Disk {
            streams,
            heads,
            next,
        })
    }
}

/// Frames in the order of their keys.
#[derive(Debug)]
pub enum Sorted {
    /// All in memory: the next one is the last place.
    Memory {
        /// Where each frame stands.
        places: Vec<(Key, Range<usize>)>,
        /// The frames.
        bytes: Vec<u8>,
    },
    /// On disk.
    Disk {
        /// The sorted streams.
        streams: Blocks,
        /// The next frame of each stream.
        heads: Vec<Head>,
        /// The keys of those, the first on top.
        next: BinaryHeap<Reverse<(Key, usize)>>,
    },
}

/// The next frame of a stream.
#[derive(Debug)]
pub struct Head {
    frames: Frames,
    keyed: Vec<u8>,
}

impl Head {
    fn of(stream: usize) -> Self {
        Self {
            frames: Frames::of(stream),
            keyed: Vec::new(),
        }
    }

    fn advance(&mut self, streams: &Blocks) -> io::Result<Option<Key>> {
        let is_there = self.frames.next(streams, &mut self.keyed)?;
        let key = self.keyed.first_chunk::<KEY_BYTES>().copied();
        Ok(key.filter(|_| is_there))
    }
}

impl Sorted {
    /// The next frame, in `frame`, and its key; `None` behind the last.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn next(&mut self, frame: &mut Vec<u8>) -> io::Result<Option<Key>> {
        frame.clear();
        match self {
            Self::Memory { places, bytes } => Ok(places.pop().map(|(key, place)| {
                frame.extend_from_slice(&bytes[place]);
                key
            })),
            Self::Disk {
                streams,
                heads,
                next,
            } => {
                let Some(Reverse((key, place))) = next.pop() else {
                    return Ok(None);
                };
                let head = &mut heads[place];
                frame.extend_from_slice(head.keyed.get(KEY_BYTES..).unwrap_or_default());
                if let Some(key) = head.advance(streams)? {
                    next.push(Reverse((key, place)));
                }
                Ok(Some(key))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(most_bytes: usize) -> Vec<(Key, Vec<u8>)> {
        let mut sorter = Sorter::new(&std::env::temp_dir(), most_bytes);
        for index in 0..1000_u32 {
            let mut key = [0; KEY_BYTES];
            key[..4].copy_from_slice(&(index * 7919 % 100).to_be_bytes());
            sorter.add(key, &index.to_le_bytes()).unwrap();
        }
        let (mut sorted, mut frame, mut all) = (sorter.finish().unwrap(), Vec::new(), Vec::new());
        while let Some(key) = sorted.next(&mut frame).unwrap() {
            all.push((key, frame.clone()));
        }
        all
    }

    #[test]
    fn the_order_is_the_same_in_memory_and_on_disk() {
        let in_memory = sorted(usize::MAX);
        assert_eq!(in_memory.len(), 1000);
        assert!(in_memory.is_sorted_by_key(|(key, _)| *key));
        let of_one_key = in_memory.iter().filter(|(key, _)| *key == in_memory[0].0);
        let indexes =
            of_one_key.map(|(_, frame)| u32::from_le_bytes(frame[..].try_into().unwrap()));
        assert!(indexes.is_sorted(), "those of one key stay in their order");
        for most_bytes in [1, 500, 20_000] {
            assert_eq!(sorted(most_bytes), in_memory, "{most_bytes} bytes");
        }
    }
}
