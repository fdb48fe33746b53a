//! Claims as rows of bytes, with all that is needed to make them claims of a batch again.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use crate::claim::{Cents, DateOfService, InterchangeIdentity, Units};
use crate::policy::Role;
use crate::timeline::{Batch, Claim, Frequency, Service, ServiceLine, TimelineKey, TransactionSet};

/// A string of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(deserializer).map(Self)
    }
}

/// A date, as its number.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Day(i32);

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce())
    }
}

impl Day {
    fn date(self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(self.0)
    }
}

/// A transaction set, before its first claim.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct SetRow<'a> {
    file: &'a str,
    input: u32,
    first_segment: u64,
    #[serde(borrow)]
    interchange: [Bytes<'a>; 5],
    group: Bytes<'a>,
    control_number: Bytes<'a>,
    billing_date: Option<Day>,
    is_test: bool,
    is_encounter: bool,
}

/// A claim with its lines.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct ClaimRow<'a> {
    ordinal: u32,
    #[serde(borrow)]
    timeline: Option<TimelineRow<'a>>,
    member: Bytes<'a>,
    billing_provider: Bytes<'a>,
    patient_control_number: Bytes<'a>,
    original_reference: Bytes<'a>,
    frequency: Frequency,
    other_payer: bool,
    member_identified: bool,
    offset_bytes: u64,
    /// GS04 of its transaction set, for those who have no more of that.
    billing_date: Option<Day>,
    lines: Vec<LineRow<'a>>,
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct TimelineRow<'a> {
    plan: u16,
    is_test: bool,
    #[serde(borrow)]
    member: Bytes<'a>,
}

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct LineRow<'a> {
    line_number: u32,
    charge_cents: i64,
    first_day: Option<Day>,
    last_day: Option<Day>,
    #[serde(borrow)]
    procedure: Bytes<'a>,
    modifiers: Bytes<'a>,
    modifier_set: Bytes<'a>,
    diagnoses: Bytes<'a>,
    units: Units,
    role: Option<Role>,
    is_code_dated: bool,
    beside_other_guided: bool,
    rendering_provider: Bytes<'a>,
    line_control_number: Bytes<'a>,
}

impl<'a> SetRow<'a> {
    pub(super) fn of(set: &'a TransactionSet) -> Self {
        let InterchangeIdentity {
            sender,
            receiver,
            date,
            time,
            control_number,
        } = &*set.interchange;
        Self {
            file: &set.file,
            input: set.input,
            first_segment: set.first_segment,
            interchange: [sender, receiver, date, time, control_number].map(|text| Bytes(text)),
            group: Bytes(&set.group),
            control_number: Bytes(&set.control_number),
            billing_date: set.billing_date.map(Day::from),
            is_test: set.is_test,
            is_encounter: set.is_encounter,
        }
    }

    /// The transaction set, sharing what it can with the one before.
    pub(super) fn set(&self, before: Option<&TransactionSet>) -> TransactionSet {
        let [sender, receiver, date, time, control_number] = self.interchange;
        let interchange = InterchangeIdentity {
            sender: sender.0.into(),
            receiver: receiver.0.into(),
            date: date.0.into(),
            time: time.0.into(),
            control_number: control_number.0.into(),
        };
        let same_file = before.filter(|before| *before.file == *self.file);
        let same_interchange = before.filter(|before| *before.interchange == interchange);
        TransactionSet {
            file: same_file.map_or_else(|| self.file.into(), |before| Arc::clone(&before.file)),
            input: self.input,
            first_segment: self.first_segment,
            interchange: match same_interchange {
                Some(before) => Arc::clone(&before.interchange),
                None => Arc::new(interchange),
            },
            group: self.group.0.into(),
            control_number: self.control_number.0.into(),
            billing_date: self.billing_date.and_then(Day::date),
            is_test: self.is_test,
            is_encounter: self.is_encounter,
        }
    }
}

