//! Events as lines of words, so that a case can be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use super::super::*;
use crate::claim::{Cents, ClaimControlNumber, parse_calendar_date};

/// Plays a script, and gives the files that come out of it.
///
/// ```text
/// isa NUMBER [ask] [test]
/// gs ID NUMBER VERSION
/// st ID NUMBER [CONVENTION]
/// header REFERENCE SUBMITTER RECEIVER
/// provider NPI NAME | tax ID NAME
/// claim NUMBER CENTS MEMBER DATE[-DATE]
/// reject NUMBER CENTS MEMBER DATE[-DATE] [STATUS ...]
/// segment ID POSITION LOOP CODE [CLAIM]
/// element ID POSITION LOOP PLACE REFERENCE CODE [CLAIM]
/// cut STATUS
/// se [refused|noted CODE ...]
/// ge COUNT [refused|noted CODE ...]
/// iea [E|R NOTE]
/// ```
///
/// `_` is a blank, `-` nothing.
pub(super) fn play(script: &str, options: Options) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledger = Acknowledger::new(folder.path(), options).unwrap();
    for line in script.lines() {
        play_line(line, &mut acknowledger);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let answers = acknowledger.finish().unwrap();
    let published = answers.publish().unwrap();
    let files = files_in(folder.path());
    assert_eq!(files.len() as u64, published);
    files
}

/// All files of a folder; nothing else may be in it.
pub(super) fn files_in(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        assert!(entry.metadata().unwrap().is_file(), "{name} is left");
        (name, fs::read_to_string(entry.path()).unwrap())
    });
    files.collect()
}

/// One file of a script with one interchange.
pub(super) fn play_for(script: &str, options: Options, extension: &str) -> String {
    let mut files = play(script, options);
    let wanted = |name: &String| name.ends_with(&format!(".{extension}"));
    let name = files.keys().find(|name| wanted(name)).cloned();
    name.and_then(|name| files.remove(&name))
        .unwrap_or_default()
}

pub(super) fn play_line(line: &str, acknowledger: &mut Acknowledger) {
    let line = line.replace('_', "\u{a0}");
    let words: Vec<&[u8]> = line
        .split_ascii_whitespace()
        .map(|word| if word == "-" { "" } else { word }.as_bytes())
        .collect();
    let Some((verb, words)) = words.split_first() else {
        return;
    };
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    let mut take = |event: Event<'_>| acknowledger.take(event).unwrap();
    match *verb {
        b"isa" => take(Event::InterchangeBegins(interchange(words))),
        b"gs" => take(Event::GroupBegins(Group {
            identifier: word(0),
            sender: b"SUBMIT01",
            receiver: b"PAYER01",
            control_number: word(1),
            version: word(2),
        })),
        b"st" => take(Event::SetBegins(Set {
            identifier: word(0),
            control_number: word(1),
            convention: word(2),
        })),
        b"header" => take(Event::SetHeader(SetHeader {
            reference: word(0),
            submitter: organization(word(1), b"SUBMITTER1"),
            receiver: organization(word(2), b"62308"),
        })),
        b"provider" | b"tax" => take(Event::BillingProvider(provider(verb, words))),
        b"claim" => take(Event::Claim(claim(words, ClaimFate::Accepted(number())))),
        b"reject" => {
            let statuses: Vec<Status> = words[4..].iter().map(|word| status(word)).collect();
            take(Event::Claim(claim(words, ClaimFate::Rejected(&statuses))));
        }
        b"segment" | b"element" => take(Event::Finding(finding(verb, words))),
        b"cut" => take(Event::LastClaimRejected(status(word(0)))),
        b"se" => {
            let errors = codes(words.get(1..), SetError::from_code);
            take(Event::SetEnds(match word(0) {
                b"refused" => SetFate::Refused(&errors),
                b"noted" => SetFate::AcceptedWithErrors(&errors),
                _ => SetFate::Accepted,
            }));
        }
        b"ge" => {
            let errors = codes(words.get(2..), GroupError::from_code);
            let those_of = |kind: &[u8]| &errors[..if word(1) == kind { errors.len() } else { 0 }];
            take(Event::GroupEnds(GroupEnd {
                included_count: text(word(0)).parse().ok(),
                refused: those_of(b"refused"),
                noted: those_of(b"noted"),
            }));
        }
        b"iea" => {
            let note = || InterchangeNote::from_code(text(word(1))).unwrap();
            take(Event::InterchangeEnds(match word(0) {
                b"E" => InterchangeFate::AcceptedWithErrors(note()),
                b"R" => InterchangeFate::Refused(note()),
                _ => InterchangeFate::Accepted,
            }));
        }
        _ => panic!("{line}"),
    }
}

