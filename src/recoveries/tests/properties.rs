//! Made-up nights: what never is proposed, and what judging all claims in one batch says too.
//!
//! Members are judged apart, so each is a case of its own; seeds are fixed, and each test says how
//! many cases it has come to at least.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use super::in_sql;
use super::script::{Decisions, Name, Nights, Row, names};
use crate::policy::{Plans, find_policy};
use crate::recoveries::{Kind, Proposal};

const MEMBERS: usize = 12;

/// A small generator of numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn one_of<'t>(&mut self, of: &[&'t str]) -> &'t str {
        let place = self.throw(of.len() as u64);
        of[place as usize]
    }
}

/// Plans whose limits few sessions fill: no session of theirs is therapeutic.
fn tight_plans() -> Plans {
    let text = r#"
[[plan]]
id = "a"
payer_ids = ["62308"]
policy = "cigna-0139"
[[plan.override]]
rule = "rolling-limit"
set = { limit = 3 }
citation = "Plan document"

[[plan]]
id = "b"
payer_ids = ["CSPASSE"]
policy = "caresource-ar-passe-mm-1503"
[[plan.override]]
rule = "calendar-limit"
set = { limit = 2 }
citation = "Plan document"
"#;
    let mut resolve = |name: &str| find_policy(name, "".as_ref());
    Plans::from_toml("plans.toml", text, &mut resolve).unwrap()
}

fn member(index: usize) -> String {
    let plan = if index.is_multiple_of(2) { "W" } else { "P" };
    format!("{plan}{index}")
}

fn row(dice: &mut Dice, claim: &str, member: &str, date: NaiveDate, codes: &[&str]) -> Row {
    let biller = dice.one_of(&["1", "1", "2"]);
    let units = dice.one_of(&["1", "1", "1", "2", "0"]);
    let charge = dice.one_of(&["100", "100", "90"]);
    let diagnosis = dice.one_of(&["M7918", "M7918", "M7918", "I10"]);
    let code = dice.one_of(codes);
    Row::parse(&format!(
        "{claim} {date} {code} - member={member} billing={biller} units={units} charge={charge} dx={diagnosis}"
    ))
}

const CODES: [&str; 9] = [
    "20552", "20552", "20553", "20552", "76942", "99213", "99213-25", "76881", "99213",
];

fn day(days: u64) -> NaiveDate {
    let first: NaiveDate = "2026-07-01".parse().unwrap();
    first.checked_add_days(Days::new(days)).unwrap()
}

/// Nights each of which has later dates than those before.
fn nights_in_order(dice: &mut Dice, count: u64, codes: &[&str]) -> Vec<Vec<Row>> {
    let night = |dice: &mut Dice, night: u64| {
        let mut rows = Vec::new();
        for index in 0..MEMBERS {
            let mut days: Vec<u64> = (0..2 + dice.throw(4))
                .map(|_| night * 6 + dice.throw(6))
                .collect();
            // A claim has one date, and the claims of a night come in any order.
            days.rotate_left(1);
            for (number, day_of) in days.into_iter().enumerate() {
                let claim = format!("N{night}M{index}C{number}");
                for _ in 0..1 + dice.throw(2) {
                    let date = day(day_of);
                    let mut row = row(dice, &claim, &member(index), date, codes);
                    // What a claim has once.
                    if let Some(first) = rows.last().filter(|last: &&Row| last.claim == claim) {
                        for key in ["billing", "dx"] {
                            row.keys.insert(key.into(), first.keys[key].clone());
                        }
                    }
                    rows.push(row);
                }
            }
        }
        rows
    };
    (0..count).map(|number| night(dice, number)).collect()
}

