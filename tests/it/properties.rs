//! What holds for every input.

use std::fs;

use claimstream::adjudicate::adjudicate;
use claimstream::intake::Intake;
use claimstream::output::{Format, Run, write_determinations};
use claimstream::policy::{FactsTable, Plans};
use claimstream::report::{Decided, Summary};
use proptest::prelude::*;

use super::reading::read_all;

/// Reads inputs as files of a folder, in order.
pub(super) fn read_files(files: &[Vec<u8>]) -> Intake {
    let folder = tempfile::tempdir().unwrap();
    for (index, bytes) in files.iter().enumerate() {
        fs::write(folder.path().join(format!("{index:03}.837")), bytes).unwrap();
    }
    read_all(&[folder.path().to_owned()]).unwrap().0
}

/// Judges an input; checks that what is counted adds up; gives the determinations without
/// the fields that say where a claim stands.
fn decide(files: &[Vec<u8>]) -> Vec<String> {
    let intake = read_files(files);
    let (plans, facts) = (Plans::embedded().unwrap(), FactsTable::default());
    let adjudication = adjudicate(&intake.batch, &plans, &facts);
    let run = Run {
        batch: &intake.batch,
        plans: &plans,
        adjudication: &adjudication,
        reversals: &[],
    };
    let mut decided = Decided::default();
    decided.add(run);
    let summary = Summary::new(&plans, &decided, &intake.counts, None, 1);
    for fates in [summary.claims, summary.lines] {
        let parts = fates.refused + fates.rejected + fates.taken_back + fates.judged + fates.passed;
        assert_eq!(fates.read, parts);
    }
    let mut out = Vec::new();
    write_determinations(
        run,
        0..intake.batch.claims.len(),
        Format::JsonLines,
        true,
        &mut out,
    )
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| {
            let mut value: serde_json::Value = serde_json::from_str(line).unwrap();
            for place in ["file", "interchange", "claim_control_number"] {
                value.as_object_mut().unwrap().remove(place);
            }
            value.to_string()
        })
        .collect();
    lines.sort();
    lines
}

const CODES: [&str; 8] = [
    "20552", "20553", "76942", "99213", "20560", "77003", "20610", "97110",
];

/// A claim of one of three members, as segments.
pub(super) fn claim() -> impl Strategy<Value = (usize, Vec<String>)> {
    let line = (
        0..CODES.len(),
        0_u32..400,
        1_u32..3,
        prop::bool::weighted(0.8),
    );
    (0_usize..3, prop::bool::ANY, prop::collection::vec(line, 1..4)).prop_map(|(member, cigna, lines)| {
        let payer = if cigna { "62308" } else { "CSPASSE" };
        let mut segments = vec![
            format!("HL*N*1*22*0~SBR*P*18*******CI~NM1*IL*1*DOE*PAT****MI*W{member}~NM1*PR*2*PAYER*****PI*{payer}~"),
            "CLM*P*100***11:B:1*Y*A*Y*Y~HI*ABK:M7918~".to_owned(),
        ];
        for (number, (code, day, units, is_listed)) in lines.into_iter().enumerate() {
            let date = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(day.into());
            let pointer = if is_listed { "1" } else { "2" };
            segments.push(format!(
                "LX*{}~SV1*HC:{}*100*UN*{units}***{pointer}~DTP*472*D8*{}~",
                number + 1,
                CODES[code],
                date.format("%Y%m%d")
            ));
        }
        (member, segments)
    })
}

/// An interchange of these claims, with its own control number.
pub(super) fn file(claims: &[Vec<String>], control_number: usize) -> Vec<u8> {
    let mut text = String::from(
        "ST*837*0001*005010X222A1~BHT*0019*00*R*20270601*0600*CH~HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~",
    );
    for (index, claim) in claims.iter().enumerate() {
        text += &claim.concat().replace("HL*N", &format!("HL*{}", index + 2));
    }
    let segments = text.matches('~').count() + 1;
    format!(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *270601*0600*^*00501*{control_number:09}*0*P*:~\
         GS*HC*S*R*20270601*0600*1*X*005010X222A1~{text}SE*{segments}*0001~GE*1*1~IEA*1*{control_number:09}~"
    )
    .into_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        decide(&[bytes]);
    }

    #[test]
    fn no_damage_to_a_file_panics_or_loses_a_claim(
        claims in prop::collection::vec(claim(), 1..6),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let claims: Vec<_> = claims.into_iter().map(|(_, claim)| claim).collect();
        let mut bytes = file(&claims, 1);
        for (place, byte, kind) in edits {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => { bytes.remove(place); }
                _ => bytes.insert(place, byte),
            }
        }
        decide(&[bytes]);
    }

    #[test]
    fn claims_of_different_members_may_change_places(claims in prop::collection::vec(claim(), 1..12)) {
        let mut sorted = claims.clone();
        sorted.sort_by_key(|(member, _)| *member);
        let segments = |claims: Vec<(usize, Vec<String>)>| -> Vec<Vec<String>> {
            claims.into_iter().map(|(_, claim)| claim).collect()
        };
        prop_assert_eq!(
            decide(&[file(&segments(claims), 1)]),
            decide(&[file(&segments(sorted), 1)])
        );
    }

    #[test]
    fn claims_may_come_in_one_file_or_in_many(claims in prop::collection::vec(claim(), 1..8)) {
        let claims: Vec<Vec<String>> = claims.into_iter().map(|(_, claim)| claim).collect();
        let each = claims.iter().enumerate();
        let files: Vec<Vec<u8>> = each.map(|(index, claim)| file(std::slice::from_ref(claim), index + 1)).collect();
        prop_assert_eq!(decide(&[file(&claims, 1)]), decide(&files));
    }
}
