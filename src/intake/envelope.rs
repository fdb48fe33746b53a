//! Interchanges, functional groups and transaction sets: what is refused, and what with it.

use std::sync::Arc;

use ahash::AHashSet;
use chrono::NaiveDate;

use super::AcceptedInterchange;
use super::collector::Collector;
use super::fault::{self, EnvelopeFault};
use super::findings::Hierarchy;
use super::overflow::Mark;
use super::tally::Open;
use crate::claim::{InterchangeIdentity, parse_calendar_date};
use crate::p837::Place;
use crate::x12::element::whole_number;
use crate::x12::{Header, Severity};

/// The implementation conventions that are read: GS08, and ST03 where it is given.
const CONVENTIONS: [&[u8]; 3] = [b"005010X222", b"005010X222A1", b"005010X222A2"];

/// What interchanges, groups and transaction sets have in common.
pub(super) struct Container {
    /// ISA13, GS06 or ST02.
    pub(super) control_number: Box<[u8]>,
    /// The batch before it.
    pub(super) mark: Mark,
    /// What was counted in it.
    pub(super) open: Open,
    pub(super) is_refused: bool,
    /// How many groups or transaction sets it has.
    pub(super) children: u64,
}

/// An interchange that is open.
pub(super) struct Interchange {
    pub(super) container: Container,
    pub(super) identity: Arc<InterchangeIdentity>,
    pub(super) is_test: bool,
    /// The GS06 of its groups of claims.
    groups: AHashSet<Box<[u8]>>,
}

/// A functional group that is open.
pub(super) struct Group {
    pub(super) container: Container,
    pub(super) control_number: Arc<[u8]>,
    pub(super) billing_date: Option<NaiveDate>,
    version: Box<[u8]>,
    /// The ST02 of its transaction sets.
    sets: AHashSet<Box<[u8]>>,
}

/// A transaction set that is open.
pub(super) struct Set {
    pub(super) container: Container,
    /// Its ST's place in the file.
    pub(super) first_segment: u64,
    pub(super) is_encounter: bool,
    /// How many CLM it has so far.
    pub(super) claims: u32,
    /// The claim before which the batch was so, and how it was counted: the last one.
    pub(super) last_claim: Option<super::claims::LastClaim>,
    /// Its index in the batch, once it has a claim there.
    pub(super) index: Option<u32>,
    /// Checking found something in its header: it is refused when it ends.
    pub(super) has_invalid_header: bool,
    /// Something is wrong in it.
    pub(super) has_error: bool,
    /// What was seen of its levels, where they are checked.
    pub(super) hierarchy: Hierarchy,
}

/// What tells an interchange from others, as its ISA says it.
#[must_use]
pub fn identity_of(header: &Header) -> InterchangeIdentity {
    InterchangeIdentity {
        sender: header.element(6).into(),
        receiver: header.element(8).into(),
        date: header.element(9).into(),
        time: header.element(10).into(),
        control_number: header.element(13).into(),
    }
}

