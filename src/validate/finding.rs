//! What a check found, and where.

use crate::guide::Tag;
use crate::x12::Excerpt;

/// What a check found: all that a 999 says of it in IK3, IK4 and CTX.
///
/// A finding rejects what it stands in: a claim, the claims under a level, or with a header
/// the transaction set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where its segment starts, or where a missing one should stand, in bytes of the input.
    pub offset_bytes: u64,
    /// The place of that segment among those of the reader that found it, from 1; a missing
    /// segment has the place that it should have.
    pub ordinal: u64,
    /// The loop, for example `2010AA`.
    pub loop_id: Option<&'static str>,
    /// The segment id; empty where the segment has none that can be one.
    pub tag: Tag,
    /// The code that tells the segment from others of its id (NM101, REF01, DTP01), where it is
    /// one of the guide's.
    pub qualifier: Option<&'static str>,
    /// The element's position, from 1.
    pub element: Option<u8>,
    /// The component's position, from 1.
    pub component: Option<u8>,
    /// Which repetition of the element, from 1, where it may repeat.
    pub repetition: Option<u16>,
    /// The element's reference number in the data element dictionary.
    pub data_element: Option<&'static str>,
    /// What is wrong.
    pub problem: Problem,
    /// The level that found it, from 1 to 5; 0 for what no reader can do without.
    pub level: u8,
    /// In words; no value is in it.
    pub message: Box<str>,
    /// The segment with its values masked; none where a segment is missing.
    pub excerpt: Option<Box<Excerpt>>,
}

/// A finding where it stands in the input: what an acknowledgement is written from.
///
/// Whoever reads units in order makes one of each finding, in order: those of a header before
/// its first level, those of a level before the claims under it, those of a claim before what
/// becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported<'a> {
    /// What was found.
    pub finding: &'a Finding,
    /// The segment's position in the transaction set; ST is 1 (IK303).
    pub position: Option<u64>,
    /// CLM01 of the claim that it is in (CTX01). It is a value: it stands in an answer to the
    /// sender, and nowhere else.
    pub claim: Option<&'a [u8]>,
}

