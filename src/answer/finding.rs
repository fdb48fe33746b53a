//! What is wrong with an input, as acknowledgements say it.

use crate::ack::{
    ElementError, ElementPlace, Finding, GroupError, InterchangeNote, Problem, Refusal,
    SegmentError, SetError,
};
use crate::validate::{self, Acknowledgement, Reported};
use crate::x12::Issue;

/// A finding, as a 999 has it; `None` where nothing in a 999 says it.
pub(super) fn of_reported<'r>(reported: &'r Reported<'r>) -> Option<Finding<'r>> {
    let finding = reported.finding;
    let place = ElementPlace {
        element: finding.element.unwrap_or(1),
        component: finding.component,
        repetition: finding.repetition,
        reference: finding.data_element.and_then(|number| number.parse().ok()),
    };
    let problem = match finding.problem.acknowledgement() {
        Acknowledgement::None => return None,
        Acknowledgement::Segment(code) => {
            Problem::Segment(SegmentError::from_code(code).unwrap_or(SegmentError::Unexpected))
        }
        Acknowledgement::Element(code) => {
            let error = ElementError::from_code(code).unwrap_or(ElementError::CodeInvalid);
            Problem::Element(place, error)
        }
    };
    Some(Finding {
        segment: finding.tag.as_str().as_bytes(),
        position: reported.position.unwrap_or(1),
        loop_id: finding.loop_id.unwrap_or_default().as_bytes(),
        qualifier: finding.qualifier.unwrap_or_default().as_bytes(),
        problem,
        claim: reported.claim,
    })
}

/// Whether amounts do not add up: a 999 has no word for it.
pub(super) fn is_of_balance(problem: validate::Problem) -> bool {
    use validate::Problem::{ChargeUnbalanced, LineUnbalanced, PayerUnbalanced};
    matches!(problem, ChargeUnbalanced | LineUnbalanced | PayerUnbalanced)
}

/// What the reader itself could not do without, in a transaction set; `None` where what is at
/// fault was told already, or stands in no transaction set.
pub(super) fn of_issue<'i>(issue: &'i Issue, claim: Option<&'i [u8]>) -> Option<Finding<'i>> {
    let position = issue.segment_in_transaction?;
    let problem = match issue.code {
        "hl-orphan" => element(2, ElementError::CodeInvalid),
        "claim-number-missing" => element(1, ElementError::Missing),
        "claim-charge-invalid" | "line-charge-invalid" => {
            element(2, ElementError::CharacterInvalid)
        }
        "claim-outside-level" | "line-outside-claim" | "line-number-missing" => {
            Problem::Segment(SegmentError::Unexpected)
        }
        _ => return None,
    };
    Some(Finding {
        segment: segment_of(issue).as_bytes(),
        position,
        loop_id: issue.loop_id.unwrap_or_default().as_bytes(),
        qualifier: b"",
        problem,
        claim,
    })
}

/// What lenient envelopes forgive, by the code of its warning: it is told all the same.
pub(super) fn forgiven(code: &str) -> Option<Refusal> {
    Some(match code {
        "iea-missing" => Refusal::Interchange(InterchangeNote::EndsTooEarly),
        "iea-control-number-wrong" => Refusal::Interchange(InterchangeNote::ControlNumbersDiffer),
        "iea-count-wrong" => Refusal::Interchange(InterchangeNote::GroupCountWrong),
        "ge-missing" => Refusal::Group(GroupError::TrailerMissing),
        "ge-control-number-wrong" => Refusal::Group(GroupError::ControlNumbersDiffer),
        "ge-count-wrong" => Refusal::Group(GroupError::CountWrong),
        "se-missing" => Refusal::Set(SetError::TrailerMissing),
        "se-control-number-wrong" => Refusal::Set(SetError::ControlNumbersDiffer),
        "se-count-wrong" => Refusal::Set(SetError::CountWrong),
        _ => return None,
    })
}

fn element(element: u8, error: ElementError) -> Problem {
    let place = ElementPlace {
        element,
        ..ElementPlace::default()
    };
    Problem::Element(place, error)
}

fn segment_of(issue: &Issue) -> &str {
    match (issue.segment.as_deref(), issue.code) {
        (Some(segment), _) => segment,
        (None, "line-outside-claim") => "SV1",
        (None, "hl-orphan") => "HL",
        (None, _) => "CLM",
    }
}
