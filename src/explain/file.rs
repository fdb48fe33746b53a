//! The lines of a member in a file of determinations.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use memchr::memmem::Finder;
use serde::Deserialize;

use super::line::{Decided, Line};
use crate::policy::Members;

/// What is asked about: a member, a claim by either of its numbers, a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The member key.
    pub member: Option<&'a str>,
    /// The claim control number, or CLM01.
    pub claim: Option<&'a str>,
    /// The plan.
    pub plan: Option<&'a str>,
}

impl Asked<'_> {
    /// Whether a claim is asked about.
    #[must_use]
    pub fn is_about(&self, decided: &Decided) -> bool {
        let number = decided.claim_control_number.as_deref();
        self.claim
            .is_none_or(|claim| decided.claim == claim || number == Some(claim))
    }

    fn takes_plan(&self, plan: Option<&str>) -> bool {
        self.plan.is_none() || self.plan == plan
    }
}

/// Why a file cannot be explained. Its texts have no value of the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// A line of it is no determination.
    #[error(
        "line {0} is no determination; give what `claimstream adjudicate --out FILE.jsonl` wrote"
    )]
    Wrong(usize),
}

/// A plan and a newest member key: what stands on one timeline.
pub type TimelineName = (Option<String>, String);

/// Whose lines a determination is one of, and no more.
#[derive(Deserialize)]
struct Whose {
    claim: String,
    claim_control_number: Option<String>,
    plan: Option<String>,
    member: String,
}

/// The timelines that have a line of what is asked about.
///
/// # Errors
///
/// A file that cannot be read, or is none of determinations.
pub fn find_timelines(
    file: impl BufRead,
    asked: &Asked<'_>,
    members: &Members,
) -> Result<BTreeSet<TimelineName>, FileError> {
    let mut found = BTreeSet::new();
    let member = asked.member.map(|member| members.newest(member));
    each_line(file, |number, text| {
        // The first line is always looked at: a file of another kind is refused.
        let is_named = number == 1 || asked.claim.is_none_or(|claim| has(text, claim));
        if !is_named {
            return Ok(());
        }
        let whose: Whose = parse(number, text)?;
        let control_number = whose.claim_control_number.as_deref();
        let is_claim = asked
            .claim
            .is_none_or(|claim| whose.claim == claim || control_number == Some(claim));
        let newest = members.newest(&whose.member);
        let is_member = member.is_none_or(|member| newest == member);
        if is_claim && is_member && asked.takes_plan(whose.plan.as_deref()) {
            found.insert((whose.plan, newest.to_owned()));
        }
        Ok(())
    })?;
    Ok(found)
}

/// The lines of a timeline, by date of service, then as they stand in the file.
///
/// # Errors
///
/// A file that cannot be read, or is none of determinations.
pub fn read_timeline(
    file: impl BufRead,
    (plan, member): &TimelineName,
    members: &Members,
) -> Result<Vec<Line>, FileError> {
    let keys: Vec<&str> = std::iter::once(member.as_str())
        .chain(members.older(member))
        .collect();
    let mut lines: Vec<Line> = Vec::new();
    each_line(file, |number, text| {
        if !keys.iter().any(|key| has(text, key)) {
            return Ok(());
        }
        let whose: Whose = parse(number, text)?;
        if keys.contains(&whose.member.as_str()) && whose.plan == *plan {
            lines.push(Line::from(parse::<Decided>(number, text)?));
        }
        Ok(())
    })?;
    lines.sort_by_key(|line| line.decided.service_date);
    Ok(lines)
}

fn parse<'t, T: Deserialize<'t>>(number: usize, text: &'t [u8]) -> Result<T, FileError> {
    serde_json::from_slice(text).map_err(|_| FileError::Wrong(number))
}

/// Whether a line of JSON may have a value: nearly every line is told apart by its bytes.
fn has(text: &[u8], value: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    !value.bytes().all(is_plain) || Finder::new(value).find(text).is_some()
}

/// Gives every line that is not blank, with its number.
fn each_line(
    mut file: impl BufRead,
    mut visit: impl FnMut(usize, &[u8]) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut text = Vec::new();
    for number in 1.. {
        text.clear();
        if file.read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if !text.trim_ascii().is_empty() {
            visit(number, &text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../fixtures/overnight.expected.jsonl");

    fn found(asked: &Asked<'_>) -> Vec<TimelineName> {
        let found = find_timelines(FILE.as_bytes(), asked, &Members::default());
        found.unwrap().into_iter().collect()
    }

    #[test]
    fn a_claim_is_found_by_either_of_its_numbers() {
        for claim in ["RP-2002", "G24Y5YV3V73QP6MD"] {
            let asked = Asked {
                claim: Some(claim),
                ..Asked::default()
            };
            let member = "U10000002/20080117/M/MILO".to_owned();
            assert_eq!(found(&asked), [(Some("cigna".into()), member)]);
        }
    }

    #[test]
    fn a_part_of_a_number_finds_nothing() {
        for (claim, member) in [(Some("RP-200"), None), (None, Some("U1000000"))] {
            let asked = Asked {
                claim,
                member,
                plan: None,
            };
            assert_eq!(found(&asked), []);
        }
    }

    #[test]
    fn the_lines_of_a_timeline_come_by_date() {
        let name = (Some("cigna".into()), "U10000002/20080117/M/MILO".into());
        let lines = read_timeline(FILE.as_bytes(), &name, &Members::default()).unwrap();
        let dates: Vec<_> = lines.iter().map(|line| line.decided.service_date).collect();
        assert!(lines.len() > 5);
        assert!(dates.is_sorted());
        assert!(lines.iter().all(|line| line.decided.member == name.1));
    }

    #[test]
    fn what_is_no_determination_is_named_by_its_line_and_by_nothing_else() {
        let error = find_timelines(
            &b"\n{\"claim\":\"SECRET\"}\n"[..],
            &Asked::default(),
            &Members::default(),
        );
        let words = error.unwrap_err().to_string();
        assert!(words.starts_with("line 2 is no determination"), "{words}");
        assert!(!words.contains("SECRET"), "{words}");
    }
}
