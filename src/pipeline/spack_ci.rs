//! The spack-ci dialect: the format of `spack ci generate` (Spack 1.1), with `needs`, and a lockfile that travels as an
//! artifact of the job that generates the pipeline.

mod body;
mod extras;
mod layout;
mod made;
mod report;
mod service;
pub mod settings;
mod variables;

pub use extras::Extra;

use super::preflight::{JobView, NamedBy};
use super::schedule::{self, Schedule};
use super::size;
use crate::environment::{Cdash, Environment};
use crate::finding::{Finding, Rule, Severity};
use crate::plan::graph::Lists;
use crate::plan::{JobId, Plan};
use crate::yaml::Writer;
use body::{Bodies, Body};
use layout::Layout;
use made::Maker;
use service::{Service, Services};
use settings::{PipelineType, Settings};
use std::sync::Arc;

/// Everything about the pipeline that is not rendered per job.
#[derive(Debug)]
pub(super) struct SpackCi {
    plan: Arc<Plan>,
    cdash: Option<Cdash>,
    settings: Settings,
    layout: Layout,
    /// What jobs with the same attributes share, by attribute set.
    bodies: Vec<Body>,
    /// The jobs that each job waits for.
    needs: Lists,
    /// The need for each job, rendered; most are needed many times.
    rendered_needs: Vec<String>,
    services: Vec<Service>,
    extras: Vec<Extra>,
}