/// Which element of a 999 says what a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledgement {
    /// IK304: of a segment.
    Segment(&'static str),
    /// IK403: of an element; IK304 is 8 then.
    Element(&'static str),
    /// Nothing in a 999 says it.
    None,
}

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Problem {
    /// Characters that the type does not have.
    Characters,
    /// A date that is not 8 digits.
    DateMalformed,
    /// A time that is not 4, 6 or 8 digits.
    TimeMalformed,
    /// Fewer characters than the shortest.
    TooShort,
    /// More characters than the longest.
    TooLong,
    /// Separators behind the last element or component that is there.
    TrailingEmpty,
    /// An element that others ask for (P, R, C, L).
    ConditionalMissing,
    /// Elements that exclude each other (E).
    Exclusive,
    /// A required element that is not there.
    ElementMissing,
    /// An element that the guide does not use.
    ElementNotUsed,
    /// More elements than the segment has.
    TooManyElements,
    /// More components than the element has.
    TooManyComponents,
    /// More repetitions than the element has.
    TooManyRepetitions,
    /// A code that the guide does not list.
    CodeNotAllowed,
    /// A segment that the guide does not know.
    SegmentUnknown,
    /// A segment that does not belong there.
    SegmentUnexpected,
    /// A required segment that is not there.
    SegmentMissing,
    /// A required loop that is not there.
    LoopMissing,
    /// A loop more often than it may be there.
    LoopTooMany,
    /// A segment more often than it may be there.
    SegmentTooMany,
    /// A segment behind one that it should stand before.
    SegmentOrder,
    /// HL01 does not count on.
    LevelNumber,
    /// HL02 is not the level above.
    LevelParent,
    /// More claims under a level than there may be.
    ClaimsTooMany,
    /// CLM02 is not the sum of SV102.
    ChargeUnbalanced,
    /// SVD02 and CAS are not SV102.
    LineUnbalanced,
    /// AMT*D and CAS are not what the other payer's lines say.
    PayerUnbalanced,
    /// A segment that the situation asks for.
    SituationSegment,
    /// An element that the situation asks for.
    SituationElement,
    /// A code that the situation does not allow.
    SituationCode,
    /// No national provider identifier: its check digit is wrong, or its shape.
    NpiInvalid,
    /// A date or a time that does not exist.
    DateInvalid,
    /// A time that does not exist.
    TimeInvalid,
    /// A code that has not the shape of its kind.
    ShapeInvalid,
    /// A code that its outside list does not have.
    CodeUnknown,
    /// More is wrong with a unit than is told.
    More,
    /// What no reader can do without, in the reader's own word.
    Unreadable(&'static str),
}

impl Problem {
    /// A word that programs can compare.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.said().0
    }

    /// What a 999 has for it.
    #[must_use]
    pub fn acknowledgement(self) -> Acknowledgement {
        self.said().1
    }

    fn said(self) -> (&'static str, Acknowledgement) {
        use Acknowledgement::{Element, None, Segment};
        match self {
            Self::Characters => ("element-characters-invalid", Element("6")),
            Self::DateMalformed => ("element-date-malformed", Element("8")),
            Self::TimeMalformed => ("element-time-malformed", Element("9")),
            Self::TooShort => ("element-too-short", Element("4")),
            Self::TooLong => ("element-too-long", Element("5")),
            Self::TrailingEmpty => ("trailing-empty", Segment("8")),
            Self::ConditionalMissing => ("element-conditionally-missing", Element("2")),
            Self::Exclusive => ("elements-exclusive", Element("10")),
            Self::ElementMissing => ("element-missing", Element("1")),
            Self::ElementNotUsed => ("element-not-used", Element("I10")),
            Self::TooManyElements => ("elements-too-many", Element("3")),
            Self::TooManyComponents => ("components-too-many", Element("13")),
            Self::TooManyRepetitions => ("repetitions-too-many", Element("12")),
            Self::CodeNotAllowed => ("code-not-allowed", Element("7")),
            Self::SegmentUnknown => ("segment-unknown", Segment("1")),
            Self::SegmentUnexpected => ("segment-unexpected", Segment("2")),
            Self::SegmentMissing => ("segment-missing", Segment("3")),
            Self::LoopMissing => ("loop-missing", Segment("3")),
            Self::LoopTooMany => ("loop-too-many", Segment("4")),
            Self::SegmentTooMany => ("segment-too-many", Segment("5")),
            Self::SegmentOrder => ("segment-out-of-order", Segment("7")),
            Self::LevelNumber => ("hl-number-wrong", Element("7")),
            Self::LevelParent => ("hl-parent-wrong", Element("7")),
            Self::ClaimsTooMany => ("claims-too-many", Segment("4")),
            Self::ChargeUnbalanced => ("claim-charge-unbalanced", None),
            Self::LineUnbalanced => ("line-adjudication-unbalanced", None),
            Self::PayerUnbalanced => ("other-payer-unbalanced", None),
            Self::SituationSegment => ("situation-segment-missing", Segment("I6")),
            Self::SituationElement => ("situation-element-missing", Element("I9")),
            Self::SituationCode => ("situation-code-not-allowed", Element("I6")),
            Self::NpiInvalid => ("npi-invalid", Element("I12")),
            Self::DateInvalid => ("date-invalid", Element("8")),
            Self::TimeInvalid => ("time-invalid", Element("9")),
            Self::ShapeInvalid => ("code-shape-invalid", Element("I12")),
            Self::CodeUnknown => ("code-unknown", Element("7")),
            Self::More => ("findings-too-many", None),
            Self::Unreadable(code) => (code, unreadable(code)),
        }
    }

    /// Whether a segment is wrong where it stands, so that what the unit says as a whole
    /// cannot be judged.
    #[must_use]
    pub fn is_structural(self) -> bool {
        match self.acknowledgement() {
            Acknowledgement::Segment(code) => !matches!(code, "8" | "I6"),
            Acknowledgement::Element(_) | Acknowledgement::None => {
                matches!(self, Self::Unreadable(_))
            }
        }
    }

    /// What a 999 has for it, in the words of `Issue::acknowledgement`.
    #[must_use]
    pub fn acknowledgement_words(self) -> Option<&'static str> {
        Some(match self.acknowledgement() {
            Acknowledgement::None => return None,
            Acknowledgement::Segment(code) => match code {
                "1" => "IK304 1",
                "2" => "IK304 2",
                "3" => "IK304 3",
                "4" => "IK304 4",
                "5" => "IK304 5",
                "7" => "IK304 7",
                "I6" => "IK304 I6",
                _ => "IK304 8",
            },
            Acknowledgement::Element(code) => match code {
                "1" => "IK403 1",
                "2" => "IK403 2",
                "3" => "IK403 3",
                "4" => "IK403 4",
                "5" => "IK403 5",
                "6" => "IK403 6",
                "8" => "IK403 8",
                "9" => "IK403 9",
                "10" => "IK403 10",
                "12" => "IK403 12",
                "13" => "IK403 13",
                "I6" => "IK403 I6",
                "I9" => "IK403 I9",
                "I10" => "IK403 I10",
                "I12" => "IK403 I12",
                _ => "IK403 7",
            },
        })
    }
}

/// What a 999 has for the reader's own faults.
fn unreadable(code: &str) -> Acknowledgement {
    match code {
        "claim-number-missing" => Acknowledgement::Element("1"),
        "claim-charge-invalid" | "line-charge-invalid" => Acknowledgement::Element("6"),
        _ => Acknowledgement::Segment("2"),
    }
}
