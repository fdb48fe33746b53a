//! Events in the order of the input: envelopes are checked, claims counted and kept.
//!
//! A claim's fate is known only when its transaction set, group and interchange have ended.
//! Until then its lines stand in the batch, behind a mark to which a refusal goes back.

use std::mem;
use std::sync::Arc;

use ahash::AHashSet;

use super::envelope::{Container, Group, Interchange, Set};
use super::fault::{self, EnvelopeFault};
use super::keeper::Keeper;
use super::levels::Levels;
use super::overflow::{Given, Mark};
use super::pipeline::Beside;
use super::tally::Open;
use super::{
    AcceptedInterchange, FileRead, Input, InputError, Intake, Observer, ReadOptions, Recall, Units,
};
use crate::claim::InterchangeIdentity;
use crate::p837::{Event, Events, Fault, Place, Trailer};
use crate::x12::{Issue, Severity, Stray};

/// Takes the events of one input after the other.
pub(super) struct Collector<'a> {
    pub(super) options: ReadOptions<'a>,
    pub(super) keeper: Keeper<'a>,
    pub(super) intake: Intake,
    pub(super) levels: Levels,
    /// The interchanges accepted so far: none of them is taken twice.
    pub(super) accepted: AHashSet<Arc<InterchangeIdentity>>,
    pub(super) interchange: Option<Interchange>,
    pub(super) group: Option<Group>,
    pub(super) set: Option<Set>,
    pub(super) file: File,
    total: Open,
    issues: Vec<Issue>,
    pub(super) inputs: &'a [Input],
    pub(super) recall: Option<&'a mut dyn Recall>,
    /// Who hears of units.
    pub(super) units: Option<&'a mut dyn Units>,
    pub(super) given: Given<'a>,
    /// The first failure to ask what earlier runs took.
    pub(super) failure: Option<InputError>,
    /// Whether checking found something in the level or claim whose event comes next.
    pub(super) is_next_at_fault: bool,
}

/// The input that is being read.
#[derive(Default)]
pub(super) struct File {
    pub(super) name: Arc<str>,
    /// Its place among those given.
    pub(super) input: usize,
    /// Its digest, and whether an earlier run adjudicated it, once that was asked.
    pub(super) digest: Option<String>,
    pub(super) is_known: Option<bool>,
    /// The batch before it.
    mark: Option<Mark>,
    /// The interchanges that were accepted.
    pub(super) interchanges: Vec<AcceptedInterchange>,
    pub(super) open: Open,
    pub(super) has_interchange: bool,
    has_error: bool,
    /// Bytes that are no interchange, to be told when it is known what follows.
    stray: Option<Stray>,
    /// Segments of the pieces before the one whose events are being taken.
    segments_before: u64,
    /// The segment behind which the next one should be a header or a trailer.
    outside_since: Option<u64>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(options: ReadOptions<'a>, inputs: &'a [Input], beside: Beside<'a>) -> Self {
        Self {
            options,
            keeper: Keeper::new(options),
            intake: Intake::default(),
            levels: Levels::default(),
            accepted: AHashSet::default(),
            interchange: None,
            group: None,
            set: None,
            file: File::default(),
            total: Open::default(),
            issues: Vec::new(),
            inputs,
            recall: beside.recall,
            units: beside.units,
            given: Given::new(beside.overflow),
            failure: None,
            is_next_at_fault: false,
        }
    }

    /// How many claims have been read.
    pub(super) fn claims(&self) -> u64 {
        let containers = [
            self.interchange.as_ref().map(|open| &open.container.open),
            self.group.as_ref().map(|open| &open.container.open),
            self.set.as_ref().map(|open| &open.container.open),
        ];
        let open = containers
            .into_iter()
            .flatten()
            .chain([&self.total, &self.file.open]);
        open.map(Open::claims_read).sum()
    }

    /// An input begins.
    pub(super) fn begin_file(&mut self, name: &Arc<str>) {
        self.file = File {
            name: Arc::clone(name),
            input: self.intake.files.len(),
            mark: Some(self.mark()),
            ..File::default()
        };
    }

    /// Takes events of a piece of the input before which there were so many segments.
    pub(super) fn take(
        &mut self,
        events: &Events,
        segments_before: u64,
        observer: &mut dyn Observer,
    ) {
        self.file.segments_before = segments_before;
        for (place, event) in &events.list {
            self.tell_passed_over(event, *place);
            self.event(event, events, *place);
        }
        self.tell(observer);
    }

    /// Tells of segments outside any transaction set that no event speaks of.
    fn tell_passed_over(&mut self, event: &Event, place: Place) {
        let segment = self.segment_in_file(place);
        let (is_in_place, next) = match event {
            Event::Fault(_) | Event::Stray(_) | Event::Checked(_) | Event::GroupBytes(_) => return,
            Event::Interchange(_) | Event::Acknowledgement | Event::Group { .. } => {
                (true, Some(segment))
            }
            Event::Trailer {
                kind: Trailer::Interchange,
                ..
            }
            | Event::TransactionSet { .. } => (true, None),
            Event::Trailer { .. } => (true, Some(segment)),
            _ => (false, self.file.outside_since.map(|_| segment)),
        };
        let since = mem::replace(&mut self.file.outside_since, next);
        if since.is_some_and(|since| segment > since + 1 || !is_in_place) {
            self.fault(fault::OUTSIDE_SET, place);
        }
    }

