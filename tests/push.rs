//! The program's own pre-ci flow: told by variables, it clones, plans, writes, pushes, and verifies what it pushed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;
#[path = "common/site.rs"]
mod site;

use common::git;
use site::{BRANCH, ENVIRONMENT, Site};
use std::fs;

const PUSH: [&str; 4] = ["--emit", "-o", "generated/.gitlab-ci.yml", "--push"];

#[test]
fn one_command_clones_plans_writes_and_pushes() {
    let site = Site::new();
    let run = site.run(&PUSH);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert_eq!(site.world.refs().keys().map(String::as_str).collect::<Vec<_>>(), [BRANCH]);
    let (theirs, ours) = (git(&site.checkout, &["ls-tree", "-r", "--name-only", "HEAD"]), site.files(BRANCH));
    let added: Vec<&String> = ours.iter().filter(|file| !theirs.lines().any(|line| line == *file)).collect();
    assert!(
        added
            .iter()
            .all(|file| file.starts_with("ci-generation/") || file.starts_with("bin/") || *file == ".gitlab-ci.yml"),
        "{added:?}"
    );
    let pushed = git(&site.world.downstream(), &["show", &format!("{BRANCH}:.gitlab-ci.yml")]);
    let written = fs::read_to_string(site.checkout.join("generated/.gitlab-ci.yml")).unwrap();
    assert_eq!(pushed, written.trim_end());
    assert!(pushed.contains("(specs) readline 7.0 gcc@5.5.0 linux-centos7-x86_64"), "{pushed}");
}

#[test]
fn a_gitlab_job_leaves_the_pipeline_for_its_artifacts_and_not_in_its_log() {
    let mut site = Site::new();
    site.variables.push(("GITLAB_CI", "true".to_owned()));
    let left = site.checkout.join("jobs_scratch_dir/.gitlab-ci.yml");
    let run = site.run(&["--emit", "--push"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let pushed = git(&site.world.downstream(), &["show", &format!("{BRANCH}:.gitlab-ci.yml")]);
    assert_eq!(fs::read_to_string(&left).unwrap().trim_end(), pushed);
    assert!(!site.files(BRANCH).iter().any(|file| file.starts_with("jobs_scratch_dir")), "{:?}", site.files(BRANCH));
    fs::remove_file(&left).unwrap();
    let run = site.run(&["--emit", "summary", "--push"]);
    assert!(run.code == 0 && run.stdout.contains("Runners") && left.is_file(), "{}{}", run.stdout, run.stderr);
    fs::remove_file(&left).unwrap();
    assert_eq!(site.run(&PUSH).code, 0);
    assert!(!left.exists(), "the file that is named is enough");
}

#[test]
fn a_second_run_without_a_change_pushes_the_same_tree() {
    let site = Site::new();
    let tree = || git(&site.world.downstream(), &["rev-parse", &format!("{BRANCH}^{{tree}}")]);
    assert_eq!(site.run(&PUSH).code, 0);
    let first = tree();
    assert_eq!(site.run(&PUSH).code, 0);
    assert_eq!(tree(), first);
}

#[test]
fn what_was_pushed_can_be_verified_and_a_changed_pipeline_is_found_out() {
    let site = Site::new();
    assert_eq!(site.run(&PUSH).code, 0);
    let downstream = site.world.downstream().display().to_string();
    let good = site.run(&["--verify", &downstream, "feature/x"]);
    assert_eq!(good.code, 0, "{}", good.stderr);
    for name in ["multi-ci-feature/x", BRANCH] {
        assert_eq!(site.run(&["--verify", &downstream, name]).code, 0, "{name}");
    }
    git(site.world.root(), &["clone", "--quiet", "--branch", "multi-ci-feature/x", "downstream.git", "forger"]);
    let forger = site.world.root().join("forger");
    let text = fs::read_to_string(forger.join(".gitlab-ci.yml")).unwrap();
    fs::write(forger.join(".gitlab-ci.yml"), text.replace("- any", "- other")).unwrap();
    let message = git(&forger, &["log", "-1", "--format=%B"]).replace("Version: ", "Version: 99.");
    git(&forger, &["commit", "--quiet", "--all", "--amend", "--message", &message]);
    git(&forger, &["push", "--quiet", "--force"]);
    let answer = site.run(&["--verify", &downstream, "feature/x"]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    assert!(answer.stderr.contains("the commit is by version 99."), "{}", answer.stderr);
    assert!(answer.stdout.contains("-    - other") && answer.stdout.contains("+    - any"), "{}", answer.stdout);
}

#[test]
fn a_missing_variable_is_named_and_nothing_is_pushed() {
    let site = Site::new();
    let run = site.run_in(&site.checkout, &["--push"], "DOWNSTREAM_CI_REPO");
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("DOWNSTREAM_CI_REPO"), "{}", run.stderr);
    assert!(site.world.refs().is_empty());
}

#[test]
fn a_plan_with_errors_is_not_pushed() {
    let site = Site::new();
    let environment = site.world.root().join("bad");
    fs::create_dir(&environment).unwrap();
    fs::write(environment.join("spack.yaml"), ENVIRONMENT.replace("@:", "readline")).unwrap();
    let run = site.run(&[environment.to_str().unwrap(), "--push"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(site.world.refs().is_empty());
}

#[test]
fn branches_whose_source_is_gone_are_pruned_and_others_stay() {
    let site = Site::new();
    assert_eq!(site.run(&PUSH).code, 0);
    let mut push = PUSH.to_vec();
    push.extend(["--branch", "main"]);
    assert_eq!(site.run(&push).code, 0);
    let asked = site.run(&["--prune-branches"]);
    assert_eq!(asked.code, 2, "it asks on a terminal only: {}", asked.stderr);
    assert_eq!(site.world.refs().len(), 2);
    let pruned = site.run(&["--prune-branches", "--yes"]);
    assert_eq!(pruned.code, 0, "{}", pruned.stderr);
    assert_eq!(site.world.refs().into_keys().collect::<Vec<_>>(), ["refs/heads/multi-ci-main"]);
}
