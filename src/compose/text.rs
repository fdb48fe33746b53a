//! Values of the input made safe: they cannot break a file that they stand in.

use crate::claim::as_text;

/// What stands where a character cannot.
const REPLACEMENT: char = '?';

/// The letters that U+00C0 to U+00FF come down to.
const LATIN: &[u8; 64] = b"AAAAAAACEEEEIIIIDNOOOOO?OUUUUY?SAAAAAAACEEEEIIIIDNOOOOO?OUUUUY?Y";

/// How many characters an element has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// The fewest.
    pub least: usize,
    /// The most.
    pub most: usize,
}

/// From so many to so many characters.
#[must_use]
pub const fn length(least: usize, most: usize) -> Length {
    Length { least, most }
}

/// Appends a value, and nothing if it is blank: outer blanks and line breaks dropped,
/// characters that have no place in a file replaced, cut where it is too long, blanks behind it
/// where it is too short.
pub fn push(out: &mut Vec<u8>, value: &[u8], length: Length) {
    let start = out.len();
    if value.iter().all(|byte| IS_PLAIN[usize::from(*byte)]) {
        let text = value.trim_ascii();
        out.extend_from_slice(&text[..text.len().min(length.most)]);
    } else {
        push_safe(out, value, length.most);
    }
    while out.len() > start && out.ends_with(b" ") {
        out.pop();
    }
    if out.len() > start {
        out.resize(out.len().max(start + length.least), b' ');
    }
}

/// Bytes that are characters which stand in a file as they are.
const IS_PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'}' {
        plain[byte as usize] = !matches!(byte, b'*' | b':' | b'^');
        byte += 1;
    }
    plain
};

/// Appends the characters of a value that stand for others, at most so many.
#[cold]
fn push_safe(out: &mut Vec<u8>, value: &[u8], most: usize) {
    let text = as_text(value);
    let characters = text.trim().chars();
    let kept = characters.filter(|character| !matches!(character, '\r' | '\n'));
    // Every safe character is one byte.
    out.extend(kept.take(most).map(|character| safe(character) as u8));
}

/// A value as `push` appends it.
#[must_use]
pub fn clean(value: &[u8], length: Length) -> Vec<u8> {
    let mut out = Vec::new();
    push(&mut out, value, length);
    out
}

/// The digits of a value, the last ones where they are too many.
#[must_use]
pub fn digits(value: &[u8], most: usize) -> Vec<u8> {
    let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(most)..].to_vec()
}

/// A character of the basic or extended set that is no delimiter of ours.
fn safe(character: char) -> char {
    match character {
        '*' | ':' | '^' | '~' => REPLACEMENT,
        ' '..='}' => character,
        'ß' => 's',
        '\u{c0}'..='\u{ff}' => {
            let upper = LATIN[(character as usize - 0xc0) % LATIN.len()] as char;
            if character >= '\u{e0}' {
                upper.to_ascii_lowercase()
            } else {
                upper
            }
        }
        _ if character.is_whitespace() => ' ',
        _ => REPLACEMENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(value: &[u8]) -> String {
        String::from_utf8(clean(value, length(2, 20))).unwrap()
    }

    #[test]
    fn delimiters_and_unknown_characters_are_replaced() {
        assert_eq!(cleaned(b"A*B:C^D~E"), "A?B?C?D?E");
        assert_eq!(cleaned("N\u{a0}ÉE Łódź".as_bytes()), "N EE ?od?");
        assert_eq!(cleaned("Straße Ÿ ÿ ×÷".as_bytes()), "Strase ? y ??");
        assert_eq!(cleaned(b"JOS\xc9\x07|>!`#"), "JOSE?|>!`#");
    }

    #[test]
    fn what_is_plain_is_what_is_safe_as_it_is() {
        for byte in 0..=u8::MAX {
            let character = char::from(byte);
            let is_kept = byte.is_ascii() && safe(character) == character;
            assert_eq!(IS_PLAIN[usize::from(byte)], is_kept, "{byte:#x}");
        }
    }

    #[test]
    fn line_breaks_and_outer_blanks_are_dropped() {
        assert_eq!(cleaned(b"  SM\r\nITH \n"), "SMITH");
        assert_eq!(cleaned(b" \r\n "), "");
    }

    #[test]
    fn length_is_kept() {
        assert_eq!(cleaned(b"A"), "A ");
        assert_eq!(cleaned(&[b'A'; 40]), "A".repeat(20));
        assert_eq!(cleaned(b"AAAAAAAAAAAAAAAAAAA B"), "A".repeat(19));
        assert_eq!(cleaned(&"É".repeat(40).into_bytes()), "E".repeat(20));
    }

    #[test]
    fn digits_are_the_last() {
        assert_eq!(digits(b"A12-34567890123", 9), b"567890123");
        assert_eq!(digits(b"-", 9), b"");
    }
}
