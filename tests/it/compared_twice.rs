//! What `compare` says is counted a second way: each side is what a run of `adjudicate` decides, and
//! plain SQL over the determinations of two such runs says what changes.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::compare::eight;
use super::planted::{json as read_json, run, text};
use super::report::{cents, made_up, rows};

/// Plans that differ from those of the fixture: claims of one are another's, a rule is off, a limit lower.
fn other_plans(folder: &Path) -> String {
    let plans = fs::read_to_string("fixtures/plans.toml").unwrap();
    let changed = plans
        .replace("group_numbers = [\"00123\"]", "group_numbers = [\"00999\"]")
        .replace(
            "unknown_original = \"pend\"",
            "unknown_original = \"judge\"",
        );
    assert_ne!(plans, changed);
    let changed = changed
        + "\n[[plan.override]]\nrule = \"calendar-limit\"\nset = { limit = 3 }\ncitation = \"Draft\"\n";
    let path = folder.join("plans.toml");
    fs::write(&path, changed).unwrap();
    text(&path).to_owned()
}

/// What is compared: the inputs with what both sides share, and each side as `compare` and as
/// `adjudicate` names it, with the plan that a policy judges under.
struct Case<'c> {
    inputs: &'c [&'c str],
    base: &'c str,
    with: &'c str,
    plan: Option<&'c str>,
    status: i32,
}

