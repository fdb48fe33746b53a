//! The summary in words: what happened, where the result is, what to do next.

use std::fmt::{self, Display};

use super::monitored;
use super::summary::{Fates, KnownFile, LineFates, Summary};

/// The most voids, and payer ids, that are named in words.
const MOST_NAMED: usize = 10;

/// A [`Summary`] in words.
pub struct Words<'s> {
    /// What the run came to.
    pub summary: &'s Summary,
    /// Where each result is: what it is called, and its path.
    pub written: &'s [(&'static str, String)],
}

impl Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary;
        read(f, summary)?;
        decided(f, summary)?;
        if let Some(monitored) = &summary.monitored {
            monitored::write_words(f, monitored)?;
        }
        versions(f, summary)?;
        history(f, summary)?;
        if let Some(remitted) = &summary.remitted {
            remitted.fmt(f)?;
        }
        if let Some(recoveries) = &summary.recoveries {
            recoveries.fmt(f)?;
        }
        unrouted(f, summary)?;
        for warning in &summary.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        for (what, path) in self.written {
            writeln!(f, "{what:<16}{path}")?;
        }
        Ok(())
    }
}

fn read(f: &mut fmt::Formatter<'_>, summary: &Summary) -> fmt::Result {
    writeln!(
        f,
        "claimstream {}: {} read in {} s, {} claims/s",
        summary.engine,
        size(summary.bytes),
        summary.seconds,
        grouped(summary.claims_per_second)
    )?;
    // A column of its own, for the runs that need it.
    let known = |count: u64| match summary.files.adjudicated_before {
        0 => String::new(),
        _ => format!(" {:>11}", grouped(count)),
    };
    let known_head = match summary.files.adjudicated_before {
        0 => String::new(),
        _ => format!(" {:>11}", "known"),
    };
    writeln!(
        f,
        "\n{:<18}{:>11} {:>9} {:>9}{known_head} {:>11} {:>11} {:>11}",
        "", "read", "refused", "rejected", "taken back", "judged", "passed"
    )?;
    for (name, fates) in [
        ("files", summary.files),
        ("interchanges", summary.interchanges),
        ("groups", summary.groups),
        ("transaction sets", summary.transaction_sets),
    ] {
        let Fates {
            read,
            refused,
            adjudicated_before,
        } = fates;
        let known = match known(adjudicated_before) {
            known if known.is_empty() => known,
            known => format!("{:10}{known}", ""),
        };
        writeln!(
            f,
            "{name:<18}{:>11} {:>9}{known}",
            grouped(read),
            grouped(refused)
        )?;
    }
    for (name, fates) in [("claims", summary.claims), ("lines", summary.lines)] {
        let LineFates {
            read,
            refused,
            rejected,
            adjudicated_before,
            taken_back,
            judged,
            passed,
        } = fates;
        let known = known(adjudicated_before);
        let [read, refused, rejected, taken_back, judged, passed] =
            [read, refused, rejected, taken_back, judged, passed].map(grouped);
        writeln!(
            f,
            "{name:<18}{read:>11} {refused:>9} {rejected:>9}{known} {taken_back:>11} {judged:>11} {passed:>11}"
        )?;
    }
    writeln!(f)
}

fn decided(f: &mut fmt::Formatter<'_>, summary: &Summary) -> fmt::Result {
    if summary.decisions.is_empty() {
        return Ok(());
    }
    writeln!(f, "{:<32}{:>11} {:>15}", "", "lines", "charge")?;
    for decision in ["pay", "reduce", "pend", "deny"] {
        let Some(amounts) = summary.decisions.get(decision) else {
            continue;
        };
        let (lines, charge) = (grouped(amounts.lines), &amounts.charge);
        writeln!(f, "{decision:<32}{lines:>11} {charge:>15}")?;
        for rule in summary
            .rules
            .iter()
            .filter(|rule| rule.decision == decision)
        {
            let (lines, charge) = (grouped(rule.amounts.lines), &rule.amounts.charge);
            writeln!(
                f,
                "  {:<30}{lines:>11} {charge:>15}  {}",
                rule.rule, rule.policy
            )?;
        }
    }
    let charges = &summary.charges;
    writeln!(
        f,
        "billed {}, allowed {}, denied {}, pended {}, reduced by {}",
        charges.billed, charges.allowed, charges.denied, charges.pended, charges.reduced
    )?;
    let unverified: u64 = summary.unverified.values().sum();
    if unverified > 0 {
        writeln!(
            f,
            "{} criteria were taken on trust (unverified)",
            grouped(unverified)
        )?;
    }
    writeln!(f)
}

