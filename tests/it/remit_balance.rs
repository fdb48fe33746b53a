//! Remittances balance, whatever is billed: over made-up batches of claims of several lines with
//! odd cents, voids, replacements and units cut back, with and without a fee schedule.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use claimstream::adjudicate::{Adjudication, ClaimStatus, adjudicate};
use claimstream::guide;
use claimstream::intake::{Beside, Intake, ReadOptions, list_inputs, read_with};
use claimstream::output::Run;
use claimstream::payment::{Noting, Paying, PaymentTerms};
use claimstream::policy::{Decision, FactsTable, Members, Plans};
use claimstream::remit::Fees;
use claimstream::validate::Checks;
use proptest::prelude::*;

use super::advice::{self, Advice, paid_by_claim};
use super::reading::Heard;

/// A line: procedure, modifier, charge in cents, units, days after 2026-04-01.
type Billed = (&'static str, &'static str, i64, u8, u16);

/// A claim: member, provider, frequency, how many claims before it the one that it means stands.
#[derive(Debug, Clone)]
struct Claim {
    member: u8,
    provider: u8,
    frequency: u8,
    meant: u8,
    lines: Vec<Billed>,
}

fn line() -> impl Strategy<Value = Billed> {
    let procedures = prop::sample::select(vec![
        "20552", "20553", "76942", "99213", "20560", "J3301", "97110",
    ]);
    let modifiers = prop::sample::select(vec!["", "", "25", "59"]);
    (procedures, modifiers, 0..50_000_i64, 0..5_u8, 0..60_u16)
}

fn claim() -> impl Strategy<Value = Claim> {
    let frequency = prop::sample::select(vec![1_u8, 1, 1, 1, 7, 8]);
    let lines = prop::collection::vec(line(), 1..5);
    (0..4_u8, 0..3_u8, frequency, 1..4_u8, lines).prop_map(
        |(member, provider, frequency, meant, lines)| Claim {
            member,
            provider,
            frequency,
            meant,
            lines,
        },
    )
}

fn file(claims: &[Claim]) -> String {
    let mut set = String::from("ST*837*0001*005010X222A1~BHT*0019*00*R*20270601*0600*CH~");
    for (index, claim) in claims.iter().enumerate() {
        let (first, second) = (2 * index + 1, 2 * index + 2);
        let payer = if claim.member % 2 == 0 {
            "62308"
        } else {
            "CSPASSE"
        };
        let cents: i64 = claim.lines.iter().map(|line| line.2).sum();
        let original = index.checked_sub(claim.meant.into());
        let original = original.map(|original| format!("REF*F8*C{original}~"));
        let _ = write!(
            set,
            "HL*{first}**20*1~NM1*85*2*CLINIC*****XX*123456789{}~REF*EI*71000000{}~\
             HL*{second}*{first}*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*PAT****MI*M{}~\
             NM1*PR*2*PAYER*****PI*{payer}~\
             CLM*C{index}*{}.{:02}***11:B:{}*Y*A*Y*Y~{}HI*ABK:M7918~",
            claim.provider,
            claim.provider,
            claim.member,
            cents / 100,
            cents % 100,
            claim.frequency,
            original
                .filter(|_| claim.frequency != 1)
                .unwrap_or_default(),
        );
        for (place, (procedure, modifier, cents, units, days)) in claim.lines.iter().enumerate() {
            let date = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
            let date = date + chrono::Days::new((*days).into());
            let colon = if modifier.is_empty() { "" } else { ":" };
            let _ = write!(
                set,
                "LX*{}~SV1*HC:{procedure}{colon}{modifier}*{}.{:02}*UN*{units}***1~DTP*472*D8*{}~",
                place + 1,
                cents / 100,
                cents % 100,
                date.format("%Y%m%d"),
            );
        }
    }
    let segments = set.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *270601*0600*^*00501*000000001*0*P*:~\
         GS*HC*S*R*20270601*0600*1*X*005010X222A1~{set}SE*{segments}*0001~GE*1*1~IEA*1*000000001~"
    )
}

