//! What checking found, and what it costs; what crosses units is checked here.

use super::collector::Collector;
use super::fault;
use crate::claim::as_text;
use crate::guide::{Tag, UnitKind};
use crate::p837::{CheckedUnit, Events, Level, LevelKind, Place};
use crate::validate::{Finding, Problem, Reported};
use crate::x12::element::whole_number;
use crate::x12::{Issue, Severity};

/// The most claims under a level (loop 2300).
const MOST_CLAIMS: u32 = 100;

/// What was seen of the levels of a transaction set.
#[derive(Debug, Default)]
pub(super) struct Hierarchy {
    /// HL01 of the last level, as far as it is a number.
    last_id: u64,
    levels: u64,
    /// The kind of the last level.
    last: Option<LevelKind>,
    /// Claims under the last level.
    claims: u32,
    /// Since the last level, or in it, segments were missing or out of place: how levels are
    /// numbered, and what they lack, may follow from that.
    is_disordered: bool,
    /// Segments of a level came without its HL.
    is_lost: bool,
    /// Such was so of an earlier level.
    had_disorder: bool,
}

impl Collector<'_> {
    /// Whether the guide is checked, and with it the hierarchy.
    pub(super) fn is_checking_guide(&self) -> bool {
        self.options
            .checks
            .is_some_and(|checks| checks.level() >= 2)
    }

    /// What was found in a header, or in the level or claim whose event comes next.
    pub(super) fn checked(&mut self, unit: &CheckedUnit, events: &Events) {
        let range = unit.findings.start as usize..unit.findings.end as usize;
        let findings = &events.findings[range];
        self.tell_units(|units| units.unit(unit.kind, events.text(unit.bytes)));
        let claim = (unit.kind == UnitKind::Claim).then(|| events.text(unit.claim));
        for finding in findings {
            self.report(finding, claim);
        }
        if let Some(set) = &mut self.set {
            let mut structural = findings.iter().filter(|one| one.problem.is_structural());
            let is_level = |one: &Finding| matches!(one.tag.as_str(), "SBR" | "PAT" | "DMG");
            set.hierarchy.is_disordered |= structural.clone().next().is_some();
            set.hierarchy.is_lost |= unit.kind == UnitKind::Claim
                && structural.any(|one| one.excerpt.is_some() && is_level(one));
        }
        match unit.kind {
            UnitKind::Header if !findings.is_empty() => self.refuse_for_header(unit, events),
            UnitKind::Header => {}
            UnitKind::Level | UnitKind::Claim => self.is_next_at_fault = !findings.is_empty(),
        }
    }

    /// The transaction set is refused when it ends: until then its claims are told of too.
    fn refuse_for_header(&mut self, unit: &CheckedUnit, events: &Events) {
        let first = &events.findings[unit.findings.start as usize];
        let place = Place {
            offset_bytes: first.offset_bytes,
            ordinal: first.ordinal,
        };
        self.envelope_fault(fault::HEADER_INVALID, place);
        if let Some(set) = &mut self.set {
            set.has_invalid_header = true;
        }
    }

    /// Tells of a finding, unless all around it is refused already. Every finding comes
    /// through here, in the order of the input; those of a claim before its fate is known.
    pub(super) fn report(&mut self, finding: &Finding, claim: Option<&[u8]>) {
        if self.is_refused() {
            return;
        }
        let issue = self.issue_at(Place {
            offset_bytes: finding.offset_bytes,
            ordinal: finding.ordinal,
        });
        let reported = Reported {
            finding,
            position: issue.segment_in_transaction,
            claim,
        };
        if let Some(units) = self.units.as_deref_mut() {
            units.finding(&reported);
        }
        self.push_issue(issue_of(&reported, issue));
    }

    /// Checks a level among the others; whether anything was found in it.
    pub(super) fn check_level(&mut self, level: &Level, events: &Events, place: Place) -> bool {
        let mut is_at_fault = std::mem::take(&mut self.is_next_at_fault);
        if !self.is_checking_guide() || self.set.is_none() {
            return is_at_fault;
        }
        self.check_end_of_level(Some(level.kind), place);
        let Some(set) = &mut self.set else {
            return is_at_fault;
        };
        let id = whole_number(events.text(level.id)).ok().map(|(_, id)| id);
        let expected = set.hierarchy.last_id.saturating_add(1);
        let is_explained = set.hierarchy.is_disordered;
        let had_disorder = set.hierarchy.had_disorder || is_explained;
        set.hierarchy = Hierarchy {
            last_id: id.unwrap_or(expected),
            levels: set.hierarchy.levels + 1,
            last: Some(level.kind),
            claims: 0,
            // Its own findings were told before it.
            is_disordered: is_at_fault && is_explained,
            is_lost: false,
            had_disorder,
        };
        let loop_id = loop_of(level.kind);
        if id != Some(expected) && !is_explained {
            let message = "HL01 counts the levels of the transaction set, from 1";
            self.report(
                &of_level(Problem::LevelNumber, 1, "628", loop_id, place, message),
                None,
            );
            is_at_fault = true;
        }
        if self.levels.is_under_open(level, events) {
            return is_at_fault;
        }
        if had_disorder && !self.levels.has_parent(level, events) {
            // The parent may be what is missing.
            self.fault(fault::HL_ORPHAN, place);
            return true;
        }
        let message = "HL02 is HL01 of the level that it stands under: the last billing provider for a subscriber, the last subscriber for a patient";
        let finding = of_level(Problem::LevelParent, 2, "734", loop_id, place, message);
        self.report(&finding, None);
        true
    }

    /// The transaction set ends: checks what its levels lack.
    pub(super) fn end_hierarchy(&mut self, place: Place) {
        if !self.is_checking_guide() {
            return;
        }
        let Some(set) = &self.set else { return };
        if set.hierarchy.levels == 0 {
            let message =
                "loop 2000A is missing: it is required, begins with HL (20), and should stand here";
            self.report(&lacking("2000A", *b"HL\0", place, message), None);
        } else {
            self.check_end_of_level(None, place);
        }
    }

    /// A level ends where another one begins, or none: checks what must stand under it.
    fn check_end_of_level(&mut self, next: Option<LevelKind>, place: Place) {
        let Some(hierarchy) = self.set.as_ref().map(|set| &set.hierarchy) else {
            return;
        };
        let finding = match (hierarchy.last, next) {
            _ if hierarchy.is_disordered => return,
            (Some(LevelKind::BillingProvider), None | Some(LevelKind::BillingProvider)) => lacking(
                "2000B",
                *b"HL\0",
                place,
                "loop 2000B is missing: under a billing provider it is required, begins with HL (22), and should stand here",
            ),
            (Some(LevelKind::Patient), _) if hierarchy.claims == 0 => lacking(
                "2300",
                *b"CLM",
                place,
                "loop 2300 is missing: under a patient it is required, begins with CLM, and should stand here",
            ),
            _ => return,
        };
        self.report(&finding, None);
    }

    /// Checks a claim among the others; whether anything was found in it.
    pub(super) fn check_claim(&mut self, place: Place) -> bool {
        let is_at_fault = std::mem::take(&mut self.is_next_at_fault);
        if !self.is_checking_guide() {
            return is_at_fault;
        }
        let Some(set) = &mut self.set else {
            return is_at_fault;
        };
        set.hierarchy.claims = set.hierarchy.claims.saturating_add(1);
        // The claim with which the level is lost is told of already.
        if set.hierarchy.is_lost && !is_at_fault {
            self.envelope_fault(fault::CLAIM_LOST_LEVEL, place);
            return true;
        }
        if set.hierarchy.claims <= MOST_CLAIMS {
            return is_at_fault;
        }
        let message = "loop 2300 stands under this level more often than the 100 that may be";
        let finding = Finding {
            problem: Problem::ClaimsTooMany,
            ..lacking("2300", *b"CLM", place, message)
        };
        self.report(&finding, None);
        true
    }
}

