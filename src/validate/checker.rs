//! Checking units, segment by segment.

use super::checks::{Checks, Keeping, Listed};
use super::elements;
use super::finding::{Finding, Problem};
use super::report::{At, Gap, Report};
use super::situations::Situations;
use super::split::Splitter;
use super::walk::Walker;
use super::words;
use crate::guide::{Known, Tag, UnitKind, packed};
use crate::x12::Segment;

/// The most findings that are told of a unit: however large it is, it takes no more memory.
const MOST_FINDINGS: usize = 1000;

/// What was found in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Whose findings they are.
    pub kind: UnitKind,
    /// How many there are.
    pub findings: usize,
}

/// What a segment is, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The id, if it can be one.
    pub tag: Option<Tag>,
    /// The same, if the guide has it.
    known: Option<Known>,
    /// The kind of unit that it begins, if it begins one.
    pub begins: Option<UnitKind>,
}

/// Checks one unit after the other.
#[derive(Debug, Clone)]
pub struct Checker<'c> {
    checks: &'c Checks,
    walker: Walker,
    situations: Situations,
    splitter: Splitter,
    open: Option<UnitKind>,
    findings: Vec<Finding>,
    /// Where the next segment of the unit should stand.
    next: Gap,
    /// CLM01 of the claim that is open.
    claim: Vec<u8>,
    bytes: Vec<u8>,
}

