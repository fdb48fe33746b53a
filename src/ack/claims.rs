//! 277CA (005010X214): what became of each claim of a transaction set.
//!
//! Totals stand before the claims that they are of, so claims wait: those of the open billing
//! provider in one spool, those of the providers before in another.

use std::mem;

use chrono::{Datelike, NaiveDate};

use super::codes::Category;
use super::document::Document;
use super::envelope::Numbers;
use super::error::AckError;
use super::event::{BillingProvider, Claim, ClaimFate, Set, SetHeader};
use super::folder::Staging;
use super::names::{self, SetNames};
use super::spool::{Spool, SpoolMark};
use super::status::Status;
use super::totals::{OF_PROVIDER, OF_SET, Totals};
use crate::compose::{Segment, length};

/// The claims of a transaction set, as they wait for its end.
#[derive(Debug)]
pub(super) struct ClaimAnswers {
    /// Claims of the open billing provider.
    of_provider: Spool,
    /// Billing providers before it, with their claims.
    of_set: Spool,
    /// The date of whatever is decided, `CCYYMMDD`.
    date: String,
    names: SetNames,
    /// Levels so far; HL01 counts them.
    levels: u64,
    /// 2100C NM1 of the provider of the claims to come.
    provider: Vec<u8>,
    /// HL01 of that provider, once it has a claim.
    provider_level: Option<u64>,
    /// 2100D NM1 of the claim before.
    patient: Vec<u8>,
    /// Room for that of the next claim.
    next_patient: Vec<u8>,
    /// What is told of the claim that came last.
    parts: Parts,
    totals: Totals,
    provider_totals: Totals,
    last: Option<LastClaim>,
}

/// The claim that came last, if it is accepted.
#[derive(Debug)]
struct LastClaim {
    /// Before its status.
    mark: SpoolMark,
    cents: i128,
    /// Where in its parts that stands which is told whatever its status is.
    behind_status: SpoolMark,
}

/// Segments with their terminators, in room that one claim after the other uses.
#[derive(Debug, Default)]
struct Parts {
    bytes: Vec<u8>,
    segments: u64,
}

impl Parts {
    fn clear(&mut self) {
        self.bytes.clear();
        self.segments = 0;
    }

    /// Begins a segment, which whoever asks for it must end.
    fn add(&mut self, id: &str) -> Segment<&mut Vec<u8>> {
        self.segments += 1;
        Segment::behind(&mut self.bytes, id)
    }

    /// Adds a segment that has its terminator.
    fn add_ended(&mut self, segment: &[u8]) {
        self.segments += 1;
        self.bytes.extend_from_slice(segment);
    }

    /// Here.
    fn mark(&self) -> SpoolMark {
        SpoolMark::new(self.bytes.len() as u64, self.segments)
    }

    /// What stands behind a mark, on its own.
    fn take_behind(&mut self, mark: SpoolMark) -> Self {
        Self {
            bytes: self.bytes.split_off(mark.bytes() as usize),
            segments: self.segments - mark.segments(),
        }
    }
}

/// The levels of payer and submitter, which are there before any claim.
const LEVELS_ABOVE: u64 = 2;

impl ClaimAnswers {
    pub(super) fn new(staging: &Staging) -> Self {
        Self {
            of_provider: Spool::new(staging),
            of_set: Spool::new(staging),
            date: String::new(),
            names: SetNames::default(),
            levels: LEVELS_ABOVE,
            provider: Vec::new(),
            provider_level: None,
            patient: Vec::new(),
            next_patient: Vec::new(),
            parts: Parts::default(),
            totals: Totals::default(),
            provider_totals: Totals::default(),
            last: None,
        }
    }

