//! Segment ids, told apart by one comparison of a number.

/// The segments that somebody reads, and what becomes of the others.
///
/// INVARIANT: they stand in the order of how often they are read. First those that are read
/// wherever they stand, up to [`Self::Lx`]; then those of levels, each with those that are read where it
/// is; then those of claims that matter; and last those that nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SegmentId {
    /// 005010X222 does not know it.
    Unknown,
    Bht,
    Clm,
    Ge,
    Gs,
    Hl,
    Iea,
    Se,
    St,
    Sv1,
    Ta1,
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
    /// The id at the start of a segment, and what follows it.
    #[inline]
    pub(super) fn split(segment: &[u8], separator: u8) -> (Self, &[u8]) {
        if let Some(first) = segment.first_chunk::<4>() {
            let (id, length) = Self::at_start(*first, separator);
            return (id, &segment[length..]);
        }
        match *segment {
            [a, b, next] if next == separator => (Self::of(tag([a, b, 0])), &segment[2..]),
            [a, b, c] => (Self::of(tag([a, b, c])), &[]),
            [a, b] => (Self::of(tag([a, b, 0])), &[]),
            _ => (Self::Unknown, segment),
        }
    }

    /// The id with which a segment starts that is not shorter, and its length.
    #[inline]
    pub(super) fn at_start(first: [u8; 4], separator: u8) -> (Self, usize) {
        // Hardly a branch: whether an id is long cannot be foreseen.
        let is_short = first[2] == separator;
        let mask = if is_short { 0xffff } else { 0x00ff_ffff };
        let length = if is_short { 2 } else { 3 };
        match is_short | (first[3] == separator) {
            true => (Self::of(u32::from_le_bytes(first) & mask), length),
            false => (Self::Unknown, 0),
        }
    }

    #[inline]
    fn of(tag: u32) -> Self {
        let (known, id) = TABLE[slot(tag)];
        if known == tag { id } else { Self::Unknown }
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
