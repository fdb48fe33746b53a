//! A comparison in words: what was compared, what changes, where all of it is.

use std::fmt::{self, Display};

use super::{ByRule, Change, ComparisonSummary, SideUsed};
use crate::report::words::{counted, grouped};

/// The most plans of a side that are named in words.
const MOST_PLANS: usize = 6;

/// The most differences between plans that are told.
const MOST_DIFFERENCES: usize = 8;

/// The most billing providers that are shown one by one.
const MOST_PROVIDERS: usize = 10;

/// The most inputs that are named.
const MOST_INPUTS: usize = 10;

/// How many digits of a digest tell one text from another for a person.
const DIGEST_DIGITS: usize = 12;

/// A [`ComparisonSummary`] in words.
pub struct ComparisonWords<'s> {
    /// What the comparison came to.
    pub summary: &'s ComparisonSummary,
    /// Where each result is: what it is called, and its path.
    pub written: &'s [(&'static str, String)],
    /// Whether every changed line is written somewhere.
    pub has_lines: bool,
}

impl Display for ComparisonWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary;
        compared(f, summary)?;
        totals(f, summary)?;
        if summary.compared.changed.lines == 0 {
            writeln!(f, "\nNo decision changes.")?;
        } else {
            changes(f, summary)?;
        }
        rules(f, summary)?;
        providers(f, summary)?;
        if summary.compared.governed_on_one_side > 0 {
            writeln!(
                f,
                "\n{} on a side that does not limit them: what the other allows is in its own total, and no difference",
                match summary.compared.governed_on_one_side {
                    1 => "1 line passes".to_owned(),
                    lines => format!("{} pass", counted(lines, "line")),
                }
            )?;
        }
        history(f, summary)?;
        for warning in &summary.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        writeln!(f)?;
        for (what, path) in self.written {
            writeln!(f, "{what:<16}{path}")?;
        }
        let is_changed = summary.compared.changed.lines + summary.compared.other_rule.lines > 0;
        if is_changed && !self.has_lines {
            writeln!(f, "--out FILE.csv writes every changed line")?;
        }
        Ok(())
    }
}

fn compared(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    writeln!(
        f,
        "claimstream {}: nothing is recorded or paid",
        summary.engine
    )?;
    writeln!(f)?;
    side(f, "base", &summary.base)?;
    side(f, "with", &summary.with)?;
    writeln!(f, "what is different")?;
    for difference in summary.differences.iter().take(MOST_DIFFERENCES) {
        writeln!(f, "      {difference}")?;
    }
    if let Some(more) = beyond(summary.differences.len(), MOST_DIFFERENCES) {
        writeln!(f, "      and {more} more: --summary tells them all")?;
    }
    if summary.differences.is_empty() {
        writeln!(f, "      nothing that decides")?;
    }
    let compared = &summary.compared;
    writeln!(
        f,
        "\n{} and {} read; {} with {} compared",
        counted(summary.claims.read, "claim"),
        counted(summary.lines.read, "line"),
        counted(compared.claims, "claim"),
        counted(compared.lines, "line"),
    )?;
    let turned_away = summary.claims.refused + summary.claims.rejected;
    if turned_away > 0 {
        writeln!(
            f,
            "{} refused or rejected, on both sides alike",
            counted(turned_away, "claim")
        )?;
    }
    Ok(())
}

fn side(f: &mut fmt::Formatter<'_>, name: &str, side: &SideUsed) -> fmt::Result {
    let short = |digest: &str| digest.chars().take(DIGEST_DIGITS).collect::<String>();
    match &side.plans_digest {
        Some(digest) => writeln!(f, "{name}  {}  {}", side.given, short(digest))?,
        None => writeln!(f, "{name}  {}", side.given)?,
    }
    for plan in side.plans.iter().take(MOST_PLANS) {
        writeln!(
            f,
            "      plan {}: {} \"{}\", in force from {}, {}; {}",
            plan.plan,
            plan.policy,
            plan.title,
            plan.versions.join(", "),
            short(&plan.digest),
            counted(plan.claims, "claim")
        )?;
    }
    if let Some(more) = beyond(side.plans.len(), MOST_PLANS) {
        let more = counted(more as u64, "more plan");
        writeln!(f, "      and {more}: --summary names them all")?;
    }
    Ok(())
}

