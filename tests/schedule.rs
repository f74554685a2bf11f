//! Schedules: what `needs` say where jobs do not wait for stages.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where it stands")]

mod common;
#[path = "common/small.rs"]
mod small;

use serde_yaml::{Mapping, Value};
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment::Dialect;
use spackplan::finding::{Rule, Severity};
use spackplan::pipeline::Schedule;
use spackplan::release::{Release, Request};
use spackplan::source::Source;
use std::collections::{BTreeMap, BTreeSet};

fn example(schedule: Schedule) -> Release {
    common::plan(&common::example("bootstrap"), Request { schedule, ..Request::default() }).unwrap()
}

fn jobs(release: &Release) -> BTreeMap<String, Mapping> {
    let document: Mapping = serde_yaml::from_str(&release.pipeline.to_text()).unwrap();
    let builds = |name: &Value| name.as_str().unwrap().starts_with('(');
    let jobs = document.into_iter().filter(|(name, _)| builds(name));
    jobs.map(|(name, job)| (name.as_str().unwrap().to_owned(), job.as_mapping().unwrap().clone())).collect()
}

fn names(job: &Mapping, key: &str) -> BTreeSet<String> {
    job[key].as_sequence().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Returns all jobs that a job waits for by the lists under a key.
fn closure(jobs: &BTreeMap<String, Mapping>, name: &str, key: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut pending = vec![name.to_owned()];
    while let Some(name) = pending.pop() {
        pending.extend(names(&jobs[&name], key).into_iter().filter(|need| found.insert(need.clone())));
    }
    found
}

/// An environment that asks for one package which needs `leaves` others that have nothing to do with each other.
fn fan(leaves: usize, dialect: Dialect, schedule: Schedule) -> Release {
    let arch = r#""arch":{"platform":"linux","platform_os":"centos7","target":"x86_64"}"#;
    let node = |name: &str, more: &str| {
        format!(
            r#""{name}hash":{{"name":"{name}","version":"1.0",{arch},"namespace":"builtin","parameters":{{}},"hash":"{name}hash"{more}}}"#
        )
    };
    let leaf_names: Vec<String> = (0..leaves).map(|leaf| format!("leaf{leaf:02}")).collect();
    let edge = |name: &String| {
        format!(r#"{{"name":"{name}","hash":"{name}hash","parameters":{{"deptypes":["link"],"virtuals":[]}}}}"#)
    };
    let edges: Vec<String> = leaf_names.iter().map(edge).collect();
    let mut nodes = vec![node("top", &format!(r#","dependencies":[{}]"#, edges.join(",")))];
    nodes.extend(leaf_names.iter().map(|name| node(name, "")));
    let lockfile = format!(
        r#"{{"_meta":{{"file-type":"spack-lockfile","lockfile-version":6,"specfile-version":5}},"roots":[{{"hash":"tophash","spec":"top"}}],"concrete_specs":{{{}}}}}"#,
        nodes.join(",")
    );
    let rules = "gitlab-ci: {mappings: [{match: ['@:'], runner-attributes: {tags: [any]}}]}";
    let text = format!("spack:\n  specs: [top]\n  mirrors: {{buildcache-destination: 'https://put'}}\n  {rules}\n");
    let environment = small::parse_as(&text, Some(dialect)).unwrap();
    let lockfiles = Lockfiles::of_main(Source::new("/e/spack.lock", lockfile));
    let concretization = concretize::concretize(&environment, &lockfiles, &common::architecture()).unwrap();
    Release::new(environment, concretization, Request { schedule, ..Request::default() })
}

#[test]
fn jobs_wait_by_needs_for_all_whose_artifacts_they_had_by_stages() {
    let (stages, needs) = (jobs(&example(Schedule::Stages)), jobs(&example(Schedule::Needs)));
    assert_eq!(stages.len(), needs.len());
    for name in stages.keys() {
        assert_eq!(closure(&stages, name, "dependencies"), closure(&needs, name, "needs"), "{name}");
        assert!(!needs[name].contains_key("dependencies"), "needs bring their artifacts along");
    }
}

#[test]
fn stages_stay_so_that_the_index_is_rebuilt_last() {
    let (stages, needs) = (example(Schedule::Stages), example(Schedule::Needs));
    assert_eq!(stages.pipeline.stages(), needs.pipeline.stages());
    assert!(!needs.pipeline.to_text().split("\nrebuild-index:").nth(1).unwrap().contains("needs"));
}

#[test]
fn release_jobs_are_scheduled_by_stages_unless_needs_are_asked_for() {
    assert_eq!(example(Schedule::Dialect).pipeline.to_text(), example(Schedule::Stages).pipeline.to_text());
    assert!(!example(Schedule::Dialect).pipeline.to_text().contains("needs:"));
}

#[test]
fn a_job_with_more_needs_than_gitlab_takes_waits_for_stages_and_a_finding_says_so() {
    let release = fan(51, Dialect::ReleaseJobs, Schedule::Needs);
    let jobs = jobs(&release);
    let top = jobs.iter().find(|(name, _)| name.contains(" top ")).unwrap().1;
    assert!(!top.contains_key("needs") && names(top, "dependencies").len() == 51, "{top:?}");
    let finding = release.findings.iter().find(|finding| finding.message.contains("waits for all earlier")).unwrap();
    assert_eq!((finding.rule, finding.jobs.len()), (Rule::Gitlab, 1));
    assert!(finding.message.contains("51 `needs` where GitLab takes 50"), "{}", finding.message);
}

#[test]
fn a_job_with_as_many_needs_as_gitlab_takes_has_them() {
    let release = fan(50, Dialect::ReleaseJobs, Schedule::Needs);
    let jobs = jobs(&release);
    let top = jobs.iter().find(|(name, _)| name.contains(" top ")).unwrap().1;
    assert_eq!(names(top, "needs").len(), 50);
    assert!(!release.findings.iter().any(|finding| finding.message.contains("earlier stages")));
}

#[test]
fn the_spack_ci_dialect_has_no_schedule_by_stages() {
    let release = fan(1, Dialect::SpackCi, Schedule::Stages);
    let errors = release.findings.iter().filter(|finding| finding.severity == Severity::Error);
    assert_eq!(errors.filter(|finding| finding.message.contains("no schedule by stages")).count(), 1);
    assert!(!fan(1, Dialect::SpackCi, Schedule::Needs).has_errors());
}
