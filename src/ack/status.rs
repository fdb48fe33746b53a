//! Claim status: why a claim is rejected, in the codes that a 277CA has for it.

use super::codes::{Category, ElementError, Entity, SegmentError};
use super::event::{Finding, Problem};

/// A claim status: STC01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status {
    /// STC01-1.
    pub category: Category,
    /// STC01-2, a claim status code (code source 508).
    pub code: u16,
    /// STC01-3.
    pub entity: Option<Entity>,
}

impl Status {
    /// Accepted for processing.
    pub const ACCEPTED: Self = Self::new(Category::Accepted, 20, None);

    /// Rejected for an error that the 999 tells: of a transaction set that was accepted with
    /// errors. For whatever has no code of its own.
    pub const IN_ERROR: Self = Self::new(Category::Rejected, 684, None);

    /// Rejected: its charges do not add up.
    pub const OUT_OF_BALANCE: Self = Self::new(Category::Relational, 400, None);

    /// A status.
    #[must_use]
    pub const fn new(category: Category, code: u16, entity: Option<Entity>) -> Self {
        Self {
            category,
            code,
            entity,
        }
    }

    /// The status of a claim that is rejected for a finding: [`Status::IN_ERROR`] where no code
    /// says what the finding is about.
    ///
    /// ```
    /// use claimstream::ack::{ElementError, ElementPlace, Finding, Problem, Status};
    ///
    /// let place = ElementPlace { element: 9, ..ElementPlace::default() };
    /// let finding = Finding {
    ///     segment: b"NM1",
    ///     position: 9,
    ///     loop_id: b"2010AA",
    ///     qualifier: b"85",
    ///     problem: Problem::Element(place, ElementError::Missing),
    ///     claim: None,
    /// };
    /// // The NPI (562) of the billing provider (85) is missing (A6).
    /// assert_eq!(Status::of(&finding).to_string(), "A6:562:85");
    /// ```
    #[must_use]
    pub fn of(finding: &Finding<'_>) -> Self {
        let category = category(finding.problem);
        let entity = entity(finding.loop_id);
        match subject(finding) {
            Some(Subject::Claim(code)) => Self::new(category, code, None),
            // These codes say nothing without an entity.
            Some(Subject::Entity(code)) if entity.is_some() => Self::new(category, code, entity),
            _ => Self::IN_ERROR,
        }
    }
}

impl std::fmt::Display for Status {
    /// As it is written: category, code and entity joined by `:`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.category.code(), self.code)?;
        match self.entity {
            Some(entity) => write!(f, ":{}", entity.code()),
            None => Ok(()),
        }
    }
}

/// Whether something is missing, invalid or does not fit.
fn category(problem: Problem) -> Category {
    match problem {
        Problem::Segment(error) => match error {
            SegmentError::Missing
            | SegmentError::DependentMissing
            | SegmentError::LoopTooSeldom
            | SegmentError::TooSeldom => Category::Missing,
            SegmentError::DependentNotUsed => Category::Relational,
            _ => Category::Invalid,
        },
        Problem::Element(_, error) => match error {
            ElementError::Missing
            | ElementError::DependentMissing
            | ElementError::TooFewRepetitions => Category::Missing,
            ElementError::ConditionalMissing
            | ElementError::Excluded
            | ElementError::DependentNotUsed => Category::Relational,
            _ => Category::Invalid,
        },
    }
}

/// Whom a loop is about.
fn entity(loop_id: &[u8]) -> Option<Entity> {
    Some(match loop_id {
        b"1000A" => Entity::Submitter,
        b"1000B" => Entity::Receiver,
        b"2000A" | b"2010AA" => Entity::BillingProvider,
        b"2010AB" => Entity::PayTo,
        b"2000B" | b"2010BA" => Entity::Subscriber,
        b"2010BB" => Entity::Payer,
        b"2000C" | b"2010CA" => Entity::Patient,
        b"2310A" | b"2420F" => Entity::ReferringProvider,
        b"2310B" | b"2420A" => Entity::RenderingProvider,
        b"2310C" | b"2420C" => Entity::ServiceLocation,
        b"2310D" | b"2420D" => Entity::SupervisingProvider,
        b"2330A" => Entity::OtherInsured,
        b"2420B" => Entity::PurchasedServiceProvider,
        b"2420E" => Entity::OrderingProvider,
        _ => return None,
    })
}

/// What a finding is about, as a claim status code.
enum Subject {
    /// The code stands by itself.
    Claim(u16),
    /// The code needs an entity.
    Entity(u16),
}

