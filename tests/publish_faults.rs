//! Kills the process at random moments: the checkout stays as it was, and the remote branch is old or new, never else.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends, or says why it is skipped")]

#[path = "common/child.rs"]
mod child;
#[path = "common/git.rs"]
mod common;

use common::{World, git, snapshot};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const ROUNDS: u64 = 50;
const BRANCH: &str = "refs/heads/multi-ci-main";

/// A small generator of numbers, the same in every run.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn push_of_round(upstream: &Path, remote: &str, round: u64) -> spackplan::publish::downstream::Push {
    let mut push = common::push(upstream, remote);
    push.time += i64::try_from(round).unwrap();
    push
}

fn spawn(world: &World, round: u64) -> Child {
    let mut command = child::command("pushes_until_it_is_killed");
    command.env("UPSTREAM", world.upstream()).env("REMOTE", world.url()).env("ROUND", round.to_string());
    command.spawn().unwrap()
}

/// Waits for a process to end, and kills it after a while if it has not.
fn kill_after(mut process: Child, delay: Duration) {
    let id = process.id().to_string();
    let (sender, receiver) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = process.wait();
        let _ = sender.send(());
        status
    });
    if receiver.recv_timeout(delay).is_err() {
        let _ = Command::new("kill").args(["-KILL", &id]).output();
    }
    waiter.join().unwrap().unwrap();
}

#[test]
fn pushes_until_it_is_killed() {
    if child::is_child() {
        let round = child::told("ROUND").parse().unwrap();
        common::publish(&push_of_round(Path::new(&child::told("UPSTREAM")), &child::told("REMOTE"), round)).unwrap();
    }
}

#[test]
fn a_process_killed_at_any_moment_leaves_nothing_half_done() {
    let world = World::new();
    for number in 0..200 {
        world.write(&format!("many/{number}"), &format!("{number}\n").repeat(number));
    }
    world.change();
    let start = Instant::now();
    kill_after(spawn(&world, 0), Duration::from_mins(1));
    let whole = u64::try_from(start.elapsed().as_micros()).unwrap();
    let mut last = world.refs();
    assert_eq!(last.len(), 1);
    let before = snapshot(&world.upstream());
    let mut random = Seeded(0x5eed_cafe);
    let (mut unchanged, mut changed) = (0, 0);
    for round in 1..=ROUNDS {
        let new = common::prepare(&push_of_round(&world.upstream(), &world.url(), round)).unwrap().receipt().commit;
        kill_after(spawn(&world, round), Duration::from_micros(random.below(whole * 5 / 4)));
        assert!(before == snapshot(&world.upstream()), "round {round}: the checkout changed");
        let found = world.refs();
        let expected: BTreeMap<_, _> = [(BRANCH.to_owned(), new.to_string())].into();
        assert!(found == last || found == expected, "round {round}: {found:?}");
        if found == last {
            unchanged += 1;
        } else {
            changed += 1;
        }
        git(&world.downstream(), &["rev-list", "--objects", BRANCH]);
        // A lock that a killed process holds stays, as with git itself; the error says to remove it.
        let _ = fs::remove_file(world.downstream().join(format!("{BRANCH}.lock")));
        last = found;
    }
    println!("{unchanged} rounds left the old branch, {changed} the new one");
    let receipt = common::publish(&push_of_round(&world.upstream(), &world.url(), ROUNDS + 1)).unwrap();
    assert_eq!(receipt.tree.to_string(), world.tree_by_git(&common::push(&world.upstream(), "").generated));
}

#[test]
fn a_full_disk_on_the_remote_changes_no_branch() {
    let world = World::new();
    // A file where objects belong stands for a disk that takes none.
    let objects = world.downstream().join("objects");
    fs::remove_dir_all(objects.join("pack")).unwrap();
    fs::write(objects.join("pack"), "").unwrap();
    let before = snapshot(&world.upstream());
    let error = common::refusal(common::publish(&world.push()));
    assert!(error.message.contains("cannot push to"), "{error}");
    assert!(before == snapshot(&world.upstream()) && world.refs().is_empty());
}
