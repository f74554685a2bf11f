//! The program on a real terminal: started, used, left by key and by signal.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::expect_used, reason = "helpers of tests fail like tests")]

#[path = "common/pty.rs"]
mod pty;

use pty::Pty;
use tempfile::TempDir;

const EXAMPLE: &str = "assets/examples/bootstrap";

#[test]
fn the_plan_is_shown_edited_undone_and_the_terminal_given_back() {
    let home = TempDir::new().unwrap();
    let mut pty = Pty::start(&[EXAMPLE], home.path());
    pty.wait_for("Why here?");
    pty.press("3");
    pty.wait_for("Mappings: 3");
    pty.press("J");
    pty.wait_for("1 unsaved edit");
    pty.press("q");
    pty.wait_for("Leave without saving?");
    pty.press("n");
    pty.wait_until_gone("Leave without saving?");
    pty.press("u");
    pty.wait_until_gone("unsaved edit");
    pty.press("q");
    let (status, screen) = pty.end();
    assert!(status.success());
    assert_eq!(screen.trim(), "");
}

#[test]
fn signals_end_the_program_and_the_terminal_is_given_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let home = TempDir::new().unwrap();
        let pty = Pty::start(&[EXAMPLE], home.path());
        pty.wait_for("Why here?");
        pty.signal(signal);
        assert_eq!(pty.end().0.exit_code(), code, "{signal}");
    }
}

#[test]
fn ctrl_c_leaves_and_with_unsaved_edits_asks_first() {
    let home = TempDir::new().unwrap();
    let mut pty = Pty::start(&["--ascii", EXAMPLE], home.path());
    pty.wait_for("Why here?");
    pty.press("3J");
    pty.wait_for("1 unsaved edit");
    pty.press("\x03");
    pty.wait_for("Leave without saving?");
    pty.press("y");
    assert!(pty.end().0.success());
}

#[test]
fn a_wrong_keymap_is_refused_with_its_place_before_the_terminal_is_touched() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join(".config/spackplan");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("keymap.yaml"), "global:\n  x: qiut\n").unwrap();
    let (status, screen) = Pty::start(&[EXAMPLE], home.path()).end();
    assert_eq!(status.exit_code(), 1);
    assert!(screen.contains("keymap.yaml:2:6") && screen.contains("qiut"), "{screen}");
}

#[test]
fn the_mouse_selects_a_screen_when_it_is_asked_for() {
    let home = TempDir::new().unwrap();
    let mut pty = Pty::start(&["--mouse", EXAMPLE], home.path());
    pty.wait_for("Why here?");
    // A press of the left button on the third tab.
    pty.press("\x1b[<0;24;2M");
    pty.wait_for("Mappings: 3");
    pty.press("q");
    assert!(pty.end().0.success());
}
