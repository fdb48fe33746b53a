//! Writes an 835: an interchange and a functional group for a payer, a transaction set for a
//! payee.

use std::io::{self, Write};

use chrono::{Datelike, NaiveDate};

use super::payment::{Adjustment, ClaimPayment, ClaimStatus, LinePayment, Party, Payee};
use crate::claim::Quantity;
use crate::compose::{Segment, clean, length};
use crate::policy::{Payer, is_filing_indicator};

/// GS08 and ST03 of the implementation guide.
const VERSION: &str = "005010X221A1";

/// The most REF*0K of a line.
const MOST_POLICIES: usize = 5;

/// The most characters of REF02.
const REFERENCE: usize = 50;

/// What stands in the envelope of a payer's remittances.
#[derive(Debug, Clone, Copy)]
pub struct Interchange<'a> {
    /// Who pays.
    pub payer: &'a Payer,
    /// ISA13 and GS06.
    pub control_number: u32,
    /// ISA09 and GS04.
    pub date: NaiveDate,
}

/// What stands before the claims of a payee.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// Who is paid.
    pub payee: &'a Payee,
    /// BPR04: `ACH`, `CHK` or `NON`.
    pub method: &'a str,
    /// BPR16.
    pub payment_date: NaiveDate,
    /// TRN02.
    pub trace_number: &'a str,
    /// What it comes to.
    pub totals: Totals,
}

/// What a transaction set comes to, in whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The sum of CLP04.
    pub claims: i128,
    /// What the payee owed from earlier remittances.
    pub owed_before: i128,
}

impl Totals {
    /// BPR02: what is left for the payee, nothing if that is below zero.
    #[must_use]
    pub fn payment(self) -> i128 {
        (self.claims - self.owed_before).max(0)
    }

    /// What the payee owes from now on.
    #[must_use]
    pub fn owed_after(self) -> i128 {
        (self.owed_before - self.claims).max(0)
    }
}

/// Writes one interchange after the other.
#[derive(Debug)]
pub struct RemittanceWriter<W> {
    out: W,
    /// In the transaction set that is open.
    segments: u64,
    /// In the functional group that is open.
    sets: u64,
}

