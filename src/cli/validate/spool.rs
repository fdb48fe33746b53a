//! An interchange's units in a file, until it is known what becomes of them.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use tempfile::NamedTempFile;

use super::patched::Patched;
use crate::cli::files::temporary_file;

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Group,
    Set,
    Header,
    BillingProvider,
    Subscriber,
    Patient,
    /// A subscriber that does not stand under the billing provider before it: neither claims
    /// nor patients can be written under it.
    StraySubscriber,
    /// Another level that claims cannot be written under.
    OtherLevel,
    Claim,
    EndSet,
    EndGroup,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Group,
        Self::Set,
        Self::Header,
        Self::BillingProvider,
        Self::Subscriber,
        Self::Patient,
        Self::StraySubscriber,
        Self::OtherLevel,
        Self::Claim,
        Self::EndSet,
        Self::EndGroup,
    ];
}

/// A record's kind, whether what it names is refused, and how many bytes follow.
const HEAD_BYTES: usize = 6;

/// Records, of mode 0600.
pub(super) struct Spool {
    out: Patched<File>,
    /// Gone with the spool.
    file: NamedTempFile,
}

/// A record that is read again.
pub(super) struct Record {
    pub(super) kind: Kind,
    pub(super) is_refused: bool,
    pub(super) bytes: Vec<u8>,
}

impl Spool {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let file = temporary_file(folder)?;
        Ok(Self {
            out: Patched::new(file.reopen()?),
            file,
        })
    }

    /// Adds a record; gives its place.
    pub(super) fn push(&mut self, kind: Kind, bytes: &[u8]) -> io::Result<u64> {
        let place = self.out.end();
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        let mut head = [kind as u8, 0, 0, 0, 0, 0];
        head[2..].copy_from_slice(&length.to_le_bytes());
        self.out.push(&head)?;
        self.out.push(bytes)?;
        Ok(place)
    }

    /// Changes what a record is.
    pub(super) fn set_kind(&mut self, place: u64, kind: Kind) -> io::Result<()> {
        self.out.patch(place, kind as u8)
    }

    /// What a record names is refused.
    pub(super) fn refuse(&mut self, place: u64) -> io::Result<()> {
        self.out.patch(place + 1, 1)
    }

    /// Reads every record again, in order, and forgets them.
    pub(super) fn replay(
        &mut self,
        mut visit: impl FnMut(&Record) -> io::Result<()>,
    ) -> io::Result<()> {
        let end = self.out.end();
        self.out.flush()?;
        let mut file = self.file.reopen()?;
        file.seek(SeekFrom::Start(0))?;
        let mut reader = BufReader::with_capacity(1 << 18, file.take(end));
        let mut record = Record {
            kind: Kind::Group,
            is_refused: false,
            bytes: Vec::new(),
        };
        let mut place = 0;
        while place < end {
            let mut head = [0; HEAD_BYTES];
            reader.read_exact(&mut head)?;
            let [kind, fate, length @ ..] = head;
            let kind = Kind::ALL.get(usize::from(kind));
            record.kind = *kind.ok_or_else(|| io::Error::other("the spool is damaged"))?;
            record.is_refused = fate == 1;
            let length = u32::from_le_bytes(length);
            record.bytes.resize(length as usize, 0);
            reader.read_exact(&mut record.bytes)?;
            visit(&record)?;
            place += HEAD_BYTES as u64 + u64::from(length);
        }
        self.out.rewind()
    }
}
