//! Delimiters other than the usual ones.

use std::str::FromStr;

use super::options::OptionsError;

/// What separates elements, components, repetitions and segments of generated files.
///
/// As text it is these four characters in this order, and line breaks after segments if there
/// are to be any: `*:^~` is without line breaks. `\n` and `\r` stand for line feed and carriage
/// return.
///
/// ```
/// use claimstream::generate::Separators;
/// assert_eq!(r"*:^~\n".parse(), Ok(Separators::default()));
/// assert!("|>!~".parse::<Separators>().is_ok());
/// assert!("**^~".parse::<Separators>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// The byte after `ISA`.
    element: u8,
    /// ISA16.
    component: u8,
    /// ISA11.
    repetition: u8,
    /// The byte after ISA16.
    segment: u8,
    line_break: LineBreak,
}

/// What follows each segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    None,
    LineFeed,
    CarriageReturnLineFeed,
}

impl LineBreak {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::LineFeed => b"\n",
            Self::CarriageReturnLineFeed => b"\r\n",
        }
    }
}

impl Default for Separators {
    fn default() -> Self {
        Self {
            element: b'*',
            component: b':',
            repetition: b'^',
            segment: b'~',
            line_break: LineBreak::LineFeed,
        }
    }
}

impl FromStr for Separators {
    type Err = OptionsError;

    fn from_str(text: &str) -> Result<Self, OptionsError> {
        let text = text.replace("\\r", "\r").replace("\\n", "\n");
        let [element, component, repetition, segment, rest @ ..] = text.as_bytes() else {
            return Err(OptionsError::Delimiters);
        };
        let line_break = match rest {
            b"" => LineBreak::None,
            b"\n" => LineBreak::LineFeed,
            b"\r\n" => LineBreak::CarriageReturnLineFeed,
            _ => return Err(OptionsError::Delimiters),
        };
        let all = [*element, *component, *repetition, *segment];
        let is_fit = all.iter().enumerate().all(|(index, byte)| {
            let is_break = index == 3 && matches!(byte, b'\n' | b'\r');
            // The data hold letters, digits, blanks, points and hyphens.
            let is_mark = byte.is_ascii_punctuation() && !matches!(byte, b'.' | b'-');
            (is_mark || is_break) && !all[..index].contains(byte)
        });
        is_fit
            .then_some(Self {
                element: *element,
                component: *component,
                repetition: *repetition,
                segment: *segment,
                line_break,
            })
            .ok_or(OptionsError::Delimiters)
    }
}

impl Separators {
    /// What has to be put in the place of the usual delimiters; `None` for those.
    pub(super) fn translation(self) -> Option<Translation> {
        (self != Self::default()).then(|| Translation::new(self))
    }
}

/// Puts other delimiters in the place of the usual ones, which stand nowhere in the data.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    bytes: [u8; 256],
    line_break: &'static [u8],
}

impl Translation {
    fn new(separators: Separators) -> Self {
        let mut bytes = [0; 256];
        for (byte, translated) in (0..=u8::MAX).zip(&mut bytes) {
            *translated = match byte {
                b'*' => separators.element,
                b':' => separators.component,
                b'^' => separators.repetition,
                b'~' => separators.segment,
                other => other,
            };
        }
        Self {
            bytes,
            line_break: separators.line_break.bytes(),
        }
    }

    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        let mut translated = Vec::with_capacity(bytes.len() + bytes.len() / 16);
        for &byte in bytes.iter() {
            if byte == b'\n' {
                translated.extend_from_slice(self.line_break);
            } else {
                translated.push(self.bytes[usize::from(byte)]);
            }
        }
        *bytes = translated;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(separators: &str) -> Vec<u8> {
        let mut bytes = b"ISA*00*^*:~\nGS*A~\n".to_vec();
        let separators: Separators = separators.parse().unwrap();
        separators.translation().unwrap().apply(&mut bytes);
        bytes
    }

    #[test]
    fn other_delimiters_take_the_place_of_the_usual_ones() {
        assert_eq!(translated("*:^~"), b"ISA*00*^*:~GS*A~");
        assert_eq!(translated("|>!\\n"), b"ISA|00|!|>\nGS|A\n");
        assert_eq!(translated("|>!'\\r\\n"), b"ISA|00|!|>'\r\nGS|A'\r\n");
    }

    #[test]
    fn delimiters_that_can_be_data_or_repeat_are_none() {
        for text in [
            "", "*:^", "*:^~x", "a:^~", "*.^~", "*:^-", "* ^~", "*:*~", "\\n:^~",
        ] {
            assert!(text.parse::<Separators>().is_err(), "{text}");
        }
    }
}
