//! A release plan: phases, stages and jobs, which runner takes each job and why, and what is wrong with it.

pub mod assign;
pub mod attributes;
pub mod change;
pub mod explain;
mod finding;
pub mod graph;
pub mod narrowest;
pub mod proof;
pub mod prune;

use crate::concretize::Concretization;
use crate::environment::Environment;
use crate::environment::attributes::{MatchSpec, RunnerMapping, RunnerRules, Section};
use crate::finding::{Finding, Severity};
use assign::{Assignments, JobSet, MappingId, Selections};
use explain::Explanation;
pub use graph::{Job, JobGraph, JobId, Phase, PhaseKind, Stage};
use prune::Pruning;
use std::sync::Arc;

/// The spec that mappings are tested against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchOn {
    /// The job's own spec.
    #[default]
    Job,
    /// The last root spec whose DAG holds the job's spec, as `spack release-jobs` had it.
    Root,
}

/// What becomes of jobs that no mapping takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unassigned {
    /// They are an error: the pipeline is not written.
    #[default]
    Refuse,
    /// They are left out, and their dependents joined to their dependencies.
    LeaveOut,
}

/// How to plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The spec that mappings are tested against.
    pub match_on: MatchOn,
    /// What becomes of jobs that no mapping takes.
    pub unassigned: Unassigned,
}

/// A plan of a release; what the UI shows and every report prints.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The jobs and their order.
    pub graph: Arc<JobGraph>,
    /// The rules by which jobs got their attributes.
    pub rules: Arc<RunnerRules>,
    /// How it was made.
    pub options: Options,
    /// What decided which specs get jobs.
    pub pruning: Arc<Pruning>,
    /// Which mappings apply to which job.
    pub assignments: Assignments,
    /// What is wrong with it, worst first.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Explains which mappings apply to a job.
    pub fn explain(&self, id: JobId) -> Explanation<'_> {
        explain::explain(self, id)
    }

    /// Returns a mapping of the rules.
    pub fn mapping(&self, id: MappingId) -> Option<&RunnerMapping> {
        match self.rules.sections.get(id.section)? {
            Section::Submapping(list) => list.mappings.get(id.mapping),
            Section::Jobs { .. } | Section::Dynamic(_) => None,
        }
    }

    /// Returns the number of a mapping, from zero, counted through all submappings as they are listed.
    pub fn number_of(&self, id: MappingId) -> usize {
        self.rules.number_of(id.section, id.mapping)
    }

    /// Returns the mappings in the order in which they are listed.
    pub fn mappings(&self) -> impl Iterator<Item = MappingId> {
        let of = |(section, content): (usize, &Section)| {
            let count = match content {
                Section::Submapping(list) => list.mappings.len(),
                Section::Jobs { .. } | Section::Dynamic(_) => 0,
            };
            (0..count).map(move |mapping| MappingId { section, mapping })
        };
        self.rules.listed().flat_map(of)
    }

    /// Returns the number of the mapping that gives a job its runner.
    pub fn mapping_number(&self, id: JobId) -> Option<usize> {
        self.assignments.mapping_of(id).map(|mapping| self.number_of(mapping))
    }

    /// Returns the jobs that are built although the catalogue only predicts their specs.
    pub fn predicted(&self) -> impl Iterator<Item = JobId> {
        self.graph.ids().filter(|id| self.graph.spec(*id).is_predicted())
    }

    /// Tells whether a finding stands in the way of writing the pipeline.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Makes plans of one set of concrete specs, again and again as the rules change; answers are remembered between them.
#[derive(Clone, Debug)]
pub struct Planner {
    graph: Arc<JobGraph>,
    options: Options,
    pruning: Arc<Pruning>,
    selections: Selections,
    /// Findings of the environment's text.
    environment: Vec<Finding>,
    /// Findings of the concrete specs and the graph.
    specs: Vec<Finding>,
}

impl Planner {
    /// Lays out the jobs of an environment and its concrete specs; of these only external ones are pruned.
    pub fn new(environment: &Environment, concretization: &Concretization, options: Options) -> Self {
        Self::pruned(environment, concretization, options, Arc::default())
    }

    /// Lays out the jobs of an environment and its concrete specs, but for those that are pruned.
    pub fn pruned(
        environment: &Environment,
        concretization: &Concretization,
        options: Options,
        pruning: Arc<Pruning>,
    ) -> Self {
        let graph = Arc::new(JobGraph::new(environment, &concretization.phases, &pruning));
        let specs = concretization.findings.iter().chain(&graph.findings).chain(&pruning.findings).cloned().collect();
        let environment = environment.findings.clone();
        Self { graph, options, pruning, selections: Selections::default(), environment, specs }
    }

    /// Takes an edited environment that [asks for the same jobs](Environment::asks_for_same_jobs).
    pub fn adopt(&mut self, environment: &Environment) {
        self.environment.clone_from(&environment.findings);
    }

    /// Plans by `rules`; only match specs that were not seen before are evaluated.
    pub fn plan(&mut self, rules: &Arc<RunnerRules>) -> Plan {
        let assignments = Assignments::new(&self.graph, rules, self.options.match_on, &mut self.selections);
        let mut findings: Vec<Finding> = self.environment.iter().chain(&self.specs).cloned().collect();
        findings.extend(finding::of_rules(&self.graph, rules, self.options, &assignments));
        findings.sort_by_key(|finding| finding.severity);
        let (graph, rules, pruning) = (Arc::clone(&self.graph), Arc::clone(rules), Arc::clone(&self.pruning));
        Plan { graph, rules, options: self.options, pruning, assignments, findings }
    }

    /// Returns the jobs that a match spec selects.
    pub fn select(&mut self, wanted: &MatchSpec) -> Arc<JobSet> {
        self.selections.select(&self.graph, self.options.match_on, wanted)
    }

    /// Returns the jobs that a match spec of rules that were planned by selects.
    pub fn known(&self, wanted: &MatchSpec) -> Option<&JobSet> {
        self.selections.known(wanted)
    }

    /// Returns how many distinct match specs were evaluated so far.
    pub fn evaluated(&self) -> usize {
        self.selections.evaluated()
    }
}
