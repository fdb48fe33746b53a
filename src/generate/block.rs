//! The claims that a billing provider bills in a row: sessions, other claims, and what follows
//! earlier sessions.

use std::io;

use super::bill::Original;
use super::content::Content;
use super::courses::{Practice, Session};
use super::dirt::{Dirt, Dirtying};
use super::providers::Provider;
use super::random::{Draws, key};
use super::stream::{Coming, Stream};
use super::{Files, Generator};

/// How many weekdays a late claim without a session is late at least.
const LATE_BY: u32 = 10;

/// A provider's claims of one slice.
pub(super) struct Block<'g> {
    generator: &'g Generator,
    provider: Provider,
    practice: Practice,
    slice: u32,
    /// How many claims providers in front of this one bill in each slice.
    before: u64,
    /// How many claims it bills.
    quota: u64,
}

/// What follows a session's claim.
#[derive(Debug, Clone, Copy)]
struct Following {
    session: Session,
    dirt: Dirt,
    /// The slice and position of the claim that it follows.
    original: (u32, u64),
}

/// A claim without a session.
#[derive(Debug, Clone, Copy)]
struct Visit {
    member: u64,
    weekday: u32,
    position: u64,
    /// How many claims the provider can bill from that position on.
    room: u64,
}

/// Lists that are filled for each block anew.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    sessions: Vec<Session>,
    earlier: Vec<Session>,
    following: Vec<Following>,
    /// A session of the provider before, whose member the next one injects on the same day.
    elsewhere: Option<Session>,
}

impl Scratch {
    /// Forgets what a provider of another slice did.
    pub(super) fn begin_slice(&mut self) {
        self.elsewhere = None;
    }
}

impl<'g> Block<'g> {
    pub(super) fn new(
        generator: &'g Generator,
        provider: Provider,
        practice: Practice,
        slice: u32,
        before: u64,
    ) -> Self {
        let mut block = Self {
            generator,
            provider,
            practice,
            slice,
            before,
            quota: 0,
        };
        block.quota = block.quota_in(slice);
        block
    }

    /// How many claims the provider bills in a slice.
    fn quota_in(&self, slice: u32) -> u64 {
        let claims = self.generator.layout.claims_of(slice);
        let left = (claims.end - claims.start).saturating_sub(self.before);
        left.min(u64::from(self.practice.size))
    }

    /// The position of the first claim that the provider bills in a slice.
    fn first_in(&self, slice: u32) -> u64 {
        self.generator.layout.claims_of(slice).start + self.before
    }

    /// Writes its claims.
    pub(super) fn write<F: Files>(
        &self,
        stream: &mut Stream<'_, F>,
        scratch: &mut Scratch,
    ) -> io::Result<()> {
        self.find_sessions(self.slice, &mut scratch.sessions);
        self.find_following(scratch);
        let mut position = self.first_in(self.slice);
        let end = position + self.quota;
        for session in &scratch.sessions {
            if position < end && self.is_on_time(session) {
                let content = Content::of_session(session, &self.provider);
                stream.claim(&self.provider, self.coming(position, &content))?;
                position += 1;
            }
        }
        if let Some(session) = scratch.elsewhere.take().filter(|_| position < end) {
            let content = Content::of_session(&session, &self.provider);
            stream.claim(&self.provider, self.coming(position, &content))?;
            position += 1;
        }
        let sessions = scratch.sessions.iter();
        scratch.elsewhere = sessions.copied().find(Session::is_repeated_elsewhere);
        let following = scratch.following.len() as u64;
        let others_end = end.saturating_sub(following).max(position);
        position = self.write_others(position, others_end, stream)?;
        for following in scratch.following.iter().take((end - position) as usize) {
            self.write_following(following, position, stream)?;
            position += 1;
        }
        Ok(())
    }

