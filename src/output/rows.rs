//! Determinations as CSV.

use std::io;

use csv::{ByteRecord, WriterBuilder};

use super::determination::{Determination, WrittenReason};
use super::fields::{self, Fields, MONITORED, Name, Value};
use super::json::Json;

/// The columns that tell of the deciding reason, behind the fields of a determination.
const DECIDING: [&str; 5] = [
    "deciding_rule",
    "deciding_group",
    "deciding_carc",
    "deciding_rarc",
    "deciding_status",
];

/// Rows that grow.
#[derive(Debug)]
pub(super) struct Rows {
    writer: csv::Writer<Vec<u8>>,
    row: ByteRecord,
    cell: Json,
}

/// How many bytes of rows are gathered at once, at least: a row.
const LEAST_BUFFER_BYTES: usize = 1 << 10;

/// How many are gathered at most: some dozen rows.
const MOST_BUFFER_BYTES: usize = 1 << 16;

/// The fields of a determination on their way into a row.
struct Row<'r, 'a> {
    rows: &'r mut Rows,
    determination: &'r Determination<'a>,
}

impl<'a> Fields<'a> for Row<'_, 'a> {
    fn take<V: Value>(&mut self, _: Name, value: impl for<'d> Fn(&'d Determination<'a>) -> &'d V) {
        self.rows.add_cell(value(self.determination));
    }
}

/// The names of fields.
struct Names(Vec<&'static str>);

impl<'a> Fields<'a> for Names {
    fn take<V: Value>(&mut self, name: Name, _: impl for<'d> Fn(&'d Determination<'a>) -> &'d V) {
        self.0.push(name.plain);
    }
}

impl Rows {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            writer: WriterBuilder::new()
                .buffer_capacity(bytes.clamp(LEAST_BUFFER_BYTES, MOST_BUFFER_BYTES))
                .from_writer(Vec::with_capacity(bytes)),
            row: ByteRecord::new(),
            cell: Json::default(),
        }
    }

    /// Adds a determination.
    pub(super) fn add(&mut self, determination: &Determination<'_>) -> io::Result<()> {
        self.row.clear();
        fields::each(&mut Row {
            rows: self,
            determination,
        });
        self.add_deciding(determination.deciding_reason());
        if let Some(monitored) = &determination.monitored {
            self.add_cell(monitored);
        }
        Ok(self.writer.write_byte_record(&self.row)?)
    }

    fn add_deciding(&mut self, reason: Option<&WrittenReason<'_>>) {
        let Some(reason) = reason else {
            return DECIDING.iter().for_each(|_| self.add_cell(""));
        };
        self.add_cell(&reason.rule);
        self.add_cell(&reason.group);
        self.add_cell(&reason.carc);
        self.add_cell(&reason.rarc.join(" "));
        self.add_cell(&reason.status);
    }

    fn add_cell(&mut self, value: &(impl Value + ?Sized)) {
        self.cell.clear();
        value.add_cell(&mut self.cell);
        self.row.push_field(self.cell.bytes());
    }

    pub(super) fn into_bytes(self) -> io::Result<Vec<u8>> {
        whole(self.writer)
    }
}

/// The names of the columns, as a row.
pub(super) fn head(has_monitors: bool) -> io::Result<Vec<u8>> {
    let mut names = Names(Vec::new());
    fields::each(&mut names);
    let monitored = has_monitors.then_some(MONITORED.plain);
    row(names.0.into_iter().chain(DECIDING).chain(monitored))
}

/// One row of CSV.
pub(super) fn row(fields: impl IntoIterator<Item = impl AsRef<[u8]>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    whole(writer)
}

fn whole(writer: csv::Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    let whole = writer.into_inner();
    whole.map_err(|error| io::Error::other(error.to_string()))
}
