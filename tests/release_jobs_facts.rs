//! The facts behind the recorded pipelines: stages, runners and shared names, label by label.
//!
//! A label is what `spack release-jobs` called a job in its messages: the package and the first seven characters of
//! its hash.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;

use serde_json::Value;
use spackplan::finding::Rule;
use spackplan::plan::{JobId, MatchOn, Options, Unassigned};
use spackplan::release::Release;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// "Externals get no job": they have no label here, and what needs them moves to earlier stages.
const WITH_EXTERNALS: &str = "20-externals";

fn cases() -> Vec<std::path::PathBuf> {
    let Some(oracle) = common::oracle() else { return Vec::new() };
    let cases = common::cases(&oracle.join("release-jobs"));
    cases.into_iter().filter(|case| case.join("assignment.json").is_file()).collect()
}

fn release(case: &Path, match_on: MatchOn) -> Release {
    common::plan(case, Options { match_on, unassigned: Unassigned::LeaveOut })
        .unwrap_or_else(|error| panic!("{}: {error}", case.display()))
}

fn name(case: &Path) -> String {
    case.file_name().unwrap().to_string_lossy().into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the jobs that are not predicted by phase and label; externals are without.
fn by_label(release: &Release) -> BTreeMap<(String, String), JobId> {
    let graph = &release.plan.graph;
    let locked = graph.ids().filter(|id| !graph.spec(*id).is_predicted());
    locked.map(|id| ((graph.phase(id).name.clone(), label(release, id)), id)).collect()
}

fn label(release: &Release, id: JobId) -> String {
    let spec = release.plan.graph.spec(id);
    format!("{}/{:.7}", spec.name, spec.hash)
}

/// Tells whether a match string names the virtual package `mpi`: who provides it, lockfiles of version 2 do not say
/// and 2019's recipes did; and where nobody does, 2019 passed over it.
fn names_a_virtual(text: &str) -> bool {
    text == "mpi" || text.contains("^mpi")
}

#[test]
fn every_label_has_the_first_mapping_that_spack_found() {
    let (mut rows, mut virtuals, mut wrong) = (0, 0, Vec::new());
    for case in cases() {
        for (member, match_on) in [("by_root", MatchOn::Root), ("by_own_concrete_spec", MatchOn::Job)] {
            let release = release(&case, match_on);
            let jobs = by_label(&release);
            for row in json(&case.join("assignment.json")).as_array().unwrap() {
                let key = (row["phase"].as_str().unwrap().to_owned(), row["label"].as_str().unwrap().to_owned());
                let Some(&id) = jobs.get(&key) else {
                    assert_eq!(name(&case), WITH_EXTERNALS, "{key:?} has no job");
                    continue;
                };
                rows += 1;
                let ours = release.plan.assignments.mapping_of(id).map(|mapping| mapping.mapping as u64);
                if ours == row[member]["mapping"].as_u64() {
                    continue;
                }
                if row[member]["match_string"].as_str().is_some_and(names_a_virtual) {
                    virtuals += 1;
                    continue;
                }
                wrong.push(format!("{} {key:?} {member}: {ours:?} instead of {}", name(&case), row[member]));
            }
        }
    }
    println!("{rows} assignments, {virtuals} of them by a virtual package");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Reads `expected.summary.txt`: by phase, for every stage the labels with the specs behind them.
fn summary(text: &str) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut phases: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    let mut phase = String::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("==>")).map(str::trim) {
        if let Some(name) = line.strip_prefix("Stages for phase \"") {
            name.trim_end_matches('"').clone_into(&mut phase);
            phases.entry(phase.clone()).or_default();
        } else if line.starts_with("stage ") {
            phases.get_mut(&phase).unwrap().push(BTreeMap::new());
        } else if let Some((label, spec)) = line.split_once(" -> ") {
            let spec = spec.split_whitespace().collect::<Vec<_>>().join(" ");
            phases.get_mut(&phase).unwrap().last_mut().unwrap().insert(label.to_owned(), spec);
        }
    }
    phases
}

#[test]
fn every_label_is_in_the_stage_where_spack_put_it() {
    for case in cases().iter().filter(|case| name(case) != WITH_EXTERNALS) {
        let release = release(case, MatchOn::Root);
        let mut printed = Vec::new();
        spackplan::emit::write(spackplan::emit::Report::Summary, &release, None, &mut printed).unwrap();
        let printed = String::from_utf8(printed).unwrap();
        for (phase, stages) in summary(&std::fs::read_to_string(case.join("expected.summary.txt")).unwrap()) {
            let ours = release.plan.graph.phases.iter().find(|ours| ours.name == phase).unwrap();
            let of_stage = |stage: usize| -> BTreeSet<String> {
                let jobs = release.plan.graph.stages[stage].jobs.clone().map(JobId::from_index);
                let locked = jobs.filter(|id| !release.plan.graph.spec(*id).is_predicted());
                locked.map(|id| label(&release, id)).collect()
            };
            for (index, labels) in stages.iter().enumerate() {
                let expected: BTreeSet<String> = labels.keys().cloned().collect();
                assert_eq!(of_stage(ours.stages.start + index), expected, "{} {phase} stage {index}", name(case));
                for (label, spec) in labels {
                    assert!(printed.contains(&format!("{label} -> {spec} ")), "{}: {label} -> {spec}", name(case));
                }
            }
        }
    }
}

#[test]
fn the_names_that_jobs_would_share_are_those_that_spack_lost_jobs_by() {
    for case in cases() {
        let release = release(&case, MatchOn::Root);
        let mut ours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for finding in release.findings.iter().filter(|finding| finding.rule == Rule::NameCollision) {
            for id in finding.jobs.iter().map(|index| JobId(*index)) {
                let name = release.plan.graph.job(id).name.rsplit_once(" /").unwrap().0.to_owned();
                ours.entry(name).or_default().insert(label(&release, id));
            }
        }
        for (shared, labels) in json(&case.join("collisions.json")).as_object().unwrap() {
            let labels = labels.as_array().unwrap().iter().map(|pair| pair[1].as_str().unwrap().to_owned()).collect();
            assert_eq!(ours.remove(shared), Some(labels), "{}: {shared}", name(&case));
        }
        let predicted = release.plan.predicted().count() > 0;
        assert!(ours.is_empty() || predicted, "{}: {ours:?}", name(&case));
    }
}

#[test]
fn gitlab_has_nothing_to_object_to_in_any_recorded_case() {
    for case in cases() {
        let release = release(&case, MatchOn::Root);
        let empty = release.pipeline.jobs().next().is_none();
        assert_eq!(release.has_errors(), empty, "{}: {:#?}", name(&case), release.findings);
        assert_eq!(empty, json(&case.join("problems.json"))["jobs_written"] == 0, "{}", name(&case));
    }
}
