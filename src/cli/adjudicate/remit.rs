//! The 835 of a run, as the command line says.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use crate::cli::configuration;
use crate::cli::exit::Failure;
use crate::cli::files::{self, PendingFile};
use crate::payment::{Notes, Noting, PaymentError, PaymentTerms, check_codes};
use crate::policy::Plans;
use crate::remit::Fees;

/// How the run pays.
#[derive(Debug, Args)]
pub(super) struct RemitOptions {
    /// Write the remittances of the claims that bear a governed line here, as an 835
    #[arg(long, value_name = "FILE.835")]
    pub(super) remit: Option<PathBuf>,
    /// Allow no more than these fees: CSV, see docs/remittance.md
    #[arg(long, value_name = "FILE.csv", requires = "remit")]
    pub(super) fees: Option<PathBuf>,
    /// When payment is made; the latest date (GS04) of the claims' groups, if not given
    #[arg(long, value_name = "CCYY-MM-DD", requires = "remit")]
    payment_date: Option<NaiveDate>,
    /// How payment is made
    #[arg(
        long,
        value_name = "ACH|CHK|NON",
        requires = "remit",
        default_value = "CHK",
        ignore_case = true
    )]
    payment: Method,
    /// The check or transfer number of the first remittance; the others count on
    #[arg(long, value_name = "N", requires = "remit",
        value_parser = clap::value_parser!(u64).range(1..1_000_000_000_000_000))]
    trace_number: Option<u64>,
}

/// BPR04.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// A bank transfer through the automated clearing house
    #[value(name = "ACH")]
    Ach,
    /// A check
    #[value(name = "CHK")]
    Check,
    /// Nothing is paid
    #[value(name = "NON")]
    Nothing,
}

/// A run that remits, while it reads.
pub(super) struct Remitting {
    file: PendingFile,
    pub(super) noting: Noting,
}

impl Remitting {
    /// Everything is read.
    pub(super) fn read(self) -> Result<(PendingFile, Notes), Failure> {
        let Self { file, noting } = self;
        match noting.finish() {
            Ok(notes) => Ok((file, notes)),
            Err(error) => Err(file.failure(&error)),
        }
    }
}

impl RemitOptions {
    /// Starts the 835, where one is asked for. What would keep the run from paying is told
    /// before anything is read.
    pub(super) fn remitting(&self, plans: &Plans) -> Result<Option<Remitting>, Failure> {
        let Some(path) = &self.remit else {
            return Ok(None);
        };
        self.check_payers(plans)?;
        if let Some(date) = self.payment_date {
            check_codes(plans, date).map_err(Failure::usage)?;
        }
        let file = PendingFile::create(path)?;
        let noting = Noting::create(self.folder());
        let noting = noting.map_err(|error| file.failure(&error))?;
        Ok(Some(Remitting { file, noting }))
    }

    fn check_payers(&self, plans: &Plans) -> Result<(), Failure> {
        for plan in &plans.plans {
            let Some(payer) = &plan.payer else {
                return Err(Failure::usage(format!(
                    "an 835 says who pays, and plan {} has no [plan.payer]; name it in a file for --plans (docs/remittance.md)",
                    plan.id
                )));
            };
            if self.payment == Method::Ach && payer.bank.is_none() {
                return Err(Failure::usage(format!(
                    "a transfer comes from an account, and [plan.payer] of plan {} has no `routing_number` and `account_number`",
                    plan.id
                )));
            }
        }
        Ok(())
    }

    /// Where what memory does not hold waits: beside the 835.
    pub(super) fn folder(&self) -> &Path {
        let path = self.remit.as_deref();
        path.map_or(Path::new("."), files::folder_of)
    }

    /// The fee schedule, where one is given.
    pub(super) fn read_fees(&self) -> Result<Option<Fees>, Failure> {
        let Some(path) = &self.fees else {
            return Ok(None);
        };
        let (text, _) = configuration::read_whole(path)?;
        let fees = Fees::read(&path.display().to_string(), &*text);
        let refused = |errors| Failure::usage(format!("the fee schedule is refused:\n{errors}"));
        fees.map(Some).map_err(refused)
    }

    /// When is paid; `latest` is the latest date of the groups judged.
    pub(super) fn date(&self, latest: Option<NaiveDate>) -> Option<NaiveDate> {
        self.payment_date.or(latest)
    }

    /// How is paid; `latest` is the latest date of the groups judged.
    pub(super) fn terms(
        &self,
        plans: &Plans,
        latest: Option<NaiveDate>,
    ) -> Result<PaymentTerms, Failure> {
        let date = self.date(latest).ok_or(PaymentError::NoDate)?;
        check_codes(plans, date)?;
        Ok(PaymentTerms {
            date,
            method: match self.payment {
                Method::Ach => "ACH",
                Method::Check => "CHK",
                Method::Nothing => "NON",
            },
            first_trace: self.trace_number,
        })
    }
}

impl From<PaymentError> for Failure {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::Io(error) => Self::failed(format!(
                "the remittances cannot be written: {}; nothing was kept",
                files::error_words(&error)
            )),
            PaymentError::NoDate
            | PaymentError::NotNothing
            | PaymentError::TraceUsed(_)
            | PaymentError::Code { .. } => Self::usage(error),
            _ => Self::failed(format!("{error}; nothing was kept")),
        }
    }
}
