//! Working trees out of the ordinary: what git itself would store is what is pushed, and what cannot be is refused.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/git.rs"]
mod common;

use common::{World, git, prepare, publish, refusal, snapshot};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

/// Pushes, and compares the tree with git's and the checkout with what it was.
fn pushes_what_git_would(world: &World) -> String {
    let before = snapshot(&world.upstream());
    let push = world.push();
    let receipt = publish(&push).unwrap();
    assert_eq!(receipt.tree.to_string(), world.tree_by_git(&push.generated));
    assert!(before == snapshot(&world.upstream()));
    git(&world.downstream(), &["ls-tree", "-r", "refs/heads/multi-ci-main"])
}

#[test]
fn line_endings_are_stored_as_attributes_say() {
    let world = World::new();
    world.write(".gitattributes", "*.txt text eol=crlf\n*.bin -text\nident.c ident\n");
    world.write("a.txt", "one\r\ntwo\r\n");
    world.write("a.bin", "one\r\n");
    world.write("ident.c", "$Id: 00 $\n");
    pushes_what_git_would(&world);
}

#[test]
fn autocrlf_and_filemode_are_obeyed() {
    let world = World::new();
    git(&world.upstream(), &["config", "core.autocrlf", "input"]);
    git(&world.upstream(), &["config", "core.filemode", "false"]);
    common::executable(&world.upstream().join("README"));
    world.write("new.txt", "one\r\n");
    let files = pushes_what_git_would(&world);
    assert!(files.lines().any(|line| line.starts_with("100644") && line.ends_with("\tREADME")), "{files}");
}

#[test]
fn ignore_rules_of_every_kind_are_obeyed() {
    let world = World::new();
    world.write(".gitignore", "*.log\n!keep.log\n/top\ndeep/**/x\n");
    world.write(".git/info/exclude", "excluded\n");
    for path in ["a.log", "keep.log", "top", "sub/top", "deep/1/2/x", "excluded", "sub/excluded", "sub/.gitignore"] {
        world.write(path, "y\n");
    }
    world.write("README.log", "tracked though ignored\n");
    git(&world.upstream(), &["add", "--force", "README.log"]);
    pushes_what_git_would(&world);
}

#[test]
fn a_file_edited_in_the_second_it_was_staged_is_seen() {
    let world = World::new();
    for round in 0..20 {
        world.write("racy", &format!("a{round:02}\n"));
        git(&world.upstream(), &["add", "racy"]);
        world.write("racy", &format!("b{round:02}\n"));
        let prepared = prepare(&world.push()).unwrap();
        assert_eq!(prepared.receipt().tree.to_string(), world.tree_by_git(&world.push().generated));
    }
}

#[test]
fn submodules_stay_links() {
    let world = World::new();
    let library = world.root().join("library");
    git(world.root(), &["clone", "--quiet", "upstream", "library"]);
    git(&world.upstream(), &["submodule", "--quiet", "add", &library.display().to_string(), "lib"]);
    git(&world.upstream(), &["commit", "--quiet", "--message", "with a submodule"]);
    fs::write(world.upstream().join("lib/dirty"), "x").unwrap();
    let files = pushes_what_git_would(&world);
    assert!(files.contains("160000 commit"), "{files}");
}

#[test]
fn a_repository_inside_the_tree_is_stored_as_its_commit() {
    let world = World::new();
    git(&world.upstream(), &["clone", "--quiet", ".", "tools/inner"]);
    git(&world.upstream(), &["worktree", "add", "--quiet", "other"]);
    let files = pushes_what_git_would(&world);
    assert!(files.contains("\ttools/inner") && files.matches("160000 commit").count() == 2, "{files}");
    git(&world.upstream(), &["init", "--quiet", "empty"]);
    world.write("empty/file", "not committed\n");
    let error = refusal(publish(&world.push()));
    assert_eq!(error.message, "`empty` is a repository without a commit");
}

#[test]
fn what_only_git_can_read_is_refused_with_what_to_do() {
    let world = World::new();
    git(&world.upstream(), &["update-index", "--split-index"]);
    let error = refusal(publish(&world.push()));
    assert!(error.hints[0].contains("--no-split-index"), "{error}: {:?}", error.hints);
    git(&world.upstream(), &["update-index", "--no-split-index"]);
    pushes_what_git_would(&world);
    git(&world.upstream(), &["config", "core.repositoryFormatVersion", "1"]);
    git(&world.upstream(), &["config", "extensions.refStorage", "reftable"]);
    let error = refusal(publish(&world.push()));
    assert!(error.hints[0].contains("files for references"), "{error}: {:?}", error.hints);
}

#[test]
fn a_sparse_checkout_keeps_what_it_left_out() {
    let world = World::new();
    git(&world.upstream(), &["sparse-checkout", "set", "--no-cone", "/README"]);
    assert!(!world.upstream().join("bin").exists());
    let files = pushes_what_git_would(&world);
    assert!(files.contains("bin/run"), "{files}");
}

#[test]
fn a_linked_worktree_is_pushed_from_its_own_branch() {
    let world = World::new();
    git(&world.upstream(), &["worktree", "add", "--quiet", "-b", "topic", "../linked"]);
    fs::write(world.root().join("linked/only-here"), "x").unwrap();
    let receipt = publish(&common::push(&world.root().join("linked"), &world.url())).unwrap();
    assert_eq!(receipt.reference, "refs/heads/multi-ci-topic");
    assert!(git(&world.downstream(), &["ls-tree", &receipt.reference]).contains("only-here"));
}

