//! The plan as JSON: valid, complete, and every index in it points to something.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;

use serde_json::Value;
use spackplan::emit::{self, Report};
use spackplan::plan::Options;
use spackplan::spec::Spec;
use std::collections::BTreeSet;

fn json(constraint: Option<&str>) -> Value {
    let release = common::plan(&common::example("locked"), Options::default()).unwrap();
    let constraint = constraint.map(|text| Spec::parse(text).unwrap());
    let mut out = Vec::new();
    emit::write(Report::Json, &release, constraint.as_ref(), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("`{name}` is no list"))
}

fn indices(value: &Value) -> impl Iterator<Item = usize> {
    value.as_array().unwrap().iter().map(|index| usize::try_from(index.as_u64().unwrap()).unwrap())
}

#[test]
fn the_document_has_the_members_that_are_promised() {
    let document = json(None);
    let names: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let promised = [
        "version",
        "generator",
        "environment",
        "roots",
        "matrices",
        "phases",
        "stages",
        "sections",
        "mappings",
        "pruned",
        "jobs",
        "pipeline",
        "findings",
    ];
    assert_eq!(names, BTreeSet::from(promised));
    assert_eq!(document["version"], 1);
}

#[test]
fn every_job_is_there_with_all_that_is_known_of_it() {
    let document = json(None);
    let jobs = list(&document, "jobs");
    assert_eq!((jobs.len(), &document["pipeline"]["jobs"]), (7, &Value::from(7)));
    for (index, job) in jobs.iter().enumerate() {
        assert_eq!(job["id"], index);
        for name in ["name", "root"] {
            assert!(job[name].is_string(), "{name}");
        }
        for name in ["name", "version", "compiler", "arch", "hash"] {
            assert!(job["spec"][name].is_string(), "{name}");
        }
        for need in ["needs", "compilers", "dependencies"].into_iter().flat_map(|name| indices(&job[name])) {
            assert!(jobs[need]["stage"].as_u64() < job["stage"].as_u64());
        }
        assert!(usize::try_from(job["mapping"].as_u64().unwrap()).unwrap() < list(&document, "mappings").len());
        assert!(job.get("why").is_none());
    }
}

#[test]
fn stages_and_phases_cover_the_jobs_in_order() {
    let document = json(None);
    let (jobs, stages) = (list(&document, "jobs").len(), list(&document, "stages"));
    for (name, parts) in [("stages", stages), ("phases", list(&document, "phases"))] {
        let ranges: Vec<Vec<usize>> = parts.iter().map(|part| indices(&part["jobs"]).collect()).collect();
        assert_eq!((ranges[0][0], ranges[ranges.len() - 1][1]), (0, jobs), "{name}");
        assert!(ranges.windows(2).all(|pair| pair[0][1] == pair[1][0]), "{name}");
    }
    assert_eq!(list(&document["pipeline"], "stages").len(), stages.len() + 1, "the index has a stage of its own");
}

#[test]
fn mappings_take_every_job_once() {
    let document = json(None);
    let takes: u64 = list(&document, "mappings").iter().map(|mapping| mapping["takes"].as_u64().unwrap()).sum();
    assert_eq!(takes, list(&document, "jobs").len() as u64);
}

#[test]
fn a_constraint_adds_why_to_the_jobs_that_satisfy_it() {
    let document = json(Some("zlib target=x86_64"));
    let explained: Vec<&Value> = list(&document, "jobs").iter().filter(|job| job.get("why").is_some()).collect();
    assert_eq!(explained.len(), 1);
    let steps = list(explained[0], "why");
    assert_eq!(
        steps.iter().map(|step| step["outcome"].as_str().unwrap()).collect::<Vec<_>>(),
        ["passed-over", "applies"]
    );
    assert!(steps[0]["match"][0]["fails"].as_str().unwrap().contains("target=x86_64"));
}
