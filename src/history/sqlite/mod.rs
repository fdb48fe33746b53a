//! A history in SQLite: one file, mode 0600, with a rollback journal beside it while a run
//! writes.

mod apart;
mod decided;
mod determinations;
mod dictionary;
mod file;
mod lists;
mod monitors;
mod ordered;
mod payments;
mod read;
mod sessions;
mod settling;
mod standing;
mod text;
mod timelines;
mod unlisted;
mod upkeep;
mod write;

pub use apart::LeftOut;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ahash::AHashSet;
use chrono::NaiveDate;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use self::file::{damage, sync_folder, words};
use super::{
    Configuration, DecidedLine, FoundClaim, History, HistoryError, KnownInput, LastNumbers,
    NamedClaims, NeededFrom, NewClaim, NewPayment, NewReview, NewRun, Owed, PaymentStatus, Problem,
    Purged, Remittance, Remitted, RunGiven, RunInfo, RunKind, StoredLine, StoredPayment,
    StoredSession, TimelineChanged, TimelineRow, TimelineWanted, WrittenAgain,
};
use crate::claim::{ClaimControlNumber, InterchangeIdentity};
use crate::output::Determination;
use crate::policy::Payer;
use crate::remit::{ClaimPayment, Payee};

/// Marks a database file as a history: `CLMS`.
const APPLICATION_ID: i64 = 0x434c_4d53;

/// What makes each schema out of the one before it.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema.sql"),
    include_str!("recent.sql"),
    include_str!("payments.sql"),
    include_str!("monitors.sql"),
    include_str!("lists.sql"),
];

/// The schema from which on lines, sessions and numbers stand in lists.
const LISTED: usize = 5;

/// How long somebody who looks waits for a run to commit.
const LOOKING: Duration = Duration::from_secs(60);

/// How long a run waits for those who look, before it writes over what they see.
const KEEPING: Duration = Duration::from_secs(15 * 60);

/// How many distinct statements are kept prepared.
const STATEMENTS: usize = 64;

/// A history in an SQLite database.
#[derive(Debug)]
pub struct SqliteHistory {
    connection: Connection,
    path: PathBuf,
    recording: Option<write::Recording>,
    timelines: timelines::Timelines,
    /// Timelines on which something was taken back since the history was begun.
    changed: AHashSet<i64>,
}

