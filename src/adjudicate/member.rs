//! Judging one member under one plan: date by date, ascending, in four steps.

use chrono::NaiveDate;

use super::earlier::{Earlier, EarlierLine};
use super::verdict::{Verdict, decision_of, most_severe};
use crate::policy::{
    Book, ClinicalFacts, Decision, FactsTable, Plan, Role, RuleKind, SessionCount,
};
use crate::rules::{self, Billed, Candidate, Hanging, LineContext, LineIdentity, Reason};
use crate::timeline::{Batch, ServiceLine, Session, Sessions};

/// A member's lines that are judged together, and what is known beside them.
pub(super) struct Member<'a> {
    pub(super) batch: &'a Batch,
    pub(super) plan: &'a Plan,
    pub(super) plan_index: u16,
    pub(super) facts: &'a FactsTable,
    pub(super) earlier: Earlier<'a>,
    /// Whether a claim replaces one that was not found.
    pub(super) is_original_unknown: &'a (dyn Fn(u32) -> bool + Sync),
}

/// A line on its way to a decision.
struct Item<'a> {
    index: u32,
    line: &'a ServiceLine,
    identity: LineIdentity,
    verdict: Verdict,
    /// Whether other lines see it.
    stands: bool,
    /// Whether a step has still to look at it.
    is_open: bool,
}

/// The lines of one date.
struct Day<'a> {
    date: NaiveDate,
    book: &'a Book,
    items: Vec<Item<'a>>,
}

impl<'a> Member<'a> {
    /// Judges the member's lines, which are sorted by date of service (those without one
    /// first), then arrival.
    pub(super) fn judge(&self, lines: &[u32], verdicts: &mut Vec<(u32, Verdict)>) {
        let mut sessions = Sessions::new(self.earlier.sessions());
        let date_of = |index: &u32| self.batch.lines[*index as usize].service_date.date();
        for same_date in lines.chunk_by(|left, right| date_of(left) == date_of(right)) {
            let date = date_of(&same_date[0]);
            let (book_index, book) = self.plan.book_on(date);
            let items: Vec<_> = same_date
                .iter()
                .map(|&index| self.alone(index, book_index, book))
                .collect();
            let items = match date {
                Some(date) => self.judge_day(Day { date, book, items }, &mut sessions),
                None => items,
            };
            verdicts.extend(items.into_iter().map(|item| (item.index, item.verdict)));
        }
    }

