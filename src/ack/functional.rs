//! 999 (005010X231A1): what is wrong with functional groups and the transaction sets in them.

use super::codes::{SegmentError, SetError};
use super::document::{Counts, Document};
use super::envelope::{GroupNames, Numbers};
use super::error::AckError;
use super::event::{ElementPlace, Finding, Group, GroupEnd, Problem, Set};
use crate::compose::{Length, Segment, clean, digits, length};

/// The functional groups that AK101 can name. FA is none of them: nobody acknowledges an
/// acknowledgement.
const GROUPS: [&[u8]; 9] = [
    b"BE", b"HB", b"HC", b"HI", b"HN", b"HP", b"HR", b"HS", b"RA",
];

/// The transaction sets that AK201 can name.
const SETS: [&[u8]; 9] = [
    b"270", b"271", b"276", b"277", b"278", b"820", b"834", b"835", b"837",
];

/// How many codes IK5 and AK9 hold.
const MOST_CODES: usize = 5;

/// How many characters of a loop id IK303 holds: of `2010AA` it tells `2010`.
const LOOP_ID: Length = length(1, 4);

/// The highest count that AK902 to AK904 hold.
const MOST_SETS: u64 = 999_999;

/// The verdict on a transaction set: IK501.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SetVerdict {
    Accepted,
    AcceptedWithErrors,
    Rejected,
}

impl SetVerdict {
    fn code(self) -> &'static str {
        match self {
            Self::Accepted => "A",
            Self::AcceptedWithErrors => "E",
            Self::Rejected => "R",
        }
    }
}

/// How many transaction sets a functional group had, by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SetCounts {
    pub(super) accepted: u64,
    pub(super) accepted_with_errors: u64,
    pub(super) rejected: u64,
}

impl SetCounts {
    fn received(self) -> u64 {
        self.accepted + self.accepted_with_errors + self.rejected
    }

    /// AK901, for a group that is not refused itself, and has errors noted or not.
    fn verdict(self, is_noted: bool) -> &'static str {
        let has_errors = is_noted || self.accepted_with_errors > 0;
        match (self.taken(), self.rejected, has_errors) {
            (_, 0, false) => "A",
            (_, 0, true) => "E",
            (0, _, _) => "R",
            _ => "P",
        }
    }

    fn taken(self) -> u64 {
        self.accepted + self.accepted_with_errors
    }
}

/// The 999 of an interchange: a functional group with one transaction set for each of its
/// functional groups.
#[derive(Debug)]
pub(super) struct Functional {
    pub(super) document: Document,
    /// Behind AK1 of the open group.
    after_header: Counts,
    /// Whether the open transaction set can be named in AK2.
    is_set_told: bool,
    /// The segment whose IK3 was written last, if more IK4 may follow it.
    open_segment: Option<(u64, Vec<u8>)>,
}

/// Whether a 999 can speak of a functional group.
pub(super) fn can_answer(group: &Group<'_>) -> bool {
    GROUPS.contains(&group.identifier.trim_ascii())
}

impl Functional {
    pub(super) fn new(document: Document) -> Self {
        Self {
            after_header: document.mark(),
            document,
            is_set_told: false,
            open_segment: None,
        }
    }

    /// A functional group begins: AK1.
    pub(super) fn begin_group(
        &mut self,
        group: &Group<'_>,
        names: &GroupNames,
        numbers: &mut Numbers,
    ) -> Result<(), AckError> {
        self.document.begin_group(names.clone(), numbers)?;
        self.document.begin_set(numbers)?;
        self.document.segment(
            Segment::new("AK1")
                .code(group.identifier.trim_ascii())
                .code(control_number(group.control_number))
                .first_of(&[group.version, b"UNKNOWN"], length(1, 12)),
        )?;
        self.after_header = self.document.mark();
        Ok(())
    }

    /// A transaction set begins: AK2.
    pub(super) fn begin_set(&mut self, set: &Set<'_>) -> Result<(), AckError> {
        let identifier = set.identifier.trim_ascii();
        self.is_set_told = SETS.contains(&identifier);
        self.open_segment = None;
        if !self.is_set_told {
            return Ok(());
        }
        let ak2 = Segment::new("AK2")
            .code(identifier)
            .first_of(&[set.control_number, b"0000"], length(4, 9))
            .text(set.convention, length(1, 35));
        self.document.segment(ak2)
    }

    /// An error: IK3 with the claim that it stands in, and IK4.
    pub(super) fn finding(&mut self, finding: &Finding<'_>) -> Result<(), AckError> {
        if !self.is_set_told {
            return Ok(());
        }
        match finding.problem {
            Problem::Segment(error) => self.begin_segment(finding, error),
            Problem::Element(place, error) => {
                let is_open = self.open_segment.as_ref().is_some_and(|(position, id)| {
                    *position == finding.position && *id == finding.segment
                });
                if !is_open {
                    self.begin_segment(finding, SegmentError::ElementsInError)?;
                }
                self.document.segment(
                    Segment::new("IK4")
                        .code(position_in_segment(place))
                        .code(place.reference.map(text_of).unwrap_or_default())
                        .code(error.code()),
                )
            }
        }
    }

