//! What checking finds in whole inputs, and who hears of it.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::{Heard, LARGE, LINE, SUBSCRIBER, file, options, read_checked, text, whole_result};
use crate::guide::{self, UnitKind};
use crate::intake::pipeline::{Beside, read_in_pieces};
use crate::intake::{HeardClaim, LevelKind, ReadOptions, Units, list_inputs};
use crate::policy::{Members, Plans};
use crate::validate::{Checks, Reported};
use crate::x12::Header;

/// Reads bytes with every check, in pieces of a size.
fn found_in(bytes: &[u8], piece_bytes: usize, checks: &Checks) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let (intake, issues) = read_checked(file.path(), piece_bytes, false, Some(checks));
    let kept = intake.batch.claims.len() as u64;
    let claims = intake.counts.claims;
    assert_eq!(claims.read, claims.refused + claims.rejected + kept);
    let name = file.path().display().to_string();
    whole_result(&(intake, issues)).replace(&name, "")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_found_alike_for_any_cut(
        damage in prop::collection::vec((any::<prop::sample::Index>(), "[A-Z0-9*:^~\n ]{0,12}", 0_usize..40), 1..6),
        piece_bytes in 1_usize..3000,
    ) {
        let checks = Checks::new(guide::professional().unwrap(), 5, &[]).unwrap().keeping_bytes();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let path = root.join("fixtures/validation/0_nothing_wrong.837");
        let mut bytes = fs::read(path).unwrap();
        for (place, text, cut) in &damage {
            let from = place.index(bytes.len());
            let until = (from + cut).min(bytes.len());
            bytes.splice(from..until, text.bytes());
        }
        let whole = found_in(&bytes, LARGE, &checks);
        prop_assert_eq!(found_in(&bytes, piece_bytes, &checks), whole);
    }
}

/// What is found in the segments behind a billing provider's, and which claims are accepted.
fn checked_at(level: u8, segments: &str) -> (Vec<String>, Vec<String>) {
    let checks = Checks::new(guide::professional().unwrap(), level, &[]).unwrap();
    let file_of = tempfile::NamedTempFile::new().unwrap();
    fs::write(file_of.path(), file(segments)).unwrap();
    let (intake, issues) = read_checked(file_of.path(), LARGE, false, Some(&checks));
    let numbers = intake
        .batch
        .claims
        .iter()
        .map(|claim| text(intake.batch.text(claim.patient_control_number)).to_owned());
    (
        issues.iter().map(|issue| issue.code.to_owned()).collect(),
        numbers.collect(),
    )
}

#[test]
fn what_ends_no_unit_leaves_findings_with_their_claim() {
    let claims = format!("CLM*P1*120***11:B:1\n{LINE}CLM*P2*120***11:B:1\n{LINE}");
    for stray in [
        "SV1*HC:99213*1*UN*1***1",
        "BHT*0019*00*1*20260101*0600*CH",
        "TA1*1",
    ] {
        // The stray stands in the first claim's level, and behind it an element that is too short.
        let level = SUBSCRIBER
            .replace("NM1*PR", &format!("{stray}\nNM1*PR"))
            .replace("62308", "6");
        let (codes, accepted) = checked_at(1, &format!("{level}{claims}"));
        assert!(
            codes.contains(&"element-too-short".to_owned()),
            "{stray}: {codes:?}"
        );
        assert!(accepted.is_empty(), "{stray}: {codes:?}");
        // The stray stands in the first claim, and behind it an amount with letters.
        let cut = claims.replacen("LX*1", &format!("{stray}\nAMT*F5*X\nLX*1"), 1);
        let (codes, accepted) = checked_at(1, &format!("{SUBSCRIBER}{cut}"));
        assert!(
            codes.contains(&"element-characters-invalid".to_owned()),
            "{stray}: {codes:?}"
        );
        assert_eq!(accepted, ["P2"], "{stray}: {codes:?}");
    }
}