    /// The input has ended, after so many bytes.
    pub(super) fn end_file(
        &mut self,
        bytes: u64,
        digest: String,
        observer: &mut dyn Observer,
    ) -> Result<(), InputError> {
        let place = Place {
            offset_bytes: bytes,
            ordinal: 0,
        };
        self.end_interchange_early(place);
        if !self.file.has_interchange {
            let fault = if bytes == 0 {
                fault::FILE_EMPTY
            } else {
                fault::NO_INTERCHANGE
            };
            let start = self.file.stray.map_or(0, |stray| stray.offset_bytes);
            self.refuse_stray(
                fault,
                Place {
                    offset_bytes: start,
                    ordinal: 0,
                },
            );
        }
        self.tell_stray();
        if self.file.open.claims_read() == 0 && !self.file.has_error {
            self.fault(fault::NO_CLAIMS, place);
        }
        let is_known = self.is_known_file(&digest)?;
        let mut file = mem::take(&mut self.file);
        if is_known {
            file.open.leave_out();
            self.truncate(file.mark.unwrap_or_default());
        }
        self.intake.files.push(FileRead {
            digest,
            is_known,
            interchanges: file.interchanges,
        });
        let counts = &mut self.intake.counts;
        counts.bytes += bytes;
        counts.files.read += 1;
        let has_nothing =
            !file.has_interchange || (file.has_error && file.open.accepted_sets() == 0);
        counts.files.refused += u64::from(has_nothing);
        counts.files.adjudicated_before += u64::from(is_known && !has_nothing);
        self.total.add(file.open);
        self.tell(observer);
        Ok(())
    }

    /// What was read.
    pub(super) fn finish(mut self) -> Intake {
        self.total.finish(&mut self.intake.counts);
        self.intake
    }

    fn tell(&mut self, observer: &mut dyn Observer) {
        for issue in self.issues.drain(..) {
            observer.issue(issue);
        }
    }

    fn event(&mut self, event: &Event, events: &Events, place: Place) {
        let text = |text: &crate::p837::Text| events.text(*text);
        match event {
            Event::Interchange(header) => {
                self.tell_stray();
                self.begin_interchange(header, place);
            }
            Event::Acknowledgement => {}
            Event::Group {
                identifier,
                date,
                control_number,
                version,
            } => {
                let identity = [text(control_number), text(date)];
                self.begin_group(identity, text(identifier), text(version), place);
            }
            Event::TransactionSet {
                identifier,
                control_number,
                convention,
            } => {
                self.begin_set(
                    text(control_number),
                    text(identifier),
                    text(convention),
                    place,
                );
            }
            Event::Encounters(are_encounters) => self.set_encounters(*are_encounters),
            Event::Level(index) => self.level(&events.levels[*index as usize], events, place),
            Event::Claim(index) => self.claim(&events.claims[*index as usize], events, place),
            Event::PassingClaim(totals) => self.passing_claim(*totals, place),
            Event::StrayLine => self.open().stray_line(),
            Event::Trailer {
                kind,
                count,
                control_number,
            } => {
                let (count, control_number) = (text(count), text(control_number));
                match kind {
                    Trailer::TransactionSet => self.end_set(count, control_number, place),
                    Trailer::Group => self.end_group(count, control_number, place),
                    Trailer::Interchange => self.end_interchange(count, control_number, place),
                }
            }
            Event::Stray(stray) => self.stray(*stray),
            Event::Fault(fault) => self.fault(*fault, place),
            Event::GroupBytes(bytes) => self.tell_units(|units| units.begin_group(text(bytes))),
            Event::Checked(index) => self.checked(&events.units[*index as usize], events),
        }
    }

    /// The innermost container that is open.
    pub(super) fn open(&mut self) -> &mut Open {
        let containers = [
            self.set.as_mut().map(|open| &mut open.container),
            self.group.as_mut().map(|open| &mut open.container),
            self.interchange.as_mut().map(|open| &mut open.container),
        ];
        containers
            .into_iter()
            .flatten()
            .next()
            .map_or(&mut self.file.open, |container| &mut container.open)
    }

    /// Tells whoever hears of units.
    pub(super) fn tell_units(&mut self, tell: impl FnOnce(&mut dyn Units)) {
        if let Some(units) = self.units.as_deref_mut() {
            tell(units);
        }
    }

    /// A container that begins here.
    pub(super) fn container(&self, control_number: &[u8]) -> Container {
        Container {
            control_number: control_number.into(),
            mark: self.mark(),
            open: Open::default(),
            is_refused: false,
            children: 0,
        }
    }

