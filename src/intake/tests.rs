//! Whole inputs, read in every way that must not matter.

mod checked;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::pipeline::{Beside, read_in_pieces};
use super::{Intake, Observer, ReadOptions, list_inputs};
use crate::guide;
use crate::policy::{Members, Plans};
use crate::timeline::{Batch, Claim, ServiceLine};
use crate::validate::Checks;
use crate::x12::{Issue, Severity};

const LARGE: usize = 1 << 19;

#[derive(Default)]
struct Heard(Vec<Issue>);

impl Observer for Heard {
    fn issue(&mut self, issue: Issue) {
        self.0.push(issue);
    }

    fn progress(&mut self, _bytes: u64, _claims: u64) {}
}

fn options<'a>(plans: &'a Plans, members: &'a Members, lenient_envelope: bool) -> ReadOptions<'a> {
    ReadOptions {
        plans,
        members,
        all_lines: true,
        lenient_envelope,
        strict: false,
        checks: None,
    }
}

fn read_path(path: &Path, piece_bytes: usize, is_lenient: bool) -> (Intake, Vec<Issue>) {
    read_checked(path, piece_bytes, is_lenient, None)
}

fn read_checked(
    path: &Path,
    piece_bytes: usize,
    is_lenient: bool,
    checks: Option<&Checks>,
) -> (Intake, Vec<Issue>) {
    let (plans, members) = (Plans::default(), Members::default());
    let mut heard = Heard::default();
    let inputs = list_inputs(&[path.to_owned()]).unwrap();
    let options = ReadOptions {
        checks,
        ..options(&plans, &members, is_lenient)
    };
    let intake = read_in_pieces(
        &inputs.list,
        options,
        piece_bytes,
        Beside::default(),
        &mut heard,
    );
    (intake.unwrap(), heard.0)
}

fn read_text(text: &[u8]) -> (Intake, Vec<Issue>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    read_path(file.path(), LARGE, false)
}

/// One transaction set with these segments behind the billing provider's, and right counts.
fn file(segments: &str) -> String {
    let body: Vec<&str> = segments
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut text = String::from(
        "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*CLAIMSTREAM    *260105*0600*^*00501*000000001*0*P*:~\n\
         GS*HC*CLINIC*CLAIMSTREAM*20260105*0600*1*X*005010X222A1~\n\
         ST*837*0001*005010X222A1~\nBHT*0019*00*R1*20260105*0600*CH~\n\
         HL*1**20*1~\nNM1*85*2*CLINIC*****XX*1234567893~\nREF*EI*123456789~\n",
    );
    for segment in &body {
        writeln!(text, "{segment}~").unwrap();
    }
    let count = body.len() + 6;
    writeln!(text, "SE*{count}*0001~\nGE*1*1~\nIEA*1*000000001~").unwrap();
    text
}

const SUBSCRIBER: &str =
    "HL*2*1*22*0\nSBR*P*18*******CI\nNM1*IL*1*DOE*PAT****MI* w1x \nNM1*PR*2*PAYER*****PI*62308\n";
const LINE: &str = "LX*1\nSV1*HC:20552:rt:59*120*UN*1***1:2\nDTP*472*D8*20260102\nREF*6R*L1\n";

