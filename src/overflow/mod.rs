//! Claims that memory does not hold: kept in temporary files, judged in partitions.
//!
//! The determinations are those of the same claims in memory, byte for byte. The files have no
//! name and mode 0600: however the process ends, they are gone with it.

mod claims_file;
mod judged;
mod partitions;
mod row;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use judged::JudgedClaims;

use self::claims_file::ClaimsFile;
use self::partitions::Partitions;
use crate::adjudicate::Settling;
use crate::intake::{InputError, Overflow};
use crate::policy::{FactsTable, Plans};
use crate::spool::BLOCK_BYTES;
use crate::timeline::Batch;

/// Temporary files that cannot be written or read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("temporary files in {folder}: {}; nothing was kept", words(source))]
pub struct OverflowError {
    folder: String,
    source: Arc<io::Error>,
}

impl OverflowError {
    /// That of a file in a folder.
    #[must_use]
    pub fn new(folder: &Path, source: io::Error) -> Self {
        Self {
            folder: folder.display().to_string(),
            source: Arc::new(source),
        }
    }

    fn of(folder: &Path) -> impl Fn(io::Error) -> Self + use<> {
        let folder = folder.to_owned();
        move |source| Self::new(&folder, source)
    }
}

/// The system's words, without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// About how much reading takes beside the claims that it keeps: pieces of the input, and what
/// was read of them.
const READING_BYTES: usize = 80 << 20;

/// The share of the rest that claims are given: their tables take more while they grow.
const CLAIMS_SHARE: (usize, usize) = (7, 8);

/// The least that claims are given, however low the limit is.
const LEAST_BYTES: usize = 1 << 18;

/// How many partitions there may be, however low the limit is: a block of each is 8 MiB.
const FEW_PARTITIONS: usize = 128;

/// How many times the memory of a batch it takes to judge it: its verdicts, their reasons and
/// the order of its lines stand beside it.
const JUDGING_TIMES: u64 = 2;

/// The claims of a run that memory does not hold.
#[derive(Debug)]
pub struct KeptClaims {
    folder: PathBuf,
    /// How much memory claims may take.
    memory_bytes: usize,
    file: Option<ClaimsFile>,
    /// What the claims took in memory, in all.
    claims_bytes: u64,
    /// How many lines were given away, those that were refused later among them.
    lines: u64,
    settling: Settling,
}

impl KeptClaims {
    /// None so far. The whole process should take no more memory than `limit_bytes`; the files
    /// go into `folder`.
    #[must_use]
    pub fn new(folder: &Path, limit_bytes: u64) -> Self {
        let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
        Self {
            folder: folder.to_owned(),
            memory_bytes: (limit.saturating_sub(READING_BYTES) / CLAIMS_SHARE.1 * CLAIMS_SHARE.0)
                .max(LEAST_BYTES),
            file: None,
            claims_bytes: 0,
            lines: 0,
            settling: Settling::default(),
        }
    }

    /// Whether memory held all claims so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.file.is_none()
    }

    /// Judges the claims, and those of a last batch after them.
    ///
    /// # Errors
    ///
    /// Temporary files that cannot be written or read.
    pub fn judge(
        mut self,
        last: Batch,
        plans: &Plans,
        facts: &FactsTable,
    ) -> Result<JudgedClaims, OverflowError> {
        let failed = OverflowError::of(&self.folder);
        self.give(&last).map_err(&failed)?;
        drop(last);
        self.judge_given(plans, facts).map_err(&failed)
    }

    fn judge_given(self, plans: &Plans, facts: &FactsTable) -> io::Result<JudgedClaims> {
        let count = self.partition_count();
        let Self {
            folder,
            file,
            mut settling,
            ..
        } = self;
        let mut file = file.map_or_else(|| ClaimsFile::create(&folder), Ok)?;
        let mut partitions = Partitions::create(&folder, count)?;
        let mut claims = file.read()?;
        while let Some(chunk) = claims.next_chunk()? {
            settling.settle(&chunk.batch);
            partitions.add(&chunk)?;
        }
        let versions = settling.versions();
        let verdicts = partitions.judge(&folder, plans, facts, &versions)?;
        Ok(JudgedClaims::new(folder, file, versions, verdicts))
    }

    /// So many partitions that one of them can be judged in the memory that claims may take,
    /// as far as a block of each does not take more than a quarter of it.
    fn partition_count(&self) -> usize {
        let most = (self.memory_bytes / 4 / BLOCK_BYTES).max(FEW_PARTITIONS);
        let memory = self.memory_bytes.saturating_sub(self.settling.heap_bytes());
        let memory = memory.max(LEAST_BYTES) as u64;
        let wanted = (self.claims_bytes * JUDGING_TIMES).div_ceil(memory);
        usize::try_from(wanted).map_or(most, |wanted| wanted.clamp(2, most))
    }
}

impl Overflow for KeptClaims {
    fn is_too_large(&self, batch: &Batch) -> bool {
        let taken = batch.heap_bytes() + self.settling.heap_bytes();
        taken > self.memory_bytes && batch.heap_bytes() >= LEAST_BYTES / 2
    }

    fn take(&mut self, batch: &Batch) -> Result<(), InputError> {
        let failed = OverflowError::of(&self.folder);
        self.give(batch).map_err(|error| failed(error).into())
    }

    fn truncate(&mut self, claims: u64) {
        if let Some(file) = &mut self.file {
            file.truncate(claims);
        }
    }
}

impl KeptClaims {
    fn give(&mut self, batch: &Batch) -> io::Result<()> {
        self.lines += batch.lines.len() as u64;
        if self.lines > u64::from(u32::MAX) {
            let problem = "more governed lines than a run can hold; give it fewer inputs at once";
            return Err(io::Error::other(problem));
        }
        self.settling.ask(batch);
        self.claims_bytes += batch.heap_bytes() as u64;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(ClaimsFile::create(&self.folder)?),
        };
        file.append(batch)
    }
}

impl From<OverflowError> for InputError {
    fn from(error: OverflowError) -> Self {
        Self {
            name: format!("temporary files in {}", error.folder).into(),
            problem: format!("{}; nothing was kept", words(&error.source)),
            source: Some(io::Error::other(error.source)),
        }
    }
}
