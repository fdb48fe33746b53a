//! The tables of the rules' own tests: see [`crate::cases`] for their form.

use crate::cases::{CaseFile, Under};
use crate::policy::find_policy;

/// Checks a table under an embedded policy.
pub(crate) fn check(policy: &str, table: &str) {
    check_plan(policy, "", table);
}

/// Checks a table under a plan with these options and overrides, as in a plans file.
pub(crate) fn check_plan(policy: &str, plan: &str, table: &str) {
    let policy = find_policy(policy, "".as_ref()).unwrap_or_else(|error| panic!("{error}"));
    check_under(&Under::Policy(policy), plan, table);
}

/// Checks a table under a plan of any policy.
pub(crate) fn check_under(under: &Under, plan: &str, table: &str) {
    let plan = plan.lines().filter(|line| !line.is_empty());
    let mut text: String = plan.map(|line| format!("plan {line}\n")).collect();
    text += table;
    let file = CaseFile::parse("table", &text).unwrap_or_else(|errors| panic!("{errors}"));
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        for case in &file.cases {
            let report = pool
                .install(|| case.run("table", under))
                .unwrap_or_else(|errors| panic!("{errors}"));
            assert!(
                report.differences.is_empty(),
                "{threads} threads: {:#?}",
                report.differences
            );
        }
    }
}
