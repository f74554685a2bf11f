//! Whether one concrete spec satisfies a constraint, and if not, which clause fails first.
//!
//! The rules are those of Spack 1.1. What it asks package recipes is told from the DAG instead: a name that no
//! package here has is taken for a virtual one, and who provides it to some dependent is taken for a provider.

use super::{ConcreteSpecs, DepTypes, Dependency, SpecId, node};
use crate::spec::clause::{DependencyClause, Reach};
use crate::spec::{DependencyMismatch, Mismatch, Spec};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// How a node answers a constraint's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// By its own name, or because the constraint has none.
    Itself,
    /// As the provider of a virtual package; the other clauses are then not about this node.
    Provider,
}

/// The kinds of dependency that `^` follows.
pub(super) const RUNTIME: DepTypes = DepTypes(DepTypes::LINK.0 | DepTypes::RUN.0);

/// The kinds that `^` only follows from the spec itself.
pub(super) const BUILD_TIME: DepTypes = DepTypes(DepTypes::BUILD.0 | DepTypes::TEST.0);

impl Dependency {
    /// Tells whether the edge is of one of these kinds; an edge without a kind is of every.
    pub(super) fn is_for(&self, types: DepTypes) -> bool {
        self.types == DepTypes::default() || self.types.intersects(types)
    }

    pub(super) fn provides(&self, name: &str) -> bool {
        self.virtuals.iter().any(|v| &**v == name)
    }

    /// Tells whether the edge provides any of the virtual packages that a direct dependency is wanted for.
    pub(super) fn serves(&self, wanted: &DependencyClause, virtual_name: Option<&str>) -> bool {
        let any = wanted.virtuals.is_empty() && virtual_name.is_none();
        any || wanted.virtuals.iter().map(|v| &**v).chain(virtual_name).any(|v| self.provides(v))
    }
}

impl ConcreteSpecs {
    /// Tells whether a node satisfies a constraint.
    ///
    /// # Errors
    /// Returns the first clause that fails.
    pub fn satisfies(&self, id: SpecId, constraint: &Spec) -> Result<(), Mismatch> {
        if self.node(id, constraint)? == Fit::Provider {
            return Ok(());
        }
        for wanted in &constraint.dependencies {
            self.dependency(id, constraint.name(), wanted)?;
            for below in &wanted.spec.dependencies {
                self.dependency(id, wanted.spec.name(), below)?;
            }
        }
        Ok(())
    }

    /// Checks all clauses but those on dependencies.
    pub(super) fn node(&self, id: SpecId, wanted: &Spec) -> Result<Fit, Mismatch> {
        let spec = self.spec(id);
        node::hash(wanted, spec)?;
        match wanted.name() {
            Some(name) if name != &*spec.name => {
                return if self.is_provider(id, name) {
                    Ok(Fit::Provider)
                } else {
                    Err(Mismatch::Name { wanted: name.to_owned(), found: Some(spec.name.to_string()) })
                };
            }
            _ => {}
        }
        node::namespace(wanted, spec)?;
        node::version(wanted, &spec.version)?;
        node::variants(wanted, &spec.parameters)?;
        if node::propagates(wanted) {
            let mut seen = FxHashSet::from_iter([id]);
            let mut open = vec![id];
            while let Some(id) = open.pop() {
                node::propagated(wanted, self.spec(id))?;
                open.extend(self.dependencies(id).iter().map(|edge| edge.spec).filter(|child| seen.insert(*child)));
            }
        }
        node::architecture(wanted, &spec.arch)?;
        node::flags(wanted, &spec.parameters)?;
        Ok(Fit::Itself)
    }

    /// Checks one dependency clause, which the constraint has on the spec itself or on its dependency `parent`.
    pub(super) fn dependency(
        &self,
        id: SpecId,
        parent: Option<&str>,
        wanted: &DependencyClause,
    ) -> Result<(), Mismatch> {
        let own = parent.is_none_or(|name| name == &*self.spec(id).name);
        let fail = |reason| {
            let clause = DependencyClause { spec: wanted.spec.without_dependencies(), ..wanted.clone() };
            let parent = if own { String::new() } else { format!("{} ", parent.unwrap_or_default()) };
            Mismatch::Dependency { wanted: format!("{parent}{clause}"), reason }
        };
        if let Some(condition) = &wanted.when {
            let asked = if own { Some(id) } else { parent.and_then(|name| self.lookup(id, name)) };
            if asked.is_some_and(|asked| self.satisfies(asked, condition).is_err()) {
                return Ok(());
            }
        }
        if wanted.reach == Reach::Transitive {
            return self.transitive(id, wanted).map_err(fail);
        }
        // A package that is built with itself, `gcc@13 %gcc@12`, is not looked up by name.
        let from = match parent {
            Some(name) if wanted.spec.name() != Some(name) => self.lookup(id, name),
            _ => Some(id),
        };
        match from {
            Some(from) => self.direct(from, wanted).map_err(fail),
            None => Err(fail(DependencyMismatch::Missing)),
        }
    }