    /// Whether what comes is refused already, so that nothing more is said of it.
    pub(super) fn is_refused(&self) -> bool {
        let set = self.set.as_ref();
        self.is_group_refused() || set.is_some_and(|open| open.container.is_refused)
    }

    /// Whether the open group is refused already, or the interchange with it.
    pub(super) fn is_group_refused(&self) -> bool {
        let group = self.group.as_ref();
        self.is_interchange_refused() || group.is_some_and(|open| open.container.is_refused)
    }

    /// Whether the open interchange is refused already.
    pub(super) fn is_interchange_refused(&self) -> bool {
        let interchange = self.interchange.as_ref();
        interchange.is_some_and(|open| open.container.is_refused)
    }

    fn stray(&mut self, stray: Stray) {
        if stray.is_endless_segment {
            let place = Place {
                offset_bytes: stray.offset_bytes,
                ordinal: 0,
            };
            self.refuse_interchange(fault::SEGMENT_ENDLESS, place);
        }
        if self.interchange.is_some() {
            // What a header without delimiters, or an endless segment, leaves behind.
            self.open().unreadable_claims(stray.claims);
        } else {
            self.file.stray = Some(stray).filter(|stray| stray.length_bytes > 0);
        }
    }

    /// Tells of bytes outside any interchange, now that it is known that a header stands in
    /// the file.
    fn tell_stray(&mut self) {
        if let Some(stray) = self.file.stray {
            let place = Place {
                offset_bytes: stray.offset_bytes,
                ordinal: 0,
            };
            self.refuse_stray(fault::STRAY_BYTES, place);
        }
    }

    fn refuse_stray(&mut self, fault: EnvelopeFault, place: Place) {
        self.envelope_fault(fault, place);
        let claims = self.file.stray.take().map_or(0, |stray| stray.claims);
        self.file.open.unreadable_claims(claims);
    }

    /// Says what is wrong, unless all around it is refused already.
    pub(super) fn fault(&mut self, fault: Fault, place: Place) {
        self.envelope_fault(
            EnvelopeFault {
                fault,
                acknowledgement: None,
            },
            place,
        );
    }

    /// Says what is wrong with an envelope, unless all around it is refused already.
    pub(super) fn envelope_fault(&mut self, fault: EnvelopeFault, place: Place) {
        if !self.is_refused() {
            self.tell_envelope_fault(fault, place);
        }
    }

    /// Says what is wrong with an envelope, whatever is refused in it.
    pub(super) fn tell_envelope_fault(&mut self, fault: EnvelopeFault, place: Place) {
        let EnvelopeFault {
            fault,
            acknowledgement,
        } = fault;
        let issue = self.issue_at(place);
        let issue = Issue {
            loop_id: fault.loop_id,
            segment: fault.segment.map(Box::from),
            element: fault.element,
            code: fault.code,
            acknowledgement,
            severity: fault.severity,
            message: fault.message.into(),
            ..issue
        };
        self.tell_units(|units| units.fault(&issue));
        self.push_issue(issue);
    }

    /// Tells of an issue, in the order of the input.
    pub(super) fn push_issue(&mut self, issue: Issue) {
        let is_error = issue.severity == Severity::Error;
        self.file.has_error |= is_error;
        if let Some(set) = &mut self.set {
            set.has_error |= is_error;
        }
        self.issues.push(issue);
    }

    /// An issue of which nothing but its place is known.
    pub(super) fn issue_at(&self, place: Place) -> Issue {
        let segment = (place.ordinal > 0).then(|| self.file.segments_before + place.ordinal);
        let set_start = self.set.as_ref().map(|set| set.first_segment);
        let shown = |control_number: &[u8]| shown(control_number);
        Issue {
            file: Arc::clone(&self.file.name),
            offset_bytes: place.offset_bytes,
            interchange: self
                .interchange
                .as_ref()
                .map(|open| shown(&open.container.control_number)),
            group: self
                .group
                .as_ref()
                .map(|open| shown(&open.container.control_number)),
            transaction: self
                .set
                .as_ref()
                .map(|open| shown(&open.container.control_number)),
            segment_in_file: segment,
            segment_in_transaction: segment
                .zip(set_start)
                .and_then(|(segment, start)| (segment + 1).checked_sub(start)),
            loop_id: None,
            segment: None,
            element: None,
            component: None,
            repetition: None,
            code: "",
            acknowledgement: None,
            level: 0,
            severity: Severity::Error,
            message: "".into(),
            excerpt: None,
        }
    }

    /// The segment's place in the file, from 1.
    pub(super) fn segment_in_file(&self, place: Place) -> u64 {
        self.file.segments_before + place.ordinal
    }
}

/// The most characters of a control number that are shown.
const MOST_SHOWN: usize = 20;

/// A control number as it is shown: what cannot stand in one is not.
fn shown(control_number: &[u8]) -> Box<str> {
    let characters = control_number.trim_ascii().iter().take(MOST_SHOWN);
    characters
        .map(|&byte| match byte {
            b'!'..=b'~' => char::from(byte),
            _ => '?',
        })
        .collect()
}
