//! What build jobs with the same attributes share, rendered once.

use super::layout::Layout;
use super::made::{Maker, flat};
use super::settings::PipelineType;
use crate::finding::{Finding, Rule, Severity};
use crate::pipeline::size;
use crate::plan::Plan;
use crate::plan::assign::AttributeSet;
use crate::plan::attributes::{Jobs, gathered};
use crate::yaml::merge::{entry, merge, unmarked};
use crate::yaml::{Mapping, Node, Value, Writer};

/// Attributes that follow from the plan, whatever sections say.
const PLANNED: [&str; 3] = ["stage", "needs", "interruptible"];

/// Tags that only the type of the pipeline gives.
const RESERVED: [&str; 3] = ["public", "protected", "notary"];

/// How often and when a failed job is run again (a job that ran out of time is not).
const RETRY: &str = "{max: 2, when: [unknown_failure, script_failure, api_failure, stuck_or_timeout_failure, \
    runner_system_failure, runner_unsupported, stale_schedule, archived_failure, unmet_prerequisites, \
    scheduler_failure, data_integrity_failure]}";

/// Variables with facts of the spec a job builds; sections may set them otherwise.
pub(super) const SPEC_VARIABLES: [&str; 7] = [
    "SPACK_JOB_SPEC_DAG_HASH",
    "SPACK_JOB_SPEC_PKG_NAME",
    "SPACK_JOB_SPEC_PKG_VERSION",
    "SPACK_JOB_SPEC_COMPILER_NAME",
    "SPACK_JOB_SPEC_COMPILER_VERSION",
    "SPACK_JOB_SPEC_ARCH",
    "SPACK_JOB_SPEC_VARIANTS",
];

/// Stands for a fact of the spec while sections are merged, which may put text before and after it; no text has this
/// character.
const FACT: char = '\u{fdd0}';

/// Variables that sections cannot set.
pub(super) const FIXED_VARIABLES: [&str; 3] =
    ["SPACK_SPEC_NEEDS_REBUILD", "SPACK_CDASH_BUILD_NAME", "SPACK_CDASH_BUILD_STAMP"];

/// The part of a build job that does not depend on its spec.
#[derive(Debug)]
pub(super) struct Body {
    /// Rendered attributes other than `stage`, `needs` and `variables`.
    pub(super) attributes: String,
    /// Rendered variables that sections give, indented as entries of `variables`.
    pub(super) variables: String,
    /// For each of [`SPEC_VARIABLES`] whose value the job's spec gives, what sections put before and after it.
    pub(super) from_spec: [Option<(String, String)>; SPEC_VARIABLES.len()],
    /// The jobs under `dependencies`, where sections name some.
    pub(super) dependencies: Vec<String>,
    /// The number of tags.
    pub(super) tags: usize,
    /// Estimated size in Ruby's memory, without needs and variables of the spec.
    pub(super) size: usize,
}

