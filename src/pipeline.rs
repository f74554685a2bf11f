//! The pipeline of a plan: jobs as GitLab runs them, rendered one at a time, and checked against GitLab's rules.

mod lines;
pub mod preflight;
mod release_jobs;
mod size;

use crate::environment::{Dialect, Environment};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::plan::{JobId, Plan};
pub use lines::{Lines, Part};
use release_jobs::ReleaseJobs;
use std::io::{self, Write};
use std::sync::Arc;

/// A `.gitlab-ci.yml` that is rendered on demand; equal plans give equal bytes.
#[derive(Debug)]
pub struct Pipeline {
    plan: Arc<Plan>,
    format: ReleaseJobs,
    /// What the format leaves out or replaces of what the environment says.
    findings: Vec<Finding>,
}

/// Refuses to write a pipeline for an environment of a dialect that cannot be written.
///
/// # Errors
/// Returns an error that names the dialects which can.
pub fn check_dialect(environment: &Environment) -> Result<()> {
    match environment.dialect {
        Dialect::ReleaseJobs => Ok(()),
        Dialect::SpackCi => Err(Error::input("pipelines of the spack-ci dialect are not written by this version")
            .hint("add --dialect release-jobs to write the 2019 format; the other reports work as they are")),
    }
}

impl Pipeline {
    /// Lays out the pipeline of `plan` in the release-jobs dialect.
    pub fn new(environment: &Environment, plan: &Arc<Plan>) -> Self {
        let (format, findings) = ReleaseJobs::new(environment, Arc::clone(plan));
        Self { plan: Arc::clone(plan), format, findings }
    }

    /// Returns the jobs that are part of the pipeline: all that have a runner.
    pub fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.plan.graph.ids().filter(|id| !self.plan.assignments.is_unassigned(*id))
    }

    /// Returns the names of the stages in order.
    pub fn stages(&self) -> Vec<String> {
        self.format.stages()
    }

    /// Returns the jobs whose artifacts a job fetches, ascending; all of them run in earlier stages.
    pub fn dependencies(&self, id: JobId) -> &[JobId] {
        self.format.dependencies(id)
    }

    /// Returns the YAML text of one job, with its line end.
    pub fn render_job(&self, id: JobId) -> String {
        let mut out = String::new();
        self.format.render_job(id, &mut out);
        out
    }

    /// Appends the YAML text of one part; all parts in order are the whole file.
    pub fn append(&self, part: Part, out: &mut String) {
        match part {
            Part::Head => out.push_str(&self.format.head()),
            Part::Job(id) => self.format.render_job(id, out),
            Part::Tail => out.push_str(&self.format.tail()),
        }
    }

    /// Returns the problems that GitLab would have with this pipeline, and what the format changed.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        findings.extend(preflight::check(&self.stages(), &self.format.views()));
        findings
    }

    /// Writes the whole file.
    ///
    /// # Errors
    /// Returns what `out` answers.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        const CHUNK: usize = 1 << 16;
        let mut text = self.format.head();
        for id in self.jobs() {
            self.format.render_job(id, &mut text);
            if text.len() >= CHUNK {
                out.write_all(text.as_bytes())?;
                text.clear();
            }
        }
        text.push_str(&self.format.tail());
        out.write_all(text.as_bytes())
    }

    /// Returns the whole file as a text.
    pub fn to_text(&self) -> String {
        let mut out = self.format.head();
        for id in self.jobs() {
            self.format.render_job(id, &mut out);
        }
        out.push_str(&self.format.tail());
        out
    }
}
