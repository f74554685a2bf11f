//! The jobs that build nothing: they copy, sign, rebuild the index, or say that there is nothing to do.

use super::made::{Maker, flat};
use super::settings::{PipelineType, Settings};
use crate::environment::attributes::JobKind;
use crate::environment::{Environment, IndexJob, Mirror, MirrorContents};
use crate::finding::{Finding, Rule, Severity};
use crate::pipeline::preflight::JobView;
use crate::pipeline::size;
use crate::plan::Plan;
use crate::plan::attributes::of_kind;
use crate::yaml::{Mapping, Node, Value, Writer};

/// The mirror that jobs push to.
pub(super) const DESTINATION: &str = "buildcache-destination";
/// The mirror that binaries are copied from.
const SOURCE: &str = "buildcache-source";

/// Where specs and keys are on a mirror, from Spack 1.0 on.
pub(super) const SPECS: &str = "v3/manifests/spec";
const KEYS: &str = "v3/manifests/key";

const RETRY_ALWAYS: &str = "{max: 2, when: [always]}";
const RETRY: &str = "{max: 2, when: [runner_system_failure, stuck_or_timeout_failure, script_failure]}";

/// A job that builds nothing.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) name: &'static str,
    /// Its stage; none where there are no stages.
    pub(super) stage: Option<&'static str>,
    attributes: Mapping,
}

impl Service {
    pub(super) fn render(&self, writer: &mut Writer) {
        writer.end_line();
        writer.key(0, self.name);
        writer.end_line();
        for (key, entry) in &self.attributes {
            writer.node_entry(1, key, &entry.node);
        }
    }

    pub(super) fn view<'a>(&'a self, stages: &[String]) -> JobView<'a> {
        let stage = match self.stage {
            Some(name) => stages.iter().position(|stage| stage == name),
            None => Some(0),
        };
        let list = |key: &str| self.attributes.get(key).and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
        let values = self.attributes.iter().map(|(key, entry)| size::text(key.len()) + size::value(&entry.node.value));
        JobView {
            name: self.name,
            stage,
            tags: list("tags").len(),
            size: size::map(self.attributes.len()) + values.sum::<usize>(),
            builds: matches!(self.name, COPY | NOTHING),
            ..JobView::default()
        }
    }
}

const COPY: &str = "copy";
const SIGN: &str = "sign-pkgs";
const INDEX: &str = "rebuild-index";
const NOTHING: &str = "no-specs-to-rebuild";

/// Returns the mirror of a name that takes binaries.
pub(super) fn mirror<'a>(environment: &'a Environment, name: &str) -> Option<&'a Mirror> {
    let takes = |mirror: &&Mirror| matches!(mirror.contents, MirrorContents::All | MirrorContents::Binaries);
    environment.mirrors.iter().filter(takes).find(|mirror| mirror.name == name)
}

/// Makes the jobs of one pipeline.
pub(super) struct Services<'a> {
    pub(super) environment: &'a Environment,
    pub(super) plan: &'a Plan,
    pub(super) settings: &'a Settings,
    pub(super) maker: &'a Maker,
}

