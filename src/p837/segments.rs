//! The segments of 005010X222 that carry facts, as nom parsers over what follows their id.
//!
//! Segments that nobody reads are not parsed at all.

use nom::Parser;
use nom::bytes::complete::{tag, take};
use nom::combinator::{all_consuming, map, map_opt};
use nom::sequence::separated_pair;

use crate::claim::{Cents, DateOfService, Quantity, Units, parse_calendar_date};
use crate::x12::element::{amount, component};
use crate::x12::{Delimiters, Rest};

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

/// `DMG` in loop 2010CA.
pub(super) struct Dmg<'a> {
    pub(super) birth_date: &'a [u8],
    pub(super) sex: &'a [u8],
}

/// `REF`, whose qualifier is known.
pub(super) struct Ref<'a> {
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

/// `DTP`, whose qualifier is known.
pub(super) struct Dtp<'a> {
    pub(super) format: &'a [u8],
    pub(super) period: &'a [u8],
}

#[inline]
pub(super) fn bht<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Bht<'a> {
    let [_, _, _, _, _, purpose] = rest.elements(delimiters.element);
    Bht { purpose }
}

#[inline]
pub(super) fn hl<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Hl<'a> {
    let [id, parent, level] = rest.elements(delimiters.element);
    Hl { id, parent, level }
}

#[inline]
pub(super) fn sbr<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Sbr<'a> {
    let [responsibility, _, group_number] = rest.elements(delimiters.element);
    Sbr {
        responsibility,
        group_number,
    }
}

/// NM109, who it is.
#[inline]
pub(super) fn nm1_identifier<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> &'a [u8] {
    rest.element::<9>(delimiters.element)
}

/// NM104.
#[inline]
pub(super) fn nm1_first_name<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> &'a [u8] {
    rest.element::<4>(delimiters.element)
}

#[inline]
pub(super) fn dmg<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Dmg<'a> {
    let [_, birth_date, sex] = rest.elements(delimiters.element);
    Dmg { birth_date, sex }
}

/// `REF`, named so because `ref` is a word of the language.
#[inline]
pub(super) fn reference<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Ref<'a> {
    let value = rest.element::<2>(delimiters.element);
    Ref { value }
}

#[inline]
pub(super) fn clm<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Clm<'a> {
    let [patient_control_number, charge, _, _, location] = rest.elements(delimiters.element);
    Clm {
        patient_control_number,
        charge: cents(charge),
        frequency: component(location, delimiters.component, 3),
    }
}

#[inline]
pub(super) fn sv1<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Sv1<'a> {
    let [procedure, charge, measure, quantity, _, _, pointers] = rest.elements(delimiters.element);
    Sv1 {
        procedure,
        charge: cents(charge),
        units: Units {
            quantity: Quantity::parse(quantity),
            counted: measure == b"UN",
        },
        pointers,
    }
}

/// SV101 and SV102 alone; `None` where SV102 is no amount.
pub(super) fn procedure_and_charge<'a>(
    rest: &Rest<'a>,
    delimiters: Delimiters,
) -> (&'a [u8], Option<Cents>) {
    let [procedure, charge] = rest.elements(delimiters.element);
    (procedure, cents(charge))
}

/// SV101-2, where SV101-1 is `HC`.
pub(super) fn hc_code(procedure: &[u8], delimiters: Delimiters) -> Option<&[u8]> {
    let separator = delimiters.component;
    let Some((first, rest)) = procedure.strip_prefix(b"HC")?.split_first() else {
        return Some(b"");
    };
    let end = rest.iter().position(|&byte| byte == separator);
    (*first == separator).then(|| &rest[..end.unwrap_or(rest.len())])
}

#[inline]
pub(super) fn dtp<'a>(rest: &Rest<'a>, delimiters: Delimiters) -> Dtp<'a> {
    let [_, format, period] = rest.elements(delimiters.element);
    Dtp { format, period }
}

fn cents(element: &[u8]) -> Option<Cents> {
    amount(element).ok().map(|(_, cents)| Cents(cents))
}

/// Runs a parser over a whole element.
fn parsed<'a, O>(
    mut parser: impl Parser<&'a [u8], Output = O, Error = Error<'a>>,
    input: &'a [u8],
) -> Option<O> {
    parser.parse(input).ok().map(|(_, output)| output)
}

/// Reads DTP02 and DTP03 of a DTP*472: `D8` is `CCYYMMDD`, `RD8` is `CCYYMMDD-CCYYMMDD`.
#[must_use]
pub fn date_of_service(format: &[u8], period: &[u8]) -> DateOfService {
    let date = || map_opt(take(8_usize), parse_calendar_date);
    let range = separated_pair(date(), tag(&b"-"[..]), date());
    let found = match format {
        b"D8" => parsed(map(all_consuming(date()), DateOfService::day), period),
        b"RD8" => {
            let ends = |(start, end)| DateOfService::range(start, end);
            parsed(map(all_consuming(range), ends), period)
        }
        _ => None,
    };
    found.unwrap_or(DateOfService::INVALID)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn delimiters() -> Delimiters {
        Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap()
    }

    fn rest(bytes: &[u8]) -> Rest<'_> {
        Rest::new(bytes, bytes.len())
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_service_line_gives_what_it_has() {
        let sv1 = sv1(&rest(b"*HC:20552:RT*120.5*UN*1.0***1:2"), delimiters());
        assert_eq!(sv1.procedure, b"HC:20552:RT");
        assert_eq!(sv1.charge, Some(Cents(12_050)));
        assert_eq!(sv1.units.valid(), Some(1));
        assert_eq!(sv1.pointers, b"1:2");
    }

    #[test]
    fn a_claim_left_short_has_empty_elements() {
        let clm = clm(&rest(b"*P1*12,5"), delimiters());
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
        assert_eq!(service("D8", "20250102"), DateOfService::day(first));
        assert_eq!(
            service("RD8", "20250102-20250102"),
            DateOfService::day(first)
        );
        assert_eq!(
            service("RD8", "20250102-20250103"),
            DateOfService::range(first, last)
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
                DateOfService::INVALID,
                "{format} {period}"
            );
        }
    }
}
