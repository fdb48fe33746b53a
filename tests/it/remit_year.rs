//! A year of nights with a history, reviewers, voids and replacements: what was remitted less
//! what was taken back is what the history says is paid.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::advice::{self, Advice, paid_by_claim};
use super::planted::{files_in, run, text};

/// How many nights are adjudicated at once.
const NIGHTS: usize = 9;

/// Decides the first half of what waits: every third line is denied.
fn decide(history: &str, folder: &Path) {
    let queue = folder.join("queue.csv");
    run(
        &[
            "history",
            "pends",
            "--history",
            history,
            "--csv",
            text(&queue),
        ],
        0,
    );
    let waiting = fs::read_to_string(&queue).unwrap();
    let mut lines: Vec<&str> = waiting.lines().collect();
    let head = lines.remove(0);
    lines.truncate(lines.len() / 2);
    let mut decided = format!("{head}\n");
    for (index, line) in lines.iter().enumerate() {
        let decision = if index % 3 == 2 {
            "deny,CO,50,N130"
        } else {
            "pay,,,"
        };
        let row = line.strip_suffix(",,,,,").unwrap();
        decided += &format!("{row}{decision},RN,2027-06-02\n");
    }
    fs::write(&queue, decided).unwrap();
    let given = ["history", "decide", text(&queue), "--history", history];
    // A date may hold one session: where two of its lines were to be paid, all is refused.
    let _ =
        super::planted::claimstream(&[&given[..], &["--plans", "fixtures/plans.toml"]].concat())
            .output()
            .unwrap();
}

#[test]
fn over_a_year_what_was_remitted_is_what_is_paid() {
    let folder = tempfile::tempdir().unwrap();
    let nights = folder.path().join("nights");
    fs::create_dir(&nights).unwrap();
    let wanted = [
        "--claims", "3000", "--dirt", "0.1", "--inject", "0.2", "--days", "365",
    ];
    let out = ["generate", "--nightly", "--out", text(&nights)];
    run(&[&out[..], &wanted].concat(), 0);
    let [history, remit, out] = ["h", "r.835", "o.jsonl"].map(|name| folder.path().join(name));
    let (history, remit, out) = (text(&history), text(&remit), text(&out));
    let mut advices: Vec<Advice> = Vec::new();
    for some in files_in(&nights).chunks(NIGHTS) {
        let given = [
            "--plans",
            "fixtures/plans.toml",
            "--history",
            history,
            "--remit",
            remit,
        ];
        let files: Vec<&str> = some.iter().map(|path| text(path)).collect();
        let output = super::planted::claimstream(
            &[
                &["adjudicate"],
                &files[..],
                &given,
                &["--out", out, "--all-lines"],
            ]
            .concat(),
        )
        .output()
        .unwrap();
        assert!(
            output.status.code().is_some_and(|status| status < 2),
            "{output:?}"
        );
        let remitted = advice::read(&fs::read_to_string(remit).unwrap());
        remitted.iter().for_each(Advice::assert_balanced);
        advices.extend(remitted);
        decide(history, folder.path());
    }
    run(&["history", "check", "--history", history], 0);
    // What the history says is paid: of each claim that stands and waits for nothing any more,
    // what is allowed for its governed lines, and what the others charge.
    let database = Connection::open(history).unwrap();
    let paid = "SELECT claims.claim_control_number,
            sum(CASE WHEN lines.role IS NULL THEN charge_cents
                WHEN stands_as IN ('pay', 'reduce')
                THEN coalesce(reviews.allowed_cents, lines.allowed_cents) ELSE 0 END)
        FROM claims JOIN lines ON lines.claim_id = claims.id
        LEFT JOIN reviews ON reviews.line_id = lines.id
        WHERE claims.status = 'active' GROUP BY claims.id
        HAVING sum(stands_as = 'pend') = 0 OR sum(stands_as = 'pend') IS NULL";
    let mut paid = database.prepare(paid).unwrap();
    let paid: BTreeMap<String, i64> = paid
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let remitted = paid_by_claim(&advices);
    let reversed = |claim: &str| {
        let claims = advices.iter().flat_map(|advice| &advice.claims);
        claims
            .filter(|paid| paid.control_number == claim && paid.status == "22")
            .count()
    };
    let mut compared = 0;
    for (claim, cents) in &remitted {
        match paid.get(claim) {
            // The last decisions wait for the next night.
            Some(expected) => assert_eq!(*cents, i128::from(*expected), "{claim}"),
            None => assert_eq!((*cents, reversed(claim)), (0, 1), "{claim}"),
        }
        compared += 1;
    }
    let held = "SELECT claim_control_number FROM payments JOIN claims ON claims.id = claim_id
        WHERE stands_as = 'held'";
    let mut held = database.prepare(held).unwrap();
    let held: Vec<String> = held
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for claim in paid.keys().filter(|claim| !remitted.contains_key(*claim)) {
        assert!(
            held.contains(claim),
            "{claim} was neither remitted nor held"
        );
    }
    let sum = |amounts: &mut dyn Iterator<Item = i128>| amounts.sum::<i128>();
    let owed: i128 = advices
        .iter()
        .flat_map(|advice| &advice.balances)
        .map(|b| b.2)
        .sum();
    let payments = sum(&mut advices.iter().map(|advice| advice.payment));
    assert_eq!(payments, sum(&mut remitted.values().copied()) - owed);
    // It was worth comparing.
    let released = advices.iter().flat_map(|advice| &advice.claims);
    assert!(compared > 500 && released.filter(|claim| claim.status == "22").count() > 10);
}
