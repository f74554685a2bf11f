//! The job graph: one job a concrete spec and phase, what it needs, and the stage it runs in.
//!
//! It depends on the concrete specs alone, so that a change of the runner rules leaves it as it is.

mod build;
mod level;
mod name;

pub use name::{architecture, compiler};

use crate::concretize::ConcretePhase;
use crate::environment::Environment;
use crate::finding::Finding;
use crate::plan::prune::{Pruned, Pruning};
use crate::spec::concrete::{ConcreteSpec, ConcreteSpecs, SpecId};
use fixedbitset::FixedBitSet;
use std::ops::Range;
use std::sync::Arc;

/// Index of a job in its [`JobGraph`]; jobs are numbered by phase, then stage, then name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

impl JobId {
    /// Returns the id as a table index.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the id of the job at a table index.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// What a phase is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseKind {
    /// Builds compilers for later phases with a compiler of its own choice that job names show.
    Bootstrap,
    /// Builds compilers with any compiler (`compiler-agnostic`); job names leave it out.
    AgnosticBootstrap,
    /// Builds the release (`specs`).
    Main,
}

/// A phase with its jobs.
#[derive(Clone, Debug)]
pub struct Phase {
    /// The bootstrap list's name, or `specs`.
    pub name: String,
    /// What it is for.
    pub kind: PhaseKind,
    /// The concrete specs it builds.
    pub specs: Arc<ConcreteSpecs>,
    /// Its stages, as indices into [`JobGraph::stages`].
    pub stages: Range<usize>,
    /// Its jobs, as indices.
    pub jobs: Range<usize>,
    /// The job that builds each spec; none for pruned specs and for specs no root needs.
    job_of: Vec<Option<JobId>>,
}

/// A stage: jobs that may run at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The phase, as an index into [`JobGraph::phases`].
    pub phase: usize,
    /// Its jobs, as indices.
    pub jobs: Range<usize>,
}

/// A job that builds one concrete spec.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name, unique in the pipeline.
    pub name: String,
    /// The phase, as an index into [`JobGraph::phases`].
    pub phase: usize,
    /// The stage, as an index into [`JobGraph::stages`].
    pub stage: usize,
    /// The spec it builds; of several with the same hash, the one in the DAG of `root`.
    pub spec: SpecId,
    /// All specs it stands for, ascending: several where lockfiles up to version 3 tell them apart by build dependencies only.
    pub members: Vec<SpecId>,
    /// The last root whose DAG holds it, as an index into [`ConcreteSpecs::roots`].
    pub root: usize,
}

/// All jobs with their order.
#[derive(Clone, Debug)]
pub struct JobGraph {
    /// The bootstrap phases, then `specs`.
    pub phases: Vec<Phase>,
    /// The stages, numbered through all phases.
    pub stages: Vec<Stage>,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// The specs that roots need and that get no job, by phase, then in the order of the lockfile.
    pub pruned: Vec<Pruned>,
    /// What was odd about the concrete specs: collisions of names, merges that would be cycles.
    pub findings: Vec<Finding>,
    needs: Lists,
    roots: FixedBitSet,
    compilers: Vec<u32>,
    compiler_sets: Vec<Vec<JobId>>,
    predicted: usize,
}

impl JobGraph {
    /// Lays out the jobs of an environment's concrete specs.
    pub fn new(environment: &Environment, phases: &[ConcretePhase], pruning: &Pruning) -> Self {
        build::graph(environment, phases, pruning)
    }

    /// Returns a job.
    pub fn job(&self, id: JobId) -> &Job {
        &self.jobs[id.index()]
    }

    /// Returns the ids of all jobs in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = JobId> + use<> {
        (0..self.jobs.len()).map(JobId::from_index)
    }

    /// Returns the phase of a job.
    pub fn phase(&self, id: JobId) -> &Phase {
        &self.phases[self.job(id).phase]
    }

    /// Returns the concrete spec a job builds.
    pub fn spec(&self, id: JobId) -> &ConcreteSpec {
        self.phase(id).specs.spec(self.job(id).spec)
    }

    /// Returns the jobs that build the direct dependencies of a job's specs, ascending.
    pub fn needs(&self, id: JobId) -> &[JobId] {
        self.needs.get(id.index())
    }

    /// Returns the bootstrapped compilers that a job of the main phase is built with, in the order of the bootstrap lists.
    pub fn compilers(&self, id: JobId) -> &[JobId] {
        &self.compiler_sets[self.compilers[id.index()] as usize]
    }

    /// Returns the job that builds a spec of a phase.
    pub fn job_of(&self, phase: usize, spec: SpecId) -> Option<JobId> {
        self.phases[phase].job_of[spec.index()]
    }

    /// Tells whether any of a job's specs is a root.
    pub fn is_root(&self, id: JobId) -> bool {
        self.roots.contains(id.index())
    }

    /// Returns the jobs that build the roots of a phase, ascending and each once.
    pub fn root_jobs(&self, phase: usize) -> Vec<JobId> {
        let phase = &self.phases[phase];
        let mut jobs: Vec<_> = phase.specs.roots.iter().filter_map(|root| phase.job_of[root.spec.index()]).collect();
        jobs.sort_unstable();
        jobs.dedup();
        jobs
    }

    /// Returns the number of jobs whose specs the catalogue only predicts.
    pub fn predicted(&self) -> usize {
        self.predicted
    }

    /// Returns the number of jobs.
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Tells whether there is nothing to build.
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }
}

/// Lists of jobs, by index, in one allocation.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    items: Vec<JobId>,
    offsets: Vec<u32>,
}

impl Lists {
    /// Appends a list.
    pub fn push(&mut self, list: impl IntoIterator<Item = JobId>) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.items.extend(list);
        self.offsets.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    /// Returns the list at `index`.
    pub fn get(&self, index: usize) -> &[JobId] {
        &self.items[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }
}
