//! Which claims are worth keeping.

/// What makes a claim worth more than counting it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interest {
    /// INVARIANT: sorted, each once.
    procedures: Vec<Box<[u8]>>,
    /// The slots of `procedures`: most others are told by theirs alone.
    slots: [u64; SLOTS / 64],
    every_claim: bool,
}

/// How many slots there are; a few dozen procedures leave most of them empty.
const SLOTS: usize = 1024;

/// The slot of a procedure, the same in upper and lower case.
fn slot(procedure: &[u8]) -> usize {
    let mixed = procedure.iter().fold(0_u32, |mixed, byte| {
        (mixed << 5).wrapping_sub(mixed) ^ u32::from(byte & !0x20)
    });
    (mixed.wrapping_mul(0x9e37_79b1) >> 22) as usize
}

impl Interest {
    /// Claims that bear one of these procedures (upper case), and every replacement and void.
    pub fn in_procedures<'a>(procedures: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut procedures: Vec<Box<[u8]>> = procedures.into_iter().map(Box::from).collect();
        procedures.sort_unstable();
        procedures.dedup();
        let mut slots = [0; SLOTS / 64];
        for procedure in &procedures {
            let slot = slot(procedure);
            slots[slot / 64] |= 1 << (slot % 64);
        }
        Self {
            procedures,
            slots,
            every_claim: false,
        }
    }

    /// Every claim.
    #[must_use]
    pub fn in_everything() -> Self {
        Self {
            procedures: Vec::new(),
            slots: [0; SLOTS / 64],
            every_claim: true,
        }
    }

    pub(super) fn is_in_every_claim(&self) -> bool {
        self.every_claim
    }

    /// Whether it is one of the procedures, in upper or lower case.
    #[inline]
    pub(super) fn is_in_procedure(&self, procedure: &[u8]) -> bool {
        let slot = slot(procedure);
        if self.slots[slot / 64] >> (slot % 64) & 1 == 0 {
            return false;
        }
        let upper = procedure.to_ascii_uppercase();
        self.procedures
            .binary_search_by(|known| (**known).cmp(&upper))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_procedure_is_found_in_either_case() {
        let interest = Interest::in_procedures([&b"20552"[..], b"J3301", b"99213"]);
        for (procedure, is_in) in [
            ("20552", true),
            ("j3301", true),
            ("J3301", true),
            ("20551", false),
            ("\u{12}0552", false),
            ("", false),
        ] {
            let found = interest.is_in_procedure(procedure.as_bytes());
            assert_eq!(found, is_in, "{procedure:?}");
        }
    }
}
