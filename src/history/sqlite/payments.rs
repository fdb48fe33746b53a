//! Payments and remittances.

use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::SqliteHistory;
use super::read::{get, optional};
use crate::claim::Cents;
use crate::history::{
    LastNumbers, LineReview, NewPayment, Owed, PaymentStatus, Remittance, Remitted, StoredPayment,
};
use crate::policy::Payer;
use crate::remit::{ClaimPayment, Payee};

impl SqliteHistory {
    pub(super) fn add_payments(&self, payments: &[NewPayment]) -> rusqlite::Result<()> {
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO payments VALUES (?1, ?2, ?3)")?;
        for new in payments {
            let payment = to_json(&new.payment)?;
            add.execute(params![new.claim, new.status.as_str(), payment])?;
        }
        Ok(())
    }

    pub(super) fn all_owed(&self) -> rusqlite::Result<Vec<Owed>> {
        // By its index, few claims are looked at, and not every one there is.
        let mut taken_back = self.connection.prepare(
            "SELECT claims.id, taken_back_by, stands_as = 'paid'
             FROM claims INDEXED BY claims_taken_back
             JOIN payments ON payments.claim_id = claims.id
             WHERE taken_back_by IS NOT NULL AND stands_as IN ('paid', 'held')
             ORDER BY claims.id",
        )?;
        let mut released = self.connection.prepare(
            "SELECT claim_id FROM payments JOIN claims ON claims.id = claim_id
             WHERE payments.stands_as = 'held' AND claims.status = 'active'
             AND NOT EXISTS (SELECT 1 FROM lines WHERE stands_as = 'pend'
                AND lines.id BETWEEN claims.first_line AND claims.last_line)
             ORDER BY claim_id",
        )?;
        let taken_back = taken_back.query_map([], |row| {
            let (claim, by) = (row.get(0)?, row.get(1)?);
            Ok(match row.get(2)? {
                true => Owed::Reversal { claim, by },
                false => Owed::Drop { claim },
            })
        })?;
        let released = released.query_map([], |row| Ok(Owed::Release { claim: row.get(0)? }))?;
        taken_back.chain(released).collect()
    }

    pub(super) fn stored_payment(&self, claim: i64) -> rusqlite::Result<StoredPayment> {
        let mut payment = self.connection.prepare_cached(
            "SELECT plan, payment FROM payments JOIN claims ON claims.id = claim_id
             JOIN timelines ON timelines.id = timeline_id WHERE claim_id = ?1",
        )?;
        let mut reviews = self.connection.prepare_cached(
            "SELECT line, reviews.decision, reviews.units_allowed, reviews.allowed_cents,
                    group_code, carc, rarc
             FROM claims JOIN lines ON lines.id BETWEEN first_line AND last_line
             JOIN reviews ON line_id = lines.id WHERE claims.id = ?1 ORDER BY lines.id",
        )?;
        let (plan, payment): (String, ClaimPayment) =
            payment.query_row([claim], |row| Ok((row.get(0)?, from_json(row, 1)?)))?;
        Ok(StoredPayment {
            plan,
            payment,
            reviews: reviews
                .query_map([claim], review)?
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn set_payment_status(
        &self,
        claim: i64,
        status: PaymentStatus,
        payment: Option<&ClaimPayment>,
    ) -> rusqlite::Result<()> {
        let payment = payment.map(to_json).transpose()?;
        self.connection
            .prepare_cached(
                "UPDATE payments SET stands_as = ?2, payment = coalesce(?3, payment)
                 WHERE claim_id = ?1",
            )?
            .execute(params![claim, status.as_str(), payment])?;
        Ok(())
    }

    pub(super) fn owed_by_payee(
        &self,
        payer: &Payer,
        payee: &Payee,
    ) -> rusqlite::Result<Option<(String, i64)>> {
        self.connection
            .prepare_cached(
                "SELECT trace_number, owed_after_cents FROM remittances
                 WHERE payer_tax_id = ?1 AND payee_npi = ?2 AND payee_tax_id = ?3
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![payer.tax_id, payee.npi, payee.tax_id], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
    }

    pub(super) fn count_never_remitted(&self, first_claim: i64) -> rusqlite::Result<u64> {
        let count: i64 = self.connection.query_row(
            "SELECT count(*) FROM claims WHERE taken_back_by >= ?1 AND id < ?1
             AND transaction_set_id IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM payments WHERE claim_id = claims.id)
             AND EXISTS (SELECT 1 FROM reversals WHERE line_id BETWEEN first_line AND last_line)",
            [first_claim],
            |row| row.get(0),
        )?;
        Ok(count.unsigned_abs())
    }

    pub(super) fn has_trace(&self, payer: &Payer, trace_number: &str) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT count(*) > 0 FROM remittances
                 WHERE trace_number = ?1 AND payer_tax_id = ?2",
            )?
            .query_row([trace_number, &payer.tax_id], |row| row.get(0))
    }

    pub(super) fn highest_numbers(&self) -> rusqlite::Result<LastNumbers> {
        // SQLite makes a number of the digits that a text begins with.
        self.connection.query_row(
            "SELECT coalesce((SELECT interchange FROM remittances ORDER BY id DESC LIMIT 1), 0),
                    coalesce((SELECT max(CAST(trace_number AS INTEGER)) FROM remittances), 0)",
            [],
            |row| {
                Ok(LastNumbers {
                    interchange: row.get(0)?,
                    trace: row.get::<_, i64>(1)?.unsigned_abs(),
                })
            },
        )
    }

    pub(super) fn add_remittance(&self, run: i64, new: &Remittance) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(
                "INSERT INTO remittances (run_id, interchange, payer, payer_tax_id, payee,
                    payee_npi, payee_tax_id, trace_number, payment_date, method, claims_cents,
                    owed_before_cents, owed_from, paid_cents, owed_after_cents)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(params![
                run,
                new.interchange,
                to_json(&new.payer)?,
                new.payer.tax_id,
                to_json(&new.payee)?,
                new.payee.npi,
                new.payee.tax_id,
                new.trace_number,
                new.payment_date.to_string(),
                new.method,
                new.claims_cents,
                new.owed_before_cents,
                new.owed_from,
                new.paid_cents,
                new.owed_after_cents,
            ])?;
        Ok(self.connection.last_insert_rowid())
    }

