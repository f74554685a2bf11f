//! The program on a real terminal: edit, die, start again, review, write, leave.
#![cfg(all(feature = "tui", unix))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test ends, or says why it is skipped"
)]

#[path = "common/pty.rs"]
mod pty;

use assert_cmd::Command;
use pty::Pty;
use std::fs;
use std::path::{Path, PathBuf};

fn bootstrap() -> String {
    include_str!("../assets/examples/bootstrap/spack.yaml").to_owned()
}

/// A copy of an example, and a home with nothing in it.
struct Place {
    environment: tempfile::TempDir,
    home: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { environment: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        fs::write(place.file("spack.yaml"), bootstrap()).unwrap();
        place
    }

    fn file(&self, name: &str) -> PathBuf {
        self.environment.path().join(name)
    }

    fn start(&self) -> Pty {
        let terminal = Pty::start_in(self.environment.path(), &["."], self.home.path());
        terminal.wait_for("stages");
        terminal
    }

    fn emitted(&self) -> String {
        let mut command = Command::cargo_bin("spackplan").unwrap();
        let output = command.current_dir(self.environment.path()).env_clear().args([".", "--emit"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Returns the files below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_killed_terminal_loses_no_edit_and_what_is_written_is_what_emit_prints() {
    let place = Place::new();
    let is_journal = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let journals = || files(&place.home.path().join("state")).iter().filter(|path| is_journal(path)).count();
    let mut terminal = place.start();
    terminal.press("3");
    terminal.wait_for("Mappings: 3");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    Pty::wait_until("the journal on disk", || journals() == 1);
    terminal.kill();
    assert_eq!(fs::read_to_string(place.file("spack.yaml")).unwrap(), bootstrap());

    let mut terminal = place.start();
    terminal.wait_for("Make them again?");
    terminal.press("y");
    terminal.wait_for("1 unsaved edit");
    terminal.press("w");
    terminal.wait_for("created: ");
    terminal.wait_for("moved to another runner");
    terminal.press("y");
    terminal.wait_for("spack.yaml saved");
    terminal.wait_for(".gitlab-ci.yml written");
    terminal.press("\u{1b}");
    terminal.wait_until_gone("spack.yaml saved");
    terminal.wait_until_gone("unsaved");
    terminal.press("q");
    assert!(terminal.end().0.success());

    let saved = fs::read_to_string(place.file("spack.yaml")).unwrap();
    assert_ne!(saved, bootstrap());
    let comments = |text: &str| text.matches('#').count();
    assert_eq!(comments(&saved), comments(&bootstrap()), "{saved}");
    assert_eq!(fs::read_to_string(place.file(".gitlab-ci.yml")).unwrap(), place.emitted());
    assert_eq!(journals(), 0, "nothing is offered again");
}

#[test]
fn edits_that_are_given_up_on_leaving_are_not_offered_again() {
    let place = Place::new();
    let mut terminal = place.start();
    terminal.press("3");
    terminal.wait_for("Mappings: 3");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    terminal.press("q");
    terminal.wait_for("Leave without saving?");
    terminal.press("y");
    assert!(terminal.end().0.success());
    assert!(files(&place.home.path().join("state")).is_empty());
}

#[test]
fn a_second_interrupt_leaves_at_once_and_keeps_the_edits_for_the_next_start() {
    let place = Place::new();
    let mut terminal = place.start();
    terminal.press("3");
    terminal.wait_for("Mappings: 3");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    terminal.press("\u{3}");
    terminal.wait_for("Leave without saving?");
    terminal.press("\u{3}");
    assert!(terminal.end().0.success());
    let mut terminal = place.start();
    terminal.wait_for("Make them again?");
    terminal.press("n");
    terminal.wait_until_gone("Make them again?");
    terminal.press("q");
    assert!(terminal.end().0.success());
    assert_eq!(fs::read_to_string(place.file("spack.yaml")).unwrap(), bootstrap());
}

#[test]
fn a_release_manager_finds_out_why_changes_undoes_reviews_and_writes() {
    let place = Place::new();
    let mut terminal = place.start();
    terminal.press("/gcc@8.3.0");
    terminal.wait_for("2 jobs satisfy this constraint");
    terminal.press("\r");
    terminal.press("jj");
    terminal.wait_for("(compiler-pkgs) gcc 8.3.0 linux-ubuntu18.04");
    terminal.wait_for("A (line 32) TAKES IT");
    terminal.wait_for("B (line 37) would also match");
    terminal.press("\u{1b}");
    terminal.wait_until_gone("filter:");

    terminal.press("3");
    terminal.wait_for("Mappings: 3");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    terminal.wait_for("+1");
    terminal.press("u");
    terminal.wait_until_gone("unsaved");
    terminal.wait_until_gone("+1");
    terminal.press("J");
    terminal.wait_for("1 unsaved edit");
    terminal.press("w");
    terminal.wait_for("1 moved to another runner");
    terminal.wait_for("created: ");
    terminal.press("y");
    terminal.wait_for(".gitlab-ci.yml written: 118 build jobs");
    terminal.press("\u{1b}");
    terminal.wait_until_gone("spack.yaml saved");
    terminal.press("q");
    assert!(terminal.end().0.success());

    let saved = fs::read_to_string(place.file("spack.yaml")).unwrap();
    let comments = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment.to_owned()).collect()
    };
    let (mut before, mut after) = (comments(&bootstrap()), comments(&saved));
    assert_ne!(saved, bootstrap());
    before.sort();
    after.sort();
    assert_eq!(after, before);
    assert_eq!(fs::read_to_string(place.file(".gitlab-ci.yml")).unwrap(), place.emitted());
}
