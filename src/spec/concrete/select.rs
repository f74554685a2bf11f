//! All nodes that satisfy a constraint, found together: every distinct version, parameter set, architecture and
//! compiler is checked once, a dependency clause is evaluated once and carried up the DAG.

use super::satisfies::RUNTIME;
use super::{ConcreteSpecs, DepTypes, Dependency, SpecId, SpecSet, node};
use crate::spec::clause::{DependencyClause, Reach};
use crate::spec::{Mismatch, Spec};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Answers by the address of a shared value.
struct Verdicts(FxHashMap<usize, bool>);

impl Verdicts {
    fn new() -> Self {
        Self(FxHashMap::default())
    }

    fn ask<T>(&mut self, value: &Arc<T>, check: impl FnOnce(&T) -> Result<(), Mismatch>) -> bool {
        *self.0.entry(Arc::as_ptr(value).addr()).or_insert_with(|| check(value).is_ok())
    }
}

impl ConcreteSpecs {
    /// Returns the nodes that satisfy a constraint, the same as asking [`Self::satisfies`] of each.
    pub fn select(&self, constraint: &Spec) -> SpecSet {
        let (mut selected, providers) = self.select_nodes(constraint);
        for wanted in &constraint.dependencies {
            self.retain(&mut selected, constraint.name(), wanted);
            for below in &wanted.spec.dependencies {
                self.retain_below(&mut selected, wanted, below);
            }
        }
        selected.union_with(&providers);
        selected
    }

    /// Returns the nodes that pass all clauses but those on dependencies: by themselves, and as providers.
    fn select_nodes(&self, wanted: &Spec) -> (SpecSet, SpecSet) {
        let mut selected = SpecSet::with_capacity(self.len());
        let mut providers = SpecSet::with_capacity(self.len());
        let has_hash = |id: SpecId| node::hash(wanted, self.spec(id)).is_ok();
        let (mut versions, mut parameters, mut architectures) = (Verdicts::new(), Verdicts::new(), Verdicts::new());
        let mut fits = |id: SpecId| {
            let spec = self.spec(id);
            has_hash(id)
                && node::namespace(wanted, spec).is_ok()
                && versions.ask(&spec.version, |version| node::version(wanted, version))
                && parameters
                    .ask(&spec.parameters, |all| node::variants(wanted, all).and_then(|()| node::flags(wanted, all)))
                && architectures.ask(&spec.arch, |arch| node::architecture(wanted, arch))
        };
        match (wanted.name(), wanted.hash()) {
            (Some(name), _) => {
                selected.extend(self.named(name).iter().filter(|id| fits(**id)).map(|id| id.index()));
                if self.is_virtual(name) {
                    providers.extend(self.providers(name).iter().filter(|id| has_hash(**id)).map(|id| id.index()));
                }
            }
            (None, Some(hash)) => selected.extend(self.with_hash(hash).filter(|id| fits(*id)).map(SpecId::index)),
            (None, None) => selected.extend(self.iter().map(|(id, _)| id).filter(|id| fits(*id)).map(SpecId::index)),
        }
        if node::propagates(wanted) {
            let disagrees = |id: SpecId| node::propagated(wanted, self.spec(id)).is_err();
            let disagreeing = self.carried_up(disagrees, |_| true, |_| false);
            selected.difference_with(&disagreeing);
        }
        (selected, providers)
    }

    /// Returns the nodes where `starts` holds, or that have an edge that `hits`, or one that is `followed` to such a node.
    fn carried_up(
        &self,
        starts: impl Fn(SpecId) -> bool,
        followed: impl Fn(&Dependency) -> bool,
        hits: impl Fn(&Dependency) -> bool,
    ) -> SpecSet {
        let mut reached = SpecSet::with_capacity(self.len());
        for id in self.order() {
            let by_edge = |edge: &Dependency| followed(edge) && (reached.contains(edge.spec.index()) || hits(edge));
            if starts(*id) || self.dependencies(*id).iter().any(by_edge) {
                reached.insert(id.index());
            }
        }
        reached
    }

    /// Keeps the nodes that pass a dependency clause which the constraint has on the spec itself.
    fn retain(&self, selected: &mut SpecSet, parent: Option<&str>, wanted: &DependencyClause) {
        if selected.is_clear() {
            return;
        }
        let mut passing = match wanted.reach {
            Reach::Direct => self.with_direct(selected, parent, wanted),
            Reach::Transitive => self.with_transitive(wanted),
        };
        if let Some(condition) = &wanted.when {
            let mut exempt = SpecSet::with_capacity(self.len());
            exempt.insert_range(..self.len());
            exempt.difference_with(&self.select(condition));
            passing.union_with(&exempt);
        }
        selected.intersect_with(&passing);
    }

