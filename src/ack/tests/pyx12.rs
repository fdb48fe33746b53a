//! A second opinion: pyx12 knows the three guides, and finds all answers valid.
//!
//! Its `x12valid` is on the path or named by `CLAIMSTREAM_X12VALID`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::super::*;
use super::counts::{TransactionSet, feed};
use super::exact::{CLAIMS, SETS};
use super::script::{play, play_for};

/// The validator of pyx12, where it is installed.
fn validator() -> Option<PathBuf> {
    let named = std::env::var_os("CLAIMSTREAM_X12VALID").map(PathBuf::from);
    let validator = named.unwrap_or_else(|| "x12valid".into());
    let found = Command::new(&validator).arg("--version").output();
    let found = found.ok().filter(|output| output.status.success());
    found.map(|_| validator)
}

/// One interchange with one group of so many claims, every other one rejected.
fn claims(count: usize) -> TransactionSet {
    TransactionSet {
        claims: (0..count).map(|n| (n as i64 * 7, n % 2 == 0)).collect(),
        providers: vec![count / 3, count / 2],
        findings: 2,
        is_refused: false,
    }
}

/// Every kind of finding and every place of an element.
fn findings() -> String {
    let mut script = String::from("isa 1 ask test\ngs HC 123456789012 005010X222A1\nst 837 1\n");
    for error in SegmentError::ALL {
        script += &format!("segment NM1 999999 2010AA {} PCN1\n", error.code());
    }
    for error in ElementError::ALL {
        let code = error.code();
        script += &format!("element SV1 0 2400 99:99:9999 9999 {code} PCN1\n");
        script += &format!("element HI 24 - 1::2 - {code}\n");
    }
    let statuses = Entity::ALL
        .iter()
        .map(|entity| format!("A7:562:{}", entity.code()));
    let statuses: Vec<String> = statuses.collect();
    for statuses in statuses.chunks(5) {
        script += &format!("reject PCN1 100 U1 20270901 {}\n", statuses.join(" "));
    }
    script += "se\n";
    for error in SetError::ALL {
        script += &format!("st 837 0002\nse refused {}\n", error.code());
    }
    script += "ge 10\n";
    for error in GroupError::ALL {
        script += &format!(
            "gs HC - 004010X098A1X\nge 1 refused {0}\ngs HC 1 -\nge 1 noted {0}\n",
            error.code()
        );
    }
    script += "iea\n";
    for (n, note) in InterchangeNote::ALL.iter().enumerate() {
        script += &format!("isa {n} ask\niea E {0}\nisa {n}\niea R {0}\n", note.code());
    }
    script
}

fn cases() -> Vec<(String, BTreeMap<String, String>)> {
    let mut cases = Vec::new();
    for strict in [false, true] {
        let options = Options {
            strict,
            first_control_number: 999_999_998,
            ..Options::default()
        };
        let mut case = |name: &str, script: &str| {
            cases.push((format!("{name}-{strict}"), play(script, options.clone())));
        };
        case("claims", CLAIMS);
        case("findings", &findings());
        case("sets", &format!("{SETS}\niea\n{CLAIMS}"));
        case("group", &CLAIMS.replace("ge 1", "ge 2 refused 3 5"));
        case("cut", &CLAIMS.replace("se\n", "cut A3:684\nse\n"));
        case("empty", "isa 1 ask\niea");
        let odd_texts: [&[u8]; 8] = [
            b"",
            b"~",
            b" A ",
            b"*:^~\r\n\x00\x07\x7f\x80\xff",
            "JOSÉ ÁÑ\u{1f600} ß".as_bytes(),
            b"|>!`\"'@#$%&()[]{}_\\<=/;?.,+-",
            &[b'W'; 200],
            &[b'9'; 200],
        ];
        for (n, odd) in odd_texts.into_iter().enumerate() {
            let group = |sets| (sets, false);
            let groups = vec![group(vec![claims(0), claims(5)]), group(vec![])];
            let files = feed(&vec![(groups.clone(), false), (groups, true)], odd, strict);
            cases.push((format!("odd{n}-{strict}"), files));
        }
    }
    let many = vec![(vec![(vec![claims(3000)], false)], false)];
    cases.push(("many".to_owned(), feed(&many, b"A1", false)));
    cases
}

#[test]
fn pyx12_accepts_every_answer() {
    let Some(validator) = validator() else {
        eprintln!(
            "skipped: pyx12 is not installed (pip install pyx12, or set CLAIMSTREAM_X12VALID)"
        );
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    for (case, files) in cases() {
        for (name, text) in files {
            let name = format!("{case}.{name}");
            fs::write(folder.path().join(&name), text).unwrap();
            names.push(name);
        }
    }
    for extension in ["ta1", "999", "277ca"] {
        let all = names.iter().filter(|name| name.ends_with(extension));
        assert!(all.count() > 10, "{extension}");
    }
    // A file that is not valid shows that the validator looks.
    let spoiled = play_for(CLAIMS, Options::default(), "999").replace("SE*9*", "SE*8*");
    fs::write(folder.path().join("spoiled.999"), spoiled).unwrap();
    let output = Command::new(&validator)
        .args(&names)
        .arg("spoiled.999")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("spoiled.999: Failure"), "{said}");
    let is_ok = |name: &&String| said.contains(&format!("{name}: OK"));
    let refused: Vec<&String> = names.iter().filter(|name| !is_ok(name)).collect();
    assert!(refused.is_empty(), "{refused:?}: {said}");
    // Of an interchange without a functional group, which a TA1 is, it complains and says OK.
    let complaints = said.lines().filter(|line| {
        line.contains("ERROR") && !line.contains("(GS_LOOP)") && !line.contains("SE count")
    });
    assert_eq!(complaints.count(), 0, "{said}");
}
