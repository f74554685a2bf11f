//! The release-jobs dialect: the format of `spack release-jobs` (2019), stages and `dependencies` without `needs`.

mod body;
mod dependencies;
mod payload;

use super::preflight::JobView;
use super::size;
use crate::environment::{Cdash, Environment};
use crate::finding::Finding;
use crate::plan::graph::{Lists, architecture, compiler};
use crate::plan::{JobId, Plan};
use crate::yaml::Writer;
use body::Body;
use payload::RootSpecs;
use std::sync::Arc;

const INDEX_JOB: &str = "rebuild-index";
const INDEX_STAGE: &str = "stage-rebuild-index";

/// Everything about the pipeline that is not rendered per job.
#[derive(Debug)]
pub(super) struct ReleaseJobs {
    plan: Arc<Plan>,
    environment: String,
    cdash: Option<Cdash>,
    index: Body,
    /// What jobs with the same mappings and phase share: by phase, then attribute set.
    bodies: Vec<Vec<Body>>,
    /// The jobs of the specs each job's specs depend on.
    needed: Lists,
    /// The jobs whose artifacts each job fetches.
    dependencies: Lists,
    roots: RootSpecs,
}

impl ReleaseJobs {
    pub(super) fn new(environment: &Environment, plan: Arc<Plan>) -> (Self, Vec<Finding>) {
        let mirror = environment.mirrors.first().map(|mirror| mirror.push_url.clone()).unwrap_or_default();
        let (bodies, findings) = body::bodies(environment, &plan, &mirror);
        let needed = dependencies::needed(&plan.graph);
        let format = Self {
            environment: environment.source.name().to_owned(),
            index: body::index_job(&plan, &mirror),
            cdash: environment.cdash.clone(),
            dependencies: dependencies::dependencies(&plan, &needed),
            needed,
            roots: RootSpecs::new(&plan),
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
        self.dependencies.get(id.index())
    }

    /// Returns what comes before the first job.
    pub(super) fn head(&self) -> String {
        let mut writer = Writer::new();
        writer.comment(&format!(
            "Written by spackplan from {}; edit the environment instead of this file.",
            self.environment
        ));
        let predicted = self.plan.predicted().count();
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
        writer.key(0, &job.name);
        writer.end_line();
        writer.text_entry(1, "stage", &stage_name(job.stage));
        writer.raw(&body.attributes);
        let names = self.dependencies(id).iter().map(|id| graph.job(*id).name.as_str());
        writer.list_entry(1, "dependencies", names);
        writer.key(1, "variables");
        writer.end_line();
        writer.raw(&body.variables);
        writer.text_entry(2, "SPACK_JOB_SPEC_PKG_NAME", &graph.spec(id).name);
        if let Some(cdash) = &self.cdash {
            writer.text_entry(2, "SPACK_CDASH_BUILD_NAME", &self.build_name(id, &cdash.build_group));
            writer.text_entry(2, "SPACK_RELATED_BUILDS", &self.related_builds(id));
        }
        if let Some(hash) = payload::job_hash(&self.plan, id) {
            writer.text_entry(2, "SPACK_JOB_SPEC_DAG_HASH", hash);
        }
        writer.text_entry(2, "SPACK_ROOT_SPEC", self.roots.text(&self.plan, id));
        *out = writer.finish();
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

    /// Returns what the rules of GitLab look at.
    pub(super) fn views(&self) -> Vec<JobView<'_>> {
        let plan = &self.plan;
        let graph = &plan.graph;
        let mut views: Vec<JobView<'_>> = self
            .jobs()
            .map(|id| {
                let job = graph.job(id);
                let dependencies: Vec<&str> =
                    self.dependencies(id).iter().map(|id| graph.job(*id).name.as_str()).collect();
                let body = self.body(id);
                let lists: usize = dependencies.iter().map(|name| size::text(name.len())).sum();
                let root = size::text("SPACK_ROOT_SPEC".len()) + size::text(self.roots.text(plan, id).len());
                let size = body.size + size::list(dependencies.len()) + lists + root;
                JobView {
                    name: &job.name,
                    stage: Some(job.stage),
                    dependencies,
                    needs: Vec::new(),
                    tags: body.tags,
                    size,
                    builds: true,
                }
            })
            .collect();
        let stage = Some(graph.stages.len());
        views.push(JobView {
            name: INDEX_JOB,
            stage,
            tags: self.index.tags,
            size: self.index.size,
            ..JobView::default()
        });
        views
    }
}

fn stage_name(stage: usize) -> String {
    format!("stage-{stage}")
}