    /// A transaction set begins. What waits of another one is forgotten.
    pub(super) fn begin(
        &mut self,
        set: &Set<'_>,
        names: SetNames,
        date: &str,
    ) -> Result<(), AckError> {
        self.of_provider.clear()?;
        self.of_set.clear()?;
        date.clone_into(&mut self.date);
        self.names = names;
        self.names.set_reference(set.control_number);
        self.levels = LEVELS_ABOVE;
        self.provider = names::billing_provider(&BillingProvider::default());
        self.provider_level = None;
        self.patient.clear();
        self.totals = Totals::default();
        self.provider_totals = Totals::default();
        self.last = None;
        Ok(())
    }

    /// What the header of the transaction set says.
    pub(super) fn header(&mut self, header: &SetHeader<'_>) {
        self.names.set_header(header);
    }

    /// The billing provider of the claims that follow.
    pub(super) fn billing_provider(
        &mut self,
        provider: &BillingProvider<'_>,
    ) -> Result<(), AckError> {
        self.end_provider()?;
        self.provider = names::billing_provider(provider);
        Ok(())
    }

    /// A claim; `statuses` are those of a rejected one.
    pub(super) fn claim(&mut self, claim: &Claim<'_>, statuses: &[Status]) -> Result<(), AckError> {
        self.last = None;
        self.parts.clear();
        self.begin_patient(claim);
        let number = claim.patient_control_number;
        let trace = self.parts.add("TRN").code("2");
        trace.first_of(&[number, b"0"], length(1, 50)).end();
        let before_status = self.parts.mark();
        let cents = claim.charge.map_or(0, |charge| i128::from(charge.0));
        let is_accepted = match claim.fate {
            ClaimFate::Accepted(number) => {
                self.add_status(Status::ACCEPTED, cents);
                let reference = self.parts.add("REF").code("1K");
                reference.code(number.as_str()).end();
                true
            }
            ClaimFate::Rejected(_) => {
                for status in statuses {
                    self.add_status(*status, cents);
                }
                false
            }
        };
        self.totals.add(is_accepted, cents);
        self.provider_totals.add(is_accepted, cents);
        let behind_status = self.parts.mark();
        self.add_rest_of_claim(claim);
        if is_accepted {
            let mark = self.of_provider.mark().behind(before_status);
            self.last = Some(LastClaim {
                mark,
                cents,
                behind_status,
            });
        }
        let Parts { bytes, segments } = &self.parts;
        self.of_provider.push_all(bytes, *segments)
    }

    /// The claim that came last is rejected after all. Says whether that changes anything.
    pub(super) fn reject_last(&mut self, status: Status) -> Result<bool, AckError> {
        let Some(last) = self.last.take() else {
            return Ok(false);
        };
        self.of_provider.go_back(last.mark)?;
        self.totals.reject(last.cents);
        self.provider_totals.reject(last.cents);
        let rest = self.parts.take_behind(last.behind_status);
        self.parts.clear();
        self.add_status(status, last.cents);
        for Parts { bytes, segments } in [&self.parts, &rest] {
            self.of_provider.push_all(bytes, *segments)?;
        }
        Ok(true)
    }

    /// The levels of the provider and of the patient, where the claim begins them.
    fn begin_patient(&mut self, claim: &Claim<'_>) {
        let provider = match self.provider_level {
            Some(level) => level,
            None => {
                self.levels += 1;
                self.patient.clear();
                *self.provider_level.insert(self.levels)
            }
        };
        self.next_patient.clear();
        names::push_patient(&mut self.next_patient, &claim.patient);
        if self.next_patient == self.patient {
            return;
        }
        mem::swap(&mut self.patient, &mut self.next_patient);
        self.levels += 1;
        let level = self.parts.add("HL").number(self.levels).number(provider);
        level.code("PT").end();
        self.parts.add_ended(&self.patient);
    }

    /// STC of a claim.
    fn add_status(&mut self, status: Status, cents: i128) {
        let is_accepted = status.category == Category::Accepted;
        let stc = self.parts.add("STC").code(status.category.code());
        let stc = stc.component(itoa::Buffer::new().format(status.code));
        let stc = match status.entity {
            Some(entity) => stc.component(entity.code()),
            None => stc,
        };
        stc.code(&self.date)
            .code(if is_accepted { "WQ" } else { "U" })
            .amount(cents)
            .end();
    }

