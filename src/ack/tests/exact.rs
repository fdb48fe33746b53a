//! Scripts and the exact text that comes out of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use chrono::NaiveDate;

use super::super::*;
use super::script::{files_in, play, play_for, play_line};
use crate::x12::{Decoder, Header, Segment, Sink, Stray};

pub(super) const CLAIMS: &str = "
    isa 907 ask
    gs HC 12 005010X222A1
    st 837 0001 005010X222A1
    header BATCH7 BILLING_SERVICE CIGNA
    provider 1234567893 PAIN_CLINIC
    claim PCN1 12050 U123 20270901
    claim PCN2 5000 U123 20270902-20270905
    element SV1 31 2400 1:2 234 7 PCN3
    reject PCN3 9900 U456 20270903
    provider 1999999984 OTHER_CLINIC
    claim PCN4 100 U789 20270904
    se
    ge 1
    iea";

#[test]
fn a_claim_answer_states_totals_before_the_claims_that_they_are_of() {
    let answer = play_for(CLAIMS, Options::default(), "277ca");
    let expected = "\
ISA*00*          *00*          *30*PAYER1         *ZZ*SUBMITTER1     *270923*1205*^*00501*000000002*0*P*:~
GS*HN*PAYER01*SUBMIT01*20270923*1205*2*X*005010X214~
ST*277*0001*005010X214~
BHT*0085*08*000000002-2-0001*20270923*1205*TH~
HL*1**20*1~
NM1*PR*2*CIGNA*****46*62308~
TRN*1*000000002-2-0001~
DTP*050*D8*20270923~
DTP*009*D8*20270923~
HL*2*1*21*1~
NM1*41*2*BILLING SERVICE*****46*SUBMITTER1~
TRN*2*BATCH7~
STC*A1:19:PR*20270923*WQ*270.5~
QTY*90*3~
QTY*AA*1~
AMT*YU*171.5~
AMT*YY*99~
HL*3*2*19*1~
NM1*85*2*PAIN CLINIC*****XX*1234567893~
TRN*1*0~
STC*A1:19:PR**WQ*269.5~
QTY*QA*2~
QTY*QC*1~
AMT*YU*170.5~
AMT*YY*99~
HL*4*3*PT~
NM1*QC*1*DOE*JANE****MI*U123~
TRN*2*PCN1~
STC*A2:20*20270923*WQ*120.5~
REF*1K*ABCDEFGHIJKLMNOP~
DTP*472*D8*20270901~
TRN*2*PCN2~
STC*A2:20*20270923*WQ*50~
REF*1K*ABCDEFGHIJKLMNOP~
DTP*472*RD8*20270902-20270905~
HL*5*3*PT~
NM1*QC*1*DOE*JANE****MI*U456~
TRN*2*PCN3~
STC*A7:454*20270923*U*99~
DTP*472*D8*20270903~
HL*6*2*19*1~
NM1*85*2*OTHER CLINIC*****XX*1999999984~
TRN*1*0~
STC*A1:19:PR**WQ*1~
QTY*QA*1~
AMT*YU*1~
HL*7*6*PT~
NM1*QC*1*DOE*JANE****MI*U789~
TRN*2*PCN4~
STC*A2:20*20270923*WQ*1~
REF*1K*ABCDEFGHIJKLMNOP~
DTP*472*D8*20270904~
SE*51*0001~
GE*1*2~
IEA*1*000000002~
";
    assert_eq!(answer, expected);
}

#[test]
fn errors_are_told_by_segment_claim_and_element() {
    let answer = play_for(CLAIMS, Options::default(), "999");
    let expected = "\
ISA*00*          *00*          *30*PAYER1         *ZZ*SUBMITTER1     *270923*1205*^*00501*000000001*0*P*:~
GS*FA*PAYER01*SUBMIT01*20270923*1205*1*X*005010X231A1~
ST*999*0001*005010X231A1~
AK1*HC*12*005010X222A1~
AK2*837*0001*005010X222A1~
IK3*SV1*31*2400*8~
CTX*CLM01:PCN3~
IK4*1:2*234*7~
IK5*E*5~
AK9*E*1*1*1~
SE*9*0001~
GE*1*1~
IEA*1*000000001~
";
    assert_eq!(answer, expected);
}