#[test]
fn what_a_file_is_called_changes_nothing_that_git_does() {
    let world = World::new();
    let names: [&[u8]; 12] = [
        b"--upload-pack=touch owned",
        b"$(touch owned)",
        b"`touch owned`",
        b"a;touch owned",
        b"line\nbreak",
        b"tab\tquote\"'",
        b":(exclude)README",
        b"+HEAD:refs/heads/owned",
        b"*",
        b"\xff\xfe",
        "\u{202e}txt".as_bytes(),
        b"-rf",
    ];
    for name in names {
        let path = world.upstream().join(OsStr::from_bytes(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    pushes_what_git_would(&world);
    assert_eq!(world.refs().len(), 1);
    assert!(!world.upstream().join("owned").exists() && !world.downstream().join("owned").exists());
    let prepared = prepare(&world.push()).unwrap();
    let shown: Vec<_> = prepared.changes().iter().map(ToString::to_string).collect();
    assert!(shown.iter().all(|line| !line.contains(char::is_control)), "{shown:?}");
}

#[test]
fn what_a_branch_is_called_changes_nothing_that_git_does() {
    for name in ["a;touch owned", "$(touch owned)", "--force", "x:refs/heads/owned", "a b", "a\nb"] {
        let world = World::new();
        let mut push = world.push();
        push.branch = Some(name.replace(' ', ""));
        if let Ok(receipt) = publish(&push) {
            assert_eq!(world.refs().keys().collect::<Vec<_>>(), [&receipt.reference]);
        } else {
            assert!(world.refs().is_empty());
        }
        push.branch = Some(name.to_owned());
        assert!(name.contains([' ', ':', '\n', '-']) || publish(&push).is_ok());
        assert!(!world.root().join("owned").exists());
    }
}

#[test]
fn a_filter_that_only_git_can_run_is_refused_until_the_file_is_staged() {
    let world = World::new();
    git(&world.upstream(), &["config", "filter.upper.clean", "tr a-z A-Z"]);
    world.write(".gitattributes", "*.up filter=upper\n");
    world.write("x.up", "text\n");
    let error = refusal(publish(&world.push()));
    assert!(error.message.contains("goes through the filter `upper`"), "{error}");
    git(&world.upstream(), &["add", "x.up"]);
    pushes_what_git_would(&world);
    assert_eq!(git(&world.downstream(), &["show", "multi-ci-main:x.up"]), "TEXT");
}

#[test]
fn unmerged_paths_are_refused() {
    let world = World::new();
    git(&world.upstream(), &["checkout", "--quiet", "-b", "other"]);
    world.write("README", "theirs\n");
    git(&world.upstream(), &["commit", "--quiet", "--all", "--message", "theirs"]);
    git(&world.upstream(), &["checkout", "--quiet", "main"]);
    world.write("README", "ours\n");
    git(&world.upstream(), &["commit", "--quiet", "--all", "--message", "ours"]);
    common::command(&world.upstream()).args(["merge", "--quiet", "other"]).output().unwrap();
    assert!(refusal(publish(&world.push())).message.contains("unmerged"));
}

#[test]
fn places_without_something_to_release_are_refused_with_a_hint() {
    let world = World::new();
    git(world.root(), &["init", "--quiet", "empty"]);
    let refused = |path: &str| refusal(publish(&common::push(&world.root().join(path), &world.url())));
    for (path, message) in
        [(".", "not in a git repository"), ("downstream.git", "bare repository"), ("empty", "no commit yet")]
    {
        let error = refused(path);
        assert!(error.message.contains(message) && !error.hints.is_empty(), "{error} {:?}", error.hints);
    }
    git(&world.upstream(), &["checkout", "--quiet", "--detach"]);
    let error = refused("upstream");
    assert!(error.message.contains("HEAD is detached") && error.hints[0].contains("--branch"), "{error}");
    let mut push = world.push();
    push.branch = Some("main".to_owned());
    publish(&push).unwrap();
}

#[test]
fn remotes_that_cannot_take_a_push_are_refused_with_a_hint() {
    let world = World::new();
    git(world.root(), &["init", "--quiet", "checkout"]);
    for (remote, message) in [
        ("nowhere", "neither a remote of this repository nor a URL"),
        ("file:///nonexistent/x.git", "no git repository"),
        (&world.root().join("checkout").display().to_string(), "working tree"),
        ("ext::sh -c 'touch owned'", "space"),
        ("", "no remote is named"),
    ] {
        let error = refusal(publish(&common::push(&world.upstream(), remote)));
        assert!(error.message.contains(message) && !error.hints.is_empty(), "{error} {:?}", error.hints);
    }
}

#[test]
fn a_remote_can_be_named_and_rewritten_by_configuration() {
    let world = World::new();
    git(&world.upstream(), &["remote", "add", "ci", "ci:downstream.git"]);
    let base = format!("file://{}/", world.root().display());
    git(&world.upstream(), &["config", &format!("url.{base}.insteadOf"), "ci:"]);
    let receipt = publish(&common::push(&world.upstream(), "ci")).unwrap();
    assert_eq!(receipt.remote, world.url());
    git(&world.upstream(), &["remote", "add", "beside", "../downstream.git"]);
    let again = publish(&common::push(&world.upstream(), "beside")).unwrap();
    assert_eq!(again.previous, Some(receipt.commit), "relative to the checkout's root, wherever this runs");
}
