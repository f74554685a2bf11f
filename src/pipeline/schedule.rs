//! How jobs wait for each other: for all earlier stages, or for the jobs that they need alone.

use super::preflight::MAX_NEEDS;
use crate::finding::{Finding, Rule, Severity};
use crate::plan::graph::Lists;
use crate::plan::{JobGraph, JobId};

/// How the jobs of a pipeline wait for each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    /// As the dialect has it: release-jobs by stages, spack-ci by `needs` as Spack lists them.
    #[default]
    Dialect,
    /// By stages alone; the spack-ci dialect has no such form.
    Stages,
    /// By `needs`, without those that other needs imply.
    Needs,
}

/// What each job waits for where a pipeline is scheduled by `needs`.
#[derive(Debug)]
pub(super) struct Needs {
    lists: Lists,
}

impl Needs {
    /// Takes what each job needs directly, ascending, and leaves out what its other needs imply.
    pub(super) fn reduced(graph: &JobGraph, direct: &Lists) -> Self {
        Self { lists: reduce(graph.len(), direct) }
    }

    /// Returns the jobs that a job waits for, ascending; none where it waits for all earlier stages instead, since
    /// they are more than GitLab takes.
    pub(super) fn get(&self, id: JobId) -> Option<&[JobId]> {
        let list = self.lists.get(id.index());
        (list.len() <= MAX_NEEDS).then_some(list)
    }

    /// Returns what is left of every list, however long.
    pub(super) fn into_lists(self) -> Lists {
        self.lists
    }

    /// Reports the jobs that wait for stages.
    pub(super) fn report(&self, graph: &JobGraph) -> Option<Finding> {
        const NAMED: usize = 3;
        let over: Vec<JobId> = graph.ids().filter(|id| self.get(*id).is_none()).collect();
        let most = over.iter().map(|id| self.lists.get(id.index()).len()).max()?;
        let names: Vec<String> = over.iter().take(NAMED).map(|id| format!("`{}`", graph.job(*id).name)).collect();
        let who = if over.len() == 1 { "one job waits".to_owned() } else { format!("{} jobs wait", over.len()) };
        let others = if over.len() > NAMED { ", …" } else { "" };
        let message = format!(
            "{who} for all earlier stages, with up to {most} `needs` where GitLab takes {MAX_NEEDS}: {}{others}",
            names.join(", ")
        );
        let mut finding = Finding::new(Severity::Note, Rule::Gitlab, message);
        finding.jobs = over.iter().map(|id| id.0).collect();
        Some(finding.hint("they start later than they could, and in the right order"))
    }
}

/// Leaves out of each list the jobs that others of the list need, however far away. Jobs stand after all they need.
fn reduce(jobs: usize, direct: &Lists) -> Lists {
    let mut reduced = Lists::default();
    let mut implied_by = vec![u32::MAX; jobs];
    let mut pending = Vec::new();
    for (round, id) in (0u32..).zip((0..jobs).map(JobId::from_index)) {
        let list = direct.get(id.index());
        let mut kept = Vec::with_capacity(list.len());
        // The later a job, the more it implies.
        for &need in list.iter().rev() {
            if implied_by[need.index()] == round {
                continue;
            }
            kept.push(need);
            pending.push(need);
            while let Some(next) = pending.pop() {
                // What stands before the first of the list can imply none of it.
                let further = direct.get(next.index()).iter().filter(|job| **job >= list[0]);
                for job in further {
                    if std::mem::replace(&mut implied_by[job.index()], round) != round {
                        pending.push(*job);
                    }
                }
            }
        }
        kept.reverse();
        reduced.push(kept);
    }
    reduced
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn lists(lists: &[Vec<usize>]) -> Lists {
        let mut built = Lists::default();
        for list in lists {
            built.push(list.iter().copied().map(JobId::from_index));
        }
        built
    }

    fn reduced(direct: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let reduced = reduce(direct.len(), &lists(direct));
        (0..direct.len()).map(|job| reduced.get(job).iter().map(|id| id.index()).collect()).collect()
    }

    /// Returns all jobs that each job waits for, however far away.
    fn closures(direct: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
        let mut closures: Vec<BTreeSet<usize>> = Vec::new();
        for list in direct {
            let mut all: BTreeSet<usize> = list.iter().copied().collect();
            for job in list {
                all.extend(&closures[*job]);
            }
            closures.push(all);
        }
        closures
    }

    /// Any jobs, each of which needs some of those before it.
    fn any_jobs() -> impl Strategy<Value = Vec<Vec<usize>>> {
        let needs = proptest::collection::vec(any::<usize>(), 0..8);
        proptest::collection::vec(needs, 1..40).prop_map(|jobs| {
            let before = |(job, needs): (usize, Vec<usize>)| {
                let needs: BTreeSet<usize> = needs.into_iter().filter(|_| job > 0).map(|any| any % job).collect();
                needs.into_iter().collect()
            };
            jobs.into_iter().enumerate().map(before).collect()
        })
    }

    #[test]
    fn a_need_that_another_need_implies_is_left_out() {
        let direct = [vec![], vec![0], vec![0, 1], vec![0, 2]];
        assert_eq!(reduced(&direct), [vec![], vec![0], vec![1], vec![2]]);
    }

    #[test]
    fn needs_of_which_none_implies_another_all_stay() {
        let direct = [vec![], vec![], vec![0], vec![1], vec![2, 3]];
        assert_eq!(reduced(&direct)[4], [2, 3]);
    }

    proptest! {
        #[test]
        fn jobs_wait_for_the_same_jobs_as_before_and_no_need_is_one_too_many(direct in any_jobs()) {
            let reduced = reduced(&direct);
            let closures = closures(&direct);
            prop_assert_eq!(&self::closures(&reduced), &closures);
            for list in &reduced {
                for need in list {
                    prop_assert!(!list.iter().any(|other| closures[*other].contains(need)));
                }
            }
        }
    }
}
