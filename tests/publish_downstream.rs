//! The downstream branch over `file://`: what it holds, and what stays as it was.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;

use common::{World, generated, git, prepare, publish, refusal, snapshot};
use spackplan::publish::downstream::{ChangeKind, FileMode, History, Overwrite, Precedence};
use spackplan::publish::watch::Progress;
use std::fs;
use std::sync::atomic::AtomicBool;

const BRANCH: &str = "refs/heads/multi-ci-main";

#[test]
fn the_tree_is_what_git_makes_of_the_working_tree_and_the_generated_files() {
    let world = World::new();
    world.change();
    let mut push = world.push();
    push.generated.push(generated("bin/rebuild.sh", b"#!/bin/sh\n", Precedence::TreeFirst));
    push.generated[1].mode = FileMode::Executable;
    let receipt = publish(&push).unwrap();
    assert_eq!(receipt.tree.to_string(), world.tree_by_git(&push.generated));
    assert_eq!(world.refs(), [(BRANCH.to_owned(), receipt.commit.to_string())].into());
    let files = git(&world.downstream(), &["ls-tree", "-r", BRANCH]);
    for line in ["100755 blob", "120000 blob", "bin/tool", "bin/rebuild.sh", "new/untracked", ".gitlab-ci.yml"] {
        assert!(files.contains(line), "{line} in {files}");
    }
    assert!(!files.contains("secret") && !files.contains("build/") && !files.contains("bin/run"), "{files}");
    git(&world.downstream(), &["fsck", "--strict"]);
}

#[test]
fn nothing_changes_locally() {
    let world = World::new();
    world.change();
    git(&world.upstream(), &["add", "new"]);
    let before = snapshot(&world.upstream());
    publish(&world.push()).unwrap();
    publish(&world.push()).unwrap();
    assert!(before == snapshot(&world.upstream()), "the checkout or its `.git` changed");
}

#[test]
fn preparing_changes_nothing_anywhere_and_says_what_will_be_done() {
    let world = World::new();
    world.change();
    let before = snapshot(world.root());
    let prepared = prepare(&world.push()).unwrap();
    let text = prepared.operations().join("\n");
    let commit = prepared.receipt().commit.to_string();
    assert!(
        text.contains(&format!("git push --force-with-lease={BRANCH}: {} {commit}:{BRANCH}", world.url())),
        "{text}"
    );
    let kinds = |kind| prepared.changes().iter().filter(|change| change.kind == kind).count();
    assert_eq!((kinds(ChangeKind::Added), kinds(ChangeKind::Modified), kinds(ChangeKind::Deleted)), (3, 1, 1));
    let note =
        "uncommitted files go along (A added, M modified, D deleted): M README, D bin/run, A bin/tool, A new/untracked";
    assert_eq!(prepared.notes(), [note]);
    assert!(before == snapshot(world.root()));
}

#[test]
fn a_second_run_pushes_the_same_tree_over_the_first() {
    let world = World::new();
    let first = publish(&world.push()).unwrap();
    let mut push = world.push();
    push.time += 60;
    let second = publish(&push).unwrap();
    assert_eq!((second.tree, second.previous), (first.tree, Some(first.commit)));
    assert_ne!(second.commit, first.commit);
    assert_eq!(world.refs().len(), 1);
}

#[test]
fn the_message_names_branch_and_commit_and_git_reads_its_trailers() {
    let world = World::new();
    publish(&world.push()).unwrap();
    let head = git(&world.upstream(), &["rev-parse", "HEAD"]);
    let log = |format: &str| git(&world.downstream(), &["log", "--max-count=1", &format!("--format={format}"), BRANCH]);
    assert_eq!(log("%s"), format!("Auto-generated commit testing main ({head})"));
    assert_eq!(log("%an <%ae> %ct %P"), "Spack Build Bot <robot@spack.io> 1700000000");
    let trailers = log("%(trailers:only,keyonly)");
    let keys: Vec<_> = trailers.lines().filter(|line| !line.is_empty()).collect();
    let expected = ["Spackplan-Environment-SHA256", "Spackplan-Plan-SHA256", "Spackplan-Version", "Spackplan-Branch"];
    assert_eq!(keys, expected);
}

#[test]
fn the_commit_can_stand_on_top_of_head() {
    let world = World::new();
    let mut push = world.push();
    push.history = History::Parent;
    publish(&push).unwrap();
    publish(&push).unwrap();
    let head = git(&world.upstream(), &["rev-parse", "HEAD"]);
    assert_eq!(git(&world.downstream(), &["rev-parse", &format!("{BRANCH}^")]), head);
}

#[test]
fn a_branch_that_moved_after_the_review_is_left_alone() {
    let world = World::new();
    publish(&world.push()).unwrap();
    let mut push = world.push();
    push.time += 1;
    let prepared = prepare(&push).unwrap();
    push.time += 1;
    let theirs = publish(&push).unwrap();
    let error = refusal(prepared.execute(&mut |_| (), &AtomicBool::new(false)));
    assert!(error.message.contains("has changed on the remote"), "{error}");
    assert_eq!(world.refs()[BRANCH], theirs.commit.to_string());
}

#[test]
fn a_branch_that_appeared_after_the_review_is_left_alone() {
    let world = World::new();
    let prepared = prepare(&world.push()).unwrap();
    git(&world.upstream(), &["push", "--quiet", &world.url(), &format!("HEAD:{BRANCH}")]);
    let error = refusal(prepared.execute(&mut |_| (), &AtomicBool::new(false)));
    assert!(error.message.contains("it was not there and is at"), "{error}");
}

