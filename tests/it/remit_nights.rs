//! Remittances over several runs with a history: what is held, released, taken back and carried over.

use std::fs;

use super::advice::{self, Advice};
use super::nights::night;
use super::place::{before_lists, claimstream, words};
use super::remitting::{Remitting, claims};

#[test]
fn a_claim_waits_for_its_last_pend_and_is_then_paid_whole() {
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
    place.night(1, &[("M1", "A", "2027-05-01", "20552")], &[]);
    let void = place.write("2.837", night(2, &[("M1", "A 8", "2027-05-01", "20552")]));
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
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
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
    let place = Remitting::new();
    let claim = [("M1", "A", "2027-05-01", "20552")];
    let test = night(1, &claim).replace("*0*P*:~", "*0*T*:~");
    let encounter = night(2, &claim).replace("*0600*CH~", "*0600*RP~");
    for (name, text) in [("t.837", test), ("e.837", encounter)] {
        let file = place.write(name, &text);
        assert!(place.run(&file, &[]).is_empty(), "{name}");
    }
}

#[test]
fn a_history_from_before_remittances_takes_them() {
    let place = Remitting::new();
    let history = place.path("h.history");
    let first = place.write("1.837", night(1, &[("M1", "A", "2027-05-01", "20552")]));
    let plans = ["--plans", "fixtures/plans.toml"];
    let given = ["adjudicate", &first, "--history", &history];
    assert_eq!(
        claimstream(&[&given[..], &plans].concat()).status.code(),
        Some(0)
    );
    let database = rusqlite::Connection::open(&history).unwrap();
    let before = before_lists()
        + "DROP TABLE hits; DROP TABLE monitors; DROP VIEW payment_lines; DROP VIEW payment_adjustments; DROP TABLE remitted;
        DROP TABLE remittances; DROP TABLE payments; PRAGMA user_version = 2;";
    database.execute_batch(&before).unwrap();
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
    let place = Remitting::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let rows = "20552,,,,61.55,2020-01-01,\n99213,,11,,80,2020-01-01,\n";
    let fees = place.write("fees.csv", format!("{head}{rows}"));
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
fn what_is_held_outlives_a_purge_and_what_was_paid_and_purged_is_not_written_again() {
    let place = Remitting::new();
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
fn a_reversal_that_is_owed_outlives_a_purge() {
    let place = Remitting::new();
    place.night(1, &[("M1", "A", "2026-05-04", "20552")], &[]);
    let plans = ["--plans", "fixtures/plans.toml"];
    let history = place.path("h.history");
    let later = |text: String| text.replace("20270601", "20290601");
    for (number, line) in [
        (2, ("M1", "A 8", "2026-05-04", "20552")),
        (3, ("M2", "C", "2029-05-01", "20552")),
    ] {
        let file = place.write(&format!("{number}.837"), later(night(number, &[line])));
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
    let place = Remitting::new();
    let text = night(1, &[("P1", "B 7 NONE", "2027-05-03", "20552")]);
    let file = place.write("1.837", text.replace("*100*UN*1*", "*100*UN*2*"));
    assert!(place.run(&file, &[]).is_empty());
    place.decide("pay,,,");
    let plans = fs::read_to_string("fixtures/plans.toml").unwrap();
    let off =
        "[[plan.override]]\nrule = \"unit-cap\"\nset = { enabled = false }\ncitation = \"Plan\"\n";
    let plans = place.write("off.toml", &(plans + off));
    let night = place.write("2.837", night(2, &[("M1", "C", "2027-05-01", "20552")]));
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
    let place = Remitting::new();
    let head = "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n";
    let fees = place.write("fees.csv", format!("{head}20552,,,,61.55,2020-01-01,\n"));
    let held = [("P1", "B 7 NONE", "2027-05-03", "20552")];
    assert!(place.night(1, &held, &["--fees", &fees]).is_empty());
    place.decide("pay,,,");
    let advices = place.night(2, &[("M1", "C", "2027-05-01", "20552")], &[]);
    assert_eq!(claims(&advices), ["C 1 10000", "B 1 6155"]);
}

#[test]
fn a_claim_that_an_835_cannot_tell_of_is_named_and_the_others_are_paid() {
    let place = Remitting::new();
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
    let place = Remitting::new();
    // A test of the far future says nothing about the day of payment.
    let test = night(9, &[("M9", "T", "2027-05-01", "20552")]).replace("*0*P*:~", "*0*T*:~");
    fs::create_dir(place.path("in")).unwrap();
    place.write("in/test.837", test.replace("20270601", "20990601"));
    place.write("in/1.837", night(1, &[("M1", "A", "2027-05-01", "20552")]));
    let advices = place.run(&place.path("in"), &[]);
    assert_eq!(
        (&*advices[0].date, &*advices[0].trace),
        ("20270601", "20270601000001")
    );
    let second = place.write("2.837", night(2, &[("M2", "B", "2027-05-01", "20552")]));
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
