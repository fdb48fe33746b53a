//! A claim as billed, as far as a remittance repeats it.

use serde::{Deserialize, Serialize};

use crate::claim::{Cents, DateOfService, Quantity, as_text};
use crate::p837::date_of_service;
use crate::remit::{ClaimPayment, ClaimStatus, LinePayment, Party, Payee};
use crate::x12::element::{amount, whole_number};
use crate::x12::{Elements, Segments};

/// A claim as billed. Nothing is paid for it yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Note {
    /// Its claim control number.
    pub(super) number: String,
    /// The claim, its lines without an adjustment.
    pub(super) claim: ClaimPayment,
}

/// What the level of a billing provider says (loop 2010AA).
pub(super) fn payee(level: Segments<'_>) -> Payee {
    let mut payee = Payee::default();
    let mut is_own = false;
    for segment in level.iter() {
        match segment.id() {
            b"NM1" => {
                is_own = segment.get(1) == b"85";
                if is_own {
                    payee.name = full_name(segment);
                    if segment.get(8) == b"XX" {
                        payee.npi = text(segment.get(9));
                    }
                }
            }
            b"N3" if is_own => payee.address = text(segment.get(1)),
            b"N4" if is_own => {
                payee.city = text(segment.get(1));
                payee.state = text(segment.get(2));
                payee.zip = text(segment.get(3));
            }
            b"REF"
                if is_own && matches!(segment.get(1), b"EI" | b"SY") && payee.tax_id.is_empty() =>
            {
                let digits = segment.get(2).iter().filter(|byte| byte.is_ascii_digit());
                payee.tax_id = digits.map(|&digit| char::from(digit)).collect();
            }
            _ => {}
        }
    }
    payee
}

