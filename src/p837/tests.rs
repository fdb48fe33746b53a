//! Events are the same however the bytes are cut: noted segments and kept ones are read alike.

use std::fmt::Write;

use proptest::prelude::*;

use super::{Event, Events, Interest, Reader, Text};

const ISA: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *270923*1200*^*00501*000000001*0*P*:~";

/// Segments of levels, claims and lines, right and wrong, and what stands where it should not.
const SEGMENTS: [&str; 30] = [
    "HL*1**20*1",
    "HL*2*1*22*0",
    "HL*3*2*23*0",
    "SBR*P*18*G1",
    "NM1*85*2*CLINIC*****XX*1234567893",
    "NM1*IL*1*DOE*JANE****MI*M1",
    "NM1*PR*2*PAYER*****PI*P1",
    "NM1*QC*1*DOE*JOHN",
    "DMG*D8*20010203*F",
    "REF*EI*123",
    "REF*G2*77",
    "N3*1 MAIN ST",
    "CLM*C1*100.5***11:B:1",
    "CLM*C2*1,5***11:B:7",
    "CLM**1",
    "HI*ABK:M79.18*ABF:J01",
    "REF*F8*OLD",
    "NM1*82*1*DOC*A****XX*1112223334",
    "LX*1",
    "LX*A",
    "SV1*HC:20552:RT*50.25*UN*1***1:2",
    "SV1*HC:99213*x*UN*1",
    "DTP*472*D8*20260102",
    "REF*6R*L1",
    "SVD*P*1",
    "K3*ISA",
    "ZZ*1",
    "SE*1*0001",
    "ST*837*0001",
    "",
];

/// All that events say, one to a line.
fn tell(events: &Events, told: &mut String) {
    let of = |text: Text| String::from_utf8_lossy(events.text(text)).into_owned();
    for (place, event) in &events.list {
        write!(told, "{place:?} ").unwrap();
        match event {
            Event::Level(index) => {
                let level = &events.levels[*index as usize];
                let texts = [
                    level.id,
                    level.parent,
                    level.billing_npi,
                    level.billing_tax_id,
                    level.responsibility,
                    level.group_number,
                    level.subscriber_id,
                    level.payer_id,
                    level.billing_secondary_id,
                    level.first_name,
                    level.birth_date,
                    level.sex,
                ];
                writeln!(told, "{:?} {:?}", level.kind, texts.map(of)).unwrap();
            }
            Event::Claim(index) => {
                let claim = &events.claims[*index as usize];
                let texts = [
                    claim.patient_control_number,
                    claim.frequency,
                    claim.original_reference,
                    claim.diagnoses,
                    claim.rendering_provider,
                ];
                write!(told, "{:?} {:?}", claim.totals, texts.map(of)).unwrap();
                let lines = claim.lines.start as usize..claim.lines.end as usize;
                for line in &events.lines[lines] {
                    let texts = [
                        line.procedure,
                        line.modifiers,
                        line.line_control_number,
                        line.rendering_provider,
                    ];
                    let numbers = (line.line_number, line.charge, line.units, line.pointers);
                    let date = line.service_date;
                    write!(told, " {numbers:?} {date:?} {:?}", texts.map(of)).unwrap();
                }
                told.push('\n');
            }
            Event::Trailer {
                kind,
                count,
                control_number,
            } => {
                let texts = [*count, *control_number].map(of);
                writeln!(told, "{kind:?} {texts:?}").unwrap();
            }
            Event::TransactionSet {
                identifier,
                control_number,
                convention,
            } => {
                let texts = [*identifier, *control_number, *convention].map(of);
                writeln!(told, "{texts:?}").unwrap();
            }
            other => writeln!(told, "{other:?}").unwrap(),
        }
    }
}

fn read<'b>(pieces: impl Iterator<Item = &'b [u8]>, interest: &Interest) -> String {
    let (mut reader, mut told) = (Reader::new(interest), String::new());
    for piece in pieces {
        reader.push(piece);
        tell(reader.events(), &mut told);
        reader.clear();
    }
    reader.finish();
    tell(reader.events(), &mut told);
    writeln!(told, "{} segments", reader.segments()).unwrap();
    told
}

proptest! {
    #[test]
    fn events_are_the_same_for_any_cut(
        segments in prop::collection::vec((prop::sample::select(&SEGMENTS[..]), 0..40_u8), 0..120),
        size in 1..2000_usize,
        has_breaks: bool,
        is_everything: bool,
    ) {
        let mut text = ISA.to_owned();
        for (segment, chance) in segments {
            let (left, right) = segment.split_at(segment.len().min(usize::from(chance)));
            match chance {
                0..6 if has_breaks => text += &format!("{left}\r\n{right}~"),
                6..15 => text += &format!("{segment}~"),
                15..18 => text += &format!("{segment}~ \n\n"),
                _ => text += &format!("{segment}~\n"),
            }
        }
        let interest = match is_everything {
            true => Interest::in_everything(),
            false => Interest::in_procedures([&b"20552"[..]]),
        };
        let bytes = text.as_bytes();
        let whole = read([bytes].into_iter(), &interest);
        prop_assert_eq!(&read(bytes.chunks(size), &interest), &whole);
        prop_assert_eq!(&read(bytes.chunks(1), &interest), &whole);
        let unwrapped = text.replace(['\r', '\n'], "");
        let count = |told: &str| told.lines().count();
        prop_assert_eq!(count(&read([unwrapped.as_bytes()].into_iter(), &interest)), count(&whole));
    }
}