/// Reads one claim with one line.
fn one(segments: &str) -> (Batch, Claim, ServiceLine) {
    let (intake, issues) = read_text(file(segments).as_bytes());
    assert!(issues.is_empty(), "{issues:?}");
    let (claim, line) = (intake.batch.claims[0].clone(), intake.batch.lines[0]);
    (intake.batch, claim, line)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn renderer(segments: &str) -> String {
    let (batch, _, line) = one(segments);
    text(batch.symbols.bytes(line.rendering_provider)).to_owned()
}

fn member(segments: &str) -> String {
    let (batch, claim, _) = one(segments);
    text(batch.symbols.bytes(claim.member)).to_owned()
}

#[test]
fn a_line_has_the_facts_of_its_claim_and_levels() {
    let (batch, claim, line) = one(&format!(
        "{SUBSCRIBER}CLM*P1*120***11:B:7\nREF*F8*OLD1\nHI*ABK:m79.18*ABF:M542\n{LINE}"
    ));
    assert_eq!(text(batch.text(claim.patient_control_number)), "P1");
    assert_eq!(text(batch.original_reference_of(&claim).unwrap()), "OLD1");
    assert_eq!(text(batch.symbols.bytes(claim.member)), "W1X");
    assert_eq!(
        text(batch.symbols.bytes(claim.billing_provider)),
        "1234567893"
    );
    let pointed: Vec<_> = batch
        .diagnoses_pointed_at(&line)
        .map(|code| text(code.unwrap()))
        .collect();
    assert_eq!(pointed, ["M7918", "M542"]);
    let modifiers: Vec<_> = batch.modifiers_of(&line).map(text).collect();
    assert_eq!(modifiers, ["RT", "59"]);
    assert_eq!(text(batch.text(line.line_control_number)), "L1");
    assert_eq!(batch.control_number_of(&claim).as_str(), "F2NOTEAE224G7LGM");
}

#[test]
fn a_dependent_is_told_by_birth_sex_and_first_name() {
    let patient = "HL*3*2*23*0\nPAT*19\nNM1*QC*1*DOE*zoé\nDMG*D8*20150320*f\n";
    let claim = format!("CLM*P1*120***11:B:1\n{LINE}");
    assert_eq!(
        member(&format!("{SUBSCRIBER}{patient}{claim}")),
        "W1X/20150320/F/ZOÉ"
    );
    let bare = format!("{SUBSCRIBER}HL*3*2*23*0\nPAT*19\n{claim}");
    assert_eq!(member(&bare), "W1X///");
}

#[test]
fn the_renderer_is_the_lines_then_the_claims_then_the_billing_provider() {
    let claim = format!("{SUBSCRIBER}CLM*P1*120***11:B:1\n");
    let (of_claim, of_line) = (
        "NM1*82*1*A*B****XX*1111111111\n",
        "NM1*82*1*A*B****XX*2222222222\n",
    );
    assert_eq!(renderer(&format!("{claim}{LINE}")), "1234567893");
    assert_eq!(renderer(&format!("{claim}{of_claim}{LINE}")), "1111111111");
    assert_eq!(
        renderer(&format!("{claim}{of_claim}{LINE}{of_line}")),
        "2222222222"
    );
    assert_eq!(
        renderer(&format!("{claim}{LINE}NM1*82*1*A*B\n")),
        "1234567893"
    );
}

#[test]
fn other_payers_loops_change_nothing() {
    let others = "SBR*S*18*******CI\nNM1*IL*1*ROE*ANN****MI*OTHER\nNM1*PR*2*OTHER*****PI*99999\n\
                  REF*F8*THEIRS\nNM1*82*1\nREF*G2*THEIRS\nDTP*573*D8*20260103\n";
    let adjudication =
        "SVD*99999*20*HC:20553**1\nDTP*472*D8*19990101\nREF*6R*THEIRS\nNM1*82*1*A*B****XX*9\n";
    let (batch, claim, line) = one(&format!(
        "{SUBSCRIBER}CLM*P1*120***11:B:1\n{others}{LINE}{adjudication}"
    ));
    assert_eq!(text(batch.symbols.bytes(claim.member)), "W1X");
    assert_eq!(batch.original_reference_of(&claim), None);
    assert!(!claim.other_payer);
    assert_eq!(
        text(batch.symbols.bytes(line.rendering_provider)),
        "1234567893"
    );
    assert_eq!(
        text(batch.symbols.bytes(batch.service_of(&line).procedure)),
        "20552"
    );
    assert_eq!(text(batch.text(line.line_control_number)), "L1");
    assert_eq!(
        line.service_date.date(),
        chrono::NaiveDate::from_ymd_opt(2026, 1, 2)
    );
}

#[test]
fn a_billing_provider_without_npi_is_its_tax_id_then_the_payers_id() {
    let identity = |from: &str, to: &str| {
        let claim = format!("{SUBSCRIBER}REF*G2*G1\nCLM*P1*120***11:B:1\n{LINE}");
        let text_of = file(&claim).replace(from, to);
        let (intake, _) = read_text(text_of.as_bytes());
        let batch = &intake.batch;
        text(batch.symbols.bytes(batch.claims[0].billing_provider)).to_owned()
    };
    assert_eq!(identity("*XX*1234567893", ""), "123456789");
    assert_eq!(
        identity(
            "NM1*85*2*CLINIC*****XX*1234567893~\nREF*EI*123456789",
            "NM1*85*2*CLINIC~\nREF*0B*7"
        ),
        "G1"
    );
    assert_eq!(
        identity(
            "NM1*85*2*CLINIC*****XX*1234567893~\nREF*EI*123456789",
            "NM1*87*2~\nREF*EI*7"
        ),
        "G1"
    );
}

#[test]
fn line_breaks_inside_segments_are_dropped() {
    let whole = file(&format!("{SUBSCRIBER}CLM*P1*120***11:B:1\n{LINE}"));
    let one_line = whole.replace('\n', "");
    let (expected, _) = read_text(whole.as_bytes());
    for width in [80, 64, 11, 4] {
        let rows = one_line.as_bytes().chunks(width);
        let wrapped: String = rows.map(|row| format!("{}\r\n", text(row))).collect();
        let (got, issues) = read_text(wrapped.as_bytes());
        assert!(issues.is_empty(), "{width}: {issues:?}");
        assert_eq!(got.batch.lines, expected.batch.lines);
        assert_eq!(got.counts.claims, expected.counts.claims);
    }
}

#[test]
fn latin_1_names_are_read() {
    let mut bytes = file(&format!(
        "{SUBSCRIBER}HL*3*2*23*0\nNM1*QC*1*DOE*JOS?\nCLM*P1*120***11:B:1\n{LINE}"
    ))
    .into_bytes();
    let place = bytes.iter().position(|&byte| byte == b'?').unwrap();
    bytes[place] = 0xe9;
    let (intake, _) = read_text(&bytes);
    let member = intake.batch.symbols.bytes(intake.batch.claims[0].member);
    assert_eq!(text(member), "W1X///JOSÉ");
}

#[test]
fn a_parent_far_back_is_found_and_one_too_far_is_an_error() {
    let subscriber = |id: usize, parent: usize| {
        format!(
            "HL*{id}*{parent}*22*0\nNM1*IL*1*D*P****MI*M{id}\nCLM*P{id}*1***11:B:1\nLX*1\nSV1*HC:20552*1*UN*1***1\n"
        )
    };
    let mut segments = String::from("HL*2**20*1\nNM1*85*2*OTHER*****XX*1999999992\n");
    for id in 3..3 + 100 {
        segments += &subscriber(id, 2);
    }
    let first = subscriber(200, 1);
    let (intake, issues) = read_text(file(&(segments + &first)).as_bytes());
    assert!(issues.is_empty(), "{issues:?}");
    let batch = &intake.batch;
    let last = batch.claims.last().unwrap();
    assert_eq!(
        text(batch.symbols.bytes(last.billing_provider)),
        "1234567893"
    );
    assert_eq!(
        text(batch.symbols.bytes(batch.claims[0].billing_provider)),
        "1999999992"
    );
}

#[test]
fn lenient_envelopes_forgive_counts_numbers_and_trailers_but_no_cut_claim() {
    let claims = format!("{SUBSCRIBER}CLM*P1*120***11:B:1\n{LINE}CLM*P2*120***11:B:1\n{LINE}");
    let whole = file(&claims);
    let cut = &whole[..whole.find("SE*").unwrap()];
    for (text_of, accepted, codes) in [
        (whole.replace("SE*", "SE*9"), 2, "se-count-wrong"),
        (
            whole.replace("IEA*1*000000001", "IEA*4*9"),
            2,
            "iea-control-number-wrong iea-count-wrong",
        ),
        (whole.replace("GE*1*1~\n", ""), 2, "ge-missing"),
        (
            cut.to_owned(),
            1,
            "iea-missing claim-cut ge-missing se-missing",
        ),
    ] {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &text_of).unwrap();
        let (intake, issues) = read_path(file.path(), LARGE, true);
        let heard: Vec<_> = issues.iter().map(|issue| issue.code).collect();
        assert_eq!(heard.join(" "), codes);
        assert_eq!(intake.batch.claims.len(), accepted, "{codes}");
        let errors = issues
            .iter()
            .filter(|issue| issue.severity == Severity::Error)
            .count();
        assert_eq!(errors, usize::from(codes.contains("claim-cut")), "{codes}");
        let (strict, _) = read_path(file.path(), LARGE, false);
        assert!(strict.batch.claims.is_empty(), "{codes}");
    }
}

