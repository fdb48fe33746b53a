//! What is acknowledged, as plain data: borrowed from whoever reads the input.
//!
//! Texts are bytes as they stand in the input. They need not be clean: whatever cannot stand
//! in an answer is replaced when it is written.

use chrono::NaiveDate;

use super::codes::{ElementError, GroupError, InterchangeNote, SegmentError, SetError};
use super::status::Status;
use crate::claim::{Cents, ClaimControlNumber};
use crate::x12::Header;

/// Something of the input, in its order.
///
/// Begins and ends nest as in the input. What has nothing open to belong to is passed over;
/// what is still open when something around it ends is refused for its missing trailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// ISA.
    InterchangeBegins(Interchange<'a>),
    /// GS.
    GroupBegins(Group<'a>),
    /// ST.
    SetBegins(Set<'a>),
    /// BHT and the names of loops 1000A and 1000B, once they are known.
    SetHeader(SetHeader<'a>),
    /// The billing provider of the claims that follow: whenever it is another one than that of
    /// the claim before.
    BillingProvider(BillingProvider<'a>),
    /// An error in the transaction set.
    Finding(Finding<'a>),
    /// A claim has ended; findings in it came before.
    Claim(Claim<'a>),
    /// The claim that came last is rejected after all (the data end behind it).
    LastClaimRejected(Status),
    /// SE, or what comes in its place.
    SetEnds(SetFate<'a>),
    /// GE, or what comes in its place.
    GroupEnds(GroupEnd<'a>),
    /// IEA, or what comes in its place.
    InterchangeEnds(InterchangeFate),
}

/// An interchange as its ISA has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interchange<'a> {
    /// ISA05 and ISA06.
    pub sender: Address<'a>,
    /// ISA07 and ISA08.
    pub receiver: Address<'a>,
    /// ISA09, `YYMMDD`.
    pub date: &'a [u8],
    /// ISA10, `HHMM`.
    pub time: &'a [u8],
    /// ISA13.
    pub control_number: &'a [u8],
    /// Whether ISA14 is `1`: a TA1 is asked for.
    pub wants_acknowledgement: bool,
    /// Whether ISA15 is `T`.
    pub is_test: bool,
}

impl<'a> From<&'a Header> for Interchange<'a> {
    fn from(header: &'a Header) -> Self {
        let address = |qualifier, id| Address {
            qualifier: header.element(qualifier),
            id: header.element(id),
        };
        Self {
            sender: address(5, 6),
            receiver: address(7, 8),
            date: header.element(9),
            time: header.element(10),
            control_number: header.element(13),
            wants_acknowledgement: header.element(14) == b"1",
            is_test: header.element(15) == b"T",
        }
    }
}

/// A sender or receiver of interchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Address<'a> {
    /// ISA05 or ISA07.
    pub qualifier: &'a [u8],
    /// ISA06 or ISA08.
    pub id: &'a [u8],
}

/// A functional group as its GS has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Group<'a> {
    /// GS01.
    pub identifier: &'a [u8],
    /// GS02.
    pub sender: &'a [u8],
    /// GS03.
    pub receiver: &'a [u8],
    /// GS06.
    pub control_number: &'a [u8],
    /// GS08.
    pub version: &'a [u8],
}

/// A transaction set as its ST has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Set<'a> {
    /// ST01.
    pub identifier: &'a [u8],
    /// ST02.
    pub control_number: &'a [u8],
    /// ST03.
    pub convention: &'a [u8],
}

/// What the header of a transaction set says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetHeader<'a> {
    /// BHT03.
    pub reference: &'a [u8],
    /// 1000A.
    pub submitter: Party<'a>,
    /// 1000B.
    pub receiver: Party<'a>,
}

/// A name: NM102 to NM105, NM107 and NM109.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Party<'a> {
    /// Whether NM102 is `1`.
    pub is_person: bool,
    /// NM103, last name or name of an organization.
    pub last_name: &'a [u8],
    /// NM104.
    pub first_name: &'a [u8],
    /// NM105.
    pub middle_name: &'a [u8],
    /// NM107.
    pub suffix: &'a [u8],
    /// NM109.
    pub id: &'a [u8],
}

/// A billing provider (loop 2010AA).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BillingProvider<'a> {
    /// 2010AA NM1; its id is the NPI.
    pub name: Party<'a>,
    /// 2010AA REF*EI or REF*SY.
    pub tax_id: &'a [u8],
}

