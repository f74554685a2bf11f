//! What can go wrong with CDash; never a reason to lose the pipeline.

use crate::http::{self, Failure};
use thiserror::Error;

/// A failure to populate the build group, to be reported as a warning. No text of it has the token.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The server did not answer, in spite of trying again.
    #[error("CDash: {0}")]
    Http(#[from] Failure),
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
    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Problem {
    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Http(Failure::Unreachable(_) | Failure::TimedOut(_)) => {
                "check `cdash: url:`; the pipeline is written all the same"
            }
            Self::Http(Failure::Tls(_)) => {
                "name the authority that signed its certificate (SSL_CERT_FILE=FILE), or write http:// if it has none"
            }
            Self::Unauthorized(_) => "check the token: CDASH_AUTH_TOKEN or --cdash-credentials FILE",
            Self::Redirected(_) => "write the address that it redirects to in `cdash: url:`",
            Self::Status { .. } | Self::Answer(_) | Self::Http(Failure::TooLong) => {
                "check `cdash: url:` and `project:`, and CDash's own log"
            }
            Self::Http(Failure::Request(_)) => {
                "check `cdash: url:` and the token for characters that do not belong there"
            }
            Self::Cancelled => "the groups can be made by running this again",
        }
    }

    /// Tells whether the same request may succeed a little later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Http(failure) => failure.is_passing(),
            Self::Status { status, .. } => http::is_passing(*status),
            _ => false,
        }
    }
}
