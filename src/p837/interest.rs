//! Which claims are worth keeping.

/// What makes a claim worth more than counting it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interest {
    /// INVARIANT: sorted, each once.
    procedures: Vec<Box<[u8]>>,
    every_claim: bool,
}

impl Interest {
    /// Claims that bear one of these procedures (upper case), and every replacement and void.
    pub fn in_procedures<'a>(procedures: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut procedures: Vec<Box<[u8]>> = procedures.into_iter().map(Box::from).collect();
        procedures.sort_unstable();
        procedures.dedup();
        Self {
            procedures,
            every_claim: false,
        }
    }

    /// Every claim.
    #[must_use]
    pub fn in_everything() -> Self {
        Self {
            procedures: Vec::new(),
            every_claim: true,
        }
    }

    pub(super) fn is_in_every_claim(&self) -> bool {
        self.every_claim
    }

    pub(super) fn is_in_procedure(&self, procedure: &[u8]) -> bool {
        self.procedures
            .binary_search_by(|known| (**known).cmp(procedure))
            .is_ok()
    }
}
