//! Segments that are not where the guide has them: late, too many, unexpected, without the
//! first segment of their loop, or with a code that they cannot have here.

use super::finding::Problem;
use super::report::{At, Report, missing};
use super::walk::{Walker, is_meant};
use super::words;
use crate::guide::{Candidate, Child, Guide, Usage};

impl Walker {
    /// A segment that no candidate is meant by in its place.
    #[cold]
    pub(super) fn step_aside(
        &mut self,
        report: &mut Report<'_>,
        candidates: &[Candidate],
        late: Option<(Candidate, usize)>,
    ) -> Option<u16> {
        if self.is_in_run && self.enter_unbegun(report) {
            None
        } else if let Some((candidate, depth)) = late {
            self.take_late(report, candidate, depth);
            None
        } else if candidates.is_empty() {
            self.rejoin(report)
        } else {
            self.guess(report, candidates)
        }
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
                    is_of_loop(report, index).then_some((depth, *position, index))
                }
                _ => None,
            })
        });
        let is_silent = self.frames.last().is_some_and(|top| top.is_silent);
        let Some((depth, position, index)) = found.filter(|_| !self.is_in_run && !is_silent) else {
            let next = self.next_of(report).filter(|_| !is_silent);
            if self.begins_run() {
                self.unbegun = next.map(|(_, _, index)| index);
                self.tell_unexpected(report);
            }
            return None;
        };
        self.close_to(depth + 1, report.checks, report.place, report.findings);
        self.advance(report.checks, depth, position, report.place);
        let trigger = guide.loops[usize::from(index)].trigger;
        let finding = missing(report.checks, Child::Segment(trigger), report.place);
        report.findings.extend(finding);
        self.loops[usize::from(index)] = 1;
        self.enter(guide, index, false);
        self.note_guess(trigger);
        self.step(report)
    }

    /// The next loop that has such a segment behind its first one: around which open one, where in
    /// that, and which.
    fn next_of(&self, report: &Report<'_>) -> Option<(usize, u16, u16)> {
        let guide = report.guide();
        (0..self.frames.len()).rev().find_map(|depth| {
            let frame = self.frames[depth];
            let loops = guide.loops.iter().zip(0_u16..);
            let coming = loops
                .filter(|(one, _)| one.parent == Some(frame.at) && one.position >= frame.position);
            let own = coming.filter(|(_, index)| is_of_loop(report, *index));
            let (next, index) = own.min_by_key(|(one, _)| one.position)?;
            Some((depth, next.position, index))
        })
    }

    /// Opens the loop that the run may be of, where a second segment of it follows: what else is in
    /// it is passed over.
    fn enter_unbegun(&mut self, report: &mut Report<'_>) -> bool {
        let Some(unbegun) = self.unbegun.take() else {
            return false;
        };
        let next = self.next_of(report);
        let Some((depth, position, index)) = next.filter(|(_, _, index)| *index == unbegun) else {
            return false;
        };
        // A loop that lacks something goes on: the segments strayed into it.
        let guide = report.guide();
        let mut inner = self.frames[depth + 1..].iter();
        if inner.any(|frame| self.lacks_any(guide, frame.at)) {
            return false;
        }
        self.close_to(depth + 1, report.checks, report.place, report.findings);
        self.advance(report.checks, depth, position, report.place);
        self.enter(guide, index, true);
        true
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
            self.note_guess(guide.first_segment(one.child));
            if taken.is_some() {
                return taken;
            }
        }
        if self.begins_run() {
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

    #[cold]
    pub(super) fn tell_once(&mut self, report: &mut Report<'_>, problem: Problem, index: u16) {
        if !self.begins_run() {
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

    /// Whether a segment that is out of place is the first of its run.
    fn begins_run(&mut self) -> bool {
        let begins = !std::mem::replace(&mut self.is_in_run, true);
        if begins {
            self.unbegun = None;
        }
        begins
    }

    #[cold]
    fn tell_unexpected(&self, report: &mut Report<'_>) {
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

/// A segment that the guide does not know.
#[cold]
pub(super) fn tell_unknown(report: &mut Report<'_>, loop_id: Option<&'static str>) {
    let message = format!("{} has no segment of this id", report.guide().version);
    report.segment(Problem::SegmentUnknown, loop_id, message);
}

/// Whether a loop has such a segment behind its first one.
fn is_of_loop(report: &Report<'_>, index: u16) -> bool {
    let guide = report.guide();
    let one = &guide.loops[usize::from(index)];
    let mut own = one
        .segments
        .clone()
        .filter(|&segment| segment != one.trigger);
    own.any(|segment| {
        let segment = &guide.segments[usize::from(segment)];
        segment.owner == index && segment.tag == report.tag && is_meant(report, segment.key)
    })
}

fn is_required(guide: &Guide, child: Child) -> bool {
    let usage = match child {
        Child::Segment(index) => guide.segments[usize::from(index)].usage,
        Child::Loop(index) => guide.loops[usize::from(index)].usage,
    };
    usage == Usage::Required
}
