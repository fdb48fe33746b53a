//! A claim as a remittance tells of it (loop 2100), line by line (loop 2110).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::claim::{Cents, Quantity};

/// Who is paid (loop 1000B).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Payee {
    /// Its national provider identifier; empty for none.
    pub npi: String,
    /// Its federal tax id; empty for none.
    pub tax_id: String,
    /// Its name.
    pub name: String,
    /// Street.
    pub address: String,
    /// City.
    pub city: String,
    /// State.
    pub state: String,
    /// ZIP code.
    pub zip: String,
}

impl Payee {
    /// What tells it from other payees: NPI and tax id. `None` where it has neither, and
    /// cannot be paid.
    #[must_use]
    pub fn key(&self) -> Option<[&str; 2]> {
        let key = [&*self.npi, &*self.tax_id];
        key.iter().any(|id| !id.is_empty()).then_some(key)
    }

    /// N104 and PLB01: the NPI, else the tax id.
    #[must_use]
    pub fn id(&self) -> &str {
        if self.npi.is_empty() {
            &self.tax_id
        } else {
            &self.npi
        }
    }
}

/// A person or an organisation with an id (NM1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Party {
    /// NM102 is `1`.
    pub is_person: bool,
    /// NM103.
    pub last_name: String,
    /// NM104.
    pub first_name: String,
    /// NM105.
    pub middle_name: String,
    /// NM107.
    pub suffix: String,
    /// NM109; empty for none.
    pub id: String,
}

/// CLP02.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ClaimStatus {
    /// `1`: the payer is primary.
    #[default]
    Primary,
    /// `2`: it is secondary.
    Secondary,
    /// `3`: it comes later still.
    Tertiary,
    /// `22`: an earlier payment is taken back.
    Reversal,
}

impl ClaimStatus {
    /// By the payer's responsibility, SBR01; `P` where it is not given.
    #[must_use]
    pub fn of_responsibility(code: &[u8]) -> Self {
        match code {
            b"S" => Self::Secondary,
            b"T" | b"A" | b"B" | b"C" | b"D" | b"E" | b"F" | b"G" | b"H" => Self::Tertiary,
            _ => Self::Primary,
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Primary => "1",
            Self::Secondary => "2",
            Self::Tertiary => "3",
            Self::Reversal => "22",
        }
    }
}

/// A claim: what was billed, what is paid for it, and what makes up the difference.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClaimPayment {
    /// CLP01: CLM01 as billed.
    pub patient_control_number: String,
    /// CLP07.
    pub claim_control_number: String,
    /// REF*F8: the claim control number of the claim that it replaces; empty for none.
    pub original_control_number: String,
    /// CLP02.
    pub status: ClaimStatus,
    /// CLP06.
    pub filing_indicator: String,
    /// CLP08: CLM05-1.
    pub facility: String,
    /// CLP09: CLM05-3.
    pub frequency: String,
    /// Who is paid.
    pub payee: Payee,
    /// The state where it was rendered, by which fees are looked up.
    pub locality: String,
    /// NM1*QC.
    pub patient: Party,
    /// NM1*IL, where the patient is another.
    pub insured: Option<Party>,
    /// NM1*82, where the claim names one.
    pub rendering: Option<Party>,
    /// Its lines, in order.
    pub lines: Vec<LinePayment>,
}

