//! Files of cases.

use super::row::{Row, Wrong, real_day, words};
use crate::policy::{ConfigError, ConfigErrors};

/// What a file of cases holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile<'t> {
    /// The cases, in the order of the file.
    pub cases: Vec<Case<'t>>,
}

/// A case: the lines of one story, judged together and apart from all others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case<'t> {
    /// What it shows; empty for lines that stand before the first `case`.
    pub title: &'t str,
    /// Its line in the file, from 1.
    pub line: usize,
    /// Its service lines.
    pub rows: Vec<Row<'t>>,
    pub(super) earlier: Vec<Row<'t>>,
    pub(super) plan: Vec<Said<'t>>,
    pub(super) facts: Vec<FactsRow<'t>>,
}

/// A line, without the word that it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said<'t> {
    pub(super) line: usize,
    /// The byte at which `text` begins in its line.
    pub(super) start: usize,
    pub(super) text: &'t str,
}

/// The clinical facts of a member's date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FactsRow<'t> {
    pub(super) date: &'t str,
    pub(super) member: &'t str,
    /// A JSON object.
    pub(super) object: Said<'t>,
}

/// The member of lines that name none.
pub(super) const MEMBER: &str = "W1";

impl<'t> CaseFile<'t> {
    /// Reads a file of cases.
    ///
    /// # Errors
    ///
    /// Everything wrong in it, each with its line and column.
    pub fn parse(source: &str, text: &'t str) -> Result<Self, ConfigErrors> {
        let mut cases = vec![Case::default()];
        let mut errors = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, text) in (1..).zip(text.lines()) {
            let mut fault = |(place, message): Wrong| {
                errors.push(error(source, line, text, place, message));
            };
            let rest = text.trim_start();
            let start = text.len() - rest.len();
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let said = Said {
                line,
                start: text.len() - after.trim_start().len(),
                text: after.trim(),
            };
            if word == "case" {
                if said.text.is_empty() {
                    fault((start, "`case` needs a title: what the case shows".into()));
                }
                cases.push(Case {
                    title: said.text,
                    line,
                    ..Case::default()
                });
                continue;
            }
            let Some(case) = cases.last_mut() else {
                continue;
            };
            match word {
                "" => {}
                _ if word.starts_with('#') => {}
                "plan" => case.plan.push(said),
                "facts" => match facts(said, text) {
                    Ok(row) => case.facts.push(row),
                    Err(wrong) => fault(wrong),
                },
                "earlier" => match Row::parse(line, text, said.start, true) {
                    Ok(row) => case.earlier.push(row),
                    Err(wrong) => wrong.into_iter().for_each(fault),
                },
                _ => match Row::parse(line, text, start, false) {
                    Ok(row) => case.rows.push(row),
                    Err(wrong) => wrong.into_iter().for_each(fault),
                },
            }
        }
        if errors.is_empty() {
            // What stands before the first `case` may be a comment alone.
            cases.retain(|case| *case != Case::default());
            let empty = cases.iter().filter(|case| case.rows.is_empty());
            errors.extend(empty.map(|case| {
                let message = "the case has no line: nothing is expected of it";
                error(source, case.line.max(1), "", 0, message.into())
            }));
            if cases.is_empty() {
                let message =
                    "the file has no case: write a line, for example 2025-01-06 20552 pay";
                errors.push(error(source, 1, "", 0, message.into()));
            }
        }
        match errors.is_empty() {
            true => Ok(Self { cases }),
            false => Err(ConfigErrors(errors)),
        }
    }
}

/// Something wrong at a byte of a line.
pub(super) fn error(
    source: &str,
    line: usize,
    text: &str,
    place: usize,
    message: String,
) -> ConfigError {
    let before = text.get(..place).unwrap_or(text);
    ConfigError {
        source: source.into(),
        line,
        column: Some(before.chars().count() + 1),
        message,
    }
}

