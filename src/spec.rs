//! Spack's spec language: constraints, their canonical text, and which concrete specs satisfy them.
//!
//! A [`Spec`] is a constraint (`hdf5@1.14+mpi %gcc@12 ^openmpi`); [`concrete::ConcreteSpecs`] holds what it selects from.

mod clause;
pub mod concrete;
mod constrain;
mod format;
mod legacy;
mod mismatch;
mod parse;
mod satisfies;
pub mod target;
pub mod version;

pub use clause::{ArchitectureClause, DependencyClause, FlagClause, Propagation, Reach, VariantClause, VariantTest};
pub use constrain::Conflict;
pub use mismatch::{DependencyMismatch, Mismatch};
pub use parse::{ParseError, ParseErrorKind};
pub use version::{Version, VersionList, VersionListError, VersionRange};

use std::collections::BTreeMap;
use std::sync::Arc;

/// A constraint on specs; its `Display` is Spack's canonical text.
///
/// Nothing is demanded where nothing is said: the empty spec is satisfied by all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    name: Option<Arc<str>>,
    namespace: Option<Arc<str>>,
    versions: VersionList,
    variants: BTreeMap<Arc<str>, VariantClause>,
    flags: BTreeMap<Arc<str>, Vec<FlagClause>>,
    architecture: ArchitectureClause,
    hash: Option<Arc<str>>,
    /// Sorted by name and then by the kinds of dependency, anonymous ones first.
    dependencies: Vec<DependencyClause>,
}

impl Spec {
    /// Makes the constraint that only names a package.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Returns the name of the package, or of the virtual package; anonymous specs have none.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the repository that the package must come from.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the versions that are allowed.
    pub fn versions(&self) -> &VersionList {
        &self.versions
    }

    /// Returns what is demanded of variants, by their name.
    pub fn variants(&self) -> &BTreeMap<Arc<str>, VariantClause> {
        &self.variants
    }

    /// Returns the compiler flags that are demanded, by the name of their list (`cflags`, …).
    pub fn flags(&self) -> &BTreeMap<Arc<str>, Vec<FlagClause>> {
        &self.flags
    }

    /// Returns what is demanded of platform, operating system and target.
    pub fn architecture(&self) -> &ArchitectureClause {
        &self.architecture
    }

    /// Returns the prefix of the hash that is demanded, without its `/`.
    pub fn hash(&self) -> Option<&str> {
        self.hash.as_deref()
    }

    /// Returns the dependencies that are demanded, sorted by name.
    pub fn dependencies(&self) -> &[DependencyClause] {
        &self.dependencies
    }

    /// Tells whether nothing at all is demanded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns this constraint without what it demands of dependencies.
    #[must_use]
    pub fn without_dependencies(&self) -> Self {
        Self { dependencies: Vec::new(), ..self.clone() }
    }

    /// Returns what this constraint demands of any package, without its name and dependencies.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { name: None, ..self.without_dependencies() }
    }

    /// Makes the constraint that only demands a dependency.
    pub fn of_dependency(clause: DependencyClause) -> Self {
        Self { dependencies: vec![clause], ..Self::default() }
    }

    /// Inserts a dependency at its place in the order and returns its index.
    fn insert_dependency(&mut self, dependency: DependencyClause) -> usize {
        let key = |d: &DependencyClause| (d.spec.name.clone(), d.types);
        let new = key(&dependency);
        let at = self.dependencies.partition_point(|d| key(d) <= new);
        self.dependencies.insert(at, dependency);
        at
    }
}
