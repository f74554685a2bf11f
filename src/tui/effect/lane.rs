//! Lanes: kinds of work that do not wait for each other, and what is heard of them meanwhile.

use super::{Asking, Job};
use crate::concretize::spack;
use crate::pruning;
use crate::publish::watch;

/// A kind of work; work of one kind is done in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What the screens show and what is written.
    Document,
    /// Keeping the edits.
    Journal,
    /// Asking mirrors, history and services.
    Questions,
    /// Preparing, pushing and asking CDash.
    Remotes,
    /// Running Spack.
    Spack,
}

impl Lane {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Document, Self::Journal, Self::Questions, Self::Remotes, Self::Spack];
    /// Those whose work the spinner speaks of.
    pub const SPOKEN_OF: [Self; 3] = [Self::Document, Self::Questions, Self::Remotes];
}

impl Job {
    /// Returns the kind of work that it is.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Keep(_) | Self::Forget => Lane::Journal,
            Self::Ask { .. } => Lane::Questions,
            Self::Prepare(_) | Self::Push(_) | Self::Report(_) => Lane::Remotes,
            Self::Concretize(_) => Lane::Spack,
            Self::Plan { .. }
            | Self::Render { .. }
            | Self::Compare { .. }
            | Self::Look(_)
            | Self::Reload
            | Self::Write(_) => Lane::Document,
        }
    }

    /// Tells whether the program ends only after it: it changes something, or leaves something behind.
    pub fn must_end(&self) -> bool {
        matches!(
            self,
            Self::Keep(_) | Self::Forget | Self::Write(_) | Self::Push(_) | Self::Report(_) | Self::Concretize(_)
        )
    }

    /// Tells whether it need not be begun once it was given up.
    pub fn may_be_dropped(&self) -> bool {
        matches!(self, Self::Plan { .. } | Self::Render { .. } | Self::Compare { .. } | Self::Reload)
    }
}

/// How far work is.
#[derive(Clone, Debug)]
pub enum News {
    /// The asking of mirrors, history and services.
    Asking(Asking),
    /// What concerns remotes.
    Remotes(watch::Progress),
    /// Spack.
    Spack(spack::Progress),
}

/// How much it matters that news are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Nothing on screen speaks of them.
    None,
    /// They come by the thousand, and one now and then is enough.
    Little,
    /// Each is told.
    Full,
}

impl News {
    /// Returns how much it matters that they are told.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Asking(Asking::Mirrors(pruning::Progress::Specs { done, of })) if done < of => Weight::Little,
            Self::Remotes(watch::Progress::Step(_)) | Self::Asking(_) => Weight::Full,
            Self::Remotes(_) => Weight::Little,
            Self::Spack(spack::Progress::Line(..)) => Weight::None,
            Self::Spack(_) => Weight::Full,
        }
    }
}
