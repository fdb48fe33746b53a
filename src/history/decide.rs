//! What reviewers decided about pended lines, from CSV.

use std::collections::BTreeSet;
use std::io::BufRead;

use ahash::AHashSet;
use chrono::NaiveDate;

use super::import::{ImportError, calendar_date};
use super::phases::{SessionDates, infer_phase, read_sessions, sessions_on};
use super::{
    Configuration, History, InputStatus, NewInput, NewReview, NewRun, Recorded, RunKind, StoredLine,
};
use crate::claim::{Cents, ClaimControlNumber, Quantity};
use crate::policy::{ConfigErrors, Decision, Members, Plan, Plans, Role, Row, RuleKind, Table};
use crate::remit::codes::{CodeFault, check_adjustment};

/// The columns that are read; others may stand beside them.
const COLUMNS: [&str; 8] = [
    "claim_control_number",
    "line",
    "decision",
    "group",
    "carc",
    "rarc",
    "reviewer",
    "decided_on",
];
const CLAIM: usize = 0;
const LINE: usize = 1;
const DECISION: usize = 2;
const GROUP: usize = 3;
const CARC: usize = 4;
const RARC: usize = 5;
const REVIEWER: usize = 6;
const DECIDED_ON: usize = 7;

/// The claim adjustment group codes.
const GROUPS: [&str; 4] = ["CO", "OA", "PI", "PR"];

/// What became of a file of decisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decisions {
    /// The run that was added; `None` where nothing was.
    pub run: Option<i64>,
    /// Lines paid or reduced.
    pub paid: u64,
    /// What is allowed for them.
    pub allowed: Cents,
    /// Lines denied.
    pub denied: u64,
    /// Rows that say what was recorded before.
    pub recorded_before: u64,
    /// Rows without a decision.
    pub undecided: u64,
    /// Denials that an 835 of the day of the decision could not say: the line of each in the file, and
    /// why not.
    pub unsayable: Vec<(usize, CodeFault)>,
}

/// A row that says what to do.
struct Asked {
    row: Row,
    claim: ClaimControlNumber,
    line: u32,
    /// Of a denial: group code, CARC.
    adjustment: Option<(String, String)>,
    rarc: String,
    decided_on: NaiveDate,
}

impl Asked {
    fn reviewer(&self) -> &str {
        self.row.field(REVIEWER)
    }

    /// Whether a recorded decision is this one.
    fn is(&self, recorded: &Recorded) -> bool {
        let codes: Vec<&str> = match &self.adjustment {
            Some((group, carc)) => vec![group, carc, &self.rarc],
            None => Vec::new(),
        };
        let codes: Vec<&str> = codes.into_iter().filter(|code| !code.is_empty()).collect();
        (recorded.decision == Decision::Deny) == self.adjustment.is_some()
            && recorded.codes == codes.join(" ")
            && recorded.reviewer == self.reviewer()
            && recorded.decided_on == self.decided_on.to_string()
    }
}

/// Records the decisions of a file. The history is begun, and not committed.
///
/// A row without a decision is passed over; one that says what was recorded before adds
/// nothing.
///
/// # Errors
///
/// Whatever is wrong with a row, with its row and column: then nothing of the file is taken.
/// A history that cannot be written.
pub fn decide(
    history: &mut dyn History,
    source: (&str, &str),
    reader: impl BufRead,
    plans: &Plans,
    members: &Members,
    recorded_at: &str,
) -> Result<Decisions, ImportError> {
    let (name, digest) = source;
    let mut table = Table::open(name, reader, &COLUMNS, true)?;
    let mut outcome = Decisions::default();
    let mut asked = Vec::new();
    while let Some(row) = table.next_row() {
        if row.field(DECISION).is_empty() {
            outcome.undecided += 1;
        } else {
            asked.extend(read_row(row, &mut table));
        }
    }
    let mut deciding = Deciding {
        plans,
        members,
        table,
        outcome,
        taken: AHashSet::new(),
        meant: Vec::new(),
    };
    for asked in asked {
        let lines = history.find_lines(asked.claim, asked.line)?;
        deciding.find(asked, lines);
    }
    let dates = read_sessions(history, deciding.timelines(), members)?;
    let (reviews, outcome) = deciding.finish(dates)?;
    if reviews.is_empty() {
        return Ok(outcome);
    }
    let configuration = Configuration::new(plans, None, None);
    let run = history.record_run(&NewRun {
        kind: RunKind::Decide,
        recorded_at,
        billing_date: None,
        plans_digest: configuration.plans_digest.as_deref(),
        facts_digest: None,
        members_digest: None,
        has_all_lines: false,
        plans: Vec::new(),
        monitors: Vec::new(),
        inputs: vec![NewInput {
            name,
            digest,
            status: InputStatus::Adjudicated,
            interchanges: Vec::new(),
        }],
        sets: Vec::new(),
    })?;
    history.record_reviews(&reviews)?;
    Ok(Decisions {
        run: Some(run),
        ..outcome
    })
}

