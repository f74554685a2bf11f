//! A copy of a locked spec's DAG in which what a root asks for otherwise is changed, everywhere it occurs.

mod axis;

use super::{Derivation, Known};
use crate::concretize::catalogue::{Catalogue, CatalogueError, spec_hash};
use crate::spec::concrete::{ConcreteSpec, ConcreteSpecs, Dependency, Parameters, Provenance, SpecId, VariantValue};
use crate::spec::{Propagation, Reach, Spec, VariantTest};
use axis::Axes;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A DAG being drafted.
pub(super) struct Draft<'a> {
    locked: &'a ConcreteSpecs,
    wanted: &'a Spec,
    relative: SpecId,
    axes: Axes,
    changed: BTreeSet<String>,
    /// What earlier drafts added, and from where on this one does.
    result: &'a mut Derivation,
    start: usize,
    is_kept: bool,
}

impl<'a> Draft<'a> {
    /// Works out what to change of a relative; returns nothing if that would change what it depends on.
    pub(super) fn new(
        known: &Known<'a>,
        wanted: &'a Spec,
        relative: SpecId,
        result: &'a mut Derivation,
    ) -> Result<Option<Self>, CatalogueError> {
        let (locked, catalogue) = (known.locked, known.catalogue);
        let mut changed = BTreeSet::new();
        let Some(axes) = Axes::new(known, wanted, relative, &mut changed)? else { return Ok(None) };
        let start = result.specs.len();
        let mut draft = Self { locked, wanted, relative, axes, changed, result, start, is_kept: false };
        let before = locked.spec(relative);
        let root = draft.root(before.clone(), catalogue)?;
        // Other variants and versions may need other packages, which the catalogue tells.
        let needs = |spec: &ConcreteSpec| catalogue.needs(spec);
        if needs(before)? != needs(&root)? {
            return Ok(None);
        }
        draft.axes.root = Some(root);
        Ok(Some(draft))
    }

    /// Returns what is changed of the relative.
    pub(super) fn changed(&self) -> BTreeSet<String> {
        self.changed.clone()
    }

    /// Keeps what was drafted; it is dropped otherwise.
    pub(super) fn keep(mut self) {
        self.is_kept = true;
    }

    /// Drafts the DAG and returns its root; nothing if a dependency that the root asks for is not in it.
    pub(super) fn build(&mut self) -> Option<SpecId> {
        let below = self.below();
        let mut asked: BTreeSet<&str> = self.asked().map(|(name, _)| name).collect();
        let mut ids: FxHashMap<SpecId, SpecId> = FxHashMap::default();
        for id in &below {
            let before = self.locked.spec(*id);
            asked.remove(&*before.name);
            let spec = if *id == self.relative { self.axes.root.clone()? } else { self.dependency(before.clone()) };
            let edges = self.locked.dependencies(*id).iter().map(|edge| {
                let target = match &self.axes.compiler {
                    Some((from, to)) if edge.spec == *from && *id != *to => *to,
                    _ => ids.get(&edge.spec).copied().unwrap_or(edge.spec),
                };
                Dependency { spec: target, ..edge.clone() }
            });
            let edges = edges.collect();
            ids.insert(*id, self.node(*id, spec, edges));
        }
        // A virtual package is there if something provides it.
        let provided = |name: &&str| {
            let edges = below.iter().flat_map(|id| self.locked.dependencies(*id));
            edges.flat_map(|edge| edge.virtuals.iter()).any(|provided| provided.as_ref() == *name)
        };
        if !asked.iter().all(provided) {
            return None;
        }
        ids.get(&self.relative).copied()
    }

    /// Returns the relative and all below it, each after all it depends on.
    fn below(&self) -> Vec<SpecId> {
        let (mut below, mut seen) = (Vec::new(), FxHashSet::from_iter([self.relative]));
        let mut path = vec![(self.relative, self.locked.dependencies(self.relative).iter())];
        while let Some((id, rest)) = path.last_mut() {
            match rest.next() {
                Some(edge) if seen.insert(edge.spec) => {
                    path.push((edge.spec, self.locked.dependencies(edge.spec).iter()));
                }
                Some(_) => {}
                None => {
                    below.push(*id);
                    path.pop();
                }
            }
        }
        below
    }

    /// Returns the dependencies that the root asks for by name, with what it asks of them.
    fn asked(&self) -> impl Iterator<Item = (&'a str, &'a Spec)> {
        let clauses = self.wanted.dependencies().iter();
        let asked = clauses.filter(|clause| clause.reach == Reach::Transitive && clause.when.is_none());
        asked.filter_map(|clause| Some((clause.spec.name()?, &clause.spec)))
    }

    /// Returns the root with what is asked of it.
    fn root(&mut self, spec: ConcreteSpec, catalogue: &Catalogue) -> Result<ConcreteSpec, CatalogueError> {
        let mut spec = self.axes.apply(spec);
        if !self.wanted.versions().contains(&spec.version) {
            let version = catalogue.newest(&spec.name, self.wanted.versions())?;
            self.changed.insert(format!("@{version}"));
            spec.version = Arc::new(version);
        }
        Ok(self.with_parameters(spec, self.wanted))
    }

