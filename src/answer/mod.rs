//! What the sender of an input gets: the units of the input, heard in its order, become the
//! events of its acknowledgements.

mod facts;
mod finding;

pub use facts::READ;

use std::mem;

use self::facts::Unit;
use crate::ack::{
    AckError, Acknowledger, Answers, BillingProvider, Claim, ClaimFate, Event, Finding, Group,
    GroupEnd, GroupError, Interchange, InterchangeFate, InterchangeNote, Party, Refusal, Set,
    SetError, SetFate, SetHeader, Status,
};
use crate::claim::{ClaimControlNumbers, InterchangeIdentity};
use crate::guide::UnitKind;
use crate::intake::{HeardClaim, LevelKind, Units, identity_of};
use crate::validate::Reported;
use crate::x12::{Delimiters, Elements, Header, Issue, Severity, push_unbroken};

/// Answers inputs while they are read. Of units at least the segments must be kept that are
/// answered from ([`READ`]).
#[derive(Debug)]
pub struct Answering {
    acknowledger: Acknowledger,
    /// The first failure; nothing is written after it.
    failure: Option<AckError>,
    interchange: InterchangeIdentity,
    /// Those of the interchange; none where its header has none.
    delimiters: Option<Delimiters>,
    /// GS06.
    group: Vec<u8>,
    /// The numbers of the claims of the set; none before the first set.
    numbers: Option<ClaimControlNumbers>,
    /// The unit that was heard last, and its kind.
    unit: Vec<u8>,
    unit_kind: Option<UnitKind>,
    /// The levels that are open.
    provider: Level,
    subscriber: Level,
    patient: Level,
    /// Whether it is not known whose claims come.
    is_lost: bool,
    /// Whether the claim that was told last is one of the provider that is open; none was told
    /// of this set yet.
    told_provider: Option<bool>,
    /// Why the level is at fault whose findings are being told.
    status: Option<Status>,
    refusals: Refusals,
}

/// A level, while claims may stand under it.
#[derive(Debug, Default)]
struct Level {
    bytes: Vec<u8>,
    /// Why claims under it are rejected.
    status: Option<Status>,
    /// The level above it is not the one that is open: what that says is not known any more.
    is_astray: bool,
}

impl Level {
    /// No level is open.
    fn clear(&mut self) {
        self.bytes.clear();
        (self.status, self.is_astray) = (None, false);
    }
}

/// What is wrong with the envelopes that are open.
#[derive(Debug, Default)]
struct Refusals {
    interchange: Option<InterchangeNote>,
    group: Vec<GroupError>,
    set: Vec<SetError>,
}

impl Answering {
    /// Answers with an acknowledger that has taken nothing yet.
    #[must_use]
    pub fn new(acknowledger: Acknowledger) -> Self {
        Self {
            acknowledger,
            failure: None,
            interchange: InterchangeIdentity::default(),
            delimiters: None,
            group: Vec::new(),
            numbers: None,
            unit: Vec::new(),
            unit_kind: None,
            provider: Level::default(),
            subscriber: Level::default(),
            patient: Level::default(),
            is_lost: false,
            told_provider: None,
            status: None,
            refusals: Refusals::default(),
        }
    }

