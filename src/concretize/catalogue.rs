//! The embedded catalogue: facts of packages (`assets/catalogue.yaml`) for machines with neither lockfile nor Spack.
//!
//! It predicts in the form of Spack before 1.0: a compiler is an annotation of a spec and no node, and what the host or
//! the compiler brings along (`gmake`, the C library, runtimes) has no node either. A package has one version a root.

mod choose;
mod cycle;
mod demand;
mod fact;
mod hash;
mod predict;
mod resolve;
mod root;
mod round;
#[cfg(test)]
mod tests;
mod variant;

pub use fact::{BuildFacts, Conflicting, Needed, Package, Provided, Variant, VariantKind};
pub(in crate::concretize) use hash::hash as spec_hash;
pub(in crate::concretize) use predict::unpredictable;
pub use predict::{Prediction, predict};

pub(in crate::concretize) use root::{architecture, stand_in};

use crate::spec::concrete::ConcreteSpec;
use crate::spec::{Version, VersionList};
use choose::holds_alone;
use fact::{Document, Facts};
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The text of the embedded catalogue.
const TEXT: &str = include_str!("../../assets/catalogue.yaml");

/// How many names are offered in place of one that is not known.
const MOST_NEAREST: usize = 3;

/// Values by name, in the order of names and quick to find.
type Sorted<T> = IndexMap<String, T, FxBuildHasher>;

/// What the planner knows of packages.
#[derive(Debug)]
pub struct Catalogue {
    compiler: String,
    /// The provider of each virtual package where nothing else is said.
    defaults: Sorted<String>,
    /// All providers of each virtual package, in order of their names.
    providers: Sorted<Vec<String>>,
    build_systems: BTreeMap<String, Facts>,
    packages: Sorted<Entry>,
}

/// A package as the file has it; its constraints are read when it is first asked for.
#[derive(Debug)]
struct Entry {
    facts: Facts,
    package: OnceLock<Result<Package, CatalogueError>>,
}

/// What is wrong with a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// It is no YAML of the right shape.
    #[error("the catalogue cannot be read: {0}")]
    Shape(String),
    /// A fact that is not written as facts are.
    #[error("the catalogue says `{text}` of {package}: {reason}")]
    Fact {
        /// The package.
        package: String,
        /// The fact.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Catalogue {
    /// Returns the embedded catalogue, which is read when it is first asked for.
    ///
    /// # Errors
    /// Returns an error if the file is malformed, which its tests rule out.
    pub fn embedded() -> Result<&'static Self, CatalogueError> {
        static EMBEDDED: OnceLock<Result<Catalogue, CatalogueError>> = OnceLock::new();
        EMBEDDED.get_or_init(|| Self::parse(TEXT)).as_ref().map_err(Clone::clone)
    }

    /// Reads a catalogue; the constraints in it are read later, package by package.
    ///
    /// # Errors
    /// Returns an error if the text is no YAML of the right shape.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let document: Document =
            serde_yaml::from_str(text).map_err(|cause| CatalogueError::Shape(cause.to_string()))?;
        let mut providers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, facts) in &document.packages {
            for provided in facts.provided_names() {
                let list = providers.entry(provided.to_owned()).or_default();
                if list.last() != Some(name) {
                    list.push(name.clone());
                }
            }
        }
        let entry = |(name, facts)| (name, Entry { facts, package: OnceLock::new() });
        Ok(Self {
            compiler: document.compiler,
            defaults: document.virtuals.into_iter().collect(),
            providers: providers.into_iter().collect(),
            build_systems: document.build_systems,
            packages: document.packages.into_iter().map(entry).collect(),
        })
    }

    /// Returns what is known of a package.
    ///
    /// # Errors
    /// Returns an error if a fact of the package is malformed.
    pub fn package(&self, name: &str) -> Result<Option<&Package>, CatalogueError> {
        let Some(entry) = self.packages.get(name) else { return Ok(None) };
        let package = entry.package.get_or_init(|| Package::read(name, &entry.facts, &self.build_systems));
        package.as_ref().map(Some).map_err(Clone::clone)
    }

    /// Returns the first of a package's versions that is allowed, else the one that stands for those which are.
    ///
    /// # Errors
    /// Returns an error if a fact of the package is malformed.
    pub(in crate::concretize) fn newest(&self, name: &str, versions: &VersionList) -> Result<Version, CatalogueError> {
        let known = self.package(name)?;
        let version = known.and_then(|package| package.versions.iter().find(|version| versions.contains(version)));
        Ok(version.map_or_else(|| stand_in(versions), |version| (**version).clone()))
    }

    /// Returns the names of what a spec needs, as far as that is known and follows from the spec itself.
    ///
    /// # Errors
    /// Returns an error if a fact of the package is malformed.
    pub(in crate::concretize) fn needs(&self, spec: &ConcreteSpec) -> Result<BTreeSet<&str>, CatalogueError> {
        let Some(package) = self.package(&spec.name)? else { return Ok(BTreeSet::new()) };
        let needed = package.build.needs.iter().filter(|needed| holds_alone(needed.when.as_ref(), spec));
        Ok(needed.filter_map(|needed| needed.spec.name()).collect())
    }

    /// Returns the names of all packages, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    /// Tells whether a name is that of a virtual package.
    pub fn is_virtual(&self, name: &str) -> bool {
        self.defaults.contains_key(name)
    }

    /// Returns the virtual packages with the provider each has by default, sorted.
    pub fn virtuals(&self) -> impl Iterator<Item = (&str, &str)> {
        self.defaults.iter().map(|(name, provider)| (name.as_str(), provider.as_str()))
    }

    /// Returns the providers of a virtual package: the default one, then the others in order of their names.
    pub fn providers(&self, virtual_package: &str) -> impl Iterator<Item = &str> {
        let default = self.defaults.get(virtual_package);
        let others = self.providers.get(virtual_package).into_iter().flatten();
        default.into_iter().chain(others.filter(move |name| Some(*name) != default)).map(String::as_str)
    }

    /// Returns the package whose newest version compiles what names no compiler.
    pub fn default_compiler(&self) -> &str {
        &self.compiler
    }

    /// Returns names that are spelled much like one that is not known, the nearest first.
    pub fn nearest(&self, name: &str) -> Vec<&str> {
        let distance = |known: &str| strsim::damerau_levenshtein(name, known);
        let most = (name.chars().count() / 3).clamp(1, 3);
        let known = self.names().chain(self.defaults.keys().map(String::as_str));
        let mut near: Vec<(usize, &str)> =
            known.map(|known| (distance(known), known)).filter(|(distance, _)| *distance <= most).collect();
        near.sort_unstable();
        near.into_iter().take(MOST_NEAREST).map(|(_, name)| name).collect()
    }
}
