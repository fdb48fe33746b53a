//! The reviewers' work queue: every pended line, oldest first.

use std::io::{self, Write};

use super::determination::{Run, WrittenReason};
use super::format::row;
use crate::policy::{Decision, RuleKind};

const COLUMNS: [&str; 11] = [
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
];

/// Writes the work queue as CSV.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_pends(run: Run<'_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&row(COLUMNS)?)?;
    let verdicts = &run.adjudication.verdicts;
    let mut pended: Vec<usize> = (0..verdicts.len())
        .filter(|&index| verdicts[index].decision == Decision::Pend)
        .collect();
    pended.sort_by_key(|&index| (run.batch.lines[index].service_date.date(), index));
    for index in pended {
        let determination = run.determination(index);
        let asks = determination
            .reasons
            .iter()
            .filter(|reason| reason.decision == "pend");
        let asks: Vec<&WrittenReason<'_>> = asks.collect();
        let Some(first) = asks.first() else { continue };
        let mut ask_for: Vec<&str> = asks.iter().map(|reason| ask_for(reason.rule)).collect();
        ask_for.dedup();
        out.write_all(&row([
            &determination.claim_control_number,
            &determination.line.to_string(),
            first.status.unwrap_or_default(),
            &ask_for.join("; "),
            &determination.charge,
            &first.clause,
            first.rule,
            &determination.member,
            determination.service_date.as_deref().unwrap_or_default(),
            &determination.procedure,
            &determination.claim,
        ])?)?;
    }
    Ok(())
}

/// What a reviewer asks for, in words.
fn ask_for(rule: &str) -> &'static str {
    match RuleKind::from_name(rule) {
        Some(RuleKind::PolicyNotInForce) => "the policy that was in force on the date of service",
        Some(RuleKind::DiagnosisNotListed) => "the diagnosis treated, or records that show it",
        Some(RuleKind::OriginalUnknown) => "the number of the claim that this one replaces",
        Some(RuleKind::PhaseLimit) => {
            "records that show which muscles were injected at each session"
        }
        Some(RuleKind::Documentation) => "records that show the criterion is met",
        Some(RuleKind::SuspectDuplicate) => "whether the service was performed twice",
        Some(RuleKind::Guidance) => "records that show which procedure was guided",
        Some(RuleKind::OfficeVisit) => "the decision about the injection of the same date",
        _ => "records of the date of service",
    }
}
