//! What must wait until totals are known, kept out of memory.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::SpooledTempFile;

use super::error::AckError;
use super::folder::Staging;
use crate::compose::Segment;

/// How much is kept in memory before a file is made.
const IN_MEMORY_BYTES: usize = 1 << 21;

/// Bytes that wait, in memory while they are few and in a file without a name (mode 0600, in
/// the folder that is given) when they are many.
#[derive(Debug)]
pub(super) struct Spool {
    writer: BufWriter<SpooledTempFile>,
    /// The folder that an error names.
    target: PathBuf,
    /// How many bytes it holds.
    bytes: u64,
    /// How many segments it holds.
    segments: u64,
}

/// A place in a spool to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SpoolMark {
    bytes: u64,
    segments: u64,
}

impl SpoolMark {
    /// Behind so many bytes and segments.
    pub(super) fn new(bytes: u64, segments: u64) -> Self {
        Self { bytes, segments }
    }

    /// The mark of a place behind this one.
    pub(super) fn behind(self, other: Self) -> Self {
        Self {
            bytes: self.bytes + other.bytes,
            segments: self.segments + other.segments,
        }
    }

    /// How many segments stand before it.
    pub(super) fn segments(self) -> u64 {
        self.segments
    }

    /// How many bytes stand before it.
    pub(super) fn bytes(self) -> u64 {
        self.bytes
    }
}

impl Spool {
    pub(super) fn new(staging: &Staging) -> Self {
        Self::inside(staging.path(), staging.target())
    }

    fn inside(folder: &Path, target: &Path) -> Self {
        let file = tempfile::spooled_tempfile_in(IN_MEMORY_BYTES, folder);
        Self {
            writer: BufWriter::with_capacity(1 << 16, file),
            target: target.to_owned(),
            bytes: 0,
            segments: 0,
        }
    }

    /// How many segments it holds.
    pub(super) fn segments(&self) -> u64 {
        self.segments
    }

    /// Adds a segment.
    pub(super) fn push(&mut self, segment: Segment) -> Result<(), AckError> {
        self.push_ended(&segment.end())
    }

    /// Adds a segment that has its terminator.
    pub(super) fn push_ended(&mut self, segment: &[u8]) -> Result<(), AckError> {
        self.push_all(segment, 1)
    }

    /// Adds so many segments that have their terminators.
    pub(super) fn push_all(&mut self, segments: &[u8], count: u64) -> Result<(), AckError> {
        self.bytes += segments.len() as u64;
        self.segments += count;
        let written = self.writer.write_all(segments);
        written.map_err(|error| self.failure(error))
    }

    /// Here.
    pub(super) fn mark(&self) -> SpoolMark {
        SpoolMark {
            bytes: self.bytes,
            segments: self.segments,
        }
    }

    /// Forgets what was added after a mark.
    pub(super) fn go_back(&mut self, mark: SpoolMark) -> Result<(), AckError> {
        let place = SeekFrom::Start(mark.bytes);
        let cut = self
            .writer
            .seek(place)
            .and_then(|_| self.writer.get_mut().set_len(mark.bytes));
        cut.map_err(|error| self.failure(error))?;
        (self.bytes, self.segments) = (mark.bytes, mark.segments);
        Ok(())
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) -> Result<(), AckError> {
        if self.bytes == 0 {
            return Ok(());
        }
        self.go_back(SpoolMark::default())
    }

    /// Moves all of it to another spool.
    pub(super) fn drain_to(&mut self, other: &mut Self) -> Result<(), AckError> {
        let copied = self.copy_to(&mut other.writer);
        copied.map_err(|error| self.failure(error))?;
        other.bytes += self.bytes;
        other.segments += self.segments;
        self.clear()
    }

    /// Writes all of it.
    pub(super) fn copy_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.writer.seek(SeekFrom::Start(0))?;
        let file = self.writer.get_mut();
        io::copy(&mut file.take(self.bytes), out)?;
        file.seek(SeekFrom::Start(self.bytes))?;
        Ok(())
    }

    fn failure(&self, error: io::Error) -> AckError {
        AckError::new(&self.target, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_gives_back_what_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let spool = || Spool::inside(folder.path(), folder.path());
        for count in [3_u64, 500_000] {
            let (mut first, mut second) = (spool(), spool());
            for number in 0..count {
                first
                    .push_ended(format!("{number:08}~").as_bytes())
                    .unwrap();
            }
            let mark = first.mark();
            first.push_ended(b"forgotten~").unwrap();
            first.go_back(mark).unwrap();
            first.drain_to(&mut second).unwrap();
            second.push_ended(b"more~").unwrap();
            assert_eq!((first.segments(), second.segments()), (0, count + 1));
            let mut out = Vec::new();
            second.copy_to(&mut out).unwrap();
            assert_eq!(out.len() as u64, count * 9 + 5);
            assert!(out.ends_with(format!("{:08}~more~", count - 1).as_bytes()));
            first.push_ended(b"again~").unwrap();
            let mut again = Vec::new();
            first.copy_to(&mut again).unwrap();
            assert_eq!(again, b"again~");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
