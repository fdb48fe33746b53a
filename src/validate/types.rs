//! Types and lengths: level 1.

use super::finding::Problem;
use crate::guide::{DataType, ElementUse};

/// What is wrong with a value of a type.
#[inline]
pub(super) fn wrong_type(
    element: &ElementUse,
    value: &[u8],
    has_controls: bool,
) -> Option<Problem> {
    let length = match element.data_type {
        DataType::Text | DataType::Code => {
            let is_blank = value[0] == b' ' && value.iter().all(|byte| *byte == b' ');
            if is_blank || has_controls && value.iter().any(u8::is_ascii_control) {
                return Some(Problem::Characters);
            }
            value.len()
        }
        DataType::Whole => {
            let digits = value.strip_prefix(b"-").unwrap_or(value);
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
                return Some(Problem::Characters);
            }
            digits.len()
        }
        DataType::Decimal => match digits_of_decimal(value) {
            Some(digits) => digits,
            None => return Some(Problem::Characters),
        },
        DataType::Date => {
            let is_date = value.len() == 8 && value.iter().all(u8::is_ascii_digit);
            return (!is_date).then_some(Problem::DateMalformed);
        }
        DataType::Time => {
            let is_time = matches!(value.len(), 4 | 6..=8) && value.iter().all(u8::is_ascii_digit);
            return (!is_time).then_some(Problem::TimeMalformed);
        }
        DataType::Composite => return None,
    };
    if length < usize::from(element.shortest) {
        Some(Problem::TooShort)
    } else if length > usize::from(element.longest)
        && characters(value) > usize::from(element.longest)
    {
        Some(Problem::TooLong)
    } else {
        None
    }
}

/// How many digits a number has, if it is one.
fn digits_of_decimal(value: &[u8]) -> Option<usize> {
    let number = value.strip_prefix(b"-").unwrap_or(value);
    let (mut digits, mut points) = (0, 0);
    for byte in number {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => points += 1,
            _ => return None,
        }
    }
    (digits > 0 && points <= 1).then_some(digits)
}

/// How many characters a long value has: digits where it is a number, and each letter once
/// where it is UTF-8.
#[cold]
fn characters(value: &[u8]) -> usize {
    if let Some(digits) = digits_of_decimal(value) {
        return digits;
    }
    match std::str::from_utf8(value) {
        Ok(text) => text.chars().count(),
        Err(_) => value.len(),
    }
}
