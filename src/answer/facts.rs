//! What an answer repeats of a unit: names, numbers, dates.

use chrono::NaiveDate;

use crate::ack::Party;
use crate::claim::{Cents, parse_calendar_date};
use crate::guide::{Tag, UnitKind};
use crate::validate::KeptSegment;
use crate::x12::element::amount;
use crate::x12::{Delimiters, Elements, Segments};

/// The segments that are read here: of other ones nothing has to be kept.
pub const READ: &[KeptSegment] = &[
    read(UnitKind::Header, *b"BHT", None),
    read(UnitKind::Header, *b"NM1", None),
    read(UnitKind::Level, *b"NM1", None),
    read(UnitKind::Level, *b"REF", None),
    read(UnitKind::Claim, *b"DTP", Some("472")),
    read(UnitKind::Claim, *b"REF", Some("D9")),
];

const fn read(kind: UnitKind, tag: [u8; 3], code: Option<&'static str>) -> KeptSegment {
    KeptSegment {
        kind,
        tag: Tag::new(tag),
        code,
    }
}

/// A unit's segments, as they stand in the input, or those of them that are [read](READ).
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit<'u> {
    bytes: &'u [u8],
    delimiters: Delimiters,
}

impl<'u> Unit<'u> {
    pub(super) fn new(bytes: &'u [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    fn segments(self) -> impl Iterator<Item = Elements<'u>> {
        Segments::new(self.bytes, self.delimiters).iter()
    }

    /// The first segment of an id whose first element is one of these.
    fn find(self, id: &[u8], qualifiers: &[&[u8]]) -> Option<Elements<'u>> {
        self.segments()
            .find(|segment| segment.is(id) && qualifiers.contains(&segment.get(1)))
    }

    /// The first name of a kind (NM101).
    pub(super) fn name(self, entity: &[u8]) -> Party<'u> {
        self.find(b"NM1", &[entity])
            .map_or_else(Party::default, |name| {
                let [
                    _,
                    kind,
                    last_name,
                    first_name,
                    middle_name,
                    _,
                    suffix,
                    _,
                    id,
                ] = name.first();
                Party {
                    is_person: kind == b"1",
                    last_name,
                    first_name,
                    middle_name,
                    suffix,
                    id,
                }
            })
    }

    /// The first reference of one of these kinds (REF01).
    pub(super) fn reference(self, qualifiers: &[&[u8]]) -> &'u [u8] {
        self.find(b"REF", qualifiers)
            .map_or(&[], |reference| reference.get(2))
    }

    /// An element of the first segment of an id.
    pub(super) fn element(self, id: &[u8], position: usize) -> &'u [u8] {
        let found = self.segments().find(|segment| segment.is(id));
        found.map_or(&[], |segment| segment.get(position))
    }

    /// A claim's facts, in one go.
    pub(super) fn claim(self) -> ClaimFacts<'u> {
        let mut facts = ClaimFacts::default();
        for segment in self.segments() {
            if segment.is(b"DTP") {
                if let [b"472", _, period] = segment.first() {
                    facts.add_dates(period);
                }
            } else if segment.is(b"CLM") {
                let [number, charge] = segment.first();
                facts.patient_control_number = number;
                facts.charge = amount(charge).ok().map(|(_, cents)| Cents(cents));
            } else if segment.is(b"REF") && segment.get(1) == b"D9" && facts.trace_number.is_empty()
            {
                facts.trace_number = segment.get(2);
            }
        }
        facts
    }
}

/// What an answer repeats of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ClaimFacts<'u> {
    /// CLM01.
    pub(super) patient_control_number: &'u [u8],
    /// CLM02, where it is an amount.
    pub(super) charge: Option<Cents>,
    /// The first and the last date of service (2400 DTP*472).
    pub(super) dates: Option<(NaiveDate, NaiveDate)>,
    /// 2300 REF*D9.
    pub(super) trace_number: &'u [u8],
}

impl ClaimFacts<'_> {
    /// Adds the days of a DTP03: one, or the first and the last.
    fn add_dates(&mut self, period: &[u8]) {
        let days = period.split(|&byte| byte == b'-');
        for day in days.filter_map(parse_calendar_date) {
            let (first, last) = self.dates.unwrap_or((day, day));
            self.dates = Some((first.min(day), last.max(day)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_gives_its_charge_its_dates_and_its_trace_number() {
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        let bytes = b"CLM*P1*12.5***11:B:1~\nREF*D9*T1~\nLX*1~\nDTP*472*D8*20250103~\nLX*2~\n\
            DTP*472*RD8*20250101-20250102~\nDTP*573*D8*20240101~\nDTP*472*D8*20250230~\n";
        let unit = Unit::new(bytes, delimiters);
        let date = |day| NaiveDate::from_ymd_opt(2025, 1, day).unwrap();
        let facts = ClaimFacts {
            patient_control_number: b"P1",
            charge: Some(Cents(1250)),
            dates: Some((date(1), date(3))),
            trace_number: b"T1",
        };
        assert_eq!(unit.claim(), facts);
        assert_eq!(unit.reference(&[b"F8"]), b"");
        assert_eq!(unit.name(b"82"), Party::default());
    }
}
