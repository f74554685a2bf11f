//! Concrete specs: a DAG of nodes with one version, one architecture and all variants chosen.
//!
//! Nodes and edges stand in flat tables. Text that recurs (versions, architectures, parameter sets) is shared
//! by `Arc`, so equal values are mostly the same allocation and can be cached by address.

mod index;
mod node;
mod satisfies;
mod select;

use super::version::Version;
use crate::source::Source;
use fixedbitset::FixedBitSet;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Index of a node in its [`ConcreteSpecs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpecId(pub u32);

impl SpecId {
    /// Returns the id as a table index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A set of nodes of one [`ConcreteSpecs`], one bit a node.
pub type SpecSet = FixedBitSet;

/// Platform, operating system and target of a concrete spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture {
    /// `linux`, `darwin`, …
    pub platform: Arc<str>,
    /// `centos7`, `ubuntu22.04`, …
    pub os: Arc<str>,
    /// The microarchitecture's name: `x86_64_v3`, `zen2`, …
    pub target: Arc<str>,
}

/// The compiler of a spec from before Spack 1.0, when compilers were not nodes of the DAG.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Compiler {
    /// Spack's compiler name: `gcc`, `clang`, `intel`, …
    pub name: Arc<str>,
    /// Its one version.
    pub version: Version,
}

/// The value of a variant of a concrete spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VariantValue {
    /// `+x` or `~x`.
    Bool(bool),
    /// `x=a`.
    Single(Arc<str>),
    /// `x=a,b`, in the lockfile's order.
    Multi(Vec<Arc<str>>),
}

/// Variants and compiler flags of a concrete spec.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parameters {
    /// Value of every variant, by name.
    pub variants: BTreeMap<Arc<str>, VariantValue>,
    /// Words of `cflags`, `cppflags`, `cxxflags`, `fflags`, `ldflags`, `ldlibs`; empty lists are left out.
    pub flags: BTreeMap<Arc<str>, Vec<Arc<str>>>,
}

/// The names of Spack's compiler flag lists.
pub const FLAG_NAMES: [&str; 6] = ["cflags", "cppflags", "cxxflags", "fflags", "ldflags", "ldlibs"];

/// Where a concrete spec comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// A lockfile: the byte range of the node's own JSON object in [`ConcreteSpecs::lockfile`].
    Locked(Range<usize>),
    /// The embedded catalogue: a guess, marked as such everywhere.
    Predicted,
    /// A locked relative with what differs changed: a better guess, marked as one all the same.
    Derived,
}

/// One node of the DAG.
#[derive(Clone, Debug)]
pub struct ConcreteSpec {
    /// Package name.
    pub name: Arc<str>,
    /// Repository the recipe comes from: `builtin`, …
    pub namespace: Arc<str>,
    /// The one version.
    pub version: Arc<Version>,
    /// Platform, operating system, target.
    pub arch: Arc<Architecture>,
    /// Variants and flags.
    pub parameters: Arc<Parameters>,
    /// Compiler by annotation (lockfiles up to version 5, and old specs reused since).
    pub compiler: Option<Arc<Compiler>>,
    /// The hash Spack installs by (`hash` in the lockfile).
    pub hash: Arc<str>,
    /// The key in `concrete_specs`; differs from `hash` in lockfiles up to version 3.
    pub key: Arc<str>,
    /// Not built by Spack: has no job.
    pub external: bool,
    /// Lockfile, catalogue, or a relative in the lockfile.
    pub provenance: Provenance,
}

impl Parameters {
    /// Returns the variants as Spack formats `{variants}`: booleans first (`+a~b`), then ` key=value`, each by name.
    pub fn variants_text(&self) -> String {
        let (booleans, others): (Vec<_>, Vec<_>) =
            self.variants.iter().partition(|(_, value)| matches!(value, VariantValue::Bool(_)));
        let mut out: String = booleans.into_iter().map(|(name, value)| value.text(name)).collect();
        for (name, value) in others {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(&value.text(name));
        }
        out
    }
}

impl ConcreteSpec {
    /// Tells whether this spec is a guess.
    pub fn is_predicted(&self) -> bool {
        !matches!(self.provenance, Provenance::Locked(_))
    }
}

/// The kinds of dependency an edge stands for, as a set; ordered as Spack orders them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DepTypes(pub u8);

impl DepTypes {
    /// Linked against.
    pub const LINK: Self = Self(1);
    /// Needed to run.
    pub const RUN: Self = Self(2);
    /// Needed to build.
    pub const BUILD: Self = Self(4);
    /// Needed to test.
    pub const TEST: Self = Self(8);

    /// Returns the kind of this name, as lockfiles and `^[deptypes=…]` spell it.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "build" => Some(Self::BUILD),
            "link" => Some(Self::LINK),
            "run" => Some(Self::RUN),
            "test" => Some(Self::TEST),
            _ => None,
        }
    }

    /// Returns the union.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Tells whether every kind of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Tells whether the two sets share a kind.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// An edge from a spec to one it depends on.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// The spec depended on.
    pub spec: SpecId,
    /// What it is needed for.
    pub types: DepTypes,
    /// The virtual packages (`mpi`, `c`) it provides over this edge.
    pub virtuals: Arc<[Arc<str>]>,
}

/// A root of the DAG: one spec that the environment asked for.
#[derive(Clone, Debug)]
pub struct ConcreteRoot {
    /// The abstract spec as the lockfile or the environment writes it.
    pub text: Arc<str>,
    /// The root spec of the environment it answers, as an index into `SpecList::roots`.
    pub root: usize,
    /// The node it was concretized to.
    pub spec: SpecId,
}

/// A version of Spack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpackRelease {
    /// Its number: `1.1.0`.
    pub version: String,
    /// The commit, if it was run from a Git repository.
    pub commit: Option<String>,
}

/// A DAG of concrete specs with its roots; edges only run to nodes of the same table and form no cycle.
#[derive(Clone, Debug, Default)]
pub struct ConcreteSpecs {
    /// The text that [`Provenance::Locked`] ranges point into; none when all is predicted.
    pub lockfile: Option<Arc<Source>>,
    /// The lockfile's version, if one was read.
    pub lockfile_version: Option<u32>,
    /// The Spack that wrote the lockfile, if that says so.
    pub written_by: Option<SpackRelease>,
    specs: Vec<ConcreteSpec>,
    edges: Vec<Dependency>,
    /// `edges[offsets[i]..offsets[i + 1]]` belong to node `i`.
    offsets: Vec<u32>,
    /// Every node after all its dependencies.
    order: Vec<SpecId>,
    index: index::Index,
    /// Roots in the order of the environment, duplicates kept.
    pub roots: Vec<ConcreteRoot>,
}

/// A dependency cycle, as the nodes on it in order; the first depends on the second, the last on the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<SpecId>);

impl ConcreteSpecs {
    /// Makes a DAG of nodes and, for each, its dependencies (which keep their order).
    ///
    /// # Errors
    /// Returns a [`Cycle`] if the dependencies form one.
    ///
    /// # Panics
    /// Panics if an edge names a node that is not in `specs`.
    pub fn new(specs: Vec<ConcreteSpec>, dependencies: Vec<Vec<Dependency>>) -> Result<Self, Cycle> {
        let mut dag = Self::default();
        dag.extend(specs, dependencies)?;
        Ok(dag)
    }

    /// Adds nodes and, for each, its dependencies, whose ids count from the first node of the whole table.
    ///
    /// # Errors
    /// Returns a [`Cycle`] if the dependencies form one.
    ///
    /// # Panics
    /// Panics if an edge names a node that is not in the table.
    pub fn extend(&mut self, specs: Vec<ConcreteSpec>, dependencies: Vec<Vec<Dependency>>) -> Result<(), Cycle> {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.specs.extend(specs);
        self.edges.reserve(dependencies.iter().map(Vec::len).sum());
        self.offsets.reserve(dependencies.len());
        for list in dependencies {
            self.edges.extend(list);
            self.offsets.push(u32::try_from(self.edges.len()).unwrap_or(u32::MAX));
        }
        self.offsets.resize(self.specs.len() + 1, self.offsets.last().copied().unwrap_or(0));
        self.order = self.sort()?;
        self.index = index::Index::new(self);
        Ok(())
    }

    /// Returns the number of nodes.
    pub fn len(&self) -> usize {
        self.specs.len()
    }

    /// Tells whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty()
    }

    /// Returns a node.
    pub fn spec(&self, id: SpecId) -> &ConcreteSpec {
        &self.specs[id.index()]
    }

    /// Returns the nodes with their ids, in the order of the lockfile.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (SpecId, &ConcreteSpec)> {
        self.specs.iter().enumerate().map(|(i, spec)| (SpecId(u32::try_from(i).unwrap_or(u32::MAX)), spec))
    }

    /// Returns the direct dependencies of a node.
    pub fn dependencies(&self, id: SpecId) -> &[Dependency] {
        let at = id.index();
        &self.edges[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// Returns the dependency that provides `c` to a node, else `cxx`, else `fortran`.
    pub fn compiler_node(&self, id: SpecId) -> Option<SpecId> {
        let edges = self.dependencies(id);
        let of = |language: &str| edges.iter().find(|edge| edge.virtuals.iter().any(|name| &**name == language));
        ["c", "cxx", "fortran"].into_iter().find_map(of).map(|edge| edge.spec)
    }

    /// Returns every node after all it depends on.
    pub fn order(&self) -> &[SpecId] {
        &self.order
    }

    /// Sorts topologically, dependencies first, with a walk that does not recurse.
    fn sort(&self) -> Result<Vec<SpecId>, Cycle> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.len()];
        let mut order = Vec::with_capacity(self.len());
        let mut path: Vec<(SpecId, usize)> = Vec::new();
        for (start, _) in self.iter() {
            if marks[start.index()] != Mark::New {
                continue;
            }
            marks[start.index()] = Mark::Open;
            path.push((start, 0));
            while let Some((id, next)) = path.last_mut() {
                let id = *id;
                let Some(edge) = self.dependencies(id).get(*next) else {
                    marks[id.index()] = Mark::Done;
                    order.push(id);
                    path.pop();
                    continue;
                };
                *next += 1;
                let child = edge.spec;
                match marks[child.index()] {
                    Mark::Done => {}
                    Mark::New => {
                        marks[child.index()] = Mark::Open;
                        path.push((child, 0));
                    }
                    Mark::Open => {
                        let from = path.iter().position(|(id, _)| *id == child).unwrap_or(0);
                        return Err(Cycle(path[from..].iter().map(|(id, _)| *id).collect()));
                    }
                }
            }
        }
        Ok(order)
    }
}
