//! Claims that were judged in partitions, in arrival order again.

use std::io;
use std::path::{Path, PathBuf};

use super::OverflowError;
use super::claims_file::{Chunk, ClaimsFile, decode};
use super::partitions::PartitionVerdicts;
use crate::adjudicate::{Adjudication, Hit, Verdict, Verdicts, Versions};
use crate::rules::Reason;
use crate::spool::Frames;
use crate::timeline::Batch;

/// Claims with what was decided about them, in files.
#[derive(Debug)]
pub struct JudgedClaims {
    folder: PathBuf,
    file: ClaimsFile,
    versions: Versions,
    partitions: PartitionVerdicts,
}

impl JudgedClaims {
    pub(super) fn new(
        folder: PathBuf,
        file: ClaimsFile,
        versions: Versions,
        partitions: PartitionVerdicts,
    ) -> Self {
        Self {
            folder,
            file,
            versions,
            partitions,
        }
    }

    /// The folder of the files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Visits all claims from the first on, some at a time, as a batch of their own.
    ///
    /// # Errors
    ///
    /// Temporary files that cannot be read, and what `visit` fails with.
    pub fn visit<E: From<OverflowError>>(
        &mut self,
        mut visit: impl FnMut(&Batch, &Adjudication) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = OverflowError::of(&self.folder);
        let partitions = self.partitions.verdicts.streams();
        let mut merging = Merging {
            versions: &self.versions,
            partitions: &self.partitions,
            frames: (0..partitions).map(Frames::of).collect(),
            frame: Vec::new(),
        };
        let mut claims = self.file.read().map_err(&failed)?;
        while let Some(chunk) = claims.next_chunk().map_err(&failed)? {
            let adjudication = merging.adjudication(&chunk).map_err(&failed)?;
            visit(&chunk.batch, &adjudication)?;
        }
        Ok(())
    }
}

/// What was decided about a line, and what monitored rules would have decided.
#[derive(serde::Deserialize)]
struct Decided(Verdict, Vec<Reason>, Vec<Hit>);

/// Brings verdicts back to their lines.
struct Merging<'j> {
    versions: &'j Versions,
    partitions: &'j PartitionVerdicts,
    frames: Vec<Frames>,
    frame: Vec<u8>,
}

impl Merging<'_> {
    fn adjudication(&mut self, chunk: &Chunk) -> io::Result<Adjudication> {
        let batch = &chunk.batch;
        let end = chunk.first_claim + batch.claims.len() as u32;
        let versions = self.versions.of(chunk.first_claim..end);
        let mut verdicts = Verdicts::unjudged(batch, &versions);
        for claim in &batch.claims {
            let Some(partition) = self.partitions.hasher.partition_of(batch, claim) else {
                continue;
            };
            for line in batch.lines_of(claim) {
                if batch.is_governed(&batch.lines[line]) {
                    let number = chunk.first_line + line as u32;
                    let Decided(verdict, reasons, hits) = self.verdict(partition, number)?;
                    verdicts.set(line, verdict, reasons, hits);
                }
            }
        }
        Ok(Adjudication { versions, verdicts })
    }

    /// The next verdict of a partition, which is that of the line of that number.
    fn verdict(&mut self, partition: usize, line: u32) -> io::Result<Decided> {
        let frames = &mut self.frames[partition];
        if !frames.next(&self.partitions.verdicts, &mut self.frame)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (number, decided): (u32, Decided) = decode(&self.frame)?;
        if number != line {
            return Err(io::Error::other("a verdict is not that of its line"));
        }
        Ok(decided)
    }
}
