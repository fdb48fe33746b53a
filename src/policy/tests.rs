//! Policies, plans and facts as files: what is read, and what is refused in which words.

use std::path::Path;

use super::{
    Book, ClinicalFacts, FactsError, FactsTable, Members, Phase, Plans, Policy, RuleKind,
    embedded_ids, find_policy,
};
use crate::claim::{Quantity, parse_calendar_date};

fn embedded(id: &str) -> Policy {
    find_policy(id, Path::new("")).unwrap().as_ref().clone()
}

fn plans(text: &str) -> Result<Plans, String> {
    let mut resolve = |name: &str| find_policy(name, Path::new(""));
    Plans::from_toml("plans.toml", text, &mut resolve).map_err(|errors| errors.to_string())
}

fn facts(text: &str) -> Result<FactsTable, String> {
    let read = FactsTable::read(
        "facts.jsonl",
        text.as_bytes(),
        &Plans::embedded().unwrap(),
        &Members::default(),
    );
    read.map(|(table, _)| table).map_err(|error| match error {
        FactsError::Wrong(errors) => errors.to_string(),
        FactsError::Unreadable(error) => error.to_string(),
    })
}

#[test]
fn the_embedded_policies_and_plans_are_right() {
    let ids: Vec<String> = embedded_ids().map(|id| embedded(id).id).collect();
    assert_eq!(ids, ["cigna-0139", "caresource-ar-passe-mm-1503"]);
    let plans = Plans::embedded().unwrap();
    assert_eq!(plans.route(b"62308", b""), Some(0));
    assert_eq!(plans.route(b"CSPASSE", b"G1"), Some(1));
    assert_eq!(plans.route(b"62308 ", b""), None);
}

#[test]
fn the_limits_are_those_of_the_policies() {
    let limits = |id: &str| -> Vec<(&'static str, Vec<u32>)> {
        let policy = embedded(id);
        let limited = policy.rules.iter().filter(|rule| !rule.limits.is_empty());
        limited
            .map(|rule| {
                (
                    rule.kind.name(),
                    rule.limits.iter().flatten().copied().collect(),
                )
            })
            .collect()
    };
    assert_eq!(
        limits("cigna-0139"),
        [
            ("min-interval", vec![7, 2]),
            ("rolling-limit", vec![10, 12]),
            ("phase-limit", vec![4, 6])
        ]
    );
    assert_eq!(
        limits("caresource-ar-passe-mm-1503"),
        [("calendar-limit", vec![8])]
    );
}

#[test]
fn every_clause_of_a_policy_quotes_it() {
    for id in embedded_ids() {
        let policy = embedded(id);
        let own = policy
            .rules
            .iter()
            .filter(|rule| rule.basis == super::Basis::Policy);
        let clauses = own
            .map(|rule| &rule.clause)
            .chain(policy.criteria.iter().map(|c| &c.clause));
        for clause in clauses {
            assert!(
                !clause.section.is_empty()
                    && !clause.edition.is_empty()
                    && !clause.quote.is_empty(),
                "{id}: {clause:?}"
            );
        }
    }
}

#[test]
fn the_version_judged_is_the_latest_in_force() {
    let text = include_str!("../../policies/caresource-ar-passe-mm-1503.toml").replace(
        "[codes]",
        "[[version]]\neffective = 2027-04-01\n[[version.change]]\nrule = \"calendar-limit\"\n\
         set = { limit = 6 }\ncitation = \"Edition of 04/01/2027, D.II.A\"\n\n[codes]",
    );
    let policy = Policy::from_toml("p.toml", &text).unwrap();
    let plans = Plans::single(policy.into());
    let limit = |day: &str| {
        let (_, book) = plans.plans[0].book_on(parse_calendar_date(day.as_bytes()));
        book.rule(RuleKind::CalendarLimit)
            .and_then(|rule| rule.limit("limit"))
    };
    assert_eq!(limit("20260331"), None);
    assert_eq!(limit("20260401"), Some(8));
    assert_eq!(limit("20270331"), Some(8));
    assert_eq!(limit("20270401"), Some(6));
}

#[test]
fn everything_wrong_in_a_policy_is_told_at_once() {
    let text = include_str!("../../fixtures/wrong/policy.toml");
    let errors = Policy::from_toml("policy.toml", text)
        .unwrap_err()
        .to_string();
    assert_eq!(
        errors,
        include_str!("../../fixtures/wrong/policy.txt").trim_end()
    );
}

