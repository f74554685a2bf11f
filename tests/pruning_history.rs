//! What the last commit of the package repositories says of which specs are touched.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests fail like tests")]

mod common;
#[path = "common/git.rs"]
mod git;
#[path = "common/small.rs"]
mod small;

use git::git;
use spackplan::concretize::{self, Lockfiles};
use spackplan::environment;
use spackplan::finding::Severity;
use spackplan::plan::prune::Pruning;
use spackplan::pruning::{self, Means, Untouched, Wanted};
use spackplan::source::Source;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// A Git repository with the environment of [`small`] at `stacks/x` and packages at `repo`.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        let manifest =
            small::with_rules("- build-job: {tags: [t]}").replace("spack:\n", "spack:\n  repos:: {mine: ../../repo}\n");
        world.write("stacks/x/spack.yaml", &manifest);
        world.write("stacks/x/spack.lock", &small::lockfile());
        world.write("repo/repo.yaml", "repo: {namespace: mine, api: v2.0}\n");
        for package in ["app", "lib"] {
            world.write(&format!("repo/packages/{package}/package.py"), "first\n");
        }
        git(world.root(), &["init", "--quiet"]);
        world.commit();
        world
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn commit(&self) {
        git(self.root(), &["add", "--all"]);
        git(self.root(), &["commit", "--quiet", "--message", "commit"]);
    }

    /// Commits a change of one file, and finds out what it touches.
    fn after(&self, path: &str) -> Pruning {
        self.write(path, "second\n");
        self.commit();
        self.pruning()
    }

    fn pruning(&self) -> Pruning {
        found(&self.root().join("stacks/x"))
    }
}

fn found(directory: &Path) -> Pruning {
    let context = common::context();
    let environment = environment::load(directory, &context).unwrap();
    let lockfiles = Lockfiles::of_main(Source::new("spack.lock", small::lockfile()));
    let phases = concretize::concretize(&environment, &lockfiles, &context.architecture()).unwrap().phases;
    let wanted = Wanted { untouched: Untouched::Pruned(None), ..Wanted::default() };
    let never = AtomicBool::new(false);
    pruning::find_out(&wanted, &environment, &phases, &context, &Means::default(), &mut |_| (), &never).unwrap()
}

fn reason(pruning: &Pruning, hash: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(&pruning.to_json()).unwrap();
    record["specs"][hash][0].as_str().unwrap_or("none").to_owned()
}

#[track_caller]
fn only_finding(pruning: &Pruning, severity: Severity, words: &str) -> String {
    assert_eq!(pruning.findings.len(), 1, "{:?}", pruning.findings);
    let finding = &pruning.findings[0];
    assert_eq!(finding.severity, severity);
    assert!(finding.message.contains(words), "{}", finding.message);
    finding.hint.clone().unwrap()
}

#[test]
fn a_changed_package_touches_what_needs_it_and_what_that_needs() {
    let pruning = World::new().after("repo/packages/lib/package.py");
    assert_eq!(pruning.findings, []);
    assert_eq!(
        ["llll", "aaaa", "gggg"].map(|hash| reason(&pruning, hash)),
        ["changed-package", "dependent-of-changed", "dependency-of-changed"]
    );
}

#[test]
fn a_patch_beside_a_recipe_is_a_change_of_the_package() {
    let pruning = World::new().after("repo/packages/app/fix.patch");
    assert_eq!(["llll", "aaaa"].map(|hash| reason(&pruning, hash)), ["dependency-of-changed", "changed-package"]);
}

#[test]
fn a_package_that_nobody_builds_leaves_everything_untouched() {
    let pruning = World::new().after("repo/packages/_7zip/package.py");
    assert_eq!(["llll", "aaaa"].map(|hash| reason(&pruning, hash)), ["untouched", "untouched"]);
}

#[test]
fn a_commit_without_packages_says_nothing_of_specs() {
    let pruning = World::new().after("README");
    assert!(!pruning.knows_anything());
    only_finding(&pruning, Severity::Note, "changed no package");
}

#[test]
fn a_change_of_the_generating_pipeline_touches_the_whole_stack() {
    let world = World::new();
    world.write("repo/packages/lib/package.py", "second\n");
    let pruning = world.after(".gitlab-ci.yml");
    assert!(!pruning.knows_anything());
    only_finding(&pruning, Severity::Note, "`.gitlab-ci.yml`");
}

#[test]
fn a_change_of_the_manifest_goes_unseen_as_in_spack_and_is_reported() {
    let world = World::new();
    let manifest = fs::read_to_string(world.root().join("stacks/x/spack.yaml")).unwrap();
    world.write("stacks/x/spack.yaml", &format!("{manifest}# second\n"));
    let pruning = world.after("repo/packages/lib/package.py");
    assert_eq!(reason(&pruning, "llll"), "changed-package");
    let hint = only_finding(&pruning, Severity::Warning, "changed `spack.yaml`");
    assert!(hint.contains("--no-prune-unaffected"));
}

#[test]
fn a_history_that_ends_at_head_is_reported_and_everything_is_built() {
    let world = World::new();
    world.after("repo/packages/lib/package.py");
    let clone = world.root().join("clone");
    let url = format!("file://{}", world.root().display());
    git(world.root(), &["clone", "--quiet", "--depth", "1", &url, clone.to_str().unwrap()]);
    let pruning = found(&clone.join("stacks/x"));
    assert!(!pruning.knows_anything());
    let hint = only_finding(&pruning, Severity::Warning, "does not reach back before HEAD");
    assert!(hint.contains("GIT_DEPTH"));
}

#[test]
fn packages_outside_of_git_have_no_changes() {
    let world = World::new();
    let copy: PathBuf = tempfile::tempdir().unwrap().keep();
    for path in ["stacks/x/spack.yaml", "repo/repo.yaml", "repo/packages/lib/package.py"] {
        fs::create_dir_all(copy.join(path).parent().unwrap()).unwrap();
        fs::copy(world.root().join(path), copy.join(path)).unwrap();
    }
    only_finding(&found(&copy.join("stacks/x")), Severity::Note, "changed no package");
    fs::remove_dir_all(copy).unwrap();
}

#[test]
fn a_repository_that_is_not_there_is_named_with_what_to_set() {
    let world = World::new();
    let manifest = fs::read_to_string(world.root().join("stacks/x/spack.yaml")).unwrap();
    for (repos, hint) in [
        ("repos:: {mine: $spack/x}", "SPACK_ROOT"),
        ("repos:: {mine: ../nowhere}", "`repos:`"),
        ("repos:: {mine: {git: 'https://x'}}", "destination"),
        ("repos: {mine: ../../repo}", "SPACK_ROOT"),
    ] {
        world.write("stacks/x/spack.yaml", &manifest.replace("repos:: {mine: ../../repo}", repos));
        let pruning = world.pruning();
        assert!(!pruning.knows_anything());
        assert!(only_finding(&pruning, Severity::Warning, "package repository").contains(hint), "{repos}");
    }
}
