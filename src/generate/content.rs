//! What a claim bills: its lines, diagnoses and place.

use super::codes::{
    DRY_NEEDLING, GUIDANCE, GUIDED, INJECTIONS, LISTED, NURSE_VISIT, OFFICE_VISITS, OTHERS,
    Procedure, UNLISTED, USUAL,
};
use super::courses::Session;
use super::providers::Provider;
use super::random::{Draws, key};

/// The most lines of a claim.
pub(super) const MOST_LINES: usize = 6;

/// The mean number of lines of a claim without an injection, in thousandths.
pub(super) const LINES: u64 = 2490;

/// The mean number of lines of a claim with one.
pub(super) const SESSION_LINES: u64 = 2690;

/// Of those, injections and guidance.
pub(super) const SESSION_INJECTED: u64 = 1280;

/// How many of a hundred claims have so many lines.
const LINES_OF_HUNDRED: [u32; MOST_LINES] = [25, 33, 22, 11, 6, 3];

/// What a line is, as far as answers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Injection,
    Guidance,
    OfficeVisit,
    Other,
}

/// A service line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) kind: LineKind,
    pub(super) procedure: Procedure,
    /// SV101-3, with the separator before it; empty where there is none.
    pub(super) modifier: &'static [u8],
    pub(super) units: u32,
    /// SV107.
    pub(super) pointers: &'static [u8],
}

/// What a claim bills.
#[derive(Debug, Clone)]
pub(super) struct Content {
    /// The member's number.
    pub(super) member: u64,
    /// The weekday of the services.
    pub(super) weekday: u32,
    lines: [Line; MOST_LINES],
    count: usize,
    diagnoses: [&'static [u8]; 4],
    diagnosis_count: usize,
    /// Whether the services were in a hospital's outpatient rooms, not in an office.
    pub(super) is_hospital: bool,
    /// Which of the provider's people rendered them.
    pub(super) rendering: u32,
    /// The weekday of the onset (DTP*431), where it is given.
    pub(super) onset: Option<u32>,
    /// Digits of a prior authorization (REF*G1), where there is one.
    pub(super) authorization: Option<u32>,
    /// Whether somebody referred the patient (2310A); who it is follows from this.
    pub(super) referring: Option<u64>,
}

impl Content {
    fn new(member: u64, weekday: u32) -> Self {
        let line = Line {
            kind: LineKind::Other,
            procedure: GUIDANCE,
            modifier: b"",
            units: 1,
            pointers: b"1",
        };
        Self {
            member,
            weekday,
            lines: [line; MOST_LINES],
            count: 0,
            diagnoses: [b""; 4],
            diagnosis_count: 0,
            is_hospital: false,
            rendering: 0,
            onset: None,
            authorization: None,
            referring: None,
        }
    }

    /// Fills in what goes with any visit.
    fn attend(&mut self, provider: &Provider, draws: &mut Draws) {
        self.is_hospital = draws.percent(8);
        self.rendering = draws.below(provider.rendering_count());
        if draws.percent(40) {
            self.onset = Some(self.weekday - draws.below(20).min(self.weekday));
        }
        if draws.percent(15) {
            self.authorization = Some(draws.below(u32::MAX));
        }
        if draws.percent(40) {
            self.referring = Some(draws.below_many(1 << 20));
        }
    }

    /// What a session's claim bills.
    pub(super) fn of_session(session: &Session, provider: &Provider) -> Self {
        let mut content = Self::new(session.member, session.weekday);
        let mut course = Draws::new(key(session.course, 1));
        let mut draws = Draws::new(session.key);
        content.attend(provider, &mut course);
        let is_guided = course.percent(30);
        content.diagnose(course.one_of(&LISTED));
        if draws.percent(5) {
            // The line points at a diagnosis that is no ground for an injection.
            content.diagnoses[0] = course.one_of(&UNLISTED);
        }
        content.diagnose_more(&mut course);
        let units = if draws.percent(4) {
            2 + draws.below(2)
        } else {
            1
        };
        let first = usize::from(course.percent(40) != draws.percent(15));
        content.bill(LineKind::Injection, INJECTIONS[first], b"", units);
        let lines = line_count(&mut draws);
        if draws.percent(35) {
            let modifier: &[u8] = if draws.percent(70) { b":25" } else { b"" };
            content.bill(
                LineKind::OfficeVisit,
                draws.one_of(&OFFICE_VISITS),
                modifier,
                1,
            );
        }
        if is_guided && draws.percent(80) {
            content.bill(LineKind::Guidance, GUIDANCE, b"", 1);
            if draws.percent(6) {
                content.bill(LineKind::Other, GUIDED, b"", 1);
            }
        }
        if draws.percent(4) {
            content.bill(LineKind::Injection, INJECTIONS[1 - first], b":59", 1);
        }
        content.fill(lines, &mut draws);
        content
    }