    /// Everything is read: the answers are written, and have no names yet.
    ///
    /// # Errors
    ///
    /// An answer that could not be written.
    pub fn finish(self) -> Result<Answers, AckError> {
        match self.failure {
            Some(failure) => Err(failure),
            None => self.acknowledger.finish(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        if self.failure.is_none() {
            self.failure = self.acknowledger.take(event).err();
        }
    }

    /// Tells of a finding; the first one of a level is why the claims under it are rejected.
    fn tell(&mut self, finding: Finding<'_>) {
        if finding.claim.is_none() {
            self.status.get_or_insert_with(|| Status::of(&finding));
        }
        self.take(Event::Finding(finding));
    }

    fn header(&mut self) {
        let Some(delimiters) = self.delimiters else {
            return;
        };
        let bytes = mem::take(&mut self.unit);
        let unit = Unit::new(&bytes, delimiters);
        self.take(Event::SetHeader(SetHeader {
            reference: unit.element(b"BHT", 3),
            submitter: unit.name(b"41"),
            receiver: unit.name(b"40"),
        }));
        self.unit = bytes;
    }

    /// Tells of the billing provider of the next claim, where it is another one than before.
    fn billing_provider(&mut self, delimiters: Delimiters) {
        let is_open = !(self.subscriber.is_astray || self.patient.is_astray || self.is_lost);
        if self.told_provider.replace(is_open) == Some(is_open) {
            return;
        }
        let bytes = mem::take(&mut self.provider.bytes);
        let unit = Unit::new(if is_open { &bytes } else { b"" }, delimiters);
        self.take(Event::BillingProvider(BillingProvider {
            name: unit.name(b"85"),
            tax_id: unit.reference(&[b"EI", b"SY"]),
        }));
        self.provider.bytes = bytes;
    }

    /// The names in the levels of the next claim; empty where they are not known.
    fn patient<'l>(
        &self,
        subscriber: &'l [u8],
        patient: &'l [u8],
        delimiters: Delimiters,
    ) -> Party<'l> {
        if self.is_lost {
            return Party::default();
        }
        let insured = match self.patient.is_astray {
            true => Party::default(),
            false => Unit::new(subscriber, delimiters).name(b"IL"),
        };
        match patient.is_empty() {
            true => insured,
            false => Party {
                id: insured.id,
                ..Unit::new(patient, delimiters).name(b"QC")
            },
        }
    }

    /// Why a claim is rejected that nothing was told of that a 999 has words for: for its
    /// level's sake, or because it does not balance.
    fn statuses(&self) -> Vec<Status> {
        let is_provider_open = !(self.subscriber.is_astray || self.patient.is_astray);
        let provider = self.provider.status.filter(|_| is_provider_open);
        let subscriber = self.subscriber.status.filter(|_| !self.patient.is_astray);
        let level = provider.or(subscriber).or(self.patient.status);
        level.into_iter().chain(self.status).collect()
    }
}

impl Units for Answering {
    fn begin_interchange(&mut self, header: &Header) {
        self.interchange = identity_of(header);
        self.delimiters = header.delimiters.as_ref().ok().copied();
        self.take(Event::InterchangeBegins(Interchange::from(header)));
    }

    fn begin_group(&mut self, segment: &[u8]) {
        let Some(delimiters) = self.delimiters else {
            return;
        };
        let elements = Elements::of(segment, delimiters);
        self.group = elements.get(6).into();
        self.take(Event::GroupBegins(Group {
            identifier: elements.get(1),
            sender: elements.get(2),
            receiver: elements.get(3),
            control_number: elements.get(6),
            version: elements.get(8),
        }));
    }

    fn begin_set(&mut self, [identifier, control_number, convention]: [&[u8]; 3]) {
        let numbers = ClaimControlNumbers::new(&self.interchange, &self.group, control_number);
        self.numbers = Some(numbers);
        for level in [&mut self.provider, &mut self.subscriber, &mut self.patient] {
            level.clear();
        }
        (self.is_lost, self.told_provider) = (false, None);
        self.status = None;
        self.unit_kind = None;
        self.take(Event::SetBegins(Set {
            identifier,
            control_number,
            convention,
        }));
    }

    fn finding(&mut self, reported: &Reported<'_>) {
        if let Some(finding) = finding::of_reported(reported) {
            self.tell(finding);
        } else if finding::is_of_balance(reported.finding.problem) {
            self.status.get_or_insert(Status::OUT_OF_BALANCE);
        }
    }