impl Case<'_> {
    /// Compares, and adjudicates twice; gives the summary and the changed lines of the one,
    /// and a database of the other's determinations.
    fn run(&self, folder: &Path) -> (Value, Vec<Value>, Connection) {
        let [out, csv, summary] =
            ["changed.jsonl", "changed.csv", "summary.json"].map(|name| folder.join(name));
        let sides = ["--base", self.base, "--with", self.with];
        let compare = |out: &Path, more: &[&str]| {
            let command = [
                &["compare"],
                self.inputs,
                &sides,
                &["--out", text(out)],
                more,
            ];
            run(&command.concat(), self.status);
        };
        compare(&out, &["--summary", text(&summary)]);
        compare(&csv, &["--threads", "1"]);
        let changed = lines(&out);
        assert_eq!(
            lines_of_csv(&csv),
            changed.iter().map(as_csv).collect::<Vec<_>>()
        );
        let database = Connection::open_in_memory().unwrap();
        for (table, side) in [("base_line", self.base), ("with_line", self.with)] {
            let out = folder.join(format!("{table}.jsonl"));
            let option = if self.plan.is_some() {
                "--policy"
            } else {
                "--plans"
            };
            let command = [
                &["adjudicate"],
                self.inputs,
                &[option, side, "--out", text(&out)],
            ];
            run(&command.concat(), self.status);
            load(&database, table, &lines(&out), self.plan);
        }
        database.execute_batch(PAIRS).unwrap();
        (read_json(&summary), changed, database)
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn lines_of_csv(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>(),
        claimstream_columns()
    );
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

fn claimstream_columns() -> [&'static str; 25] {
    ::claimstream::compare::CHANGED_COLUMNS
}

/// A changed line as a row of CSV.
fn as_csv(line: &Value) -> Vec<String> {
    let object = line.as_object().unwrap();
    assert_eq!(object.len(), claimstream_columns().len());
    let cell = |name: &str| match &object[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    claimstream_columns().into_iter().map(cell).collect()
}

/// Determinations as a table. Money is in whole cents; the lines of a claim that have one number
/// are counted.
fn load(database: &Connection, table: &str, lines: &[Value], plan: Option<&str>) {
    let create = format!(
        "CREATE TABLE {table} (claim, line, occurrence, provider, member, plan, date, procedure,
         charge, decision, allowed, rule, reasons)"
    );
    database.execute(&create, []).unwrap();
    let insert = format!(
        "INSERT INTO {table} SELECT ?1, ?2, (SELECT count(*) FROM {table} WHERE claim = ?1 AND line = ?2),
         ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12"
    );
    let index = format!("CREATE INDEX {table}_lines ON {table} (claim, line)");
    database.execute(&index, []).unwrap();
    for line in lines {
        let reasons = line["reasons"].as_array().unwrap().iter();
        let deciding: Vec<&Value> = reasons
            .filter(|reason| reason["decision"] == line["decision"])
            .collect();
        let texts: Vec<&str> = deciding
            .iter()
            .map(|reason| reason["text"].as_str().unwrap())
            .collect();
        let row = params![
            line["claim_control_number"].as_str(),
            line["line"].as_i64(),
            line["billing_provider"].as_str().unwrap_or_default(),
            line["member"].as_str(),
            plan.or(line["plan"].as_str()),
            line["service_date"].as_str(),
            line["procedure"].as_str(),
            cents(&line["charge"]),
            line["decision"].as_str(),
            cents(&line["amount_allowed"]),
            deciding.first().and_then(|reason| reason["rule"].as_str()),
            texts.join("; "),
        ];
        database.execute(&insert, row).unwrap();
    }
}

/// Every line that a run judged or took back, beside what the other made of it.
const PAIRS: &str = "CREATE TABLE pair AS
    SELECT coalesce(w.claim, b.claim) AS claim, coalesce(w.line, b.line) AS line,
           coalesce(w.provider, b.provider) AS provider, coalesce(w.member, b.member) AS member,
           coalesce(w.charge, b.charge) AS charge,
           coalesce(w.procedure, b.procedure) AS procedure, coalesce(w.date, b.date) AS date,
           coalesce(b.decision, 'pass') AS base, coalesce(w.decision, 'pass') AS other,
           b.allowed AS base_allowed, w.allowed AS other_allowed,
           b.rule AS base_rule, w.rule AS other_rule, b.plan AS base_plan, w.plan AS other_plan,
           coalesce(b.reasons, '') AS base_reasons, coalesce(w.reasons, '') AS other_reasons
    FROM base_line AS b FULL JOIN with_line AS w
    ON w.claim = b.claim AND w.line = b.line AND w.occurrence = b.occurrence;
    DELETE FROM pair WHERE base = 'pass' AND other = 'pass';
    ALTER TABLE pair ADD COLUMN difference;
    UPDATE pair SET difference = other_allowed - base_allowed WHERE base <> 'pass' AND other <> 'pass';";

fn one(database: &Connection, query: &str) -> Vec<Value> {
    rows(database, query).remove(0)
}

/// Numbers of an object, amounts in whole cents.
fn numbers(object: &Value, names: &[&str]) -> Vec<Value> {
    let number = |name: &&str| match &object[name] {
        Value::String(text) if text.contains('.') => json!(cents(&object[name])),
        other => other.clone(),
    };
    names.iter().map(number).collect()
}

fn sorted(mut list: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    list.sort_by_key(|row| json!(row).to_string());
    list
}

fn all(list: &Value, names: &[&str]) -> Vec<Vec<Value>> {
    let list = list.as_array().unwrap().iter();
    sorted(list.map(|item| numbers(item, names)).collect())
}

const CHANGE: [&str; 3] = ["lines", "charge", "difference"];

/// Holds every number of a comparison against SQL over the determinations.
fn check(case: &Case<'_>) -> Value {
    let folder = TempDir::new().unwrap();
    let (summary, changed, database) = case.run(folder.path());
    check_totals(&summary, &database);
    check_rules(&summary, &database);
    check_providers(&summary, &database);
    check_lines(&changed, &database);
    summary
}

fn check_totals(summary: &Value, database: &Connection) {
    let compared = &summary["compared"];
    let sum = "count(*), coalesce(sum(charge), 0), coalesce(sum(difference), 0)";
    assert_eq!(
        numbers(compared, &["lines", "claims"]),
        one(database, "SELECT count(*), count(DISTINCT claim) FROM pair")
    );
    assert_eq!(
        numbers(&compared["changed"], &CHANGE),
        one(
            database,
            &format!("SELECT {sum} FROM pair WHERE base <> other")
        )
    );
    assert_eq!(
        numbers(compared, &["changed_claims", "changed_members"]),
        one(
            database,
            "SELECT count(DISTINCT claim), count(DISTINCT member) FROM pair WHERE base <> other"
        )
    );
    let same = "base = other AND base_rule IS NOT other_rule";
    assert_eq!(
        numbers(&compared["other_rule"], &CHANGE),
        one(database, &format!("SELECT {sum} FROM pair WHERE {same}"))
    );
    let unchanged = "SELECT count(*) FROM pair WHERE base = other AND base_rule IS other_rule";
    assert_eq!(numbers(compared, &["unchanged"]), one(database, unchanged));
    let one_side = "SELECT count(*) FROM pair WHERE base = 'pass' OR other = 'pass'";
    assert_eq!(
        numbers(compared, &["governed_on_one_side"]),
        one(database, one_side)
    );
    for (side, decision) in [("base", "base"), ("with", "other")] {
        let judged = format!(
            "SELECT count(*), coalesce(sum(charge), 0), coalesce(sum({decision}_allowed), 0)
             FROM pair WHERE {decision} NOT IN ('pass', 'reverse')"
        );
        let total = &summary[format!("{side}_total")];
        assert_eq!(
            numbers(total, &["lines", "billed", "allowed"]),
            one(database, &judged)
        );
        for by in summary["decisions"].as_array().unwrap() {
            let of = format!(
                "SELECT count(*), coalesce(sum(charge), 0), coalesce(sum({decision}_allowed), 0)
                 FROM pair WHERE {decision} = '{}'",
                by["decision"].as_str().unwrap()
            );
            let mut expected = one(database, &of);
            if by["decision"] == "pass" {
                expected[2] = json!(0);
            }
            assert_eq!(
                numbers(&by[side], &["lines", "charge", "allowed"]),
                expected
            );
        }
    }
    assert_eq!(
        all(
            &summary["changes"],
            &["base", "with", "lines", "charge", "difference"]
        ),
        sorted(rows(
            database,
            &format!("SELECT base, other, {sum} FROM pair GROUP BY base, other")
        ))
    );
}

fn check_rules(summary: &Value, database: &Connection) {
    // What each rule decides on either side, and whether the other side has the same.
    let decided = "CREATE TEMP TABLE decided AS
        SELECT base_rule AS rule, base AS decision, 1 AS is_base, charge, difference,
            base_rule IS other_rule AND base = other AS is_same FROM pair WHERE base_rule IS NOT NULL
        UNION ALL SELECT other_rule, other, 0, charge, difference,
            base_rule IS other_rule AND base = other FROM pair WHERE other_rule IS NOT NULL";
    database.execute_batch(decided).unwrap();
    let moved = |side: &str| {
        format!(
            "sum({side} AND NOT is_same), coalesce(sum(charge) FILTER (WHERE {side} AND NOT is_same), 0),
             coalesce(sum(difference) FILTER (WHERE {side} AND NOT is_same), 0)"
        )
    };
    let query = format!(
        "SELECT rule, decision, sum(is_base), sum(NOT is_base), {}, {}
         FROM decided GROUP BY rule, decision",
        moved("is_base"),
        moved("NOT is_base")
    );
    let rules = summary["rules"].as_array().unwrap().iter();
    let told = rules.map(|rule| {
        let mut told = numbers(rule, &["rule", "decision", "base", "with"]);
        told.extend(numbers(&rule["no_longer"], &CHANGE));
        told.extend(numbers(&rule["newly"], &CHANGE));
        let count = |name: &str| rule[name]["lines"].as_i64().unwrap();
        let sides = ["base", "with"].map(|side| rule[side].as_i64().unwrap());
        assert_eq!(sides[1], sides[0] - count("no_longer") + count("newly"));
        told
    });
    assert_eq!(sorted(told.collect()), sorted(rows(database, &query)));
}

fn check_providers(summary: &Value, database: &Connection) {
    let query = "SELECT provider, count(*), sum(base <> other),
            coalesce(sum(charge) FILTER (WHERE base <> other), 0),
            coalesce(sum(difference) FILTER (WHERE base <> other), 0),
            count(DISTINCT member) FILTER (WHERE base <> other)
        FROM pair GROUP BY provider HAVING sum(base <> other) > 0";
    let names = [
        "billing_provider",
        "compared",
        "lines",
        "charge",
        "difference",
        "members",
    ];
    assert_eq!(
        all(&summary["providers"], &names),
        sorted(rows(database, query))
    );
    let others = "SELECT count(*) FROM
        (SELECT 1 FROM pair GROUP BY provider HAVING sum(base <> other) = 0)";
    assert_eq!(
        vec![summary["unchanged_providers"].clone()],
        one(database, others)
    );
    let differences = summary["providers"].as_array().unwrap().iter();
    let sizes: Vec<i64> = differences
        .map(|provider| cents(&provider["difference"]).abs())
        .collect();
    assert!(sizes.is_sorted_by(|one, other| one >= other));
}

fn check_lines(changed: &[Value], database: &Connection) {
    let numbers = changed
        .chunk_by(|left, right| left["claim_control_number"] == right["claim_control_number"]);
    for of_claim in numbers {
        assert!(of_claim.is_sorted_by_key(|line| line["line"].as_u64()));
    }
    let names = [
        "claim_control_number",
        "line",
        "member",
        "billing_provider",
        "procedure",
        "service_date",
        "charge",
        "base_decision",
        "base_amount_allowed",
        "base_rule",
        "base_plan",
        "base_reasons",
        "with_decision",
        "with_amount_allowed",
        "with_rule",
        "with_plan",
        "with_reasons",
        "difference",
        "change",
    ];
    let told: Vec<Vec<Value>> = changed
        .iter()
        .map(|line| {
            let amounts = [
                "charge",
                "base_amount_allowed",
                "with_amount_allowed",
                "difference",
            ];
            let of = |name: &&str| match &line[name] {
                Value::String(_) if amounts.contains(name) => json!(cents(&line[name])),
                Value::Null => json!("Null"),
                other => other.clone(),
            };
            names.iter().map(of).collect()
        })
        .collect();
    // What passes because nobody governs it has no plan, and nothing is allowed for it.
    let query = "SELECT claim, line, member, nullif(provider, ''), procedure, date, charge, base,
            CASE WHEN base <> 'pass' THEN base_allowed END, base_rule, base_plan, base_reasons, other,
            CASE WHEN other <> 'pass' THEN other_allowed END, other_rule, other_plan, other_reasons,
            difference, CASE WHEN base = other THEN 'rule' ELSE 'decision' END
        FROM pair WHERE base <> other OR base_rule IS NOT other_rule";
    assert_eq!(sorted(told), sorted(rows(database, query)));
}

#[test]
fn a_lower_limit_changes_what_two_runs_decide_differently() {
    let folder = TempDir::new().unwrap();
    let (input, eight) = (folder.path().join("few.837"), eight(folder.path()));
    // Few members, so that a session that is denied makes a later one payable.
    let few = ["--members", "100", "--inject", "0.4", "--dirt", "0.05"];
    let generate = ["generate", "--claims", "2000", "--out", text(&input)];
    run(&[&generate[..], &few].concat(), 0);
    let summary = check(&Case {
        inputs: &[text(&input)],
        base: "cigna-0139",
        with: &eight,
        plan: Some("cigna-0139"),
        status: 1,
    });
    let changes = summary["changes"].as_array().unwrap().iter();
    let kinds: Vec<[&str; 2]> = changes
        .map(|change| ["base", "with"].map(|side| change[side].as_str().unwrap()))
        .collect();
    for kind in [
        ["pay", "deny"],
        ["reduce", "deny"],
        ["deny", "pay"],
        ["reverse", "reverse"],
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(summary["compared"]["other_rule"]["lines"].as_u64().unwrap() > 10);
    assert!(summary["providers"].as_array().unwrap().len() > 10);
    assert_eq!(
        summary["differences"],
        json!(["plan cigna-0139: rolling-limit limit 8 instead of 10"])
    );
}

#[test]
fn lines_that_one_policy_alone_governs_pass_under_the_other() {
    let folder = TempDir::new().unwrap();
    let input = made_up(folder.path());
    for (base, with) in [
        ("cigna-0139", "caresource-ar-passe-mm-1503"),
        ("caresource-ar-passe-mm-1503", "cigna-0139"),
    ] {
        let summary = check(&Case {
            inputs: &[text(&input)],
            base,
            with,
            plan: Some(base),
            status: 1,
        });
        let one_side = &summary["compared"]["governed_on_one_side"];
        assert!(one_side.as_u64().unwrap() > 1000);
    }
}

/// Claims of up to twelve lines, whose procedures two policies govern together, one of them
/// alone, or neither; the same procedure may stand on several of them.
fn mixed_claims(count: u32) -> String {
    let procedures = ["20552", "97810", "99213", "97110", "97811", "20553"];
    let mut state = 1_u64;
    let mut draw = |most: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % most
    };
    let mut set = String::from(
        "ST*837*0001*005010X222A1~BHT*0019*00*R*20270601*0600*CH~HL*1**20*1~\
         NM1*85*2*CLINIC*****XX*1234567893~",
    );
    for claim in 0..count {
        let lines = 1 + draw(12);
        let (member, day) = (draw(20), 1 + draw(28));
        set += &format!(
            "HL*{}*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*PAT****MI*U{member}~\
             NM1*PR*2*PAYER*****PI*62308~CLM*C{claim}*{}***11:B:1*Y*A*Y*Y~HI*ABK:M7918~",
            claim + 2,
            lines * 50
        );
        for line in 1..=lines {
            let procedure = procedures[draw(6) as usize];
            set += &format!("LX*{line}~SV1*HC:{procedure}*50*UN*1***1~DTP*472*D8*202606{day:02}~");
        }
    }
    let segments = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *270601*0600*^*00501*000000007*0*P*:~\
         GS*HC*S*R*20270601*0600*1*X*005010X222A1~{set}SE*{segments}*0001~GE*1*1~IEA*1*000000007~"
    )
}

