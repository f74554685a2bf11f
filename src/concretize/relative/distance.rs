//! How far a locked spec is from what a root asks for: what would have to be changed, weighed by how much else that changes.

use crate::spec::concrete::{ConcreteSpecs, SpecId};
use crate::spec::{DependencyClause, Propagation, Reach, Spec};

/// The weights of what differs.
const VERSION: u32 = 8;
const COMPILER: u32 = 4;
const VARIANT: u32 = 3;
const DEPENDENCY: u32 = 3;
const SYSTEM: u32 = 2;
const LITTLE: u32 = 1;

/// How many specs of one package are compared with what is wanted.
const MOST_COMPARED: usize = 500;

/// Returns the locked specs of the package that a root names, the nearest first.
pub(super) fn nearest(locked: &ConcreteSpecs, wanted: &Spec) -> Vec<SpecId> {
    let Some(name) = wanted.name() else { return Vec::new() };
    let candidates = locked.named(name).iter().filter(|id| !locked.spec(**id).external).take(MOST_COMPARED);
    let mut near: Vec<(u32, SpecId)> =
        candidates.filter_map(|id| Some((distance(locked, *id, wanted)?, *id))).collect();
    near.sort_unstable();
    near.into_iter().map(|(_, id)| id).collect()
}

/// Returns how far a spec is; nothing if it is of another platform or repository, or of another hash.
fn distance(locked: &ConcreteSpecs, id: SpecId, wanted: &Spec) -> Option<u32> {
    let spec = locked.spec(id);
    let architecture = wanted.architecture();
    let differs = |wanted: Option<&str>, found: &str| wanted.is_some_and(|wanted| wanted != "*" && wanted != found);
    if differs(architecture.platform.as_deref(), &spec.arch.platform) || differs(wanted.namespace(), &spec.namespace) {
        return None;
    }
    if wanted.hash().is_some_and(|hash| !spec.hash.starts_with(hash)) {
        return None;
    }
    let mut distance = 0;
    let mut add = |weight: u32, differs: bool| distance += if differs { weight } else { 0 };
    add(VERSION, !wanted.versions().contains(&spec.version));
    add(SYSTEM, differs(architecture.os.as_deref(), &spec.arch.os));
    add(LITTLE, architecture.target.as_ref().is_some_and(|target| target.contains(&spec.arch.target) != Ok(true)));
    for (name, clause) in wanted.variants() {
        let found = spec.parameters.variants.get(name);
        let is_local = clause.propagation == Propagation::Local;
        add(VARIANT, is_local && !found.is_some_and(|value| clause.test.accepts(name, value)));
    }
    for clause in wanted.dependencies() {
        add(weight(clause), !has(locked, id, clause));
    }
    Some(distance)
}

/// Tells whether a spec has a dependency, or compiler, as a clause demands it.
fn has(locked: &ConcreteSpecs, id: SpecId, clause: &DependencyClause) -> bool {
    let wanted = Spec::of_dependency(clause.clone());
    locked.satisfies(id, &wanted).is_ok()
}

fn weight(clause: &DependencyClause) -> u32 {
    match clause.reach {
        Reach::Direct => COMPILER,
        Reach::Transitive => DEPENDENCY,
    }
}