/// A service line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LinePayment {
    /// LX01 as billed.
    pub number: u32,
    /// SVC01-1.
    pub qualifier: String,
    /// SVC01-2.
    pub procedure: String,
    /// SVC01-3 to -6.
    pub modifiers: Vec<String>,
    /// SV105 as billed, else CLM05-1, by which fees are looked up.
    pub place_of_service: String,
    /// SVC02.
    pub charge: Cents,
    /// AMT*B6.
    pub allowed: Cents,
    /// SVC03.
    pub paid: Cents,
    /// SVC07: the units billed, where they are a number.
    #[serde(with = "quantity_text")]
    pub units_billed: Option<Quantity>,
    /// SVC05.
    #[serde(with = "quantity_text")]
    pub units_paid: Option<Quantity>,
    /// The first and the last date of service.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    /// REF*6R as billed; empty for none.
    pub line_control_number: String,
    /// REF*HPI: the NPI of who rendered it, where the line names one.
    pub rendering_npi: String,
    /// REF*0K: policy and clause.
    pub policies: Vec<String>,
    /// CAS.
    pub adjustments: Vec<Adjustment>,
    /// LQ*HE.
    pub remarks: Vec<String>,
    /// The fee for one unit when the claim was judged; `None` without one.
    pub fee: Option<Cents>,
    /// A reviewer decides it, or decided it.
    pub is_reviewed: bool,
    /// It waits for that.
    pub is_pended: bool,
}

/// A part of a charge that is not paid (CAS).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The claim adjustment group code.
    pub group: String,
    /// The claim adjustment reason code.
    pub reason: String,
    /// How much.
    pub amount: Cents,
    /// How many units fewer are paid for.
    #[serde(with = "quantity_text")]
    pub units: Option<Quantity>,
}

/// The most lines of a claim (loop 2110).
const MOST_LINES: usize = 999;

/// What SVC01-1 can be.
const QUALIFIERS: [&str; 10] = ["AD", "ER", "HC", "HP", "IV", "N4", "N6", "NU", "UI", "WK"];

/// A line whose charge is not its payment and its adjustments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of a payment is off by {off} cents")]
pub struct Imbalance {
    /// Its place in the claim, from 1.
    pub line: usize,
    /// Charge less adjustments less payment.
    pub off: i128,
}

impl ClaimPayment {
    /// CLP03: the charges of its lines.
    #[must_use]
    pub fn charge(&self) -> i128 {
        sum(self.lines.iter().map(|line| line.charge))
    }

    /// CLP04: the payments of its lines.
    #[must_use]
    pub fn paid(&self) -> i128 {
        sum(self.lines.iter().map(|line| line.paid))
    }

    /// CLP05: what the patient owes of it.
    #[must_use]
    pub fn patient_responsibility(&self) -> i128 {
        let adjustments = self.lines.iter().flat_map(|line| &line.adjustments);
        let owed = adjustments.filter(|adjustment| adjustment.group == "PR");
        sum(owed.map(|adjustment| adjustment.amount))
    }

    /// Whether an 835 can tell of it: every line has a procedure of a kind that SVC01 has, and there
    /// are no more lines than a claim may have.
    #[must_use]
    pub fn can_be_written(&self) -> bool {
        let is_named = |line: &LinePayment| {
            let qualifier = line.qualifier.trim().to_ascii_uppercase();
            QUALIFIERS.contains(&&*qualifier) && !line.procedure.trim().is_empty()
        };
        self.lines.len() <= MOST_LINES && self.lines.iter().all(is_named)
    }

    /// Whether a line waits for a reviewer.
    #[must_use]
    pub fn is_pended(&self) -> bool {
        self.lines.iter().any(|line| line.is_pended)
    }

    /// Holds every line to its own arithmetic.
    ///
    /// # Errors
    ///
    /// The first line that is off.
    pub fn check_balance(&self) -> Result<(), Imbalance> {
        for (index, line) in self.lines.iter().enumerate() {
            let adjusted = sum(line.adjustments.iter().map(|adjustment| adjustment.amount));
            let off = i128::from(line.charge.0) - adjusted - i128::from(line.paid.0);
            if off != 0 {
                return Err(Imbalance {
                    line: index + 1,
                    off,
                });
            }
        }
        Ok(())
    }