#[test]
fn an_interchange_that_asks_gets_a_ta1() {
    let answer = play_for(CLAIMS, Options::default(), "ta1");
    let expected = "\
ISA*00*          *00*          *30*PAYER1         *ZZ*SUBMITTER1     *270923*1205*^*00501*000000003*0*P*:~
TA1*000000907*270923*1205*A*000~
IEA*0*000000003~
";
    assert_eq!(answer, expected);
}

/// The segments of an answer that begin with one of these ids.
fn told(answer: &str, ids: &[&str]) -> Vec<String> {
    let lines = answer.lines().map(|line| line.trim_end_matches('~'));
    let lines = lines.filter(|line| ids.iter().any(|id| line.starts_with(id)));
    lines.map(str::to_owned).collect()
}

#[test]
fn elements_of_one_segment_share_its_ik3() {
    let script = "
        isa 1
        gs HC 12 005010X222A1
        st 837 0001
        segment BHT 2 - 3
        element NM1 9 2010AA 9 67 1
        element NM1 9 2010AA 3::2 - 5
        element NM1 19 2010BA 9 67 1
        segment DOE_JANE 24 2300 1 PCN1
        reject PCN1 100 U123 -
        se
        ge 1
        iea";
    let answer = play_for(script, Options::default(), "999");
    assert_eq!(
        told(&answer, &["IK", "CTX"]),
        [
            "IK3*BHT*2**3",
            "IK3*NM1*9*2010*8",
            "IK4*9*67*1",
            "IK4*3::2**5",
            "IK3*NM1*19*2010*8",
            "IK4*9*67*1",
            "IK3*ZZZ*24*2300*1",
            "CTX*CLM01:PCN1",
            "IK5*E*5",
        ]
    );
}

#[test]
fn a_strict_answer_refuses_the_whole_set() {
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    let files = play(CLAIMS, strict);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["000001-000000907.999", "000001-000000907.ta1"]);
    let answer = &files["000001-000000907.999"];
    assert_eq!(told(answer, &["IK5", "AK9"]), ["IK5*R*5", "AK9*R*1*1*0"]);
}

pub(super) const SETS: &str = "
    isa 1
    gs HC 12 005010X222A1
    st 837 0001
    claim PCN1 100 U123 20270901
    se
    st 837 0002
    claim PCN2 100 U123 20270901
    se refused 3 4
    st 850 0003
    se refused 1
    ge 3";

#[test]
fn a_refused_set_is_told_and_its_claims_are_not() {
    let script = format!("{SETS}\niea");
    let answer = play_for(&script, Options::default(), "999");
    assert_eq!(
        told(&answer, &["AK2", "IK5", "AK9"]),
        [
            "AK2*837*0001",
            "IK5*A",
            "AK2*837*0002",
            "IK5*R*3*4",
            "AK9*P*3*3*1"
        ]
    );
    let answer = play_for(&script, Options::default(), "277ca");
    assert_eq!(told(&answer, &["TRN*2"]), ["TRN*2*0001", "TRN*2*PCN1"]);
}

#[test]
fn of_a_refused_group_nothing_is_told_but_why() {
    let script = format!(
        "{SETS}
        gs HC 13 005010X222A1
        st 837 0001
        element NM1 9 2010AA 9 67 1
        claim PCN3 100 U123 20270901
        se
        ge 2 refused 5
        gs HC 14 005010X222A1
        st 837 0001
        claim PCN4 100 U123 20270901
        se
        ge 1
        iea"
    );
    let files = play(&script, Options::default());
    let answer = &files["000001-000000001.999"];
    assert_eq!(
        told(answer, &["AK1", "IK3", "AK9", "GE", "IEA"]),
        [
            "AK1*HC*12*005010X222A1",
            "AK9*P*3*3*1",
            "GE*1*1",
            "AK1*HC*13*005010X222A1",
            "AK9*R*2*1*0*5",
            "GE*1*3",
            "AK1*HC*14*005010X222A1",
            "AK9*A*1*1*1",
            "GE*1*4",
            "IEA*3*000000001"
        ]
    );
    let answer = &files["000001-000000001.277ca"];
    assert_eq!(
        told(answer, &["TRN*2", "GE", "IEA"]),
        [
            "TRN*2*0001",
            "TRN*2*PCN1",
            "GE*1*2",
            "TRN*2*0001",
            "TRN*2*PCN4",
            "GE*1*5",
            "IEA*2*000000002"
        ]
    );
}

