//! What differs between two plans: jobs that came, went, or moved to another runner or stage.

use super::assign::MappingId;
use super::{JobGraph, JobId, Plan};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The jobs of an older plan that correspond to those of a newer one: the same, where both have one graph, else those
/// of equal name.
#[derive(Debug)]
pub struct Counterparts<'a> {
    graph: &'a JobGraph,
    by_name: Option<FxHashMap<&'a str, JobId>>,
}

impl<'a> Counterparts<'a> {
    /// Prepares for questions about the jobs of `now`.
    pub fn new(now: &'a Arc<JobGraph>, before: &'a Arc<JobGraph>) -> Self {
        let names = || before.ids().map(|id| (before.job(id).name.as_str(), id)).collect();
        Self { graph: now, by_name: (!Arc::ptr_eq(now, before)).then(names) }
    }

    /// Returns the older job that a newer one corresponds to.
    pub fn of(&self, id: JobId) -> Option<JobId> {
        match &self.by_name {
            None => Some(id),
            Some(names) => names.get(self.graph.job(id).name.as_str()).copied(),
        }
    }
}

/// A job that another mapping takes than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The job of the newer plan.
    pub job: JobId,
    /// The mapping of the older plan.
    pub from: Option<MappingId>,
    /// The mapping of the newer plan.
    pub to: Option<MappingId>,
}

/// A job that runs in another stage than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restaged {
    /// The job of the newer plan.
    pub job: JobId,
    /// Its stage in the older plan.
    pub from: usize,
}

/// What differs between two plans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Jobs that only the newer plan has.
    pub gained: Vec<JobId>,
    /// Jobs that only the older plan has, by its ids.
    pub lost: Vec<JobId>,
    /// Jobs that another mapping takes.
    pub moved: Vec<Moved>,
    /// Jobs that run in another stage.
    pub restaged: Vec<Restaged>,
}

impl Changes {
    /// Compares two plans; `origin` says which mapping of the older plan a mapping of the newer one was, if it was one.
    pub fn between(before: &Plan, now: &Plan, origin: impl Fn(MappingId) -> Option<MappingId>) -> Self {
        let mut changes = Self::default();
        let counterparts = Counterparts::new(&now.graph, &before.graph);
        let mut met = vec![false; before.graph.len()];
        for job in now.graph.ids() {
            let Some(old) = counterparts.of(job) else {
                changes.gained.push(job);
                continue;
            };
            met[old.index()] = true;
            let (from, to) = (before.assignments.mapping_of(old), now.assignments.mapping_of(job));
            let stays = match to {
                None => from.is_none(),
                Some(to) => from.is_some() && origin(to) == from,
            };
            if !stays {
                changes.moved.push(Moved { job, from, to });
            }
            let stage = before.graph.job(old).stage;
            if stage != now.graph.job(job).stage {
                changes.restaged.push(Restaged { job, from: stage });
            }
        }
        changes.lost.extend(before.graph.ids().filter(|old| !met[old.index()]));
        changes
    }

    /// Tells whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
