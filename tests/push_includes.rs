//! What an environment includes travels with it: a pushed pipeline is verified from its commit alone.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;
#[path = "common/site.rs"]
mod site;

use common::git;
use site::Site;
use std::fs;

const MAPPINGS: &str = "gitlab-ci:
  mappings:
  - match: ['@:']
    runner-attributes: {tags: [any]}
";

/// Returns an environment that includes these paths.
fn including(paths: &str) -> String {
    format!(
        "spack:
  include: [{paths}]
  specs: [readline@7.0 %gcc@5.5.0 arch=linux-centos7-x86_64]
  mirrors: {{m: 'https://mirror.example.org'}}
"
    )
}

fn verified(site: &Site) -> site::Run {
    site.run(&["--verify", &site.world.downstream().display().to_string(), "feature/x"])
}

#[test]
fn files_beside_the_environment_and_above_it_travel_and_verification_needs_nothing_else() {
    let manifest = including("local, '../common.yaml', {path: '../../outside.yaml', optional: true}");
    let common = "include: [deeper/mappings.yaml]\n";
    let files = [
        ("release/spack.yaml", manifest.as_str()),
        ("release/local/mirrors.yaml", "mirrors: {n: 'https://other.example.org'}\n"),
        ("common.yaml", common),
        ("deeper/mappings.yaml", MAPPINGS),
    ];
    let site = Site::with(&files);
    let run = site.run(&["--push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut inputs = site.files(site::BRANCH);
    inputs.retain(|file| file.starts_with("ci-generation/"));
    let expected = ["common.yaml", "deeper/mappings.yaml", "release/local/mirrors.yaml", "release/spack.yaml"];
    assert_eq!(inputs, expected.map(|file| format!("ci-generation/repository/{file}")));
    fs::remove_dir_all(site.world.root().join("environments.git")).unwrap();
    let answer = verified(&site);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("holds what its inputs give"), "{}", answer.stderr);
}

#[test]
fn an_included_file_that_was_changed_in_the_commit_is_found_out() {
    let manifest = including("common.yaml");
    let site = Site::with(&[("release/spack.yaml", &manifest), ("release/common.yaml", MAPPINGS)]);
    assert_eq!(site.run(&["--push"]).code, 0);
    git(site.world.root(), &["clone", "--quiet", "--branch", "multi-ci-feature/x", "downstream.git", "forger"]);
    let forger = site.world.root().join("forger");
    let text = fs::read_to_string(forger.join("ci-generation/common.yaml")).unwrap();
    fs::write(forger.join("ci-generation/common.yaml"), text.replace("[any]", "[other]")).unwrap();
    git(&forger, &["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    git(&forger, &["push", "--quiet", "--force"]);
    let answer = verified(&site);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
    let message = "`ci-generation/common.yaml` is not the file that was planned from";
    assert!(answer.stderr.contains(message), "{}", answer.stderr);
}

#[test]
fn what_is_included_from_a_fixed_place_is_noted_and_never_read_by_verification() {
    let outside = tempfile::tempdir().unwrap();
    let path = outside.path().join("mappings.yaml");
    fs::write(&path, MAPPINGS).unwrap();
    let site = Site::with(&[("release/spack.yaml", &including(&path.display().to_string()))]);
    let run = site.run(&["--push"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("mappings.yaml` is not in the commit"), "{}", run.stderr);
    let answer = verified(&site);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("is included from elsewhere"), "{}", answer.stderr);
    assert!(answer.stderr.contains("relative to the environment"), "{}", answer.stderr);
}