    /// Returns those of `among` with a direct dependency, or a compiler, as wanted.
    fn with_direct(&self, among: &SpecSet, parent: Option<&str>, wanted: &DependencyClause) -> SpecSet {
        let name = wanted.spec.name();
        let fitting = self.select(&wanted.spec);
        let virtual_name = name.filter(|name| self.is_virtual(name));
        let mut compilers = Verdicts::new();
        let (beyond_compiler, _) = self.select_nodes(&node::beyond_compiler(&wanted.spec));
        let mut passing = SpecSet::with_capacity(self.len());
        for at in among.ones() {
            let id = id_at(at);
            let from = match parent {
                Some(parent) if name != Some(parent) => self.lookup(id, parent),
                _ => Some(id),
            };
            let Some(from) = from else { continue };
            let passes = match &self.spec(from).compiler {
                Some(compiler) => {
                    compilers.ask(compiler, |compiler| node::compiler(&wanted.spec, compiler))
                        && beyond_compiler.contains(from.index())
                }
                None => self.dependencies(from).iter().any(|edge| {
                    fitting.contains(edge.spec.index())
                        && edge.serves(wanted, virtual_name)
                        && edge.types.contains(wanted.types)
                }),
            };
            passing.set(at, passes);
        }
        passing
    }

    /// Returns the nodes with a dependency as wanted among what they link to, run with and are built with directly.
    fn with_transitive(&self, wanted: &DependencyClause) -> SpecSet {
        let name = wanted.spec.name();
        let is_candidate =
            |edge: &Dependency| name.is_none_or(|name| name == &*self.spec(edge.spec).name || edge.provides(name));
        let (mut fitting, providers) = self.select_nodes(&wanted.spec);
        fitting.union_with(&providers);
        let mut passing = self.with_edge(|edge| fitting.contains(edge.spec.index()) && is_candidate(edge));
        let virtual_name = name.filter(|name| self.is_virtual(name));
        for name in wanted.virtuals.iter().map(|v| &**v).chain(virtual_name) {
            passing.intersect_with(&self.with_edge(|edge| edge.provides(name) && is_candidate(edge)));
        }
        passing
    }

    /// Returns the nodes with an edge that `hits` among their runtime edges, at any depth, and their own build edges.
    fn with_edge(&self, hits: impl Fn(&Dependency) -> bool) -> SpecSet {
        let mut found = self.carried_up(|_| false, |edge| edge.is_for(RUNTIME), &hits);
        for (id, _) in self.iter() {
            let is_hit = |edge: &Dependency| edge.is_for(DepTypes::BUILD) && hits(edge);
            if !found.contains(id.index()) && self.dependencies(id).iter().any(is_hit) {
                found.insert(id.index());
            }
        }
        found
    }

    /// Keeps the nodes whose dependency `above` passes a clause of its own (`^above %wanted`).
    fn retain_below(&self, selected: &mut SpecSet, above: &DependencyClause, wanted: &DependencyClause) {
        let parent = above.spec.name();
        let Some(name) = parent else { return self.retain(selected, parent, wanted) };
        // Mostly all nodes of that name pass, or none does; then it need not be known which one is meant.
        if wanted.when.is_none() && wanted.reach == Reach::Direct && wanted.spec.name() != parent {
            let mut meant = SpecSet::with_capacity(self.len());
            meant.extend(self.named(name).iter().chain(self.providers(name)).map(|id| id.index()));
            let passing = self.with_direct(&meant, None, wanted);
            if passing.is_clear() {
                selected.clear();
                return;
            }
            let is_there = above.when.is_none() && above.reach == Reach::Transitive;
            if is_there && meant.is_subset(&passing) {
                return;
            }
        }
        let failing: Vec<usize> =
            selected.ones().filter(|at| self.dependency(id_at(*at), parent, wanted).is_err()).collect();
        for at in failing {
            selected.remove(at);
        }
    }
}

/// Returns the id of the node at an index of the table.
fn id_at(at: usize) -> SpecId {
    SpecId(u32::try_from(at).unwrap_or(u32::MAX))
}
