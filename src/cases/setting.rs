//! What cases are judged under: a policy, or the plans of a file.

use std::sync::Arc;

use super::parse::{Case, Said, error};
use crate::policy::{ConfigError, ConfigErrors, FactsError, FactsTable, Members, Plans, Policy};

/// What cases are judged under.
#[derive(Debug, Clone)]
pub enum Under {
    /// A policy; `plan` lines of a case are lines of a plan of that policy.
    Policy(Arc<Policy>),
    /// The plans of a file; `plan id = "…"` says which, the first if it is not said.
    Plans(Plans),
}

/// The lines of a plan before those that a case gives.
const PLAN: &str = "[[plan]]\nid = \"case\"\npayer_ids = [\"1\"]\npolicy = \"case\"\n";
const PLAN_LINES: usize = 4;

impl Under {
    /// The plans of a case, and the index of its own among them.
    pub(super) fn plans(
        &self,
        source: &str,
        case: &Case<'_>,
    ) -> Result<(Plans, u16), ConfigErrors> {
        match self {
            Self::Policy(policy) => Ok((of_policy(policy, source, case)?, 0)),
            Self::Plans(plans) => Ok((plans.clone(), chosen(plans, source, case)?)),
        }
    }
}

/// What `plan` lines do not say: which claims the plan takes, and under which policy.
const ROUTING: [&str; 4] = ["group_numbers", "id", "payer_ids", "policy"];

fn of_policy(policy: &Arc<Policy>, source: &str, case: &Case<'_>) -> Result<Plans, ConfigErrors> {
    let routing = |said: &&Said<'_>| {
        let key = said.text.split_once('=').map(|(key, _)| key.trim());
        key.is_some_and(|key| ROUTING.contains(&key))
    };
    let wrong: Vec<ConfigError> = case.plan.iter().filter(routing).map(|said| ConfigError {
        source: source.into(),
        line: said.line,
        column: Some(said.start + 1),
        message: "the plan of a case under a policy takes every line of the case: it has options and overrides alone".into(),
    }).collect();
    if !wrong.is_empty() {
        return Err(ConfigErrors(wrong));
    }
    let lines: Vec<&str> = case.plan.iter().map(|said| said.text).collect();
    let text = PLAN.to_owned() + &lines.join("\n");
    let read = Plans::from_toml("plan", &text, &mut |_| Ok(Arc::clone(policy)));
    read.map_err(|errors| {
        let place = |error: ConfigError| {
            let said = error.line.checked_sub(PLAN_LINES + 1);
            let said = said.and_then(|index| case.plan.get(index));
            ConfigError {
                source: source.into(),
                line: said.map_or(case.line, |said| said.line),
                column: said
                    .and(error.column)
                    .zip(said)
                    .map(|(column, said)| column + said.start),
                message: error.message,
            }
        };
        ConfigErrors(errors.0.into_iter().map(place).collect())
    })
}

/// The plan that a case names with `plan id = "…"`.
fn chosen(plans: &Plans, source: &str, case: &Case<'_>) -> Result<u16, ConfigErrors> {
    let mut index = 0;
    let mut errors = Vec::new();
    for Said { line, start, text } in &case.plan {
        let id = text.split_once('=').filter(|(key, _)| key.trim() == "id");
        let id = id.map(|(_, id)| id.trim().trim_matches('"'));
        let message = match id.map(|id| (id, plans.index_of(id))) {
            Some((_, Some(known))) => {
                index = known;
                continue;
            }
            Some((id, None)) => format!("the plans file has no plan `{id}`"),
            None => {
                "under a plans file `plan` says which plan alone, for example plan id = \"cigna\"; \
                     the file says the rest"
                    .into()
            }
        };
        errors.push(ConfigError {
            source: source.into(),
            line: *line,
            column: Some(start + 1),
            message,
        });
    }
    match errors.is_empty() {
        true => Ok(index),
        false => Err(ConfigErrors(errors)),
    }
}

/// The clinical facts of a case.
pub(super) fn facts(
    source: &str,
    case: &Case<'_>,
    plans: &Plans,
    plan: u16,
) -> Result<FactsTable, ConfigErrors> {
    let id = &plans.get(plan).id;
    let mut lines = String::new();
    for row in &case.facts {
        let object = row.object.text;
        // What is told by its column in the object stays there.
        let given = object.strip_suffix('}').unwrap_or(object);
        let comma = if given.trim() == "{" { "" } else { "," };
        let own = serde_json::json!({
            "plan": id, "member": row.member, "service_date": row.date,
        });
        let own = own.to_string();
        lines += &format!("{given}{comma}{}\n", own.strip_prefix('{').unwrap_or(&own));
    }
    let read = FactsTable::read("facts", lines.as_bytes(), plans, &Members::default());
    let (table, _) = read.map_err(|problem| match problem {
        FactsError::Wrong(errors) => {
            let place = |wrong: ConfigError| {
                let row = wrong
                    .line
                    .checked_sub(1)
                    .and_then(|index| case.facts.get(index));
                ConfigError {
                    source: source.into(),
                    line: row.map_or(case.line, |row| row.object.line),
                    column: row.map(|row| row.object.start + 1),
                    message: wrong.message,
                }
            };
            ConfigErrors(errors.0.into_iter().map(place).collect())
        }
        FactsError::Unreadable(problem) => {
            ConfigErrors(vec![error(source, case.line, "", 0, problem.to_string())])
        }
    })?;
    Ok(table)
}
