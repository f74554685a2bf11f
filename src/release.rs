//! A release, planned: the one way from an environment's text to the pipeline that every front end goes.

use crate::concretize::Concretization;
use crate::environment::Environment;
use crate::finding::{Finding, Severity};
use crate::pipeline::Pipeline;
use crate::plan::{Options, Plan, Planner};
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

impl Release {
    /// Plans an environment.
    pub fn new(environment: Environment, concretization: Concretization, options: Options) -> Self {
        let mut planner = Planner::new(&environment, &concretization, options);
        let plan = Arc::new(planner.plan(&Arc::new(environment.rules.clone())));
        let pipeline = Pipeline::new(&environment, &plan);
        let mut findings = plan.findings.clone();
        findings.extend(pipeline.check());
        findings.sort_by_key(|finding| finding.severity);
        Self { environment, concretization, plan, pipeline, findings }
    }

    /// Tells whether a finding stands in the way of writing the pipeline.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}