/// `DATE {…}`, or `DATE member=KEY {…}`.
fn facts<'t>(said: Said<'t>, text: &'t str) -> Result<FactsRow<'t>, Wrong> {
    let needs = "`facts` needs a date and an object, for example facts 2025-01-06 {\"phase\":\"diagnostic\"}";
    let Some(open) = text.find('{').filter(|_| text.trim_end().ends_with('}')) else {
        return Err((said.start, needs.into()));
    };
    let mut words = words(&text[..open], said.start);
    let Some((place, date)) = words.next() else {
        return Err((said.start, needs.into()));
    };
    real_day(date).map_err(|message| (place, message))?;
    let mut member = MEMBER;
    for (place, word) in words {
        member = word.strip_prefix("member=").ok_or_else(|| {
            let message = format!("`{word}` is not known here: a date, member=KEY and an object");
            (place, message)
        })?;
    }
    Ok(FactsRow {
        date,
        member,
        object: Said {
            start: open,
            text: text[open..].trim(),
            ..said
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_wrong_in_a_file_is_told_at_once_with_its_place() {
        let text = "\
# a comment
case
2025-01-06 20552
  2025-1-6 20552 pay
case Words
2025-01-06 2055 allow too-soon unit=2 charge=1
2025-01-06 20552 pay units=1 units=2 until=2025-02-30 phase=first beside=it
earlier none 20552 pay
earlier 2025-01-06 20552 deny min-interval
facts 2025-01-06 phase
facts 2025-02-30 {}
facts 2025-01-06 W1 {}
";
        let told = CaseFile::parse("a.cases", text).unwrap_err().to_string();
        let expected = "\
a.cases:2:1: `case` needs a title: what the case shows
a.cases:3:1: a line needs a date or `none`, a procedure and a decision, for example 2025-01-06 20552 pay
a.cases:4:3: `2025-1-6` is no date: write CCYY-MM-DD, or none
a.cases:6:12: `2055` is no procedure: five letters or digits, and -XX for each modifier, for example 20552-RT
a.cases:6:17: `allow` is no decision: pay, reduce, pend, deny, reverse or pass
a.cases:6:23: `too-soon` is no rule; known are ";
        assert!(told.starts_with(expected), "{told}");
        let rest: Vec<&str> = told.lines().skip(6).collect();
        let expected = [
            "a.cases:6:32: a line has no key `unit`; known are beside, billed, billing, charge, claim, dx, freq, measure, member, pcn, ptr, ref, rendering, units, until, allowed, at_stake, monitored, outcome, paid, phase, session, unverified",
            "a.cases:6:46: `1` is no amount: write it with its cents, for example 100.00",
            "a.cases:7:30: `units` stands twice",
            "a.cases:7:44: `2025-02-30` is no date that exists",
            "a.cases:7:61: `first` is no phase: diagnostic or therapeutic",
            "a.cases:7:74: `beside` must be `guided`: the claim bills another procedure that may be guided",
            "a.cases:8:9: an earlier line needs its date",
            "a.cases:9:31: an earlier line has a decision and no rules",
            "a.cases:10:7: `facts` needs a date and an object, for example facts 2025-01-06 {\"phase\":\"diagnostic\"}",
            "a.cases:11:7: `2025-02-30` is no date that exists",
            "a.cases:12:18: `W1` is not known here: a date, member=KEY and an object",
        ];
        assert_eq!(rest, expected);
    }

    #[test]
    fn a_case_needs_a_line_and_a_file_a_case() {
        let told = |text| CaseFile::parse("a.cases", text).unwrap_err().to_string();
        assert!(CaseFile::parse("a.cases", "\u{feff}case A\n2025-01-06 20552 pay\r\n").is_ok());
        assert!(told("# nothing\n").starts_with("a.cases:1:1: the file has no case"));
        assert_eq!(
            told("2025-01-06 20552 pay\ncase Empty\nearlier 2025-01-06 20552 pay\n"),
            "a.cases:2:1: the case has no line: nothing is expected of it"
        );
    }
}