/// Everything that reading gives, as text.
fn whole_result((intake, issues): &(Intake, Vec<Issue>)) -> String {
    let batch = &intake.batch;
    let mut text = format!(
        "{:?}\n{issues:?}\n{:?}\n",
        intake.counts, batch.transaction_sets
    );
    for claim in &batch.claims {
        let number = batch.control_number_of(claim);
        let member = batch.symbols.bytes(claim.member);
        writeln!(
            text,
            "{number} {claim:?} {}",
            String::from_utf8_lossy(member)
        )
        .unwrap();
    }
    writeln!(text, "{:?}", batch.lines).unwrap();
    text
}

fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files = vec![root.join("overnight.837")];
    for folder in ["defects", "validation"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        files.extend(paths.filter(|path| path.extension().is_some_and(|ending| ending != "txt")));
    }
    files.sort();
    files
}

/// Reads a file in every way that must not matter.
fn check_cuts(path: &Path, is_lenient: bool, checks: Option<&Checks>) {
    let read = |piece_bytes| whole_result(&read_checked(path, piece_bytes, is_lenient, checks));
    let expected = read(LARGE);
    for piece_bytes in [1, 2, 3, 61, 512, 1000, 4096] {
        let is_same = read(piece_bytes) == expected;
        assert!(is_same, "{} in pieces of {piece_bytes}", path.display());
    }
    for threads in [1, 2, 3, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let is_same = pool.install(|| read(700)) == expected;
        assert!(is_same, "{} on {threads} threads", path.display());
    }
}