impl SqliteHistory {
    /// Opens a history that is there.
    ///
    /// # Errors
    ///
    /// No such file; a file that is no history, is damaged, or is of a newer schema.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        Self::find(path)?.listed()
    }

    fn find(path: &Path) -> Result<Self, HistoryError> {
        // A first run that died may leave an empty file.
        if fs::metadata(path).is_ok_and(|about| about.len() == 0) || !path.exists() {
            return Err(told(path, Problem::Missing));
        }
        Self::connect(path)
    }

    /// Makes the lists of a history that has none yet.
    fn listed(self) -> Result<Self, HistoryError> {
        match self.schema()? {
            0 => Err(told(&self.path, Problem::NotAHistory)),
            LISTED.. => self.patient(LOOKING),
            _ => {
                let history = self.patient(LOOKING)?;
                history.told(unlisted::list(&history.connection))?;
                Ok(history)
            }
        }
    }

    /// Opens a history to look at it: everything is as it was at the first question, whatever
    /// runs commit meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`SqliteHistory::open`].
    pub fn look(path: &Path) -> Result<Self, HistoryError> {
        let history = Self::find(path)?;
        history.told(history.connection.execute_batch("BEGIN"))?;
        history.listed()
    }

    /// From here on waits so long for whoever holds the file.
    fn patient(self, patience: Duration) -> Result<Self, HistoryError> {
        self.told(self.connection.busy_timeout(patience))?;
        Ok(self)
    }

    /// Opens a history to be written; one that is not there is made by
    /// [`History::begin`].
    ///
    /// # Errors
    ///
    /// A file that cannot be made, is no history, is damaged, or is of a newer schema.
    pub fn create(path: &Path) -> Result<Self, HistoryError> {
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path);
        match made {
            Ok(_) => {
                sync_folder(path).map_err(|error| told(path, Problem::Failed(words(&error))))?
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == 0) {
                    // Whoever may not change it is told so by the database.
                    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
                }
            }
            Err(error) => return Err(told(path, Problem::Failed(words(&error)))),
        }
        let history = Self::connect(path)?;
        history.schema()?;
        Ok(history)
    }

    fn connect(path: &Path) -> Result<Self, HistoryError> {
        if let Some(problem) = damage(path) {
            return Err(told(path, problem));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|error| told(path, problem(&error)))?;
        let history = Self {
            connection,
            path: path.to_owned(),
            recording: None,
            timelines: timelines::Timelines::default(),
            changed: AHashSet::new(),
        };
        history
            .connection
            .set_prepared_statement_cache_capacity(STATEMENTS);
        // A commit is on the disk when it returns; memory is bounded; one file, when idle;
        // what is removed is overwritten. That rows name rows that are there is checked by
        // `History::check`, not at every insert.
        // Whoever wants the history for itself asks again, and tells people so.
        let history = history.patient(Duration::ZERO)?;
        let configured = history.connection.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;
             PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;
             PRAGMA foreign_keys = OFF;",
        );
        history.told(configured)?;
        Ok(history)
    }

    /// The schema of the file; 0 for a new one.
    fn schema(&self) -> Result<usize, HistoryError> {
        let number = |query: &str| {
            let number = self.connection.query_row(query, [], |row| row.get(0));
            self.told::<i64>(number)
        };
        let tables = number("SELECT count(*) FROM sqlite_schema")?;
        let schema = number("PRAGMA user_version")?;
        match (number("PRAGMA application_id")?, usize::try_from(schema)) {
            (0, _) if tables == 0 => Ok(0),
            (APPLICATION_ID, Ok(known)) if known <= MIGRATIONS.len() => Ok(known),
            (APPLICATION_ID, _) => Err(told(&self.path, Problem::Newer(schema))),
            _ => Err(told(&self.path, Problem::NotAHistory)),
        }
    }

    fn try_begin(&mut self) -> Result<(), HistoryError> {
        self.told(self.connection.busy_timeout(Duration::ZERO))?;
        self.told(self.connection.execute_batch("BEGIN IMMEDIATE"))?;
        self.told(self.connection.busy_timeout(KEEPING))?;
        let schema = self.schema()?;
        for (number, migration) in MIGRATIONS.iter().enumerate().skip(schema) {
            if number + 1 == LISTED {
                self.told(unlisted::list(&self.connection))?;
            }
            self.told(self.connection.execute_batch(migration))?;
            self.told(self.connection.execute_batch(&format!(
                "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}",
                number + 1
            )))?;
        }
        Ok(())
    }

    /// [`SqliteHistory::told`], of what is not done while others look.
    fn unwatched<T>(&self, result: rusqlite::Result<T>) -> Result<T, HistoryError> {
        self.told(result).map_err(|error| match error.problem {
            Problem::Busy => told(&self.path, Problem::Watched),
            _ => error,
        })
    }

    /// A result whose error is told in a sentence.
    fn told<T>(&self, result: rusqlite::Result<T>) -> Result<T, HistoryError> {
        result.map_err(|error| told(&self.path, problem(&error)))
    }
}

fn told(path: &Path, problem: Problem) -> HistoryError {
    HistoryError {
        file: path.display().to_string(),
        problem,
    }
}

/// What the database says, without what stands in it.
fn problem(error: &rusqlite::Error) -> Problem {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Problem::Busy,
            ErrorCode::NotADatabase => Problem::NotAHistory,
            ErrorCode::DatabaseCorrupt => Problem::Damaged("its pages do not fit together".into()),
            ErrorCode::ReadOnly => Problem::ReadOnly,
            ErrorCode::DiskFull => Problem::Full,
            ErrorCode::SystemIoFailure => {
                Problem::Failed("its disk cannot be read or written".into())
            }
            ErrorCode::CannotOpen => Problem::Failed("it or its journal cannot be opened".into()),
            _ => Problem::Failed(failure.to_string().to_lowercase()),
        },
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..) => {
            Problem::Damaged("a value is not of its column's kind".into())
        }
        rusqlite::Error::QueryReturnedNoRows => {
            Problem::Damaged("a row is missing that another one names".into())
        }
        _ => Problem::Failed("the database refused a statement".into()),
    }
}

impl History for SqliteHistory {
    fn begin(&mut self) -> Result<(), HistoryError> {
        self.timelines.forget();
        self.changed.clear();
        let begun = self.try_begin();
        if begun.is_err() && !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        begun
    }