fn versions(f: &mut fmt::Formatter<'_>, summary: &Summary) -> fmt::Result {
    let voids = &summary.voids_without_effect;
    if voids.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "{} took nothing back:",
        counted(voids.len() as u64, "void")
    )?;
    for void in voids.iter().take(MOST_NAMED) {
        let (number, file, offset) = (&void.claim_control_number, &void.file, void.offset_bytes);
        writeln!(f, "  {number}  {file}, byte {offset}")?;
    }
    if voids.len() > MOST_NAMED {
        writeln!(
            f,
            "  and {} more: --summary names them all",
            voids.len() - MOST_NAMED
        )?;
    }
    writeln!(f)
}

fn history(f: &mut fmt::Formatter<'_>, summary: &Summary) -> fmt::Result {
    let Some(history) = &summary.history else {
        return Ok(());
    };
    if history.claims_taken_back > 0 {
        writeln!(
            f,
            "{} of earlier runs taken back: {}, {}",
            counted(history.claims_taken_back, "claim"),
            counted(history.lines_taken_back, "paid line"),
            history.amount_taken_back
        )?;
    }
    let before = &history.adjudicated_before;
    let what = if history.is_written_again {
        "its determinations were written again"
    } else {
        "it was left out"
    };
    for KnownFile {
        file,
        run,
        recorded_at,
    } in before.iter().take(MOST_NAMED)
    {
        writeln!(
            f,
            "{file}: adjudicated before, by run {run} of {recorded_at}; {what}"
        )?;
    }
    if before.len() > MOST_NAMED {
        writeln!(
            f,
            "and {} more: --summary names them all",
            counted((before.len() - MOST_NAMED) as u64, "such file")
        )?;
    }
    match history.run {
        Some(run) => writeln!(f, "recorded as run {run} in {}", history.file),
        None => writeln!(f, "nothing was added to {}", history.file),
    }
}

fn unrouted(f: &mut fmt::Formatter<'_>, summary: &Summary) -> fmt::Result {
    let unrouted = &summary.unrouted;
    if unrouted.claims == 0 {
        return Ok(());
    }
    let routed: u64 = summary.claims_by_plan.values().sum();
    let payers: Vec<String> = unrouted
        .payer_ids
        .iter()
        .take(MOST_NAMED)
        .map(|(payer_id, claims)| format!("{payer_id} ({})", grouped(*claims)))
        .collect();
    let more = unrouted.payer_ids.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    if routed > 0 {
        let claims = counted(unrouted.claims, "claim");
        return writeln!(
            f,
            "{claims} matched no plan and passed; payer ids: {}{more}\n",
            payers.join(", ")
        );
    }
    writeln!(f, "No claim matched a plan, so nothing was judged.")?;
    writeln!(
        f,
        "Payer ids seen (2010BB NM109): {}{more}",
        payers.join(", ")
    )?;
    let example = unrouted
        .payer_ids
        .keys()
        .find(|payer_id| !payer_id.is_empty());
    writeln!(
        f,
        "Route them with --plans FILE.toml, for example:\n\n    [[plan]]\n    id = \"my-plan\"\n    payer_ids = [\"{}\"]\n    policy = \"cigna-0139\"\n",
        example.map_or("PAYER", String::as_str)
    )
}

/// A number with commas between its thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 void`, `2 voids`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {what}{end}", grouped(number))
}

/// Bytes in the unit that suits them.
fn size(bytes: u64) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if bytes >= unit {
            return format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit);
        }
    }
    counted(bytes, "byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[test]
    fn sizes_have_their_unit() {
        assert_eq!(
            [1, 1023, 1536, 3 << 30].map(size),
            ["1 byte", "1,023 bytes", "1.5 KiB", "3.0 GiB"]
        );
    }
}