#[test]
fn the_cut_of_the_input_and_the_number_of_threads_change_nothing() {
    for path in fixtures() {
        check_cuts(&path, false, None);
        check_cuts(&path, true, None);
    }
}

/// What is told of an input up to where its compression is cut, in pieces of 700 bytes.
fn told_before_cut(path: &Path, threads: usize) -> Vec<u64> {
    let (plans, members) = (Plans::default(), Members::default());
    let inputs = list_inputs(&[path.to_owned()]).unwrap();
    let mut heard = Heard::default();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let read = pool.install(|| {
        let options = options(&plans, &members, false);
        read_in_pieces(&inputs.list, options, 700, Beside::default(), &mut heard)
    });
    assert!(read.unwrap_err().to_string().contains("cut short"));
    let places = heard.0.iter().map(|issue| issue.segment_in_file);
    places.map(Option::unwrap).collect()
}

#[test]
fn what_is_told_of_a_cut_compression_is_the_same_on_any_number_of_threads() {
    let claims = format!("CLM*A*120***11:B:1\nZZZ*1\n{LINE}").repeat(500);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed
        .write_all(file(&format!("{SUBSCRIBER}{claims}")).as_bytes())
        .unwrap();
    let packed = packed.finish().unwrap();
    let cut = tempfile::NamedTempFile::new().unwrap();
    fs::write(cut.path(), &packed[..packed.len() - 12]).unwrap();
    let expected = told_before_cut(cut.path(), 1);
    assert!(expected.len() > 100, "{}", expected.len());
    for threads in [2, 3, 8] {
        assert_eq!(told_before_cut(cut.path(), threads), expected);
    }
}

#[test]
fn the_cut_and_the_threads_change_nothing_of_what_is_found() {
    let checks = Checks::new(guide::professional().unwrap(), 5, &[]).unwrap();
    let keeping = checks.clone().keeping_bytes();
    for path in fixtures() {
        check_cuts(&path, false, Some(&checks));
        check_cuts(&path, true, Some(&keeping));
    }
}

#[test]
fn wrapped_lines_have_the_same_findings() {
    let checks = Checks::new(guide::professional().unwrap(), 5, &[]).unwrap();
    for path in fixtures()
        .iter()
        .filter(|path| path.parent().unwrap().ends_with("validation"))
    {
        let told = |text: &[u8]| {
            let file = tempfile::NamedTempFile::new().unwrap();
            fs::write(file.path(), text).unwrap();
            let (_, issues) = read_checked(file.path(), LARGE, false, Some(&checks));
            let place = |issue: &Issue| (issue.segment_in_file, issue.element, issue.code);
            issues.iter().map(place).collect::<Vec<_>>()
        };
        let one_line = fs::read_to_string(path).unwrap().replace('\n', "");
        let expected = told(one_line.as_bytes());
        for width in [80, 11] {
            let rows = one_line.as_bytes().chunks(width);
            let wrapped: String = rows.map(|row| format!("{}\r\n", text(row))).collect();
            assert_eq!(
                told(wrapped.as_bytes()),
                expected,
                "{} {width}",
                path.display()
            );
        }
    }
}

#[test]
fn counts_add_up_on_every_input() {
    let checks = Checks::new(guide::professional().unwrap(), 5, &[]).unwrap();
    for path in fixtures() {
        for checks in [None, Some(&checks)] {
            let (intake, _) = read_checked(&path, LARGE, false, checks);
            let (counts, batch) = (&intake.counts, &intake.batch);
            let (claims, lines) = (batch.claims.len() as u64, batch.lines.len() as u64);
            for (tally, kept) in [(counts.claims, claims), (counts.lines, lines)] {
                let sum = tally.refused + tally.rejected + kept;
                assert_eq!(tally.read, sum, "{}", path.display());
            }
        }
    }
}