#[test]
fn somebody_elses_branch_is_overwritten_by_force_only() {
    let world = World::new();
    git(&world.upstream(), &["push", "--quiet", &world.url(), &format!("HEAD:{BRANCH}")]);
    let before = world.refs();
    let error = refusal(publish(&world.push()));
    assert!(error.message.contains("was not generated by this program"), "{error}");
    assert!(error.hints[0].contains("--force"), "{:?}", error.hints);
    assert_eq!(world.refs(), before);
    let mut push = world.push();
    push.overwrite = Overwrite::Any;
    let receipt = publish(&push).unwrap();
    assert_eq!(world.refs()[BRANCH], receipt.commit.to_string());
}

#[test]
fn a_hook_that_declines_is_quoted_and_nothing_changes() {
    let world = World::new();
    for name in ["pre-receive", "update"] {
        common::hook(&world.downstream(), name, "#!/bin/sh\nprintf 'this branch is \\033[31mprotected' >&2\nexit 1\n");
        let error = refusal(publish(&world.push()));
        assert!(error.message.contains("this branch is \\x1b[31mprotected"), "{error}");
        assert!(world.refs().is_empty());
        fs::remove_file(world.downstream().join("hooks").join(name)).unwrap();
    }
}

#[test]
fn hooks_see_what_a_push_by_git_shows_them() {
    let world = World::new();
    common::hook(&world.downstream(), "post-receive", "#!/bin/sh\ncat > seen\n");
    let receipt = publish(&world.push()).unwrap();
    let seen = fs::read_to_string(world.downstream().join("seen")).unwrap();
    assert_eq!(seen, format!("{} {} {BRANCH}\n", "0".repeat(40), receipt.commit));
}

#[test]
fn the_trees_own_job_script_wins_and_the_generated_pipeline_wins() {
    let world = World::new();
    world.write(".gitlab-ci.yml", "upstream: pipeline\n");
    let mut push = world.push();
    push.generated.push(generated("README", b"generated\n", Precedence::TreeFirst));
    publish(&push).unwrap();
    let show = |path: &str| git(&world.downstream(), &["show", &format!("{BRANCH}:{path}")]);
    assert_eq!((show("README").as_str(), show(".gitlab-ci.yml").as_str()), ("hello", "stages: [stage-0]"));
}

#[test]
fn a_generated_file_never_replaces_a_directory_or_goes_through_a_file() {
    let world = World::new();
    for path in ["bin", "README/x", "link/x", ".git/hooks/post-checkout", "../x"] {
        let mut push = world.push();
        push.generated.push(generated(path, b"x", Precedence::Generated));
        refusal(publish(&push));
    }
    assert!(world.refs().is_empty());
}

#[test]
fn what_the_run_itself_wrote_is_left_out() {
    let world = World::new();
    let clean = publish(&world.push()).unwrap();
    world.write("ci-generation/.gitlab-ci.yml", "an artifact\n");
    let mut push = world.push();
    assert_ne!(publish(&push).unwrap().tree, clean.tree);
    push.leave_out = vec!["ci-generation/.gitlab-ci.yml".into()];
    assert_eq!(publish(&push).unwrap().tree, clean.tree);
}

#[test]
fn a_shallow_checkout_can_be_pushed_without_its_history() {
    let world = World::new();
    git(&world.upstream(), &["commit", "--quiet", "--allow-empty", "--message", "second"]);
    let source = format!("file://{}", world.upstream().display());
    git(world.root(), &["clone", "--quiet", "--depth=1", &source, "shallow"]);
    let mut push = common::push(&world.root().join("shallow"), &world.url());
    let receipt = publish(&push).unwrap();
    git(&world.downstream(), &["fsck", "--strict"]);
    push.history = History::Parent;
    push.time += 1;
    let error = refusal(publish(&push));
    assert!(error.hints.iter().any(|hint| hint.contains("GIT_DEPTH")), "{error} {:?}", error.hints);
    assert_eq!(world.refs()[BRANCH], receipt.commit.to_string());
    // Where the remote has the history, the checkout need not have it.
    git(&world.upstream(), &["push", "--quiet", &world.url(), "main:refs/heads/main"]);
    publish(&push).unwrap();
    git(&world.downstream(), &["fsck", "--strict"]);
}

#[test]
fn a_prepared_push_can_move_to_a_worker_thread() {
    let world = World::new();
    let prepared = prepare(&world.push()).unwrap();
    let worker = std::thread::spawn(move || prepared.execute(&mut |_| (), &AtomicBool::new(false)));
    assert!(worker.join().unwrap().is_ok());
}

#[test]
fn a_flag_cancels_and_nothing_is_pushed() {
    let world = World::new();
    assert_eq!(refusal(world.push().prepare(&mut |_| (), &AtomicBool::new(true))).message, "cancelled");
    let prepared = prepare(&world.push()).unwrap();
    assert_eq!(refusal(prepared.execute(&mut |_| (), &AtomicBool::new(true))).message, "cancelled");
    assert!(world.refs().is_empty());
}

#[test]
fn progress_names_the_steps_in_order() {
    let world = World::new();
    let mut steps = Vec::new();
    let mut note = |progress| {
        if let Progress::Step(step) = progress {
            steps.push(step);
        }
    };
    let never = AtomicBool::new(false);
    world.push().prepare(&mut note, &never).unwrap().execute(&mut note, &never).unwrap();
    assert_eq!(steps, ["listing the remote's branches", "reading the working tree", "pushing"]);
}
