//! `json`: the whole plan as data, version 1; later releases with the same version only add members.
//!
//! Jobs, stages, phases, roots and mappings refer to each other by index into their lists; `[a, b]` under `jobs` and
//! `stages` of a phase or stage stands for the indices from `a` up to but without `b`. A `place` is file, line, column.
//! - `environment`: file, dialect, mirrors, cdash
//! - `roots`: the expanded matrix, each with its origin; `matrices`: axes, exclude rules and what they left out
//! - `phases`, `stages`: the order of the release; `pruned`: specs that get no job, with the reason
//! - `sections`: the runner rules in the order in which they are applied
//! - `mappings`: runner mappings in that order with the letter they go by, what each matches and takes, and its attributes
//! - `jobs`: spec, root, what it needs, what it fetches (`dependencies`), its mapping; `reasons` to build it, where mirrors
//!   or history were asked; with `--spec` also `why`, and its attributes, each value with the place, section and mapping
//!   that gave it
//! - `pipeline`: the number of jobs written, its stages, and the bytes GitLab's parser takes for it (an estimate)
//! - `findings`: severity, rule, message, place, hint and jobs, worst first

mod rules;

use super::findings::{FindingJson, PlaceJson};
use super::mapping_letter;
use crate::environment::{Dialect, Origin, SpecList};
use crate::plan::assign::{JobSet, MappingId};
use crate::plan::attributes::merged;
use crate::plan::explain::Outcome;
use crate::plan::graph::{architecture, compiler};
use crate::plan::prune::Reason;
use crate::plan::{JobId, PhaseKind};
use crate::release::Release;
use crate::yaml::{Node, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generator: String,
    environment: Json,
    roots: Vec<Json>,
    matrices: Vec<Json>,
    phases: Vec<Json>,
    stages: Vec<Json>,
    mappings: Vec<Json>,
    sections: Vec<Json>,
    pruned: Vec<Json>,
    jobs: Vec<JobJson<'a>>,
    pipeline: Json,
    findings: Vec<FindingJson<'a>>,
}

#[derive(Serialize)]
struct JobJson<'a> {
    id: u32,
    name: &'a str,
    phase: usize,
    stage: usize,
    spec: SpecJson<'a>,
    /// The abstract spec of the last root that needs it.
    root: &'a str,
    is_root: bool,
    /// Lockfile keys of all specs that are this job.
    members: Vec<&'a str>,
    needs: Vec<u32>,
    compilers: Vec<u32>,
    dependencies: Vec<u32>,
    /// The mapping that gives it its runner.
    mapping: Option<usize>,
    assigned: bool,
    /// What mirrors and history say of its spec, where they were asked.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<Json>>,
    /// Its attributes, each value with the place that gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Json>,
}

#[derive(Serialize)]
struct SpecJson<'a> {
    name: &'a str,
    version: String,
    compiler: Option<String>,
    arch: String,
    hash: &'a str,
    predicted: bool,
}

