//! Choosing one package: the newest version and the default variants that its demands allow.

use super::demand::{Clash, Demand, gather};
use super::fact::{Needed, Package, VariantKind};
use super::root::{Root, Shared, architecture, stand_in};
use super::{Catalogue, CatalogueError};
use crate::spec::concrete::{Architecture, Compiler, ConcreteSpec, Parameters, Provenance, VariantValue};
use crate::spec::version::Version;
use crate::spec::{Propagation, Reach, Spec, VariantClause, VariantTest};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The repository of packages that a constraint does not place in another.
const NAMESPACE: &str = "builtin";
/// How often variants are gone through that exist under conditions on each other.
const PASSES: usize = 4;

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
    pub(super) clash: Option<Clash>,
    /// Variants and values that the catalogue does not know, taken as they are demanded.
    pub(super) odd: Vec<String>,
}

impl PartialEq for Chosen<'_> {
    /// Compares what dependencies and conditions are told from.
    fn eq(&self, other: &Self) -> bool {
        let key = |spec: &ConcreteSpec| (Arc::clone(&spec.version), Arc::clone(&spec.parameters));
        key(&self.spec) == key(&other.spec) && self.clash == other.clash
    }
}

/// What a choice depends on, by address: constraints stand still while roots are resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    name: Arc<str>,
    demands: Vec<usize>,
    architecture: usize,
    compiler: usize,
    /// The root, if it propagates variants.
    propagated: usize,
}

/// Chooses packages for many roots and remembers what it chose.
#[derive(Debug)]
pub(super) struct Chooser<'a> {
    pub(super) catalogue: &'a Catalogue,
    known: RefCell<FxHashMap<Key, Rc<Chosen<'a>>>>,
    shared: RefCell<Values>,
}

