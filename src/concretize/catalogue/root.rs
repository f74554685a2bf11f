//! What a root spec demands, read once: of itself, of the dependencies it names, of architecture and compiler.

use super::{Catalogue, CatalogueError};
use crate::spec::concrete::{Architecture, Compiler, ConcreteSpecs, DepTypes, SpecId};
use crate::spec::target::{TargetClause, TargetTerm};
use crate::spec::version::VersionSet;
use crate::spec::{ArchitectureClause, Propagation, Reach, Spec, VariantClause, Version, VersionList};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The version of what is not known and asked for at any version.
const UNKNOWN_VERSION: &str = "develop";

/// The virtual packages that any compiler provides.
const LANGUAGES: [&str; 3] = ["c", "cxx", "fortran"];

/// A root spec, read as Spack before 1.0 read it.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) name: String,
    /// What it says of itself.
    pub(super) own: Spec,
    /// The dependencies it names with `^`.
    pub(super) asked: Vec<Asked>,
    /// What is built for, wherever a package is not told otherwise.
    pub(super) architecture: Arc<Architecture>,
    /// What builds, wherever a package is not told otherwise.
    pub(super) compiler: Arc<Compiler>,
    /// The variants that all dependencies take over which have them.
    pub(super) propagated: BTreeMap<Arc<str>, VariantClause>,
}

/// What is built for, and by what, where a root leaves it open.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    architecture: Architecture,
    compiler: Option<Compiler>,
}

impl Defaults {
    /// Takes what most locked specs have, else this architecture and the catalogue's compiler.
    pub(super) fn of(locked: &ConcreteSpecs, architecture: &Architecture) -> Self {
        let ids = || locked.iter().filter(|(_, spec)| !spec.external).map(|(id, _)| id);
        let usual = most_common(ids().map(|id| Arc::clone(&locked.spec(id).arch)));
        let compiler = most_common(ids().filter_map(|id| compiler_of(locked, id)));
        Self { architecture: usual.map_or_else(|| architecture.clone(), |usual| (*usual).clone()), compiler }
    }
}

/// Returns the value that occurs most often; of several the least.
fn most_common<T: Ord>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(value, _)| value)
}

/// Returns what compiles a locked spec, whether that is an annotation or a node.
pub(super) fn compiler_of(locked: &ConcreteSpecs, id: SpecId) -> Option<Compiler> {
    if let Some(compiler) = &locked.spec(id).compiler {
        return Some((**compiler).clone());
    }
    let node = locked.spec(locked.compiler_node(id)?);
    Some(Compiler::of_package(&node.name, (*node.version).clone()))
}

/// A dependency that a root names.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) name: String,
    /// What is demanded of it.
    pub(super) spec: Spec,
    pub(super) types: DepTypes,
    /// The virtual packages it is to provide.
    pub(super) virtuals: BTreeSet<Arc<str>>,
    /// What the root must be for this to count.
    pub(super) when: Option<Box<Spec>>,
    pub(super) compiler: Option<Arc<Compiler>>,
}

/// Values that recur among roots, each allocated once.
#[derive(Debug, Default)]
pub(super) struct Shared {
    architectures: BTreeSet<Arc<Architecture>>,
    compilers: BTreeSet<Arc<Compiler>>,
}

impl Shared {
    /// Returns the one allocation of an architecture.
    pub(super) fn architecture(&mut self, value: Architecture) -> Arc<Architecture> {
        one(&mut self.architectures, value)
    }
}

fn one<T: Ord>(known: &mut BTreeSet<Arc<T>>, value: T) -> Arc<T> {
    if let Some(known) = known.get(&value) {
        return Arc::clone(known);
    }
    let value = Arc::new(value);
    known.insert(Arc::clone(&value));
    value
}

