//! The words of a guide's table.

use super::model::{DataType, Note, NoteKind, Usage, ValueShape};

/// What a word says, or what is wrong with it.
pub(super) type Parsed<T> = Result<T, &'static str>;

pub(super) fn number(text: &str) -> Parsed<u16> {
    text.parse().map_err(|_| "no number")
}

pub(super) fn parse_most(text: &str) -> Parsed<u16> {
    number(text).map(|most| if most == 0 { u16::MAX } else { most })
}

pub(super) fn parse_usage(text: &str) -> Parsed<Usage> {
    match text {
        "R" => Ok(Usage::Required),
        "S" => Ok(Usage::Situational),
        _ => Err("no such usage"),
    }
}

pub(super) fn split_usage(text: &'static str) -> Parsed<(Usage, &'static str)> {
    let (usage, rest) = text.split_at_checked(1).ok_or("an empty element")?;
    let usage = match usage {
        "-" => Usage::NotUsed,
        usage => parse_usage(usage)?,
    };
    Ok((usage, rest))
}

pub(super) fn parse_type(name: &str) -> DataType {
    match name {
        "N0" => DataType::Whole,
        "R" => DataType::Decimal,
        "ID" => DataType::Code,
        "DT" => DataType::Date,
        "TM" => DataType::Time,
        _ => DataType::Text,
    }
}

pub(super) fn parse_shape(name: &str) -> Parsed<ValueShape> {
    Ok(match name {
        "npi" => ValueShape::Npi,
        "period" => ValueShape::Period,
        "date" => ValueShape::Date,
        "time" => ValueShape::Time,
        "diagnosis" => ValueShape::Diagnosis,
        "procedure" => ValueShape::Procedure,
        "modifier" => ValueShape::Modifier,
        "taxonomy" => ValueShape::Taxonomy,
        "remark" => ValueShape::Remark,
        _ => return Err("no such shape"),
    })
}

pub(super) fn parse_note(text: &str) -> Parsed<Note> {
    let (kind, positions) = text.split_at_checked(1).ok_or("an empty note")?;
    let kind = match kind {
        "P" => NoteKind::Paired,
        "R" => NoteKind::AtLeastOne,
        "E" => NoteKind::Exclusive,
        "C" => NoteKind::Conditional,
        "L" => NoteKind::ListConditional,
        _ => return Err("no such note"),
    };
    let (mut first, mut elements) = (0, 0);
    for pair in positions.as_bytes().chunks(2) {
        let pair = std::str::from_utf8(pair).map_err(|_| "no position")?;
        let position: u8 = pair.parse().map_err(|_| "no position")?;
        if first == 0 {
            first = position;
        }
        elements |= 1_u64
            .checked_shl(u32::from(position) - 1)
            .ok_or("too far")?;
    }
    Ok(Note {
        kind,
        first,
        elements,
    })
}
