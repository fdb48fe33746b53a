//! A valid file with segments taken out, put in, repeated and exchanged at every place: the
//! first finding names the place, others do not follow from it, and other claims are read.

use std::fmt::Write as _;
use std::fs;

use claimstream::x12::Issue;

use super::reading::{fixture, read_checked};
use super::validation::checks;

const HEAD: &str = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLAIMSTREAM    *260105*0600*^*00501*000000001*0*P*:~\n\
                    GS*HC*CLINIC*CLAIMSTREAM*20260105*0600*1*X*005010X222A1~\n";

/// The segments of the valid file between ISA, GS and SE, GE, IEA.
fn segments() -> Vec<String> {
    let text = fs::read_to_string(fixture("validation").join("0_nothing_wrong.837")).unwrap();
    let segments: Vec<_> = text.split("~\n").map(str::to_owned).collect();
    let end = segments
        .iter()
        .position(|segment| segment.starts_with("SE*"))
        .unwrap();
    segments[2..end].to_vec()
}

/// What is found in a set of these segments, and which claims are accepted.
fn read(segments: &[String]) -> (Vec<Issue>, Vec<String>) {
    let mut text = String::from(HEAD);
    for segment in segments {
        writeln!(text, "{segment}~").unwrap();
    }
    writeln!(
        text,
        "SE*{}*0001~\nGE*1*1~\nIEA*1*000000001~",
        segments.len() + 1
    )
    .unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let (intake, issues) = read_checked(&[file.path().to_owned()], Some(&checks(5))).unwrap();
    let batch = &intake.batch;
    let numbers = batch
        .claims
        .iter()
        .map(|claim| batch.text(claim.patient_control_number));
    let accepted = numbers
        .map(|number| String::from_utf8_lossy(number).into_owned())
        .collect();
    let findings = issues.into_iter().filter(|issue| issue.level > 0);
    (findings.collect(), accepted)
}

/// Where each header, level and claim begins, and the units above it.
fn units(segments: &[String]) -> Vec<(usize, Vec<usize>)> {
    let mut units = vec![(0, vec![0])];
    // The units that are open: header, billing provider, subscriber, patient.
    let mut open = vec![0];
    for (index, segment) in segments.iter().enumerate() {
        let depth = match segment.split('*').collect::<Vec<_>>()[..] {
            ["HL", _, _, "20", ..] => 1,
            ["HL", _, _, "22", ..] => 2,
            ["HL", _, _, "23", ..] => 3,
            ["CLM", ..] => open.len(),
            _ => continue,
        };
        open.truncate(depth);
        let mut chain = open.clone();
        chain.push(index);
        if segment.starts_with("HL") {
            open.push(index);
        }
        units.push((index, chain));
    }
    units
}

/// The claims that have nothing to do with the segments at these places.
fn untouched(segments: &[String], places: [usize; 2]) -> Vec<String> {
    let units = units(segments);
    let touched = places.map(|place| {
        let behind = units.iter().rev().find(|(start, _)| *start <= place);
        behind.map_or(0, |(start, _)| *start)
    });
    let claims = units.iter().filter(|(start, chain)| {
        segments[*start].starts_with("CLM") && !chain.iter().any(|unit| touched.contains(unit))
    });
    let number = |start: usize| segments[start].split('*').nth(1).unwrap().to_owned();
    claims.map(|(start, _)| number(*start)).collect()
}

/// Checks what a change at a place gives; says how many findings.
fn check(whole: &[String], index: usize, what: &str, changed: &[String]) -> usize {
    let (issues, accepted) = read(changed);
    let name = format!("{what} at {} ({}): {issues:#?}", index + 1, whole[index]);
    let most = if what == "swapped" { 2 } else { 1 };
    assert!(issues.len() <= most, "{name}");
    if let Some(first) = issues.first() {
        let position = first.segment_in_transaction.unwrap() as usize;
        // What a whole claim lacks is told at its CLM.
        let is_near = (index..=index + 3).contains(&position);
        assert!(
            is_near || first.level > 2 || first.code == "loop-missing",
            "{name}"
        );
    }
    let before = index.saturating_sub(1);
    let after = if what == "swapped" { index + 1 } else { index };
    for claim in untouched(whole, [before, after]) {
        // Of two places in different units the one between is no more than one of them.
        let is_between = untouched(whole, [index, index]).contains(&claim);
        assert!(
            accepted.contains(&claim) || !is_between,
            "{claim} is lost: {name}"
        );
    }
    issues.len()
}

#[test]
fn one_fault_is_one_finding_wherever_it_stands() {
    let whole = segments();
    assert_eq!(read(&whole).0, []);
    let mut findings = 0;
    for index in 1..whole.len() {
        let mut cut = whole.clone();
        cut.remove(index);
        findings += check(&whole, index, "missing", &cut);
        let mut twice = whole.clone();
        twice.insert(index, whole[index].clone());
        findings += check(&whole, index, "twice", &twice);
        if index + 1 < whole.len() {
            let mut swapped = whole.clone();
            swapped.swap(index, index + 1);
            findings += check(&whole, index, "swapped", &swapped);
        }
        for stray in [
            "ZZZ*1",
            "MOA***MA01",
            "BHT*0019*00*1*20260101*0600*CH",
            "NM1*ZZ*1*X",
        ] {
            let mut with = whole.clone();
            with.insert(index, stray.to_owned());
            let found = check(&whole, index, stray, &with);
            let is_in_place = stray.starts_with("MOA") && found == 0;
            assert!(found == 1 || is_in_place, "{stray} at {}", index + 1);
            findings += found;
        }
    }
    assert!(findings > 400, "{findings}");
}

#[test]
fn every_segment_of_the_guide_is_known_and_missed() {
    let text = fs::read_to_string(fixture("everything.837")).unwrap();
    let all: Vec<_> = text.split("~\n").map(str::to_owned).collect();
    let end = all
        .iter()
        .position(|segment| segment.starts_with("SE*"))
        .unwrap();
    let whole = &all[2..end];
    let guide = claimstream::guide::professional().unwrap();
    let (issues, accepted) = read(whole);
    assert_eq!(issues, []);
    assert_eq!(accepted.len(), 2);
    // The claim stands under the subscriber and under the patient.
    assert!(whole.len() > guide.segments.len());
    for index in 1..whole.len() {
        let mut cut = whole.to_vec();
        cut.remove(index);
        let (missing, _) = read(&cut);
        let mut again = whole.to_vec();
        again.insert(index, whole[index].clone());
        let (twice, _) = read(&again);
        for issues in [missing, twice] {
            let name = format!("at {} ({}): {issues:#?}", index + 1, whole[index]);
            assert!(issues.len() <= 1, "{name}");
        }
    }
}
