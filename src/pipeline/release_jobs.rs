//! The release-jobs dialect: the format of `spack release-jobs` (2019), with stages and `dependencies`; or with `needs`,
//! which it had not.

mod body;
mod dependencies;
mod payload;

use super::preflight::JobView;
use super::schedule::{Needs, Schedule};
use super::size;
use crate::environment::{Cdash, Environment};
use crate::finding::Finding;
use crate::plan::graph::{Lists, architecture, compiler};
use crate::plan::{JobId, Plan};
use crate::yaml::{Writer, scalar};
use body::Body;
use payload::RootSpecs;
use std::sync::Arc;

const INDEX_JOB: &str = "rebuild-index";
const INDEX_STAGE: &str = "stage-rebuild-index";
const NEEDS: &str = "needs";
const DEPENDENCIES: &str = "dependencies";

/// Everything about the pipeline that is not rendered per job.
#[derive(Debug)]
pub(super) struct ReleaseJobs {
    plan: Arc<Plan>,
    cdash: Option<Cdash>,
    index: Body,
    /// What jobs with the same mappings and phase share: by phase, then attribute set.
    bodies: Vec<Vec<Body>>,
    /// The jobs of the specs each job's specs depend on.
    needed: Lists,
    /// The jobs whose artifacts each job fetches.
    dependencies: Lists,
    /// The jobs each job waits for, where it does not wait for stages.
    needs: Option<Needs>,
    roots: RootSpecs,
    names: Names,
}

/// The names of all jobs as YAML, in one text.
#[derive(Debug, Default)]
struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    fn new(plan: &Plan) -> Self {
        let mut names = Self::default();
        for job in &plan.graph.jobs {
            names.text.push_str(&scalar(&job.name));
            names.ends.push(names.text.len());
        }
        names
    }

    fn get(&self, id: JobId) -> &str {
        let start = id.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[id.index()]]
    }
}

impl ReleaseJobs {
    pub(super) fn new(environment: &Environment, plan: Arc<Plan>, schedule: Schedule) -> (Self, Vec<Finding>) {
        let mirror = environment.mirrors.first().map(|mirror| mirror.push_url.clone()).unwrap_or_default();
        let (bodies, mut findings) = body::bodies(environment, &plan, &mirror);
        let needed = dependencies::needed(&plan.graph);
        let needs = (schedule == Schedule::Needs).then(|| Needs::reduced(&plan.graph, &dependencies::direct(&plan)));
        findings.extend(needs.as_ref().and_then(|needs| needs.report(&plan.graph)));
        let format = Self {
            index: body::index_job(&plan, &mirror),
            cdash: environment.cdash.clone(),
            dependencies: dependencies::dependencies(&plan, &needed),
            needed,
            needs,
            roots: RootSpecs::new(&plan),
            names: Names::new(&plan),
            bodies,
            plan,
        };
        (format, findings)
    }

