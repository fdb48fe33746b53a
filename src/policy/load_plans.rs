//! Plans files.

use std::sync::Arc;

use super::embedded::PolicyError;
use super::load::change_of;
use super::model::{Change, Policy, Rule};
use super::monitor::{MOST_MONITORS, Monitor};
use super::plan::{Book, DiagnosisNotListed, MissingDocumentation, Plan, Plans, UnknownOriginal};
use super::section::{ConfigErrors, Faults, Section};

/// Finds the policy that a plan names; an error says why there is none.
pub type Resolve<'r> = dyn FnMut(&str) -> Result<Arc<Policy>, PolicyError> + 'r;

impl Plans {
    /// Reads a plans file. `resolve` finds the policies that it names.
    ///
    /// # Errors
    ///
    /// Everything wrong in it, each with its line: see [`ConfigErrors`].
    pub fn from_toml(
        source: &str,
        text: &str,
        resolve: &mut Resolve<'_>,
    ) -> Result<Self, ConfigErrors> {
        let faults = Faults::new(source, text);
        let table = faults.parse();
        let section = Section::new(&faults, table.get_ref(), 0, "the plans file");
        let mut plans: Vec<Plan> = Vec::new();
        for table in section.tables("plan", "[[plan]]") {
            let Some(plan) = plan(&table, resolve) else {
                continue;
            };
            if plans.iter().any(|other| other.id == plan.id) {
                table.fault(table.offset, format!("two plans are called `{}`", plan.id));
            }
            plans.push(plan);
        }
        if !section.has("plan") {
            section.lacks("the plans file has no [[plan]]");
        }
        if plans.len() > usize::from(u16::MAX) {
            section.fault(0, "the plans file has more than 65,535 plans");
        }
        section.finish();
        let digest = super::digest(text.as_bytes());
        faults.finish(Some(Self::new(plans, digest)))
    }

    /// One plan, of the policy's id, that takes every claim.
    #[must_use]
    pub fn single(policy: Arc<Policy>) -> Self {
        Self::single_as(policy.id.clone(), policy)
    }

    /// [`Plans::single`], of another id.
    #[must_use]
    pub fn single_as(id: String, policy: Arc<Policy>) -> Self {
        Self::new(vec![Plan::new(id, policy)], String::new())
    }
}

impl Plan {
    /// A plan that takes every claim, with nothing changed.
    #[must_use]
    pub fn new(id: String, policy: Arc<Policy>) -> Self {
        let mut plan = Self {
            id,
            payer_ids: None,
            group_numbers: None,
            policy,
            missing_documentation: MissingDocumentation::default(),
            unknown_original: UnknownOriginal::default(),
            diagnosis_not_listed: DiagnosisNotListed::default(),
            payer: None,
            overrides: Vec::new(),
            monitors: Vec::new(),
            books: Vec::new(),
        };
        plan.set_overrides(Vec::new(), Vec::new());
        plan
    }

    /// Takes the overrides of the plan's documents: those that are enforced, and those that
    /// are monitored, at most 100.
    pub fn set_overrides(&mut self, overrides: Vec<Change>, monitors: Vec<Monitor>) {
        let versions = (0..self.policy.versions.len()).map(Some);
        let books = std::iter::once(None).chain(versions);
        self.books = books
            .map(|version| Book::new(&self.policy, version, &overrides, &monitors))
            .collect();
        self.overrides = overrides;
        self.monitors = monitors;
    }
}

