//! 277CA (005010X214): what became of each claim of a transaction set.
//!
//! Totals stand before the claims that they are of, so claims wait: those of the open billing
//! provider in one spool, those of the providers before in another.

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
use crate::compose::Segment;
use crate::compose::length;

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
    /// What stands behind its status whatever that is.
    rest: Vec<Segment>,
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
        self.begin_patient(claim)?;
        let number = claim.patient_control_number;
        let trace = Segment::new("TRN").code("2");
        self.of_provider
            .push(trace.first_of(&[number, b"0"], length(1, 50)))?;
        let mark = self.of_provider.mark();
        let cents = claim.charge.map_or(0, |charge| i128::from(charge.0));
        let rest = self.rest_of_claim(claim);
        self.last = None;
        match claim.fate {
            ClaimFate::Accepted(number) => {
                self.status(Status::ACCEPTED, cents)?;
                let reference = Segment::new("REF").code("1K").code(number.as_str());
                self.of_provider.push(reference)?;
                self.totals.add(true, cents);
                self.provider_totals.add(true, cents);
                for segment in &rest {
                    self.of_provider.push(segment.clone())?;
                }
                self.last = Some(LastClaim { mark, cents, rest });
            }
            ClaimFate::Rejected(_) => {
                self.totals.add(false, cents);
                self.provider_totals.add(false, cents);
                self.rejected(statuses, cents, rest)?;
            }
        }
        Ok(())
    }

    /// The claim that came last is rejected after all. Says whether that changes anything.
    pub(super) fn reject_last(&mut self, status: Status) -> Result<bool, AckError> {
        let Some(last) = self.last.take() else {
            return Ok(false);
        };
        self.of_provider.go_back(last.mark)?;
        self.totals.reject(last.cents);
        self.provider_totals.reject(last.cents);
        self.rejected(&[status], last.cents, last.rest)?;
        Ok(true)
    }

    fn rejected(
        &mut self,
        statuses: &[Status],
        cents: i128,
        rest: Vec<Segment>,
    ) -> Result<(), AckError> {
        for status in statuses {
            self.status(*status, cents)?;
        }
        for segment in rest {
            self.of_provider.push(segment)?;
        }
        Ok(())
    }

    /// The levels of the provider and of the patient, where the claim begins them.
    fn begin_patient(&mut self, claim: &Claim<'_>) -> Result<(), AckError> {
        let provider = match self.provider_level {
            Some(level) => level,
            None => {
                self.levels += 1;
                self.patient.clear();
                *self.provider_level.insert(self.levels)
            }
        };
        let patient = names::patient(&claim.patient);
        if patient == self.patient {
            return Ok(());
        }
        self.levels += 1;
        let level = Segment::new("HL").number(self.levels).number(provider);
        self.of_provider.push(level.code("PT"))?;
        self.of_provider.push_ended(&patient)?;
        self.patient = patient;
        Ok(())
    }

    /// STC of a claim.
    fn status(&mut self, status: Status, cents: i128) -> Result<(), AckError> {
        let is_accepted = status.category == Category::Accepted;
        self.of_provider.push(
            Segment::new("STC")
                .code(status.to_string())
                .code(&self.date)
                .code(if is_accepted { "WQ" } else { "U" })
                .amount(cents),
        )
    }

    /// What stands behind the status of a claim: the clearinghouse's number and the dates.
    fn rest_of_claim(&self, claim: &Claim<'_>) -> Vec<Segment> {
        let mut rest = Vec::with_capacity(2);
        if !claim.trace_number.trim_ascii().is_empty() {
            let reference = Segment::new("REF").code("D9");
            rest.push(reference.text(claim.trace_number, length(1, 50)));
        }
        rest.push(self.service_dates(claim.dates));
        rest
    }

    /// DTP*472, which the guide requires: the date of the answer where there is none.
    fn service_dates(&self, dates: Option<(NaiveDate, NaiveDate)>) -> Segment {
        let is_told = |date: &NaiveDate| (1800..=9999).contains(&date.year());
        let dates = dates.filter(|(from, to)| is_told(from) && is_told(to));
        let text =
            |date: NaiveDate| format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
        let dtp = Segment::new("DTP").code("472");
        match dates.map(|(one, other)| (one.min(other), one.max(other))) {
            None => dtp.code("D8").code(&self.date),
            Some((from, to)) if from == to => dtp.code("D8").code(text(from)),
            Some((from, to)) => dtp.code("RD8").code([text(from), text(to)].join("-")),
        }
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
