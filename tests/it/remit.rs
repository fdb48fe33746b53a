//! Remittances of one run, as people get them.

use std::fs;

use super::advice::{self, Advice};
use super::nights::night;
use super::place::{Place, claimstream, words};
use super::reading::expect;
use super::remitting::claims;

const OVERNIGHT: [&str; 6] = [
    "adjudicate",
    "fixtures/overnight.837",
    "--plans",
    "fixtures/plans.toml",
    "--facts",
    "fixtures/facts.jsonl",
];

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
        plans
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
fn a_claim_whose_provider_has_no_number_is_named_and_not_remitted() {
    let place = Place::new();
    let text = night(1, &[("M1", "A", "2027-05-01", "20552")]);
    let file = place.write(
        "1.837",
        text.replace("NM1*85*2*CLINIC*****XX*1234567893~", "NM1*85*2*CLINIC~"),
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
fn a_fee_schedule_that_is_wrong_is_refused_with_row_and_column() {
    let place = Place::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let rows = "20552,,,,-1,2020-01-01,\n20553,,,,5.001,2020-13-01,\n";
    let fees = place.write("fees.csv", format!("{head}{rows}"));
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
fn what_no_remittance_had_is_told_when_it_is_taken_back() {
    let place = Place::new();
    let first = place.write("1.837", night(1, &[("M1", "A", "2027-05-01", "20552")]));
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
    let void = place.write("2.837", night(2, &[("M1", "A 8", "2027-05-01", "20552")]));
    let given = ["adjudicate", &void, "--history", &history];
    let output = claimstream(&[&given[..], &plans, &remit].concat());
    assert!(
        words(&output).contains("nothing is reversed for them"),
        "{}",
        words(&output)
    );
}
