//! What jobs with the same mappings share, rendered once: the user's attributes and the variables common to them.

use super::size;
use crate::environment::attributes::JobKind;
use crate::environment::{Cdash, Environment};
use crate::finding::{Finding, Rule, Severity};
use crate::plan::attributes::{merged, of_kind};
use crate::plan::{Phase, PhaseKind, Plan};
use crate::yaml::{Mapping, Node, Value, Writer};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Attributes that follow from the plan; a mapping cannot set them.
const PLANNED: [&str; 3] = ["stage", "dependencies", "needs"];
/// Variables that the plan sets for every job or for each by itself.
const PER_JOB: [&str; 5] = [
    "SPACK_JOB_SPEC_PKG_NAME",
    "SPACK_JOB_SPEC_DAG_HASH",
    "SPACK_ROOT_SPEC",
    "SPACK_CDASH_BUILD_NAME",
    "SPACK_RELATED_BUILDS",
];
/// What `urllib.parse.urlencode` leaves as it is, blanks aside.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b' ');

/// The part of a job that does not depend on its spec.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Rendered attributes other than the planned ones and `variables`.
    pub(super) attributes: String,
    /// Rendered variables, indented as entries of `variables`.
    pub(super) variables: String,
    /// The number of tags.
    pub(super) tags: usize,
    /// Number of the rendered attributes, and their size in Ruby's memory.
    pub(super) attributes_size: (usize, usize),
    /// Number of the rendered variables, and their size in Ruby's memory.
    pub(super) variables_size: (usize, usize),
}

/// Paths that later jobs and the release manager need from a job.
const ARTIFACTS: [&str; 3] = ["jobs_scratch_dir", "cdash_report", "local_mirror/build_cache"];

/// Renders the bodies of all phases and attribute sets.
pub(super) fn bodies(environment: &Environment, plan: &Plan, mirror: &str) -> (Vec<Vec<Body>>, Vec<Finding>) {
    let sets: Vec<Mapping> = plan.assignments.sets.iter().map(|set| merged(&plan.rules, set)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for finding in sets.iter().flat_map(|attributes| changed(attributes, environment.cdash.is_some())) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    let body = |phase: &Phase, attributes: &Mapping| {
        let fixed = fixed_variables(environment.cdash.as_ref(), plan, phase, mirror);
        render(attributes, &fixed, &build_defaults(attributes))
    };
    let phases = plan.graph.phases.iter();
    (phases.map(|phase| sets.iter().map(|set| body(phase, set)).collect()).collect(), findings)
}

/// Renders the job that rebuilds the mirror's index.
pub(super) fn index_job(plan: &Plan, mirror: &str) -> Body {
    let attributes = of_kind(&plan.rules, JobKind::Reindex);
    let mut defaults = Writer::new();
    if !attributes.contains_key("script") {
        defaults.text_entry(1, "script", "./bin/rebuild-index.sh");
    }
    if !attributes.contains_key("tags") {
        defaults.list_entry(1, "tags", ["spack-post-ci"]);
    }
    render(&attributes, &[("MIRROR_URL", mirror.to_owned())], &defaults.finish())
}

/// Renders what a build job has unless its mapping says otherwise.
fn build_defaults(attributes: &Mapping) -> String {
    let mut writer = Writer::new();
    if !attributes.contains_key("script") {
        writer.list_entry(1, "script", ["./bin/rebuild-package.sh"]);
    }
    let given = attributes.get("artifacts").and_then(|entry| entry.node.as_mapping());
    writer.key(1, "artifacts");
    writer.end_line();
    let more = given.and_then(|map| map.get("paths")).and_then(|entry| entry.node.as_sequence()).unwrap_or_default();
    let more = more.iter().filter_map(Node::as_text).filter(|path| !ARTIFACTS.contains(path));
    writer.list_entry(2, "paths", ARTIFACTS.into_iter().chain(more));
    if given.is_none_or(|map| !map.contains_key("when")) {
        writer.text_entry(2, "when", "always");
    }
    for (key, entry) in given.into_iter().flatten().filter(|(key, _)| *key != "paths") {
        writer.node_entry(2, key, &entry.node);
    }
    writer.finish()
}

fn render(attributes: &Mapping, fixed: &[(&str, String)], defaults: &str) -> Body {
    let mut writer = Writer::new();
    for (key, entry) in attributes {
        match key.as_str() {
            "variables" | "artifacts" => {}
            "image" => image(&mut writer, &entry.node),
            key if PLANNED.contains(&key) => {}
            key => writer.node_entry(1, key, &entry.node),
        }
    }
    writer.raw(defaults);
    let tags = attributes.get("tags").and_then(|entry| entry.node.as_sequence()).map_or(0, <[Node]>::len);
    let mut variables = Writer::new();
    for (name, node) in user_variables(attributes, fixed) {
        match node.as_text() {
            Some(text) => variables.text_entry(2, name, text),
            None => variables.node_entry(2, name, node),
        }
    }
    for (name, value) in fixed {
        variables.text_entry(2, name, value);
    }
    let (attributes, variables) = (writer.finish(), variables.finish());
    let (attributes_size, variables_size) = (size::entries(&attributes), size::entries(&variables));
    Body { attributes, variables, tags, attributes_size, variables_size }
}

/// Writes an image as GitLab takes it: with a name, and no `entrypoint` that is empty.
fn image(writer: &mut Writer, node: &Node) {
    let Value::Mapping(map) = &node.value else {
        writer.node_entry(1, "image", node);
        return;
    };
    if !map.contains_key("name") {
        return;
    }
    writer.key(1, "image");
    writer.end_line();
    for (key, entry) in map {
        if key != "entrypoint" || entry.node.as_sequence().is_none_or(|items| !items.is_empty()) {
            writer.node_entry(2, key, &entry.node);
        }
    }
}

fn user_variables<'a>(
    attributes: &'a Mapping,
    fixed: &'a [(&str, String)],
) -> impl Iterator<Item = (&'a str, &'a Node)> {
    let map = attributes.get("variables").and_then(|entry| entry.node.as_mapping());
    map.into_iter()
        .flatten()
        .map(|(name, entry)| (name.as_str(), &entry.node))
        .filter(|(name, _)| !PER_JOB.contains(name) && !fixed.iter().any(|(other, _)| other == name))
}

