//! One line of a table: a service line, and what is expected of it.

use chrono::NaiveDate;

use crate::claim::{Cents, parse_calendar_date};
use crate::policy::{Decision, KINDS, Phase, RuleKind};

/// What a line can say of itself.
pub(super) const GIVEN: [&str; 15] = [
    "beside",
    "billed",
    "billing",
    "charge",
    "claim",
    "dx",
    "freq",
    "measure",
    "member",
    "pcn",
    "ptr",
    "ref",
    "rendering",
    "units",
    "until",
];

/// What a line can expect, beside its decision and its rules.
pub(super) const EXPECTED: [&str; 8] = [
    "allowed",
    "at_stake",
    "monitored",
    "outcome",
    "paid",
    "phase",
    "session",
    "unverified",
];

/// What a line of an earlier run can say of itself.
const OF_EARLIER: [&str; 7] = [
    "billing",
    "charge",
    "member",
    "muscles",
    "phase",
    "rendering",
    "units",
];

/// A service line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'t> {
    /// Its line in the file, from 1.
    pub line: usize,
    /// The line as it stands.
    pub text: &'t str,
    /// The decision that is expected; of an earlier run's line the one it left.
    pub decision: Decision,
    /// The rules that are expected to fire, in the order of the engine.
    pub rules: Vec<RuleKind>,
    pub(super) date: Option<NaiveDate>,
    pub(super) until: Option<NaiveDate>,
    pub(super) charge: Cents,
    code: &'t str,
    keys: Vec<(&'t str, &'t str)>,
}

/// Something wrong at a byte of a line.
pub(super) type Wrong = (usize, String);

impl<'t> Row<'t> {
    /// Reads a line of a table; `start` is where what is left of it begins.
    pub(super) fn parse(
        line: usize,
        text: &'t str,
        start: usize,
        is_earlier: bool,
    ) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut words = words(text, start);
        let (Some(date), Some(code), Some(decision)) = (words.next(), words.next(), words.next())
        else {
            let message = "a line needs a date or `none`, a procedure and a decision, for example \
                           2025-01-06 20552 pay";
            return Err(vec![(start, message.into())]);
        };
        let mut row = Self {
            line,
            text,
            decision: Decision::Pay,
            rules: Vec::new(),
            date: note(&mut wrong, date, day).flatten(),
            until: None,
            charge: Cents(10_000),
            code: note(&mut wrong, code, procedure).unwrap_or_default(),
            keys: Vec::new(),
        };
        row.decision = note(&mut wrong, decision, decision_of).unwrap_or(Decision::Pay);
        for word in words {
            match word.1.split_once('=') {
                Some((key, value)) => row.key_of(word, (key, value), is_earlier, &mut wrong),
                None if is_earlier => {
                    let message = "an earlier line has a decision and no rules";
                    wrong.push((word.0, message.into()));
                }
                None => row.rules.extend(note(&mut wrong, word, rule)),
            }
        }
        if is_earlier && row.date.is_none() && wrong.is_empty() {
            wrong.push((date.0, "an earlier line needs its date".into()));
        }
        if wrong.is_empty() {
            Ok(row)
        } else {
            Err(wrong)
        }
    }

    fn key_of(
        &mut self,
        (place, word): (usize, &'t str),
        (key, value): (&'t str, &'t str),
        is_earlier: bool,
        wrong: &mut Vec<Wrong>,
    ) {
        let known: Vec<&str> = match is_earlier {
            true => OF_EARLIER.to_vec(),
            false => GIVEN.iter().chain(&EXPECTED).copied().collect(),
        };
        if !known.contains(&key) {
            let message = format!("a line has no key `{key}`; known are {}", known.join(", "));
            wrong.push((place, message));
            return;
        }
        if self.key(key).is_some() {
            wrong.push((place, format!("`{key}` stands twice")));
        }
        let value_at = (place + word.len() - value.len(), value);
        let checked = match key {
            "charge" => note(wrong, value_at, cents).map(|charge| self.charge = charge),
            "until" => note(wrong, value_at, real_day).map(|until| self.until = Some(until)),
            "billed" => note(wrong, value_at, day).map(|_| ()),
            "beside" => note(wrong, value_at, guided),
            "phase" if value == "-" && !is_earlier => Some(()),
            "phase" => note(wrong, value_at, phase).map(|_| ()),
            _ => Some(()),
        };
        if checked.is_some() {
            self.keys.push((key, value));
        }
    }

    /// The value of a key.
    pub(super) fn key(&self, key: &str) -> Option<&'t str> {
        let mut keys = self.keys.iter();
        keys.find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    /// The procedure, without its modifiers.
    pub(super) fn procedure(&self) -> &'t str {
        self.code.split('-').next().unwrap_or_default()
    }

    /// The modifiers, as they stand.
    pub(super) fn modifiers(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.code.split('-').skip(1)
    }

    /// The phase that it names.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.key("phase").and_then(Phase::from_name)
    }

    /// GS04, where it names one.
    pub(super) fn billing_date(&self) -> Option<Option<NaiveDate>> {
        self.key("billed").map(|billed| day(billed).ok().flatten())
    }
}

