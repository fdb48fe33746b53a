//! What is wrong with an input, and exactly where.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// How much an [`Issue`] costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was refused or rejected.
    Error,
    /// Everything was read; someone should know all the same.
    Warning,
}

/// An error or a warning about an input, with its place.
///
/// The message names the element and the expectation, never a value: values are people's
/// data. Fields that do not apply are `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// The input's name as given.
    pub file: Arc<str>,
    /// Where the segment starts, in bytes after decompression, from 0.
    pub offset_bytes: u64,
    /// ISA13.
    pub interchange: Option<Box<str>>,
    /// GS06.
    pub group: Option<Box<str>>,
    /// ST02.
    pub transaction: Option<Box<str>>,
    /// The segment's place in the file, from 1.
    pub segment_in_file: Option<u64>,
    /// The segment's place in the transaction set; ST is 1.
    pub segment_in_transaction: Option<u64>,
    /// The loop, for example `2300`.
    #[serde(rename = "loop")]
    pub loop_id: Option<&'static str>,
    /// The segment id, for example `CLM`.
    pub segment: Option<Box<str>>,
    /// The element's position, from 1.
    pub element: Option<u8>,
    /// The component's position, from 1.
    pub component: Option<u8>,
    /// Which repetition of the element, from 1, where it may repeat.
    pub repetition: Option<u16>,
    /// What is wrong, in a word that programs can compare, for example `iea-missing`.
    pub code: &'static str,
    /// The acknowledgement that says so, for example `TA1 R 023`.
    pub acknowledgement: Option<&'static str>,
    /// The validation level, from 1 to 5; 0 for what no reader can do without.
    pub level: u8,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong in words.
    pub message: Box<str>,
    /// The segment with its values masked, for people to look at.
    #[serde(skip)]
    pub excerpt: Option<Box<Excerpt>>,
}

/// A segment with its values masked, and the part that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// Letters are `x`, digits `9`, all else `.`; the id and the separators are kept.
    pub text: String,
    /// Where the part at fault starts in it, in characters.
    pub start: usize,
    /// How long that part is, in characters; at least 1.
    pub length: usize,
}

impl fmt::Display for Issue {
    /// One line: severity, place, message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(
            f,
            "{severity}[{}]: {}: {}",
            self.code, self.file, self.message
        )?;
        write!(f, " (byte {}", self.offset_bytes)?;
        if let Some(segment) = self.segment_in_file {
            write!(f, ", segment {segment}")?;
        }
        for (name, value) in [
            ("interchange", &self.interchange),
            ("group", &self.group),
            ("transaction set", &self.transaction),
        ] {
            if let Some(value) = value {
                write!(f, ", {name} {value}")?;
            }
        }
        f.write_str(")")
    }
}
