//! Which specs get no job, and why: they are external, a mirror has them, or no change of a package touches them.
//!
//! The reasons are data, found elsewhere (in mirrors, in the history of a repository) and handed in by hash. The edges of
//! the job graph lead through pruned specs, and stages are those of the jobs that are left.

mod affected;
mod record;

pub use affected::affected;

use crate::finding::Finding;
use crate::spec::concrete::ConcreteSpec;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Why a spec is built, or is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is not built by Spack: pruned.
    External,
    /// Mirrors have it, each as `URL@vLAYOUT`: pruned.
    UpToDate(Vec<String>),
    /// Nothing changed that it depends on or that depends on it: pruned.
    Untouched,
    /// No mirror has it.
    Missing,
    /// Its package changed.
    ChangedPackage,
    /// A spec whose package changed depends on it.
    DependencyOfChanged,
    /// It depends on a spec whose package changed.
    DependentOfChanged,
}

impl Reason {
    /// Tells whether this alone is reason enough to give the spec no job.
    pub fn prunes(&self) -> bool {
        matches!(self, Self::External | Self::UpToDate(_) | Self::Untouched)
    }
}

impl fmt::Display for Reason {
    /// Writes what Spack writes beside a spec; of changes it says less: `affected by change`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External => f.write_str("external spec"),
            Self::UpToDate(mirrors) => write!(f, "up-to-date [{}]", mirrors.join(",")),
            Self::Untouched => f.write_str("unaffected by change"),
            Self::Missing => f.write_str("not found anywhere"),
            Self::ChangedPackage => f.write_str("package changed"),
            Self::DependencyOfChanged => f.write_str("dependency of changed package"),
            Self::DependentOfChanged => f.write_str("depends on changed package"),
        }
    }
}

/// Whether specs that Spack does not build get jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Externals {
    /// They do not.
    #[default]
    Pruned,
    /// They do, as with `--no-prune-externals`.
    Built,
}

/// What is known of specs that bears on whether they get jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pruning {
    /// Whether external specs get jobs.
    pub externals: Externals,
    /// What stood in the way of finding out more.
    pub findings: Vec<Finding>,
    by_hash: FxHashMap<Arc<str>, Vec<Reason>>,
}

impl Pruning {
    /// Prunes external specs, or does not.
    pub fn of_externals(externals: Externals) -> Self {
        Self { externals, ..Self::default() }
    }

    /// Adds a reason to build, or not to build, the spec of a hash.
    pub fn add(&mut self, hash: &Arc<str>, reason: Reason) {
        self.by_hash.entry(Arc::clone(hash)).or_default().push(reason);
    }

    /// Returns the reasons that were added for a spec, in order.
    pub fn reasons(&self, spec: &ConcreteSpec) -> &[Reason] {
        self.by_hash.get(&spec.hash).map_or(&[], Vec::as_slice)
    }

    /// Tells whether anything but being external bears on specs.
    pub fn knows_anything(&self) -> bool {
        !self.by_hash.is_empty()
    }

    /// Returns the first reason to give a spec no job.
    pub fn pruned_by(&self, spec: &ConcreteSpec) -> Option<Reason> {
        let external = spec.external && self.externals == Externals::Pruned;
        external
            .then_some(Reason::External)
            .or_else(|| self.reasons(spec).iter().find(|reason| reason.prunes()).cloned())
    }

    /// Returns all that was decided about a spec, in Spack's words and order: changes, mirrors, externals.
    pub fn words(&self, spec: &ConcreteSpec) -> Vec<String> {
        let mut words: Vec<String> = self.reasons(spec).iter().map(Reason::to_string).collect();
        if self.externals == Externals::Pruned {
            words.push(if spec.external { "external spec" } else { "not external" }.to_owned());
        }
        words
    }
}

/// A spec that roots need and that gets no job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The phase, as an index into [`JobGraph::phases`](super::JobGraph::phases).
    pub phase: usize,
    /// The spec.
    pub spec: crate::spec::concrete::SpecId,
    /// Why it gets no job.
    pub reason: Reason,
}
