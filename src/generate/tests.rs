//! The shares that the documentation promises, and bytes that stay what they are.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::*;

/// Generates in memory.
fn generate(options: Options) -> (Vec<u8>, Answers) {
    let mut file = Vec::new();
    let answers = Generator::new(options)
        .unwrap()
        .write_to(&mut file)
        .unwrap();
    (file, answers)
}

/// The segments of a file, as elements.
fn segments(file: &[u8]) -> impl Iterator<Item = Vec<&str>> {
    let text = std::str::from_utf8(file).unwrap();
    let segments = text.split_terminator("~\n");
    segments.map(|segment| segment.split('*').collect())
}

#[track_caller]
fn assert_near(name: &str, part: u64, whole: u64, thousandths: u64, tolerance: u64) {
    let measured = part * 1000 / whole;
    assert!(
        measured.abs_diff(thousandths) <= tolerance,
        "{name}: {measured} thousandths, not {thousandths}"
    );
}

#[test]
fn shares_are_those_that_are_promised() {
    let (file, answers) = generate(Options {
        claims: 60_000,
        seed: 4,
        ..Options::default()
    });
    let (claims, lines) = (answers.claims, answers.lines);
    let injected = answers.injection_lines + answers.guidance_lines;
    assert_near("lines of a claim", lines, claims, 2500, 50);
    assert_near("injected lines", injected, lines, 30, 2);
    assert_near("office visits", answers.office_visit_lines, lines, 400, 15);
    assert_near("dependents", answers.dependent_claims, claims, 150, 10);
    assert_near(
        "other payers",
        answers.secondary_payer_claims,
        claims,
        100,
        10,
    );
    assert_near("bytes of a claim", answers.bytes, claims, 750_000, 50_000);
    let per_claim = file
        .split(|&byte| byte == b'\n')
        .fold(vec![0], |mut counts, segment| {
            match segment {
                [b'C', b'L', b'M', b'*', ..] => counts.push(0),
                [b'S', b'V', b'1', b'*', ..] => *counts.last_mut().unwrap() += 1,
                _ => {}
            }
            counts
        });
    let numbers: BTreeSet<i32> = per_claim[1..].iter().copied().collect();
    assert_eq!(numbers, (1..=6).collect());
}

#[test]
fn other_shares_of_injections_are_met_as_well() {
    for (inject, nightly) in [
        (0, false),
        (5, true),
        (100, false),
        (250, true),
        (400, false),
    ] {
        let (_, answers) = generate(Options {
            claims: 30_000,
            seed: 11,
            inject: Share::from_millionths(inject * 1000),
            nightly,
            ..Options::default()
        });
        let injected = answers.injection_lines + answers.guidance_lines;
        let tolerance = 2 + u64::from(inject) / 15;
        assert_near(
            "injected",
            injected,
            answers.lines,
            inject.into(),
            tolerance,
        );
    }
}

#[test]
fn the_bytes_of_a_seed_stay_what_they_are() {
    for (nightly, expected) in [
        (
            false,
            "da1b62c47715a315c0ed7665f6b7b2d4fe5997d96b1e83df4a23b47538a8ca36",
        ),
        (
            true,
            "430fafd4a79442dfabc4775b255dbb7d90d3b7b7ac075b7bbbbcec4c93cfb00b",
        ),
    ] {
        let (file, _) = generate(Options {
            claims: 5000,
            seed: 42,
            dirt: Share::from_millionths(50_000),
            nightly,
            ..Options::default()
        });
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&file));
        assert_eq!(digest, expected, "nightly: {nightly}");
    }
}