/// The words of a line from a byte on, each with its place.
pub(super) fn words(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> {
    let rest = text.get(start..).unwrap_or_default();
    let mut from = 0;
    rest.split_whitespace().map(move |word| {
        let place = rest[from..].find(word).map_or(from, |place| from + place);
        from = place + word.len();
        (start + place, word)
    })
}

/// What is read from a word; what is wrong with it is noted.
fn note<'t, T>(
    wrong: &mut Vec<Wrong>,
    (place, word): (usize, &'t str),
    read: impl FnOnce(&'t str) -> Result<T, String>,
) -> Option<T> {
    read(word)
        .map_err(|message| wrong.push((place, message)))
        .ok()
}

/// A date as it is written, which may be one that does not exist; `none` is none.
fn day(text: &str) -> Result<Option<NaiveDate>, String> {
    let is_written = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    match text {
        "none" => Ok(None),
        _ if is_written => Ok(parse_calendar_date(text.replace('-', "").as_bytes())),
        _ => Err(format!("`{text}` is no date: write CCYY-MM-DD, or none")),
    }
}

/// A date that exists.
pub(super) fn real_day(text: &str) -> Result<NaiveDate, String> {
    day(text)?.ok_or_else(|| format!("`{text}` is no date that exists"))
}

fn procedure(text: &str) -> Result<&str, String> {
    let mut parts = text.split('-');
    let is_code = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match parts.next() {
        Some(code)
            if code.len() == 5
                && is_code(code)
                && parts.all(|part| part.len() == 2 && is_code(part)) =>
        {
            Ok(text)
        }
        _ => Err(format!(
            "`{text}` is no procedure: five letters or digits, and -XX for each modifier, for example 20552-RT"
        )),
    }
}

fn decision_of(text: &str) -> Result<Decision, String> {
    Decision::from_name(text)
        .ok_or_else(|| format!("`{text}` is no decision: pay, reduce, pend, deny, reverse or pass"))
}

fn rule(text: &str) -> Result<RuleKind, String> {
    RuleKind::from_name(text).ok_or_else(|| {
        let known: Vec<&str> = KINDS.iter().map(|spec| spec.name).collect();
        format!("`{text}` is no rule; known are {}", known.join(", "))
    })
}

fn cents(text: &str) -> Result<Cents, String> {
    let amount = text.split_once('.').filter(|(_, cents)| cents.len() == 2);
    let cents = amount.and_then(|(whole, cents)| format!("{whole}{cents}").parse().ok());
    cents.map(Cents).ok_or_else(|| {
        format!("`{text}` is no amount: write it with its cents, for example 100.00")
    })
}

fn guided(text: &str) -> Result<(), String> {
    match text {
        "guided" => Ok(()),
        _ => Err(
            "`beside` must be `guided`: the claim bills another procedure that may be guided"
                .into(),
        ),
    }
}

fn phase(text: &str) -> Result<Phase, String> {
    Phase::from_name(text).ok_or_else(|| format!("`{text}` is no phase: diagnostic or therapeutic"))
}
