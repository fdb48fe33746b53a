//! The four delimiters, announced by each ISA anew.

/// The delimiters of an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiters {
    /// The byte after `ISA`.
    pub element: u8,
    /// ISA16.
    pub component: u8,
    /// ISA11, unless that is a letter, a digit or a blank.
    pub repetition: Option<u8>,
    /// The byte after ISA16.
    pub segment: u8,
}

/// Which delimiter cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DelimiterFault {
    /// The segment terminator.
    Segment,
    /// The element separator.
    Element,
    /// The component separator.
    Component,
    /// The repetition separator.
    Repetition,
}

impl Delimiters {
    /// Takes the delimiters that an ISA announces.
    ///
    /// # Errors
    ///
    /// Names the first one that is a letter, a digit or a blank, or repeats another: the
    /// terminator is looked at first, then element, component and repetition separator.
    pub fn new(
        element: u8,
        component: u8,
        isa11: Option<u8>,
        segment: u8,
    ) -> Result<Self, DelimiterFault> {
        let repetition = isa11.filter(|&byte| is_delimiter(byte));
        if !is_terminator(segment) {
            return Err(DelimiterFault::Segment);
        }
        if !is_delimiter(element) || element == segment {
            return Err(DelimiterFault::Element);
        }
        if !is_delimiter(component) || component == element || component == segment {
            return Err(DelimiterFault::Component);
        }
        if repetition.is_some_and(|byte| [element, component, segment].contains(&byte)) {
            return Err(DelimiterFault::Repetition);
        }
        Ok(Self {
            element,
            component,
            repetition,
            segment,
        })
    }
}

/// Whether a byte may separate: no letter, no digit, no blank, no line break, and ASCII.
pub(super) fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b' ' | b'\r' | b'\n')
}

/// Whether a byte may end a segment: a delimiter or a line break.
fn is_terminator(byte: u8) -> bool {
    is_delimiter(byte) || matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_blanks_and_repeats_are_refused() {
        for (delimiters, fault) in [
            (b"*:^A", DelimiterFault::Segment),
            (b"*:^ ", DelimiterFault::Segment),
            (b"~:^~", DelimiterFault::Element),
            (b"*0^~", DelimiterFault::Component),
            (b"**^~", DelimiterFault::Component),
            (b"*::~", DelimiterFault::Repetition),
        ] {
            let [element, component, isa11, segment] = *delimiters;
            assert_eq!(
                Delimiters::new(element, component, Some(isa11), segment),
                Err(fault),
                "{delimiters:?}"
            );
        }
    }

    #[test]
    fn a_letter_in_isa11_means_no_repetition() {
        let delimiters = Delimiters::new(b'*', b':', Some(b'U'), b'\n').unwrap();
        assert_eq!(delimiters.repetition, None);
        assert_eq!(delimiters.segment, b'\n');
    }
}