/// An error, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding<'a> {
    /// The segment id, for example `CLM`; of a missing segment its own.
    pub segment: &'a [u8],
    /// The segment's place in the transaction set; ST is 1. Of a missing segment, the place
    /// at which it was missed.
    pub position: u64,
    /// The loop, for example `2010AA`; empty where none is known.
    pub loop_id: &'a [u8],
    /// What tells segments of one id apart: NM101, REF01, DTP01; empty where that is not known.
    pub qualifier: &'a [u8],
    /// What is wrong.
    pub problem: Problem,
    /// CLM01 of the claim that it stands in.
    pub claim: Option<&'a [u8]>,
}

/// What is wrong with a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The segment as a whole.
    Segment(SegmentError),
    /// One of its elements.
    Element(ElementPlace, ElementError),
}

/// Which element of a segment; all count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ElementPlace {
    /// IK401-1: its position in the segment.
    pub element: u8,
    /// IK401-2: the component, in a composite.
    pub component: Option<u8>,
    /// IK401-3: which repetition of the element.
    pub repetition: Option<u16>,
    /// IK402: the number of the data element in the dictionary of X12, where it is known.
    pub reference: Option<u16>,
}

/// A claim (loop 2300) and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// CLM01.
    pub patient_control_number: &'a [u8],
    /// CLM02; `None` where it is no amount.
    pub charge: Option<Cents>,
    /// The patient: 2010CA, else 2010BA; its id is the member id of 2010BA.
    pub patient: Party<'a>,
    /// The first and the last date of service, where there are any.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    /// 2300 REF*D9, the clearinghouse's own number of the claim; empty where none is given.
    pub trace_number: &'a [u8],
    /// What became of it.
    pub fate: ClaimFate<'a>,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimFate<'a> {
    /// It is accepted under this number of ours.
    Accepted(ClaimControlNumber),
    /// It is rejected, for these statuses and those of the findings in the claim; where there
    /// are none, for [`Status::IN_ERROR`].
    Rejected(&'a [Status]),
}

/// What became of a transaction set.
///
/// Whether an accepted one is accepted with errors follows from the findings and claims in it,
/// and with [`super::Options::strict`] it is refused for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetFate<'a> {
    /// It is accepted.
    Accepted,
    /// It is accepted although its envelope has these errors (with lenient envelopes).
    AcceptedWithErrors(&'a [SetError]),
    /// It is refused for these reasons, or for the findings in it where none is given.
    Refused(&'a [SetError]),
}

/// The end of a functional group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GroupEnd<'a> {
    /// GE01, where it is a number.
    pub included_count: Option<u64>,
    /// Why the whole group is refused; empty when it is not.
    pub refused: &'a [GroupError],
    /// Errors of its envelope for which it is not refused (with lenient envelopes).
    pub noted: &'a [GroupError],
}

impl GroupEnd<'static> {
    /// The end of a group that has no GE.
    pub(super) const CUT: Self = Self {
        included_count: None,
        refused: &[GroupError::TrailerMissing],
        noted: &[],
    };
}

/// What became of an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterchangeFate {
    /// It is accepted (TA1 A 000).
    Accepted,
    /// It is accepted although something was wrong with it (TA1 E).
    AcceptedWithErrors(InterchangeNote),
    /// It is refused, and all that is in it (TA1 R).
    Refused(InterchangeNote),
}
