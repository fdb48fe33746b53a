//! A timeline explained: its lines, why they stand as they do, and when limits free up.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::file::{Asked, TimelineName};
use super::kinds::KindWords;
use super::limit::{self, Counted, Payable, Window};
use super::line::{Line, Reason, Standing};
use crate::history::{FreesUp, frees_up};
use crate::policy::{Decision, Plan, Plans, Role, RuleKind};

/// Where lines come from, and so what is known of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A history: everything that was decided with it.
    History,
    /// A file of determinations, and nothing before it.
    File,
}

/// The lines of a member under a plan, by date of service, then arrival.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The plan, where there is one, and the member.
    pub name: TimelineName,
    /// Where the lines come from.
    pub source: Source,
    /// The lines. A line's number is its place here, from 1.
    pub lines: Vec<Line>,
}

/// A timeline explained.
#[derive(Debug, Clone)]
pub struct Explanation<'a> {
    /// What is explained.
    pub timeline: &'a Timeline,
    /// Its plan, where that is known.
    pub plan: Option<&'a Plan>,
    /// The lines asked about, in their order.
    pub told: Vec<Told<'a>>,
    /// From which date on limits are looked at, and when each leaves a session free.
    pub frees_up: Option<(NaiveDate, Vec<FreesUp>)>,
}

/// A line, and why it stands as it does.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// Its number.
    pub number: usize,
    /// The line.
    pub line: &'a Line,
    /// Its reasons; those that decide come first.
    pub reasons: Vec<ToldReason<'a>>,
    /// When it would have been payable, where a limit stops it and the plan is known.
    pub payable: Option<Payable>,
}

/// A reason, and what stands behind it.
#[derive(Debug, Clone)]
pub struct ToldReason<'a> {
    /// The reason.
    pub reason: &'a Reason,
    /// The words of its kind.
    pub words: &'static KindWords,
    /// The sessions that it names.
    pub sessions: Vec<Counted<'a>>,
    /// The window that it counts in.
    pub window: Option<Window>,
}

/// A window as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The window.
    pub window: Window,
    /// How many sessions it holds, as far as they were counted.
    pub sessions: usize,
    /// The numbers of the lines whose reasons count in it; none for that of the last session.
    pub lines: Vec<usize>,
}

impl Timeline {
    /// The plan of that name, unless it has another policy now than the one that decided.
    #[must_use]
    pub fn plan<'p>(&self, plans: &'p Plans) -> Option<&'p Plan> {
        let plan = plans.get(plans.index_of(self.name.0.as_deref()?)?);
        let policies = self.lines.iter().map(|line| line.decided.policy.as_deref());
        let mut decided = policies.rev().flatten();
        let is_same = decided.next().is_none_or(|policy| policy == plan.policy.id);
        is_same.then_some(plan)
    }

    /// Says of lines that reached no session whether they bill the limited service: the
    /// plan's code sets say so, else other lines of the same code.
    pub fn settle_roles(&mut self, plan: Option<&Plan>) {
        let codes: BTreeSet<String> = match plan {
            Some(plan) => {
                let sets = plan.policy.codes.roles.iter();
                let of_sessions = sets.filter(|(role, _)| *role == Role::Session);
                of_sessions
                    .flat_map(|(_, codes)| codes.iter().map(|code| code.code.clone()))
                    .collect()
            }
            None => {
                let session_lines = self.lines.iter().filter(|line| line.is_session_line);
                session_lines
                    .map(|line| line.decided.procedure.clone())
                    .collect()
            }
        };
        for line in &mut self.lines {
            line.is_session_line |= codes.contains(&line.decided.procedure);
        }
    }

    /// How many lines stand in each way, those that none does left out.
    #[must_use]
    pub fn counts(&self) -> Vec<(Standing, usize)> {
        let count = |standing| {
            let lines = self.lines.iter().filter(|line| line.standing == standing);
            (standing, lines.count())
        };
        let counts = Standing::ALL.into_iter().map(count);
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// How many sessions stand.
    #[must_use]
    pub fn session_count(&self) -> usize {
        limit::sessions(&self.lines).count()
    }
}

