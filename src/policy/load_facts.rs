//! Clinical facts files: one JSON object a line.

use std::io::{self, BufRead};

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::facts::{ClinicalFacts, FactsTable, Phase};
use super::members::Members;
use super::plan::Plans;
use super::section::{ConfigError, ConfigErrors};
use crate::claim::{Quantity, parse_calendar_date};

/// The most wrong lines that are told.
const MOST_ERRORS: usize = 50;

/// What was read of a facts file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FactsStats {
    /// Objects.
    pub objects: u64,
    /// Of those, for plans that are not among the run's.
    pub unknown_plan: u64,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
}

/// Why a facts file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FactsError {
    /// The file cannot be read to its end.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Lines of it are wrong.
    #[error(transparent)]
    Wrong(#[from] ConfigErrors),
}

/// One line. `null` is not given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object<'l> {
    plan: String,
    member: String,
    #[serde(borrow)]
    service_date: Date<'l>,
    pain_onset: Option<Date<'l>>,
    conservative_therapies: Option<Vec<String>>,
    conservative_therapy_days: Option<&'l RawValue>,
    management_plan: Option<Vec<String>>,
    pharmacotherapies: Option<Vec<String>>,
    records: Option<Vec<String>>,
    injectate: Option<Vec<String>>,
    prior_response: Option<bool>,
    prior_relief_percent: Option<&'l RawValue>,
    prior_relief_days: Option<&'l RawValue>,
    active_treatment_program: Option<bool>,
    same_site_as_prior: Option<bool>,
    phase: Option<PhaseName>,
    muscles: Option<Vec<String>>,
}

/// A date as it is written.
#[derive(Deserialize)]
#[serde(transparent)]
struct Date<'l>(#[serde(borrow)] std::borrow::Cow<'l, str>);

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum PhaseName {
    Diagnostic,
    Therapeutic,
}

impl FactsTable {
    /// Reads a facts file.
    ///
    /// # Errors
    ///
    /// A file that cannot be read; every line that is wrong (the first fifty of them).
    pub fn read(
        source: &str,
        mut lines: impl BufRead,
        plans: &Plans,
        members: &Members,
    ) -> Result<(Self, FactsStats), FactsError> {
        let (mut table, mut stats) = (Self::default(), FactsStats::default());
        let (mut errors, mut hash) = (Vec::new(), Sha256::new());
        let mut text = Vec::new();
        for line in 1.. {
            text.clear();
            if lines.read_until(b'\n', &mut text)? == 0 {
                break;
            }
            hash.update(&text);
            let object = text.trim_ascii();
            if object.is_empty() {
                continue;
            }
            stats.objects += 1;
            match table.add(object, plans, members) {
                Ok(is_of_plan) => stats.unknown_plan += u64::from(!is_of_plan),
                Err(message) if errors.len() < MOST_ERRORS => {
                    errors.push(ConfigError {
                        source: source.into(),
                        line,
                        column: None,
                        message,
                    });
                }
                Err(_) => {}
            }
        }
        if !errors.is_empty() {
            return Err(ConfigErrors(errors).into());
        }
        stats.digest = super::hex(&hash.finalize());
        Ok((table, stats))
    }

    /// Adds a line; later facts win, one by one. Returns whether its plan is known.
    fn add(&mut self, line: &[u8], plans: &Plans, members: &Members) -> Result<bool, String> {
        let object: Object<'_> = serde_json::from_slice(line).map_err(|error| explain(&error))?;
        let date = real_date(&object.service_date, "service_date")?;
        let (plan, member) = (plans.index_of(&object.plan), object.member.clone());
        let facts = facts(object)?;
        let Some(plan) = plan else { return Ok(false) };
        self.merge(plan, members.newest(&member), date, facts);
        Ok(true)
    }
}

fn facts(object: Object<'_>) -> Result<ClinicalFacts, String> {
    let number =
        |value: Option<&RawValue>, name| value.map(|value| plain_number(value, name)).transpose();
    Ok(ClinicalFacts {
        pain_onset: object
            .pain_onset
            .map(|date| real_date(&date, "pain_onset"))
            .transpose()?,
        conservative_therapies: object.conservative_therapies,
        conservative_therapy_days: number(
            object.conservative_therapy_days,
            "conservative_therapy_days",
        )?,
        management_plan: object.management_plan,
        pharmacotherapies: object.pharmacotherapies,
        records: object.records,
        injectate: object.injectate,
        prior_response: object.prior_response,
        prior_relief_percent: number(object.prior_relief_percent, "prior_relief_percent")?,
        prior_relief_days: number(object.prior_relief_days, "prior_relief_days")?,
        active_treatment_program: object.active_treatment_program,
        same_site_as_prior: object.same_site_as_prior,
        phase: object.phase.map(|phase| match phase {
            PhaseName::Diagnostic => Phase::Diagnostic,
            PhaseName::Therapeutic => Phase::Therapeutic,
        }),
        muscles: object.muscles.map(muscle_names),
    })
}

/// Names of muscles, compared trimmed and without case; a blank one is none.
#[must_use]
pub fn muscle_names(names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let names = names.into_iter();
    let trimmed = names.map(|name| name.as_ref().trim().to_lowercase());
    let mut muscles: Vec<String> = trimmed.filter(|name| !name.is_empty()).collect();
    muscles.sort_unstable();
    muscles.dedup();
    muscles
}

fn real_date(date: &Date<'_>, name: &str) -> Result<NaiveDate, String> {
    let digits: String = match date.0.as_bytes() {
        [.., b'-', _, _, b'-', _, _] if date.0.len() == 10 => date.0.replace('-', ""),
        _ => String::new(),
    };
    parse_calendar_date(digits.as_bytes())
        .ok_or_else(|| format!("`{name}` must be a date that exists, as CCYY-MM-DD"))
}

fn plain_number(value: &RawValue, name: &str) -> Result<Quantity, String> {
    Quantity::parse(value.get().as_bytes())
        .ok_or_else(|| format!("`{name}` must be a number, without an exponent"))
}

/// What is wrong with a line, without its values: they are people's data.
fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    for (start, end) in [
        ("unknown field `", "`"),
        ("missing field `", "`"),
        ("duplicate field `", "`"),
    ] {
        if let Some(rest) = message.strip_prefix(start) {
            let name = rest.split(end).next().unwrap_or_default();
            let what = start.trim_end_matches([' ', '`']).replace("field", "name");
            return format!("{what} `{name}`");
        }
    }
    if error.is_data() {
        let column = error.column();
        let expected = message
            .split(", expected ")
            .nth(1)
            .unwrap_or("another value");
        return format!("a value of the wrong type ends at column {column}; expected {expected}");
    }
    format!("this is no JSON object (column {})", error.column())
}
