//! The reviewers' work queue: every pended line, oldest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};
use std::mem;
use std::path::Path;

use chrono::{Datelike, NaiveDate};

use super::determination::{Determination, WrittenReason};
use super::rows::row;
use crate::policy::{Decision, RuleKind};
use crate::spool::{Blocks, Frames};

/// What a reviewer decides by, then what a reviewer fills in: `history decide` reads it back.
const COLUMNS: [&str; 17] = [
    "claim_control_number",
    "line",
    "status",
    "ask_for",
    "charge",
    "clause",
    "rule",
    "member",
    "service_date",
    "procedure",
    "claim",
    "decision",
    "group",
    "carc",
    "rarc",
    "reviewer",
    "decided_on",
];

/// Gathers pended lines, and writes them as CSV.
#[derive(Debug, Default)]
pub struct Pends {
    list: Vec<Pend>,
    bytes: usize,
    /// Where lines go that memory does not hold.
    overflow: Option<Overflow>,
}

/// A pended line.
#[derive(Debug)]
struct Pend {
    service_date: Option<NaiveDate>,
    row: Vec<u8>,
}

/// Pended lines on disk, in streams that are sorted each.
#[derive(Debug)]
struct Overflow {
    /// How many bytes are gathered in memory.
    most_bytes: usize,
    streams: Blocks,
}

impl Pends {
    /// Gathers so many bytes in memory, and the rest in a file of a folder.
    ///
    /// # Errors
    ///
    /// A folder in which no file can be made.
    pub fn within(most_bytes: usize, folder: &Path) -> io::Result<Self> {
        let streams = Blocks::create(folder, 0)?;
        Ok(Self {
            overflow: Some(Overflow {
                most_bytes,
                streams,
            }),
            ..Self::default()
        })
    }

    /// Adds a line, if it is pended.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn add(&mut self, determination: &Determination<'_>) -> io::Result<()> {
        if determination.decision != Decision::Pend {
            return Ok(());
        }
        let asks = asks(determination);
        let Some(first) = asks.first() else {
            return Ok(());
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        let number = determination.claim_control_number;
        let row = row([
            text(number.map(|number| number.to_string())),
            determination.line.to_string(),
            first.status.as_deref().unwrap_or_default().to_owned(),
            ask_for(determination),
            determination.charge.to_string(),
            first.clause.to_string(),
            first.rule.to_string(),
            determination.member.to_string(),
            text(determination.service_date.map(|date| date.to_string())),
            determination.procedure.to_string(),
            determination.claim.to_string(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ])?;
        self.bytes += row.len() + size_of::<Pend>();
        self.list.push(Pend {
            service_date: determination.service_date,
            row,
        });
        match &self.overflow {
            Some(overflow) if self.bytes > overflow.most_bytes => self.put_aside(),
            _ => Ok(()),
        }
    }

    /// Moves the lines in memory to a stream of their own.
    fn put_aside(&mut self) -> io::Result<()> {
        let Some(Overflow { streams, .. }) = &mut self.overflow else {
            return Ok(());
        };
        let stream = streams.add_stream();
        self.bytes = 0;
        let mut list = mem::take(&mut self.list);
        list.sort_by_key(|pend| pend.service_date);
        let mut frame = Vec::new();
        for pend in list {
            frame.clear();
            frame.extend_from_slice(&day(pend.service_date).to_le_bytes());
            frame.extend_from_slice(&pend.row);
            streams.append(stream, &frame)?;
        }
        Ok(())
    }

    /// Brings what is gathered in a file to that file: writing needs no more room there.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn settle(&mut self) -> io::Result<()> {
        let is_in_file = |overflow: &Overflow| overflow.streams.streams() > 0;
        if self.overflow.as_ref().is_some_and(is_in_file) {
            self.put_aside()?;
        }
        match &mut self.overflow {
            Some(overflow) => overflow.streams.finish(),
            None => Ok(()),
        }
    }

    /// Writes the lines added, oldest first, those of one date as they were added.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.settle()?;
        out.write_all(&row(COLUMNS)?)?;
        match self.overflow {
            Some(overflow) if self.list.is_empty() => overflow.write(out),
            _ => {
                self.list.sort_by_key(|pend| pend.service_date);
                let mut rows = self.list.iter();
                rows.try_for_each(|pend| out.write_all(&pend.row))
            }
        }
    }
}

impl Overflow {
    /// Writes the lines of all streams in their order: of those of one date, the earlier
    /// stream's come first.
    fn write(self, out: &mut dyn Write) -> io::Result<()> {
        let mut streams: Vec<(Frames, Vec<u8>)> = (0..self.streams.streams())
            .map(|stream| (Frames::of(stream), Vec::new()))
            .collect();
        let mut next = BinaryHeap::new();
        for (place, (frames, frame)) in streams.iter_mut().enumerate() {
            if frames.next(&self.streams, frame)? {
                next.push(Reverse((day_of(frame), place)));
            }
        }
        while let Some(Reverse((_, place))) = next.pop() {
            let (frames, frame) = &mut streams[place];
            out.write_all(frame.get(DAY_BYTES..).unwrap_or_default())?;
            if frames.next(&self.streams, frame)? {
                next.push(Reverse((day_of(frame), place)));
            }
        }
        Ok(())
    }
}

/// How many bytes of a frame are its date.
const DAY_BYTES: usize = 4;

/// A date as a number; none comes before any.
fn day(date: Option<NaiveDate>) -> i32 {
    date.map_or(i32::MIN, |date| date.num_days_from_ce())
}

fn day_of(frame: &[u8]) -> i32 {
    let day = frame.first_chunk::<DAY_BYTES>();
    day.map_or(i32::MIN, |day| i32::from_le_bytes(*day))
}

fn asks<'d>(determination: &'d Determination<'_>) -> Vec<&'d WrittenReason<'d>> {
    let reasons = determination.reasons.iter();
    reasons
        .filter(|reason| reason.decision == Decision::Pend)
        .collect()
}

/// What a reviewer asks for to decide a pended line, in words.
#[must_use]
pub fn ask_for(determination: &Determination<'_>) -> String {
    let asks = asks(determination);
    let mut words: Vec<&str> = asks.iter().map(|reason| asked_by(reason.rule)).collect();
    words.dedup();
    words.join("; ")
}

/// What a reviewer asks for where a rule of that kind pends a line, in words.
#[must_use]
pub fn asked_by(rule: RuleKind) -> &'static str {
    match rule {
        RuleKind::PolicyNotInForce => "the policy that was in force on the date of service",
        RuleKind::DiagnosisNotListed => "the diagnosis treated, or records that show it",
        RuleKind::OriginalUnknown => "the number of the claim that this one replaces",
        RuleKind::PhaseLimit => "records that show which muscles were treated at each session",
        RuleKind::Documentation => "records that show the criterion is met",
        RuleKind::SuspectDuplicate => "whether the service was performed twice",
        RuleKind::Guidance => "records that show which procedure was guided",
        RuleKind::OfficeVisit => "the decision about the session of the same date",
        RuleKind::AddOn => "the decision about the line that this one is added to",
        _ => "records of the date of service",
    }
}
