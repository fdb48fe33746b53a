//! The claims of a run that can matter, as tables.
//!
//! A run keeps its governed lines until every file is read, so these rows are compact:
//! shared strings are [`Symbol`]s, strings of one claim or line are [`TextRef`]s.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::distinct::Distinct;
use super::symbols::{Symbol, Symbols};
use crate::claim::{
    Cents, ClaimControlNumber, ClaimControlNumbers, DateOfService, InterchangeIdentity, Pointers,
    SEPARATOR, Units,
};
use crate::policy::Role;

/// A string kept for one claim or line alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TextRef {
    offset: u32,
    length: u32,
}

/// Where claims came from: one accepted transaction set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransactionSet {
    /// The input's name as given.
    pub file: Arc<str>,
    /// The input's place among those given, from 0.
    pub input: u32,
    /// Its ST's place among the segments of the input, from 1.
    pub first_segment: u64,
    /// The interchange: ISA06, ISA08, ISA09, ISA10, ISA13.
    pub interchange: Arc<InterchangeIdentity>,
    /// GS06.
    pub group: Arc<[u8]>,
    /// ST02.
    pub control_number: Box<[u8]>,
    /// GS04; `None` when it is no date.
    pub billing_date: Option<NaiveDate>,
    /// ISA15 is `T`: judged, never recorded or remitted.
    pub is_test: bool,
    /// BHT06 is `RP`: judged and recorded, never remitted.
    pub is_encounter: bool,
}

/// CLM05-3, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Frequency {
    /// Any code but 7 and 8.
    #[default]
    Original,
    /// `7`.
    Replacement,
    /// `8`.
    Void,
}

/// The lines that are judged together: those of a member under a plan. Those of test claims
/// are judged beside the others, never with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimelineKey {
    /// Index of the plan.
    pub plan: u16,
    /// Whether it is that of test claims.
    pub is_test: bool,
    /// The member key: as billed, unless a crosswalk names a newer one.
    pub member: Symbol,
}

/// A timeline of a [`Batch`], by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline(NonZeroU32);

impl Timeline {
    /// Its place among [`Batch::timelines`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A claim that bears a governed line, or replaces or voids another (loop 2300).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Index in [`Batch::transaction_sets`].
    pub transaction_set: u32,
    /// Its CLM's place in the transaction set, from 1.
    pub ordinal: u32,
    /// Its timeline; `None`, where every line was asked for, if no plan takes it.
    pub timeline: Option<Timeline>,
    /// The member key, as billed.
    pub member: Symbol,
    /// The billing provider.
    pub billing_provider: Symbol,
    /// CLM01.
    pub patient_control_number: TextRef,
    /// 2300 REF*F8; empty when it is absent.
    pub original_reference: TextRef,
    /// Index of its first line in [`Batch::lines`]; its lines stand together.
    pub first_line: u32,
    /// How many lines of it are in [`Batch::lines`].
    pub line_count: u32,
    /// CLM05-3.
    pub frequency: Frequency,
    /// Whether SBR01 names another responsibility than primary.
    pub other_payer: bool,
    /// Whether there is a subscriber id.
    pub member_identified: bool,
}

/// A service line (loop 2400) that is governed, or kept because every line was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLine {
    /// SV102.
    pub charge: Cents,
    /// Index in [`Batch::claims`].
    pub claim: u32,
    /// LX01.
    pub line_number: u32,
    /// 2400 DTP*472.
    pub service_date: DateOfService,
    /// What it bills: see [`Batch::service_of`].
    pub service: ServiceNumber,
    /// 2420A, else 2310B, else the billing provider.
    pub rendering_provider: Symbol,
    /// 2400 REF*6R; empty when it is absent.
    pub line_control_number: TextRef,
}

/// A [`Service`] of a [`Batch`], by its number: equal exactly when the services are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServiceNumber(u32);

impl ServiceNumber {
    /// Its place among [`Batch::services`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a line bills (2400 SV1), as far as many lines bill the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Service {
    /// SV101-2, upper case.
    pub procedure: Symbol,
    /// SV101-3 to -6 as they stand, upper case, joined by [`SEPARATOR`].
    pub modifiers: Symbol,
    /// The same as a set: sorted, each once.
    pub modifier_set: Symbol,
    /// The diagnoses that SV107 points at: see [`pointed_at`].
    pub diagnoses: Symbol,
    /// SV104 and SV103.
    pub units: Units,
    /// The part its procedure plays under its plan's policy; `None`: it passes.
    pub role: Option<Role>,
    /// Whether that policy bounds the dates on which the procedure code is valid.
    pub is_code_dated: bool,
    /// Of guidance: whether its own claim bills, on its date, another procedure that may be
    /// guided.
    pub beside_other_guided: bool,
}