fn plan(section: &Section<'_, '_>, resolve: &mut Resolve<'_>) -> Option<Plan> {
    let id = section.required("id", section.string("id"));
    let payer_ids = section.required("payer_ids", section.strings("payer_ids"));
    let group_numbers = section.strings("group_numbers");
    for (list, offset) in [&payer_ids, &group_numbers].into_iter().flatten() {
        if list.is_empty() {
            section.fault(
                *offset,
                "a list of payer ids or group numbers must name at least one",
            );
        }
    }
    let policy = section.required("policy", section.string("policy"));
    let policy = policy.and_then(|(name, offset)| match resolve(name) {
        Ok(policy) => Some(policy),
        Err(PolicyError::NotFound(problem)) => {
            section.fault(offset, problem);
            None
        }
        Err(PolicyError::Wrong(errors)) => {
            section.fault(offset, format!("policy `{name}` is wrong, as told below"));
            section.faults_elsewhere(errors);
            None
        }
    });
    let missing = option(
        section,
        "missing_documentation",
        [
            ("accept", MissingDocumentation::Accept),
            ("pend", MissingDocumentation::Pend),
        ],
    );
    let unknown_original = option(
        section,
        "unknown_original",
        [
            ("judge", UnknownOriginal::Judge),
            ("pend", UnknownOriginal::Pend),
        ],
    );
    let not_listed = option(
        section,
        "diagnosis_not_listed",
        [
            ("pend", DiagnosisNotListed::Pend),
            ("deny", DiagnosisNotListed::Deny),
        ],
    );
    let tables = section.tables("override", "[[plan.override]]");
    let rules = policy.as_ref().map(|policy| &policy.rules[..]);
    let (overrides, monitors) = rules.map_or_else(Default::default, |rules| changes(tables, rules));
    let payer = section
        .table("payer")
        .and_then(|payer| super::payer::payer(&payer));
    section.finish();
    let mut plan = Plan::new(id?.0.to_owned(), policy?);
    plan.payer_ids = payer_ids.map(|(list, _)| list);
    plan.group_numbers = group_numbers.map(|(list, _)| list);
    plan.missing_documentation = missing;
    plan.unknown_original = unknown_original;
    plan.diagnosis_not_listed = not_listed;
    plan.payer = payer;
    plan.set_overrides(overrides, monitors);
    Some(plan)
}

/// The overrides that are enforced, and those that are monitored.
fn changes(tables: Vec<Section<'_, '_>>, rules: &[Rule]) -> (Vec<Change>, Vec<Monitor>) {
    let (mut overrides, mut monitors) = (Vec::new(), Vec::<Monitor>::new());
    for table in tables {
        let is_monitored = option(&table, "mode", [("enforce", false), ("monitor", true)]);
        let fault = |message: &str| table.fault(table.offset, message);
        let fault_count = table.fault_count();
        let Some(change) = change_of(&table, rules) else {
            continue;
        };
        if !is_monitored {
            overrides.push(change);
            continue;
        }
        if change.enabled == Some(false) {
            fault(
                "a monitor of a rule that it switches off can have no hits; leave `enabled` out, or say true",
            );
        }
        let monitor = Monitor::new(change);
        // A key that is wrong was told, and is not among what it sets.
        if monitor.set.is_empty() && table.fault_count() == fault_count {
            fault("a monitor whose `set` is empty can have no hits");
        }
        if monitors.iter().any(|other| {
            let told = |monitor: &Monitor| (monitor.rule(), monitor.set.clone());
            told(other) == told(&monitor) && other.citation() == monitor.citation()
        }) {
            fault("the plan has this monitor twice: the same rule, `set` and citation");
        }
        if monitors.len() == MOST_MONITORS {
            fault(&format!("a plan has at most {MOST_MONITORS} monitors"));
        }
        monitors.push(monitor);
    }
    (overrides, monitors)
}

/// One of two words; the first where it is not said.
fn option<T: Copy>(section: &Section<'_, '_>, key: &'static str, values: [(&str, T); 2]) -> T {
    let [(first, usual), (second, _)] = values;
    let Some((word, offset)) = section.string(key) else {
        return usual;
    };
    match values.into_iter().find(|(known, _)| *known == word) {
        Some((_, value)) => value,
        None => {
            section.fault(
                offset,
                format!("`{key}` must be \"{first}\" or \"{second}\""),
            );
            usual
        }
    }
}
