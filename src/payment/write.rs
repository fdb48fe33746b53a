//! Payments as an 835, and as rows of the history.

use std::io::Write;
use std::ops::AddAssign;

use chrono::{Datelike, NaiveDate};

use super::error::PaymentError;
use super::gather::Account;
use super::paying::{PaidClaims, Paying};
use crate::history::{History, LastNumbers, Remittance, Remitted};
use crate::policy::Payer;
use crate::remit::{Head, Interchange, RemittanceWriter, Totals};

/// How many claims of a remittance are recorded at once.
const CLAIMS_AT_ONCE: usize = 4096;

/// How a run pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentTerms {
    /// BPR16.
    pub date: NaiveDate,
    /// BPR04: `ACH`, `CHK` or `NON`.
    pub method: &'static str,
    /// TRN02 of the first remittance; the others count on. Without it they count on from the
    /// history, or from the date.
    pub first_trace: Option<u64>,
}

/// What a run remitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Made {
    /// BPR16.
    pub date: Option<NaiveDate>,
    /// TRN02 of the first remittance.
    pub first_trace: Option<u64>,
    /// TRN02 of the last one.
    pub last_trace: Option<u64>,
    /// Transaction sets.
    pub remittances: u64,
    /// What became of claims.
    pub claims: PaidClaims,
    /// The sum of CLP04 above and below zero, in whole cents.
    pub paid_cents: i128,
    /// See `paid_cents`.
    pub reversed_cents: i128,
    /// The sum of BPR02, in whole cents.
    pub payment_cents: i128,
    /// What payees owed before and owe after, in whole cents.
    pub owed_before_cents: i128,
    /// See `owed_before_cents`.
    pub owed_after_cents: i128,
}

/// Where remittances are kept.
pub struct Ledger<'h> {
    /// The history.
    pub history: &'h mut dyn History,
    /// The run that remits.
    pub run: i64,
}

/// The numbers that come next.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    trace: u64,
    interchange: u32,
}

/// The highest ISA13.
const MOST_INTERCHANGES: u32 = 999_999_999;

impl Numbers {
    fn after(last: LastNumbers, terms: &PaymentTerms) -> Self {
        let date = terms.date;
        let year = u64::from(date.year().unsigned_abs());
        let day = (year * 100 + u64::from(date.month())) * 100 + u64::from(date.day());
        let of_date = day * 1_000_000;
        Self {
            trace: match terms.first_trace {
                Some(first) => first,
                None => last.trace.max(of_date) + 1,
            },
            interchange: last.interchange % MOST_INTERCHANGES + 1,
        }
    }
}

impl Paying<'_> {
    /// Whether nothing is to be paid or taken back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.gathering.accounts.is_empty()
    }

    /// Writes what was taken, one transaction set for each payee, and keeps it in a ledger.
    ///
    /// # Errors
    ///
    /// Files or a history that cannot be read or written.
    pub fn write(
        self,
        terms: &PaymentTerms,
        mut ledger: Option<Ledger<'_>>,
        out: &mut dyn Write,
    ) -> Result<Made, PaymentError> {
        let last = match &mut ledger {
            Some(ledger) => ledger.history.last_numbers()?,
            None => LastNumbers::default(),
        };
        let mut numbers = Numbers::after(last, terms);
        let mut made = Made {
            claims: self.claims,
            ..Made::default()
        };
        let (payers, accounts, mut payments) = self.gathering.finish()?;
        let mut writing = Writing {
            writer: RemittanceWriter::new(out),
            open: None,
        };
        let mut next = payments.next()?;
        while let Some(account) = next.as_ref().map(|(account, _)| *account) {
            let Account {
                payer,
                payee,
                cents,
            } = &accounts[account];
            let payer = &payers[*payer];
            let owed = match &mut ledger {
                Some(ledger) => ledger.history.owed_by(payer, payee)?,
                None => None,
            };
            let (owed_from, owed) = owed.filter(|(_, cents)| *cents != 0).unwrap_or_default();
            writing.turn_to(payer, terms.date, &mut numbers)?;
            let totals = Totals {
                claims: *cents,
                owed_before: owed.into(),
            };
            let remittance = Remittance {
                interchange: writing.interchange(),
                payer: payer.clone(),
                payee: payee.clone(),
                trace_number: numbers.trace.to_string(),
                payment_date: terms.date,
                method: terms.method.to_owned(),
                claims_cents: whole(totals.claims)?,
                owed_before_cents: owed,
                owed_from,
                paid_cents: whole(totals.payment())?,
                owed_after_cents: whole(totals.owed_after())?,
            };
            if terms.method == "NON" && remittance.paid_cents > 0 {
                return Err(PaymentError::NotNothing);
            }
            if let Some(ledger) = &mut ledger
                && ledger
                    .history
                    .is_trace_used(payer, &remittance.trace_number)?
            {
                return Err(PaymentError::TraceUsed(remittance.trace_number));
            }
            made.first_trace.get_or_insert(numbers.trace);
            made.last_trace = Some(numbers.trace);
            made.date = Some(terms.date);
            numbers.trace += 1;
            made.count(totals);
            let mut set = Set::begin(&mut writing.writer, &mut ledger, &remittance)?;
            while let Some((_, payment)) = next.take_if(|(of, _)| *of == account) {
                let paid = payment.payment.paid();
                match paid < 0 {
                    true => made.reversed_cents += paid,
                    false => made.paid_cents += paid,
                }
                set.add(payment.claim, payment.is_reversal, &payment.payment)?;
                next = payments.next()?;
            }
            set.end()?;
        }
        writing.end()?;
        Ok(made)
    }
}

