//! A Spack environment (`spack.yaml`): definitions, spec matrices, runner rules, bootstrap lists, mirrors, CDash.

pub mod attributes;
mod cdash;
mod ci;
pub mod condition;
mod definitions;
pub mod dynamic;
mod gitlab_ci;
pub mod host;
mod include;
mod job_attributes;
mod list;
mod manifest;
mod matrix;
mod mirrors;
mod pipeline_gen;
mod reader;
mod repos;
mod source;

pub use include::{Files, Found, Included, IncludedPath, Reach, Texts};
pub use manifest::Inputs;
pub use mirrors::file_url;
pub use source::{load, load_as, load_within, manifest, read};

use crate::finding::Finding;
use crate::source::{Place, Source};
use crate::spec::Spec;
use attributes::RunnerRules;
use condition::Context;
use indexmap::IndexMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A release as its environment describes it, with every list expanded.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The text of `spack.yaml`.
    pub source: Arc<Source>,
    /// The files that it includes, those of higher precedence first.
    pub included: Vec<Included>,
    /// The paths under `include:`, as they are written.
    pub include: Vec<IncludedPath>,
    /// How many directories above its own relative paths of `include:` lead, whether or not there is something.
    pub climb: usize,
    /// The definitions that are active on this host, in order of first appearance.
    pub definitions: IndexMap<String, SpecList>,
    /// The root specs of the main phase (`specs:`).
    pub specs: SpecList,
    /// The bootstrap phases, in order.
    pub bootstrap: Vec<BootstrapList>,
    /// Which job gets which attributes.
    pub rules: RunnerRules,
    /// The kind of pipeline that is wanted.
    pub dialect: Dialect,
    /// What is said of pipelines beside the rules.
    pub ci: CiSection,
    /// The mirrors, in the order of the file.
    pub mirrors: Vec<Mirror>,
    /// The package repositories, those that are asked first coming first.
    pub repositories: Repositories,
    /// Where results are reported, if anywhere.
    pub cdash: Option<Cdash>,
    /// What was odd about the environment.
    pub findings: Vec<Finding>,
}

impl Environment {
    /// Tells whether a place is in the manifest or in a file that it includes, and not in what Spack itself adds.
    pub fn is_written(&self, place: &Place) -> bool {
        let included = self.included.iter().map(|file| &file.source);
        std::iter::once(&self.source).chain(included).any(|source| Arc::ptr_eq(source, place.source()))
    }

    /// Tells whether the jobs of two environments are the same: the same roots in the same phases, named alike.
    ///
    /// Who builds them may differ.
    pub fn asks_for_same_jobs(&self, other: &Self) -> bool {
        let same_specs = |a: &SpecList, b: &SpecList| {
            a.roots.iter().map(|root| &root.spec).eq(b.roots.iter().map(|root| &root.spec))
        };
        let same_list = |a: &BootstrapList, b: &BootstrapList| {
            let specs = match (self.definitions.get(&a.name), other.definitions.get(&b.name)) {
                (Some(a), Some(b)) => same_specs(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
            a.name == b.name && a.compiler_agnostic == b.compiler_agnostic && specs
        };
        let group = |environment: &Self| environment.cdash.as_ref().map(|cdash| cdash.build_group.clone());
        same_specs(&self.specs, &other.specs)
            && self.bootstrap.len() == other.bootstrap.len()
            && self.bootstrap.iter().zip(&other.bootstrap).all(|(a, b)| same_list(a, b))
            && group(self) == group(other)
    }
}

/// The kinds of pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `gitlab-ci:`, as `spack release-jobs` (2019) wrote it.
    ReleaseJobs,
    /// `ci:`, as `spack ci generate` writes it.
    SpackCi,
}

/// What `ci:` (or `gitlab-ci:`) says beside runner rules.
#[derive(Clone, Debug, Default)]
pub struct CiSection {
    /// Whether a last job rebuilds the mirror's index (`rebuild-index`).
    pub index: IndexJob,
    /// Where hashes are listed that are known not to build (`broken-specs-url`).
    pub broken_specs: Option<BrokenSpecs>,
}

/// Whether there is a job that rebuilds the mirror's index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndexJob {
    /// It comes last.
    #[default]
    Last,
    /// There is none.
    LeftOut,
}

/// Where hashes are listed that are known not to build.
#[derive(Clone, Debug)]
pub struct BrokenSpecs {
    /// A directory with a file for each hash.
    pub url: String,
    /// Where it is written.
    pub place: Place,
}

/// A list of specs (`specs:` or one definition) with references and matrices expanded.
#[derive(Clone, Debug, Default)]
pub struct SpecList {
    /// The specs in Spack's order, duplicates kept, excluded ones left out.
    pub roots: Vec<RootSpec>,
    /// The matrices met on the way, in order.
    pub matrices: Vec<Matrix>,
}

impl SpecList {
    /// Returns where a root of this list is written: for a combination, where its matrix starts.
    pub fn place_of<'a>(&'a self, root: &'a RootSpec) -> Option<&'a Place> {
        match &root.origin {
            Origin::Plain(place) => Some(place),
            Origin::Combination { matrix, .. } => self.matrices.get(*matrix).map(|matrix| &matrix.place),
        }
    }
}