#[test]
fn what_is_forgiven_is_told_all_the_same() {
    let script = "
        isa 1
        gs HC 12 005010X222A1
        st 837 0001
        claim PCN1 100 U123 20270901
        se noted 4
        ge 2 noted 5
        gs HC 13 005010X222A1
        ge 1 noted 5
        iea";
    let files = play(script, Options::default());
    let answer = told(&files["000001-000000001.999"], &["IK5", "AK9"]);
    assert_eq!(answer, ["IK5*E*4", "AK9*E*2*1*1*5", "AK9*E*1*0*0*5"]);
    assert!(files.contains_key("000001-000000001.277ca"));
}

#[test]
fn a_refused_interchange_gets_a_ta1_and_no_other_answer() {
    let script = format!("{SETS}\niea R 021\nisa 2\ngs HC 1 005010X222A1\nge 0\niea");
    let files = play(&script, Options::default());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["000001-000000001.ta1", "000002-000000002.999"]);
    let ta1 = told(&files[names[0]], &["TA1", "IEA"]);
    assert_eq!(ta1, ["TA1*000000001*270923*1205*R*021", "IEA*0*000000001"]);
    // No control number is lost to answers that were not kept.
    let answer = told(&files[names[1]], &["AK9", "GE", "IEA"]);
    assert_eq!(answer, ["AK9*A*0*0*0", "GE*1*1", "IEA*1*000000002"]);
}

#[test]
fn what_does_not_end_is_refused() {
    let script = "
        isa 1
        gs HC 12 005010X222A1
        st 837 0001
        st 837 0002
        claim PCN1 100 U123 20270901
        gs HC 13 005010X222A1
        ge 0
        iea E 023
        isa 2
        gs HC 12 005010X222A1";
    let files = play(script, Options::default());
    let answer = told(&files["000001-000000001.999"], &["AK9", "IK5"]);
    assert_eq!(answer, ["AK9*R*2*2*0*3", "AK9*A*0*0*0"]);
    let answer = told(&files["000002-000000002.ta1"], &["TA1"]);
    assert_eq!(answer, ["TA1*000000002*270923*1205*R*023"]);
    assert_eq!(files.len(), 2);
}

#[test]
fn groups_that_nobody_answers_get_nothing() {
    let script = "
        isa -
        gs FA 1 005010X231A1
        st 999 0001
        se refused 1
        ge 1 refused 1
        iea R 022";
    // Without ISA13 a TA1 could not say which interchange it is about.
    assert!(play(script, Options::default()).is_empty());
}

#[test]
fn the_last_claim_can_be_rejected_after_all() {
    let script = "
        isa 1
        gs HC 12 005010X222A1
        st 837 0001
        claim PCN1 100 U123 20270901
        claim PCN2 250 U456 20270901
        cut A3:684
        cut A3:684
        se
        ge 1
        iea";
    let files = play(script, Options::default());
    let answer = told(
        &files["000001-000000001.277ca"],
        &["STC", "QTY", "AMT", "REF", "DTP*472", "SE"],
    );
    assert_eq!(
        answer,
        [
            "STC*A1:19:PR*20270923*WQ*3.5",
            "QTY*90*1",
            "QTY*AA*1",
            "AMT*YU*1",
            "AMT*YY*2.5",
            "STC*A1:19:PR**WQ*3.5",
            "QTY*QA*1",
            "QTY*QC*1",
            "AMT*YU*1",
            "AMT*YY*2.5",
            "STC*A2:20*20270923*WQ*1",
            "REF*1K*ABCDEFGHIJKLMNOP",
            "DTP*472*D8*20270901",
            "STC*A3:684*20270923*U*2.5",
            "DTP*472*D8*20270901",
            "SE*35*0001",
        ]
    );
    assert_eq!(told(&files["000001-000000001.999"], &["IK5"]), ["IK5*E*5"]);
}

