//! Whose claims are whose, in answers and in files written apart, where levels stand under others
//! than the ones before them; and what is told of claims and envelopes with several faults.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::planted::{claimstream, files_in, run, text};

const HEADER: &str = "\
ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLAIMSTREAM    *260105*0600*^*00501*000000001*0*P*:~
GS*HC*CLINIC*CLAIMSTREAM*20260105*0600*1*X*005010X222A1~
";

const SET: &str = "\
ST*837*0001*005010X222A1~
BHT*0019*00*R1*20260105*0600*CH~
NM1*41*2*CLINIC*****46*CLINIC1~
PER*IC*BILLING*TE*5015550100~
NM1*40*2*CLAIMSTREAM*****46*RECEIVER1~
";

/// Segments of a transaction set with their SE, in a group of an interchange.
fn whole(segments: &str) -> String {
    let count = format!("{SET}{segments}").matches('~').count() + 1;
    format!("{HEADER}{SET}{segments}SE*{count}*0001~\nGE*1*1~\nIEA*1*000000001~\n")
}

fn provider(number: u32, name: &str, npi: &str) -> String {
    format!(
        "HL*{number}**20*1~\nNM1*85*2*{name}*****XX*{npi}~\nN3*1 MAIN STREET~\n\
         N4*LITTLE ROCK*AR*722010001~\nREF*EI*123456789~\n"
    )
}

fn subscriber(number: u32, parent: u32, first_name: &str, children: u32) -> String {
    format!(
        "HL*{number}*{parent}*22*{children}~\nSBR*P*18*******CI~\n\
         NM1*IL*1*DOE*{first_name}****MI*ID{first_name}~\nN3*2 OAK STREET~\n\
         N4*LITTLE ROCK*AR*72201~\nDMG*D8*19700101*F~\nNM1*PR*2*PAYER*****PI*62308~\n"
    )
}

fn patient(number: u32, parent: u32, first_name: &str) -> String {
    format!(
        "HL*{number}*{parent}*23*0~\nPAT*19~\nNM1*QC*1*DOE*{first_name}~\nN3*2 OAK STREET~\n\
         N4*LITTLE ROCK*AR*72201~\nDMG*D8*20150101*M~\n"
    )
}

fn claim(number: &str) -> String {
    format!(
        "CLM*{number}*90***11:B:1*Y*A*Y*Y~\nHI*ABK:M7918~\nLX*1~\nSV1*HC:20553*90*UN*1***1~\n\
         DTP*472*D8*20260102~\n"
    )
}

/// KIM stands behind BEN and names ANN; CAL stands behind OTHER and names CLINIC.
fn under_others() -> String {
    let parts = [
        provider(1, "CLINIC", "1234567893"),
        subscriber(2, 1, "ANN", 1) + &claim("P1"),
        subscriber(3, 1, "BEN", 0) + &claim("P2"),
        patient(4, 2, "KIM") + &claim("P3"),
        provider(5, "OTHER", "1999999992"),
        subscriber(6, 1, "CAL", 0) + &claim("P4"),
        subscriber(7, 5, "DEE", 0) + &claim("P5"),
    ];
    whole(&parts.concat())
}

/// Runs a command over a file of that text; its answers, joined.
fn answered(folder: &Path, input: &str, command: &[&str]) -> String {
    let (path, answers) = (folder.join("in.837"), folder.join("answers"));
    fs::create_dir(&answers).unwrap();
    fs::write(&path, input).unwrap();
    let output = claimstream(&[command, &[text(&path), "--ack", text(&answers)]].concat());
    let status = { output }.output().unwrap().status.code();
    assert!(matches!(status, Some(0 | 1)), "{status:?}");
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    files_in(&answers).iter().map(read).collect()
}

/// The segments of answers that begin so.
fn told<'a>(answers: &'a str, starts: &[&str]) -> Vec<&'a str> {
    let segments = answers.split("~\n");
    segments
        .filter(|segment| starts.iter().any(|start| segment.starts_with(start)))
        .collect()
}