/// Returns the variables that are the same for all jobs of a phase.
fn fixed_variables(cdash: Option<&Cdash>, plan: &Plan, phase: &Phase, mirror: &str) -> Vec<(&'static str, String)> {
    let action = match phase.kind {
        _ if plan.graph.phases.len() == 1 => "NONE",
        PhaseKind::Main => "INSTALL_MISSING",
        PhaseKind::Bootstrap | PhaseKind::AgnosticBootstrap => "FIND_ANY",
    };
    let mut list = vec![("SPACK_MIRROR_URL", mirror.to_owned()), ("SPACK_COMPILER_ACTION", action.to_owned())];
    match cdash {
        None => list.push(("SPACK_ENABLE_CDASH", "False".to_owned())),
        Some(cdash) => list.extend([
            ("SPACK_ENABLE_CDASH", "True".to_owned()),
            ("SPACK_CDASH_BASE_URL", cdash.url.clone()),
            ("SPACK_CDASH_PROJECT", cdash.project.clone()),
            ("SPACK_CDASH_PROJECT_ENC", utf8_percent_encode(&cdash.project, QUERY).to_string().replace(' ', "+")),
            ("SPACK_CDASH_SITE", cdash.site.clone()),
            ("SPACK_JOB_SPEC_BUILDGROUP", cdash.build_group.clone()),
        ]),
    }
    list
}

/// Variables of [`fixed_variables`], by name; the second list is there with CDash only.
const FIXED: [&[&str]; 2] = [
    &["SPACK_MIRROR_URL", "SPACK_COMPILER_ACTION", "SPACK_ENABLE_CDASH", "SPACK_JOB_SPEC_PKG_NAME", "SPACK_ROOT_SPEC"],
    &[
        "SPACK_CDASH_BASE_URL",
        "SPACK_CDASH_PROJECT",
        "SPACK_CDASH_PROJECT_ENC",
        "SPACK_CDASH_SITE",
        "SPACK_JOB_SPEC_BUILDGROUP",
        "SPACK_CDASH_BUILD_NAME",
        "SPACK_RELATED_BUILDS",
    ],
];

/// Reports what the dialect does not carry over as the mapping has it.
fn changed(attributes: &Mapping, with_cdash: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |rule, message: String, place, hint: &str| {
        findings.push(Finding::new(Severity::Warning, rule, message).at(place).hint(hint));
    };
    for (key, entry) in attributes.iter().filter(|(key, _)| PLANNED.contains(&key.as_str())) {
        report(
            Rule::DroppedKey,
            format!("`{key}` is left out: it follows from the plan"),
            &entry.key,
            "remove it from the mapping",
        );
    }
    let variables = attributes.get("variables").and_then(|entry| entry.node.as_mapping());
    for (name, entry) in variables.into_iter().flatten() {
        if FIXED[0].contains(&name.as_str()) || with_cdash && FIXED[1].contains(&name.as_str()) {
            report(
                Rule::OverriddenVariable,
                format!("variable `{name}` is overridden: the plan sets it for every job"),
                &entry.key,
                "remove it, or choose another name",
            );
        }
    }
    if let Some(entry) = attributes.get("image")
        && let Value::Mapping(map) = &entry.node.value
    {
        if !map.contains_key("name") {
            report(
                Rule::DroppedKey,
                "`image` is left out: it has no `name`".to_owned(),
                &entry.key,
                "add the image's name, or remove `image`",
            );
        }
        if let Some(empty) =
            map.get("entrypoint").filter(|entry| entry.node.as_sequence().is_some_and(<[Node]>::is_empty))
        {
            report(
                Rule::DroppedKey,
                "an empty `entrypoint` is left out: GitLab rejects it".to_owned(),
                &empty.key,
                "write `entrypoint: [\"\"]` to have none",
            );
        }
    }
    findings
}
