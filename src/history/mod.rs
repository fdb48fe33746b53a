//! What earlier runs decided: kept, read again, taken back.
//!
//! [`History`] is what the engine asks of a database: rows in, rows out, one unit of work.
//! [`SqliteHistory`] is its one implementation. The rest of this module is the same for any:
//! a batch judged after what earlier runs decided ([`judge_after`]), a run as rows
//! ([`record()`]), and what people bring from outside ([`import()`], [`decide()`]).

mod decide;
mod earlier;
mod error;
mod frees_up;
mod import;
mod payments;
mod phases;
mod recall;
mod record;
mod retain;
mod rows;
mod sqlite;
#[cfg(test)]
mod tests;

pub use decide::{Decisions, decide};
pub use earlier::{JudgedAfter, judge_after};
pub use error::{HistoryError, Problem};
pub use frees_up::{FreesUp, first_payable, frees_up};
pub use import::{ImportError, Imported, import, write_sessions};
pub use payments::{
    LastNumbers, LineReview, NewPayment, Owed, PaymentStatus, Remittance, Remitted, StoredPayment,
};
pub use recall::Asking;
pub use record::{Configuration, RunInput, record, recorded_claims};
pub use retain::{NotYet, purge};
pub use rows::{
    DecidedLine, FoundClaim, InputStatus, KnownInput, LineRow, NamedClaims, NeededFrom, NewClaim,
    NewInput, NewLine, NewReview, NewRun, NewSet, PatientNumber, PlanUsed, Purged, Recorded,
    RowStatus, RunGiven, RunInfo, RunKind, SessionRow, StoredLine, StoredSession, TimelineChanged,
    TimelineRow, TimelineWanted, WrittenAgain,
};
pub use sqlite::{LeftOut, SqliteHistory};

use std::io;

use chrono::NaiveDate;

use crate::claim::{ClaimControlNumber, InterchangeIdentity};
use crate::output::Determination;
use crate::policy::Payer;
use crate::remit::{ClaimPayment, Payee};

/// A database of earlier runs.
///
/// Everything between [`History::begin`] and [`History::commit`] is one transaction that no
/// other run sees a part of; dropped without a commit, nothing of it is left.
pub trait History: Send {
    /// Locks the history for this run alone, making it if it is new.
    ///
    /// # Errors
    ///
    /// [`Problem::Busy`] while another run holds it; whatever else keeps it from being
    /// written.
    fn begin(&mut self) -> Result<(), HistoryError>;

    /// From here on nothing is kept beyond [`History::end_trial`].
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn begin_trial(&mut self) -> Result<(), HistoryError>;

    /// Undoes all that was done since [`History::begin_trial`].
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn end_trial(&mut self) -> Result<(), HistoryError>;

    /// Keeps all that was done since [`History::begin`].
    ///
    /// # Errors
    ///
    /// A disk that is full or fails: nothing is kept.
    fn commit(&mut self) -> Result<(), HistoryError>;

    /// The digest of the input in which an interchange was accepted.
    ///
    /// # Errors
    ///
    /// Like every question below: a history that cannot be read.
    fn find_interchange(
        &mut self,
        identity: &InterchangeIdentity,
    ) -> Result<Option<String>, HistoryError>;