pub(super) fn write(release: &Release, selected: Option<&JobSet>, out: &mut impl Write) -> io::Result<()> {
    let graph = &release.plan.graph;
    let list = &release.environment.specs;
    let document = Document {
        version: VERSION,
        generator: format!("spackplan {}", env!("CARGO_PKG_VERSION")),
        environment: environment(release),
        roots: list
            .roots
            .iter()
            .map(|root| json!({ "spec": root.spec.to_string(), "origin": origin(&root.origin, list) }))
            .collect(),
        matrices: list.matrices.iter().map(matrix).collect(),
        phases: graph.phases.iter().map(phase).collect(),
        stages: graph
            .stages
            .iter()
            .map(|stage| json!({ "phase": stage.phase, "jobs": [stage.jobs.start, stage.jobs.end] }))
            .collect(),
        mappings: mappings(release),
        sections: release
            .plan
            .rules
            .sections
            .iter()
            .enumerate()
            .map(|(index, part)| rules::section(release, index, part))
            .collect(),
        pruned: rules::pruned(release),
        jobs: graph.ids().map(|id| job(release, selected, id)).collect(),
        pipeline: json!({
            "jobs": release.pipeline.jobs().count(),
            "stages": release.pipeline.stages(),
            "parsed_size": release.pipeline.parsed_size(),
        }),
        findings: release.findings.iter().map(FindingJson::from).collect(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

fn environment(release: &Release) -> Json {
    let environment = &release.environment;
    let dialect = match environment.dialect {
        Dialect::ReleaseJobs => "release-jobs",
        Dialect::SpackCi => "spack-ci",
    };
    let mirrors: Vec<Json> = environment
        .mirrors
        .iter()
        .map(|mirror| json!({ "name": mirror.name, "fetch": mirror.fetch_url, "push": mirror.push_url }))
        .collect();
    let cdash = environment.cdash.as_ref();
    let cdash = cdash.map(|cdash| json!({ "build_group": cdash.build_group, "url": cdash.url, "project": cdash.project, "site": cdash.site }));
    json!({ "file": environment.source.name(), "dialect": dialect, "mirrors": mirrors, "cdash": cdash })
}

fn place(place: &crate::source::Place) -> Json {
    serde_json::to_value(PlaceJson::from(place)).unwrap_or_default()
}

fn origin(origin: &Origin, list: &SpecList) -> Json {
    match origin {
        Origin::Plain(at) => place(at),
        Origin::Combination { matrix, values } => {
            let at = list.matrices.get(*matrix).map(|matrix| place(&matrix.place));
            json!({ "matrix": matrix, "values": values, "place": at })
        }
    }
}

fn matrix(matrix: &crate::environment::Matrix) -> Json {
    let axes: Vec<Vec<&str>> =
        matrix.axes.iter().map(|axis| axis.values.iter().map(|value| value.text.as_str()).collect()).collect();
    let excludes: Vec<&str> = matrix.excludes.iter().map(|rule| rule.text.as_str()).collect();
    let left_out = matrix.excluded.iter();
    let left_out: Vec<Json> =
        left_out.map(|out| json!({ "values": out.values, "spec": out.spec.to_string(), "rule": out.rule })).collect();
    json!({ "place": place(&matrix.place), "axes": axes, "excludes": excludes, "excluded": left_out })
}

fn phase(phase: &crate::plan::Phase) -> Json {
    let kind = match phase.kind {
        PhaseKind::Bootstrap => "bootstrap",
        PhaseKind::AgnosticBootstrap => "compiler-agnostic-bootstrap",
        PhaseKind::Main => "main",
    };
    json!({
        "name": phase.name,
        "kind": kind,
        "lockfile_version": phase.specs.lockfile_version,
        "stages": [phase.stages.start, phase.stages.end],
        "jobs": [phase.jobs.start, phase.jobs.end],
    })
}

fn mappings(release: &Release) -> Vec<Json> {
    let mut list = Vec::new();
    for (section, submapping) in release.plan.rules.submappings() {
        let counts = &release.plan.assignments.counts[section];
        for (index, (mapping, count)) in submapping.mappings.iter().zip(counts).enumerate() {
            let matches = mapping.matches.iter().zip(&count.by_match);
            let matches: Vec<Json> =
                matches.map(|(wanted, jobs)| json!({ "spec": wanted.text, "jobs": jobs })).collect();
            list.push(json!({
                "letter": mapping_letter(release.plan.number_of(MappingId { section, mapping: index })),
                "label": mapping.label,
                "place": place(&mapping.place),
                "match": matches,
                "attributes": mapping.attributes.as_ref().map(node),
                "matches": count.matches,
                "takes": count.takes,
            }));
        }
    }
    list
}

/// Returns the index of a mapping in `mappings`.
fn mapping_index(release: &Release, id: MappingId) -> usize {
    let before = release.plan.rules.submappings().filter(|(section, _)| *section < id.section);
    before.map(|(_, list)| list.mappings.len()).sum::<usize>() + id.mapping
}

fn job<'a>(release: &'a Release, selected: Option<&JobSet>, id: JobId) -> JobJson<'a> {
    let plan = &release.plan;
    let graph = &plan.graph;
    let (job, phase, spec) = (graph.job(id), graph.phase(id), graph.spec(id));
    let numbers = |ids: &[JobId]| ids.iter().map(|id| id.0).collect();
    let compiler = compiler(&phase.specs, job.spec).map(|(name, version)| format!("{name}@{version}"));
    JobJson {
        id: id.0,
        name: &job.name,
        phase: job.phase,
        stage: job.stage,
        spec: SpecJson {
            name: &spec.name,
            version: spec.version.to_string(),
            compiler,
            arch: architecture(&spec.arch),
            hash: &spec.hash,
            predicted: spec.is_predicted(),
        },
        root: &phase.specs.roots[job.root].text,
        is_root: graph.is_root(id),
        members: job.members.iter().map(|id| &*phase.specs.spec(*id).key).collect(),
        needs: numbers(graph.needs(id)),
        compilers: numbers(graph.compilers(id)),
        dependencies: numbers(release.pipeline.dependencies(id)),
        mapping: plan.assignments.mapping_of(id).map(|mapping| mapping_index(release, mapping)),
        assigned: !plan.assignments.is_unassigned(id),
        reasons: plan.pruning.reasons(spec),
        why: selected.filter(|set| set.contains(id.index())).map(|_| why(release, id)),
        attributes: selected.filter(|set| set.contains(id.index())).map(|_| {
            let set = &plan.assignments.sets[plan.assignments.set_of(id).index()];
            rules::placed_entries(release, &merged(&plan.rules, set))
        }),
    }
}

fn why(release: &Release, id: JobId) -> Vec<Json> {
    let steps = release.plan.explain(id).steps;
    let step = |step: crate::plan::explain::Step<'_>| {
        let outcome = match step.outcome {
            Outcome::PassedOver => "passed-over",
            Outcome::Applies => "applies",
            Outcome::WouldAlsoMatch => "would-also-match",
        };
        let verdicts = step.verdicts.iter();
        let verdicts: Vec<Json> = verdicts.map(|(wanted, verdict)| json!({ "spec": wanted.text, "fails": verdict.as_ref().err().map(ToString::to_string) })).collect();
        json!({ "mapping": mapping_index(release, step.id), "outcome": outcome, "match": verdicts })
    };
    steps.into_iter().map(step).collect()
}

/// Returns a YAML value as JSON.
fn node(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone())),
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(self::node).collect()),
        Value::Mapping(map) => {
            Json::Object(map.iter().map(|(key, entry)| (key.clone(), self::node(&entry.node))).collect::<Map<_, _>>())
        }
    }
}