    /// Checks a `%` clause against the dependencies, or the compiler, of one node.
    fn direct(&self, id: SpecId, wanted: &DependencyClause) -> Result<(), DependencyMismatch> {
        let spec = self.spec(id);
        if let Some(compiler) = &spec.compiler {
            let failed = |package: String| {
                move |mismatch| DependencyMismatch::Candidate { package, mismatch: Box::new(mismatch) }
            };
            node::compiler(&wanted.spec, compiler).map_err(failed(format!("the compiler {}", compiler.name)))?;
            self.node(id, &node::beyond_compiler(&wanted.spec)).map_err(failed(spec.name.to_string()))?;
            return Ok(());
        }
        let virtual_name = wanted.spec.name().filter(|name| self.is_virtual(name));
        let candidates = self.dependencies(id).iter().filter(|edge| {
            let is_named = wanted.spec.name().is_none_or(|name| name == &*self.spec(edge.spec).name);
            (virtual_name.is_some() || is_named)
                && edge.serves(wanted, virtual_name)
                && edge.types.contains(wanted.types)
        });
        self.any_fits(candidates, |child| self.satisfies(child, &wanted.spec))
    }

    /// Checks a `^` clause against what a node links to and runs with, and what it is built with directly.
    fn transitive(&self, id: SpecId, wanted: &DependencyClause) -> Result<(), DependencyMismatch> {
        let name = wanted.spec.name();
        let is_candidate =
            |edge: &&Dependency| name.is_none_or(|name| name == &*self.spec(edge.spec).name || edge.provides(name));
        let build = self.dependencies(id).iter().filter(|edge| edge.is_for(DepTypes::BUILD));
        let candidates: Vec<&Dependency> =
            self.runtime_edges(id).into_iter().chain(build).filter(is_candidate).collect();
        let virtual_name = name.filter(|name| self.is_virtual(name));
        for name in wanted.virtuals.iter().map(|v| &**v).chain(virtual_name) {
            if !candidates.is_empty() && !candidates.iter().any(|edge| edge.provides(name)) {
                return Err(DependencyMismatch::Virtual { name: name.to_owned() });
            }
        }
        self.any_fits(candidates.into_iter(), |child| self.node(child, &wanted.spec).map(|_| ()))
    }

    fn any_fits<'a>(
        &self,
        candidates: impl Iterator<Item = &'a Dependency>,
        check: impl Fn(SpecId) -> Result<(), Mismatch>,
    ) -> Result<(), DependencyMismatch> {
        let mut failed: Vec<(SpecId, Mismatch)> = Vec::new();
        for edge in candidates {
            if failed.iter().any(|(id, _)| *id == edge.spec) {
                continue;
            }
            match check(edge.spec) {
                Ok(()) => return Ok(()),
                Err(mismatch) => failed.push((edge.spec, mismatch)),
            }
        }
        let count = failed.len();
        match failed.pop() {
            None => Err(DependencyMismatch::Missing),
            Some((id, mismatch)) if count == 1 => Err(DependencyMismatch::Candidate {
                package: self.spec(id).name.to_string(),
                mismatch: Box::new(mismatch),
            }),
            Some(_) => Err(DependencyMismatch::Candidates { count }),
        }
    }

    /// Returns the link and run edges below a node, nearest first.
    fn runtime_edges(&self, id: SpecId) -> Vec<&Dependency> {
        let mut edges = Vec::new();
        let mut seen = FxHashSet::from_iter([id]);
        let mut open = VecDeque::from([id]);
        while let Some(id) = open.pop_front() {
            for edge in self.dependencies(id).iter().filter(|edge| edge.is_for(RUNTIME)) {
                edges.push(edge);
                if seen.insert(edge.spec) {
                    open.push_back(edge.spec);
                }
            }
        }
        edges
    }

    /// Finds the node that a spec means by a name: what it is built with, then itself, then its nearest dependency.
    pub(super) fn lookup(&self, id: SpecId, name: &str) -> Option<SpecId> {
        let means = |edge: &&Dependency| &*self.spec(edge.spec).name == name || edge.provides(name);
        let build = self.dependencies(id).iter().filter(|edge| edge.is_for(BUILD_TIME)).find(means);
        if let Some(edge) = build {
            return Some(edge.spec);
        }
        if &*self.spec(id).name == name {
            return Some(id);
        }
        self.runtime_edges(id).into_iter().find(means).map(|edge| edge.spec)
    }
}
