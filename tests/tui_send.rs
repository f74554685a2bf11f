//! Sending jobs to a runner: the match specs that are written, where they go, and that nothing else moves.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/tui.rs"]
mod tui;

use proptest::prelude::*;
use spackplan::plan::{JobId, Plan};
use std::collections::BTreeSet;
use tui::Driver;

const MANIFEST: &str = "\
spack:
  specs:
  - matrix:
    - [zlib@1.2.11, zlib@1.2.8, bzip2@1.0.8, readline@7.0]
    - ['%gcc@5.5.0', '%gcc@8.3.0']
    - [os=ubuntu18.04, os=centos7]
  mirrors: {release: https://mirror.example.org}
  gitlab-ci:
    mappings:
    - match: [zlib]
      runner-attributes: {tags: [small]}   # enough for zlib
    - match: [os=ubuntu18.04]
      runner-attributes: {tags: [ubuntu]}
    - match: ['@:']
      runner-attributes: {tags: [any]}
";

/// Returns the tags of the runner of each job.
fn runners(plan: &Plan) -> Vec<String> {
    let tags = |id: JobId| {
        let set = &plan.assignments.sets[plan.assignments.set_of(id).index()];
        let attributes = spackplan::plan::attributes::merged(&plan.rules, set);
        attributes.get("tags").map(|entry| spackplan::yaml::inline(&entry.node)).unwrap_or_default()
    };
    plan.graph.ids().map(tags).collect()
}

/// Presses the keys that send to the mapping of this number what is selected or marked.
fn send(ui: &mut Driver, mapping: usize) {
    ui.keys("s");
    (0..mapping).for_each(|_| {
        ui.keys("down");
    });
    ui.keys("enter");
}

fn mark(ui: &mut Driver, names: &[&str]) {
    for name in names {
        let id = ui.job(name);
        ui.model.marks.insert(id);
    }
}

#[test]
fn a_job_is_sent_to_a_later_runner_by_a_copy_before_the_one_that_would_keep_it() {
    let mut ui = Driver::new(MANIFEST);
    mark(&mut ui, &["(specs) zlib 1.2.8 gcc@5.5.0 linux-centos7"]);
    send(&mut ui, 2);
    assert_eq!(
        ui.status(),
        "sent to a copy of C put before A, which has taken them so far, by `zlib@1.2.8 %gcc@5.5.0 os=centos7`"
    );
    let mappings = ui.text().split("mappings:\n").nth(1).unwrap();
    let first = "    - match: ['zlib@1.2.8 %gcc@5.5.0 os=centos7']\n      runner-attributes: {tags: [any]}\n    - match: [zlib]\n";
    assert!(mappings.starts_with(first), "{mappings}");
    ui.keys("u");
    assert_eq!(ui.text(), MANIFEST);
}

#[test]
fn jobs_are_sent_to_an_earlier_runner_by_further_match_specs() {
    let mut ui = Driver::new(MANIFEST);
    mark(&mut ui, &["(specs) bzip2 1.0.8 gcc@5.5.0 linux-centos7", "(specs) bzip2 1.0.8 gcc@8.3.0 linux-centos7"]);
    send(&mut ui, 0);
    assert_eq!(ui.status(), "sent to A by `bzip2 os=centos7`");
    assert!(
        ui.text().contains("- match: [zlib, bzip2 os=centos7]\n      runner-attributes: {tags: [small]}   # enough")
    );
    assert!(ui.model.marks.is_empty());
}

#[test]
fn all_jobs_of_a_package_are_sent_by_its_name_alone() {
    let mut ui = Driver::new(MANIFEST);
    let graph = std::sync::Arc::clone(&ui.model.document.plan.graph);
    ui.model.marks.extend(graph.ids().filter(|id| &*graph.spec(*id).name == "readline"));
    send(&mut ui, 0);
    assert_eq!(ui.status(), "sent to A by `readline`");
}

#[test]
fn a_runner_that_has_the_jobs_already_is_not_edited() {
    let mut ui = Driver::new(MANIFEST);
    mark(&mut ui, &["(specs) zlib 1.2.8 gcc@5.5.0 linux-centos7"]);
    send(&mut ui, 0);
    assert_eq!(ui.status(), "that runner has them already");
    assert_eq!(ui.text(), MANIFEST);
}

#[test]
fn jobs_that_nothing_tells_apart_go_together_and_the_status_says_so() {
    let manifest =
        MANIFEST.replace("  specs:", "  definitions:\n  - tools: [zlib@1.2.8%gcc@5.5.0 os=centos7]\n  specs:");
    let manifest = manifest.replace("    mappings:", "    bootstrap: [tools]\n    mappings:");
    let mut ui = Driver::new(&manifest);
    mark(&mut ui, &["(specs) zlib 1.2.8 gcc@5.5.0 linux-centos7"]);
    send(&mut ui, 2);
    assert!(ui.status().contains("(tools) zlib 1.2.8") && ui.status().contains("moved along"), "{}", ui.status());
}

fn check(ui: &mut Driver, jobs: &BTreeSet<usize>, target: usize) -> Result<(), TestCaseError> {
    let before = runners(&ui.model.document.plan);
    let goal = ["[small]", "[ubuntu]", "[any]"][target];
    ui.model.marks = jobs.iter().map(|index| JobId::from_index(*index)).collect();
    send(ui, target);
    let after = runners(&ui.model.document.plan);
    for (index, (was, is)) in before.iter().zip(&after).enumerate() {
        let wanted = if jobs.contains(&index) { goal } else { was.as_str() };
        prop_assert_eq!(is.as_str(), wanted, "{}", ui.model.document.plan.graph.jobs[index].name.clone());
    }
    if ui.status() != "that runner has them already" {
        ui.keys("u");
    }
    prop_assert_eq!(ui.text(), MANIFEST);
    Ok(())
}

#[test]
fn after_a_send_the_wanted_jobs_have_the_runner_and_no_other_has_moved() {
    let base = Driver::new(MANIFEST);
    let count = base.model.document.plan.graph.len();
    let ui = std::cell::RefCell::new(base);
    let jobs = prop::collection::btree_set(0..count, 1..count);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    runner.run(&(jobs, 0usize..3), |(jobs, target)| check(&mut ui.borrow_mut(), &jobs, target)).unwrap();
}