    pub(super) fn add_remitted(
        &self,
        remittance: i64,
        remitted: &[Remitted],
    ) -> rusqlite::Result<()> {
        let mut add = self
            .connection
            .prepare_cached("INSERT INTO remitted VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        for row in remitted {
            add.execute(params![
                remittance,
                row.position,
                row.claim,
                row.is_reversal,
                row.charge_cents,
                row.paid_cents,
            ])?;
        }
        Ok(())
    }

    pub(super) fn remittances_of(&self, run: i64) -> rusqlite::Result<Vec<(i64, Remittance)>> {
        let mut remittances = self.connection.prepare(
            "SELECT id, interchange, payer, payee, trace_number, payment_date, method,
                    claims_cents, owed_before_cents, owed_from, paid_cents, owed_after_cents
             FROM remittances WHERE run_id = ?1 ORDER BY id",
        )?;
        let remittance = |row: &Row<'_>| {
            Ok((
                row.get(0)?,
                Remittance {
                    interchange: row.get(1)?,
                    payer: from_json(row, 2)?,
                    payee: from_json(row, 3)?,
                    trace_number: row.get(4)?,
                    payment_date: get(row, 5)?,
                    method: row.get(6)?,
                    claims_cents: row.get(7)?,
                    owed_before_cents: row.get(8)?,
                    owed_from: row.get(9)?,
                    paid_cents: row.get(10)?,
                    owed_after_cents: row.get(11)?,
                },
            ))
        };
        remittances.query_map([run], remittance)?.collect()
    }

    /// Gives the claims of a remittance in their order; `None` for one that was purged.
    pub(super) fn visit_remitted(
        &self,
        remittance: i64,
        visit: &mut dyn FnMut(bool, Option<ClaimPayment>) -> bool,
    ) -> rusqlite::Result<()> {
        let mut remitted = self.connection.prepare_cached(
            "SELECT is_reversal, payment FROM remitted
             LEFT JOIN payments ON payments.claim_id = remitted.claim_id
             WHERE remittance_id = ?1 ORDER BY position",
        )?;
        let mut rows = remitted.query([remittance])?;
        while let Some(row) = rows.next()? {
            let payment = match row.get_ref(1)? {
                rusqlite::types::ValueRef::Null => None,
                _ => Some(from_json(row, 1)?),
            };
            if !visit(row.get(0)?, payment) {
                break;
            }
        }
        Ok(())
    }

    /// Makes payments what they were before a run: it remitted some, and dropped others.
    pub(super) fn forget_payments(&self, run: i64) -> rusqlite::Result<()> {
        for statement in [
            "UPDATE payments SET stands_as = 'paid' WHERE claim_id IN
                (SELECT claim_id FROM remitted WHERE is_reversal AND remittance_id IN
                    (SELECT id FROM remittances WHERE run_id = ?1))",
            "UPDATE payments SET stands_as = 'held' WHERE claim_id IN
                (SELECT claim_id FROM remitted WHERE NOT is_reversal AND remittance_id IN
                    (SELECT id FROM remittances WHERE run_id = ?1))",
            "DELETE FROM remitted WHERE remittance_id IN
                (SELECT id FROM remittances WHERE run_id = ?1)",
            "DELETE FROM remittances WHERE run_id = ?1",
        ] {
            self.connection.execute(statement, [run])?;
        }
        // The claims that it took back stand again.
        self.connection.execute(
            "UPDATE payments SET stands_as = 'held' WHERE stands_as = 'dropped'
             AND (SELECT status FROM claims WHERE claims.id = claim_id) = 'active'",
            [],
        )?;
        Ok(())
    }
}

fn review(row: &Row<'_>) -> rusqlite::Result<LineReview> {
    let codes: (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    let rarc: String = row.get(6)?;
    Ok(LineReview {
        line: row.get(0)?,
        decision: get(row, 1)?,
        units_allowed: optional(row, 2)?.unwrap_or(crate::claim::Quantity::ZERO),
        amount_allowed: Cents(row.get(3)?),
        adjustment: codes.0.zip(codes.1).map(|(group, carc)| [group, carc]),
        rarc: rarc.split_whitespace().map(str::to_owned).collect(),
    })
}

fn to_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}