/// The claims of a run that can matter, in arrival order.
///
/// INVARIANT: `lines` is in arrival order, and a line's index is its arrival: claims are
/// added in the order of the input, and the lines of a claim stand together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The transaction sets that the claims came from.
    pub transaction_sets: Vec<TransactionSet>,
    /// The claims.
    pub claims: Vec<Claim>,
    /// Their lines.
    pub lines: Vec<ServiceLine>,
    /// Members, providers, codes and lists of codes.
    pub symbols: Symbols,
    services: Distinct<Service>,
    timelines: Distinct<TimelineKey>,
    /// Where the CLM of each void and replacement starts in its input, in decompressed bytes;
    /// ascending by claim.
    offsets: Vec<(u32, u64)>,
    texts: Vec<u8>,
}

/// About how many bytes the strings of a transaction set take.
const SET_TEXT_BYTES: usize = 64;

/// A state of a [`Batch`] to go back to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark {
    transaction_sets: usize,
    claims: usize,
    lines: usize,
    texts: usize,
}

/// The diagnoses of a claim (in HI order, joined by [`SEPARATOR`]; an empty code keeps its
/// place) that a line points at, in pointer order: each behind a [`SEPARATOR`], empty where a
/// pointer points at none.
#[must_use]
pub fn pointed_at(diagnoses: &[u8], pointers: Pointers) -> Vec<u8> {
    let mut pointed = Vec::new();
    for &position in pointers.as_slice() {
        let mut codes = diagnoses.split(|&byte| byte == SEPARATOR);
        let index = usize::from(position).checked_sub(1);
        let code = index.and_then(|index| codes.nth(index));
        pointed.push(SEPARATOR);
        pointed.extend_from_slice(code.unwrap_or_default());
    }
    pointed
}

impl Batch {
    /// Keeps a string.
    pub fn keep_text(&mut self, text: &[u8]) -> TextRef {
        let (offset, length) = (self.texts.len() as u32, text.len() as u32);
        self.texts.extend_from_slice(text);
        TextRef { offset, length }
    }

    /// A string that was kept.
    #[must_use]
    pub fn text(&self, text: TextRef) -> &[u8] {
        let start = text.offset as usize;
        &self.texts[start..start + text.length as usize]
    }

    /// Keeps what a line bills.
    pub fn keep_service(&mut self, service: Service) -> ServiceNumber {
        ServiceNumber(self.services.number(service))
    }

    /// The timeline of a plan, a member, and test claims or others.
    pub fn timeline(&mut self, key: TimelineKey) -> Timeline {
        // One more than a 32-bit number; there are fewer timelines than lines.
        Timeline(NonZeroU32::MIN.saturating_add(self.timelines.number(key)))
    }

    /// Adds a claim whose CLM starts there in its input, in decompressed bytes.
    pub fn add_claim(&mut self, claim: Claim, offset_bytes: u64) {
        if claim.frequency != Frequency::Original {
            self.offsets.push((self.claims.len() as u32, offset_bytes));
        }
        self.claims.push(claim);
    }

    /// Where the CLM of a void or replacement starts in its input, in decompressed bytes.
    #[must_use]
    pub fn offset_bytes_of(&self, claim: u32) -> Option<u64> {
        let place = self.offsets.binary_search_by_key(&claim, |(of, _)| *of);
        place.ok().map(|place| self.offsets[place].1)
    }

    /// What a line bills.
    #[must_use]
    pub fn service_of(&self, line: &ServiceLine) -> &Service {
        &self.services.list()[line.service.0 as usize]
    }

