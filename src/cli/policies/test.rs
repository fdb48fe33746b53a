//! `claimstream policies test`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::{find, print};
use crate::cases::{Case, CaseFile, Difference, Report, Under};
use crate::cli::exit::{ExitStatus, Failure};
use crate::policy::{ConfigErrors, RuleKind};
use crate::report::counted;

/// Judge tables of lines and tell which are decided otherwise than expected
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Test {
    /// The id of an embedded policy, a policy file or a plans file
    #[arg(value_name = "ID|FILE.toml")]
    policy: String,
    /// Tables of lines with the decisions that are expected
    #[arg(value_name = "CASES")]
    cases: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  claimstream policies test mine.toml mine.cases
  claimstream policies test cigna-0139 mine.cases

A line of a table is a service line: date, procedure, decision, the rules that fire.
  case The seventh day is payable
  2025-01-06  20552  pay
  2025-01-12  20552  deny min-interval
docs/policies.md has every key.

Exit status:
  0  every line is decided as expected
  1  a line is decided otherwise
  2  the policy or the cases are wrong; nothing was judged";

impl Test {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let under = find(&self.policy)?;
        let name = self.cases.display().to_string();
        let text = fs::read_to_string(&self.cases)
            .map_err(|error| Failure::usage(format!("{name}: cannot be read: {error}")))?;
        let refused =
            |errors: ConfigErrors| Failure::usage(format!("the cases are refused:\n{errors}"));
        let file = CaseFile::parse(&name, &text).map_err(refused)?;
        let mut reports = Vec::new();
        let mut errors = Vec::new();
        for case in &file.cases {
            match case.run(&name, &under) {
                Ok(report) => reports.push((case, report)),
                Err(wrong) => errors.extend(wrong.0),
            }
        }
        if !errors.is_empty() {
            return Err(refused(ConfigErrors(errors)));
        }
        print(|out| write_reports(&name, &under, &reports, out))?;
        let mut reports = reports.iter();
        Ok(
            match reports.all(|(_, report)| report.differences.is_empty()) {
                true => ExitStatus::Done,
                false => ExitStatus::DoneWithErrors,
            },
        )
    }
}

fn write_reports(
    name: &str,
    under: &Under,
    reports: &[(&Case<'_>, Report<'_>)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let (mut lines, mut otherwise) = (0, 0);
    for (case, report) in reports {
        lines += case.rows.len();
        otherwise += report.differences.len();
        for difference in &report.differences {
            write_difference(name, case, difference, out)?;
        }
    }
    let lines = counted(lines as u64, "line");
    let cases = counted(reports.len() as u64, "case");
    match otherwise {
        0 => writeln!(
            out,
            "{name}: {lines} in {cases}, every one decided as expected"
        )?,
        count => writeln!(
            out,
            "{name}: {lines} in {cases}, {count} decided otherwise than expected"
        )?,
    }
    let fired: BTreeSet<RuleKind> = reports
        .iter()
        .flat_map(|(_, report)| report.fired.iter().copied())
        .collect();
    let silent: Vec<&str> = rules(under)
        .difference(&fired)
        .map(|kind| kind.name())
        .collect();
    if silent.is_empty() {
        writeln!(out, "every rule of the policy fires somewhere")
    } else {
        writeln!(
            out,
            "rules that fire nowhere in the cases: {}",
            silent.join(", ")
        )
    }
}

/// The rules that cases can fire.
fn rules(under: &Under) -> BTreeSet<RuleKind> {
    let policies = match under {
        Under::Policy(policy) => vec![policy],
        Under::Plans(plans) => plans.plans.iter().map(|plan| &plan.policy).collect(),
    };
    let rules = policies.into_iter().flat_map(|policy| &policy.rules);
    rules.map(|rule| rule.kind).collect()
}

fn write_difference(
    name: &str,
    case: &Case<'_>,
    difference: &Difference<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Difference {
        row,
        expected,
        got,
        texts,
    } = difference;
    let title = match case.title {
        "" => String::new(),
        title => format!(" {title}"),
    };
    writeln!(out, "{name}:{}:{title}", row.line)?;
    writeln!(out, "  line      {}", row.text.trim())?;
    writeln!(out, "  expected  {expected}")?;
    writeln!(out, "  got       {got}")?;
    for text in texts {
        writeln!(out, "  because   {text}")?;
    }
    writeln!(out)
}
