//! The rows of a history, as any database keeps them.

use std::borrow::Cow;

use chrono::NaiveDate;

use crate::claim::{Cents, ClaimControlNumber, InterchangeIdentity, Quantity, Units};
use crate::output::{Determination, PlanMonitor, WrittenReason};
use crate::policy::{Decision, Phase, Role};

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// Judged claims.
    Adjudicate,
    /// Took sessions paid elsewhere.
    Import,
    /// Took reviewers' decisions.
    Decide,
}

impl RunKind {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adjudicate => "adjudicate",
            Self::Import => "import",
            Self::Decide => "decide",
        }
    }
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputStatus {
    /// It was adjudicated, imported or decided: it is known by its digest from then on.
    Adjudicated,
    /// An earlier run adjudicated it: it was left out.
    Known,
    /// Nothing in it was accepted, or all of it is a test: it is not known by its digest.
    Nothing,
}

impl InputStatus {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adjudicated => "adjudicated",
            Self::Known => "known",
            Self::Nothing => "nothing",
        }
    }
}

/// A run to be recorded.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// What it did.
    pub kind: RunKind,
    /// Now, in UTC, as text.
    pub recorded_at: &'a str,
    /// The latest GS04.
    pub billing_date: Option<NaiveDate>,
    /// SHA-256 of the plans file.
    pub plans_digest: Option<&'a str>,
    /// SHA-256 of the facts file.
    pub facts_digest: Option<&'a str>,
    /// SHA-256 of the members file.
    pub members_digest: Option<&'a str>,
    /// Whether lines that are not governed are kept too.
    pub has_all_lines: bool,
    /// Its plans with their policies.
    pub plans: Vec<PlanUsed>,
    /// What its plans monitor.
    pub monitors: Vec<PlanMonitor>,
    /// All that it was given, in order.
    pub inputs: Vec<NewInput<'a>>,
    /// Its transaction sets, in order.
    pub sets: Vec<NewSet<'a>>,
}

/// A plan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanUsed {
    /// The plan.
    pub plan: String,
    /// Its policy.
    pub policy: String,
    /// SHA-256 of the policy.
    pub digest: String,
}

/// An input of a run.
#[derive(Debug, Clone)]
pub struct NewInput<'a> {
    /// Its name as given.
    pub name: &'a str,
    /// SHA-256 of its decompressed bytes.
    pub digest: &'a str,
    /// What became of it.
    pub status: InputStatus,
    /// The interchanges accepted, in order.
    pub interchanges: Vec<&'a InterchangeIdentity>,
}

/// A transaction set of a run.
#[derive(Debug, Clone)]
pub struct NewSet<'a> {
    /// Its interchange's place among those of all inputs of the run.
    pub interchange: usize,
    /// GS06.
    pub group: Cow<'a, str>,
    /// ST02.
    pub control_number: Cow<'a, str>,
    /// GS04.
    pub billing_date: Option<NaiveDate>,
    /// BHT06 is `RP`.
    pub is_encounter: bool,
}

/// What a claim counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowStatus {
    /// It can be taken back.
    Active,
    /// It is a void.
    Void,
    /// The claim of that place in the same run took it back.
    TakenBack(u64),
    /// It bears no governed line.
    Passing,
}

/// A claim of a run.
#[derive(Debug, Clone)]
pub struct NewClaim<'a> {
    /// Its input's place in the run.
    pub input: usize,
    /// Its transaction set's place in the run; `None` for an imported session.
    pub set: Option<usize>,
    /// Its CLM's place in the transaction set, from 1.
    pub ordinal: u32,
    /// The plan; empty where none takes it.
    pub plan: &'a str,
    /// The member key, as billed.
    pub member: Cow<'a, str>,
    /// Whether there is a subscriber id.
    pub member_identified: bool,
    /// Its claim control number.
    pub control_number: Option<ClaimControlNumber>,
    /// CLM01.
    pub patient_control_number: Cow<'a, str>,
    /// The billing provider; empty for none.
    pub billing_provider: Cow<'a, str>,
    /// CLM05-3: 7, 8, or 1 for any other.
    pub frequency: u8,
    /// SBR01 is not `P`.
    pub is_other_payer: bool,
    /// What it counts as.
    pub status: RowStatus,
    /// The claims of earlier runs that it took back, by their numbers.
    pub takes_back: Vec<i64>,
    /// Its lines, in order.
    pub lines: Vec<NewLine<'a>>,
}

