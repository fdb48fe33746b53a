//! What is paid for a line, and what makes up the rest of its charge.

use super::note::Note;
use crate::claim::{Cents, Quantity};
use crate::output::{Determination, WrittenReason};
use crate::policy::Decision;
use crate::remit::{Adjustment, ClaimPayment, LinePayment};

/// The claim adjustment of what is above the fee: group code and reason code.
const ABOVE_FEE: [&str; 2] = ["CO", "45"];

/// The most characters of REF*0K.
const CITATION: usize = 50;

/// What was decided about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) decision: Decision,
    pub(super) units_allowed: Quantity,
    pub(super) amount_allowed: Cents,
    /// Group code and reason code of what is denied or cut off.
    pub(super) adjustment: Option<[String; 2]>,
    /// Its remark codes.
    pub(super) remarks: Vec<String>,
    /// The clauses behind it, the deciding one first.
    pub(super) policies: Vec<String>,
}

/// A fee for one unit of a line that was rendered in a state, where the schedule has one.
pub(super) type FeeOf<'f> = dyn Fn(&LinePayment, &str) -> Option<Cents> + 'f;

impl Outcome {
    pub(super) fn of(determination: &Determination<'_>) -> Self {
        let deciding = determination.deciding_reason();
        let codes = deciding.and_then(|reason| {
            let (group, carc) = reason.group.as_deref().zip(reason.carc.as_deref())?;
            Some([group.to_owned(), carc.to_owned()])
        });
        let is_paid_in_full = determination.decision == Decision::Pay;
        Self {
            decision: determination.decision,
            units_allowed: determination.units_allowed,
            amount_allowed: determination.amount_allowed,
            adjustment: codes,
            remarks: deciding.map_or_else(Vec::new, |reason| reason.rarc.to_vec()),
            policies: match is_paid_in_full {
                true => Vec::new(),
                false => policies(deciding, &determination.reasons),
            },
        }
    }
}

/// The clauses behind a decision, each once: the deciding one, then the others.
fn policies(deciding: Option<&WrittenReason<'_>>, reasons: &[WrittenReason<'_>]) -> Vec<String> {
    let mut policies: Vec<String> = Vec::new();
    for reason in deciding.into_iter().chain(reasons) {
        let citation = citation(&reason.clause);
        if !policies.contains(&citation) {
            policies.push(citation);
        }
    }
    policies
}

/// Document and section of a clause: without its words, and without its edition and its last
/// sections where all do not fit. An 835 has no room for `*` and `:` inside an element.
pub(super) fn citation(clause: &str) -> String {
    let without_words = clause.split(": \"").next().unwrap_or_default();
    let text = without_words.replace(": ", " ").replace(['*', ':'], " ");
    let fits = |text: &str| text.chars().count() <= CITATION;
    if fits(&text) {
        return text;
    }
    let mut text = text.split(" (").next().unwrap_or_default();
    while let Some((front, _)) = text.rsplit_once("; ").filter(|_| !fits(text)) {
        text = front;
    }
    text.chars().take(CITATION).collect()
}

/// A claim whose determinations are not those of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unmatched;

