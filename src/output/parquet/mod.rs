//! Determinations as Parquet, a row group at a time.

mod columns;

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::coalesce::BatchCoalescer;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use self::columns::record_batch;
use super::determination::Determination;

/// Rows that are encoded at once. Pages end where batches end, so all but the last are this size, however
/// determinations come.
const BATCH_ROWS: usize = 8 * 1024;

/// Rows of a row group: what a reader takes at once, and what is kept until it is written.
const GROUP_ROWS: usize = 16 * BATCH_ROWS;

/// Rows that become arrays at once.
const ARRAY_ROWS: usize = 256;

/// Who wrote the file, and nothing of when or where: the same determinations are the same bytes.
const CREATED_BY: &str = concat!("claimstream version ", env!("CARGO_PKG_VERSION"));

/// How much is encoded at once.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    batch_rows: usize,
    /// Some whole batches.
    group_rows: usize,
}

/// Determinations on their way into a Parquet file.
pub(super) struct ParquetEncoder {
    schema: SchemaRef,
    sizes: Sizes,
    has_monitors: bool,
    /// Determinations that came one by one.
    waiting: Vec<Determination<'static>>,
    /// Rows that are no whole batch yet.
    batches: BatchCoalescer,
    /// The columns of the open row group, one for each leaf; none where no group is open.
    columns: Vec<ArrowColumnWriter>,
    group_rows: usize,
    groups: usize,
    factory: ArrowRowGroupWriterFactory,
    file: SerializedFileWriter<Vec<u8>>,
}

impl ParquetEncoder {
    /// A file without rows, whose determinations have `monitored` or not.
    pub(super) fn new(has_monitors: bool) -> io::Result<Self> {
        let sizes = Sizes {
            batch_rows: BATCH_ROWS,
            group_rows: GROUP_ROWS,
        };
        Self::with_sizes(sizes, has_monitors)
    }

    fn with_sizes(sizes: Sizes, has_monitors: bool) -> io::Result<Self> {
        let empty = record_batch(&[], has_monitors).map_err(ParquetError::from)?;
        let schema = empty.schema();
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .build();
        let described = ArrowSchemaConverter::new().convert(&schema)?;
        let file =
            SerializedFileWriter::new(Vec::new(), described.root_schema_ptr(), properties.into())?;
        Ok(Self {
            batches: BatchCoalescer::new(Arc::clone(&schema), sizes.batch_rows),
            factory: ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema)),
            schema,
            sizes,
            has_monitors,
            waiting: Vec::new(),
            columns: Vec::new(),
            group_rows: 0,
            groups: 0,
            file,
        })
    }

    /// Takes one determination.
    pub(super) fn take(
        &mut self,
        determination: Determination<'static>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.waiting.push(determination);
        match self.waiting.len() {
            ARRAY_ROWS => self.take_waiting(out),
            _ => Ok(()),
        }
    }

    /// Takes the next rows as they were made into arrays, and gives out what is a whole row group.
    pub(super) fn take_arrays(
        &mut self,
        arrays: Vec<RecordBatch>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.take_waiting(out)?;
        arrays
            .into_iter()
            .try_for_each(|rows| self.take_rows(rows, out))
    }

    fn take_rows(&mut self, rows: RecordBatch, out: &mut dyn Write) -> io::Result<()> {
        self.batches.push_batch(rows).map_err(ParquetError::from)?;
        self.encode_batches(out)
    }

    /// Gives out what is left, and the footer.
    pub(super) fn finish(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.take_waiting(out)?;
        let rest = self.batches.finish_buffered_batch();
        rest.map_err(ParquetError::from)?;
        self.encode_batches(out)?;
        self.end_group()?;
        self.file.finish()?;
        self.give_out(out)
    }

    fn take_waiting(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let waiting = mem::take(&mut self.waiting).into_iter();
        arrays(waiting, self.has_monitors)?
            .into_iter()
            .try_for_each(|rows| self.take_rows(rows, out))
    }

    /// Encodes the batches that are whole.
    fn encode_batches(&mut self, out: &mut dyn Write) -> io::Result<()> {
        while let Some(batch) = self.batches.next_completed_batch() {
            self.encode(&batch)?;
            if self.group_rows == self.sizes.group_rows {
                self.end_group()?;
                self.give_out(out)?;
            }
        }
        Ok(())
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.factory.create_column_writers(self.groups)?;
        }
        self.group_rows += batch.num_rows();
        let fields = self.schema.fields().iter().zip(batch.columns());
        let leaves = fields.map(|(field, cells)| compute_leaves(field, cells));
        let leaves: Vec<_> = leaves.collect::<Result<Vec<_>>>()?;
        let leaves: Vec<_> = leaves.into_iter().flatten().collect();
        let columns = self.columns.par_iter_mut().zip(leaves);
        columns.try_for_each(|(column, leaf)| column.write(&leaf))
    }

    /// Ends the open row group, where one is open.
    fn end_group(&mut self) -> Result<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let columns = mem::take(&mut self.columns).into_par_iter();
        let chunks: Result<Vec<ArrowColumnChunk>> = columns.map(ArrowColumnWriter::close).collect();
        let mut group = self.file.next_row_group()?;
        for chunk in chunks? {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.group_rows = 0;
        self.groups += 1;
        Ok(())
    }

    /// Gives out the bytes that are done.
    fn give_out(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.flush()?;
        out.write_all(self.file.inner())?;
        self.file.inner_mut().clear();
        Ok(())
    }
}

