//! `ci: pipeline-gen`, the runner rules of Spack 0.20 and later: sections that are merged from the last one up, each for
//! a kind of job, for the jobs that match, or asked of a service.

use super::attributes::{
    DynamicMapping, JobKind, MatchBehavior, MatchSpec, Merging, ReadingOrder, RunnerMapping, RunnerRules, Section,
    Submapping,
};
use super::job_attributes;
use super::reader::{Reading, bare, entry, mapping, match_spec, nearest, sequence, text, wrong_kind};
use crate::error::{Error, Result};
use crate::finding::{Finding, Rule, Severity};
use crate::source::Source;
use crate::yaml::{self, Mapping, Node, Value};
use std::time::Duration;

/// The kinds of job that a section may be for.
const KINDS: [(&str, JobKind); 7] = [
    ("any-job", JobKind::Any),
    ("build-job", JobKind::Build),
    ("cleanup-job", JobKind::Cleanup),
    ("copy-job", JobKind::Copy),
    ("noop-job", JobKind::Noop),
    ("reindex-job", JobKind::Reindex),
    ("signing-job", JobKind::Signing),
];

/// What jobs have unless a section says otherwise.
const DEFAULTS: &str = r#"
- noop-job:
    script: ['echo "All specs already up to date, nothing to rebuild."']
- build-job:
    script: ['cd {env_dir}', 'spack env activate --without-view .', 'spack ci rebuild']
"#;

/// What jobs have whatever the sections say.
const OVERRIDES: &str = "
- reindex-job:
    script:: ['spack buildcache update-index --keys {index_target_mirror}']
- signing-job:
    tags: [aws, protected, notary]
- any-job-remove:
    tags: [public, protected, notary]
";

/// Returns the sections of a `pipeline-gen` list, with those of Spack's own around them where jobs are to have them.
pub(super) fn read(list: Option<&Node>, own: OwnSections, findings: &mut Vec<Finding>) -> Result<RunnerRules> {
    let written = match list {
        Some(list) => sections(list, findings)?,
        None => Vec::new(),
    };
    Ok(around(RunnerRules { sections: written, merging: Merging::Prepend }, own))
}

/// Whether the sections that Spack itself adds are among the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnSections {
    /// They are.
    Added,
    /// Jobs have what the environment gives them.
    LeftOut,
}

/// Puts Spack's own sections before and after others.
pub(super) fn around(mut rules: RunnerRules, own: OwnSections) -> RunnerRules {
    if own == OwnSections::Added {
        let mut all = built_in("defaults of spack ci generate", DEFAULTS);
        all.append(&mut rules.sections);
        all.extend(built_in("overrides of spack ci generate", OVERRIDES));
        rules.sections = all;
    }
    rules
}

fn built_in(name: &str, text: &str) -> Vec<Section> {
    let read = yaml::read(&Source::new(name, text)).and_then(|list| sections(&list, &mut Vec::new()));
    debug_assert!(read.is_ok(), "{name}: {read:?}");
    read.unwrap_or_default()
}

/// Reads the sections of a list into the order in which they are applied.
fn sections(list: &Node, findings: &mut Vec<Finding>) -> Result<Vec<Section>> {
    let items = sequence(list, "`pipeline-gen`")?;
    items.iter().rev().map(|item| section(item, findings)).collect()
}

fn section(item: &Node, findings: &mut Vec<Finding>) -> Result<Section> {
    let map = mapping(item, "a section of `pipeline-gen`")?;
    if let Some(list) = entry(map, "submapping") {
        refuse_others(map, &["submapping", "match_behavior"])?;
        return submapping(map, &list.node, item, findings).map(Section::Submapping);
    }
    if let Some(dynamic) = entry(map, "dynamic-mapping") {
        refuse_others(map, &["dynamic-mapping"])?;
        return dynamic_mapping(&dynamic.node).map(Section::Dynamic);
    }
    jobs(map, item)
}

/// Reads `X-job` and `X-job-remove`.
fn jobs(map: &Mapping, item: &Node) -> Result<Section> {
    let kind_of = |key: &str| {
        let name = bare(key);
        let name = name.strip_suffix("-remove").unwrap_or(name);
        KINDS.iter().find(|(kind, _)| *kind == name)
    };
    let Some(((name, kind), first)) = map.iter().find_map(|(key, entry)| Some((kind_of(key)?, entry))) else {
        let error = Error::input("this section is for no kind of job").at(&item.place);
        let near = map.keys().find_map(|key| nearest(bare(key), KINDS.iter().map(|(name, _)| *name)));
        return Err(match near {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("begin it with `build-job:`, `any-job:`, `submapping:` or another that Spack knows"),
        });
    };
    if let Some((other, second)) = map.iter().find(|(key, _)| kind_of(key).is_none_or(|(found, _)| found != name)) {
        return Err(Error::input(format!("a section is for one kind of job, but this has `{name}` and `{other}`"))
            .at(&second.key)
            .related(&first.key, "the first")
            .hint(format!("begin a new section: `- {other}: …`")));
    }
    let part = |key: &str| entry(map, key).map(|entry| &entry.node);
    let (attributes, removes) = (part(name), part(&format!("{name}-remove")));
    for (node, what) in [(attributes, (*name).to_owned()), (removes, format!("{name}-remove"))] {
        node.map_or(Ok(()), |node| job_attributes::check(node, &format!("`{what}`")))?;
    }
    Ok(Section::Jobs { kind: *kind, attributes: attributes.cloned(), removes: removes.cloned() })
}