/// Prices a claim: a line that nothing was decided about is allowed as billed, or by its fee.
pub(super) fn price(
    note: Note,
    decided: &[Determination<'_>],
    fee_of: &FeeOf<'_>,
) -> Result<ClaimPayment, Unmatched> {
    let Note { mut claim, .. } = note;
    let mut decided = decided.iter().peekable();
    for line in &mut claim.lines {
        let own = decided.next_if(|determination| is_of(determination, line));
        line.fee = fee_of(line, &claim.locality);
        line.is_pended = own.is_some_and(|own| own.decision == Decision::Pend);
        line.is_reviewed = line.is_pended;
        match own.filter(|own| own.decision != Decision::Pass) {
            Some(determination) => settle(line, Outcome::of(determination)),
            None => settle(line, as_billed(line)),
        }
    }
    match decided.next() {
        Some(_) => Err(Unmatched),
        None => Ok(claim),
    }
}

/// Whether a determination is that of a line: its number, its charge and its procedure, as they
/// stand in the claim.
fn is_of(determination: &Determination<'_>, line: &LinePayment) -> bool {
    let is_named = line.qualifier == "HC";
    determination.line == line.number
        && determination.charge == line.charge
        && (!is_named || determination.procedure == line.procedure)
}

fn as_billed(line: &LinePayment) -> Outcome {
    Outcome {
        decision: Decision::Pay,
        units_allowed: line.units_billed.unwrap_or(Quantity::ONE),
        amount_allowed: line.charge,
        adjustment: None,
        remarks: Vec::new(),
        policies: Vec::new(),
    }
}

/// Makes an outcome the payment and the adjustments of a line. A line that pends keeps its
/// charge, and nothing is paid for it yet.
pub(super) fn settle(line: &mut LinePayment, outcome: Outcome) {
    line.adjustments.clear();
    line.remarks = outcome.remarks;
    line.policies = outcome.policies;
    let is_paid = matches!(outcome.decision, Decision::Pay | Decision::Reduce);
    let units = match is_paid {
        true => outcome.units_allowed,
        false => Quantity::ZERO,
    };
    let granted = if is_paid {
        outcome.amount_allowed
    } else {
        Cents(0)
    };
    // Units that are none are one, as far as fees go.
    let priced = Some(units).filter(|units| units.cmp_whole(0).is_gt());
    let priced = priced.unwrap_or(Quantity::ONE);
    let fee = line.fee.and_then(|fee| priced.times(fee.0)).map(Cents);
    line.allowed = fee.map_or(granted, |fee| granted.min(fee));
    line.paid = line.allowed;
    line.units_paid = match (outcome.decision, line.units_billed) {
        (_, None) => None,
        (Decision::Pay, billed) => billed,
        (..) => Some(units),
    };
    if let Some([group, reason]) = outcome
        .adjustment
        .filter(|_| granted != line.charge || !is_paid)
    {
        let cut = line.units_billed.and_then(|billed| billed.less(units));
        line.adjustments.push(Adjustment {
            group,
            reason,
            amount: Cents(line.charge.0 - granted.0),
            units: cut.filter(|_| is_paid),
        });
    }
    if line.allowed != granted {
        let [group, reason] = ABOVE_FEE.map(str::to_owned);
        line.adjustments.push(Adjustment {
            group,
            reason,
            amount: Cents(granted.0 - line.allowed.0),
            units: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn billed(charge: i64, units: &str) -> LinePayment {
        LinePayment {
            charge: Cents(charge),
            units_billed: Quantity::parse(units.as_bytes()),
            ..LinePayment::default()
        }
    }

    fn outcome(decision: Decision, units: &str, amount: i64, carc: &str) -> Outcome {
        Outcome {
            decision,
            units_allowed: Quantity::parse(units.as_bytes()).unwrap(),
            amount_allowed: Cents(amount),
            adjustment: Some(["CO".to_owned(), carc.to_owned()]).filter(|_| !carc.is_empty()),
            remarks: Vec::new(),
            policies: Vec::new(),
        }
    }

    /// Paid, then each adjustment as `group-reason amount`.
    fn settled(charge: i64, units: &str, outcome: Outcome, fee: Option<i64>) -> String {
        let mut line = billed(charge, units);
        line.fee = fee.map(Cents);
        settle(&mut line, outcome);
        let claim = ClaimPayment {
            lines: vec![line.clone()],
            ..ClaimPayment::default()
        };
        assert_eq!(claim.check_balance(), Ok(()));
        let adjustments = line.adjustments.iter().map(|adjustment| {
            let units = adjustment.units.map(|units| format!(" ({units})"));
            format!(
                "; {}-{} {}{}",
                adjustment.group,
                adjustment.reason,
                adjustment.amount,
                units.unwrap_or_default()
            )
        });
        format!("{}{}", line.paid, adjustments.collect::<String>())
    }

    #[test]
    fn what_is_not_paid_is_adjusted() {
        let pay = || outcome(Decision::Pay, "1", 12_000, "");
        let cut = || outcome(Decision::Reduce, "1", 3334, "151");
        let deny = || outcome(Decision::Deny, "0", 0, "119");
        for (charge, units, outcome, fee, expected) in [
            (12_000, "1", pay(), None, "120.00"),
            (12_000, "1", pay(), Some(12_000), "120.00"),
            (12_000, "1", pay(), Some(15_000), "120.00"),
            (12_000, "1", pay(), Some(9_999), "99.99; CO-45 20.01"),
            (10_001, "3", cut(), None, "33.34; CO-151 66.67 (2)"),
            (
                10_001,
                "3",
                cut(),
                Some(3_000),
                "30.00; CO-151 66.67 (2); CO-45 3.34",
            ),
            (
                12_000,
                "-1",
                outcome(Decision::Pay, "-1", 12_000, ""),
                Some(3_000),
                "30.00; CO-45 90.00",
            ),
            (
                12_000,
                "0",
                outcome(Decision::Pay, "0", 12_000, ""),
                Some(3_000),
                "30.00; CO-45 90.00",
            ),
            (12_000, "1", deny(), Some(9_999), "0.00; CO-119 120.00"),
        ] {
            assert_eq!(settled(charge, units, outcome, fee), expected);
        }
    }

    #[test]
    fn the_fee_is_for_each_unit_allowed() {
        let pay = outcome(Decision::Pay, "3", 50_000, "");
        assert_eq!(
            settled(50_000, "3", pay, Some(10_000)),
            "300.00; CO-45 200.00"
        );
    }

    #[test]
    fn a_citation_is_document_and_section() {
        for (clause, expected) in [
            (
                "CareSource AR PASSE MM-1503, D.IV.B (04/01/2026): \"the words\"",
                "CareSource AR PASSE MM-1503, D.IV.B (04/01/2026)",
            ),
            (
                "Cigna 0139, Diagnostic/Stabilization Phase (2024-11-01): \"the words\"",
                "Cigna 0139, Diagnostic/Stabilization Phase",
            ),
            (
                "005010X222, 2400 SV103, SV104",
                "005010X222, 2400 SV103, SV104",
            ),
        ] {
            assert_eq!(citation(clause), expected);
        }
    }
}
