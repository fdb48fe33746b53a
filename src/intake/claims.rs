//! Levels and claims: who a claim belongs to, and whether it can be read.

use super::HeardClaim;
use super::collector::Collector;
use super::fault::{self, EnvelopeFault};
use super::levels::Homeless;
use super::overflow::Mark;
use super::tally::{ClaimCount, ClaimFate};
use crate::p837::{Claim, Events, Level, Place, Totals};

/// The claim that was read last, to be taken back if the data end behind it.
pub(super) struct LastClaim {
    mark: Mark,
    place: Place,
    totals: Totals,
    fate: Fate,
}

/// [`ClaimFate`], kept.
#[derive(Clone)]
enum Fate {
    Rejected,
    Taken(u16),
    Unrouted(Box<[u8]>),
}

impl Fate {
    fn as_claim_fate(&self) -> ClaimFate<'_> {
        match self {
            Self::Rejected => ClaimFate::Rejected,
            Self::Taken(plan) => ClaimFate::Taken(*plan),
            Self::Unrouted(payer_id) => ClaimFate::Unrouted { payer_id },
        }
    }
}

impl Collector<'_> {
    pub(super) fn level(&mut self, level: &Level, events: &Events, place: Place) {
        let is_at_fault = self.check_level(level, events, place);
        if self.units.is_some() {
            let is_under_open = self.levels.is_under_open(level, events);
            self.tell_units(|units| units.level(level.kind, is_under_open));
        }
        let is_placed = (self.levels).add(level, events, self.options.plans, is_at_fault);
        if !is_placed && !self.is_checking_guide() {
            self.fault(fault::HL_ORPHAN, place);
        }
    }

    /// A claim of which nothing is kept: it is counted.
    pub(super) fn passing_claim(&mut self, totals: Totals, place: Place) {
        self.next_ordinal();
        let is_at_fault = self.check_claim(place);
        let fate = self.fate(totals, is_at_fault, place);
        self.count(totals, &fate, place);
    }

    /// A claim that may matter.
    pub(super) fn claim(&mut self, claim: &Claim, events: &Events, place: Place) {
        let ordinal = self.next_ordinal();
        let is_at_fault = self.check_claim(place);
        let fate = self.fate(claim.totals, is_at_fault, place);
        self.count(claim.totals, &fate, place);
        let is_rejected = matches!(fate, Fate::Rejected);
        let (Some(set), Some(group), Some(interchange)) =
            (&mut self.set, &self.group, &self.interchange)
        else {
            return;
        };
        if is_rejected || set.container.is_refused || group.container.is_refused {
            return;
        }
        let Ok(context) = self.levels.context() else {
            return;
        };
        let source = super::keeper::Source {
            file: &self.file.name,
            input: self.file.input,
            first_segment: set.first_segment,
            interchange,
            group,
            is_encounter: set.is_encounter,
            control_number: &set.container.control_number,
            index: &mut set.index,
            ordinal,
            offset_bytes: place.offset_bytes,
        };
        let batch = &mut self.intake.batch;
        if self.keeper.keep(batch, claim, events, &context, source) {
            self.tell_units(|units| units.claim_kept());
        }
    }

    /// The claim's place among the CLM of its transaction set.
    fn next_ordinal(&mut self) -> u32 {
        self.set.as_mut().map_or(0, |set| {
            set.claims += 1;
            set.claims
        })
    }

    fn fate(&mut self, totals: Totals, is_at_fault: bool, place: Place) -> Fate {
        if self.set.is_none() {
            return self.reject(fault::CLAIM_OUTSIDE_SET, place);
        }
        if totals.is_unreadable || is_at_fault {
            // What is wrong with it was said when it was found.
            return Fate::Rejected;
        }
        match self.levels.context().map(|context| match context.plan() {
            Some(plan) => Fate::Taken(plan),
            None => Fate::Unrouted(context.payer_id().into()),
        }) {
            Ok(fate) => fate,
            Err(Homeless::Outside) => self.reject(fault::CLAIM_OUTSIDE_LEVEL, place),
            Err(Homeless::Invalid) => self.reject(fault::CLAIM_INVALID_LEVEL, place),
            Err(Homeless::Unsound) => self.reject(fault::CLAIM_UNSOUND_LEVEL, place),
        }
    }

    fn reject(&mut self, fault: EnvelopeFault, place: Place) -> Fate {
        self.envelope_fault(fault, place);
        Fate::Rejected
    }

    fn count(&mut self, totals: Totals, fate: &Fate, place: Place) {
        let mark = self.mark();
        let claim = HeardClaim {
            ordinal: self.set.as_ref().map_or(0, |set| set.claims),
            totals,
            is_rejected: matches!(fate, Fate::Rejected),
        };
        self.tell_units(|units| units.claim(claim));
        self.open().claim(claim_count(totals, fate));
        if let Some(set) = &mut self.set {
            set.last_claim = Some(LastClaim {
                mark,
                place,
                totals,
                fate: fate.clone(),
            });
        }
    }

    /// The data end inside a transaction set: its last claim may not be whole.
    pub(super) fn reject_cut_claim(&mut self) {
        let Some(last) = self.set.as_mut().and_then(|set| set.last_claim.take()) else {
            return;
        };
        if matches!(last.fate, Fate::Rejected) {
            return;
        }
        self.envelope_fault(fault::CLAIM_CUT, last.place);
        self.tell_units(|units| units.reject_last_claim());
        self.truncate(last.mark);
        self.open()
            .reject_claim(claim_count(last.totals, &last.fate));
    }
}

fn claim_count<'a>(totals: Totals, fate: &'a Fate) -> ClaimCount<'a> {
    ClaimCount {
        lines: totals.lines,
        charge: totals.charge,
        line_charges: totals.line_charges,
        fate: fate.as_claim_fate(),
    }
}
