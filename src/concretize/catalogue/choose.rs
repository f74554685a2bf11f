//! Choosing one package: the newest version and the default variants that its demands allow.

use super::demand::{Clash, Demand, gather};
use super::fact::{Conflicting, Needed, Package};
use super::root::{Root, Shared, architecture, stand_in};
use super::variant::{Choice, Demanded};
use super::{Catalogue, CatalogueError};
use crate::spec::concrete::{Architecture, Compiler, ConcreteSpec, ConcreteSpecs, Parameters, Provenance};
use crate::spec::version::Version;
use crate::spec::{Reach, Spec};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// The repository of packages that a constraint does not place in another.
const NAMESPACE: &str = "builtin";

/// A package, chosen.
#[derive(Debug)]
pub(super) struct Chosen<'a> {
    /// The spec, its hash still empty.
    pub(super) spec: ConcreteSpec,
    /// What is known of the package, if anything.
    pub(super) package: Option<&'a Package>,
    /// What it needs as far as that depends on the package itself.
    pub(super) needs: Vec<&'a Needed>,
    /// Demands that could not be met.
    pub(super) clash: Option<Clash<'a>>,
    /// Variants and values that the catalogue does not know, taken as they are demanded.
    pub(super) odd: Vec<String>,
    /// The rule that excludes what is chosen, if it was demanded so.
    pub(super) broken: Option<&'a Conflicting>,
    /// How many known versions were allowed.
    pub(super) allowed: usize,
}

impl PartialEq for Chosen<'_> {
    /// Compares what dependencies and conditions are told from.
    fn eq(&self, other: &Self) -> bool {
        let key = |spec: &ConcreteSpec| (Arc::clone(&spec.version), Arc::clone(&spec.parameters));
        std::ptr::eq(self, other) || key(&self.spec) == key(&other.spec) && self.clash == other.clash
    }
}

/// What a choice depends on, by address: constraints stand still while roots are resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    name: Arc<str>,
    demands: Vec<usize>,
    given_up: Vec<usize>,
    architecture: usize,
    compiler: usize,
    /// The root, if it propagates variants.
    propagated: usize,
}

/// Chooses packages for many roots and remembers what it chose.
#[derive(Debug)]
pub(super) struct Chooser<'a> {
    pub(super) catalogue: &'a Catalogue,
    locked: &'a ConcreteSpecs,
    known: RefCell<FxHashMap<Key, Rc<Chosen<'a>>>>,
    shared: RefCell<Values>,
}

/// Values that recur among nodes, each allocated once.
#[derive(Debug, Default)]
struct Values {
    architectures: Shared,
    parameters: BTreeSet<Arc<Parameters>>,
    stand_ins: BTreeMap<String, Arc<Version>>,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(catalogue: &'a Catalogue, locked: &'a ConcreteSpecs) -> Self {
        Self { catalogue, locked, known: RefCell::default(), shared: RefCell::default() }
    }

    /// Chooses the package `name` for a root, as its demands allow and in none of the versions that are given up.
    pub(super) fn choose(
        &self,
        root: &Root,
        name: &str,
        demands: &[Demand<'a>],
        given_up: &[Arc<Version>],
    ) -> Result<Rc<Chosen<'a>>, CatalogueError> {
        let compiler = root.asked.iter().filter(|one| one.name == name).find_map(|one| one.compiler.as_ref());
        let compiler = compiler.filter(|_| name != root.name).unwrap_or(&root.compiler);
        let key = Key {
            name: name.into(),
            demands: demands.iter().map(|demand| std::ptr::from_ref(demand.spec).addr()).collect(),
            given_up: given_up.iter().map(|version| Arc::as_ptr(version).addr()).collect(),
            architecture: Arc::as_ptr(&root.architecture).addr(),
            compiler: Arc::as_ptr(compiler).addr(),
            propagated: if root.propagated.is_empty() { 0 } else { std::ptr::from_ref(root).addr() },
        };
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let chosen = Rc::new(self.decide(root, name, demands, given_up, compiler)?);
        self.known.borrow_mut().insert(key, Rc::clone(&chosen));
        Ok(chosen)
    }

