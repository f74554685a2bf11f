//! The specs of many roots, predicted: resolved one by one, equal specs made one node.

use super::choose::{Chooser, Chosen};
use super::hash::hash;
use super::resolve::{Resolved, Unpredictable, resolve};
use super::root::{Defaults, Root, Shared, compiler_of};
use super::{Catalogue, CatalogueError};
use crate::concretize::some;
use crate::environment::SpecList;
use crate::finding::{Finding, Rule, Severity};
use crate::spec::concrete::{Architecture, ConcreteRoot, ConcreteSpec, ConcreteSpecs, DepTypes, Dependency, SpecId};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// What to do about a spec that cannot be predicted well.
const HINT: &str = "concretize with Spack (--concretize), or plan with its spack.lock (--lock FILE)";

/// Specs that the catalogue predicts, in tables to make or extend a DAG with.
#[derive(Debug, Default)]
pub struct Prediction {
    /// The nodes, each after all it depends on.
    pub specs: Vec<ConcreteSpec>,
    /// The dependencies of each node; ids count from the first node of the table that is extended.
    pub dependencies: Vec<Vec<Dependency>>,
    /// The roots that could be predicted, in order.
    pub roots: Vec<ConcreteRoot>,
    /// Unknown packages, constraints that contradict each other, choices that exclude each other.
    pub findings: Vec<Finding>,
}

/// Predicts the specs of those roots of a list whose indices are in `wanted`, to extend the table of locked specs with.
///
/// Where packages are locked, their versions and variants are taken if they may be, and with the same compiler and
/// architecture the locked specs themselves with all below them. `defaults` is what is built for where nothing is locked.
///
/// Roots that cannot be predicted are left out, each with a finding. A package that the catalogue does not know is a
/// node without dependencies of its own; its version is the highest that its constraint names, else `develop`.
///
/// # Errors
/// Returns an error if the catalogue itself is malformed.
pub fn predict(
    catalogue: &Catalogue,
    list: &SpecList,
    wanted: &[usize],
    defaults: &Architecture,
    locked: &ConcreteSpecs,
) -> Result<Prediction, CatalogueError> {
    let mut shared = Shared::default();
    let defaults = Defaults::of(locked, defaults);
    let mut roots = Vec::with_capacity(wanted.len());
    for index in wanted {
        roots.push((*index, Root::new(catalogue, &list.roots[*index].spec, &defaults, &mut shared)?));
    }
    let chooser = Chooser::new(catalogue, locked);
    let mut predictor = Predictor {
        list,
        locked,
        by_hash: FxHashMap::default(),
        by_choice: FxHashMap::default(),
        result: Prediction::default(),
    };
    let mut report = Report::default();
    for (index, root) in &roots {
        let resolved = root.as_ref().ok_or(Unpredictable::Anonymous).and_then(|root| resolve(&chooser, root));
        match resolved {
            Ok(resolved) => {
                report.gather(*index, &resolved);
                predictor.add(*index, &resolved);
            }
            Err(Unpredictable::Catalogue(error)) => return Err(error),
            Err(reason) => predictor.result.findings.push(unpredictable(list, *index, &reason.to_string())),
        }
    }
    predictor.result.findings.extend(report.findings(catalogue, list));
    Ok(predictor.result)
}

/// Makes the finding about a root that is left out of the plan.
pub(in crate::concretize) fn unpredictable(list: &SpecList, index: usize, reason: &str) -> Finding {
    let root = &list.roots[index];
    let message = format!("`{}` cannot be predicted and gets no job: {reason}", root.spec);
    let mut finding = Finding::new(Severity::Error, Rule::Unpredictable, message).hint(HINT);
    finding.place = list.place_of(root).cloned();
    finding
}

/// Gathers the nodes of all roots.
struct Predictor<'a> {
    list: &'a SpecList,
    locked: &'a ConcreteSpecs,
    by_hash: FxHashMap<Arc<str>, SpecId>,
    /// The nodes by choice, of which the address tells, and edges.
    by_choice: FxHashMap<(usize, Vec<Edge>), SpecId>,
    result: Prediction,
}

/// An edge as a key.
type Edge = (SpecId, DepTypes, Arc<[Arc<str>]>);

