//! Lists of codes on a claim.

use std::borrow::Cow;

/// Diagnosis pointers, SV107-1 to -4, in order; those not given are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pointers {
    positions: [u8; 4],
    count: u8,
}

impl Pointers {
    /// A pointer that is no number from 1 to 12.
    pub const UNREADABLE: u8 = 0;

    /// Adds a pointer; there is room for four.
    pub fn push(&mut self, position: u8) {
        if let Some(place) = self.positions.get_mut(usize::from(self.count)) {
            *place = position;
            self.count += 1;
        }
    }

    /// The positions, from 1; [`Pointers::UNREADABLE`] among them points nowhere.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.positions[..usize::from(self.count)]
    }
}

/// A list joined by [`SEPARATOR`] as a set: sorted, each once.
#[must_use]
pub fn as_set(list: &[u8]) -> Cow<'_, [u8]> {
    let mut members: Vec<&[u8]> = list.split(|&byte| byte == SEPARATOR).collect();
    members.sort_unstable();
    members.dedup();
    match members[..] {
        [only] => Cow::Borrowed(only),
        _ => Cow::Owned(members.join(&SEPARATOR)),
    }
}

/// Joins the members of a list that is kept as one string: no X12 data hold it.
pub const SEPARATOR: u8 = 0x1f;