#[test]
fn nights_in_date_order_propose_nothing() {
    let mut decided = BTreeSet::new();
    for seed in 1..=8 {
        let mut nights = Nights::under(tight_plans());
        for rows in nights_in_order(&mut Dice(seed * 7919), 4, &CODES) {
            let (_, decisions, proposals) = nights.night(&rows);
            let told: Vec<String> = proposals.iter().map(|of| nights.told(of)).collect();
            assert_eq!(told, Vec::<String>::new(), "seed {seed}");
            for (name, row) in names(&rows).into_iter().zip(rows) {
                decided.extend(decisions.get(&name).map(|of| (row.code, of.clone())));
            }
        }
    }
    for code in ["20552", "76942", "99213"] {
        for decision in ["pay", "deny"] {
            let case = (code.to_owned(), decision.to_owned());
            assert!(decided.contains(&case), "{case:?}");
        }
    }
}

/// What the last of some nights proposes, and what one batch of all claims that stand decides
/// otherwise of earlier nights' lines.
struct Compared {
    /// By member: its rows that stand, with claim and line, what was decided, and what one batch decides.
    members: BTreeMap<String, Vec<(Row, Name, String, String)>>,
    proposals: Vec<Proposal>,
    last: BTreeSet<String>,
    /// How many proposals plain SQL found.
    in_sql: usize,
}

fn compare(plans: impl Fn() -> Plans, nights: &[Vec<Row>], voided: &BTreeSet<String>) -> Compared {
    let mut nightly = Nights::under(plans());
    let mut decided = Decisions::new();
    let (mut proposals, mut in_sql) = (Vec::new(), 0);
    for rows in nights {
        let (run, mut decisions, proposed) = nightly.night(rows);
        decided.append(&mut decisions);
        in_sql += in_sql::check(&nightly.path(), run, &proposed);
        proposals = proposed;
    }
    let is_void = |row: &Row| row.keys.contains_key("freq");
    let stands = |row: &&Row| !is_void(row) && !voided.contains(&row.claim);
    let standing: Vec<Row> = nights.iter().flatten().filter(stands).cloned().collect();
    let (_, at_once, _) = Nights::under(plans()).night(&standing);
    let mut members: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (name, row) in names(&standing).into_iter().zip(standing) {
        // What is not governed was not decided.
        if let Some((before, now)) = decided.get(&name).zip(at_once.get(&name)) {
            let (before, now) = (before.clone(), now.clone());
            let lines = members.entry(row.keys["member"].clone()).or_default();
            lines.push((row, name, before, now));
        }
    }
    let last = nights.last().unwrap().iter();
    Compared {
        members,
        proposals,
        last: last.map(|row| row.claim.clone()).collect(),
        in_sql,
    }
}

fn is_session(row: &Row) -> bool {
    row.code.starts_with("2055")
}

fn is_paid(decision: &str) -> bool {
    matches!(decision, "pay" | "reduce")
}

/// Pay and reduce are one answer; a line that waits is denied by nobody but a person.
fn expected(before: &str, now: &str) -> Option<&'static str> {
    match (before, now) {
        (before, now) if is_paid(before) == is_paid(now) && (is_paid(now) || before == now) => None,
        ("pend", "deny") => None,
        (before, "deny") if is_paid(before) => Some("recovery"),
        (_, "pend") => Some("review"),
        _ => Some("freed"),
    }
}

