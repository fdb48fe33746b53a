//! Which use of the guide a segment is, and what is missing, misplaced or too much.
//!
//! A run of segments that are out of place is one finding: the first is told, the others are
//! passed over until one stands where the guide has it. What is inside a loop that is out of
//! place is not looked at.

use std::mem;

use super::astray::tell_unknown;
use super::checks::Checks;
use super::finding::{Finding, Problem};
use super::report::{Gap, Report, missing};
use crate::guide::{Candidate, Child, Guide, Key, packed};

/// A loop that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) at: u16,
    /// Where in it the last segment or loop stood.
    pub(super) position: u16,
    /// Which of what it requires was looked for already, and where the next of it stands.
    next_required: u16,
    next_position: u16,
    /// How many segments and loops stood in it.
    members: u16,
    /// It is out of place: nothing is said of what is in it.
    pub(super) is_silent: bool,
}

/// Something required that has not come where it should.
#[derive(Debug, Clone, Copy)]
pub(super) struct Missing {
    pub(super) child: Child,
    depth: usize,
    gap: Gap,
}

/// Walks one unit after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Walker {
    pub(super) frames: Vec<Frame>,
    /// How often each segment and loop stood in the loop around it.
    pub(super) segments: Vec<u16>,
    pub(super) loops: Vec<u16>,
    /// Segments that stand for one whose code was wrong: another one is not too many.
    guessed: Vec<bool>,
    /// Whether there is any in the unit.
    has_guessed: bool,
    pub(super) missing: Vec<Missing>,
    pub(super) is_in_run: bool,
    /// The loop that the run may be of, its first segment being missing.
    pub(super) unbegun: Option<u16>,
}

impl Walker {
    /// Starts a unit with the segment that begins it.
    pub(super) fn begin(&mut self, guide: &Guide, root: u16) {
        self.segments.resize(guide.segments.len(), 0);
        self.loops.resize(guide.loops.len(), 0);
        self.guessed.resize(guide.segments.len(), false);
        if mem::take(&mut self.has_guessed) {
            self.guessed.fill(false);
        }
        self.abandon();
        self.enter(guide, root, false);
    }

    /// Forgets the unit.
    pub(super) fn abandon(&mut self) {
        self.frames.clear();
        self.missing.clear();
        self.is_in_run = false;
    }

    /// Ends the unit: what has not come is missing there.
    pub(super) fn finish(&mut self, checks: &Checks, gap: Gap, findings: &mut Vec<Finding>) {
        self.close_to(0, checks, gap, findings);
    }

    /// The use that a segment is; `None` where it stands nowhere, and was told.
    #[inline]
    pub(super) fn step(&mut self, report: &mut Report<'_>) -> Option<u16> {
        let guide = report.guide();
        let top = self.frames.last()?;
        let Some(candidates) = report.id.map(|id| guide.candidates(top.at, id)) else {
            if !top.is_silent {
                tell_unknown(report, guide.loops[usize::from(top.at)].id);
            }
            return None;
        };
        let mut late = None;
        let first = report.first_code();
        let is_meant = |one: &&Candidate| is_code_meant(report, one.key, first);
        for candidate in candidates.iter().filter(is_meant) {
            let depth = self.depth_of(candidate);
            if candidate.position >= self.frames[depth].position {
                return self.take(report, *candidate, depth);
            }
            late.get_or_insert((*candidate, depth));
        }
        self.step_aside(report, candidates, late)
    }

    pub(super) fn depth_of(&self, candidate: &Candidate) -> usize {
        (self.frames.len() - 1).saturating_sub(usize::from(candidate.up))
    }

    /// A segment that stands where the guide has it.
    #[inline(always)]
    pub(super) fn take(
        &mut self,
        report: &mut Report<'_>,
        candidate: Candidate,
        depth: usize,
    ) -> Option<u16> {
        match candidate.child {
            Child::Segment(index) => {
                self.close_to(depth + 1, report.checks, report.place, report.findings);
                self.advance(report.checks, depth, candidate.position, report.place);
                let segment = &report.guide().segments[usize::from(index)];
                let count = &mut self.segments[usize::from(index)];
                if *count >= segment.most && !mem::take(&mut self.guessed[usize::from(index)]) {
                    self.tell_once(report, Problem::SegmentTooMany, index);
                    return None;
                }
                *count = count.saturating_add(1);
                if self.frames[depth].is_silent {
                    return None;
                }
                self.is_in_run = false;
                Some(index)
            }
            Child::Loop(index) => self.take_loop(report, index, candidate.position, depth),
        }
    }

    fn take_loop(
        &mut self,
        report: &mut Report<'_>,
        index: u16,
        position: u16,
        depth: usize,
    ) -> Option<u16> {
        let guide = report.guide();
        let one = &guide.loops[usize::from(index)];
        let trigger = usize::from(one.trigger);
        let again = self.frames.get(depth + 1).filter(|open| open.at == index);
        if again.is_some_and(|open| open.members == 2) && mem::take(&mut self.guessed[trigger]) {
            // It was missed just before: it stands behind the next segment of its loop.
            return None;
        }
        if again.is_some_and(|open| open.members == 1 && self.lacks_any(guide, index)) {
            // The loop has only just begun: its first segment stands there twice.
            self.tell_once(report, Problem::SegmentTooMany, one.trigger);
            return None;
        }
        self.close_to(depth + 1, report.checks, report.place, report.findings);
        self.advance(report.checks, depth, position, report.place);
        let mut is_silent = self.frames[depth].is_silent;
        let count = &mut self.loops[usize::from(index)];
        if *count >= one.most && !mem::take(&mut self.guessed[trigger]) {
            self.tell_once(report, Problem::LoopTooMany, one.trigger);
            is_silent = true;
        } else {
            *count = count.saturating_add(1);
        }
        self.enter(guide, index, is_silent);
        if is_silent {
            return None;
        }
        self.is_in_run = false;
        Some(one.trigger)
    }

