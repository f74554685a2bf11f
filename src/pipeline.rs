//! The pipeline of a plan: jobs as GitLab runs them, rendered one at a time, and checked against GitLab's rules.

mod lines;
pub mod preflight;
mod release_jobs;
mod schedule;
mod size;
pub mod spack_ci;

use crate::environment::{Dialect, Environment};
use crate::finding::Finding;
use crate::plan::{JobId, Plan};
pub use lines::{Lines, Part};
use preflight::JobView;
use release_jobs::ReleaseJobs;
pub use schedule::Schedule;
use spack_ci::settings::Settings;
use spack_ci::{Extra, SpackCi};
use std::io::{self, Write};
use std::sync::Arc;

/// A `.gitlab-ci.yml` that is rendered on demand; equal plans give equal bytes.
#[derive(Debug)]
pub struct Pipeline {
    format: Format,
    /// What the format leaves out or replaces of what the environment says.
    findings: Vec<Finding>,
}

/// The dialects, each with what it holds ready.
#[derive(Debug)]
enum Format {
    ReleaseJobs(Box<ReleaseJobs>),
    SpackCi(Box<SpackCi>),
}

impl Pipeline {
    /// Lays out the pipeline of `plan` in the dialect of the environment, as where no variable of GitLab's is set.
    pub fn new(environment: &Environment, plan: &Arc<Plan>) -> Self {
        Self::with_settings(environment, plan, &Settings::default(), Schedule::default())
    }

    /// Lays out the pipeline of `plan` in the dialect of the environment; the settings bear on the spack-ci dialect.
    pub fn with_settings(environment: &Environment, plan: &Arc<Plan>, settings: &Settings, schedule: Schedule) -> Self {
        match environment.dialect {
            Dialect::ReleaseJobs => {
                let (format, findings) = ReleaseJobs::new(environment, Arc::clone(plan), schedule);
                Self { format: Format::ReleaseJobs(Box::new(format)), findings }
            }
            Dialect::SpackCi => {
                let (format, findings) = SpackCi::new(environment, Arc::clone(plan), settings, schedule);
                Self { format: Format::SpackCi(Box::new(format)), findings }
            }
        }
    }

    /// Returns the build jobs that are part of the pipeline: all that have a runner, unless it only copies.
    pub fn jobs(&self) -> Box<dyn Iterator<Item = JobId> + '_> {
        match &self.format {
            Format::ReleaseJobs(format) => Box::new(format.jobs()),
            Format::SpackCi(format) => Box::new(format.jobs()),
        }
    }

    /// Returns the names of the stages in order.
    pub fn stages(&self) -> Vec<String> {
        match &self.format {
            Format::ReleaseJobs(format) => format.stages(),
            Format::SpackCi(format) => format.stages(),
        }
    }

    /// Returns the jobs that a job waits for or fetches artifacts of, ascending; all of them run in earlier stages.
    pub fn dependencies(&self, id: JobId) -> &[JobId] {
        match &self.format {
            Format::ReleaseJobs(format) => format.dependencies(id),
            Format::SpackCi(format) => format.dependencies(id),
        }
    }

    /// Returns the files that jobs need beside the pipeline.
    pub fn extras(&self) -> &[Extra] {
        match &self.format {
            Format::ReleaseJobs(_) => &[],
            Format::SpackCi(format) => format.extras(),
        }
    }

    /// Returns the YAML text of one job, with its line end.
    pub fn render_job(&self, id: JobId) -> String {
        let mut out = String::new();
        self.append(Part::Job(id), &mut out);
        out
    }

    /// Appends the YAML text of one part; all parts in order are the whole file.
    pub fn append(&self, part: Part, out: &mut String) {
        match (&self.format, part) {
            (Format::ReleaseJobs(format), Part::Head) => out.push_str(&format.head()),
            (Format::ReleaseJobs(format), Part::Job(id)) => format.render_job(id, out),
            (Format::ReleaseJobs(format), Part::Tail) => out.push_str(&format.tail()),
            (Format::SpackCi(format), Part::Head) => out.push_str(&format.head()),
            (Format::SpackCi(format), Part::Job(id)) => format.render_job(id, out),
            (Format::SpackCi(format), Part::Tail) => out.push_str(&format.tail()),
        }
    }

    /// Returns the problems that GitLab would have with this pipeline, and what the format changed.
    pub fn check(&self) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        findings.extend(preflight::check(&self.stages(), &self.views()));
        findings
    }

    fn views(&self) -> Vec<JobView<'_>> {
        match &self.format {
            Format::ReleaseJobs(format) => format.views(),
            Format::SpackCi(format) => format.views(),
        }
    }

    /// Returns about how many bytes GitLab's parser takes for it, which is what `max_yaml_size_bytes` limits.
    pub fn parsed_size(&self) -> usize {
        preflight::parsed_size(&self.stages(), &self.views())
    }

    /// Writes the whole file.
    ///
    /// # Errors
    /// Returns what `out` answers.
    pub fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        const CHUNK: usize = 1 << 16;
        let mut text = String::with_capacity(2 * CHUNK);
        self.append(Part::Head, &mut text);
        for id in self.jobs() {
            self.append(Part::Job(id), &mut text);
            if text.len() >= CHUNK {
                out.write_all(text.as_bytes())?;
                text.clear();
            }
        }
        self.append(Part::Tail, &mut text);
        out.write_all(text.as_bytes())
    }

    /// Returns the whole file as a text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.append(Part::Head, &mut out);
        for id in self.jobs() {
            self.append(Part::Job(id), &mut out);
        }
        self.append(Part::Tail, &mut out);
        out
    }
}