/// Late claims and voids after nights in date order. Where every session that stands paid is paid in one
/// batch too, one batch decides what is proposed; lines that hang on others are compared where it
/// decides alike about all lines of the service.
#[test]
fn one_batch_of_all_claims_decides_what_is_proposed() {
    let mut cases: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=20 {
        let dice = &mut Dice(seed * 104_729);
        let mut nights = nights_in_order(dice, 2, &CODES);
        let mut last = Vec::new();
        let mut voided = BTreeSet::new();
        for index in 0..MEMBERS {
            let own = |row: &&Row| row.keys["member"] == member(index);
            let earlier: Vec<Row> = nights.iter().flatten().filter(own).cloned().collect();
            if dice.throw(3) > 0 {
                let place = dice.throw(earlier.len() as u64) as usize;
                let mut void = earlier[place].clone();
                voided.insert(void.claim.clone());
                void.keys.insert("freq".into(), "8".into());
                last.push(void);
            }
            if dice.throw(2) > 0 {
                let claim = format!("L{index}");
                let place = dice.throw(2 * earlier.len() as u64) as usize;
                let late = match earlier.get(place) {
                    // An injection beside what was billed before.
                    Some(beside) => {
                        let date = beside.date.parse().unwrap();
                        row(dice, &claim, &member(index), date, &CODES[..4])
                    }
                    None => {
                        let date = day(dice.throw(12));
                        row(dice, &claim, &member(index), date, &CODES)
                    }
                };
                last.push(late);
            }
        }
        nights.push(last);
        let compared = compare(tight_plans, &nights, &voided);
        *cases.entry("in SQL").or_default() += compared.in_sql;
        for (member, lines) in &compared.members {
            let sessions = || lines.iter().filter(|(row, ..)| is_session(row));
            if sessions().any(|(_, _, before, now)| is_paid(before) && !is_paid(now)) {
                continue;
            }
            let are_alike = sessions().all(|(_, _, before, now)| before == now);
            let differ: BTreeSet<(Name, &str)> = lines
                .iter()
                .filter(|(row, ..)| are_alike || is_session(row))
                .filter(|(row, ..)| !compared.last.contains(&row.claim))
                .filter_map(|(_, name, before, now)| Some((name.clone(), expected(before, now)?)))
                .collect();
            let proposed: BTreeSet<(Name, &str)> = compared
                .proposals
                .iter()
                .filter(|of| of.member == *member)
                .filter(|of| are_alike || of.procedure.starts_with("2055"))
                .map(|of| ((of.claim.clone(), of.line), of.kind.as_str()))
                .collect();
            assert_eq!(proposed, differ, "seed {seed}, member {member}: {lines:#?}");
            for (_, kind) in proposed {
                *cases.entry(kind).or_default() += 1;
            }
            *cases.entry("member").or_default() += 1;
        }
    }
    println!("{cases:?}");
    for (kind, least) in [
        ("member", 150),
        ("freed", 20),
        ("recovery", 5),
        ("review", 2),
        ("in SQL", 15),
    ] {
        let found = cases.get(kind).copied().unwrap_or_default();
        assert!(found >= least, "{kind}: {cases:?}");
    }
}

/// Late sessions after sessions in date order. Where all were paid, those that one batch does not pay
/// are those that would not stand in date order.
#[test]
fn one_batch_of_all_sessions_pays_those_that_stand_in_date_order() {
    let (mut members, mut fallen) = (0, 0);
    for seed in 1..=10 {
        let dice = &mut Dice(seed * 15_485_863);
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for index in 0..MEMBERS {
            let member = format!("W{index}");
            let mut days = 20 + dice.throw(10);
            for number in 0..6 {
                let late = number > 0 && dice.throw(6) == 0;
                let to = if late { &mut last } else { &mut first };
                to.push(Row::parse(&format!(
                    "C{index}N{number} {} 20552 - member={member}",
                    day(days)
                )));
                days += dice.one_of(&["7", "8", "20", "62"]).parse::<u64>().unwrap();
            }
            if dice.throw(2) == 0 {
                let date = day(dice.throw(14));
                last.push(Row::parse(&format!(
                    "C{index}N9 {date} 20552 - member={member}"
                )));
            }
        }
        let plans = || Plans::embedded().unwrap();
        let compared = compare(plans, &[first, last], &BTreeSet::new());
        for (member, lines) in &compared.members {
            if lines.iter().any(|(_, _, before, _)| !is_paid(before)) {
                continue;
            }
            let differ: BTreeSet<Name> = lines
                .iter()
                .filter(|(row, _, _, now)| !compared.last.contains(&row.claim) && !is_paid(now))
                .map(|(_, name, ..)| name.clone())
                .collect();
            let proposed: BTreeSet<Name> = compared
                .proposals
                .iter()
                .filter(|of| of.member == *member && of.kind == Kind::SessionOrder)
                .map(|of| (of.claim.clone(), of.line))
                .collect();
            assert_eq!(proposed, differ, "seed {seed}, member {member}: {lines:#?}");
            members += 1;
            fallen += proposed.len();
        }
    }
    println!("{members} members, {fallen} sessions");
    assert!(members >= 20 && fallen >= 5, "{members} {fallen}");
}
