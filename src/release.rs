//! A release, planned: the one way from an environment's text to the pipeline that every front end goes.

use crate::concretize::Concretization;
use crate::environment::Environment;
use crate::finding::{Finding, Severity};
use crate::pipeline::spack_ci::settings::Settings;
use crate::pipeline::{Pipeline, Schedule};
use crate::plan::prune::Pruning;
use crate::plan::{Options, Plan, Planner};
use crate::pruning::Question;
use std::sync::Arc;

/// An environment with its concrete specs, plan and pipeline.
#[derive(Debug)]
pub struct Release {
    /// What was asked for.
    pub environment: Environment,
    /// What it means, concretely.
    pub concretization: Concretization,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The pipeline of the plan.
    pub pipeline: Pipeline,
    /// All findings: of the environment, the plan and GitLab's rules, worst first.
    pub findings: Vec<Finding>,
}

/// How a release is to be planned.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// How jobs get runners.
    pub options: Options,
    /// Which specs get no job.
    pub pruning: Arc<Pruning>,
    /// What GitLab and Spack say of the pipeline.
    pub settings: Settings,
    /// How jobs wait for each other.
    pub schedule: Schedule,
    /// What may be asked anew which specs get no job, while the environment is being edited.
    pub question: Option<Question>,
}

impl From<Options> for Request {
    fn from(options: Options) -> Self {
        Self { options, ..Self::default() }
    }
}

impl Release {
    /// Plans an environment.
    pub fn new(environment: Environment, concretization: Concretization, request: impl Into<Request>) -> Self {
        let Request { options, pruning, settings, schedule, .. } = request.into();
        let mut planner = Planner::pruned(&environment, &concretization, options, pruning);
        let plan = Arc::new(planner.plan(&Arc::new(environment.rules.clone())));
        let pipeline = Pipeline::with_settings(&environment, &plan, &settings, schedule);
        let findings = findings(&plan, &pipeline);
        Self { environment, concretization, plan, pipeline, findings }
    }

    /// Tells whether a finding stands in the way of writing the pipeline.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Returns the findings of a plan, those of its environment among them, and of its pipeline by GitLab's rules, worst first.
pub fn findings(plan: &Plan, pipeline: &Pipeline) -> Vec<Finding> {
    let mut findings = plan.findings.clone();
    findings.extend(pipeline.check());
    findings.sort_by_key(|finding| finding.severity);
    findings
}