    /// What any other claim bills.
    pub(super) fn of_visit(
        member: u64,
        weekday: u32,
        provider: &Provider,
        draws: &mut Draws,
    ) -> Self {
        let mut content = Self::new(member, weekday);
        content.attend(provider, draws);
        content.diagnose(draws.one_of(&USUAL));
        content.diagnose_more(draws);
        let lines = line_count(draws);
        let modifier: &[u8] = if lines > 1 && draws.percent(20) {
            b":25"
        } else {
            b""
        };
        content.bill(
            LineKind::OfficeVisit,
            draws.one_of(&OFFICE_VISITS),
            modifier,
            1,
        );
        if lines > 1 && draws.percent(6) {
            // A second visit of the day, to a nurse.
            content.bill(LineKind::OfficeVisit, NURSE_VISIT, b"", 1);
        }
        if content.count < lines && draws.percent(1) {
            content.bill(LineKind::Other, draws.one_of(&DRY_NEEDLING), b"", 1);
        }
        content.fill(lines, draws);
        content
    }

    /// One injection and nothing else.
    pub(super) fn of_injection(
        member: u64,
        weekday: u32,
        provider: &Provider,
        draws: &mut Draws,
    ) -> Self {
        let mut content = Self::new(member, weekday);
        content.attend(provider, draws);
        content.diagnose(draws.one_of(&LISTED));
        content.bill(LineKind::Injection, draws.one_of(&INJECTIONS), b"", 1);
        content
    }

    /// The lines.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines[..self.count]
    }

    /// The lines, to be changed.
    pub(super) fn lines_mut(&mut self) -> &mut [Line] {
        &mut self.lines[..self.count]
    }

    /// The diagnoses, the principal one first.
    pub(super) fn diagnoses(&self) -> &[&'static [u8]] {
        &self.diagnoses[..self.diagnosis_count]
    }

    fn bill(&mut self, kind: LineKind, procedure: Procedure, modifier: &'static [u8], units: u32) {
        self.lines[self.count] = Line {
            kind,
            procedure,
            modifier,
            units,
            pointers: b"1",
        };
        self.count += 1;
    }

    /// Bills other services until there are so many lines.
    fn fill(&mut self, lines: usize, draws: &mut Draws) {
        let count = OTHERS.len() as u32;
        let (mut other, step) = (draws.below(count), 1 + draws.below(count - 1));
        while self.count < lines {
            self.bill(LineKind::Other, OTHERS[other as usize], b"", 1);
            if self.diagnosis_count > 1 {
                self.lines[self.count - 1].pointers = b"2:1";
            }
            other = (other + step) % count;
        }
    }

    /// Adds a diagnosis, if it is not among them.
    fn diagnose(&mut self, code: &'static [u8]) {
        if self.diagnosis_count < self.diagnoses.len() && !self.diagnoses().contains(&code) {
            self.diagnoses[self.diagnosis_count] = code;
            self.diagnosis_count += 1;
        }
    }

    fn diagnose_more(&mut self, draws: &mut Draws) {
        for _ in 0..draws.below(4) {
            self.diagnose(draws.one_of(&USUAL));
        }
    }
}

/// How many lines a claim has.
fn line_count(draws: &mut Draws) -> usize {
    let mut of_hundred = draws.below(100);
    for (lines, count) in (1..).zip(LINES_OF_HUNDRED) {
        if of_hundred < count {
            return lines;
        }
        of_hundred -= count;
    }
    MOST_LINES
}