impl<'a> ClaimRow<'a> {
    /// A claim of a batch, by its index.
    pub(super) fn of(batch: &'a Batch, index: u32) -> Self {
        let claim = &batch.claims[index as usize];
        let string = |symbol| Bytes(batch.symbols.bytes(symbol));
        let lines = &batch.lines[batch.lines_of(claim)];
        let set = batch.transaction_set_of(claim);
        Self {
            ordinal: claim.ordinal,
            timeline: batch.timeline_of(claim).map(|timeline| TimelineRow {
                plan: timeline.plan,
                is_test: timeline.is_test,
                member: string(timeline.member),
            }),
            member: string(claim.member),
            billing_provider: string(claim.billing_provider),
            patient_control_number: Bytes(batch.text(claim.patient_control_number)),
            original_reference: Bytes(batch.text(claim.original_reference)),
            frequency: claim.frequency,
            other_payer: claim.other_payer,
            member_identified: claim.member_identified,
            offset_bytes: batch.offset_bytes_of(index).unwrap_or_default(),
            billing_date: set.billing_date.map(Day::from),
            lines: lines.iter().map(|line| LineRow::of(batch, line)).collect(),
        }
    }

    pub(super) fn billing_date(&self) -> Option<NaiveDate> {
        self.billing_date.and_then(Day::date)
    }

    /// Adds the claim to a batch, as one of the transaction set of that index.
    pub(super) fn add_to(&self, batch: &mut Batch, transaction_set: u32) {
        let index = batch.claims.len() as u32;
        let first_line = batch.lines.len() as u32;
        for line in &self.lines {
            let line = line.line(batch, index);
            batch.lines.push(line);
        }
        let timeline = self.timeline.as_ref().map(|timeline| {
            let member = batch.symbols.intern(timeline.member.0);
            batch.timeline(TimelineKey {
                plan: timeline.plan,
                is_test: timeline.is_test,
                member,
            })
        });
        let claim = Claim {
            transaction_set,
            ordinal: self.ordinal,
            timeline,
            member: batch.symbols.intern(self.member.0),
            billing_provider: batch.symbols.intern(self.billing_provider.0),
            patient_control_number: batch.keep_text(self.patient_control_number.0),
            original_reference: batch.keep_text(self.original_reference.0),
            first_line,
            line_count: self.lines.len() as u32,
            frequency: self.frequency,
            other_payer: self.other_payer,
            member_identified: self.member_identified,
        };
        batch.add_claim(claim, self.offset_bytes);
    }
}

impl<'a> LineRow<'a> {
    fn of(batch: &'a Batch, line: &ServiceLine) -> Self {
        let string = |symbol| Bytes(batch.symbols.bytes(symbol));
        let service = batch.service_of(line);
        let last = line.service_date.as_range().map(|(_, last)| last);
        Self {
            line_number: line.line_number,
            charge_cents: line.charge.0,
            first_day: line.service_date.date().map(Day::from),
            last_day: last.map(Day::from),
            procedure: string(service.procedure),
            modifiers: string(service.modifiers),
            modifier_set: string(service.modifier_set),
            diagnoses: string(service.diagnoses),
            units: service.units,
            role: service.role,
            is_code_dated: service.is_code_dated,
            beside_other_guided: service.beside_other_guided,
            rendering_provider: string(line.rendering_provider),
            line_control_number: Bytes(batch.text(line.line_control_number)),
        }
    }

    fn line(&self, batch: &mut Batch, claim: u32) -> ServiceLine {
        let first = self.first_day.and_then(Day::date);
        let last = self.last_day.and_then(Day::date);
        let service = Service {
            procedure: batch.symbols.intern(self.procedure.0),
            modifiers: batch.symbols.intern(self.modifiers.0),
            modifier_set: batch.symbols.intern(self.modifier_set.0),
            diagnoses: batch.symbols.intern(self.diagnoses.0),
            units: self.units,
            role: self.role,
            is_code_dated: self.is_code_dated,
            beside_other_guided: self.beside_other_guided,
        };
        ServiceLine {
            charge: Cents(self.charge_cents),
            claim,
            line_number: self.line_number,
            service_date: match (first, last) {
                (None, _) => DateOfService::INVALID,
                (Some(first), None) => DateOfService::day(first),
                (Some(first), Some(last)) => DateOfService::range(first, last),
            },
            service: batch.keep_service(service),
            rendering_provider: batch.symbols.intern(self.rendering_provider.0),
            line_control_number: batch.keep_text(self.line_control_number.0),
        }
    }
}