    fn begin_segment(
        &mut self,
        finding: &Finding<'_>,
        error: SegmentError,
    ) -> Result<(), AckError> {
        let ik3 = Segment::new("IK3")
            .code(segment_id(finding.segment))
            .number(finding.position.max(1))
            .text(finding.loop_id, LOOP_ID)
            .code(error.code());
        self.document.segment(ik3)?;
        let claim = finding.claim.map(|claim| clean(claim, length(1, 35)));
        if let Some(claim) = claim.filter(|claim| !claim.is_empty()) {
            let context = [b"CLM01:", &claim[..]].concat();
            self.document.segment(Segment::new("CTX").code(context))?;
        }
        let is_open = error == SegmentError::ElementsInError;
        self.open_segment = is_open.then(|| (finding.position, finding.segment.to_vec()));
        Ok(())
    }

    /// The transaction set has ended: IK5.
    pub(super) fn end_set(
        &mut self,
        verdict: SetVerdict,
        errors: &[SetError],
    ) -> Result<(), AckError> {
        if !self.is_set_told {
            return Ok(());
        }
        let mut ik5 = Segment::new("IK5").code(verdict.code());
        for error in errors.iter().take(MOST_CODES) {
            ik5 = ik5.code(error.code());
        }
        self.document.segment(ik5)
    }

    /// The functional group has ended: AK9. Of a group that is refused nothing else is told.
    pub(super) fn end_group(
        &mut self,
        counts: SetCounts,
        end: &GroupEnd<'_>,
    ) -> Result<(), AckError> {
        let is_refused = !end.refused.is_empty();
        let (verdict, taken) = if is_refused {
            self.document.go_back(self.after_header)?;
            ("R", 0)
        } else {
            (counts.verdict(!end.noted.is_empty()), counts.taken())
        };
        let received = counts.received();
        let included = end.included_count.unwrap_or(received);
        let mut ak9 = Segment::new("AK9").code(verdict);
        for count in [included, received, taken] {
            ak9 = ak9.number(count.min(MOST_SETS));
        }
        for error in end.refused.iter().chain(end.noted).take(MOST_CODES) {
            ak9 = ak9.code(error.code());
        }
        self.document.segment(ak9)?;
        self.document.end_set()?;
        self.document.end_group()
    }
}

fn text_of(number: u16) -> String {
    number.min(9999).to_string()
}

/// IK401: element, component, repetition.
fn position_in_segment(place: ElementPlace) -> String {
    let two_digits = |number: u8| number.clamp(1, 99).to_string();
    let parts = [
        two_digits(place.element),
        place.component.map(two_digits).unwrap_or_default(),
        place.repetition.map(text_of).unwrap_or_default(),
    ];
    parts.join(":").trim_end_matches(':').to_owned()
}

/// AK102: a control number of at most nine digits, 0 where there is none.
fn control_number(given: &[u8]) -> Vec<u8> {
    let digits = digits(given, 9);
    if digits.is_empty() {
        b"0".to_vec()
    } else {
        digits
    }
}

/// IK301: two or three letters or digits. Anything else is no segment id, and could be a
/// value that stands where one should.
fn segment_id(given: &[u8]) -> &[u8] {
    let is_id = (2..=3).contains(&given.len()) && given.iter().all(u8::is_ascii_alphanumeric);
    if is_id { given } else { b"ZZZ" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_judged_by_its_sets() {
        for (accepted, with_errors, rejected, verdict) in [
            (0, 0, 0, "A"),
            (2, 0, 0, "A"),
            (2, 1, 0, "E"),
            (0, 1, 0, "E"),
            (1, 0, 1, "P"),
            (0, 1, 1, "P"),
            (0, 0, 2, "R"),
        ] {
            let counts = SetCounts {
                accepted,
                accepted_with_errors: with_errors,
                rejected,
            };
            assert_eq!(counts.verdict(false), verdict, "{counts:?}");
            let noted = if verdict == "A" { "E" } else { verdict };
            assert_eq!(counts.verdict(true), noted, "{counts:?}");
        }
    }

    #[test]
    fn positions_end_where_nothing_is_known() {
        let place = |component, repetition| ElementPlace {
            element: 5,
            component,
            repetition,
            reference: None,
        };
        assert_eq!(position_in_segment(place(None, None)), "5");
        assert_eq!(position_in_segment(place(Some(2), None)), "5:2");
        assert_eq!(position_in_segment(place(None, Some(3))), "5::3");
        assert_eq!(position_in_segment(ElementPlace::default()), "1");
    }

    #[test]
    fn what_is_no_segment_id_is_not_told() {
        assert_eq!(segment_id(b"NM1"), b"NM1");
        assert_eq!(segment_id(b"DOE JANE"), b"ZZZ");
        assert_eq!(segment_id(b"N"), b"ZZZ");
    }
}
