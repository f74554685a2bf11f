//! Asking mirrors, history and services: what is heard meanwhile, and what they answer.

use crate::dynamic::Services;
use crate::plan::prune::Pruning;
use crate::pruning;
use std::fmt;
use std::sync::Arc;

/// What the spinner says before more is known.
pub const ASKING: &str = "asking mirrors and services";

/// What all that were asked have answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which specs get no job.
    pub pruning: Arc<Pruning>,
    /// The attributes of jobs.
    pub services: Arc<Services>,
}

/// How far asking is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Mirrors are asked for binaries.
    Mirrors(pruning::Progress),
    /// A service is asked for attributes.
    Service {
        /// Its address, as it may be shown.
        endpoint: String,
        /// About how many jobs.
        jobs: usize,
    },
}

impl fmt::Display for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mirrors(progress) => progress.fmt(f),
            Self::Service { endpoint, jobs } => write!(f, "asking {endpoint} about {jobs} jobs"),
        }
    }
}
