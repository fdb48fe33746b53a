//! The segments of 005010X222 that carry facts, as nom parsers over what follows their id.
//!
//! Only elements that somebody reads are split off; segments that nobody reads are not
//! parsed at all.

use nom::Parser;
use nom::bytes::complete::{tag, take};
use nom::combinator::{all_consuming, map, map_opt};
use nom::sequence::separated_pair;

use crate::claim::{Cents, DateOfService, Quantity, Units, parse_calendar_date};
use crate::x12::Delimiters;
use crate::x12::element::{amount, component, element, skip};

type Error<'a> = nom::error::Error<&'a [u8]>;

/// `BHT`: the header's own facts.
pub(super) struct Bht<'a> {
    /// BHT06, for example `CH` (claims) or `RP` (encounters).
    pub(super) purpose: &'a [u8],
}

/// `HL`: a level of the hierarchy.
pub(super) struct Hl<'a> {
    pub(super) id: &'a [u8],
    pub(super) parent: &'a [u8],
    pub(super) level: &'a [u8],
}

/// `SBR` in loop 2000B.
pub(super) struct Sbr<'a> {
    pub(super) responsibility: &'a [u8],
    pub(super) group_number: &'a [u8],
}

/// `NM1`: who, by which identifier.
pub(super) struct Nm1<'a> {
    pub(super) entity: &'a [u8],
    pub(super) first_name: &'a [u8],
    pub(super) identifier: &'a [u8],
}

/// `DMG` in loop 2010CA.
pub(super) struct Dmg<'a> {
    pub(super) birth_date: &'a [u8],
    pub(super) sex: &'a [u8],
}

/// `REF`.
pub(super) struct Ref<'a> {
    pub(super) qualifier: &'a [u8],
    pub(super) value: &'a [u8],
}

/// `CLM`.
pub(super) struct Clm<'a> {
    pub(super) patient_control_number: &'a [u8],
    /// `None` when CLM02 is no amount.
    pub(super) charge: Option<Cents>,
    /// CLM05-3.
    pub(super) frequency: &'a [u8],
}

/// `SV1`.
pub(super) struct Sv1<'a> {
    /// SV101, the composite.
    pub(super) procedure: &'a [u8],
    /// `None` when SV102 is no amount.
    pub(super) charge: Option<Cents>,
    pub(super) units: Units,
    /// SV107, the composite.
    pub(super) pointers: &'a [u8],
}

/// `DTP`.
pub(super) struct Dtp<'a> {
    pub(super) qualifier: &'a [u8],
    pub(super) format: &'a [u8],
    pub(super) period: &'a [u8],
}

/// Trailers and headers: the elements from the first on.
pub(super) fn elements<const N: usize>(input: &[u8], delimiters: Delimiters) -> [&[u8]; N] {
    let mut rest = input;
    let mut elements = [&b""[..]; N];
    for place in &mut elements {
        if let Ok((after, found)) = one(delimiters).parse(rest) {
            (rest, *place) = (after, found);
        }
    }
    elements
}

fn one<'a>(delimiters: Delimiters) -> impl Parser<&'a [u8], Output = &'a [u8], Error = Error<'a>> {
    element(delimiters.element)
}

fn past<'a>(
    delimiters: Delimiters,
    count: usize,
) -> impl Parser<&'a [u8], Output = (), Error = Error<'a>> {
    skip(delimiters.element, count)
}

/// Runs a parser that cannot fail on a whole segment: elements left out are empty.
fn parsed<'a, O>(
    mut parser: impl Parser<&'a [u8], Output = O, Error = Error<'a>>,
    input: &'a [u8],
) -> Option<O> {
    parser.parse(input).ok().map(|(_, output)| output)
}

pub(super) fn bht(input: &[u8], delimiters: Delimiters) -> Option<Bht<'_>> {
    let parser = (past(delimiters, 5), one(delimiters));
    parsed(map(parser, |((), purpose)| Bht { purpose }), input)
}

pub(super) fn hl(input: &[u8], delimiters: Delimiters) -> Option<Hl<'_>> {
    let parser = (one(delimiters), one(delimiters), one(delimiters));
    parsed(
        map(parser, |(id, parent, level)| Hl { id, parent, level }),
        input,
    )
}

pub(super) fn sbr(input: &[u8], delimiters: Delimiters) -> Option<Sbr<'_>> {
    let parser = (one(delimiters), past(delimiters, 1), one(delimiters));
    let sbr = |(responsibility, (), group_number)| Sbr {
        responsibility,
        group_number,
    };
    parsed(map(parser, sbr), input)
}

/// SV101-2, where SV101-1 is `HC`.
pub(super) fn hc_code(procedure: &[u8], delimiters: Delimiters) -> Option<&[u8]> {
    let mut components = procedure.split(|&byte| byte == delimiters.component);
    components
        .next()
        .filter(|&qualifier| qualifier == b"HC")
        .map(|_| components.next().unwrap_or_default())
}

/// NM101 alone: most names are nobody's that is asked for.
pub(super) fn entity(input: &[u8], delimiters: Delimiters) -> &[u8] {
    let [entity] = elements(input, delimiters);
    entity
}

