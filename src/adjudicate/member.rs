//! Judging one member under one plan: date by date, ascending, in four steps.

use std::num::NonZeroU16;

use chrono::NaiveDate;

use super::earlier::{Earlier, EarlierLine};
use super::judge::Judge;
use super::monitor::{Hit, watch};
use super::verdict::{Part, Verdict, decision_of, most_severe};
use super::versions::ClaimStatus;
use crate::policy::{Book, ClinicalFacts, Decision, Phase, Plan, Role, RuleKind, SessionCount};
use crate::rules::{self, Billed, Candidate, Hanging, LineContext, LineIdentity, Reason};
use crate::timeline::{Claim, Service, ServiceLine, Session, Sessions, TimelineKey};

/// Memory that one timeline after the other uses.
#[derive(Default)]
pub(super) struct Room<'a> {
    sessions: Sessions<'a>,
    standing: Vec<Billed>,
    paid: Vec<LineIdentity>,
}

/// A member under a plan, and what is known beside the lines.
pub(super) struct Member<'a> {
    pub(super) judge: Judge<'a>,
    pub(super) key: TimelineKey,
    pub(super) plan: &'a Plan,
    /// By service.
    pub(super) plain: &'a [bool],
    pub(super) earlier: Earlier<'a>,
}

/// A line on its way to a decision.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) index: u32,
    pub(super) line: &'a ServiceLine,
    pub(super) service: &'a Service,
    pub(super) claim: &'a Claim,
    pub(super) date: Option<NaiveDate>,
    pub(super) billing_date: Option<NaiveDate>,
    pub(super) is_replacement: bool,
    pub(super) verdict: Verdict,
    /// Whether other lines see it.
    pub(super) stands: bool,
    /// Whether a step has still to look at it.
    pub(super) is_open: bool,
}

/// The lines of one date.
struct Day<'a, 'r> {
    date: NaiveDate,
    book: &'a Book,
    items: &'r mut [Item<'a>],
    reasons: &'r mut Vec<Reason>,
    hits: &'r mut Vec<Hit>,
}

