//! Clones of environment repositories are gone afterwards, however the process ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/child.rs"]
mod child;
#[path = "common/git.rs"]
mod common;

use common::{World, git, refusal};
use spackplan::publish::clone::Clone;
use spackplan::scratch;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

fn clone(source: &str) -> spackplan::error::Result<Clone> {
    Clone::new(source, &common::access(&[]), &mut |_| (), &AtomicBool::new(false))
}

#[test]
fn a_clone_has_the_files_of_the_default_branch_and_knows_its_commit() {
    let world = World::new();
    let cloned = clone(&format!("file://{}", world.upstream().display())).unwrap();
    assert_eq!(fs::read_to_string(cloned.inside("README").unwrap()).unwrap(), "hello\n");
    assert_eq!(cloned.commit(), git(&world.upstream(), &["rev-parse", "HEAD"]));
    let path = cloned.path();
    drop(cloned);
    assert!(!path.exists() && !path.parent().unwrap().exists());
}

#[test]
fn a_path_that_leads_out_of_the_clone_is_refused() {
    let world = World::new();
    std::os::unix::fs::symlink("/etc", world.upstream().join("out")).unwrap();
    git(&world.upstream(), &["add", "--all"]);
    git(&world.upstream(), &["commit", "--quiet", "--message", "link"]);
    let cloned = clone(&format!("file://{}", world.upstream().display())).unwrap();
    for path in ["..", "bin/../..", "/etc", "out", "out/passwd", "missing"] {
        assert!(cloned.inside(path).is_err(), "{path}");
    }
    assert!(cloned.inside("").is_ok() && cloned.inside("./bin").is_ok());
}

#[test]
fn a_repository_that_is_not_there_is_named_without_its_secrets() {
    for source in ["file:///nonexistent/x.git", "http://user:s3cret@127.0.0.1:1/x.git"] {
        let error = refusal(clone(source));
        assert!(error.message.contains("cannot clone") && !format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

/// Clones, says where, and ends in the way it is told.
#[test]
fn clones_and_ends() {
    if !child::is_child() {
        return;
    }
    scratch::remove_on_signals().unwrap();
    let cloned = clone(&child::told("SOURCE")).unwrap();
    println!("cloned into {}", cloned.path().display());
    let mut number = 0_u64;
    match child::told("END").as_str() {
        "error" => {}
        "panic" => panic!("on purpose"),
        // Writes on while the signal arrives, as a clone under way does.
        _ => loop {
            number += 1;
            let _ = fs::write(cloned.path().join(number.to_string()), "x");
        },
    }
}

#[test]
fn the_clone_is_gone_after_an_error_a_panic_and_signals() {
    let world = World::new();
    for (end, signal) in [("error", None), ("panic", None), ("INT", Some(2)), ("TERM", Some(15)), ("HUP", Some(1))] {
        let temporary = world.root().join(format!("tmp-{end}"));
        fs::create_dir(&temporary).unwrap();
        let mut command = child::command("clones_and_ends");
        command
            .env("SOURCE", format!("file://{}", world.upstream().display()))
            .env("END", end)
            .env("TMPDIR", &temporary);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said = lines.find(|line| line.contains("cloned into")).unwrap();
        assert!(said.contains(&temporary.display().to_string()), "{said}");
        if signal.is_some() {
            let arguments = [format!("-{end}"), process.id().to_string()];
            assert!(Command::new("kill").args(arguments).status().unwrap().success());
        }
        lines.for_each(drop);
        let status = process.wait().unwrap();
        assert_eq!(status.signal(), signal, "{end}");
        assert_eq!(left(&temporary), Vec::<String>::new(), "{end}");
    }
}

fn left(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
