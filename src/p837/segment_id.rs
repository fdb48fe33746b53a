//! Segment ids, told apart by one comparison of a number.

/// The segments that somebody reads, and what becomes of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SegmentId {
    Bht,
    Clm,
    Dmg,
    Dtp,
    Ge,
    Gs,
    Hi,
    Hl,
    Iea,
    Lx,
    Nm1,
    Ref,
    Sbr,
    Se,
    St,
    Sv1,
    Svd,
    Ta1,
    /// 005010X222 knows it, and nobody reads it here.
    PassedOver,
    /// 005010X222 does not know it.
    Unknown,
}

impl SegmentId {
    /// The id at the start of a segment, and what follows it.
    pub(super) fn split(segment: &[u8], separator: u8) -> (Self, &[u8]) {
        match *segment {
            [a, b, next, ..] if next == separator => (Self::of([a, b, 0]), &segment[2..]),
            [a, b, c, next, ..] if next == separator => (Self::of([a, b, c]), &segment[3..]),
            [a, b, c] => (Self::of([a, b, c]), &[]),
            [a, b] => (Self::of([a, b, 0]), &[]),
            _ => (Self::Unknown, segment),
        }
    }

    fn of(id: [u8; 3]) -> Self {
        match &id {
            b"BHT" => Self::Bht,
            b"CLM" => Self::Clm,
            b"DMG" => Self::Dmg,
            b"DTP" => Self::Dtp,
            b"GE\0" => Self::Ge,
            b"GS\0" => Self::Gs,
            b"HI\0" => Self::Hi,
            b"HL\0" => Self::Hl,
            b"IEA" => Self::Iea,
            b"LX\0" => Self::Lx,
            b"NM1" => Self::Nm1,
            b"REF" => Self::Ref,
            b"SBR" => Self::Sbr,
            b"SE\0" => Self::Se,
            b"ST\0" => Self::St,
            b"SV1" => Self::Sv1,
            b"SVD" => Self::Svd,
            b"TA1" => Self::Ta1,
            b"AMT" | b"CAS" | b"CN1" | b"CR1" | b"CR2" | b"CR3" | b"CRC" | b"CTP" | b"CUR"
            | b"FRM" | b"HCP" | b"K3\0" | b"LIN" | b"LQ\0" | b"MEA" | b"MOA" | b"N3\0"
            | b"N4\0" | b"NTE" | b"OI\0" | b"PAT" | b"PER" | b"PRV" | b"PS1" | b"PWK" | b"QTY"
            | b"SV5" => Self::PassedOver,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ends_at_the_separator_or_the_segment() {
        for (segment, id, rest) in [
            ("NM1*IL", SegmentId::Nm1, "*IL"),
            ("HL*1", SegmentId::Hl, "*1"),
            ("SE", SegmentId::Se, ""),
            ("OI***Y", SegmentId::PassedOver, "***Y"),
            ("N3", SegmentId::PassedOver, ""),
            ("ZZZ*1", SegmentId::Unknown, "*1"),
            ("NM1X*1", SegmentId::Unknown, "NM1X*1"),
            ("*", SegmentId::Unknown, "*"),
        ] {
            let found = SegmentId::split(segment.as_bytes(), b'*');
            assert_eq!(found, (id, rest.as_bytes()), "{segment}");
        }
    }
}
