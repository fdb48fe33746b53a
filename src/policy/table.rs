//! CSV tables with named columns, read so that everything wrong is told at once, with its
//! row and column.

use std::io::BufRead;

use csv::{ReaderBuilder, StringRecord};

use super::section::{ConfigError, ConfigErrors};

/// The most wrong fields that are told.
const MOST_ERRORS: usize = 50;

/// Reads the rows of a CSV table whose first row names its columns, in any order.
pub struct Table<R> {
    source: String,
    reader: csv::Reader<R>,
    columns: &'static [&'static str],
    /// By column: its place in a row.
    places: Vec<usize>,
    row: StringRecord,
    errors: Vec<ConfigError>,
    untold: usize,
}

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line on which it stands, from 1; the columns are named on line 1.
    pub line: usize,
    fields: StringRecord,
    places: Vec<usize>,
}

impl Row {
    /// The field of a column, by its index among those asked for, without blanks around it.
    #[must_use]
    pub fn field(&self, column: usize) -> &str {
        let place = self.places.get(column).copied().unwrap_or(usize::MAX);
        self.fields.get(place).unwrap_or_default().trim()
    }
}

impl<R: BufRead> Table<R> {
    /// Reads the names of the columns. `source` is the table's name in errors.
    ///
    /// # Errors
    ///
    /// A column that is missing or stands there twice; where `takes_others` is false, a
    /// column that is none of `columns`; a file that cannot be read.
    pub fn open(
        source: &str,
        reader: R,
        columns: &'static [&'static str],
        takes_others: bool,
    ) -> Result<Self, ConfigErrors> {
        let mut table = Self {
            source: source.to_owned(),
            reader: ReaderBuilder::new().from_reader(reader),
            columns,
            places: Vec::new(),
            row: StringRecord::new(),
            errors: Vec::new(),
            untold: 0,
        };
        let names = match table.reader.headers() {
            Ok(names) => names.clone(),
            Err(error) => {
                table.fault(1, None, explain(&error));
                return Err(ConfigErrors(table.errors));
            }
        };
        let names: Vec<String> = names
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_lowercase())
            .collect();
        for column in columns {
            let mut places = names.iter().enumerate().filter(|(_, name)| name == column);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => table.places.push(place),
                (None, _) => table.fault(
                    1,
                    Some(column),
                    "is missing; the first row names the columns",
                ),
                (Some(_), Some(_)) => table.fault(1, Some(column), "is named twice"),
            }
        }
        if !takes_others && names.iter().any(|name| !columns.contains(&name.as_str())) {
            let known = columns.join(", ");
            table.fault(1, None, format!("a column that is none of {known}"));
        }
        if table.errors.is_empty() {
            Ok(table)
        } else {
            Err(ConfigErrors(table.errors))
        }
    }

    /// The next row; a row that cannot be read is an error, and passed over.
    pub fn next_row(&mut self) -> Option<Row> {
        loop {
            let line = usize::try_from(self.reader.position().line()).unwrap_or(usize::MAX);
            match self.reader.read_record(&mut self.row) {
                Ok(false) => return None,
                Ok(true) => {
                    let at = self.row.position().map_or(line as u64, csv::Position::line);
                    return Some(Row {
                        line: usize::try_from(at).unwrap_or(usize::MAX),
                        fields: self.row.clone(),
                        places: self.places.clone(),
                    });
                }
                Err(error) => {
                    let is_end = error.is_io_error();
                    self.fault(line, None, explain(&error));
                    if is_end {
                        return None;
                    }
                }
            }
        }
    }

    /// Something is wrong with a field of a row, by the column's index.
    pub fn wrong(&mut self, row: &Row, column: usize, message: impl Into<String>) {
        self.fault(row.line, self.columns.get(column).copied(), message);
    }

    fn fault(&mut self, line: usize, column: Option<&str>, message: impl Into<String>) {
        if self.errors.len() >= MOST_ERRORS {
            self.untold += 1;
            return;
        }
        let message = message.into();
        self.errors.push(ConfigError {
            source: self.source.clone(),
            line,
            column: None,
            message: match column {
                Some(column) => format!("column {column}: {message}"),
                None => message,
            },
        });
    }

    /// Whether nothing was wrong.
    ///
    /// # Errors
    ///
    /// Everything that was wrong, the first fifty of it.
    pub fn finish(mut self) -> Result<(), ConfigErrors> {
        if self.errors.is_empty() {
            return Ok(());
        }
        if let (Some(last), true) = (self.errors.last_mut(), self.untold > 0) {
            last.message += &format!("; and {} more, not told here", self.untold);
        }
        Err(ConfigErrors(self.errors))
    }
}

/// What is wrong with a row, without its values: they are people's data.
fn explain(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields, where the first row has {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "this is no UTF-8 text".into(),
        csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
        _ => "this is no CSV".into(),
    }
}