impl<W: Write> RemittanceWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            segments: 0,
            sets: 0,
        }
    }

    /// Begins a payer's interchange and its functional group.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with, here and below.
    pub fn begin_interchange(&mut self, interchange: Interchange<'_>) -> io::Result<()> {
        let Interchange { payer, date, .. } = interchange;
        let receiver = clean(payer.receiver_id.as_bytes(), length(2, 15));
        let day = day(date);
        self.sets = 0;
        self.put(
            Segment::new("ISA")
                .code("00")
                .code("          ")
                .code("00")
                .code("          ")
                .code("30")
                .code(format!("{:15}", payer.tax_id))
                .code("ZZ")
                .code(format!("{:15}", String::from_utf8_lossy(&receiver)))
                .code(&day[2..])
                .code("0000")
                .code("^")
                .code("00501")
                .code(format!("{:09}", interchange.control_number))
                .code("0")
                .code("P")
                .code(":"),
        )?;
        self.put(
            Segment::new("GS")
                .code("HP")
                .code(&payer.tax_id)
                .code(&receiver)
                .code(&day)
                .code("0000")
                .number(interchange.control_number.into())
                .code("X")
                .code(VERSION),
        )
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// See [`RemittanceWriter::begin_interchange`].
    pub fn end_interchange(&mut self, control_number: u32) -> io::Result<()> {
        let sets = self.sets;
        self.put(
            Segment::new("GE")
                .number(sets)
                .number(control_number.into()),
        )?;
        self.put(
            Segment::new("IEA")
                .code("1")
                .code(format!("{control_number:09}")),
        )
    }

    /// Begins a transaction set: who pays whom how much.
    ///
    /// # Errors
    ///
    /// See [`RemittanceWriter::begin_interchange`].
    pub fn begin_set(&mut self, payer: &Payer, head: Head<'_>) -> io::Result<()> {
        self.sets += 1;
        self.segments = 0;
        let number = format!("{:04}", self.sets);
        self.put(Segment::new("ST").code("835").code(number))?;
        self.put(payment_segment(payer, head))?;
        self.put(
            Segment::new("TRN")
                .code("1")
                .text(head.trace_number.as_bytes(), length(1, 50))
                .code(format!("1{}", payer.tax_id)),
        )?;
        self.put(Segment::new("DTM").code("405").code(day(head.payment_date)))?;
        self.payer(payer)?;
        self.payee(head.payee)?;
        self.put(Segment::new("LX").code("1"))
    }

    fn payer(&mut self, payer: &Payer) -> io::Result<()> {
        self.put(
            Segment::new("N1")
                .code("PR")
                .text(payer.name.as_bytes(), length(1, 60)),
        )?;
        self.put(Segment::new("N3").text(payer.address.as_bytes(), length(1, 55)))?;
        self.put(
            Segment::new("N4")
                .text(payer.city.as_bytes(), length(2, 30))
                .text(payer.state.as_bytes(), length(2, 2))
                .code(&payer.zip),
        )?;
        self.put(
            Segment::new("PER")
                .code("BL")
                .skip(1)
                .code("TE")
                .code(&payer.phone),
        )
    }

    fn payee(&mut self, payee: &Payee) -> io::Result<()> {
        let (qualifier, id) = match payee.npi.is_empty() {
            false => ("XX", &payee.npi),
            true => ("FI", &payee.tax_id),
        };
        self.put(
            Segment::new("N1")
                .code("PE")
                .first_of(&[payee.name.as_bytes(), id.as_bytes()], length(1, 60))
                .code(qualifier)
                .text(id.as_bytes(), length(2, 80)),
        )?;
        if !payee.address.is_empty() {
            self.put(Segment::new("N3").text(payee.address.as_bytes(), length(1, 55)))?;
        }
        if !payee.city.is_empty() {
            self.put(
                Segment::new("N4")
                    .text(payee.city.as_bytes(), length(2, 30))
                    .text(payee.state.as_bytes(), length(2, 2))
                    .text(payee.zip.as_bytes(), length(3, 15)),
            )?;
        }
        if !payee.npi.is_empty() && !payee.tax_id.is_empty() {
            let reference = Segment::new("REF").code("TJ");
            self.put(reference.text(payee.tax_id.as_bytes(), length(1, REFERENCE)))?;
        }
        Ok(())
    }

    /// Writes a claim with its lines.
    ///
    /// # Errors
    ///
    /// See [`RemittanceWriter::begin_interchange`].
    pub fn claim(&mut self, payer: &Payer, claim: &ClaimPayment) -> io::Result<()> {
        let own = Some(&*claim.filing_indicator).filter(|code| is_filing_indicator(code));
        // In a reversal it stays out.
        let owed = Some(claim.patient_responsibility());
        let owed = owed.filter(|owed| *owed != 0 && claim.status != ClaimStatus::Reversal);
        self.put(
            Segment::new("CLP")
                .first_of(
                    &[claim.patient_control_number.as_bytes(), b"0"],
                    length(1, 38),
                )
                .code(claim.status.code())
                .amount(claim.charge())
                .amount(claim.paid())
                .optional_amount(owed)
                .code(own.unwrap_or(&payer.filing_indicator))
                .code(&claim.claim_control_number)
                .text(claim.facility.as_bytes(), length(1, 2))
                .text(claim.frequency.as_bytes(), length(1, 1)),
        )?;
        self.put(person("QC", &claim.patient, "MI"))?;
        if let Some(insured) = claim.insured.as_ref().filter(|one| !one.id.is_empty()) {
            self.put(person("IL", insured, "MI"))?;
        }
        if let Some(rendering) = claim.rendering.as_ref().filter(|one| !one.id.is_empty()) {
            self.put(person("82", rendering, "XX"))?;
        }
        if !claim.original_control_number.is_empty() {
            let reference = Segment::new("REF").code("F8");
            let number = claim.original_control_number.as_bytes();
            self.put(reference.text(number, length(1, REFERENCE)))?;
        }
        let dates = claim.lines.iter().filter_map(|line| line.dates);
        let first = dates.clone().map(|(first, _)| first).min();
        let last = dates.map(|(_, last)| last).max();
        if let Some((first, last)) = first.zip(last) {
            self.put(Segment::new("DTM").code("232").code(day(first)))?;
            self.put(Segment::new("DTM").code("233").code(day(last)))?;
        }
        claim.lines.iter().try_for_each(|line| {
            let is_reversal = claim.status == ClaimStatus::Reversal;
            self.line(line, is_reversal)
        })
    }

    fn line(&mut self, line: &LinePayment, is_reversal: bool) -> io::Result<()> {
        let qualifier = line.qualifier.to_ascii_uppercase();
        let mut procedure = clean(qualifier.as_bytes(), length(2, 2));
        procedure.push(b':');
        procedure.extend(clean(line.procedure.as_bytes(), length(1, 48)));
        for modifier in line.modifiers.iter().take(4) {
            procedure.push(b':');
            procedure.extend(clean(modifier.as_bytes(), length(2, 2)));
        }
        let units = |units: Option<Quantity>| units.map_or_else(String::new, |u| u.to_string());
        let is_cut = line.units_paid != line.units_billed;
        self.put(
            Segment::new("SVC")
                .code(procedure)
                .amount(line.charge.0.into())
                .amount(line.paid.0.into())
                .skip(1)
                .code(units(line.units_paid))
                .skip(1)
                .code(if is_cut {
                    units(line.units_billed)
                } else {
                    String::new()
                }),
        )?;
        match line.dates {
            Some((first, last)) if first == last => {
                self.put(Segment::new("DTM").code("472").code(day(first)))?;
            }
            Some((first, last)) => {
                self.put(Segment::new("DTM").code("150").code(day(first)))?;
                self.put(Segment::new("DTM").code("151").code(day(last)))?;
            }
            None => {}
        }
        for adjustment in &line.adjustments {
            self.put(adjustment_segment(adjustment))?;
        }
        if !line.line_control_number.is_empty() {
            let number = line.line_control_number.as_bytes();
            let reference = Segment::new("REF").code("6R");
            self.put(reference.text(number, length(1, REFERENCE)))?;
        }
        if !line.rendering_npi.is_empty() {
            let reference = Segment::new("REF").code("HPI");
            let npi = line.rendering_npi.as_bytes();
            self.put(reference.text(npi, length(1, REFERENCE)))?;
        }
        for policy in line.policies.iter().take(MOST_POLICIES) {
            let reference = Segment::new("REF").code("0K");
            self.put(reference.text(policy.as_bytes(), length(1, REFERENCE)))?;
        }
        if line.allowed.0 != 0 && !is_reversal {
            self.put(Segment::new("AMT").code("B6").amount(line.allowed.0.into()))?;
        }
        for remark in &line.remarks {
            self.put(
                Segment::new("LQ")
                    .code("HE")
                    .text(remark.as_bytes(), length(1, 30)),
            )?;
        }
        Ok(())
    }

    /// Ends a transaction set: what is carried from and to other remittances of the payee.
    /// `owed_from` is the trace number of the one that left the balance before.
    ///
    /// # Errors
    ///
    /// See [`RemittanceWriter::begin_interchange`].
    pub fn end_set(&mut self, head: Head<'_>, owed_from: &str) -> io::Result<()> {
        let Totals { owed_before, .. } = head.totals;
        let owed_after = head.totals.owed_after();
        let year_end = format!("{:04}1231", head.payment_date.year());
        if owed_before != 0 || owed_after != 0 {
            let id = head.payee.id().as_bytes();
            let mut plb = Segment::new("PLB")
                .text(id, length(1, REFERENCE))
                .code(year_end);
            let balances = [(owed_from, owed_before), (head.trace_number, -owed_after)];
            for (reference, amount) in balances.into_iter().filter(|(_, amount)| *amount != 0) {
                let mut balance = b"FB:".to_vec();
                balance.extend(clean(reference.as_bytes(), length(1, REFERENCE)));
                plb = plb.code(balance).amount(amount);
            }
            self.put(plb)?;
        }
        let (segments, number) = (self.segments + 1, format!("{:04}", self.sets));
        self.put(Segment::new("SE").number(segments).code(number))
    }

    fn put(&mut self, segment: Segment) -> io::Result<()> {
        self.segments += 1;
        self.out.write_all(&segment.end())
    }
}

