//! Reading configuration tables so that everything wrong is told at once, with its line.

use std::cell::{Cell, RefCell};
use std::fmt;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong in a policy, plans or facts file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file's name as given.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// Everything wrong in a policy, plans or facts file, by line.
#[derive(Debug, Clone, PartialEq, Eq, Default, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let end = if index + 1 < self.0.len() { "\n" } else { "" };
            write!(f, "{error}{end}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            line,
            column,
            message,
        } = self;
        match column {
            Some(column) => write!(f, "{source}:{line}:{column}: {message}"),
            None => write!(f, "{source}:{line}: {message}"),
        }
    }
}

/// Collects what is wrong in one file.
pub(super) struct Faults<'t> {
    source: &'t str,
    text: &'t str,
    found: RefCell<Vec<(usize, String)>>,
    /// Whether it is no TOML: what it lacks may stand behind what cannot be read.
    is_broken: Cell<bool>,
    /// What is wrong in files that this one names.
    elsewhere: RefCell<Vec<ConfigError>>,
}

impl<'t> Faults<'t> {
    pub(super) fn new(source: &'t str, text: &'t str) -> Self {
        Self {
            source,
            text,
            found: RefCell::default(),
            is_broken: Cell::new(false),
            elsewhere: RefCell::default(),
        }
    }

    /// Something is wrong at a byte of the file.
    pub(super) fn add(&self, offset: usize, message: impl Into<String>) {
        self.found.borrow_mut().push((offset, message.into()));
    }

    /// Parses the file; what is no TOML is told.
    pub(super) fn parse(&self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        self.is_broken.set(!errors.is_empty());
        for error in errors {
            let offset = error.span().map_or(0, |span| span.start);
            self.add(offset, error.message().replace('\n', " "));
        }
        table
    }

    /// The value, if nothing was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, ConfigErrors> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|(offset, _)| *offset);
        found.dedup();
        match value {
            Some(value) if found.is_empty() => Ok(value),
            _ => {
                let found = found.into_iter();
                let own = found
                    .map(|(offset, message)| error_at(self.source, self.text, offset, message));
                let elsewhere = self.elsewhere.into_inner();
                Err(ConfigErrors(own.chain(elsewhere).collect()))
            }
        }
    }
}

/// Something wrong at a byte of a text.
fn error_at(source: &str, text: &str, offset: usize, message: String) -> ConfigError {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    ConfigError {
        source: source.into(),
        line: before.matches('\n').count() + 1,
        column: Some(before[start..].chars().count() + 1),
        message,
    }
}

/// A table whose keys are asked for one by one; those that nobody asked for are told.
pub(super) struct Section<'s, 't> {
    faults: &'s Faults<'t>,
    table: &'s DeTable<'t>,
    /// Where it starts.
    pub(super) offset: usize,
    /// What it is called in messages, for example `[rule.guidance]`.
    pub(super) name: String,
    asked: RefCell<Vec<&'static str>>,
}

/// A value and where it stands.
pub(super) type At<T> = (T, usize);

impl<'s, 't> Section<'s, 't> {
    pub(super) fn new(
        faults: &'s Faults<'t>,
        table: &'s DeTable<'t>,
        offset: usize,
        name: impl Into<String>,
    ) -> Self {
        Self {
            faults,
            table,
            offset,
            name: name.into(),
            asked: RefCell::default(),
        }
    }

    /// Something is wrong at a byte of the file.
    pub(super) fn fault(&self, offset: usize, message: impl Into<String>) {
        self.faults.add(offset, message);
    }

    /// How many faults of the file are told so far.
    pub(super) fn fault_count(&self) -> usize {
        self.faults.found.borrow().len()
    }

    /// What is wrong in a file that this one names.
    pub(super) fn faults_elsewhere(&self, errors: ConfigErrors) {
        self.faults.elsewhere.borrow_mut().extend(errors.0);
    }

    /// Something is not there.
    pub(super) fn lacks(&self, message: impl Into<String>) {
        if !self.faults.is_broken.get() {
            self.fault(self.offset, message);
        }
    }

    fn value(&self, key: &'static str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Whether the key is there, without asking for it.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    fn read<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl FnOnce(&'s DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.value(key)?;
        let offset = value.span().start;
        let found = read(value.get_ref());
        if found.is_none() {
            self.fault(
                offset,
                format!("`{key}` of {} must be {expected}", self.name),
            );
        }
        Some((found?, offset))
    }

