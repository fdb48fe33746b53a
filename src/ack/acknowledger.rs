//! Events in, answers out.

use std::path::Path;

use chrono::NaiveDateTime;

use super::claims::ClaimAnswers;
use super::codes::InterchangeNote;
use super::document::Document;
use super::envelope::{Envelope, INTERCHANGE, Numbers, Stamp};
use super::error::AckError;
use super::event::{Event, GroupEnd, Interchange, InterchangeFate};
use super::folder::{Answers, Staging};
use super::open::{Desk, OpenInterchange};
use crate::compose::{Segment, digits};

/// How answers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// A transaction set with any error is refused as a whole, instead of the claims that have
    /// one. Whoever reads the input must then refuse it too.
    pub strict: bool,
    /// The ISA13 of the first answer, from 1 to 999,999,999; its GS06 is the same number, and
    /// both count on from there.
    pub first_control_number: u32,
    /// The moment that answers are dated with. Without one, each has the date and time of the
    /// interchange that it answers (ISA09, ISA10).
    pub dated: Option<NaiveDateTime>,
}

impl Default for Options {
    /// Not strict, numbered from 1, dated as the interchanges are.
    fn default() -> Self {
        Self {
            strict: false,
            first_control_number: 1,
            dated: None,
        }
    }
}

/// Takes what happens to an input, in its order, and writes what its sender gets.
///
/// Several inputs may follow one another. Memory does not grow with any of them.
#[derive(Debug)]
pub struct Acknowledger {
    options: Options,
    waiting: ClaimAnswers,
    numbers: Numbers,
    /// How many interchanges have begun.
    interchanges: u64,
    open: Option<Box<OpenInterchange>>,
    staging: Staging,
}

impl Acknowledger {
    /// Answers will be written into a folder, which must be there.
    ///
    /// # Errors
    ///
    /// Nothing can be written there.
    pub fn new(folder: &Path, options: Options) -> Result<Self, AckError> {
        let staging = Staging::inside(folder)?;
        Ok(Self {
            waiting: ClaimAnswers::new(&staging),
            numbers: Numbers::starting_at(options.first_control_number),
            interchanges: 0,
            open: None,
            options,
            staging,
        })
    }

    /// The folder inside the target in which answers wait until they are published: to be
    /// removed, with all in it, if the process ends without dropping this.
    #[must_use]
    pub fn waiting_folder(&self) -> &Path {
        self.staging.path()
    }

    /// Takes what comes next.
    ///
    /// # Errors
    ///
    /// An answer cannot be written. Whatever comes after that is of no use.
    pub fn take(&mut self, event: Event<'_>) -> Result<(), AckError> {
        match event {
            Event::InterchangeBegins(interchange) => return self.begin_interchange(&interchange),
            Event::InterchangeEnds(fate) => return self.end_interchange(fate),
            _ => {}
        }
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let mut desk = Desk {
            staging: &self.staging,
            numbers: &mut self.numbers,
            waiting: &mut self.waiting,
            strict: self.options.strict,
        };
        match event {
            Event::InterchangeBegins(_) | Event::InterchangeEnds(_) => Ok(()),
            Event::GroupBegins(group) => open.begin_group(&group, &mut desk),
            Event::SetBegins(set) => open.begin_set(&set, &mut desk),
            Event::SetHeader(header) => {
                if open.has_set() {
                    desk.waiting.header(&header);
                }
                Ok(())
            }
            Event::BillingProvider(provider) if open.has_set() => {
                desk.waiting.billing_provider(&provider)
            }
            Event::BillingProvider(_) => Ok(()),
            Event::Finding(finding) => open.finding(&finding),
            Event::Claim(claim) => open.claim(&claim, &mut desk),
            Event::LastClaimRejected(status) => open.reject_last(status, &mut desk),
            Event::SetEnds(fate) => open.end_set(&fate, &mut desk),
            Event::GroupEnds(end) => open.end_group(&end, &mut desk),
        }
    }

    /// There is nothing more to come. The answers are written and on disk, and have no names
    /// yet.
    ///
    /// # Errors
    ///
    /// An answer cannot be written.
    pub fn finish(mut self) -> Result<Answers, AckError> {
        self.end_interchange(InterchangeFate::Refused(InterchangeNote::EndsTooEarly))?;
        let next = self.numbers.next_interchange();
        Ok(Answers::new(self.staging, next))
    }

    fn begin_interchange(&mut self, interchange: &Interchange<'_>) -> Result<(), AckError> {
        self.end_interchange(InterchangeFate::Refused(InterchangeNote::EndsTooEarly))?;
        self.interchanges += 1;
        let sent = Stamp::of_interchange(interchange);
        let stamp = self.options.dated.map_or_else(|| sent.clone(), Stamp::of);
        let digits = String::from_utf8(digits(interchange.control_number, 9)).unwrap_or_default();
        let control_number = Some(format!("{digits:0>9}")).filter(|_| !digits.is_empty());
        let named = control_number.as_deref().unwrap_or("000000000");
        self.open = Some(Box::new(OpenInterchange {
            envelope: Envelope::answering(interchange, stamp),
            name: format!("{:06}-{named}", self.interchanges),
            control_number,
            sent,
            wants_acknowledgement: interchange.wants_acknowledgement,
            numbers: self.numbers,
            functional: None,
            claims: None,
            group: None,
        }));
        Ok(())
    }

    fn end_interchange(&mut self, fate: InterchangeFate) -> Result<(), AckError> {
        let Some(mut open) = self.open.take() else {
            return Ok(());
        };
        let mut desk = Desk {
            staging: &self.staging,
            numbers: &mut self.numbers,
            waiting: &mut self.waiting,
            strict: self.options.strict,
        };
        open.end_group(&GroupEnd::CUT, &mut desk)?;
        let functional = open.functional.take().map(|functional| functional.document);
        let claims = open.claims.take();
        let is_refused = matches!(fate, InterchangeFate::Refused(_));
        if is_refused {
            self.numbers = open.numbers;
        }
        for document in [functional, claims].into_iter().flatten() {
            if is_refused {
                document.discard()?;
            } else {
                document.finish()?;
            }
        }
        if is_refused || open.wants_acknowledgement {
            self.acknowledge(&open, fate)?;
        }
        Ok(())
    }

    /// Writes a TA1, which names the interchange by ISA13: without one there is none.
    fn acknowledge(
        &mut self,
        open: &OpenInterchange,
        fate: InterchangeFate,
    ) -> Result<(), AckError> {
        let Some(control_number) = &open.control_number else {
            return Ok(());
        };
        let name = format!("{}.{}", open.name, INTERCHANGE.extension);
        let (staging, numbers) = (&self.staging, &mut self.numbers);
        let mut document = Document::create(staging, &name, &INTERCHANGE, &open.envelope, numbers)?;
        let (code, note) = match fate {
            InterchangeFate::Accepted => ("A", "000"),
            InterchangeFate::AcceptedWithErrors(note) => ("E", note.code()),
            InterchangeFate::Refused(note) => ("R", note.code()),
        };
        document.control_segment(
            Segment::new("TA1")
                .code(control_number)
                .code(open.sent.short_date())
                .code(&open.sent.time)
                .code(code)
                .code(note),
        )?;
        document.finish()
    }
}