fn text(word: &[u8]) -> &str {
    std::str::from_utf8(word).unwrap()
}

fn codes<T>(words: Option<&[&[u8]]>, from_code: fn(&str) -> Option<T>) -> Vec<T> {
    let words = words.into_iter().flatten();
    let codes = words.map(|word| from_code(text(word)).unwrap());
    codes.collect()
}

/// A number of ours, always the same.
pub(super) fn number() -> ClaimControlNumber {
    ClaimControlNumber::from_text(b"ABCDEFGHIJKLMNOP").unwrap()
}

fn interchange<'a>(words: &[&'a [u8]]) -> Interchange<'a> {
    Interchange {
        sender: Address {
            qualifier: b"ZZ",
            id: b"SUBMITTER1     ",
        },
        receiver: Address {
            qualifier: b"30",
            id: b"PAYER1         ",
        },
        date: b"270923",
        time: b"1205",
        control_number: words[0],
        wants_acknowledgement: words.contains(&&b"ask"[..]),
        is_test: words.contains(&&b"test"[..]),
    }
}

fn organization<'a>(name: &'a [u8], id: &'a [u8]) -> Party<'a> {
    Party {
        last_name: name,
        id,
        ..Party::default()
    }
}

fn provider<'a>(verb: &[u8], words: &[&'a [u8]]) -> BillingProvider<'a> {
    let is_npi = verb == b"provider";
    BillingProvider {
        name: organization(words[1], if is_npi { words[0] } else { b"" }),
        tax_id: if is_npi { b"" } else { words[0] },
    }
}

fn claim<'a>(words: &[&'a [u8]], fate: ClaimFate<'a>) -> Claim<'a> {
    Claim {
        patient_control_number: words[0],
        charge: text(words[1]).parse().ok().map(Cents),
        patient: Party {
            is_person: true,
            last_name: b"DOE",
            first_name: b"JANE",
            id: words[2],
            ..Party::default()
        },
        dates: dates(words[3]),
        trace_number: b"",
        fate,
    }
}

fn dates(word: &[u8]) -> Option<(NaiveDate, NaiveDate)> {
    let mut ends = word.split(|byte| *byte == b'-');
    let from = parse_calendar_date(ends.next()?)?;
    let to = ends.next().and_then(parse_calendar_date);
    Some((from, to.unwrap_or(from)))
}

fn status(word: &[u8]) -> Status {
    let mut parts = text(word).split(':');
    let category = parts.next().and_then(Category::from_code).unwrap();
    let code = parts.next().unwrap().parse().unwrap();
    let entity = parts.next().map(|code| Entity::from_code(code).unwrap());
    Status::new(category, code, entity)
}

fn finding<'a>(verb: &[u8], words: &[&'a [u8]]) -> Finding<'a> {
    let (problem, claim) = if verb == b"segment" {
        let error = SegmentError::from_code(text(words[3])).unwrap();
        (Problem::Segment(error), words.get(4))
    } else {
        let parts: Vec<Option<u16>> = text(words[3])
            .split(':')
            .map(|part| part.parse().ok())
            .collect();
        let part = |index: usize| parts.get(index).copied().flatten();
        let place = ElementPlace {
            element: part(0).unwrap() as u8,
            component: part(1).map(|part| part as u8),
            repetition: part(2),
            reference: text(words[4]).parse().ok(),
        };
        let error = ElementError::from_code(text(words[5])).unwrap();
        (Problem::Element(place, error), words.get(6))
    };
    Finding {
        segment: words[0],
        position: text(words[1]).parse().unwrap(),
        loop_id: words[2],
        qualifier: b"",
        problem,
        claim: claim.copied(),
    }
}
