//! What the segments of a professional claim are to the checks of a claim as a whole.

use crate::guide::{Guide, SegmentUse};

/// What a segment is to these checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    None,
    Claim,
    Diagnoses,
    Original,
    Accident,
    Attachment,
    OtherSubscriber,
    OtherAdjustment,
    OtherPaid,
    OtherPayer,
    Line,
    Service,
    Adjudication,
    LineAdjustment,
}

/// The role of each segment of a guide.
pub(super) fn roles(guide: &Guide) -> Vec<Role> {
    guide
        .segments
        .iter()
        .map(|segment| role(guide, segment))
        .collect()
}

fn role(guide: &Guide, segment: &SegmentUse) -> Role {
    let has_code = |code: &str| {
        let key = segment.key.as_ref();
        key.is_some_and(|key| guide.lists[usize::from(key.list)].codes.contains(&code))
    };
    match (
        guide.loop_id(segment).unwrap_or_default(),
        segment.tag.as_str(),
    ) {
        ("2300", "CLM") => Role::Claim,
        ("2300", "HI") if has_code("ABK") => Role::Diagnoses,
        ("2300", "REF") if has_code("F8") => Role::Original,
        ("2300", "DTP") if has_code("439") => Role::Accident,
        ("2300" | "2400", "PWK") if segment.key.is_none_or(|key| key.also.is_none()) => {
            Role::Attachment
        }
        ("2320", "SBR") => Role::OtherSubscriber,
        ("2320", "CAS") => Role::OtherAdjustment,
        ("2320", "AMT") if has_code("D") => Role::OtherPaid,
        ("2330B", "NM1") => Role::OtherPayer,
        ("2400", "LX") => Role::Line,
        ("2400", "SV1") => Role::Service,
        ("2430", "SVD") => Role::Adjudication,
        ("2430", "CAS") => Role::LineAdjustment,
        _ => Role::None,
    }
}