impl SpackCi {
    pub(super) fn new(
        environment: &Environment,
        plan: Arc<Plan>,
        settings: &Settings,
        schedule: Schedule,
    ) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let layout = Layout::new(settings);
        let maker = Maker::new();
        let pipeline_type = settings.pipeline_type;
        let mut bodies = Bodies { plan: &plan, layout: &layout, pipeline_type, maker: &maker, findings: &mut findings };
        let bodies = plan.assignments.sets.iter().map(|set| bodies.body(set)).collect();
        let services = Services { environment, plan: &plan, settings, maker: &maker }.all(&mut findings);
        report::report(environment, &plan, settings, &mut findings);
        let needs = needs(&plan);
        let needs = match schedule {
            Schedule::Needs => schedule::Needs::reduced(&plan.graph, &needs).into_lists(),
            Schedule::Dialect | Schedule::Stages => needs,
        };
        if schedule == Schedule::Stages {
            findings.push(no_stages());
        }
        let format = Self {
            cdash: environment.cdash.clone(),
            extras: extras::extras(environment, &plan, settings, &layout),
            settings: settings.clone(),
            needs,
            rendered_needs: plan.graph.jobs.iter().map(|job| rendered_need(&job.name)).collect(),
            layout,
            bodies,
            services,
            plan,
        };
        (format, findings)
    }

    /// Returns the jobs that build something, in order.
    pub(super) fn jobs(&self) -> impl Iterator<Item = JobId> {
        let copies = self.settings.pipeline_type == Some(PipelineType::CopyOnly);
        let all = self.plan.graph.ids().filter(move |_| !copies);
        all.filter(|id| !self.plan.assignments.is_unassigned(*id))
    }

    pub(super) fn stages(&self) -> Vec<String> {
        let numbered =
            if self.settings.pipeline_type == Some(PipelineType::CopyOnly) { 0 } else { self.plan.graph.stages.len() };
        let mut stages: Vec<String> = (0..numbered).map(stage_name).collect();
        stages.extend(self.services.iter().filter_map(|service| service.stage).map(str::to_owned));
        stages
    }

    pub(super) fn dependencies(&self, id: JobId) -> &[JobId] {
        self.needs.get(id.index())
    }

    pub(super) fn extras(&self) -> &[Extra] {
        &self.extras
    }

    /// Returns what comes before the first job.
    pub(super) fn head(&self) -> String {
        let mut writer = Writer::new();
        // Where the environment was read from differs from checkout to checkout, and must not show.
        writer.comment("Written by spackplan; edit the environment instead of this file.");
        let stages = self.stages();
        if !stages.is_empty() {
            writer.list_entry(0, "stages", stages.iter().map(String::as_str));
            writer.key(0, "variables");
            writer.end_line();
            for (name, value) in variables::global(&self.plan, &self.settings, &self.layout) {
                writer.text_entry(1, &name, &value);
            }
        }
        writer.raw("workflow:\n  rules:\n    - when: always\n");
        writer.finish()
    }

    /// Returns what comes after the last job that builds.
    pub(super) fn tail(&self) -> String {
        let mut writer = Writer::new();
        for service in &self.services {
            service.render(&mut writer);
        }
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
        writer.key(1, "needs");
        writer.end_line();
        for need in self.dependencies(id) {
            writer.raw(&self.rendered_needs[need.index()]);
        }
        writer.raw("    -");
        writer.text_value(3, "job", &self.settings.generate_job);
        writer.text_entry(3, "pipeline", &self.settings.pipeline_id);
        writer.key(1, "variables");
        writer.end_line();
        writer.raw(&body.variables);
        let given = variables::of_job(&self.plan, id, body, self.cdash.as_ref(), &self.settings);
        for (name, value) in given {
            writer.text_entry(2, name, &value);
        }
        *out = writer.finish();
    }

    fn body(&self, id: JobId) -> &Body {
        &self.bodies[self.plan.assignments.set_of(id).index()]
    }

    /// Returns what the rules of GitLab look at.
    pub(super) fn views(&self) -> Vec<JobView<'_>> {
        let stages = self.stages();
        let mut views: Vec<JobView<'_>> = self.jobs().map(|id| self.view(id)).collect();
        views.extend(self.services.iter().map(|service| service.view(&stages)));
        views
    }

    fn view(&self, id: JobId) -> JobView<'_> {
        let graph = &self.plan.graph;
        let (job, body) = (graph.job(id), self.body(id));
        let needs: Vec<&str> = self.dependencies(id).iter().map(|id| graph.job(*id).name.as_str()).collect();
        let need = |name: &&str| {
            size::map(2) + size::text("job".len()) + size::text("artifacts".len()) + size::text(name.len())
        };
        let lists: usize = needs.iter().map(need).sum::<usize>() + size::list(needs.len());
        JobView {
            name: &job.name,
            stage: Some(job.stage),
            dependencies: body.dependencies.iter().map(String::as_str).collect(),
            dependencies_by: NamedBy::Sections,
            tags: body.tags,
            size: body.size + lists + variables::SIZE,
            builds: true,
            needs,
        }
    }
}

/// Reports that this dialect cannot do without `needs`: they bring the lockfile from the job that generates the pipeline.
fn no_stages() -> Finding {
    let message = "the spack-ci dialect has no schedule by stages: `needs` bring its jobs their lockfile";
    Finding::new(Severity::Error, Rule::Gitlab, message).hint("leave out `--schedule stages`")
}

/// Returns for each job those it waits for; where one is left out, those that it waited for.
fn needs(plan: &Plan) -> Lists {
    let mut lists = Lists::default();
    for id in plan.graph.ids() {
        let mut pending = plan.graph.needs(id).to_vec();
        let mut found = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        while let Some(need) = pending.pop() {
            if !seen.insert(need) {
                continue;
            }
            if plan.assignments.is_unassigned(need) {
                pending.extend(plan.graph.needs(need));
            } else {
                found.push(need);
            }
        }
        found.sort_unstable();
        lists.push(found);
    }
    lists
}

/// Returns an item of `needs` for a job of this pipeline.
fn rendered_need(name: &str) -> String {
    let mut writer = Writer::new();
    writer.raw("    -");
    writer.text_value(3, "job", name);
    writer.raw("      artifacts: false\n");
    writer.finish()
}

fn stage_name(stage: usize) -> String {
    format!("stage-{stage}")
}