    /// Returns the jobs that have a runner, in order.
    pub(super) fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.plan.graph.ids().filter(|id| !self.plan.assignments.is_unassigned(*id))
    }

    pub(super) fn stages(&self) -> Vec<String> {
        let numbered = (0..self.plan.graph.stages.len()).map(stage_name);
        numbered.chain([INDEX_STAGE.to_owned()]).collect()
    }

    pub(super) fn dependencies(&self, id: JobId) -> &[JobId] {
        self.waiting(id).1
    }

    /// Returns the jobs that a job names, and under which key: `needs`, which bring their artifacts along, or
    /// `dependencies`.
    fn waiting(&self, id: JobId) -> (&'static str, &[JobId]) {
        match self.needs.as_ref().and_then(|needs| needs.get(id)) {
            Some(needs) => (NEEDS, needs),
            None => (DEPENDENCIES, self.dependencies.get(id.index())),
        }
    }

    /// Returns what comes before the first job.
    pub(super) fn head(&self) -> String {
        let mut writer = Writer::new();
        // No path: the same environment gives the same bytes wherever it lies.
        writer.comment("Written by spackplan; edit the environment instead of this file.");
        let predicted = self.plan.graph.predicted();
        if predicted > 0 {
            writer.comment(&format!(
                "PREDICTED: {predicted} of {} jobs build specs that the catalogue guesses; see `predicted` below.",
                self.plan.graph.len()
            ));
        }
        writer.list_entry(0, "stages", self.stages().iter().map(String::as_str));
        writer.finish()
    }

    /// Returns what comes after the last job.
    pub(super) fn tail(&self) -> String {
        let mut writer = Writer::new();
        writer.end_line();
        writer.key(0, INDEX_JOB);
        writer.end_line();
        writer.text_entry(1, "stage", INDEX_STAGE);
        writer.raw(&self.index.attributes);
        writer.key(1, "variables");
        writer.end_line();
        writer.raw(&self.index.variables);
        writer.finish()
    }

    pub(super) fn render_job(&self, id: JobId, out: &mut String) {
        let graph = &self.plan.graph;
        let job = graph.job(id);
        let body = self.body(id);
        let mut writer = Writer::append_to(std::mem::take(out));
        writer.end_line();
        if graph.spec(id).is_predicted() {
            writer.comment("predicted");
        }
        writer.raw(self.names.get(id));
        writer.raw(":\n");
        writer.text_entry(1, "stage", &stage_name(job.stage));
        writer.raw(&body.attributes);
        let (key, jobs) = self.waiting(id);
        writer.scalars_entry(1, key, jobs.iter().map(|id| self.names.get(*id)));
        writer.key(1, "variables");
        writer.end_line();
        writer.raw(&body.variables);
        self.own_variables(id, |name, value| writer.text_entry(2, name, value));
        *out = writer.finish();
    }

    /// Hands out the variables that differ from job to job.
    fn own_variables(&self, id: JobId, mut give: impl FnMut(&str, &str)) {
        give("SPACK_JOB_SPEC_PKG_NAME", &self.plan.graph.spec(id).name);
        if let Some(cdash) = &self.cdash {
            give("SPACK_CDASH_BUILD_NAME", &self.build_name(id, &cdash.build_group));
            give("SPACK_RELATED_BUILDS", &self.related_builds(id));
        }
        if let Some(hash) = payload::job_hash(&self.plan, id) {
            give("SPACK_JOB_SPEC_DAG_HASH", hash);
        }
        give("SPACK_ROOT_SPEC", self.roots.text(&self.plan, id));
    }

    fn body(&self, id: JobId) -> &Body {
        &self.bodies[self.plan.graph.job(id).phase][self.plan.assignments.set_of(id).index()]
    }

    /// Returns the name CDash knows the build by: `NAME@VERSION%COMPILER arch=ARCH (GROUP)`.
    fn build_name(&self, id: JobId, group: &str) -> String {
        let graph = &self.plan.graph;
        let spec = graph.spec(id);
        let compiler = compiler(&graph.phase(id).specs, graph.job(id).spec);
        let compiler = compiler.map(|(name, version)| format!("%{name}@{version}")).unwrap_or_default();
        format!("{}@{}{compiler} arch={} ({group})", spec.name, spec.version, architecture(&spec.arch))
    }

    /// Returns the packages that a job's spec depends on, joined by semicolons.
    fn related_builds(&self, id: JobId) -> String {
        let graph = &self.plan.graph;
        let mut names: Vec<&str> = self.needed.get(id.index()).iter().map(|id| &*graph.spec(*id).name).collect();
        names.sort_unstable();
        names.join(";")
    }

    fn size(&self, id: JobId, list: (&str, &[&str])) -> usize {
        let mut own = (0, 0);
        self.own_variables(id, |name, value| {
            own = (own.0 + 1, own.1 + size::text(name.len()) + size::text(value.len()));
        });
        job_size(self.body(id), &stage_name(self.plan.graph.job(id).stage), Some(list), own)
    }

    /// Returns what the rules of GitLab look at.
    pub(super) fn views(&self) -> Vec<JobView<'_>> {
        let plan = &self.plan;
        let graph = &plan.graph;
        let mut views: Vec<JobView<'_>> = self
            .jobs()
            .map(|id| {
                let job = graph.job(id);
                let (key, jobs) = self.waiting(id);
                let names: Vec<&str> = jobs.iter().map(|id| graph.job(*id).name.as_str()).collect();
                let (tags, size) = (self.body(id).tags, self.size(id, (key, &names)));
                let (dependencies, needs) = if key == NEEDS { (Vec::new(), names) } else { (names, Vec::new()) };
                JobView {
                    name: &job.name,
                    stage: Some(job.stage),
                    dependencies,
                    needs,
                    tags,
                    size,
                    builds: true,
                    ..JobView::default()
                }
            })
            .collect();
        let stage = Some(graph.stages.len());
        views.push(JobView {
            name: INDEX_JOB,
            stage,
            tags: self.index.tags,
            size: job_size(&self.index, INDEX_STAGE, None, (0, 0)),
            ..JobView::default()
        });
        views
    }
}

/// Returns the size of a job in Ruby's memory, given the list of jobs with its key, and its own variables' number and size.
fn job_size(body: &Body, stage: &str, jobs: Option<(&str, &[&str])>, own: (usize, usize)) -> usize {
    let string = |text: &str| size::text(text.len());
    let list = |(key, names): (&str, &[&str])| {
        string(key) + size::list(names.len()) + names.iter().map(|name| string(name)).sum::<usize>()
    };
    let (attributes, variables) = (body.attributes_size, body.variables_size);
    let keys = attributes.0 + 2 + usize::from(jobs.is_some());
    let variables = string("variables") + size::map(variables.0 + own.0) + variables.1 + own.1;
    let stage = string("stage") + string(stage);
    size::map(keys) + attributes.1 + stage + variables + jobs.map_or(0, list)
}

fn stage_name(stage: usize) -> String {
    format!("stage-{stage}")
}