    fn begin_trial(&mut self) -> Result<(), HistoryError> {
        let begun = self.connection.execute_batch("SAVEPOINT trial");
        self.told(begun)
    }

    fn end_trial(&mut self) -> Result<(), HistoryError> {
        self.timelines.forget();
        let ended = self
            .connection
            .execute_batch("ROLLBACK TO trial; RELEASE trial");
        self.told(ended)
    }

    fn commit(&mut self) -> Result<(), HistoryError> {
        let ended = self.end_recording();
        let committed = ended.and_then(|()| self.connection.execute_batch("COMMIT"));
        self.unwatched(committed)?;
        // Until its folder is synced, the journal that undoes the run may come back with the
        // power.
        sync_folder(&self.path).map_err(|_| told(&self.path, Problem::Unsynced))
    }

    fn find_interchange(
        &mut self,
        identity: &InterchangeIdentity,
    ) -> Result<Option<String>, HistoryError> {
        let found = self.interchange(identity);
        self.told(found)
    }

    fn find_input(
        &mut self,
        kind: RunKind,
        digest: &str,
    ) -> Result<Option<KnownInput>, HistoryError> {
        let found = self.input(kind, digest);
        self.told(found)
    }

    fn find_run(&mut self, digests: &[&str]) -> Result<Option<RunGiven>, HistoryError> {
        let found = self.run_given(digests);
        self.told(found)
    }

    fn find_claims(&mut self, named: &NamedClaims<'_>) -> Result<Vec<FoundClaim>, HistoryError> {
        let found = self.claims_named(named);
        self.told(found)
    }

    fn take_back(
        &mut self,
        claims: &[i64],
    ) -> Result<Vec<(i64, Determination<'static>)>, HistoryError> {
        let taken = self.take_claims_back(claims);
        self.told(taken)
    }

