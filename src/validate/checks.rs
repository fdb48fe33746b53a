//! What is checked: a guide, a level, which code lists.

use std::fmt;

use super::glance::Glances;
use super::roles::{Role, roles};
use crate::guide::{CodeList, Guide, Tag, UnitKind, packed};

/// What is checked.
#[derive(Debug, Clone)]
pub struct Checks {
    pub(super) guide: &'static Guide,
    pub(super) level: u8,
    /// By code list: whether it is switched off.
    is_off: Vec<bool>,
    pub(super) roles: Vec<Role>,
    pub(super) glances: Glances,
    pub(super) keeping: Keeping,
}

/// Which bytes of units are kept for whoever hears of them in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeping {
    /// None.
    Nothing,
    /// Those of the segments that are listed, by their ids.
    Listed(Vec<Listed>),
    /// All.
    Everything,
}

/// Whether a segment is kept, by the kind of its unit: where it is, its first element packed, or
/// none where that may be any.
pub(super) type Listed = [Option<Option<u64>>; 3];

/// A segment that is kept of units of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptSegment {
    /// The kind of the units.
    pub kind: UnitKind,
    /// Its id.
    pub tag: Tag,
    /// Its first element, of at most 8 bytes, where only segments with that one are kept.
    pub code: Option<&'static str>,
}

/// A code list is named that the guide has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownList {
    /// As it was named.
    pub name: String,
    /// The names that there are.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, known } = self;
        write!(
            f,
            "{name}: there is no such code list; there are {}",
            known.join(", ")
        )
    }
}

impl std::error::Error for UnknownList {}

impl Checks {
    /// Checks at a level, from 1 to 5, without some code lists.
    ///
    /// # Errors
    ///
    /// A name that no code list of the guide has.
    pub fn new(guide: &'static Guide, level: u8, without: &[String]) -> Result<Self, UnknownList> {
        let known = guide.list_names();
        if let Some(name) = without.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(UnknownList {
                name: name.clone(),
                known,
            });
        }
        let is_off = |list: &CodeList| {
            list.name
                .is_some_and(|name| without.iter().any(|off| off == name))
        };
        let is_off: Vec<bool> = guide.lists.iter().map(is_off).collect();
        Ok(Self {
            guide,
            level,
            roles: roles(guide),
            glances: Glances::new(guide, level, &is_off),
            is_off,
            keeping: Keeping::Nothing,
        })
    }

    /// The same, and the bytes of every unit are kept for whoever reads them in order.
    #[must_use]
    pub fn keeping_bytes(self) -> Self {
        Self {
            keeping: Keeping::Everything,
            ..self
        }
    }

    /// The same, and of every unit the segment that begins it and those listed are kept,
    /// without line breaks in them or between them.
    #[must_use]
    pub fn keeping_segments(self, listed: &[KeptSegment]) -> Self {
        let mut by_id = vec![Listed::default(); self.guide.ids()];
        for KeptSegment { kind, tag, code } in listed {
            if let Some(id) = self.guide.known(*tag) {
                let code = code.and_then(|code| packed(code.as_bytes()));
                by_id[id.index()][*kind as usize] = Some(code);
            }
        }
        Self {
            keeping: Keeping::Listed(by_id),
            ..self
        }
    }

    /// The level.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Whether a list has a [packed] value, or is switched off.
    ///
    /// [packed]: crate::guide::packed
    #[inline]
    pub(super) fn allows(&self, list: u16, value: Option<u64>) -> bool {
        let list = usize::from(list);
        value.is_some_and(|value| self.guide.lists[list].contains(value)) || self.is_off[list]
    }
}