impl fmt::Debug for ParquetEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetEncoder").finish_non_exhaustive()
    }
}

/// Determinations as arrays of some rows each.
pub(super) fn arrays<'a>(
    mut determinations: impl Iterator<Item = Determination<'a>>,
    has_monitors: bool,
) -> io::Result<Vec<RecordBatch>> {
    let mut arrays = Vec::new();
    loop {
        let rows: Vec<Determination<'_>> = determinations.by_ref().take(ARRAY_ROWS).collect();
        if rows.is_empty() {
            return Ok(arrays);
        }
        arrays.push(record_batch(&rows, has_monitors).map_err(ParquetError::from)?);
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;
    use parquet::file::reader::FileReader;
    use parquet::file::serialized_reader::SerializedFileReader;

    use super::*;
    use crate::adjudicate::adjudicate;
    use crate::intake::{Observer, ReadOptions, list_inputs, read};
    use crate::output::Run;
    use crate::policy::{FactsTable, Members, Plans};
    use crate::x12::Issue;

    const SIZES: Sizes = Sizes {
        batch_rows: 8,
        group_rows: 16,
    };

    struct Deaf;

    impl Observer for Deaf {
        fn issue(&mut self, _issue: Issue) {}

        fn progress(&mut self, _bytes: u64, _claims: u64) {}
    }

    /// A file of the fixture's determinations, brought `at_once` at a time.
    fn file(at_once: usize) -> Vec<u8> {
        let plans = Plans::embedded().unwrap();
        let options = ReadOptions {
            plans: &plans,
            members: &Members::default(),
            all_lines: true,
            lenient_envelope: false,
            strict: false,
            checks: None,
        };
        let inputs = list_inputs(&["fixtures/overnight.837".into()]).unwrap();
        let batch = read(&inputs.list, options, &mut Deaf).unwrap().batch;
        let adjudication = adjudicate(&batch, &plans, &FactsTable::default());
        let run = Run {
            batch: &batch,
            plans: &plans,
            adjudication: &adjudication,
            reversals: &[],
        };
        let claims = 0..batch.claims.len();
        let all: Vec<Determination<'_>> = run.determinations(claims, true).collect();
        let mut encoder = ParquetEncoder::with_sizes(SIZES, false).unwrap();
        let mut out = Vec::new();
        for some in all.chunks(at_once) {
            let arrays = arrays(some.iter().cloned(), false).unwrap();
            encoder.take_arrays(arrays, &mut out).unwrap();
        }
        // Row groups that are whole do not wait for the end.
        assert!(out.len() > 4);
        encoder.finish(&mut out).unwrap();
        out
    }

    /// A batch of rows may hold more text than 32 bits count.
    #[test]
    fn every_text_is_counted_in_64_bits() {
        let schema = record_batch(&[], true).unwrap().schema();
        let of_type = |of: &DataType| {
            let fields = schema.flattened_fields().into_iter();
            fields.filter(|field| field.data_type() == of).count()
        };
        assert_eq!(of_type(&DataType::Utf8), 0);
        // Of lines, of their lists, of a reason and of what is monitored.
        assert!(of_type(&DataType::LargeUtf8) > 20);
    }

    #[test]
    fn row_groups_are_of_one_size_however_determinations_come() {
        let expected = file(1000);
        for at_once in [1, 3, 8, 20] {
            assert!(file(at_once) == expected, "{at_once} at once");
        }
        let mut written = tempfile::tempfile().unwrap();
        written.write_all(&expected).unwrap();
        let reader = SerializedFileReader::new(written).unwrap();
        let groups = reader.metadata().row_groups().iter();
        let rows: Vec<i64> = groups.map(|group| group.num_rows()).collect();
        assert_eq!(rows, [16, 16, 16, 16, 16, 1]);
    }
}
