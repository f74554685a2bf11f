//! What the model wants done to the world, as values; done in [`worker`](super::worker), answered by an [`Outcome`].

mod asking;
mod lane;
mod publishing;

pub use asking::{ASKING, Answer, Asking};
pub use lane::{Lane, News, Weight};
pub use publishing::{Preparation, Preview, Saving, Sealed};

use super::model::document::{Planned, Rendered};
use super::model::spack::Fresh;
use crate::concretize::spack::{self, Task};
use crate::concretize::{Concretization, Lockfiles};
use crate::edit::Edit;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::plan::Plan;
use crate::plan::prune::Pruning;
use crate::publish::cdash::{BuildGroup, Groups};
use crate::publish::downstream;
use crate::source::Source;
use std::path::PathBuf;
use std::sync::Arc;

/// Something to be done outside the model.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Work for the worker thread.
    Work(Job),
    /// Write a text to the clipboard of the terminal.
    Copy(String),
    /// Let `$EDITOR` have the terminal, with a file open at a line.
    Edit(PathBuf, usize),
    /// Let the shell have the terminal until it continues the program.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Give up what a lane has not done yet.
    Cancel(Lane),
}

/// Work that may take its time, with all it needs.
#[derive(Clone, Debug)]
pub enum Job {
    /// Find the concrete specs of an edited environment and plan it.
    Plan {
        /// The document's generation.
        generation: u64,
        /// The environment as edited.
        environment: Arc<Environment>,
        /// The lockfiles at hand.
        lockfiles: Arc<Lockfiles>,
        /// Which specs get no job.
        pruning: Arc<Pruning>,
        /// The environment as it is on disk, where its plan is to be made anew as well.
        baseline: Option<Arc<Environment>>,
    },
    /// Lay the pipeline out and check it.
    Render {
        /// The document's generation.
        generation: u64,
        /// The environment as edited.
        environment: Arc<Environment>,
        /// Its plan.
        plan: Arc<Plan>,
    },
    /// Compare the pipeline with the file on disk.
    Compare {
        /// The document's generation.
        generation: u64,
        /// The pipeline of the plan.
        rendered: Rendered,
    },
    /// Ask mirrors and history which specs need no job, and services for attributes of jobs.
    Ask {
        /// The number of the question; only the answer to the last one counts.
        number: u64,
        /// The environment that was planned.
        environment: Arc<Environment>,
        /// Its concrete specs.
        concretization: Arc<Concretization>,
        /// Its plan.
        plan: Arc<Plan>,
    },
    /// Look whether the environment's file is still the one that was read.
    Look(Arc<Source>),
    /// Read the environment and its lockfiles again.
    Reload,
    /// Keep the edits where they survive the program.
    Keep(String),
    /// Forget the kept edits.
    Forget,
    /// Write what the review shows.
    Write(Writing),
    /// Look at the remote and make the commit that would be pushed.
    Prepare(Preparation),
    /// Push a commit that was prepared.
    Push(Sealed),
    /// Make the build group at CDash.
    Report(BuildGroup),
    /// Let Spack concretize.
    Concretize(Box<Task>),
}

impl Job {
    /// Returns the generation of the document that it is about, if its answer is of no use to later ones.
    pub fn generation(&self) -> Option<u64> {
        match self {
            Self::Plan { generation, .. } | Self::Render { generation, .. } | Self::Compare { generation, .. } => {
                Some(*generation)
            }
            Self::Ask { .. }
            | Self::Look(_)
            | Self::Reload
            | Self::Keep(_)
            | Self::Forget
            | Self::Write(_)
            | Self::Prepare(_)
            | Self::Push(_)
            | Self::Report(_)
            | Self::Concretize(_) => None,
        }
    }