impl Services<'_> {
    /// Makes the jobs beside those that build, in the order of their stages.
    pub(super) fn all(&self, findings: &mut Vec<Finding>) -> Vec<Service> {
        let destination = mirror(self.environment, DESTINATION);
        if destination.is_none() {
            findings.push(missing(DESTINATION, "for the jobs to push to"));
        }
        if let Some(mirror) = destination.filter(|mirror| mirror.push_url.is_empty()) {
            let message = format!("the mirror `{DESTINATION}` has no URL for the jobs to push to");
            let finding = Finding::new(Severity::Error, Rule::MissingSection, message).at(&mirror.place);
            findings.push(finding.hint("add `push: …` to it, or `url: …` for both directions"));
        }
        let url =
            |of: fn(&Mirror) -> &String| destination.map_or_else(String::new, |at| self.settings.absolute(of(at)));
        let (fetch, push) = (&*url(|mirror| &mirror.fetch_url), &*url(|mirror| &mirror.push_url));
        let copies = self.settings.pipeline_type == Some(PipelineType::CopyOnly);
        if !copies && self.plan.graph.is_empty() {
            return vec![self.nothing()];
        }
        let mut services = Vec::new();
        if copies {
            services.push(self.copy(fetch, findings));
        }
        services.extend(self.sign(push));
        if self.environment.ci.index == IndexJob::Last {
            services.push(self.index(push));
        }
        services
    }

    fn copy(&self, destination: &str, findings: &mut Vec<Finding>) -> Service {
        let source = mirror(self.environment, SOURCE);
        if source.is_none() {
            findings.push(missing(SOURCE, "to copy from"));
        }
        let source = source.map_or_else(String::new, |mirror| self.settings.absolute(&mirror.fetch_url));
        let mut attributes = of_kind(&self.plan.rules, JobKind::Copy);
        self.maker.put(&mut attributes, "stage", self.maker.text(COPY));
        self.maker.put(&mut attributes, "needs", self.maker.node(Value::Sequence(vec![self.generate_job()])));
        let variables = [
            ("SPACK_COPY_ONLY_DESTINATION", destination),
            ("SPACK_BUILDCACHE_RELATIVE_KEYS_URL", KEYS),
            ("SPACK_BUILDCACHE_SOURCE", &*source),
        ];
        self.add_variables(&mut attributes, &variables);
        self.maker.put(&mut attributes, "dependencies", self.maker.node(Value::Sequence(Vec::new())));
        Service { name: COPY, stage: Some(COPY), attributes }
    }

    /// Returns the need for the job that generates the pipeline.
    fn generate_job(&self) -> Node {
        let mut need = Mapping::new();
        self.maker.put(&mut need, "job", self.maker.text(&*self.settings.generate_job));
        self.maker.put(&mut need, "pipeline", self.maker.text(&*self.settings.pipeline_id));
        self.maker.node(Value::Mapping(need))
    }

    /// Makes the job that signs, where one is asked for by a script on a protected branch.
    fn sign(&self, destination: &str) -> Option<Service> {
        let mut attributes = of_kind(&self.plan.rules, JobKind::Signing);
        let script = flat(&attributes.get("script")?.node, str::to_owned);
        if self.settings.pipeline_type != Some(PipelineType::ProtectedBranch) {
            return None;
        }
        self.maker.put(&mut attributes, "script", script);
        let variables = [
            ("SPACK_BUILDCACHE_DESTINATION", destination),
            ("SPACK_BUILDCACHE_RELATIVE_SPECS_URL", SPECS),
            ("SPACK_BUILDCACHE_RELATIVE_KEYS_URL", KEYS),
        ];
        self.add_variables(&mut attributes, &variables);
        Some(self.last(SIGN, "stage-sign-pkgs", RETRY_ALWAYS, attributes))
    }

    fn index(&self, destination: &str) -> Service {
        let mut attributes = of_kind(&self.plan.rules, JobKind::Reindex);
        if let Some(entry) = attributes.get_mut("script") {
            entry.node = flat(&entry.node, |line| line.replace("{index_target_mirror}", destination));
        }
        self.last(INDEX, "stage-rebuild-index", RETRY, attributes)
    }

    /// Completes a job that runs after all others, whatever became of them.
    fn last(&self, name: &'static str, stage: &'static str, retry: &'static str, mut attributes: Mapping) -> Service {
        self.maker.put(&mut attributes, "stage", self.maker.text(stage));
        self.maker.put(&mut attributes, "when", self.maker.text("always"));
        self.maker.put(&mut attributes, "retry", self.maker.constant(retry));
        self.maker.put(&mut attributes, "interruptible", self.maker.node(Value::Bool(true)));
        self.maker.put(&mut attributes, "dependencies", self.maker.node(Value::Sequence(Vec::new())));
        Service { name, stage: Some(stage), attributes }
    }

    fn nothing(&self) -> Service {
        let mut attributes = of_kind(&self.plan.rules, JobKind::Noop);
        self.maker.put(&mut attributes, "retry", self.maker.node(Value::Number("0".to_owned())));
        self.maker.put(&mut attributes, "allow_failure", self.maker.node(Value::Bool(true)));
        Service { name: NOTHING, stage: None, attributes }
    }

    fn add_variables(&self, attributes: &mut Mapping, added: &[(&str, &str)]) {
        let given = attributes.get("variables").and_then(|entry| entry.node.as_mapping());
        let mut variables = given.cloned().unwrap_or_default();
        for (name, value) in added {
            self.maker.put(&mut variables, name, self.maker.text(*value));
        }
        self.maker.put(attributes, "variables", self.maker.node(Value::Mapping(variables)));
    }
}

fn missing(name: &str, purpose: &str) -> Finding {
    let message = format!("the environment has no mirror `{name}` for binaries {purpose}");
    let finding = Finding::new(Severity::Error, Rule::MissingSection, message);
    finding.hint(format!("add it to `mirrors:`, as in `{name}: https://…`"))
}