#[test]
fn nobody_gets_the_claim_of_another_where_levels_are_out_of_place() {
    for level in ["1", "5"] {
        let folder = TempDir::new().unwrap();
        let command = ["validate", "--level", level];
        let answers = answered(folder.path(), &under_others(), &command);
        let people = told(&answers, &["NM1*85", "NM1*QC", "TRN*2*P"]);
        let expected = [
            "NM1*85*2*CLINIC*****XX*1234567893",
            "NM1*QC*1*DOE*ANN****MI*IDANN",
            "TRN*2*P1",
            "NM1*QC*1*DOE*BEN****MI*IDBEN",
            "TRN*2*P2",
            // Whose member KIM is, and who billed for KIM and CAL, is not known.
            "NM1*85*2*UNKNOWN*****SV*UNKNOWN",
            "NM1*QC*1*DOE*KIM****MI*UNKNOWN",
            "TRN*2*P3",
            "NM1*85*2*UNKNOWN*****SV*UNKNOWN",
            "NM1*QC*1*DOE*CAL****MI*IDCAL",
            "TRN*2*P4",
            "NM1*85*2*OTHER*****XX*1999999992",
            "NM1*QC*1*DOE*DEE****MI*IDDEE",
            "TRN*2*P5",
        ];
        assert_eq!(people, expected, "level {level}");
    }
}

#[test]
fn no_claim_is_written_under_another_subscriber() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("in.837"), under_others()).unwrap();
    let names = [path("in.837"), path("valid.837"), path("rejected.837")];
    let [input, valid, rejected] = &names;
    let outputs = ["--out-valid", text(valid), "--out-rejected", text(rejected)];
    let output = run(&[&["validate", text(input)], &outputs[..]].concat(), 1);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("2 claims not written"), "{words}");
    let written = fs::read_to_string(valid).unwrap();
    let claims = told(&written, &["NM1*85", "NM1*IL", "NM1*QC", "CLM"]);
    let expected = [
        "NM1*85*2*CLINIC*****XX*1234567893",
        "NM1*IL*1*DOE*ANN****MI*IDANN",
        "CLM*P1*90***11:B:1*Y*A*Y*Y",
        "NM1*IL*1*DOE*BEN****MI*IDBEN",
        "CLM*P2*90***11:B:1*Y*A*Y*Y",
        "NM1*85*2*OTHER*****XX*1999999992",
        "NM1*IL*1*DOE*DEE****MI*IDDEE",
        "CLM*P5*90***11:B:1*Y*A*Y*Y",
    ];
    assert_eq!(claims, expected);
    assert_eq!(fs::read_to_string(rejected).unwrap(), "");
}

#[test]
fn a_claim_with_several_faults_has_a_status_for_each() {
    let claim = claim("P1")
        .replace("11:B:1", "11:B:X1")
        .replace("20260102", "20260231")
        .replace("HC:20553", "HC:2055X3");
    let levels = provider(1, "CLINIC", "1234567893") + &subscriber(2, 1, "ANN", 0);
    let folder = TempDir::new().unwrap();
    let answers = answered(folder.path(), &whole(&(levels + &claim)), &["validate"]);
    let statuses = told(&answers, &["STC*A3", "STC*A6", "STC*A7", "STC*A8"]);
    let expected = [
        "STC*A7:535*20260105*U*90",
        "STC*A7:454*20260105*U*90",
        "STC*A7:187*20260105*U*90",
    ];
    assert_eq!(statuses, expected);
}

#[test]
fn what_lenient_envelopes_forgive_is_told() {
    let levels = provider(1, "CLINIC", "1234567893") + &subscriber(2, 1, "ANN", 0);
    let sound = whole(&(levels + &claim("P1")));
    let (before, _) = sound.split_once("SE*").unwrap();
    let se = &sound[before.len()..][..10];
    let cases = [
        (
            "SE*9*0001~\nGE*1*1~\nIEA*1*000000001~\n",
            ["IK5*E*4", "AK9*E*1*1*1"],
            "",
        ),
        (
            "SE*N*0002~\nGE*1*1~\nIEA*1*000000001~\n",
            ["IK5*E*3", "AK9*E*1*1*1"],
            "",
        ),
        (
            "GE*1*1~\nIEA*1*000000001~\n",
            ["IK5*E*2", "AK9*E*1*1*1"],
            "",
        ),
        (
            "SE*N*0001~\nGE*2*1~\nIEA*1*000000001~\n",
            ["IK5*A", "AK9*E*2*1*1*5"],
            "",
        ),
        (
            "SE*N*0001~\nGE*1*2~\nIEA*1*000000001~\n",
            ["IK5*A", "AK9*E*1*1*1*4"],
            "",
        ),
        (
            "SE*N*0001~\nIEA*1*000000001~\n",
            ["IK5*A", "AK9*E*1*1*1*3"],
            "",
        ),
        (
            "SE*N*0001~\nGE*1*1~\nIEA*2*000000001~\n",
            ["IK5*A", "AK9*A*1*1*1"],
            "E*021",
        ),
        (
            "SE*N*0001~\nGE*1*1~\nIEA*1*000000002~\n",
            ["IK5*A", "AK9*A*1*1*1"],
            "E*001",
        ),
        ("SE*N*0001~\nGE*1*1~\n", ["IK5*A", "AK9*A*1*1*1"], "E*023"),
    ];
    for (end, functional, interchange) in cases {
        let count = se.split('*').nth(1).unwrap();
        // A TA1 is asked for (ISA14).
        let input = format!("{before}{}", end.replace("SE*N", &format!("SE*{count}")));
        let input = input.replacen("*000000001*0*P*", "*000000001*1*P*", 1);
        let folder = TempDir::new().unwrap();
        let command = ["validate", "--lenient-envelope"];
        let answers = answered(folder.path(), &input, &command);
        assert_eq!(told(&answers, &["IK5", "AK9"]), functional, "{end}");
        let acknowledged = told(&answers, &["TA1"]);
        let wanted = if interchange.is_empty() {
            "A*000"
        } else {
            interchange
        };
        assert!(
            acknowledged.len() == 1 && acknowledged[0].ends_with(wanted),
            "{end}: {acknowledged:?}"
        );
    }
}

