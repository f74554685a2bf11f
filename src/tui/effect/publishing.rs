//! What publishing works on, as values: a commit to prepare, and the prepared commit that is held until it is pushed.

use crate::concretize::Lockfiles;
use crate::environment::Environment;
use crate::pipeline::Pipeline;
use crate::plan::Plan;
use crate::publish::downstream::Prepared;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Whether the edits are saved before a commit is pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// They are: the released tree holds the edited `spack.yaml`, if it holds one at all.
    Edited,
    /// They are not, or there are none: the tree holds it as it is on disk.
    AsOnDisk,
}

/// A commit to prepare, with all that goes into it.
#[derive(Clone, Debug)]
pub struct Preparation {
    /// Counts the preparations, so that answers that come too late are known for what they are.
    pub number: u64,
    /// The environment as edited.
    pub environment: Arc<Environment>,
    /// The lockfiles at hand.
    pub lockfiles: Arc<Lockfiles>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The pipeline of the plan.
    pub pipeline: Arc<Pipeline>,
    /// Whether the edits are saved before it is pushed.
    pub saving: Saving,
}

/// A prepared commit: what the review shows of it, and the commit itself.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// The full name of the branch on the remote.
    pub reference: String,
    /// The remote, without secrets.
    pub remote: String,
    /// The commit.
    pub commit: String,
    /// What will be done, as git commands that would do the same.
    pub operations: Vec<String>,
    /// How the commit differs from HEAD, a line a file.
    pub changes: Vec<String>,
    /// What is worth knowing before saying yes.
    pub notes: Vec<String>,
    /// The commit, to be pushed once.
    pub sealed: Sealed,
}

/// A prepared commit as it was reviewed; all clones are the same one, forgotten with the last of them.
#[derive(Clone, Default)]
pub struct Sealed(Arc<Mutex<Option<Prepared>>>);

impl Sealed {
    /// Holds a commit.
    pub fn new(prepared: Prepared) -> Self {
        Self(Arc::new(Mutex::new(Some(prepared))))
    }

    /// Gives the commit away, once.
    pub fn take(&self) -> Option<Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}
