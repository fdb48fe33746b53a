//! What an answer repeats of a unit: names, numbers, dates.

use chrono::NaiveDate;

use crate::ack::Party;
use crate::claim::{Cents, parse_calendar_date};
use crate::x12::Delimiters;
use crate::x12::element::amount;

/// A unit's segments, as they stand in the input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit<'u> {
    bytes: &'u [u8],
    delimiters: Delimiters,
}

/// A segment: its elements; the first is its id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elements<'u> {
    bytes: &'u [u8],
    separator: u8,
}

impl<'u> Unit<'u> {
    pub(super) fn new(bytes: &'u [u8], delimiters: Delimiters) -> Self {
        Self { bytes, delimiters }
    }

    pub(super) fn segments(self) -> impl Iterator<Item = Elements<'u>> {
        let separator = self.delimiters.element;
        let segments = self
            .bytes
            .split(move |&byte| byte == self.delimiters.segment);
        segments
            .map(<[u8]>::trim_ascii_start)
            .filter(|bytes| !bytes.is_empty())
            .map(move |bytes| Elements { bytes, separator })
    }

    /// The first segment of an id whose first element is one of these.
    fn find(self, id: &[u8], qualifiers: &[&[u8]]) -> Option<Elements<'u>> {
        self.segments()
            .find(|segment| segment.get(0) == id && qualifiers.contains(&segment.get(1)))
    }

    /// The first name of a kind (NM101).
    pub(super) fn name(self, entity: &[u8]) -> Party<'u> {
        self.find(b"NM1", &[entity])
            .map_or_else(Party::default, |name| Party {
                is_person: name.get(2) == b"1",
                last_name: name.get(3),
                first_name: name.get(4),
                middle_name: name.get(5),
                suffix: name.get(7),
                id: name.get(9),
            })
    }

    /// The first reference of one of these kinds (REF01).
    pub(super) fn reference(self, qualifiers: &[&[u8]]) -> &'u [u8] {
        self.find(b"REF", qualifiers)
            .map_or(&[], |reference| reference.get(2))
    }

    /// An element of the first segment of an id.
    pub(super) fn element(self, id: &[u8], position: usize) -> &'u [u8] {
        let found = self.segments().find(|segment| segment.get(0) == id);
        found.map_or(&[], |segment| segment.get(position))
    }

    /// CLM02, where it is an amount.
    pub(super) fn charge(self) -> Option<Cents> {
        let charge = amount(self.element(b"CLM", 2)).ok();
        charge.map(|(_, cents)| Cents(cents))
    }

    /// The first and the last date of service (2400 DTP*472).
    pub(super) fn dates(self) -> Option<(NaiveDate, NaiveDate)> {
        let services = self
            .segments()
            .filter(|segment| segment.get(0) == b"DTP" && segment.get(1) == b"472");
        let dates = services.flat_map(|service| {
            let ends = service.get(3).split(|&byte| byte == b'-');
            ends.filter_map(parse_calendar_date)
        });
        dates.fold(None, |ends, date| {
            let (first, last) = ends.unwrap_or((date, date));
            Some((first.min(date), last.max(date)))
        })
    }
}

impl<'u> Elements<'u> {
    /// A segment alone.
    pub(super) fn of(bytes: &'u [u8], delimiters: Delimiters) -> Self {
        Self {
            bytes: bytes.trim_ascii_start(),
            separator: delimiters.element,
        }
    }

    /// The element of a position, from 1; the id at 0. It is empty where there is none.
    pub(super) fn get(self, position: usize) -> &'u [u8] {
        let mut elements = self.bytes.split(|&byte| byte == self.separator);
        elements.nth(position).unwrap_or_default()
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
        assert_eq!(unit.charge(), Some(Cents(1250)));
        assert_eq!(unit.dates(), Some((date(1), date(3))));
        assert_eq!(unit.reference(&[b"D9"]), b"T1");
        assert_eq!(unit.reference(&[b"F8"]), b"");
        assert_eq!(unit.name(b"82"), Party::default());
    }
}