impl AddAssign for Made {
    fn add_assign(&mut self, other: Self) {
        self.date = other.date.or(self.date);
        self.first_trace = self.first_trace.or(other.first_trace);
        self.last_trace = other.last_trace.or(self.last_trace);
        self.remittances += other.remittances;
        self.claims.paid += other.claims.paid;
        self.claims.reversed += other.claims.reversed;
        self.paid_cents += other.paid_cents;
        self.reversed_cents += other.reversed_cents;
        self.payment_cents += other.payment_cents;
        self.owed_before_cents += other.owed_before_cents;
        self.owed_after_cents += other.owed_after_cents;
    }
}

impl Made {
    fn count(&mut self, totals: Totals) {
        self.remittances += 1;
        self.payment_cents += totals.payment();
        self.owed_before_cents += totals.owed_before;
        self.owed_after_cents += totals.owed_after();
    }
}

/// Writes the remittances of a run as they were written before.
///
/// # Errors
///
/// Files or a history that cannot be read or written; claims that are no longer there.
pub fn write_again(
    history: &mut dyn History,
    run: i64,
    out: &mut dyn Write,
) -> Result<Made, PaymentError> {
    let mut made = Made::default();
    let mut writer = RemittanceWriter::new(out);
    let mut open: Option<u32> = None;
    for (id, remittance) in history.remittances(run)? {
        let number = remittance.interchange;
        if open != Some(number) {
            if let Some(open) = open {
                writer.end_interchange(open)?;
            }
            writer.begin_interchange(Interchange {
                payer: &remittance.payer,
                control_number: number,
                date: remittance.payment_date,
            })?;
            open = Some(number);
        }
        let head = head(&remittance);
        made.count(head.totals);
        made.date = Some(remittance.payment_date);
        let trace = remittance.trace_number.parse().ok();
        made.first_trace = made.first_trace.or(trace);
        made.last_trace = trace;
        writer.begin_set(&remittance.payer, head)?;
        let mut is_purged = false;
        history.remitted(id, &mut |is_reversal, payment| {
            let Some(payment) = payment else {
                is_purged = true;
                return Ok(());
            };
            let payment = match is_reversal {
                true => payment.reversed(),
                false => payment,
            };
            match is_reversal {
                true => made.claims.reversed += 1,
                false => made.claims.paid += 1,
            }
            match payment.paid() {
                paid if paid < 0 => made.reversed_cents += paid,
                paid => made.paid_cents += paid,
            }
            writer.claim(&remittance.payer, &payment)
        })?;
        if is_purged {
            return Err(PaymentError::Purged(remittance.trace_number));
        }
        writer.end_set(head, &remittance.owed_from)?;
    }
    if let Some(open) = open {
        writer.end_interchange(open)?;
    }
    Ok(made)
}

