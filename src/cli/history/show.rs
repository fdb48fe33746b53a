//! `claimstream history show`.

use std::io::Write;

use chrono::NaiveDate;
use clap::Args;

use super::{HistoryOption, output, print};
use crate::cli::configuration::PlanOptions;
use crate::cli::exit::{ExitStatus, Failure};
use crate::cli::history_file::{failure, look};
use crate::history::{FreesUp, History, HistoryError, SqliteHistory, StoredLine, frees_up};
use crate::policy::{Decision, Members, Phase, Plan, Plans, Role};
use crate::report::counted;
use crate::timeline::{Session, Sessions, Symbol};

/// Show a member's timeline: sessions, what was denied or pended and why, and when each
/// limit frees up
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Show {
    /// The member key: the subscriber id; for a dependent ID/BIRTHDATE/SEX/FIRSTNAME
    member: String,
    #[command(flatten)]
    history: HistoryOption,
    #[command(flatten)]
    plans: PlanOptions,
    /// Count limits from this date on (CCYY-MM-DD); from the newest billing date of the
    /// history, if not given
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
}

const EXAMPLES: &str = "\
Examples:
  claimstream history show W12345678 --history claims.history
  claimstream history show W12345678 --history claims.history --plans plans.toml --on 2026-09-01";

impl Show {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let plans = self.plans.plans()?;
        let (members, _) = self.plans.members.members()?;
        let mut history = look(&self.history.history)?;
        let key = self.member.trim().to_uppercase();
        let timelines = read(&mut history, &key, &members).map_err(|error| failure(&error))?;
        let runs = history.runs().map_err(|error| failure(&error))?;
        let newest = runs
            .iter()
            .filter(|run| run.forgotten_at.is_none())
            .filter_map(|run| run.billing_date)
            .max();
        let on = self.on.or(newest);
        print(|out| {
            if timelines.is_empty() {
                let none = "no claim of this member is in the history; the key is the subscriber id, \
                            for a dependent ID/BIRTHDATE/SEX/FIRSTNAME";
                return writeln!(out, "{none}").map_err(output);
            }
            for (plan, lines) in &timelines {
                write_timeline(plan, lines, &plans, on, out).map_err(output)?;
            }
            Ok(())
        })?;
        Ok(ExitStatus::Done)
    }
}

/// A member's lines under each plan that has any.
fn read(
    history: &mut SqliteHistory,
    key: &str,
    members: &Members,
) -> Result<Vec<(String, Vec<StoredLine>)>, HistoryError> {
    let newest = members.newest(key);
    let keys: Vec<&str> = std::iter::once(newest)
        .chain(members.older(newest))
        .collect();
    let mut timelines = Vec::new();
    for plan in history.plans()? {
        let lines = history.lines(&plan, &keys)?;
        if !lines.is_empty() {
            timelines.push((plan, lines));
        }
    }
    Ok(timelines)
}

fn write_timeline(
    plan: &str,
    lines: &[StoredLine],
    plans: &Plans,
    on: Option<NaiveDate>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "plan {plan}")?;
    writeln!(
        out,
        "{:10}  {:6}  {:10}  {:12}  {:16}  {:>4}  {:>10}  WHY",
        "DATE", "CODE", "NOW", "SESSION", "CLAIM", "LINE", "ALLOWED"
    )?;
    for line in lines {
        write_line(line, out)?;
    }
    let paid = lines.iter().filter(|line| is_session(line));
    let dates: Vec<NaiveDate> = paid
        .filter_map(|line| line.determination.service_date)
        .collect();
    writeln!(out, "\n{}", counted(dates.len() as u64, "session"))?;
    let Some(plan) = plans.index_of(plan).map(|index| plans.get(index)) else {
        return writeln!(
            out,
            "its limits are not known: name the plans file with --plans\n"
        );
    };
    let from = on.or(dates.last().copied());
    if let Some(from) = from {
        write_limits(plan, lines, from, out)?;
    }
    writeln!(out)
}

fn is_session(line: &StoredLine) -> bool {
    let is_paid = matches!(line.stands_as, Some(Decision::Pay | Decision::Reduce));
    is_paid && line.role == Some(Role::Session)
}

/// The phase that a session was decided with.
fn phase(line: &StoredLine) -> Option<Phase> {
    let of_review = line.review.as_ref().and_then(|review| review.phase);
    of_review.or(line.determination.phase)
}

fn write_line(line: &StoredLine, out: &mut dyn Write) -> std::io::Result<()> {
    let d = &line.determination;
    let now = match (line.stands_as, &line.taken_back_by) {
        (Some(decision), _) => decision.as_str(),
        (None, Some(_)) => "taken back",
        (None, None) => "pass",
    };
    let session = match (is_session(line), phase(line)) {
        (false, _) => String::new(),
        (true, Some(phase)) => phase.to_string(),
        (true, None) => "yes".into(),
    };
    let allowed = match (line.stands_as, &line.review) {
        (None, _) => String::new(),
        (Some(_), Some(review)) => review.amount_allowed.to_string(),
        (Some(_), None) => d.amount_allowed.to_string(),
    };
    let why = match (&line.review, &line.taken_back_by) {
        (_, Some(by)) => format!("by claim {by}"),
        (Some(review), None) => format!(
            "{} by {} on {} {}",
            review.decision, review.reviewer, review.decided_on, review.codes
        ),
        (None, None) => {
            let deciding = d
                .reasons
                .iter()
                .filter(|reason| reason.decision == d.decision);
            let texts: Vec<&str> = deciding.map(|reason| &*reason.text).collect();
            texts.join("; ")
        }
    };
    let date = d.service_date.map(|date| date.to_string());
    let number = d.claim_control_number.map(|number| number.to_string());
    let row = format!(
        "{:10}  {:6}  {now:10}  {session:12}  {:16}  {:>4}  {allowed:>10}  {}",
        date.unwrap_or_default(),
        d.procedure,
        number.unwrap_or_else(|| "imported".into()),
        d.line,
        why.trim_end()
    );
    writeln!(out, "{}", row.trim_end())
}

fn write_limits(
    plan: &Plan,
    lines: &[StoredLine],
    from: NaiveDate,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let sessions = lines
        .iter()
        .filter(|line| is_session(line))
        .filter_map(|line| {
            Some(Session {
                date: line.determination.service_date?,
                phase: phase(line),
                muscles: &[],
                billing_provider: Symbol::UNKNOWN,
                rendering_provider: Symbol::UNKNOWN,
            })
        });
    let sessions = Sessions::new(sessions);
    writeln!(
        out,
        "the first date from {from} on that each limit leaves free"
    )?;
    for FreesUp { rule, date } in frees_up(plan, &sessions, from) {
        match date {
            Some(date) => writeln!(out, "  {:16} {date}", rule.name())?,
            None => writeln!(out, "  {:16} none in five years", rule.name())?,
        }
    }
    Ok(())
}