    fn context(&self, line: &'a ServiceLine, book: &'a Book) -> LineContext<'a> {
        LineContext {
            batch: self.batch,
            line,
            claim: self.batch.claim_of(line),
            plan: self.plan,
            book,
            is_original_unknown: (self.is_original_unknown)(line.claim),
        }
    }

    /// Step 1: a line alone.
    fn alone(&self, index: u32, book_index: u8, book: &'a Book) -> Item<'a> {
        let line = &self.batch.lines[index as usize];
        let cx = self.context(line, book);
        let reasons = rules::judge_line(&cx);
        let stands = !reasons
            .iter()
            .any(|reason| rules::stands_nowhere(reason.rule));
        let is_open = reasons.is_empty();
        let rule_fired = reasons
            .iter()
            .any(|reason| reason.rule == RuleKind::OriginalUnknown);
        let mut item = Item {
            index,
            line,
            identity: identity(line, &cx),
            verdict: Verdict::new(Decision::Pay, book_index),
            stands,
            is_open,
        };
        item.verdict.is_original_unknown = cx.is_original_unknown && !rule_fired;
        if !is_open {
            item.close(reasons, book);
        }
        item
    }

    fn judge_day(&self, mut day: Day<'a>, sessions: &mut Sessions<'a>) -> Vec<Item<'a>> {
        let earlier = || {
            self.earlier
                .lines
                .iter()
                .filter(|line| line.identity.date == day.date)
        };
        // Step 2: lines that earlier runs paid already.
        for item in day.items.iter_mut().filter(|item| item.is_open) {
            let paid = earlier()
                .filter(|line| line.is_paid())
                .map(|line| &line.identity);
            if let Some(reason) = rules::judge_duplicate(&item.identity, day.book, paid) {
                item.close(vec![reason], day.book);
            }
        }
        let earlier: Vec<&EarlierLine> = earlier().collect();
        self.judge_session(&mut day, sessions);
        self.judge_hanging(&mut day, sessions, &earlier);
        day.items
    }

    /// Step 3: the lines of the limited service that are left.
    fn judge_session(&self, day: &mut Day<'a>, sessions: &mut Sessions<'a>) {
        let is_left = |item: &&mut Item<'_>| item.is_open && item.line.role == Some(Role::Session);
        if !day.items.iter_mut().any(|item| is_left(&item)) {
            return;
        }
        if let Some(session) = sessions.on(day.date) {
            let biller = session.billing_provider;
            for item in day.items.iter_mut().filter(is_left) {
                let bundle = rules::judge_bundle(&item.identity, day.book, biller);
                self.close_or_pay(item, bundle, day.book);
            }
            return;
        }
        let none = ClinicalFacts::default();
        let facts = self.facts_on(day);
        let candidate = self.candidate(day, sessions, facts.unwrap_or(&none));
        let (reasons, unverified) = rules::judge_session(&candidate);
        let (phase, ordinal) = (candidate.phase, self.ordinal(&candidate));
        for item in day.items.iter_mut().filter(is_left) {
            (item.verdict.phase, item.verdict.session) = (phase, Some(ordinal));
            if reasons.is_empty() {
                item.verdict.unverified = unverified;
            } else {
                item.close(reasons.clone(), day.book);
            }
        }
        if reasons.is_empty() {
            let muscles = facts
                .and_then(|facts| facts.muscles.as_deref())
                .unwrap_or_default();
            let Some(primary) = self.pay_primary(day) else {
                return;
            };
            sessions.insert(Session {
                date: day.date,
                phase,
                muscles,
                billing_provider: primary.billing_provider,
                rendering_provider: primary.rendering_provider,
            });
        }
    }

    fn facts_on(&self, day: &Day<'a>) -> Option<&'a ClinicalFacts> {
        let line = day.items.first()?.line;
        let claim = self.batch.claim_of(line);
        let member = self.batch.symbols.bytes(claim.timeline_member);
        let member = std::str::from_utf8(member).ok()?;
        self.facts.get(self.plan_index, member, day.date)
    }

    fn candidate<'c>(
        &'c self,
        day: &Day<'a>,
        sessions: &'c Sessions<'a>,
        facts: &'c ClinicalFacts,
    ) -> Candidate<'c>
    where
        'a: 'c,
    {
        let policy = &self.plan.policy;
        let course = sessions.course_of(day.date, policy.course_months);
        let phase = match policy.session_count {
            SessionCount::Course => {
                let inferred = || self.plan.inferred_phase(day.date, course.len());
                facts.phase.or_else(inferred)
            }
            SessionCount::Year => None,
        };
        Candidate {
            date: day.date,
            sessions,
            course,
            phase,
            facts,
            plan: self.plan,
            book: day.book,
        }
    }

    /// The ordinal of a candidate session.
    fn ordinal(&self, candidate: &Candidate<'_>) -> u16 {
        let others = match self.plan.policy.session_count {
            SessionCount::Course => candidate.course.len(),
            SessionCount::Year => candidate.sessions.in_year_of(candidate.date).len(),
        };
        u16::try_from(others + 1).unwrap_or(u16::MAX)
    }

    /// Pays the highest procedure code, then the first that arrived; other lines of the
    /// limited service are duplicates of it, or bundled with it. `None` where the plan lets
    /// `unit-cap` do more than reduce it: a line that is not paid makes no session.
    fn pay_primary(&self, day: &mut Day<'a>) -> Option<LineIdentity> {
        let mut left: Vec<&mut Item<'a>> = day
            .items
            .iter_mut()
            .filter(|item| item.is_open && item.line.role == Some(Role::Session))
            .collect();
        let code = |item: &Item<'_>| self.batch.symbols.bytes(item.line.procedure);
        left.sort_by(|one, other| code(other).cmp(code(one)).then(one.index.cmp(&other.index)));
        let (primary, others) = left.split_first_mut()?;
        self.close_or_pay(primary, None, day.book);
        let paid = primary.identity;
        for item in others {
            let is_later = item.index > primary.index;
            let duplicate = is_later
                .then(|| rules::judge_duplicate(&item.identity, day.book, [&paid]))
                .flatten();
            let reason = duplicate
                .or_else(|| rules::judge_bundle(&item.identity, day.book, paid.billing_provider));
            self.close_or_pay(item, reason, day.book);
        }
        primary.is_paid().then_some(paid)
    }

    /// Closes a line of the limited service with a reason; without one it is paid, one unit
    /// of it.
    fn close_or_pay(&self, item: &mut Item<'a>, reason: Option<Reason>, book: &'a Book) {
        let reason = reason.or_else(|| rules::judge_units(&self.context(item.line, book)));
        item.close(reason.into_iter().collect(), book);
    }

    /// Step 4: lines that hang on the sessions of their date, in arrival order.
    fn judge_hanging(&self, day: &mut Day<'a>, sessions: &Sessions<'a>, earlier: &[&EarlierLine]) {
        let is_hanging = |item: &Item<'_>| item.is_open && item.line.role != Some(Role::Session);
        if !day.items.iter().any(is_hanging) {
            return;
        }
        let of_batch = day
            .items
            .iter()
            .filter(|item| item.stands && item.line.role == Some(Role::Session));
        let here = of_batch.map(|item| (item.identity, item.verdict.decision));
        let before = earlier.iter().filter(|line| line.role == Role::Session);
        let standing: Vec<(LineIdentity, Decision)> = here
            .chain(before.map(|line| (line.identity, line.decision)))
            .collect();
        let standing: Vec<Billed<'_>> = standing
            .iter()
            .map(|(line, decision)| Billed {
                line,
                decision: *decision,
            })
            .collect();
        let mut paid: Vec<LineIdentity> = earlier
            .iter()
            .filter(|line| line.is_paid())
            .map(|line| line.identity)
            .collect();
        for item in day.items.iter_mut().filter(|item| is_hanging(item)) {
            let paid_before: Vec<&LineIdentity> = paid.iter().collect();
            let hanging = Hanging {
                cx: self.context(item.line, day.book),
                identity: &item.identity,
                standing: &standing,
                session: sessions.on(day.date),
                paid: &paid_before,
            };
            let duplicate =
                rules::judge_duplicate(&item.identity, day.book, paid_before.iter().copied());
            let reasons = match duplicate {
                Some(duplicate) => vec![duplicate],
                None => rules::judge_hanging(&hanging),
            };
            item.close(reasons, day.book);
            if item.is_paid() {
                paid.push(item.identity);
            }
        }
    }
}

impl Item<'_> {
    /// Whether it is paid or reduced, as far as it has come.
    fn is_paid(&self) -> bool {
        matches!(self.verdict.decision, Decision::Pay | Decision::Reduce)
    }

    /// Decides: the most severe of the reasons, or pay.
    fn close(&mut self, reasons: Vec<Reason>, book: &Book) {
        self.is_open = false;
        self.verdict.decision = most_severe(&reasons, book);
        if !self.is_paid() {
            self.verdict.unverified = 0;
        }
        debug_assert!(
            reasons
                .iter()
                .all(|reason| decision_of(reason, book) <= self.verdict.decision)
        );
        self.verdict.reasons = reasons.into();
    }
}

fn identity(line: &ServiceLine, cx: &LineContext<'_>) -> LineIdentity {
    LineIdentity {
        claim: Some(line.claim),
        billing_provider: cx.claim.billing_provider,
        rendering_provider: line.rendering_provider,
        date: line.service_date.date().unwrap_or_default(),
        procedure: line.procedure,
        modifier_set: line.modifier_set,
        units: line.units,
        charge: line.charge,
    }
}