    fn coming<'a>(&self, position: u64, content: &'a Content) -> Coming<'a> {
        Coming {
            slice: self.slice,
            position,
            content,
            frequency: b'1',
            original: None,
            dirt: None,
        }
    }

    fn find_sessions(&self, slice: u32, found: &mut Vec<Session>) {
        found.clear();
        let generator = self.generator;
        let weekdays = generator.layout.weekdays_of(slice);
        (generator.courses).sessions(&self.practice, generator.members, weekdays, found);
    }

    fn is_on_time(&self, session: &Session) -> bool {
        let fate = self.generator.dirtying.fate(session);
        !matches!(fate, Some((Dirt::Late, _)))
    }

    /// Finds what follows, in this slice, the sessions of this and earlier slices.
    fn find_following(&self, scratch: &mut Scratch) {
        scratch.following.clear();
        let dirtying = &self.generator.dirtying;
        for &delay in dirtying.delays() {
            let Some(slice) = self.slice.checked_sub(delay) else {
                continue;
            };
            let mut position = self.first_in(slice);
            let end = position + self.quota_in(slice);
            self.find_sessions(slice, &mut scratch.earlier);
            for session in &scratch.earlier {
                let fate = dirtying.fate(session);
                let is_late = matches!(fate, Some((Dirt::Late, _)));
                // Nothing follows a claim that found no room.
                if let Some((dirt, after)) = fate
                    && after == delay
                    && (is_late || position < end)
                {
                    scratch.following.push(Following {
                        session: *session,
                        dirt,
                        original: (slice, position),
                    });
                }
                position += u64::from(!is_late);
            }
        }
    }

    fn write_following<F: Files>(
        &self,
        following: &Following,
        position: u64,
        stream: &mut Stream<'_, F>,
    ) -> io::Result<()> {
        let mut content = Content::of_session(&following.session, &self.provider);
        let (slice, original) = following.original;
        let number = self.generator.claim_control_number(slice, original);
        let (frequency, original) = match following.dirt {
            Dirt::Void => (b'8', Some(Original::Position(original))),
            Dirt::VoidByClaimControlNumber => {
                (b'8', Some(Original::ClaimControlNumber(number.as_str())))
            }
            Dirt::Replacement => (b'7', Some(Original::Position(original))),
            Dirt::ReplacementByClaimControlNumber => {
                (b'7', Some(Original::ClaimControlNumber(number.as_str())))
            }
            _ => (b'1', None),
        };
        if frequency == b'7' {
            for line in content.lines_mut() {
                line.units = 1;
            }
        }
        let coming = Coming {
            frequency,
            original,
            dirt: Some(following.dirt),
            ..self.coming(position, &content)
        };
        stream.claim(&self.provider, coming)
    }

    /// Writes the claims from `position` to before `end`, which are without sessions.
    fn write_others<F: Files>(
        &self,
        mut position: u64,
        end: u64,
        stream: &mut Stream<'_, F>,
    ) -> io::Result<u64> {
        let generator = self.generator;
        let weekdays = generator.layout.weekdays_of(self.slice);
        while position < end {
            let mut draws = Draws::new(key(generator.visits, position));
            let member = self.practice.member(&mut draws);
            let weekday = weekdays.start + draws.below(weekdays.end - weekdays.start);
            if generator.dirtying.happens(&mut draws) {
                let dirt = Dirtying::turn(stream.turns);
                stream.turns += 1;
                let visit = Visit {
                    member,
                    weekday,
                    position,
                    room: end - position,
                };
                position += self.write_dirt(dirt, visit, &mut draws, stream)?;
                continue;
            }
            let content = Content::of_visit(member, weekday, &self.provider, &mut draws);
            stream.claim(&self.provider, self.coming(position, &content))?;
            position += 1;
        }
        Ok(position)
    }

    /// Writes a claim without a session that something is wrong with, and before a duplicate
    /// the claim that it repeats. Returns how many.
    fn write_dirt<F: Files>(
        &self,
        dirt: Dirt,
        visit: Visit,
        draws: &mut Draws,
        stream: &mut Stream<'_, F>,
    ) -> io::Result<u64> {
        let provider = &self.provider;
        let (member, weekday) = (visit.member, visit.weekday);
        let first = self.generator.layout.weekdays_of(self.slice).start;
        let content = match dirt {
            Dirt::Late if first >= LATE_BY => {
                let weekday = draws.below(first - LATE_BY + 1);
                Content::of_visit(member, weekday, provider, draws)
            }
            Dirt::Late | Dirt::Duplicate => Content::of_visit(member, weekday, provider, draws),
            Dirt::AfterBilling => {
                let weekday = self.generator.weekday_after_billing(self.slice);
                Content::of_injection(member, weekday, provider, draws)
            }
            _ => Content::of_injection(member, weekday, provider, draws),
        };
        let coming = self.coming(visit.position, &content);
        let frequency = match dirt {
            Dirt::VoidWithoutOriginal => b'8',
            Dirt::ReplacementWithoutOriginal => b'7',
            _ => b'1',
        };
        let dirty = Coming {
            frequency,
            original: (frequency != b'1').then_some(Original::Nowhere),
            dirt: Some(dirt),
            ..coming
        };
        match dirt {
            Dirt::Duplicate if visit.room > 1 => {
                stream.claim(provider, coming)?;
                let position = visit.position + 1;
                stream.claim(provider, Coming { position, ..dirty })?;
                return Ok(2);
            }
            // There is no room for what would be repeated, or nothing that it is later than.
            Dirt::Duplicate => stream.claim(provider, coming)?,
            Dirt::Late if first < LATE_BY => stream.claim(provider, coming)?,
            _ => stream.claim(provider, dirty)?,
        }
        Ok(1)
    }
}
