//! Judging a part of the timelines of a batch, one after the other.

use std::iter;

use chrono::NaiveDate;

use super::earlier::EarlierRuns;
use super::member::{Item, Member, Room};
use super::monitor::settle_hits;
use super::order::{Order, Place};
use super::plain::Plain;
use super::verdict::{Part, Verdict};
use super::versions::Versions;
use crate::policy::{Decision, FactsTable, Plans};
use crate::timeline::{Batch, Frequency, ServiceLine};

/// How many lines are looked up before they are judged: as many as a processor keeps at hand.
const LINES_AT_ONCE: usize = 1 << 11;

/// Judges the timelines of a batch.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) batch: &'a Batch,
    pub(super) plans: &'a Plans,
    pub(super) facts: &'a FactsTable,
    pub(super) versions: &'a Versions,
    pub(super) earlier: &'a EarlierRuns,
    /// What lines bill on which no rule fires.
    pub(super) plain: &'a Plain,
    /// By transaction set: where the sets themselves are, there is much else.
    pub(super) billing_dates: &'a [Option<NaiveDate>],
    /// Of a second look: the decisions of the lines as they stand.
    pub(super) standing: Option<&'a [Decision]>,
}

impl Judge<'_> {
    /// Judges a part of the order.
    pub(super) fn part(self, part: usize, order: &Order) -> Vec<Part> {
        let places = order.lines_of(part);
        let mut timelines = places.chunk_by(|one, other| one.is_beside(*other));
        let mut rest = &places[..];
        let some = iter::from_fn(|| {
            let mut count = 0;
            while count < LINES_AT_ONCE
                && let Some(timeline) = timelines.next()
            {
                count += timeline.len();
            }
            rest.split_off(..count).filter(|some| !some.is_empty())
        });
        some.map(|some| self.timelines(some)).collect()
    }

    /// Judges some timelines, of which the lines are given in the order of judgement.
    fn timelines(self, places: &[Place]) -> Part {
        let mut part = Part::default();
        let mut room = Room::default();
        // Lines are far apart, and so are claims: with little else in between, a processor waits
        // for many of them together no longer than for one.
        let line = |place: &Place| self.batch.lines[place.line()];
        let lines: Vec<ServiceLine> = places.iter().map(line).collect();
        let mut items = self.items(places, &lines);
        let mut rest = &mut items[..];
        for own in places.chunk_by(|one, other| one.is_beside(*other)) {
            let Some(own) = rest.split_off_mut(..own.len()) else {
                break;
            };
            let Some(key) = own
                .first()
                .and_then(|item| self.batch.timeline_of(item.claim))
            else {
                continue;
            };
            let member = Member {
                judge: self,
                key,
                plan: self.plans.get(key.plan),
                plain: self.plain.of(key.plan),
                earlier: self.earlier.of(key),
            };
            member.judge(own, &mut room, &mut part);
        }
        if !part.hits.is_empty() {
            self.settle_hits(&mut items, &mut part);
        }
        let decided = items.iter().map(|item| (item.index, item.verdict));
        part.verdicts.extend(decided);
        part
    }

    /// Leaves the hits that say something that was not decided.
    fn settle_hits(self, items: &mut [Item<'_>], part: &mut Part) {
        items.sort_unstable_by_key(|item| item.index);
        let Part { reasons, hits, .. } = part;
        settle_hits(hits, |line| {
            let place = items.binary_search_by_key(&line, |item| item.index);
            let item = &items[place.ok()?];
            let plan = self.plans.get(self.batch.plan_of(item.claim)?);
            let book = plan.books.get(usize::from(item.verdict.book))?;
            Some((item.verdict.reasons_in(reasons), book))
        });
    }
}

impl<'a> Judge<'a> {
    /// Lines before anything is decided about them.
    fn items(self, places: &[Place], lines: &'a [ServiceLine]) -> Vec<Item<'a>> {
        let batch = self.batch;
        let item = |(place, line): (&Place, &'a ServiceLine)| {
            let index = place.line() as u32;
            Item {
                index,
                line,
                service: batch.service_of(line),
                claim: batch.claim_of(line),
                date: line.service_date.date(),
                billing_date: None,
                is_replacement: false,
                verdict: Verdict::new(Decision::Pay, 0),
                stands: true,
                is_open: true,
            }
        };
        let mut items: Vec<Item<'a>> = places.iter().zip(lines).map(item).collect();
        for item in &mut items {
            item.is_replacement = item.claim.frequency == Frequency::Replacement;
            item.billing_date = self.billing_dates[item.claim.transaction_set as usize];
        }
        items
    }
}
