//! Made-up claim files: valid, large, the same bytes for the same seed on any machine.
//!
//! A claim follows from the seed and its place; nothing is kept of what was written. Memory is
//! the same for a thousand claims and for a terabyte, and void and original find each other all
//! the same.
//!
//! ```
//! use claimstream::generate::{Generator, Options};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let generator = Generator::new(Options { claims: 500, seed: 7, ..Options::default() })?;
//! let mut file = Vec::new();
//! let answers = generator.write_to(&mut file)?;
//! assert!(file.starts_with(b"ISA*00*"));
//! assert_eq!(answers.claims, 500);
//! assert_eq!(answers.bytes, file.len() as u64);
//! # Ok(())
//! # }
//! ```
//!
//! What is in such files is in `docs/generate.md`.

mod answers;
mod bill;
mod block;
mod calendar;
mod codes;
mod content;
mod courses;
mod delimiters;
mod dirt;
mod envelope;
mod layout;
mod names;
mod options;
mod people;
mod providers;
mod random;
mod segments;
mod share;
mod stream;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use chrono::Datelike;

pub use answers::{Answers, DirtCounts};
pub use delimiters::Separators;
pub use dirt::Dirt;
pub use options::{MOST_MEMBERS, MOST_SETS, Options, OptionsError};
pub use share::Share;

use self::block::{Block, Scratch};
use self::calendar::{BEYOND, Calendar};
use self::content::{LINES, SESSION_INJECTED, SESSION_LINES};
use self::courses::{Courses, Practice};
use self::delimiters::Translation;
use self::dirt::Dirtying;
use self::envelope::Envelopes;
use self::layout::Layout;
use self::people::Members;
use self::providers::Provider;
use self::random::key;
use self::stream::Stream;
use crate::claim::ClaimControlNumber;

/// Where generated interchanges go: each begins a file.
pub trait Files {
    /// The bytes that follow are those of another file; `name` is what it may be called.
    ///
    /// # Errors
    ///
    /// Whatever keeps the file before from being finished, or this one from being begun.
    fn begin(&mut self, name: &str) -> io::Result<()>;

    /// The next bytes of the file begun last.
    ///
    /// # Errors
    ///
    /// Whatever keeps them from being written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

/// Writes interchanges one after another, whatever their names.
struct OneAfterAnother<'w>(&'w mut dyn Write);

impl Files for OneAfterAnother<'_> {
    fn begin(&mut self, _name: &str) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}

/// Generates claim files.
#[derive(Debug, Clone)]
pub struct Generator {
    options: Options,
    calendar: Calendar,
    layout: Layout,
    members: Members,
    courses: Courses,
    dirtying: Dirtying,
    envelopes: Envelopes,
    translation: Option<Translation>,
    /// What claims without a session follow from.
    visits: u64,
}

impl Generator {
    /// Prepares to generate.
    ///
    /// # Errors
    ///
    /// Where nothing of the kind can be generated: no claims, a set of no claims, a share that
    /// is too large, a period without a weekday.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        options.check()?;
        let calendar = Calendar::new(options.start, options.days);
        let weekdays = calendar.count();
        if weekdays == 0 {
            return Err(OptionsError::Weekend);
        }
        let layout = Layout::new(&options, weekdays);
        let year = options.start.year().unsigned_abs();
        Ok(Self {
            members: Members::new(options.seed, options.member_count(), year),
            courses: Courses::new(sessions(options.inject), layout.slices, weekdays),
            dirtying: Dirtying::new(options.dirt, layout.slices),
            envelopes: Envelopes::new(options.seed, options.nightly, &layout),
            translation: options.separators.translation(),
            visits: key(options.seed, 0x5649_5349),
            calendar,
            layout,
            options,
        })
    }

    /// Writes all claims, interchanges one after another, and tells what was planted.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_to(&self, out: &mut dyn Write) -> io::Result<Answers> {
        self.write_files(&mut OneAfterAnother(out))
    }

    /// Writes all claims, each interchange as a file, and tells what was planted.
    ///
    /// # Errors
    ///
    /// Those of `files`.
    pub fn write_files(&self, files: &mut impl Files) -> io::Result<Answers> {
        let mut stream = Stream::new(self, files);
        let mut scratch = Scratch::default();
        for slice in 0..self.layout.slices {
            scratch.begin_slice();
            let claims = self.layout.claims_of(slice);
            let claims = claims.end - claims.start;
            let (mut before, mut index) = (0, 0);
            while before < claims {
                let provider = Provider::new(self.options.seed, index);
                let practice = self.practice(&provider, before);
                Block::new(self, provider, practice, slice, before)
                    .write(&mut stream, &mut scratch)?;
                before += u64::from(practice.size);
                index += 1;
            }
        }
        stream.finish()
    }

    /// A provider's size and members, where those in front of it bill so many claims in each
    /// slice.
    fn practice(&self, provider: &Provider, before: u64) -> Practice {
        let size = providers::size(self.options.seed, provider.index);
        // In each slice the providers share all members.
        let slices = u128::from(self.layout.slices);
        let (members, claims) = (
            u128::from(self.members.count),
            u128::from(self.options.claims),
        );
        let member = |before: u64| {
            let member = u128::from(before) * slices * members / claims;
            u64::try_from(member)
                .unwrap_or(u64::MAX)
                .min(self.members.count)
        };
        let first_member = member(before).min(self.members.count - 1);
        let end = member(before + u64::from(size)).max(first_member + 1);
        // Who finds room in part or in some slices only has as many sessions as find room in all.
        let least = self.options.claims / u64::from(self.layout.slices);
        let room = least.saturating_sub(before).min(u64::from(size));
        Practice {
            key: provider.key,
            size,
            room,
            first_member,
            member_count: end - first_member,
        }
    }

    /// A weekday after the billing of a slice's claims.
    fn weekday_after_billing(&self, slice: u32) -> u32 {
        let last = if self.options.nightly {
            slice
        } else {
            self.calendar.count()
        };
        last + BEYOND / 2
    }

    /// The number that the engine gives the claim at a position of a slice.
    fn claim_control_number(&self, slice: u32, position: u64) -> ClaimControlNumber {
        let at = self.layout.location(slice, position);
        self.envelopes.claim_control_number(at, &self.calendar)
    }
}

/// The share of claims that have a session, in millionths, where injections and guidance are
/// that share of all lines.
fn sessions(inject: Share) -> u64 {
    let share = u64::from(inject.millionths());
    share * LINES / (SESSION_INJECTED - share * (SESSION_LINES - LINES) / 1_000_000)
}