/// A line of a claim.
#[derive(Debug, Clone)]
pub struct NewLine<'a> {
    /// What was decided, as it is written.
    pub determination: Determination<'a>,
    /// The code set of its procedure; `None`: not governed.
    pub role: Option<Role>,
    /// SV103 is `UN`.
    pub is_unit_count: bool,
    /// Whether lines of other claims see it.
    pub is_seen: bool,
    /// The muscles that the clinical facts of its date name.
    pub muscles: Cow<'a, [String]>,
    /// The phase that the clinical facts of its date name.
    pub facts_phase: Option<Phase>,
}

/// A reviewer's decision about a pended line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReview {
    /// The line.
    pub line_id: i64,
    /// Pay, reduce or deny.
    pub decision: Decision,
    /// Units paid for.
    pub units_allowed: Quantity,
    /// Amount paid.
    pub amount_allowed: Cents,
    /// The phase of the session that it makes.
    pub phase: Option<Phase>,
    /// Of a denial: group code, CARC.
    pub adjustment: Option<(String, String)>,
    /// Of a denial: RARCs, separated by blanks.
    pub rarc: String,
    /// Who decided.
    pub reviewer: String,
    /// When.
    pub decided_on: NaiveDate,
}

/// An input that an earlier run took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInput {
    /// Its number.
    pub id: i64,
    /// The run.
    pub run: i64,
    /// When that was recorded, in UTC.
    pub recorded_at: String,
    /// Claims of it from before this date are no longer there.
    pub purged_before: Option<String>,
}

/// Names of claims that a batch means.
#[derive(Debug, Clone, Default)]
pub struct NamedClaims<'a> {
    /// Claim control numbers, ascending.
    pub control_numbers: &'a [ClaimControlNumber],
    /// Patient control numbers of members, ascending.
    pub patient_numbers: &'a [PatientNumber<'a>],
}

/// A patient control number of a plan's member.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PatientNumber<'a> {
    /// The plan.
    pub plan: &'a str,
    /// The keys of the member; none: every member without a subscriber id.
    pub members: Vec<&'a str>,
    /// The number.
    pub number: &'a str,
}

/// An active claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundClaim {
    /// Its number.
    pub id: i64,
    /// Its claim control number.
    pub control_number: Option<ClaimControlNumber>,
    /// The plan.
    pub plan: String,
    /// The member key, as billed.
    pub member: String,
    /// Whether there is a subscriber id.
    pub member_identified: bool,
    /// The billing provider.
    pub billing_provider: String,
    /// CLM01.
    pub patient_control_number: String,
}

/// A timeline to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimelineWanted<'a> {
    /// The plan.
    pub plan: &'a str,
    /// The keys of its member.
    pub members: Vec<&'a str>,
    /// The dates whose lines are asked for.
    pub dates: Vec<NaiveDate>,
}

/// What stands on a timeline.
#[derive(Debug)]
pub enum TimelineRow {
    /// A session.
    Session(SessionRow),
    /// A line.
    Line(LineRow),
}

/// A session.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The date of service.
    pub date: NaiveDate,
    /// The phase it was decided with.
    pub phase: Option<Phase>,
    /// The muscles it was decided with.
    pub muscles: Vec<String>,
    /// The billing and the rendering provider of the line paid, on a date that is asked for.
    pub providers: Option<(String, String)>,
}

/// A line that stands.
#[derive(Debug, Clone)]
pub struct LineRow {
    /// The date of service.
    pub date: NaiveDate,
    /// The code set of its procedure.
    pub role: Role,
    /// What it counts as.
    pub decision: Decision,
    /// The billing provider.
    pub billing_provider: String,
    /// The rendering provider.
    pub rendering_provider: String,
    /// The procedure.
    pub procedure: String,
    /// The modifiers, as billed.
    pub modifiers: Vec<String>,
    /// The units.
    pub units: Units,
    /// The charge.
    pub charge: Cents,
}

/// A determination that is written again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenAgain {
    /// The determination, as it was.
    pub determination: Determination<'static>,
    /// Whether it is of a governed line.
    pub is_governed: bool,
    /// Whether it takes back a line of an earlier run.
    pub is_reversal: bool,
}

/// An adjudication that was given certain inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunGiven {
    /// Its number.
    pub id: i64,
    /// By input, whether it adjudicated it; it left out or refused the others.
    pub adjudicated: Vec<bool>,
}

/// A timeline on which a run added a line that others see, or took a claim back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimelineChanged {
    /// The plan.
    pub plan: String,
    /// The member key, as billed.
    pub member: String,
    /// The first date of service of what was added; `None` where a claim was taken back, so that
    /// any line may be concerned.
    pub from: Option<NaiveDate>,
}