#[test]
fn of_a_unit_without_end_no_more_is_told() {
    let many = "ZZZ*1\n".repeat(3000);
    let (codes, _) = checked_at(2, &format!("{SUBSCRIBER}CLM*P1*120***11:B:1\n{many}{LINE}"));
    let unknown = codes.iter().filter(|code| *code == "segment-unknown");
    // Four of the first thousand are about the CLM.
    assert_eq!(unknown.count(), 996);
    assert_eq!(codes.last().map(String::as_str), Some("findings-too-many"));
}

/// Writes down what it hears.
#[derive(Default)]
struct Listening(Vec<String>);

impl Units for Listening {
    fn begin_interchange(&mut self, header: &Header) {
        self.0
            .push(format!("interchange {}", text(header.element(13))));
    }

    fn begin_group(&mut self, segment: &[u8]) {
        self.0.push(format!("group {}", text(&segment[..9])));
    }

    fn begin_set(&mut self, identity: [&[u8]; 3]) {
        self.0.push(format!("set {}", identity.map(text).join(" ")));
    }

    fn finding(&mut self, reported: &Reported<'_>) {
        let Reported {
            finding,
            position,
            claim,
        } = *reported;
        let qualifier = finding.qualifier.unwrap_or_default();
        let problem = finding.problem.acknowledgement();
        self.0.push(format!(
            "finding {:?} {qualifier} at {position:?} of {:?}: {problem:?} {:?}",
            finding.tag,
            claim.map(text),
            finding.data_element
        ));
    }

    fn unit(&mut self, kind: UnitKind, bytes: &[u8]) {
        self.0.push(format!("unit {kind:?} {}", text(&bytes[..4])));
    }

    fn level(&mut self, kind: LevelKind, is_under_open: bool) {
        self.0.push(format!("level {kind:?} {is_under_open}"));
    }

    fn claim(&mut self, claim: HeardClaim) {
        self.0.push(format!(
            "claim {} rejected {}",
            claim.ordinal, claim.is_rejected
        ));
    }

    fn reject_last_claim(&mut self) {
        self.0.push("last claim rejected".into());
    }

    fn end_set(&mut self, is_refused: bool) {
        self.0.push(format!("end of set, refused {is_refused}"));
    }

    fn end_group(&mut self, included: Option<u64>, is_refused: bool) {
        self.0
            .push(format!("end of group {included:?}, refused {is_refused}"));
    }

    fn end_interchange(&mut self, is_refused: bool) {
        self.0
            .push(format!("end of interchange, refused {is_refused}"));
    }
}

#[test]
fn units_are_heard_in_order_with_findings_before_what_they_cost() {
    let checks = Checks::new(guide::professional().unwrap(), 5, &[])
        .unwrap()
        .keeping_bytes();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("fixtures/validation/5_npi_check_digit.837");
    let (plans, members, mut heard) = (Plans::default(), Members::default(), Heard::default());
    let options = ReadOptions {
        checks: Some(&checks),
        ..options(&plans, &members, false)
    };
    let inputs = list_inputs(&[path]).unwrap();
    for piece_bytes in [7, LARGE] {
        let mut listening = Listening::default();
        let beside = Beside {
            units: Some(&mut listening),
            ..Beside::default()
        };
        read_in_pieces(&inputs.list, options, piece_bytes, beside, &mut heard).unwrap();
        let expected = [
            "interchange 000000001",
            "group GS*HC*CLI",
            "set 837 0001 005010X222A1",
            "unit Header ST*8",
            "unit Level HL*1",
            "level BillingProvider true",
            "unit Level HL*2",
            "level Subscriber true",
            "unit Claim CLM*",
            "finding NM1 82 at Some(29) of Some(\"P1\"): Element(\"I12\") Some(\"67\")",
            "claim 1 rejected true",
            "unit Claim CLM*",
            "claim 2 rejected false",
            "unit Level HL*3",
            "level Patient true",
            "unit Claim CLM*",
            "claim 3 rejected false",
            "unit Level HL*4",
            "level Subscriber true",
            "unit Claim CLM*",
            "claim 4 rejected false",
            "end of set, refused false",
            "end of group Some(1), refused false",
            "end of interchange, refused false",
        ];
        assert_eq!(listening.0, expected);
    }
}