    /// Tells of a key that must be there and is not.
    pub(super) fn required<T>(&self, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() && !self.has(key) {
            self.lacks(format!("{} lacks `{key}`", self.name));
        }
        value
    }

    pub(super) fn string(&self, key: &'static str) -> Option<At<&'s str>> {
        self.read(key, "text", |value| value.as_str())
    }

    pub(super) fn boolean(&self, key: &'static str) -> Option<At<bool>> {
        self.read(key, "true or false", DeValue::as_bool)
    }

    pub(super) fn date(&self, key: &'static str) -> Option<At<NaiveDate>> {
        self.read(key, "a date that exists, for example 2026-04-01", date)
    }

    /// A whole number above zero.
    pub(super) fn count(&self, key: &'static str) -> Option<At<u32>> {
        self.read(key, "a whole number above zero", |value| {
            let number = value.as_integer()?;
            let number = u32::from_str_radix(&number.as_str().replace('_', ""), number.radix());
            number.ok().filter(|&number| number > 0)
        })
    }

    /// A list of texts.
    pub(super) fn strings(&self, key: &'static str) -> Option<At<Vec<String>>> {
        self.read(key, "a list of texts", |value| {
            let texts = value
                .as_array()?
                .iter()
                .map(|value| value.get_ref().as_str());
            texts.map(|text| text.map(str::to_owned)).collect()
        })
    }

    /// The values of a list.
    pub(super) fn list(&self, key: &'static str) -> Option<At<Vec<&'s Spanned<DeValue<'t>>>>> {
        self.read(key, "a list", |value| {
            Some(value.as_array()?.iter().collect())
        })
    }

    pub(super) fn table(&self, key: &'static str) -> Option<Section<'s, 't>> {
        let (table, offset) = self.read(key, "a table", DeValue::as_table)?;
        Some(self.inner(table, offset, format!("`{key}` of {}", self.name)))
    }

    /// The tables of a list of tables.
    pub(super) fn tables(&self, key: &'static str, name: &str) -> Vec<Section<'s, 't>> {
        let (list, _) = self.list(key).unwrap_or_default();
        list.into_iter()
            .filter_map(|value| self.element(value, name))
            .collect()
    }

    /// A table that stands in a list.
    pub(super) fn element(
        &self,
        value: &'s Spanned<DeValue<'t>>,
        name: &str,
    ) -> Option<Section<'s, 't>> {
        let offset = value.span().start;
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.fault(offset, format!("{name} must be a table"));
        }
        Some(self.inner(table?, offset, name))
    }

    /// Every key of the section with its value, whatever the keys are.
    pub(super) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'s str, usize, &'s Spanned<DeValue<'t>>)> {
        self.table
            .iter()
            .map(|(key, value)| (&**key.get_ref(), key.span().start, value))
    }

    pub(super) fn inner(
        &self,
        table: &'s DeTable<'t>,
        offset: usize,
        name: impl Into<String>,
    ) -> Section<'s, 't> {
        Section::new(self.faults, table, offset, name)
    }

    /// Where the table `inner` of the table `outer` starts; this one, if it is not there.
    pub(super) fn offset_of(&self, outer: &str, inner: &str) -> usize {
        let outer = self.entries().find(|(key, ..)| *key == outer);
        let table = outer.and_then(|(.., value)| value.get_ref().as_table());
        let found = table.and_then(|table| table.iter().find(|(key, _)| key.get_ref() == inner));
        found.map_or(self.offset, |(key, _)| key.span().start)
    }

    /// Tells of the keys that nobody asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table {
            if asked.iter().any(|known| known == key.get_ref()) {
                continue;
            }
            let mut known = asked.clone();
            known.sort_unstable();
            known.dedup();
            let message = unknown("key", key.get_ref(), &self.name, &known);
            self.faults.add(key.span().start, message);
        }
    }
}

/// `value` as a date.
pub(super) fn date(value: &DeValue<'_>) -> Option<NaiveDate> {
    let datetime = value.as_datetime().filter(|when| when.time.is_none())?;
    let date = datetime.date?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

/// What is said of a name that is not known, with the nearest one that is.
pub(super) fn unknown(what: &str, name: &str, place: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (distance(name, known), *known))
        .filter(|(distance, known)| *distance * 2 <= known.len().max(name.len()))
        .min();
    let hint = match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None => format!("known are {}", known.join(", ")),
    };
    format!("{place} has an unknown {what} `{name}`; {hint}")
}

/// How many letters must change to turn one name into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (place, other) in to.iter().enumerate() {
            let cost = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = cost.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[to.len()]
}