impl Root {
    /// Reads a root spec; returns nothing if it names no package.
    pub(super) fn new(
        catalogue: &Catalogue,
        spec: &Spec,
        defaults: &Defaults,
        shared: &mut Shared,
    ) -> Result<Option<Self>, CatalogueError> {
        let spec = spec.with_bare_compilers();
        let Some(name) = spec.name() else { return Ok(None) };
        // Where a name is virtual, its default provider is what is built.
        let name = if catalogue.is_virtual(name) { catalogue.providers(name).next().unwrap_or(name) } else { name };
        let mut asked = Vec::new();
        for clause in spec.dependencies().iter().filter(|clause| clause.reach == Reach::Transitive) {
            let Some(name) = clause.spec.name() else { continue };
            asked.push(Asked {
                name: name.to_owned(),
                compiler: compiler(catalogue, &clause.spec)?.map(|compiler| one(&mut shared.compilers, compiler)),
                spec: clause.spec.without_dependencies(),
                types: clause.types,
                virtuals: clause.virtuals.clone(),
                when: clause.when.clone(),
            });
        }
        // What the root leaves open is what the first dependency says that does not, as Spack before 1.0 had it.
        let clauses: Vec<&ArchitectureClause> =
            std::iter::once(spec.architecture()).chain(asked.iter().map(|one| one.spec.architecture())).collect();
        let architecture = shared.architecture(architecture(&clauses, &defaults.architecture));
        let own = compiler(catalogue, &spec)?.map(|compiler| one(&mut shared.compilers, compiler));
        let compiler = if let Some(compiler) = own.or_else(|| asked.iter().find_map(|one| one.compiler.clone())) {
            compiler
        } else {
            let any = || of_package(catalogue, catalogue.default_compiler(), &VersionList::any());
            one(&mut shared.compilers, defaults.compiler.clone().map_or_else(any, Ok)?)
        };
        let is_propagated = |(_, clause): &(&Arc<str>, &VariantClause)| clause.propagation == Propagation::Propagated;
        let propagated = spec.variants().iter().filter(is_propagated);
        let propagated = propagated.map(|(name, clause)| (Arc::clone(name), clause.clone())).collect();
        Ok(Some(Self {
            name: name.to_owned(),
            own: spec.without_dependencies(),
            asked,
            architecture,
            compiler,
            propagated,
        }))
    }
}

/// Returns the compiler that a spec names with `%`.
fn compiler(catalogue: &Catalogue, spec: &Spec) -> Result<Option<Compiler>, CatalogueError> {
    let mut direct = spec.dependencies().iter().filter(|clause| clause.reach == Reach::Direct);
    let named = direct.find_map(|clause| Some((clause.spec.name()?, clause.spec.versions())));
    match named {
        Some((name, _)) if LANGUAGES.contains(&name) => Ok(None),
        Some((name, versions)) => Ok(Some(of_package(catalogue, name, versions)?)),
        None => Ok(None),
    }
}

fn of_package(catalogue: &Catalogue, name: &str, versions: &VersionList) -> Result<Compiler, CatalogueError> {
    Ok(Compiler::of_package(name, catalogue.newest(name, versions)?))
}

/// Returns the version that stands for those of which no known one is allowed: the highest that the constraint itself
/// names, or `develop` where it names none.
pub(in crate::concretize) fn stand_in(versions: &VersionList) -> Version {
    let named = match versions.sets().last() {
        Some(VersionSet::Exact(version)) => Some(version),
        // The lower end of a single version is as it was written.
        Some(VersionSet::Range(range)) if range.low() == range.high() => range.low(),
        Some(VersionSet::Range(range)) => range.high().or_else(|| range.low()),
        None => None,
    };
    named.map_or_else(|| Version::parse(UNKNOWN_VERSION), Clone::clone)
}

/// Returns the architecture that the first clause which says something of each part gives.
pub(in crate::concretize) fn architecture(clauses: &[&ArchitectureClause], defaults: &Architecture) -> Architecture {
    let said = |part: fn(&ArchitectureClause) -> Option<&Arc<str>>| {
        clauses.iter().find_map(|clause| part(clause)).filter(|value| &***value != "*").cloned()
    };
    Architecture {
        platform: said(|clause| clause.platform.as_ref()).unwrap_or_else(|| Arc::clone(&defaults.platform)),
        os: said(|clause| clause.os.as_ref()).unwrap_or_else(|| Arc::clone(&defaults.os)),
        target: clauses
            .iter()
            .find_map(|clause| clause.target.as_ref())
            .map_or_else(|| Arc::clone(&defaults.target), |clause| target(clause, &defaults.target)),
    }
}

/// Returns the default target where it is allowed, else the first that the clause names.
fn target(clause: &TargetClause, default: &Arc<str>) -> Arc<str> {
    if clause.contains(default) == Ok(true) {
        return Arc::clone(default);
    }
    let named = clause.terms().iter().find_map(|term| match term {
        TargetTerm::One(name) => Some(name),
        TargetTerm::Range { low, high } => low.as_ref().or(high.as_ref()),
    });
    Arc::clone(named.unwrap_or(default))
}
