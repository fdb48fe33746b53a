//! Segments that are right at a glance: most are, and nothing has to be told of them.
//!
//! What is right at a glance is right. Of the rest nothing is known: it is looked at with care
//! ([`super::elements`]), and whatever is wrong is told from there.

use std::ops::Range;

use super::notes::broken;
use super::shapes::is_in_shape;
use super::split::{Elements, Short};
use crate::guide::{DataType, ElementUse, Guide, Note, SegmentUse, Usage, ValueShape};

/// What segments of a guide look like where they are right, at a level.
#[derive(Debug, Clone, Default)]
pub(super) struct Glances {
    /// By the segments of the guide.
    segments: Vec<Glance>,
    /// By the elements of the guide, components among them.
    fields: Vec<Field>,
}

/// What a segment looks like where it is right.
#[derive(Debug, Clone)]
struct Glance {
    /// The elements that must be there, and those that may, bit `n - 1` for element `n`.
    required: u64,
    used: u64,
    fields: Range<u16>,
    notes: Range<u16>,
}

/// What an element or component looks like where it is right.
#[derive(Debug, Clone)]
struct Field {
    usage: Usage,
    data_type: DataType,
    shape: Option<ValueShape>,
    shortest: u16,
    longest: u16,
    /// The list that its codes are of, where that is looked at.
    list: Option<u16>,
    components: Range<u16>,
}

impl Glances {
    /// Those of a guide at a level; some lists are switched off.
    pub(super) fn new(guide: &Guide, level: u8, is_off: &[bool]) -> Self {
        let field = |element: &ElementUse| Field {
            usage: element.usage,
            data_type: element.data_type,
            shape: element.shape.filter(|_| level >= 5),
            shortest: element.shortest,
            longest: element.longest,
            list: element.codes.filter(|list| {
                let wanted = if element.is_external { 5 } else { 2 };
                level >= wanted && !is_off[usize::from(*list)]
            }),
            components: element.components.clone(),
        };
        Self {
            segments: guide
                .segments
                .iter()
                .map(|segment| glance(guide, segment))
                .collect(),
            fields: guide.elements.iter().map(field).collect(),
        }
    }

    /// Whether a segment that stands where the guide has it is right.
    #[inline]
    pub(super) fn is_right(&self, guide: &Guide, index: u16, elements: Elements<'_>) -> bool {
        let Some(short) = elements.short() else {
            return false;
        };
        let (glance, split) = (&self.segments[usize::from(index)], elements.split);
        let present = split.present;
        // Nothing is missing, nothing too much, and the last element is there.
        let is_outline_right = glance.required & !present == 0
            && present & !glance.used == 0
            && (elements.count() == 0 || present >> (elements.count() - 1) == 1)
            && !split.has_controls
            && !split.has_repetitions;
        let notes = &guide.notes[usize::from(glance.notes.start)..usize::from(glance.notes.end)];
        if !is_outline_right
            || notes
                .iter()
                .any(|note: &Note| broken(note, present).is_some())
        {
            return false;
        }
        let fields = &self.fields[usize::from(glance.fields.start)..usize::from(glance.fields.end)];
        let looking = Looking {
            fields: &self.fields,
            guide,
            bytes: elements.bytes,
            short,
        };
        let mut rest = present;
        while rest != 0 {
            let position = rest.trailing_zeros() as usize + 1;
            rest &= rest - 1;
            let (Some(field), Some(place)) = (fields.get(position - 1), elements.place(position))
            else {
                return false;
            };
            let before = || elements.element(position - 1);
            if !looking.is_element_right(field, place, before) {
                return false;
            }
        }
        true
    }
}

/// What a segment of a guide looks like where it is right.
fn glance(guide: &Guide, segment: &SegmentUse) -> Glance {
    let range = usize::from(segment.elements.start)..usize::from(segment.elements.end);
    let uses = guide.elements[range].iter().take(64).enumerate();
    let bits = |is_wanted: fn(&ElementUse) -> bool| {
        let wanted = uses.clone().filter(|(_, element)| is_wanted(element));
        wanted.fold(0, |bits, (index, _)| bits | 1_u64 << index)
    };
    Glance {
        required: bits(|element| element.usage == Usage::Required),
        used: bits(|element| element.usage != Usage::NotUsed),
        fields: segment.elements.clone(),
        notes: segment.notes.clone(),
    }
}

/// A segment that is looked at.
#[derive(Clone, Copy)]
struct Looking<'a> {
    fields: &'a [Field],
    guide: &'a Guide,
    bytes: &'a [u8],
    short: Short<'a>,
}

impl<'a> Looking<'a> {
    /// Whether an element that is there is right; `before` is the one before it.
    #[inline]
    fn is_element_right(
        self,
        field: &Field,
        (start, end): (usize, usize),
        before: impl Fn() -> &'a [u8],
    ) -> bool {
        let separators = self.short.components(start, end);
        if field.data_type == DataType::Composite {
            self.is_composite_right(field, (start, end), separators)
        } else {
            separators == 0 && self.is_value_right(field, (start, end), before)
        }
    }

    fn is_composite_right(
        self,
        field: &Field,
        (mut start, end): (usize, usize),
        mut separators: u64,
    ) -> bool {
        let range = usize::from(field.components.start)..usize::from(field.components.end);
        let mut before: &[u8] = b"";
        let mut fields = self.fields[range].iter();
        loop {
            let is_last = separators == 0;
            let stop = match is_last {
                true => end,
                false => separators.trailing_zeros() as usize,
            };
            let Some(field) = fields.next() else {
                return false;
            };
            let is_right = match (stop > start, field.usage) {
                (true, Usage::NotUsed) | (false, Usage::Required) => false,
                (true, _) => self.is_value_right(field, (start, stop), || before),
                (false, _) => !is_last,
            };
            if !is_right {
                return false;
            }
            if is_last {
                return !fields.any(|field| field.usage == Usage::Required);
            }
            separators &= separators - 1;
            before = &self.bytes[start..stop];
            start = stop + 1;
        }
    }

    /// Whether a value that is there is right; `before` is the element or component before it.
    #[inline]
    fn is_value_right(
        self,
        field: &Field,
        (start, end): (usize, usize),
        before: impl Fn() -> &'a [u8],
    ) -> bool {
        let length = match field.data_type {
            // What begins with a blank may be nothing but blanks.
            DataType::Text | DataType::Code if self.bytes[start] != b' ' => end - start,
            DataType::Whole if self.short.others(start, end) == 0 => end - start,
            DataType::Decimal => match self.short.others(start, end) {
                0 => end - start,
                point if self.is_point(point) && end - start > 1 => end - start - 1,
                _ => return false,
            },
            DataType::Date | DataType::Time if self.short.others(start, end) == 0 => end - start,
            _ => return false,
        };
        let is_length_right = match field.data_type {
            DataType::Date => length == 8,
            DataType::Time => matches!(length, 4 | 6..=8),
            _ => (field.shortest..=field.longest).contains(&(length as u16)),
        };
        let is_code_right = field.list.is_none_or(|list| {
            let list = &self.guide.lists[usize::from(list)];
            let code = self.short.code(start, end);
            code.is_some_and(|code| list.contains(code))
        });
        let is_shape_right = field
            .shape
            .is_none_or(|shape| is_in_shape(shape, before(), &self.bytes[start..end]));
        is_length_right && is_code_right && is_shape_right
    }

    /// Whether these bits are one, of a decimal point.
    #[inline]
    fn is_point(self, bits: u64) -> bool {
        bits & (bits - 1) == 0 && self.bytes.get(bits.trailing_zeros() as usize) == Some(&b'.')
    }
}