fn totals(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    writeln!(
        f,
        "\n{:<8}{:>22} {:>32} {:>32}",
        "", "lines", "charge", "allowed"
    )?;
    let sides = ["base", "with"].map(str::to_owned);
    let heads = [sides.clone(), sides.clone(), sides];
    total_row(f, "", &heads)?;
    for by in &summary.decisions {
        let (base, with) = (&by.base, &by.with);
        let cells = [
            [grouped(base.lines), grouped(with.lines)],
            [dollars(&base.charge), dollars(&with.charge)],
            [dollars(&base.allowed), dollars(&with.allowed)],
        ];
        total_row(f, by.decision, &cells)?;
    }
    let (base, with) = (&summary.base_total, &summary.with_total);
    let cells = [
        [grouped(base.lines), grouped(with.lines)],
        [dollars(&base.billed), dollars(&with.billed)],
        [dollars(&base.allowed), dollars(&with.allowed)],
    ];
    total_row(f, "judged", &cells)
}

fn total_row(f: &mut fmt::Formatter<'_>, name: &str, cells: &[[String; 2]; 3]) -> fmt::Result {
    let [lines, charge, allowed] = cells;
    writeln!(
        f,
        "{name:<8}{:>11}{:>11} {:>16}{:>16} {:>16}{:>16}",
        lines[0], lines[1], charge[0], charge[1], allowed[0], allowed[1]
    )
}

fn changes(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    let compared = &summary.compared;
    writeln!(
        f,
        "\n{} {} ({}, {}): {} allowed",
        counted(compared.changed.lines, "decision"),
        match compared.changed.lines {
            1 => "changes",
            _ => "change",
        },
        counted(compared.changed_claims, "claim"),
        counted(compared.changed_members, "member"),
        signed(&compared.changed.difference),
    )?;
    writeln!(
        f,
        "{:<24}{:>11} {:>16} {:>16}",
        "", "lines", "charge", "allowed"
    )?;
    for change in summary
        .changes
        .iter()
        .filter(|change| change.base != change.with)
    {
        let what = format!("{} -> {}", change.base, change.with);
        row(f, &what, &change.change)?;
    }
    if compared.other_rule.lines > 0 {
        row(f, "same, by another rule", &compared.other_rule)?;
    }
    writeln!(f, "{:<24}{:>11}", "unchanged", grouped(compared.unchanged))
}

fn row(f: &mut fmt::Formatter<'_>, what: &str, change: &Change) -> fmt::Result {
    writeln!(
        f,
        "{what:<24}{:>11} {:>16} {:>16}",
        grouped(change.lines),
        dollars(&change.charge),
        signed(&change.difference)
    )
}

fn rules(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    let moved = |rule: &&ByRule| rule.newly.lines + rule.no_longer.lines > 0;
    let mut rules = summary.rules.iter().filter(moved).peekable();
    if rules.peek().is_none() {
        return Ok(());
    }
    writeln!(
        f,
        "\n{:<28}{:>9} {:>9} {:>10} {:>15} {:>9} {:>15}",
        "decided by", "base", "with", "no longer", "allowed", "newly", "allowed"
    )?;
    for rule in rules {
        writeln!(
            f,
            "{:<28}{:>9} {:>9} {:>10} {:>15} {:>9} {:>15}",
            format!("{} {}", rule.decision, rule.rule),
            grouped(rule.base),
            grouped(rule.with),
            grouped(rule.no_longer.lines),
            signed(&rule.no_longer.difference),
            grouped(rule.newly.lines),
            signed(&rule.newly.difference),
        )?;
    }
    Ok(())
}

