//! What goes wrong: voids, replacements, duplicates, late claims and broken ones.

use super::courses::Session;
use super::random::{Draws, key};
use super::share::Share;

/// A kind of dirt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirt {
    /// A void that names its original by patient control number.
    Void,
    /// A void that names its original by claim control number.
    VoidByClaimControlNumber,
    /// A void whose original is nowhere.
    VoidWithoutOriginal,
    /// A replacement that names its original by patient control number.
    Replacement,
    /// A replacement that names its original by claim control number.
    ReplacementByClaimControlNumber,
    /// A replacement whose original is nowhere.
    ReplacementWithoutOriginal,
    /// A claim that is billed after claims of later services.
    Late,
    /// A claim that was billed before.
    Duplicate,
    /// CLM02 is no amount.
    ClaimCharge,
    /// SV102 is no amount.
    LineCharge,
    /// There is no CLM01.
    PatientControlNumber,
    /// The parent of the subscriber's level is nowhere.
    Level,
    /// There is no subscriber id.
    MemberId,
    /// There is no date of service.
    NoServiceDate,
    /// The date of service is no day of the calendar.
    ImpossibleServiceDate,
    /// The date of service is a range of two days.
    DateRange,
    /// The service lies after its billing.
    AfterBilling,
    /// A diagnosis pointer points at nothing.
    Pointer,
    /// No units.
    Units,
    /// A payer that no plan names.
    Payer,
}

impl Dirt {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Void,
        Self::VoidByClaimControlNumber,
        Self::VoidWithoutOriginal,
        Self::Replacement,
        Self::ReplacementByClaimControlNumber,
        Self::ReplacementWithoutOriginal,
        Self::Late,
        Self::Duplicate,
        Self::ClaimCharge,
        Self::LineCharge,
        Self::PatientControlNumber,
        Self::Level,
        Self::MemberId,
        Self::NoServiceDate,
        Self::ImpossibleServiceDate,
        Self::DateRange,
        Self::AfterBilling,
        Self::Pointer,
        Self::Units,
        Self::Payer,
    ];

    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::VoidByClaimControlNumber => "void-by-claim-control-number",
            Self::VoidWithoutOriginal => "void-without-original",
            Self::Replacement => "replacement",
            Self::ReplacementByClaimControlNumber => "replacement-by-claim-control-number",
            Self::ReplacementWithoutOriginal => "replacement-without-original",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::ClaimCharge => "claim-charge-unreadable",
            Self::LineCharge => "line-charge-unreadable",
            Self::PatientControlNumber => "patient-control-number-missing",
            Self::Level => "level-without-parent",
            Self::MemberId => "member-id-missing",
            Self::NoServiceDate => "service-date-missing",
            Self::ImpossibleServiceDate => "service-date-impossible",
            Self::DateRange => "service-date-range",
            Self::AfterBilling => "service-after-billing",
            Self::Pointer => "diagnosis-pointer-nowhere",
            Self::Units => "units-zero",
            Self::Payer => "payer-unknown",
        }
    }

    /// Whether no claim can be read where it is.
    #[must_use]
    pub const fn is_unreadable(self) -> bool {
        matches!(
            self,
            Self::ClaimCharge | Self::LineCharge | Self::PatientControlNumber | Self::Level
        )
    }
}

/// What claims without a session can have, one kind after another.
const ROUND: [Dirt; 16] = [
    Dirt::ClaimCharge,
    Dirt::Late,
    Dirt::MemberId,
    Dirt::VoidWithoutOriginal,
    Dirt::NoServiceDate,
    Dirt::Duplicate,
    Dirt::Level,
    Dirt::ImpossibleServiceDate,
    Dirt::ReplacementWithoutOriginal,
    Dirt::DateRange,
    Dirt::LineCharge,
    Dirt::AfterBilling,
    Dirt::Pointer,
    Dirt::Units,
    Dirt::Payer,
    Dirt::PatientControlNumber,
];

/// What sessions can have, each as likely as the others.
const FATES: [Dirt; 6] = [
    Dirt::Void,
    Dirt::VoidByClaimControlNumber,
    Dirt::Replacement,
    Dirt::ReplacementByClaimControlNumber,
    Dirt::Late,
    Dirt::Duplicate,
];

/// How many slices later something follows, where there are 60 slices or more.
const DELAYS: [u32; 3] = [0, 2, 15];

/// How much of it there is, and when what follows a claim follows it.
#[derive(Debug, Clone)]
pub(super) struct Dirtying {
    share: Share,
    delays: Vec<u32>,
}

impl Dirtying {
    pub(super) fn new(share: Share, slices: u32) -> Self {
        let mut delays: Vec<u32> = DELAYS
            .iter()
            .map(|delay| delay * slices.min(60) / 60)
            .collect();
        delays.dedup();
        Self {
            share,
            delays: if share.millionths() == 0 {
                Vec::new()
            } else {
                delays
            },
        }
    }

    /// After how many slices something may follow, ascending, each once.
    pub(super) fn delays(&self) -> &[u32] {
        &self.delays
    }

    /// What becomes of a session's claim, and after how many slices.
    pub(super) fn fate(&self, session: &Session) -> Option<(Dirt, u32)> {
        let mut draws = Draws::new(key(session.key, 1));
        if !self.happens(&mut draws) {
            return None;
        }
        let fate = draws.one_of(&FATES);
        let delays = match fate {
            // A claim of the same slice is not late.
            Dirt::Late => self.delays.get(1..)?,
            _ => &self.delays,
        };
        (!delays.is_empty()).then(|| (fate, draws.one_of(delays)))
    }

    /// Whether dirt happens to a claim.
    pub(super) fn happens(&self, draws: &mut Draws) -> bool {
        self.share.millionths() > 0 && draws.below(1_000_000) < self.share.millionths()
    }

    /// What happens to a claim without a session: the kinds take turns.
    pub(super) fn turn(count: u64) -> Dirt {
        ROUND[(count % ROUND.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_planted_by_one_or_the_other() {
        for (index, kind) in Dirt::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert!(ROUND.contains(&kind) || FATES.contains(&kind), "{kind:?}");
        }
    }

    #[test]
    fn delays_shrink_with_the_number_of_slices() {
        let delays = |slices| Dirtying::new(Share::from_millionths(1), slices).delays;
        assert_eq!(delays(300), [0, 2, 15]);
        assert_eq!(delays(10), [0, 2]);
        assert_eq!(delays(1), [0]);
        assert!(Dirtying::new(Share::default(), 300).delays.is_empty());
    }
}
