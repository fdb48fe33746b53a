//! Which use of the guide a segment is, and what is missing, misplaced or too much.
//!
//! A run of segments that are out of place is one finding: the first is told, the others are
//! passed over until one stands where the guide has it. What is inside a loop that is out of
//! place is not looked at.

use super::checker::Checks;
use super::finding::{Finding, Problem};
use super::report::{At, Gap, Report, missing};
use super::words;
use crate::guide::{Candidate, Child, Guide, Key, Usage};

/// A loop that is open.
#[derive(Debug, Clone, Copy)]
struct Frame {
    at: u16,
    /// Where in it the last segment or loop stood.
    position: u16,
    /// Which of what it requires was looked for already.
    next_required: u16,
    /// How many segments and loops stood in it.
    members: u16,
    /// It is out of place: nothing is said of what is in it.
    is_silent: bool,
}

/// Something required that has not come where it should.
#[derive(Debug, Clone, Copy)]
struct Missing {
    child: Child,
    depth: usize,
    gap: Gap,
}

/// Walks one unit after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Walker {
    frames: Vec<Frame>,
    /// How often each segment and loop stood in the loop around it.
    segments: Vec<u16>,
    loops: Vec<u16>,
    /// Segments that stand for one whose code was wrong: another one is not too many.
    guessed: Vec<bool>,
    missing: Vec<Missing>,
    is_in_run: bool,
}

impl Walker {
    /// Starts a unit with the segment that begins it.
    pub(super) fn begin(&mut self, guide: &Guide, root: u16) {
        self.segments.resize(guide.segments.len(), 0);
        self.loops.resize(guide.loops.len(), 0);
        self.guessed.resize(guide.segments.len(), false);
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
        let Some(candidates) = guide.candidates(top.at, report.tag) else {
            if !top.is_silent {
                report.segment(
                    Problem::SegmentUnknown,
                    guide.loops[usize::from(top.at)].id,
                    unknown(guide),
                );
            }
            return None;
        };
        let mut late = None;
        for candidate in candidates.iter().filter(|one| is_meant(report, one.key)) {
            let depth = self.depth_of(candidate);
            if candidate.position >= self.frames[depth].position {
                return self.take(report, *candidate, depth);
            }
            late.get_or_insert((*candidate, depth));
        }
        self.step_aside(report, candidates, late)
    }

    fn depth_of(&self, candidate: &Candidate) -> usize {
        (self.frames.len() - 1).saturating_sub(usize::from(candidate.up))
    }

    /// A segment that no candidate is meant by in its place.
    #[cold]
    fn step_aside(
        &mut self,
        report: &mut Report<'_>,
        candidates: &[Candidate],
        late: Option<(Candidate, usize)>,
    ) -> Option<u16> {
        if let Some((candidate, depth)) = late {
            self.take_late(report, candidate, depth);
            None
        } else if candidates.is_empty() {
            self.rejoin(report)
        } else {
            self.guess(report, candidates)
        }
    }

