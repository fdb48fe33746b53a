//! Where in a claim the segments stand.

use super::segment_id::SegmentId;

/// A loop of a claim, as far as it decides whose a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ClaimLoop {
    /// 2300 or 2310.
    #[default]
    Claim,
    /// 2320 or 2330: another payer's.
    OtherSubscriber,
    /// 2400, before its SV1.
    LineNumber,
    /// 2400, 2410 or 2420.
    Line,
    /// 2430: another payer's.
    LineAdjudication,
}

impl ClaimLoop {
    /// The loop after a segment.
    pub(super) fn after(self, id: SegmentId) -> Self {
        match id {
            SegmentId::Lx => Self::LineNumber,
            SegmentId::Sv1 => Self::Line,
            SegmentId::Svd if self.is_in_line() => Self::LineAdjudication,
            SegmentId::Sbr if !self.is_in_line() => Self::OtherSubscriber,
            _ => self,
        }
    }

    /// Whether it is 2400 or below.
    pub(super) fn is_in_line(self) -> bool {
        !matches!(self, Self::Claim | Self::OtherSubscriber)
    }
}