    /// What stands behind the status of a claim: the clearinghouse's number and the dates.
    fn add_rest_of_claim(&mut self, claim: &Claim<'_>) {
        if !claim.trace_number.trim_ascii().is_empty() {
            let reference = self.parts.add("REF").code("D9");
            reference.text(claim.trace_number, length(1, 50)).end();
        }
        self.add_service_dates(claim.dates);
    }

    /// DTP*472, which the guide requires: the date of the answer where there is none.
    fn add_service_dates(&mut self, dates: Option<(NaiveDate, NaiveDate)>) {
        let is_told = |date: &NaiveDate| (1800..=9999).contains(&date.year());
        let dates = dates.filter(|(from, to)| is_told(from) && is_told(to));
        // Years of four digits, so that eight are written.
        let number =
            |date: NaiveDate| date.year().unsigned_abs() * 10_000 + date.month() * 100 + date.day();
        let dtp = self.parts.add("DTP").code("472");
        let mut digits = itoa::Buffer::new();
        let dtp = match dates.map(|(one, other)| (one.min(other), one.max(other))) {
            None => dtp.code("D8").code(&self.date),
            Some((from, to)) if from == to => dtp.code("D8").code(digits.format(number(from))),
            Some((from, to)) => {
                let range = [number(from).to_string(), number(to).to_string()];
                dtp.code("RD8").code(range.join("-"))
            }
        };
        dtp.end();
    }

    /// The provider's claims have ended: what is told of the provider, then those.
    fn end_provider(&mut self) -> Result<(), AckError> {
        self.last = None;
        self.patient.clear();
        let Some(level) = self.provider_level.take() else {
            return Ok(());
        };
        let totals = std::mem::take(&mut self.provider_totals);
        let head = Segment::new("HL").number(level).number(LEVELS_ABOVE);
        self.of_set.push(head.code("19").code("1"))?;
        self.of_set.push_ended(&self.provider)?;
        // The 837P has no number at this level that could be given back.
        self.of_set.push(Segment::new("TRN").code("1").code("0"))?;
        let received = Segment::new("STC").composite(&["A1", "19", "PR"]);
        self.of_set
            .push(received.skip(1).code("WQ").amount(totals.cents()))?;
        for segment in totals.segments(OF_PROVIDER) {
            self.of_set.push(segment)?;
        }
        self.of_provider.drain_to(&mut self.of_set)
    }

    /// Whether there is a claim to tell of.
    pub(super) fn has_claims(&self) -> bool {
        self.totals.claims() > 0
    }

    /// Writes the transaction set, which has ended and is accepted.
    pub(super) fn write(
        &mut self,
        document: &mut Document,
        numbers: &mut Numbers,
        time: &str,
    ) -> Result<(), AckError> {
        self.end_provider()?;
        document.begin_set(numbers)?;
        let trace = document.trace();
        let date = self.date.clone();
        let header = Segment::new("BHT").code("0085").code("08").code(&trace);
        document.segment(header.code(&date).code(time).code("TH"))?;
        document.segment(Segment::new("HL").code("1").skip(1).code("20").code("1"))?;
        document.ended_segment(self.names.payer())?;
        document.segment(Segment::new("TRN").code("1").code(&trace))?;
        for qualifier in ["050", "009"] {
            let dtp = Segment::new("DTP").code(qualifier).code("D8");
            document.segment(dtp.code(&date))?;
        }
        document.segment(Segment::new("HL").code("2").code("1").code("21").code("1"))?;
        document.ended_segment(self.names.submitter())?;
        document.ended_segment(self.names.reference())?;
        let received = Segment::new("STC").composite(&["A1", "19", "PR"]);
        let received = received.code(&date).code("WQ");
        document.segment(received.amount(self.totals.cents()))?;
        for segment in self.totals.segments(OF_SET) {
            document.segment(segment)?;
        }
        document.append(&mut self.of_set)?;
        document.end_set()
    }
}