/// An abstract spec that an environment asks for.
#[derive(Clone, Debug)]
pub struct RootSpec {
    /// The constraint; its canonical text is its `Display`.
    pub spec: Spec,
    /// Where it comes from.
    pub origin: Origin,
    /// The group of `specs:` it belongs to, if that has groups.
    pub group: Option<Arc<str>>,
}

/// Where a root spec comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A spec string of a list.
    Plain(Place),
    /// A combination of a matrix.
    Combination {
        /// Index into [`SpecList::matrices`].
        matrix: usize,
        /// The value taken on each axis, as an index into [`Axis::values`].
        values: Vec<usize>,
    },
}

/// A spec matrix: the product of its axes, the last one running fastest, without what is excluded.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The rows of the matrix as written, references expanded.
    pub axes: Vec<Axis>,
    /// The `exclude` rules in order.
    pub excludes: Vec<attributes::MatchSpec>,
    /// The combinations that a rule takes out, in order.
    pub excluded: Vec<Excluded>,
    /// Where the matrix stands.
    pub place: Place,
}

/// One row of a matrix.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its values: a constraint, or for a nested matrix several joined by blanks.
    pub values: Vec<AxisValue>,
    /// Where the row stands.
    pub place: Place,
}

/// One value of an axis.
#[derive(Clone, Debug)]
pub struct AxisValue {
    /// Its text, e.g. `%gcc@12`.
    pub text: String,
    /// Where the text is written, which may be in a definition.
    pub place: Place,
}

/// A combination that an `exclude` rule takes out.
#[derive(Clone, Debug)]
pub struct Excluded {
    /// The value on each axis.
    pub values: Vec<usize>,
    /// The spec that is not built.
    pub spec: Spec,
    /// The first rule it satisfies, as an index into [`Matrix::excludes`].
    pub rule: usize,
}

/// A list of compilers that is built before the main phase.
#[derive(Clone, Debug)]
pub struct BootstrapList {
    /// The definition's name, which is also the phase's.
    pub name: String,
    /// Leaves the compiler out of job names and lets the job use any compiler (`compiler-agnostic`).
    pub compiler_agnostic: bool,
    /// Where the entry stands.
    pub place: Place,
}

/// A mirror as `mirrors:` names it.
#[derive(Clone, Debug)]
pub struct Mirror {
    /// Its name.
    pub name: String,
    /// Where binaries are fetched from.
    pub fetch_url: String,
    /// Where binaries are pushed to; empty if nothing is to be.
    pub push_url: String,
    /// What it is for (`source`, `binary`).
    pub contents: MirrorContents,
    /// Whether binaries on it are signed (`signed`).
    pub signing: Signing,
    /// The part of it that binaries are looked up in (`view`), where it has several.
    pub view: Option<String>,
    /// The server that answers for an `s3://` URL (`endpoint_url`), where that is not Amazon's.
    pub endpoint: Option<String>,
    /// Where the entry stands.
    pub place: Place,
}

impl Mirror {
    /// Tells whether binaries are looked for on it.
    pub fn has_binaries(&self) -> bool {
        matches!(self.contents, MirrorContents::All | MirrorContents::Binaries)
    }
}

/// The package repositories of an environment (`repos:`).
#[derive(Clone, Debug, Default)]
pub struct Repositories {
    /// Those that are listed, in order.
    pub listed: Vec<PackageRepository>,
    /// Whether Spack's own stand behind them.
    pub own: OwnRepositories,
}

/// Whether the package repositories of Spack itself are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnRepositories {
    /// They are, behind those that are listed.
    #[default]
    Used,
    /// They are hidden (`repos::`).
    Hidden,
}

/// A package repository, or a Git repository with several.
#[derive(Clone, Debug)]
pub struct PackageRepository {
    /// Its name in `repos:`, if that is a map.
    pub name: Option<String>,
    /// Where it is.
    pub location: RepositoryLocation,
    /// Where the entry stands.
    pub place: Place,
}

/// Where a package repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepositoryLocation {
    /// A directory with a `repo.yaml`.
    Directory(PathBuf),
    /// A clone of a Git repository.
    Git {
        /// What is cloned, if that is said here.
        url: Option<String>,
        /// Where the clone is, if that is said.
        destination: Option<PathBuf>,
        /// The package repositories in it, seen from its root; none where an index in it tells.
        paths: Vec<PathBuf>,
    },
}

/// What a mirror is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MirrorContents {
    /// Sources and binaries.
    All,
    /// Sources only.
    Sources,
    /// Binaries only.
    Binaries,
    /// Neither, which takes it out of use.
    Nothing,
}

/// Whether the binaries on a mirror are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// They are, and signatures are checked.
    Signed,
    /// They need not be.
    Unsigned,
}

/// The `cdash:` section.
#[derive(Clone, Debug)]
pub struct Cdash {
    /// `build-group`.
    pub build_group: String,
    /// `url`, without a path to a script.
    pub url: String,
    /// `project`.
    pub project: String,
    /// `site`.
    pub site: String,
    /// Where the section stands.
    pub place: Place,
}