/// A row that asks for something that can be asked for; `None` where something is wrong.
fn read_row<R: BufRead>(row: Row, table: &mut Table<R>) -> Option<Asked> {
    let claim = ClaimControlNumber::from_text(row.field(CLAIM).as_bytes());
    let line = row.field(LINE).parse().ok();
    let decided_on = calendar_date(row.field(DECIDED_ON));
    let is_denial = match row.field(DECISION) {
        "pay" => Some(false),
        "deny" => Some(true),
        _ => None,
    };
    let code = |column| row.field(column).to_uppercase();
    let (group, carc) = (code(GROUP), code(CARC));
    let rarc: Vec<String> = code(RARC).split_whitespace().map(str::to_owned).collect();
    let is_code = |code: &str, most| {
        (1..=most).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let faults = [
        (
            CLAIM,
            claim.is_none(),
            "a claim control number is needed: 16 letters and digits",
        ),
        (
            LINE,
            line.is_none(),
            "the number of the line (LX01) is needed",
        ),
        (
            DECISION,
            is_denial.is_none(),
            "this must be pay, deny or empty",
        ),
        (
            GROUP,
            is_denial == Some(true) && !GROUPS.contains(&group.as_str()),
            "a denial needs its group code: CO, OA, PI or PR",
        ),
        (
            CARC,
            is_denial == Some(true) && !is_code(&carc, 3),
            "a denial needs its claim adjustment reason code",
        ),
        (
            RARC,
            is_denial == Some(true) && !rarc.iter().all(|code| is_code(code, 5)),
            "these must be remark codes, separated by blanks",
        ),
        (
            GROUP,
            is_denial == Some(false) && !group.is_empty(),
            "a line that is paid has no adjustment",
        ),
        (
            CARC,
            is_denial == Some(false) && !carc.is_empty(),
            "a line that is paid has no adjustment",
        ),
        (
            RARC,
            is_denial == Some(false) && !rarc.is_empty(),
            "a line that is paid has no adjustment",
        ),
        (
            REVIEWER,
            row.field(REVIEWER).is_empty(),
            "this may not be empty",
        ),
        (
            DECIDED_ON,
            decided_on.is_none(),
            "a date that exists is needed, as CCYY-MM-DD",
        ),
    ];
    let mut is_right = true;
    for (column, _, message) in faults.into_iter().filter(|(_, is_wrong, _)| *is_wrong) {
        table.wrong(&row, column, message);
        is_right = false;
    }
    is_right.then_some(())?;
    Some(Asked {
        claim: claim?,
        line: line?,
        adjustment: is_denial?.then_some((group, carc)),
        rarc: rarc.join(" "),
        decided_on: decided_on?,
        row,
    })
}

/// Rows on their way to decisions.
struct Deciding<'p, R> {
    plans: &'p Plans,
    members: &'p Members,
    table: Table<R>,
    outcome: Decisions,
    /// The lines that a row means already.
    taken: AHashSet<i64>,
    /// Each row with the line that it means, and that line's plan.
    meant: Vec<(Asked, StoredLine, &'p Plan)>,
}

impl<'p, R: BufRead> Deciding<'p, R> {
    /// Finds the line that a row means among those of its number: the first that waits for a
    /// decision, else one that has this decision; none that a row before means.
    fn find(&mut self, asked: Asked, lines: Vec<StoredLine>) {
        let is_recorded =
            |line: &StoredLine| line.review.as_ref().is_some_and(|review| asked.is(review));
        let waits = |line: &StoredLine| line.stands_as == Some(Decision::Pend);
        let is_free = |line: &&StoredLine| !self.taken.contains(&line.id);
        let found = lines.iter().filter(is_free).find(|line| waits(line));
        let recorded = lines.iter().filter(is_free).find(|line| is_recorded(line));
        let reason = match (found, recorded, lines.last()) {
            (Some(_), ..) => "",
            (None, Some(line), _) => {
                self.taken.insert(line.id);
                self.outcome.recorded_before += 1;
                return;
            }
            (None, None, None) => "no claim of the history has this number, or it has no such line",
            (None, None, Some(line)) if self.taken.contains(&line.id) => {
                "a row before decides this line"
            }
            (None, None, Some(line)) if line.taken_back_by.is_some() => {
                "the claim of this line was taken back"
            }
            (None, None, Some(line)) if line.review.is_some() => {
                "a reviewer decided this line otherwise before"
            }
            (None, None, Some(_)) => "this line waits for nobody: its run decided it",
        };
        let found = found.cloned();
        let Some(line) = found else {
            return self.table.wrong(&asked.row, CLAIM, reason);
        };
        let plan = line.determination.plan.as_deref();
        let plan = plan.and_then(|plan| self.plans.index_of(plan));
        let Some(plan) = plan else {
            let problem =
                "the plan of this line is not among the plans; name its plans file with --plans";
            return self.table.wrong(&asked.row, CLAIM, problem);
        };
        self.taken.insert(line.id);
        self.meant.push((asked, line, self.plans.get(plan)));
    }

    /// The timelines on which a line is paid.
    fn timelines(&self) -> BTreeSet<(String, String)> {
        let makes = self
            .meant
            .iter()
            .filter(|(asked, line, _)| makes_session(asked, line));
        makes
            .map(|(_, line, plan)| timeline(line, plan, self.members))
            .collect()
    }

    /// The decisions, with the sessions and phases that they make.
    fn finish(
        mut self,
        mut dates: SessionDates,
    ) -> Result<(Vec<NewReview>, Decisions), ConfigErrors> {
        for (asked, line, plan) in &self.meant {
            let date = line.determination.service_date;
            let Some(date) = date.filter(|_| makes_session(asked, line)) else {
                continue;
            };
            let known = dates.entry(timeline(line, plan, self.members)).or_default();
            match known.binary_search(&date) {
                Ok(_) => self.table.wrong(
                    &asked.row,
                    DECISION,
                    "the date of this line is a session already; one line is paid a day",
                ),
                Err(place) => known.insert(place, date),
            }
        }
        self.table.finish()?;
        let mut reviews = Vec::with_capacity(self.meant.len());
        for (asked, line, plan) in self.meant {
            let sessions = dates.get(&timeline(&line, plan, self.members));
            let review = review(&asked, &line, plan, sessions.map(Vec::as_slice));
            match review.decision {
                Decision::Deny => {
                    self.outcome.denied += 1;
                    let fault = unsayable(&review);
                    self.outcome
                        .unsayable
                        .extend(fault.map(|fault| (asked.row.line, fault)));
                }
                _ => {
                    self.outcome.paid += 1;
                    self.outcome.allowed += review.amount_allowed;
                }
            }
            reviews.push(review);
        }
        Ok((reviews, self.outcome))
    }
}

/// Why an 835 could not say a denial.
fn unsayable(review: &NewReview) -> Option<CodeFault> {
    let (group, carc) = review.adjustment.as_ref()?;
    let rarc: Vec<&str> = review.rarc.split_whitespace().collect();
    check_adjustment(group, carc, &rarc, review.decided_on).err()
}

fn makes_session(asked: &Asked, line: &StoredLine) -> bool {
    asked.adjustment.is_none() && line.role == Some(Role::Session)
}

fn timeline(line: &StoredLine, plan: &Plan, members: &Members) -> (String, String) {
    let member = members.newest(&line.determination.member);
    (plan.id.clone(), member.to_owned())
}

/// A row as a decision. A paid line of the limited service pays one unit.
fn review(
    asked: &Asked,
    line: &StoredLine,
    plan: &Plan,
    sessions: Option<&[NaiveDate]>,
) -> NewReview {
    let determination = &line.determination;
    let date = determination.service_date;
    let units = determination.units.unwrap_or(Quantity::ZERO);
    let charge = determination.charge;
    let is_paid = asked.adjustment.is_none();
    let makes_session = makes_session(asked, line);
    // A line from before the first version pays one unit too, unless the plan pays more.
    let (in_force, book) = plan.book_on(date);
    let book = match in_force {
        0 => plan.books.get(1).unwrap_or(book),
        _ => book,
    };
    let is_capped = book.rule(RuleKind::UnitCap).is_some();
    let (decision, units_allowed, amount_allowed) = match units.share_of(charge.0) {
        _ if !is_paid => (Decision::Deny, Quantity::ZERO, Cents(0)),
        Some(share) if makes_session && is_capped && units.exceeds_one() => {
            (Decision::Reduce, Quantity::ONE, Cents(share))
        }
        _ => (Decision::Pay, units, charge),
    };
    let inferred = || {
        let (date, sessions) = date.zip(sessions)?;
        infer_phase(plan, &sessions_on(sessions), date)
    };
    NewReview {
        line_id: line.id,
        decision,
        units_allowed,
        amount_allowed,
        phase: makes_session
            .then(|| determination.phase.or(line.facts_phase).or_else(inferred))
            .flatten(),
        adjustment: asked.adjustment.clone(),
        rarc: asked.rarc.clone(),
        reviewer: asked.reviewer().to_owned(),
        decided_on: asked.decided_on,
    }
}