impl<'c> Checker<'c> {
    /// A checker outside any unit.
    #[must_use]
    pub fn new(checks: &'c Checks) -> Self {
        Self {
            checks,
            walker: Walker::default(),
            situations: Situations::default(),
            splitter: Splitter::default(),
            open: None,
            findings: Vec::new(),
            next: Gap::default(),
            claim: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// The unit that is open.
    #[must_use]
    pub fn open(&self) -> Option<UnitKind> {
        self.open
    }

    /// The level that is checked.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.checks.level
    }

    /// Forgets the unit that is open.
    pub fn abandon(&mut self) {
        self.open = None;
        self.findings.clear();
        self.bytes.clear();
        self.walker.abandon();
    }

    /// What a segment is, by its id.
    #[inline]
    #[must_use]
    pub fn identify(&self, bytes: &[u8], separator: u8) -> Identity {
        let guide = self.checks.guide;
        let (tag, known) = guide.identify(bytes, separator);
        Identity {
            tag,
            known,
            begins: known.and_then(|known| guide.begins(known)),
        }
    }

    /// Takes a segment, `bytes` without line breaks: it begins a unit (the one before must
    /// have been finished), or stands in the one that is open.
    #[inline]
    pub fn segment(&mut self, identity: Identity, bytes: &[u8], segment: &Segment<'_>) {
        if identity.begins.is_some() {
            self.abandon();
            self.open = identity.begins;
        } else if self.open.is_none() {
            return;
        }
        match &self.checks.keeping {
            Keeping::Nothing => {}
            Keeping::Listed(by_id) => {
                let listed = identity.known.map(|known| &by_id[known.index()]);
                if self.is_kept(listed, identity, bytes, segment) {
                    self.bytes.extend_from_slice(bytes);
                    self.bytes.push(segment.delimiters.segment);
                }
            }
            Keeping::Everything => self.keep_bytes(segment),
        }
        self.next = Gap {
            offset_bytes: segment.offset_bytes + segment.bytes.len() as u64 + 1,
            ordinal: segment.ordinal + 1,
        };
        if identity.begins == Some(UnitKind::Claim) {
            self.claim.clear();
            self.claim.extend_from_slice(first_element(bytes, segment));
        }
        // At level 0 units are kept and nothing is looked for in them.
        if self.checks.level > 0 && self.findings.len() < MOST_FINDINGS {
            self.check(identity, bytes, segment);
        }
    }

    /// Checks a segment of the open unit.
    #[inline]
    fn check(&mut self, identity: Identity, bytes: &[u8], segment: &Segment<'_>) {
        // Of a wrapped segment the bytes at hand are not those that are looked at.
        let ahead = match segment.may_be_wrapped {
            true => bytes,
            false => segment.ahead,
        };
        let elements = self.splitter.split(bytes, ahead, segment.delimiters);
        let mut report = Report {
            checks: self.checks,
            before: self.findings.len(),
            findings: &mut self.findings,
            elements,
            tag: identity.tag.unwrap_or_default(),
            id: identity.known,
            place: Gap {
                offset_bytes: segment.offset_bytes,
                ordinal: segment.ordinal,
            },
        };
        let index = match identity.begins {
            Some(kind) => begin(&mut self.walker, &mut report, kind),
            None => self.walker.step(&mut report),
        };
        if let Some(index) = index {
            let guide = self.checks.guide;
            if !self.checks.glances.is_right(guide, index, elements) {
                elements::check(&mut report, &guide.segments[usize::from(index)]);
            }
            if self.checks.level >= 3 {
                self.situations.segment(index, &mut report);
            }
        }
    }

    /// Whether a segment begins a unit or is listed.
    #[inline]
    fn is_kept(
        &self,
        listed: Option<&Listed>,
        identity: Identity,
        bytes: &[u8],
        segment: &Segment<'_>,
    ) -> bool {
        if identity.begins.is_some() {
            return true;
        }
        let Some((listed, kind)) = listed.zip(self.open) else {
            return false;
        };
        let first = || packed(first_element(bytes, segment));
        listed[kind as usize].is_some_and(|code| code.is_none() || code == first())
    }

    fn keep_bytes(&mut self, segment: &Segment<'_>) {
        if !self.bytes.is_empty() {
            // The bytes between segments are gone by now, but for their number.
            let line_break: &[u8] =
                match segment.offset_bytes.saturating_sub(self.next.offset_bytes) {
                    0 => b"",
                    2 => b"\r\n",
                    _ => b"\n",
                };
            self.bytes.extend_from_slice(line_break);
        }
        self.bytes.extend_from_slice(segment.bytes);
        self.bytes.push(segment.delimiters.segment);
    }

    /// Adds what the reader found and no reader can do without, unless a check found it.
    pub fn unreadable(&mut self, finding: Finding) {
        let is_known = self.findings.iter().rev().any(|known| {
            known.ordinal == finding.ordinal
                && (known.element == finding.element || finding.element.is_none())
        });
        if !is_known && self.open.is_some() {
            self.findings.push(finding);
        }
    }

    /// Ends the unit that is open: its findings are appended to `findings`.
    #[inline]
    pub fn finish(&mut self, findings: &mut Vec<Finding>) -> Option<Checked> {
        let kind = self.open.take()?;
        let checks = self.checks;
        let has_more = self.findings.len() >= MOST_FINDINGS;
        if has_more {
            self.walker.abandon();
        }
        self.walker.finish(checks, self.next, &mut self.findings);
        if kind == UnitKind::Claim && checks.level >= 3 && !has_more {
            self.situations.finish(checks, &mut self.findings);
            if self.findings.iter().any(says_less) {
                self.findings.retain(|finding| finding.level != 3);
            }
            if self
                .findings
                .iter()
                .any(|finding| finding.problem.is_structural())
            {
                let is_told = |problem| problem != Problem::SituationSegment;
                self.findings.retain(|finding| is_told(finding.problem));
            }
        }
        // What is missing before a segment is told before what is wrong with it.
        self.findings
            .sort_by_key(|finding| (finding.ordinal, finding.excerpt.is_some()));
        if has_more {
            self.findings.extend(self.findings.last().map(more));
        }
        let count = self.findings.len();
        if count > 0 {
            findings.append(&mut self.findings);
        }
        Some(Checked {
            kind,
            findings: count,
        })
    }

    /// CLM01 of the claim that was finished last.
    #[must_use]
    pub fn claim(&self) -> &[u8] {
        &self.claim
    }

    /// Whether the bytes of units are kept.
    #[must_use]
    pub fn keeps_bytes(&self) -> bool {
        self.checks.keeping != Keeping::Nothing
    }

    /// The bytes of the unit that was finished last, each segment with its terminator, where
    /// they are kept; where all are, a line break stands between segments where one stood. They
    /// are forgotten when the next one begins.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The first element of a segment; empty where it has none.
fn first_element<'b>(bytes: &'b [u8], segment: &Segment<'_>) -> &'b [u8] {
    let mut elements = bytes.split(|&byte| byte == segment.delimiters.element);
    elements.nth(1).unwrap_or_default()
}

/// What is said in place of further findings of a unit.
#[cold]
fn more(last: &Finding) -> Finding {
    Finding {
        element: None,
        component: None,
        repetition: None,
        data_element: None,
        problem: Problem::More,
        message: format!(
            "more than {MOST_FINDINGS} faults: the others up to the next HL or CLM are not told"
        )
        .into(),
        excerpt: None,
        ..last.clone()
    }
}

/// Whether with this finding it is not known what the amounts of the claim are.
fn says_less(finding: &Finding) -> bool {
    let has_amounts = matches!(
        finding.tag.as_str(),
        "CLM" | "LX" | "SV1" | "SVD" | "CAS" | "AMT" | "SBR"
    );
    finding.level <= 2 && (has_amounts || finding.problem.is_structural())
}

/// Starts a unit: gives the use that its first segment is.
fn begin(walker: &mut Walker, report: &mut Report<'_>, kind: UnitKind) -> Option<u16> {
    let guide = report.guide();
    let code = report.elements.element(3);
    let mut units = guide
        .units
        .iter()
        .filter(|unit| unit.kind == kind && unit.tag == report.tag);
    let unit = units
        .clone()
        .find(|unit| unit.level_code.is_none_or(|level| level.as_bytes() == code));
    if let Some(unit) = unit {
        walker.begin(guide, unit.root);
        return Some(guide.loops[usize::from(unit.root)].trigger);
    }
    // A level of a kind that the guide has not: what is in it is not looked at.
    let root = units.next()?.root;
    let trigger = &guide.segments[usize::from(guide.loops[usize::from(root)].trigger)];
    let number = guide.elements[usize::from(trigger.elements.start) + 2].number;
    let codes: Vec<&str> = guide
        .units
        .iter()
        .filter_map(|unit| unit.level_code)
        .collect();
    let message = format!(
        "{} is one of {}",
        words::name(report.tag, 3, None),
        codes.join(", ")
    );
    report.push(
        Problem::CodeNotAllowed,
        2,
        None,
        At::element(3, number),
        message,
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guide::Guide;
    use crate::x12::Delimiters;

    /// A guide of another transaction: an acknowledgement with its sets and their segments.
    const OTHER: &str = "\
guide 000000 999 FA
codes fate A E R
unit header ST
  loop - R 1 0
    ST R 1 10 - R143:ID3=999 R329:AN4-9
    AK1 R 1 20 - R479:ID2 R28:N01-9
    loop 2000 S 0 30
      AK2 R 1 10 - R143:ID3 R329:AN4-9
      loop 2100 S 0 20
        IK3 R 1 10 C0304 R721:ID2-3 R719:N01-10 S447:AN1-4 S620:ID1-3
      IK5 R 1 30 - R717:ID1=fate
    AK9 R 1 40 - R715:ID1=fate R97:N01-6
";

    /// What is found in segments, as code and position.
    fn found(segments: &[&str]) -> Vec<(u64, &'static str)> {
        let guide: &'static Guide = Box::leak(Box::new(Guide::parse(OTHER).unwrap()));
        let checks = Checks::new(guide, 5, &[]).unwrap();
        let delimiters = Delimiters::new(b'*', b':', Some(b'^'), b'~').unwrap();
        let mut checker = Checker::new(&checks);
        for (index, text) in segments.iter().enumerate() {
            let segment = Segment {
                bytes: text.as_bytes(),
                ahead: text.as_bytes(),
                delimiters,
                offset_bytes: 0,
                ordinal: index as u64 + 1,
                may_be_wrapped: false,
                is_unterminated: false,
            };
            let identity = checker.identify(text.as_bytes(), b'*');
            checker.segment(identity, text.as_bytes(), &segment);
        }
        let mut findings = Vec::new();
        checker.finish(&mut findings);
        findings
            .iter()
            .map(|finding| (finding.ordinal, finding.problem.code()))
            .collect()
    }

    #[test]
    fn another_guide_is_another_table() {
        let whole = [
            "ST*999*0001",
            "AK1*HC*1",
            "AK2*837*0001",
            "IK3*NM1*8*2010*8",
            "IK5*R",
            "AK9*R*1",
        ];
        assert_eq!(found(&whole), []);
        assert_eq!(found(&["ST*999*0001", "AK1*HC*1", "AK9*A*1"]), []);
        let gaps = [
            "ST*999*0001",
            "AK2*837*1",
            "IK3*NM1*8*2010",
            "IK5*X",
            "CLM*1",
        ];
        let expected = [
            (2, "segment-missing"),
            (2, "element-too-short"),
            (3, "element-conditionally-missing"),
            (4, "code-not-allowed"),
            (5, "segment-unknown"),
            (6, "segment-missing"),
        ];
        assert_eq!(found(&gaps), expected);
    }

    #[test]
    fn what_is_no_id_is_unknown() {
        let segments = [
            "ST*999*0001",
            "AK1*HC*1",
            "*X*1",
            "ak2*837*1",
            "\u{0}*1",
            "AK9*A*1",
        ];
        let unknown = [3, 4, 5].map(|place| (place, "segment-unknown"));
        assert_eq!(found(&segments), unknown);
    }
}
