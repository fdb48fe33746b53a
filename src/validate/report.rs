//! What a finding is made with: the segment at hand, the guide, and where findings go.

use super::checks::Checks;
use super::excerpt::excerpt;
use super::finding::{Finding, Problem};
use super::split::Elements;
use super::words;
use crate::guide::{Child, Guide, Known, Tag, packed};

/// A place between segments: that of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gap {
    pub(super) offset_bytes: u64,
    pub(super) ordinal: u64,
}

/// Where findings go, and what they are about.
pub(super) struct Report<'a> {
    pub(super) checks: &'a Checks,
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) elements: Elements<'a>,
    pub(super) tag: Tag,
    /// The same, if the guide has it.
    pub(super) id: Option<Known>,
    pub(super) place: Gap,
    /// The findings that were there before the segment.
    pub(super) before: usize,
}

impl Report<'_> {
    pub(super) fn guide(&self) -> &'static Guide {
        self.checks.guide
    }

    /// The first element, or its first component, as a code; none where no code is so long.
    #[inline(always)]
    pub(super) fn first_code(&self) -> Option<u64> {
        let elements = self.elements;
        if elements.split.has_components {
            return packed(elements.first_component(1));
        }
        match elements.place(1) {
            Some((start, end)) => elements.code(start, end),
            None => Some(0),
        }
    }

    /// Something is wrong with the segment.
    #[cold]
    pub(super) fn segment(
        &mut self,
        problem: Problem,
        loop_id: Option<&'static str>,
        message: String,
    ) {
        let level = if problem == Problem::TrailingEmpty {
            1
        } else {
            2
        };
        self.push(problem, level, loop_id, At::default(), message);
    }

    /// Something is wrong with an element.
    #[cold]
    pub(super) fn push(
        &mut self,
        problem: Problem,
        level: u8,
        loop_id: Option<&'static str>,
        at: At,
        message: String,
    ) {
        if level > self.checks.level {
            return;
        }
        let is_known = problem != Problem::SegmentUnknown && self.elements.tag().is_some();
        let shown = excerpt(self.elements, at.element, at.component, is_known);
        self.findings.push(Finding {
            offset_bytes: self.place.offset_bytes,
            ordinal: self.place.ordinal,
            loop_id,
            tag: self.tag,
            qualifier: words::qualifier(self.guide(), self.elements, self.tag),
            element: at.element,
            component: at.component,
            repetition: at.repetition,
            data_element: at.data_element,
            problem,
            level,
            message: message.into(),
            excerpt: Some(Box::new(shown)),
        });
    }

    /// Whether anything was found about one of these elements (bit `n - 1` for element `n`).
    pub(super) fn has_finding_in(&self, elements: u64) -> bool {
        let own = &self.findings[self.before..];
        own.iter().any(|finding| {
            finding.ordinal == self.place.ordinal
                && finding.element.is_some_and(|element| {
                    elements.checked_shr(u32::from(element) - 1).unwrap_or(0) & 1 == 1
                })
        })
    }
}

/// Which element.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct At {
    pub(super) element: Option<u8>,
    pub(super) component: Option<u8>,
    pub(super) repetition: Option<u16>,
    pub(super) data_element: Option<&'static str>,
}

impl At {
    pub(super) fn element(position: usize, data_element: &'static str) -> Self {
        Self {
            element: u8::try_from(position).ok(),
            data_element: Some(data_element),
            ..Self::default()
        }
    }

    pub(super) fn component(self, position: usize, data_element: &'static str) -> Self {
        Self {
            component: u8::try_from(position).ok(),
            data_element: Some(data_element),
            ..self
        }
    }
}

/// A required segment or loop is not there.
#[cold]
pub(super) fn missing(checks: &Checks, child: Child, gap: Gap) -> Option<Finding> {
    if checks.level < 2 {
        return None;
    }
    let guide = checks.guide;
    let index = guide.first_segment(child);
    let segment = &guide.segments[usize::from(index)];
    let loop_id = guide.loop_id(segment);
    let name = words::segment(guide, index);
    let (problem, message) = match child {
        Child::Segment(_) => (
            Problem::SegmentMissing,
            format!(
                "{name} is missing{}: it is required, and should stand here",
                words::in_loop(loop_id)
            ),
        ),
        Child::Loop(_) => (
            Problem::LoopMissing,
            format!(
                "loop {} is missing: it is required, begins with {name}, and should stand here",
                loop_id.unwrap_or_default()
            ),
        ),
    };
    Some(Finding {
        offset_bytes: gap.offset_bytes,
        ordinal: gap.ordinal,
        loop_id,
        tag: segment.tag,
        qualifier: words::only_code(guide, segment),
        element: None,
        component: None,
        repetition: None,
        data_element: None,
        problem,
        level: 2,
        message: message.into(),
        excerpt: None,
    })
}