impl<'a> Member<'a> {
    /// Judges the member's lines, given by date, those of a date in arrival order.
    pub(super) fn judge(&self, items: &mut [Item<'a>], room: &mut Room<'a>, part: &mut Part) {
        if self.judge.standing.is_some() {
            // Stable: the lines of a date that are paid stay in arrival order, as do the others.
            items.sort_by_key(|item| (item.date, !self.is_kept(item)));
        }
        room.sessions.restart(self.earlier.sessions());
        for same_date in items.chunk_by_mut(|left, right| left.date == right.date) {
            self.judge_date(same_date, room, part);
        }
    }

    fn judge_date(&self, items: &mut [Item<'a>], room: &mut Room<'a>, part: &mut Part) {
        let Part { reasons, hits, .. } = part;
        let date = items[0].date;
        let (book_index, book) = self.plan.book_on(date);
        for item in &mut *items {
            item.verdict.book = book_index;
            if self.judge.standing.is_none() {
                self.alone(item, book, reasons, hits);
            }
        }
        let Some(date) = date else { return };
        let mut day = Day {
            date,
            book,
            items,
            reasons,
            hits,
        };
        self.judge_repeated(&mut day);
        self.judge_session(&mut day, &mut room.sessions);
        self.judge_hanging(&mut day, room);
    }

    fn context(&self, item: &Item<'a>, book: &'a Book) -> LineContext<'a> {
        LineContext {
            batch: self.judge.batch,
            line: item.line,
            service: item.service,
            is_plain: self.is_plain(item),
            claim: item.claim,
            billing_date: item.billing_date,
            plan: self.plan,
            book,
            is_original_unknown: self.is_original_unknown(item),
        }
    }

    /// Whether no rule fires on what a line bills.
    fn is_plain(&self, item: &Item<'_>) -> bool {
        let plain = self.plain.get(item.line.service.index());
        plain.copied().unwrap_or_default()
    }

    /// Whether its claim replaces one that was not found.
    fn is_original_unknown(&self, item: &Item<'_>) -> bool {
        item.is_replacement
            && self.judge.versions.status(item.line.claim) == ClaimStatus::OriginalUnknown
    }

    /// Step 1: a line alone.
    fn alone(
        &self,
        item: &mut Item<'a>,
        book: &'a Book,
        reasons: &mut Vec<Reason>,
        hits: &mut Vec<Hit>,
    ) {
        let cx = self.context(item, book);
        let first = reasons.len();
        rules::judge_line(&cx, reasons);
        watch(item.index, book, hits, |book, reasons| {
            rules::judge_line(&LineContext { book, ..cx }, reasons);
        });
        let fired = &reasons[first..];
        item.stands = !fired
            .iter()
            .any(|reason| rules::stands_nowhere(reason.rule));
        let has_fired = fired
            .iter()
            .any(|reason| reason.rule == RuleKind::OriginalUnknown);
        item.verdict.is_original_unknown = cx.is_original_unknown && !has_fired;
        if !fired.is_empty() {
            item.close(first, reasons, book);
        }
    }

    /// The decision of a line as it stands: of a second look the one that it had, else what has
    /// become of it so far.
    fn standing(&self, item: &Item<'_>) -> Decision {
        let standing = self.judge.standing;
        standing.map_or(item.verdict.decision, |of| of[item.index as usize])
    }

    /// Whether a second look finds the line paid: no other line of its date takes its place.
    fn is_kept(&self, item: &Item<'_>) -> bool {
        self.judge.standing.is_some()
            && matches!(self.standing(item), Decision::Pay | Decision::Reduce)
    }

    /// The lines of earlier runs that stand on a date.
    fn earlier_on(&self, date: NaiveDate) -> impl Iterator<Item = &'a EarlierLine> + use<'a> {
        let lines = self.earlier.lines.iter();
        lines.filter(move |line| line.identity.date == date)
    }

    /// Step 2: lines that earlier runs paid already.
    fn judge_repeated(&self, day: &mut Day<'a, '_>) {
        if self.earlier.lines.is_empty() {
            return;
        }
        for item in day.items.iter_mut().filter(|item| item.is_open) {
            let line = item.identity();
            let judge = |book: &Book| {
                let paid = self.earlier_on(day.date).filter(|line| line.is_paid());
                rules::judge_duplicate(&line, book, paid.map(|line| &line.identity))
            };
            watch(item.index, day.book, day.hits, |book, reasons| {
                reasons.extend(judge(book));
            });
            if let Some(reason) = judge(day.book) {
                item.close_with(Some(reason), day.reasons, day.book);
            }
        }
    }

    /// Step 3: the lines of the limited service that are left.
    fn judge_session(&self, day: &mut Day<'a, '_>, sessions: &mut Sessions<'a>) {
        if !day.items.iter().any(Item::is_left) {
            return;
        }
        if let Some(session) = sessions.on(day.date) {
            let biller = session.billing_provider;
            for place in 0..day.items.len() {
                if !day.items[place].is_left() {
                    continue;
                }
                let line = day.items[place].identity();
                let bundle = |book: &Book| rules::judge_bundle(&line, book, biller);
                watch(
                    day.items[place].index,
                    day.book,
                    day.hits,
                    |book, reasons| {
                        reasons.extend(bundle(book));
                    },
                );
                self.close_or_pay(day, place, bundle(day.book));
            }
            return;
        }
        let facts = self.facts_on(day.date);
        let candidate = self.candidate(day.date, day.book, sessions, facts);
        let first = day.reasons.len();
        let unverified = match self.judge.standing {
            None => rules::judge_session(&candidate, day.reasons),
            Some(_) => {
                rules::judge_limits(&candidate, day.reasons);
                0
            }
        };
        self.watch_session(day.book, &candidate, &*day.items, day.hits);
        let is_payable = day.reasons.len() == first;
        let (phase, ordinal) = (candidate.phase, self.ordinal(&candidate));
        for item in day.items.iter_mut().filter(|item| item.is_left()) {
            (item.verdict.phase, item.verdict.session) = (phase, Some(ordinal));
            if is_payable {
                item.verdict.unverified = unverified;
            } else {
                item.close(first, day.reasons, day.book);
            }
        }
        if !is_payable {
            return;
        }
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

    /// Asks the monitors about a candidate session, for each line that is left.
    fn watch_session(
        &self,
        book: &'a Book,
        candidate: &Candidate<'_>,
        items: &[Item<'a>],
        hits: &mut Vec<Hit>,
    ) {
        if book.monitors().is_empty() {
            return;
        }
        let mut fired = Vec::new();
        watch(0, book, &mut fired, |book, reasons| {
            // A monitored `phase-limit` may tell phases apart otherwise.
            let phase = self.phase_of(book, candidate.course.len(), candidate.facts);
            let candidate = Candidate {
                book,
                phase,
                ..*candidate
            };
            rules::judge_session(&candidate, reasons);
        });
        for item in items.iter().filter(|item| item.is_left()) {
            let line = item.index;
            hits.extend(fired.iter().map(|hit| Hit {
                line,
                ..hit.clone()
            }));
        }
    }

    /// The phase of a candidate session with so many sessions in its course.
    fn phase_of(
        &self,
        book: &Book,
        course_count: usize,
        facts: Option<&ClinicalFacts>,
    ) -> Option<Phase> {
        let inferred = || self.plan.inferred_phase_in(book, course_count);
        match self.plan.policy.session_count {
            SessionCount::Course => facts.and_then(|facts| facts.phase).or_else(inferred),
            SessionCount::Year => None,
        }
    }

    fn facts_on(&self, date: NaiveDate) -> Option<&'a ClinicalFacts> {
        let facts = self.judge.facts;
        if facts.is_empty() {
            return None;
        }
        let member = self.judge.batch.symbols.bytes(self.key.member);
        let member = std::str::from_utf8(member).ok()?;
        facts.get(self.key.plan, member, date)
    }

    fn candidate<'c>(
        &'c self,
        date: NaiveDate,
        book: &'c Book,
        sessions: &'c Sessions<'a>,
        facts: Option<&'c ClinicalFacts>,
    ) -> Candidate<'c>
    where
        'a: 'c,
    {
        let policy = &self.plan.policy;
        let course = sessions.course_of(date, policy.course_months);
        Candidate {
            date,
            sessions,
            course,
            phase: self.phase_of(book, course.len(), facts),
            facts,
            plan: self.plan,
            book,
        }
    }

    /// The ordinal of a candidate session.
    fn ordinal(&self, candidate: &Candidate<'_>) -> NonZeroU16 {
        let others = match self.plan.policy.session_count {
            SessionCount::Course => candidate.course.len(),
            SessionCount::Year => candidate.sessions.in_year_of(candidate.date).len(),
        };
        NonZeroU16::MIN.saturating_add(u16::try_from(others).unwrap_or(u16::MAX))
    }

    /// Pays the highest procedure code, then the first that arrived; other lines of the
    /// limited service are duplicates of it, or bundled with it. `None` where the plan lets
    /// `unit-cap` do more than reduce it: a line that is not paid makes no session.
    fn pay_primary(&self, day: &mut Day<'a, '_>) -> Option<LineIdentity> {
        let primary = self.primary(day.items)?;
        self.close_or_pay(day, primary, None);
        let index = day.items[primary].index;
        let (paid, is_paid) = (day.items[primary].identity(), day.items[primary].is_paid());
        for place in 0..day.items.len() {
            let item = &day.items[place];
            if !item.is_left() {
                continue;
            }
            let (line, is_later) = (item.identity(), item.index > index);
            let duplicate = |book: &Book| {
                let judge = || rules::judge_duplicate(&line, book, [&paid]);
                is_later.then(judge).flatten()
            };
            let bundle = |book: &Book| rules::judge_bundle(&line, book, paid.billing_provider);
            let duplicates = duplicate(day.book);
            watch(item.index, day.book, day.hits, |book, reasons| {
                reasons.extend(duplicate(book));
                // A duplicate takes the place of every other reason.
                let bundled = duplicates.is_none().then(|| bundle(book));
                reasons.extend(bundled.flatten());
            });
            let reason = duplicates.or_else(|| bundle(day.book));
            self.close_or_pay(day, place, reason);
        }
        is_paid.then_some(paid)
    }

    /// The line of the limited service that is paid: of those left on a date that with the
    /// highest procedure code, then the first that arrived; a second look keeps what is paid.
    fn primary(&self, items: &[Item<'a>]) -> Option<usize> {
        let symbols = &self.judge.batch.symbols;
        let rank = |place: usize| {
            let item = &items[place];
            (self.is_kept(item), symbols.bytes(item.service.procedure))
        };
        let left = (0..items.len()).filter(|&place| items[place].is_left());
        left.reduce(|first, other| match rank(other) > rank(first) {
            true => other,
            false => first,
        })
    }

    /// Closes a line of the limited service with a reason; without one it is paid, one unit
    /// of it.
    fn close_or_pay(&self, day: &mut Day<'a, '_>, place: usize, reason: Option<Reason>) {
        let item = &mut day.items[place];
        let cx = self.context(item, day.book);
        let reason = reason.or_else(|| {
            watch(item.index, day.book, day.hits, |book, reasons| {
                reasons.extend(rules::judge_units(&LineContext { book, ..cx }));
            });
            rules::judge_units(&cx)
        });
        item.close_with(reason, day.reasons, day.book);
    }

    /// Step 4: lines that hang on others of their date, in arrival order. Add-ons come last:
    /// they hang on lines that hang themselves.
    fn judge_hanging(&self, day: &mut Day<'a, '_>, room: &mut Room<'a>) {
        if !day.items.iter().any(Item::is_hanging) {
            return;
        }
        if let [item] = &mut *day.items
            && self.earlier.lines.is_empty()
            && !item.service.role.is_some_and(rules::misses_others)
        {
            item.close_with(None, day.reasons, day.book);
            return;
        }
        room.paid.clear();
        let earlier = self.earlier_on(day.date).filter(|line| line.is_paid());
        room.paid.extend(earlier.map(|line| line.identity));
        self.hang(day, room, false);
        let is_left = |item: &Item<'_>| item.is_open && item.is_add_on();
        if day.items.iter().any(is_left) {
            self.hang(day, room, true);
        }
    }

    /// Judges add-ons, which hang on the lines of every other code set, or all other lines,
    /// which hang on those of the limited service.
    fn hang(&self, day: &mut Day<'a, '_>, room: &mut Room<'a>, are_add_ons: bool) {
        let on = |role| match are_add_ons {
            true => role != Role::AddOn,
            false => role == Role::Session,
        };
        let of_batch = day
            .items
            .iter()
            .filter(|item| item.stands && item.service.role.is_some_and(on));
        let here = of_batch.map(|item| Billed {
            line: item.identity(),
            decision: self.standing(item),
        });
        let before = self.earlier_on(day.date).filter(|line| on(line.role));
        let before = before.map(|line| Billed {
            line: line.identity,
            decision: line.decision,
        });
        room.standing.clear();
        room.standing.extend(here);
        room.standing.extend(before);
        let is_new = |date| self.judge.standing.is_some() && !self.earlier.has_session_on(date);
        let session = room.sessions.on(day.date).filter(|_| !is_new(day.date));
        let paid = &mut room.paid;
        for item in &mut *day.items {
            if !item.is_hanging() || item.is_add_on() != are_add_ons {
                continue;
            }
            let identity = item.identity();
            let hanging = Hanging {
                cx: self.context(item, day.book),
                identity: &identity,
                standing: &room.standing,
                session,
                paid,
            };
            let first = day.reasons.len();
            let duplicate = rules::judge_duplicate(&identity, day.book, &*paid);
            watch(item.index, day.book, day.hits, |book, reasons| {
                reasons.extend(rules::judge_duplicate(&identity, book, hanging.paid));
                if duplicate.is_none() {
                    let cx = LineContext { book, ..hanging.cx };
                    rules::judge_hanging(&Hanging { cx, ..hanging }, reasons);
                }
            });
            match duplicate {
                Some(duplicate) => day.reasons.push(duplicate),
                None => rules::judge_hanging(&hanging, day.reasons),
            }
            item.close(first, day.reasons, day.book);
            // What repeats a line that stands paid repeats it, whatever a second look says of that.
            if item.is_paid() || self.is_kept(item) {
                paid.push(identity);
            }
        }
    }
}

impl Item<'_> {
    /// Whether it is a line of the limited service on which nothing has fired.
    fn is_left(&self) -> bool {
        self.is_open && self.service.role == Some(Role::Session)
    }

    /// Whether it is a line that hangs on others, on which nothing has fired.
    fn is_hanging(&self) -> bool {
        self.is_open && self.service.role != Some(Role::Session)
    }

    /// Whether it is paid only beside another.
    fn is_add_on(&self) -> bool {
        self.service.role == Some(Role::AddOn)
    }

    /// Whether it is paid or reduced, as far as it has come.
    fn is_paid(&self) -> bool {
        matches!(self.verdict.decision, Decision::Pay | Decision::Reduce)
    }

    fn identity(&self) -> LineIdentity {
        LineIdentity {
            claim: Some(self.line.claim),
            billing_provider: self.claim.billing_provider,
            rendering_provider: self.line.rendering_provider,
            date: self.date.unwrap_or_default(),
            procedure: self.service.procedure,
            modifier_set: self.service.modifier_set,
            units: self.service.units,
            charge: self.line.charge,
        }
    }

    /// Adds the reason, if there is one, and decides.
    fn close_with(&mut self, reason: Option<Reason>, reasons: &mut Vec<Reason>, book: &Book) {
        let first = reasons.len();
        reasons.extend(reason);
        self.close(first, reasons, book);
    }

    /// Decides: the most severe of the reasons that stand in a list from `first` on, or pay.
    fn close(&mut self, first: usize, reasons: &[Reason], book: &Book) {
        self.is_open = false;
        let own = &reasons[first..];
        self.verdict.decision = most_severe(own, book);
        self.verdict.set_reasons(first, reasons);
        if !self.is_paid() {
            self.verdict.unverified = 0;
        }
        debug_assert!(
            own.iter()
                .all(|reason| decision_of(reason, book) <= self.verdict.decision)
        );
    }
}
