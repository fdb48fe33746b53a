//! `claimstream policies`, without a command: the embedded policies.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::print;
use crate::cli::exit::{ExitStatus, Failure};
use crate::policy::{Policy, embedded_ids, find_policy};

const FIRST: &str = "\
The policies that come with the engine. Each is judged from the first date of service on which a
version of it is in force; its payer means to review it by the next review.

";

const MORE: &str = "
claimstream policies show ID    shows the codes, rules and clauses of one
claimstream policies --help     has the commands for a policy of your own
";

pub(super) fn run() -> Result<ExitStatus, Failure> {
    let found: Result<Vec<Arc<Policy>>, _> = embedded_ids()
        .map(|id| find_policy(id, Path::new("")))
        .collect();
    let policies = found.map_err(Failure::usage)?;
    print(|out| {
        out.write_all(FIRST.as_bytes())?;
        write_table(&policies, out)?;
        out.write_all(MORE.as_bytes())
    })?;
    Ok(ExitStatus::Done)
}

fn write_table(policies: &[Arc<Policy>], out: &mut dyn Write) -> io::Result<()> {
    let width = |of: fn(&Policy) -> &str| {
        let widths = policies.iter().map(|policy| of(policy).chars().count());
        widths.max().unwrap_or_default()
    };
    let (id, payer) = (width(|policy| &policy.id), width(|policy| &policy.payer));
    let (number, title) = (
        width(|policy| &policy.number),
        width(|policy| &policy.title),
    );
    let head = [
        "ID",
        "PAYER",
        "NUMBER",
        "TITLE",
        "IN FORCE FROM",
        "NEXT REVIEW",
    ];
    let mut row = |cells: [&str; 6]| {
        let [a, b, c, d, e, f] = cells;
        let row = format!("{a:id$}  {b:payer$}  {c:number$}  {d:title$}  {e:13}  {f}");
        writeln!(out, "{}", row.trim_end())
    };
    row(head)?;
    for policy in policies {
        let mut first = [&*policy.id, &policy.payer, &policy.number, &policy.title];
        for version in &policy.versions {
            let [a, b, c, d] = first;
            let effective = version.effective.to_string();
            let review = version.next_review.map(|review| review.to_string());
            row([a, b, c, d, &effective, review.as_deref().unwrap_or("-")])?;
            first = [""; 4];
        }
    }
    Ok(())
}
