//! Interchanges, functional groups and transaction sets: their counts and control numbers.

use super::elements::{Elements, unwrapped};
use super::finding::{Findings, Place, error, warning};
use super::set::Set;
use super::totals::Totals;
use crate::x12::element::whole_number;
use crate::x12::{Header, Segment, Sink, Stray};

/// The most characters of a control number that are shown.
const MOST_SHOWN: usize = 20;

/// Follows the envelopes of an input.
pub(super) struct Reader<'h> {
    findings: Findings<'h>,
    totals: Totals,
    interchange: Option<Container>,
    group: Option<Group>,
    set: Option<OpenSet>,
    /// An interchange header was found.
    has_header: bool,
    has_stray: bool,
    /// Where the last segment stands.
    last: Place,
}

/// An interchange or group that is open.
struct Container {
    control_number: Box<[u8]>,
    /// How many groups or sets it has.
    count: u64,
}

struct Group {
    container: Container,
    is_4010: bool,
}

struct OpenSet {
    control_number: Box<[u8]>,
    place: Place,
    first_ordinal: u64,
    /// `None` for a set that is no remittance.
    set: Option<Set>,
}

/// What is checked of a trailer.
struct Trailer {
    segment: &'static str,
    codes: [&'static str; 2],
    messages: [&'static str; 2],
}

const SE: Trailer = Trailer {
    segment: "SE",
    codes: ["se-count-wrong", "se-control-number-wrong"],
    messages: [
        "SE01 is not the number of segments from ST to SE",
        "SE02 is not the transaction set control number of ST02",
    ],
};
const GE: Trailer = Trailer {
    segment: "GE",
    codes: ["ge-count-wrong", "ge-control-number-wrong"],
    messages: [
        "GE01 is not the number of transaction sets in the functional group",
        "GE02 is not the group control number of GS06",
    ],
};
const IEA: Trailer = Trailer {
    segment: "IEA",
    codes: ["iea-count-wrong", "iea-control-number-wrong"],
    messages: [
        "IEA01 is not the number of functional groups in the interchange",
        "IEA02 is not the interchange control number of ISA13",
    ],
};

impl Trailer {
    fn check(
        &self,
        segment: Elements<'_>,
        count: u64,
        control_number: &[u8],
        place: Place,
        findings: &mut Findings<'_>,
    ) {
        let [counted, named] = segment.first();
        let counted = whole_number(counted).map(|(_, number)| number);
        let is_right = [counted == Ok(count), named == control_number.trim_ascii()];
        for (index, _) in is_right.into_iter().enumerate().filter(|(_, right)| !right) {
            let (code, message) = (self.codes[index], self.messages[index]);
            let element = if index == 0 { 1 } else { 2 };
            findings.tell(error(code, self.segment, element, message), place);
        }
    }
}

impl<'h> Reader<'h> {
    pub(super) fn new(findings: Findings<'h>) -> Self {
        Self {
            findings,
            totals: Totals::default(),
            interchange: None,
            group: None,
            set: None,
            has_header: false,
            has_stray: false,
            last: Place::default(),
        }
    }

    /// How many claims there were so far.
    pub(super) fn claims(&self) -> u64 {
        self.totals.claims
    }

    /// The input has ended.
    pub(super) fn finish(mut self) -> Totals {
        self.cut_set();
        self.end_group();
        self.end_interchange();
        let nothing = match (self.has_header, self.has_stray) {
            (true, _) => None,
            (false, true) => Some(
                "no X12 interchange header (ISA) is in this file: it is refused, for nothing says how to read it",
            ),
            (false, false) => Some("the file is empty: no X12 interchange header (ISA) is in it"),
        };
        if let Some(message) = nothing {
            let finding = error("no-interchange", "", None, message);
            self.findings.tell(finding, Place::default());
        } else if self.totals.transaction_sets == 0 {
            let message = "no remittance (ST01 835) is in this file";
            let finding = error("no-remittance", "", None, message);
            self.findings.tell(finding, Place::default());
        }
        self.totals.errors = self.findings.errors;
        self.totals.warnings = self.findings.warnings;
        self.totals
    }

    fn end_interchange(&mut self) {
        if self.interchange.take().is_some() {
            let message = "the interchange has no IEA: the data end, or a new ISA comes, before it";
            self.findings
                .tell(error("iea-missing", "IEA", None, message), self.last);
        }
        self.findings.interchange = None;
    }

    fn end_group(&mut self) {
        if self.group.take().is_some() {
            let message = "the functional group has no GE: a new GS, IEA, ISA or the end of the data comes before it";
            self.findings
                .tell(error("ge-missing", "GE", None, message), self.last);
        }
        self.findings.group = None;
    }

    /// The data of an open set end where it may be cut: it is not added up.
    fn cut_set(&mut self) {
        if let Some(open) = self.set.take() {
            let message = "the transaction set has no SE: the data end inside it, so it cannot be told whether it balances";
            let finding = error("se-missing", "SE", None, message);
            self.findings.tell(finding, open.place);
            self.totals.unbalanced_sets += u64::from(open.set.is_some());
        }
        self.findings.transaction = None;
    }

    /// Ends a set whose trailer did not come before the next header or trailer.
    fn end_set_without_trailer(&mut self) {
        if let Some(open) = self.set.take() {
            let place = open.place;
            self.end_set(open);
            let message = "the transaction set has no SE: a new ST, GS, GE or IEA comes before it";
            let finding = error("se-missing", "SE", None, message);
            self.findings.tell(finding, place);
        }
        self.findings.transaction = None;
    }

    fn end_set(&mut self, open: OpenSet) {
        if let Some(set) = open.set {
            let balances = set.end(open.place, &mut self.findings);
            self.totals.unbalanced_sets += u64::from(!balances);
        }
    }

    fn begin_group(&mut self, segment: Elements<'_>) {
        let elements: [&[u8]; 8] = segment.first();
        if let Some(interchange) = &mut self.interchange {
            interchange.count += 1;
        }
        self.findings.group = Some(shown(elements[5]));
        self.group = Some(Group {
            container: Container {
                control_number: elements[5].into(),
                count: 0,
            },
            is_4010: elements[7].starts_with(b"00401"),
        });
    }

    fn begin_set(&mut self, segment: Elements<'_>, place: Place, ordinal: u64) {
        let [identifier, control_number] = segment.first();
        self.findings.transaction = Some(shown(control_number));
        let is_4010 = self.group.as_ref().is_some_and(|group| group.is_4010);
        match &mut self.group {
            Some(group) => group.container.count += 1,
            None => {
                let message = "the transaction set stands in no functional group (GS)";
                self.findings
                    .tell(error("st-outside-group", "ST", None, message), place);
            }
        }
        let is_remittance = identifier == b"835";
        if is_remittance {
            self.totals.transaction_sets += 1;
        } else {
            let message = "ST01 is not 835: the transaction set is passed over";
            self.findings
                .tell(warning("st-not-835", "ST", 1, message), place);
        }
        self.set = Some(OpenSet {
            control_number: control_number.into(),
            place,
            first_ordinal: ordinal,
            set: is_remittance.then(|| Set::begin(is_4010, &self.findings)),
        });
    }

    /// Takes a segment that belongs to an envelope; says whether it does.
    fn take_envelope(&mut self, segment: Elements<'_>, place: Place, ordinal: u64) -> bool {
        match segment.id {
            b"GS" => {
                self.end_set_without_trailer();
                self.end_group();
                self.begin_group(segment);
            }
            b"ST" => {
                self.end_set_without_trailer();
                self.begin_set(segment, place, ordinal);
            }
            b"SE" => {
                match self.set.take() {
                    Some(open) => {
                        let count = ordinal - open.first_ordinal + 1;
                        let number = open.control_number.clone();
                        self.end_set(open);
                        SE.check(segment, count, &number, place, &mut self.findings);
                    }
                    None => self.tell_alone("SE", place),
                }
                self.findings.transaction = None;
            }
            b"GE" => {
                self.end_set_without_trailer();
                match self.group.take() {
                    Some(Group { container, .. }) => {
                        let Container {
                            control_number,
                            count,
                        } = container;
                        GE.check(segment, count, &control_number, place, &mut self.findings);
                    }
                    None => self.tell_alone("GE", place),
                }
                self.findings.group = None;
            }
            b"IEA" => {
                self.end_set_without_trailer();
                self.end_group();
                if let Some(Container {
                    control_number,
                    count,
                }) = self.interchange.take()
                {
                    IEA.check(segment, count, &control_number, place, &mut self.findings);
                }
                self.findings.interchange = None;
            }
            _ => return false,
        }
        true
    }

    fn tell_alone(&mut self, segment: &'static str, place: Place) {
        let message = "a trailer (SE or GE) stands where nothing is open that it could end";
        let finding = error("trailer-without-header", segment, None, message);
        self.findings.tell(finding, place);
    }
}

impl Sink for Reader<'_> {
    fn header(&mut self, header: &Header, offset_bytes: u64, ordinal: u64) {
        self.cut_set();
        self.end_group();
        self.end_interchange();
        self.has_header = true;
        let place = Place {
            offset_bytes,
            ordinal: Some(ordinal),
            in_set: None,
        };
        self.last = place;
        self.findings.interchange = Some(shown(header.element(13)));
        if header.delimiters.is_err() {
            let message = "the interchange is refused: ISA has no 16 elements and terminator, or delimiters that cannot be any";
            self.findings
                .tell(error("isa-unreadable", "ISA", None, message), place);
            return;
        }
        self.interchange = Some(Container {
            control_number: header.element(13).into(),
            count: 0,
        });
    }

    fn segment(&mut self, segment: Segment<'_>) {
        let bytes = unwrapped(&segment);
        let elements = Elements::new(&bytes, segment.delimiters.element);
        let ordinal = segment.ordinal;
        let first = self.set.as_ref().map(|open| open.first_ordinal);
        let place = Place {
            offset_bytes: segment.offset_bytes,
            ordinal: Some(ordinal),
            in_set: match elements.id {
                b"ST" => Some(1),
                _ => first.map(|first| ordinal - first + 1),
            },
        };
        self.last = place;
        if self.take_envelope(elements, place, ordinal) {
            return;
        }
        if let Some(set) = self.set.as_mut().and_then(|open| open.set.as_mut()) {
            set.take(elements, place, &mut self.totals, &mut self.findings);
        }
    }

    fn stray(&mut self, stray: Stray) {
        self.has_stray = true;
        if !self.has_header {
            return;
        }
        self.cut_set();
        let (code, message) = if stray.is_endless_segment {
            (
                "segment-endless",
                "the interchange is refused: a segment has no terminator within a mebibyte",
            )
        } else {
            (
                "stray-bytes",
                "bytes outside any interchange are passed over, up to the next ISA or the end of the file",
            )
        };
        let place = Place {
            offset_bytes: stray.offset_bytes,
            ordinal: None,
            in_set: None,
        };
        self.findings.tell(error(code, "", None, message), place);
    }
}

/// A control number as it is shown: what cannot stand in one is `?`.
fn shown(control_number: &[u8]) -> Box<str> {
    let characters = control_number.trim_ascii().iter().take(MOST_SHOWN);
    characters
        .map(|&byte| match byte {
            b'!'..=b'~' => char::from(byte),
            _ => '?',
        })
        .collect()
}
