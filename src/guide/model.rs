//! What a guide says, in the shape in which it is walked.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::Range;

use super::codes::CodeSet;
use super::table::Transitions;

/// An implementation guide.
#[derive(Debug)]
pub struct Guide {
    /// GS08, for example `005010X222A1`.
    pub version: &'static str,
    /// ST01, for example `837`.
    pub transaction: &'static str,
    /// GS01, for example `HC`.
    pub group: &'static str,
    /// What is checked in one go.
    pub units: Vec<Unit>,
    /// The loops, each before those inside it.
    pub loops: Vec<Loop>,
    /// The segments, in the order of the guide.
    pub segments: Vec<SegmentUse>,
    /// Elements, and components of composites.
    pub elements: Vec<ElementUse>,
    /// Relational notes.
    pub notes: Vec<Note>,
    /// Code lists.
    pub lists: Vec<CodeList>,
    pub(super) transitions: Transitions,
}

/// A segment id, or what stands in its place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Tag([u8; 3]);

impl Tag {
    /// An id, if it can be one: two or three letters and digits, the first a letter.
    #[inline]
    #[must_use]
    pub fn of(id: &[u8]) -> Option<Self> {
        let is_other = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        match *id {
            [a, b] if a.is_ascii_uppercase() && is_other(b) => Some(Self([a, b, 0])),
            [a, b, c] if a.is_ascii_uppercase() && is_other(b) && is_other(c) => {
                Some(Self([a, b, c]))
            }
            _ => None,
        }
    }

    /// The id of a literal; the third byte of a short one is 0.
    #[must_use]
    pub const fn new(id: [u8; 3]) -> Self {
        Self(id)
    }

    /// The id as text; empty where there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().take_while(|&&byte| byte != 0).count();
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }

    pub(super) fn bytes(self) -> [u8; 3] {
        self.0
    }

    pub(super) fn number(self) -> u32 {
        u32::from_le_bytes([self.0[0], self.0[1], self.0[2], 0])
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is checked in one go; it needs nothing before it.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Whose findings they are.
    pub kind: UnitKind,
    /// The segment that it begins with.
    pub tag: Tag,
    /// HL03 of that segment.
    pub level_code: Option<&'static str>,
    /// The loop that it is.
    pub root: u16,
}

/// Whose findings a unit's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// From ST to the first HL.
    Header,
    /// From an HL to the next HL or CLM.
    Level,
    /// From a CLM to the next CLM, HL or SE.
    Claim,
}

/// Whether something must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// R.
    Required,
    /// S.
    Situational,
    /// N.
    NotUsed,
}

/// A loop of a unit.
#[derive(Debug)]
pub struct Loop {
    /// For example `2010AA`.
    pub id: Option<&'static str>,
    /// The loop around it, in its unit.
    pub parent: Option<u16>,
    /// Whether it must be there.
    pub usage: Usage,
    /// How often it may be there.
    pub most: u16,
    /// Where it stands among its siblings.
    pub position: u16,
    /// The segment that begins it.
    pub trigger: u16,
    /// The segments of it and of the loops inside it.
    pub segments: Range<u16>,
    /// It and the loops inside it.
    pub loops: Range<u16>,
    /// What must be in it besides its trigger, by position.
    pub required: Vec<(u16, Child)>,
}

/// What stands in a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// An index of [`Guide::segments`].
    Segment(u16),
    /// An index of [`Guide::loops`].
    Loop(u16),
}

/// A segment where the guide uses it.
#[derive(Debug)]
pub struct SegmentUse {
    /// Its id.
    pub tag: Tag,
    /// Its loop.
    pub owner: u16,
    /// Whether it must be there.
    pub usage: Usage,
    /// How often it may be there.
    pub most: u16,
    /// Where it stands in its loop.
    pub position: u16,
    /// What tells it from others of its id.
    pub key: Option<Key>,
    /// Its elements.
    pub elements: Range<u16>,
    /// Its relational notes.
    pub notes: Range<u16>,
}

