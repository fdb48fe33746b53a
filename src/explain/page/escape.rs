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

/// Words as text of HTML, each date in them an element that is not broken over lines.
pub(super) struct Prose<T>(pub(super) T);

/// How long a date is.
const DATE: usize = "2026-01-01".len();

impl<T: AsRef<str>> Display for Prose<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_ref();
        while let Some(place) = first_date(rest) {
            let (before, from) = rest.split_at(place);
            let (date, after) = from.split_at(DATE);
            write!(f, "{}<time>{date}</time>", Escaped(before))?;
            rest = after;
        }
        write!(f, "{}", Escaped(rest))
    }
}

/// Where the first date begins in a text.
fn first_date(text: &str) -> Option<usize> {
    let is_form = |(byte, form): (&u8, &u8)| match form {
        b'-' => *byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    let mut windows = text.as_bytes().windows(DATE);
    windows.position(|window| window.iter().zip(b"0000-00-00").all(is_form))
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

    #[test]
    fn a_date_in_words_is_not_broken_and_all_else_is_escaped() {
        assert_eq!(
            Prose("é<b> (2026-01-05, 2026-01-12); 2026-1-05").to_string(),
            "é&lt;b&gt; (<time>2026-01-05</time>, <time>2026-01-12</time>); 2026-1-05"
        );
    }
}
