//! What findings say. No value is in it: the element and the expectation are.

use std::fmt::Write as _;

use super::split::Elements;
use crate::guide::{
    CodeList, DataType, ElementUse, Guide, Note, NoteKind, SegmentUse, Tag, ValueShape,
};

/// The most codes that a message lists.
const MOST_CODES: usize = 12;

/// `NM109`, or `SV101-2`.
pub(super) fn name(tag: Tag, element: usize, component: Option<usize>) -> String {
    match component {
        Some(component) => format!("{}{element:02}-{component}", tag.as_str()),
        None => format!("{}{element:02}", tag.as_str()),
    }
}

/// ` in loop 2010AA`, or nothing.
pub(super) fn in_loop(id: Option<&str>) -> String {
    id.map(|id| format!(" in loop {id}")).unwrap_or_default()
}

/// The codes of a list, or how many there are.
pub(super) fn codes(list: &CodeList) -> String {
    match &list.codes[..] {
        [only] => (*only).to_owned(),
        few if few.len() <= MOST_CODES => format!("one of {}", few.join(", ")),
        many => match list.name {
            Some(name) => format!("one of the {} codes of {name}", many.len()),
            None => format!("one of {} codes", many.len()),
        },
    }
}

/// What a value of the type looks like.
pub(super) fn of_type(element: &ElementUse) -> &'static str {
    match element.data_type {
        DataType::Whole => "a whole number (digits, and a minus sign in front if need be)",
        DataType::Decimal => {
            "a number (digits, at most one point, and a minus sign in front if need be)"
        }
        DataType::Date => "a date of 8 digits, CCYYMMDD",
        DataType::Time => "a time of 4, 6 or 8 digits, HHMM first",
        DataType::Code | DataType::Text => "text that is not blank, without control characters",
        DataType::Composite => "components",
    }
}

/// `1 to 60 characters`.
pub(super) fn lengths(element: &ElementUse) -> String {
    let ElementUse {
        shortest, longest, ..
    } = *element;
    let what = match element.data_type {
        DataType::Whole | DataType::Decimal => "digits",
        _ => "characters",
    };
    if shortest == longest {
        format!("{shortest} {what}")
    } else {
        format!("{shortest} to {longest} {what}")
    }
}

/// What a value of the shape looks like.
pub(super) fn of_shape(shape: ValueShape) -> &'static str {
    match shape {
        ValueShape::Npi => {
            "a national provider identifier: 10 digits, the first 1 or 2, the last the check digit"
        }
        ValueShape::Period => {
            "a date that exists, CCYYMMDD, or for RD8 two of them, CCYYMMDD-CCYYMMDD, the earlier first"
        }
        ValueShape::Date => "a date that exists, CCYYMMDD",
        ValueShape::Time => "a time that exists, HHMM first",
        ValueShape::Diagnosis => {
            "a diagnosis code of ICD-10-CM: a letter, a digit, then 1 to 5 letters and digits, without a point"
        }
        ValueShape::Procedure => {
            "a procedure code of CPT or HCPCS: 5 digits, or 4 and a letter before or behind them"
        }
        ValueShape::Modifier => "a modifier: two letters or digits, in upper case",
        ValueShape::Taxonomy => {
            "a provider taxonomy code: 10 letters and digits, the first 3 digits, the last an X"
        }
        ValueShape::Remark => "a remark code: M, N or MA, and a number",
    }
}

/// What a relational note asks for.
pub(super) fn of_note(tag: Tag, note: &Note) -> String {
    let first = usize::from(note.first);
    let all: Vec<String> = (1..=64_usize)
        .filter(|position| note.elements >> (position - 1) & 1 == 1)
        .map(|position| name(tag, position, None))
        .collect();
    let first = name(tag, first, None);
    let others: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|other| *other != first)
        .collect();
    match note.kind {
        NoteKind::Paired => format!("{} stand together or not at all", all.join(", ")),
        NoteKind::AtLeastOne => format!("at least one of {} is required", all.join(", ")),
        NoteKind::Exclusive => format!("at most one of {} may be there", all.join(", ")),
        NoteKind::Conditional => format!("with {first}, {} is required", others.join(", ")),
        NoteKind::ListConditional => {
            format!(
                "with {first}, at least one of {} is required",
                others.join(", ")
            )
        }
    }
}

/// Where the code stands that tells a segment from others of its id: the component, where the
/// first element has components, and its reference number.
pub(super) fn first_value(guide: &Guide, segment: &SegmentUse) -> (Option<usize>, &'static str) {
    let first = &guide.elements[usize::from(segment.elements.start)];
    match first.data_type {
        DataType::Composite => {
            let component = &guide.elements[usize::from(first.components.start)];
            (Some(1), component.number)
        }
        _ => (None, first.number),
    }
}

/// The code that tells a segment from others of its id, where the guide has it.
pub(super) fn qualifier(guide: &Guide, elements: Elements<'_>, tag: Tag) -> Option<&'static str> {
    let value = elements.first_component(1);
    let uses = guide.segments.iter().filter(|segment| segment.tag == tag);
    let lists = uses.filter_map(|segment| Some(&guide.lists[usize::from(segment.key?.list)]));
    let mut codes = lists.flat_map(|list| &list.codes);
    codes.find(|code| code.as_bytes() == value).copied()
}

/// The code that tells a segment from others of its id, where only one does.
pub(super) fn only_code(guide: &Guide, segment: &SegmentUse) -> Option<&'static str> {
    match guide.lists[usize::from(segment.key?.list)].codes[..] {
        [code] => Some(code),
        _ => None,
    }
}

/// A segment by its id, and where several have it by its codes: `REF (EI, SY)`.
pub(super) fn segment(guide: &Guide, index: u16) -> String {
    let one = &guide.segments[usize::from(index)];
    let mut text = one.tag.as_str().to_owned();
    let is_alone = guide
        .segments
        .iter()
        .filter(|other| other.tag == one.tag)
        .take(2)
        .count()
        == 1;
    if let (Some(key), false) = (one.key, is_alone) {
        let list = &guide.lists[usize::from(key.list)];
        if list.codes.len() <= MOST_CODES {
            let _ = write!(text, " ({})", list.codes.join(", "));
        }
    }
    text
}