#[test]
fn two_groups_of_one_control_number_are_taken_with_a_warning() {
    let levels = provider(1, "CLINIC", "1234567893") + &subscriber(2, 1, "ANN", 0);
    let sound = whole(&(levels + &claim("P1")));
    let (before, end) = sound.split_once("IEA*").unwrap();
    let again = &before[before.find("GS*").unwrap()..];
    let other = again.replace("*1*X*", "*2*X*").replace("GE*1*1", "GE*1*2");
    for (second, distinct) in [(again.to_owned(), 1), (other, 2)] {
        let input = format!("{before}{second}IEA*{}", end.replacen('1', "2", 1));
        let folder = TempDir::new().unwrap();
        let errors = folder.path().join("errors.jsonl");
        let command = ["validate", "--errors", errors.to_str().unwrap()];
        let answers = answered(folder.path(), &input, &command);
        assert_eq!(told(&answers, &["AK9"]), ["AK9*A*1*1*1", "AK9*A*1*1*1"]);
        let mut numbers = told(&answers, &["REF*1K"]);
        numbers.dedup();
        assert_eq!(numbers.len(), distinct, "distinct claim control numbers");
        let warned = fs::read_to_string(errors).unwrap();
        assert_eq!(
            warned.matches("gs-control-number-duplicate").count(),
            2 - distinct
        );
    }
}

#[test]
fn no_two_outputs_have_one_name() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::create_dir(path("answers")).unwrap();
    fs::write(path("in.837"), under_others()).unwrap();
    let dotted = format!("{}/./x", folder.path().display());
    let two = "two outputs have this name";
    let cases = [
        (
            "validate",
            ["--out-valid", "--out-rejected"],
            [path("x"), dotted.clone()],
            two,
        ),
        (
            "validate",
            ["--errors", "--out-valid"],
            [path("x"), path("x")],
            two,
        ),
        (
            "validate",
            ["--errors", "--out-rejected"],
            [path("x"), dotted],
            two,
        ),
        (
            "validate",
            ["--ack", "--errors"],
            [path("answers"), path("answers")],
            "this is the folder for --ack; name another output",
        ),
        (
            "validate",
            ["--ack", "--out-valid"],
            [path("answers"), path("answers/000001-000000001.277ca")],
            "an answer in the folder for --ack may have this name",
        ),
        (
            "adjudicate",
            ["--ack", "--errors"],
            [path("answers"), path("answers/000001-000000001.999")],
            "an answer in the folder for --ack may have this name",
        ),
    ];
    for (command, options, names, problem) in cases {
        let [first, second] = options;
        let arguments = [
            command,
            &path("in.837"),
            first,
            &names[0],
            second,
            &names[1],
        ];
        let words = String::from_utf8(run(&arguments, 2).stderr).unwrap();
        assert!(words.contains(problem), "{arguments:?}: {words}");
        assert_eq!(words.trim_end().lines().count(), 1, "{words}");
        assert!(!Path::new(&path("x")).exists());
        assert_eq!(files_in(Path::new(&path("answers"))).len(), 0);
    }
}
