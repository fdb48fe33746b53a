//! Claims by the hash of their timeline: one partition after the other is judged.

use std::io;
use std::path::Path;

use ahash::{AHashMap, RandomState};
use chrono::NaiveDate;

use super::claims_file::{Chunk, decode};
use super::row::ClaimRow;
use crate::adjudicate::{EarlierRuns, Versions, judge};
use crate::policy::{FactsTable, Plans};
use crate::spool::{Blocks, Frames};
use crate::timeline::{Batch, Claim, TransactionSet};

/// How many bytes stand before a claim's row: its number, and that of its first line.
const HEAD_BYTES: usize = 8;

/// Tells which partition a timeline is in.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    state: RandomState,
    partitions: usize,
}

impl Hasher {
    fn new(partitions: usize) -> Self {
        Self {
            state: RandomState::with_seeds(5, 6, 7, 8),
            partitions,
        }
    }

    /// The partition of a claim; `None` where it has no timeline.
    pub(super) fn partition_of(&self, batch: &Batch, claim: &Claim) -> Option<usize> {
        let timeline = batch.timeline_of(claim)?;
        let member = batch.symbols.bytes(timeline.member);
        let hash = self
            .state
            .hash_one((timeline.plan, timeline.is_test, member));
        // The high bits: hash tables use the low ones.
        Some((hash >> 32) as usize % self.partitions)
    }
}

/// The claims of each partition, in arrival order.
#[derive(Debug)]
pub(super) struct Partitions {
    claims: Blocks,
    hasher: Hasher,
}

/// The verdicts of each partition, in arrival order.
#[derive(Debug)]
pub(super) struct PartitionVerdicts {
    pub(super) verdicts: Blocks,
    pub(super) hasher: Hasher,
}

impl Partitions {
    /// So many, all empty.
    pub(super) fn create(folder: &Path, count: usize) -> io::Result<Self> {
        Ok(Self {
            claims: Blocks::create(folder, count)?,
            hasher: Hasher::new(count),
        })
    }

    /// Adds claims.
    pub(super) fn add(&mut self, chunk: &Chunk) -> io::Result<()> {
        let batch = &chunk.batch;
        let mut frame = Vec::new();
        for (place, claim) in batch.claims.iter().enumerate() {
            let Some(partition) = self.hasher.partition_of(batch, claim) else {
                continue;
            };
            frame.clear();
            let number = chunk.first_claim + place as u32;
            frame.extend_from_slice(&number.to_le_bytes());
            frame.extend_from_slice(&(chunk.first_line + claim.first_line).to_le_bytes());
            frame.extend_from_slice(chunk.row(place));
            self.claims.append(partition, &frame)?;
        }
        Ok(())
    }

    /// Judges each partition in turn.
    pub(super) fn judge(
        mut self,
        folder: &Path,
        plans: &Plans,
        facts: &FactsTable,
        versions: &Versions,
    ) -> io::Result<PartitionVerdicts> {
        self.claims.finish()?;
        let mut verdicts = Blocks::create(folder, self.claims.streams())?;
        let mut frame = Vec::new();
        for partition in 0..self.claims.streams() {
            let Partition {
                batch,
                claims,
                first_lines,
            } = Partition::read(&self.claims, partition)?;
            let versions = versions.of(claims.iter().copied());
            let judged = judge(&batch, plans, facts, &versions, &EarlierRuns::default());
            for (claim, first_line) in batch.claims.iter().zip(first_lines) {
                for (number, line) in (first_line..).zip(batch.lines_of(claim)) {
                    if batch.is_governed(&batch.lines[line]) {
                        let one = judged.of(line);
                        frame.clear();
                        let row = (number, one.verdict, one.reasons, one.hits);
                        frame = postcard::to_extend(&row, frame).map_err(io::Error::other)?;
                        verdicts.append(partition, &frame)?;
                    }
                }
            }
        }
        verdicts.finish()?;
        Ok(PartitionVerdicts {
            verdicts,
            hasher: self.hasher,
        })
    }
}

/// The claims of one partition.
#[derive(Default)]
struct Partition {
    batch: Batch,
    /// The number of each claim in the run.
    claims: Vec<u32>,
    /// The number in the run of each claim's first line.
    first_lines: Vec<u32>,
}

impl Partition {
    fn read(claims: &Blocks, partition: usize) -> io::Result<Self> {
        let mut read = Self::default();
        let mut sets = AHashMap::new();
        let (mut frames, mut frame) = (Frames::of(partition), Vec::new());
        while frames.next(claims, &mut frame)? {
            let Some((head, row)) = frame.split_first_chunk::<HEAD_BYTES>() else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            let [a, b, c, d, e, f, g, h] = *head;
            read.claims.push(u32::from_le_bytes([a, b, c, d]));
            read.first_lines.push(u32::from_le_bytes([e, f, g, h]));
            let row: ClaimRow<'_> = decode(row)?;
            let date = row.billing_date();
            let set = *sets.entry(date).or_insert_with(|| {
                read.batch.transaction_sets.push(set_of(date));
                read.batch.transaction_sets.len() as u32 - 1
            });
            row.add_to(&mut read.batch, set);
        }
        Ok(read)
    }
}

/// A transaction set as far as it matters for judging: whether it is a test is said by the
/// timeline.
fn set_of(billing_date: Option<NaiveDate>) -> TransactionSet {
    TransactionSet {
        billing_date,
        ..TransactionSet::default()
    }
}
