//! The envelopes of answers: sender and receiver turned round, dates, control numbers.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::event::{Address, Group, Interchange};
use crate::claim::parse_calendar_date;
use crate::compose::{Segment, clean, length};

/// The qualifiers that ISA05 and ISA07 may have in a 277CA.
const QUALIFIERS: [&[u8]; 9] = [
    b"01", b"14", b"20", b"27", b"28", b"29", b"30", b"33", b"ZZ",
];

/// The highest ISA13 and GS06.
const HIGHEST: u32 = 999_999_999;

/// The control numbers that come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    interchange: u32,
    group: u32,
}

impl Numbers {
    pub(super) fn starting_at(first: u32) -> Self {
        let first = first.clamp(1, HIGHEST);
        Self {
            interchange: first,
            group: first,
        }
    }

    /// The ISA13 that comes next.
    pub(super) fn next_interchange(&self) -> u32 {
        self.interchange
    }

    pub(super) fn take_interchange(&mut self) -> u32 {
        take(&mut self.interchange)
    }

    pub(super) fn take_group(&mut self) -> u32 {
        take(&mut self.group)
    }
}

fn take(number: &mut u32) -> u32 {
    let taken = *number;
    *number = if taken >= HIGHEST { 1 } else { taken + 1 };
    taken
}

/// A date and a time as the segments of an answer have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    /// `CCYYMMDD`.
    pub(super) date: String,
    /// `HHMM`.
    pub(super) time: String,
}

impl Stamp {
    /// Of a moment; a year that has not four digits, or is before 1800, is 2000.
    pub(super) fn of(moment: NaiveDateTime) -> Self {
        let year = Some(moment.year()).filter(|year| (1800..=9999).contains(year));
        let (month, day) = (moment.month(), moment.day());
        Self {
            date: format!("{:04}{month:02}{day:02}", year.unwrap_or(2000)),
            time: format!("{:02}{:02}", moment.hour(), moment.minute()),
        }
    }

    /// Of ISA09 and ISA10, in this century. What is no date is the first of January 2000,
    /// what is no time is midnight.
    pub(super) fn of_interchange(interchange: &Interchange<'_>) -> Self {
        let date = [b"20", interchange.date.trim_ascii()].concat();
        let date = parse_calendar_date(&date).unwrap_or_default();
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default();
        let date = date.max(first);
        let time = parse_time(interchange.time.trim_ascii()).unwrap_or_default();
        Self::of(date.and_time(time))
    }

    /// `YYMMDD`.
    pub(super) fn short_date(&self) -> &str {
        &self.date[2..]
    }
}

fn parse_time(text: &[u8]) -> Option<NaiveTime> {
    if text.len() != 4 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0');
    NaiveTime::from_hms_opt(number(&text[..2]), number(&text[2..]), 0)
}

/// What the headers of an answer to one interchange are made of.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    /// ISA05 to ISA08.
    addresses: [Vec<u8>; 4],
    usage: &'static str,
    pub(super) stamp: Stamp,
}

impl Envelope {
    /// Answers go from the receiver of the interchange to its sender.
    pub(super) fn answering(interchange: &Interchange<'_>, stamp: Stamp) -> Self {
        let [from, to] = [interchange.receiver, interchange.sender].map(address);
        let ([from_qualifier, from_id], [to_qualifier, to_id]) = (from, to);
        Self {
            addresses: [from_qualifier, from_id, to_qualifier, to_id],
            usage: if interchange.is_test { "T" } else { "P" },
            stamp,
        }
    }

    /// ISA. It asks for no TA1.
    pub(super) fn isa(&self, control_number: u32) -> Vec<u8> {
        let [from_qualifier, from_id, to_qualifier, to_id] = &self.addresses;
        Segment::new("ISA")
            .code("00")
            .code("          ")
            .code("00")
            .code("          ")
            .code(from_qualifier)
            .code(from_id)
            .code(to_qualifier)
            .code(to_id)
            .code(self.stamp.short_date())
            .code(&self.stamp.time)
            .code("^")
            .code("00501")
            .code(format!("{control_number:09}"))
            .code("0")
            .code(self.usage)
            .code(":")
            .end()
    }

