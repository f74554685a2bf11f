//! The whole pre-ci flow with three bare repositories: told by variables, cloned, pushed, verified.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;

use common::{World, access, generated, git, publish};
use spackplan::error::Result;
use spackplan::publish::clone::Clone;
use spackplan::publish::downstream::{FileMode, Precedence, Push, Receipt};
use spackplan::publish::pre_ci::PreCi;
use spackplan::publish::trailers;
use spackplan::publish::verify::{Recomputed, Verify};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Stands for planning: what is written depends on the environment alone.
fn plan(environment: &[u8]) -> Vec<u8> {
    format!("# planned from {}\nstages: [stage-0]\n", trailers::sha256(environment)).into_bytes()
}

/// Does what the pre-ci job does, in a checkout; returns the receipt and where the clone was.
fn pre_ci(checkout: &Path, variables: &BTreeMap<&str, String>, time: i64) -> Result<(Receipt, PathBuf)> {
    let told = PreCi::from_variables(|name| variables.get(name).cloned())?;
    let source = told.environment_repository.unwrap();
    let cloned = Clone::new(&source, &access(&[]), &mut |_| (), &AtomicBool::new(false))?;
    let environment = fs::read(cloned.inside(&told.environment_path)?.join("spack.yaml")).unwrap();
    let pipeline = plan(&environment);
    let mut push = Push::new(checkout, told.downstream, time, access(&[]));
    push.branch = Some(told.branch);
    push.commit = Some(told.commit);
    push.trailers = trailers::of_plan(&pipeline, ("ci-generation/spack.yaml", &environment), &[])?;
    push.generated = vec![
        generated(".gitlab-ci.yml", &pipeline, Precedence::Generated),
        generated("ci-generation/spack.yaml", &environment, Precedence::Generated),
        generated("bin/rebuild-package.sh", b"#!/bin/sh\n", Precedence::TreeFirst),
    ];
    push.generated[2].mode = FileMode::Executable;
    Ok((publish(&push)?, cloned.path()))
}

#[test]
fn the_downstream_tip_is_upstreams_tree_and_our_files() {
    let world = World::new();
    let bare = |name: &str| format!("file://{}/{name}.git", world.root().display());
    git(world.root(), &["init", "--quiet", "environments"]);
    let environments = world.root().join("environments");
    fs::create_dir(environments.join("release")).unwrap();
    fs::write(environments.join("release/spack.yaml"), "spack:\n  specs: [zlib]\n").unwrap();
    git(&environments, &["add", "--all"]);
    git(&environments, &["commit", "--quiet", "--message", "environments"]);
    for name in ["upstream", "environments"] {
        git(world.root(), &["clone", "--quiet", "--bare", name, &format!("{name}.git")]);
    }
    git(world.root(), &["clone", "--quiet", "--depth=1", &bare("upstream"), "job"]);
    let checkout = world.root().join("job");
    let variables = BTreeMap::from([
        ("SPACK_RELEASE_ENVIRONMENT_REPO", bare("environments")),
        ("SPACK_RELEASE_ENVIRONMENT_PATH", "release".to_owned()),
        ("DOWNSTREAM_CI_REPO", bare("downstream")),
        ("CI_COMMIT_REF_NAME", "feature/x".to_owned()),
        ("CI_COMMIT_SHA", git(&checkout, &["rev-parse", "HEAD"])),
    ]);

    let (first, clone) = pre_ci(&checkout, &variables, 1).unwrap();
    assert!(!clone.exists());
    let reference = "refs/heads/multi-ci-feature/x";
    assert_eq!(world.refs(), [(reference.to_owned(), first.commit.to_string())].into());
    let files = |repository: &Path, name: &str| git(repository, &["ls-tree", "-r", name]);
    let (upstream, downstream) = (files(&checkout, "HEAD"), files(&world.downstream(), reference));
    let ours: Vec<_> = downstream.lines().filter(|line| !upstream.contains(line)).collect();
    let names: Vec<_> = ours.iter().filter_map(|line| line.split('\t').next_back()).collect();
    assert_eq!(names, [".gitlab-ci.yml", "bin/rebuild-package.sh", "ci-generation/spack.yaml"]);
    assert!(upstream.lines().all(|line| downstream.contains(line)));

    let (second, _) = pre_ci(&checkout, &variables, 2).unwrap();
    assert_eq!((second.tree, second.previous, world.refs().len()), (first.tree, Some(first.commit), 1));
    assert_eq!(git(&checkout, &["status", "--porcelain"]), "");

    let branch = "multi-ci-feature/x".to_owned();
    let verify = Verify { repository: checkout, remote: bare("downstream"), branch, access: access(&[]) };
    let recorded = verify.read(&mut |_| (), &AtomicBool::new(false)).unwrap();
    let differences = recorded.compare(|recorded| {
        let pipeline = plan(&recorded.file("ci-generation/spack.yaml")?.unwrap());
        Ok(Recomputed { plan: pipeline.clone(), pipeline })
    });
    assert_eq!(differences.unwrap(), []);
}
