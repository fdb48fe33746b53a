//! An error or a warning for people to read, as compilers tell theirs.

use std::fmt::{self, Display};

use crate::x12::{Issue, Severity};

/// Shows an issue: what is wrong, where, and below that its segment with the values masked.
pub(super) struct Diagnostic<'i>(pub(super) &'i Issue);

impl Display for Diagnostic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issue = self.0;
        if issue.level == 0 && issue.excerpt.is_none() {
            return Display::fmt(issue, f);
        }
        let severity = match issue.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(f, "{severity}[{}]: {}", issue.code, issue.message)?;
        write!(f, "  --> {}, byte {}", issue.file, issue.offset_bytes)?;
        if let Some(segment) = issue.segment_in_file {
            write!(f, ", segment {segment}")?;
        }
        if let Some((set, segment)) = issue.transaction.as_ref().zip(issue.segment_in_transaction) {
            write!(f, ", segment {segment} of transaction set {set}")?;
        }
        if let Some(id) = issue.loop_id {
            write!(f, ", loop {id}")?;
        }
        if let Some(excerpt) = &issue.excerpt {
            let (start, length) = (excerpt.start, excerpt.length);
            write!(
                f,
                "\n   | {}\n   | {:start$}{:^<length$}",
                excerpt.text, "", ""
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x12::Excerpt;

    #[test]
    fn a_caret_stands_under_the_element() {
        let issue = Issue {
            file: "a.837".into(),
            offset_bytes: 7,
            interchange: None,
            group: None,
            transaction: Some("0001".into()),
            segment_in_file: Some(4),
            segment_in_transaction: Some(2),
            loop_id: Some("2010AA"),
            segment: Some("NM1".into()),
            element: Some(2),
            component: None,
            repetition: None,
            code: "code-not-allowed",
            acknowledgement: Some("IK403 7"),
            level: 2,
            severity: Severity::Error,
            message: "NM102 is one of 1, 2".into(),
            excerpt: Some(Box::new(Excerpt {
                text: "NM1*99*99*xxx".into(),
                start: 7,
                length: 2,
            })),
        };
        let expected = "\
error[code-not-allowed]: NM102 is one of 1, 2
  --> a.837, byte 7, segment 4, segment 2 of transaction set 0001, loop 2010AA
   | NM1*99*99*xxx
   |        ^^";
        assert_eq!(Diagnostic(&issue).to_string(), expected);
    }
}
