//! What can go wrong with CDash; never a reason to lose the pipeline.

use crate::http::Failure;
use thiserror::Error;

/// A failure to populate the build group, to be reported as a warning. No text of it has the token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The server could not be reached, in spite of trying again.
    #[error("cannot reach CDash: {0}")]
    Unreachable(String),
    /// There is no secure connection to the server.
    #[error("no secure connection to CDash: {0}")]
    Tls(String),
    /// The server did not answer in time.
    #[error("CDash did not answer in time: {0}")]
    TimedOut(String),
    /// The server refused the token.
    #[error("CDash refused the token (status {0})")]
    Unauthorized(u16),
    /// The server wants to be asked elsewhere; the token does not travel there.
    #[error("CDash redirects to `{0}`")]
    Redirected(String),
    /// The server answered with another status than it should.
    #[error("CDash answered a {method} with status {status}")]
    Status {
        /// The request's method.
        method: &'static str,
        /// The status of the answer.
        status: u16,
    },
    /// The answer is not what CDash answers.
    #[error("CDash's answer {0}")]
    Answer(&'static str),
    /// The request cannot be made at all.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Problem {
    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::TimedOut(_) => "check `cdash: url:`; the pipeline is written all the same",
            Self::Tls(_) => {
                "name the authority that signed its certificate (SSL_CERT_FILE=FILE), or write http:// if it has none"
            }
            Self::Unauthorized(_) => "check the token: CDASH_AUTH_TOKEN or --cdash-credentials FILE",
            Self::Redirected(_) => "write the address that it redirects to in `cdash: url:`",
            Self::Status { .. } | Self::Answer(_) => "check `cdash: url:` and `project:`, and CDash's own log",
            Self::Request(_) => "check `cdash: url:` and the token for characters that do not belong there",
            Self::Cancelled => "the groups can be made by running this again",
        }
    }

    /// Tells whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Status { status, .. } => (500..600).contains(status),
            _ => false,
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unreachable(text) => Self::Unreachable(text),
            Failure::Tls(text) => Self::Tls(text),
            Failure::TimedOut(text) => Self::TimedOut(text),
            Failure::TooLong => Self::Answer("is too long"),
            Failure::Request(text) => Self::Request(text),
        }
    }
}