fn refuse_others(map: &Mapping, known: &[&str]) -> Result<()> {
    let Some((key, entry)) = map.iter().find(|(key, _)| !known.contains(&bare(key))) else { return Ok(()) };
    Err(Error::input(format!("a section with `{}` has no `{key}`", known[0]))
        .at(&entry.key)
        .hint(format!("begin a new section: `- {key}: …`")))
}

fn submapping(map: &Mapping, list: &Node, item: &Node, findings: &mut Vec<Finding>) -> Result<Submapping> {
    let behavior = match entry(map, "match_behavior").map(|entry| &entry.node) {
        None => MatchBehavior::First,
        Some(node) => match_behavior(node)?,
    };
    let mappings =
        sequence(list, "`submapping`")?.iter().map(|entry| submapping_entry(entry, findings)).collect::<Result<_>>()?;
    let place = item.place.clone();
    Ok(Submapping { mappings, behavior, order: ReadingOrder::BottomUp, required: false, place })
}

/// Reads `match_behavior`.
pub(super) fn match_behavior(node: &Node) -> Result<MatchBehavior> {
    match text(node, "`match_behavior`")? {
        "first" => Ok(MatchBehavior::First),
        "merge" => Ok(MatchBehavior::Merge),
        other => Err(Error::input(format!("`match_behavior` is `first` or `merge`, not `{other}`")).at(&node.place)),
    }
}

fn submapping_entry(item: &Node, findings: &mut Vec<Finding>) -> Result<RunnerMapping> {
    let map = mapping(item, "an entry of `submapping`")?;
    let Some(matches) = entry(map, "match") else {
        return Err(Error::input("this entry of `submapping` has no `match`")
            .at(&item.place)
            .hint("add `match: [specs]`, or make it a section of its own"));
    };
    let known = ["match", "build-job", "build-job-remove"];
    if let Some((key, other)) = map.iter().find(|(key, _)| !known.contains(&bare(key))) {
        let error = Error::input(format!("an entry of `submapping` has no `{key}`")).at(&other.key);
        return Err(match nearest(bare(key), known) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("its attributes stand under `build-job:`"),
        });
    }
    let matches = sequence(&matches.node, "`match`")?;
    let matches =
        matches.iter().map(|item| match_spec(item, "a `match` spec", Reading::Today)).collect::<Result<Vec<_>>>()?;
    findings.extend(matches.iter().filter_map(lost_colon));
    let part = |key: &str| -> Result<Option<Node>> {
        let Some(entry) = entry(map, key) else { return Ok(None) };
        job_attributes::check(&entry.node, &format!("`{key}`"))?;
        Ok(Some(entry.node.clone()))
    };
    let (attributes, removes) = (part("build-job")?, part("build-job-remove")?);
    Ok(RunnerMapping { label: None, matches, attributes, removes, place: item.place.clone() })
}

/// Reports a range that Spack's reader of YAML takes for a single value: a text loses its last colon there, unless it has
/// an `@`.
fn lost_colon(wanted: &MatchSpec) -> Option<Finding> {
    let text = wanted.text.strip_suffix(':').filter(|text| !text.contains('@'))?;
    let message = format!("`{}` is read as `{text}` by Spack, which drops the last colon of a text", wanted.text);
    let finding = Finding::new(Severity::Note, Rule::NoEffect, message).at(&wanted.place);
    Some(finding.hint("here it is the range that it says; put it in front of another clause for Spack"))
}

fn dynamic_mapping(node: &Node) -> Result<DynamicMapping> {
    let map = mapping(node, "`dynamic-mapping`")?;
    let Some(endpoint) = entry(map, "endpoint") else {
        return Err(Error::input("this `dynamic-mapping` has no `endpoint`")
            .at(&node.place)
            .hint("add `endpoint: URL`"));
    };
    let list = |key: &str| -> Result<Vec<String>> {
        let items = entry(map, key).map_or(Ok(&[][..]), |entry| sequence(&entry.node, &format!("`{key}`")))?;
        items.iter().map(|item| text(item, "the name of an attribute").map(str::to_owned)).collect()
    };
    Ok(DynamicMapping {
        name: entry(map, "name").map(|entry| text(&entry.node, "`name`").map(str::to_owned)).transpose()?,
        endpoint: text(&endpoint.node, "`endpoint`")?.to_owned(),
        header: entry(map, "header").map_or(Ok(Vec::new()), |entry| header(&entry.node))?,
        timeout: entry(map, "timeout").map(|entry| timeout(&entry.node)).transpose()?,
        allow: list("allow")?,
        require: list("require")?,
        ignore: list("ignore")?,
        answers: None,
        place: node.place.clone(),
    })
}

fn header(node: &Node) -> Result<Vec<(String, String)>> {
    let value = |(name, entry): (&String, &yaml::Entry)| {
        let value = text(&entry.node, "the value of a header")?;
        let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !name.is_empty();
        if !fits || value.chars().any(char::is_control) {
            return Err(Error::input("this is no header of a request")
                .at(&entry.key)
                .hint("write `Name: value`, in letters, digits and hyphens before the colon"));
        }
        Ok((name.clone(), value.to_owned()))
    };
    mapping(node, "`header`")?.iter().map(value).collect()
}

/// Reads a time in seconds.
fn timeout(node: &Node) -> Result<Duration> {
    let seconds = match &node.value {
        Value::Number(text) => text.parse::<u64>().ok(),
        _ => None,
    };
    seconds.map(Duration::from_secs).ok_or_else(|| wrong_kind(node, "`timeout`", "a number of seconds"))
}
