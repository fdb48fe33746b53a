//! What a monitored rule says of a line is what the same rule in force decides for it.

use std::fs;

use claimstream::adjudicate::adjudicate;
use claimstream::output::{Format, Run, write_determinations};
use claimstream::policy::{FactsTable, Plans, find_policy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::planted::{run, text};
use super::properties::{claim, file, read_files};

/// A rule that is monitored: under which policy, whether it is switched off else, and what is
/// set of it.
type Monitored = (&'static str, &'static str, bool, &'static str);

const CIGNA: &str = "cigna-0139";
const CARESOURCE: &str = "caresource-ar-passe-mm-1503";

const MONITORED: [Monitored; 19] = [
    (CIGNA, "units-invalid", true, "enabled = true"),
    (CIGNA, "diagnosis-pointer-invalid", true, "enabled = true"),
    (CARESOURCE, "dry-needling", true, "enabled = true"),
    (CIGNA, "duplicate-line", true, "enabled = true"),
    (CIGNA, "same-day-bundle", true, "enabled = true"),
    (CIGNA, "min-interval", false, "diagnostic_days = 45"),
    (
        CIGNA,
        "min-interval",
        false,
        "decision = \"pend\", status = \"P2:46\"",
    ),
    (CIGNA, "rolling-limit", false, "limit = 2"),
    (CIGNA, "rolling-limit", false, "limit = 3, months = 6"),
    (CIGNA, "phase-limit", false, "therapeutic = 1"),
    (CARESOURCE, "calendar-limit", false, "limit = 2"),
    (
        CARESOURCE,
        "calendar-limit",
        true,
        "enabled = true, limit = 1",
    ),
    (CIGNA, "unit-cap", true, "enabled = true"),
    (CIGNA, "unit-cap", false, "decision = \"deny\""),
    (CIGNA, "suspect-duplicate", true, "enabled = true"),
    (CIGNA, "guidance", true, "enabled = true"),
    (CARESOURCE, "guidance", true, "enabled = true"),
    (
        CARESOURCE,
        "guidance",
        false,
        "outcome = { unclear = { decision = \"deny\", group = \"CO\", carc = \"96\" } }",
    ),
    (CARESOURCE, "office-visit", true, "enabled = true"),
];

/// A plans file with what is monitored in this mode, or without it.
fn plans((policy, rule, is_off, set): Monitored, mode: Option<&str>) -> String {
    let change = |set: &str, mode: &str| {
        format!(
            "[[plan.override]]\nrule = \"{rule}\"\nset = {{ {set} }}\nmode = \"{mode}\"\ncitation = \"Draft\"\n"
        )
    };
    let mut changes = String::new();
    if is_off {
        changes += &change("enabled = false", "enforce");
    }
    changes += &mode.map_or_else(String::new, |mode| change(set, mode));
    [(CIGNA, "62308"), (CARESOURCE, "CSPASSE")]
        .map(|(id, payer)| {
            let own = if id == policy { &*changes } else { "" };
            format!("[[plan]]\nid = \"{id}\"\npayer_ids = [\"{payer}\"]\npolicy = \"{id}\"\n{own}")
        })
        .concat()
}

const CODES: [&str; 8] = [
    "20552", "20552", "20553", "20552", "76942", "99213", "20560", "77003",
];

/// A claim of one line: member, procedure, day of the year, units, pointer, charge.
fn one_line(
    (member, code, day, units, pointer, charge): (u32, usize, u64, u32, u32, u32),
    payer: &str,
) -> Vec<String> {
    let start = chrono::NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
    let date = start + chrono::Days::new(day);
    vec![
        format!(
            "HL*N*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*PAT****MI*W{member}~NM1*PR*2*PAYER*****PI*{payer}~"
        ),
        format!("CLM*P*{charge}***11:B:1*Y*A*Y*Y~HI*ABK:M7918~"),
        format!(
            "LX*1~SV1*HC:{}*{charge}*UN*{units}***{pointer}~DTP*472*D8*{}~",
            CODES[code],
            date.format("%Y%m%d")
        ),
    ]
}

/// A file with claims of many members, and one with a single line of each of them, which may
/// come late.
fn nights(runner: &mut TestRunner, payer: &str) -> [Vec<u8>; 2] {
    const MEMBERS: u32 = 100;
    // Most are apart enough for sessions, and many the same.
    let line = |member: BoxedStrategy<u32>| {
        let day = (0_u64..12, prop::bool::weighted(0.3));
        let day = day.prop_map(|(month, is_late)| month * 21 + u64::from(is_late) * 4);
        let pointer = prop::sample::select(vec![1_u32, 1, 1, 1, 1, 2]);
        let charge = prop::sample::select(vec![100_u32, 100, 100, 120]);
        (member, 0..CODES.len(), day, 0_u32..4, pointer, charge)
    };
    let claims = |lines: Vec<(u32, usize, u64, u32, u32, u32)>| -> Vec<Vec<String>> {
        let claims = lines.into_iter();
        claims.map(|line| one_line(line, payer)).collect()
    };
    let before = prop::collection::vec(line((0..MEMBERS).boxed()), 1600);
    let last: Vec<_> = (0..MEMBERS)
        .map(|member| line(Just(member).boxed()))
        .collect();
    let before = before.new_tree(runner).unwrap().current();
    let mut last = last.new_tree(runner).unwrap().current();
    // Every third member's line comes again.
    for line in last.iter_mut().step_by(3) {
        let known = before.iter().find(|known| known.0 == line.0);
        *line = known.copied().unwrap_or(*line);
    }
    [file(&claims(before), 1), file(&claims(last), 2)]
}

/// The determinations of a night after another, by the place of their claims.
fn after(folder: &TempDir, history: &str, plans: &str, night: &str) -> Vec<Value> {
    let path = |name: &str| folder.path().join(name);
    fs::copy(path(history), path("copy.history")).unwrap();
    fs::write(path("plans.toml"), plans).unwrap();
    let [plans, copy, night] = ["plans.toml", "copy.history", night].map(path);
    let given = ["--plans", text(&plans), "--history", text(&copy)];
    let output = run(&[&["adjudicate", text(&night)], &given[..]].concat(), 0);
    let lines = String::from_utf8(output.stdout).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The most severe decision of a rule's reasons, and the first reason of that decision.
fn fired<'l>(line: &'l Value, rule: &str) -> Option<&'l Value> {
    let reasons = line["reasons"].as_array().unwrap().iter();
    let own: Vec<&Value> = reasons.filter(|reason| reason["rule"] == rule).collect();
    let severities = ["deny", "pend", "reduce"].into_iter();
    let mut deciding =
        severities.filter_map(|decision| own.iter().find(|reason| reason["decision"] == decision));
    deciding.next().copied()
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What a monitor of a rule should say of a line, from the line as it was decided without and
/// with the rule in force.
fn expected(rule: &str, set: &str, real: &Value, enforced: &Value) -> Value {
    let decision = |reason: Option<&Value>| reason.map(|reason| reason["decision"].clone());
    let (now, then) = (fired(real, rule), fired(enforced, rule));
    let Some(then) = then.filter(|then| decision(Some(then)) != decision(now)) else {
        return json!([]);
    };
    let is_paid = ["pay", "reduce"].contains(&real["decision"].as_str().unwrap());
    let allowed = |line: &Value| cents(&line["amount_allowed"]);
    let at_stake = if is_paid {
        allowed(real) - allowed(enforced)
    } else {
        0
    };
    let mut hit = then.clone();
    hit["set"] = json!(set);
    hit["citation"] = json!("Draft");
    hit["amount_at_stake"] = json!(format!("{}.{:02}", at_stake / 100, at_stake % 100));
    json!([hit])
}

#[test]
fn a_hit_is_what_the_rule_in_force_decides_for_the_line_after_the_same_history() {
    let mut runner = TestRunner::deterministic();
    for monitored in MONITORED {
        let (policy, rule, _, set) = monitored;
        let payer = if policy == CIGNA { "62308" } else { "CSPASSE" };
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, night) in ["1.837", "2.837"].iter().zip(nights(&mut runner, payer)) {
            fs::write(path(name), night).unwrap();
        }
        // A history in which nothing was decided, then one with the first night.
        fs::write(path("none.history"), "").unwrap();
        let real = plans(monitored, None);
        after(&folder, "none.history", &real, "1.837");
        fs::rename(path("copy.history"), path("first.history")).unwrap();
        let [real, watched, enforced] = [None, Some("monitor"), Some("enforce")]
            .map(|mode| after(&folder, "first.history", &plans(monitored, mode), "2.837"));
        assert_eq!((real.len(), enforced.len()), (watched.len(), watched.len()));
        let set = match set.split_once("outcome = { unclear = { ") {
            Some(_) => {
                "outcome.unclear.decision = \"deny\", outcome.unclear.group = \"CO\", outcome.unclear.carc = \"96\""
            }
            // Limits stand before `enabled`.
            None if set == "enabled = true, limit = 1" => "limit = 1, enabled = true",
            None => set,
        };
        let mut hits = 0;
        for ((real, mut watched), enforced) in real.iter().zip(watched).zip(&enforced) {
            let monitored = watched
                .as_object_mut()
                .unwrap()
                .remove("monitored")
                .unwrap();
            assert_eq!(&watched, real, "{rule} {set} changes a decision");
            assert_eq!(
                monitored,
                expected(rule, set, real, enforced),
                "{rule} {set}"
            );
            hits += monitored.as_array().unwrap().len();
        }
        assert!(hits > 0, "{rule} {set} hits nothing");
    }
}

/// The determinations of claims, a JSON object each.
fn decide(claims: &[u8], plans: &str) -> Vec<Value> {
    let intake = read_files(&[claims.to_vec()]);
    // Routed by the embedded plans, which have the same payers in the same order.
    let mut resolve = |name: &str| find_policy(name, "".as_ref());
    let plans = Plans::from_toml("plans", plans, &mut resolve).unwrap();
    let adjudication = adjudicate(&intake.batch, &plans, &FactsTable::default());
    let run = Run {
        batch: &intake.batch,
        plans: &plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let (mut out, all) = (Vec::new(), 0..intake.batch.claims.len());
    write_determinations(run, all, Format::JsonLines, true, &mut out).unwrap();
    let lines = String::from_utf8(out).unwrap();
    lines
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("file");
            line
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_monitor_changes_nothing_but_what_is_monitored(
        claims in prop::collection::vec(claim(), 1..12),
        monitored in 0..MONITORED.len(),
    ) {
        let monitored = MONITORED[monitored];
        let claims: Vec<Vec<String>> = claims.into_iter().map(|(_, claim)| claim).collect();
        let claims = file(&claims, 1);
        let expected = decide(&claims, &plans(monitored, None));
        let mut watched = decide(&claims, &plans(monitored, Some("monitor")));
        for line in &mut watched {
            let hits = line.as_object_mut().unwrap().remove("monitored");
            prop_assert!(hits.is_some_and(|hits| hits.is_array()));
        }
        prop_assert_eq!(watched, expected);
    }
}
