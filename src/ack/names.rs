//! Who is named in a 277CA: payer, submitter, billing providers, patients.

use std::borrow::BorrowMut;

use super::envelope::GroupNames;
use super::event::{BillingProvider, Party, SetHeader};
use crate::compose::{Length, Segment, length};

/// What stands where the input has no name or id and the guide requires one.
const UNKNOWN: &[u8] = b"UNKNOWN";

const NAME: Length = length(1, 60);
const ID: Length = length(2, 80);

/// Payer and submitter of a transaction set, and its number.
#[derive(Debug, Default)]
pub(super) struct SetNames {
    /// GS03 and GS02, for what the header of the set does not say.
    group_receiver: Vec<u8>,
    group_sender: Vec<u8>,
    /// Segments with their terminators.
    payer: Vec<u8>,
    submitter: Vec<u8>,
    reference: Vec<u8>,
}

impl SetNames {
    /// Those of a set in a group whose answer has these names.
    pub(super) fn of_group(names: &GroupNames) -> Self {
        let [group_receiver, group_sender] = names.clone().into_inner();
        let mut of_group = Self {
            group_receiver,
            group_sender,
            ..Self::default()
        };
        of_group.set_header(&SetHeader::default());
        of_group
    }

    /// Takes what the header says.
    pub(super) fn set_header(&mut self, header: &SetHeader<'_>) {
        self.payer = self.payer_of(&header.receiver);
        self.submitter = self.submitter_of(&header.submitter);
        self.set_reference(header.reference);
    }

    /// BHT03, which comes back in 2200B TRN02; a blank one changes nothing.
    pub(super) fn set_reference(&mut self, reference: &[u8]) {
        if !reference.trim_ascii().is_empty() || self.reference.is_empty() {
            let trn = Segment::new("TRN").code("2");
            self.reference = trn.first_of(&[reference, b"0"], length(1, 50)).end();
        }
    }

    /// 2100A NM1.
    pub(super) fn payer(&self) -> &[u8] {
        &self.payer
    }

    /// 2100B NM1.
    pub(super) fn submitter(&self) -> &[u8] {
        &self.submitter
    }

    /// 2200B TRN.
    pub(super) fn reference(&self) -> &[u8] {
        &self.reference
    }

    /// The payer is who the file is for (1000B): an organization.
    fn payer_of(&self, receiver: &Party<'_>) -> Vec<u8> {
        let group = &*self.group_receiver;
        Segment::new("NM1")
            .code("PR")
            .code("2")
            .first_of(&[receiver.last_name, group, UNKNOWN], NAME)
            .skip(4)
            .code("46")
            .first_of(&[receiver.id, group, UNKNOWN], ID)
            .end()
    }

    /// The information receiver is who submitted the file (1000A).
    fn submitter_of(&self, submitter: &Party<'_>) -> Vec<u8> {
        let group = &*self.group_sender;
        let name = Segment::new("NM1").code("41");
        given_names(name, submitter, &[submitter.last_name, group, UNKNOWN])
            .skip(2)
            .code("46")
            .first_of(&[submitter.id, group, UNKNOWN], ID)
            .end()
    }
}

/// 2100C NM1, with the NPI, else the tax id.
pub(super) fn billing_provider(provider: &BillingProvider<'_>) -> Vec<u8> {
    let party = &provider.name;
    let name = Segment::new("NM1").code("85");
    let name = given_names(name, party, &[party.last_name, UNKNOWN]);
    let name = name.skip(1).text(party.suffix, length(1, 10));
    let ids = [("XX", party.id), ("FI", provider.tax_id)];
    let given = ids.into_iter().find(|(_, id)| !id.trim_ascii().is_empty());
    let (qualifier, id) = given.unwrap_or(("SV", UNKNOWN));
    name.code(qualifier).text(id, ID).end()
}

/// 2100D NM1, with the member id, behind what stands in a buffer.
pub(super) fn push_patient(buffer: &mut Vec<u8>, patient: &Party<'_>) {
    let name = Segment::behind(buffer, "NM1").code("QC");
    let person = Party {
        is_person: true,
        ..*patient
    };
    given_names(name, &person, &[patient.last_name, UNKNOWN])
        .skip(1)
        .text(patient.suffix, length(1, 10))
        .code("MI")
        .first_of(&[patient.id, UNKNOWN], ID)
        .end();
}

/// NM102 to NM105: last name the first one given, first and middle name of a person.
fn given_names<B: BorrowMut<Vec<u8>>>(
    segment: Segment<B>,
    party: &Party<'_>,
    last_names: &[&[u8]],
) -> Segment<B> {
    let segment = segment.code(if party.is_person { "1" } else { "2" });
    let segment = segment.first_of(last_names, NAME);
    if !party.is_person {
        return segment.skip(2);
    }
    segment
        .text(party.first_name, length(1, 35))
        .text(party.middle_name, length(1, 25))
}
