//! What holds for a whole DAG and is changed everywhere in it: operating system, target and compiler.

use crate::concretize::catalogue::{CatalogueError, architecture, stand_in};
use crate::concretize::relative::Known;
use crate::spec::concrete::{Architecture, Compiler, ConcreteSpec, ConcreteSpecs, SpecId};
use crate::spec::{Reach, Spec, Version, VersionList};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The virtual packages that compilers provide.
const LANGUAGES: [&str; 3] = ["c", "cxx", "fortran"];
/// What a compiler brings along, in its own version.
const RUNTIMES: [&str; 2] = ["gcc-runtime", "intel-oneapi-runtime"];

/// What is changed everywhere.
pub(super) struct Axes {
    /// The architecture of the relative, and what takes its place.
    architecture: (Arc<Architecture>, Arc<Architecture>),
    /// The annotated compiler of the relative, and what takes its place.
    annotated: Option<(Arc<Compiler>, Arc<Compiler>)>,
    /// The compiler that is a node, and the one that takes its place.
    pub(super) compiler: Option<(SpecId, SpecId)>,
    /// The versions of both, which their runtimes have as well.
    runtime: Option<(Arc<Version>, Arc<Version>)>,
    /// The root as it is to be.
    pub(super) root: Option<ConcreteSpec>,
}

impl Axes {
    /// Compares a relative with what is wanted; returns nothing where no compiler is known that would serve.
    pub(super) fn new(
        known: &Known<'_>,
        wanted: &Spec,
        relative: SpecId,
        changed: &mut BTreeSet<String>,
    ) -> Result<Option<Self>, CatalogueError> {
        let Known { locked, catalogue, compilers } = known;
        let spec = locked.spec(relative);
        let after = architecture(&[wanted.architecture()], &spec.arch);
        for (key, before, after) in [("os", &spec.arch.os, &after.os), ("target", &spec.arch.target, &after.target)] {
            if before != after {
                changed.insert(format!("{key}={after}"));
            }
        }
        let mut axes = Self {
            architecture: (Arc::clone(&spec.arch), Arc::new(after)),
            annotated: None,
            compiler: None,
            runtime: None,
            root: None,
        };
        let direct = wanted.dependencies().iter().filter(|clause| clause.reach == Reach::Direct);
        for clause in direct {
            let Some(name) = clause.spec.name().filter(|name| !LANGUAGES.contains(name)) else { continue };
            let versions = clause.spec.versions();
            if let Some(before) = &spec.compiler {
                let legacy = Compiler::of_package(name, Version::parse("0")).name;
                if before.name != legacy || !versions.contains(&before.version) {
                    let version = match annotation(compilers, &legacy, versions) {
                        Some(known) => known.version.clone(),
                        None => catalogue.newest(name, versions)?,
                    };
                    let after = Arc::new(Compiler { name: legacy, version });
                    changed.insert(format!("%{}@{}", after.name, after.version));
                    axes.annotated = Some((Arc::clone(before), after));
                }
            } else if let Some(before) = locked.compiler_node(relative) {
                let node = locked.spec(before);
                if &*node.name == name && versions.contains(&node.version) {
                    continue;
                }
                let Some(after) = node_of(locked, name, versions, &axes.architecture.1) else { return Ok(None) };
                let version = Arc::clone(&locked.spec(after).version);
                changed.insert(format!("%{name}@{version}"));
                axes.runtime = Some((Arc::clone(&node.version), version));
                axes.compiler = Some((before, after));
            }
        }
        Ok(Some(axes))
    }

    /// Returns a spec with everything changed that was as it is in the relative.
    pub(super) fn apply(&self, mut spec: ConcreteSpec) -> ConcreteSpec {
        let (before, after) = &self.architecture;
        if before != after {
            let part = |found: &Arc<str>, before: &Arc<str>, after: &Arc<str>| {
                Arc::clone(if found == before { after } else { found })
            };
            let arch = Architecture {
                platform: Arc::clone(&spec.arch.platform),
                os: part(&spec.arch.os, &before.os, &after.os),
                target: part(&spec.arch.target, &before.target, &after.target),
            };
            spec.arch = if arch == **after { Arc::clone(after) } else { Arc::new(arch) };
        }
        if let Some((before, after)) = &self.annotated
            && spec.compiler.as_ref() == Some(before)
        {
            spec.compiler = Some(Arc::clone(after));
        }
        if let Some((before, after)) = &self.runtime
            && RUNTIMES.contains(&&*spec.name)
            && spec.version == *before
        {
            spec.version = Arc::clone(after);
        }
        spec
    }
}

/// Returns the newest locked version of a package that is allowed, else the one that the constraint names.
pub(super) fn version(locked: &ConcreteSpecs, name: &str, versions: &VersionList) -> Arc<Version> {
    let known = locked.named(name).iter().map(|id| &locked.spec(*id).version);
    let newest = known.filter(|version| versions.contains(version)).max();
    newest.map_or_else(|| Arc::new(stand_in(versions)), Arc::clone)
}

/// Returns the newest compiler of this name that locked specs are annotated with.
fn annotation<'a>(known: &'a BTreeSet<Arc<Compiler>>, name: &str, versions: &VersionList) -> Option<&'a Compiler> {
    let fitting = known.iter().filter(|compiler| &*compiler.name == name && versions.contains(&compiler.version));
    fitting.max_by(|a, b| a.version.cmp(&b.version)).map(|compiler| &**compiler)
}

/// Returns the newest locked compiler of this name, one of the same architecture before others.
fn node_of(locked: &ConcreteSpecs, name: &str, versions: &VersionList, wanted: &Architecture) -> Option<SpecId> {
    let compiles = |id: SpecId| LANGUAGES.iter().any(|language| locked.providers(language).contains(&id));
    let fitting = locked.named(name).iter().copied();
    let fitting = fitting.filter(|id| versions.contains(&locked.spec(*id).version) && compiles(*id));
    fitting.max_by_key(|id| {
        let spec = locked.spec(*id);
        (spec.arch.os == wanted.os, Arc::clone(&spec.version), std::cmp::Reverse(*id))
    })
}