/// Values that recur among nodes, each allocated once.
#[derive(Debug, Default)]
struct Values {
    architectures: Shared,
    parameters: BTreeMap<Arc<Parameters>, ()>,
    stand_ins: BTreeMap<String, Arc<Version>>,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, known: RefCell::default(), shared: RefCell::default() }
    }

    /// Chooses the package `name` for a root, as its demands allow.
    pub(super) fn choose(
        &self,
        root: &Root,
        name: &str,
        demands: &[Demand<'a>],
    ) -> Result<Rc<Chosen<'a>>, CatalogueError> {
        let compiler = root.asked.iter().filter(|one| one.name == name).find_map(|one| one.compiler.as_ref());
        let compiler = compiler.filter(|_| name != root.name).unwrap_or(&root.compiler);
        let key = Key {
            name: name.into(),
            demands: demands.iter().map(|demand| std::ptr::from_ref(demand.spec).addr()).collect(),
            architecture: Arc::as_ptr(&root.architecture).addr(),
            compiler: Arc::as_ptr(compiler).addr(),
            propagated: if root.propagated.is_empty() { 0 } else { std::ptr::from_ref(root).addr() },
        };
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let chosen = Rc::new(self.decide(root, name, demands, compiler)?);
        self.known.borrow_mut().insert(key, Rc::clone(&chosen));
        Ok(chosen)
    }

    fn decide(
        &self,
        root: &Root,
        name: &str,
        demands: &[Demand<'a>],
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
        let with_version = |version: &Arc<Version>| {
            Choice::new(
                ConcreteSpec { version: Arc::clone(version), ..spec.clone() },
                package,
                &wanted,
                &root.propagated,
            )
        };
        // The newest version that has all variants which are demanded, else the newest.
        let allowed = || {
            let known = package.into_iter().flat_map(|package| &package.versions);
            known.filter(|version| wanted.versions().contains(version))
        };
        let fitting = allowed().map(with_version).find(|choice| choice.odd.is_empty());
        let choice = fitting.unwrap_or_else(|| with_version(allowed().next().unwrap_or(&spec.version)));
        let Choice { mut spec, parameters, odd } = choice;
        spec.parameters = self.parameters(parameters);
        let is_needed = |needed: &&Needed| holds_alone(needed.when.as_ref(), &spec);
        let needs = package.map_or_else(Vec::new, |package| package.build.needs.iter().filter(is_needed).collect());
        Ok(Chosen { spec, package, needs, clash, odd })
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
        if let Some((known, ())) = shared.parameters.get_key_value(&value) {
            return Arc::clone(known);
        }
        shared.parameters.insert(Arc::clone(&value), ());
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

/// Returns the words of the flags that are demanded.
fn flags(wanted: &Spec) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let texts = |(name, flags): (&Arc<str>, &Vec<crate::spec::FlagClause>)| {
        (Arc::clone(name), flags.iter().map(|flag| Arc::clone(&flag.text)).collect())
    };
    wanted.flags().iter().map(texts).collect()
}

/// A spec whose variants are being chosen.
struct Choice {
    spec: ConcreteSpec,
    parameters: Parameters,
    /// Variants and values that the catalogue does not know of this version.
    odd: Vec<String>,
}

impl Choice {
    fn new(
        spec: ConcreteSpec,
        package: Option<&Package>,
        wanted: &Spec,
        propagated: &BTreeMap<Arc<str>, VariantClause>,
    ) -> Self {
        let parameters = Parameters { flags: flags(wanted), ..Parameters::default() };
        let mut choice = Self { spec, parameters, odd: Vec::new() };
        choice.known_variants(package, wanted, propagated);
        choice.other_variants(package, wanted);
        choice
    }

    /// Chooses the variants that the package has.
    fn known_variants(
        &mut self,
        package: Option<&Package>,
        wanted: &Spec,
        propagated: &BTreeMap<Arc<str>, VariantClause>,
    ) {
        for _ in 0..PASSES {
            let before = self.parameters.variants.len();
            for variant in package.map_or(&[][..], |package| &package.build.variants) {
                let is_chosen = self.parameters.variants.contains_key(&variant.name);
                if is_chosen || !holds_alone(variant.when.as_ref(), &self.spec) {
                    continue;
                }
                let clause = wanted.variants().get(&variant.name).or_else(|| propagated.get(&variant.name));
                let value = clause.and_then(|clause| value(&clause.test, Some(&variant.kind)));
                if let Some(value) = value.as_ref().filter(|value| !variant.kind.allows(value)) {
                    self.odd.push(text(&self.spec.name, &variant.name, value));
                }
                self.set(&variant.name, value.unwrap_or_else(|| variant.kind.default_value()));
            }
            if self.parameters.variants.len() == before {
                break;
            }
        }
    }

    /// Takes the other variants as they are demanded.
    fn other_variants(&mut self, package: Option<&Package>, wanted: &Spec) {
        for (name, clause) in wanted.variants() {
            let is_new = clause.propagation == Propagation::Local && !self.parameters.variants.contains_key(name);
            if let Some(value) = value(&clause.test, None).filter(|_| is_new) {
                if package.is_some() {
                    self.odd.push(text(&self.spec.name, name, &value));
                }
                self.set(name, value);
            }
        }
    }

    /// Sets a variant; conditions of other variants see it at once.
    fn set(&mut self, name: &Arc<str>, value: VariantValue) {
        self.parameters.variants.insert(Arc::clone(name), value.clone());
        Arc::make_mut(&mut self.spec.parameters).variants.insert(Arc::clone(name), value);
    }
}

/// Returns the value that a clause demands, shaped as the variant is; nothing if any will do.
fn value(test: &VariantTest, kind: Option<&VariantKind>) -> Option<VariantValue> {
    match (test, kind) {
        (VariantTest::Any, _) => None,
        (VariantTest::Bool(value), _) => Some(VariantValue::Bool(*value)),
        (VariantTest::Includes(values) | VariantTest::Exactly(values), Some(VariantKind::Many { .. })) => {
            Some(VariantValue::Multi(values.clone()))
        }
        (VariantTest::Includes(values) | VariantTest::Exactly(values), _) => Some(match values.as_slice() {
            [value] => VariantValue::Single(Arc::clone(value)),
            values => VariantValue::Multi(values.to_vec()),
        }),
    }
}

fn text(package: &str, name: &str, value: &VariantValue) -> String {
    format!("{package} {}", value.text(name))
}
