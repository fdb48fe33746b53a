//! What a run came to, as a page to look at: one HTML file that needs nothing else.
//!
//! Whatever is shown is counted while determinations are written ([`Night`]) and while
//! inputs are read ([`Problems`]); no member and no claim is named. The same run gives the
//! same bytes, so there is no clock in it. [`maud`] escapes every value.

mod charts;
mod comparison;
mod night;
mod numbers;
mod outliers;
mod problems;
mod sections;
mod split;
mod table;

use std::io::{self, Write};

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use self::comparison::ComparisonPage;
pub(crate) use self::night::Night;
use self::numbers::Numbers;
pub use self::problems::Problems;
use super::{Decided, Summary};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of a run.
#[derive(Debug)]
pub struct Page<'s> {
    /// What the run came to.
    pub summary: &'s Summary,
    /// What was decided, counted [`Decided::for_a_page`].
    pub decided: &'s Decided,
    /// What is wrong with the inputs.
    pub problems: &'s Problems,
}

impl Page<'_> {
    /// Writes it as HTML.
    ///
    /// # Errors
    ///
    /// Whatever `out` fails with.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let none = Night::default();
        let night = self.decided.night.as_ref().unwrap_or(&none);
        let numbers = Numbers::new(self.summary, self.decided, night, self.problems);
        let data = as_data(&numbers)?;
        let title = sections::title(&numbers);
        let page = document(&title, &sections::page(&numbers), &data).into_string();
        out.write_all(page.as_bytes())?;
        out.write_all(b"\n")
    }
}

/// Numbers as a script element has them: `<` could end it; in a string of JSON it has another
/// name.
fn as_data(numbers: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(numbers)?.replace('<', "\\u003c"))
}

/// A whole page: its title, what stands in it, and its numbers as JSON.
fn document(title: &str, body: &Markup, data: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta http-equiv="Content-Security-Policy" content=(allowed());
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#totals" { "Skip to the numbers" }
                (body)
                script type="application/json" id="numbers" { (PreEscaped(data)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// What a browser may do for the page: its own style, its own script, and nothing else.
fn allowed() -> String {
    let digest = |text: &str| BASE64.encode(&Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_style_nor_script_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
        for text in [STYLE, SCRIPT] {
            let other = text.replace("url(#", "");
            assert!(
                !other.contains("url(") && !other.contains("http") && !other.contains("@import")
            );
        }
    }
}
