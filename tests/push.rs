//! The program's own pre-ci flow: told by variables, it clones, plans, writes, pushes, and verifies what it pushed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;

use assert_cmd::Command;
use common::{World, git};
use std::fs;
use std::path::{Path, PathBuf};

const ENVIRONMENT: &str = "spack:
  specs: [readline@7.0 %gcc@5.5.0 arch=linux-centos7-x86_64]
  mirrors: {m: 'https://mirror.example.org'}
  gitlab-ci:
    mappings:
    - match: ['@:']
      runner-attributes: {tags: [any]}
";

struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

/// The repositories of the flow, and what a CI job knows of them.
struct Site {
    world: World,
    checkout: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Site {
    fn new() -> Self {
        let world = World::new();
        let bare = |name: &str| format!("file://{}/{name}.git", world.root().display());
        let environments = world.root().join("environments");
        git(world.root(), &["init", "--quiet", "environments"]);
        fs::create_dir(environments.join("release")).unwrap();
        fs::write(environments.join("release/spack.yaml"), ENVIRONMENT).unwrap();
        git(&environments, &["add", "--all"]);
        git(&environments, &["commit", "--quiet", "--message", "environments"]);
        for name in ["upstream", "environments"] {
            git(world.root(), &["clone", "--quiet", "--bare", name, &format!("{name}.git")]);
        }
        git(world.root(), &["clone", "--quiet", &bare("upstream"), "job"]);
        let checkout = world.root().join("job");
        let variables = vec![
            ("SPACK_RELEASE_ENVIRONMENT_REPO", bare("environments")),
            ("SPACK_RELEASE_ENVIRONMENT_PATH", "release".to_owned()),
            ("DOWNSTREAM_CI_REPO", bare("downstream")),
            ("CI_COMMIT_REF_NAME", "feature/x".to_owned()),
            ("CI_COMMIT_SHA", git(&checkout, &["rev-parse", "HEAD"])),
        ];
        Self { world, checkout, variables }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(&self.checkout, arguments, "")
    }

    /// Runs the program with the variables of the job but `without`.
    fn run_in(&self, directory: &Path, arguments: &[&str], without: &str) -> Run {
        let variables = self.variables.iter().filter(|(name, _)| *name != without);
        let scratch = self.world.root().join("tmp");
        fs::create_dir_all(&scratch).unwrap();
        let mut command = Command::cargo_bin("spackplan").unwrap();
        command.current_dir(directory).env_clear().env("TMPDIR", &scratch).envs(variables.map(|(k, v)| (k, v)));
        let output = command.args(arguments).output().unwrap();
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "nothing temporary stays behind");
        Run {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn files(&self, name: &str) -> Vec<String> {
        let tree = git(&self.world.downstream(), &["ls-tree", "-r", "--name-only", name]);
        tree.lines().map(str::to_owned).collect()
    }
}

const BRANCH: &str = "refs/heads/multi-ci-feature/x";
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
    git(site.world.root(), &["clone", "--quiet", "--branch", "multi-ci-feature/x", "downstream.git", "forger"]);
    let forger = site.world.root().join("forger");
    let text = fs::read_to_string(forger.join(".gitlab-ci.yml")).unwrap();
    fs::write(forger.join(".gitlab-ci.yml"), text.replace("- any", "- other")).unwrap();
    git(&forger, &["commit", "--quiet", "--all", "--amend", "--no-edit"]);
    git(&forger, &["push", "--quiet", "--force"]);
    let answer = site.run(&["--verify", &downstream, "feature/x"]);
    assert_eq!(answer.code, 4, "{}", answer.stderr);
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