fn loop_of(kind: LevelKind) -> Option<&'static str> {
    match kind {
        LevelKind::BillingProvider => Some("2000A"),
        LevelKind::Subscriber => Some("2000B"),
        LevelKind::Patient => Some("2000C"),
        LevelKind::Other => None,
    }
}

/// A finding about an element of an HL.
fn of_level(
    problem: Problem,
    element: u8,
    data_element: &'static str,
    loop_id: Option<&'static str>,
    place: Place,
    message: &str,
) -> Finding {
    Finding {
        loop_id,
        element: Some(element),
        data_element: Some(data_element),
        problem,
        ..lacking("", *b"HL\0", place, message)
    }
}

/// A finding about a loop that should begin at a place.
fn lacking(loop_id: &'static str, tag: [u8; 3], place: Place, message: &str) -> Finding {
    Finding {
        offset_bytes: place.offset_bytes,
        ordinal: place.ordinal,
        loop_id: Some(loop_id),
        tag: Tag::new(tag),
        qualifier: None,
        element: None,
        component: None,
        repetition: None,
        data_element: None,
        problem: Problem::LoopMissing,
        level: 2,
        message: message.into(),
        excerpt: None,
    }
}

/// A finding in the words of the errors.
fn issue_of(reported: &Reported<'_>, place: Issue) -> Issue {
    let finding = reported.finding;
    let segment = finding.tag.as_str();
    Issue {
        loop_id: finding.loop_id,
        // What no guide has as an id may be a value that stands where none should.
        segment: (!segment.is_empty() && finding.problem != Problem::SegmentUnknown)
            .then(|| as_text(segment.as_bytes()).into()),
        element: finding.element,
        component: finding.component,
        repetition: finding.repetition,
        code: finding.problem.code(),
        acknowledgement: finding.problem.acknowledgement_words(),
        level: finding.level,
        severity: Severity::Error,
        message: finding.message.clone(),
        excerpt: finding.excerpt.clone(),
        ..place
    }
}
