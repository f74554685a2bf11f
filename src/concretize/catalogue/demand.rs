//! What is demanded of a package, and by whom.

use crate::spec::{Conflict, Spec};
use std::fmt;

/// A constraint on a package of a root's DAG.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand<'a> {
    pub(super) spec: &'a Spec,
    pub(super) by: By<'a>,
}

/// Who demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By<'a> {
    /// The root spec.
    Root,
    /// A package that depends on it.
    Package(&'a str),
}

impl PartialEq for Demand<'_> {
    /// Compares by address: constraints stand in the catalogue or in the root.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.spec, other.spec) && self.by == other.by
    }
}

impl Demand<'_> {
    /// Tells whether nothing but the package is demanded.
    pub(super) fn is_bare(&self) -> bool {
        let Self { spec, .. } = self;
        spec.versions().is_any()
            && spec.variants().is_empty()
            && spec.flags().is_empty()
            && spec.architecture().is_empty()
            && spec.namespace().is_none()
            && spec.hash().is_none()
    }
}

impl fmt::Display for Demand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            By::Root => write!(f, "`{}` of the root", self.spec),
            By::Package(name) => write!(f, "`{}` of {name}", self.spec),
        }
    }
}

/// Demands on a package that no spec of it satisfies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clash<'a> {
    /// The demand that was met, or several that only together contradict the other.
    pub(super) met: Vec<Demand<'a>>,
    /// The one that contradicts it.
    pub(super) unmet: Demand<'a>,
    /// The clauses that contradict each other.
    conflict: Conflict,
}

impl<'a> Clash<'a> {
    fn new(earlier: &[Demand<'a>], unmet: Demand<'a>, conflict: Conflict) -> Self {
        let contradicts = |demand: &&Demand<'a>| !demand.spec.anonymous().intersects(&unmet.spec.anonymous());
        let met = match earlier.iter().find(contradicts) {
            Some(demand) => vec![*demand],
            None => earlier.iter().filter(|demand| !demand.is_bare()).copied().collect(),
        };
        Self { met, unmet, conflict }
    }
}

impl fmt::Display for Clash<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met: Vec<String> = self.met.iter().map(ToString::to_string).collect();
        write!(f, "{} contradicts {} ({})", self.unmet, met.join(" with "), self.conflict)
    }
}

/// Gathers demands into one constraint; of contradictory ones the earlier holds.
pub(super) fn gather<'a>(demands: &[Demand<'a>]) -> (Spec, Option<Clash<'a>>) {
    let mut gathered = Spec::default();
    let mut clash = None;
    for (index, demand) in demands.iter().enumerate() {
        if demand.is_bare() {
            continue;
        }
        if let Err(conflict) = gathered.constrain(&demand.spec.anonymous()) {
            clash = clash.or_else(|| Some(Clash::new(&demands[..index], *demand, conflict)));
        }
    }
    (gathered, clash)
}
