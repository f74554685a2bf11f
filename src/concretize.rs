//! From abstract root specs to a DAG of concrete ones: out of lockfiles, else predicted from the catalogue.

pub mod lockfile;

use crate::finding::Finding;
use crate::spec::concrete::ConcreteSpecs;
use std::sync::Arc;

/// The concrete specs of one phase.
#[derive(Clone, Debug)]
pub struct ConcretePhase {
    /// The bootstrap list's name, or `specs`.
    pub name: String,
    /// Its DAG; the roots stand in the order of the environment, those without an answer left out.
    pub specs: Arc<ConcreteSpecs>,
}

/// What concretization gave.
#[derive(Clone, Debug, Default)]
pub struct Concretization {
    /// The bootstrap phases in order, then `specs`.
    pub phases: Vec<ConcretePhase>,
    /// Stale or unknown lockfiles, predicted specs, unknown packages.
    pub findings: Vec<Finding>,
}
