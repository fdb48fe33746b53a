//! Remittances as people get them.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::advice::{self, Advice};
use super::nights::{Line, night};
use super::reading::expect;

const OVERNIGHT: [&str; 6] = [
    "adjudicate",
    "fixtures/overnight.837",
    "--plans",
    "fixtures/plans.toml",
    "--facts",
    "fixtures/facts.jsonl",
];

fn claimstream(arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("claimstream"));
    command.args(arguments).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with a history and the files of its runs.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Adjudicates a night of its own file, and gives its remittances.
    fn night(&self, number: u32, lines: &[Line<'_>], more: &[&str]) -> Vec<Advice> {
        let file = self.write(&format!("{number}.837"), &night(number, lines));
        self.run(&file, more)
    }

    fn run(&self, file: &str, more: &[&str]) -> Vec<Advice> {
        let (history, remit) = (self.path("h.history"), self.path("r.835"));
        let out = self.path("o.jsonl");
        let given = [
            "adjudicate",
            file,
            "--history",
            &history,
            "--remit",
            &remit,
            "--out",
            &out,
        ];
        let plans = ["--plans", "fixtures/plans.toml"];
        let output = claimstream(&[&given, &plans[..], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let text = fs::read_to_string(&remit).unwrap();
        let advices = advice::read(&text);
        advices.iter().for_each(Advice::assert_balanced);
        if !text.is_empty() {
            let output = claimstream(&["remit", "check", &remit]);
            assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        }
        self.check();
        advices
    }

    /// What must hold of the history holds.
    fn check(&self) {
        let output = claimstream(&["history", "check", "--history", &self.path("h.history")]);
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    }

    /// Decides every pended line alike; gives what is said of it.
    fn decide(&self, decision: &str) -> String {
        let history = self.path("h.history");
        let pends = self.path("pends.csv");
        let asked = ["history", "pends", "--history", &history, "--csv", &pends];
        assert_eq!(claimstream(&asked).status.code(), Some(0));
        let text = fs::read_to_string(&pends).unwrap();
        let decided = text.replace(",,,,,,\n", &format!(",{decision},RN,2027-06-02\n"));
        self.write("pends.csv", &decided);
        let plans = ["--plans", "fixtures/plans.toml"];
        let output = claimstream(
            &[
                &["history", "decide", &pends, "--history", &history],
                &plans[..],
            ]
            .concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        words(&output)
    }
}

/// Claims as `number status paid`.
fn claims(advices: &[Advice]) -> Vec<String> {
    let claims = advices.iter().flat_map(|advice| &advice.claims);
    claims
        .map(|claim| format!("{} {} {}", claim.number, claim.status, claim.paid))
        .collect()
}

#[test]
fn the_claims_of_a_night_are_remitted() {
    let place = Place::new();
    let (remit, summary) = (place.path("r.835"), place.path("s.json"));
    let to = [
        "--out",
        &place.path("o.csv"),
        "--remit",
        &remit,
        "--summary",
        &summary,
    ];
    let output = claimstream(&[&OVERNIGHT[..], &to].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let text = fs::read_to_string(&remit).unwrap();
    let advices = advice::read(&text);
    advices.iter().for_each(Advice::assert_balanced);
    expect("overnight.expected.835", &text);
    let output = claimstream(&["remit", "check", &remit]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    // The summary says what the file says.
    let summary: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(summary).unwrap()).unwrap();
    let cents: i128 = advices.iter().map(|advice| advice.payment).sum();
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    assert_eq!(summary["remitted"]["payment"], amount);
    assert_eq!(summary["remitted"]["remittances"], advices.len());
    let count: usize = advices.iter().map(|advice| advice.claims.len()).sum();
    assert_eq!(summary["remitted"]["claims_paid"], count);
}

#[test]
fn a_run_in_little_memory_and_any_threads_remits_the_same() {
    let place = Place::new();
    let remit = |more: &[&str]| {
        let to = [
            "--out",
            &place.path("o.jsonl"),
            "--remit",
            &place.path("r.835"),
        ];
        let output = claimstream(&[&OVERNIGHT[..], &to, more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        fs::read_to_string(place.path("r.835")).unwrap()
    };
    let expected = remit(&[]);
    for more in [
        &["--memory-limit", "1B"][..],
        &["--threads", "1"],
        &["--threads", "3"],
        &["--all-lines"],
        &["--history", &place.path("new.history")],
        &["--ack", place.0.path().to_str().unwrap()],
    ] {
        assert_eq!(remit(more), expected, "{more:?}");
    }
}

#[test]
fn what_keeps_a_run_from_paying_is_told_before_it_reads() {
    let place = Place::new();
    let remit = place.path("r.835");
    let told = |more: &[&str]| {
        let given = ["adjudicate", "fixtures/overnight.837", "--remit", &remit];
        let output = claimstream(&[&given[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        assert!(!fs::exists(&remit).unwrap());
        words(&output)
    };
    let plans = fs::read_to_string("fixtures/plans.toml").unwrap();
    let wrong = place.write(
        "wrong.toml",
        &plans
            .replace("310000002", "31-0000002")
            .replace("\"HM\"", "\"CI\""),
    );
    insta::assert_snapshot!(told(&["--policy", "cigna-0139"]), @r#"claimstream: an 835 says who pays, and plan cigna-0139 has no [plan.payer]; name it in a file for --plans (docs/remittance.md)"#);
    insta::assert_snapshot!(told(&["--plans", "fixtures/plans.toml", "--payment", "ACH"]), @r#"claimstream: a transfer comes from an account, and [plan.payer] of plan caresource-ar-passe has no `routing_number` and `account_number`"#);
    insta::assert_snapshot!(told(&["--plans", &wrong]).replace(&wrong, "wrong.toml"), @r#"
    claimstream: wrong.toml:54:10: `tax_id` must be 9 digits
    wrong.toml:61:20: `CI` is no filing indicator of an 835; known are 12, 13, 14, 15, 16, 17, AM, CH, DS, HM, LM, MA, MB, MC, OF, TV, VA, WC, ZZ
    "#);
    let old = [
        "--plans",
        "fixtures/plans.toml",
        "--payment-date",
        "1990-01-01",
    ];
    insta::assert_snapshot!(told(&old), @r#"claimstream: rule member-unidentified of plan cigna-00123 adjusts with CO 31, which a payment of 1990-01-01 cannot say: reason 31 is not in use on the date of payment"#);
}

#[test]
fn a_claim_waits_for_its_last_pend_and_is_then_paid_whole() {
    let place = Place::new();
    // 76942 beside an injection of another provider would pend; an unlisted plan option does.
    let held = [
        ("M1", "A", "2027-05-01", "20552"),
        ("P1", "B 7 NONE", "2027-05-03", "20552"),
    ];
    let advices = place.night(1, &held, &[]);
    assert_eq!(claims(&advices), ["A 1 10000"]);
    assert!(
        place
            .night(2, &[("M9", "C", "2027-05-01", "99213")], &[])
            .is_empty()
    );
    place.decide("pay,,,");
    let advices = place.night(3, &[("M2", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["D 1 10000", "B 1 10000"]);
}

#[test]
fn a_reviewer_who_denies_gives_the_codes() {
    let place = Place::new();
    assert!(
        place
            .night(1, &[("P1", "B 7 NONE", "2027-05-03", "20552")], &[])
            .is_empty()
    );
    place.decide("deny,CO,50,N130");
    let advices = place.night(2, &[("M2", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["D 1 10000", "B 1 0"]);
    let denied = &advices[1].claims[0].lines[0];
    assert_eq!(denied.adjustments, [("CO-50".to_owned(), 10_000)]);
    assert_eq!(denied.remarks, ["N130"]);
    assert_eq!(denied.policies.len(), 1);
}

#[test]
fn a_reviewers_code_that_no_835_can_say_holds_the_claim_and_nothing_else() {
    let place = Place::new();
    assert!(
        place
            .night(1, &[("P1", "B 7 NONE", "2027-05-03", "20552")], &[])
            .is_empty()
    );
    let told = place.decide("deny,CO,999,");
    assert!(
        told.contains("pends.csv:2: an 835 cannot say this denial"),
        "{told}"
    );
    let advices = place.night(2, &[("M2", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["D 1 10000"]);
}

#[test]
fn what_is_taken_back_is_reversed_before_its_correction() {
    let place = Place::new();
    let first = [
        ("M1", "A", "2027-05-01", "20552"),
        ("M2", "B", "2027-05-01", "20553"),
    ];
    let paid = place.night(1, &first, &[]);
    assert_eq!(claims(&paid), ["A 1 10000", "B 1 10000"]);
    let original = &paid[0].claims[0].control_number;
    let replaced = format!("A2 7 {original}");
    let second = [
        ("M3", "C", "2027-05-01", "20552"),
        ("M1", &*replaced, "2027-05-02", "20553"),
    ];
    let advices = place.night(2, &second, &[]);
    assert_eq!(claims(&advices), ["C 1 10000", "A 22 -10000", "A2 1 10000"]);
    assert_eq!(&advices[0].claims[1].control_number, original);
    let text = fs::read_to_string(place.path("r.835")).unwrap();
    assert!(text.contains(&format!("REF*F8*{original}~")));
}

#[test]
fn a_void_in_a_run_without_remittances_is_reversed_by_the_next_one_with_them() {
    let place = Place::new();
    place.night(1, &[("M1", "A", "2027-05-01", "20552")], &[]);
    let void = place.write("2.837", &night(2, &[("M1", "A 8", "2027-05-01", "20552")]));
    let history = place.path("h.history");
    let given = [
        "adjudicate",
        &void,
        "--history",
        &history,
        "--plans",
        "fixtures/plans.toml",
    ];
    assert_eq!(claimstream(&given).status.code(), Some(0));
    let advices = place.night(3, &[("M2", "B", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["A 22 -10000", "B 1 10000"]);
    assert_eq!(advices[0].payment, 0);
}

#[test]
fn a_payee_that_owes_is_paid_nothing_until_it_is_even() {
    let place = Place::new();
    let first = [
        ("M1", "A", "2027-05-01", "20552"),
        ("M2", "B", "2027-05-01", "20552"),
    ];
    place.night(1, &first, &["--trace-number", "700"]);
    let voids = [
        ("M1", "A 8", "2027-05-01", "20552"),
        ("M2", "B 8", "2027-05-01", "20552"),
    ];
    let advices = place.night(2, &voids, &[]);
    assert_eq!(claims(&advices), ["A 22 -10000", "B 22 -10000"]);
    let [advice] = &advices[..] else { panic!() };
    assert_eq!((advice.payment, &*advice.method), (0, "NON"));
    let owed = ("FB".to_owned(), advice.trace.clone(), -20_000);
    assert_eq!(advice.balances, [owed]);
    // The next payment is kept whole, and the one after it in part.
    let advices = place.night(3, &[("M3", "C", "2027-05-01", "20552")], &[]);
    let amounts = |advice: &Advice| advice.balances.iter().map(|b| b.2).collect::<Vec<_>>();
    assert_eq!(
        (advices[0].payment, amounts(&advices[0])),
        (0, vec![20_000, -10_000])
    );
    let last = [
        ("M4", "D", "2027-05-01", "20552"),
        ("M5", "E", "2027-05-01", "20552"),
    ];
    let advices = place.night(4, &last, &[]);
    assert_eq!(
        (advices[0].payment, amounts(&advices[0])),
        (10_000, vec![10_000])
    );
}

#[test]
fn a_held_claim_that_is_taken_back_is_never_paid() {
    let place = Place::new();
    assert!(
        place
            .night(1, &[("P1", "B 7 NONE", "2027-05-03", "20552")], &[])
            .is_empty()
    );
    assert!(
        place
            .night(2, &[("P1", "B 8", "2027-05-03", "20552")], &[])
            .is_empty()
    );
    let advices = place.night(3, &[("M2", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["D 1 10000"]);
}

#[test]
fn the_same_command_again_writes_the_same_remittances_and_pays_nothing() {
    let place = Place::new();
    place.night(1, &[("M1", "A", "2027-05-01", "20552")], &[]);
    let replaced = [
        ("M2", "B", "2027-05-01", "20552"),
        ("M1", "A 8", "2027-05-01", "20552"),
    ];
    place.night(2, &replaced, &[]);
    let text = fs::read_to_string(place.path("r.835")).unwrap();
    let file = place.path("2.837");
    place.run(&file, &[]);
    assert_eq!(fs::read_to_string(place.path("r.835")).unwrap(), text);
    place.run(&place.path("1.837"), &[]);
    let advices = place.night(3, &[("M3", "C", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["C 1 10000"]);
}

#[test]
fn a_run_that_is_forgotten_owes_again_what_it_remitted() {
    let place = Place::new();
    let first = [
        ("M1", "A", "2027-05-01", "20552"),
        ("P1", "B 7 NONE", "2027-05-03", "20552"),
    ];
    place.night(1, &first, &[]);
    place.decide("pay,,,");
    let second = [
        ("M1", "A 8", "2027-05-01", "20552"),
        ("M2", "C", "2027-05-01", "20552"),
    ];
    let expected = ["A 22 -10000", "C 1 10000", "B 1 10000"];
    assert_eq!(claims(&place.night(2, &second, &[])), expected);
    let history = place.path("h.history");
    let forget = ["history", "forget", "--run", "3", "--history", &history];
    let output = claimstream(&forget);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    place.check();
    assert_eq!(claims(&place.night(2, &second, &[])), expected);
}

#[test]
fn tests_and_encounters_are_judged_and_never_remitted() {
    let place = Place::new();
    let claim = [("M1", "A", "2027-05-01", "20552")];
    let test = night(1, &claim).replace("*0*P*:~", "*0*T*:~");
    let encounter = night(2, &claim).replace("*0600*CH~", "*0600*RP~");
    for (name, text) in [("t.837", test), ("e.837", encounter)] {
        let file = place.write(name, &text);
        assert!(place.run(&file, &[]).is_empty(), "{name}");
    }
}

#[test]
fn a_claim_whose_provider_has_no_number_is_named_and_not_remitted() {
    let place = Place::new();
    let text = night(1, &[("M1", "A", "2027-05-01", "20552")]);
    let file = place.write(
        "1.837",
        &text.replace("NM1*85*2*CLINIC*****XX*1234567893~", "NM1*85*2*CLINIC~"),
    );
    let remit = place.path("r.835");
    let plans = [
        "--plans",
        "fixtures/plans.toml",
        "--out",
        &place.path("o.jsonl"),
    ];
    let output = claimstream(&[&["adjudicate", &file, "--remit", &remit], &plans[..]].concat());
    assert_eq!(output.status.code(), Some(0));
    assert!(
        words(&output).contains("warning: 1 claim not remitted: the billing provider"),
        "{}",
        words(&output)
    );
    assert_eq!(fs::read(&remit).unwrap(), b"");
}

#[test]
fn the_queries_of_the_documentation_run() {
    let place = Place::new();
    let history = place.path("h.history");
    let remit = ["--history", &history, "--remit", &place.path("r.835")];
    let to = ["--out", &place.path("o.jsonl")];
    let output = claimstream(&[&OVERNIGHT[..], &remit, &to].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let text = fs::read_to_string("docs/remittance.md").unwrap();
    let queries = text
        .split("```sql\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let history = rusqlite::Connection::open(history).unwrap();
    let rows = queries
        .split(";\n")
        .filter(|query| !query.trim().is_empty())
        .map(|query| {
            let mut query = history.prepare(query).unwrap();
            let mut rows = query.query([]).unwrap();
            let mut count = 0;
            while rows.next().unwrap().is_some() {
                count += 1;
            }
            count
        });
    assert_eq!(rows.collect::<Vec<i32>>(), [1, 1]);
}

#[test]
fn a_history_from_before_remittances_takes_them() {
    let place = Place::new();
    let history = place.path("h.history");
    let first = place.write("1.837", &night(1, &[("M1", "A", "2027-05-01", "20552")]));
    let plans = ["--plans", "fixtures/plans.toml"];
    let given = ["adjudicate", &first, "--history", &history];
    assert_eq!(
        claimstream(&[&given[..], &plans].concat()).status.code(),
        Some(0)
    );
    let database = rusqlite::Connection::open(&history).unwrap();
    let before = "DROP VIEW payment_lines; DROP VIEW payment_adjustments; DROP TABLE remitted;
        DROP TABLE remittances; DROP TABLE payments; PRAGMA user_version = 2;";
    database.execute_batch(before).unwrap();
    drop(database);
    // What was decided then is not paid, and not taken back either.
    let second = [
        ("M1", "A 8", "2027-05-01", "20552"),
        ("M2", "B", "2027-05-01", "20552"),
    ];
    assert_eq!(claims(&place.night(2, &second, &[])), ["B 1 10000"]);
}

#[test]
fn a_fee_schedule_limits_what_is_paid() {
    let place = Place::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let rows = "20552,,,,61.55,2020-01-01,\n99213,,11,,80,2020-01-01,\n";
    let fees = place.write("fees.csv", &format!("{head}{rows}"));
    let lines = [
        ("M1", "A", "2027-05-01", "20552"),
        ("P1", "B", "2027-05-01", "99213"),
        ("M2", "C", "2027-05-01", "20553"),
    ];
    let advices = place.night(1, &lines, &["--fees", &fees]);
    assert_eq!(claims(&advices), ["A 1 6155", "C 1 10000", "B 1 8000"]);
    let line = &advices[0].claims[0].lines[0];
    assert_eq!(line.adjustments, [("CO-45".to_owned(), 3845)]);
    // What was paid is taken back, whatever is charged.
    let advices = place.night(2, &[("M1", "A 8", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["A 22 -6155"]);
}

#[test]
fn a_fee_schedule_that_is_wrong_is_refused_with_row_and_column() {
    let place = Place::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let rows = "20552,,,,-1,2020-01-01,\n20553,,,,5.001,2020-13-01,\n";
    let fees = place.write("fees.csv", &format!("{head}{rows}"));
    let remit = place.path("r.835");
    let given = [&OVERNIGHT[..], &["--remit", &remit, "--fees", &fees]].concat();
    let output = claimstream(&given);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(words(&output).replace(&fees, "fees.csv"), @"
    claimstream: the fee schedule is refused:
    fees.csv:2: column amount: a fee is not negative
    fees.csv:3: column amount: a fee has at most two decimals
    fees.csv:3: column effective_from: this is no day of the calendar, CCYY-MM-DD
    ");
    assert!(!fs::exists(&remit).unwrap());
}

#[test]
fn what_is_held_outlives_a_purge_and_what_was_paid_and_purged_is_not_written_again() {
    let place = Place::new();
    let first = [
        ("M1", "A", "2026-05-04", "20552"),
        ("P1", "B 7 NONE", "2026-05-04", "20552"),
    ];
    place.night(1, &first, &[]);
    place.decide("pay,,,");
    let late = night(2, &[("M2", "C", "2029-05-01", "20552")]).replace("20270601", "20290601");
    let late = place.write("2.837", &late);
    let history = place.path("h.history");
    let plans = ["--plans", "fixtures/plans.toml"];
    let given = ["adjudicate", &late, "--history", &history];
    assert_eq!(
        claimstream(&[&given[..], &plans].concat()).status.code(),
        Some(0)
    );
    let purge = [
        "history",
        "purge",
        "--before",
        "2027-01-01",
        "--history",
        &history,
    ];
    let output = claimstream(&[&purge[..], &plans].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    place.check();
    let given = ["adjudicate", &place.path("1.837"), "--history", &history];
    let again = claimstream(&[&given[..], &plans, &["--remit", &place.path("r.835")]].concat());
    assert_eq!(again.status.code(), Some(3));
    assert!(
        words(&again).contains("a purge removed some of its claims"),
        "{}",
        words(&again)
    );
    let advices = place.night(3, &[("M3", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["D 1 10000", "B 1 10000"]);
}

#[test]
fn the_remittances_of_every_fixture_balance() {
    let place = Place::new();
    let folders = ["fixtures", "fixtures/defects", "fixtures/validation"];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let mut claims = 0;
    for file in files.filter(|path| path.extension().is_some_and(|ending| ending == "837")) {
        let remit = place.path("r.835");
        let to = [
            "--remit",
            &remit,
            "--out",
            &place.path("o.jsonl"),
            "--payment-date",
            "2027-06-01",
        ];
        let given = [
            "adjudicate",
            file.to_str().unwrap(),
            "--plans",
            "fixtures/plans.toml",
        ];
        let output = claimstream(&[&given[..], &to].concat());
        assert!(
            output.status.code().is_some_and(|status| status < 2),
            "{}",
            words(&output)
        );
        let advices = advice::read(&fs::read_to_string(&remit).unwrap());
        advices.iter().for_each(Advice::assert_balanced);
        claims += advices
            .iter()
            .map(|advice| advice.claims.len())
            .sum::<usize>();
    }
    assert!(claims > 60, "{claims}");
}

#[test]
fn a_reversal_that_is_owed_outlives_a_purge() {
    let place = Place::new();
    place.night(1, &[("M1", "A", "2026-05-04", "20552")], &[]);
    let plans = ["--plans", "fixtures/plans.toml"];
    let history = place.path("h.history");
    let later = |text: String| text.replace("20270601", "20290601");
    for (number, line) in [
        (2, ("M1", "A 8", "2026-05-04", "20552")),
        (3, ("M2", "C", "2029-05-01", "20552")),
    ] {
        let file = place.write(&format!("{number}.837"), &later(night(number, &[line])));
        let given = ["adjudicate", &file, "--history", &history];
        let output = claimstream(&[&given[..], &plans].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    }
    let purge = [
        "history",
        "purge",
        "--before",
        "2028-01-01",
        "--history",
        &history,
    ];
    assert_eq!(
        claimstream(&[&purge[..], &plans].concat()).status.code(),
        Some(0)
    );
    place.check();
    let advices = place.night(4, &[("M3", "D", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["A 22 -10000", "D 1 10000"]);
}

#[test]
fn units_that_a_reviewer_paid_in_part_are_cut_whatever_the_plan_says_since() {
    let place = Place::new();
    let text = night(1, &[("P1", "B 7 NONE", "2027-05-03", "20552")]);
    let file = place.write("1.837", &text.replace("*100*UN*1*", "*100*UN*2*"));
    assert!(place.run(&file, &[]).is_empty());
    place.decide("pay,,,");
    let plans = fs::read_to_string("fixtures/plans.toml").unwrap();
    let off =
        "[[plan.override]]\nrule = \"unit-cap\"\nset = { enabled = false }\ncitation = \"Plan\"\n";
    let plans = place.write("off.toml", &(plans + off));
    let night = place.write("2.837", &night(2, &[("M1", "C", "2027-05-01", "20552")]));
    let (history, remit) = (place.path("h.history"), place.path("r.835"));
    let given = [
        "adjudicate",
        &night,
        "--plans",
        &plans,
        "--history",
        &history,
    ];
    let to = ["--remit", &remit, "--out", &place.path("o.jsonl")];
    let output = claimstream(&[&given[..], &to].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let advices = advice::read(&fs::read_to_string(&remit).unwrap());
    advices.iter().for_each(Advice::assert_balanced);
    assert_eq!(claims(&advices), ["C 1 10000", "B 1 5000"]);
    let cut = &advices[1].claims[0].lines[0];
    assert_eq!(cut.adjustments, [("CO-151".to_owned(), 5000)]);
    assert_eq!(cut.remarks, ["N362"]);
}

#[test]
fn a_held_claim_is_priced_by_the_fees_of_the_run_that_judged_it() {
    let place = Place::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let fees = place.write("fees.csv", &format!("{head}20552,,,,61.55,2020-01-01,\n"));
    let held = [("P1", "B 7 NONE", "2027-05-03", "20552")];
    assert!(place.night(1, &held, &["--fees", &fees]).is_empty());
    place.decide("pay,,,");
    let advices = place.night(2, &[("M1", "C", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["C 1 10000", "B 1 6155"]);
}

#[test]
fn blanks_in_a_line_that_passes_stop_nothing() {
    let place = Place::new();
    let text = night(1, &[("M1", "A", "2027-05-01", "20552")]);
    let line = "LX*2~SV1*HC:97110 :GP*0*UN*1***1~DTP*472*D8*20270501~SV1*hc:20553*0*UN*1***1~";
    let text = text.replace("REF*6R*AL1~", &format!("REF*6R*AL1~{line}"));
    let text = text.replace("SE*15*", "SE*19*");
    let file = place.write("1.837", &text);
    for more in [&[][..], &["--all-lines"]] {
        let remit = place.path("r.835");
        let to = ["--remit", &remit, "--out", &place.path("o.jsonl")];
        let given = ["adjudicate", &file, "--plans", "fixtures/plans.toml"];
        let output = claimstream(&[&given[..], &to, more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let text = fs::read_to_string(&remit).unwrap();
        assert_eq!(claims(&advice::read(&text)), ["A 1 10000"]);
        assert!(text.contains("SVC*HC:97110:GP*0*0**1~") && text.contains("SVC*HC:20553*0"));
    }
}

#[test]
fn a_claim_that_an_835_cannot_tell_of_is_named_and_the_others_are_paid() {
    let place = Place::new();
    let text = night(
        1,
        &[
            ("M1", "A", "2027-05-01", "20552"),
            ("M2", "B", "2027-05-01", "20552"),
        ],
    );
    let text = text.replace("REF*6R*AL1~", "REF*6R*AL1~LX*2~SV1**0*UN*1***1~");
    let text = text.replace("SE*25*", "SE*27*");
    let file = place.write("1.837", &text);
    assert_eq!(claims(&place.run(&file, &[])), ["B 1 10000"]);
    // It is told of again, and stays where it is.
    assert_eq!(
        claims(&place.night(2, &[("M3", "C", "2027-05-01", "20552")], &[])),
        ["C 1 10000"]
    );
}

#[test]
fn payment_dates_and_trace_numbers_are_told_and_used_once() {
    let place = Place::new();
    // A test of the far future says nothing about the day of payment.
    let test = night(9, &[("M9", "T", "2027-05-01", "20552")]).replace("*0*P*:~", "*0*T*:~");
    fs::create_dir(place.path("in")).unwrap();
    place.write("in/test.837", &test.replace("20270601", "20990601"));
    place.write("in/1.837", &night(1, &[("M1", "A", "2027-05-01", "20552")]));
    let advices = place.run(&place.path("in"), &[]);
    assert_eq!(
        (&*advices[0].date, &*advices[0].trace),
        ("20270601", "20270601000001")
    );
    let second = place.write("2.837", &night(2, &[("M2", "B", "2027-05-01", "20552")]));
    let (history, remit) = (place.path("h.history"), place.path("r2.835"));
    let given = [
        "adjudicate",
        &second,
        "--plans",
        "fixtures/plans.toml",
        "--history",
        &history,
    ];
    let told = |more: &[&str], status: i32| {
        let to = ["--remit", &remit, "--out", &place.path("o.jsonl")];
        let output = claimstream(&[&given[..], &to, more].concat());
        assert_eq!(output.status.code(), Some(status), "{}", words(&output));
        words(&output)
    };
    assert!(told(&["--trace-number", "20270601000001"], 2).contains("was used before"));
    assert!(told(&["--payment", "NON"], 2).contains("there is something to pay"));
    let words = told(&["--trace-number", "500"], 0);
    assert!(
        words.contains("on 2027-06-01, trace numbers 500 to 500"),
        "{words}"
    );
    place.check();
}

#[test]
fn what_no_remittance_had_is_told_when_it_is_taken_back() {
    let place = Place::new();
    let first = place.write("1.837", &night(1, &[("M1", "A", "2027-05-01", "20552")]));
    let history = place.path("h.history");
    let plans = ["--plans", "fixtures/plans.toml"];
    let given = ["adjudicate", &first, "--history", &history];
    assert_eq!(
        claimstream(&[&given[..], &plans].concat()).status.code(),
        Some(0)
    );
    let remit = [
        "--remit",
        &place.path("r.835"),
        "--out",
        &place.path("o.jsonl"),
    ];
    let again = claimstream(&[&given[..], &plans, &remit].concat());
    assert!(
        words(&again).contains("run 1 wrote no remittances"),
        "{}",
        words(&again)
    );
    let void = place.write("2.837", &night(2, &[("M1", "A 8", "2027-05-01", "20552")]));
    let given = ["adjudicate", &void, "--history", &history];
    let output = claimstream(&[&given[..], &plans, &remit].concat());
    assert!(
        words(&output).contains("nothing is reversed for them"),
        "{}",
        words(&output)
    );
}