    fn fault(&mut self, issue: &Issue) {
        let words = issue.acknowledgement.unwrap_or_default();
        self.is_lost |= issue.code == "claim-under-lost-level";
        match Refusal::from_words(words).or_else(|| finding::forgiven(issue.code)) {
            Some(Refusal::Interchange(note)) => {
                self.refusals.interchange.get_or_insert(note);
            }
            Some(Refusal::Group(error)) => self.refusals.group.push(error),
            Some(Refusal::Set(error)) => self.refusals.set.push(error),
            None if issue.severity == Severity::Error => {
                let claim = self
                    .delimiters
                    .filter(|_| self.unit_kind == Some(UnitKind::Claim));
                let bytes = mem::take(&mut self.unit);
                let number =
                    claim.map(|delimiters| Unit::new(&bytes, delimiters).element(b"CLM", 1));
                let found = finding::of_issue(issue, number.filter(|number| !number.is_empty()));
                if let Some(finding) = found {
                    self.tell(finding);
                }
                self.unit = bytes;
            }
            None => {}
        }
    }

    fn unit(&mut self, kind: UnitKind, bytes: &[u8]) {
        self.unit.clear();
        if let Some(delimiters) = self.delimiters {
            push_unbroken(&mut self.unit, bytes, delimiters);
        }
        self.unit_kind = Some(kind);
        self.status = None;
        if kind == UnitKind::Header {
            self.header();
        }
    }

    fn level(&mut self, kind: LevelKind, is_under_open: bool) {
        let status = self.status.take();
        self.is_lost = false;
        let level = match kind {
            LevelKind::BillingProvider => {
                self.subscriber.clear();
                self.patient.clear();
                self.told_provider = None;
                &mut self.provider
            }
            LevelKind::Subscriber => {
                self.patient.clear();
                &mut self.subscriber
            }
            LevelKind::Patient => &mut self.patient,
            LevelKind::Other => {
                // No claim stands under such a level; whose it would be is not known.
                self.is_lost = true;
                return;
            }
        };
        mem::swap(&mut level.bytes, &mut self.unit);
        (level.status, level.is_astray) = (status, !is_under_open);
    }

    fn claim(&mut self, claim: HeardClaim) {
        let Some((delimiters, numbers)) = self.delimiters.zip(self.numbers.as_ref()) else {
            return;
        };
        let control_number = numbers.of(claim.ordinal);
        self.billing_provider(delimiters);
        let statuses = self.statuses();
        let levels = [&mut self.subscriber, &mut self.patient];
        let [subscriber, patient] = levels.map(|level| mem::take(&mut level.bytes));
        let bytes = mem::take(&mut self.unit);
        let facts = Unit::new(&bytes, delimiters).claim();
        self.take(Event::Claim(Claim {
            patient_control_number: facts.patient_control_number,
            charge: facts.charge,
            patient: self.patient(&subscriber, &patient, delimiters),
            dates: facts.dates,
            trace_number: facts.trace_number,
            fate: match claim.is_rejected {
                true => ClaimFate::Rejected(&statuses),
                false => ClaimFate::Accepted(control_number),
            },
        }));
        (self.subscriber.bytes, self.patient.bytes, self.unit) = (subscriber, patient, bytes);
    }

    fn reject_last_claim(&mut self) {
        self.take(Event::LastClaimRejected(Status::IN_ERROR));
    }

    fn end_set(&mut self, is_refused: bool) {
        let errors = mem::take(&mut self.refusals.set);
        self.take(Event::SetEnds(match (is_refused, &errors[..]) {
            (true, errors) => SetFate::Refused(errors),
            (false, []) => SetFate::Accepted,
            (false, errors) => SetFate::AcceptedWithErrors(errors),
        }));
    }

    fn end_group(&mut self, included_count: Option<u64>, is_refused: bool) {
        let errors = mem::take(&mut self.refusals.group);
        let (refused, noted) = match is_refused {
            true => (&errors[..], &[][..]),
            false => (&[][..], &errors[..]),
        };
        self.take(Event::GroupEnds(GroupEnd {
            included_count,
            refused,
            noted,
        }));
    }

    fn end_interchange(&mut self, is_refused: bool) {
        let note = self.refusals.interchange.take();
        self.refusals = Refusals::default();
        self.take(Event::InterchangeEnds(match (is_refused, note) {
            (true, note) => {
                InterchangeFate::Refused(note.unwrap_or(InterchangeNote::StructureInvalid))
            }
            (false, Some(note)) => InterchangeFate::AcceptedWithErrors(note),
            (false, None) => InterchangeFate::Accepted,
        }));
    }
}
