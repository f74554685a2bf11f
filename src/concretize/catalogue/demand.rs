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

/// Two demands on a package that no spec of it satisfies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    /// The demand that was met.
    pub(super) met: String,
    /// The one that contradicts it.
    pub(super) unmet: String,
    /// The clauses that contradict each other.
    pub(super) conflict: String,
}

/// Gathers demands into one constraint; of contradictory ones the earlier holds.
pub(super) fn gather(demands: &[Demand<'_>]) -> (Spec, Option<Clash>) {
    let mut gathered = Spec::default();
    let mut clash = None;
    for (index, demand) in demands.iter().enumerate() {
        if demand.is_bare() {
            continue;
        }
        if let Err(conflict) = gathered.constrain(&demand.spec.anonymous()) {
            clash = clash.or_else(|| Some(explain(&demands[..index], demand, &conflict)));
        }
    }
    (gathered, clash)
}

fn explain(earlier: &[Demand<'_>], unmet: &Demand<'_>, conflict: &Conflict) -> Clash {
    let contradicts = |demand: &&Demand<'_>| !demand.spec.anonymous().intersects(&unmet.spec.anonymous());
    let all = || {
        let texts: Vec<String> = earlier.iter().filter(|demand| !demand.is_bare()).map(ToString::to_string).collect();
        texts.join(" with ")
    };
    let met = earlier.iter().find(contradicts).map_or_else(all, ToString::to_string);
    Clash { met, unmet: unmet.to_string(), conflict: conflict.to_string() }
}
