//! What remittances came to, on one screen and as JSON.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::remit::check::{Sum, Totals};
use crate::remit::codes::Group;
use crate::report::counted;

/// How wide the column of words is, and that of amounts.
const WORDS: usize = 34;
const AMOUNT: usize = 16;

/// The totals of each input, in their order.
type Checked = [(Arc<str>, Totals)];

fn sum(checked: &Checked) -> Totals {
    let mut all = Totals::default();
    checked.iter().for_each(|(_, totals)| all += *totals);
    all
}

/// The amounts as they follow from each other; those that are zero are left out, but for
/// charges, payments and what is paid.
pub(super) fn in_words(checked: &Checked) -> String {
    let all = sum(checked);
    let mut text = format!(
        "{}, {}, {}\n",
        counted(all.transaction_sets, "transaction set"),
        counted(all.claims, "claim"),
        counted(all.lines, "service line"),
    );
    let mut row = |words: &str, amount: Sum| {
        let _ = writeln!(text, "  {words:<WORDS$}{:>AMOUNT$}", amount.to_string());
    };
    row("charges (CLP03)", all.charges);
    for (name, amount) in names().zip(all.adjustments) {
        if amount != Sum(0) {
            row(&format!("less adjustments {name}"), amount);
        }
    }
    row("payments (CLP04)", all.payments);
    if all.provider_adjustments != Sum(0) {
        row("less provider adjustments PLB", all.provider_adjustments);
    }
    row("paid (BPR02)", all.paid);
    if checked.len() > 1 {
        for (name, totals) in checked {
            let _ = writeln!(text, "{name}: {}", verdict(totals));
        }
    }
    let _ = writeln!(text, "{}", verdict(&all));
    text
}

/// The names of the sums of adjustments.
fn names() -> impl Iterator<Item = &'static str> {
    let groups = Group::ALL.into_iter().map(Group::code);
    groups.chain(["of other groups"])
}

fn verdict(totals: &Totals) -> String {
    let told = format!(
        "{}, {}",
        counted(totals.errors, "error"),
        counted(totals.warnings, "warning")
    );
    match (totals.transaction_sets, totals.unbalanced_sets) {
        (0, _) => format!("no remittance; {told}"),
        (_, 0) => format!("balanced; {told}"),
        (sets, unbalanced) => {
            let sets = counted(sets, "transaction set");
            format!("not balanced: {unbalanced} of {sets}; {told}")
        }
    }
}

/// One object: the totals, and those of each input.
pub(super) fn as_json(checked: &Checked) -> String {
    let files: Vec<Value> = checked
        .iter()
        .map(|(name, totals)| object(Some(name), totals))
        .collect();
    let mut all = object(None, &sum(checked));
    all["files"] = files.into();
    format!("{all}\n")
}

fn object(name: Option<&str>, totals: &Totals) -> Value {
    let adjustments: serde_json::Map<String, Value> = ["CO", "OA", "PI", "PR", "other"]
        .into_iter()
        .zip(totals.adjustments)
        .map(|(name, amount)| (name.to_owned(), amount.to_string().into()))
        .collect();
    let mut object = json!({
        "transaction_sets": totals.transaction_sets,
        "unbalanced_transaction_sets": totals.unbalanced_sets,
        "claims": totals.claims,
        "service_lines": totals.lines,
        "charges": totals.charges.to_string(),
        "adjustments": adjustments,
        "payments": totals.payments.to_string(),
        "provider_adjustments": totals.provider_adjustments.to_string(),
        "paid": totals.paid.to_string(),
        "errors": totals.errors,
        "warnings": totals.warnings,
    });
    if let Some(name) = name {
        object["file"] = name.into();
    }
    object
}
