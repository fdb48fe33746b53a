//! The claims that were given away, in arrival order.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::row::{ClaimRow, SetRow};
use crate::timeline::{Batch, TransactionSet};

/// How much is gathered before it is written, and read at once.
const BUFFER_BYTES: usize = 1 << 18;

/// How many lines make a chunk.
const LINES_A_CHUNK: usize = 1 << 14;

/// What stands before a row.
const SET: u8 = b'S';
const CLAIM: u8 = b'C';

/// Claims in a file without a name, as batch after batch was given away.
#[derive(Debug)]
pub(super) struct ClaimsFile {
    file: File,
    parts: Vec<Part>,
}

/// The claims of one batch.
#[derive(Debug, Clone, Copy)]
struct Part {
    offset_bytes: u64,
    length_bytes: u64,
    first_claim: u64,
    /// How many of its claims count; those behind were refused.
    claims: u64,
}

impl Part {
    fn end_claim(&self) -> u64 {
        self.first_claim + self.claims
    }
}

impl ClaimsFile {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            parts: Vec::new(),
        })
    }

    /// Adds the claims of a batch behind all others.
    pub(super) fn append(&mut self, batch: &Batch) -> io::Result<()> {
        let last = self.parts.last();
        let offset_bytes = last.map_or(0, |part| part.offset_bytes + part.length_bytes);
        let first_claim = last.map_or(0, Part::end_claim);
        self.file.seek(SeekFrom::Start(offset_bytes))?;
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, &mut self.file);
        let (mut row, mut length_bytes, mut set) = (Vec::new(), 0, None);
        for (index, claim) in (0_u32..).zip(&batch.claims) {
            row.clear();
            if set.replace(claim.transaction_set) != Some(claim.transaction_set) {
                let set = SetRow::of(batch.transaction_set_of(claim));
                row = frame(row, SET, &set)?;
            }
            row = frame(row, CLAIM, &ClaimRow::of(batch, index))?;
            writer.write_all(&row)?;
            length_bytes += row.len() as u64;
        }
        writer.flush()?;
        drop(writer);
        self.parts.push(Part {
            offset_bytes,
            length_bytes,
            first_claim,
            claims: batch.claims.len() as u64,
        });
        Ok(())
    }

    /// Takes out all claims but so many, the first.
    pub(super) fn truncate(&mut self, claims: u64) {
        while self
            .parts
            .last()
            .is_some_and(|part| part.first_claim >= claims)
        {
            self.parts.pop();
        }
        if let Some(part) = self.parts.last_mut() {
            part.claims = part.claims.min(claims - part.first_claim);
        }
    }

    /// Reads the claims from the first on.
    pub(super) fn read(&mut self) -> io::Result<Claims<'_>> {
        Ok(Claims {
            parts: self.parts.iter(),
            reader: BufReader::with_capacity(BUFFER_BYTES, &self.file),
            left: 0,
            set: None,
            row: Vec::new(),
            claims: 0,
            lines: 0,
        })
    }
}

/// Adds a row, with its kind and length before it.
fn frame(mut rows: Vec<u8>, kind: u8, row: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let start = rows.len();
    rows.extend_from_slice(&[kind, 0, 0, 0, 0]);
    let mut rows = postcard::to_extend(row, rows).map_err(io::Error::other)?;
    let length = (rows.len() - start - 5) as u32;
    rows[start + 1..start + 5].copy_from_slice(&length.to_le_bytes());
    Ok(rows)
}

/// Claims of a run, some at a time.
pub(super) struct Claims<'f> {
    parts: std::slice::Iter<'f, Part>,
    reader: BufReader<&'f File>,
    /// Claims of the open part that are still to be read.
    left: u64,
    set: Option<TransactionSet>,
    row: Vec<u8>,
    claims: u32,
    lines: u32,
}

/// Some claims, one after the other.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) batch: Batch,
    /// The number of the first claim in the run, from 0.
    pub(super) first_claim: u32,
    /// The number of the first line in the run, from 0.
    pub(super) first_line: u32,
    /// The rows of the claims.
    rows: Vec<u8>,
    /// Where each row ends.
    ends: Vec<usize>,
}

impl Chunk {
    /// The row of a claim.
    pub(super) fn row(&self, claim: usize) -> &[u8] {
        let start = claim.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start..self.ends[claim]]
    }
}

