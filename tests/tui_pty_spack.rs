//! Concretizing on a real terminal: what is left when the program is ended meanwhile.
#![cfg(all(unix, feature = "tui"))]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests may end where they stand")]

#[path = "common/pty.rs"]
mod pty;
#[path = "common/spack.rs"]
mod stub;

use pty::Pty;
use std::fs;
use stub::{RELEASE, Stub};
use tempfile::TempDir;

fn opened(stub: &Stub, home: &TempDir) -> Pty {
    fs::write(home.path().join("spack.yaml"), RELEASE).unwrap();
    let program = stub.program().display().to_string();
    Pty::start_in(home.path(), &[".", "--spack", &program], home.path())
}

#[test]
fn an_answer_arrives_while_the_screens_are_used() {
    let (stub, home) = (Stub::new(""), TempDir::new().unwrap());
    let mut terminal = opened(&stub, &home);
    terminal.wait_for("Stages");
    terminal.press("C3");
    let screen = terminal.wait_for("Spack 1.1.0 concretized 6 specs");
    assert!(screen.contains("Mappings"), "{screen}");
    terminal.press("q");
    let (status, _) = terminal.end();
    assert!(status.success());
}

#[test]
fn leaving_ends_a_solve_and_so_does_a_signal() {
    for stubborn in [false, true] {
        let (stub, home) = (Stub::new(if stubborn { "MODE=stubborn" } else { "MODE=hang" }), TempDir::new().unwrap());
        let mut terminal = opened(&stub, &home);
        terminal.wait_for("Stages");
        terminal.press("C");
        Pty::wait_until("Spack", || stub.is_running());
        if stubborn {
            terminal.signal("TERM");
        } else {
            terminal.press("q");
        }
        terminal.end();
        Pty::wait_until("the end of Spack", || !stub.is_running());
    }
}
