//! Bytes of an input as text.

use std::borrow::Cow;

/// Bytes of an input as text: UTF-8 where they are, else Latin-1.
#[must_use]
pub fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => bytes
            .iter()
            .copied()
            .map(char::from)
            .collect::<String>()
            .into(),
    }
}

/// Bytes of an input as UTF-8: so they stand in a history, and compare with what is there.
#[must_use]
pub fn as_utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.is_ascii() {
        return Cow::Borrowed(bytes);
    }
    match as_text(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_is_latin_1() {
        assert_eq!(as_text("JOSÉ".as_bytes()), "JOSÉ");
        assert_eq!(as_text(b"JOS\xc9"), "JOSÉ");
    }
}