#[test]
fn levels_and_trailers_are_counted_right() {
    let (file, answers) = generate(Options {
        claims: 4000,
        seed: 6,
        claims_per_set: 70,
        sets_per_file: Some(9),
        ..Options::default()
    });
    let (mut sets, mut groups, mut claims) = (0, 0, 0_u64);
    // Of the open set: its segments, the level of each HL, and HL04 of the last.
    let (mut count, mut levels, mut child) = (0, Vec::new(), "");
    for segment in segments(&file) {
        count += 1;
        match segment.as_slice() {
            ["ISA", ..] => groups = 0,
            ["GS", ..] => sets = 0,
            ["ST", "837", number, _] => {
                sets += 1;
                (count, levels) = (1, Vec::new());
                assert_eq!(*number, format!("{sets:04}"));
            }
            ["HL", id, parent, level, has_child] => {
                assert_eq!(*id, (levels.len() + 1).to_string());
                let parent: usize = parent.parse().unwrap_or(0);
                let above = parent.checked_sub(1).map(|parent| levels[parent]);
                let expected = match *level {
                    "20" => None,
                    "22" => Some("20"),
                    _ => Some("22"),
                };
                assert_eq!(above, expected);
                assert!(child != "1" || *level != "20", "a provider without claims");
                levels.push(*level);
                child = has_child;
            }
            ["CLM", ..] => {
                claims += 1;
                assert_eq!(child, "0", "a claim under a level that has children");
            }
            ["SE", segments, _] => assert_eq!(*segments, count.to_string()),
            ["GE", number, _] => {
                groups += 1;
                assert_eq!(*number, sets.to_string());
            }
            ["IEA", number, _] => assert_eq!(*number, groups.to_string()),
            _ => {}
        }
    }
    assert_eq!(claims, 4000);
    assert_eq!(answers.transaction_sets, 4000_u64.div_ceil(70));
    assert_eq!(answers.interchanges, answers.transaction_sets.div_ceil(9));
}

#[test]
fn nights_are_billed_the_night_after_and_delimiters_change_nothing_else() {
    let options = Options {
        claims: 3000,
        seed: 8,
        nightly: true,
        days: 30,
        ..Options::default()
    };
    let (file, answers) = generate(options.clone());
    assert_eq!(answers.interchanges, 22);
    let mut billed = String::new();
    for segment in segments(&file) {
        match segment.as_slice() {
            ["GS", _, _, _, date, ..] => billed = (*date).to_owned(),
            ["DTP", "472", "D8", date] => {
                let day = |text| NaiveDate::parse_from_str(text, "%Y%m%d").unwrap();
                assert_eq!((day(&billed) - day(date)).num_days(), 1);
            }
            _ => {}
        }
    }
    let (other, _) = generate(Options {
        separators: "|>!'".parse().unwrap(),
        ..options
    });
    let usual = file.iter().filter(|&&byte| byte != b'\n');
    let translated: Vec<u8> = usual
        .map(|byte| match byte {
            b'*' => b'|',
            b':' => b'>',
            b'^' => b'!',
            b'~' => b'\'',
            other => *other,
        })
        .collect();
    assert!(other == translated);
}

#[test]
fn what_cannot_be_generated_is_told() {
    let usual = Options::default;
    let share = Share::from_millionths(500_001);
    let saturday = NaiveDate::from_ymd_opt(2026, 4, 4).unwrap();
    for (options, expected) in [
        (
            Options {
                claims: 0,
                ..usual()
            },
            OptionsError::NoClaims,
        ),
        (
            Options {
                members: Some(0),
                ..usual()
            },
            OptionsError::Members,
        ),
        (
            Options {
                inject: share,
                ..usual()
            },
            OptionsError::Inject,
        ),
        (
            Options {
                dirt: share,
                ..usual()
            },
            OptionsError::Dirt,
        ),
        (Options { days: 0, ..usual() }, OptionsError::Period),
        (
            Options {
                days: 4000,
                ..usual()
            },
            OptionsError::Period,
        ),
        (
            Options {
                start: saturday,
                days: 2,
                ..usual()
            },
            OptionsError::Weekend,
        ),
        (
            Options {
                claims_per_set: 0,
                ..usual()
            },
            OptionsError::NoClaimsInSet,
        ),
        (
            Options {
                sets_per_file: Some(0),
                ..usual()
            },
            OptionsError::SetsInFile,
        ),
    ] {
        assert_eq!(Generator::new(options).unwrap_err(), expected);
    }
}

#[test]
fn few_claims_members_and_days_are_enough() {
    for (claims, members, days, nightly) in [
        (1, Some(1), 1, true),
        (1, None, 420, false),
        (7, Some(3), 3, true),
        (250, Some(1_000_000), 1, false),
        (900, Some(1), 3660, true),
    ] {
        let (_, answers) = generate(Options {
            claims,
            members,
            days,
            nightly,
            inject: Share::from_millionths(400_000),
            dirt: Share::from_millionths(500_000),
            ..Options::default()
        });
        assert_eq!(answers.claims, claims);
    }
}
