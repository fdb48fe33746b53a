//! A timeline with all that was decided on it, before a run and by it.

use crate::history::DecidedLine;
use crate::policy::Role;
use crate::rules::is_asked_again;

/// What a run's history holds of a member under a plan.
#[derive(Debug)]
pub(super) struct Timeline {
    /// The run that changed it.
    pub(super) run: i64,
    /// Index of the plan.
    pub(super) plan: u16,
    /// The newest member key.
    pub(super) member: String,
    /// In arrival order: those of earlier runs that stood before the run, and the run's own.
    pub(super) lines: Vec<DecidedLine>,
}

/// When a timeline is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// As it stood before the run.
    Before,
    /// As it stands after it.
    After,
}

/// What a look asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// What would be decided of a line that is not paid, or that hangs on others, if it were
    /// billed again, after all that stands?
    WhatStands,
    /// Which paid sessions stand when they are judged in date order?
    DateOrder,
}

/// What a look does with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It is judged again.
    Judged,
    /// It stands as it was decided, and others are judged after it.
    Given,
    /// It plays no part.
    Absent,
}

impl Timeline {
    pub(super) fn new(run: i64, plan: u16, member: String) -> Self {
        Self {
            run,
            plan,
            member,
            lines: Vec::new(),
        }
    }

    /// Whether an earlier run decided something that still stands, which alone can be proposed.
    pub(super) fn has_earlier_lines(&self) -> bool {
        self.lines
            .iter()
            .any(|line| line.run != self.run && line.taken_back_by.is_none())
    }

    /// The lines that stand before or after the run.
    pub(super) fn standing(&self, when: When) -> impl Iterator<Item = &DecidedLine> {
        self.lines.iter().filter(move |line| match when {
            When::Before => line.run != self.run,
            When::After => line.taken_back_by.is_none(),
        })
    }
}

/// Whether every rule that stopped a line, if any did, is asked again.
fn is_open(line: &DecidedLine) -> bool {
    let mut reasons = line.reasons.iter();
    reasons.all(|reason| is_asked_again(reason.rule))
}

/// Whether a line is an imported session.
fn is_imported(line: &DecidedLine) -> bool {
    line.control_number.is_none()
}

/// What a look that asks a question does with a line.
pub(super) fn part_of(line: &DecidedLine, question: Question) -> Part {
    let is_session = match line.role {
        None => return Part::Absent,
        Some(role) => role == Role::Session,
    };
    match question {
        Question::WhatStands if is_session && line.is_paid() => Part::Given,
        Question::WhatStands if is_open(line) => Part::Judged,
        // A reviewer paid it though a rule of the line alone had stopped it.
        Question::WhatStands if line.is_paid() => Part::Judged,
        Question::WhatStands => Part::Given,
        Question::DateOrder if !(is_session && line.is_paid()) => Part::Absent,
        // A person, or another payer, put it there: it is not ours to move.
        Question::DateOrder if line.is_reviewed || is_imported(line) => Part::Given,
        Question::DateOrder if is_open(line) => Part::Judged,
        Question::DateOrder => Part::Given,
    }
}