#[test]
fn everything_wrong_in_a_plans_file_is_told_at_once() {
    let errors = plans(include_str!("../../fixtures/wrong/plans.toml")).unwrap_err();
    assert_eq!(
        errors,
        include_str!("../../fixtures/wrong/plans.txt").trim_end()
    );
}

#[test]
fn everything_wrong_in_a_facts_file_is_told_at_once_without_a_value() {
    let errors = facts(include_str!("../../fixtures/wrong/facts.jsonl")).unwrap_err();
    assert_eq!(
        errors,
        include_str!("../../fixtures/wrong/facts.txt").trim_end()
    );
    assert!(!errors.contains("SECRET"));
}

#[test]
fn an_override_changes_what_it_names_and_nothing_else() {
    let plans = plans(
        "[[plan]]\nid = \"a\"\npayer_ids = [\"1\"]\npolicy = \"cigna-0139\"\n\
         [[plan.override]]\nrule = \"rolling-limit\"\nset = { limit = 12, carc = \"119\" }\ncitation = \"Plan document\"\n\
         [[plan.override]]\nrule = \"guidance\"\nset = { outcome = { session = { rarc = [] } } }\ncitation = \"Plan document\"\n",
    )
    .unwrap();
    let (_, book) = plans.plans[0].book_on(parse_calendar_date(b"20250101"));
    let rolling = book.rule(RuleKind::RollingLimit).unwrap();
    assert_eq!(
        (rolling.limit("limit"), rolling.limit("months")),
        (Some(12), Some(12))
    );
    assert_eq!(rolling.citation.as_deref(), Some("Plan document"));
    let codes = format!("{:?}", rolling.outcomes[0].codes);
    assert_eq!(
        codes,
        r#"Adjustment { group: "CO", carc: "119", rarc: ["N640"] }"#
    );
    let guidance = book.rule(RuleKind::Guidance).unwrap();
    let codes = format!("{:?}", guidance.outcomes[0].codes);
    assert_eq!(codes, r#"Adjustment { group: "CO", carc: "96", rarc: [] }"#);
    assert_eq!(book.rule(RuleKind::MinInterval).unwrap().citation, None);
}

#[test]
fn later_facts_win_one_by_one_and_null_erases_nothing() {
    let table = facts(
        "{\"plan\":\"cigna\",\"member\":\"W1\",\"service_date\":\"2026-01-05\",\"phase\":\"diagnostic\",\"prior_relief_percent\":50.5,\"muscles\":[\" Trapezius \",\"\"]}\n\
         {\"plan\":\"cigna\",\"member\":\"W1\",\"service_date\":\"2026-01-05\",\"phase\":null,\"prior_response\":true}\n\
         {\"plan\":\"other\",\"member\":\"W1\",\"service_date\":\"2026-01-05\"}\n",
    )
    .unwrap();
    let expected = ClinicalFacts {
        phase: Some(Phase::Diagnostic),
        prior_relief_percent: Quantity::parse(b"50.5"),
        prior_response: Some(true),
        muscles: Some(vec!["trapezius".into()]),
        ..ClinicalFacts::default()
    };
    let date = parse_calendar_date(b"20260105").unwrap();
    assert_eq!(table.get(0, "W1", date), Some(&expected));
    assert_eq!(table.get(1, "W1", date), None);
}

fn acupuncture(from: &str, to: &str) -> Result<Policy, String> {
    let text = include_str!("../../fixtures/acupuncture.toml");
    assert!(text.contains(from));
    Policy::from_toml("p.toml", &text.replace(from, to)).map_err(|errors| errors.to_string())
}

#[test]
fn the_embedded_policies_and_the_invented_one_warn_of_nothing() {
    for id in embedded_ids() {
        assert!(embedded(id).warnings().is_empty(), "{id}");
    }
    assert!(acupuncture("id", "id").unwrap().warnings().is_empty());
}

#[test]
fn diagnoses_are_kept_as_lines_have_them() {
    let policy = acupuncture("\"G43.*\"", "\"g43.909\", \"M791*\", \"M*\"").unwrap();
    assert_eq!(
        policy.codes.diagnoses,
        [
            "M542", "M545*", "G43909", "M791*", "M*", "G442*", "M17*", "R112"
        ]
    );
}

#[test]
fn what_nobody_may_mean_to_pay_is_a_warning() {
    let rules = [
        "member-unidentified",
        "service-date-invalid",
        "diagnosis-not-listed",
        "documentation",
        "office-visit",
        "add-on",
    ];
    let mut text = include_str!("../../fixtures/acupuncture.toml").to_owned();
    for rule in rules {
        let head = format!("[rule.{rule}]\n");
        assert!(text.contains(&head));
        text = text.replace(&head, &format!("{head}enabled = false\n"));
    }
    let policy = Policy::from_toml("p.toml", &text).unwrap();
    assert_eq!(
        policy.warnings(),
        [
            "without [rule.member-unidentified] claims without a subscriber id are judged as those of one member",
            "without [rule.service-date-invalid] lines without a date of service are paid, under no version of the policy and counted against no limit",
            "code set `office_visit` stands without [rule.office-visit]: its lines are paid whatever stands beside them",
            "code set `add_on` stands without [rule.add-on]: its lines are paid whatever stands beside them",
            "`diagnoses` stands without [rule.diagnosis-not-listed]: every diagnosis is taken",
            "[[criterion]] stands without [rule.documentation]: no criterion is asked of any session",
        ]
    );
}

#[test]
fn a_plan_that_switches_off_the_date_of_service_is_warned_of() {
    let warnings = |set: &str| {
        let plans = plans(&format!(
            "[[plan]]\nid = \"a\"\npayer_ids = [\"1\"]\npolicy = \"cigna-0139\"\n\
             [[plan.override]]\nrule = \"service-date-invalid\"\nset = {set}\ncitation = \"x\"\n"
        ));
        plans.unwrap().plans[0].warnings()
    };
    assert_eq!(
        warnings("{ enabled = false }"),
        [
            "plan a switches off service-date-invalid: lines without a date of service are paid, under no version of the policy and counted against no limit"
        ]
    );
    assert!(warnings("{ decision = \"pend\", status = \"P2:46\" }").is_empty());
}

#[test]
fn what_texts_call_the_service_is_the_policys() {
    let text = "service = { one = \"acupuncture session\", many = \"acupuncture sessions\" }\n";
    let policy = acupuncture(text, "").unwrap();
    assert_eq!(policy.service.any(), "a service");
    assert_eq!(embedded("cigna-0139").service.any(), "an injection");
    assert_eq!(
        acupuncture(text, "service = { one = \" \" }\n").unwrap_err(),
        "p.toml:9:11: `service` of the policy lacks `many`\n\
         p.toml:9:19: `one` of `service` of the policy is empty"
    );
}

#[test]
fn of_a_file_that_is_no_toml_only_what_can_be_seen_is_told() {
    let told = |text: &str| Policy::from_toml("p.toml", text).unwrap_err().to_string();
    assert_eq!(
        told("id = \"x\nnumber = 3\n[codes]\nsession = [\"é\"]\n"),
        "p.toml:1:8: invalid basic string, expected `\"`\n\
         p.toml:2:10: `number` of the policy must be text\n\
         p.toml:4:12: `é` is no procedure code: five letters or digits, without a modifier"
    );
    assert!(
        told("[[version]]\neffective = 2026-02-30\n")
            .starts_with("p.toml:2:13: invalid date, expected day between 01 and 28\n")
    );
}

const PLAN: &str = "[[plan]]\nid = \"a\"\npayer_ids = [\"1\"]\npolicy = \"cigna-0139\"\n";

#[test]
fn a_monitor_stands_beside_the_rules_and_says_what_it_sets() {
    let plans = plans(&format!(
        "{PLAN}\
         [[plan.override]]\nrule = \"rolling-limit\"\nset = {{ limit = 8 }}\nmode = \"monitor\"\ncitation = \"Draft\"\n\
         [[plan.override]]\nrule = \"rolling-limit\"\nset = {{ months = 6 }}\nmode = \"enforce\"\ncitation = \"Agreement\"\n\
         [[plan.override]]\nrule = \"guidance\"\nset = {{ enabled = true, outcome = {{ session = {{ rarc = [], decision = \"deny\" }} }} }}\nmode = \"monitor\"\ncitation = \"Draft\"\n",
    ))
    .unwrap();
    assert!(plans.has_monitors());
    let plan = &plans.plans[0];
    let sets: Vec<&str> = plan.monitors.iter().map(|monitor| &*monitor.set).collect();
    let expected = [
        "limit = 8",
        "enabled = true, outcome.session.decision = \"deny\", outcome.session.rarc = []",
    ];
    assert_eq!(sets, expected);
    let (_, book) = plan.book_on(parse_calendar_date(b"20250101"));
    let rolling = |book: &Book| {
        let limits = ["limit", "months"].map(|key| book.limit(RuleKind::RollingLimit, key));
        (limits, book.has(RuleKind::MinInterval))
    };
    assert_eq!(rolling(book), ([Some(10), Some(6)], true));
    // The monitor begins with what is enforced, and no other rule is asked.
    assert_eq!(rolling(&book.monitors()[0]), ([Some(8), Some(6)], false));
    assert!(book.monitors()[0].has(RuleKind::RollingLimit));
    let (_, no_version) = plan.book_on(parse_calendar_date(b"20200101"));
    assert!(!no_version.monitors()[0].has(RuleKind::RollingLimit));
}

#[test]
fn what_is_wrong_with_a_monitor_is_told_with_its_place() {
    let monitor = "[[plan.override]]\nrule = \"rolling-limit\"\nset = { limit = 8 }\nmode = \"monitor\"\ncitation = \"Draft\"\n";
    let told = |text: &str| plans(&format!("{PLAN}{text}")).unwrap_err();
    insta::assert_snapshot!(told(&monitor.replace("monitor", "watch")), @r#"plans.toml:8:8: `mode` must be "enforce" or "monitor""#);
    insta::assert_snapshot!(told(&monitor.replace("set = { limit = 8 }\n", "")), @"plans.toml:5:1: [[plan.override]] lacks `set`");
    insta::assert_snapshot!(told(&monitor.replace("rolling", "calendar")), @"plans.toml:6:8: the policy has an unknown rule `calendar-limit`; did you mean `phase-limit`?");
    insta::assert_snapshot!(told(&monitor.replace("limit = 8", "enabled = false")), @"plans.toml:5:1: a monitor of a rule that it switches off can have no hits; leave `enabled` out, or say true");
    insta::assert_snapshot!(told(&monitor.replace("limit = 8", "")), @"plans.toml:5:1: a monitor whose `set` is empty can have no hits");
    insta::assert_snapshot!(told(&monitor.replace("limit = 8", "limits = 8")), @"plans.toml:7:9: `set` of [[plan.override]] has an unknown key `limits`; did you mean `limit`?");
    insta::assert_snapshot!(told(&monitor.replace("limit = 8", "limit = 0")), @"plans.toml:7:17: `limit` of `set` of [[plan.override]] must be a whole number above zero");
    insta::assert_snapshot!(told(&monitor.repeat(2)), @"plans.toml:10:1: the plan has this monitor twice: the same rule, `set` and citation");
    let many: String = (0..101)
        .map(|number| monitor.replace("Draft", &format!("Draft {number}")))
        .collect();
    insta::assert_snapshot!(told(&many), @"plans.toml:505:1: a plan has at most 100 monitors");
}

#[test]
fn a_monitor_that_can_have_no_hits_is_warned_of() {
    let warnings = |rule: &str, set: &str, more: &str| {
        let text = format!(
            "{PLAN}[[plan.override]]\nrule = \"{rule}\"\nset = {{ {set} }}\nmode = \"monitor\"\ncitation = \"Draft\"\n{more}"
        );
        plans(&text).unwrap().plans[0].warnings().join("\n")
    };
    let off = "[[plan.override]]\nrule = \"rolling-limit\"\nset = { enabled = false }\ncitation = \"Agreement\"\n";
    insta::assert_snapshot!(warnings("rolling-limit", "limit = 12", ""), @"plan a: the monitor of rolling-limit (Draft) can have no hits: whatever it would stop is stopped already");
    insta::assert_snapshot!(warnings("rolling-limit", "limit = 8", off), @"plan a: the monitor of rolling-limit (Draft) can have no hits: it is switched off, and `set` does not say enabled = true");
    insta::assert_snapshot!(warnings("original-unknown", "enabled = true", ""), @r#"plan a: the monitor of original-unknown (Draft) can have no hits: `unknown_original` is "judge""#);
    for (rule, set, more) in [
        ("rolling-limit", "limit = 9", ""),
        ("rolling-limit", "limit = 12, months = 13", ""),
        ("rolling-limit", "limit = 12, enabled = true", off),
        ("min-interval", "diagnostic_days = 8", ""),
        (
            "min-interval",
            "decision = \"pend\", status = \"P2:46\"",
            "",
        ),
        ("phase-limit", "therapeutic = 5", ""),
    ] {
        assert_eq!(warnings(rule, set, more), "", "{rule} {set}");
    }
}