    fn decide(
        &self,
        root: &Root,
        name: &str,
        demands: &[Demand<'a>],
        given_up: &[Arc<Version>],
        compiler: &Arc<Compiler>,
    ) -> Result<Chosen<'a>, CatalogueError> {
        let package = self.catalogue.package(name)?;
        let (wanted, clash) = gather(demands);
        let spec = ConcreteSpec {
            name: name.into(),
            namespace: wanted.namespace().unwrap_or(NAMESPACE).into(),
            version: self.stand_in(&wanted),
            arch: self.architecture(&wanted, &root.architecture),
            parameters: Arc::default(),
            compiler: Some(Arc::clone(compiler)),
            hash: "".into(),
            key: "".into(),
            external: false,
            provenance: Provenance::Predicted,
        };
        let usual = self.usual(name, &spec, &wanted);
        let variants = usual.map(|usual| &*usual.parameters);
        let demanded = Demanded { own: &wanted, propagated: &root.propagated, usual: variants };
        let with_version = |version: &Arc<Version>| {
            Choice::new(&ConcreteSpec { version: Arc::clone(version), ..spec.clone() }, package, &demanded)
        };
        let known = package.into_iter().flat_map(|package| &package.versions);
        let known = known.filter(|version| usual.is_none_or(|usual| usual.version != **version));
        let known = usual.map(|usual| &usual.version).into_iter().chain(known);
        let allowed: Vec<&Arc<Version>> = known
            .filter(|version| wanted.versions().contains(version))
            .filter(|version| !given_up.iter().any(|other| Arc::ptr_eq(version, other)))
            .collect();
        // The newest version that goes with all that is demanded, else the newest.
        let fitting = allowed.iter().map(|version| with_version(version)).find(Choice::is_sound);
        let first = || with_version(allowed.first().copied().unwrap_or(&spec.version));
        let choice = fitting.unwrap_or_else(first);
        let broken = choice.broken();
        let Choice { mut spec, parameters, odd, .. } = choice;
        spec.parameters = self.parameters(parameters);
        let is_needed = |needed: &&Needed| holds_alone(needed.when.as_ref(), &spec);
        let needs = package.map_or_else(Vec::new, |package| package.build.needs.iter().filter(is_needed).collect());
        Ok(Chosen { spec, package, needs, clash, odd, broken, allowed: allowed.len() })
    }

    /// Returns the locked spec of a package that is most like one that is wanted: of a version that may be, with the same
    /// compiler and architecture before others, the newest.
    fn usual(&self, name: &str, spec: &ConcreteSpec, wanted: &Spec) -> Option<&'a ConcreteSpec> {
        let known = self.locked.named(name).iter().map(|id| self.locked.spec(*id));
        let allowed = known.filter(|known| wanted.versions().contains(&known.version));
        allowed.max_by_key(|known| {
            let likeness = [known.compiler == spec.compiler, known.arch.os == spec.arch.os, known.arch == spec.arch];
            (likeness, Arc::clone(&known.version))
        })
    }

    /// Returns the version that stands for those of which no known one is allowed.
    fn stand_in(&self, wanted: &Spec) -> Arc<Version> {
        let version = stand_in(wanted.versions());
        let mut shared = self.shared.borrow_mut();
        let entry = shared.stand_ins.entry(version.to_string());
        Arc::clone(entry.or_insert_with(|| Arc::new(version)))
    }

    fn architecture(&self, wanted: &Spec, inherited: &Arc<Architecture>) -> Arc<Architecture> {
        if wanted.architecture().is_empty() {
            return Arc::clone(inherited);
        }
        let own = architecture(&[wanted.architecture()], inherited);
        self.shared.borrow_mut().architectures.architecture(own)
    }

    fn parameters(&self, value: Parameters) -> Arc<Parameters> {
        let mut shared = self.shared.borrow_mut();
        let value = Arc::new(value);
        if let Some(known) = shared.parameters.get(&value) {
            return Arc::clone(known);
        }
        shared.parameters.insert(Arc::clone(&value));
        value
    }
}

/// Tells whether a condition holds as far as it speaks of the spec itself.
pub(super) fn holds_alone(condition: Option<&Spec>, spec: &ConcreteSpec) -> bool {
    condition.is_none_or(|condition| spec.satisfies_alone(condition).is_ok())
}

/// Tells whether a condition also speaks of dependencies.
pub(super) fn asks_dependencies(condition: Option<&Spec>) -> bool {
    condition.is_some_and(|condition| condition.dependencies().iter().any(|clause| clause.reach == Reach::Transitive))
}