    /// Returns what the spinner says meanwhile; nothing for work that nobody waits for.
    pub fn label(&self) -> Option<&'static str> {
        match self {
            Self::Plan { .. } => Some("planning"),
            Self::Render { .. } => Some("laying out the pipeline"),
            Self::Compare { .. } => Some("comparing with the file on disk"),
            Self::Reload => Some("reading the environment"),
            Self::Write(_) => Some("writing"),
            Self::Prepare(_) => Some("preparing the push"),
            Self::Push(_) => Some("pushing"),
            Self::Report(_) => Some("asking CDash"),
            Self::Ask { .. } => Some(ASKING),
            // The header speaks of Spack by itself.
            Self::Look(_) | Self::Keep(_) | Self::Forget | Self::Concretize(_) => None,
        }
    }
}

/// What to write.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The pipeline, if it is to be written.
    pub pipeline: Option<Rendered>,
    /// The edited environment, if it is to be saved.
    pub manifest: Option<Saved>,
    /// What Spack answered, if it is to replace the lockfiles.
    pub locks: Option<Arc<Fresh>>,
    /// The text of `spack.yaml` that all of this was made from; nothing is written if the file holds another one.
    pub read: Arc<Source>,
}

/// An edited environment as it is saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The text of `spack.yaml`.
    pub text: Arc<Source>,
    /// Its plan, which later changes are counted from.
    pub plan: Arc<Plan>,
    /// The edits that led to it.
    pub edits: Vec<Edit>,
}

/// An environment as it is on disk, planned.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The text of `spack.yaml`.
    pub source: Arc<Source>,
    /// The lockfiles at hand.
    pub lockfiles: Arc<Lockfiles>,
    /// The plan.
    pub planned: Planned,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Receipt {
    /// One line a file.
    pub lines: Vec<String>,
    /// What `spack.yaml` holds now, if it was saved.
    pub saved: Option<Saved>,
    /// The lockfiles that were replaced, if they were.
    pub locks: Option<Arc<Fresh>>,
    /// Why a file after the first could not be written.
    pub failure: Option<Error>,
}

/// What CDash made.
#[derive(Clone, Debug)]
pub struct Reported {
    /// Its name for the group.
    pub name: String,
    /// How many builds will report to it.
    pub builds: usize,
    /// The groups' numbers.
    pub groups: Groups,
    /// Set if others can read the file with the token.
    pub exposed: Option<Finding>,
}

/// What a look at the environment's file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The text that was read or saved.
    AsRead,
    /// Another text, by its fingerprint.
    Changed(u64),
    /// Nothing, for this reason.
    Unreadable(String),
}

/// How the pipeline differs from the file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// There is no file yet.
    Missing,
    /// The file is what would be written.
    Same,
    /// The unified difference, a line each.
    Differs(Vec<String>),
}

/// What the worker answers.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// An edited environment is planned.
    Planned(u64, Result<Box<Planned>>),
    /// A pipeline is laid out.
    Rendered(u64, Rendered),
    /// The pipeline is compared with the file on disk.
    Compared(u64, Result<Arc<Comparison>>),
    /// Spack has answered, or has not.
    Solved(spack::Outcome<Box<Fresh>>),
    /// The question of this number is answered.
    Asked(u64, Result<Answer>),
    /// Whether the file still is what was read.
    Looked(Sight),
    /// The environment is read again.
    Reloaded(Result<Box<Loaded>>),
    /// Work with this label was given up before it began.
    GivenUp(&'static str),
    /// Work with this label was not begun, since the document has changed again.
    Superseded(&'static str),
    /// The edits are kept, or could not be.
    Kept(Result<()>),
    /// Everything is written, or all that the receipt says; an error says that nothing was.
    Written(Result<Receipt>),
    /// The commit of this number is prepared.
    Prepared(u64, Result<Preview>),
    /// The commit is pushed.
    Pushed(Result<downstream::Receipt>),
    /// CDash has its group.
    Reported(Result<Reported>),
    /// The editor is closed.
    Edited(Result<()>),
}