/// BPR.
fn payment_segment(payer: &Payer, head: Head<'_>) -> Segment {
    let payment = head.totals.payment();
    let is_nothing = payment == 0 || head.method == "NON";
    let method = if is_nothing { "NON" } else { head.method };
    let bpr = Segment::new("BPR")
        .code(if is_nothing { "H" } else { "I" })
        .amount(payment)
        .code("C")
        .code(method);
    let bank = payer.bank.as_ref().filter(|_| method == "ACH");
    let bpr = match bank {
        Some(bank) => bpr
            .code("CCP")
            .code("01")
            .code(&bank.routing_number)
            .code("DA")
            .text(bank.account_number.as_bytes(), length(1, 35))
            .code(format!("1{}", payer.tax_id))
            .skip(5),
        None => bpr.skip(11),
    };
    bpr.code(day(head.payment_date))
}

/// NM1 of a patient, an insured or a provider.
fn person(entity: &str, party: &Party, qualifier: &str) -> Segment {
    let is_person = party.is_person || entity == "QC";
    let name = Segment::new("NM1")
        .code(entity)
        .code(if is_person { "1" } else { "2" })
        .text(party.last_name.as_bytes(), length(1, 60))
        .text(party.first_name.as_bytes(), length(1, 35))
        .text(party.middle_name.as_bytes(), length(1, 25))
        .skip(1)
        .text(party.suffix.as_bytes(), length(1, 10));
    match party.id.is_empty() {
        true => name,
        false => name
            .code(qualifier)
            .text(party.id.as_bytes(), length(2, 80)),
    }
}

fn adjustment_segment(adjustment: &Adjustment) -> Segment {
    let units = adjustment.units.map(|units| units.to_string());
    Segment::new("CAS")
        .code(&adjustment.group)
        .code(&adjustment.reason)
        .amount(adjustment.amount.0.into())
        .code(units.unwrap_or_default())
}

/// `CCYYMMDD`; a year that has not four digits cannot stand in a file, and is 9999.
fn day(date: NaiveDate) -> String {
    let year = Some(date.year()).filter(|year| (1000..=9999).contains(year));
    format!(
        "{:04}{:02}{:02}",
        year.unwrap_or(9999),
        date.month(),
        date.day()
    )
}