pub(super) fn nm1(input: &[u8], delimiters: Delimiters) -> Option<Nm1<'_>> {
    let parser = (
        one(delimiters),
        past(delimiters, 2),
        one(delimiters),
        past(delimiters, 4),
        one(delimiters),
    );
    let nm1 = |(entity, (), first_name, (), identifier)| Nm1 {
        entity,
        first_name,
        identifier,
    };
    parsed(map(parser, nm1), input)
}

pub(super) fn dmg(input: &[u8], delimiters: Delimiters) -> Option<Dmg<'_>> {
    let parser = (past(delimiters, 1), one(delimiters), one(delimiters));
    parsed(
        map(parser, |((), birth_date, sex)| Dmg { birth_date, sex }),
        input,
    )
}

/// `REF`, named so because `ref` is a word of the language.
pub(super) fn reference(input: &[u8], delimiters: Delimiters) -> Option<Ref<'_>> {
    let parser = (one(delimiters), one(delimiters));
    parsed(
        map(parser, |(qualifier, value)| Ref { qualifier, value }),
        input,
    )
}

pub(super) fn clm(input: &[u8], delimiters: Delimiters) -> Option<Clm<'_>> {
    let parser = (
        one(delimiters),
        one(delimiters),
        past(delimiters, 2),
        one(delimiters),
    );
    let clm = |(patient_control_number, charge, (), location)| Clm {
        patient_control_number,
        charge: cents(charge),
        frequency: component(location, delimiters.component, 3),
    };
    parsed(map(parser, clm), input)
}

pub(super) fn sv1(input: &[u8], delimiters: Delimiters) -> Option<Sv1<'_>> {
    let parser = (
        one(delimiters),
        one(delimiters),
        one(delimiters),
        one(delimiters),
        past(delimiters, 2),
        one(delimiters),
    );
    let sv1 = |(procedure, charge, measure, quantity, (), pointers)| Sv1 {
        procedure,
        charge: cents(charge),
        units: Units {
            quantity: Quantity::parse(quantity),
            counted: measure == b"UN",
        },
        pointers,
    };
    parsed(map(parser, sv1), input)
}

/// SV101 and SV102 alone; `None` where SV102 is no amount.
pub(super) fn procedure_and_charge(
    input: &[u8],
    delimiters: Delimiters,
) -> Option<(&[u8], Option<Cents>)> {
    let parser = (one(delimiters), one(delimiters));
    parsed(
        map(parser, |(procedure, charge)| (procedure, cents(charge))),
        input,
    )
}

pub(super) fn dtp(input: &[u8], delimiters: Delimiters) -> Option<Dtp<'_>> {
    let parser = (one(delimiters), one(delimiters), one(delimiters));
    parsed(
        map(parser, |(qualifier, format, period)| Dtp {
            qualifier,
            format,
            period,
        }),
        input,
    )
}

fn cents(element: &[u8]) -> Option<Cents> {
    amount(element).ok().map(|(_, cents)| Cents(cents))
}

/// Reads DTP02 and DTP03 of a DTP*472: `D8` is `CCYYMMDD`, `RD8` is `CCYYMMDD-CCYYMMDD`.
pub(super) fn date_of_service(format: &[u8], period: &[u8]) -> DateOfService {
    let date = || map_opt(take(8_usize), parse_calendar_date);
    let range = separated_pair(date(), tag(&b"-"[..]), date());
    let found = match format {
        b"D8" => parsed(map(all_consuming(date()), DateOfService::Day), period),
        b"RD8" => parsed(
            map(all_consuming(range), |(start, end)| {
                if start == end {
                    DateOfService::Day(start)
                } else {
                    DateOfService::Range { start, end }
                }
            }),
            period,
        ),
        _ => None,
    };
    found.unwrap_or(DateOfService::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn delimiters() -> Delimiters {
        Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap()
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_service_line_gives_what_it_has() {
        let sv1 = sv1(b"*HC:20552:RT*120.5*UN*1.0***1:2", delimiters()).unwrap();
        assert_eq!(sv1.procedure, b"HC:20552:RT");
        assert_eq!(sv1.charge, Some(Cents(12_050)));
        assert_eq!(sv1.units.valid(), Some(1));
        assert_eq!(sv1.pointers, b"1:2");
    }

    #[test]
    fn a_claim_left_short_has_empty_elements() {
        let clm = clm(b"*P1*12,5", delimiters()).unwrap();
        assert_eq!(
            (clm.patient_control_number, clm.charge, clm.frequency),
            (&b"P1"[..], None, &b""[..])
        );
    }

    #[test]
    fn a_range_of_one_day_is_that_day() {
        let service =
            |format: &str, period: &str| date_of_service(format.as_bytes(), period.as_bytes());
        let (first, last) = (day(2025, 1, 2), day(2025, 1, 3));
        assert_eq!(service("D8", "20250102"), DateOfService::Day(first));
        assert_eq!(
            service("RD8", "20250102-20250102"),
            DateOfService::Day(first)
        );
        assert_eq!(
            service("RD8", "20250102-20250103"),
            DateOfService::Range {
                start: first,
                end: last
            }
        );
        for (format, period) in [
            ("D8", "20250230"),
            ("D8", "20250102-20250102"),
            ("RD8", "20250102"),
            ("RD8", "20250102-20250230"),
            ("RD8", "20250102-202501031"),
            ("D6", "250102"),
            ("", ""),
        ] {
            assert_eq!(
                service(format, period),
                DateOfService::Invalid,
                "{format} {period}"
            );
        }
    }
}
