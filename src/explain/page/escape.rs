//! Values as text of a page: nothing in them is markup.

use std::fmt::{self, Display, Write as _};

/// A value as text of HTML and SVG, in an element or between double quotes.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            match letter {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                control if control.is_control() => self.0.write_char('\u{fffd}')?,
                plain => self.0.write_char(plain)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_is_markup() {
        assert_eq!(
            Escaped("<b title=\"a\" id='b'>&\u{0}").to_string(),
            "&lt;b title=&quot;a&quot; id=&#39;b&#39;&gt;&amp;\u{fffd}"
        );
    }
}