impl<'a> Explanation<'a> {
    /// Explains the lines of a timeline that are asked about.
    #[must_use]
    pub fn new(timeline: &'a Timeline, plan: Option<&'a Plan>, asked: &Asked<'_>) -> Self {
        let lines = &timeline.lines;
        let asked_about = lines
            .iter()
            .enumerate()
            .filter(|(_, line)| asked.is_about(&line.decided));
        Self {
            timeline,
            plan,
            told: asked_about
                .map(|(index, line)| Told::new(index + 1, line, lines, plan))
                .collect(),
            frees_up: plan
                .filter(|_| !timeline.name.1.is_empty())
                .and_then(|plan| {
                    let last = lines
                        .iter()
                        .filter_map(|line| line.decided.service_date)
                        .max();
                    let from = last?.succ_opt()?;
                    Some((from, frees_up(plan, &limit::sessions(lines), from)))
                }),
        }
    }

    /// The windows behind the lines told; of each kind that none of them counts in, the one
    /// of the last session.
    #[must_use]
    pub fn windows(&self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        for told in &self.told {
            for reason in &told.reasons {
                let Some(window) = reason.window else {
                    continue;
                };
                match shown.iter_mut().find(|known| known.window == window) {
                    Some(known) => known.lines.push(told.number),
                    None => shown.push(Shown {
                        window,
                        sessions: reason.sessions.len(),
                        lines: vec![told.number],
                    }),
                }
            }
        }
        let current = self
            .plan
            .map(|plan| limit::current(&self.timeline.lines, plan));
        let sessions = limit::sessions(&self.timeline.lines);
        for window in current.unwrap_or_default() {
            if shown.iter().all(|known| known.window.kind != window.kind) {
                let before = window.first.pred_opt().unwrap_or(window.first);
                shown.push(Shown {
                    window,
                    sessions: sessions.within(before, window.last).len(),
                    lines: Vec::new(),
                });
            }
        }
        shown
    }

    /// The number of a line of the timeline.
    #[must_use]
    pub fn number_of(&self, line: &Line) -> Option<usize> {
        let lines = &self.timeline.lines;
        let place = lines.iter().position(|known| std::ptr::eq(known, line))?;
        Some(place + 1)
    }
}

impl<'a> Told<'a> {
    fn new(number: usize, line: &'a Line, lines: &'a [Line], plan: Option<&Plan>) -> Self {
        let decided = &line.decided;
        let told = decided.reasons.iter().map(|reason| ToldReason {
            reason,
            words: KindWords::of(reason.rule),
            sessions: limit::counted(decided, reason, lines),
            window: limit::window(decided, reason),
        });
        let mut reasons: Vec<ToldReason<'_>> = told.collect();
        reasons.sort_by_key(|told| told.reason.decision != decided.decision);
        Self {
            number,
            line,
            reasons,
            payable: plan.and_then(|plan| limit::payable(line, lines, plan)),
        }
    }

    /// Whether a reason is one of those that decide.
    #[must_use]
    pub fn is_decided_by(&self, told: &ToldReason<'_>) -> bool {
        told.reason.decision == self.line.decided.decision
    }

    /// Whether it is told at length: it is not paid as billed.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        matches!(
            self.line.standing,
            Standing::Reduced | Standing::Pended | Standing::Denied
        )
    }
}

impl ToldReason<'_> {
    /// What would change the decision.
    #[must_use]
    pub fn change(&self) -> &'static str {
        let KindWords { change, pended, .. } = self.words;
        match self.reason.decision {
            Decision::Pend => pended,
            _ => change,
        }
    }

    /// What the lines that it names are to it, in a word or two.
    #[must_use]
    pub fn sessions_are(&self) -> &'static str {
        match self.reason.rule {
            RuleKind::MinInterval => "Too near",
            RuleKind::RollingLimit | RuleKind::PhaseLimit | RuleKind::CalendarLimit => "Sessions",
            RuleKind::DuplicateLine | RuleKind::SuspectDuplicate => "Paid already",
            _ => "Beside",
        }
    }
}