    /// The input that was adjudicated, or imported, with this digest.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn find_input(
        &mut self,
        kind: RunKind,
        digest: &str,
    ) -> Result<Option<KnownInput>, HistoryError>;

    /// The latest adjudication that was given exactly the inputs of these digests, in this
    /// order.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn find_run(&mut self, digests: &[&str]) -> Result<Option<RunGiven>, HistoryError>;

    /// The active claims of these names.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn find_claims(&mut self, named: &NamedClaims<'_>) -> Result<Vec<FoundClaim>, HistoryError>;

    /// Takes claims back: none of their lines stands any more. Gives their paid and reduced
    /// lines, by claim, as they were decided, with what is now allowed for them.
    ///
    /// # Errors
    ///
    /// A history that cannot be read or written.
    fn take_back(
        &mut self,
        claims: &[i64],
    ) -> Result<Vec<(i64, Determination<'static>)>, HistoryError>;

    /// Reads what stands on timelines: every session, and the lines that stand on the dates
    /// asked for. `visit` gets the place among `wanted` with each row; the rows of a timeline
    /// need not come together.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn read_timelines(
        &mut self,
        wanted: &[TimelineWanted<'_>],
        visit: &mut dyn FnMut(usize, TimelineRow),
    ) -> Result<(), HistoryError>;

    /// Begins a new run: what it was given, before its claims. Gives its number.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_run(&mut self, run: &NewRun<'_>) -> Result<i64, HistoryError>;

    /// Adds the next claims of the run, in arrival order.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_claims(&mut self, claims: &[NewClaim<'_>]) -> Result<(), HistoryError>;

    /// Adds decisions of reviewers to the run.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_reviews(&mut self, reviews: &[NewReview]) -> Result<(), HistoryError>;

    /// Ends the run that is being recorded: no claims are added any more.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn end_run(&mut self) -> Result<(), HistoryError>;

    /// The timelines on which a run that has ended added a line that others see, or took a claim
    /// of an earlier run back, by plan and member.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn changed_by(&mut self, run: i64) -> Result<Vec<TimelineChanged>, HistoryError>;

    /// Reads timelines as they stood when a run had been recorded, with what it took back: lines
    /// with a date, in arrival order. `visit` gets the place among `wanted` with each. Where dates
    /// are asked for, a timeline is read only if an earlier run has a line on or after the first.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn decided(
        &mut self,
        run: i64,
        wanted: &[TimelineWanted<'_>],
        visit: &mut dyn FnMut(usize, DecidedLine),
    ) -> Result<(), HistoryError>;

    /// The determinations of an input as they were written, in their order.
    ///
    /// # Errors
    ///
    /// A history that cannot be read; what `visit` fails with, as [`Problem::Output`].
    fn determinations(
        &mut self,
        input: i64,
        visit: &mut dyn FnMut(WrittenAgain) -> io::Result<()>,
    ) -> Result<(), HistoryError>;

    /// The runs, the latest last.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn runs(&mut self) -> Result<Vec<RunInfo>, HistoryError>;

    /// What a run was given: the policies of its plans, and the digests of its plans, facts
    /// and members files.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn configuration(&mut self, run: i64) -> Result<Configuration, HistoryError>;

    /// The plans that have a claim.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn plans(&mut self) -> Result<Vec<String>, HistoryError>;

    /// The governed lines of a plan's members, by date of service, then arrival.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn lines(&mut self, plan: &str, members: &[&str]) -> Result<Vec<StoredLine>, HistoryError>;

    /// The lines of a claim that have this number (LX01), in their order.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn find_lines(
        &mut self,
        claim: ClaimControlNumber,
        line: u32,
    ) -> Result<Vec<StoredLine>, HistoryError>;

    /// The lines that wait for a reviewer, oldest first.
    ///
    /// # Errors
    ///
    /// A history that cannot be read; what `visit` fails with.
    fn pends(
        &mut self,
        visit: &mut dyn FnMut(&StoredLine) -> io::Result<()>,
    ) -> Result<(), HistoryError>;

    /// Every session, by plan, member and date.
    ///
    /// # Errors
    ///
    /// A history that cannot be read; what `visit` fails with.
    fn sessions(
        &mut self,
        visit: &mut dyn FnMut(&StoredSession) -> io::Result<()>,
    ) -> Result<(), HistoryError>;

    /// Takes the latest run back as a whole, and puts what it took back in its place.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn forget(&mut self, run: i64, forgotten_at: &str) -> Result<(), HistoryError>;

    /// Removes the claims all of whose lines lie before a date, but open work, and those
    /// with a line on or after the date, if any, that `needed_from` gives for a timeline (its
    /// plan, its member, and its sessions in ascending order). A claim and the one that took it back go together.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn purge(
        &mut self,
        before: NaiveDate,
        needed_from: NeededFrom<'_>,
    ) -> Result<Purged, HistoryError>;

    /// The number of the first claim that the run being recorded adds; the others count on.
    /// `None` where none is being recorded.
    fn first_claim(&mut self) -> Option<i64>;

    /// Adds the payments of claims of the run.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_payments(&mut self, payments: &[NewPayment]) -> Result<(), HistoryError>;

    /// The payments that something is to be done about: those taken back, then those that
    /// nothing holds any more, each by claim.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn owed(&mut self) -> Result<Vec<Owed>, HistoryError>;

    /// The payment of a claim that has one.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn payment(&mut self, claim: i64) -> Result<StoredPayment, HistoryError>;

    /// Changes what the payment of a claim counts as, and what it says where that is given.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn set_payment(
        &mut self,
        claim: i64,
        status: PaymentStatus,
        payment: Option<&ClaimPayment>,
    ) -> Result<(), HistoryError>;

    /// What the last remittance of a payee left: its trace number, and what the payee owes
    /// since, in whole cents.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn owed_by(
        &mut self,
        payer: &Payer,
        payee: &Payee,
    ) -> Result<Option<(String, i64)>, HistoryError>;

    /// How many claims of earlier runs, with a line that was paid, the run from that claim on took
    /// back though no remittance ever had them.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn never_remitted(&mut self, first_claim: i64) -> Result<u64, HistoryError>;

    /// Whether a payer has used a trace number.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn is_trace_used(&mut self, payer: &Payer, trace_number: &str) -> Result<bool, HistoryError>;

    /// The last numbers of remittances so far.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn last_numbers(&mut self) -> Result<LastNumbers, HistoryError>;

    /// Adds a remittance to a run. Gives its number.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_remittance(&mut self, run: i64, new: &Remittance) -> Result<i64, HistoryError>;

    /// Adds claims to a remittance.
    ///
    /// # Errors
    ///
    /// A history that cannot be written.
    fn record_remitted(
        &mut self,
        remittance: i64,
        remitted: &[Remitted],
    ) -> Result<(), HistoryError>;

    /// The remittances of a run with their numbers, in the order in which they were written.
    ///
    /// # Errors
    ///
    /// A history that cannot be read.
    fn remittances(&mut self, run: i64) -> Result<Vec<(i64, Remittance)>, HistoryError>;

    /// The claims of a remittance in their order: whether each takes a payment back, and the
    /// payment; `None` for one that a purge removed.
    ///
    /// # Errors
    ///
    /// A history that cannot be read; what `visit` fails with, as [`Problem::Output`].
    fn remitted(
        &mut self,
        remittance: i64,
        visit: &mut dyn FnMut(bool, Option<ClaimPayment>) -> io::Result<()>,
    ) -> Result<(), HistoryError>;

    /// Recomputes what must hold; gives every way in which it does not.
    ///
    /// # Errors
    ///
    /// A history that cannot be read at all.
    fn check(&mut self) -> Result<Vec<String>, HistoryError>;
}
