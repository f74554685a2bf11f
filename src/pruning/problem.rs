//! What can go wrong with a mirror; never a reason to lose the pipeline.

use crate::http::{self, Failure};
use thiserror::Error;

/// A failure to learn what a mirror has, to be reported as a warning.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Problem {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The server does not give the file to everybody.
    #[error("the server refuses (status {0})")]
    Refused(u16),
    /// The server has another answer than a file.
    #[error("the server answers with status {0}")]
    Status(u16),
    /// The server did not answer, in spite of trying again, or a file is too long.
    #[error(transparent)]
    Http(#[from] Failure),
    /// The time for all mirrors was over.
    #[error("the time for asking mirrors is over")]
    OutOfTime,
    /// A file could not be read.
    #[error("{0}")]
    File(String),
    /// The file is not what it should be.
    #[error("the index {0}")]
    Content(String),
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Problem {
    /// Returns what to do about it.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Missing => "write the index with `spack buildcache update-index`, or take the mirror out",
            Self::Refused(_) => "mirrors are asked without credentials: let everybody read it, or plan without --prune",
            Self::Http(Failure::Unreachable(_) | Failure::Request(_)) | Self::Status(_) | Self::File(_) => {
                "check its URL under `mirrors:`, or plan without --prune; jobs look for binaries when they run"
            }
            Self::Http(Failure::Tls(_)) => "name the authority that signed its certificate: SSL_CERT_FILE=FILE",
            Self::Http(Failure::TimedOut(_)) | Self::OutOfTime => "try again later, or with --check-index-only",
            Self::Http(Failure::TooLong) | Self::Content(_) => {
                "write the index anew with `spack buildcache update-index`"
            }
            Self::Cancelled => "ask again",
        }
    }

    /// Tells what a status means for a file that was asked for.
    pub(super) fn of_status(status: u16) -> Result<(), Self> {
        match status {
            200..=299 => Ok(()),
            404 | 410 => Err(Self::Missing),
            401 | 403 => Err(Self::Refused(status)),
            _ => Err(Self::Status(status)),
        }
    }

    /// Tells whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_passing(),
            Self::Status(status) => http::is_passing(*status),
            _ => false,
        }
    }
}