/// What was judged, and the 835.
fn remit(
    folder: &Path,
    text: &str,
    plans: &Plans,
    fees: Option<&Fees>,
) -> (Intake, Adjudication, String) {
    let input = folder.join("i.837");
    fs::write(&input, text).unwrap();
    let checks = Checks::new(guide::professional().unwrap(), 0, &[])
        .unwrap()
        .keeping_bytes();
    let options = ReadOptions {
        plans,
        members: &Members::default(),
        all_lines: false,
        lenient_envelope: false,
        strict: false,
        checks: Some(&checks),
    };
    let mut noting = Noting::create(folder).unwrap();
    let beside = Beside {
        recall: None,
        overflow: None,
        units: Some(&mut noting),
    };
    let inputs = list_inputs(&[input]).unwrap().list;
    let intake = read_with(&inputs, options, beside, &mut Heard::default()).unwrap();
    let adjudication = adjudicate(&intake.batch, plans, &FactsTable::default());
    let run = Run {
        batch: &intake.batch,
        plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut paying = Paying::new(plans, fees, noting.finish().unwrap(), folder);
    paying.take(run).unwrap();
    let terms = PaymentTerms {
        date: NaiveDate::from_ymd_opt(2027, 6, 1).unwrap(),
        method: "CHK",
        first_trace: None,
    };
    let mut out = Vec::new();
    paying.write(&terms, None, &mut out).unwrap();
    (intake, adjudication, String::from_utf8(out).unwrap())
}

/// What each claim that stands and has no pended line is to be paid, by its number: what its
/// governed lines are allowed, and what its others charge.
fn expected(claims: &[Claim], run: Run<'_>) -> BTreeMap<String, i128> {
    let mut expected = BTreeMap::new();
    for (index, claim) in run.batch.claims.iter().enumerate() {
        let status = run.adjudication.versions.status(index as u32);
        let is_active = matches!(status, ClaimStatus::Active | ClaimStatus::OriginalUnknown);
        let lines = run
            .batch
            .lines_of(claim)
            .map(|line| run.determination(line));
        let lines: Vec<_> = lines.collect();
        let is_pended = lines.iter().any(|line| line.decision == Decision::Pend);
        if lines.is_empty() || is_pended || !is_active {
            continue;
        }
        let number = lines[0]
            .claim
            .trim_start_matches('C')
            .parse::<usize>()
            .unwrap();
        let billed: i64 = claims[number].lines.iter().map(|line| line.2).sum();
        let governed: i64 = lines.iter().map(|line| line.charge.0).sum();
        let allowed: i64 = lines.iter().map(|line| line.amount_allowed.0).sum();
        let control_number = run.batch.control_number_of(claim).to_string();
        expected.insert(control_number, i128::from(billed - governed + allowed));
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_remittance_balances_and_pays_what_was_decided(
        claims in prop::collection::vec(claim(), 1..24),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let plans = Plans::from_file(Path::new("fixtures/plans.toml")).unwrap();
        let text = file(&claims);
        let (intake, adjudication, remitted) = remit(folder.path(), &text, &plans, None);
        let advices = advice::read(&remitted);
        advices.iter().for_each(Advice::assert_balanced);
        let run = Run { batch: &intake.batch, plans: &plans, adjudication: &adjudication, reversals: &[] };
        prop_assert_eq!(paid_by_claim(&advices), expected(&claims, run));

        let fees = Fees::read("fees.csv", "procedure,modifier,place_of_service,locality,amount,effective_from,effective_to\n\
            20552,,,,77.77,2020-01-01,\nJ3301,,,,0.01,2020-01-01,\n99213,25,,,50,2020-01-01,\n".as_bytes()).unwrap();
        let (_, _, remitted) = remit(folder.path(), &text, &plans, Some(&fees));
        let limited = advice::read(&remitted);
        limited.iter().for_each(Advice::assert_balanced);
        let billed = paid_by_claim(&advices);
        for (claim, paid) in paid_by_claim(&limited) {
            prop_assert!(paid <= billed[&claim]);
        }
    }
}