fn head(remittance: &Remittance) -> Head<'_> {
    Head {
        payee: &remittance.payee,
        method: &remittance.method,
        payment_date: remittance.payment_date,
        trace_number: &remittance.trace_number,
        totals: Totals {
            claims: remittance.claims_cents.into(),
            owed_before: remittance.owed_before_cents.into(),
        },
    }
}

/// An 835 that is being written.
struct Writing<'a, 'o> {
    writer: RemittanceWriter<&'o mut dyn Write>,
    /// The payer whose interchange is open, and its number.
    open: Option<(&'a Payer, u32)>,
}

impl<'a> Writing<'a, '_> {
    /// Opens the interchange of a payer.
    fn turn_to(
        &mut self,
        payer: &'a Payer,
        date: NaiveDate,
        numbers: &mut Numbers,
    ) -> Result<(), PaymentError> {
        if self.open.is_some_and(|(open, _)| open == payer) {
            return Ok(());
        }
        self.end()?;
        let control_number = numbers.interchange;
        numbers.interchange = control_number % MOST_INTERCHANGES + 1;
        self.open = Some((payer, control_number));
        self.writer.begin_interchange(Interchange {
            payer,
            control_number,
            date,
        })?;
        Ok(())
    }

    fn interchange(&self) -> u32 {
        self.open.map_or(0, |(_, number)| number)
    }

    fn end(&mut self) -> Result<(), PaymentError> {
        if let Some((_, number)) = self.open.take() {
            self.writer.end_interchange(number)?;
        }
        Ok(())
    }
}

/// A transaction set that is being written and kept.
struct Set<'s, 'o, 'h> {
    writer: &'s mut RemittanceWriter<&'o mut dyn Write>,
    ledger: &'s mut Option<Ledger<'h>>,
    remittance: &'s Remittance,
    /// Its number in the history.
    id: i64,
    rows: Vec<Remitted>,
    position: i64,
}

impl<'s, 'o, 'h> Set<'s, 'o, 'h> {
    fn begin(
        writer: &'s mut RemittanceWriter<&'o mut dyn Write>,
        ledger: &'s mut Option<Ledger<'h>>,
        remittance: &'s Remittance,
    ) -> Result<Self, PaymentError> {
        writer.begin_set(&remittance.payer, head(remittance))?;
        let id = match ledger {
            Some(Ledger { history, run }) => history.record_remittance(*run, remittance)?,
            None => 0,
        };
        Ok(Self {
            writer,
            ledger,
            remittance,
            id,
            rows: Vec::new(),
            position: 0,
        })
    }

    fn add(
        &mut self,
        claim: i64,
        is_reversal: bool,
        payment: &crate::remit::ClaimPayment,
    ) -> Result<(), PaymentError> {
        self.writer.claim(&self.remittance.payer, payment)?;
        self.position += 1;
        if self.ledger.is_some() {
            self.rows.push(Remitted {
                position: self.position,
                claim,
                is_reversal,
                charge_cents: whole(payment.charge())?,
                paid_cents: whole(payment.paid())?,
            });
        }
        match self.rows.len() == CLAIMS_AT_ONCE {
            true => self.record(),
            false => Ok(()),
        }
    }

    fn record(&mut self) -> Result<(), PaymentError> {
        if let Some(ledger) = &mut self.ledger {
            ledger.history.record_remitted(self.id, &self.rows)?;
        }
        self.rows.clear();
        Ok(())
    }

    fn end(mut self) -> Result<(), PaymentError> {
        self.record()?;
        let head = head(self.remittance);
        Ok(self.writer.end_set(head, &self.remittance.owed_from)?)
    }
}

/// An amount as a 64-bit number of cents that an element of 18 characters can say.
fn whole(cents: i128) -> Result<i64, PaymentError> {
    const MOST: i64 = 99_999_999_999_999_999;
    let whole = i64::try_from(cents).ok();
    whole
        .filter(|cents| (-MOST..=MOST).contains(cents))
        .ok_or(PaymentError::TooMuch)
}
