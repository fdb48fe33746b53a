//! `claimstream policies check`.

use std::io::{self, Write};

use clap::Args;

use super::{find, print};
use crate::cases::Under;
use crate::cli::exit::{ExitStatus, Failure};
use crate::policy::{Plan, Plans, Policy};
use crate::report::counted;

/// Tell everything wrong with a policy or plans file, each with file, line and column
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Check {
    /// A policy file or a plans file
    #[arg(value_name = "FILE.toml")]
    file: String,
}

const EXAMPLES: &str = "\
Examples:
  claimstream policies check mine.toml
  claimstream policies check plans.toml

A warning tells what is right as a file and pays what nobody may mean to pay; it is no fault.

Exit status:
  0  nothing is wrong
  2  something is; every fault is told";

impl Check {
    pub(super) fn run(self) -> Result<ExitStatus, Failure> {
        let name = &self.file;
        let found = find(name)?;
        print(|out| match &found {
            Under::Policy(policy) => write_policy(name, policy, out),
            Under::Plans(plans) => write_plans(name, plans, out),
        })?;
        Ok(ExitStatus::Done)
    }
}

fn write_policy(name: &str, policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{name}: nothing is wrong with policy {}", policy.id)?;
    let codes = policy.codes.roles.iter().map(|(_, codes)| codes.len());
    let parts = [
        (policy.versions.len(), "version"),
        (policy.rules.len(), "rule"),
        (codes.sum(), "procedure code"),
        (policy.codes.diagnoses.len(), "listed diagnosis code"),
        (policy.criteria.len(), "clinical criterion"),
    ];
    let parts = parts.map(|(count, what)| match (count, what) {
        (1, _) | (_, "version" | "rule" | "procedure code" | "listed diagnosis code") => {
            counted(count as u64, what)
        }
        _ => format!("{count} clinical criteria"),
    });
    writeln!(out, "  {}", parts.join(", "))?;
    write_warnings(&policy.warnings(), out)?;
    writeln!(out, "`claimstream policies show {name}` shows what it says")?;
    writeln!(
        out,
        "`claimstream policies test {name} CASES` tries it on lines"
    )
}

fn write_plans(name: &str, plans: &Plans, out: &mut dyn Write) -> io::Result<()> {
    let count = counted(plans.plans.len() as u64, "plan");
    writeln!(
        out,
        "{name}: nothing is wrong with its {count}; the first that matches a claim takes it"
    )?;
    for plan in &plans.plans {
        writeln!(out, "  {}", plan_line(plan))?;
    }
    let mut warnings: Vec<String> = plans.plans.iter().flat_map(Plan::warnings).collect();
    for plan in &plans.plans {
        let of_policy = plan.policy.warnings().into_iter();
        let of_policy = of_policy.map(|warning| format!("policy {}: {warning}", plan.policy.id));
        warnings.extend(of_policy);
    }
    warnings.dedup();
    write_warnings(&warnings, out)?;
    writeln!(
        out,
        "`claimstream policies test {name} CASES` tries them on lines, `claimstream policies show` \
         shows a policy"
    )
}

fn plan_line(plan: &Plan) -> String {
    let list = |what: &str, list: &Option<Vec<String>>| match list {
        Some(list) => format!("{what} {}", list.join(", ")),
        None => format!("every {what}"),
    };
    let payers = list("payer id", &plan.payer_ids);
    let groups = list("group number", &plan.group_numbers);
    let overrides = match plan.overrides.len() {
        0 => String::new(),
        count => format!(", with {}", counted(count as u64, "override")),
    };
    let monitors = match plan.monitors.len() {
        0 => String::new(),
        count => format!(", with {}", counted(count as u64, "monitor")),
    };
    let (id, policy) = (&plan.id, &plan.policy.id);
    format!("{id}: {payers}, {groups}, under {policy}{overrides}{monitors}")
}

fn write_warnings(warnings: &[String], out: &mut dyn Write) -> io::Result<()> {
    for warning in warnings {
        writeln!(out, "  warning: {warning}")?;
    }
    Ok(())
}
