//! The reviewers' work queue: every pended line, oldest first.

use std::io::{self, Write};

use chrono::NaiveDate;

use super::determination::{Determination, WrittenReason};
use super::format::row;
use crate::policy::{Decision, RuleKind};

/// What a reviewer decides by, then what a reviewer fills in: `history decide` reads it back.
const COLUMNS: [&str; 17] = [
    "claim_control_number",
    "line",
    "status",
    "ask_for",
    "charge",
    "clause",
    "rule",
    "member",
    "service_date",
    "procedure",
    "claim",
    "decision",
    "group",
    "carc",
    "rarc",
    "reviewer",
    "decided_on",
];

/// Gathers pended lines, and writes them as CSV.
#[derive(Debug, Default)]
pub struct Pends(Vec<Pend>);

/// A pended line.
#[derive(Debug)]
struct Pend {
    service_date: Option<NaiveDate>,
    row: Vec<u8>,
}

impl Pends {
    /// Adds a line, if it is pended.
    ///
    /// # Errors
    ///
    /// None that a line brings about.
    pub fn add(&mut self, determination: &Determination<'_>) -> io::Result<()> {
        if determination.decision != Decision::Pend {
            return Ok(());
        }
        let asks = asks(determination);
        let Some(first) = asks.first() else {
            return Ok(());
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        let number = determination.claim_control_number;
        let row = row([
            text(number.map(|number| number.to_string())),
            determination.line.to_string(),
            first.status.as_deref().unwrap_or_default().to_owned(),
            ask_for(determination),
            determination.charge.to_string(),
            first.clause.to_string(),
            first.rule.to_string(),
            determination.member.to_string(),
            text(determination.service_date.map(|date| date.to_string())),
            determination.procedure.to_string(),
            determination.claim.to_string(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ])?;
        self.0.push(Pend {
            service_date: determination.service_date,
            row,
        });
        Ok(())
    }

    /// Writes the lines added, oldest first, those of one date as they were added.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.sort_by_key(|pend| pend.service_date);
        out.write_all(&row(COLUMNS)?)?;
        self.0.iter().try_for_each(|pend| out.write_all(&pend.row))
    }
}

fn asks<'d>(determination: &'d Determination<'_>) -> Vec<&'d WrittenReason<'d>> {
    let reasons = determination.reasons.iter();
    reasons
        .filter(|reason| reason.decision == Decision::Pend)
        .collect()
}

/// What a reviewer asks for to decide a pended line, in words.
#[must_use]
pub fn ask_for(determination: &Determination<'_>) -> String {
    let asks = asks(determination);
    let mut words: Vec<&str> = asks.iter().map(|reason| words(reason.rule)).collect();
    words.dedup();
    words.join("; ")
}

fn words(rule: RuleKind) -> &'static str {
    match rule {
        RuleKind::PolicyNotInForce => "the policy that was in force on the date of service",
        RuleKind::DiagnosisNotListed => "the diagnosis treated, or records that show it",
        RuleKind::OriginalUnknown => "the number of the claim that this one replaces",
        RuleKind::PhaseLimit => "records that show which muscles were injected at each session",
        RuleKind::Documentation => "records that show the criterion is met",
        RuleKind::SuspectDuplicate => "whether the service was performed twice",
        RuleKind::Guidance => "records that show which procedure was guided",
        RuleKind::OfficeVisit => "the decision about the injection of the same date",
        _ => "records of the date of service",
    }
}
