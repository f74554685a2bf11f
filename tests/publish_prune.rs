//! Generated branches are pruned when their source branch is gone or merged, and no others ever.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/backend.rs"]
mod backend;
#[path = "common/git.rs"]
mod common;
#[path = "common/http.rs"]
mod http;

use common::{World, access, git, publish, refusal};
use spackplan::error::Result;
use spackplan::publish::prune::{Leftovers, Prune, Reason, Stale};
use std::sync::atomic::AtomicBool;

/// A world whose upstream checkout has an `origin` with branches of every fate, each pushed downstream.
fn world() -> World {
    let world = World::new();
    git(world.root(), &["init", "--quiet", "--bare", "origin.git"]);
    git(&world.upstream(), &["remote", "add", "origin", "../origin.git"]);
    git(&world.upstream(), &["branch", "merged"]);
    git(&world.upstream(), &["commit", "--quiet", "--allow-empty", "--message", "main goes on"]);
    for branch in ["gone", "fresh", "open"] {
        git(&world.upstream(), &["branch", branch]);
    }
    git(&world.upstream(), &["checkout", "--quiet", "open"]);
    git(&world.upstream(), &["commit", "--quiet", "--allow-empty", "--message", "work"]);
    git(&world.upstream(), &["checkout", "--quiet", "main"]);
    let origin = format!("file://{}/origin.git", world.root().display());
    git(&world.upstream(), &["remote", "set-url", "origin", &origin]);
    for branch in ["main", "merged", "gone", "fresh", "open"] {
        git(&world.upstream(), &["push", "--quiet", "origin", branch]);
        let mut push = world.push();
        push.branch = Some(branch.to_owned());
        publish(&push).unwrap();
    }
    git(&world.upstream(), &["push", "--quiet", "origin", ":gone"]);
    // Of the same name and place, but somebody else's; and ours, but of another prefix.
    for foreign in ["multi-ci-foreign", "other-gone"] {
        git(&world.upstream(), &["push", "--quiet", &world.url(), &format!("main:refs/heads/{foreign}")]);
    }
    git(&world.downstream(), &["branch", "multi-ci-renamed", "multi-ci-gone"]);
    git(&world.downstream(), &["branch", "unrelated", "multi-ci-gone"]);
    git(&world.downstream(), &["tag", "multi-ci-tag", "multi-ci-gone"]);
    world
}

fn prune(world: &World, remote: &str) -> Prune {
    Prune {
        repository: world.upstream(),
        remote: remote.to_owned(),
        source: "origin".to_owned(),
        target: Some("main".to_owned()),
        prefix: "multi-ci-".to_owned(),
        access: access(&[]),
    }
}

fn left(prune: &Prune) -> Leftovers {
    prune.list(&mut |_| (), &AtomicBool::new(false)).unwrap()
}

fn list(prune: &Prune) -> Vec<Stale> {
    left(prune).stale
}

fn delete(prune: &Prune, stale: &[Stale]) -> Result<()> {
    prune.delete(stale, &mut |_| (), &AtomicBool::new(false))
}

fn names(stale: &[Stale]) -> Vec<(&str, Reason)> {
    stale.iter().map(|stale| (stale.branch.as_str(), stale.reason)).collect()
}

#[test]
fn branches_whose_source_is_gone_or_merged_are_listed_and_deleted_and_no_others() {
    let world = world();
    let prune = prune(&world, &world.url());
    let stale = list(&prune);
    assert_eq!(names(&stale), [("gone", Reason::Gone), ("merged", Reason::Merged)]);
    let mut expected = world.refs();
    delete(&prune, &stale).unwrap();
    expected.retain(|name, _| !["refs/heads/multi-ci-gone", "refs/heads/multi-ci-merged"].contains(&name.as_str()));
    assert_eq!(world.refs(), expected);
    assert!(list(&prune).is_empty());
}

#[test]
fn the_same_over_http() {
    let world = world();
    let Some(server) = backend::serve(world.root()) else { return };
    let prune = prune(&world, &format!("http://user:{}@127.0.0.1:{}/downstream.git", backend::PASSWORD, server.port));
    let stale = list(&prune);
    assert_eq!(names(&stale), [("gone", Reason::Gone), ("merged", Reason::Merged)]);
    let count = world.refs().len();
    delete(&prune, &stale).unwrap();
    assert_eq!(world.refs().len(), count - 2);
}

#[test]
fn a_branch_that_moved_since_it_was_listed_is_kept() {
    let world = world();
    for served in [false, true] {
        let server = served.then(|| backend::serve(world.root())).flatten();
        let url = server.as_ref().map_or_else(
            || world.url(),
            |server| format!("http://user:{}@127.0.0.1:{}/downstream.git", backend::PASSWORD, server.port),
        );
        let prune = prune(&world, &url);
        let stale = list(&prune);
        let mut push = world.push();
        push.branch = Some("gone".to_owned());
        push.time += 60 + i64::from(served);
        let tip = publish(&push).unwrap().commit.to_string();
        assert!(refusal(delete(&prune, &stale)).message.contains("has changed on the remote"));
        assert_eq!(world.refs()["refs/heads/multi-ci-gone"], tip);
    }
}

#[test]
fn without_a_target_branches_are_merged_into_the_default_branch() {
    let world = world();
    for target in [None, Some("no-such".to_owned())] {
        let prune = Prune { target, ..prune(&world, &world.url()) };
        assert_eq!(names(&list(&prune)), [("gone", Reason::Gone), ("merged", Reason::Merged)]);
    }
    git(&world.root().join("origin.git"), &["symbolic-ref", "HEAD", "refs/heads/merged"]);
    let prune = Prune { target: None, ..prune(&world, &world.url()) };
    assert_eq!(names(&list(&prune)), [("gone", Reason::Gone)]);
}

#[test]
fn what_was_generated_for_a_tag_is_kept() {
    let world = world();
    git(&world.upstream(), &["push", "--quiet", "origin", "main:refs/tags/gone"]);
    assert_eq!(names(&list(&prune(&world, &world.url()))), [("merged", Reason::Merged)]);
}

#[test]
fn branches_that_the_history_does_not_show_to_be_merged_are_kept_and_named() {
    let world = world();
    let origin = format!("file://{}/origin.git", world.root().display());
    git(world.root(), &["clone", "--quiet", "--depth=1", &origin, "shallow"]);
    let prune = Prune { repository: world.root().join("shallow"), ..prune(&world, &world.url()) };
    let left = left(&prune);
    assert_eq!(names(&left.stale), [("gone", Reason::Gone)]);
    assert_eq!(left.unknown, ["merged", "open"], "somebody else's are not spoken of");
}

#[test]
fn without_a_prefix_nothing_is_listed() {
    let world = world();
    let prune = Prune { prefix: String::new(), ..prune(&world, &world.url()) };
    refusal(prune.list(&mut |_| (), &AtomicBool::new(false)));
}

#[test]
fn nothing_is_listed_where_the_source_cannot_be_reached() {
    let world = world();
    let prune = Prune { source: "file:///nonexistent.git".to_owned(), ..prune(&world, &world.url()) };
    refusal(prune.list(&mut |_| (), &AtomicBool::new(false)));
}
