//! Whose artifacts a job fetches: its direct dependencies', a root's from its whole DAG, and its compilers'.

use crate::plan::graph::Lists;
use crate::plan::{JobGraph, JobId, Plan};

/// Returns the jobs of all specs that each job's specs depend on, directly or, for roots, through others.
pub(super) fn needed(graph: &JobGraph) -> Lists {
    let mut seen = Seen::new(graph.len());
    let mut lists = Lists::default();
    for id in graph.ids() {
        if graph.is_root(id) {
            lists.push(closure(graph, id, &mut seen));
        } else {
            lists.push(graph.needs(id).iter().copied());
        }
    }
    lists
}

/// Returns the `dependencies` of every job: those `needed` and its compilers; one that has no runner is replaced by
/// what it depends on itself.
pub(super) fn dependencies(plan: &Plan, needed: &Lists) -> Lists {
    named(plan, |id| needed.get(id.index()))
}

/// Returns the jobs that each job waits for: of its direct dependencies and its compilers, replaced likewise.
pub(super) fn direct(plan: &Plan) -> Lists {
    named(plan, |id| plan.graph.needs(id))
}

fn named<'a>(plan: &'a Plan, needed: impl Fn(JobId) -> &'a [JobId]) -> Lists {
    let mut seen = Seen::new(plan.graph.len());
    let mut lists = Lists::default();
    for id in plan.graph.ids() {
        let all = needed(id).iter().chain(plan.graph.compilers(id));
        lists.push(joined(plan, all.copied(), &mut seen));
    }
    lists
}

/// Marks jobs as seen; forgetting all of them costs nothing.
struct Seen {
    round: u32,
    marks: Vec<u32>,
}

impl Seen {
    fn new(jobs: usize) -> Self {
        Self { round: 0, marks: vec![0; jobs] }
    }

    fn clear(&mut self) {
        self.round += 1;
    }

    fn insert(&mut self, id: JobId) -> bool {
        std::mem::replace(&mut self.marks[id.index()], self.round) != self.round
    }
}

/// Returns the jobs of everything a job needs, however far away.
fn closure(graph: &JobGraph, id: JobId, seen: &mut Seen) -> Vec<JobId> {
    seen.clear();
    seen.insert(id);
    let mut found = Vec::new();
    let mut pending = graph.needs(id).to_vec();
    while let Some(next) = pending.pop() {
        if seen.insert(next) {
            found.push(next);
            pending.extend_from_slice(graph.needs(next));
        }
    }
    found
}

/// Sorts jobs, each once, with those that have no runner replaced by what they depend on.
fn joined(plan: &Plan, jobs: impl Iterator<Item = JobId>, seen: &mut Seen) -> Vec<JobId> {
    seen.clear();
    let mut found = Vec::new();
    let mut pending: Vec<JobId> = jobs.collect();
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        if plan.assignments.is_unassigned(id) {
            pending.extend_from_slice(plan.graph.needs(id));
            pending.extend_from_slice(plan.graph.compilers(id));
        } else {
            found.push(id);
        }
    }
    found.sort_unstable();
    found
}
