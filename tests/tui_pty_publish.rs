//! Publishing from the review on a real terminal: pushed as reviewed, and nothing left behind by leaving in between.
#![cfg(all(feature = "tui", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/backend.rs"]
mod backend;
#[path = "common/git.rs"]
mod common;
#[path = "common/http.rs"]
mod http;
#[path = "common/pty.rs"]
mod pty;

use common::{World, git};
use http::{Reply, Server};
use pty::Pty;
use std::fs;
use std::path::PathBuf;

const BRANCH: &str = "refs/heads/multi-ci-main";

/// A released tree with an environment, a home with nothing in it, and a place for temporary files.
struct Place {
    world: World,
    home: PathBuf,
    scratch: PathBuf,
}

impl Place {
    fn new() -> Self {
        let world = World::new();
        world.write("release/spack.yaml", include_str!("../assets/examples/bootstrap/spack.yaml"));
        git(&world.upstream(), &["add", "--all"]);
        git(&world.upstream(), &["commit", "--quiet", "--message", "environment"]);
        let (home, scratch) = (world.root().join("home"), world.root().join("tmp"));
        for directory in [&home, &scratch] {
            fs::create_dir(directory).unwrap();
        }
        Self { world, home, scratch }
    }

    fn start(&self, remote: &str) -> Pty {
        let variables = [("DOWNSTREAM_CI_REPO", remote), ("TMPDIR", self.scratch.to_str().unwrap())];
        let terminal = Pty::start_with(&self.world.upstream(), &["release"], &self.home, &variables);
        terminal.wait_for("stages");
        terminal
    }

    fn is_clean(&self) -> bool {
        fs::read_dir(&self.scratch).unwrap().next().is_none()
    }
}

#[test]
fn a_release_manager_edits_reviews_and_pushes() {
    let place = Place::new();
    let mut terminal = place.start(&place.world.url());
    terminal.press("3");
    terminal.wait_for("Mappings: 3");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    terminal.press("w");
    terminal.wait_for("[ ] b branch at file://");
    terminal.press("b");
    terminal.wait_for("multi-ci-main will be ");
    let screen = terminal.wait_for("git push --force-with-lease");
    assert!(place.world.refs().is_empty());
    terminal.press("y");
    terminal.wait_for("Published");
    terminal.wait_for("release/spack.yaml saved");
    let commit = place.world.refs()[BRANCH].clone();
    assert!(screen.contains(&commit), "what was pushed was shown before:\n{screen}");
    terminal.wait_for(&commit);
    terminal.press("\u{1b}");
    terminal.wait_until_gone("Published");
    terminal.press("q");
    assert!(terminal.end().0.success());
    let shown = |path: &str| git(&place.world.downstream(), &["show", &format!("{BRANCH}:{path}")]);
    let saved = fs::read_to_string(place.world.upstream().join("release/spack.yaml")).unwrap();
    assert_eq!(shown("ci-generation/spack.yaml"), saved.trim_end());
    assert_eq!(git(&place.world.upstream(), &["diff", "--cached", "--name-only"]), "", "the index is as it was");
    assert!(place.is_clean());
}

#[test]
fn leaving_while_a_commit_is_being_prepared_leaves_nothing_behind() {
    let place = Place::new();
    let server = Server::start(|_| Reply::Hang);
    for leave in ["\u{1b}q", "\u{3}", "TERM"] {
        let mut terminal = place.start(&format!("http://127.0.0.1:{}/downstream.git", server.port));
        terminal.press("w");
        terminal.wait_for("[ ] b branch at http://");
        terminal.press("b");
        terminal.wait_for("listing the remote's branches");
        if leave == "TERM" {
            terminal.signal(leave);
        } else {
            // An escape is told from the start of a longer key by what follows it.
            for key in leave.split_inclusive('\u{1b}') {
                terminal.press(key);
                if key == "\u{1b}" {
                    terminal.wait_until_gone("Review");
                }
            }
        }
        let (status, _) = terminal.end();
        assert_eq!(status.success(), leave != "TERM", "{leave:?}: {status:?}");
        assert!(place.is_clean(), "{leave:?}");
    }
}

#[test]
fn leaving_with_a_commit_that_builds_on_what_was_fetched_leaves_nothing_behind() {
    let place = Place::new();
    let Some(server) = backend::serve(place.world.root()) else { return };
    let remote = format!("http://user:{}@127.0.0.1:{}/downstream.git", backend::PASSWORD, server.port);
    let mut terminal = place.start(&remote);
    terminal.press("w");
    terminal.wait_for("[ ] b branch at http://");
    terminal.press("b");
    terminal.wait_for("multi-ci-main will be ");
    terminal.press("y");
    terminal.wait_for("Published");
    terminal.press("\u{1b}");
    terminal.wait_until_gone("Published");
    // Now the remote has a commit to look at, which is brought to a temporary directory.
    terminal.press("w");
    terminal.wait_for("[ ] b branch at http://");
    terminal.press("b");
    terminal.wait_for("multi-ci-main will be ");
    assert!(!place.is_clean());
    terminal.press("\u{3}");
    let (status, screen) = terminal.end();
    assert!(status.success());
    assert!(place.is_clean());
    assert!(!screen.contains(backend::PASSWORD));
}
