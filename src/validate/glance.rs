//! Segments that are right at a glance: most are, and nothing has to be told of them.
//!
//! What is right at a glance is right. Of the rest nothing is known: it is looked at with care
//! ([`super::elements`]), and whatever is wrong is told from there.

use std::ops::Range;

use super::notes::broken;
use super::shapes::is_in_shape;
use super::split::{Elements, Short, end_before};
use crate::guide::{DataType, ElementUse, Guide, SegmentUse, Usage, ValueShape};

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
    /// The elements that must be there, bit `n - 1` for element `n`.
    required: u64,
    fields: Range<u16>,
    notes: Range<u16>,
}

/// What an element or component looks like where it is right.
#[derive(Debug, Clone)]
struct Field {
    usage: Usage,
    values: Values,
    shape: Option<ValueShape>,
    shortest: u16,
    longest: u16,
    /// The list that its codes are of, where that is looked at.
    list: Option<u16>,
    components: Range<u16>,
}

/// What values of a type look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Text,
    /// Digits and no sign.
    Digits,
    /// Digits, and one point perhaps.
    Decimal,
    Time,
    Composite,
    /// There are none: the element is not used.
    None,
}

impl Values {
    fn of(data_type: DataType) -> Self {
        match data_type {
            DataType::Text | DataType::Code => Self::Text,
            DataType::Whole | DataType::Date => Self::Digits,
            DataType::Decimal => Self::Decimal,
            DataType::Time => Self::Time,
            DataType::Composite => Self::Composite,
        }
    }
}

impl Glances {
    /// Those of a guide at a level; some lists are switched off.
    pub(super) fn new(guide: &Guide, level: u8, is_off: &[bool]) -> Self {
        let field = |element: &ElementUse| {
            let (shortest, longest) = match element.data_type {
                DataType::Date => (8, 8),
                _ => (element.shortest, element.longest),
            };
            let wanted = if element.is_external { 5 } else { 2 };
            let is_looked_at = |list: &u16| level >= wanted && !is_off[usize::from(*list)];
            Field {
                usage: element.usage,
                values: match element.usage {
                    Usage::NotUsed => Values::None,
                    Usage::Required | Usage::Situational => Values::of(element.data_type),
                },
                shape: element.shape.filter(|_| level >= 5),
                shortest,
                longest,
                list: element.codes.filter(is_looked_at),
                components: element.components.clone(),
            }
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
        let Some(short) = elements.short().filter(|short| !short.is_odd()) else {
            return false;
        };
        let glance = &self.segments[usize::from(index)];
        let looking = Looking {
            fields: &self.fields,
            guide,
            short,
        };
        let fields = &self.fields[usize::from(glance.fields.start)..usize::from(glance.fields.end)];
        let Some(present) = looking.right_elements(fields) else {
            return false;
        };
        let notes = &guide.notes[usize::from(glance.notes.start)..usize::from(glance.notes.end)];
        glance.required & !present == 0 && !notes.iter().any(|note| broken(note, present).is_some())
    }
}

/// What a segment of a guide looks like where it is right.
fn glance(guide: &Guide, segment: &SegmentUse) -> Glance {
    let range = usize::from(segment.elements.start)..usize::from(segment.elements.end);
    let uses = guide.elements[range].iter().take(64).enumerate();
    let required = uses.filter(|(_, element)| element.usage == Usage::Required);
    Glance {
        required: required.fold(0, |bits, (index, _)| bits | 1 << index),
        fields: segment.elements.clone(),
        notes: segment.notes.clone(),
    }
}

impl Field {
    #[inline]
    fn has_length(&self, length: usize) -> bool {
        (self.shortest..=self.longest).contains(&(length as u16))
    }
}

/// A segment that is looked at.
struct Looking<'a> {
    fields: &'a [Field],
    guide: &'a Guide,
    short: Short<'a>,
}

impl<'a> Looking<'a> {
    /// Which elements are there (bit `n - 1` for element `n`), if each of them is right, and the
    /// last of all is there.
    #[inline]
    fn right_elements(&self, fields: &[Field]) -> Option<u64> {
        let (mut rest, length) = (self.short.separators(), self.short.bytes().len());
        let (mut present, mut bit) = (0, 1_u64);
        let mut before = (0, 0);
        let mut fields = fields.iter();
        while rest != 0 {
            let start = rest.trailing_zeros() as usize + 1;
            rest &= rest - 1;
            let end = end_before(rest, length);
            let field = fields.next()?;
            if end > start {
                if !self.is_element_right(field, (start, end), before) {
                    return None;
                }
                present |= bit;
            } else if rest == 0 {
                return None;
            }
            before = (start, end);
            bit = bit.wrapping_shl(1);
        }
        Some(present)
    }

    /// Whether an element that is there is right; `before` is where the one before it stands.
    #[inline]
    fn is_element_right(
        &self,
        field: &Field,
        place: (usize, usize),
        before: (usize, usize),
    ) -> bool {
        let separators = match self.short.has_components() {
            true => self.short.components(place.0, place.1),
            false => 0,
        };
        if field.values == Values::Composite {
            self.is_composite_right(field, place, separators)
        } else {
            separators == 0 && self.is_value_right(field, place, before)
        }
    }