    /// GS, with what is its own of a kind of answer.
    pub(super) fn gs(&self, kind: &Kind, names: &GroupNames, control_number: u32) -> Vec<u8> {
        Segment::new("GS")
            .code(kind.group)
            .code(&names.sender)
            .code(&names.receiver)
            .code(&self.stamp.date)
            .code(&self.stamp.time)
            .number(control_number.into())
            .code("X")
            .code(kind.version)
            .end()
    }

    /// The ids of the interchange: of the sender and the receiver of the answer.
    fn ids(&self) -> [&[u8]; 2] {
        let [_, from, _, to] = &self.addresses;
        [from, to]
    }
}

/// ISA05 and ISA06, or ISA07 and ISA08.
fn address(address: Address<'_>) -> [Vec<u8>; 2] {
    let qualifier = Some(address.qualifier).filter(|given| QUALIFIERS.contains(given));
    let mut id = clean(address.id, length(15, 15));
    if id.is_empty() {
        id = clean(b"UNKNOWN", length(15, 15));
    }
    [qualifier.unwrap_or(b"ZZ").to_vec(), id]
}

/// GS02 and GS03 of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GroupNames {
    sender: Vec<u8>,
    receiver: Vec<u8>,
}

impl GroupNames {
    /// GS02 and GS03.
    pub(super) fn into_inner(self) -> [Vec<u8>; 2] {
        [self.sender, self.receiver]
    }

    /// Those of the group turned round; the id of the interchange where one is missing.
    pub(super) fn answering(group: &Group<'_>, envelope: &Envelope) -> Self {
        let [from, to] = envelope.ids();
        let name = |given: &[u8], otherwise: &[u8]| {
            let name = clean(given, length(2, 15));
            if name.is_empty() {
                clean(otherwise, length(2, 15))
            } else {
                name
            }
        };
        Self {
            sender: name(group.receiver, from),
            receiver: name(group.sender, to),
        }
    }
}

/// A kind of answer that stands in functional groups.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// GS01.
    group: &'static str,
    /// ST01.
    pub(super) set: &'static str,
    /// GS08 and ST03.
    pub(super) version: &'static str,
    /// How the names of its files end.
    pub(super) extension: &'static str,
}

/// TA1, interchange acknowledgement, which stands in no group.
pub(super) const INTERCHANGE: Kind = Kind {
    group: "",
    set: "",
    version: "",
    extension: "ta1",
};

/// 999, implementation acknowledgement.
pub(super) const FUNCTIONAL: Kind = Kind {
    group: "FA",
    set: "999",
    version: "005010X231A1",
    extension: "999",
};

/// 277CA, claim acknowledgement.
pub(super) const CLAIMS: Kind = Kind {
    group: "HN",
    set: "277",
    version: "005010X214",
    extension: "277ca",
};

/// How the names of answers end.
pub const EXTENSIONS: [&str; 3] = [
    INTERCHANGE.extension,
    FUNCTIONAL.extension,
    CLAIMS.extension,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_106_bytes_and_a_line_break_whatever_it_answers() {
        let odd = Interchange {
            sender: Address {
                qualifier: b"9~",
                id: b"  A*B",
            },
            date: b"991301",
            time: b"2460",
            ..Interchange::default()
        };
        let stamp = Stamp::of_interchange(&odd);
        let isa = Envelope::answering(&odd, stamp).isa(7);
        assert_eq!(isa.len(), 107);
        let text = String::from_utf8(isa).unwrap();
        let behind =
            "*ZZ*UNKNOWN        *ZZ*A?B            *000101*0000*^*00501*000000007*0*P*:~\n";
        assert!(text.ends_with(behind), "{text}");
    }

    #[test]
    fn numbers_begin_again_behind_the_highest() {
        let mut numbers = Numbers::starting_at(u32::MAX);
        assert_eq!(numbers.take_interchange(), 999_999_999);
        assert_eq!(numbers.take_interchange(), 1);
        assert_eq!(Numbers::starting_at(0).take_group(), 1);
    }
}