#[test]
fn lines_of_a_claim_are_joined_whichever_of_them_a_side_governs() {
    let folder = TempDir::new().unwrap();
    let input = folder.path().join("mixed.837");
    fs::write(&input, mixed_claims(300)).unwrap();
    let acupuncture = "fixtures/acupuncture.toml";
    let caresource = "caresource-ar-passe-mm-1503";
    for (base, with, plan) in [
        (acupuncture, caresource, "example-acupuncture"),
        ("cigna-0139", acupuncture, "cigna-0139"),
    ] {
        let summary = check(&Case {
            inputs: &[text(&input)],
            base,
            with,
            plan: Some(plan),
            status: 0,
        });
        let changes = summary["changes"].as_array().unwrap().iter();
        let passes = |side: &str| changes.clone().any(|change| change[side] == "pass");
        assert!(passes("base") && passes("with"));
    }
}

#[test]
fn plans_are_compared_with_plans_that_take_other_claims() {
    let folder = TempDir::new().unwrap();
    let plans = other_plans(folder.path());
    let summary = check(&Case {
        inputs: &["fixtures/overnight.837", "--facts", "fixtures/facts.jsonl"],
        base: "fixtures/plans.toml",
        with: &plans,
        plan: None,
        status: 0,
    });
    assert!(summary["compared"]["changed"]["lines"].as_u64().unwrap() > 3);
    assert!(summary["differences"].as_array().unwrap().len() > 1);
}
