//! How a command ends.

use std::process::ExitCode;

use crate::ack::AckError;
use crate::overflow::OverflowError;

/// How a command ended; the number is its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Everything was read and judged.
    Done = 0,
    /// Done, but something was refused or rejected.
    DoneWithErrors = 1,
    /// The arguments, a policy, plans or facts file are wrong; nothing was written.
    Usage = 2,
    /// Input or output failed; nothing was kept.
    Failed = 3,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    /// Its exit status.
    pub status: ExitStatus,
    /// What went wrong and what to do, in words.
    pub message: String,
}

impl Failure {
    /// The arguments or a configuration file are wrong.
    pub fn usage(message: impl ToString) -> Self {
        Self {
            status: ExitStatus::Usage,
            message: message.to_string(),
        }
    }

    /// Input or output failed.
    pub fn failed(message: impl ToString) -> Self {
        Self {
            status: ExitStatus::Failed,
            message: message.to_string(),
        }
    }
}

impl From<OverflowError> for Failure {
    fn from(error: OverflowError) -> Self {
        Self::failed(error)
    }
}

impl From<AckError> for Failure {
    fn from(error: AckError) -> Self {
        Self::failed(error)
    }
}
