//! Determinations as JSON.

use std::borrow::Cow;

use super::determination::{Determination, WrittenReason};
use super::fields::{self, Fields, MONITORED, Name, Value, name};

/// JSON that grows.
#[derive(Debug, Default)]
pub(super) struct Json {
    bytes: Vec<u8>,
    heads: Vec<Head>,
}

/// What a reason says before its text. Most reasons begin as some reason before them.
#[derive(Debug)]
struct Head {
    /// A reason that begins so.
    of: WrittenReason<'static>,
    json: Box<[u8]>,
}

/// The most beginnings of reasons that are kept.
const MOST_HEADS: usize = 64;

/// The fields of a determination on their way into an object.
struct Object<'o, 'a> {
    json: &'o mut Json,
    determination: &'o Determination<'a>,
}

impl<'a> Fields<'a> for Object<'_, 'a> {
    #[inline]
    fn take<V: Value>(
        &mut self,
        name: Name,
        value: impl for<'d> Fn(&'d Determination<'a>) -> &'d V,
    ) {
        self.json.add_field(name, value(self.determination));
    }
}

impl Json {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Takes everything out.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds a determination, as a line.
    pub(super) fn line(&mut self, determination: &Determination<'_>) {
        let start = self.bytes.len();
        fields::each(&mut Object {
            json: self,
            determination,
        });
        if let Some(monitored) = &determination.monitored {
            self.add_field(MONITORED, monitored);
        }
        self.bytes[start] = b'{';
        self.add(b"}\n");
    }

    /// Adds what is JSON.
    #[inline]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds a text.
    #[expect(clippy::expect_used, reason = "memory takes every byte")]
    pub(super) fn add_text(&mut self, text: &str) {
        if has_escapes(text.as_bytes()) {
            serde_json::to_writer(&mut self.bytes, text).expect("a text is JSON");
        } else {
            self.add(b"\"");
            self.add(text.as_bytes());
            self.add(b"\"");
        }
    }

    /// Adds a field behind another.
    #[inline]
    pub(super) fn add_field(&mut self, name: Name, value: &impl Value) {
        self.add(name.json.as_bytes());
        value.add_json(self);
    }

    /// Adds the fields of a reason, as an object without its end.
    pub(super) fn add_reason(&mut self, reason: &WrittenReason<'_>) {
        let known = self.heads.iter().find(|head| head.of.begins_like(reason));
        match known {
            Some(head) => self.bytes.extend_from_slice(&head.json),
            None => self.add_head(reason),
        }
        self.add_field(name!(text), &reason.text);
    }

    /// Adds what a reason says before its text, and keeps it.
    fn add_head(&mut self, reason: &WrittenReason<'_>) {
        let start = self.bytes.len();
        self.add_field(name!(rule), &reason.rule);
        self.add_field(name!(basis), &reason.basis);
        self.add_field(name!(clause), &reason.clause);
        self.add_field(name!(decision), &reason.decision);
        self.add_field(name!(group), &reason.group);
        self.add_field(name!(carc), &reason.carc);
        self.add_field(name!(rarc), &reason.rarc);
        self.add_field(name!(status), &reason.status);
        self.bytes[start] = b'{';
        if self.heads.len() == MOST_HEADS {
            self.heads.clear();
        }
        self.heads.push(Head {
            of: reason.without_text(),
            json: self.bytes[start..].into(),
        });
    }
}

/// Whether JSON escapes a byte of a text: a control character, a quotation mark or a backslash. Eight
/// bytes are looked at as one number.
fn has_escapes(text: &[u8]) -> bool {
    let has_escapes = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        below(word, 0x20) | below(word ^ each(b'"'), 1) | below(word ^ each(b'\\'), 1) != 0
    };
    let is_escaped = |byte: &u8| matches!(byte, ..0x20 | b'"' | b'\\');
    match text.last_chunk() {
        // Some bytes are looked at twice.
        Some(last) => has_escapes(last) || text.as_chunks().0.iter().any(has_escapes),
        None => text.iter().any(is_escaped),
    }
}

/// A byte, eight times.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Not zero exactly when one of eight bytes is below a number of at most 128.
const fn below(word: u64, number: u8) -> u64 {
    word.wrapping_sub(each(number)) & !word & each(0x80)
}

impl WrittenReason<'_> {
    /// Whether another says the same before its text.
    fn begins_like(&self, other: &WrittenReason<'_>) -> bool {
        self.rule == other.rule
            && self.decision == other.decision
            && self.clause == other.clause
            && self.basis == other.basis
            && self.group == other.group
            && self.carc == other.carc
            && self.rarc == other.rarc
            && self.status == other.status
    }

    fn without_text(&self) -> WrittenReason<'static> {
        let owned = |text: &str| Cow::Owned(text.to_owned());
        WrittenReason {
            rule: self.rule,
            basis: self.basis,
            clause: owned(&self.clause),
            decision: self.decision,
            group: self.group.as_deref().map(owned),
            carc: self.carc.as_deref().map(owned),
            rarc: self.rarc.clone().into_owned().into(),
            status: self.status.as_deref().map(owned),
            text: Cow::Borrowed(""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_looked_at_wherever_it_stands() {
        for length in 0..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[place] = byte;
                    let expected = byte < 0x20 || byte == b'"' || byte == b'\\';
                    assert_eq!(
                        has_escapes(&text),
                        expected,
                        "{byte} at {place} of {length}"
                    );
                }
            }
        }
    }
}
