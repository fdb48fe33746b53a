//! Segment ids, told apart by one comparison of a number.

/// The segments that somebody reads, and what becomes of the others.
///
/// INVARIANT: they stand in the order of how much they change. First what is no id, or may be one of
/// a segment that ends an interchange; then those that end the level or claim before them; then
/// those that stand in levels and claims, [`Self::Sv1`] in claims alone; and last those that nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub(super) enum SegmentId {
    /// 005010X222 does not know it.
    #[default]
    Unknown,
    Iea,
    Bht,
    Clm,
    Ge,
    Gs,
    Hl,
    Se,
    St,
    Ta1,
    Sv1,
    Lx,
    Nm1,
    Sbr,
    Ref,
    Dmg,
    Dtp,
    Hi,
    Svd,
    /// 005010X222 knows it, and nobody reads it here.
    PassedOver,
}

impl SegmentId {
    /// The id at the start of a segment.
    #[inline]
    pub(super) fn of(segment: &[u8], separator: u8) -> Self {
        match *segment {
            [a, b, c, d, ..] => Self::at_start([a, b, c, d], separator),
            [a, b, c] if c == separator => Self::at_start([a, b, separator, 0], separator),
            [a, b, c] => Self::at_start([a, b, c, separator], separator),
            [a, b] => Self::at_start([a, b, separator, 0], separator),
            _ => Self::Unknown,
        }
    }

    /// The id with which a segment starts that is not shorter.
    #[inline]
    pub(super) fn at_start(first: [u8; 4], separator: u8) -> Self {
        let is_short = first[2] == separator;
        // No branch: whether an id is short cannot be foreseen.
        let mask = 0x00ff_ffff >> (8 * u32::from(is_short));
        let tag = u32::from_le_bytes(first) & mask;
        match TABLE[slot(tag)] {
            (known, id) if known == tag && is_short | (first[3] == separator) => id,
            _ => Self::Unknown,
        }
    }

    /// Whether it stands there in the order of ids, or behind it.
    #[inline]
    pub(super) fn is_from(self, first: Self) -> bool {
        self as u8 >= first as u8
    }

    /// How long it is; nothing is known of one that is not known.
    #[inline]
    pub(super) fn length(self) -> usize {
        match self {
            Self::Unknown | Self::PassedOver => 0,
            Self::Ge | Self::Gs | Self::Hl | Self::Se | Self::St | Self::Lx | Self::Hi => 2,
            _ => 3,
        }
    }
}

/// An id as a number; the third byte of a short one is 0.
const fn tag([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// Every id of 005010X222.
const KNOWN: [(&[u8], SegmentId); 45] = [
    (b"BHT", SegmentId::Bht),
    (b"CLM", SegmentId::Clm),
    (b"DMG", SegmentId::Dmg),
    (b"DTP", SegmentId::Dtp),
    (b"GE", SegmentId::Ge),
    (b"GS", SegmentId::Gs),
    (b"HI", SegmentId::Hi),
    (b"HL", SegmentId::Hl),
    (b"IEA", SegmentId::Iea),
    (b"LX", SegmentId::Lx),
    (b"NM1", SegmentId::Nm1),
    (b"REF", SegmentId::Ref),
    (b"SBR", SegmentId::Sbr),
    (b"SE", SegmentId::Se),
    (b"ST", SegmentId::St),
    (b"SV1", SegmentId::Sv1),
    (b"SVD", SegmentId::Svd),
    (b"TA1", SegmentId::Ta1),
    (b"AMT", SegmentId::PassedOver),
    (b"CAS", SegmentId::PassedOver),
    (b"CN1", SegmentId::PassedOver),
    (b"CR1", SegmentId::PassedOver),
    (b"CR2", SegmentId::PassedOver),
    (b"CR3", SegmentId::PassedOver),
    (b"CRC", SegmentId::PassedOver),
    (b"CTP", SegmentId::PassedOver),
    (b"CUR", SegmentId::PassedOver),
    (b"FRM", SegmentId::PassedOver),
    (b"HCP", SegmentId::PassedOver),
    (b"K3", SegmentId::PassedOver),
    (b"LIN", SegmentId::PassedOver),
    (b"LQ", SegmentId::PassedOver),
    (b"MEA", SegmentId::PassedOver),
    (b"MOA", SegmentId::PassedOver),
    (b"N3", SegmentId::PassedOver),
    (b"N4", SegmentId::PassedOver),
    (b"NTE", SegmentId::PassedOver),
    (b"OI", SegmentId::PassedOver),
    (b"PAT", SegmentId::PassedOver),
    (b"PER", SegmentId::PassedOver),
    (b"PRV", SegmentId::PassedOver),
    (b"PS1", SegmentId::PassedOver),
    (b"PWK", SegmentId::PassedOver),
    (b"QTY", SegmentId::PassedOver),
    (b"SV5", SegmentId::PassedOver),
];

/// [`KNOWN`], each where its [`slot`] is.
const TABLE: [(u32, SegmentId); 256] = {
    let mut table = [(0, SegmentId::Unknown); 256];
    let mut index = 0;
    while index < KNOWN.len() {
        let (name, id) = KNOWN[index];
        let last = if name.len() == 3 { name[2] } else { 0 };
        let tag = tag([name[0], name[1], last]);
        assert!(table[slot(tag)].0 == 0, "two ids share a slot");
        table[slot(tag)] = (tag, id);
        index += 1;
    }
    table
};

/// A number below 256, another one for each id that is known: the factor was searched for.
const fn slot(tag: u32) -> usize {
    (tag.wrapping_mul(0xec14_8cb5) >> 24) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_ends_at_the_separator_or_the_segment() {
        for (segment, id) in [
            ("NM1*IL", SegmentId::Nm1),
            ("NM1", SegmentId::Nm1),
            ("HL*1", SegmentId::Hl),
            ("HL*", SegmentId::Hl),
            ("SE", SegmentId::Se),
            ("OI***Y", SegmentId::PassedOver),
            ("N3", SegmentId::PassedOver),
            ("ZZZ*1", SegmentId::Unknown),
            ("NM1X*1", SegmentId::Unknown),
            ("HLX", SegmentId::Unknown),
            ("H", SegmentId::Unknown),
            ("*", SegmentId::Unknown),
            ("", SegmentId::Unknown),
        ] {
            assert_eq!(SegmentId::of(segment.as_bytes(), b'*'), id, "{segment}");
        }
    }

    #[test]
    fn an_id_that_is_read_has_its_length() {
        for (name, id) in KNOWN {
            if id != SegmentId::PassedOver {
                assert_eq!(id.length(), name.len(), "{id:?}");
            }
        }
    }
}
