//! A file of answers: segments inside envelopes, which are counted as they are written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::PathBuf;

use super::envelope::{Envelope, GroupNames, Kind, Numbers};
use super::error::AckError;
use super::folder::Staging;
use super::spool::Spool;
use crate::compose::Segment;

/// How many functional groups an interchange holds: IEA01 has five digits.
const MOST_GROUPS: u32 = 99_999;

/// How many transaction sets a functional group holds: GE01 has six digits.
const MOST_SETS: u32 = 999_999;

/// A file of answers that is being written.
#[derive(Debug)]
pub(super) struct Document {
    path: PathBuf,
    /// The folder that an error names.
    target: PathBuf,
    writer: BufWriter<File>,
    kind: &'static Kind,
    envelope: Envelope,
    names: Option<GroupNames>,
    counts: Counts,
}

/// How far a file is; also a place in it to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    bytes: u64,
    /// ISA13, GS06 and the number in ST02 of what is open.
    interchange: u32,
    group: u32,
    set: u32,
    /// In the interchange, the group and the transaction set that are open.
    groups: u32,
    sets: u32,
    segments: u64,
}

impl Document {
    /// Starts a file with an interchange.
    pub(super) fn create(
        staging: &Staging,
        name: &str,
        kind: &'static Kind,
        envelope: &Envelope,
        numbers: &mut Numbers,
    ) -> Result<Self, AckError> {
        let (file, path) = staging.create(name)?;
        let mut document = Self {
            path,
            target: staging.target().to_owned(),
            writer: BufWriter::with_capacity(1 << 16, file),
            kind,
            envelope: envelope.clone(),
            names: None,
            counts: Counts::default(),
        };
        document.begin_interchange(numbers)?;
        Ok(document)
    }

    fn failure(&self, error: io::Error) -> AckError {
        AckError::new(&self.target, error)
    }

    /// How far it is.
    pub(super) fn mark(&self) -> Counts {
        self.counts
    }

    /// A name of the open transaction set that no other one of ours has: ISA13, GS06 and ST02.
    pub(super) fn trace(&self) -> String {
        let Counts {
            interchange,
            group,
            set,
            ..
        } = self.counts;
        format!("{interchange:09}-{group}-{set:04}")
    }

    /// Begins a functional group.
    pub(super) fn begin_group(
        &mut self,
        names: GroupNames,
        numbers: &mut Numbers,
    ) -> Result<(), AckError> {
        if self.counts.groups == MOST_GROUPS {
            self.end_interchange()?;
            self.begin_interchange(numbers)?;
        }
        self.counts.group = numbers.take_group();
        self.counts.groups += 1;
        self.counts.sets = 0;
        let gs = self.envelope.gs(self.kind, &names, self.counts.group);
        self.names = Some(names);
        self.write(&gs)
    }

    /// Begins a transaction set; its ST02 counts from 1 in the group.
    pub(super) fn begin_set(&mut self, numbers: &mut Numbers) -> Result<(), AckError> {
        if self.counts.sets == MOST_SETS
            && let Some(names) = self.names.take()
        {
            self.end_group()?;
            self.begin_group(names, numbers)?;
        }
        self.counts.sets += 1;
        self.counts.set = self.counts.sets;
        self.counts.segments = 0;
        let (set, version) = (self.kind.set, self.kind.version);
        let st = Segment::new("ST").code(set);
        let st = st.code(format!("{:04}", self.counts.set)).code(version);
        self.segment(st)
    }

    /// Adds a segment to the transaction set.
    pub(super) fn segment(&mut self, segment: Segment) -> Result<(), AckError> {
        self.ended_segment(&segment.end())
    }

    /// Adds a segment that has its terminator.
    pub(super) fn ended_segment(&mut self, segment: &[u8]) -> Result<(), AckError> {
        self.counts.segments += 1;
        self.write(segment)
    }

    /// Adds what waited.
    pub(super) fn append(&mut self, spool: &mut Spool) -> Result<(), AckError> {
        let mark = spool.mark();
        let copied = spool.copy_to(&mut self.writer);
        copied.map_err(|error| self.failure(error))?;
        self.counts.bytes += mark.bytes();
        self.counts.segments += spool.segments();
        Ok(())
    }

    /// Ends the transaction set.
    pub(super) fn end_set(&mut self) -> Result<(), AckError> {
        let se = Segment::new("SE")
            .number(self.counts.segments + 1)
            .code(format!("{:04}", self.counts.set));
        self.write(&se.end())
    }

    /// Ends the functional group.
    pub(super) fn end_group(&mut self) -> Result<(), AckError> {
        let ge = Segment::new("GE")
            .number(self.counts.sets.into())
            .number(self.counts.group.into());
        self.write(&ge.end())
    }

    /// Adds a segment that stands in no functional group.
    pub(super) fn control_segment(&mut self, segment: Segment) -> Result<(), AckError> {
        self.write(&segment.end())
    }

    /// Forgets what was written after a mark.
    pub(super) fn go_back(&mut self, mark: Counts) -> Result<(), AckError> {
        let place = SeekFrom::Start(mark.bytes);
        let cut = self
            .writer
            .seek(place)
            .and_then(|_| self.writer.get_mut().set_len(mark.bytes));
        cut.map_err(|error| self.failure(error))?;
        self.counts = mark;
        Ok(())
    }

    /// Ends the interchange, and brings all of it to the disk.
    pub(super) fn finish(mut self) -> Result<(), AckError> {
        self.end_interchange()?;
        let flushed = self.writer.flush();
        let synced = flushed.and_then(|()| self.writer.get_ref().sync_all());
        synced.map_err(|error| self.failure(error))
    }

    /// Removes it.
    pub(super) fn discard(self) -> Result<(), AckError> {
        let Self {
            path,
            target,
            writer,
            ..
        } = self;
        // What is buffered has nowhere to go.
        drop(writer.into_parts());
        fs::remove_file(path).map_err(|error| AckError::new(&target, error))
    }

    fn begin_interchange(&mut self, numbers: &mut Numbers) -> Result<(), AckError> {
        self.counts.interchange = numbers.take_interchange();
        self.counts.groups = 0;
        let isa = self.envelope.isa(self.counts.interchange);
        self.write(&isa)
    }

    fn end_interchange(&mut self) -> Result<(), AckError> {
        let iea = Segment::new("IEA")
            .number(self.counts.groups.into())
            .code(format!("{:09}", self.counts.interchange));
        self.write(&iea.end())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), AckError> {
        self.counts.bytes += bytes.len() as u64;
        let written = self.writer.write_all(bytes);
        written.map_err(|error| self.failure(error))
    }
}