    /// Returns a dependency with what the root asks of it and of all.
    fn dependency(&mut self, spec: ConcreteSpec) -> ConcreteSpec {
        let mut spec = self.axes.apply(spec);
        let asked: Vec<&Spec> =
            self.asked().filter(|(name, _)| *name == &*spec.name).map(|(_, wanted)| wanted).collect();
        for wanted in asked {
            if !wanted.versions().contains(&spec.version) {
                let version = axis::version(self.locked, &spec.name, wanted.versions());
                self.changed.insert(format!("^{}@{version}", spec.name));
                spec.version = version;
            }
            spec = self.with_parameters(spec, wanted);
        }
        spec
    }

    /// Sets the variants and flags that are asked for.
    fn with_parameters(&mut self, mut spec: ConcreteSpec, wanted: &Spec) -> ConcreteSpec {
        let mut parameters = Parameters::clone(&spec.parameters);
        for (name, clause) in wanted.variants() {
            let found = parameters.variants.get(name);
            let is_met = found.is_some_and(|value| clause.test.accepts(name, value));
            if is_met || clause.propagation == Propagation::Propagated {
                continue;
            }
            if let Some(value) = value(&clause.test, found) {
                self.changed.insert(value.text(name).trim().to_owned());
                parameters.variants.insert(Arc::clone(name), value);
            }
        }
        for (list, flags) in wanted.flags() {
            let words = parameters.flags.entry(Arc::clone(list)).or_default();
            for flag in flags.iter().filter(|flag| !words.contains(&flag.text)).collect::<Vec<_>>() {
                self.changed.insert(format!("{list}={}", flag.text));
                words.push(Arc::clone(&flag.text));
            }
        }
        if parameters != *spec.parameters {
            spec.parameters = Arc::new(parameters);
        }
        spec
    }

    /// Returns the node of a spec with these dependencies: a locked one, one drafted before, or a new one.
    fn node(&mut self, before: SpecId, spec: ConcreteSpec, edges: Vec<Dependency>) -> SpecId {
        let first = self.locked.len();
        let is_same = |other: &ConcreteSpec| same(other, &spec);
        let unchanged = self.locked.dependencies(before);
        if is_same(self.locked.spec(before)) && same_edges(unchanged, &edges) {
            return before;
        }
        let mut known = self.locked.named(&spec.name).iter().copied();
        if let Some(id) =
            known.find(|id| is_same(self.locked.spec(*id)) && same_edges(self.locked.dependencies(*id), &edges))
        {
            return id;
        }
        let hash_of = |edge: &Dependency| match edge.spec.index().checked_sub(first) {
            Some(at) => Arc::clone(&self.result.specs[at].hash),
            None => Arc::clone(&self.locked.spec(edge.spec).hash),
        };
        let hash = spec_hash(&spec, &edges, hash_of);
        if let Some(id) = self.result.by_hash.get(&hash) {
            return *id;
        }
        let id = SpecId(u32::try_from(first + self.result.specs.len()).unwrap_or(u32::MAX));
        self.result.by_hash.insert(Arc::clone(&hash), id);
        self.result.specs.push(ConcreteSpec { key: Arc::clone(&hash), hash, provenance: Provenance::Derived, ..spec });
        self.result.dependencies.push(edges);
        id
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            for spec in self.result.specs.drain(self.start..) {
                self.result.by_hash.remove(&spec.hash);
            }
            self.result.dependencies.truncate(self.start);
        }
    }
}

/// Tells whether two specs are the same but for their hashes.
fn same(a: &ConcreteSpec, b: &ConcreteSpec) -> bool {
    a.name == b.name
        && a.namespace == b.namespace
        && a.version == b.version
        && a.arch == b.arch
        && a.parameters == b.parameters
        && a.compiler == b.compiler
        && a.external == b.external
}

fn same_edges(a: &[Dependency], b: &[Dependency]) -> bool {
    let is_in = |edge: &Dependency, others: &[Dependency]| {
        others
            .iter()
            .any(|other| (other.spec, other.types) == (edge.spec, edge.types) && other.virtuals == edge.virtuals)
    };
    a.len() == b.len() && a.iter().all(|edge| is_in(edge, b))
}

/// Returns the value that a test demands, shaped as the one that is there; nothing if any will do.
fn value(test: &VariantTest, found: Option<&VariantValue>) -> Option<VariantValue> {
    match (test, found) {
        (VariantTest::Any, _) => None,
        (VariantTest::Bool(value), _) => Some(VariantValue::Bool(*value)),
        (VariantTest::Includes(values), Some(VariantValue::Multi(before))) => {
            let more = values.iter().filter(|value| !before.contains(value));
            // None stands for the empty set, which is no longer one.
            let kept = before.iter().filter(|value| &***value != "none");
            Some(VariantValue::Multi(kept.chain(more).map(Arc::clone).collect()))
        }
        (VariantTest::Exactly(values), Some(VariantValue::Multi(_))) => Some(VariantValue::Multi(values.clone())),
        (VariantTest::Includes(values) | VariantTest::Exactly(values), _) => Some(match values.as_slice() {
            [value] => VariantValue::Single(Arc::clone(value)),
            values => VariantValue::Multi(values.to_vec()),
        }),
    }
}