    fn read_timelines(
        &mut self,
        wanted: &[TimelineWanted<'_>],
        visit: &mut dyn FnMut(usize, TimelineRow),
    ) -> Result<(), HistoryError> {
        let read = self.timelines(wanted, visit);
        self.told(read)
    }

    fn record_run(&mut self, run: &NewRun<'_>) -> Result<i64, HistoryError> {
        let recorded = self.add_run(run);
        self.told(recorded)
    }

    fn record_claims(&mut self, claims: &[NewClaim<'_>]) -> Result<(), HistoryError> {
        let recorded = self.add_claims(claims);
        self.told(recorded)
    }

    fn record_reviews(&mut self, reviews: &[NewReview]) -> Result<(), HistoryError> {
        let recorded = self.add_reviews(reviews);
        self.told(recorded)
    }

    fn end_run(&mut self) -> Result<(), HistoryError> {
        let ended = self.end_recording();
        self.unwatched(ended)
    }

    fn changed_by(&mut self, run: i64) -> Result<Vec<TimelineChanged>, HistoryError> {
        let changed = self.timelines_changed(run);
        self.told(changed)
    }

    fn decided(
        &mut self,
        run: i64,
        wanted: &[TimelineWanted<'_>],
        visit: &mut dyn FnMut(usize, DecidedLine),
    ) -> Result<(), HistoryError> {
        let read = self.decided_lines(run, wanted, visit);
        self.told(read)
    }

    fn determinations(
        &mut self,
        input: i64,
        visit: &mut dyn FnMut(WrittenAgain) -> io::Result<()>,
    ) -> Result<(), HistoryError> {
        let mut failure = None;
        let read = self.write_again(input, &mut |written| {
            failure = visit(written).err();
            failure.is_none()
        });
        self.told(read)?;
        self.output(failure)
    }

    fn runs(&mut self) -> Result<Vec<RunInfo>, HistoryError> {
        let runs = self.all_runs();
        self.told(runs)
    }

    fn configuration(&mut self, run: i64) -> Result<Configuration, HistoryError> {
        let configuration = self.configuration_of(run);
        self.told(configuration)
    }

    fn plans(&mut self) -> Result<Vec<String>, HistoryError> {
        let plans = self.all_plans();
        self.told(plans)
    }

    fn lines(&mut self, plan: &str, members: &[&str]) -> Result<Vec<StoredLine>, HistoryError> {
        let lines = self.lines_of_members(plan, members);
        self.told(lines)
    }

    fn find_lines(
        &mut self,
        claim: ClaimControlNumber,
        line: u32,
    ) -> Result<Vec<StoredLine>, HistoryError> {
        let lines = self.lines_of_claim(claim, line);
        self.told(lines)
    }

    fn pends(
        &mut self,
        visit: &mut dyn FnMut(&StoredLine) -> io::Result<()>,
    ) -> Result<(), HistoryError> {
        let mut failure = None;
        let read = self.pended_lines(&mut |line| {
            failure = visit(line).err();
            failure.is_none()
        });
        self.told(read)?;
        self.output(failure)
    }

    fn sessions(
        &mut self,
        visit: &mut dyn FnMut(&StoredSession) -> io::Result<()>,
    ) -> Result<(), HistoryError> {
        let mut failure = None;
        let read = self.all_sessions(&mut |session| {
            failure = visit(session).err();
            failure.is_none()
        });
        self.told(read)?;
        self.output(failure)
    }

    fn forget(&mut self, run: i64, forgotten_at: &str) -> Result<(), HistoryError> {
        self.timelines.forget();
        let forgotten = self.forget_run(run, forgotten_at);
        self.told(forgotten)
    }

    fn purge(
        &mut self,
        before: NaiveDate,
        needed_from: NeededFrom<'_>,
    ) -> Result<Purged, HistoryError> {
        self.timelines.forget();
        let purged = self.purge_before(before, needed_from);
        self.told(purged)
    }

    fn first_claim(&mut self) -> Option<i64> {
        self.recording.as_ref().map(write::Recording::first_claim)
    }

    fn record_payments(&mut self, payments: &[NewPayment]) -> Result<(), HistoryError> {
        let added = self.add_payments(payments);
        self.told(added)
    }

    fn owed(&mut self) -> Result<Vec<Owed>, HistoryError> {
        let owed = self.all_owed();
        self.told(owed)
    }

    fn payment(&mut self, claim: i64) -> Result<StoredPayment, HistoryError> {
        let payment = self.stored_payment(claim);
        self.told(payment)
    }

    fn set_payment(
        &mut self,
        claim: i64,
        status: PaymentStatus,
        payment: Option<&ClaimPayment>,
    ) -> Result<(), HistoryError> {
        let set = self.set_payment_status(claim, status, payment);
        self.told(set)
    }

    fn owed_by(
        &mut self,
        payer: &Payer,
        payee: &Payee,
    ) -> Result<Option<(String, i64)>, HistoryError> {
        let owed = self.owed_by_payee(payer, payee);
        self.told(owed)
    }

    fn never_remitted(&mut self, first_claim: i64) -> Result<u64, HistoryError> {
        let count = self.count_never_remitted(first_claim);
        self.told(count)
    }

    fn is_trace_used(&mut self, payer: &Payer, trace_number: &str) -> Result<bool, HistoryError> {
        let found = self.has_trace(payer, trace_number);
        self.told(found)
    }

    fn last_numbers(&mut self) -> Result<LastNumbers, HistoryError> {
        let numbers = self.highest_numbers();
        self.told(numbers)
    }

    fn record_remittance(&mut self, run: i64, new: &Remittance) -> Result<i64, HistoryError> {
        let added = self.add_remittance(run, new);
        self.told(added)
    }

    fn record_remitted(
        &mut self,
        remittance: i64,
        remitted: &[Remitted],
    ) -> Result<(), HistoryError> {
        let added = self.add_remitted(remittance, remitted);
        self.told(added)
    }

    fn remittances(&mut self, run: i64) -> Result<Vec<(i64, Remittance)>, HistoryError> {
        let remittances = self.remittances_of(run);
        self.told(remittances)
    }

    fn remitted(
        &mut self,
        remittance: i64,
        visit: &mut dyn FnMut(bool, Option<ClaimPayment>) -> io::Result<()>,
    ) -> Result<(), HistoryError> {
        let mut failure = None;
        let read = self.visit_remitted(remittance, &mut |is_reversal, payment| {
            failure = visit(is_reversal, payment).err();
            failure.is_none()
        });
        self.told(read)?;
        self.output(failure)
    }

    fn check(&mut self) -> Result<Vec<String>, HistoryError> {
        let found = self.find_faults();
        self.told(found)
    }
}

impl SqliteHistory {
    /// What `visit` of a question failed with.
    fn output(&self, failure: Option<io::Error>) -> Result<(), HistoryError> {
        match failure {
            Some(error) => Err(told(&self.path, Problem::Output(error))),
            None => Ok(()),
        }
    }
}