fn providers(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    let providers = &summary.providers;
    if providers.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "\n{:<24}{:>11} {:>16} {:>16} {:>9} {:>11}",
        "billing provider", "lines", "charge", "allowed", "members", "of lines"
    )?;
    for provider in providers.iter().take(MOST_PROVIDERS) {
        writeln!(
            f,
            "{:<24}{:>11} {:>16} {:>16} {:>9} {:>11}",
            name(&provider.billing_provider),
            grouped(provider.change.lines),
            dollars(&provider.change.charge),
            signed(&provider.change.difference),
            grouped(provider.members),
            grouped(provider.compared),
        )?;
    }
    let unchanged = counted(summary.unchanged_providers, "provider");
    match beyond(providers.len(), MOST_PROVIDERS) {
        Some(more) => writeln!(
            f,
            "and {} more; {unchanged} without a change",
            grouped(more as u64)
        ),
        None => writeln!(f, "{unchanged} without a change"),
    }
}

/// What stands in a place of the table, without what a terminal might obey.
fn name(billing_provider: &str) -> String {
    let shown = |letter: char| if letter.is_control() { '?' } else { letter };
    match billing_provider {
        "" => "none given".to_owned(),
        given => given.chars().map(shown).collect(),
    }
}

fn history(f: &mut fmt::Formatter<'_>, summary: &ComparisonSummary) -> fmt::Result {
    let Some(history) = &summary.history else {
        return Ok(());
    };
    writeln!(
        f,
        "\nboth judged after {}, which stays as it is",
        history.file
    )?;
    for input in history.judged_again.iter().take(MOST_INPUTS) {
        writeln!(
            f,
            "{}: adjudicated before, by run {}; judged again, in place of what it was",
            input.file, input.run
        )?;
    }
    if let Some(more) = beyond(history.judged_again.len(), MOST_INPUTS) {
        let more = counted(more as u64, "more such file");
        writeln!(f, "and {more}: --summary names them all")?;
    }
    if !history.judged_again.is_empty() {
        writeln!(
            f,
            "{} of the history set aside, {} that they had taken back restored",
            counted(history.claims_taken_out, "claim"),
            counted(history.claims_restored, "claim"),
        )?;
    }
    Ok(())
}

fn beyond(count: usize, most: usize) -> Option<usize> {
    count.checked_sub(most).filter(|more| *more > 0)
}

/// An amount with commas between its thousands.
fn dollars(amount: &str) -> String {
    let (sign, digits) = match amount.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", amount),
    };
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    format!("{sign}{whole}.{cents}")
}

/// A difference, which has its sign.
fn signed(amount: &str) -> String {
    match amount {
        "0.00" => "0.00".to_owned(),
        amount if amount.starts_with('-') => dollars(amount),
        amount => format!("+{}", dollars(amount)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::PlanCompared;
    use super::*;

    struct Side(SideUsed);

    impl Display for Side {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            side(f, "base", &self.0)
        }
    }

    #[test]
    fn plans_beyond_those_that_are_named_are_counted() {
        let plan = PlanCompared {
            plan: "a".to_owned(),
            policy: "p".to_owned(),
            title: "T".to_owned(),
            versions: vec!["2026-01-01".to_owned()],
            digest: String::new(),
            claims: 0,
        };
        let last = |count: usize| {
            let side = Side(SideUsed {
                given: "plans.toml".to_owned(),
                plans_digest: None,
                plans: vec![plan.clone(); count],
            });
            side.to_string().lines().last().unwrap().trim().to_owned()
        };
        assert!(last(MOST_PLANS).starts_with("plan a"));
        let [one, two] = [1, 2].map(|more| last(MOST_PLANS + more));
        assert_eq!(one, "and 1 more plan: --summary names them all");
        assert_eq!(two, "and 2 more plans: --summary names them all");
    }

    #[test]
    fn a_difference_has_its_sign_and_commas() {
        let amounts = ["1234567.89", "-1234.50", "0.00", "7.00"].map(signed);
        assert_eq!(amounts, ["+1,234,567.89", "-1,234.50", "0.00", "+7.00"]);
    }
}
