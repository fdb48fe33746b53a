//! What holds for every remittance; the fixtures have the words.

use proptest::prelude::*;

use super::*;
use crate::x12::Severity;

const ISA: &str = "ISA*00*          *00*          *ZZ*PAYERONE       *ZZ*CLINICONE      *261130*0900*^*00501*000000901*0*P*:~GS*HP*A*B*20261130*0900*1*X*005010X221A1~";

fn check(pieces: &[&[u8]]) -> (Totals, Vec<String>) {
    let mut told = Vec::new();
    let mut hear = |issue: Issue| told.push(issue.to_string());
    let mut checker = Checker::new("a.835".into(), &mut hear);
    pieces.iter().for_each(|piece| checker.push(piece));
    let totals = checker.finish();
    (totals, told)
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("fixtures/remit/{name}.835")).unwrap()
}

#[test]
fn findings_are_the_same_however_the_bytes_are_cut() {
    for name in [
        "codes",
        "amount_invalid",
        "three_sets",
        "version_4010_wrapped",
    ] {
        let bytes = file(name);
        let expected = check(&[&bytes]);
        for size in [1, 7, 100] {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            assert_eq!(check(&pieces), expected, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn no_finding_names_a_value_of_a_person() {
    for entry in std::fs::read_dir("fixtures/remit").unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for told in check(&[&bytes]).1 {
            for value in ["DOE", "JANE", "ROE", "POE", "W00000", "PCN", "ICN", "20552"] {
                assert!(!told.contains(value), "{told}");
            }
        }
    }
}

#[test]
fn a_claim_that_the_end_of_the_data_cuts_is_not_added_up() {
    let bytes = file("balanced");
    let set_begins = 166;
    let set_ends = bytes.windows(3).position(|bytes| bytes == b"SE*").unwrap();
    for end in (set_begins + 10..set_ends).step_by(5) {
        let (totals, told) = check(&[&bytes[..end]]);
        assert_eq!(totals.unbalanced_sets, 1, "cut at {end}");
        let sums = ["line-unbalanced", "claim-", "payment-unbalanced"];
        let is_sum = |told: &&String| sums.iter().any(|code| told.contains(code));
        assert_eq!(told.iter().find(is_sum), None, "cut at {end}");
    }
}

/// A segment and the indexes of its amounts.
type Row = (Vec<String>, Vec<usize>);

fn row(elements: &[&str], amounts: &[usize]) -> Row {
    let elements = elements.iter().map(|&element| element.to_owned());
    (elements.collect(), amounts.to_vec())
}

/// What a line is paid, and its adjustments.
type Line = (i64, Vec<i64>);

/// The segments of a remittance that balances: claims, each with adjustments of its own and
/// lines; and provider adjustments.
fn remittance(claims: &[(Vec<i64>, Vec<Line>)], provider: &[i64]) -> Vec<Row> {
    let money = |cents: i64| Sum(cents.into()).to_string();
    let cas = |amount: &i64| row(&["CAS", "CO", "45", &money(*amount)], &[3]);
    let (mut rows, mut paid) = (Vec::new(), 0);
    for (adjustments, lines) in claims {
        let of_lines: i64 = lines.iter().map(|(payment, _)| payment).sum();
        let charge_of = |(payment, adjusted): &Line| payment + adjusted.iter().sum::<i64>();
        let charge: i64 = lines.iter().map(charge_of).sum();
        let payment = of_lines - adjustments.iter().sum::<i64>();
        paid += payment;
        rows.push(row(
            &[
                "CLP",
                "P",
                "1",
                &money(charge),
                &money(payment),
                "",
                "12",
                "I",
            ],
            &[3, 4],
        ));
        rows.extend(adjustments.iter().map(cas));
        for line in lines {
            let (charge, payment) = (money(charge_of(line)), money(line.0));
            rows.push(row(&["SVC", "HC:20552", &charge, &payment], &[2, 3]));
            rows.extend(line.1.iter().map(cas));
        }
    }
    for amount in provider {
        rows.push(row(&["PLB", "1", "20261231", "WO", &money(*amount)], &[4]));
        paid -= amount;
    }
    let flag = if paid < 0 { "D" } else { "C" };
    let amount = money(paid.abs());
    let mut order = vec!["BPR", "I", &amount, flag, "ACH"];
    order.extend([""; 11]);
    order.push("20261130");
    rows.insert(0, row(&order, &[2]));
    rows
}

fn text(rows: &[Row]) -> Vec<u8> {
    let mut text = format!("{ISA}ST*835*1~");
    for (elements, _) in rows {
        text += &elements.join("*");
        text += "~";
    }
    text += &format!("SE*{}*1~GE*1*1~IEA*1*000000901~", rows.len() + 2);
    text.into_bytes()
}

fn amounts() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(-50_000_i64..50_000, 0..4)
}

proptest! {
    #[test]
    fn what_balances_has_no_error_and_no_amount_of_it_can_change(
        claims in prop::collection::vec(
            (amounts(), prop::collection::vec((-90_000_i64..90_000, amounts()), 1..4)),
            1..5,
        ),
        provider in amounts(),
        picked in any::<prop::sample::Index>(),
        by in prop_oneof![-500_i64..-1, 1_i64..500],
    ) {
        let mut rows = remittance(&claims, &provider);
        let errors = |rows: &[Row]| {
            let mut count = 0;
            let mut hear = |issue: Issue| count += u32::from(issue.severity == Severity::Error);
            let mut checker = Checker::new("a.835".into(), &mut hear);
            checker.push(&text(rows));
            let totals = checker.finish();
            (count, totals.unbalanced_sets)
        };
        prop_assert_eq!(errors(&rows), (0, 0));

        let places: Vec<(usize, usize)> = rows
            .iter()
            .enumerate()
            .flat_map(|(index, (_, amounts))| amounts.iter().map(move |amount| (index, *amount)))
            .collect();
        let (index, element) = places[picked.index(places.len())];
        let amount = &mut rows[index].0[element];
        let changed = Sum(elements::money(amount.as_bytes()).unwrap().0 + i128::from(by));
        *amount = changed.to_string();
        let (count, unbalanced) = errors(&rows);
        prop_assert!(count > 0 && unbalanced == 1);
    }
}