/// A line of a timeline as it stood when a run had been recorded, whatever later runs did.
#[derive(Debug, Clone)]
pub struct DecidedLine {
    /// Its number: lines are numbered in arrival order, over all runs.
    pub id: i64,
    /// The number of its claim; the same holds.
    pub claim: i64,
    /// The run that decided it.
    pub run: i64,
    /// The member key, as billed.
    pub member: String,
    /// Its claim control number; `None` for an imported session.
    pub control_number: Option<ClaimControlNumber>,
    /// CLM01.
    pub patient_control_number: String,
    /// The billing provider; empty for none.
    pub billing_provider: String,
    /// The rendering provider; empty for none.
    pub rendering_provider: String,
    /// LX01.
    pub line: u32,
    /// REF*6R.
    pub line_control_number: Option<String>,
    /// The date of service.
    pub date: NaiveDate,
    /// The procedure.
    pub procedure: String,
    /// The modifiers, as billed.
    pub modifiers: Vec<String>,
    /// The units.
    pub units: Units,
    /// The charge.
    pub charge: Cents,
    /// The code set of its procedure; `None`: not governed, and kept because every line was.
    pub role: Option<Role>,
    /// What was decided: by a reviewer, where one did before the run.
    pub decision: Decision,
    /// What is allowed for it.
    pub allowed: Cents,
    /// The phase of its session.
    pub phase: Option<Phase>,
    /// The phase that the clinical facts of its date named.
    pub facts_phase: Option<Phase>,
    /// The muscles that they named.
    pub muscles: Vec<String>,
    /// Whether lines of other claims see it, paid or not.
    pub is_seen: bool,
    /// Whether a reviewer decided it.
    pub is_reviewed: bool,
    /// Whether it is of an encounter (BHT06 `RP`), which is never remitted.
    pub is_encounter: bool,
    /// Whether every line of its claim was kept, not the governed ones alone.
    pub has_all_lines: bool,
    /// The claim of the run that took it back, with its claim control number.
    pub taken_back_by: Option<(i64, ClaimControlNumber)>,
    /// The reasons that its run gave.
    pub reasons: Vec<WrittenReason<'static>>,
}

impl DecidedLine {
    /// Whether it is paid or reduced.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        matches!(self.decision, Decision::Pay | Decision::Reduce)
    }
}

/// A line with all that became of it.
#[derive(Debug, Clone)]
pub struct StoredLine {
    /// Its number.
    pub id: i64,
    /// The run that decided it.
    pub run: i64,
    /// What that run decided.
    pub determination: Determination<'static>,
    /// The code set of its procedure.
    pub role: Option<Role>,
    /// What it counts as now; `None`: it stands nowhere.
    pub stands_as: Option<Decision>,
    /// The phase that the clinical facts of its date name.
    pub facts_phase: Option<Phase>,
    /// Its claim was taken back by the claim of that number.
    pub taken_back_by: Option<String>,
    /// What a reviewer decided.
    pub review: Option<Recorded>,
}

/// A reviewer's decision, as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Pay, reduce or deny.
    pub decision: Decision,
    /// Group code, CARC and RARCs, separated by blanks.
    pub codes: String,
    /// Who decided.
    pub reviewer: String,
    /// When.
    pub decided_on: String,
    /// What is allowed for the line.
    pub amount_allowed: Cents,
    /// The phase of the session that it made.
    pub phase: Option<Phase>,
}

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// The plan.
    pub plan: String,
    /// The member key.
    pub member: String,
    /// The date of service.
    pub service_date: String,
    /// The procedure of the line paid.
    pub procedure: String,
    /// Its billing provider.
    pub billing_provider: String,
    /// Its rendering provider.
    pub rendering_provider: String,
    /// CLM01 of its claim.
    pub patient_control_number: String,
    /// The phase.
    pub phase: String,
    /// The muscles.
    pub muscles: Vec<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// Its number.
    pub id: i64,
    /// What it did.
    pub kind: String,
    /// When it was recorded, in UTC.
    pub recorded_at: String,
    /// The latest GS04.
    pub billing_date: Option<NaiveDate>,
    /// How many inputs were adjudicated; their names, the first of them.
    pub inputs: (i64, Option<String>),
    /// Claims kept.
    pub claims: i64,
    /// Lines kept, by decision: pay, reduce, pend, deny.
    pub lines: [i64; 4],
    /// Lines of earlier runs that it took back or decided.
    pub changed: i64,
    /// When it was forgotten.
    pub forgotten_at: Option<String>,
}

/// Gives the date, if any, from which on the sessions of a timeline are needed: of its plan, its
/// member, and its sessions in ascending order.
pub type NeededFrom<'n> = &'n mut dyn FnMut(&str, &str, &[NaiveDate]) -> Option<NaiveDate>;

/// What a purge removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Claims removed.
    pub claims: u64,
    /// Their lines.
    pub lines: u64,
    /// Claims from before the date that a limit, a reversal or open work still needs.
    pub kept: u64,
}
