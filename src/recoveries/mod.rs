//! What a late claim or a void changes for decisions already made: proposals, and nothing more.
//!
//! The timelines that a run changed are looked at as they stood before it and as they stand after
//! it (`look`); a line of an earlier run on which the run changes the answer is proposed, with
//! its amount, the reasons and the claims behind it (`propose`). Nothing is written to the
//! history. ARCHITECTURE.md says what is asked again and what is not.

mod look;
mod proposal;
mod propose;
#[cfg(test)]
mod tests;
mod timeline;
mod totals;

use std::collections::BTreeMap;
use std::{iter, vec};

use chrono::NaiveDate;
use rayon::prelude::*;

pub use proposal::{Kind, Note, Proposal};
pub use totals::{KindTotals, Totals};

use self::look::Looks;
use self::timeline::Timeline;
use crate::history::{History, HistoryError, TimelineWanted};
use crate::policy::{Members, Plans};

/// How many timelines are looked at together: what is held stays small.
const TIMELINES_AT_ONCE: usize = if cfg!(test) { 2 } else { 8192 };

/// How many of them a thread takes at a time.
const TIMELINES_A_PART: usize = 128;

/// What a run that a history holds changes for the decisions of earlier runs, part by part.
#[derive(Debug)]
pub struct SecondLook<'a> {
    plans: &'a Plans,
    members: &'a Members,
    run: i64,
    /// The timelines that are left, in order.
    left: vec::IntoIter<Changed>,
}

/// A timeline that a run changed: plan, newest member key, and since which date of service.
type Changed = (u16, String, Option<NaiveDate>);

impl<'a> SecondLook<'a> {
    /// Finds the timelines that a run changed. Ends the run, if it is still being recorded.
    ///
    /// Timelines of plans that are not among `plans` are left out, as in the run itself.
    ///
    /// # Errors
    ///
    /// A history that cannot be read or written.
    pub fn at(
        history: &mut dyn History,
        run: i64,
        plans: &'a Plans,
        members: &'a Members,
    ) -> Result<Self, HistoryError> {
        history.end_run()?;
        let changed = history.changed_by(run)?;
        let mut merged: BTreeMap<(String, String), Option<NaiveDate>> = BTreeMap::new();
        for timeline in changed {
            let newest = members.newest(&timeline.member).to_owned();
            let from = merged.entry((timeline.plan, newest));
            let from = from.or_insert(timeline.from);
            // `None` comes before every date.
            *from = (*from).min(timeline.from);
        }
        let planned = merged
            .into_iter()
            .filter_map(|((plan, member), from)| Some((plans.index_of(&plan)?, member, from)));
        Ok(Self {
            plans,
            members,
            run,
            left: planned.collect::<Vec<_>>().into_iter(),
        })
    }

    /// The same, looking at every timeline that the run changed, whatever it added.
    #[cfg(test)]
    fn of_whole_timelines(self) -> Self {
        let whole = self.left.map(|(plan, member, _)| (plan, member, None));
        Self {
            left: whole.collect::<Vec<_>>().into_iter(),
            ..self
        }
    }

    /// The proposals of the next timelines, by plan, member, date and arrival; `None` after the last.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    pub fn next_part(
        &mut self,
        history: &mut dyn History,
    ) -> Result<Option<Vec<Proposal>>, HistoryError> {
        let part: Vec<Changed> = self.left.by_ref().take(TIMELINES_AT_ONCE).collect();
        if part.is_empty() {
            return Ok(None);
        }
        let timelines = self.read(history, part)?;
        let proposed: Vec<Vec<Proposal>> = timelines
            .par_chunks(TIMELINES_A_PART)
            .map(|timelines| {
                let looks = Looks::at(timelines, self.plans);
                timelines
                    .iter()
                    .flat_map(|timeline| propose::proposals(timeline, &looks, self.plans))
                    .collect()
            })
            .collect();
        Ok(Some(proposed.into_iter().flatten().collect()))
    }

    /// Reads timelines; those on which no earlier run decided anything are left out.
    fn read(
        &self,
        history: &mut dyn History,
        part: Vec<Changed>,
    ) -> Result<Vec<Timeline>, HistoryError> {
        let mut timelines: Vec<Timeline> = part
            .iter()
            .map(|(plan, member, _)| Timeline::new(self.run, *plan, member.clone()))
            .collect();
        // What is added changes nothing for lines of dates before it: to them it can only be one
        // reason more, and what is paid among them is looked at in date order.
        let wanted: Vec<TimelineWanted<'_>> = part
            .iter()
            .map(|(plan, member, from)| TimelineWanted {
                plan: &self.plans.get(*plan).id,
                members: iter::once(&**member)
                    .chain(self.members.older(member))
                    .collect(),
                dates: from.iter().copied().collect(),
            })
            .collect();
        history.decided(self.run, &wanted, &mut |place, line| {
            timelines[place].lines.push(line);
        })?;
        timelines.retain(Timeline::has_earlier_lines);
        for timeline in &mut timelines {
            timeline.lines.sort_by_key(|line| line.id);
        }
        Ok(timelines)
    }
}
