//! A level as its segments come: loops 2000A, 2000B or 2000C, and the names under them.

use super::event::{Level, LevelKind, Text};
use super::segment_id::SegmentId;
use super::segments;
use crate::x12::{Delimiters, Rest};

/// Where in a level the segments stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LevelLoop {
    /// 2000A, 2000B or 2000C.
    Hierarchy,
    /// 2010AA.
    BillingProvider,
    /// 2010BA.
    Subscriber,
    /// 2010BB.
    Payer,
    /// 2010CA.
    Patient,
    /// A name that nobody asks for.
    Other,
}

impl LevelLoop {
    /// The loop that an NM1 opens in a level of that kind.
    fn opened(kind: LevelKind, nm1: &Rest<'_>, separator: u8) -> Self {
        let is = |entity| nm1.is_qualified(entity, separator);
        match kind {
            LevelKind::BillingProvider if is(b"85") => Self::BillingProvider,
            LevelKind::Subscriber if is(b"IL") => Self::Subscriber,
            LevelKind::Subscriber if is(b"PR") => Self::Payer,
            LevelKind::Patient if is(b"QC") => Self::Patient,
            _ => Self::Other,
        }
    }
}

impl Level {
    /// Takes from a segment of the level what is asked for, `text` keeping it. Gives the loop
    /// in which the next segment stands.
    #[inline]
    pub(super) fn read(
        &mut self,
        at: LevelLoop,
        id: SegmentId,
        rest: &Rest<'_>,
        delimiters: Delimiters,
        mut text: impl FnMut(&[u8]) -> Text,
    ) -> LevelLoop {
        let mut first = |place: &mut Text, part: &[u8]| {
            if place.is_empty() {
                *place = text(part);
            }
        };
        let is = |qualifier| rest.is_qualified(qualifier, delimiters.element);
        match (id, at) {
            (SegmentId::Nm1, _) => {
                let at = LevelLoop::opened(self.kind, rest, delimiters.element);
                let identifier = || segments::nm1_identifier(rest, delimiters);
                let first_name = || segments::nm1_first_name(rest, delimiters);
                match at {
                    LevelLoop::BillingProvider => first(&mut self.billing_npi, identifier()),
                    LevelLoop::Subscriber => first(&mut self.subscriber_id, identifier()),
                    LevelLoop::Payer => first(&mut self.payer_id, identifier()),
                    LevelLoop::Patient => first(&mut self.first_name, first_name()),
                    LevelLoop::Hierarchy | LevelLoop::Other => {}
                }
                return at;
            }
            (SegmentId::Ref, LevelLoop::BillingProvider) if is(b"EI") || is(b"SY") => {
                let reference = segments::reference(rest, delimiters);
                first(&mut self.billing_tax_id, reference.value);
            }
            (SegmentId::Ref, LevelLoop::Payer) if is(b"G2") => {
                let reference = segments::reference(rest, delimiters);
                first(&mut self.billing_secondary_id, reference.value);
            }
            (SegmentId::Sbr, LevelLoop::Hierarchy) if self.kind == LevelKind::Subscriber => {
                let sbr = segments::sbr(rest, delimiters);
                first(&mut self.responsibility, sbr.responsibility);
                first(&mut self.group_number, sbr.group_number);
            }
            (SegmentId::Dmg, LevelLoop::Patient) => {
                let dmg = segments::dmg(rest, delimiters);
                first(&mut self.birth_date, dmg.birth_date);
                first(&mut self.sex, dmg.sex);
            }
            (SegmentId::Hl, _) => {
                let hl = segments::hl(rest, delimiters);
                self.kind = LevelKind::of(hl.level);
                first(&mut self.id, hl.id);
                first(&mut self.parent, hl.parent);
            }
            _ => {}
        }
        at
    }
}

impl LevelKind {
    /// That of an HL03.
    fn of(code: &[u8]) -> Self {
        match code {
            b"20" => Self::BillingProvider,
            b"22" => Self::Subscriber,
            b"23" => Self::Patient,
            _ => Self::Other,
        }
    }
}
