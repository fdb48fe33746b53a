//! In what two sets of plans differ, in words.

use crate::policy::{Book, KINDS, Plan, Plans, Rule};

/// In what the plans of two sides differ, in words, by plan; the words of clauses are not
/// compared. Empty where nothing does that can decide.
#[must_use]
pub fn differences(base: &Plans, with: &Plans) -> Vec<String> {
    let mut told = Vec::new();
    for ours in &base.plans {
        match with.plans.iter().find(|theirs| theirs.id == ours.id) {
            Some(theirs) => of_plans(ours, theirs, &mut told),
            None => told.push(format!("plan {}: in the base alone", ours.id)),
        }
    }
    let mut others = with.plans.iter();
    let is_new = |theirs: &&Plan| base.plans.iter().all(|ours| ours.id != theirs.id);
    while let Some(theirs) = others.by_ref().find(is_new) {
        told.push(format!("plan {}: not in the base", theirs.id));
    }
    // The first plan that matches a claim takes it.
    if shared(base, with) != shared(with, base) {
        told.push("the plans stand in another order".to_owned());
    }
    told
}

/// The plans that the other side has as well, in their order.
fn shared<'a>(plans: &'a Plans, other: &Plans) -> Vec<&'a str> {
    let ids = plans.plans.iter().map(|plan| &*plan.id);
    ids.filter(|id| other.index_of(id).is_some()).collect()
}

fn of_plans(ours: &Plan, theirs: &Plan, told: &mut Vec<String>) {
    let plan = &ours.id;
    let mut tell = |what: String| {
        let sentence = format!("plan {plan}: {what}");
        if !told.contains(&sentence) {
            told.push(sentence);
        }
    };
    if ours.policy.id != theirs.policy.id {
        tell(format!(
            "policy {} in place of {}",
            theirs.policy.id, ours.policy.id
        ));
    }
    let (old, new) = (&ours.policy, &theirs.policy);
    let versions = |plan: &Plan| -> Vec<_> {
        let versions = plan.policy.versions.iter();
        versions.map(|version| version.effective).collect()
    };
    for (is_other, what) in [
        (
            (&ours.payer_ids, &ours.group_numbers) != (&theirs.payer_ids, &theirs.group_numbers),
            "it takes other claims",
        ),
        (
            (
                ours.missing_documentation,
                ours.unknown_original,
                ours.diagnosis_not_listed,
            ) != (
                theirs.missing_documentation,
                theirs.unknown_original,
                theirs.diagnosis_not_listed,
            ),
            "other choices of what pends",
        ),
        (versions(ours) != versions(theirs), "other effective dates"),
        (old.codes != new.codes, "other code sets"),
        (old.criteria != new.criteria, "other clinical criteria"),
        (
            (old.course_months, old.session_count) != (new.course_months, new.session_count),
            "another way of counting sessions",
        ),
    ] {
        if is_other {
            tell(what.to_owned());
        }
    }
    // With other effective dates, those in force last are compared.
    let books: Vec<(&Book, &Book)> = match versions(ours) == versions(theirs) {
        true => ours.books.iter().zip(&theirs.books).collect(),
        false => ours
            .books
            .last()
            .zip(theirs.books.last())
            .into_iter()
            .collect(),
    };
    for (ours, theirs) in books {
        of_books(ours, theirs, &mut tell);
    }
}

fn of_books(ours: &Book, theirs: &Book, tell: &mut dyn FnMut(String)) {
    for spec in &KINDS {
        let name = spec.kind.name();
        match (ours.rule(spec.kind), theirs.rule(spec.kind)) {
            (None, None) => {}
            (Some(_), None) => tell(format!("{name} is off")),
            (None, Some(_)) => tell(format!("{name} is on")),
            (Some(ours), Some(theirs)) => of_rules(name, ours, theirs, tell),
        }
    }
}

fn of_rules(name: &str, ours: &Rule, theirs: &Rule, tell: &mut dyn FnMut(String)) {
    let limits = ours.limits.iter().zip(&theirs.limits);
    for (key, (old, new)) in ours.kind.spec().limit_keys().zip(limits) {
        if old != new {
            let of =
                |limit: &Option<u32>| limit.map_or("none".to_owned(), |limit| limit.to_string());
            tell(format!("{name} {key} {} instead of {}", of(new), of(old)));
        }
    }
    if ours.outcomes != theirs.outcomes {
        tell(format!("{name} has other decisions or codes"));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::policy::find_policy;

    fn plans(text: &str) -> Plans {
        let mut resolve = |name: &str| find_policy(name, Path::new(""));
        Plans::from_toml("plans.toml", text, &mut resolve).unwrap()
    }

    const CIGNA: &str = "[[plan]]\nid = \"a\"\npayer_ids = [\"1\"]\npolicy = \"cigna-0139\"\n";

    fn changed(more: &str) -> String {
        differences(&plans(CIGNA), &plans(&format!("{CIGNA}{more}"))).join("\n")
    }

    #[test]
    fn plans_that_are_the_same_differ_in_nothing() {
        assert_eq!(changed(""), "");
    }

    #[test]
    fn limits_rules_and_choices_are_told_by_plan() {
        insta::assert_snapshot!(changed(
            "missing_documentation = \"pend\"\n\
             [[plan.override]]\nrule = \"rolling-limit\"\nset = { limit = 8 }\ncitation = \"x\"\n\
             [[plan.override]]\nrule = \"unit-cap\"\nset = { enabled = false }\ncitation = \"x\"\n\
             [[plan]]\nid = \"b\"\npayer_ids = [\"2\"]\npolicy = \"cigna-0139\"\n"
        ), @r"
        plan a: other choices of what pends
        plan a: rolling-limit limit 8 instead of 10
        plan a: unit-cap is off
        plan b: not in the base
        ");
    }

    #[test]
    fn another_order_of_plans_is_told_since_the_first_that_matches_takes_a_claim() {
        let [a, b, c] = ["a", "b", "c"].map(|id| CIGNA.replace("\"a\"", &format!("\"{id}\"")));
        let told = |base: &[&str], with: &[&str]| {
            differences(&plans(&base.concat()), &plans(&with.concat())).join("\n")
        };
        assert_eq!(
            told(&[&a, &b], &[&b, &a]),
            "the plans stand in another order"
        );
        assert_eq!(told(&[&a, &b], &[&c, &a, &b]), "plan c: not in the base");
    }

    #[test]
    fn another_policy_is_told_with_what_it_brings() {
        let other = CIGNA.replace("cigna-0139", "caresource-ar-passe-mm-1503");
        let told = differences(&plans(CIGNA), &plans(&other));
        assert!(told[0].contains("policy caresource-ar-passe-mm-1503 in place of cigna-0139"));
        assert!(told.contains(&"plan a: other code sets".to_owned()));
    }
}