/// Renders the bodies of a pipeline's attribute sets.
pub(super) struct Bodies<'a> {
    pub(super) plan: &'a Plan,
    pub(super) layout: &'a Layout,
    pub(super) pipeline_type: Option<PipelineType>,
    pub(super) maker: &'a Maker,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Bodies<'_> {
    pub(super) fn body(&mut self, set: &AttributeSet) -> Body {
        let mut variables = Mapping::new();
        for name in SPEC_VARIABLES {
            self.maker.put(&mut variables, name, self.maker.text(FACT));
        }
        let mut initial = Mapping::new();
        self.maker.put(&mut initial, "variables", self.maker.node(Value::Mapping(variables)));
        let marked = gathered(&self.plan.rules, Jobs::Build(set), initial);
        let retry = merged(self.maker.constant(RETRY), entry(&marked, "retry").map(|entry| &entry.node));
        let artifacts = self.artifacts(entry(&marked, "artifacts").map(|entry| &entry.node));
        let mut attributes = unmarked(marked);
        self.report(&attributes);
        self.tags(&mut attributes);
        self.scripts(&mut attributes);
        self.maker.put(&mut attributes, "artifacts", artifacts);
        self.maker.put(&mut attributes, "retry", retry);
        self.maker.put(&mut attributes, "interruptible", self.maker.node(Value::Bool(true)));
        attributes.retain(|key, _| !matches!(key.as_str(), "stage" | "needs"));
        Self::render(&unmarked(attributes))
    }

    /// Merges the directories that every job keeps over what sections keep.
    fn artifacts(&self, given: Option<&Node>) -> Node {
        let Layout { logs, reproduction, tests, user_data, .. } = self.layout;
        let mut map = Mapping::new();
        self.maker.put(&mut map, "when", self.maker.text("always"));
        self.maker.put(&mut map, "paths", self.maker.list([logs, reproduction, tests, user_data]));
        let own = self.maker.node(Value::Mapping(map));
        match given {
            Some(given) if given.as_mapping().is_some() => merge(given.clone(), own),
            _ => own,
        }
    }

    fn tags(&self, attributes: &mut Mapping) {
        let Some(pipeline_type) = self.pipeline_type else { return };
        let given = attributes.get("tags").and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
        let reserved = |tag: &Node| tag.as_text().is_some_and(|text| RESERVED.contains(&text));
        let mut tags: Vec<Node> = given.iter().filter(|tag| !reserved(tag)).cloned().collect();
        match pipeline_type {
            PipelineType::ProtectedBranch => tags.push(self.maker.text("protected")),
            PipelineType::PullRequest => tags.push(self.maker.text("public")),
            PipelineType::CopyOnly => {}
        }
        self.maker.put(attributes, "tags", self.maker.node(Value::Sequence(tags)));
    }

    fn scripts(&self, attributes: &mut Mapping) {
        for key in ["script", "before_script", "after_script"] {
            let Some(entry) = attributes.get_mut(key) else { continue };
            let replaces = key == "script";
            entry.node = flat(&entry.node, |line| {
                if replaces { line.replace("{env_dir}", &self.layout.environment) } else { line.to_owned() }
            });
        }
    }

    fn render(attributes: &Mapping) -> Body {
        let mut writer = Writer::new();
        let mut variables = Writer::new();
        let mut from_spec = [const { None }; SPEC_VARIABLES.len()];
        let mut size = size::map(attributes.len() + 2);
        for (key, entry) in attributes {
            size += size::text(key.len()) + size::value(&entry.node.value);
            if key != "variables" {
                writer.node_entry(1, key, &entry.node);
                continue;
            }
            for (name, entry) in entry.node.as_mapping().into_iter().flatten() {
                let around = entry.node.as_text().and_then(|text| text.split_once(FACT));
                match (SPEC_VARIABLES.iter().position(|known| known == name), around) {
                    (Some(index), Some((before, after))) => {
                        from_spec[index] = Some((before.to_owned(), after.to_owned()));
                    }
                    _ if FIXED_VARIABLES.contains(&name.as_str()) => {}
                    _ => variables.node_entry(2, name, &entry.node),
                }
            }
        }
        let count = |key: &str| attributes.get(key).and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
        let dependencies = count("dependencies").iter().filter_map(Node::as_text).map(str::to_owned).collect();
        let (attributes, variables, tags) = (writer.finish(), variables.finish(), count("tags").len());
        Body { attributes, variables, from_spec, dependencies, tags, size }
    }

    /// Reports what is not carried over as sections have it.
    fn report(&mut self, attributes: &Mapping) {
        let mut found = Vec::new();
        for (key, entry) in attributes.iter().filter(|(key, _)| PLANNED.contains(&key.as_str())) {
            let message = format!("`{key}` is left out: it follows from the plan");
            let finding = Finding::new(Severity::Warning, Rule::DroppedKey, message).at(&entry.key);
            found.push(finding.hint("remove it from the section"));
        }
        let variables = attributes.get("variables").and_then(|entry| entry.node.as_mapping());
        for (name, entry) in variables.into_iter().flatten() {
            if FIXED_VARIABLES.contains(&name.as_str()) {
                let message = format!("variable `{name}` is overridden: the plan sets it for every job");
                let finding = Finding::new(Severity::Warning, Rule::OverriddenVariable, message).at(&entry.key);
                found.push(finding.hint("remove it, or choose another name"));
            }
        }
        if !attributes.contains_key("script") {
            let message = "the sections take the script away from jobs that build";
            let finding = Finding::new(Severity::Error, Rule::Gitlab, message);
            found.push(finding.hint("give `build-job` a `script`, or keep Spack's own"));
        }
        found.retain(|finding| !self.findings.contains(finding));
        self.findings.extend(found);
    }
}

fn merged(low: Node, high: Option<&Node>) -> Node {
    match high {
        Some(high) => merge(low, high.clone()),
        None => low,
    }
}