fn subject(finding: &Finding<'_>) -> Option<Subject> {
    let (element, component) = match finding.problem {
        Problem::Segment(_) => (0, 0),
        Problem::Element(place, _) => (place.element, place.component.unwrap_or_default()),
    };
    let is_provider = !matches!(
        finding.loop_id,
        b"2010BA" | b"2010BB" | b"2010CA" | b"2330A" | b"2330B"
    );
    Some(match (finding.segment, element) {
        // Claim submitter's identifier, submitted charges, place of service, frequency.
        (b"CLM", 1) => Subject::Claim(478),
        (b"CLM", 2) => Subject::Claim(178),
        (b"CLM", 5) if component == 3 => Subject::Claim(535),
        (b"CLM", 5) => Subject::Claim(249),
        // Procedure code, modifiers, units, place of service, diagnosis pointer.
        (b"SV1", 1) if component > 2 => Subject::Claim(453),
        (b"SV1", 0 | 1) => Subject::Claim(454),
        (b"SV1", 2) => Subject::Claim(583),
        (b"SV1", 3 | 4) => Subject::Claim(476),
        (b"SV1", 5) => Subject::Claim(249),
        (b"SV1", 7) => Subject::Claim(477),
        // Diagnosis code, dates of service, payer's claim control number.
        (b"HI", _) => Subject::Claim(255),
        (b"DTP", _) if finding.qualifier == b"472" => Subject::Claim(187),
        (b"REF", _) if finding.qualifier == b"F8" => Subject::Claim(464),
        // An entity's tax id, names, NPI or member number, address, birth, sex, specialty.
        (b"REF", _) if matches!(finding.qualifier, b"EI" | b"SY") => Subject::Entity(128),
        (b"NM1", 0) => Subject::Entity(125),
        (b"NM1", 3) => Subject::Entity(504),
        (b"NM1", 4) => Subject::Entity(505),
        (b"NM1", 5) => Subject::Entity(514),
        (b"NM1", 8 | 9) if finding.loop_id == b"2010BA" => Subject::Entity(164),
        (b"NM1", 8 | 9) if is_provider => Subject::Entity(562),
        (b"NM1", 8 | 9) => Subject::Entity(153),
        (b"N3", 1 | 2) => Subject::Entity(503),
        (b"N4", 1) => Subject::Entity(502),
        (b"N4", 2) => Subject::Entity(501),
        (b"N4", 3) => Subject::Entity(500),
        (b"N3" | b"N4", 0) => Subject::Entity(126),
        (b"DMG", 2) => Subject::Entity(158),
        (b"DMG", 3) => Subject::Entity(157),
        (b"PRV", _) => Subject::Entity(145),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::event::ElementPlace;
    use super::*;

    #[test]
    fn a_finding_has_the_status_that_fits() {
        for (segment, element, component, loop_id, qualifier, error, status) in [
            ("CLM", 2, 0, "2300", "", "1", "A6:178"),
            ("CLM", 5, 3, "2300", "", "7", "A7:535"),
            ("SV1", 1, 4, "2400", "", "7", "A7:453"),
            ("SV1", 7, 1, "2400", "", "1", "A6:477"),
            ("DTP", 3, 0, "2400", "472", "8", "A7:187"),
            ("DTP", 3, 0, "2400", "471", "8", "A3:684"),
            ("NM1", 9, 0, "2310B", "82", "I12", "A7:562:82"),
            ("NM1", 9, 0, "2010BA", "IL", "1", "A6:164:IL"),
            ("NM1", 9, 0, "2010BB", "PR", "2", "A8:153:PR"),
            ("NM1", 9, 0, "", "", "1", "A3:684"),
            ("N4", 3, 0, "2010AA", "", "4", "A7:500:85"),
            ("K3", 1, 0, "2300", "", "5", "A3:684"),
        ] {
            let place = ElementPlace {
                element,
                component: Some(component).filter(|component| *component > 0),
                ..ElementPlace::default()
            };
            let error = ElementError::from_code(error).unwrap();
            let finding = Finding {
                segment: segment.as_bytes(),
                position: 1,
                loop_id: loop_id.as_bytes(),
                qualifier: qualifier.as_bytes(),
                problem: Problem::Element(place, error),
                claim: None,
            };
            assert_eq!(Status::of(&finding).to_string(), status, "{finding:?}");
        }
    }

    #[test]
    fn a_missing_segment_is_missing_information() {
        for (segment, loop_id, status) in [
            ("HI", "2300", "A6:255"),
            ("NM1", "2010BA", "A6:125:IL"),
            ("N4", "2010AA", "A6:126:85"),
            ("AMT", "2320", "A3:684"),
        ] {
            let finding = Finding {
                segment: segment.as_bytes(),
                position: 1,
                loop_id: loop_id.as_bytes(),
                qualifier: b"",
                problem: Problem::Segment(SegmentError::Missing),
                claim: None,
            };
            assert_eq!(Status::of(&finding).to_string(), status);
        }
    }
}