    fn is_composite_right(
        &self,
        field: &Field,
        (mut start, end): (usize, usize),
        mut separators: u64,
    ) -> bool {
        let range = usize::from(field.components.start)..usize::from(field.components.end);
        let mut before = (0, 0);
        let mut fields = self.fields[range].iter();
        loop {
            let is_last = separators == 0;
            let stop = end_before(separators, end);
            let Some(field) = fields.next() else {
                return false;
            };
            let is_right = match (stop > start, field.usage) {
                (false, Usage::Required) => false,
                (true, _) => {
                    self.short.bytes()[start] != b' '
                        && self.is_value_right(field, (start, stop), before)
                }
                (false, _) => !is_last,
            };
            if !is_right {
                return false;
            }
            if is_last {
                return !fields.any(|field| field.usage == Usage::Required);
            }
            separators &= separators - 1;
            before = (start, stop);
            start = stop + 1;
        }
    }

    /// Whether a value that is there is right; `before` is where the element or component before
    /// it stands.
    #[inline(always)]
    fn is_value_right(
        &self,
        field: &Field,
        (start, end): (usize, usize),
        before: (usize, usize),
    ) -> bool {
        let length = end - start;
        let is_type_right = match field.values {
            Values::Text => field.has_length(length),
            Values::Digits => self.short.others(start, end) == 0 && field.has_length(length),
            Values::Decimal => match self.short.others(start, end) {
                0 => field.has_length(length),
                point => self.is_point(point) && length > 1 && field.has_length(length - 1),
            },
            Values::Time => self.short.others(start, end) == 0 && matches!(length, 4 | 6..=8),
            Values::Composite | Values::None => false,
        };
        if !is_type_right {
            return false;
        }
        if let Some(list) = field.list {
            let list = &self.guide.lists[usize::from(list)];
            let code = self.short.code(start, end);
            if !code.is_some_and(|code| list.contains(code)) {
                return false;
            }
        }
        field.shape.is_none_or(|shape| {
            let bytes = self.short.bytes();
            is_in_shape(shape, &bytes[before.0..before.1], &bytes[start..end])
        })
    }

    /// Whether these bits are one, of a decimal point.
    #[inline]
    fn is_point(&self, bits: u64) -> bool {
        bits & (bits - 1) == 0
            && self.short.bytes().get(bits.trailing_zeros() as usize) == Some(&b'.')
    }
}

#[cfg(test)]
mod tests {
    use super::super::checks::Checks;
    use super::super::elements;
    use super::super::report::{Gap, Report};
    use super::super::split::Splitter;
    use crate::guide::professional;
    use crate::x12::Delimiters;
    use proptest::prelude::*;

    const SOUND: &str = include_str!("../../fixtures/validation/0_nothing_wrong.837");

    fn sound_segments() -> Vec<&'static str> {
        let segments = SOUND.split('~').map(str::trim_start);
        let is_envelope = |id: &str| ["ISA", "GS", "SE", "GE", "IEA", ""].contains(&id);
        segments
            .filter(|segment| !is_envelope(segment.split('*').next().unwrap_or_default()))
            .collect()
    }

    /// For each use of a segment's id: whether it is right at a glance, and how much is found with
    /// care; `behind` stands behind the segment.
    fn looked_at(checks: &Checks, segment: &[u8], behind: &[u8]) -> Vec<(bool, usize)> {
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        let mut splitter = Splitter::default();
        let ahead = [segment, behind].concat();
        let elements = splitter.split(segment, &ahead, delimiters);
        let (tag, id) = checks.guide.identify(segment, b'*');
        let guide = checks.guide;
        let uses = guide.segments.iter().enumerate();
        let own = uses.filter(|(_, one)| Some(one.tag) == tag);
        own.map(|(index, segment)| {
            let is_right = checks.glances.is_right(guide, index as u16, elements);
            let mut findings = Vec::new();
            let mut report = Report {
                checks,
                before: 0,
                findings: &mut findings,
                elements,
                tag: tag.unwrap_or_default(),
                id,
                place: Gap::default(),
            };
            elements::check(&mut report, segment);
            (is_right, findings.len())
        })
        .collect()
    }

    #[test]
    fn sound_segments_are_right_at_a_glance() {
        let checks = Checks::new(professional().unwrap(), 5, &[]).unwrap();
        for segment in sound_segments() {
            let looked_at = looked_at(&checks, segment.as_bytes(), b"");
            assert!(looked_at.iter().any(|(is_right, _)| *is_right), "{segment}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn of_what_is_right_at_a_glance_nothing_is_found(
            of in any::<prop::sample::Index>(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), 0..5, "[ A-B0-3:^.-]{0,3}|\u{7}|é|20260230|ABK|XX|US"), 0..3),
            level in 1_u8..=5,
            without_states in any::<bool>(),
        ) {
            let without = if without_states { vec!["state".to_owned()] } else { Vec::new() };
            let checks = Checks::new(professional().unwrap(), level, &without).unwrap();
            let mut elements: Vec<String> = of.get(&sound_segments()).split('*').map(str::to_owned).collect();
            for (place, change, text) in changes {
                let index = 1 + place.index(elements.len() - 1);
                match change {
                    0 => elements[index] = text,
                    1 => elements[index].push_str(&text),
                    2 => elements.push(text),
                    3 => elements.insert(index, text),
                    _ => elements[index] = elements[index].chars().skip(1).collect(),
                }
            }
            let segment = elements.join("*");
            let alone = looked_at(&checks, segment.as_bytes(), b"");
            prop_assert_eq!(&alone, &looked_at(&checks, segment.as_bytes(), SOUND.as_bytes()));
            for (is_right, findings) in alone {
                prop_assert!(!is_right || findings == 0, "{} at {}", segment, level);
            }
        }
    }
}
