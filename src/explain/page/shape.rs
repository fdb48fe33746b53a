//! The shapes of lines: each standing has its own, so that no colour is needed to tell them.

use std::fmt;

use super::super::line::Standing;

/// The shape of a standing around a point.
pub(super) struct Shape {
    pub(super) standing: Standing,
    pub(super) x: i64,
    pub(super) y: i64,
}

/// The class of a standing in the style sheet.
pub(super) fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::TakenBack => "taken-back",
        Standing::Passed => "passed",
        other => other.as_str(),
    }
}

/// A shape in words, for the legend.
pub(super) fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Paid => "filled circle",
        Standing::Reduced => "half-filled circle",
        Standing::Pended => "open diamond",
        Standing::Denied => "cross",
        Standing::TakenBack => "open square, struck through",
        Standing::Passed => "dash",
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { standing, x, y } = self;
        let class = class(*standing);
        match standing {
            Standing::Paid => {
                write!(
                    f,
                    "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"6\"/>"
                )
            }
            Standing::Reduced => write!(
                f,
                "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/><path class=\"{class} full\" \
                 d=\"M{} {y}a5 5 0 0 0 10 0z\"/>",
                x - 5
            ),
            Standing::Pended => write!(
                f,
                "<path class=\"{class}\" d=\"M{x} {}l6 6l-6 6l-6 -6z\"/>",
                y - 6
            ),
            Standing::Denied => write!(
                f,
                "<path class=\"{class}\" d=\"M{} {}l10 10m0 -10l-10 10\"/>",
                x - 5,
                y - 5
            ),
            Standing::TakenBack => write!(
                f,
                "<path class=\"{class}\" d=\"M{} {}h10v10h-10zm-3 5h16\"/>",
                x - 5,
                y - 5
            ),
            Standing::Passed => {
                write!(f, "<path class=\"{class}\" d=\"M{} {y}h10\"/>", x - 5)
            }
        }
    }
}