/// The codes by which a segment is told from others of its id.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The list that the first element, or its first component, is of.
    pub list: u16,
    /// The list that the second element is of.
    pub also: Option<u16>,
    /// The packed code of the first list, where it is the only one, nobody can switch the list off
    /// and the second element says nothing.
    pub only: Option<NonZeroU64>,
}

/// An element or component where the guide uses it.
#[derive(Debug, Clone)]
pub struct ElementUse {
    /// Its reference number in the data element dictionary.
    pub number: &'static str,
    /// Whether it must be there.
    pub usage: Usage,
    /// Its type.
    pub data_type: DataType,
    /// The fewest characters.
    pub shortest: u16,
    /// The most characters.
    pub longest: u16,
    /// How often it may repeat.
    pub most: u16,
    /// The list that its codes are of.
    pub codes: Option<u16>,
    /// Whether that list is looked up with the values, at level 5.
    pub is_external: bool,
    /// The shape of its value.
    pub shape: Option<ValueShape>,
    /// The components of a composite.
    pub components: Range<u16>,
}

/// The type of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataType {
    /// N0: a whole number.
    Whole,
    /// R: a decimal number.
    Decimal,
    /// ID: a code.
    Code,
    /// AN: text.
    Text,
    /// DT: a date.
    Date,
    /// TM: a time.
    Time,
    /// Components.
    Composite,
}

/// A shape that only some values of a type have. What stands before the element says whether
/// it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueShape {
    /// A national provider identifier, behind `XX`.
    Npi,
    /// A date or a range, behind its format.
    Period,
    /// A date that exists.
    Date,
    /// A time that exists.
    Time,
    /// A diagnosis of ICD-10-CM, behind `ABK` or `ABF`.
    Diagnosis,
    /// A procedure of CPT or HCPCS, behind `HC`.
    Procedure,
    /// A modifier.
    Modifier,
    /// A taxonomy code, behind `PXC`.
    Taxonomy,
    /// A remark code.
    Remark,
}

/// A relational note.
#[derive(Debug, Clone, Copy)]
pub struct Note {
    /// Its kind.
    pub kind: NoteKind,
    /// The position of the element that comes first in it.
    pub first: u8,
    /// All its elements, bit `n - 1` for element `n`.
    pub elements: u64,
}

/// The kinds of relational notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// P: all or none.
    Paired,
    /// R: at least one.
    AtLeastOne,
    /// E: at most one.
    Exclusive,
    /// C: with the first, all.
    Conditional,
    /// L: with the first, at least one of the others.
    ListConditional,
}

/// A list of codes.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeList {
    /// By which it can be switched off.
    pub name: Option<&'static str>,
    /// As the table has them.
    pub codes: Vec<&'static str>,
    pub(super) set: CodeSet,
}

impl CodeList {
    /// Whether a code is of the list.
    #[inline]
    #[must_use]
    pub fn contains(&self, packed: u64) -> bool {
        self.set.contains(packed)
    }
}

/// Where a segment can stand, seen from the loop that is open.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// The segment, or the loop that it begins.
    pub child: Child,
    /// How many loops end before it.
    pub up: u8,
    /// Where it stands in its loop.
    pub position: u16,
    /// What tells it from others.
    pub key: Option<Key>,
}

impl Guide {
    /// The loop of a segment, by its id.
    #[must_use]
    pub fn loop_id(&self, segment: &SegmentUse) -> Option<&'static str> {
        self.loops[usize::from(segment.owner)].id
    }

    /// The segment use that a child is, or begins with.
    #[must_use]
    pub fn first_segment(&self, child: Child) -> u16 {
        match child {
            Child::Segment(index) => index,
            Child::Loop(index) => self.loops[usize::from(index)].trigger,
        }
    }

    /// The names of the lists that can be switched off, sorted.
    #[must_use]
    pub fn list_names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.lists.iter().filter_map(|list| list.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
