//! A segment as it may be shown: its values are people's data, and masked.

use super::split::Elements;
use crate::x12::Excerpt;

/// The most characters of a segment that are shown.
const MOST_SHOWN: usize = 96;

/// Masks a segment; the id of one that is known is kept. The part at fault is an element, or a component of it, or for none the
/// id.
pub(super) fn excerpt(
    elements: Elements<'_>,
    element: Option<u8>,
    component: Option<u8>,
    is_known: bool,
) -> Excerpt {
    let position = usize::from(element.unwrap_or(0));
    let all = elements.bytes.len();
    let (start, end) = elements.place(position).unwrap_or((all, all));
    let (start, end) = match component {
        Some(component) => part(elements, (start, end), usize::from(component)),
        None => (start, end),
    };
    let (_, id_end) = elements.place(0).unwrap_or_default();
    // What no guide has as an id may be a value that a wrong terminator cut off.
    let is_id = is_known;
    let from = if end > MOST_SHOWN {
        start.saturating_sub(MOST_SHOWN / 2)
    } else {
        0
    };
    let until = all.min(from + MOST_SHOWN);
    let mut text = String::new();
    if from > 0 {
        text.push('~');
    }
    let before = text.len();
    for (index, &byte) in elements.bytes.iter().enumerate().take(until).skip(from) {
        let is_kept = is_id && index < id_end;
        text.push(if is_kept {
            char::from(byte)
        } else {
            mask(elements, byte)
        });
    }
    if until < all {
        text.push('~');
    }
    Excerpt {
        start: before + start.saturating_sub(from),
        length: end.min(until).saturating_sub(start).max(1),
        text,
    }
}

/// Where a component of the element's first repetition stands.
fn part(elements: Elements<'_>, (start, end): (usize, usize), component: usize) -> (usize, usize) {
    let mut from = start;
    let bytes = &elements.bytes[start..end];
    for (index, part) in bytes
        .split(|byte| *byte == elements.delimiters.component)
        .enumerate()
    {
        if index + 1 == component {
            return (from, from + part.len());
        }
        from += part.len() + 1;
    }
    (end, end)
}

fn mask(elements: Elements<'_>, byte: u8) -> char {
    let delimiters = elements.delimiters;
    let is_separator = byte == delimiters.element
        || byte == delimiters.component
        || Some(byte) == delimiters.repetition;
    match byte {
        byte if is_separator => char::from(byte),
        byte if byte.is_ascii_alphabetic() => 'x',
        byte if byte.is_ascii_digit() => '9',
        _ => '.',
    }
}