    /// The same with its signs turned round: it takes all of the payment back.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.status = ClaimStatus::Reversal;
        for line in &mut self.lines {
            line.charge = -line.charge;
            line.allowed = -line.allowed;
            line.paid = -line.paid;
            line.units_billed = line.units_billed.map(|units| -units);
            line.units_paid = line.units_paid.map(|units| -units);
            for adjustment in &mut line.adjustments {
                adjustment.amount = -adjustment.amount;
                adjustment.units = adjustment.units.map(|units| -units);
            }
        }
        self
    }
}

fn sum(amounts: impl Iterator<Item = Cents>) -> i128 {
    amounts.map(|amount| i128::from(amount.0)).sum()
}

/// An optional quantity as a decimal.
pub mod quantity_text {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::claim::Quantity;

    /// Writes the decimal, or none.
    ///
    /// # Errors
    ///
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        quantity: &Option<Quantity>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match quantity {
            Some(quantity) => serializer.serialize_some(&quantity.to_string()),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a decimal, or none.
    ///
    /// # Errors
    ///
    /// A text that is no decimal.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Quantity>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let quantity = Quantity::parse(text.as_bytes());
        quantity
            .map(Some)
            .ok_or_else(|| D::Error::custom("a quantity is no decimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(charge: i64, paid: i64, cut: i64) -> LinePayment {
        LinePayment {
            charge: Cents(charge),
            paid: Cents(paid),
            units_paid: Some(Quantity::ONE),
            adjustments: vec![Adjustment {
                group: "CO".into(),
                reason: "151".into(),
                amount: Cents(cut),
                units: Some(Quantity::ONE),
            }],
            ..LinePayment::default()
        }
    }

    #[test]
    fn a_line_is_its_payment_and_its_adjustments() {
        let mut claim = ClaimPayment {
            lines: vec![line(200, 67, 133), line(100, 0, 100)],
            ..ClaimPayment::default()
        };
        assert_eq!(claim.check_balance(), Ok(()));
        assert_eq!((claim.charge(), claim.paid()), (300, 67));
        claim.lines[1].paid = Cents(1);
        let off = Imbalance { line: 2, off: -1 };
        assert_eq!(claim.check_balance(), Err(off));
    }

    #[test]
    fn what_svc01_cannot_say_cannot_be_written() {
        let named = |qualifier: &str, procedure: &str| ClaimPayment {
            lines: vec![LinePayment {
                qualifier: qualifier.into(),
                procedure: procedure.into(),
                ..line(100, 0, 100)
            }],
            ..ClaimPayment::default()
        };
        assert!(named("HC", "20552").can_be_written() && named("hc ", "20552").can_be_written());
        assert!(!named("", "20552").can_be_written() && !named("ZZ", "20552").can_be_written());
        assert!(!named("HC", " ").can_be_written());
        let mut long = named("HC", "20552");
        long.lines = vec![long.lines[0].clone(); MOST_LINES + 1];
        assert!(!long.can_be_written());
    }

    #[test]
    fn a_payment_and_its_reversal_come_to_nothing() {
        let claim = ClaimPayment {
            lines: vec![line(200, 67, 133)],
            ..ClaimPayment::default()
        };
        let reversed = claim.clone().reversed();
        assert_eq!(reversed.check_balance(), Ok(()));
        assert_eq!(reversed.paid() + claim.paid(), 0);
        assert_eq!(reversed.lines[0].adjustments[0].units, Some(-Quantity::ONE));
        assert_eq!(reversed.status.code(), "22");
    }

    #[test]
    fn a_payment_is_the_same_after_it_was_kept() {
        let claim = ClaimPayment {
            lines: vec![line(200, 67, 133)],
            ..ClaimPayment::default()
        };
        let text = serde_json::to_string(&claim).unwrap();
        assert_eq!(serde_json::from_str::<ClaimPayment>(&text).unwrap(), claim);
        let bytes = postcard::to_allocvec(&claim).unwrap();
        assert_eq!(postcard::from_bytes::<ClaimPayment>(&bytes).unwrap(), claim);
    }
}
