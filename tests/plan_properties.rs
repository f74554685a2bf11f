//! What holds for every plan: order, runners, names; and that planning again after an edit equals planning afresh.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

mod common;
#[path = "common/lockfile.rs"]
mod lockfile;

use proptest::prelude::*;
use spackplan::concretize::{self, Concretization, Lockfiles};
use spackplan::environment::Environment;
use spackplan::environment::attributes::{RunnerRules, Section};
use spackplan::plan::explain::Outcome;
use spackplan::plan::{MatchOn, Options, Plan, Planner, Unassigned};
use spackplan::release::Release;
use spackplan::source::Source;
use std::collections::BTreeSet;
use std::sync::Arc;

const MATCHES: [&str; 12] = [
    "pkg-1",
    "pkg-2",
    "pkg-3@2:",
    "os=debian12",
    "target=x86_64_v3:",
    "%gcc@11:",
    "^pkg-5",
    "+shared",
    "~shared",
    "pkg-7 ^pkg-4",
    "@1:3",
    "nothing",
];

fn concretized(specs: usize, seed: u64) -> (Environment, Concretization) {
    let lock = lockfile::generate(specs, seed);
    let text = lockfile::environment_of(&lock);
    let environment = Environment::parse(Source::new("spack.yaml", text), &common::context()).unwrap();
    let lockfiles = Lockfiles::of_main(Source::new("spack.lock", lock));
    let concretization = concretize::concretize(&environment, &lockfiles, &common::architecture()).unwrap();
    (environment, concretization)
}

/// Returns rules of one mapping for each list of match specs.
fn rules(mappings: &[Vec<&str>]) -> RunnerRules {
    let entry = |matches: &Vec<&str>| format!("    - match: {matches:?}\n      runner-attributes: {{tags: [t]}}\n");
    let text = format!(
        "spack:\n  specs: []\n  mirrors: {{m: /m}}\n  gitlab-ci:\n    mappings:\n{}",
        mappings.iter().map(entry).collect::<String>()
    );
    Environment::parse(Source::new("spack.yaml", text), &common::context()).unwrap().rules
}

fn options(match_on: MatchOn) -> Options {
    Options { match_on, unassigned: Unassigned::LeaveOut }
}

fn mappings() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    prop::collection::vec(prop::collection::vec(prop::sample::select(&MATCHES[..]), 1..4), 1..6)
}

fn match_on() -> impl Strategy<Value = MatchOn> {
    prop_oneof![Just(MatchOn::Job), Just(MatchOn::Root)]
}

/// Returns what a plan says, for comparison.
fn facts(
    plan: &Plan,
) -> (Vec<Option<spackplan::plan::assign::MappingId>>, Vec<usize>, Vec<spackplan::finding::Finding>) {
    let mappings = plan.graph.ids().map(|id| plan.assignments.mapping_of(id)).collect();
    (mappings, plan.assignments.unassigned.ones().collect(), plan.findings.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_job_runs_in_the_first_stage_after_all_it_needs(seed in 0u64..1000, specs in 1usize..120) {
        let (environment, concretization) = concretized(specs, seed);
        let plan = Planner::new(&environment, &concretization, Options::default()).plan(&Arc::new(RunnerRules::default()));
        let graph = &plan.graph;
        for id in graph.ids() {
            let first = graph.phase(id).stages.start;
            let earliest = graph.needs(id).iter().map(|need| graph.job(*need).stage + 1).max().unwrap_or(first);
            prop_assert_eq!(graph.job(id).stage, earliest);
        }
        let names: BTreeSet<&str> = graph.jobs.iter().map(|job| job.name.as_str()).collect();
        prop_assert_eq!(names.len(), graph.len());
    }

    #[test]
    fn a_job_gets_the_mapping_that_its_explanation_names(seed in 0u64..1000, mappings in mappings(), match_on in match_on()) {
        let (environment, concretization) = concretized(60, seed);
        let plan = Planner::new(&environment, &concretization, options(match_on)).plan(&Arc::new(rules(&mappings)));
        for id in plan.graph.ids() {
            let explained = plan.explain(id).steps.into_iter().find(|step| step.outcome == Outcome::Applies).map(|step| step.id);
            prop_assert_eq!(plan.assignments.mapping_of(id), explained);
            prop_assert_eq!(plan.assignments.is_unassigned(id), explained.is_none());
        }
    }

    #[test]
    fn planning_again_after_edits_equals_planning_afresh(seed in 0u64..1000, edits in prop::collection::vec(mappings(), 1..6), match_on in match_on()) {
        let (environment, concretization) = concretized(60, seed);
        let mut planner = Planner::new(&environment, &concretization, options(match_on));
        for mappings in &edits {
            let rules = Arc::new(rules(mappings));
            let again = planner.plan(&rules);
            let afresh = Planner::new(&environment, &concretization, options(match_on)).plan(&rules);
            prop_assert_eq!(facts(&again), facts(&afresh));
        }
    }

    #[test]
    fn gitlab_accepts_what_is_emitted_and_jobs_left_out_leave_no_name(seed in 0u64..1000, mappings in mappings()) {
        let (mut environment, concretization) = concretized(60, seed);
        environment.rules = rules(&mappings);
        let release = Release::new(environment, concretization, options(MatchOn::Job));
        let emitted: BTreeSet<_> = release.pipeline.jobs().collect();
        prop_assume!(!emitted.is_empty());
        prop_assert!(!release.has_errors(), "{:#?}", release.findings);
        for id in &emitted {
            for dependency in release.pipeline.dependencies(*id) {
                prop_assert!(emitted.contains(dependency));
                prop_assert!(release.plan.graph.job(*dependency).stage < release.plan.graph.job(*id).stage);
            }
        }
    }
}

#[test]
fn a_mapping_edit_evaluates_only_match_specs_that_are_new() {
    let (environment, concretization) = concretized(60, 1);
    let mut planner = Planner::new(&environment, &concretization, options(MatchOn::Job));
    planner.plan(&Arc::new(rules(&[vec!["pkg-1", "os=debian12"], vec!["+shared"]])));
    assert_eq!(planner.evaluated(), 3);
    planner.plan(&Arc::new(rules(&[vec!["+shared"], vec!["os=debian12", "pkg-1"]])));
    assert_eq!(planner.evaluated(), 3, "a move evaluates nothing");
    planner.plan(&Arc::new(rules(&[vec!["+shared", "pkg-2"], vec!["os=debian12"]])));
    assert_eq!(planner.evaluated(), 4, "one new spec is one evaluation");
}

#[test]
fn jobs_in_the_pipeline_are_in_order_of_stages() {
    let (environment, concretization) = concretized(80, 3);
    let release = Release::new(environment, concretization, Options::default());
    let stages: Vec<usize> = release.pipeline.jobs().map(|id| release.plan.graph.job(id).stage).collect();
    assert!(stages.is_sorted());
    assert!(release.plan.rules.sections.iter().all(|section| matches!(section, Section::Submapping(_))));
}