impl Predictor<'_> {
    fn add(&mut self, index: usize, resolved: &Resolved<'_>) {
        let mut ids: FxHashMap<&str, SpecId> = FxHashMap::default();
        let mut last = None;
        for name in &resolved.order {
            let Some(chosen) = resolved.round.nodes.get(name) else { continue };
            let edges = resolved.round.edges.get(name).into_iter().flatten();
            let edges = edges.filter_map(|(target, edge)| {
                let virtuals = edge.virtuals.iter().map(|name| Arc::from(*name)).collect();
                Some(Dependency { spec: *ids.get(target)?, types: edge.types, virtuals })
            });
            let is_root = resolved.order.last() == Some(name);
            let id = match self.locked(chosen).filter(|_| !is_root) {
                Some(id) => id,
                None => self.node(chosen, edges.collect()),
            };
            ids.insert(name, id);
            last = Some(id);
        }
        // The root comes after all it depends on.
        if let Some(spec) = last {
            let text = self.list.roots[index].spec.to_string().into();
            self.result.roots.push(ConcreteRoot { text, root: index, spec });
        }
    }

    /// Returns the locked spec that is what was chosen.
    fn locked(&self, chosen: &Chosen<'_>) -> Option<SpecId> {
        let is_it = |id: &SpecId| {
            let known = compiler_of(self.locked, *id);
            let is_by_it = known.is_none_or(|known| chosen.spec.compiler.as_deref() == Some(&known));
            is_by_it && is_locked(self.locked.spec(*id), &chosen.spec)
        };
        self.locked.named(&chosen.spec.name).iter().copied().find(is_it)
    }

    /// Returns the node of a spec with these dependencies, which is made where there is none yet.
    fn node(&mut self, chosen: &Rc<Chosen<'_>>, edges: Vec<Dependency>) -> SpecId {
        let key = |edge: &Dependency| (edge.spec, edge.types, Arc::clone(&edge.virtuals));
        let key = (Rc::as_ptr(chosen).addr(), edges.iter().map(key).collect());
        if let Some(id) = self.by_choice.get(&key) {
            return *id;
        }
        let id = self.hashed(chosen, edges);
        self.by_choice.insert(key, id);
        id
    }

    fn hashed(&mut self, chosen: &Chosen<'_>, edges: Vec<Dependency>) -> SpecId {
        let first = self.locked.len();
        let hash_of = |edge: &Dependency| match edge.spec.index().checked_sub(first) {
            Some(at) => Arc::clone(&self.result.specs[at].hash),
            None => Arc::clone(&self.locked.spec(edge.spec).hash),
        };
        let hash = hash(&chosen.spec, &edges, hash_of);
        if let Some(id) = self.by_hash.get(&hash) {
            return *id;
        }
        let id = SpecId(u32::try_from(first + self.result.specs.len()).unwrap_or(u32::MAX));
        self.by_hash.insert(Arc::clone(&hash), id);
        self.result.specs.push(ConcreteSpec { key: Arc::clone(&hash), hash, ..chosen.spec.clone() });
        self.result.dependencies.push(edges);
        id
    }
}

/// Tells whether a locked spec is what was chosen, whatever compiles it.
fn is_locked(locked: &ConcreteSpec, chosen: &ConcreteSpec) -> bool {
    let agrees = |(name, value)| locked.parameters.variants.get(name).is_none_or(|found| found == value);
    locked.version == chosen.version
        && locked.namespace == chosen.namespace
        && locked.arch == chosen.arch
        && chosen.parameters.variants.iter().all(agrees)
}

/// What is to be said of predicted specs, each thing once for all roots.
#[derive(Default)]
struct Report {
    /// The first root with each unknown package, and how many there are.
    unknown: BTreeMap<String, (usize, usize)>,
    /// The first root with each pair of choices that exclude each other.
    conflicts: BTreeMap<String, usize>,
    odd: BTreeSet<String>,
}

impl Report {
    fn gather(&mut self, index: usize, resolved: &Resolved<'_>) {
        let round = &resolved.round;
        for (name, chosen) in &round.nodes {
            self.odd.extend(chosen.odd.iter().cloned());
            if chosen.package.is_none() {
                self.unknown.entry((*name).to_owned()).or_insert((index, 0)).1 += 1;
            }
            if let Some(rule) = chosen.broken {
                self.conflicts.entry(format!("{name}@{}: {rule}", chosen.spec.version)).or_insert(index);
            }
        }
        let root = resolved.order.last().copied().unwrap_or_default();
        if round.nodes.get(root).is_some_and(|chosen| chosen.package.is_some()) {
            self.odd.extend(round.attached.iter().map(|name| format!("{root} ^{name}")));
        }
    }

    fn findings(self, catalogue: &Catalogue, list: &SpecList) -> Vec<Finding> {
        let placed = |mut finding: Finding, index: usize| {
            finding.place = list.place_of(&list.roots[index]).cloned();
            finding
        };
        let mut findings = Vec::new();
        for (name, (index, count)) in &self.unknown {
            let roots = if *count == 1 { "one root".to_owned() } else { format!("{count} roots") };
            let message = format!(
                "the catalogue does not know `{name}`, which {roots} {}: it is planned without dependencies of its own",
                if *count == 1 { "needs" } else { "need" }
            );
            let near: Vec<String> = catalogue.nearest(name).iter().map(|name| format!("`{name}`")).collect();
            let meant =
                if near.is_empty() { String::new() } else { format!("did you mean {}? else ", near.join(" or ")) };
            let finding = Finding::new(Severity::Warning, Rule::UnknownPackage, message).hint(format!("{meant}{HINT}"));
            findings.push(placed(finding, *index));
        }
        for (text, index) in &self.conflicts {
            let message = format!("Spack would refuse {text}");
            findings.push(placed(Finding::new(Severity::Warning, Rule::Unpredictable, message).hint(HINT), *index));
        }
        if !self.odd.is_empty() {
            let odd: Vec<&String> = self.odd.iter().collect();
            let message = format!("the catalogue does not know, and takes as they are asked for: {}", some(&odd));
            findings.push(Finding::new(Severity::Note, Rule::PredictedSpec, message).hint(HINT));
        }
        findings
    }
}