/// The name of an organisation, or of a person as one text.
fn full_name(nm1: Elements<'_>) -> String {
    let names = [4, 5, 3].map(|position| text(nm1.get(position)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What the level of a subscriber says (loop 2000B).
#[derive(Debug, Clone, Default)]
pub(super) struct Subscriber {
    pub(super) status: ClaimStatus,
    pub(super) filing_indicator: String,
    pub(super) insured: Party,
}

pub(super) fn subscriber(level: Segments<'_>) -> Subscriber {
    let mut subscriber = Subscriber::default();
    for segment in level.iter() {
        match segment.id() {
            b"SBR" => {
                subscriber.status = ClaimStatus::of_responsibility(segment.get(1));
                subscriber.filing_indicator = text(segment.get(9));
            }
            b"NM1" if segment.get(1) == b"IL" => subscriber.insured = party(segment),
            _ => {}
        }
    }
    subscriber
}

/// The patient of a level of its own (loop 2010CA).
pub(super) fn patient(level: Segments<'_>) -> Party {
    let mut names = level.iter().filter(|segment| segment.id() == b"NM1");
    let name = names.find(|segment| segment.get(1) == b"QC");
    name.map(party).unwrap_or_default()
}

fn party(nm1: Elements<'_>) -> Party {
    let [last_name, first_name, middle_name, suffix, id] =
        [3, 4, 5, 7, 9].map(|position| text(nm1.get(position)));
    Party {
        is_person: nm1.get(2) == b"1",
        last_name,
        first_name,
        middle_name,
        suffix,
        id,
    }
}

/// The levels that a claim stands under.
pub(super) struct Levels<'l> {
    pub(super) payee: &'l Payee,
    pub(super) subscriber: &'l Subscriber,
    pub(super) patient: Option<&'l Party>,
}

/// A claim (loops 2300 and 2400) under its levels.
pub(super) fn note(unit: Segments<'_>, levels: &Levels<'_>, number: String) -> Note {
    let insured = &levels.subscriber.insured;
    let mut note = Note {
        claim: ClaimPayment {
            claim_control_number: number.clone(),
            status: levels.subscriber.status,
            filing_indicator: levels.subscriber.filing_indicator.clone(),
            payee: levels.payee.clone(),
            // Unless the claim names another place (2310C).
            locality: levels.payee.state.to_ascii_uppercase(),
            ..ClaimPayment::default()
        },
        number,
    };
    match levels.patient {
        // 2010CA has no id of its own: an 835 gives the patient that of the subscriber.
        Some(patient) => {
            note.claim.patient = Party {
                id: insured.id.clone(),
                ..patient.clone()
            };
            note.claim.insured = Some(insured.clone());
        }
        None => note.claim.patient = insured.clone(),
    }
    let mut at = Entity::default();
    for segment in unit.iter() {
        at.read(segment, &mut note);
    }
    note
}

/// Whose name stood last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Name {
    #[default]
    Other,
    ServiceFacility,
}

/// Where the reading of a claim is.
#[derive(Debug, Default)]
struct Entity {
    /// LX01 of the line that is open.
    line_number: Option<u32>,
    is_other_payer: bool,
    name: Name,
    has_service_date: bool,
}

impl Entity {
    fn read(&mut self, segment: Elements<'_>, note: &mut Note) {
        match segment.id() {
            b"CLM" => {
                note.claim.patient_control_number = text(segment.get(1));
                note.claim.facility = text(segment.component(5, 1));
                note.claim.frequency = text(segment.component(5, 3));
            }
            b"SBR" => self.is_other_payer = true,
            b"LX" => {
                self.is_other_payer = false;
                let number = whole_number(segment.get(1)).ok().map(|(_, number)| number);
                let number = number.and_then(|number| u32::try_from(number).ok());
                self.line_number = Some(number.unwrap_or(note.claim.lines.len() as u32 + 1));
            }
            b"SV1" => {
                self.has_service_date = false;
                let mut line = line(segment, self.line_number.unwrap_or_default());
                if line.place_of_service.is_empty() {
                    line.place_of_service = note.claim.facility.clone();
                }
                note.claim.lines.push(line);
            }
            b"NM1" => self.name(segment, note),
            b"N4" if self.name == Name::ServiceFacility && self.line_number.is_none() => {
                note.claim.locality = upper(segment.get(2));
            }
            b"DTP" if segment.get(1) == b"472" && !self.has_service_date => {
                self.has_service_date = true;
                if let Some(line) = note.claim.lines.last_mut() {
                    let service = date_of_service(segment.get(2), segment.get(3));
                    line.dates = dates(service);
                }
            }
            b"REF" if segment.get(1) == b"6R" => {
                if let Some(line) = note.claim.lines.last_mut()
                    && line.line_control_number.is_empty()
                {
                    line.line_control_number = text(segment.get(2));
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, segment: Elements<'_>, note: &mut Note) {
        self.name = Name::Other;
        match (segment.get(1), self.line_number.is_some()) {
            (b"77", false) if !self.is_other_payer => self.name = Name::ServiceFacility,
            (b"82", false) if !self.is_other_payer && note.claim.rendering.is_none() => {
                note.claim.rendering = Some(party(segment)).filter(|_| segment.get(8) == b"XX");
            }
            (b"82", true) if segment.get(8) == b"XX" => {
                if let Some(line) = note.claim.lines.last_mut() {
                    line.rendering_npi = text(segment.get(9));
                }
            }
            _ => {}
        }
    }
}

/// SV1, with nothing paid and nothing adjusted.
fn line(sv1: Elements<'_>, number: u32) -> LinePayment {
    let charge = amount(sv1.get(2)).ok().map(|(_, cents)| Cents(cents));
    let modifiers = (3..=6).map(|component| upper(sv1.component(1, component)));
    LinePayment {
        number,
        // As they stand, like those of the line that was judged.
        qualifier: as_text(sv1.component(1, 1)).into_owned(),
        procedure: as_text(sv1.component(1, 2)).to_ascii_uppercase(),
        modifiers: modifiers.filter(|modifier| !modifier.is_empty()).collect(),
        place_of_service: text(sv1.get(5)),
        charge: charge.unwrap_or_default(),
        units_billed: Quantity::parse(sv1.get(4)),
        ..LinePayment::default()
    }
}

fn dates(service: DateOfService) -> Option<(chrono::NaiveDate, chrono::NaiveDate)> {
    let first = service.date()?;
    Some(service.as_range().unwrap_or((first, first)))
}

fn text(element: &[u8]) -> String {
    as_text(element.trim_ascii()).into_owned()
}

fn upper(element: &[u8]) -> String {
    text(element).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::Delimiters;

    fn segments(text: &str) -> Segments<'_> {
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        Segments::new(text.as_bytes(), delimiters)
    }

    #[test]
    fn a_payee_is_the_billing_provider_and_no_pay_to_address() {
        let payee = payee(segments(
            "HL*1**20*1~NM1*85*1*ROE*ANN*B***XX*1234567893~N3*1 ROAD~N4*TOWN*AR*72201~\
             REF*EI*71-000 0001~NM1*87*2~N3*2 ROAD~N4*CITY*TX*75001~REF*EI*000000000~",
        ));
        assert_eq!((&*payee.name, &*payee.npi), ("ANN B ROE", "1234567893"));
        assert_eq!((&*payee.tax_id, &*payee.state), ("710000001", "AR"));
    }

    #[test]
    fn a_claim_is_noted_as_billed() {
        let payee = payee(segments("HL*1**20*1~NM1*85*2*CLINIC~N4*TOWN*AR*72201~"));
        let subscriber = subscriber(segments(
            "HL*2*1*22*1~SBR*S**123******MC~NM1*IL*1*DOE*PAT****MI*M1~NM1*PR*2*PAYER~",
        ));
        let patient = patient(segments("HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*TOM~"));
        let levels = Levels {
            payee: &payee,
            subscriber: &subscriber,
            patient: Some(&patient),
        };
        let claim = segments(
            "CLM*P1*120.5***11:B:7~NM1*82*1*ABEL*SAM****XX*1500000017~\
             NM1*77*2*SITE*****XX*1500000025~N4*CITY*TX*75001~\
             SBR*P*18~NM1*IL*1*OTHER*ANN****MI*X9~NM1*82*1~N4*ELSEWHERE*OK*73001~\
             LX*7~SV1*hc:20552 :rt*60.25*UN*2*22**1~DTP*472*RD8*20250102-20250103~DTP*472*D8*20250109~\
             REF*6R*L1~REF*6R*L2~NM1*82*1*BOND*JIM****XX*1500000033~\
             LX*X~SV1*HC:99213*60.25*UN*1~",
        );
        let Note { number, claim } = note(claim, &levels, "N1".into());
        assert_eq!((&*number, &*claim.claim_control_number), ("N1", "N1"));
        assert_eq!((claim.status.code(), &*claim.filing_indicator), ("2", "MC"));
        assert_eq!((&*claim.facility, &*claim.frequency), ("11", "7"));
        assert_eq!((&*claim.locality, claim.charge()), ("TX", 12_050));
        assert_eq!(
            (&*claim.patient.first_name, &*claim.patient.id),
            ("TOM", "M1")
        );
        assert_eq!(claim.insured.unwrap().first_name, "PAT");
        assert_eq!(claim.rendering.unwrap().id, "1500000017");
        let [first, second] = &claim.lines[..] else {
            panic!("two lines");
        };
        assert_eq!((first.number, &*first.place_of_service), (7, "22"));
        assert_eq!((&*first.procedure, &*first.modifiers[0]), ("20552 ", "RT"));
        let day = |day| chrono::NaiveDate::from_ymd_opt(2025, 1, day).unwrap();
        assert_eq!(first.dates, Some((day(2), day(3))));
        assert_eq!(
            (&*first.line_control_number, &*first.rendering_npi),
            ("L1", "1500000033")
        );
        assert_eq!((second.number, &*second.place_of_service), (2, "11"));
        assert_eq!(
            (second.dates, second.units_billed),
            (None, Some(Quantity::ONE))
        );
    }
}
