//! The jobs around one: what it needs and what needs it, and the longest chain that put it in its stage.

use super::cursor::Cursor;
use crate::plan::{JobGraph, JobId};
use std::sync::Arc;

/// A line of the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// How many jobs the one in the middle needs.
    Needs,
    /// A job that it needs.
    Need(JobId, Edge),
    /// The job in the middle.
    Middle,
    /// How many jobs need it.
    NeededBy,
    /// A job that needs it.
    Dependent(JobId, Edge),
    /// Between the drawing and the chain.
    Gap,
    /// How long the chain is.
    Chain,
    /// A job of the chain.
    Link(JobId, Edge),
}

/// Where a job stands among those that hang on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The line begins here.
    First,
    /// The line goes on.
    Inner,
    /// The line ends here.
    Last,
}

/// The state of the drawing.
#[derive(Clone, Debug)]
pub struct Neighbourhood {
    /// The job in the middle.
    pub job: JobId,
    /// The selected line.
    pub cursor: Cursor,
    /// The jobs that it needs, by stage; bootstrapped compilers among them.
    pub needs: Arc<[JobId]>,
    /// The jobs that need it, by stage.
    pub dependents: Arc<[JobId]>,
    /// The longest chain of jobs, each of which needs the one before, from the first stage of its phase to the job.
    pub chain: Arc<[JobId]>,
}

impl Neighbourhood {
    /// Puts a job in the middle.
    pub fn new(graph: &JobGraph, job: JobId) -> Self {
        let mut needs: Vec<JobId> = graph.needs(job).iter().chain(graph.compilers(job)).copied().collect();
        needs.sort_unstable();
        needs.dedup();
        let needs_it = |id: &JobId| graph.needs(*id).binary_search(&job).is_ok() || graph.compilers(*id).contains(&job);
        // A job is numbered after all that it needs.
        let dependents = graph.ids().skip(job.index() + 1).filter(needs_it).collect();
        let mut graph =
            Self { job, cursor: Cursor::default(), needs: needs.into(), dependents, chain: chain(graph, job) };
        graph.cursor.selected = graph.middle();
        graph
    }

    /// Returns the number of lines.
    pub fn len(&self) -> usize {
        self.middle() + 2 + self.dependents.len() + 2 + self.chain.len()
    }

    /// Tells whether there are no lines, which never is so.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn middle(&self) -> usize {
        self.needs.len() + 1
    }

    /// Returns what is on a line.
    pub fn line(&self, index: usize) -> Option<Line> {
        let middle = self.middle();
        let below = index.checked_sub(middle + 2);
        let chain = below.and_then(|at| at.checked_sub(self.dependents.len() + 2));
        Some(match (index, below, chain) {
            (0, ..) => Line::Needs,
            (index, ..) if index < middle => {
                let edge = if index == 1 { Edge::First } else { Edge::Inner };
                Line::Need(self.needs[index - 1], edge)
            }
            (index, None, _) => {
                if index == middle {
                    Line::Middle
                } else {
                    Line::NeededBy
                }
            }
            (_, Some(at), _) if at < self.dependents.len() => {
                let edge = if at + 1 == self.dependents.len() { Edge::Last } else { Edge::Inner };
                Line::Dependent(self.dependents[at], edge)
            }
            (_, Some(at), _) if at == self.dependents.len() => Line::Gap,
            (_, _, None) => Line::Chain,
            (_, _, Some(at)) => {
                let edge = match at {
                    at if at + 1 == self.chain.len() => Edge::Last,
                    0 => Edge::First,
                    _ => Edge::Inner,
                };
                Line::Link(*self.chain.get(at)?, edge)
            }
        })
    }

    /// Returns the job of the selected line.
    pub fn selected_job(&self) -> Option<JobId> {
        match self.line(self.cursor.selected)? {
            Line::Need(id, _) | Line::Dependent(id, _) | Line::Link(id, _) => Some(id),
            Line::Middle => Some(self.job),
            Line::Needs | Line::NeededBy | Line::Gap | Line::Chain => None,
        }
    }
}

/// Follows, from a job down, the needs that stand one stage lower.
fn chain(graph: &JobGraph, job: JobId) -> Arc<[JobId]> {
    let mut chain = vec![job];
    let mut last = job;
    let below = |job: JobId| {
        let stage = graph.job(job).stage;
        graph.needs(job).iter().copied().find(|need| graph.job(*need).stage + 1 == stage)
    };
    while let Some(need) = below(last) {
        chain.push(need);
        last = need;
    }
    chain.reverse();
    chain.into()
}
