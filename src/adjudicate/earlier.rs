//! What earlier runs left of a batch's members: claims that can be meant, sessions, and
//! lines that stand.

use std::ops::Range;

use ahash::AHashMap;
use chrono::NaiveDate;

use crate::claim::ClaimControlNumber;
use crate::policy::{Decision, Phase, Role};
use crate::rules::LineIdentity;
use crate::timeline::{Session, Symbol, TimelineKey};

/// An active claim of an earlier run that a void or replacement of this batch may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierClaim {
    /// Its number in the history.
    pub id: i64,
    /// Its claim control number; `None` for an imported session.
    pub control_number: Option<ClaimControlNumber>,
    /// Index of its plan.
    pub plan: u16,
    /// The billing provider.
    pub billing_provider: Symbol,
    /// The member key of its timeline.
    pub member: Symbol,
    /// Whether there is a subscriber id.
    pub member_identified: bool,
    /// CLM01; empty for an imported session without one.
    pub patient_control_number: Box<[u8]>,
}

/// A session of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierSession {
    /// The date of service.
    pub date: NaiveDate,
    /// The phase it was decided with, where its policy knows phases.
    pub phase: Option<Phase>,
    /// The muscles it was decided with, sorted; empty when none were given.
    pub muscles: Vec<String>,
    /// The billing provider of the line paid.
    pub billing_provider: Symbol,
    /// The rendering provider of the line paid.
    pub rendering_provider: Symbol,
}

/// A governed line of an earlier run that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierLine {
    /// The line; its claim is `None`, but in a second look.
    pub identity: LineIdentity,
    /// The part its procedure plays.
    pub role: Role,
    /// Its decision, as it stands now.
    pub decision: Decision,
}

impl EarlierLine {
    /// Whether it is paid or reduced.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(self.decision, Decision::Pay | Decision::Reduce)
    }
}

/// What earlier runs left of the timelines of a batch. Empty where there is no history.
#[derive(Debug, Clone, Default)]
pub struct EarlierRuns {
    timelines: AHashMap<TimelineKey, Kept>,
    sessions: Vec<EarlierSession>,
    lines: Vec<EarlierLine>,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    sessions: Range<usize>,
    lines: Range<usize>,
}

/// What earlier runs left of one timeline.
#[derive(Debug, Clone, Copy, Default)]
pub struct Earlier<'a> {
    sessions: &'a [EarlierSession],
    /// The lines that stand.
    pub lines: &'a [EarlierLine],
}

impl EarlierRuns {
    /// Adds what is left of a timeline: all of its sessions, and the lines that stand on
    /// dates of the batch. A timeline is added once.
    pub fn add(
        &mut self,
        timeline: TimelineKey,
        sessions: impl IntoIterator<Item = EarlierSession>,
        lines: impl IntoIterator<Item = EarlierLine>,
    ) {
        let starts = (self.sessions.len(), self.lines.len());
        self.sessions.extend(sessions);
        self.lines.extend(lines);
        let kept = Kept {
            sessions: starts.0..self.sessions.len(),
            lines: starts.1..self.lines.len(),
        };
        self.timelines.insert(timeline, kept);
    }

    /// What is left of a timeline.
    #[must_use]
    pub fn of(&self, timeline: TimelineKey) -> Earlier<'_> {
        if self.timelines.is_empty() {
            return Earlier::default();
        }
        let kept = self.timelines.get(&timeline);
        let Kept { sessions, lines } = kept.cloned().unwrap_or_default();
        Earlier {
            sessions: &self.sessions[sessions],
            lines: &self.lines[lines],
        }
    }
}

impl<'a> Earlier<'a> {
    /// Whether a date is a session.
    pub(super) fn has_session_on(&self, date: NaiveDate) -> bool {
        self.sessions.iter().any(|session| session.date == date)
    }

    /// The sessions.
    pub(super) fn sessions(&self) -> impl Iterator<Item = Session<'a>> + use<'a> {
        let session = |session: &'a EarlierSession| Session {
            date: session.date,
            phase: session.phase,
            muscles: &session.muscles,
            billing_provider: session.billing_provider,
            rendering_provider: session.rendering_provider,
        };
        self.sessions.iter().map(session)
    }
}
