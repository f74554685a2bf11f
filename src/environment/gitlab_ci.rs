//! `gitlab-ci:`, the runner rules of Spack 0.13 to 0.22: mappings read from the top, and what jobs have by default.

use super::attributes::{
    JobKind, MatchBehavior, Merging, ReadingOrder, RunnerMapping, RunnerRules, Section, Submapping,
};
use super::ci::{own_sections, settings};
use super::pipeline_gen::{around, match_behavior};
use super::reader::{Reading, boolean, mapping, match_spec, report_unknown, sequence, text, wrong_kind};
use super::{BootstrapList, CiSection, Dialect};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Attributes that the section itself may have, for all build jobs (Spack 0.16 and later).
const DEFAULTS: [&str; 6] = ["image", "tags", "variables", "before_script", "script", "after_script"];

/// Keys that steered `spack ci` once; neither format has anything like them.
const DROPPED: [&str; 4] =
    ["enable-artifacts-buildcache", "enable-debug-messages", "temporary-storage-url-prefix", "disable-signing"];

/// Keys that only the spack-ci format has a use for.
const ONLY_SPACK_CI: [&str; 4] =
    ["broken-specs-url", "broken-tests-packages", "rebuild-index", "signing-job-attributes"];

/// Keys that are read into rules.
const READ: [&str; 5] =
    ["bootstrap", "mappings", "match_behavior", "final-stage-rebuild-index", "service-job-attributes"];

/// The attributes of all jobs that build nothing, but for the one that signs.
const SERVICES: &str = "service-job-attributes";

/// Attributes for the jobs that build nothing, and the kinds of job they are for.
const SERVICE: [(&str, &[JobKind]); 3] = [
    ("final-stage-rebuild-index", &[JobKind::Reindex]),
    (SERVICES, &[JobKind::Reindex, JobKind::Noop, JobKind::Cleanup]),
    ("signing-job-attributes", &[JobKind::Signing]),
];

const MAPPING_KEYS: [&str; 3] = ["match", "runner-attributes", "remove-attributes"];

/// What the section says.
#[derive(Debug, Default)]
pub(super) struct GitlabCi {
    pub(super) rules: RunnerRules,
    pub(super) bootstrap: Vec<BootstrapList>,
    pub(super) settings: CiSection,
}

/// Reads the section, for a pipeline of either dialect.
pub(super) fn read(section: &Node, dialect: Dialect, findings: &mut Vec<Finding>) -> Result<GitlabCi> {
    let map = mapping(section, "`gitlab-ci`")?;
    let known: Vec<&str> = READ.into_iter().chain(DROPPED).chain(ONLY_SPACK_CI).chain(DEFAULTS).collect();
    report_unknown(map, &known, "`gitlab-ci`", findings);
    report_dropped(map, dialect, findings);
    let mut sections = Vec::new();
    let defaults: Mapping = map
        .iter()
        .filter(|(key, _)| DEFAULTS.contains(&key.as_str()))
        .map(|(key, entry)| (key.clone(), entry.clone()))
        .collect();
    if !defaults.is_empty() {
        let attributes = Node { value: Value::Mapping(defaults), place: section.place.clone() };
        check_attributes(&attributes, "`gitlab-ci`")?;
        sections.push(Section::Jobs { kind: JobKind::Build, attributes: Some(attributes), removes: None });
    }
    sections.push(Section::Submapping(submapping(map, section, findings)?));
    for (key, kinds) in SERVICE {
        let Some(Entry { node, .. }) = map.get(key) else { continue };
        check_attributes(node, &format!("`{key}`"))?;
        let node = if key == SERVICES { without_script(node, dialect, findings) } else { node.clone() };
        let section = |kind: &JobKind| Section::Jobs { kind: *kind, attributes: Some(node.clone()), removes: None };
        sections.extend(kinds.iter().map(section));
    }
    let rules = RunnerRules { sections, merging: Merging::Replace };
    let bootstrap = match (map.get("bootstrap"), dialect) {
        (None, _) => Vec::new(),
        (Some(entry), Dialect::ReleaseJobs) => bootstrap(&entry.node, findings)?,
        (Some(entry), Dialect::SpackCi) => {
            let message = "`bootstrap` is left out: since Spack 0.21 compilers are built as the dependencies they are";
            let finding = Finding::new(Severity::Warning, Rule::DroppedKey, message).at(&entry.key);
            findings.push(finding.hint("concretize with Spack 1.0 or later, so that the lockfile has the compilers"));
            Vec::new()
        }
    };
    Ok(GitlabCi { rules: around(rules, own_sections(dialect)), bootstrap, settings: settings(map)? })
}

/// Leaves out the script of jobs that have one of Spack's own.
fn without_script(node: &Node, dialect: Dialect, findings: &mut Vec<Finding>) -> Node {
    let mut node = node.clone();
    if let (Value::Mapping(map), Dialect::SpackCi) = (&mut node.value, dialect)
        && let Some(script) = map.shift_remove("script")
    {
        let message = format!("the `script` of `{SERVICES}` is left out: such jobs have scripts of Spack's own");
        let finding = Finding::new(Severity::Note, Rule::DroppedKey, message).at(&script.key);
        findings.push(finding.hint("use `before_script` or `after_script`"));
    }
    node
}