    /// A segment stands for one whose code was wrong.
    pub(super) fn note_guess(&mut self, segment: u16) {
        self.guessed[usize::from(segment)] = true;
        self.has_guessed = true;
    }

    pub(super) fn lacks(&self, child: Child) -> bool {
        match child {
            Child::Segment(index) => self.segments[usize::from(index)] == 0,
            Child::Loop(index) => self.loops[usize::from(index)] == 0,
        }
    }

    pub(super) fn lacks_any(&self, guide: &Guide, index: u16) -> bool {
        let required = &guide.loops[usize::from(index)].required;
        required.iter().any(|(_, child)| self.lacks(*child))
    }

    pub(super) fn enter(&mut self, guide: &Guide, index: u16, is_silent: bool) {
        let one = &guide.loops[usize::from(index)];
        let (segments, loops) = (&one.segments, &one.loops);
        let own = usize::from(segments.start)..usize::from(segments.end);
        self.segments[own.clone()].fill(0);
        if self.has_guessed {
            self.guessed[own].fill(false);
        }
        self.loops[usize::from(loops.start) + 1..usize::from(loops.end)].fill(0);
        self.segments[usize::from(one.trigger)] = 1;
        self.frames.push(Frame {
            at: index,
            position: guide.segments[usize::from(one.trigger)].position,
            next_required: 0,
            next_position: one
                .required
                .first()
                .map_or(u16::MAX, |(position, _)| *position),
            members: 1,
            is_silent,
        });
    }

    /// Goes on to a position in a loop; what is required before it and has not come is missing
    /// here, unless it comes late.
    #[inline]
    pub(super) fn advance(&mut self, checks: &Checks, depth: usize, position: u16, gap: Gap) {
        let frame = &mut self.frames[depth];
        frame.members = frame.members.saturating_add(1);
        if position > frame.position {
            frame.position = position;
            if frame.next_position < position {
                self.look_back(checks, depth, gap);
            }
        }
    }

    fn look_back(&mut self, checks: &Checks, depth: usize, gap: Gap) {
        let Frame {
            at,
            position,
            mut next_required,
            mut next_position,
            is_silent,
            ..
        } = self.frames[depth];
        let required = &checks.guide.loops[usize::from(at)].required;
        while let Some((before, child)) = required.get(usize::from(next_required)) {
            next_position = *before;
            if *before >= position {
                break;
            }
            (next_required, next_position) = (next_required + 1, u16::MAX);
            if self.lacks(*child) && !is_silent {
                self.missing.push(Missing {
                    child: *child,
                    depth,
                    gap,
                });
            }
        }
        let frame = &mut self.frames[depth];
        (frame.next_required, frame.next_position) = (next_required, next_position);
    }

    /// Ends loops until so many are open; what they lack is missing.
    #[inline]
    pub(super) fn close_to(
        &mut self,
        depth: usize,
        checks: &Checks,
        gap: Gap,
        findings: &mut Vec<Finding>,
    ) {
        while self.frames.len() > depth {
            let top = self.frames.len() - 1;
            let frame = &mut self.frames[top];
            frame.position = u16::MAX;
            if frame.next_position < u16::MAX {
                self.look_back(checks, top, gap);
            }
            if !self.missing.is_empty() {
                self.tell_missing(top, checks, findings);
            }
            self.frames.pop();
        }
    }

    #[cold]
    fn tell_missing(&mut self, depth: usize, checks: &Checks, findings: &mut Vec<Finding>) {
        // Of a loop that ends where it began, only the next segment is told.
        let most = if self.frames[depth].members == 1 {
            1
        } else {
            usize::MAX
        };
        let own = self.missing.iter().filter(|one| one.depth >= depth);
        let untold = own.filter(|one| !is_explained(checks, one.child, findings));
        let untold: Vec<Missing> = untold.take(most).copied().collect();
        findings.extend(
            untold
                .iter()
                .filter_map(|one| missing(checks, one.child, one.gap)),
        );
        self.missing.retain(|missing| missing.depth < depth);
    }
}

/// Whether the codes that tell a segment from others of its id say that it is this one.
pub(super) fn is_meant(report: &Report<'_>, key: Option<Key>) -> bool {
    is_code_meant(report, key, report.first_code())
}

/// [`is_meant`], where the first code is known.
#[inline(always)]
fn is_code_meant(report: &Report<'_>, key: Option<Key>, first: Option<u64>) -> bool {
    match key {
        None => true,
        // Most segments are told by one code, which nobody can switch off.
        Some(Key {
            only: Some(only), ..
        }) => first == Some(only.get()),
        Some(key) => is_listed(report, key, first),
    }
}

/// Whether the lists of a key have the codes of a segment.
fn is_listed(report: &Report<'_>, key: Key, first: Option<u64>) -> bool {
    let second = || packed(report.elements.element(2));
    report.checks.allows(key.list, first)
        && key
            .also
            .is_none_or(|list| report.checks.allows(list, second()))
}

/// Whether a loop is missed because its first segment is: the others stood out of place then.
fn is_explained(checks: &Checks, child: Child, findings: &[Finding]) -> bool {
    let Child::Loop(index) = child else {
        return false;
    };
    let range = &checks.guide.loops[usize::from(index)].segments;
    let segments = &checks.guide.segments[usize::from(range.start)..usize::from(range.end)];
    findings.iter().any(|finding| {
        finding.excerpt.is_some()
            && finding.problem.is_structural()
            && segments
                .iter()
                .skip(1)
                .any(|segment| segment.tag == finding.tag)
    })
}