impl Claims<'_> {
    /// The next claims; none behind the last.
    pub(super) fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk {
            first_claim: self.claims,
            first_line: self.lines,
            ..Chunk::default()
        };
        let mut set = None;
        while chunk.batch.lines.len() < LINES_A_CHUNK && chunk.batch.claims.len() < LINES_A_CHUNK {
            if self.left == 0 && !self.next_part()? {
                break;
            }
            match self.next_row()? {
                SET => {
                    let row: SetRow<'_> = decode(&self.row)?;
                    self.set = Some(row.set(self.set.as_ref()));
                    set = None;
                }
                _ => {
                    self.left -= 1;
                    let sets = &mut chunk.batch.transaction_sets;
                    let index = *set.get_or_insert_with(|| {
                        sets.extend(self.set.clone());
                        sets.len() as u32 - 1
                    });
                    let row: ClaimRow<'_> = decode(&self.row)?;
                    row.add_to(&mut chunk.batch, index);
                    chunk.rows.extend_from_slice(&self.row);
                    chunk.ends.push(chunk.rows.len());
                }
            }
        }
        self.claims += chunk.batch.claims.len() as u32;
        self.lines += chunk.batch.lines.len() as u32;
        Ok((!chunk.batch.claims.is_empty()).then_some(chunk))
    }

    fn next_part(&mut self) -> io::Result<bool> {
        let Some(part) = self.parts.next() else {
            return Ok(false);
        };
        self.reader.seek(SeekFrom::Start(part.offset_bytes))?;
        self.left = part.claims;
        Ok(part.claims > 0 || self.next_part()?)
    }

    /// Reads a row; returns its kind.
    fn next_row(&mut self) -> io::Result<u8> {
        let mut head = [0; 5];
        self.reader.read_exact(&mut head)?;
        let [kind, length @ ..] = head;
        self.row.resize(u32::from_le_bytes(length) as usize, 0);
        self.reader.read_exact(&mut self.row)?;
        Ok(kind)
    }
}

/// A row that was written.
pub(super) fn decode<'r, T: serde::Deserialize<'r>>(row: &'r [u8]) -> io::Result<T> {
    postcard::from_bytes(row).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Cents, DateOfService, Units};
    use crate::timeline::{Claim, Frequency, Service, ServiceLine, Symbol};

    /// Claims with these patient control numbers, two to a transaction set.
    fn batch(numbers: std::ops::Range<u32>) -> Batch {
        let mut batch = Batch::default();
        for number in numbers {
            if number % 2 == 0 || batch.transaction_sets.is_empty() {
                batch.transaction_sets.push(TransactionSet {
                    control_number: (number / 2).to_string().into_bytes().into(),
                    ..TransactionSet::default()
                });
            }
            let service = batch.keep_service(Service {
                procedure: Symbol::EMPTY,
                modifiers: Symbol::EMPTY,
                modifier_set: Symbol::EMPTY,
                diagnoses: Symbol::EMPTY,
                units: Units::default(),
                role: None,
                is_code_dated: false,
                beside_other_guided: false,
            });
            let line = ServiceLine {
                charge: Cents(i64::from(number)),
                claim: batch.claims.len() as u32,
                line_number: 1,
                service_date: DateOfService::INVALID,
                service,
                rendering_provider: Symbol::EMPTY,
                line_control_number: batch.keep_text(b""),
            };
            batch.lines.push(line);
            let claim = Claim {
                transaction_set: batch.transaction_sets.len() as u32 - 1,
                ordinal: number % 2 + 1,
                timeline: None,
                member: batch.symbols.intern(b"W1"),
                billing_provider: Symbol::EMPTY,
                patient_control_number: batch.keep_text(number.to_string().as_bytes()),
                original_reference: batch.keep_text(b""),
                first_line: batch.lines.len() as u32 - 1,
                line_count: 1,
                frequency: Frequency::Original,
                other_payer: false,
                member_identified: true,
            };
            batch.add_claim(claim, 0);
        }
        batch
    }

    /// The transaction set, the patient control number and the charge of every claim.
    fn read(file: &mut ClaimsFile) -> Vec<String> {
        let mut claims = file.read().unwrap();
        let mut read = Vec::new();
        while let Some(chunk) = claims.next_chunk().unwrap() {
            let batch = &chunk.batch;
            read.extend(batch.claims.iter().map(|claim| {
                let set = &batch.transaction_set_of(claim).control_number;
                let number = batch.text(claim.patient_control_number);
                let charge = batch.lines[batch.lines_of(claim).start].charge;
                let texts = [set, number].map(|text| std::str::from_utf8(text).unwrap());
                format!("{}/{} {charge}", texts[0], texts[1])
            }));
        }
        read
    }

    #[test]
    fn what_was_refused_is_gone_and_others_take_its_place() {
        for kept in 0..=12 {
            let mut file = ClaimsFile::create(&std::env::temp_dir()).unwrap();
            for numbers in [0..5, 5..5, 5..9, 9..12] {
                file.append(&batch(numbers)).unwrap();
            }
            file.truncate(kept);
            file.append(&batch(100..103)).unwrap();
            let expected = (0..kept as u32).chain(100..103);
            let expected: Vec<String> = expected
                .map(|number| format!("{}/{number} 0.{number:02}", number / 2))
                .map(|text| text.replace("0.100", "1.00").replace("0.101", "1.01"))
                .map(|text| text.replace("0.102", "1.02"))
                .collect();
            assert_eq!(read(&mut file), expected, "{kept} kept");
        }
    }
}