#[test]
fn what_is_not_known_is_said_to_be_unknown() {
    let script = "
        isa 1
        gs HC 12 005010X222A1
        st 837 0001
        reject - x - -
        tax 001234567 CLINIC
        reject PCN1 100 U123 - A6:164:IL A7:187
        se
        ge 1
        iea";
    let answer = play_for(script, Options::default(), "277ca");
    assert_eq!(
        told(
            &answer,
            &["NM1", "TRN*2", "STC*A3", "STC*A6", "STC*A7", "DTP*472"]
        ),
        [
            "NM1*PR*2*PAYER01*****46*PAYER01",
            "NM1*41*2*SUBMIT01*****46*SUBMIT01",
            "TRN*2*0001",
            "NM1*85*2*UNKNOWN*****SV*UNKNOWN",
            "NM1*QC*1*DOE*JANE****MI*UNKNOWN",
            "TRN*2*0",
            "STC*A3:684*20270923*U*0",
            "DTP*472*D8*20270923",
            "NM1*85*2*CLINIC*****FI*001234567",
            "NM1*QC*1*DOE*JANE****MI*U123",
            "TRN*2*PCN1",
            "STC*A6:164:IL*20270923*U*1",
            "STC*A7:187*20270923*U*1",
            "DTP*472*D8*20270923",
        ]
    );
}

#[test]
fn numbers_and_dates_can_be_given() {
    let day = NaiveDate::from_ymd_opt(2028, 2, 29).unwrap();
    let options = Options {
        first_control_number: 999_999_999,
        dated: day.and_hms_opt(7, 5, 59),
        ..Options::default()
    };
    let files = play(CLAIMS, options.clone());
    let headers: Vec<String> = files
        .values()
        .flat_map(|file| told(file, &["GS", "IEA"]))
        .collect();
    assert_eq!(
        headers,
        [
            "GS*HN*PAYER01*SUBMIT01*20280229*0705*1*X*005010X214",
            "IEA*1*000000001",
            "GS*FA*PAYER01*SUBMIT01*20280229*0705*999999999*X*005010X231A1",
            "IEA*1*999999999",
            "IEA*0*000000002",
        ]
    );
    // The interchange is still named by its own date.
    assert!(files["000001-000000907.ta1"].contains("TA1*000000907*270923*1205*A*000~"));
    assert_eq!(files, play(CLAIMS, options));
}

/// Keeps the first header that is read.
struct First(Option<Header>);

impl Sink for First {
    fn header(&mut self, header: &Header, _: u64, _: u64) {
        self.0.get_or_insert_with(|| header.clone());
    }

    fn segment(&mut self, _: Segment<'_>) {}

    fn stray(&mut self, _: Stray) {}
}

#[test]
fn an_interchange_is_taken_from_its_header() {
    let asked = "ISA*00*          *00*          *01*A              *30*B              \
        *270923*1205*^*00501*000000907*1*T*:~";
    let mut first = First(None);
    let mut decoder = Decoder::default();
    decoder.push(asked.as_bytes(), &mut first);
    decoder.finish(&mut first);
    let header = first.0.unwrap();
    let interchange = Interchange::from(&header);
    assert!(interchange.wants_acknowledgement && interchange.is_test);
    assert_eq!(interchange.control_number, b"000000907");
    let (sender, receiver) = (interchange.sender, interchange.receiver);
    assert_eq!(
        (sender.qualifier, receiver.qualifier),
        (&b"01"[..], &b"30"[..])
    );
    assert_eq!(sender.id.trim_ascii(), b"A");
    assert_eq!(
        (interchange.date, interchange.time),
        (&b"270923"[..], &b"1205"[..])
    );
}

#[test]
fn files_appear_at_once_with_mode_0600_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Acknowledger::new(folder.path(), Options::default()).unwrap();
    let mut acknowledger = start();
    for line in CLAIMS.lines() {
        play_line(line, &mut acknowledger);
    }
    drop(acknowledger);
    assert!(files_in(folder.path()).is_empty());

    let mut acknowledger = start();
    for line in CLAIMS.lines() {
        play_line(line, &mut acknowledger);
    }
    let waiting = acknowledger.waiting_folder().to_owned();
    let answers = acknowledger.finish().unwrap();
    assert_eq!(answers.next_control_number(), 4);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&waiting), 0o700);
    answers.publish().unwrap();
    assert_eq!(files_in(folder.path()).len(), 3);
    assert_eq!(mode(&folder.path().join("000001-000000907.277ca")), 0o600);
}

#[test]
fn a_folder_that_is_not_there_is_named_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = Acknowledger::new(&missing, Options::default()).unwrap_err();
    assert_eq!(error.folder(), missing);
    let words = error.to_string();
    assert!(
        words.contains("missing: acknowledgements cannot be written:"),
        "{words}"
    );
}