impl Collector<'_> {
    pub(super) fn begin_interchange(&mut self, header: &Header, place: Place) {
        self.end_interchange_early(place);
        self.file.has_interchange = true;
        let identity = identity_of(header);
        let is_duplicate = self.accepted.contains(&identity) || self.is_taken_before(&identity);
        self.interchange = Some(Interchange {
            container: self.container(header.element(13)),
            identity: Arc::new(identity),
            is_test: header.element(15) == b"T",
            groups: AHashSet::default(),
        });
        self.tell_units(|units| units.begin_interchange(header));
        if !header.is_complete {
            self.refuse_interchange(fault::ISA_UNREADABLE, place);
        } else if let Err(which) = header.delimiters {
            self.refuse_interchange(fault::delimiter(which), place);
        } else if is_duplicate {
            self.refuse_interchange(fault::INTERCHANGE_DUPLICATE, place);
        } else if !header.is_fixed_width {
            self.fault(fault::ISA_NOT_FIXED, place);
        }
    }

    /// Whether an earlier run accepted the interchange, in another file.
    fn is_taken_before(&mut self, identity: &InterchangeIdentity) -> bool {
        self.is_of_earlier_run(identity).unwrap_or_else(|failure| {
            self.failure.get_or_insert(failure);
            false
        })
    }

    pub(super) fn end_interchange(&mut self, count: &[u8], control_number: &[u8], place: Place) {
        self.end_group_early(place);
        let Some(interchange) = &self.interchange else {
            return;
        };
        let container = &interchange.container;
        let is_named = *control_number == *container.control_number;
        let is_counted = number(count) == Some(container.children);
        if !is_named {
            self.refuse_interchange(fault::IEA_CONTROL_NUMBER, place);
        }
        if !is_counted {
            self.refuse_interchange(fault::IEA_COUNT, place);
        }
        self.close_interchange();
    }

    /// A new ISA or the end of the data comes before the IEA.
    pub(super) fn end_interchange_early(&mut self, place: Place) {
        if self.interchange.is_none() {
            return;
        }
        self.refuse_interchange(fault::IEA_MISSING, place);
        if self.set.is_some() {
            self.reject_cut_claim();
        }
        self.end_group_early(place);
        self.close_interchange();
    }

    fn close_interchange(&mut self) {
        let Some(Interchange {
            mut container,
            identity,
            is_test,
            ..
        }) = self.interchange.take()
        else {
            return;
        };
        if container.is_refused {
            self.truncate(container.mark);
            container.open.refuse();
        } else {
            self.accepted.insert(Arc::clone(&identity));
            let accepted = AcceptedInterchange { identity, is_test };
            self.file.interchanges.push(accepted);
        }
        self.tell_units(|units| units.end_interchange(container.is_refused));
        let interchanges = &mut self.intake.counts.interchanges;
        interchanges.read += 1;
        interchanges.refused += u64::from(container.is_refused);
        self.file.open.add(container.open);
    }

    pub(super) fn begin_group(
        &mut self,
        [control_number, date]: [&[u8]; 2],
        identifier: &[u8],
        version: &[u8],
        place: Place,
    ) {
        self.end_group_early(place);
        if let Some(interchange) = &mut self.interchange {
            interchange.container.children += 1;
        }
        self.group = Some(Group {
            container: self.container(control_number),
            control_number: control_number.into(),
            billing_date: parse_calendar_date(date),
            version: version.into(),
            sets: AHashSet::default(),
        });
        if identifier != b"HC" {
            self.refuse_group(fault::GROUP_NOT_CLAIMS, place);
        } else if !CONVENTIONS.contains(&version) {
            self.refuse_group(fault::GROUP_VERSION, place);
        } else if !self.is_new_group(control_number) {
            self.fault(fault::GROUP_DUPLICATE, place);
        }
    }

    /// Whether no group of claims before it in the interchange has that GS06.
    fn is_new_group(&mut self, control_number: &[u8]) -> bool {
        let interchange = self.interchange.as_mut();
        interchange.is_none_or(|open| open.groups.insert(control_number.into()))
    }

    pub(super) fn end_group(&mut self, count: &[u8], control_number: &[u8], place: Place) {
        self.end_set_early(place);
        let Some(group) = &self.group else {
            return self.envelope_fault(fault::TRAILER_ALONE, place);
        };
        let is_named = *control_number == *group.container.control_number;
        let is_counted = number(count) == Some(group.container.children);
        if !is_named {
            self.refuse_group(fault::GE_CONTROL_NUMBER, place);
        }
        if !is_counted {
            self.refuse_group(fault::GE_COUNT, place);
        }
        self.close_group(number(count));
    }

    /// A new GS, an IEA or the end of the interchange comes before the GE.
    fn end_group_early(&mut self, place: Place) {
        if self.group.is_some() {
            self.refuse_group(fault::GE_MISSING, place);
        }
        self.end_set_early(place);
        self.close_group(None);
    }

    fn close_group(&mut self, included: Option<u64>) {
        let Some(Group { mut container, .. }) = self.group.take() else {
            return;
        };
        if container.is_refused {
            self.truncate(container.mark);
            container.open.refuse();
        }
        let is_refused = container.is_refused;
        self.tell_units(|units| units.end_group(included, is_refused));
        self.open().group(container.open, is_refused);
    }

    pub(super) fn begin_set(
        &mut self,
        control_number: &[u8],
        identifier: &[u8],
        convention: &[u8],
        place: Place,
    ) {
        self.end_set_early(place);
        self.levels.clear();
        self.tell_units(|units| units.begin_set([identifier, control_number, convention]));
        self.set = Some(Set {
            container: self.container(control_number),
            first_segment: self.segment_in_file(place),
            is_encounter: false,
            claims: 0,
            last_claim: None,
            index: None,
            has_invalid_header: false,
            has_error: false,
            hierarchy: Hierarchy::default(),
        });
        let Some(group) = &mut self.group else {
            return self.refuse_set(fault::ST_OUTSIDE_GROUP, place);
        };
        group.container.children += 1;
        let is_new = group.sets.insert(control_number.into());
        let is_of_group = convention.is_empty() || *convention == *group.version;
        if identifier != b"837" {
            self.refuse_set(fault::ST_NOT_837, place);
        } else if !is_of_group {
            self.refuse_set(fault::ST_CONVENTION, place);
        } else if !is_new {
            self.refuse_set(fault::ST_DUPLICATE, place);
        }
    }

    pub(super) fn set_encounters(&mut self, are_encounters: bool) {
        if let Some(set) = &mut self.set {
            set.is_encounter = are_encounters;
        }
    }

    pub(super) fn end_set(&mut self, count: &[u8], control_number: &[u8], place: Place) {
        self.end_hierarchy(place);
        let Some(set) = &self.set else {
            return self.envelope_fault(fault::TRAILER_ALONE, place);
        };
        let segments = self.segment_in_file(place) - set.first_segment + 1;
        let is_named = *control_number == *set.container.control_number;
        if !is_named {
            self.refuse_set(fault::SE_CONTROL_NUMBER, place);
        }
        if number(count) != Some(segments) {
            self.refuse_set(fault::SE_COUNT, place);
        }
        self.refuse_strictly(place);
        self.close_set();
    }

    /// Refuses a transaction set in which anything is wrong, where that is asked for.
    fn refuse_strictly(&mut self, place: Place) {
        let is_at_fault = |set: &Set| set.has_error && !set.has_invalid_header;
        if self.options.strict && self.set.as_ref().is_some_and(is_at_fault) {
            self.refuse_set(fault::SET_IN_ERROR, place);
        }
    }

    /// A new ST, GE, IEA or the end of the data comes before the SE.
    fn end_set_early(&mut self, place: Place) {
        if self.set.is_some() {
            self.refuse_set(fault::SE_MISSING, place);
        }
        self.refuse_strictly(place);
        self.close_set();
    }

    fn close_set(&mut self) {
        let Some(Set {
            mut container,
            has_invalid_header,
            ..
        }) = self.set.take()
        else {
            return;
        };
        container.is_refused |= has_invalid_header;
        if container.is_refused {
            self.truncate(container.mark);
            container.open.refuse();
        }
        let is_refused = container.is_refused;
        self.tell_units(|units| units.end_set(is_refused));
        self.open().transaction_set(container.open, is_refused);
    }

    /// Refuses the interchange, or with lenient envelopes warns of what they forgive.
    pub(super) fn refuse_interchange(&mut self, fault: EnvelopeFault, place: Place) {
        let is_silent = self.is_interchange_refused();
        let is_refused = self.is_fatal(fault, is_silent, place);
        if let Some(interchange) = &mut self.interchange {
            interchange.container.is_refused |= is_refused;
        }
    }

    fn refuse_group(&mut self, fault: EnvelopeFault, place: Place) {
        let is_silent = self.is_group_refused();
        let is_refused = self.is_fatal(fault, is_silent, place);
        if let Some(group) = &mut self.group {
            group.container.is_refused |= is_refused;
        }
    }

    fn refuse_set(&mut self, fault: EnvelopeFault, place: Place) {
        let is_silent = self.is_refused();
        let is_refused = self.is_fatal(fault, is_silent, place);
        if let Some(set) = &mut self.set {
            set.container.is_refused |= is_refused;
        }
    }

    /// Says what is wrong, unless that is refused already, and whether it refuses.
    fn is_fatal(&mut self, fault: EnvelopeFault, is_silent: bool, place: Place) -> bool {
        let is_forgiven = self.options.lenient_envelope
            && matches!(
                fault.fault.code,
                "iea-missing"
                    | "iea-control-number-wrong"
                    | "iea-count-wrong"
                    | "ge-missing"
                    | "ge-control-number-wrong"
                    | "ge-count-wrong"
                    | "se-missing"
                    | "se-control-number-wrong"
                    | "se-count-wrong"
            );
        let mut fault = fault;
        if is_forgiven {
            fault.fault.severity = Severity::Warning;
            fault.acknowledgement = None;
        }
        if !is_silent {
            self.tell_envelope_fault(fault, place);
        }
        !is_forgiven
    }
}

/// A count.
fn number(text: &[u8]) -> Option<u64> {
    whole_number(text).ok().map(|(_, number)| number)
}