fn report_dropped(map: &Mapping, dialect: Dialect, findings: &mut Vec<Finding>) {
    let (dropped, format): (Vec<&str>, _) = match dialect {
        Dialect::ReleaseJobs => (DROPPED.into_iter().chain(ONLY_SPACK_CI).collect(), "release-jobs"),
        Dialect::SpackCi => (DROPPED.to_vec(), "spack-ci"),
    };
    for (key, entry) in map.iter().filter(|(key, _)| dropped.contains(&key.as_str())) {
        let message = format!("`{key}` is not carried over: the {format} format has nothing like it");
        let finding = Finding::new(Severity::Note, Rule::DroppedKey, message).at(&entry.key);
        findings.push(finding.hint("nothing to do, unless the pipeline relies on it"));
    }
}

fn submapping(map: &Mapping, section: &Node, findings: &mut Vec<Finding>) -> Result<Submapping> {
    let Some(Entry { node, .. }) = map.get("mappings") else {
        return Err(Error::input("`gitlab-ci` has no `mappings`")
            .at(&section.place)
            .hint("add `mappings:` with entries of `match` and `runner-attributes`"));
    };
    let behavior = match map.get("match_behavior") {
        None => MatchBehavior::First,
        Some(entry) => match_behavior(&entry.node)?,
    };
    let mappings = sequence(node, "`mappings`")?;
    Ok(Submapping {
        mappings: mappings.iter().map(|item| runner_mapping(item, findings)).collect::<Result<_>>()?,
        behavior,
        order: ReadingOrder::TopDown,
        required: true,
        place: node.place.clone(),
    })
}

fn runner_mapping(node: &Node, findings: &mut Vec<Finding>) -> Result<RunnerMapping> {
    let map = mapping(node, "an entry of `mappings`")?;
    let label = map.iter().find(|(key, entry)| is_label(key, entry)).map(|(key, _)| key.clone());
    let known: Vec<&str> = MAPPING_KEYS.into_iter().chain(label.as_deref()).collect();
    report_unknown(map, &known, "a mapping", findings);
    let Some(Entry { node: matches, .. }) = map.get("match") else {
        return Err(Error::input("this mapping has no `match`")
            .at(&node.place)
            .hint("add `match: [specs]`, or `match: ['@:']` to take every job"));
    };
    let matches: Vec<_> = sequence(matches, "`match`")?
        .iter()
        .map(|item| match_spec(item, "a `match` spec", Reading::BareCompilers))
        .collect::<Result<_>>()?;
    let part = |key: &str| map.get(key).map(|entry| &entry.node).filter(|node| node.value != Value::Null);
    let (attributes, removes) = (part("runner-attributes"), part("remove-attributes"));
    if let Some(attributes) = attributes {
        check_attributes(attributes, "`runner-attributes`")?;
    }
    if let Some(removes) = removes {
        mapping(removes, "`remove-attributes`")?;
    }
    Ok(RunnerMapping {
        label,
        matches,
        attributes: attributes.cloned(),
        removes: removes.cloned(),
        place: node.place.clone(),
    })
}

/// Recognizes the label of the early form: a key of its own without a value.
fn is_label(key: &str, entry: &Entry) -> bool {
    !MAPPING_KEYS.contains(&key) && entry.node.value == Value::Null
}

/// Checks the attributes whose form the planning relies on; all others are passed on as they are.
fn check_attributes(node: &Node, what: &str) -> Result<()> {
    let map = mapping(node, what)?;
    if let Some(Entry { node, .. }) = map.get("tags") {
        for tag in sequence(node, "`tags`")? {
            text(tag, "a tag")?;
        }
    }
    if let Some(Entry { node, .. }) = map.get("image")
        && !matches!(node.value, Value::String(_) | Value::Mapping(_))
    {
        return Err(wrong_kind(node, "`image`", "a name, or a map with `name` and `entrypoint`"));
    }
    if let Some(Entry { node, .. }) = map.get("variables") {
        mapping(node, "`variables`")?;
    }
    Ok(())
}

fn bootstrap(node: &Node, findings: &mut Vec<Finding>) -> Result<Vec<BootstrapList>> {
    sequence(node, "`bootstrap`")?
        .iter()
        .map(|item| {
            let Value::Mapping(map) = &item.value else {
                let name = text(item, "an entry of `bootstrap`")?.to_owned();
                return Ok(BootstrapList { name, compiler_agnostic: false, place: item.place.clone() });
            };
            report_unknown(map, &["name", "compiler-agnostic"], "a `bootstrap` entry", findings);
            let Some(name) = map.get("name") else {
                return Err(Error::input("this `bootstrap` entry has no `name`")
                    .at(&item.place)
                    .hint("add `name:` with the name of a definition"));
            };
            let name = text(&name.node, "the name of a `bootstrap` entry")?.to_owned();
            let agnostic = map.get("compiler-agnostic");
            let compiler_agnostic = agnostic.map_or(Ok(false), |entry| boolean(&entry.node, "`compiler-agnostic`"))?;
            Ok(BootstrapList { name, compiler_agnostic, place: item.place.clone() })
        })
        .collect()
}