    /// A segment that stands where the guide has it.
    #[inline]
    fn take(&mut self, report: &mut Report<'_>, candidate: Candidate, depth: usize) -> Option<u16> {
        match candidate.child {
            Child::Segment(index) => {
                self.close_to(depth + 1, report.checks, report.place, report.findings);
                self.advance(report.checks, depth, candidate.position, report.place);
                let segment = &report.guide().segments[usize::from(index)];
                let count = &mut self.segments[usize::from(index)];
                if *count >= segment.most && !std::mem::take(&mut self.guessed[usize::from(index)])
                {
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
        if again.is_some_and(|open| open.members == 2) && std::mem::take(&mut self.guessed[trigger])
        {
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
        if *count >= one.most && !std::mem::take(&mut self.guessed[trigger]) {
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

    /// A segment or loop behind what should stand after it.
    fn take_late(&mut self, report: &mut Report<'_>, candidate: Candidate, depth: usize) {
        let guide = report.guide();
        let first = guide.first_segment(candidate.child);
        let (count, most, too_many) = match candidate.child {
            Child::Segment(index) => (
                &mut self.segments[usize::from(index)],
                guide.segments[usize::from(index)].most,
                Problem::SegmentTooMany,
            ),
            Child::Loop(index) => (
                &mut self.loops[usize::from(index)],
                guide.loops[usize::from(index)].most,
                Problem::LoopTooMany,
            ),
        };
        let problem = if *count >= most {
            too_many
        } else {
            Problem::SegmentOrder
        };
        *count = count.saturating_add(1);
        self.missing
            .retain(|missing| missing.child != candidate.child);
        self.tell_once(report, problem, first);
        if let Child::Loop(index) = candidate.child {
            self.close_to(depth + 1, report.checks, report.place, report.findings);
            self.enter(guide, index, true);
        }
    }

    /// A segment of a required loop whose first segment is missing, or of nothing here.
    fn rejoin(&mut self, report: &mut Report<'_>) -> Option<u16> {
        let guide = report.guide();
        let found = (0..self.frames.len()).rev().find_map(|depth| {
            let frame = self.frames[depth];
            let required = &guide.loops[usize::from(frame.at)].required;
            let mut lacking = required.iter().filter(|(_, child)| self.lacks(*child));
            let first = lacking.next()?.0;
            required.iter().find_map(|(position, child)| match *child {
                // What should stand before the loop has come.
                Child::Loop(index) if *position == first && *position >= frame.position => {
                    let segments = guide.loops[usize::from(index)].segments.clone();
                    let mut own = segments.map(|index| &guide.segments[usize::from(index)]);
                    let is_its = own.any(|segment| {
                        segment.owner == index
                            && segment.tag == report.tag
                            && is_meant(report, segment.key)
                    });
                    is_its.then_some((depth, *position, index))
                }
                _ => None,
            })
        });
        let is_silent = self.frames.last().is_some_and(|top| top.is_silent);
        let Some((depth, position, index)) = found.filter(|_| !self.is_in_run && !is_silent) else {
            self.tell_unexpected(report);
            return None;
        };
        self.close_to(depth + 1, report.checks, report.place, report.findings);
        self.advance(report.checks, depth, position, report.place);
        let trigger = guide.loops[usize::from(index)].trigger;
        let finding = missing(report.checks, Child::Segment(trigger), report.place);
        report.findings.extend(finding);
        self.loops[usize::from(index)] = 1;
        self.enter(guide, index, false);
        self.guessed[usize::from(trigger)] = true;
        self.step(report)
    }

    /// A segment whose first code is none of those that it can have here: it is taken for the
    /// one that is still required, or for the only one that it can be. A loop that it would
    /// begin is not looked at, nor missed.
    fn guess(&mut self, report: &mut Report<'_>, candidates: &[Candidate]) -> Option<u16> {
        let guide = report.guide();
        let nearest = candidates[0].up;
        let is_open = |one: &&Candidate| one.position >= self.frames[self.depth_of(one)].position;
        let open = candidates.iter().filter(is_open);
        let lacking = |one: &&Candidate| self.lacks(one.child);
        let mut near = open.clone().filter(|one| one.up == nearest);
        let only = near
            .next()
            .filter(lacking)
            .filter(|one| near.next().is_none() && matches!(one.child, Child::Segment(_)));
        let required = open
            .filter(lacking)
            .find(|one| is_required(guide, one.child));
        let is_silent = self.frames.last().is_some_and(|top| top.is_silent);
        let guessed = required.or(only).filter(|_| !self.is_in_run && !is_silent);
        if let Some(one) = guessed {
            let taken = match one.child {
                Child::Segment(_) => self.take(report, *one, self.depth_of(one)),
                Child::Loop(index) => {
                    self.loops[usize::from(index)] = 1;
                    None
                }
            };
            self.guessed[usize::from(guide.first_segment(one.child))] = true;
            if taken.is_some() {
                return taken;
            }
        }
        if !std::mem::replace(&mut self.is_in_run, true) {
            self.tell_codes(report, candidates);
        }
        None
    }

    /// The first code is none that any of the candidates has.
    fn tell_codes(&self, report: &mut Report<'_>, candidates: &[Candidate]) {
        let guide = report.guide();
        let depth = self.depth_of(&candidates[0]);
        let loop_id = guide.loops[usize::from(self.frames[depth].at)].id;
        let first = &guide.segments[usize::from(guide.first_segment(candidates[0].child))];
        let near = candidates.iter().filter(|one| one.up == candidates[0].up);
        let lists = near.filter_map(|one| one.key.map(|key| &guide.lists[usize::from(key.list)]));
        let mut codes: Vec<&str> = lists.flat_map(|list| list.codes.iter().copied()).collect();
        codes.sort_unstable();
        codes.dedup();
        let (component, number) = words::first_value(guide, first);
        let message = format!(
            "{} is one of {}{}",
            words::name(report.tag, 1, component),
            codes.join(", "),
            words::in_loop(loop_id)
        );
        let at = match component {
            Some(component) => At::element(1, number).component(component, number),
            None => At::element(1, number),
        };
        report.push(Problem::CodeNotAllowed, 2, loop_id, at, message);
    }

    fn lacks(&self, child: Child) -> bool {
        match child {
            Child::Segment(index) => self.segments[usize::from(index)] == 0,
            Child::Loop(index) => self.loops[usize::from(index)] == 0,
        }
    }

    fn lacks_any(&self, guide: &Guide, index: u16) -> bool {
        let required = &guide.loops[usize::from(index)].required;
        required.iter().any(|(_, child)| self.lacks(*child))
    }

    fn enter(&mut self, guide: &Guide, index: u16, is_silent: bool) {
        let one = &guide.loops[usize::from(index)];
        let (segments, loops) = (&one.segments, &one.loops);
        let own = usize::from(segments.start)..usize::from(segments.end);
        self.segments[own.clone()].fill(0);
        self.guessed[own].fill(false);
        self.loops[usize::from(loops.start) + 1..usize::from(loops.end)].fill(0);
        self.segments[usize::from(one.trigger)] = 1;
        self.frames.push(Frame {
            at: index,
            position: guide.segments[usize::from(one.trigger)].position,
            next_required: 0,
            members: 1,
            is_silent,
        });
    }

    /// Goes on to a position in a loop; what is required before it and has not come is missing
    /// here, unless it comes late.
    #[inline]
    fn advance(&mut self, checks: &Checks, depth: usize, position: u16, gap: Gap) {
        let frame = &mut self.frames[depth];
        frame.members = frame.members.saturating_add(1);
        if position > frame.position {
            frame.position = position;
            self.look_back(checks, depth, gap);
        }
    }

    fn look_back(&mut self, checks: &Checks, depth: usize, gap: Gap) {
        let Frame {
            at,
            position,
            mut next_required,
            is_silent,
            ..
        } = self.frames[depth];
        let required = &checks.guide.loops[usize::from(at)].required;
        while let Some((before, child)) = required.get(usize::from(next_required)) {
            if *before >= position {
                break;
            }
            next_required += 1;
            if self.lacks(*child) && !is_silent {
                self.missing.push(Missing {
                    child: *child,
                    depth,
                    gap,
                });
            }
        }
        self.frames[depth].next_required = next_required;
    }

    /// Ends loops until so many are open; what they lack is missing.
    #[inline]
    fn close_to(&mut self, depth: usize, checks: &Checks, gap: Gap, findings: &mut Vec<Finding>) {
        while self.frames.len() > depth {
            let top = self.frames.len() - 1;
            self.frames[top].position = u16::MAX;
            self.look_back(checks, top, gap);
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
        let own = self.missing.iter().filter(|missing| missing.depth >= depth);
        let own = own.take(most);
        findings.extend(own.filter_map(|one| missing(checks, one.child, one.gap)));
        self.missing.retain(|missing| missing.depth < depth);
    }

    #[cold]
    fn tell_once(&mut self, report: &mut Report<'_>, problem: Problem, index: u16) {
        if std::mem::replace(&mut self.is_in_run, true) {
            return;
        }
        let guide = report.guide();
        let segment = &guide.segments[usize::from(index)];
        let loop_id = guide.loop_id(segment);
        let name = words::segment(guide, index);
        let owner = &guide.loops[usize::from(segment.owner)];
        let message = match problem {
            Problem::LoopTooMany => format!(
                "loop {} stands here more often than the {} that may be",
                loop_id.unwrap_or_default(),
                owner.most
            ),
            Problem::SegmentTooMany => format!(
                "{name} stands here more often than the {} that may be{}",
                segment.most,
                words::in_loop(loop_id)
            ),
            _ => format!(
                "{name} stands behind segments that it should stand before{}",
                words::in_loop(loop_id)
            ),
        };
        report.segment(problem, loop_id, message);
    }

    #[cold]
    fn tell_unexpected(&mut self, report: &mut Report<'_>) {
        if std::mem::replace(&mut self.is_in_run, true) {
            return;
        }
        let at = self.frames.last().map_or(0, |top| usize::from(top.at));
        let loop_id = report.guide().loops[at].id;
        let message = format!(
            "{} cannot stand here{}: the guide has it elsewhere",
            report.tag.as_str(),
            words::in_loop(loop_id)
        );
        report.segment(Problem::SegmentUnexpected, loop_id, message);
    }
}

fn unknown(guide: &Guide) -> String {
    format!("{} has no segment of this id", guide.version)
}

fn is_required(guide: &Guide, child: Child) -> bool {
    let usage = match child {
        Child::Segment(index) => guide.segments[usize::from(index)].usage,
        Child::Loop(index) => guide.loops[usize::from(index)].usage,
    };
    usage == Usage::Required
}

/// Whether the codes that tell a segment from others of its id say that it is this one.
#[inline]
fn is_meant(report: &Report<'_>, key: Option<Key>) -> bool {
    let Some(key) = key else { return true };
    let elements = report.elements;
    let first = if elements.split.has_components {
        elements.first_component(1)
    } else {
        elements.element(1)
    };
    report.checks.allows(key.list, first)
        && key
            .also
            .is_none_or(|list| report.checks.allows(list, elements.element(2)))
}
