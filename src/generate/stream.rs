//! Claim after claim, in transaction sets, groups and interchanges.

use std::io;

use super::answers::Answers;
use super::bill::{Bill, Original};
use super::content::Content;
use super::dirt::Dirt;
use super::envelope::Envelopes;
use super::layout::Location;
use super::people::Member;
use super::providers::Provider;
use super::segments::Segments;
use super::{Files, Generator};

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 1 << 18;

/// What is being written.
pub(super) struct Stream<'g, F> {
    generator: &'g Generator,
    files: &'g mut F,
    out: Segments,
    /// Where the claim written last stands.
    at: Option<Location>,
    /// Sets of the open interchange.
    sets: u64,
    /// The id of the last HL.
    id: u64,
    /// The billing provider whose level is open, with the id of that.
    provider: Option<(u64, u64)>,
    /// How many claims without a session had dirt.
    pub(super) turns: u64,
    pub(super) answers: Answers,
}

/// A claim to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coming<'a> {
    /// The slice in which it is billed.
    pub(super) slice: u32,
    /// Its position among all claims.
    pub(super) position: u64,
    pub(super) content: &'a Content,
    pub(super) frequency: u8,
    pub(super) original: Option<Original<'a>>,
    pub(super) dirt: Option<Dirt>,
}

impl<'g, F: Files> Stream<'g, F> {
    pub(super) fn new(generator: &'g Generator, files: &'g mut F) -> Self {
        Self {
            generator,
            files,
            out: Segments::with_capacity(BUFFER_BYTES + BUFFER_BYTES / 4),
            at: None,
            sets: 0,
            id: 0,
            provider: None,
            turns: 0,
            answers: Answers {
                seed: generator.options.seed,
                members: generator.members.count,
                ..Answers::default()
            },
        }
    }

    /// Writes a claim, and whatever must end or begin before it.
    pub(super) fn claim(&mut self, provider: &Provider, coming: Coming<'_>) -> io::Result<()> {
        let at = (self.generator.layout).location(coming.slice, coming.position);
        if at.ordinal == 1 || self.at.is_some_and(|last| last.night != at.night) {
            self.begin_set(at)?;
        }
        self.at = Some(at);
        let parent = match self.provider {
            Some((index, id)) if index == provider.index => id,
            _ => self.begin_provider(provider),
        };
        let member: Member = self.generator.members.member(coming.content.member);
        let bill = Bill {
            content: coming.content,
            member: &member,
            provider,
            position: coming.position,
            frequency: coming.frequency,
            original: coming.original,
            dirt: coming.dirt,
        };
        self.id = bill.write(self.id + 1, parent, &self.generator.calendar, &mut self.out);
        let lines = coming.content.lines().iter();
        let charge = lines.map(|line| u64::from(bill.charge(line))).sum();
        self.answers
            .count(coming.content, &member, charge, coming.dirt);
        if self.out.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Ends everything.
    pub(super) fn finish(mut self) -> io::Result<Answers> {
        self.end_set();
        self.end_interchange()?;
        Ok(self.answers)
    }

    fn begin_provider(&mut self, provider: &Provider) -> u64 {
        self.id += 1;
        provider.write(self.id, &mut self.out);
        self.provider = Some((provider.index, self.id));
        self.answers.billing_provider_loops += 1;
        self.id
    }

    fn begin_set(&mut self, at: Location) -> io::Result<()> {
        self.end_set();
        let generator = self.generator;
        let calendar = &generator.calendar;
        if at.set == 0 {
            self.end_interchange()?;
            let name = generator.envelopes.file_name(at, calendar);
            self.files.begin(&name)?;
            generator.envelopes.begin(at, calendar, &mut self.out);
            self.answers.interchanges += 1;
        }
        self.out.take_count();
        generator.envelopes.begin_set(at, calendar, &mut self.out);
        self.sets += 1;
        self.answers.transaction_sets += 1;
        (self.id, self.provider) = (0, None);
        Ok(())
    }

    fn end_set(&mut self) {
        if let Some(at) = self.at {
            let segments = self.out.take_count();
            Envelopes::end_set(at, segments, &mut self.out);
        }
    }

    fn end_interchange(&mut self) -> io::Result<()> {
        if let Some(at) = self.at.take() {
            (self.generator.envelopes).end(at, self.sets, &mut self.out);
            self.sets = 0;
        }
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(translation) = &self.generator.translation {
            self.out.translate(translation);
        }
        self.answers.bytes += self.out.len() as u64;
        self.files.write(self.out.as_bytes())?;
        self.out.clear();
        Ok(())
    }
}