    /// What lines bill, by its number.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        self.services.list()
    }

    /// Every timeline, by its number.
    #[must_use]
    pub fn timelines(&self) -> &[TimelineKey] {
        self.timelines.list()
    }

    /// The timeline of a claim.
    #[must_use]
    pub fn timeline_of(&self, claim: &Claim) -> Option<TimelineKey> {
        claim
            .timeline
            .map(|timeline| self.timelines()[timeline.index()])
    }

    /// Index of the plan of a claim.
    #[must_use]
    pub fn plan_of(&self, claim: &Claim) -> Option<u16> {
        self.timeline_of(claim).map(|timeline| timeline.plan)
    }

    /// 2300 REF*F8 of a claim, where it is given and not empty.
    #[must_use]
    pub fn original_reference_of(&self, claim: &Claim) -> Option<&[u8]> {
        Some(self.text(claim.original_reference)).filter(|text| !text.is_empty())
    }

    /// The claim of a line.
    #[must_use]
    pub fn claim_of(&self, line: &ServiceLine) -> &Claim {
        &self.claims[line.claim as usize]
    }

    /// The transaction set of a claim.
    #[must_use]
    pub fn transaction_set_of(&self, claim: &Claim) -> &TransactionSet {
        &self.transaction_sets[claim.transaction_set as usize]
    }

    /// The lines of a claim, by index.
    #[must_use]
    pub fn lines_of(&self, claim: &Claim) -> Range<usize> {
        let first = claim.first_line as usize;
        first..first + claim.line_count as usize
    }

    /// Whether a claim bears a line that its plan's policy governs.
    #[must_use]
    pub fn bears_governed_line(&self, claim: &Claim) -> bool {
        let lines = &self.lines[self.lines_of(claim)];
        lines.iter().any(|line| self.is_governed(line))
    }

    /// Whether a line is one that its plan's policy governs.
    #[must_use]
    pub fn is_governed(&self, line: &ServiceLine) -> bool {
        self.service_of(line).role.is_some()
    }

    /// Whether a claim stands in a test interchange.
    #[must_use]
    pub fn is_test(&self, claim: &Claim) -> bool {
        self.transaction_set_of(claim).is_test
    }

    /// The claim control number of a claim.
    #[must_use]
    pub fn control_number_of(&self, claim: &Claim) -> ClaimControlNumber {
        let set = self.transaction_set_of(claim);
        self.control_numbers_of(set).of(claim.ordinal)
    }

    /// The claim control numbers of the claims of a transaction set.
    #[must_use]
    pub fn control_numbers_of(&self, set: &TransactionSet) -> ClaimControlNumbers {
        ClaimControlNumbers::new(&set.interchange, &set.group, &set.control_number)
    }

    /// The diagnoses that a line points at, in pointer order; a pointer that points at
    /// none gives `None`.
    pub fn diagnoses_pointed_at(&self, line: &ServiceLine) -> impl Iterator<Item = Option<&[u8]>> {
        self.diagnoses_of(self.service_of(line))
    }

    /// The diagnoses that lines of a service point at, in pointer order; a pointer that points
    /// at none gives `None`.
    pub fn diagnoses_of(&self, service: &Service) -> impl Iterator<Item = Option<&[u8]>> {
        let codes = self.symbols.bytes(service.diagnoses);
        // Each code stands behind a separator.
        let codes = codes.split(|&byte| byte == SEPARATOR).skip(1);
        codes.map(|code| Some(code).filter(|code| !code.is_empty()))
    }

    /// The modifiers of a line, as they stand.
    pub fn modifiers_of(&self, line: &ServiceLine) -> impl Iterator<Item = &[u8]> {
        self.list(self.service_of(line).modifiers)
    }

    fn list(&self, list: Symbol) -> impl Iterator<Item = &[u8]> {
        let bytes = self.symbols.bytes(list);
        let count = if list.is_empty() { 0 } else { usize::MAX };
        bytes.split(|&byte| byte == SEPARATOR).take(count)
    }

    /// Whether it holds nearly as much as its 32-bit references can name: some four
    /// gibibytes of strings, or four thousand million lines. Whoever fills it looks here from
    /// time to time; the room that is left takes hundreds of megabytes of input.
    #[must_use]
    pub fn is_nearly_full(&self) -> bool {
        let most = (u32::MAX - (1 << 29)) as usize;
        self.texts.len() > most || self.symbols.byte_count() > most || self.lines.len() > most
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let lines = self.lines.len() * size_of::<ServiceLine>();
        let claims = self.claims.len() * size_of::<Claim>();
        let offsets = self.offsets.len() * size_of::<(u32, u64)>();
        let shared =
            self.symbols.heap_bytes() + self.services.heap_bytes() + self.timelines.heap_bytes();
        let sets = self.transaction_sets.len() * (size_of::<TransactionSet>() + SET_TEXT_BYTES);
        lines + claims + offsets + shared + sets + self.texts.len()
    }

    /// The state now, to go back to.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            transaction_sets: self.transaction_sets.len(),
            claims: self.claims.len(),
            lines: self.lines.len(),
            texts: self.texts.len(),
        }
    }

    /// Takes out all that came after `mark`: its transaction set, group or interchange was
    /// refused.
    pub fn truncate(&mut self, mark: Mark) {
        self.transaction_sets.truncate(mark.transaction_sets);
        self.claims.truncate(mark.claims);
        self.lines.truncate(mark.lines);
        self.texts.truncate(mark.texts);
        let kept = self
            .offsets
            .partition_point(|(claim, _)| (*claim as usize) < mark.claims);
        self.offsets.truncate(kept);
    }
}
